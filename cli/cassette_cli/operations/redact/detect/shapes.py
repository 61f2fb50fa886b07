"""Finds what rules know by its shape: one pass finds their literals, and only their patterns are tried."""

import fnmatch
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import accumulate

from ahocorasick_rs import BytesAhoCorasick, Implementation

from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.rules.shape import BEFORE
from cassette_cli.source.later import pattern

_WORD_ENDS = " \n\"'<>\t\r"
_LONGEST_BEFORE = 600
"""How far before its literal a match may begin."""
_IN_TOKENS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_BEFORE_WORD = frozenset(" \t\r\n\"'=:,;([{<>`")
_WORD_END = pattern(r"[ \t]{0,8}[^\s\"'<>]{0,20000}")
_TOKEN = pattern(r"[\w.+/=~%-]*", re.ASCII)
_BLOB_LINE = pattern(r"[A-Za-z0-9+/]{60,76}")
_BLOB_CHARS = pattern(r"[A-Za-z0-9+/_=-]*")
_BLOB = 96
"""How many characters of base64 around a match say that it is a stretch of a longer text."""
_DOCUMENTED = pattern(
    r"EXAMPLE|[xX]{5}|\.{3}|\*{3}|^(?:[#$%]?\{|<|\$[A-Z_])|(?i:your[_-]|placeholder|redacted|dummy|changeme|insert[_-])"
)


class ShapeDetector:
    """Finds the shapes of some rules in decoded texts."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rule for rule in rules if rule.pattern)
        self._order = {rule.name: number for number, rule in enumerate(self._rules)}
        by_literal: dict[str, list[Rule]] = {}
        for rule in self._rules:
            for literal in rule.literals:
                by_literal.setdefault(literal, []).append(rule)
        self._literals = list(by_literal)
        self._by_number = list(by_literal.values())
        self._patterns: dict[str, tuple[re.Pattern[str], bool]] = {}
        self._opens_words = cache(lambda number: all(map(opens_word, self._by_number[number])))
        literals = [literal.encode("ascii") for literal in self._literals]
        # A DFA of so many literals takes four times as long to make, and finds no faster.
        self._automaton = BytesAhoCorasick(literals, implementation=Implementation.ContiguousNFA)

    def find(self, text: str, host: str = "") -> Iterator[Match]:
        """Yield the secrets in a text, in rising order, none inside another.

        `host` is the host that the text was exchanged with: rules that ask for a vendor's host count only there.
        """
        for _, match in self.search([text], lambda _: host):
            yield match

    def search(self, texts: Sequence[str], host_of: Callable[[int], str]) -> Iterator[tuple[int, Match]]:
        """Yield the secrets in several texts as `find` does, each with the number of its text, in one pass.

        `host_of` returns the host of a text by its number.
        """
        starts = [0, *accumulate(len(text) + 1 for text in texts)]
        places: dict[int, list[tuple[int, int]]] = {}
        at = 0
        for number, start, _ in self._automaton.find_matches_as_indexes(_bytes("\0".join(texts)), overlapping=True):
            if not starts[at] <= start < starts[at + 1]:
                at = bisect_right(starts, start) - 1
            if start > starts[at] and texts[at][start - starts[at] - 1] in _IN_TOKENS and self._opens_words(number):
                continue
            places.setdefault(at, []).append((number, start - starts[at]))
        for at, found in places.items():
            end = -1
            for match in sorted(self._candidates(texts[at], found, partial(host_of, at)), key=self._rank):
                if match.start >= end:
                    end = match.end
                    yield at, match

    def openings(self, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield where a literal stands from which on a text is one token up to its end, each with its text's number."""
        starts = [0, *accumulate(len(text) + 1 for text in texts)]
        for _, start, _ in self._automaton.find_matches_as_indexes(_bytes("\0".join(texts)), overlapping=True):
            at = bisect_right(starts, start) - 1
            inside = start - starts[at]
            if inside and texts[at][inside - 1] not in _BEFORE_WORD:
                continue
            token = _TOKEN.match(texts[at], inside)
            if token is not None and token.end() == len(texts[at]):
                yield at, inside

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the shape of a rule stands in a text that holds others, be it an example, and whoever the host."""
        places = [
            (number, start)
            for number, start, _ in self._automaton.find_matches_as_indexes(_bytes(text), overlapping=True)
            if not start or text[start - 1] not in _IN_TOKENS or not self._opens_words(number)
        ]
        for _, match in self._shaped(text, places, lambda _: True):
            yield match.span()

    def _rank(self, match: Match) -> tuple[int, int, int]:
        return match.start, -match.end, self._order[match.rule.name]

    def _candidates(self, text: str, places: Iterable[tuple[int, int]], host: Callable[[], str]) -> Iterator[Match]:
        for rule, match in self._shaped(text, places, lambda globs: _is_host(host(), globs)):
            yield from _judged(rule, match)

    def _shaped(
        self, text: str, places: Iterable[tuple[int, int]], is_host: Callable[[tuple[str, ...]], bool]
    ) -> Iterator[tuple[Rule, re.Match[str]]]:
        """Yield what has the shape of a rule; `places` are the literals' numbers, and where they begin."""
        done: dict[str, int] = {}
        for number, start in places:
            for rule in self._by_number[number]:
                if start < done.get(rule.name, 0) or (rule.hosts and not is_host(rule.hosts)):
                    continue
                if rule.behind and not _goes_on(text, start + len(self._literals[number]), rule.behind):
                    continue
                pattern, opens = self._patterns.get(rule.name) or self._pattern(rule)
                if opens:
                    match = pattern.match(text, start)
                    if match is not None:
                        done[rule.name] = match.end()
                        yield rule, match
                else:
                    begin, stop = _around(text, start, start + len(self._literals[number]))
                    begin = max(begin, done.get(rule.name, 0))
                    done[rule.name] = max(stop, start + 1)
                    for match in pattern.finditer(text, begin, stop):
                        yield rule, match

    def _pattern(self, rule: Rule) -> tuple[re.Pattern[str], bool]:
        """Return the pattern of a rule, and whether every match begins with one of its literals."""
        made = self._patterns[rule.name] = compiled(rule.pattern), opens(rule)
        return made


