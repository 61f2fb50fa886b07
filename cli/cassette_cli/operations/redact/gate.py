"""The gate, which says whether anything at all that a rule looks for occurs in a text.

One pass finds every literal of a shape and one every name; each is tried where it stands. What lies under
percent-encoding, base64 or escapes is unpacked and asked the same. Most bodies end here.
"""

import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote_to_bytes

from cassette_cli.operations.redact.found import Found
from cassette_cli.operations.redact.name_search import NameSearch
from cassette_cli.operations.redact.rules.table import Table
from cassette_cli.operations.redact.shape_search import ShapeSearch
from cassette_cli.operations.redact.views import LINES, unpack
from cassette_cli.operations.redact.words import ESCAPES, Words

_HIDING = re.compile(  # escapes of JSON, of JSON in JSON too, and references of HTML
    rb"\\{1,16}(?:u00[0-7][0-9a-fA-F]|x[0-7][0-9a-fA-F]|/)"
    rb"|&(?:amp;){0,3}(?:#\d{2,3}|#[xX][0-9a-fA-F]{2}|quot|amp|lt|gt|apos);"
)
_FOLD = re.compile(rb"\\\r?\n[ \t]*\\?")
_LEAST_RUN = 20
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_OPENING = rb"(?:[CDI-Za-f][AC-HQS-Xgi-nwyz0-3]|H4sI|eJ[w-z]|eN[o-r]|eA[E-H]|eF[4-7])"
_OPENS = re.compile(_OPENING)  # base64 of two printable bytes, gzip or zlib
_BEHIND_SLASH = re.compile(rb"/(%b[A-Za-z0-9+/_-]{16,})" % _OPENING)
_BACKSLASHES = re.compile(r"\\+")  # a string of YAML or JSON halves them
_PARTED = bytes(ord(" ") if byte in b" \t\r\n\"'" else ord("x") for byte in range(256))
_REACH = 96
"""How far from an escape a word may stand that matters to what the escape hides, up to the next blank or quote."""
_DEEPEST = 4


class Gate:
    """The gate for one table of rules. `values` are secrets known in clear; `everything` opens it for all."""

    def __init__(self, table: Table, values: Iterable[str] = (), *, everything: bool = False) -> None:
        self._table = table
        self._everything = everything
        self._names, self._shapes = _searches(table)
        self.spellings = [one for value in values for one in _spellings(value)]

    def look_at_source(self, raw: bytes) -> Found:
        """Return what may be in the scalars of a file, by its bytes: YAML's folded lines are read as one."""
        if b"\\\n" in raw or (b"\r" in raw and b"\\\r" in raw):
            raw = _FOLD.sub(b"", raw)
        return self._look(raw, 0)

    def look(self, text: str, depth: int = 0) -> Found:
        """Return what may be in a text."""
        return self._look(text.encode("utf-8", "surrogatepass"), depth)

    def _look(self, raw: bytes, depth: int) -> Found:
        found = Found(all=self._everything)
        hiding = self._ask(raw, found, depth)
        if hiding:
            self._look_behind(_surroundings(raw, hiding), found, depth)
        return found

    def _look_behind(self, raw: bytes, found: Found, depth: int) -> None:
        """Look at a text whose escapes hide words; the escapes themselves are then places to look at, too."""
        behind = Found()
        self._ask(_HIDING.sub(_plain, raw), behind, depth)
        triggers = behind.triggers - found.triggers
        if triggers or behind.names - found.names:
            written = {_BACKSLASHES.sub("\\\\", escape.decode()) for escape in _HIDING.findall(raw)}
            found.add(behind)
            found.names |= written
            if triggers:
                found.triggers |= written

    def _ask(self, raw: bytes, found: Found, depth: int) -> list[int]:
        """Add what is in a text as it is written; return where escapes and references open, which may hide more."""
        words = Words(raw)
        self._names.search(raw, found)
        hiding = self._shapes.search(words, found)
        if self.spellings:
            text = raw.decode("utf-8", "surrogatepass")
            found.triggers.update(one for one in self.spellings if one in text)
        if depth < _DEEPEST:
            self._unpack(words, found, depth)
        return hiding

    def _unpack(self, words: Words, found: Found, depth: int) -> None:
        """Look at what stands under percent-encoding or base64; a piece that holds something is a trigger."""
        inside: dict[bytes, str] = {}
        if b"%" in words.raw:
            for start, end in words.holding(b"%"):
                word = words.raw[start:end]
                if _PERCENT.search(word):
                    inside[word] = _unquoted(word)
                    self._names.ask_at(words.raw, end - 1, found)
        many_lines = False
        for piece in _pieces(words):
            unpacked = unpack(piece.decode())
            if unpacked is not None:
                inside[piece] = unpacked[0]
                many_lines |= 60 <= len(piece) <= 76
        found.inside.update(inside.values())
        # All are looked at together first: next to none holds anything.
        if inside and self.look("\n".join(inside.values()), depth + 1):
            found.triggers.update(piece.decode() for piece, text in inside.items() if self.look(text, depth + 1))
        if many_lines:
            self._ask_lines(words.raw, found, depth)

    def _ask_lines(self, raw: bytes, found: Found, depth: int) -> None:
        """Look inside base64 of many lines: what the end of a line cuts apart no line shows."""
        for match in LINES.finditer(raw.decode("utf-8", "surrogatepass")):
            inside = unpack(match.group())
            if inside is not None and self.look(inside[0], depth + 1):
                found.triggers.add(re.split(r"[\s\\]", match.group(), maxsplit=1)[0])


