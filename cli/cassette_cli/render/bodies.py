"""Headers and bodies as `show` prints them: JSON pretty and coloured, other text as it is, binary described."""

import json
from typing import Any

from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.render.inert import inert, inert_line
from cassette_cli.render.output import Line, Output, human_size

_HIGHLIGHT_LIMIT = 1 << 20
"""Bodies past this many characters are printed without colours: highlighting them takes seconds."""


def header_lines(output: Output, headers: Headers) -> None:
    """Write header lines as they were recorded."""
    output.lines([[(inert_line(line.name), "blue"), (f": {inert_line(line.value)}", "")] for line in headers])
    output.lines([[]])


def body(output: Output, one: Body) -> None:
    """Write a body, and notes on what could not be decoded."""
    content(output, one)
    output.lines([[(f"note: {inert_line(note)}", "yellow")] for note in one.notes])


def content(output: Output, one: Body) -> None:
    """Write what a body holds: JSON pretty and coloured, other text as it is, binary described."""
    payload = one.payload
    if isinstance(payload, bytes):
        output.lines([[(text, "magenta")] for text in describe_binary(one)])
    elif payload:
        value = one.json
        json_text(output, value) if value is not None else output.lines(plain_lines(payload))


def describe_binary(one: Body) -> list[str]:
    """Return what a binary body is: its kind, size and hash."""
    import hashlib

    from cassette_cli.model.media import describe

    data = one.data
    kind = describe(data, one.content_type) or one.content_type or "binary"
    return [f"{inert_line(kind)} · {human_size(len(data))} · sha256:{hashlib.sha256(data).hexdigest()}"]


def plain_lines(text: str, style: str = "") -> list[Line]:
    """Return recorded text line by line, made inert."""
    return [[(line, style)] for line in inert(text).split("\n")]


def pretty(value: Any) -> str:
    """Return JSON indented, in UTF-8, inert."""
    return inert(json.dumps(value, ensure_ascii=False, indent=2))


def json_text(output: Output, value: Any) -> None:
    """Write a JSON value pretty, coloured where colour is on."""
    text = pretty(value)
    if not output.styled or len(text) > _HIGHLIGHT_LIMIT:
        output.text(text)
        return
    from rich.highlighter import JSONHighlighter
    from rich.text import Text

    highlighted = Text(text)
    JSONHighlighter().highlight(highlighted)
    output.console().print(highlighted, soft_wrap=True)
