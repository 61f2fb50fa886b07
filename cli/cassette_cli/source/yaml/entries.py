"""Mappings of names to texts and lists of texts, as the headers of a recording are.

They are most of a cassette's lines. One regular expression sees that such a mapping is sound, and it is
taken apart only when somebody asks for its items.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node, PlainNode
from cassette_cli.source.yaml.block_scalars import FIRST, MORE_PLAIN, PLAIN

_NAME = rf"(?:{FIRST}[^ \t\n:#]{{0,99}}+|\"[^\"\\\n]{{0,99}}+\"|'[^'\n]{{0,99}}+')"
_INDENTATION = pattern(r" *+(?=[^ \n#])")
_ENTRY = pattern(
    rf"( *+)({_NAME}):(?: ++([^\n]++(?>(?:\n\1 [^\n]*+)*))"
    r"|\n( *+)- ++([^\n]++(?>(?:\n\4 [^\n]*+)*))((?>(?:\n\4-[^\n]*+(?>(?:\n\4 [^\n]*+)*))*)))\n"
)
"""An entry of a mapping that is known to be sound: indentation, name, text; or a list's indentation, first, others."""
_ITEM = pattern(r"\n *+- ++([^\n]++(?>(?:\n *+[^ \-][^\n]*+)*))")
_FOLD = pattern(r"\n *+")


class Entries(Node):
    """A mapping of names to texts and lists of texts, as headers are: known to be sound, and taken apart when asked."""

    __slots__ = ("_apart", "_column", "_text", "line_end")

    def __init__(self, text: str, start: int, end: int, column: int, line_end: int) -> None:
        super().__init__("mapping", "map", "", start, end, "block")
        del self._children
        self._apart: list[tuple[Node, Node]] | None = None
        self._text = text
        self._column = column
        self.line_end = line_end

    @property
    def flat(self) -> str | None:
        """The lines, from the first one's indentation on: nothing in them is named elsewhere, nor names a thing."""
        return self._text[self.start - self._column : self.line_end]

    def __getattr__(self, name: str) -> Any:
        """Take the mapping apart when its items are first asked for."""
        if name != "_children":
            return super().__getattr__(name)
        self._children = self._apart = list(self._entries())
        return self._children

    def named(self, name: str) -> Iterator[tuple[Node, Node]]:
        """Yield the pairs that have a key, be its letters of either case; `name` has them in lower case."""
        pairs = map(self._pair, self._places(name)) if self._apart is None else self._apart
        return (pair for pair in pairs if pair[0].value.lower() == name)

    def text_of(self, name: str) -> str | None:
        """Return the first text under a key, be its letters of either case; "" for a null, None where there is none.

        `name` has them in lower case.
        """
        for _, value in self.named(name):
            text = value if value.kind == "scalar" else value.items[0]
            return "" if text.is_null else text.value
        return None

    def _places(self, name: str) -> Iterator[re.Match[str]]:
        """Yield the entries that may have a name."""
        begin = self.start - self._column
        lines = self._text[begin : self.line_end].lower()
        if not lines.isascii():  # lower case may be longer
            yield from self._matches()
            return
        at = lines.find(name)
        while at >= 0:
            start = lines.rfind("\n", 0, at) + 1
            column = at - start - self._column
            if column == 0 or (column == 1 and lines[at - 1] in "\"'"):
                yield self._entry(begin + start)
            at = lines.find(name, at + 1)

    def has(self, *keys: str) -> bool:
        """Say whether the mapping has all of these keys, without taking it apart."""
        return all(any(key.value == name for key, _ in self.named(name.lower())) for name in keys)

    @property
    def goes_on(self) -> bool:
        """Whether a text of it goes on in a second line."""
        return _goes_on(self._column).search(self._text, self.start, self.line_end) is not None

    def search(self, wanted: re.Pattern[str]) -> bool:
        """Say whether there is something in the lines."""
        return wanted.search(self._text, self.start, self.line_end) is not None

    def pairs_where(self, wanted: Callable[[int, int], bool]) -> list[tuple[Node, Node]]:
        """Return the pairs whose text is wanted, from one offset to another; all, where they are there already."""
        if self._apart is not None:
            return self._apart
        return [self._pair(entry) for entry in self._matches() if wanted(entry.start(), entry.end())]

    def _entries(self) -> Iterator[tuple[Node, Node]]:
        return map(self._pair, self._matches())

    def _matches(self) -> Iterator[re.Match[str]]:
        at = self.start - self._column
        while at < self.line_end:
            entry = self._entry(at)
            yield entry
            at = entry.end()

    def _entry(self, at: int) -> re.Match[str]:
        entry = _ENTRY.match(self._text, at)
        assert entry is not None
        return entry

    def _pair(self, entry: re.Match[str]) -> tuple[Node, Node]:
        _, name, value, _, first, more = entry.groups()
        key = _of_text(name, entry.start(2))
        if value is not None:
            return key, _of_text(value, entry.start(3))
        items = [_of_text(first, entry.start(5))]
        if more:
            items += (_of_text(one[1], one.start(1)) for one in _ITEM.finditer(self._text, *entry.span(6)))
        end = min(entry.end() + self._column, self.end)
        return key, Node("sequence", "seq", "", entry.end(4), end, "block", items)


def entries(text: str, at: int, size: int, indent: int) -> Entries | None:
    """Return the mapping whose first line begins at `at`, None where it is another one, or none.

    It must be indented more than `indent`, and hold nothing but entries. `size` is where the document ends;
    `line_end` of the result, where the line behind the mapping begins.
    """
    indentation = _INDENTATION.match(text, at)
    if indentation is None or indentation.end() - at <= indent:
        return None
    start = indentation.end()
    found = _all_entries().match(text, at)
    if found is None or found.end() > size:
        return None
    below = _INDENTATION.match(text, found.end())
    return Entries(text, start, found.end() if below is None else below.end(), start - at, found.end())


@cache
def _goes_on(column: int) -> re.Pattern[str]:
    """Return what a line matches that is indented more than a mapping, and begins no item of a list."""
    return re.compile(rf"\n {{{column + 1},}}+[^ \-]")


@cache
def _all_entries() -> re.Pattern[str]:
    """Return what matches a mapping of entries as a whole; group 1 is its indentation, 2 that of a list.

    A name has a text, or a list of texts below it, and no more: the next line is the next entry, or is
    indented less.
    """
    less = r"(?!\1) *+[^ \n#]|\Z"
    text, item = _text(r"\1"), _text(r"\2")
    value = rf"(?: ++{text}|(?=\n(\1 *+)-)(?>(?:\n\2- ++{item})+))"
    return re.compile(rf"(?=( *+))(?>(?:\1{_NAME}:{value}\n(?=\1[^ \n#\-]|{less}))+)(?={less})")


def _text(indentation: str) -> str:
    """Return the pattern of a text, of which a plain one may go on in lines that are indented more."""
    quoted = r"'[^'\n]*+'|\"[^\"\\\n]*+\""
    return rf"(?:{PLAIN}(?>(?:\n{indentation} ++(?!-){MORE_PLAIN})*)|{quoted})"


def _of_text(text: str, start: int) -> Node:
    """Return the node of a text on one line, with or without quotes."""
    end = start + len(text)
    if text[0] == '"':
        return Node("scalar", "str", text[1:-1], start, end, "double")
    if text[0] == "'":
        return Node("scalar", "str", text[1:-1], start, end, "single")
    if "\n" in text:
        return Node("scalar", None, _FOLD.sub(" ", text), start, end, "plain")
    return PlainNode(text, start)
