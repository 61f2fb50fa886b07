"""Named pipes, `<(…)` and /dev/stdin are read where they are named, once and to their end."""

import os
import subprocess
import sys
from threading import Thread

import pytest

from commands.conftest import EXAMPLES, govcr, interaction

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")

EXAMPLE = EXAMPLES / "govcr-tool-calls.yaml"
SECRET = "sk-" + "a1B2c3D4e5F6" * 4
FOUND = govcr(interaction(f'\'{{"key": "{SECRET}"}}\''))
VERBS = [
    ["ls"], ["ls", "--json"], ["show"], ["show", "-r"], ["show", "--json"], ["check"], ["redact", "--check"], ["redact", "--diff"],
    ["trim", "--check"], ["textconv"], ["decode", "--check"], ["ls", "--skip-others"], ["check", "--jobs", "2"],
]  # fmt: skip


@pytest.fixture
def piped(tmp_path):
    """Make a pipe, and write bytes into it once somebody reads it."""
    writers = []

    def make(raw, name="tape.yaml"):
        path = tmp_path / "pipes" / name
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)
        writers.append(Thread(target=path.write_bytes, args=(raw,), daemon=True))
        writers[-1].start()
        return path

    yield make
    for writer in writers:
        writer.join(10)
        assert not writer.is_alive()


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_named_pipe_is_read_as_a_file_is(cassette, piped, write, verb):
    raw = EXAMPLE.read_bytes() * 1 + b"# " + b"x" * 100_000 + b"\n"  # more than a pipe holds
    file = write("files/tape.yaml", raw)
    pipe = piped(raw)
    expected, found = cassette(*verb, file), cassette(*verb, pipe)
    assert found.code == expected.code
    assert found.out == expected.out.replace(str(file), str(pipe))
    assert found.err == expected.err.replace(str(file), str(pipe))


def test_two_pipes_are_compared(cassette, piped, write):
    other = EXAMPLES / "govcr-tool-calls-again.yaml"
    expected = cassette("diff", write("files/a.yaml", EXAMPLE.read_bytes()), write("files/b.yaml", other.read_bytes()))
    found = cassette("diff", piped(EXAMPLE.read_bytes(), "a.yaml"), piped(other.read_bytes(), "b.yaml"))
    assert (found.code, found.out.replace("/pipes/", "/files/")) == (expected.code, expected.out)


def test_what_is_found_in_a_pipe_counts_and_is_not_remembered(cassette, piped):
    assert cassette("redact", "--check", piped(govcr(interaction()).encode(), "a.yaml")).code == 0
    assert cassette("redact", "--check", piped(FOUND.encode(), "b.yaml")).code == 1
    assert cassette("check", piped(b"interactions: [\n", "c.yaml")).code == 1


def test_a_pipe_is_not_written_back(cassette, piped, tmp_path):
    result = cassette("redact", piped(FOUND.encode(), "a.yaml"))
    assert result.code == 2
    assert "is a pipe, and cannot be written back" in result.err
    assert cassette("redact", "-o", tmp_path / "out.yaml", piped(FOUND.encode(), "b.yaml")).code == 0
    assert SECRET not in (tmp_path / "out.yaml").read_text()


def test_a_pipe_in_a_folder_is_not_opened(cassette, write, tmp_path):
    write("a/tape.yaml", govcr(interaction()))
    os.mkfifo(tmp_path / "a" / "pipe.yaml")
    os.mkfifo(tmp_path / "a" / "pipe")
    result = cassette("ls", tmp_path / "a")
    assert result.code == 2
    assert "pipe.yaml: not a regular file" in result.err
    assert result.out.count("tape.yaml") == 1


@pytest.mark.skipif(not os.path.exists("/dev/stdin"), reason="no /dev/stdin here")
@pytest.mark.parametrize("verb", [["ls"], ["show"], ["check"], ["redact", "--check"], ["textconv"]], ids=" ".join)
def test_standard_input_by_its_path(verb):
    command = [sys.executable, "-m", "cassette_cli", *verb]
    by_path, by_sign = (
        subprocess.run([*command, name], input=EXAMPLE.read_bytes(), capture_output=True, check=False)
        for name in ("/dev/stdin", "-")
    )
    assert by_path.returncode == by_sign.returncode
    assert by_path.stdout.replace(b"/dev/stdin", b"-") == by_sign.stdout
    with EXAMPLE.open("rb") as file:
        of_file = subprocess.run([*command, "/dev/stdin"], stdin=file, capture_output=True, check=False)
    assert (of_file.returncode, of_file.stdout) == (by_path.returncode, by_path.stdout)


@pytest.mark.skipif(not os.path.exists("/bin/bash"), reason="no bash here")
def test_what_bash_makes_of_a_command():
    command = f"{sys.executable} -m cassette_cli ls <(cat '{EXAMPLE}')"
    found = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=True)
    assert found.stdout.startswith("/dev/fd/")
    assert "api.example.com/v1/chat/completions" in found.stdout
