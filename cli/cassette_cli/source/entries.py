"""Mappings of names to texts and lists of texts, as the headers of a recording are.

They are most of a cassette's lines. One regular expression sees that such a mapping is sound, and it is
taken apart only when somebody asks for its items.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from cassette_cli.source.block_scalars import FIRST, PLAIN
from cassette_cli.source.nodes import Node

_NAME = rf"(?:{FIRST}[^ \t\n:#]{{0,99}}+|\"[^\"\\\n]{{0,99}}+\"|'[^'\n]{{0,99}}+')"
_TEXT = rf"(?:{PLAIN}|'[^'\n]*+'|\"[^\"\\\n]*+\")"
_INDENTATION = re.compile(r" *+(?=[^ \n#])")
_ITEM = re.compile(rf"- ++({_TEXT})")


class Entries(Node):
    """A mapping of names to texts and lists of texts, as headers are: known to be sound, and taken apart when asked."""

    __slots__ = ("_column", "_text", "line_end")

    def __init__(self, text: str, start: int, end: int, column: int, line_end: int) -> None:
        super().__init__("mapping", "map", "", start, end, "block")
        del self._children
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
        self._children = list(self._entries())
        return self._children

    def _entries(self) -> Iterator[tuple[Node, Node]]:
        text, column, end = self._text, self._column, self.end
        entry_at = _entry(column).match
        at = self.start - column
        while (entry := entry_at(text, at)) is not None:
            name, value, _, first, more = entry.groups()
            at = entry.end()
            key = _of_text(name, entry.start(1))
            if value is not None:
                yield key, _of_text(value, entry.start(2))
            else:
                items = [_of_text(first, entry.start(4))]
                if more:
                    items += (_of_text(one[1], one.start(1)) for one in _ITEM.finditer(text, *entry.span(5)))
                yield key, Node("sequence", "seq", "", entry.end(3), min(at + column, end), "block", items)


def entries(text: str, at: int, size: int, indent: int) -> Entries | None:
    """Return the mapping whose first line begins at `at`, None where it is another one, or none.

    It must be indented more than `indent`, and hold nothing but entries. `size` is where the document ends;
    `line_end` of the result, where the line behind the mapping begins.
    """
    indentation = _INDENTATION.match(text, at)
    if indentation is None or indentation.end() - at <= indent:
        return None
    start = indentation.end()
    found = _all_entries(start - at).match(text, at)
    if found is None or found.end() > size:
        return None
    below = _INDENTATION.match(text, found.end())
    return Entries(text, start, found.end() if below is None else below.end(), start - at, found.end())


def _an_entry(column: int, group: str, dash: int) -> str:
    """Return the pattern of a name at a column with a text, or with a list of texts below it, and no more.

    `group` opens each group, and number `dash` is that of the list's indentation. The next line is no
    part of the entry: it is the next one, or is indented less.
    """
    return (
        rf" {{{column}}}{group}{_NAME}):"
        rf"(?: ++{group}{_TEXT})|\n( {{{column},}})- ++{group}{_TEXT}){group}(?:\n\{dash}- ++{_TEXT})*+))\n"
        rf"(?= {{0,{column - 1}}}[^ \n#]| {{{column}}}[^ \n#\-]|\Z)"
    )


@cache
def _entry(column: int) -> re.Pattern[str]:
    return re.compile(_an_entry(column, "(", 3))


@cache
def _all_entries(column: int) -> re.Pattern[str]:
    """Return what matches a mapping of entries as a whole."""
    return re.compile(rf"(?:{_an_entry(column, '(?:', 1)})++(?= {{0,{column - 1}}}[^ \n#]|\Z)")


def _of_text(text: str, start: int) -> Node:
    """Return the node of a text on one line, with or without quotes."""
    end = start + len(text)
    if text[0] == '"':
        return Node("scalar", "str", text[1:-1], start, end, "double")
    if text[0] == "'":
        return Node("scalar", "str", text[1:-1], start, end, "single")
    return Node("scalar", None, text, start, end, "plain")
