"""The gate, which says whether anything at all that a rule looks for occurs in a text.

One pass cuts the text into words; each different word is asked about once in a run, and what lies under
percent-encoding, base64 or escapes is unpacked and asked the same. Most bodies end here.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote, quote_plus, unquote_to_bytes

from cassette_cli.operations.redact.rules import Shape, Table
from cassette_cli.operations.redact.views import LINES, unpack

_WORDS = bytes(c if (chr(c).isascii() and chr(c).isalnum()) or c in b"_-.:/%+@~" else 0x20 for c in range(256))
_BOUNDARIES = re.compile(r"^(?:\(\?<![^()]*\)|\(\?i:\\b)")
_LONG = 12
_SHORT = 6  # of what is personal: addresses are shorter than tokens
_LONGEST_NAME = 80
_MOST_WORDS = 400_000
_MOST_UNPACKED = 32 << 20  # characters
_ESCAPED = re.compile(rb"\\(?:u00[0-7][0-9a-fA-F]|x[0-7][0-9a-fA-F]|(?<!\\\\)\\*+/)")
_REFERENCE = re.compile(rb"&#(?:\d{2,3}|[xX][0-9a-fA-F]{2});|&(?:quot|amp|lt|gt|apos);")
_FOLD = re.compile(rb"\\\r?\n[ \t]*\\?")
_LEAST_RUN = 20
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_RUNS = bytes(c if (chr(c).isascii() and chr(c).isalnum()) or c in b"+/_-" else 0x20 for c in range(256))
_OPENING = rb"(?:[CDI-Za-f][AC-HQS-Xgi-nwyz0-3]|H4sI|eJ[w-z]|eN[o-r]|eA[E-H]|eF[4-7])"
_OPENS = re.compile(_OPENING)  # base64 of two printable bytes, gzip or zlib
_BEHIND_SLASH = re.compile(rb"/(%b[A-Za-z0-9+/_-]{16,})" % _OPENING)
_SPACED = re.compile(rb'"([A-Za-z]{1,20}+(?: [A-Za-z]{1,20}+){1,3}+)\\*+"\s*+:')
_SPACED_WORDS = frozenset(
    word
    for base in (b"key", b"token", b"secret", b"password", b"pass", b"id", b"code", b"string", b"cookie")
    for word in (base, base.title(), base.upper())
)
_NAMING = (
    rb"(?:\\*[\"'>\]=]|\\+u00(?:22|27|3[dDeE])|%(?:22|27|3[dDeE]|5[bBdD])|&(?:quot|#\d\d|gt|lt)"
    rb"|(?:\s|\\[nrt]){1,8}[\w:.-]{1,40}=|\s{0,8}\\*[\"'>=:])"
)
"""What follows a word that names a value: a quote, a sign, or the attributes of its element."""
_ASSIGNING = rb"(?:\]?=|%5[dD]%3[dD]|%3[dD]|\]?\\+u003[dD]|\]?&#61;)"
"""What follows a word that is a name in queries and forms alone."""
_DEEPEST = 4
_MOST_STARTS = 16  # without its boundary a pattern may run on from every one of them


@dataclass(slots=True)
class Found:
    """What may be in a text: `triggers` are pieces of it at which to look, `shapes` those that may match.

    `names` are words under which a secret may stand, whatever follows them; `inside` are the texts that
    stand in it under an encoding. `all` says to look everywhere, for rules that cannot be asked for words.
    """

    triggers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    shapes: dict[str, Shape] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)
    all: bool = False

    def __bool__(self) -> bool:
        return self.all or bool(self.triggers)

    def add(self, other: "Found") -> None:
        """Take in what is in another text."""
        self.triggers |= other.triggers
        self.names |= other.names
        self.shapes.update(other.shapes)
        self.inside |= other.inside
        self.all |= other.all

    def touches(self, text: str) -> bool:
        """Say whether to look at a part of the text."""
        if self.all:
            return True
        for trigger in self.triggers:  # noqa: SIM110 - asked of every scalar: a generator costs twice as much
            if trigger in text:
                return True
        return False


@dataclass(frozen=True, slots=True)
class _Probe:
    """How to see quickly whether a shape may occur.

    One of its literals, or the `part` of it that does, stands in a word; `within` says that the whole
    token is one word, so that the relaxed `pattern`, which asks for no boundary before the token, need
    only read the words. `head` is what a part of the word begins with where the literal opens the token.
    """

    literal: bytes
    part: bytes
    within: bool
    pattern: re.Pattern[bytes]
    shape: Shape
    head: bytes = b""


class Gate:
    """The gate for one table of rules. `values` are secrets known in clear; `everything` opens it for all."""

    def __init__(self, table: Table, values: Iterable[str] = (), *, everything: bool = False) -> None:
        self._table = table
        self._everything = everything
        self._known_names = table.words() | _CONTAINERS
        self._affix = _affix(*table.affixes())
        self.spellings = [one for value in values for one in _spellings(value)]
        probes = [probe for shape in table.shapes for probe in _probes(shape)]
        within = [probe for probe in probes if probe.within]
        self._dashed = [probe for probe in within if b"-" in probe.literal or b"_" in probe.literal]
        self._undashed = [probe for probe in within if not (b"-" in probe.literal or b"_" in probe.literal)]
        self._across = [probe for probe in probes if not probe.within]
        self._long = _SHORT if "pii" in table.levels else _LONG
        self._forget()

    def _forget(self) -> None:
        """Forget all words: those of many cassettes would fill the memory."""
        self._clean: set[bytes] = set()
        self._names: dict[bytes, tuple[str, re.Pattern[bytes] | None]] = {}
        self._guilty: dict[bytes, Found] = {}
        self._carriers: dict[bytes, list[int]] = {}
        self._lines: set[bytes] = set()
        self._readable: dict[bytes, set[str]] = {}
        self._unpacked = 0

    def look_at_source(self, raw: bytes) -> Found:
        """Return what may be in the scalars of a file, by its bytes: YAML's folded lines are read as one."""
        if len(self._clean) > _MOST_WORDS or self._unpacked > _MOST_UNPACKED:
            self._forget()
        if b"\\\n" in raw or b"\\\r" in raw:
            raw = _FOLD.sub(b"", raw)
        return self._look(raw, 0)

    def look(self, text: str, depth: int = 0) -> Found:
        """Return what may be in a text."""
        return self._look(text.encode("utf-8", "surrogatepass"), depth)

    def _look(self, raw: bytes, depth: int) -> Found:
        found = Found(all=self._everything)
        words = set(raw.translate(_WORDS).split())
        self._ask(raw, words, found, depth)
        if b"\\u00" in raw or b"\\/" in raw or b"\\x" in raw:
            self._look_behind(raw, words, _ESCAPED, found, depth)
        if b"&" in raw and _REFERENCE.search(raw):
            self._look_behind(raw, words, _REFERENCE, found, depth)
        return found

    def _look_behind(self, raw: bytes, words: set[bytes], pattern: re.Pattern[bytes], found: Found, depth: int) -> None:
        """Look at a text whose escapes hide words; the escapes themselves are then places to look at, too."""
        plain = raw
        escapes = set(pattern.findall(raw))
        for escape in sorted(escapes, key=lambda one: (-len(one), one)):
            plain = plain.replace(escape, _plain(escape))
        behind = Found()
        self._ask(plain, set(plain.translate(_WORDS).split()) - words, behind, depth)
        if behind or behind.names:
            written = set(map(bytes.decode, escapes))
            found.add(behind)
            found.names |= written
            if behind:
                found.triggers |= written

    def _ask(self, raw: bytes, words: set[bytes], found: Found, depth: int) -> None:
        fresh = words - self._clean - self._guilty.keys()
        if fresh:
            self._judge(fresh, depth)
        for word in self._names.keys() & words:
            name, pattern = self._names[word]
            found.names.add(name)
            if pattern is not None and pattern.search(raw):
                found.triggers.add(name)
        for word in self._guilty.keys() & words:
            found.add(self._guilty[word])
        for word in self._readable.keys() & words:
            found.inside |= self._readable[word]
        if not _SPACED_WORDS.isdisjoint(words):
            for match in _SPACED.finditer(raw):
                name = match[1].decode()
                if self._table.pair(name) is not None:
                    found.triggers.add(name)
        unfolded: bytes | None = None
        for number in sorted({number for word in self._carriers.keys() & words for number in self._carriers[word]}):
            probe = self._across[number]
            found_here = probe.literal in raw and probe.pattern.search(raw)
            if not found_here and b" " in probe.pattern.pattern:
                unfolded = unfolded or b" ".join(map(bytes.strip, raw.split(b"\n")))  # folds of a scalar are blanks
                found_here = probe.pattern.search(unfolded)
            if found_here:
                found.triggers.add(probe.literal.decode())
                found.shapes[probe.shape.rule.name] = probe.shape
        if self.spellings:
            text = raw.decode("utf-8", "surrogatepass")
            found.triggers.update(one for one in self.spellings if one in text)
        if depth < _DEEPEST and not self._lines.isdisjoint(words):
            self._ask_lines(raw, found, depth)

    def _judge(self, fresh: set[bytes], depth: int) -> None:
        """Sort words that were never met before into names, words that hold something, and all others."""
        for word in self._fresh_names(fresh):
            name, pattern = self._naming(word)
            if pattern is not None or b"%" not in word:
                self._names[word] = name, pattern
        self._find_carriers(fresh)
        long = [word for word in fresh if len(word) >= self._long]
        text = b"\n".join(long)
        # Most literals have a dash or an underscore, and most bytes of a cassette stand in words without: in base64.
        dashed = [word for word in long if b"-" in word or b"_" in word]
        heads = _heads(long)
        guilty = _shaped(self._dashed, heads, b"\n".join(dashed))
        for word, one in _shaped(self._undashed, heads, text).items():
            guilty.setdefault(word, Found()).add(one)
        if depth < _DEEPEST:
            for word, piece in self._packed(text, depth):
                guilty.setdefault(word, Found()).triggers.add(piece.decode())
        self._guilty.update(guilty)
        if depth == 0:  # what was met deeper was not unpacked as far
            self._clean |= fresh - guilty.keys()

    def _find_carriers(self, fresh: set[bytes]) -> None:
        """Note the words that carry the telling part of a token of several words."""
        text = b"\n".join(fresh)
        for number, probe in enumerate(self._across):
            if probe.part not in text:
                continue
            ends = probe.literal.endswith(b"=")
            for word in _words_with(probe.part, text):
                if not ends or word.endswith(probe.part):
                    self._carriers.setdefault(word, []).append(number)

    def _fresh_names(self, fresh: set[bytes]) -> list[bytes]:
        """Return the words that may be names, found out for all words at once."""
        short = [word for word in fresh if len(word) <= _LONGEST_NAME]
        if self._table.has_globs or not short:
            return short
        text = b"\n".join(short)
        lower = text.lower()
        folded = lower.translate(None, b"_-.")
        names = folded.split(b"\n")
        parts = lower.translate(_PARTS, b"_-")
        known = self._known_names.intersection(names) | self._known_names.intersection(parts.split())
        known |= self._known_names.intersection([name[1:] for name in names if name[:1] in _ESCAPES])
        found = list(_words_with(b"%", text))
        if self._affix is not None:
            found += _around(self._affix, lower.replace(b"_", b"-"), text)
        endings = tuple(ending for ending in self._table.endings if ending in folded)
        if endings:
            lines = zip(short, names, strict=True)
            found += [word for word, name in lines if name.rstrip(b":/%@+~").endswith(endings)]
        if known:
            pieces = parts.split(b"\n")
            found += [
                word
                for word, name, parts in zip(short, names, pieces, strict=True)
                if name in known or (name[1:] in known and name[:1] in _ESCAPES) or not known.isdisjoint(parts.split())
            ]
        return found

    def _naming(self, word: bytes) -> tuple[str, re.Pattern[bytes] | None]:
        r"""Return the name in a word, and how it stands where it names something in a text.

        That is None for what is a name in headers alone. Behind `\n` a name has the letter in front of it.
        """
        for name in (word, word[1:]) if word[:1] in _ESCAPES else (word,):
            plain = name.strip(b":/.%@+~-").decode()
            plain = unquote_to_bytes(plain).decode("latin-1") if "%" in plain else plain
            if plain and "://" not in plain and self._table.pair(plain) is not None:
                naming = _ASSIGNING if self._table.key(plain) is None else b"" if name.endswith(b":") else _NAMING
                return name.decode(), re.compile(re.escape(name) + naming)
        return word.decode(), None

    def _packed(self, text: bytes, depth: int) -> list[tuple[bytes, bytes]]:
        """Return the words that hold something under percent-encoding or base64, each with the piece that does."""
        texts = {word: _unquoted(word) for word in _words_with(b"%", text) if _PERCENT.search(word)}
        for piece in _pieces(text):
            inside = unpack(piece.decode())
            if inside is not None:
                texts[piece] = inside[0]
        homes = {piece: list(_words_with(piece, text)) for piece in texts}
        for piece, inner in texts.items():
            self._unpacked += len(inner)
            for word in homes[piece]:
                self._readable.setdefault(word, set()).add(inner)
                if 60 <= len(piece) <= 76:
                    self._lines.add(word)
        # All are looked at together first: next to none holds anything.
        if not texts or not self.look("\n".join(texts.values()), depth + 1):
            return []
        held = [piece for piece, inner in texts.items() if self.look(inner, depth + 1)]
        return [(word, piece) for piece in held for word in homes[piece]]

    def _ask_lines(self, raw: bytes, found: Found, depth: int) -> None:
        """Look inside base64 of many lines: what the end of a line cuts apart no line shows."""
        for match in LINES.finditer(raw.decode("utf-8", "surrogatepass")):
            inside = unpack(match.group())
            if inside is not None and self.look(inside[0], depth + 1):
                found.triggers.add(re.split(r"[\s\\]", match.group(), maxsplit=1)[0])


