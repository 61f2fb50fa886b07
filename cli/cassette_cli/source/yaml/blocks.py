r"""The YAML that recorders write, read a line at a time: block collections with a key or an item a line.

libyaml looks at every character and makes three objects a token. A cassette is a few lines of keys around
some long scalars: here one regular expression reads a line, long scalars are found by their ends, and the
nodes are made once. That is faster than the C parser and what wraps its nodes, and needs no import of
ruamel.yaml (tests/benchmarks/source.py).

This reads a part of YAML, and that as libyaml does. Whatever it is not sure of (folded scalars, directives,
comments behind values, CRLF, every error) it leaves to a whole parser: `compose` returns None.
Written from YAML 1.2.2 chapters 6 to 8 and libyaml's scanner.c; the tests hold its trees to libyaml's, node
for node. What an edit makes is proved by libyaml itself (`verify.apply`).
"""

import re
from typing import Any, NamedTuple

from cassette_cli.source.characters import is_ordinary
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Kind, Node, PlainNode
from cassette_cli.source.yaml.block_scalars import FIRST, PLAIN, UnusualError, double, literal, single
from cassette_cli.source.yaml.entries import Entries, entries
from cassette_cli.source.yaml.flow import flow

# An alternative that fails at its first character is dropped sooner than a group that may be missing: a fifth faster.
_KEY = rf"({FIRST}(?<!\.(?=\.\. ))[^ \t\n:#]*+(?>(?! )|(?: ++[^ \t\n:#]++)*))|(\"[^\"\\\n]*+\"|'[^'\n]*+')"
_LINE = pattern(
    rf"( *+)((?>(?!-)|(?:-(?: ++|(?=\n)))*))(?>(?:{_KEY}):(?: ++|(?=\n))|)(?>({PLAIN})(?=\n)|'([^'\n]*+)'(?=\n)|)"
)
"""Indentation, dashes, a key, and a value that is plain or in single quotes and ends with the line."""
_DASHES, _KEYED, _QUOTED_KEY, _PLAIN_VALUE, _SINGLE_VALUE = range(2, 7)

_PROPERTIES = pattern(
    r"(?>(?:&([\w-]+)(?: ++|(?=\n)))?)(?>(?:(!(?>(?:!?[\w./:+-]+)?))(?: ++|(?=\n)))?)(?>(?:&([\w-]+)(?: ++|(?=\n)))?)",
    re.ASCII,
)
_ALIAS = pattern(r"\*([\w-]+)(?=\n)", re.ASCII)
_PLAIN_AND_BLANKS = pattern(rf"({PLAIN}) *+(?=\n)")
_MORE_PLAIN = pattern(r"(\n++)( *+)([^ \t\n#][^\t\n]*+)(?=\n)")
_BLANKS = pattern(r" *+(?=\n)")
_LONGEST_KEY = 1000  # libyaml takes 1024 characters


class _Waiting:
    """A key or a dash with nothing behind it: its value stands in the next lines, or is empty and stands at `at`.

    `start` is where its tag and anchor begin, where it has any.
    """

    __slots__ = ("anchor", "at", "key", "start", "tag")

    def __init__(
        self, key: Node | None, at: int, tag: str | None = None, anchor: str | None = None, start: int | None = None
    ) -> None:
        self.key = key
        self.at = at
        self.tag = tag
        self.anchor = anchor
        self.start = start


_COMPLEX = Node("scalar", "null", "", 0, 0, "plain")
"""Stands for the key where it is the key itself that is waited for."""


class Part(NamedTuple):
    """Lines of a text that are read by themselves: from the one at `at` to the one at `size`.

    What is open behind the last ends at `end`, where the next thing stands.
    """

    at: int
    size: int
    end: int


def compose(text: str, most_levels: int, raw: bytes | None = None) -> Node | None:
    """Return the root of a text's only document, None where a whole parser must read it; `raw` are its bytes."""
    if not text.endswith("\n") or not is_ordinary(text, raw):
        return None
    try:
        return read(text, most_levels)
    except UnusualError:
        return None


