"""`cassette` as a process: pipes that close, locales, interrupts, a path that begins with a dash."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from commands.conftest import EXAMPLES, govcr, interaction

COMMAND = [sys.executable, "-m", "cassette_cli"]
BARE = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}


def run(*args, **options):
    return subprocess.run([*COMMAND, *map(str, args)], capture_output=True, check=False, timeout=60, **options)


def test_a_reader_that_leaves_ends_it_quietly(tmp_path):
    path = tmp_path / "many.yaml"
    path.write_text(govcr(*[interaction()] * 3000))
    process = subprocess.Popen([*COMMAND, "ls", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(str(path).encode())
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_standard_output_that_is_closed(tmp_path):
    command = " ".join([*COMMAND, "ls", str(EXAMPLES / "govcr-tool-calls.yaml"), ">&-"])
    process = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert b"Traceback" not in process.stderr


@pytest.mark.parametrize(
    "locale", [{}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_utf8_out_whatever_the_locale(locale):
    result = run("show", "-r", EXAMPLES / "govcr-streamed-chat.yaml", env=BARE | locale)
    assert result.returncode == 0
    assert "“moves over”; ships nod 🚢." in result.stdout.decode("utf-8")


def test_a_path_that_begins_with_a_dash(tmp_path):
    (tmp_path / "-odd.yaml").write_text(govcr(interaction()))
    assert run("ls", "--", "-odd.yaml", cwd=tmp_path).stdout.startswith(b"-odd.yaml\t")


def test_version():
    result = run("--version")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.startswith(b"cassette ")


def test_help_names_every_verb():
    result = run("--help")
    assert result.returncode == 0
    for verb in (b"ls", b"show", b"protocols"):
        assert verb in result.stdout


def test_interrupt_is_code_130(tmp_path):
    process = subprocess.Popen(
        [*COMMAND, "ls", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err


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
