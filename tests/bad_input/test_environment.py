"""Poor surroundings: no locale, no HOME, no git, a dumb terminal, streams that are closed, a folder that has gone."""

import os
import subprocess
import sys

import pytest

from bad_input.recorded import GOOD, delta, stream
from commands.conftest import EXAMPLES, govcr, interaction

COMMAND = [sys.executable, "-m", "cassette_cli"]
BARE = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}
DIRTY = stream(delta("a"), delta(""), delta("b"), "[DONE]")


def run(*args, **options):
    options.setdefault("env", BARE)
    return subprocess.run([*COMMAND, *map(str, args)], capture_output=True, check=False, timeout=60, **options)


def shell(line, path):
    command = f"{' '.join(COMMAND)} {line} {path}"
    return subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60, env=BARE)


LOCALES = [
    {},
    {"LC_ALL": "C"},
    {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    {"LC_ALL": "xx_YY.KOI8-R", "PYTHONIOENCODING": "latin-1"},
]


@pytest.mark.parametrize("env", LOCALES, ids=str)
def test_utf8_out_whatever_the_locale(env):
    result = run("show", "-r", EXAMPLES / "govcr-streamed-chat.yaml", env=BARE | env)
    assert result.returncode == 0
    assert "“moves over”; ships nod 🚢." in result.stdout.decode("utf-8")


SURROUNDINGS = [
    {"HOME": ""}, {"HOME": "/nonexistent"}, {"TERM": "dumb"}, {"TERM": ""}, {"COLUMNS": "0"},
    {"COLUMNS": "x", "LINES": "-1"},
    {"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"PATH": ""}, {"TMPDIR": "/nonexistent"}, {"PAGER": "/nonexistent"},
]  # fmt: skip


@pytest.mark.parametrize("env", SURROUNDINGS, ids=str)
def test_surroundings(tmp_path, env):
    path = tmp_path / "a.yaml"
    path.write_text(DIRTY)
    result = run("trim", path, env=BARE | env)
    assert result.returncode == 0
    assert result.stderr.startswith(b"cassette: 1 of 1 cassette trimmed: ")
    assert result.stderr.count(b"\n") == 1
    assert b"\x1b" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "args", [["diff"], ["diff", "--staged"], ["diff", "HEAD"], ["git", "status"], ["git", "install"]], ids=" ".join
)
def test_no_git(tmp_path, args):
    result = run(*args, cwd=tmp_path, env=BARE | {"PATH": str(tmp_path)})
    assert result.returncode == 2
    assert result.stderr.startswith(b"cassette: ")
    assert b"git" in result.stderr
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("args", [["diff"], ["diff", "--staged"], ["diff", "HEAD"], ["git", "install"]], ids=" ".join)
@pytest.mark.parametrize("version", ["git version 1.7.1", "git version 2.11.0.windows.1", "git version of nobody", ""])
def test_a_git_that_is_too_old_or_odd(tmp_path, args, version):
    """A git that knows its version and refuses everything else."""
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo \'{version}\' && exit 0\necho "git: unknown: $*" >&2\nexit 129\n'
    )
    script.chmod(0o755)
    result = run(*args, cwd=tmp_path, env=BARE | {"PATH": f"{script.parent}{os.pathsep}{os.defpath}"})
    assert result.returncode == 2
    said = f"cassette: git 2.30 or newer is needed; this one says {version!r}\n  name two files or folders instead\n"
    assert result.stderr.decode() == said


def test_a_git_that_will_not_look_says_why(tmp_path):
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo git version 2.45.1 && exit 0\n'
        "echo \"fatal: detected dubious ownership in repository at '/x'\" >&2\nexit 128\n"
    )
    script.chmod(0o755)
    result = run("diff", cwd=tmp_path, env=BARE | {"PATH": f"{script.parent}{os.pathsep}{os.defpath}"})
    assert result.returncode == 2
    assert result.stderr.startswith(b"cassette: detected dubious ownership in repository at '/x'\n")


def test_no_repository(tmp_path):
    for args in (["diff"], ["git", "install"]):
        result = run(*args, cwd=tmp_path, env=BARE | {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
        assert result.returncode == 2, args
        assert result.stderr.startswith(b"cassette: ")


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-", ">&- 2>&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed(closing):
    result = shell(f"ls {closing}", EXAMPLES / "govcr-tool-calls.yaml")
    assert (result.returncode, result.stderr) == (0, b"")
    result = shell(f"ls {closing}", "/nonexistent")
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr


def test_standard_input_that_is_closed_or_no_text():
    assert shell("ls - <&-", "").stderr.startswith(b"cassette: -: the file is empty")
    result = run("ls", "-", input=b"\x89PNG\0")
    assert (result.returncode, result.stderr.split(b"\n")[0]) == (2, b"cassette: -: a binary file, not text")


@pytest.mark.parametrize("color", ["never", "always"])
def test_a_reader_that_leaves_ends_it_quietly(tmp_path, color):
    path = tmp_path / "many.yaml"
    path.write_text(govcr(*[interaction()] * 3000))
    command = [*COMMAND, "show", "--color", color, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=BARE)
    assert str(path).encode() in process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_reader_of_messages_that_leaves(tmp_path):
    for number in range(200):
        (tmp_path / f"{number}.yaml").write_text("interactions: [\n" + "#" * 400)
    process = subprocess.Popen(
        [*COMMAND, "ls", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=BARE
    )
    process.stderr.readline()
    process.stderr.close()
    assert process.wait(timeout=60) == 2
    assert process.stdout.read() == b""
    process.stdout.close()


def test_a_path_that_begins_with_a_dash(tmp_path):
    (tmp_path / "-odd.yaml").write_text(GOOD)
    assert run("ls", "--", "-odd.yaml", cwd=tmp_path).stdout.startswith(b"-odd.yaml\t")
    assert run("ls", "./-odd.yaml", cwd=tmp_path).stdout.startswith(b"./-odd.yaml\t")
    result = run("ls", "-odd.yaml", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"cassette: No such option" in result.stderr


def test_a_working_folder_that_was_removed(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(DIRTY)
    gone = tmp_path / "gone"
    line = f"mkdir {gone} && cd {gone} && rmdir {gone} && exec {' '.join(COMMAND)}"
    for args in ("ls", "trim"):
        result = subprocess.run(
            ["sh", "-c", f"{line} {args} {path}"], capture_output=True, check=False, timeout=60, env=BARE
        )
        assert result.returncode == 0
        assert result.stderr.startswith(b"cassette: 1 of 1 cassette trimmed: " if args == "trim" else b"")
        assert result.stderr.count(b"\n") == (args == "trim")
    result = subprocess.run(["sh", "-c", f"{line} ls ."], capture_output=True, check=False, timeout=60, env=BARE)
    assert result.returncode == 2
    assert result.stderr.startswith(b"cassette: .: ")
