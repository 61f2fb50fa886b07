"""What of the rules any language can say: names as lists, shapes as patterns without Python's own syntax."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.detect.names import NameRule, Tables
from cassette_cli.operations.redact.detect.names import tables as name_tables
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.rules.shape import AFTER, BEFORE

_CHECKED = frozenset(("bearer", "pem", "userinfo"))
"""Rules with a check of their own that say enough without it."""
_SHORT = frozenset("pass phrase psk pw".split())
"""Endings that also end other words: what they say takes the words in front of them."""
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_MOST = re.compile(r"\{(\d+),(\d+)\}")


class Names(NamedTuple):
    """Names as they are compared: in lower case, without `_ - .` and blanks.

    What stands under one of `sure`, in headers also of `headers`, goes whatever it is, and so under a name that ends in
    one of `strong`; under one of `maybe`, in queries also of `params`, and under what ends in one of `weak`, if it is
    opaque. Of `credentials` the scheme stays, of `cookies` the names. A name of `never`, or one that ends so, is none.
    """

    sure: list[str]
    headers: list[str]
    maybe: list[str]
    params: list[str]
    credentials: list[str]
    cookies: list[str]
    strong: list[str]
    weak: list[str]
    never: list[str]


def portable_names(detectors: Detectors) -> Names:
    """Return the names that hold secrets by the rules in use, and those that the settings add."""
    tables = name_tables()

    def used(table: dict[str, NameRule], *styles: str, opaque: bool = False) -> list[str]:
        return _sorted(
            name
            for name, one in table.items()
            if one.style in styles and (one.care == "opaque") == opaque and detectors.counts(one.rule)
        )

    defaults = detectors.defaults
    return Names(
        _sorted([*(used(tables.whole, "value") if defaults else ()), *detectors.keys.exact, *detectors.params.exact]),
        _sorted([*(used(tables.headers, "value") if defaults else ()), *detectors.headers.exact]),
        used(tables.whole, "value", opaque=True) if defaults else [],
        used(tables.params, "value", opaque=True) if defaults else [],
        used(tables.whole, "credential") if defaults else [],
        used(tables.whole, "cookie", "set-cookie") if defaults else [],
        _strong(tables) if defaults else [],
        ["credential", "credentials", "jwt", "key", "token"] if defaults else [],
        _sorted(
            [*tables.never, *(f"{word}key" for word in tables.no_keys), *(f"{word}token" for word in tables.no_tokens)]
        ),
    )


def _strong(tables: Tables) -> list[str]:
    return _sorted(
        [
            *(word for word, one in tables.endings.items() if one.care != "opaque" and word not in _SHORT),
            *(f"{word}key" for word in tables.strong_keys),
            *(f"{word}token" for word in tables.strong_tokens),
        ]
    )


def _sorted(found: Iterable[str]) -> list[str]:
    return sorted(name for name in set(found) if name.isascii())


def portable_shapes(detectors: Detectors) -> list[Rule]:
    """Return the rules of shapes that a bare pattern can stand for, in the order of the catalogue."""
    return [
        rule
        for rule in SHAPES
        if detectors.defaults and detectors.counts(rule) and not rule.hosts
        and (rule.validate is None or rule.name in _CHECKED)
    ]  # fmt: skip


def python(rule: Rule) -> str:
    """Return a pattern for Python: as it is."""
    return rule.pattern


def ruby(rule: Rule) -> str:
    """Return a pattern for Ruby (Onigmo): as Python's but for the names of groups."""
    return rule.pattern.replace("(?P<", "(?<")


def javascript(rule: Rule) -> str:
    """Return a pattern for JavaScript: as Python's but for the names of groups."""
    return rule.pattern.replace("(?P<", "(?<")


def go(rule: Rule) -> str | None:
    """Return a pattern for Go (RE2): what stands before a token is its first group; None where RE2 cannot say it."""
    pattern = rule.pattern
    before = ""
    if pattern.startswith(BEFORE):
        pattern, before = pattern.removeprefix(BEFORE), "(^|[^A-Za-z0-9_-])"
    pattern = pattern.removesuffix(AFTER).removesuffix(r"(?![\w-])").removesuffix("(?![A-Za-z0-9])")
    if _LOOKAROUND.search(pattern) or "(?i" in pattern:
        return None
    pattern = _MOST.sub(lambda match: f"{{{min(1000, int(match[1]))},{min(1000, int(match[2]))}}}", pattern)
    if max((int(low) * int(high) for low, high in _nested(pattern)), default=0) > 1000:
        return None
    return before + pattern


def _nested(pattern: str) -> Iterable[tuple[str, str]]:
    """Yield the largest repeat of a group and of anything inside it: RE2 refuses more than 1,000 together."""
    for outer in re.finditer(r"\)\{\d+,(\d+)\}", pattern):
        inner = max((int(one) for one in re.findall(r"\{\d+,(\d+)\}", pattern[: outer.start()])), default=1)
        yield outer[1], str(inner)
