"""Which recording is nearest to a request, whether its recorder takes it for a match, and if not, why not."""

import os
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from cassette_cli.formats import registry
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette, Interaction, Request
from cassette_cli.operations.diff.json_compare import likeness
from cassette_cli.operations.loading import Loaded, load_one
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths, Target
from cassette_cli.operations.why.asked import Asked, Known
from cassette_cli.operations.why.differences import BOUNDARY, LAYOUT, ORDER, REDACTED, Difference, differences
from cassette_cli.operations.why.matching import Rule, needs, rule, unmet

Verdict = Literal["match", "played", "undecided", "none", "empty"]
"""A recording matches, one matches that was played, one may match, none does, there is none."""

_COSTS = {"method": 3.0, "scheme": 1.0, "host": 6.0, "port": 2.0, "path": 2.0, "query": 0.5, "fragment": 0.2,
          "header": 0.3, "body": 0.5}  # fmt: skip
_MOST = {"query": 3.0, "header": 2.0, "body": 6.0}
"""What differences in a part cost at most, however many they are."""
_OUTSIDE = 0.01
"""By how much less a difference weighs that the recorder does not look at."""


class Candidate(NamedTuple):
    """A recorded request beside the one that is asked about.

    `unmet` are the matchers that tell the two apart, `undecided` those that would have to know more of the request.
    """

    path: str
    index: int  # type: ignore[assignment]  # a field, and no longer the tuple's method
    line: int
    method: str
    url: str
    status: int | None
    rule: Rule
    recorder: str
    unmet: tuple[str, ...]
    undecided: tuple[str, ...]
    differences: tuple[Difference, ...]
    played: bool = False
    cost: float = 0.0

    @property
    def matches(self) -> bool:
        """Whether the recorder would answer with it, as far as that is known."""
        return not self.unmet

    @property
    def counted(self) -> list[Difference]:
        """The differences that keep it from being a match."""
        return [one for one in self.differences if one.counts]

    @property
    def summary(self) -> str:
        """What kind of difference there is, in a few words."""
        found = self.counted
        if not found:
            return "nothing that is compared differs"
        notes = {one.note for one in found if one.note != BOUNDARY} or {BOUNDARY}
        if {one.part for one in found} == {"method"}:
            return f"the same request, under another method: {self.method}"
        if notes == {REDACTED}:
            return "differs by a redacted value alone"
        if notes == {BOUNDARY}:
            return "only the multipart boundary differs"
        if notes == {LAYOUT}:
            return "the same JSON: only its layout differs"
        if notes == {ORDER}:
            return "only the order or encoding of the query differs"
        if all(note.startswith("changes on every recording") for note in notes):
            return "differs by what changes on every recording alone"
        return "differs in " + _listed([_part(part, found) for part in dict.fromkeys(one.part for one in found)])


def _part(part: str, found: Sequence[Difference]) -> str:
    count = sum(1 for one in found if one.part == part)
    if part == "header":
        return "1 header" if count == 1 else f"{count} headers"
    return f"the {part}" if count == 1 or part != "body" else f"the body ({count} places)"


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


@dataclass(slots=True)
class Explanation:
    """What became of the search: the verdict, and the recordings, nearest first."""

    asked: Asked
    verdict: Verdict
    candidates: list[Candidate] = field(default_factory=list)
    searched: int = 0

    @property
    def matches(self) -> list[Candidate]:
        """The recordings that match, in the order of the recording."""
        found = [one for one in self.candidates if one.matches and not one.undecided]
        return sorted(found, key=lambda one: (one.path, one.index))


def explain(path: str, asked: Asked, match: Iterable[str] = (), *, played: Container[int] = ()) -> Explanation:
    """Say which recording of a cassette is nearest to a request, and what differs.

    `match` are names of matchers, as `--match` takes them; without any, the message's or the recorder's own. `played`
    are the interactions that were played already. Raises `CassetteError` where the cassette cannot be read.
    """
    loaded = load_one(Target(path), Paths((path,)), Selection())
    return explain_all([loaded], asked, match, played=played)


def meant(asked: Asked, cassettes: Sequence[Loaded]) -> list[Loaded]:
    """Return the cassettes that a message is about: the one that it names, [] where that is not there; else all."""
    if asked.cassette is None:
        return [*cassettes]
    named = os.path.realpath(asked.cassette).split(os.sep)
    paths = [os.path.realpath(one.cassette.path).split(os.sep) for one in cassettes]
    for last in (0, -2):  # the whole path, or its end: the run may have been on another machine
        found = [one for one, path in zip(cassettes, paths, strict=True) if path[last:] == named[last:]]
        if found:
            return found
    return []


