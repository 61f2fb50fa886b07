"""Texts compared word by word."""

import re
from functools import lru_cache
from itertools import islice
from typing import Literal

from cassette_cli.operations.diff.sequence import equal_runs, gaps
from cassette_cli.operations.diff.values import sentences
from cassette_cli.source.later import pattern

Sign = Literal["=", "-", "+"]
Piece = tuple[Sign, str]

_WORDS = pattern(r"[^\W_]+|_+|\s+|[^\w\s]", re.UNICODE)
_ASCII = pattern(r"[0-9A-Za-z]+|[\t-\r\x1c-\x1f ]+|_+|[\x00-\x7f]")
"""The same for ASCII: character sets that Python looks up in a table."""
_LINES = pattern(r"[^\n]*\n|[^\n]+")
_RUN = pattern(r"\w+")
_BLANKED = bytes(code if code > 127 or _RUN.match(chr(code)) else 32 for code in range(256))
_MANY = 3_000
_FLIPPED: dict[Sign, Sign] = {"-": "+", "+": "-", "=": "="}


@lru_cache(64)
def compare(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces that both texts have (`=`), that only the old (`-`) and only the new one has (`+`).

    The pieces of `=` and `-` joined are the old text, those of `=` and `+` the new one. Long texts are
    compared by line first, so that time stays near linear.
    """
    if old > new:
        # One order of computation, so that the reverse comparison is the mirror of this one.
        return tuple(_joined([(_FLIPPED[sign], text) for sign, text in compare(new, old)]))
    return tuple(_joined(_compare(old, new)))


def _cut(text: str) -> list[str]:
    """Cut a text into words, stretches of space, and signs."""
    return _ASCII.findall(text) if text.isascii() else _WORDS.findall(text)


def _is_short(text: str) -> bool:
    """Say whether a text has few enough words to be compared by them; of a long one no more are looked at."""
    return len(text) <= _MANY or next(islice(_WORDS.finditer(text), _MANY, None), None) is None


def _compare(old: str, new: str) -> list[Piece]:
    if _is_short(old) and _is_short(new):
        return _pieces(_cut(old), _cut(new), deeper=False)
    return _pieces(_LINES.findall(old), _LINES.findall(new), deeper=True)


def _pieces(left: list[str], right: list[str], *, deeper: bool) -> list[Piece]:
    out: list[Piece] = []
    runs = equal_runs(left, right)
    between = {(a.start, b.start): (a, b) for a, b in gaps(runs, len(left), len(right))}
    at = (0, 0)
    for a, b, size in [*runs, (len(left), len(right), 0)]:
        if at in between:
            gone, come = between[at]
            before, after = "".join(left[gone.start : gone.stop]), "".join(right[come.start : come.stop])
            if deeper and before and after and _is_short(before) and _is_short(after):
                out += _pieces(_cut(before), _cut(after), deeper=False)
            else:
                out += [("-", before), ("+", after)]
        out.append(("=", "".join(left[a : a + size])))
        at = (a + size, b + size)
    return out


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Join neighbours of one sign; a lone space between two changes is folded into them, as one replacement."""
    pieces = _coalesced(pieces)
    folded: list[Piece] = []
    for at, (sign, text) in enumerate(pieces):
        if sign == "=" and text == " " and 0 < at < len(pieces) - 1:
            folded += [("-", text), ("+", text)]
        else:
            folded.append((sign, text))
    return _coalesced(folded)


def _coalesced(pieces: list[Piece]) -> list[Piece]:
    """Join neighbours of one sign, and put what went before what came."""
    out: list[Piece] = []
    gone = come = ""
    for sign, text in [*(piece for piece in pieces if piece[1]), ("=", "")]:
        if sign == "-":
            gone += text
        elif sign == "+":
            come += text
        else:
            if gone:
                out.append(("-", gone))
            if come:
                out.append(("+", come))
            gone = come = ""
            if text and out and out[-1][0] == "=":
                out[-1] = ("=", out[-1][1] + text)
            elif text:
                out.append(("=", text))
    return out


def count(old: str, new: str) -> tuple[int, int]:
    """Return how many words were added and how many removed."""
    added = removed = 0
    for sign, text in compare(old, new):
        size = sum(1 for word in _cut(text) if not word.isspace())
        if sign == "+":
            added += size
        elif sign == "-":
            removed += size
    return added, removed


def word_count(text: str) -> int:
    """Return the number of words of a text."""
    return sum(1 for word in _cut(text) if not word.isspace())


def vocabulary(text: str) -> set[bytes]:
    """Return the different runs of letters, digits and underscores of a text, in UTF-8."""
    # To blank out the rest of ASCII is much faster than to search for words; few words hold anything else.
    found = set(text.encode("utf-8", "surrogatepass").translate(_BLANKED).split())
    if not text.isascii():
        other = [word for word in found if not word.isascii()]
        found.difference_update(other)
        found.update(map(str.encode, _RUN.findall(b" ".join(other).decode("utf-8", "surrogatepass"))))
    return found


Line = tuple[Literal[" ", "-", "+", "…"], list[Piece]]
"""A line to show: kept, removed, added, or standing for those left out; its pieces say which words changed."""


def lines(old: str, new: str, context: int) -> list[Line]:
    """Return two texts as lines, a sentence each: the changed ones, and `context` kept ones around them.

    The text of a `…` line is the number of sentences that it stands for.
    """
    left, right = sentences(old), sentences(new)
    runs = equal_runs(left, right)
    between = {(a.start, b.start): (a, b) for a, b in gaps(runs, len(left), len(right))}
    out: list[Line] = []
    at = (0, 0)
    for a, b, size in [*runs, (len(left), len(right), 0)]:
        if at in between:
            gone, come = between[at]
            out += _changed("".join(left[gone.start : gone.stop]), "".join(right[come.start : come.stop]))
        kept = left[a : a + size]
        out += _context(kept, context, first=not out, last=a + size == len(left) and b + size == len(right))
        at = (a + size, b + size)
    return out


def _context(kept: list[str], context: int, *, first: bool, last: bool) -> list[Line]:
    head, tail = 0 if first else context, 0 if last else context
    if len(kept) <= head + tail + 1:
        return [_kept(text) for text in kept]
    skipped: Line = ("…", [("=", str(len(kept) - head - tail))])
    return [*map(_kept, kept[:head]), skipped, *map(_kept, kept[len(kept) - tail :])]


def _kept(text: str) -> Line:
    return (" ", [("=", text)])


def _changed(old: str, new: str) -> list[Line]:
    pieces: tuple[Piece, ...] = compare(old, new) if old and new else (("-", old), ("+", new))
    out: list[Line] = []
    signs: tuple[Literal["-"], Literal["+"]] = ("-", "+")
    for sign in signs:
        out += _rows(sign, [piece for piece in pieces if piece[0] in ("=", sign)])
    return out


def _rows(sign: Literal["-", "+"], pieces: list[Piece]) -> list[Line]:
    """Break pieces into one line a line of text."""
    rows: list[Line] = []
    row: list[Piece] = []
    for kind, text in pieces:
        for part in _LINES.findall(text):
            row.append((kind, part))
            if part.endswith("\n"):
                rows.append((sign, row))
                row = []
    if row:
        rows.append((sign, row))
    return rows