def _bytes(text: str) -> bytes:
    """Return a byte for each character, so that offsets stay."""
    return text.encode("ascii", "replace")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of a rule, once in a process."""
    return re.compile(pattern, re.ASCII)


def opens_word(rule: Rule) -> bool:
    """Say whether a rule wants its literal at the beginning of a word."""
    return rule.pattern.startswith(BEFORE) and all(sample.startswith(rule.literals) for sample in rule.samples)


def opens(rule: Rule) -> bool:
    """Say whether every match of a rule begins with one of its literals, as its samples show; the tests prove it."""
    return all(
        (match := compiled(rule.pattern).search(sample.replace("{~}", ""))) is not None
        and match.group().startswith(rule.literals)
        for sample in rule.samples
    )


def is_token(text: str) -> bool:
    """Say whether a text has nothing but characters of tokens."""
    return _TOKEN.fullmatch(text) is not None


def _goes_on(text: str, at: int, least: int) -> bool:
    """Say whether a token goes on for some characters."""
    return _TOKEN.match(text, at, at + least).end() - at == least  # type: ignore[union-attr]  # it matches anything


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the word that a literal stands in, and the next one where it ends with a blank."""
    far = max(0, start - _LONGEST_BEFORE)
    before = max(text.rfind(char, far, start) + 1 for char in _WORD_ENDS)
    behind = _WORD_END.match(text, end)
    return max(before, far), (behind.end() if behind else end)


def _judged(rule: Rule, match: re.Match[str]) -> Iterator[Match]:
    """Yield a match that is no example of the vendor's, no placeholder and no stretch of a blob."""
    start, end = match.span("secret" if "secret" in match.re.groupindex else 0)
    value = match.string[start:end].rstrip(".")  # which ends a sentence, and no token
    end = start + len(value)
    if rule.validate is not None and not rule.validate(value):
        return
    if rule.level in ("secrets", "ids") and (is_example(value) or _is_in_blob(match.string, start, end)):
        return
    yield Match(start, end, rule)


def is_example(value: str) -> bool:
    """Say whether a token opens nothing: an example of the vendor's, a placeholder, one or two characters repeated."""
    tail = re.split(r"[-_.:]", value)[-1]
    return (len(tail) >= 8 and len(set(tail.lower())) <= 2) or _DOCUMENTED.search(value) is not None


def _is_in_blob(text: str, start: int, end: int) -> bool:
    """Say whether a match is a stretch of a long base64 text, where any token comes up by chance."""
    if _is_in_lines(text, start, end):
        return True
    behind = _BLOB_CHARS.match(text, end, end + _BLOB + 1)
    after = behind.end() - end if behind else 0
    before = 0
    for char in reversed(text[max(0, start - _BLOB - 1) : start]):
        if not (char.isalnum() or char in "+/_=-"):
            break
        before += 1
    around = text[start - before : start] + text[end : end + after]
    if before + after <= _BLOB or around == around.lower() or not any(map(str.isdigit, around)):
        return False
    return max(map(len, around.split("/"))) >= _BLOB // 3  # the parts of a path are shorter


def _is_in_lines(text: str, start: int, end: int) -> bool:
    """Say whether a match stands in one of several lines of base64, as those of a PGP signature."""
    begin, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line = _BLOB_LINE.match(text, begin)
    if line is None or line.end() < end or text[line.end() : line.end() + 2].lstrip("\r")[:1] not in ("", "\n"):
        return False
    size = len(line.group())
    before = _BLOB_LINE.fullmatch(text[max(0, begin - size - 2) : max(0, begin - 1)].strip())
    behind = None if stop < 0 else _BLOB_LINE.match(text, stop + 1)
    return any(one is not None and len(one.group()) == size for one in (before, behind))


def _is_host(host: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(host.lower(), glob) for glob in globs)
