"""Completion: names of verbs, of options' values, and of revisions, as shells ask for them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BASH = shutil.which("bash")


def completions(cwd: Path, *words: str) -> list[str]:
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "_CASSETTE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("cassette", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [sys.executable, "-m", "cassette_cli"], env=env, cwd=cwd, capture_output=True, text=True, check=False
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("che",), ["check"]),
        (("ls", "--sort", "f"), ["frames"]),
        (("ls", "--color", "al"), ["always"]),
        (("ls", "--input-format", "go"), ["go-vcr", "go-httpreplay"]),
        (("show", "--protocol", "openai-a"), ["openai-assistants"]),
        (("check", "--select", "CAS001,dup"), ["CAS001,duplicate"]),
        (("check", "--format", "sa"), ["sarif"]),
        (("git", "unin"), ["uninstall"]),
    ],
)
def test_values(tmp_path, words, found):
    assert set(completions(tmp_path, *words)) <= set(found)
    assert found[0] in completions(tmp_path, *words)


def test_revisions(tmp_path):
    assert completions(tmp_path, "diff", "HE") == []
    for args in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "x"], ["tag", "v1"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *args], cwd=tmp_path, check=True)
    assert completions(tmp_path, "diff", "v") == ["v1"]
    assert completions(tmp_path, "diff", "main..HE") == ["main..HEAD"]


@pytest.mark.skipif(BASH is None, reason="no bash")
def test_in_a_real_shell(tmp_path):
    script = (
        f'cassette() {{ "{sys.executable}" -m cassette_cli "$@"; }}; eval "$(_CASSETTE_COMPLETE=source_bash cassette)"; '
        'COMP_WORDS=(cassette ls --sort s); COMP_CWORD=3; _cassette_completion "$0" s --sort; echo "${COMPREPLY[@]}"'
    )
    program = tmp_path / "cassette"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cassette_cli "$@"\n')
    program.chmod(0o755)
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([BASH, "-c", script, str(program)], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["size"]
