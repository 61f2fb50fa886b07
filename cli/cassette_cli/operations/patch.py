"""An edit as a unified diff (POSIX, `diff -u`), from where it was made: in time linear in the text.

A general comparison of two texts takes minutes where thousands of like lines go, as in a long stream.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cassette_cli.source.edits import Part

_AROUND = 3
"""Lines shown before and after a change."""


class _Change(NamedTuple):
    """Lines `[start, end)` of the old text, from 0, and the lines that stand in their place."""

    start: int
    end: int
    new: list[str]


def unified(path: str, old: str, changes: Sequence[Part], mask: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of the diff between a text and what parts of it became, without line breaks.

    `mask` is given the text of each line, to hide what it must.
    """
    found = _line_changes(old, changes)
    if not found:
        return
    lines = _lines(old)
    name = path.lstrip("/")
    yield f"--- a/{name}"
    yield f"+++ b/{name}"
    shift = 0
    for hunk in _hunks(found):
        first = max(hunk[0].start - _AROUND, 0)
        last = min(hunk[-1].end + _AROUND, len(lines))
        grown = sum(len(one.new) - (one.end - one.start) for one in hunk)
        yield f"@@ -{_range(first, last - first)} +{_range(first + shift, last - first + grown)} @@"
        shift += grown
        at = first
        for one in hunk:
            yield from _written(" ", lines[at : one.start], mask)
            yield from _written("-", lines[one.start : one.end], mask)
            yield from _written("+", one.new, mask)
            at = one.end
        yield from _written(" ", lines[at:last], mask)


def _line_changes(old: str, changes: Sequence[Part]) -> list[_Change]:
    """Return the changes by whole lines; those that share a line are one."""
    starts = [0]
    at = old.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = old.find("\n", at + 1)
    if starts[-1] == len(old):
        starts.pop()
    ends = [*starts[1:], len(old)]
    groups: list[tuple[int, int, list[Part]]] = []
    for start, end, new in changes:
        first = max(bisect_right(starts, start) - 1, 0)
        last = max(bisect_right(starts, end) - 1, first)
        if groups and first <= groups[-1][1]:
            begin, until, parts = groups.pop()
            groups.append((begin, max(until, last), [*parts, (start, end, new)]))
        else:
            groups.append((first, last, [(start, end, new)]))
    found = []
    for first, last, parts in groups:
        begin, until = (starts[first], ends[last]) if starts else (0, 0)
        out: list[str] = []
        at = begin
        for start, end, new in parts:
            out += (old[at:start], new)
            at = end
        change = _narrowed(first, _lines(old[begin:until]), _lines("".join([*out, old[at:until]])))
        if change is not None:
            found.append(change)
    return found


def _narrowed(first: int, old: list[str], new: list[str]) -> _Change | None:
    """Return the change without the lines that it begins and ends with in both texts."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if head == len(old) == len(new):
        return None
    return _Change(first + head, first + len(old) - tail, new[head : len(new) - tail])


def _hunks(changes: list[_Change]) -> Iterator[list[_Change]]:
    """Yield the changes, those together whose surroundings touch."""
    hunk: list[_Change] = []
    for one in changes:
        if hunk and one.start - hunk[-1].end > 2 * _AROUND:
            yield hunk
            hunk = []
        hunk.append(one)
    yield hunk


def _range(start: int, count: int) -> str:
    """Write a range of lines as `diff -u` does: an empty one stands behind the line before it."""
    return f"{start + (count > 0)}" + ("" if count == 1 else f",{count}")


def _written(sign: str, lines: Sequence[str], mask: Callable[[str], str]) -> Iterator[str]:
    for line in lines:
        yield sign + mask(line.removesuffix("\n"))
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _lines(text: str) -> list[str]:
    """Cut a text after its line feeds, and at nothing else, as git does."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
