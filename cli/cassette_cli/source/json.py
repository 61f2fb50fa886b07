r"""JSON text to nodes: a scanner of spans on top of the standard library's string scanner (RFC 8259).

YAML parsers would do for most JSON, but refuse surrogate pairs (`"\ud83d\ude00"`) and long keys.
Several values one after the other (JSON Lines) are several documents.
"""

from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING

from cassette_cli.errors import ParseError
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node
from cassette_cli.source.yaml.reading import MAX_DEPTH, too_deep

if TYPE_CHECKING:
    from pathlib import Path

_SPACE = pattern(r"[ \t\n\r]*")
_ATOM = pattern(
    r"(?P<int>-?(?:0|[1-9]\d*))(?P<float>(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?P<bool>true|false)|(?P<null>null)"
    r"|(?P<special>NaN|-?Infinity)"
)


class _TooDeepError(JSONDecodeError):
    pass


def compose(text: str, path: "str | Path | None" = None) -> list[Node]:
    """Scan every JSON value of the text.

    Raises `ParseError` with the line where the text is no JSON, or nests deeper than `MAX_DEPTH`.
    """
    roots = []
    try:
        at = _skip(text, 0)
        while at < len(text):
            node = _value(text, at, 0)
            roots.append(node)
            at = _skip(text, node.end)
    except _TooDeepError as error:
        raise too_deep(path, error.lineno) from error
    except JSONDecodeError as error:
        raise ParseError(
            f"not valid JSON: {error.msg.removesuffix(' starting at')}",
            path=path,
            line=error.lineno,
            hint="fix the file, or record it again",
        ) from error
    return roots


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _value(text: str, at: int, depth: int) -> Node:
    first = text[at : at + 1]
    if first == '"':
        value, end = scanstring(text, at + 1, False)
        return Node("scalar", "str", value, at, end, "double")
    if first in ("{", "["):
        if depth >= MAX_DEPTH:
            raise _TooDeepError("", text, at)
        return _mapping(text, at, depth) if first == "{" else _sequence(text, at, depth)
    match = _ATOM.match(text, at)
    if match is None:
        raise JSONDecodeError("expected a value", text, at)
    tag = match.lastgroup or "int"
    if tag == "special" or (tag == "float" and match["float"]):
        tag = "float"
    elif tag == "float":
        tag = "int"
    return Node("scalar", tag, match.group(), at, match.end(), "plain")


def _sequence(text: str, start: int, depth: int) -> Node:
    items: list[Node] = []
    at = _skip(text, start + 1)
    if not text.startswith("]", at):
        while True:
            node = _value(text, at, depth + 1)
            items.append(node)
            at = _skip(text, node.end)
            if text.startswith("]", at):
                break
            if not text.startswith(",", at):
                raise JSONDecodeError("expected ',' or ']'", text, at)
            at = _skip(text, at + 1)
    return Node("sequence", "seq", "", start, at + 1, "flow", items)


def _mapping(text: str, start: int, depth: int) -> Node:
    pairs: list[tuple[Node, Node]] = []
    at = _skip(text, start + 1)
    if not text.startswith("}", at):
        while True:
            if not text.startswith('"', at):
                raise JSONDecodeError("expected a name in double quotes", text, at)
            name, end = scanstring(text, at + 1, False)
            key = Node("scalar", "str", name, at, end, "double")
            at = _skip(text, end)
            if not text.startswith(":", at):
                raise JSONDecodeError("expected ':'", text, at)
            node = _value(text, _skip(text, at + 1), depth + 1)
            pairs.append((key, node))
            at = _skip(text, node.end)
            if text.startswith("}", at):
                break
            if not text.startswith(",", at):
                raise JSONDecodeError("expected ',' or '}'", text, at)
            at = _skip(text, at + 1)
    return Node("mapping", "map", "", start, at + 1, "flow", pairs)
