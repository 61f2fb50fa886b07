"""JSON compared by path: lists paired by meaning, strings that hold JSON looked into, volatile values set apart."""

import json
import math
from collections.abc import Iterator
from itertools import zip_longest
from operator import le
from typing import Any

from cassette_cli.operations.diff import sequence
from cassette_cli.operations.diff.values import ABSENT, PARSED, Index, Path, is_vector, keys_of, parsed
from cassette_cli.operations.diff.words import vocabulary
from cassette_cli.operations.volatile import Region, generated, is_vacant, mask, place_of, reason

Found = tuple[Path, Any, Any, str | None]
"""(path, old, new, the rule by which it is volatile or None)."""


def compare(old: Any, new: Any, region: Region, path: Path = ()) -> Iterator[Found]:
    """Yield where two JSON values differ."""
    if not identical(old, new):
        yield from _unlike(old, new, region, path, (None, None))


def identical(old: Any, new: Any) -> bool:
    """Say whether two values are written as the same JSON; not all that are can be told from others, such as NaN.

    Python compares them fast, and stops where they differ; only what is equal to it is written down, for to Python
    1 is true as well.
    """
    if type(old) is not type(new) or old != new:
        return False
    return not isinstance(old, dict | list) or json.dumps(old) == json.dumps(new)


def _unlike(old: Any, new: Any, region: Region, path: Path, parents: tuple[Any, Any]) -> Iterator[Found]:
    """Compare values that are not identical; `parents` are the mappings that hold them."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _mappings(old, new, region, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, region, path, parents)
    elif not same_scalar(old, new):
        yield from _values(old, new, region, path, parents)


def same_scalar(old: Any, new: Any) -> bool:
    """Say whether two values are the same; 1 and 1.0 are, NaN is itself, 1 and true are not."""
    if isinstance(old, float) and isinstance(new, float) and math.isnan(old):
        return math.isnan(new)
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def _mappings(old: dict[str, Any], new: dict[str, Any], region: Region, path: Path) -> Iterator[Found]:
    for key in [*old, *(key for key in new if key not in old)]:
        left, right = old.get(key, ABSENT), new.get(key, ABSENT)
        if not identical(left, right):
            inner = place_of(key, old if key in old else new, region)
            yield from _unlike(left, right, inner, (*path, key), (old, new))


def _values(old: Any, new: Any, region: Region, path: Path, parents: tuple[Any, Any]) -> Iterator[Found]:
    """Compare two values of which at least one is a scalar or absent."""
    if isinstance(old, str) and isinstance(new, str):
        left, right = parsed(old), parsed(new)
        if left is not None and right is not None:
            found = [] if identical(left, right) else list(_unlike(left, right, region, (*path, PARSED), parents))
            yield from found or [(path, old, new, "layout")]
            return
    if region == "response" and all(value is ABSENT or is_vacant(value) for value in (old, new)):
        yield path, old, new, "empty-fields"
        return
    yield path, old, new, _rule(old, new, region, path, parents)


def _rule(old: Any, new: Any, region: Region, path: Path, parents: tuple[Any, Any]) -> str | None:
    """Return the reason where what both sides have is volatile; a side without a value does not object."""
    found = None
    for value, parent in ((old, parents[0]), (new, parents[1])):
        if value is ABSENT or is_vacant(value):
            continue
        why = volatile(value, region, path, parent)
        if why is None:
            return None
        found = why
    return found


def volatile(value: Any, region: Region, path: Path, parent: Any) -> str | None:
    """Return the reason where a value is volatile throughout, None where any part of it is not."""
    if isinstance(value, dict | list):
        items: Any = value.items() if isinstance(value, dict) else ((Index(0, 0), item) for item in value)
        found: str | None = "empty-fields" if region == "response" else None
        for key, item in items:
            if is_vacant(item):
                continue
            why = volatile(item, region, (*path, key), value if isinstance(value, dict) else parent)
            if why is None:
                return None
            found = why
        return found
    return reason(*keys_of(path), value, parent, region)


def _lists(old: list[Any], new: list[Any], region: Region, path: Path, parents: tuple[Any, Any]) -> Iterator[Found]:
    if is_vector(old) or is_vector(new):
        if len(old) != len(new) or not all(map(same_scalar, old, new)):
            yield path, old, new, None
        return
    pairs = aligned(old, new, region)
    if not in_order(pairs):
        before, after = ([_name(item, region) or label(item) for item in side] for side in (old, new))
        yield path, before, after, "order" if region == "response" else None
    for a, b in pairs:
        left, right = ABSENT if a is None else old[a], ABSENT if b is None else new[b]
        if not identical(left, right):
            step = Index(a, b, label(left if b is None else right))
            yield from _unlike(left, right, region, (*path, step), parents)


def aligned(old: list[Any], new: list[Any], region: Region) -> list[sequence.Pair]:
    """Pair the items of two lists: equal ones first, then alike ones between them."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if not identical(old[at], new[at])), most)
    pairs: list[sequence.Pair] = [(at, at) for at in range(start)]
    left, right = old[start:], new[start:]
    if not left or not right or _are_in_step(left, right):
        found = list(zip_longest(range(len(left)), range(len(right))))
    else:
        found = _matched(left, right, region)
    return pairs + [(None if a is None else a + start, None if b is None else b + start) for a, b in found]


