"""Source maps: which characters of the text stand for which characters of a scalar's value.

Written from YAML 1.2.2 chapter 7 and 8.1 and from libyaml's scanner (`yaml_parser_scan_*_scalar`),
whose reading is the one that recorders share; JSON strings by RFC 8259. A map is only trusted where
it gives back the very value that the parser read.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node

_BREAKS = "\n\r\x85\u2028\u2029"
_BREAK = pattern("\r\n|[\n\r\x85\u2028\u2029]")
_PREFIX = pattern(
    r"(?:!<[^>\s]*>|[!&][^ \t\n\r\x85\u2028\u2029]*)"
    r"(?:(?:[ \t\n\r\x85\u2028\u2029]+(?:#[^\n\r\x85\u2028\u2029]*)?)+|\Z)"
)
BLOCK_HEADER = pattern(
    r"([|>])([-+]?[1-9]?[-+]?)([ \t]*(?:#[^\n\r\x85\u2028\u2029]*)?)(\r\n|[\n\r\x85\u2028\u2029]|\Z)"
)
"""A block scalar's first line: style, indicators, comment, line break."""
_SIMPLE_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_FOLD = r"(?:\r\n|[\n\r\x85\u2028\u2029])(?:[ \t]*(?:\r\n|[\n\r\x85\u2028\u2029]))*[ \t]*"
_PLAIN = pattern(rf"(?P<run>[^\n\r\x85\u2028\u2029]+)|(?P<fold>{_FOLD})")
_SINGLE = pattern(rf"(?P<run>[^'\n\r\x85\u2028\u2029]+)|(?P<quote>'')|(?P<fold>{_FOLD})")
_DOUBLE = pattern(
    r"(?P<run>[^\\\n\r\x85\u2028\u2029]+)|\\(?P<simple>[^xuU\n\r\x85\u2028\u2029])"
    r"|\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8}))"
    rf"|(?P<fold>\\?{_FOLD})"
)
_JSON = pattern(
    r"(?P<run>[^\\]+)|\\(?P<simple>[bfnrt\"\\/])"
    r"|\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})|\\u(?P<u>[0-9a-fA-F]{4})"
)
_MOST_TRIED = 100


