"""Names that sources give to cassettes: texts with holes, and the tests that are named as their cassettes are."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from cassette_cli.formats import registry

_SUFFIX = re.compile(
    "(" + "|".join(re.escape(one) for one in sorted(registry.suffixes(), key=len)[::-1]) + r")(\.\w+)?$", re.IGNORECASE
)


class Hole(Enum):
    """A part of a name that the source does not say: any text, the name of a test, or a parameter of a function."""

    ANY = "any"
    TEST = "test"


Part = str | Hole


class Place(NamedTuple):
    """Where in the sources something stands: a path relative to the root, a line from 1, the test around it."""

    path: str
    line: int
    test: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f" {self.test}" if self.test else "")


class Name(NamedTuple):
    """A name that a source gives to a cassette, as parts of a path with or without a suffix."""

    parts: tuple[Part, ...]
    place: Place
    how: str

    @property
    def shown(self) -> str:
        """The name as a glob."""
        return "".join("*" if isinstance(part, Hole) else part for part in self.parts)

    @property
    def bare(self) -> bool:
        """Whether nothing of the name is known."""
        return not re.search(r"\w", without_suffix("".join(part for part in self.parts if isinstance(part, str))))


@dataclass(slots=True)
class Test:
    """A test, by the name that its recorder makes of it, and how it is told apart from its parametrized cases.

    `plays` says whether it plays a cassette of its own name, None where that cannot be decided. `folders` are where
    that cassette lies, relative to the root; None for anywhere.
    """

    name: str
    place: Place
    plays: bool | None = None
    folders: tuple[str, ...] | None = None
    cases: "Cases | None" = None
    __test__ = False  # for pytest, which takes the class for one of tests


class Cases(NamedTuple):
    """The ids of a parametrized test: groups, each with its ids, joined by hyphens.

    A group is None where its ids are not known. `unsure` says that there may be more groups.
    """

    groups: tuple[frozenset[str] | None, ...] = ()
    unsure: bool = False

    def has(self, case: str | None) -> bool | None:
        """Say whether there is a case of this id, or one without; None where that cannot be decided."""
        if case is None:
            return not self.groups
        if None not in self.groups and self.groups and _joined(case, list(self.groups)):
            return True
        return None if None in self.groups or self.unsure else False


def _joined(case: str, groups: Sequence[frozenset[str] | None]) -> bool:
    if not groups:
        return not case
    for at, group in enumerate(groups):
        others = [*groups[:at], *groups[at + 1 :]]
        for one in group or ():
            if (not others and case == one) or (
                others and case.startswith(one + "-") and _joined(case[len(one) + 1 :], others)
            ):
                return True
    return False


@dataclass
class Source:
    """A file of sources and what it says: its strings by their lines, names given to cassettes, and tests.

    `described` are the strings that describe tests; `plays` says that it knows a recorder; `unread`, why it could not
    be read.
    """

    path: str
    literals: dict[str, int] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    described: set[str] = field(default_factory=set)
    plays: bool = False
    unread: str | None = None

    @cached_property
    def words(self) -> frozenset[str]:
        """The strings, folded, as they may stand in a name."""
        return frozenset(folded(text) for text in self.literals)


def without_suffix(path: str) -> str:
    """Return a path without the suffix of a cassette."""
    return _SUFFIX.sub("", path)


def folded(text: str) -> str:
    """Return letters and digits alone, in lower case: what recorders keep of a name, whatever they make of the rest."""
    return re.sub(r"[\W_]+", "", text).lower()


def _merged(parts: Iterable[Part]) -> list[Part]:
    """Return parts in which a class and a method of a test are one hole."""
    told = list(parts)
    tests = [at for at, part in enumerate(told) if part is Hole.TEST]
    return [*told[: tests[0]], *told[tests[-1] :]] if tests else told


def holes_of(parts: Iterable[Part]) -> list[Hole]:
    """Return the holes of a name, as `pattern` has groups for them."""
    return [part for part in _merged(parts) if isinstance(part, Hole)]


def pattern(parts: Iterable[Part]) -> re.Pattern[str] | None:
    """Return the regex that the end of a cassette's path, without suffix, is to match; a group for each hole.

    Holes at the beginning that stand for whole folders are left out. None where nothing of the name is known.
    """
    merged: list[Part] = []
    for part in _merged(parts):
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part.replace("\\", "/") if isinstance(part, str) else part)
    if len(merged) > 1 and isinstance(merged[0], Hole) and str(merged[1]).startswith("/") and merged[0] is Hole.ANY:
        merged = merged[1:]
    if merged and isinstance(merged[-1], str):
        merged[-1] = without_suffix(merged[-1])
    if merged and isinstance(merged[0], str):
        merged[0] = re.sub(r"^(?:\.{0,2}/)+", "", merged[0])
    texts = [re.escape(part) if isinstance(part, str) else "(.+)" for part in merged if part != ""]
    return re.compile(f"(?:.*/)?{''.join(texts)}", re.DOTALL) if texts else None
