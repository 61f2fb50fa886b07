"""New words for a text that stands in pieces: each piece takes its share, and those that say the same stay."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from cassette_cli.errors import EditError
from cassette_cli.model.storage import difference
from cassette_cli.operations.edit.units import Path, Place
from cassette_cli.source.edits import Part, spliced

_MOST_COMPARED = 3_000_000


class Leaf(NamedTuple):
    """A string or a number in a frame: the frame's number, the path in its JSON, and the value."""

    unit: int
    path: Path
    value: Any

    @property
    def place(self) -> Place:
        """The frame's number, and the path."""
        return self.unit, self.path


class Span(NamedTuple):
    """A leaf whose value stands at a place of the text that is rebuilt."""

    leaf: Leaf
    at: int


def shared_out(spans: Sequence[Span], old: str, new: str) -> dict[Place, Any]:
    """Return the new values of the leaves that a text is made of: those that it does not touch keep theirs.

    Raises `EditError` where a change falls between two leaves, in what the decoder itself put there.
    """
    values = {span.leaf.place: span.leaf.value for span in spans}
    for start, end, words in reversed(_word_changes(old, new)):
        touched = [span for span in spans if span.at < end and start < span.at + len(span.leaf.value)] or _nearest(
            spans, start
        )
        covered = sum(min(end, s.at + len(s.leaf.value)) - max(start, s.at) for s in touched)
        if (start < end and covered != end - start) or not touched:
            raise EditError(
                "the change falls between two pieces of the answer", hint="change their words by themselves"
            )
        for span, share in zip(touched, _shares(words, touched, (start, end)), strict=True):
            place = span.leaf.place
            left, right = max(start - span.at, 0), min(end - span.at, len(span.leaf.value))
            values[place] = spliced(values[place], [(left, max(left, right), share)])
    return values


def _nearest(spans: Sequence[Span], at: int) -> list[Span]:
    """Return the leaf that takes what is put in at a place: the one that ends there, else the one that begins."""
    ending = [span for span in spans if span.at + len(span.leaf.value) == at and span.leaf.value]
    beginning = [span for span in spans if span.at == at]
    return ending[-1:] or beginning[-1:]


def _shares(words: str, touched: Sequence[Span], part: tuple[int, int]) -> list[str]:
    """Share new words out over the leaves whose old ones they replace, as far as those go."""
    if len(touched) == 1:
        return [words]
    pieces = re.findall(r"\s*\S+\s*?(?=\s|\Z)|\s+", words)
    total = max(part[1] - part[0], 1)
    shares, at, done = [], 0, 0
    for span in touched:
        done += min(part[1], span.at + len(span.leaf.value)) - max(part[0], span.at)
        upto = len(pieces) if span is touched[-1] else round(len(pieces) * done / total)
        shares.append("".join(pieces[at:upto]))
        at = max(at, upto)
    return shares


def _word_changes(old: str, new: str) -> list[Part]:
    """Return the parts of a text that make it another, word by word."""
    part = difference(old, new)
    if part is None:
        return []
    before, after = (re.findall(r"\s*\S+|\s+\Z", text) for text in (old[part[0] : part[1]], part[2]))
    if len(before) * len(after) > _MOST_COMPARED or min(len(before), len(after)) < 2:
        return [part]
    places = [part[0]]
    for word in before:
        places.append(places[-1] + len(word))
    found = []
    for kind, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        inner = None if kind == "equal" else difference("".join(before[i:i_end]), "".join(after[j:j_end]))
        if inner is not None:
            found.append((places[i] + inner[0], places[i] + inner[1], inner[2]))
    return found
