"""Every file of the corpus: claimed by one format, read as an independent reader does, edited through every layer."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cassette_cli.errors import NotACassetteError
from cassette_cli.formats.registry import FORMATS, load
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette
from cassette_cli.source.compression import unwrap, wrap
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Replace
from cassette_cli.source.verify import apply
from independent import Recorded, interactions

CORPUS = os.environ.get("CASSETTE_CORPUS")
pytestmark = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")

SUFFIXES = {".yaml", ".yml", ".json", ".har", ".gz", ".zst", ".br"}


def files() -> list[Path]:
    root = Path(CORPUS or "/nonexistent")
    return [path for path in sorted(root.rglob("*")) if path.suffix in SUFFIXES and path.is_file()]


def read(path: Path) -> Document:
    return Document(unwrap(path.read_bytes(), path.name)[0], path)


def bodies(cassette: Cassette) -> Iterator[tuple[int, str, Body]]:
    for interaction in cassette.interactions:
        yield interaction.index, "request", interaction.request.body
        if interaction.response is not None:
            yield interaction.index, "response", interaction.response.body


def the_same_body(cassette: Cassette, index: int, side: str) -> Body:
    return next(body for i, s, body in bodies(cassette) if (i, s) == (index, side))


@pytest.mark.parametrize("path", files(), ids=str)
def test_one_format_claims_it_and_reads_what_another_reader_reads(path: Path) -> None:
    document = read(path)
    claiming = [one.name for one in FORMATS if one.claims(document)]
    assert len(claiming) == 1
    cassette = load(document)
    if cassette.not_http:
        assert cassette.entries
        assert not cassette.interactions
        return
    expected = interactions(path)
    assert len(cassette.interactions) == len(expected)
    for interaction, other in zip(cassette.interactions, expected, strict=True):
        assert facts(interaction) == other_facts(other)


def facts(interaction):
    request, response = interaction.request, interaction.response
    return (
        request.method,
        request.url,
        [(line.name, line.value) for line in request.headers],
        request.body.data,
        response and response.status,
        [(line.name, line.value) for line in response.headers] if response else [],
        response.body.data if response else b"",
    )


def other_facts(other: Recorded):
    return (
        other.method,
        other.url,
        [(name, value.strip()) for name, value in other.request_headers],
        other.request_body or b"",
        other.status,
        [(name, value.strip()) for name, value in other.response_headers],
        other.response_body,
    )


@pytest.mark.parametrize("path", files(), ids=str)
def test_a_body_of_each_stack_is_replaced_and_put_back(path: Path) -> None:
    document = read(path)
    if load(document).not_http:
        return
    seen: set[tuple[str, ...]] = set()
    for index, side, body in list(bodies(load(document))):
        kind = (side, body.storage, *body.layers)
        if body.node is None or kind in seen or (body.storage == "parsed" and body.json is None):
            continue
        seen.add(kind)
        old, new = body.payload, other_content(body)
        edits = body.replace(new)
        after = apply(document, edits)
        assert outside(document, edits) == outside_after(document, after, edits)
        changed = the_same_body(load(after), index, side)
        assert changed.payload == new
        assert changed.layers == body.layers
        right_lengths(body, changed)
        undo = changed.replace(old)
        back = apply(after, undo)
        assert outside(after, undo) == outside_after(after, back, undo)
        restored = the_same_body(load(back), index, side)
        assert restored.payload == old
        assert restored.data == body.data


def other_content(body: Body) -> str | bytes:
    """Make new content of the same kind, with what YAML, JSON and base64 find hard to hold."""
    payload = body.payload
    if isinstance(payload, bytes):
        return payload[: len(payload) // 2] + bytes(range(256)) + payload[len(payload) // 2 :]
    if body.storage in ("parsed", "json"):
        return change_a_string(body)
    middle = len(payload) // 2
    hard = " 'x' \"y\" # \\ é : " if "Latin-1" in body.layers else " 'x' \"y\" # \\ \u2713 : \U0001f600\n  "
    return payload[:middle] + hard + payload[middle:]


def change_a_string(body: Body) -> str:
    import json

    done = False

    def visit(value):
        nonlocal done
        if isinstance(value, dict):
            return {key: visit(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [visit(inner) for inner in value]
        if isinstance(value, str) and not done:
            done = True
            return value + " 'x': \u2713\n\"y\""
        return value

    return json.dumps(visit(body.json), ensure_ascii=False)


def outside(document: Document, edits: list[Edit]) -> list[str]:
    """Return the text between the edited scalars."""
    spans = sorted({edit.node.span for edit in edits if isinstance(edit, Replace)})
    pieces, at = [], 0
    for start, end in spans:
        pieces.append(document.text[at:start])
        at = end
    return [*pieces, document.text[at:]]


def outside_after(before: Document, after: Document, edits: list[Edit]) -> list[str]:
    """Find the same pieces in the new text, in order, from its first character to its last."""
    found, at = [], 0
    pieces = outside(before, edits)
    for number, piece in enumerate(pieces):
        place = after.text.find(piece, at) if number else 0
        if number == len(pieces) - 1:
            place = len(after.text) - len(piece)
        found.append(after.text[place : place + len(piece)])
        at = place + len(piece)
    return found


def right_lengths(before: Body, after: Body) -> None:
    """A length that was right is right: of the decoded bytes, where no coding makes the two differ."""
    if "gzip" in before.layers or before.storage in ("parsed", "json"):
        return
    for old, new in zip(before.lengths, after.lengths, strict=True):
        if old.value == str(len(before.data)):
            assert new.value == str(len(after.data))


@pytest.mark.parametrize("path", [path for path in files() if path.suffix in (".gz", ".zst", ".br")], ids=str)
def test_a_compressed_file_is_packed_again_the_same_way(path: Path) -> None:
    text, codec = unwrap(path.read_bytes(), path.name)
    assert codec is not None
    assert unwrap(wrap(text, codec), path.name) == (text, codec)
    assert wrap(text, codec) == wrap(text, codec)


WIREMOCK = b'{"request": {"url": "/a", "method": "GET"}, "response": {"status": 200, "jsonBody": {"a": 1}}}'


def test_what_is_no_cassette_is_claimed_by_none() -> None:
    for text in (b"a: 1\n", b"[]", b"- 1\n- 2\n", b"{}", b"services:\n  web: {image: x}\n", b'{"log": 1}', WIREMOCK):
        document = Document(text)
        assert not [one.name for one in FORMATS if one.claims(document)]
        with pytest.raises(NotACassetteError):
            load(document)
