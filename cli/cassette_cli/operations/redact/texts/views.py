"""Two-way views: a text inside a text, and the way back for what is to change in it.

JSON strings by RFC 8259, percent-encoding by RFC 3986 and the forms of WHATWG URL, character
references by HTML, base64 by RFC 4648 with gzip or zlib inside. All but base64 keep every character
that is not replaced as it was written; base64 is encoded anew as a whole.
"""

import base64
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from cassette_cli.operations.redact.texts.packing import BREAK, bytes_of, opens_packed
from cassette_cli.operations.redact.texts.text import Replacement, Span, enclosing, merged, replaced
from cassette_cli.source.compression import CompressionError, compress, decompress
from cassette_cli.source.later import pattern


class Mapped(NamedTuple):
    """A text whose pieces stand for pieces of the text around it.

    Piece `i` begins at `at[i]` here and at `outer[i]` there; both lists end with the ends. A piece that
    is as long here as there is copied, any other stands as one. `write` puts new text in its writing.
    """

    text: str
    at: list[int]
    outer: list[int]
    write: Callable[[str], str]

    @property
    def span(self) -> Span:
        """Where the text stands in the text around it."""
        return self.outer[0], self.outer[-1]

    def lift(self, found: Sequence[Replacement]) -> list[Replacement]:
        """Return replacements in this text as replacements in the text around it."""
        return [
            Replacement(
                self._place(one.start, last=False),
                self._place(one.end, last=True),
                self.write(one.new),
                one.masked,
                one.secrets,
                one.whole,
            )
            for one in found
        ]

    def inner(self, offset: int) -> int:
        """Return where an offset of the text around it, that cuts no escape, is in this text."""
        piece = min(bisect_right(self.outer, offset) - 1, len(self.at) - 1)
        return self.at[piece] + offset - self.outer[piece]

    def cuts(self, offset: int) -> bool:
        """Say whether an offset of the text around it lies inside an escape."""
        piece = bisect_right(self.outer, offset) - 1
        if not 0 <= piece < len(self.outer) - 1 or self.outer[piece] == offset:
            return False
        return self.outer[piece + 1] - self.outer[piece] != self.at[piece + 1] - self.at[piece]

    def _place(self, offset: int, *, last: bool) -> int:
        piece = bisect_right(self.at, offset) - 1
        if piece >= len(self.at) - 1:
            return self.outer[-1]
        inside = offset - self.at[piece]
        width, outer = self.at[piece + 1] - self.at[piece], self.outer[piece + 1] - self.outer[piece]
        if inside == 0 or width == outer:
            return self.outer[piece] + inside
        return self.outer[piece + 1] if last else self.outer[piece]


def mapped(
    source: str,
    start: int,
    end: int,
    pattern: re.Pattern[str],
    value: Callable[[str], str],
    write: Callable[[str], str],
) -> Mapped:
    """Read `source[start:end]`, in which each match of the pattern stands for what `value` makes of it."""
    texts: list[str] = []
    at, outer = [0], [start]
    size, done = 0, start
    for match in pattern.finditer(source, start, end):
        if match.start() > done:
            texts.append(source[done : match.start()])
            size += match.start() - done
            at.append(size)
            outer.append(match.start())
        piece = value(match.group())
        texts.append(piece)
        size += len(piece)
        at.append(size)
        done = match.end()
        outer.append(done)
    if done < end:
        texts.append(source[done:end])
        size += end - done
        at.append(size)
        outer.append(end)
    return Mapped("".join(texts), at, outer, write)


