"""`cassette redact`: scan, edit, prove, and only then hand the new text over."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.patch import unified
from cassette_cli.operations.redact import proof
from cassette_cli.operations.redact.allowing import Allowed
from cassette_cli.operations.redact.marks import is_matched
from cassette_cli.operations.redact.placing import line_of, where_of
from cassette_cli.operations.redact.report import Finding, Gap
from cassette_cli.operations.redact.scan import Plan, Scan, Scanned, Spot, harvest
from cassette_cli.operations.redact.values import is_sweepable
from cassette_cli.operations.redact.writing import Writer, removals
from cassette_cli.operations.selecting import Selection
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Part, Remove, Replace
from cassette_cli.source.splicing import splice
from cassette_cli.source.verify import apply


class Summary(NamedTuple):
    """What is told of one cassette: all that goes from the process that read it to the one that reports."""

    path: str
    findings: list[Finding]
    gaps: list[Gap]
    changed: bool


@dataclass(slots=True)
class Redacted:
    """What was found in one cassette and what it became; `after` is None where nothing is to change."""

    path: str
    findings: list[Finding]
    gaps: list[Gap]
    after: Document | None = None
    masked: str = field(default="", repr=False)
    changes: tuple[Part, ...] = field(default=(), repr=False)

    @property
    def clean(self) -> bool:
        """Whether there was nothing to do and nothing that could not be scanned."""
        return not self.findings and not self.gaps

    def summary(self) -> Summary:
        """Return what is told of it."""
        return Summary(self.path, self.findings, self.gaps, self.after is not None)

    def difference(self) -> list[str]:
        """Return the change as a unified diff in which no secret is shown: what goes is masked."""
        return list(unified(self.path, self.masked, self.changes, str)) if self.after is not None else []


def redact(
    loaded: Loaded, plan: Plan, *, edit: bool = True, remove: bool = False, input_format: str | None = None
) -> Redacted:
    """Scan a cassette and, with `edit`, redact it.

    Raises `EditError` where the result cannot be proved: then nothing is to be written.
    """
    cassette = loaded.cassette
    chosen = _chosen(cassette, loaded.selection)
    scanned = Scan(plan, cassette, chosen).run()
    spots = _permitted(cassette, scanned)
    result = Redacted(cassette.path, _findings(cassette, spots), _gaps(cassette, scanned, chosen))
    if edit and spots:
        try:
            _edit(result, cassette, plan, spots, chosen, remove=remove, input_format=input_format)
        except CassetteError as error:
            error.path = error.path or cassette.path
            raise
    return result


def found_values(cassette: Cassette, plan: Plan) -> set[str]:
    """Return every secret of a cassette in clear, for comparisons."""
    spots = _permitted(cassette, Scan(plan, cassette).run())
    return {secret.value for spot in spots for _, secret, _ in spot.secrets()}


def _chosen(cassette: Cassette, selection: Selection) -> set[int] | None:
    """Return the numbers of the chosen interactions, None where no choice was made."""
    if selection == Selection(protocol=selection.protocol):
        return None
    return {reading.interaction.index for reading in selection.readings(cassette)}


def _permitted(cassette: Cassette, scanned: Scanned) -> list[Spot]:
    """Drop what comments in the file let stand."""
    if not scanned.spots or "cassette:" not in cassette.document.text:
        return scanned.spots
    allowed = Allowed(cassette.document, scanned.survey.comments())
    if not allowed:
        return scanned.spots
    kept = []
    for spot in scanned.spots:
        spot.hits = [h for h in spot.hits if not all(allowed.covers(spot.place, s.rule.name) for s in h.secrets)]
        spot.frames = {
            number: (text, left)
            for number, (text, hits) in spot.frames.items()
            if (left := [h for h in hits if not all(allowed.covers(spot.place, s.rule.name) for s in h.secrets)])
        }
        if spot:
            kept.append(spot)
    return kept


def _findings(cassette: Cassette, spots: Iterable[Spot]) -> list[Finding]:
    found = []
    spots = list(spots)
    hidden = _hidden(spots)
    for spot in spots:
        wheres = [_masked_where(where, hidden) for where in where_of(spot)]
        for (hit, secret, number), where in zip(spot.secrets(), wheres, strict=True):
            found.append(
                Finding(
                    cassette.path,
                    line_of(cassette.document, spot.place, hit if number is None else None),
                    spot.place.interaction,
                    where,
                    secret.rule.name,
                    secret.rule.level,
                    secret.masked,
                    is_matched(spot.place, cassette.format, where),
                    secret.value,
                )
            )
    return sorted(found, key=lambda one: (one.line, one.where, one.rule))


_TELLING = 8
"""Characters from which on a value in a path is the secret, and no chance."""


def _hidden(spots: Iterable[Spot]) -> list[tuple[str, str]]:
    """Return the secrets that may stand in a path, as keys do, with what is shown of each; the longest first."""
    found = {
        secret.value: secret.masked
        for spot in spots
        for _, secret, _ in spot.secrets()
        if len(secret.value) >= _TELLING and (secret.rule.kind in ("token", "pattern") or is_sweepable(secret.value))
    }
    return sorted(found.items(), key=lambda item: (-len(item[0]), item[0]))


def _masked_where(where: str, hidden: Iterable[tuple[str, str]]) -> str:
    for value, masked in hidden:
        where = where.replace(value, masked)
    return where


def _gaps(cassette: Cassette, scanned: Scanned, chosen: set[int] | None) -> list[Gap]:
    document = cassette.document
    return [
        Gap(cassette.path, document.line(one.node.start), one.interaction, one.where, one.reason)
        for one in scanned.unscanned
    ] + [
        Gap(cassette.path, document.line(one.node.start), one.interaction, one.where, one.reason)
        for one in cassette.unread_parts()
        if chosen is None or one.interaction in chosen
    ]


def _edit(
    result: Redacted,
    cassette: Cassette,
    plan: Plan,
    spots: list[Spot],
    chosen: set[int] | None,
    *,
    remove: bool,
    input_format: str | None,
) -> None:
    document = cassette.document
    removed, gone = _removed(cassette, spots) if remove else ([], set())
    left = [spot for spot in spots if spot.place.node is None or spot.place.node.span not in gone]
    edits: list[Edit] = [*Writer().edits(left), *removed]
    after = apply(document, edits)
    again = registry.load(after, input_format)
    lengths = proof.lengths(cassette, again)
    if lengths:
        edits += lengths
        after = apply(document, edits)
        again = registry.load(after, input_format)
    proof.prove(cassette, again, headers_went=bool(removed))
    _scan_again(again, plan, spots, chosen)
    result.after = after
    shown = [*Writer(masked=True).edits(left), *removed]
    nodes = {node.span for spot in left if (node := spot.place.node) is not None}
    result.masked, result.changes = _masked(document, after, shown, nodes)


def _removed(cassette: Cassette, spots: Iterable[Spot]) -> tuple[list[Remove], set[tuple[int, int]]]:
    named = [
        spot.place
        for spot in spots
        if spot.place.kind == "header" and any(s.rule.kind == "header" for _, s, _ in spot.secrets())
    ]
    return removals(cassette, named)


def _scan_again(again: Cassette, plan: Plan, spots: Iterable[Spot], chosen: set[int] | None) -> None:
    """Scan the new text, for all that was found too: nothing may be left."""
    found = _permitted(again, Scan(plan, again, chosen).run(harvest(spots)))
    if found:
        rule = next((secret.rule.name for _, secret, _ in found[0].secrets()), "a rule")
        where = _masked_where(where_of(found[0])[0], _hidden([*spots, *found]))
        raise EditError(
            f"after the edit {rule} would still find something in {where}",
            path=again.path,
            line=line_of(again.document, found[0].place, None),
            hint="nothing was written; please report this file",
        )


def _masked(
    document: Document, after: Document, shown: list[Edit], nodes: set[tuple[int, int]]
) -> tuple[str, tuple[Part, ...]]:
    """Return the old text with its secrets masked, and the changes that make the new text of it."""
    kept = [one for one in shown if not isinstance(one, Replace) or one.node.span in nodes]
    masks = splice(document, kept).changes
    regions = _regions([*((s, e) for s, e, _ in masks), *((s, e) for s, e, _ in after.changes)])
    out: list[str] = []
    changes: list[Part] = []
    at = size = 0
    for start, end in regions:
        out.append(document.text[at:start])
        size += start - at
        old = _part(document.text, masks, start, end)
        out.append(old)
        changes.append((size, size + len(old), _part(document.text, after.changes, start, end)))
        size += len(old)
        at = end
    return "".join([*out, document.text[at:]]), tuple(changes)


def _regions(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _part(text: str, changes: Iterable[Part], start: int, end: int) -> str:
    out: list[str] = []
    at = start
    for begin, stop, new in changes:
        if begin >= start and stop <= end:
            out += (text[at:begin], new)
            at = stop
    return "".join([*out, text[at:end]])
