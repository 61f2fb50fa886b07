"""All detectors for one run: what of the catalogue is asked for, and what the user names."""

import fnmatch
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cassette_cli.operations.json_path import JsonPath
from cassette_cli.operations.redact.detect.assignments import assignments, passwords, suspects
from cassette_cli.operations.redact.detect.cookies import cookie_rule
from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.named import judged
from cassette_cli.operations.redact.detect.names import BY_COMPANY, Kind, NameRule, beside_rule, name_rule
from cassette_cli.operations.redact.detect.own import Names, Pattern, Values
from cassette_cli.operations.redact.detect.prefilter import Prefilter
from cassette_cli.operations.redact.detect.shapes import ShapeDetector
from cassette_cli.operations.redact.detect.values import is_opaque, is_placeholder
from cassette_cli.operations.redact.rules.rule import Level, Rule
from cassette_cli.operations.redact.texts.text import By, Piece

LEVELS: tuple[Level, ...] = ("secrets", "ids", "pii", "volatile")
DEFAULT_LEVELS: tuple[Level, ...] = ("secrets", "ids")

_MOST_NAMES = 100_000
"""How many names are remembered: keys of JSON may be made up without end."""
_MOST_CLEAN = 1 << 22
_LONGEST_CLEAN = 1 << 18
_KINDS: dict[By, Kind] = {"header": "header", "key": "json", "param": "query", "cookie": "cookie"}


class Clean:
    """Texts in which nothing was found, and what that hung on; as many as hold a few million characters."""

    def __init__(self) -> None:
        self._known: set[tuple[str, ...]] = set()
        self._size = 0

    def __contains__(self, known: tuple[str, ...]) -> bool:
        return known in self._known

    def add(self, known: tuple[str, ...]) -> None:
        """Take note of a text, which is the first of these; not of one that would take the room of thousands."""
        if len(known[0]) > _LONGEST_CLEAN:
            return
        if self._size > _MOST_CLEAN:
            self._known.clear()
            self._size = 0
        self._known.add(known)
        self._size += len(known[0])


