"""What is no cassette is told by its beginning, and not read whole."""

import gzip
import json

import pytest

from cassette_cli.operations import loading, textconv
from cassette_cli.source import document
from commands.conftest import cassette, examples, govcr, interaction, write  # noqa: F401 - fixtures

OTHER = json.dumps({"type": "FeatureCollection", "features": [{"id": number, "name": f"name {number}"} for number in range(40_000)]})  # fmt: skip
HAR = json.dumps({"log": {"version": "1.2", "comment": "x" * (1 << 20), "entries": []}})


@pytest.fixture
def parsed(monkeypatch):
    """Names of the files that were parsed."""
    names = []

    class Noting(loading.Document):
        def __init__(self, raw, path=None, **options):
            names.append(path)
            super().__init__(raw, path, **options)

    monkeypatch.setattr(loading, "Document", Noting)
    monkeypatch.setattr(textconv, "Document", Noting)
    return names


@pytest.mark.parametrize("verb", [["ls"], ["show"], ["check"], ["redact", "--check"], ["trim", "--check"]])
def test_large_json_that_opens_as_no_recording_is_not_parsed(cassette, write, parsed, verb):  # noqa: F811
    path = write("map.json", OTHER)
    result = cassette(*verb, path)
    assert result.code == (1 if verb == ["check"] else 2)
    assert "by its first megabyte" in result.out + result.err
    assert parsed == []


def test_git_is_shown_it_as_it_is(cassette, write, parsed):  # noqa: F811
    assert cassette("textconv", write("map.json", OTHER)).out == OTHER
    assert parsed == []


def test_diff_says_so(cassette, write):  # noqa: F811
    result = cassette("diff", write("map.json", OTHER), write("other.json", OTHER + "\n"))
    assert result.code == 2
    assert "by its first megabyte" in result.err


def test_it_is_read_as_the_recorder_that_is_named(cassette, write, parsed):  # noqa: F811
    assert cassette("ls", "--input-format", "har", write("map.json", OTHER)).code == 2
    assert len(parsed) == 1


@pytest.mark.parametrize("text", [HAR, " \n" + HAR, "\ufeff" + HAR, json.dumps(json.loads(HAR), indent=1)])
def test_large_json_of_a_recorder_is_read(cassette, write, text):  # noqa: F811
    assert cassette("ls", write("a.har", text)).code == 0


def test_small_json_is_said_to_be_no_cassette_as_ever(cassette, write):  # noqa: F811
    result = cassette("ls", write("a.json", '{"a": 1}'))
    assert "JSON, but not a cassette of a known recorder\n" in result.err


def test_compressed_files_in_folders_are_told_by_their_beginning(cassette, write, parsed, tmp_path):  # noqa: F811
    write("a/service.json.gz", gzip.compress(OTHER.encode()))
    write("a/small.json.gz", gzip.compress(b'{"a": 1}'))
    write("a/tape.yaml.gz", gzip.compress(govcr(interaction()).encode()))
    result = cassette("ls", tmp_path / "a")
    assert result.code == 0
    assert [name.rpartition("/")[2] for name in parsed] == ["tape.yaml.gz"]
    write("a/cut.yaml.gz", gzip.compress(govcr(interaction()).encode())[:-9])
    assert cassette("ls", tmp_path / "a").code == 2


@pytest.mark.parametrize("verb", [["show"], ["show", "-r"], ["show", "--raw"], ["show", "--json", "-r"], ["show", "--json", "--bodies", "-i", "-1"], ["textconv"]])  # fmt: skip
@pytest.mark.parametrize("name", ["govcr-tool-calls.yaml", "govcr-streamed-chat.yaml", "vcrpy-streamed-message.yaml"])
def test_what_is_held_in_pieces_is_shown_as_what_is_held_whole(cassette, examples, monkeypatch, write, verb, name):  # noqa: F811
    text = (examples / name).read_text("utf-8").replace("the ", "thé 🙂 ", 3)
    path = write(name, text.replace("example.com", "example.com?api_key=" + "sk-" + "a1B2c3D4e5F6" * 4, 1))
    whole = cassette(*verb, path)
    monkeypatch.setattr(document, "LARGE", 1)
    assert cassette(*verb, path) == whole
    assert whole.code == 0
