"""Which header lines trim drops: those that differ between recordings and that no replay needs."""

import fnmatch
from collections.abc import Iterable
from functools import cache

from cassette_cli.operations.volatile import RULES

_REPLAYED = frozenset({"retry-after"})
"""Clients wait by it: without it, a replay of a refused request takes another course."""

DROPPED: tuple[str, ...] = tuple(
    sorted(name for rule in RULES if rule.dropped for name in rule.headers if name not in _REPLAYED)
)
"""Names in lower case; a `*` at the end stands for any ending."""


def droppable(settings: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the headers that trim drops, by the project's own list.

    `settings` are names and globs; `default` stands for the volatile names that no replay needs, and
    `!name` takes one out again. An empty list is `default`.
    """
    found: dict[str, None] = {}
    for name in tuple(settings) or ("default",):
        folded = name.lower()
        if folded == "default":
            found.update(dict.fromkeys(DROPPED))
        elif folded.startswith("!"):
            kept = folded[1:]
            found = {one: None for one in found if not fnmatch.fnmatchcase(one, kept)}
            found[folded] = None
        else:
            found[folded] = None
    return tuple(found)


@cache
def drops(name: str, names: tuple[str, ...]) -> bool:
    """Say whether trim drops the header, by the names that `droppable` returned."""
    kept = tuple(one[1:] for one in names if one.startswith("!"))
    return _is_named(name, tuple(one for one in names if not one.startswith("!"))) and not _is_named(name, kept)


def _is_named(name: str, names: tuple[str, ...]) -> bool:
    """Say whether names and globs name a header; names are compared without case (RFC 9110, 5.1)."""
    exact, globs = _sorted(names)
    folded = name.lower()
    return folded in exact or any(fnmatch.fnmatchcase(folded, glob) for glob in globs)


@cache
def _sorted(names: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    globs = tuple(name for name in names if any(char in name for char in "*?["))
    return frozenset(names).difference(globs), globs