@dataclass(eq=False)
class Detectors:
    """What is looked for: `levels` of the catalogue, and what the user named.

    `defaults` is False where only the user's own counts. `allow` are names or globs of rules that are not.
    """

    levels: frozenset[str] = frozenset(DEFAULT_LEVELS)
    defaults: bool = True
    allow: tuple[str, ...] = ()
    headers: Names = field(default_factory=Names)
    params: Names = field(default_factory=Names)
    keys: Names = field(default_factory=Names)
    values: dict[str, Rule] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    paths: tuple[tuple[JsonPath, Rule], ...] = ()

    def __post_init__(self) -> None:
        self._names: dict[tuple[By, str], NameRule | None] = {}
        self._counts: dict[str, bool] = {}
        self.clean = Clean()

    def counts(self, rule: Rule) -> bool:
        """Say whether a rule is asked for and not allowed."""
        found = self._counts.get(rule.name)
        if found is None:
            asked = rule.of_user or rule.level in self.levels
            found = self._counts[rule.name] = asked and not any(fnmatch.fnmatchcase(rule.name, g) for g in self.allow)
        return found

    @property
    def of_user(self) -> list[Rule]:
        """The rules that the user gave."""
        named = [rule for names in (self.headers, self.params, self.keys) for rule in names.rules]
        more = [*self.values.values(), *(one.rule for one in self.patterns), *(rule for _, rule in self.paths)]
        return list({rule.name: rule for rule in (*named, *more)}.values())

    # Names

    def own(self, name: str, by: By) -> Rule | None:
        """Return the rule of a name that the user gave, for headers, keys or parameters."""
        if by == "header":
            return self.headers.get(name)
        if by == "param":
            return self.params.get(name) or None
        if by == "any":
            return self.headers.get(name) or self.keys.get(name) or self.params.get(name)
        return self.keys.get(name) if by == "key" else None

    def named(self, piece: Piece, own: tuple[str, ...]) -> Sequence[Match]:
        """Return what is secret in a text by the name that it stands under."""
        name, by = piece.name, piece.by
        mine = self.own(name, by) if self._has_names else None
        if mine is not None:
            return whole(piece.value, mine, name, by, own)
        if not self.defaults:
            return ()
        key = (by, name)
        found = self._names.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            if len(self._names) > _MOST_NAMES:
                self._names.clear()
            found = self._names[key] = self._rule(name, by)
        if found is None and name in BY_COMPANY and by in ("key", "param"):
            found = beside_rule(name, piece.beside, _KINDS[by])
        if found is None or not (piece.value and self.counts(found.rule)):
            return ()
        if by == "cookie":
            return _cookie(found.rule, piece.value, name, own)
        matches = judged(found, name, piece.value, _KINDS.get(by, "json"), own)
        return [match for match in matches if self.counts(match.rule)]

    @cached_property
    def is_thorough(self) -> bool:
        """Whether short names and numbers matter, too: to what the user named, and to numbers of people."""
        return bool(self._has_names or self.values or self.patterns or self.paths) or "pii" in self.levels

    @cached_property
    def _has_names(self) -> bool:
        return bool(self.headers or self.params or self.keys)

    def _rule(self, name: str, by: By) -> NameRule | None:
        if by == "cookie":
            return NameRule(cookie_rule(name), "opaque")
        if by == "any":
            return name_rule(name, "json") or name_rule(name, "header") or name_rule(name, "query")
        if by == "key":
            return name_rule(name, "json") or (name_rule(name, "header") if name[:2] in ("x-", "X-") else None)
        return name_rule(name, _KINDS[by]) if by else None

    # Texts

    @cached_property
    def shapes(self) -> ShapeDetector | None:
        """What finds the shapes of the catalogue; None where none is asked for."""
        from cassette_cli.operations.redact.rules.catalogue import SHAPES

        rules = [rule for rule in SHAPES if self.counts(rule)] if self.defaults else []
        return ShapeDetector(rules) if rules else None

    @cached_property
    def prefilter(self) -> Prefilter | None:
        """What says quickly that there is nothing in a text; None where nearly anything may be looked for."""
        return None if self.is_thorough or self.shapes is None else Prefilter(self.shapes, self.counts)

    @cached_property
    def _values(self) -> Values | None:
        return Values(self.values) if self.values else None

    def in_texts(
        self, pieces: Sequence[Piece], host_of: Callable[[int], str], own: tuple[str, ...]
    ) -> Iterator[tuple[int, Match]]:
        """Yield what is secret in some texts, each with its number; `host_of` returns a text's host by it."""
        texts = [piece.value for piece in pieces]
        if self.shapes is not None:
            yield from self.shapes.search(texts, host_of)
        if self.defaults:
            for number in suspects(texts):
                text, kind = texts[number], pieces[number].kind
                # The parameters of a URL and the fields of a form are texts of their own.
                matches = passwords(text, own) if kind in ("url", "form") else assignments(text, own)
                yield from ((number, match) for match in matches if self.counts(match.rule))
        if self._values is not None:
            yield from self._values.search(texts)
        for pattern in self.patterns:
            for number, text in enumerate(texts):
                for match in pattern.matches(text):
                    yield number, match


_UNKNOWN = NameRule(Rule("", ""), "any")


def whole(value: str, rule: Rule, name: str, by: By, own: tuple[str, ...]) -> Sequence[Match]:
    """Return what goes of a value that the user named: all of it, but for a scheme, and for cookies' names."""
    known = name_rule(name, _KINDS.get(by, "json"))
    if known is not None and known.style != "value":
        found = judged(known, name, value, _KINDS.get(by, "json"), own)
        if found:
            return [Match(one.start, one.end, rule, one.key) for one in found]
    left = value
    for text in sorted(own, key=len, reverse=True):
        left = left.replace(text, "")
    return (
        ()
        if not left.strip() or (left != value and not any(map(str.isalnum, left)))
        else [Match(0, len(value), rule, name)]
    )


def _cookie(rule: Rule, value: str, name: str, own: tuple[str, ...]) -> Sequence[Match]:
    if not is_opaque(value) or is_placeholder(value, own):
        return ()
    return [Match(0, len(value), rule, name)]
