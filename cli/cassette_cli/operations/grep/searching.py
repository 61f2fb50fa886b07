"""The search of a cassette: the lines in which the pattern matches, as they may be shown."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from cassette_cli.errors import CassetteError
from cassette_cli.operations.grep.masks import Masks
from cassette_cli.operations.grep.pattern import Pattern
from cassette_cli.operations.grep.texts import EVERYWHERE, Text, Within, matching, outside, unsearched
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.selecting import Selection

Piece = tuple[str, bool]
"""A stretch of text, and whether the pattern matches there."""


class Hit(NamedTuple):
    """Lines of a text in which the pattern matches; `interaction` is None outside of all of them.

    `line` counts from 1 and is that of the first of `rows`; the text has `of` lines. `pieces` are the lines as they may
    be shown, cut where matches begin and end; `before` and `after` are lines around them. Of a binary text, of `size`
    bytes, nothing is shown.
    """

    interaction: int | None
    where: str
    line: int
    of: int
    pieces: list[Piece]
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    rows: int = 1
    size: int | None = None

    def as_json(self, path: str) -> dict[str, Any]:
        """Return the hit as `grep --json` prints it."""
        at, spans = 0, []
        for text, marked in self.pieces:
            if marked:
                spans.append([at, at + len(text)])
            at += len(text)
        out: dict[str, Any] = {"path": path, "interaction": self.interaction, "where": self.where}
        if self.size is not None:
            return {**out, "line": None, "text": None, "matches": [], "binary": self.size}
        out |= {"line": self.line, "text": "".join(text for text, _ in self.pieces), "matches": spans}
        around = {"before": list(self.before), "after": list(self.after)}
        return out | around if self.before or self.after else out


class Found(NamedTuple):
    """What was found in one cassette, and what of it could not be searched."""

    path: str
    hits: list[Hit]
    troubles: list[CassetteError]
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, and where; `context` is how many lines around are shown, `reveal` that secrets are, too.

    `first` says that one hit is enough, `shown` that hits are shown, and not counted alone.
    """

    pattern: Pattern
    within: Within = EVERYWHERE
    context: int = 0
    reveal: bool = False
    first: bool = False
    shown: bool = True

    def __call__(self, loaded: Loaded) -> Iterator[Found]:
        """Search a cassette."""
        hits: list[Hit] = []
        troubles: list[CassetteError] = []
        masks = None if self.reveal or not self.shown else Masks(loaded.cassette)
        count = 0
        for interaction, text in self._texts(loaded, troubles):
            made = self._hits(interaction, text, masks)
            count += sum(hit.rows for hit in made)
            hits += made if self.shown or self.first else ()
            if self.first and made:
                break
        if count or troubles:
            yield Found(loaded.cassette.path, hits if self.shown else [], troubles, count)

    def _texts(self, loaded: Loaded, troubles: list[CassetteError]) -> Iterator[tuple[int | None, Text]]:
        cassette = loaded.cassette
        if loaded.selection == Selection(protocol=loaded.selection.protocol):
            yield from ((None, text) for text in outside(cassette, self.pattern))
        for reading in loaded.selection.readings(cassette):  # one at a time: each holds a body and its frames
            index = reading.interaction.index
            troubles += [error.at(cassette.path) for error in unsearched(reading, self.within)]
            try:
                for text in matching(reading, self.pattern, self.within):
                    yield index, text
            except CassetteError as error:
                troubles.append(error.at(cassette.path))
            reading.interaction.forget()

    def _hits(self, interaction: int | None, text: Text, masks: Masks | None) -> list[Hit]:
        if text.binary:
            return [Hit(interaction, text.where, 1, 1, [], size=len(text.value))]
        made = []
        lines = _Lines(text.value)
        hidden = () if masks is None else masks.of(text)
        where = text.where if masks is None else masks.where(text)
        groups = list(_groups(lines, self.pattern.matches(text.value), hidden))
        free = 0  # no line is shown twice
        for (first, last, spans), (following, *_) in pairwise([*groups, (len(lines), 0, [])]):
            pieces = _pieces(text.value, *lines.span(first, last), spans, hidden)
            sides = (max(free, first - self.context), first), (last + 1, min(following, last + 1 + self.context))
            free = sides[1][1]
            before, after = ([_shown(text.value, *lines.span(at, at), hidden) for at in range(*side)] for side in sides)
            made.append(Hit(interaction, where, first + 1, len(lines), pieces, before, after, last - first + 1))
        return made


Hidden = Sequence[tuple[int, int, str]]
"""What is not shown: where it begins, where it ends, and what stands there instead."""
Span = tuple[int, int]


class _Lines:
    """The lines of a text, by number from 0."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)
        if len(self._starts) > 1 and self._starts[-1] == len(text):
            self._starts.pop()

    def __len__(self) -> int:
        return len(self._starts)

    def at(self, place: int) -> int:
        """Return the line that a place is in."""
        return bisect_right(self._starts, place) - 1

    def span(self, first: int, last: int) -> Span:
        """Return where lines begin and end, without the line feed behind them."""
        end = self._starts[last + 1] if last + 1 < len(self._starts) else len(self._text)
        start = self._starts[first]
        return start, start + len(self._text[start:end].rstrip("\r\n"))


def _groups(lines: _Lines, spans: Sequence[Span], hidden: Hidden) -> Iterator[tuple[int, int, list[Span]]]:
    """Yield the lines, first and last, that matches are in, with these; what is hidden is never cut."""
    if len(lines) == 1 and spans:
        yield 0, 0, list(spans)
        return
    group: tuple[int, int, list[Span]] | None = None
    for start, end in spans:
        first, last = lines.at(start), lines.at(max(start, end - 1))
        for low, high, _ in hidden:
            if low < lines.span(last, last)[1] and high > lines.span(first, first)[0]:
                first, last = min(first, lines.at(low)), max(last, lines.at(high - 1))
        if group is not None and first <= group[1]:
            group = min(group[0], first), max(group[1], last), [*group[2], (start, end)]
            continue
        if group is not None:
            yield group
        group = first, last, [(start, end)]
    if group is not None:
        yield group


def _pieces(text: str, start: int, end: int, spans: Sequence[Span], hidden: Hidden) -> list[Piece]:
    """Cut a stretch of text where matches begin and end; what is hidden is marked whole, or not at all."""
    pieces: list[Piece] = []
    at = start
    for low, high, mask in [*(one for one in hidden if one[0] < end and one[1] > start), (end, end, "")]:
        pieces += _marked(text, at, low, spans)
        if mask:
            pieces.append((mask, any(first < high and last > low for first, last in spans)))
        at = high
    return [piece for piece in pieces if piece[0]]


def _marked(text: str, start: int, end: int, spans: Sequence[Span]) -> Iterator[Piece]:
    at = start
    for first, last in spans:
        low, high = max(first, at), min(last, end)
        if low < high:
            yield text[at:low], False
            yield text[low:high], True
            at = high
    yield text[at:end], False


def _shown(text: str, start: int, end: int, hidden: Hidden) -> str:
    return "".join(piece for piece, _ in _pieces(text, start, end, (), hidden))
