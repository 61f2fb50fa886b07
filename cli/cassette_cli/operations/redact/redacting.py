"""`cassette redact`: scan, edit, prove, and only then hand the new text over."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.redact.detect.values import is_sweepable
from cassette_cli.operations.redact.findings.accepted import Allowed, Baseline
from cassette_cli.operations.redact.findings.finding import (
    Finding,
    Gap,
    Hidden,
    findings,
    gaps,
    is_matched,
    where_of,
)
from cassette_cli.operations.redact.replace.placeholders import Assigned, fingerprint
from cassette_cli.operations.redact.replace.writing import Spot, divided, edits, removals, spots
from cassette_cli.operations.redact.scanning import Plan, Scan, Scanned
from cassette_cli.operations.redact.summary import Summary
from cassette_cli.operations.redact.texts.document import DocumentLayer
from cassette_cli.operations.selecting import Selection
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Part, Remove, Replace
from cassette_cli.source.one_by_one import OneByOne

if TYPE_CHECKING:
    from cassette_cli.operations.redact.rules.rule import Rule


@dataclass(slots=True, eq=False)
class Redacted:
    """What was found in one cassette and what it became; `after` is None where nothing is to change.

    `scanned` is all that was found, what is allowed and accepted by a baseline among it.
    """

    path: str
    findings: list[Finding]
    gaps: list[Gap]
    after: Document | None = None
    masked: str = field(default="", repr=False)
    changes: tuple[Part, ...] = field(default=(), repr=False)
    chosen: bool = True
    scanned: Scanned | None = field(default=None, repr=False)

    @property
    def clean(self) -> bool:
        """Whether there was nothing to do and nothing that could not be scanned."""
        return not self.findings and not self.gaps

    def summary(self) -> Summary:
        """Return what is told of it."""
        return Summary(self.path, self.findings, self.gaps, self.after is not None, self.chosen)

    def difference(self) -> list[str]:
        """Return the change as a unified diff in which no secret is shown: what goes is masked."""
        from cassette_cli.operations.patch import unified

        return list(unified(self.path, self.masked, self.changes, str)) if self.after is not None else []


def redact(
    loaded: Loaded,
    plan: Plan,
    *,
    edit: bool = True,
    remove: bool = False,
    input_format: str | None = None,
    baseline: Baseline | None = None,
) -> Redacted:
    """Scan a cassette and, with `edit`, redact it.

    Raises `EditError` where the result cannot be proved: then nothing is to be written.
    """
    if loaded.cassette.document.is_held_in_pieces:
        cassette, chosen = loaded.cassette, _chosen(loaded.cassette, loaded.selection)
        if _holds_nothing(plan, cassette, chosen):
            return Redacted(cassette.path, [], gaps(cassette, (), chosen), chosen=chosen is None or bool(chosen))
        loaded = loaded.whole(input_format)
    work = _Work(loaded, plan, baseline)
    if edit:
        work.leave_fixed()
    result = Redacted(
        work.cassette.path,
        findings(work.cassette, work.spots),
        [],
        chosen=work.chosen is None or bool(work.chosen),
        scanned=work.scanned,
    )
    if edit and work.spots:
        try:
            work.edit(result, remove=remove, input_format=input_format)
        except CassetteError as error:
            error.path = error.path or work.cassette.path
            raise
    assert isinstance(work.scanned.layer, DocumentLayer)
    result.gaps = gaps(work.cassette, work.scanned.layer.unscanned, work.chosen)
    known = {one[2:] for one in result.gaps}
    result.gaps += (one for one in work.gaps_after if one[2:] not in known)
    return result


def _holds_nothing(plan: Plan, cassette: Cassette, chosen: set[int] | None) -> bool:
    """Say whether a cassette that is held in pieces is clean, by looking at its interactions one at a time.

    What holds anything is read as a whole: a secret that is found in one place is then looked for in all others.
    """
    connected = cassette.not_http is not None or any(root.get("ws_interactions") for root in cassette.document.roots)
    in_turn = isinstance(cassette.interactions, OneByOne)
    return in_turn and not connected and Scan.of(plan, cassette, chosen).finds_nothing()


def found_values(cassette: Cassette, plan: Plan) -> set[str]:
    """Return every secret of a cassette in clear, for comparisons."""
    work = _Work(Loaded(cassette, Selection(), 0), plan)
    return {secret.value for spot in work.spots for _, secret in spot.secrets()}


def _chosen(cassette: Cassette, selection: Selection) -> set[int] | None:
    """Return the numbers of the chosen interactions, None where no choice was made."""
    if selection == Selection(protocol=selection.protocol):
        return None
    return {reading.interaction.index for reading in selection.readings(cassette)}


class _Work:
    """The redaction of one cassette."""

    def __init__(self, loaded: Loaded, plan: Plan, baseline: Baseline | None = None) -> None:
        self.cassette = loaded.cassette
        self._plan = plan
        self._baseline = baseline
        self.chosen = _chosen(loaded.cassette, loaded.selection)
        self._assigned = plan.placeholders.assigned(loaded.cassette.document.text)
        self.scanned = Scan.of(plan, loaded.cassette, self.chosen).run()
        self.spots = self._accepted(self.scanned, loaded.cassette)
        self.gaps_after: list[Gap] = []

    def _accepted(self, scanned: Scanned, cassette: Cassette) -> list[Spot]:
        """Return what is to be replaced, without what comments in the file and the baseline let stand."""
        found = spots(scanned, self._plan.placeholders, self._assigned)
        assert isinstance(scanned.layer, DocumentLayer)
        allowed = Allowed(cassette.document, scanned.layer)
        if allowed:
            for spot in found:
                spot.replacements = [
                    one
                    for one in spot.replacements
                    if not all(allowed.covers(spot.place, secret.rule.name) for secret in one.secrets)
                ]
        if self._baseline is not None:
            known = {one.fingerprint for one in findings(cassette, found) if self._baseline.knows(one)}
            for spot in found:
                spot.replacements = [
                    one for one in spot.replacements if not {fingerprint(s.value) for s in one.secrets} <= known
                ]
        return [spot for spot in found if spot.replacements]

    def leave_fixed(self) -> None:
        """Report what was found where nothing can be written."""
        self.spots, fixed = divided(self.spots)
        layer = self.scanned.layer
        for spot in fixed:
            names = sorted({secret.rule.name for _, secret in spot.secrets()})
            layer.report(spot.text, f"found and not replaced: {', '.join(names)}")

    def edit(self, result: Redacted, *, remove: bool, input_format: str | None) -> None:
        """Edit the cassette, and prove the result."""
        from cassette_cli.operations.redact.replace import proof
        from cassette_cli.source.verify import apply

        cassette = self.cassette
        document = cassette.document
        removed, gone = self._removed() if remove else ([], set())
        number_keys(self.spots, self._assigned)
        while True:
            self.spots, _ = divided(self._accepted(self.scanned, cassette))
            left = [spot for spot in self.spots if spot.place.node is None or spot.place.node.span not in gone]
            made: list[Edit] = [*edits(left), *removed]
            after = apply(document, made)
            again = registry.load(after, input_format)
            lengths = proof.lengths(cassette, again)
            if lengths:
                after = apply(document, [*made, *lengths])
                again = registry.load(after, input_format)
            if not self._number_collisions(again):
                break
        secrets = {secret.value for spot in self.spots for _, secret in spot.secrets()}
        proof.prove(cassette, again, secrets, headers_went=bool(removed))
        self._scan_again(again)
        result.after = after
        nodes = {node.span for spot in left if (node := spot.place.node) is not None}
        shown = [*edits(left, masked=True), *removed]
        result.masked, result.changes = _masked(document, after, shown, nodes)

    def _removed(self) -> tuple[list[Remove], set[tuple[int, int]]]:
        named = [
            spot.place
            for spot in self.spots
            if spot.place.kind == "header" and any(secret.key and not secret.where for _, secret in spot.secrets())
        ]
        return removals(self.cassette, named)

    def _number_collisions(self, again: Cassette) -> bool:
        """Give numbers to the secrets by which the recorder told requests apart that would now be the same.

        Say whether any got one: then the edit is to be made anew.
        """
        old, new = self.cassette.interactions, again.interactions
        from cassette_cli.operations.redact.replace import proof

        groups: dict[object, dict[object, list[int]]] = {}
        for before, after in zip(old, new, strict=False):
            keys = [proof.match_key(one.request, self.cassette.format) for one in (before, after)]
            groups.setdefault(keys[1], {}).setdefault(keys[0], []).append(before.index)
        clashes = [group for group in groups.values() if len(group) > 1]
        if not clashes:
            return False
        values: dict[int, list[tuple[Rule, str]]] = {}
        for spot in self.spots:
            if is_matched(spot.place, self.cassette.format, spot.place.where) and spot.place.interaction is not None:
                own = values.setdefault(spot.place.interaction, [])
                own += ((secret.rule, secret.value) for _, secret in spot.secrets())
        several: list[tuple[Rule, str]] = []
        for group in clashes:
            found = [values.get(indices[0], []) for indices in group.values()]
            common = set.intersection(*({value for _, value in one} for one in found))
            several += (pair for one in found for pair in one if pair[1] not in common)
        return self._assigned.number(several)

    def _scan_again(self, again: Cassette) -> None:
        """Scan the new text, for all that was found too: nothing may be left."""
        swept = {
            secret.value: secret.rule
            for spot in self.spots
            for _, secret in spot.secrets()
            if secret.rule.level in ("secrets", "ids") and is_sweepable(secret.value)
        }
        scanned = Scan.of(self._plan, again, self.chosen).run(swept)
        found, _ = divided(self._accepted(scanned, again))
        assert isinstance(scanned.layer, DocumentLayer)
        self.gaps_after = gaps(again, scanned.layer.unscanned, self.chosen)
        if found:
            one, secret = next(found[0].secrets())
            where = Hidden([*self.spots, *found]).masked(where_of(found[0], one, secret))
            place = found[0].place
            raise EditError(
                f"after the edit {secret.rule.name} would still find something in {where}",
                path=again.path,
                line=again.document.line(place.start if place.node is None else place.node.start),
                hint="nothing was written; please report this file",
            )


def number_keys(found: Iterable[Spot], assigned: Assigned) -> None:
    """Give numbers to the secrets that stand as names in one mapping, which may not hold a name twice."""
    names: dict[tuple[object, ...], dict[str, Rule]] = {}
    for spot in found:
        for _, secret in spot.secrets():
            if secret.is_name:
                mapping = (spot.place.interaction, spot.place.where, *secret.where)
                names.setdefault(mapping, {}).setdefault(secret.value, secret.rule)
    for values in names.values():
        if len(values) > 1:
            assigned.number([(rule, value) for value, rule in values.items()])


def _masked(
    document: Document, after: Document, shown: list[Edit], nodes: set[tuple[int, int]]
) -> tuple[str, tuple[Part, ...]]:
    """Return the old text with its secrets masked, and the changes that make the new text of it."""
    kept = [one for one in shown if not isinstance(one, Replace) or one.node.span in nodes]
    from cassette_cli.source.splicing import splice

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
