"""JSON compared by path: lists paired by meaning, strings that hold JSON looked into, volatile values set apart."""

import json
import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from cassette_cli.operations.diff import sequence
from cassette_cli.operations.diff.values import ABSENT, PARSED, Index, Path, is_vector, parsed
from cassette_cli.operations.diff.volatile import Place, is_vacant, mask, place_of, reason
from cassette_cli.operations.diff.words import vocabulary

Found = tuple[Path, Any, Any, str | None]
"""(path, old, new, reason for which it is no change or None)."""


def compare(old: Any, new: Any, place: Place, path: Path = ()) -> Iterator[Found]:
    """Yield where two JSON values differ."""
    if not identical(old, new):
        yield from _unlike(old, new, place, path, (None, None))


def identical(old: Any, new: Any) -> bool:
    """Say whether two values are written as the same JSON; not all that are can be told from others, such as NaN.

    Python compares them fast, and stops where they differ; only what is equal to it is written down, for to Python
    1 is true as well.
    """
    if type(old) is not type(new) or old != new:
        return False
    return not isinstance(old, dict | list) or json.dumps(old) == json.dumps(new)


def _unlike(old: Any, new: Any, place: Place, path: Path, parents: tuple[Any, Any]) -> Iterator[Found]:
    """Compare values that are not identical; `parents` are the mappings that hold them."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _mappings(old, new, place, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, place, path, parents)
    elif not same_scalar(old, new):
        yield from _values(old, new, place, path, parents)


def same_scalar(old: Any, new: Any) -> bool:
    """Say whether two values are the same; 1 and 1.0 are, NaN is itself, 1 and true are not."""
    if isinstance(old, float) and isinstance(new, float) and math.isnan(old):
        return math.isnan(new)
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def _mappings(old: dict[str, Any], new: dict[str, Any], place: Place, path: Path) -> Iterator[Found]:
    for key in [*old, *(key for key in new if key not in old)]:
        left, right = old.get(key, ABSENT), new.get(key, ABSENT)
        if not identical(left, right):
            inner = place_of(key, old if key in old else new, place)
            yield from _unlike(left, right, inner, (*path, key), (old, new))


def _values(old: Any, new: Any, place: Place, path: Path, parents: tuple[Any, Any]) -> Iterator[Found]:
    """Compare two values of which at least one is a scalar or absent."""
    if isinstance(old, str) and isinstance(new, str):
        left, right = parsed(old), parsed(new)
        if left is not None and right is not None:
            if not identical(left, right):
                yield from _unlike(left, right, place, (*path, PARSED), parents)
            return
    if place == "response" and all(value is ABSENT or is_vacant(value) for value in (old, new)):
        yield path, old, new, "empty fields"
        return
    yield path, old, new, _noise(old, new, place, path, parents)


def _noise(old: Any, new: Any, place: Place, path: Path, parents: tuple[Any, Any]) -> str | None:
    """Return the reason where what both sides have is volatile; a side without a value does not object."""
    found = None
    for value, parent in ((old, parents[0]), (new, parents[1])):
        if value is ABSENT or is_vacant(value):
            continue
        why = volatile(value, place, path, parent)
        if why is None:
            return None
        found = why
    return found


def volatile(value: Any, place: Place, path: Path, parent: Any) -> str | None:
    """Return the reason where a value is volatile throughout, None where any part of it is not."""
    if isinstance(value, dict | list):
        items: Any = value.items() if isinstance(value, dict) else ((Index(0, 0), item) for item in value)
        found: str | None = "empty fields" if place == "response" else None
        for key, item in items:
            if is_vacant(item):
                continue
            why = volatile(item, place, (*path, key), value if isinstance(value, dict) else parent)
            if why is None:
                return None
            found = why
        return found
    return reason(path, value, parent, place)


def _lists(old: list[Any], new: list[Any], place: Place, path: Path, parents: tuple[Any, Any]) -> Iterator[Found]:
    if is_vector(old) or is_vector(new):
        if len(old) != len(new) or not all(map(same_scalar, old, new)):
            yield path, old, new, None
        return
    for a, b in aligned(old, new, place):
        left, right = ABSENT if a is None else old[a], ABSENT if b is None else new[b]
        if not identical(left, right):
            step = Index(a, b, label(left if b is None else right))
            yield from _unlike(left, right, place, (*path, step), parents)


def aligned(old: list[Any], new: list[Any], place: Place) -> list[sequence.Pair]:
    """Pair the items of two lists: equal ones first, then alike ones between them."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if not identical(old[at], new[at])), most)
    pairs: list[sequence.Pair] = [(at, at) for at in range(start)]
    left, right = old[start:], new[start:]
    if not left or not right or _are_in_step(left, right):
        found = list(zip_longest(range(len(left)), range(len(right))))
    else:
        found = _matched(left, right, place)
    return pairs + [(None if a is None else a + start, None if b is None else b + start) for a, b in found]


