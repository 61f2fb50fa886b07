"""Where tokens that are known by their looks may stand in a text: one pass finds their literals, each is then tried."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import BytesAhoCorasick, Implementation

from cassette_cli.operations.redact.found import Found
from cassette_cli.operations.redact.rules.table import Shape
from cassette_cli.operations.redact.words import Words

_BOUNDARIES = re.compile(r"^(?:\(\?<![^()]*\)|\(\?i:\\b)")
_HINTS = {"earer ": "earer", "asic ": "asic", "PRIVATE KEY": "PRIVATE"}
"""What is looked for where a literal has a blank: a scalar that is folded has a line break there."""
_SKELETONS = {"token:discord": b"w" * 22 + b".wwwwww." + b"w" * 27}
"""The classes of bytes that a token is made of, where its one literal stands everywhere."""
_BREAK = re.compile(rb"[ \t]{0,8}\r?\n[ \t]*")
_IN_TOKENS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
"""What stands before no token that opens with its literal, save as the letter of an escape (`\\n`, `%3D`)."""
_HIDING = (b"\\u00", b"\\x", b"\\/", b"&amp;", b"&quot;", b"&apos;", b"&lt;", b"&gt;", b"&#")
"""What escapes of JSON and references of HTML open with."""
_MOST_STARTS = 16  # without its boundary a pattern may run on from every one of them
_WINDOWS = {"earer ": (1, 512), "asic ": (1, 512)}
_WINDOW = (512, 8192)
"""How far a token of several words is looked for before its literal and behind it."""


@dataclass(slots=True)
class _Probe:
    """One literal of a shape. The relaxed `pattern` asks for no boundary before the token: an escape may end there."""

    literal: str
    shape: Shape
    pattern: re.Pattern[bytes]
    window: tuple[int, int]


class _Hits:
    """What is remembered of a probe in one text, so that each part of it is searched a bounded number of times."""

    __slots__ = ("last", "many", "until")

    def __init__(self) -> None:
        self.last = -1
        self.many = 0
        self.until = -1


class ShapeSearch:
    """Finds what may be tokens of some shapes."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._by_literal: dict[bytes, list[_Probe]] = {}
        self._skeletons: list[tuple[bytes, _Probe]] = []
        for shape in shapes:
            pattern = _relaxed(shape.pattern.pattern)
            for literal in shape.literals:
                probe = _Probe(literal, shape, pattern, _WINDOWS.get(literal, _WINDOW))
                skeleton = _SKELETONS.get(shape.rule.name)
                if skeleton is None:
                    self._by_literal.setdefault(_HINTS.get(literal, literal).encode(), []).append(probe)
                else:
                    self._skeletons.append((skeleton, probe))
        self._probes = list(self._by_literal.values())
        self._automaton = BytesAhoCorasick([*self._by_literal, *_HIDING], implementation=Implementation.DFA)

    def search(self, words: Words, found: Found) -> list[int]:
        """Add the shapes that may stand in a text to what was found in it, with what to look at.

        Return where escapes and references open, in rising order: what they hide was not looked at.
        """
        hits: defaultdict[int, _Hits] = defaultdict(_Hits)
        hiding: list[int] = []
        for number, start, _ in self._automaton.find_matches_as_indexes(words.raw, overlapping=True):
            if number >= len(self._probes):
                hiding.append(start)
                continue
            for probe in self._probes[number]:
                self._try(probe, start, words, hits[id(probe)], found)
        for skeleton, probe in self._skeletons:
            for at in words.like(skeleton):
                self._try_word(probe, at, words, hits[id(probe)], found)
        return hiding

    def _try(self, probe: _Probe, start: int, words: Words, hits: _Hits, found: Found) -> None:
        if probe.shape.spans_words:
            taken = probe.literal in found.triggers and probe.shape.rule.name in found.shapes
            if not taken and start >= hits.until:
                before, behind = probe.window
                hits.until = start + behind // 2  # up to there this search would have found another token
                if _spans(probe, words.raw[max(0, start - before) : start + behind]):
                    _take(probe, probe.literal, found)
        elif not probe.shape.opens:
            self._try_word(probe, start, words, hits, found)
        elif match := self._opened(probe, start, words, hits):
            _take(probe, match, found)

    @staticmethod
    def _opened(probe: _Probe, start: int, words: Words, hits: _Hits) -> str | None:
        """Return what of a word may be a token that opens here; in a word with very many openings, any of them."""
        raw = words.raw
        inside = start > 0 and raw[start - 1] in _IN_TOKENS
        if inside and raw[start - 2 : start - 1] != b"\\" and raw[start - 3 : start - 2] != b"%":
            return None
        if hits.last >= 0 and words.classes.find(b" ", hits.last, start) < 0:
            hits.many += 1
        else:
            hits.many = 0
        hits.last = start
        if hits.many > _MOST_STARTS:
            return probe.literal
        match = probe.pattern.match(raw, start)
        return match.group().decode() if match is not None else None

    @staticmethod
    def _try_word(probe: _Probe, at: int, words: Words, hits: _Hits, found: Found) -> None:
        if at < hits.until:
            return
        start, hits.until = words.around(at)
        word = words.raw[start : hits.until]
        if word.count(probe.literal.encode()) > _MOST_STARTS:
            _take(probe, probe.literal, found)
        else:
            for match in probe.pattern.finditer(word):
                _take(probe, match.group().decode(), found)


def _take(probe: _Probe, trigger: str, found: Found) -> None:
    found.triggers.add(trigger)
    found.shapes[probe.shape.rule.name] = probe.shape


def _spans(probe: _Probe, around: bytes) -> bool:
    """Say whether a token of several words stands in a part of a text; folds of a scalar are blanks."""
    if probe.pattern.search(around):
        return True
    return (
        b" " in probe.pattern.pattern and b"\n" in around and probe.pattern.search(_BREAK.sub(b" ", around)) is not None
    )


@cache
def _relaxed(regex: str) -> re.Pattern[bytes]:
    """Return the pattern of a shape without the boundary before it."""
    return re.compile(_BOUNDARIES.sub(_kept, regex).encode())


def _kept(match: re.Match[str]) -> str:
    """Keep what switches the case off when the boundary goes."""
    return "(?i:" if match.group().startswith("(?i:") else ""
