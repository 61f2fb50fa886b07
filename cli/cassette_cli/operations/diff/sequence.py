"""Pairing the items of two lists: those that are alike, in order, so that an inserted one is one difference."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import compress, count
from operator import ne

Pair = tuple[int | None, int | None]

_MAX_CELLS = 40_000
"""How many pairs of items are scored at most; past it, items are paired by their places."""

_MAX_MATCH = 4_000_000
"""How many pairs of items are matched at most; past it, two stretches differ as a whole."""


def equal_runs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return (old, new, size) of runs of equal items in order; the ends are stripped before anything costs."""
    most = min(len(old), len(new))
    start = next(compress(count(), map(ne, old, new)), most)
    end = min(next(compress(count(), map(ne, reversed(old), reversed(new))), most), most - start)
    runs = [(0, 0, start)] if start else []
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if len(left) * len(right) <= _MAX_MATCH and not set(left).isdisjoint(right):
        from difflib import SequenceMatcher

        # What occurs everywhere, such as spaces, starts no match in long lists: else time grows with its square.
        blocks = SequenceMatcher(None, left, right, autojunk=True).get_matching_blocks()
        runs += [(a + start, b + start, size) for a, b, size in blocks if size]
    if end:
        runs.append((len(old) - end, len(new) - end, end))
    return runs


def gaps(runs: Sequence[tuple[int, int, int]], old: int, new: int) -> list[tuple[range, range]]:
    """Return what lies between runs of equal items, as ranges of either side; `old` and `new` are the lengths."""
    out = []
    at = (0, 0)
    for a, b, size in [*runs, (old, new, 0)]:
        if at[0] < a or at[1] < b:
            out.append((range(at[0], a), range(at[1], b)))
        at = (a + size, b + size)
    return out


def best(old: Sequence[int], new: Sequence[int], score: Callable[[int, int], float], least: float) -> list[Pair]:
    """Pair items in order so that the sum of scores is greatest; a pair below `least` is none.

    `score` takes the items themselves and answers from 0 to 1. Large lists are paired by place.
    """
    rows, columns = len(old), len(new)
    if not rows or not columns:
        return [(a, None) for a in old] + [(None, b) for b in new]
    if rows * columns > _MAX_CELLS:
        size = min(rows, columns)
        pairs: list[Pair] = list(zip(old[:size], new[:size], strict=True))
        return pairs + [(a, None) for a in old[size:]] + [(None, b) for b in new[size:]]
    scores = [[score(a, b) for b in new] for a in old]
    sums = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        row, below, given = sums[i], sums[i + 1], scores[i]
        for j in range(columns - 1, -1, -1):
            most = max(below[j], row[j + 1])
            paired = below[j + 1] + given[j] if given[j] >= least else -1.0
            row[j] = max(paired, most)
    out: list[Pair] = []
    i = j = 0
    while i < rows and j < columns:
        if scores[i][j] >= least and sums[i][j] == sums[i + 1][j + 1] + scores[i][j]:
            out.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif sums[i][j] == sums[i + 1][j]:
            out.append((old[i], None))
            i += 1
        else:
            out.append((None, new[j]))
            j += 1
    return out + [(a, None) for a in old[i:]] + [(None, b) for b in new[j:]]


def rising(values: Sequence[int]) -> set[int]:
    """Return the positions of a longest rising subsequence: the items that kept their order."""
    tails: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for position, value in enumerate(values):
        place = bisect_left(tails, value)
        before.append(at[place - 1] if place else -1)
        if place == len(tails):
            tails.append(value)
            at.append(position)
        else:
            tails[place] = value
            at[place] = position
    kept: set[int] = set()
    position = at[-1] if at else -1
    while position >= 0:
        kept.add(position)
        position = before[position]
    return kept