def read(text: str, most_levels: int) -> Node:
    """Return the root of an ordinary text; raises `UnusualError` where a whole parser must read it."""
    size = len(text) - 4 if text.endswith("\n...\n") else len(text)
    return _Reader(text, most_levels, Part(4 if text.startswith("---\n") else 0, size, size)).read()


def read_part(text: str, most_levels: int, part: Part) -> Node:
    """Return the root of a part; raises `UnusualError` where it cannot be read without the rest of the text."""
    reader = _Reader(text, most_levels, part)
    root = reader.read()
    if not reader.stands_alone:
        raise UnusualError
    return root


class _Reader:
    """One reading of one text.

    `_at` is where the next line begins. `_top` is the innermost open collection, whose items stand at
    `_indent`, and `_outer` are those around it; a sequence may stand at the indentation of its own key.
    """

    def __init__(self, text: str, most_levels: int, part: Part) -> None:
        self._text = text
        self._at, self._size, self._end = part
        self._most_levels = most_levels
        self._anchors: dict[str, Node] = {}
        self._indent, self._top = -1, Node("sequence", "seq", "", 0, 0, "block", [])  # holds the root
        self._outer: list[tuple[int, Node]] = []
        self._waiting: _Waiting | None = _Waiting(None, 0)
        self._keys: list[tuple[Node, Node, int]] = []  # those without a value yet: the mapping, how many it has

    @property
    def stands_alone(self) -> bool:
        """Whether what was read ends with its part, and nothing outside can be an alias of anything in it."""
        return self._at == self._size and not self._anchors

    def read(self) -> Node:
        """Return the root; raises `UnusualError`."""
        text, at, size, line_at = self._text, self._at, self._size, _LINE.match
        children: list[Any] = []
        plain: Node | None = None  # goes on in the next line, if that is indented
        key: Node | None
        value: Node | None
        ready = -1  # where the keys of the open mapping stand; -1 while something else must come
        while at < size:
            line = line_at(text, at)
            assert line is not None
            start, behind = line.span(_DASHES)
            name, words = line.group(_KEYED, _PLAIN_VALUE)
            if name is not None:
                key = PlainNode(name, behind)
            else:
                key = _quoted_key(line)
                if key is None and behind == start:
                    self._at = at
                    plain = self._bare_line(start, plain)
                    at, ready = self._at, -1
                    continue
            if behind != start or behind - at != ready:
                column = start - at
                if column > self._indent and self._waiting is None:
                    self._go_on(plain)
                    at, plain = self._at, None
                    continue
                self._find_place(start, column, dashed=behind > start)
                if behind > start:
                    self._open_items(at, start, behind, keyed=key is not None)
                children = self._top._children  # noqa: SLF001 - built here
                ready = self._indent if key is not None else -1
            rest = line.end()
            if rest - at > _LONGEST_KEY and key is not None and key.end - key.start > _LONGEST_KEY:
                raise UnusualError
            if words is not None:
                plain = value = PlainNode(words, rest - len(words))
                at = rest + 1
            elif line.lastindex == _SINGLE_VALUE:
                value = Node("scalar", "str", line[_SINGLE_VALUE], line.start(_SINGLE_VALUE) - 1, rest, "single")
                at, plain = rest + 1, None
            else:
                empty = key.end + 1 if key is not None else text.rindex("-", start, behind) + 1
                value = self._value(key, empty, rest)
                at, plain = self._at, None
                if value is None:
                    ready = -1
                    continue
            children.append(value if key is None else (key, value))
        self._at = at
        return self._finish()

    def _entries(self) -> Entries | None:
        """Return the mapping that is waited for, where it holds nothing but entries."""
        found = entries(self._text, self._at, self._size, self._indent)
        if found is not None:
            self._waiting, self._at = None, found.line_end
        return found

    def _bare_line(self, start: int, plain: Node | None) -> Node | None:
        """Read a line without item and key; return the plain scalar that may go on behind it."""
        text, at = self._text, self._at
        if text[start] == "\n" and start == at:
            self._at = at + 1
            return plain
        if text[start] == "#":
            self._at = text.index("\n", start) + 1
            return None
        if text.startswith(("? ", ": "), start):
            return self._complex(start)
        waiting = self._waiting
        if start - at <= self._indent or not self._outer or (waiting is not None and waiting.start is not None):
            raise UnusualError
        if waiting is None:
            self._go_on(plain)
            return None
        value = self._value(waiting.key, waiting.at, start)
        if value is None:
            raise UnusualError
        self._put(waiting, value)
        return value if value.style == "plain" and value.start == start else None

    def _complex(self, start: int) -> Node | None:
        """Read a line with a key of its own, `? key`, or with the value of the last such key, `: value` or `: - item`.

        Return the plain scalar that may go on behind it.
        """
        text, at = self._text, self._at
        self._find_place(start, start - at, dashed=False)
        mapping = self._top
        behind = _after_blanks(text, start + 1)
        if text[start] == "?":
            if text[behind] == "\n":
                raise UnusualError
            node = self._value(_COMPLEX, behind, behind)
            if node is not None:
                self._keys.append((node, mapping, len(mapping)))
            return None
        if not self._keys or self._keys[-1][1:] != (mapping, len(mapping)):
            raise UnusualError
        key: Node | None = self._keys.pop()[0]
        empty = start + 1
        if text.startswith("- ", behind):
            self._open("sequence", behind, behind - at, _Waiting(key, behind))
            key, empty, behind = None, behind + 1, _after_blanks(text, behind + 1)
        node = self._value(key, empty, behind)
        if node is not None:
            self._top._children.append(node if key is None else (key, node))  # noqa: SLF001 - built here
        return node if node is not None and node.style == "plain" else None

    def _find_place(self, start: int, column: int, *, dashed: bool) -> None:
        """Close what ends before a line, and open what begins with it, so that it is an item of `_top`."""
        waiting = self._waiting
        if waiting is not None:
            if column > self._indent or (column == self._indent and dashed and self._top.kind == "mapping"):
                self._open("sequence" if dashed else "mapping", start, column, waiting)
                return
            self._give_value(waiting)
        while column < self._indent or (column == self._indent and not dashed and self._top.kind == "sequence"):
            self._close(start)
        if column != self._indent or dashed is (self._top.kind == "mapping"):
            raise UnusualError

    def _open_items(self, at: int, start: int, behind: int, *, keyed: bool) -> None:
        """Open the sequences of all dashes but the first, and the mapping of the key behind them."""
        dash = start
        while (dash := self._text.find("-", dash + 1, behind)) >= 0:
            self._open_item(Node("sequence", "seq", "", dash, -1, "block", []), dash - at)
        if keyed:
            self._open_item(Node("mapping", "map", "", behind, -1, "block", []), behind - at)

    def _open_item(self, node: Node, column: int) -> None:
        """Open a collection as an item of the sequence that is open."""
        self._top._children.append(node)  # noqa: SLF001 - built here
        self._enter(node, column)

    def _open(self, kind: Kind, start: int, column: int, waiting: _Waiting) -> None:
        """Open a collection as the value that is waited for."""
        tag = waiting.tag or ("seq" if kind == "sequence" else "map")
        node = Node(kind, tag, "", start if waiting.start is None else waiting.start, -1, "block", [])
        self._put(waiting, node)
        self._enter(node, column)

    def _enter(self, node: Node, column: int) -> None:
        self._outer.append((self._indent, self._top))
        if len(self._outer) > self._most_levels:
            raise UnusualError
        self._indent, self._top = column, node

    def _put(self, waiting: _Waiting, value: Node) -> None:
        """Give what is waited for its value."""
        if waiting.anchor is not None:
            self._anchor(waiting.anchor, value)
        if waiting.key is _COMPLEX:
            self._keys.append((value, self._top, len(self._top)))
        else:
            self._top._children.append(value if waiting.key is None else (waiting.key, value))  # noqa: SLF001
        self._waiting = None

    def _anchor(self, name: str, node: Node) -> None:
        if name in self._anchors:
            raise UnusualError
        self._anchors[name] = node

    def _give_value(self, waiting: _Waiting) -> None:
        """Let a value that did not come be empty."""
        if waiting.start is not None:
            raise UnusualError
        self._put(waiting, Node("scalar", "null", "", waiting.at, waiting.at, "plain"))

    def _close(self, end: int) -> None:
        self._top.end = end
        self._indent, self._top = self._outer.pop()

    def _finish(self) -> Node:
        if self._waiting is not None:
            self._give_value(self._waiting)
        if self._keys:
            raise UnusualError
        while self._outer:
            self._close(self._end)
        root: Node = self._top._children[0]  # noqa: SLF001 - built here
        if root.kind == "scalar":
            raise UnusualError
        return root

    def _go_on(self, node: Node | None) -> None:
        """Add lines to a plain scalar: one line break is a space, more are one less (YAML 7.3.3)."""
        if node is None:
            raise UnusualError
        text, at = self._text, node.end
        pieces = [node.value]
        while (more := _MORE_PLAIN.match(text, at)) is not None and len(more[2]) > self._indent:
            piece = more[3].rstrip(" ")
            if ": " in piece or " #" in piece or piece.endswith(":"):
                raise UnusualError
            pieces += ("\n" * (len(more[1]) - 1) or " ", piece)
            node.end = more.start(3) + len(piece)
            at = more.end()
        if len(pieces) == 1:
            raise UnusualError
        node.value = "".join(pieces)
        self._at = at + 1

    def _value(self, key: Node | None, empty: int, at: int) -> Node | None:
        """Return the value that begins at `at`; None where it is in the next lines, or `empty` is its place."""
        text, start = self._text, at
        if text[at] == "\n":
            self._waiting, self._at = _Waiting(key, empty), at + 1
            return self._entries() if key is not None and key.value == "headers" else None
        tag = anchor = None
        if text[at] in "!&":
            found = _PROPERTIES.match(text, at)
            assert found is not None
            at = found.end()
            if at == start or (found[1] and found[3]):
                raise UnusualError
            anchor, tag = found[1] or found[3], found[2]
            if tag is not None:
                tag = tag.removeprefix("!!")
        if text[at] == "\n":
            if tag == "!":
                raise UnusualError
            self._waiting, self._at = _Waiting(key, empty, tag, anchor, start), at + 1
            return None
        if text[at] == "|":
            text_of, self._at = literal(text, at, self._indent)
            node = Node("scalar", tag or "str", text_of, start, self._at, "literal")
        else:
            node, end = self._alias(at) if text[at] == "*" and at == start else self._on_line(start, at, tag)
            if text[end] != "\n":
                blanks = _BLANKS.match(text, end)
                if blanks is None:
                    raise UnusualError
                end = blanks.end()
            self._at = end + 1
        if tag == "!":  # as Psych once wrote it before quotes: to ruamel.yaml, the text tells all the same
            if node.kind != "scalar" or node.style == "literal":
                raise UnusualError
            del node.tag
        if anchor is not None:
            self._anchor(anchor, node)
        return node

    def _alias(self, at: int) -> tuple[Node, int]:
        found = _ALIAS.match(self._text, at)
        node = None if found is None else self._anchors.get(found[1])
        if found is None or node is None or node.end < 0:  # an alias inside its own anchor
            raise UnusualError
        return node, found.end()

    def _on_line(self, start: int, at: int, tag: str | None) -> tuple[Node, int]:
        """Return a scalar or a flow collection, and where it ends."""
        text = self._text
        first = text[at]
        if first == '"':
            value, end = double(text, at)
            return Node("scalar", tag or "str", value, start, end, "double"), end
        if first == "'":
            value, end = single(text, at)
            return Node("scalar", tag or "str", value, start, end, "single"), end
        if first in "{[":
            return flow(text, start, at, tag, self._most_levels - len(self._outer))
        found = _PLAIN_AND_BLANKS.match(text, at)
        if found is None:
            raise UnusualError
        return Node("scalar", tag, found[1], start, found.end(1), "plain"), found.end(1)


def _after_blanks(text: str, at: int) -> int:
    while text[at] == " ":
        at += 1
    return at


def _quoted_key(line: re.Match[str]) -> Node | None:
    name = line[_QUOTED_KEY]
    if name is None:
        return None
    start, end = line.span(_QUOTED_KEY)
    return Node("scalar", "str", name[1:-1], start, end, "double" if name[0] == '"' else "single")