@dataclass(slots=True)
class SourceMap:
    """The value of a scalar piece by piece, each with its place in the text.

    Piece `i` is `value[at[i]:at[i + 1]]` and stands at `text[source[i]:source_end[i]]`; `copied[i]`
    says that the two are the same characters. What stands between two pieces (folds, indentation)
    belongs to no character. `start` and `end` are the span of the scalar without tag and anchor.
    Of a block scalar, `indent` is what its lines begin with ("" where no line tells), and what
    stands between `kept_from` and `end` are blank lines that are no part of the value.
    """

    start: int
    end: int
    value: str
    indent: str = ""
    kept_from: int = -1
    at: "array[int]" = field(default_factory=lambda: array("Q", (0,)))
    source: "array[int]" = field(default_factory=lambda: array("Q"))
    source_end: "array[int]" = field(default_factory=lambda: array("Q"))
    copied: bytearray = field(default_factory=bytearray)
    _differs: bool = False

    def add(self, piece: str, start: int, end: int, *, copied: bool = False) -> None:
        """Append a piece, which must be what stands at its place in the value."""
        if piece:
            at = self.at[-1]
            self._differs = self._differs or not self.value.startswith(piece, at)
            self.at.append(at + len(piece))
            self.source.append(start)
            self.source_end.append(end)
            self.copied.append(copied)

    @property
    def is_sound(self) -> bool:
        """Whether the pieces make up the value."""
        return not self._differs and self.at[-1] == len(self.value)

    @property
    def texts(self) -> list[str]:
        """The pieces of the value."""
        return [self.value[start:end] for start, end in pairwise(self.at)]

    def locate(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the span in the text of `value[start:end]`, None where it splits an escape or a fold."""
        if not self.source:
            return None
        first = min(bisect_right(self.at, start) - 1, len(self.source) - 1)
        left = self._inside(first, start)
        if start == end:
            return None if left is None else (left, left)
        last = bisect_right(self.at, end - 1) - 1
        right = self._inside(last, end)
        if self.indent and not self.copied[last] and end == self.at[last + 1] and last + 1 < len(self.source):
            right = self.source[last + 1]  # with the line break goes the indentation behind it
        return None if left is None or right is None else (left, right)

    def _inside(self, piece: int, offset: int) -> int | None:
        if self.copied[piece]:
            return self.source[piece] + offset - self.at[piece]
        if offset == self.at[piece]:
            return self.source[piece]
        return self.source_end[piece] if offset == self.at[piece + 1] else None


def content_start(text: str, node: Node) -> int:
    """Return where a scalar begins after its tag and anchor."""
    at = node.start
    while at < node.end and text[at] in "!&":
        match = _PREFIX.match(text, at, node.end)
        if match is None:
            break
        at = match.end()
    return at


def source_map(text: str, node: Node, *, is_json: bool) -> SourceMap | None:
    """Map the scalar's value to the text; None where this module does not read it as the parser did."""
    start = content_start(text, node)
    made = SourceMap(start, node.end, node.value)
    if node.style == "plain":
        _map_flow(made, text, _PLAIN, (start, node.end))
    elif node.style in ("single", "double"):
        pattern = _SINGLE if node.style == "single" else _JSON if is_json else _DOUBLE
        _map_flow(made, text, pattern, (start + 1, node.end - 1))
    else:
        return _block_map(made, text, node)
    return made if made.is_sound else None


def _fold(made: SourceMap, source: str, start: int, end: int) -> None:
    """Add a fold in a quoted or plain scalar: one break is a space, n breaks are n - 1, an escaped one is none."""
    breaks = ["\n" if b in ("\n", "\r", "\r\n", "\x85") else b for b in _BREAK.findall(source)]
    if source.startswith("\\"):
        made.add("".join(breaks[1:]), start, end)
    elif breaks[0] != "\n":
        made.add("".join(breaks), start, end)
    else:
        made.add("".join(breaks[1:]) or " ", start, end)


def _run(made: SourceMap, text: str, start: int, end: int, limit: int) -> None:
    """Add ordinary characters; white space before a line break is no part of the value."""
    if end < limit and text[end] in _BREAKS:
        while end > start and text[end - 1] in " \t":
            end -= 1
    made.add(text[start:end], start, end, copied=True)


def _map_flow(made: SourceMap, text: str, pattern: re.Pattern[str], span: tuple[int, int]) -> None:
    """Follow the pieces of a plain or quoted scalar: runs of characters, escapes, folds."""
    at, limit = span
    for match in pattern.finditer(text, at, limit):
        start, end = match.span()
        kind = match.lastgroup or ""
        if start != at:
            return
        at = end
        if kind == "run":
            _run(made, text, start, end, limit)
        elif kind == "simple":
            made.add(_SIMPLE_ESCAPES.get(match[kind], ""), start, end)
        elif kind == "quote":
            made.add("'", start, end)
        elif kind == "fold":
            _fold(made, match.group(), start, end)
        elif kind == "low":
            pair = int(match["high"], 16) - 0xD800 << 10 | int(match["low"], 16) - 0xDC00
            made.add(chr(0x10000 + pair), start, end)
        else:
            made.add(chr(int(match[kind], 16)), start, end)


def _block_map(made: SourceMap, text: str, node: Node) -> SourceMap | None:
    header = BLOCK_HEADER.match(text, made.start, made.end)
    if header is None:
        return None
    for indent in _indents(text[header.end() : made.end], node.value, header[2]):
        trial = SourceMap(made.start, made.end, node.value)
        _map_block(trial, text, header, indent)
        if trial.is_sound:
            return trial
    return None


def _indents(block: str, value: str, indicators: str) -> Iterator[int]:
    """Yield how far the lines of a block scalar may be indented, the likeliest first; 0 where no line tells.

    An explicit indicator counts from the parent's indentation, which is not known here: then the
    first line that is not empty tells, by what the parser has left of it, or else trying does.
    """
    first = next((line for line in _lines(block) if line.strip(" ")), None) or max(_lines(block), key=len)
    spaces = len(first) - len(first.lstrip(" "))
    if not any(c.isdigit() for c in indicators):
        yield spaces
        return
    kept = next((line for line in _lines(value) if line.strip(" ")), "")
    likely = spaces - (len(kept) - len(kept.lstrip(" ")))
    yield likely
    yield from (indent for indent in range(1, min(max(map(len, _lines(block))), _MOST_TRIED) + 1) if indent != likely)


def _lines(text: str) -> Iterator[str]:
    at = 0
    for found in _BREAK.finditer(text):
        yield text[at : found.start()]
        at = found.end()
    yield text[at:]


def _map_block(made: SourceMap, text: str, header: re.Match[str], indent: int) -> None:
    """Follow libyaml's loop over the lines of a literal or folded scalar."""
    at, limit = header.end(), made.end
    literal, indicators = header[1] == "|", header[2]
    at, column, trailing = _blank_lines(text, at, limit, indent)
    leading: tuple[str, int, int] | None = None
    leading_blank = False
    made.kept_from = at if trailing else header.end()
    while at < limit and column == indent:
        made.indent = " " * indent
        blank = text[at] in " \t"
        if leading is not None:
            if literal or leading[0] != "\n" or leading_blank or blank:
                made.add(*leading)
            elif not trailing:
                made.add(" ", leading[1], leading[2])
        for piece in trailing:
            made.add(*piece)
        leading_blank = blank
        found = _BREAK.search(text, at, limit)
        stop = limit if found is None else found.start()
        made.add(text[at:stop], at, stop, copied=True)
        made.kept_from = limit if found is None else found.end()
        leading = None if found is None else (_line_break(found.group()), stop, found.end())
        at, column, trailing = _blank_lines(text, made.kept_from, limit, indent)
    if "-" not in indicators and leading is not None:
        made.add(*leading)
    if "+" in indicators:
        made.kept_from = limit
        for piece in trailing:
            made.add(*piece)


def _line_break(found: str) -> str:
    return found if found in "\u2028\u2029" else "\n"


def _blank_lines(text: str, at: int, limit: int, indent: int) -> tuple[int, int, list[tuple[str, int, int]]]:
    """Pass over blank lines and the next line's indentation.

    Returns where that ends, at which column, and the breaks.
    """
    breaks: list[tuple[str, int, int]] = []
    while True:
        column = 0
        while column < indent and at < limit and text[at] == " ":
            at += 1
            column += 1
        found = _BREAK.match(text, at, limit)
        if found is None:
            return at, column, breaks
        breaks.append((_line_break(found.group()), at, found.end()))
        at = found.end()
