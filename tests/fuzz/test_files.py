"""Any damaged cassette through every verb: exit code 0, 1 or 2, and no byte changed that was not asked for."""

import json
import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from cassette_cli.formats.registry import load
from cassette_cli.source import document
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document
from fuzz.mutations import damaged
from fuzz.running import run

READING = [
    ["ls", "--json"], ["ls", "--summary"], ["ls", "--long"], ["show"], ["show", "-r"], ["show", "--raw"],
    ["show", "--headers"], ["show", "--json", "--bodies", "-r"], ["textconv"], ["check"], ["check", "--format", "json"],
    ["redact", "--check"], ["redact", "--diff"], ["redact", "--check", "--json"], ["trim", "--check"],
    ["trim", "--diff", "--all", "--coalesce"], ["edit", "--with", "cat", "--check"],
    ["edit", "--message", "--with", "sed s/e/3/", "--diff"], ["edit", "--interaction", "--with", "sed s/a/4/", "--diff"],
    ["set", "status=404", "header:x-a=1", "text=new words", "--diff"], ["decode", "--pretty", "--requests", "--diff"],
    ["rm", "-i", "0", "--force", "--diff"], ["show", "--json", "--parsed-bodies"], ["export", "har"], ["export", "curl"],
    ["export", "messages", "--reveal"],
]  # fmt: skip
"""What leaves the file as it is."""
WRITING = [["trim"], ["trim", "--all", "--coalesce"], ["redact"]]

_settings = settings(
    max_examples=int(os.environ.get("CASSETTE_FUZZ", "80")),  # CASSETTE_FUZZ=5000 to search for an evening
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(autouse=True, scope="module")
def away_from_settings(tmp_path_factory):
    """Run where no settings file is found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        yield


@pytest.mark.parametrize("command", READING, ids=" ".join)
@_settings
@given(damaged())
def test_reading(command, file):
    name, raw = file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(raw)
        result = run([*command, str(path)])
        assert result.code in (0, 1, 2)
        assert result.code != 2 or "cassette: " in result.err
        assert result.code != 1 or command[0] in ("check", "decode", "export", "redact", "trim")
        assert "\x1b" not in result.err
        assert path.read_bytes() == raw
        assert list(Path(folder).iterdir()) == [path]


@_settings
@given(damaged())
def test_one_by_one_is_listed_what_is_listed_whole(file):
    name, raw = file
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, name)
        path.write_bytes(raw)
        whole = run(["ls", "--json", str(path)])
        patch.setattr(document, "LARGE", 0)
        assert run(["ls", "--json", str(path)]) == whole


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
@_settings
@given(damaged())
def test_writing(command, file):
    name, raw = file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(raw)
        before = rows(path)
        result = run([*command, str(path)])
        after = path.read_bytes()
        # What cannot be looked into is not called clean, nor done.
        unread = (command == ["redact"] and b"UNSCANNED" in result.out) or b" left alone: " in result.out
        assert result.code in ((0, 1, 2) if command[0] == "trim" and unread else (1, 2) if unread else (0, 2))
        assert list(Path(folder).iterdir()) == [path]
        if result.code == 2:
            assert after == raw
            return
        assert rows(path) == before
        if command == ["trim"]:
            assert re.fullmatch(outside_of_bodies(name, raw), unwrap(after, name)[0].decode())
        again = run([command[0], "--check", *command[1:], str(path)])
        assert again.code == result.code
        assert run([*command, str(path)]).code == result.code
        assert path.read_bytes() == after


def rows(path: Path) -> list[list[object]]:
    """Return what no edit may change of each interaction."""
    lines = run(["ls", "--json", str(path)]).out.decode().splitlines()
    return [
        [json.loads(line)[key] for key in ("format", "index", "method", "status", "protocol", "duration_ms")]
        for line in lines
    ]


def outside_of_bodies(name: str, raw: bytes) -> re.Pattern[str]:
    """Return a pattern of the file with anything in the place of its responses' bodies and their lengths."""
    document = Document(unwrap(raw, name)[0], name)
    spans = set()
    for interaction in load(document).interactions:
        response = interaction.response
        if response is not None and response.body.node is not None:
            spans.add(response.body.node.span)
            spans |= {node.span for node in response.body.lengths}
            spans |= {
                line.node.span
                for line in response.headers
                if line.node is not None and line.name.lower() == "content-length"
            }
    pattern, at = [], 0
    for start, end in sorted(spans):
        if start >= at:  # an alias may have one inside another
            pattern.append(re.escape(document.text[at:start]))
            at = end
    return re.compile("\ufeff?" + "(?s:.*?)".join([*pattern, re.escape(document.text[at:])]))


@_settings
@given(damaged(), damaged())
def test_comparing(old, new):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for side, (name, raw) in (("old", old), ("new", new)):
            path = Path(folder, side, name)
            path.parent.mkdir()
            path.write_bytes(raw)
            paths.append(path)
        for options in (
            [],
            ["--all", "--events", "--word-diff"],
            ["--json"],
            ["--format", "html"],
            ["--format", "markdown"],
        ):
            assert run(["diff", *options, *map(str, paths)]).code in (0, 2)
        assert run(["diff", "--exit-code", str(paths[0]), str(paths[0])]).code in (0, 2)
        assert [path.read_bytes() for path in paths] == [old[1], new[1]]
