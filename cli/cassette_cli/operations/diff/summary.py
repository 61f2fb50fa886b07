"""Differences counted and gathered: a cassette in numbers, all cassettes together, and what `--fail-on` waits for."""

from collections import Counter
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from cassette_cli.operations.diff import words
from cassette_cli.operations.diff.remainder import leaves
from cassette_cli.operations.diff.result import CassetteDiff, Change, InteractionDiff, Kind, name_of
from cassette_cli.operations.diff.values import ABSENT, Named, keys_of
from cassette_cli.source.later import pattern

CATEGORY_ABOUTS: Final = {
    "model": "another model answered",
    "status": "another status, or another method of the request",
    "tool-calls": "other tools were called, or with other arguments",
    "request": "something else was asked: the URL, or what the request says",
    "finish": "the answer ended for another reason",
    "error": "another error, or one where there was none",
    "interactions": "an interaction was added or removed",
    "text": "the words of the answer",
    "reasoning": "the reasoning before the answer",
    "body": "a body that is no answer of a model",
    "usage": "the tokens that the provider counted",
    "header": "a header that is not volatile",
    "events": "what stands in the events of a stream beside its answer",
}
CATEGORIES: Final = tuple(CATEGORY_ABOUTS)
"""How changes are grouped: what decides over a test first. `--only` and `--except` take them."""

FAIL_ON: Final = (*CATEGORIES, "secrets", "volatile")
"""What `--fail-on` knows."""

_REQUEST: Final[frozenset[Kind]] = frozenset({"method", "url", "request"})
_FEW: Final = 3
"""So many different values of one thing are told one by one, and so many answers."""

TOKENS: Final = ("input tokens", "output tokens")

Occurrence = tuple[str, int]
"""Where a change was found: the cassette's path, and the interaction's number."""


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
        if _is_said(change):
            come, gone = words.count(_text(change.old), _text(change.new))
            more, fewer = more + come, fewer + gone
    return more, fewer


def _is_said(change: Change) -> bool:
    """Say whether a change is one of words of an answer."""
    return change.kind in ("text", "reasoning") and change.path[-1] in ("text", "reasoning", "refusal")


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
    if difference.volatile:
        found.add("volatile")
    return found & set(wanted)


def narrowed(difference: CassetteDiff, wanted: Container[str], place: Named | None = None) -> CassetteDiff:
    """Return a difference with the changes of some categories only, and at a place where one is given.

    Where none is left of an interaction or a cassette, it counts as one that did not change.
    """

    def keeps(change: Change) -> bool:
        return category(change.kind) in wanted and (place is None or place(change.path))

    alone = "interactions" in wanted and place is None
    found = []
    left_out = 0
    for one in difference.interactions:
        if one.old is None or one.new is None:
            found += [one] if alone else []
            left_out += not alone
            continue
        changes = tuple(change for change in one.changes if keeps(change))
        volatile = tuple(change for change in one.volatile if place is None or place(change.path))
        moved = one.moved and alone
        left_out += len(one.changes) - len(changes) + (one.moved and not moved)
        found.append(one._replace(changes=changes, volatile=volatile, moved=moved))
    return difference._replace(interactions=tuple(found), left_out=left_out)


@dataclass(slots=True)
class Gathered:
    """One line of the summary: what changed, from what to what, and where.

    `variants` counts the different values that were gathered; then `old` and `new` are those of the first place.
    """

    category: str
    what: str
    old: Any
    new: Any
    places: list[Occurrence]
    variants: int = 1

    @property
    def cassettes(self) -> int:
        """In how many cassettes it was found."""
        return len({path for path, _ in self.places})


@dataclass(slots=True)
class Answers:
    """The answers whose words changed: the places, and the words on either side."""

    rows: list[Gathered] = field(default_factory=list)
    words: tuple[int, int] = (0, 0)

    def add(self, change: Change, place: Occurrence) -> None:
        """Count one in."""
        self.rows.append(Gathered(change.kind, name_of(change, positions=False), change.old, change.new, [place]))
        counts = (words.word_count(_text(value)) for value in (change.old, change.new))
        self.words = tuple(map(sum, zip(self.words, counts, strict=True)))  # type: ignore[assignment]


