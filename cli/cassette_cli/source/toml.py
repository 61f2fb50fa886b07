"""TOML to nodes that know where they stand (TOML 1.0.0), to be read and not written.

The standard library's `tomllib` judges: what it does not read, or reads otherwise, is an error here.
"""

import re
import tomllib
from typing import TYPE_CHECKING, Any

from cassette_cli.errors import ParseError
from cassette_cli.source.nodes import Node, Style
from cassette_cli.source.yaml.reading import MAX_DEPTH, too_deep

if TYPE_CHECKING:
    from pathlib import Path

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ATOM = re.compile(r"\d{4}-\d\d-\d\d[ Tt][^,\]}\s#]+|[^,\]}\s#]+")
_NUMBER = re.compile(
    r"(?P<bool>true|false)|(?P<int>[-+]?(?:0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9_]+))"
    r"|(?P<float>[-+]?(?:inf|nan|[0-9_.]+(?:[eE][-+]?[0-9_]+)?))"
)
_QUOTES: tuple[tuple[str, re.Pattern[str], Style], ...] = (
    ('"""', re.compile(r'"""(?:[^"\\]|\\.|"(?!""(?!")))*"""', re.DOTALL), "double"),
    ("'''", re.compile(r"'''(?:[^']|'(?!''(?!')))*'''"), "single"),
    ('"', re.compile(r'"(?:[^"\\\n]|\\.)*"'), "double"),
    ("'", re.compile(r"'[^'\n]*'"), "single"),
)


def compose(text: str, path: "str | Path | None" = None) -> list[Node]:
    """Return the one document of the text; raises `ParseError` where it is no TOML, or nests too deep."""
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1  # "at end of document"
        raise ParseError(f"not valid TOML: {error}", path=path, line=line, hint="record it again") from error
    except RecursionError as error:
        raise too_deep(path, 1) from error
    root = _Reader(text, path).read()
    if not _agrees(root, value):
        raise ParseError("TOML in a form that cassette does not read", path=path, hint="record it as YAML or JSON")
    return [root]


class _Reader:
    def __init__(self, text: str, path: "str | Path | None") -> None:
        self._text = text
        self._path = path
        self._root = _table(0, len(text))

    def read(self) -> Node:
        text, at = self._text, self._after(_BLANK, 0)
        chain = [self._root]
        while at < len(text):
            if text[at] == "[":
                chain, at = self._header(at)
            else:
                keys, value_at = self._keys(at)
                value, at = self._value(self._after(_SPACE, value_at + 1), 0)
                self._put(chain[-1], keys, value)
            for node in chain[1:]:
                node.end = at
            at = self._after(_BLANK, at)
        return self._root

    def _after(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self._text, at)
        return at if match is None else match.end()

    def _header(self, start: int) -> tuple[list[Node], int]:
        """Open the table that a header names, or a new one of an array; return it behind all that it stands in."""
        many = self._text.startswith("[[", start)
        keys, end = self._keys(start + 1 + many)
        end += 1 + many
        chain = [self._root]
        for number, key in enumerate(keys):
            node = chain[-1].get(key.value)
            last = many and number == len(keys) - 1
            if node is None:
                node = Node("sequence", "seq", "", start, end, "block", []) if last else _table(start, end)
                chain[-1].pairs.append((key, node))
            chain.append(node)
            if node.kind == "sequence":
                if last:
                    node._children.append(_table(start, end))  # noqa: SLF001 - one that is being built
                chain.append(node.items[-1])
        return chain, end

    def _put(self, table: Node, keys: list[Node], value: Node) -> None:
        for key in keys[:-1]:
            inner = table.get(key.value)
            if inner is None:
                inner = _table(key.start, value.end)
                table.pairs.append((key, inner))
            inner.end = value.end
            table = inner
        table.pairs.append((keys[-1], value))

    def _keys(self, at: int) -> tuple[list[Node], int]:
        """Read a dotted key; return its parts, and where what follows them stands."""
        keys = []
        while True:
            at = self._after(_SPACE, at)
            if self._text[at] in "\"'":
                key, at = self._string(at)
            else:
                end = self._after(_BARE, at)
                key, at = Node("scalar", "str", self._text[at:end], at, end, "plain"), end
            keys.append(key)
            at = self._after(_SPACE, at)
            if not self._text.startswith(".", at):
                return keys, at
            at += 1

    def _value(self, at: int, depth: int) -> tuple[Node, int]:
        if depth >= MAX_DEPTH:
            raise too_deep(self._path, self._text.count("\n", 0, at) + 1)
        first = self._text[at]
        if first in "\"'":
            return self._string(at)
        if first == "[":
            return self._array(at, depth)
        if first == "{":
            return self._inline(at, depth)
        end = self._after(_ATOM, at)
        word = self._text[at:end]
        match = _NUMBER.fullmatch(word)
        return Node("scalar", (match and match.lastgroup) or "timestamp", word, at, end, "plain"), end

    def _string(self, at: int) -> tuple[Node, int]:
        for quotes, pattern, style in _QUOTES:
            if self._text.startswith(quotes, at):
                end = self._after(pattern, at)
                inner = self._text[at + len(quotes) : end - len(quotes)]
                if len(quotes) == 3 or "\\" in inner:
                    inner = tomllib.loads(f"v = {self._text[at:end]}")["v"]
                return Node("scalar", "str", inner, at, end, style), end
        raise AssertionError

    def _array(self, start: int, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        at = self._after(_BLANK, start + 1)
        while self._text[at] != "]":
            item, at = self._value(at, depth + 1)
            items.append(item)
            at = self._after(_BLANK, at)
            if self._text[at] == ",":
                at = self._after(_BLANK, at + 1)
        return Node("sequence", "seq", "", start, at + 1, "flow", items), at + 1

    def _inline(self, start: int, depth: int) -> tuple[Node, int]:
        table = _table(start, start, "flow")
        at = self._after(_BLANK, start + 1)
        while self._text[at] != "}":
            keys, at = self._keys(at)
            value, at = self._value(self._after(_SPACE, at + 1), depth + 1)
            self._put(table, keys, value)
            at = self._after(_BLANK, at)
            if self._text[at] == ",":
                at = self._after(_BLANK, at + 1)
        table.end = at + 1
        return table, at + 1


def _table(start: int, end: int, style: Style = "block") -> Node:
    return Node("mapping", "map", "", start, end, style, [])


def _agrees(node: Node, value: Any) -> bool:
    """Compare what was read here with what the standard library read: keys, items, texts."""
    if isinstance(value, dict):
        keys = [key.value for key, _ in node.pairs]
        return sorted(keys) == sorted(value) and all(_agrees(inner, value[key.value]) for key, inner in node.pairs)
    if isinstance(value, list):
        return len(node.items) == len(value) and all(map(_agrees, node.items, value))
    return node.kind == "scalar" and (node.value == value if isinstance(value, str) else node.tag != "str")
