"""Findings and gaps: what was found and what could not be looked into, in terms of people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ahocorasick_rs import AhoCorasick

from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.redact.replace.placeholders import fingerprint
from cassette_cli.operations.redact.replace.writing import Spot, authority
from cassette_cli.operations.redact.texts.document import Place, Unscanned
from cassette_cli.operations.redact.texts.text import Replacement, Secret
from cassette_cli.source.document import Document

if TYPE_CHECKING:
    from cassette_cli.source.scalars import SourceMap


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret in one place. `line` counts from 1; `interaction` is None outside of all of them.

    `matched` says that the place is one that the recorder compares requests by. `fingerprint` stands for the value
    in baselines and allow-lists. `value` is the secret itself, for comparisons only: nothing prints it.
    """

    path: str
    line: int
    interaction: int | None
    where: str
    rule: str
    level: str
    masked: str
    matched: bool
    fingerprint: str
    value: str = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `--json` prints it."""
        return {
            "line": self.line,
            "interaction": self.interaction,
            "where": self.where,
            "rule": self.rule,
            "level": self.level,
            "masked": self.masked,
            "fingerprint": self.fingerprint,
            "matched_on": self.matched,
        }


class Gap(NamedTuple):
    """A part that could not be looked into, and why."""

    path: str
    line: int
    interaction: int | None
    where: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the gap as `--json` prints it."""
        return {"line": self.line, "interaction": self.interaction, "where": self.where, "reason": self.reason}


def findings(cassette: Cassette, spots: Iterable[Spot]) -> list[Finding]:
    """Return the findings of a cassette in the order of its lines."""
    spots = list(spots)
    hidden = Hidden(spots)
    lines = _Lines(cassette.document)
    found = []
    for spot in spots:
        place = spot.place
        for one, secret in spot.secrets():
            where = hidden.masked(where_of(spot, one, secret))
            found.append(
                Finding(
                    cassette.path,
                    lines.of(place, one.start),
                    place.interaction,
                    where,
                    secret.rule.name,
                    secret.rule.level,
                    secret.masked,
                    is_matched(place, cassette.format, where),
                    fingerprint(secret.value),
                    secret.value,
                )
            )
    return sorted(found, key=lambda one: (one.line, one.where, one.rule))


def gaps(cassette: Cassette, unscanned: Iterable[Unscanned], chosen: set[int] | None) -> list[Gap]:
    """Return what could not be looked into, and of the chosen interactions what their format does not know."""
    line = cassette.document.line
    unread = (
        one
        for one in cassette.unread_parts()
        if chosen is None or one.interaction in chosen or (chosen and one.of_version)
    )
    return [
        *(Gap(cassette.path, line(one.node.start), one.interaction, one.where, one.reason) for one in unscanned),
        *(Gap(cassette.path, line(one.node.start), one.interaction, one.where, one.reason) for one in unread),
    ]


class _Lines:
    """The lines in which findings stand: of an encoded text, that in which its scalar begins."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._maps: dict[tuple[int, int], SourceMap | None] = {}

    def of(self, place: Place, start: int) -> int:
        document, node = self._document, place.node
        if node is None:
            return document.line(place.start)
        plain = place.body is None or (place.body.storage == "text" and place.body.payload == node.value)
        if plain and node.kind == "scalar" and document.line(node.end - 1) > document.line(node.start):
            if node.span not in self._maps:
                from cassette_cli.source.scalars import source_map

                self._maps[node.span] = source_map(document.text, node, is_json=document.is_json)
            made = self._maps[node.span]
            span = made.locate(place.offset + start, place.offset + start + 1) if made is not None else None
            if span is not None:
                return document.line(span[0])
        return document.line(node.start)


def is_matched(place: Place, recorder: str, where: str) -> bool:
    """Say whether a change in a place may keep the recorder from finding the interaction again, as its format says."""
    if place.kind == "url":
        return True
    if place.side != "request" and ".request." not in f".{where}.":
        return False
    return ("headers" if place.kind == "header" else "body") in registry.matched(recorder)


def where_of(spot: Spot, one: Replacement, secret: Secret) -> str:
    """Return the part of the recording that a secret stands in."""
    place = spot.place
    if place.kind == "url":
        return _in_url(spot.text.value, one, secret)
    steps = list(secret.where)
    if secret.key and not steps and secret.key.lower() not in place.where.lower():
        steps.append(f"?{secret.key}")
    return _joined(place.where or "the document", *steps)


def _joined(*parts: str) -> str:
    kept: list[str] = []
    for part in parts:
        if part and (not kept or kept[-1].lower() != part.lower()):
            kept.append(part)
    return " ".join(kept)


def _in_url(url: str, one: Replacement, secret: Secret) -> str:
    if secret.where:
        return _joined("url", *secret.where)
    start, end, path_end = authority(url)
    if one.start >= path_end:
        name = url[: one.start].rstrip("=")
        return f"url ?{name[max(name.rfind(sign) for sign in '?&#;') + 1 :]}"
    if one.start < start:
        return "url userinfo"
    return "url host" if one.start < end else "url path"


class Hidden:
    """The secrets that may stand in a path, as keys do; of what it shows of each, a path is made without them."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        found = {secret.value: secret.masked for spot in spots for _, secret in spot.secrets() if secret.tells}
        self._longest_first = sorted(found.items(), key=lambda item: (-len(item[0]), item[0]))
        self._automaton = AhoCorasick([value for value, _ in self._longest_first])
        self._known: dict[str, str] = {}

    def masked(self, where: str) -> str:
        """Return a path without the secrets that stand in it."""
        known = self._known.get(where)
        if known is None:
            known = where
            for number in sorted(
                {found[0] for found in self._automaton.find_matches_as_indexes(where, overlapping=True)}
            ):
                known = known.replace(*self._longest_first[number])
            self._known[where] = known
        return known
