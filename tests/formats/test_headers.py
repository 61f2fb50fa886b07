"""Headers in every shape that recorders write: one asked for by its name, and all of them held against others."""

import base64

import pytest

from cassette_cli.formats import base
from cassette_cli.model.headers import Headers
from cassette_cli.source.document import Document

NAME = base64.b64encode(b"Content-Type").decode()

SHAPES = {
    "value": "Accept: a\nContent-Type: text/plain\ncontent-type: second\n",
    "values": "Content-Type: [text/plain, second]\n",
    "capitals": "CONTENT-TYPE: [text/plain]\n",
    "name in base64": f"Accept: a\n!binary '{NAME}': [text/plain]\n",
    "name as an object": "? !!python/object/apply:multidict._multidict.istr [Content-Type]\n: text/plain\n",
    "objects": "- {name: Accept, value: a}\n- {name: Content-Type, value: text/plain}\n",
    "pairs": "- [Accept, a]\n- [Content-Type, text/plain]\n",
    "texts": '- "Accept: a"\n- "Content-Type: text/plain"\n',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_header_is_found_before_and_after_all_lines_are_read(shape: str) -> None:
    lines = base.headers(Document(SHAPES[shape].encode()).root)
    assert lines.get("content-TYPE") == "text/plain"
    assert lines.get("x-absent", "none") == "none"
    assert len(lines) > 0
    assert lines.get("Content-Type") == "text/plain"


def headers(text: str) -> Headers:
    """Return what stands under `headers` in a file."""
    return base.headers(Document(text.encode()).root.get("headers"))


def test_headers_are_known_to_be_the_same_by_their_text() -> None:
    lines = "headers:\n  Accept:\n  - a\n  Content-Type: text/plain\n"
    one, same = headers(lines), headers(f"url: elsewhere\n{lines}body: text\n")
    assert one.is_written_as(same)
    assert [(line.name, line.value) for line in one] == [(line.name, line.value) for line in same]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("headers:\n  Accept: a\n", "headers:\n  Accept: b\n"),
        ("headers:\n  Accept: a\n", "headers:\n  Accept: a\n  Vary: b\n"),
        ("url: &it a\nheaders:\n  Accept: *it\n", "url: &it b\nheaders:\n  Accept: *it\n"),
        ("url: &it {Vary: a}\nheaders: *it\n", "url: &it {Vary: b}\nheaders: *it\n"),
        ("body: text\n", "body: text\n"),
    ],
    ids=["value", "more", "alias", "alias of all", "none"],
)
def test_headers_that_may_differ_are_read(old: str, new: str) -> None:
    assert not headers(old).is_written_as(headers(new))