@lru_cache(maxsize=8)
def _searches(table: Table) -> tuple[NameSearch, ShapeSearch]:
    """Return the searches of a table, which take milliseconds to make: a cassette may be scanned twice."""
    return NameSearch(table), ShapeSearch(table.shapes)


def _surroundings(raw: bytes, places: Iterable[int]) -> bytes:
    """Return the parts of a text around some places in rising order, as far as what stands there may matter."""
    parted = raw.translate(_PARTED)
    parts: list[tuple[int, int]] = []
    for place in places:
        before = parts[-1][1] if parts else 0
        if place >= before:
            first = parted.rfind(b" ", before, max(before, place - _REACH)) + 1 or before
            last = parted.find(b" ", place + _REACH)
            if parts and first == before:
                first = parts.pop()[0]
            parts.append((first, len(raw) if last < 0 else last))
    return b"\n".join(raw[start:end] for start, end in parts)


def _pieces(words: Words) -> set[bytes]:
    r"""Return what may be base64 of a text: runs, what stands in them behind a slash or the letter of a `\n`."""
    found: set[bytes] = set()
    raw, opens = words.raw, _OPENS.match
    has_slashes = b"/" in raw
    for start, end in words.runs(_LEAST_RUN):
        if opens(raw, start):
            found.add(raw[start:end])
        if raw[start] in ESCAPES and opens(raw, start + 1):
            found.add(raw[start + 1 : end])
        if has_slashes and raw.find(b"/", start, end) >= 0:
            found.update(_BEHIND_SLASH.findall(raw, start, end))
    found |= {piece.partition(b"/")[0] for piece in found if b"/" in piece}
    return {piece for piece in found if len(piece) >= _LEAST_RUN}


def _plain(escape: re.Match[bytes]) -> bytes:
    text = escape.group()
    if text.startswith(b"&"):
        return html.unescape("&" + text.decode().rpartition("amp;")[2].removeprefix("&")).encode()
    return b"/" if text.endswith(b"/") else bytes((int(text[-2:], 16),))


def _unquoted(word: bytes) -> str:
    return unquote_to_bytes(word).decode("latin-1")


def _spellings(value: str) -> list[str]:
    """Return a value as it may stand in a file: in clear, and in the encodings that change its characters."""
    made = [value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value)]
    made += [quote(value, safe=""), quote(value), quote_plus(value), value.replace("'", "''")]
    return list(dict.fromkeys(made))