@dataclass(slots=True)
class UsageSum:
    """One counter of usage over all interactions in which it changed."""

    old: float = 0
    new: float = 0
    places: list[Occurrence] = field(default_factory=list)

    def add(self, old: float, new: float, place: Occurrence) -> None:
        """Count an interaction in."""
        self.old += old
        self.new += new
        self.places.append(place)


@dataclass(slots=True)
class DiffSummary:
    """All cassettes together. `only_volatile` lists those in which nothing is a change.

    With `gathering`, equal changes of all cassettes are gathered, for `rows`. `compared` counts pairs of interactions,
    `left_out` cassettes in which only other categories changed than those that were asked for.
    """

    gathering: bool = False
    states: Counter[str] = field(default_factory=Counter)
    identical: int = 0
    left_out: int = 0
    compared: int = 0
    only_volatile: list[str] = field(default_factory=list)
    changed: dict[str, set[str]] = field(default_factory=dict)
    total: Stat = field(default_factory=Stat)
    volatile: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Answers] = field(default_factory=dict)
    usage: dict[str, UsageSum] = field(default_factory=dict)
    models: dict[Literal["removed", "added"], dict[str, set[str]]] = field(
        default_factory=lambda: {"removed": {}, "added": {}}
    )
    _rows: dict[tuple[str, str, str, str], Gathered] = field(default_factory=dict)
    _alone: dict[tuple[str, str], Gathered] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    def add(self, difference: CassetteDiff) -> None:
        """Count a cassette in."""
        if difference.identical and not difference.differs:
            self.identical += 1
            return
        self.volatile += difference.volatile
        self.compared += sum(1 for one in difference.interactions if one.old and one.new)
        if difference.only_volatile:
            self.only_volatile.append(difference.path)
            return
        if not difference.differs:
            self.left_out += 1
            return
        self.states[difference.state] += 1
        self.changed[difference.path] = categories(difference)
        self._sum(stat(difference))
        for one in difference.interactions if self.gathering else ():
            self._gather(difference.path, one)

    def _sum(self, one: Stat) -> None:
        total = self.total
        total.changed += one.changed
        total.added += one.added
        total.removed += one.removed
        total.moved += one.moved
        total.words = (total.words[0] + one.words[0], total.words[1] + one.words[1])
        total.tokens = (total.tokens[0] + one.tokens[0], total.tokens[1] + one.tokens[1])

    def _gather(self, path: str, one: InteractionDiff) -> None:
        place = (path, one.label.index)
        if one.old and one.new and any(change.kind == "usage" for change in one.changes):
            for name, old, new in zip(TOKENS, one.old.tokens, one.new.tokens, strict=True):
                if old is not None and new is not None and old != new:
                    self.usage.setdefault(name, UsageSum()).add(old, new, place)
        for change in one.changes:
            if _is_said(change):
                self.answers.setdefault(change.kind, Answers()).add(change, place)
            elif change.kind == "usage" and (counts := _counts(change)) is not None:
                for name, (before, after) in counts.items():
                    self.usage.setdefault(name, UsageSum()).add(before, after, place)
            else:
                self._tell(change, place)
        if one.old is None or one.new is None:
            self._tell_alone(one, place)
        else:
            self._kept.update(model for model in (one.old.model, one.new.model) if model)
            if one.moved:
                key = ("interactions", "moved")
                self._alone.setdefault(key, Gathered("interactions", "moved", ABSENT, ABSENT, [])).places.append(place)

    def _tell(self, change: Change, place: Occurrence) -> None:
        """Gather equal changes: one new setting in every request is one line of the summary."""
        what = name_of(change, positions=False)
        key = (category(change.kind), what, repr(change.old), repr(change.new))
        if key not in self._rows:
            self._rows[key] = Gathered(key[0], what, change.old, change.new, [])
        self._rows[key].places.append(place)

    def _tell_alone(self, one: InteractionDiff, place: Occurrence) -> None:
        state: Literal["removed", "added"] = "added" if one.old is None else "removed"
        label = one.label
        if label.model:
            self.models[state].setdefault(label.model, set()).add(place[0])
        name = label.model or f"{label.method} {label.url.partition('?')[0]}"
        row = self._alone.setdefault((state, name), Gathered("interactions", state, ABSENT, ABSENT, []))
        row.old, row.new = (ABSENT, name) if state == "added" else (name, ABSENT)
        row.places.append(place)

    def models_alone(self, state: Literal["removed", "added"]) -> dict[str, int]:
        """Return the models that only added or only removed interactions have, with the cassettes that have them."""
        others = self._kept | set(self.models["added" if state == "removed" else "removed"])
        found = {name: len(paths) for name, paths in self.models[state].items() if name not in others}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def rows(self, most: int | None = None) -> list[Gathered]:
        """Return what was gathered: what is met throughout first, then by category, in each the most frequent first.

        Where there are more than `most`, those that say the least for themselves are told together: first different
        values at one place, then different places under one key.
        """
        found = list(self._rows.values())
        for merge in (_by_place, _by_key, _by_category) if most is not None else ():
            if len(found) + len(self._alone) > (most or 0):
                found = _merged(found, merge, most or 0)
        found += self._alone.values()
        for name, answers in self.answers.items():
            if len(answers.rows) <= _FEW:
                found += answers.rows
            else:
                places = [place for row in answers.rows for place in row.places]
                first = answers.rows[0]
                found.append(Gathered(name, name, first.old, first.new, places, len(answers.rows)))
        rank = {name: at for at, name in enumerate(CATEGORIES)}
        throughout = max(self.compared // 2, _FEW)
        return sorted(
            found,
            key=lambda row: (
                len(row.places) < throughout or row.category in self.answers,
                -len(row.places) if len(row.places) >= throughout else 0,
                rank[row.category],
                -len(row.places),
                row.what,
            ),
        )


def _by_place(row: Gathered) -> str:
    return row.what


def _by_key(row: Gathered) -> str:
    """Return the first key of what changed: all tools of requests are one thing, and all their messages."""
    kind, _, path = row.what.partition(" ")
    return f"{kind} {_KEY.match(path)[0]}" if kind in ("request", "answer") else row.what  # type: ignore[index]


def _by_category(row: Gathered) -> str:
    return row.what.partition(" ")[0] if row.category in ("request", "body", "tool-calls") else row.what


_KEY = pattern(r"[^.\[ ]*")


def _merged(rows: list[Gathered], name: Callable[[Gathered], str], most: int) -> list[Gathered]:
    """Return rows with those of one name made one, those met least often first, until few enough are left."""
    groups: dict[tuple[str, str], list[Gathered]] = {}
    for row in rows:
        groups.setdefault((row.category, name(row)), []).append(row)
    left = len(rows)
    out = []
    for (_, what), group in sorted(groups.items(), key=lambda item: max(len(row.places) for row in item[1])):
        if left <= most or len(group) == 1:
            out += group
            continue
        left -= len(group) - 1
        group.sort(key=lambda row: -len(row.places))
        places = list(dict.fromkeys(place for row in group for place in row.places))
        out.append(replace(group[0], what=what, places=places, variants=sum(row.variants for row in group)))
    return out


def _counts(change: Change) -> dict[str, tuple[float, float]] | None:
    """Return the counters that changed by name, old and new, 0 where there is none; None for what is no counter."""
    found: dict[str, tuple[float, float]] = {}
    for side, value in enumerate((change.old, change.new)):
        if value is ABSENT:
            continue
        for name, count in leaves(value, keys_of(change.path)[0] or "usage"):
            if isinstance(count, bool) or not isinstance(count, int | float | None):
                return None
            old, new = found.get(name, (0, 0))
            found[name] = (count or 0, new) if side == 0 else (old, count or 0)
    return found


def short_paths(paths: Iterable[str]) -> dict[str, str]:
    """Return the shortest ending of each path that no other path has, whole parts of it."""
    parts = {path: path.split("/") for path in dict.fromkeys(paths)}
    counts: Counter[tuple[str, ...]] = Counter(
        tuple(names[at:]) for names in parts.values() for at in range(len(names))
    )
    found = {}
    for path, names in parts.items():
        at = next((at for at in range(len(names) - 1, -1, -1) if counts[tuple(names[at:])] == 1), 0)
        found[path] = "/".join(names[at:])
    return found
