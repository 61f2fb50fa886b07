"""Molds: most frames of a stream differ in a delta and a number or two, and need not be taken apart."""

import re
from collections.abc import Sequence

Row = Sequence[str]
"""The strings of a frame that are no names, as they are written."""

_DIGITS = re.compile(r"[0-9]++")
_QUOTE = '"'


class Mold:
    """What frames of one form have in common, and the gaps in which they may differ.

    It is made of frames taken apart at their quotes: strings stand at the odd places, what is between them at the
    even ones. `places` are those of the strings of a row.
    """

    __slots__ = ("_first", "_gaps", "_opening", "_places", "_row", "_steps")

    def __init__(self, first: Sequence[str], places: Sequence[int]) -> None:
        self._first = first
        self._places = places
        self._row = [first[at] for at in places]
        self._gaps: set[int] = set()
        self._opening = ""
        self._steps: list[tuple[int | None, str]] = []

    def widen(self, parts: Sequence[str]) -> None:
        """Learn from another frame where else there are gaps."""
        gaps = {at for at, (one, other) in enumerate(zip(self._first, parts, strict=True)) if one != other}
        if not gaps <= self._gaps:
            self._gaps |= gaps
            self._cut()

    def _cut(self) -> None:
        """Cut the first frame at the gaps: what opens it, and for each gap its place in a row and what follows it."""
        row = {at: number for number, at in enumerate(self._places)}
        opened: list[str] = [""]
        filled: list[int | None] = []
        for at, part in enumerate(self._first):
            if at:
                opened[-1] += _QUOTE
            if at not in self._gaps:
                opened[-1] += part
            elif at in row:
                filled.append(row[at])
                opened.append("")
            elif len(found := _DIGITS.findall(part)) == 1:
                before, _, behind = part.partition(found[0])
                opened[-1] += before
                filled.append(None)
                opened.append(behind)
            else:
                opened, filled = [""], []
                break
        self._opening, *rest = opened
        self._steps = list(zip(filled, rest, strict=True))

    def row(self, text: str) -> Row | None:
        """Return the row of a frame that fits; None for one that must be taken apart."""
        if not self._steps or not text.startswith(self._opening):
            return None
        row = self._row.copy()
        at = len(self._opening)
        for place, following in self._steps:
            end = text.find(following, at)
            if end < 0:
                return None
            part = text[at:end]
            if place is None:
                if not (part.isascii() and part.isdigit()):
                    return None
            elif _QUOTE in part or part[-1:] == "\\":
                return None
            else:
                row[place] = part
            at = end + len(following)
        return row if at == len(text) else None