_ESCAPE = pattern(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[^u]|\\")
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
STRING = pattern(r'(?<!\\)"((?:[^"\\\n\r]|\\[^\n\r])*)"')
"""A JSON string; its inside is the group."""


def _unescape(text: str) -> str:
    if len(text) == 12:
        high, low = int(text[2:6], 16), int(text[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    if len(text) == 6:
        return chr(int(text[2:], 16))  # noqa: FURB166 - the text is `\\uXXXX`, never `0x`
    return _SHORT.get(text[1:], text[1:])


def _escape(text: str) -> str:
    return json.dumps(text)[1:-1]


def json_string(source: str, start: int, end: int) -> Mapped:
    """View the inside of a JSON string; one without escapes is itself."""
    return mapped(source, start, end, _ESCAPE, _unescape, _escape)


_PERCENT = pattern(r"%[0-9A-Fa-f]{2}")
_PERCENT_OR_PLUS = pattern(r"%[0-9A-Fa-f]{2}|\+")


def percent(source: str, start: int, end: int, *, form: bool = False) -> Mapped:
    """View percent-encoded text: byte for byte as Latin-1, for what is looked for is ASCII.

    In a form and a query a plus sign is a blank.
    """
    pattern = _PERCENT_OR_PLUS if form else _PERCENT
    return mapped(source, start, end, pattern, _unpercent, lambda text: quote(text, safe=""))


def _unpercent(text: str) -> str:
    return " " if text == "+" else chr(int(text[1:], 16))


_REFERENCE = pattern(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")


def markup(source: str, start: int, end: int) -> Mapped:
    """View text of XML or HTML with its character references read."""
    import html

    return mapped(source, start, end, _REFERENCE, html.unescape, html.escape)


RUN = pattern(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}")
LINES = pattern(r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{60,76}\r?\n[ \t]*)+[A-Za-z0-9+/]{1,76}={0,2}")


class Packed(NamedTuple):
    """A text in base64 at a span of the text around it; `codec` is what was taken off inside, if anything."""

    text: str
    span: Span
    source: str
    codec: str | None = None

    def lift(self, found: Sequence[Replacement]) -> list[Replacement]:
        """Return one replacement that encodes the whole text anew."""
        found = merged(found)
        if not found:
            return []
        new, masked = (self.write(replaced(self.text, found, masked=masked)) for masked in (False, True))
        return [enclosing(found, self.span, new, masked)]

    def cuts(self, offset: int) -> bool:
        """Say whether an offset lies inside of what is encoded as a whole."""
        return self.span[0] < offset < self.span[1]

    def write(self, text: str) -> str:
        """Return a text in this base64's writing: alphabet, padding, line breaks, compression."""
        data = text.encode("utf-8", "surrogatepass")
        if self.codec is not None:
            data = compress(self.codec, data)  # type: ignore[arg-type]
        urlsafe = "-" in self.source or "_" in self.source
        made = (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(data).decode("ascii")
        bare = self.source.rstrip("=")
        if bare == self.source and len(BREAK.sub("", bare)) % 4:
            made = made.rstrip("=")
        breaks = BREAK.search(self.source)
        if breaks is None:
            return made
        width = breaks.start()
        return breaks.group().join(made[at : at + width] for at in range(0, len(made), width))


View = Mapped | Packed
"""A text, and the way back to the text around it, in which it stands at `span`."""


def packed(source: str, span: Span) -> Packed | None:
    """View base64 as the text it holds, plain or compressed; None where it holds none.

    Raises `CompressionError` for gzip that cannot be unpacked, or not be put back.
    """
    text = source[span[0] : span[1]]
    found = unpack(text)
    return None if found is None else Packed(found[0], span, text, found[1])


def unpack(text: str) -> tuple[str, str | None] | None:
    """Return the text inside base64 and the codec around it, None where it is no base64 of text."""
    if not opens_packed(text):
        return None
    data = bytes_of(text)
    if data is None:
        return None
    codec = None
    if data.startswith(b"\x1f\x8b\x08"):
        codec = "gzip"
    elif data[:1] == b"x" and data[1:2] in b"\x01\x5e\x9c\xda":
        codec = "deflate"
    if codec is not None:
        try:
            result = decompress(codec, data)  # type: ignore[arg-type]
        except CompressionError:
            if codec == "gzip":
                raise
            codec = None
        else:
            if result.cut or result.trailing:
                raise CompressionError("it is cut, or more stands behind its end")
            data = result.data
    if not _readable(data):
        return None
    return data.decode("utf-8"), codec


_NOT_PRINTED = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1b\b") + b"\x7f"


def _readable(data: bytes) -> bool:
    if not data or len(data.translate(None, _NOT_PRINTED)) != len(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def base64_runs(text: str, failed: Callable[[str], object]) -> Iterator[Packed]:
    """Yield what stands in base64 in a text, in one line or in many; why one cannot be unpacked goes to `failed`."""

    def view(span: Span) -> Packed | None:
        try:
            return packed(text, span)
        except CompressionError as error:
            failed(f"gzip in base64: {error.message}")
            return None

    covered: list[Span] = []
    if "\n" in text:
        for lines in LINES.finditer(text):
            if (found := view(lines.span())) is not None:
                covered.append(lines.span())
                yield found
    at = 0
    for run in RUN.finditer(text):
        while at < len(covered) and covered[at][1] <= run.start():
            at += 1
        if at < len(covered) and covered[at][0] <= run.start():
            continue
        whole = view(run.span())
        if whole is not None:
            yield whole
        elif "/" in run.group():  # a path, one of whose segments is base64
            for segment in _SEGMENT.finditer(text, *run.span()):
                if (found := view(segment.span())) is not None:
                    yield found


_SEGMENT = pattern(r"[A-Za-z0-9+_=-]{20,}")
