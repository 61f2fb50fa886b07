"""One header that is asked for by its name: the same as among all lines, in every shape that recorders write."""

import base64

import pytest

from cassette_cli.formats import base
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