def explain_all(
    cassettes: Iterable[Loaded], asked: Asked, match: Iterable[str] = (), *, played: Container[int] = ()
) -> Explanation:
    """Say the same of several cassettes, of what is chosen in each."""
    match = tuple(match)
    found: list[Candidate] = []
    for loaded in cassettes:
        recorder = registry.format_of(loaded.cassette.format)
        by = rule(recorder.matching(loaded.cassette.format), recorder.recorder, match, asked)
        found += [
            _candidate(loaded.cassette, reading.interaction, asked, by, recorder.recorder, played)
            for reading in loaded.selection.readings(loaded.cassette)
        ]
    found.sort(key=lambda one: (bool(one.unmet), one.cost, one.played))
    return Explanation(asked, _verdict(found, asked), found, len(found))


def _verdict(found: Sequence[Candidate], asked: Asked) -> Verdict:
    if not found:
        return "empty"
    matching = [one for one in found if one.matches]
    if not matching:
        return "none"
    # A recorder that complains of a request that matches has played the recordings of it.
    if asked.played or all(one.played for one in matching):
        return "played"
    sure = [one for one in matching if not one.undecided and not one.rule.own]
    if not sure:
        return "undecided"
    return "played" if asked.refused else "match"


def _candidate(
    cassette: Cassette, interaction: Interaction, asked: Asked, by: Rule, recorder: str, played: Container[int]
) -> Candidate:
    old = interaction.request
    new, unknown = _completed(asked, old)
    names = by.matching.names
    failed = tuple(name for name in names if unmet(name, by.matching, new, old))
    undecided = tuple(name for name in names if name not in failed and not needs(name).isdisjoint(unknown))
    found = tuple(differences(new, old, failed))
    status = None if interaction.response is None else interaction.response.status
    line = cassette.document.line(interaction.node.start)
    made = Candidate(
        cassette.path, interaction.index, line, old.method, old.url, status, by, recorder, failed, undecided, found,
        interaction.index in played, _cost(new, old, found),
    )  # fmt: skip
    old.body.forget()
    return made


def _completed(asked: Asked, old: Request) -> tuple[Request, set[Known]]:
    """Return the request with what is not known of it taken from a recorded one, and what that is."""
    new, unknown = asked.request, set(asked.unknown)
    if not unknown and not asked.body_opens:
        return new, unknown
    headers = old.headers if "headers" in unknown else new.headers
    body = Body(new.body.node, new.body.storage, headers=headers) if "headers" in unknown else new.body
    if "body" in unknown:
        body = old.body
    elif asked.body_opens and (old.body.text or "").startswith(new.body.text or "\0"):
        body = old.body
        unknown.add("body")
    url = new.url
    if "scheme" in unknown:
        url = f"{old.url.partition(':')[0] if '://' in old.url else 'https'}:{url}"
    method = old.method if "method" in unknown else new.method
    return Request(method, url, headers, body), unknown


def _cost(new: Request, old: Request, found: Sequence[Difference]) -> float:
    """Return how far two requests are from each other; what does not count decides between equals alone."""
    total = 0.0
    for counts in (True, False):
        sums: dict[str, float] = {}
        for one in found:
            if one.counts is counts:
                sums[one.part] = sums.get(one.part, 0.0) + _weight(one, new, old)
        total += sum(min(cost, _MOST.get(part, 6.0)) for part, cost in sums.items()) * (1 if counts else _OUTSIDE)
    return total


def _weight(one: Difference, new: Request, old: Request) -> float:
    """Return what one difference costs: less where the two sides are alike, next to nothing where it is explained."""
    cost = _COSTS[one.part]
    if one.note:
        return cost * 0.3
    if one.part == "path" and isinstance(one.sent, str) and isinstance(one.recorded, str):
        return cost + 4.0 * (1 - SequenceMatcher(None, one.sent.split("/"), one.recorded.split("/")).ratio())
    if one.part == "body" and not one.name:
        a, b = new.body.text, old.body.text
        return cost + 4.0 * (1 - likeness(a, b, {}) if a and b else 1.0)
    if one.part == "body" and isinstance(one.sent, str) and isinstance(one.recorded, str):
        return cost + 0.5 * (1 - likeness(one.sent, one.recorded, {}))
    return cost
