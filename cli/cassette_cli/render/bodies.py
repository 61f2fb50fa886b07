"""What bodies are printed by: header lines, JSON pretty and coloured, other text as it is, bytes described."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from cassette_cli.model.depth import is_shallow
from cassette_cli.model.headers import Headers
from cassette_cli.render.inert import inert, inert_line
from cassette_cli.render.output import Line, Output, human_size

_HIGHLIGHT_LIMIT = 1 << 20
"""Bodies past this many characters are printed without colours: highlighting them takes seconds."""


def header_lines(output: Output, headers: Headers) -> None:
    """Write header lines as they were recorded."""
    output.lines([[(inert_line(line.name), "blue"), (f": {inert_line(line.value)}", "")] for line in headers])
    output.lines([[]])


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


def plain_lines(text: str, style: str = "") -> Iterator[Line]:
    """Yield recorded text line by line, made inert."""
    at = 0
    while (end := text.find("\n", at)) >= 0:
        yield [(inert(text[at : end - text.startswith("\r", end - 1, end)]), style)]
        at = end + 1
    yield [(inert(text[at:]), style)]


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
