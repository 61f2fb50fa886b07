"""Hits: what is to be replaced in one text, and how hits of inner texts become hits of outer ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cassette_cli.operations.redact.rules.table import Rule


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret that was found: the rule that knew it, its clear value, and how it may be shown.

    `key` names the field that held it (a JSON key, a query name, a cookie), "" where there is none.
    """

    rule: Rule
    value: str = field(repr=False)
    masked: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """`text[start:end]` becomes `new`; `masked` is what stands there in output that people see.

    `secrets` are those behind it: one, or, where a layer is encoded anew as a whole, all inside it.
    `whole` says that the span is such a layer.
    """

    start: int
    end: int
    new: str
    masked: str
    secrets: tuple[Secret, ...]
    whole: bool = False

    def moved(self, start: int, end: int) -> "Hit":
        """Return the hit at another place."""
        return replace(self, start=start, end=end)


def merged(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits in order and without overlaps: the larger one stays, and of equals the one that redacts."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.whole)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif hit.end > kept[-1].end:
            # Two shapes that overlap hold one secret or two: all of it goes.
            last = kept[-1] if not kept[-1].whole else hit
            kept[-1] = replace(last, start=kept[-1].start, end=hit.end, secrets=kept[-1].secrets + hit.secrets)
    return kept


def spliced(text: str, hits: Sequence[Hit], *, masked: bool = False) -> str:
    """Return the text with the hits made; `masked` for the text that people may see."""
    out: list[str] = []
    at = 0
    for hit in hits:
        out += (text[at : hit.start], hit.masked if masked else hit.new)
        at = hit.end
    return "".join([*out, text[at:]])


def enclosing(hits: Sequence[Hit], start: int, end: int, new: str, masked: str) -> Hit:
    """Return the hit of an outer text that encodes an inner one anew."""
    return Hit(start, end, new, masked, tuple(secret for hit in hits for secret in hit.secrets), whole=True)
