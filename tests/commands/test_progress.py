"""The progress line: on a terminal, after a second, gone before anything is printed; never in a pipe."""

import io
import os
import re
import subprocess
import sys

import pytest

from cassette_cli.render import progress
from commands.conftest import govcr, interaction

QUICK = """
import sys
from cassette_cli.__main__ import main
from cassette_cli.render import progress

progress._SILENCE = progress._EVERY = 0
sys.exit(main())
"""
EVERY = re.compile("━*╌* [0-9,]+ of 40 files, [0-9]+ %")


@pytest.fixture
def folder(write):
    for number in range(40):
        path = write(f"many/{number:02}.yaml", govcr(interaction()))
    return path.parent


def screen(text):
    """Return what a terminal shows after it has got this: it knows returns and how to erase a line."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        shown = ""
        for piece in re.split(r"(\r|\x1b\[K)", line):
            shown = "" if piece == "\r" else shown if piece == "\x1b[K" else shown + piece
        lines.append(re.sub(r"\x1b\[[0-9;]*m", "", shown))
    return lines


def on_terminal(*args, stdout=None, env=None):
    """Run a command whose standard error, and standard output unless it is given, are a terminal."""
    master, slave = os.openpty()
    command = [sys.executable, "-c", QUICK, *map(str, args)]
    given = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "NO_COLOR": "1"} | (env or {})
    process = subprocess.Popen(command, stdin=slave, stdout=stdout or slave, stderr=slave, env=given)
    os.close(slave)
    seen = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux: nobody writes any more
            break
        if not piece:
            break
        seen += piece
    os.close(master)
    out = process.stdout.read().decode() if process.stdout else ""
    if process.stdout:
        process.stdout.close()
    return process.wait(timeout=60), seen.decode(), out


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("args", [["ls"], ["ls", "--summary"], ["show"], ["trim", "--check"], ["check"]], ids=" ".join)
def test_a_terminal_sees_it_come_and_go(folder, args):
    code, seen, out = on_terminal(*args, folder, stdout=subprocess.PIPE)
    assert code == 0
    assert EVERY.search(seen)
    assert [line for line in screen(seen) if EVERY.search(line)] == []
    assert "files," not in out


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_it_does_not_mix_with_what_is_printed_beside_it(folder):
    (folder / "39.yaml").write_text("interactions: [\n")
    code, seen, _ = on_terminal("ls", folder)
    assert code == 2
    shown = screen(seen)
    assert EVERY.search(seen)
    assert not [line for line in shown if EVERY.search(line)]
    assert len([line for line in shown if re.search(r"\bGET\b", line)]) == 39
    assert any(line.startswith(f"cassette: {folder}/39.yaml:2: not valid YAML") for line in shown)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_dumb_terminal_is_spared(folder):
    assert "files," not in on_terminal("ls", "--summary", folder, env={"TERM": "dumb"})[1]


def test_never_in_a_pipe(cassette, folder, monkeypatch):
    monkeypatch.setattr(progress, "_SILENCE", 0)
    result = cassette("ls", "--summary", folder)
    assert (result.code, result.err) == (0, "")


def test_it_waits_for_silence(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    stream = io.StringIO()
    bar = progress.Bar(stream)
    bar.counts(lambda: 2000)
    for _ in bar.over(range(998)):
        now[0] += 0.001
    assert stream.getvalue() == ""
    now[0] += 0.1
    bar.step()
    assert "999 of 2,000 files, 49 %" in stream.getvalue()
    bar.hide()
    assert stream.getvalue().endswith("\r\x1b[K")
    size = len(stream.getvalue())
    bar.hide()
    bar.step()
    assert len(stream.getvalue()) == size


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [(3, 12, "━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 3 of 12 files, 25 %"), (1234, None, "1,234 files"), (5, 4, "5 files")],
)
def test_the_line(done, total, text):
    assert progress.line(done, total) == text