def _are_in_step(old: list[Any], new: list[Any]) -> bool:
    """Say whether items pair by their places, whatever is in them: each is what only its counterpart is as well."""
    if len(old) == len(new) == 1:
        return True
    if len(old) != len(new) or not all(isinstance(item, dict) for item in (*old, *new)):
        return False
    kinds = list(map(identity, old))
    return () not in kinds and len(set(kinds)) == len(kinds) and kinds == list(map(identity, new))


def _matched(old: list[Any], new: list[Any], place: Place) -> list[sequence.Pair]:
    """Pair items by all that is in them."""
    left = [canonical(item, place) for item in old]
    right = [canonical(item, place) for item in new]
    runs = sequence.equal_runs(left, right)
    out: list[sequence.Pair] = [(a + i, b + i) for a, b, size in runs for i in range(size)]

    kinds = [[identity(item) if isinstance(item, dict) else None for item in side] for side in (old, new)]
    words: dict[str, set[bytes]] = {}

    def score(a: int, b: int) -> float:
        """Score from 0 to 1: by what they are (role, type, name), then by their words."""
        kind = kinds[0][a]
        if kind != kinds[1][b] or (kind is None and not _are_comparable(old[a], new[b])):
            return 0.0
        return 0.5 + 0.5 * likeness(left[a], right[b], words) if kind else likeness(left[a], right[b], words)

    for gone, come in sequence.gaps(runs, len(old), len(new)):
        if len(gone) == len(come) == 1:
            out.append((gone[0], come[0]))
        else:
            out += sequence.best(gone, come, score, 0.35)
    return sorted(out, key=lambda pair: (pair[1] if pair[1] is not None else pair[0] or 0, pair[1] is not None))


def canonical(value: Any, place: Place = "content") -> str:
    """Return JSON as one text that is equal for values that differ in nothing but noise."""
    return json.dumps(value if place == "content" else mask(value, place), sort_keys=True, ensure_ascii=False)


def _are_comparable(old: Any, new: Any) -> bool:
    """Say whether two values that are no mappings have words to compare."""
    return isinstance(old, str | list) and type(old) is type(new)


def likeness(left: str, right: str, words: dict[str, set[bytes]]) -> float:
    """Return which part of the words two texts share; `words` remembers them."""
    if left == right:
        return 1.0
    sets = []
    for text in (left, right):
        if text not in words:
            words[text] = vocabulary(text[:50_000])
        sets.append(words[text])
    both = len(sets[0]) + len(sets[1])
    return 2.0 * len(sets[0] & sets[1]) / both if both else 0.0


def identity(item: dict[str, Any]) -> tuple[str, ...]:
    """Return what an item of a list is: its role, type and name, as far as it has them."""
    function = item.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    found = (*map(item.get, ("role", "type", "name", "index")), name)
    return tuple(value for value in found if isinstance(value, str) and value)


def label(item: Any) -> str:
    """Return the words that name an item in a path: a message's role, a tool's name; "" where it has none."""
    if not isinstance(item, dict):
        return ""
    role = item.get("role")
    if isinstance(role, str):
        return role
    function = item.get("function")
    named = function if isinstance(function, dict) else item
    for key in ("name", "type"):
        value = named.get(key)
        if isinstance(value, str) and len(value) <= 64:
            return value
    return ""
