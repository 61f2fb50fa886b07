"""The tree of a large file, whose interactions are read one at a time, when they are asked for.

Nodes take many times the size of their text, and one emoji makes a text four times as large. Who looks at
each interaction once needs neither: the text stays the bytes of the file, a character each, and an item of
its list is read when somebody comes to it and dropped when he comes to the next. All are read once before,
so that what comes later is known to be sound. That takes time; it pays for large files alone.

What is read here is what `block_yaml` reads, but that spans count bytes. All else is left to be read as a
whole: several documents, anchors inside the list, lists that are not below a key of the root.
"""

import re
from array import array
from codecs import iterdecode
from typing import NamedTuple

from cassette_cli.source import characters
from cassette_cli.source.nodes import Node, walk
from cassette_cli.source.one_by_one import OneByOne
from cassette_cli.source.yaml import blocks as block_yaml
from cassette_cli.source.yaml.block_scalars import UnusualError, double
from cassette_cli.source.yaml.blocks import Part
from cassette_cli.source.yaml.entries import Entries

_CHUNK = 1 << 20
_HEAD = 1 << 16
"""How far into the file its list may begin."""
_LIST = re.compile(r"^[\w-]+:\n(?=( *)-[ \n])", re.ASCII | re.MULTILINE)
_CONTENT = re.compile(r" *+(?=[^ \n])")
_NOT_ASCII = re.compile(r"[^\0-\x7f]")


def compose(text: str, most_levels: int) -> Node | None:
    """Return the root of ordinary bytes as text, a character each; None where it must be read as a whole."""
    found = _LIST.search(text, 0, _HEAD)
    try:
        return None if found is None else _root(text, found, most_levels)
    except UnusualError:
        return None


def is_ordinary(raw: bytes) -> bool:
    """Say whether bytes end with a line, are UTF-8 and have ordinary characters, a chunk at a time."""
    chunks = (raw[at : at + _CHUNK] for at in range(0, len(raw), _CHUNK))
    try:
        return raw.endswith(b"\n") and all(map(characters.is_ordinary, iterdecode(chunks, "utf-8")))
    except UnicodeDecodeError:
        return False


def _root(text: str, found: re.Match[str], most_levels: int) -> Node:
    """Read what stands around the list as if that were empty, and put the list in its place."""
    start, column = found.end(), len(found[1])
    starts = _starts(text, start, column)
    rest = starts[-1]
    content = _CONTENT.match(text, rest)
    listed = _List(text, starts, column, rest if content is None else content.end(), most_levels - 1)
    count = len(starts) - 1
    for index in range(count):
        listed.item(index)
    around = text[:start] + text[rest:]
    root = block_yaml.read(around, most_levels)
    for node in walk(root):
        _decode(node, around)
        if node.start >= start:
            if isinstance(node, Entries):  # is still to be taken apart, and by its place in this text
                raise UnusualError
            node.start += rest - start
        if node.end >= start:
            node.end += rest - start
    for index, (key, value) in enumerate(root.pairs):
        if key.start == found.start() and value.is_null:
            items = Items(count, listed)
            root.pairs[index] = key, Node("sequence", "seq", "", start + column, listed.end, "block", items)
            return root
    raise UnusualError


def _starts(text: str, start: int, column: int) -> "array[int]":
    """Return where the line of each item begins, and behind them where the line after the list does."""
    rest = rf" {{{column}}}[^ \n#\-]" + (rf"| {{0,{column - 1}}}[^ \n#]" if column else "")
    starts = array("Q")
    for line in re.compile(rf"\n(?: {{{column}}}(-)(?=[ \n])|(?={rest}))").finditer(text, start - 1):
        starts.append(line.start() + 1)
        if line[1] is None:
            return starts
    starts.append(len(text))
    return starts


class _List(NamedTuple):
    """A block sequence in the text: where the line of each item begins, and behind them where the one after it does.

    `end` is where the list ends: at what stands in the line after it.
    """

    text: str
    starts: "array[int]"
    column: int
    end: int
    most_levels: int

    def item(self, index: int) -> Node:
        """Read an item; raises `UnusualError`."""
        at, after = self.starts[index : index + 2]
        end = after + self.column if index < len(self.starts) - 2 else self.end
        root = block_yaml.read_part(self.text, self.most_levels, Part(at, after, end))
        if len(root.items) != 1:
            raise UnusualError
        return root.items[0]

    def decoded(self, index: int) -> Node:
        """Read an item, and its values as the characters that they are."""
        item = self.item(index)
        if _NOT_ASCII.search(self.text, *self.starts[index : index + 2]):
            for node in walk(item):
                _decode(node, self.text)
        return item


class Items(OneByOne[Node]):
    """The items of the list; `starts` is where the line of each begins, and behind them where the list ends.

    Their dashes stand in the column `column`, from 0.
    """

    def __init__(self, size: int, listed: _List) -> None:
        super().__init__(size, listed.decoded)
        self.starts = listed.starts
        self.column = listed.column


def _decode(node: Node, text: str) -> None:
    """Give a node that was read from bytes the characters that they stand for."""
    if node.value.isascii():
        return
    if node.style == "double":  # an escape may stand for a character that looks like a byte
        source = _utf8(text[node.start : node.end])
        node.value, _ = double(source + "\n", source.index('"'))
        return
    raw = node.value.encode("latin-1")
    node.value = ""  # a large one is not held twice
    node.value = raw.decode()


def _utf8(text: str) -> str:
    return text.encode("latin-1").decode()
