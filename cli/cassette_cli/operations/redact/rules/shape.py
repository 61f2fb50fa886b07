"""How the rules of token shapes are written: a body between two edges, and samples that nobody can take for real."""

from collections.abc import Callable

from cassette_cli.operations.redact.rules.rule import Level, Rule
from cassette_cli.source.later import pattern

BEFORE = r"(?<![A-Za-z0-9_-])"
"""What opens a token: no letter, digit, dash or underscore stands before it."""
AFTER = r"(?![A-Za-z0-9_-])"
"""What ends a token."""

DIGIT = r"(?=[A-Za-z_-]{0,60}\d)"
"""Looks ahead for a digit: a token of random characters has one, a name in code or a slug hardly ever."""
OPAQUE = r"(?=[\w-]{0,60}\d)(?=[\w-]{0,60}[A-Z])(?=[\w-]{0,60}[a-z])"
"""Looks ahead for a digit and both cases, where the prefix alone says little."""
UUID_RE = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# What samples are put together from.
MIXED = "FAKEfake0123456789" * 60
LOWER = "fake0123456789" * 30
UPPER = "FAKE0123456789" * 30
HEX = "fa4e0123456789abcdef" * 20
DIGITS = "9081726354" * 4
BASE32 = "FAKE234567" * 10
BASE32_LOWER = "fake234567" * 10
UUID = "fa4e0123-4567-89ab-cdef-fa4e01234567"
JSON = "eyJGQUtFIjoiRkFLRSJ9FAKEfake0123456789" + MIXED


def token(
    name: str,
    about: str,
    body: str,
    literals: str,
    *samples: str,
    level: Level = "secrets",
    never: tuple[str, ...] = (),
    hosts: tuple[str, ...] = (),
    validate: Callable[[str], bool] | None = None,
    behind: int = 0,
) -> Rule:
    """Return the rule of a token that stands for itself: `body` between the edges, `literals` apart by blanks."""
    found = tuple(literals.split())
    if not behind and "|" not in body:
        behind = min((_least_behind(body, literal) for literal in found), default=0)
    return Rule(name, about, f"{BEFORE}(?:{body}){AFTER}", found, level, hosts, validate, samples, never, behind=behind)


_RUN = pattern(r"(?:\(\?=[^()]*\))*\[[\w\\.+/=~%-]+\]\{(\d+)")


def _least_behind(body: str, literal: str) -> int:
    """Return how many characters of a token follow a literal at least, by what stands behind it in the pattern."""
    run = _RUN.match(body, len(literal)) if body.startswith(literal) else None
    return 0 if run is None else int(run[1])