def in_order(pairs: list[sequence.Pair]) -> bool:
    """Say whether all pairs stand in the order of both sides."""
    both = [a for a, b in pairs if a is not None and b is not None]
    return all(map(le, both, both[1:]))


def _are_in_step(old: list[Any], new: list[Any]) -> bool:
    """Say whether items pair by their places, whatever is in them: each is what only its counterpart is as well."""
    if len(old) == len(new) == 1:
        return True
    if len(old) != len(new) or not all(isinstance(item, dict) for item in (*old, *new)):
        return False
    kinds = list(map(identity, old))
    return () not in kinds and len(set(kinds)) == len(kinds) and kinds == list(map(identity, new))


def _matched(old: list[Any], new: list[Any], region: Region) -> list[sequence.Pair]:
    """Pair items by their ids or names where each has one, else by all that is in them."""
    left = [canonical(item, region) for item in old]
    right = [canonical(item, region) for item in new]
    out, runs = _by_name(old, new, region)
    strict = bool(out) and all(_has_id(item) for item in (*old, *new))
    if not out:
        runs = sequence.equal_runs(left, right)
        out = [(a + i, b + i) for a, b, size in runs for i in range(size)]
    taken = {a for a, _ in out}, {b for _, b in out}

    kinds = [[identity(item) if isinstance(item, dict) else None for item in side] for side in (old, new)]
    words: dict[str, set[bytes]] = {}

    def score(a: int, b: int) -> float:
        """Score from 0 to 1: by what they are (role, type, name), then by their words."""
        kind = kinds[0][a]
        if kind != kinds[1][b] or (kind is None and not _are_comparable(old[a], new[b])):
            return 0.0
        return 0.5 + 0.5 * likeness(left[a], right[b], words) if kind else likeness(left[a], right[b], words)

    for before, after in sequence.gaps(runs, len(old), len(new)):
        gone = [a for a in before if a not in taken[0]]
        come = [b for b in after if b not in taken[1]]
        if strict:
            out += [*((a, None) for a in gone), *((None, b) for b in come)]
        elif len(gone) == len(come) == 1:
            out.append((gone[0], come[0]))
        else:
            out += sequence.best(gone, come, score, 0.35)
    return sorted(out, key=lambda pair: (pair[1] if pair[1] is not None else pair[0] or 0, pair[1] is not None))


def _by_name(old: list[Any], new: list[Any], region: Region) -> tuple[list[sequence.Pair], list[tuple[int, int, int]]]:
    """Pair items by ids or names that no other item of their list has; then return those that kept their order."""
    left, right = _names(old, region), _names(new, region)
    both = [(a, right[name]) for name, a in left.items() if name in right]
    kept = sequence.rising([b for _, b in both])
    return [*both], [(a, b, 1) for at, (a, b) in enumerate(both) if at in kept]


def _has_id(item: Any) -> bool:
    """Say whether an item is known by an id, so that one with another id is another item."""
    return isinstance(item, dict) and isinstance(item.get("id"), str) and not generated(item["id"])


_NAMING = ("id", "name", "key", "slug", "category")


def _names(items: list[Any], region: Region) -> dict[str, int]:
    """Return the positions of items by their names, nothing where one has none or two have the same."""
    found: dict[str, int] = {}
    for at, item in enumerate(items):
        name = _name(item, region) if isinstance(item, dict) else None
        if name is None or name in found:
            return {}
        found[name] = at
    return found


def _name(item: dict[str, Any], region: Region) -> str | None:
    """Return the key and the value that name an item, None where it has none but volatile ones."""
    function = item.get("function")
    for holder in (item, function if isinstance(function, dict) else {}):
        for key in _NAMING:
            value = holder.get(key)
            if not isinstance(value, str) or not value or generated(value):
                continue
            if reason(key, None, value, holder, region) is None:
                return f"{key} {value}"
    return None


def canonical(value: Any, region: Region = "content") -> str:
    """Return JSON as one text that is equal for values that differ in nothing but what is volatile."""
    return json.dumps(value if region == "content" else mask(value, region), sort_keys=True, ensure_ascii=False)


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
    for key in ("name", "id", "type") if named.get("object") == "model" else ("name", "type"):
        value = named.get(key)
        if isinstance(value, str) and len(value) <= 64:
            return value
    return ""
