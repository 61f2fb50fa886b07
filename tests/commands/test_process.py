"""`cassette` as a process: its version, its help, its tables on a terminal."""

import os
import platform
import re
import shutil
import subprocess
import sys

import pytest

from commands.conftest import EXAMPLES

COMMAND = [sys.executable, "-m", "cassette_cli"]
BARE = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}


def run(*args, **options):
    return subprocess.run([*COMMAND, *map(str, args)], capture_output=True, check=False, timeout=60, **options)


def test_version():
    result = run("--version")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.startswith(b"cassette ")


def test_help_names_every_verb():
    result = run("--help")
    assert result.returncode == 0
    for verb in (b"ls", b"show", b"protocols"):
        assert verb in result.stdout


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["check"], 1), (["redact", "--check"], 1), (["ls"], 0), (["show", "-r"], 0),
    ],
)  # fmt: skip
def test_a_reader_that_leaves_takes_no_finding_away(args, code, tmp_path):
    cassette = (EXAMPLES / "govcr-tool-calls.yaml").read_text()
    for number in range(40):
        key = f"sk-proj-{number:040}"
        (tmp_path / f"{number}.yaml").write_text(
            cassette.replace("Accept:", f"Authorization:\n                - Bearer {key}\n            Accept:")
        )
    pipe, end = os.pipe()
    os.close(pipe)  # `| true`
    with open(end, "wb") as output:
        process = subprocess.run([*COMMAND, *args, str(tmp_path)], stdout=output, stderr=subprocess.PIPE, check=False)
    assert (process.returncode, b"Traceback" in process.stderr) == (code, False)


@pytest.mark.skipif(not shutil.which("script"), reason="util-linux `script` makes the terminal")
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_terminal_gets_a_table_that_fits_it(columns):
    command = " ".join([*COMMAND, "ls", str(EXAMPLES / "govcr-tool-calls.yaml")])
    process = subprocess.run(
        ["script", "-qec", f"stty cols {columns}; {command}", "/dev/null"],
        capture_output=True, check=False, timeout=60, env=BARE | {"TERM": "xterm", "NO_COLOR": "1"},
    )  # fmt: skip
    lines = re.sub(r"\x1b\[[0-9;]*m|\r", "", process.stdout.decode()).splitlines()
    rows = [line for line in lines if "POST" in line]
    assert len(rows) == 2
    assert all(len(line) <= columns for line in rows)


KEPT = """
import resource, sys
from cassette_cli.__main__ import tune_gc

if sys.argv[1] == "settled":
    tune_gc()
for _ in range(100):
    texts = [bytes([number]) * 250_000 for number in range(8)]
    del texts
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators keep by other rules")
def test_the_memory_of_texts_is_kept_for_the_next_ones():
    taken = {}
    for how in ("as it is", "settled"):
        command = [sys.executable, "-c", KEPT, how]
        taken[how] = int(subprocess.run(command, capture_output=True, check=True, env=BARE).stdout)
    assert taken["settled"] < taken["as it is"] / 4


@pytest.mark.parametrize("form", [["textconv"], ["textconv", "--view", "2"]])
def test_textconv_starts_without_typer_and_prints_what_it_does_with_it(form, tmp_path):
    told = "import sys; from cassette_cli.__main__ import main; code = main(sys.argv[1:]); sys.stderr.write(' '.join(sys.modules)); sys.exit(code)"  # fmt: skip
    (tmp_path / "broken.yaml").write_text("interactions: [\n")
    for file in (EXAMPLES / "govcr-tool-calls.yaml", tmp_path / "broken.yaml", tmp_path / "missing.yaml", "-"):
        quick, whole = (
            subprocess.run(
                [sys.executable, "-c", told, *args, str(file)], capture_output=True, check=True, input=b"x: 1\n"
            )
            for args in (form, ["textconv", "--view=2"])
        )
        assert quick.stdout == whole.stdout
        assert quick.stderr.splitlines()[:-1] == whole.stderr.splitlines()[:-1]
        assert b"typer" not in quick.stderr.split()
        assert b"typer" in whole.stderr.split()


@pytest.mark.parametrize("args", [["textconv"], ["textconv", "a", "b"], ["textconv", "--what"], ["textconv", "--view", "x", "a"]])  # fmt: skip
def test_textconv_called_otherwise_is_a_usage_error(args):
    result = run(*args)
    assert result.returncode == 2
    assert b"textconv --help" in result.stderr