def _shaped(probes: list[_Probe], heads: set[bytes], text: bytes) -> dict[bytes, Found]:
    """Return the words in which a token of one word may stand; `text` are all words, one a line."""
    found: dict[bytes, Found] = {}
    for probe in probes:
        if probe.head and probe.head not in heads:
            continue
        for word in _words_with(probe.literal, text):
            matches = _matches(probe, word)
            if matches:
                one = found.setdefault(word, Found())
                one.triggers |= matches
                one.shapes[probe.shape.rule.name] = probe.shape
    return found


def _heads(words: Iterable[bytes]) -> set[bytes]:
    r"""Return what the parts of words begin with, also behind the letter of an escape (`\n`) and behind `%3D`."""
    parts = b" ".join(words).translate(_PARTED).split()
    heads = {part[:_HEAD] for part in parts}
    heads |= {part[1 : _HEAD + 1] for part in parts if part[0] in b"nrtfb"}
    heads |= {part[2 : _HEAD + 2] for part in parts if part[0] in b"234567"}
    return heads


def _words_with(part: bytes, text: bytes) -> Iterator[bytes]:
    """Yield the words that hold a part; `text` are all words, one a line."""
    at = text.find(part)
    while at >= 0:
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        yield text[text.rfind(b"\n", 0, at) + 1 : end]
        at = text.find(part, end)


