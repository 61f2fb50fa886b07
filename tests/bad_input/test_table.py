"""Every bad file of the table: the exit code and the message that it says, no traceback, the file untouched."""

import shlex
import shutil
from itertools import pairwise

import pytest

from bad_input.recorded import GOOD
from bad_input.table import TABLE
from commands.conftest import EXAMPLES

OTHERS = [
    ["ls", "--summary", "--json"], ["show"], ["show", "--json", "--bodies", "-r"], ["show", "-r", "--headers"], ["show", "--raw"],
    ["redact", "--check"], ["redact", "--diff"], ["trim", "--check"], ["trim", "--diff", "--all", "--coalesce"],
    ["edit", "--with", "cat", "--check"], ["edit", "--message", "--with", "cat", "--check"],
    ["edit", "--interaction", "--with", "cat", "--diff"], ["set", "status=404", "header:x-a=1", "--diff"],
    ["rm", "--status", "404", "--check"], ["decode", "--pretty", "--requests", "--diff"],
    ["check"], ["textconv"], ["diff"], ["export", "har"], ["export", "curl"], ["export", "messages"],
]  # fmt: skip
EDITS = [["trim", "--all", "--coalesce"], ["redact"]]


@pytest.fixture(autouse=True)
def _inside(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_the_table_has_no_name_twice():
    names = [case.name for case in TABLE]
    assert sorted(set(names)) == sorted(names)
    assert len(names) >= 80


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name[:60])
def test_case(cassette, write, tmp_path, case):
    path = write(f"bad{case.suffix}", case.raw)
    good = write("good.yaml", GOOD)
    command = [part.replace("@", str(path)) for part in shlex.split(case.command)]
    result = cassette(*command, *([good] if case.code == 2 else []))
    assert result.code == case.code
    if case.code == 2:
        first, *more = result.err.splitlines()
        assert case.message.replace("@", str(path)) in first
        assert more[0].startswith("  "), "what to do next"
        assert len(more) == 1 or "-i" in command, "one message, or one for each file"
        assert first.startswith(f"cassette: {path}") or "-i" in command
        assert "-i" in command or result.out.count(str(good)) == 1, "the other file was not read"
    else:
        assert case.message in result.out
        assert result.err == "" or case.code == 1
    assert "Traceback" not in result.err
    assert path.read_bytes() == case.raw
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([path.name, good.name])


@pytest.fixture
def folder(write, tmp_path):
    """Write every file of the table, each under its number."""
    for number, case in enumerate(TABLE):
        write(f"bad/{number:03}{case.suffix}", case.raw)
    return tmp_path / "bad"


def refused():
    """Yield the names of the files that no verb can read."""
    for number, case in enumerate(TABLE):
        if case.code == 2 and "-i" not in case.command and "#" not in case.command:
            yield f"{number:03}{case.suffix}"


@pytest.mark.parametrize("command", OTHERS, ids=" ".join)
def test_every_verb_reads_the_whole_table(cassette_bytes, folder, command):
    """Each file that cannot be read is named, the others are read, and the bytes of all stay."""
    paths = sorted(folder.iterdir())
    if command == ["textconv"]:
        assert {cassette_bytes(*command, path).code for path in paths} == {0}
    elif command == ["diff"]:
        assert cassette_bytes(*command, folder, shutil.copytree(folder, folder.with_name("copy"))).code in (0, 2)
        assert cassette_bytes(*command, folder, EXAMPLES).code == 2
    else:
        result = cassette_bytes(*command, *paths)
        assert result.code == (1 if command[0] == "check" else 2)
        said = (result.out if command[0] == "check" else result.err).splitlines()
        assert [name for name in refused() if sum(f"/{name}:" in line for line in said) != 1] == []
        messages = [after for line, after in pairwise([*said, ""]) if line.startswith(f"cassette: {folder}")]
        assert [after for after in messages if not after.startswith("  ")] == [], "what to do next"
        assert "Traceback" not in result.err
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == [case.raw for case in TABLE]


def test_two_files_are_compared_whatever_is_in_them(cassette_bytes, folder, write):
    """Each bad file that is named is the one that the message names, on either side; the others are compared."""
    good, bad = write("good.yaml", GOOD), set(refused())
    for path in sorted(folder.iterdir()):
        for pair in ((path, good), (good, path)):
            result = cassette_bytes("diff", *pair)
            assert result.code == (2 if path.name in bad else 0)
            assert result.err.count("cassette: ") == result.err.count(f"cassette: {path}:") == int(path.name in bad)
            assert result.err.count("\n  ") == int(path.name in bad)


@pytest.mark.parametrize("command", EDITS, ids=" ".join)
def test_an_edit_of_a_bad_file_is_whole_or_none(cassette_bytes, folder, command):
    paths = sorted(folder.iterdir())
    assert cassette_bytes(*command, *paths).code == 2
    assert sorted(folder.iterdir()) == paths
    before = {path.name: case.raw for path, case in zip(paths, TABLE, strict=True)}
    after = {path.name: path.read_bytes() for path in paths}
    bad = list(refused())
    assert [name for name in bad if after[name] != before[name]] == []
    changed = [path for path in paths if after[path.name] != before[path.name]]
    assert cassette_bytes("ls", *changed).code == 0 if changed else True
    again = cassette_bytes(command[0], "--check", *command[1:], *[path for path in paths if path.name not in bad])
    # What redact and trim cannot look into they must not call clean.
    assert again.code == (1 if command[0] in ("redact", "trim") else 0)
    assert command[0] != "redact" or "0 to redact" in again.err
