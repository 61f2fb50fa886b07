"""Differences counted: a line a cassette, all cassettes together, and what `--fail-on` waits for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from cassette_cli.operations.diff import words
from cassette_cli.operations.diff.result import CassetteDiff, InteractionDiff, Kind
from cassette_cli.operations.diff.values import ABSENT, path_text

FAIL_ON: Final = ("request", "status", "model", "finish", "tool-calls", "text", "interactions", "secrets")
"""What `--fail-on` knows, as the README lists it."""

CATEGORIES: Final = (
    "model", "status", "tool-calls", "finish", "error", "interactions", "request", "text", "reasoning", "body", "usage",
    "header", "events",
)  # fmt: skip
"""How changes are grouped in the summary: what decides over a test first."""

_REQUEST: Final[frozenset[Kind]] = frozenset({"method", "url", "request"})


@dataclass(slots=True)
class Stat:
    """One cassette in numbers; `words` and `tokens` are (more, fewer)."""

    changed: int = 0
    added: int = 0
    removed: int = 0
    moved: int = 0
    words: tuple[int, int] = (0, 0)
    tokens: tuple[int, int] = (0, 0)


def stat(difference: CassetteDiff) -> Stat:
    """Count one cassette: interactions, words of the answers' text and reasoning, tokens in and out."""
    found = Stat()
    more = fewer = up = down = 0
    for one in difference.interactions:
        found.changed += one.state == "changed"
        found.added += one.state == "added"
        found.removed += one.state == "removed"
        found.moved += one.moved
        come, gone = _words(one)
        more, fewer = more + come, fewer + gone
        step = _tokens(one)
        up, down = up + max(step, 0), down + max(-step, 0)
    found.words, found.tokens = (more, fewer), (up, down)
    return found


def _words(one: InteractionDiff) -> tuple[int, int]:
    if one.state == "added":
        return one.label.words, 0
    if one.state == "removed":
        return 0, one.label.words
    more = fewer = 0
    for change in one.changes:
        if change.kind in ("text", "reasoning") and change.path[-1] in ("text", "reasoning", "refusal"):
            come, gone = words.count(_text(change.old), _text(change.new))
            more, fewer = more + come, fewer + gone
    return more, fewer


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _tokens(one: InteractionDiff) -> int:
    """Return how many tokens more the new side took; a side that was not counted counts as the other."""
    sums = []
    for label in (one.old, one.new):
        counts = [] if label is None else [count for count in label.tokens if count is not None]
        sums.append(sum(counts) if counts else None if label is not None else 0)
    old, new = sums
    return 0 if old is None or new is None else new - old


def category(kind: Kind) -> str:
    """Return the group that a kind of change counts in."""
    return "request" if kind in _REQUEST else kind


def categories(difference: CassetteDiff) -> set[str]:
    """Return the groups in which a cassette changed."""
    found = {category(change.kind) for one in difference.interactions for change in one.changes}
    moved = any(one.moved or one.state in ("added", "removed") for one in difference.interactions)
    if moved or difference.state in ("added", "deleted"):
        found.add("interactions")
    return found


def fired(difference: CassetteDiff, wanted: Iterable[str]) -> set[str]:
    """Return what of `--fail-on` changed in a cassette; headers of a request count as the request."""
    found = categories(difference)
    if any(change.side == "request" for one in difference.interactions for change in one.changes):
        found.add("request")
    return found & set(wanted)


@dataclass(frozen=True, slots=True)
class Told:
    """One change of the summary, and the places (cassette, interaction) that it was found in."""

    category: str
    what: str
    old: Any
    new: Any
    places: list[tuple[str, int]]


@dataclass(slots=True)
class Summary:
    """All cassettes together. `only_volatile` lists those in which nothing is a change.

    With `gathering`, equal changes of all cassettes are gathered, for `grouped`.
    """

    gathering: bool = False
    states: Counter[str] = field(default_factory=Counter)
    identical: int = 0
    only_volatile: list[str] = field(default_factory=list)
    changed: dict[str, set[str]] = field(default_factory=dict)
    told: dict[tuple[str, str, str, str], Told] = field(default_factory=dict)
    total: Stat = field(default_factory=Stat)
    volatile: Counter[str] = field(default_factory=Counter)

    def add(self, difference: CassetteDiff) -> None:
        """Count a cassette in."""
        if difference.identical and not difference.differs:
            self.identical += 1
            return
        self.volatile += difference.volatile
        if difference.only_volatile:
            self.only_volatile.append(difference.path)
            return
        self.states[difference.state] += 1
        self.changed[difference.path] = categories(difference)
        self._sum(stat(difference))
        for one in difference.interactions if self.gathering else ():
            self._tell(difference.path, one)

    def _sum(self, one: Stat) -> None:
        total = self.total
        total.changed += one.changed
        total.added += one.added
        total.removed += one.removed
        total.moved += one.moved
        total.words = (total.words[0] + one.words[0], total.words[1] + one.words[1])
        total.tokens = (total.tokens[0] + one.tokens[0], total.tokens[1] + one.tokens[1])

    def _tell(self, path: str, one: InteractionDiff) -> None:
        """Gather equal changes: one new setting in every request is one line of the summary."""
        place = (path, one.label.index)
        for change in one.changes:
            group = category(change.kind)
            what = path_text(tuple(step for step in change.path if isinstance(step, str)), root="")
            key = (group, what, repr(change.old), repr(change.new))
            if key not in self.told:
                self.told[key] = Told(group, what.lstrip("."), change.old, change.new, [])
            self.told[key].places.append(place)
        if one.state in ("added", "removed") or one.moved:
            what = one.state if one.state in ("added", "removed") else "moved"
            where = f"{one.label.method} {one.label.url}"
            key = ("interactions", what, where, "")
            if key not in self.told:
                old, new = (where, ABSENT) if what == "removed" else (ABSENT, where)
                self.told[key] = Told("interactions", what, old, new, [])
            self.told[key].places.append(place)

    def grouped(self) -> Iterable[tuple[str, list[Told]]]:
        """Yield what was gathered in the order of `CATEGORIES`, in each what was met most often first."""
        for name in CATEGORIES:
            found = [one for one in self.told.values() if one.category == name]
            if found:
                yield name, sorted(found, key=lambda one: (-len(one.places), one.what))