def _matches(probe: _Probe, word: bytes) -> set[str]:
    """Return what of a word may be the token; in a word with very many beginnings, any of them."""
    if word.count(probe.literal) > _MOST_STARTS:
        return {probe.literal.decode()}
    return {match.group().decode() for match in probe.pattern.finditer(word)}


def _pieces(text: bytes) -> set[bytes]:
    r"""Return what may be base64 of a text: runs, what stands in them behind a slash or the letter of a `\n`."""
    found: set[bytes] = set()
    for run in text.translate(_RUNS).split():
        if len(run) >= _LEAST_RUN:
            if _OPENS.match(run):
                found.add(run)
            if run[:1] in _ESCAPES and _OPENS.match(run, 1):
                found.add(run[1:])
            if b"/" in run:
                found.update(_BEHIND_SLASH.findall(run))
    found |= {piece.partition(b"/")[0] for piece in found if b"/" in piece}
    return {piece for piece in found if len(piece) >= _LEAST_RUN}


def _around(pattern: re.Pattern[bytes], spellings: bytes, words: bytes) -> list[bytes]:
    """Return the words, one a line, in whose spellings a pattern matches."""
    starts = {spellings.rfind(b"\n", 0, match.start()) + 1 for match in pattern.finditer(spellings)}
    return [words[start : start + _LONGEST_NAME + 1].partition(b"\n")[0] for start in starts]


