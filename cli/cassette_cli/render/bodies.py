"""Headers and bodies as `show` prints them: JSON pretty and coloured, other text as it is, binary described."""

import json
import textwrap
from typing import Any

from cassette_cli.model.body import Body
from cassette_cli.model.codings import NOT_UTF8
from cassette_cli.model.depth import is_shallow
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Request
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
    output.lines([[(f"note: {inert_line(note)}", "yellow")] for note in content(output, one)])


def content(output: Output, one: Body) -> list[str]:
    """Write what a body holds, and return the notes on it.

    Forms, GraphQL and XML are laid out, JSON is pretty, other text as it is, binary described.
    """
    from cassette_cli.render import layouts

    payload, notes = one.payload, one.notes
    if layouts.write(output, one):
        return [note for note in notes if note != NOT_UTF8 or not one.content_type.startswith("multipart/")]
    if isinstance(payload, bytes):
        output.lines([[(described(one.data, one.content_type), "magenta")]])
    elif payload:
        value = one.json
        json_text(output, value) if value is not None else output.lines(plain_lines(payload))
    return notes


def request_body(output: Output, request: Request) -> None:
    """Write the body of a request; of one that has none, what its URL asks for in GraphQL."""
    from cassette_cli.render import layouts

    asked = layouts.asked_in(request.url)
    if asked is not None:
        layouts.operations(output, asked)
    body(output, request.body)


def described(data: bytes, content_type: str) -> str:
    """Return what bytes are: their kind, size and hash."""
    import hashlib

    from cassette_cli.model.media import describe

    kind = describe(data, content_type) or content_type or "binary"
    return f"{inert_line(kind)} · {human_size(len(data))} · sha256:{hashlib.sha256(data).hexdigest()}"


def parsed(text: str) -> Any:
    """Return a text as JSON, None where it is no object or list."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if is_shallow(text, value) else None


def plain_lines(text: str, style: str = "") -> list[Line]:
    """Return recorded text line by line, made inert."""
    return [[(line, style)] for line in inert(text).split("\n")]


def pretty(value: Any) -> str:
    """Return JSON indented, in UTF-8, inert."""
    return inert(json.dumps(value, ensure_ascii=False, indent=2))


def json_text(output: Output, value: Any, indent: str = "") -> None:
    """Write a JSON value pretty, coloured where colour is on."""
    text = pretty(value)
    text = textwrap.indent(text, indent) if indent else text
    if not output.styled or len(text) > _HIGHLIGHT_LIMIT:
        output.text(text)
        return
    from rich.highlighter import JSONHighlighter
    from rich.text import Text

    highlighted = Text(text)
    JSONHighlighter().highlight(highlighted)
    output.console().print(highlighted, soft_wrap=True)