_ESCAPES = frozenset((b"n", b"r", b"t", b"f", b"b"))
_HEAD = 3
_PARTED = bytes(0x20 if c in b"\n.:/%+@~" else c for c in range(256))
_PARTS = bytes(0x20 if c in b".:/@+~" else c for c in range(256))
_CONTAINERS = frozenset((b"cookie", b"cookies"))  # in which every name counts
_HINTS = {b"earer ": b"earer", b"asic ": b"asic", b"PRIVATE KEY": b"PRIVATE"}
_SIGNS = {"token:userinfo": b"://"}


def _affix(endings: tuple[str, ...], openings: tuple[str, ...]) -> re.Pattern[bytes] | None:
    """Return what matches in the name of a header that is known by its ending or its opening."""
    parts = [f"{re.escape(one)}(?![a-z0-9-])" for one in endings] + [
        f"(?<![a-z0-9-]){re.escape(one)}" for one in openings
    ]
    return re.compile("|".join(parts).encode()) if parts else None


def _probes(shape: Shape) -> list[_Probe]:
    relaxed = _relaxed(shape.pattern.pattern)
    made = []
    for literal in (one.encode() for one in shape.literals):
        within = not shape.spans_words
        part = literal if within else _SIGNS.get(shape.rule.name) or _HINTS.get(literal, literal.rstrip(b"="))
        head = literal.translate(_PARTED).split(b" ")[0][:_HEAD]
        made.append(_Probe(literal, part, within, relaxed, shape, head if shape.opens and len(head) == _HEAD else b""))
    return made


@cache
def _relaxed(regex: str) -> re.Pattern[bytes]:
    """Return the pattern of a shape without the boundary before it."""
    return re.compile(_BOUNDARIES.sub(_kept, regex).encode())


def _kept(match: re.Match[str]) -> str:
    """Keep what switches the case off when the boundary goes."""
    return "(?i:" if match.group().startswith("(?i:") else ""


def _plain(escape: bytes) -> bytes:
    if escape.startswith(b"&"):
        return html.unescape(escape.decode()).encode()
    return b"/" if escape.endswith(b"/") else bytes((int(escape[-2:], 16),))


def _unquoted(word: bytes) -> str:
    return unquote_to_bytes(word).decode("latin-1")


def _spellings(value: str) -> list[str]:
    """Return a value as it may stand in a file: in clear, and in the encodings that change its characters."""
    made = [value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value)]
    made += [quote(value, safe=""), quote(value), quote_plus(value), value.replace("'", "''")]
    return list(dict.fromkeys(made))
