"""The tag of a plain scalar that states none, by YAML 1.2's core schema as ruamel.yaml words it.

ruamel.yaml's own table (`resolver.py`, `implicit_resolvers`) would cost its import, which takes longer
than a small cassette takes to read; the tests hold the two together.
"""

import re
from functools import cache

_FIRST = frozenset("~nNtTfF-+.0123456789<=")
_LONGEST_WORD = 5
TEXT_OPENS = frozenset(map(chr, range(0x21, 0x7F))) - _FIRST
"""With what a scalar may begin that is text, whatever follows."""


def implicit(value: str) -> str:
    """Return `null`, `bool`, `int`, `float`, `timestamp`, `merge`, `value` or, for all others, `str`."""
    if not value:
        return "null"
    first = value[0]
    if first not in _FIRST or (first.isalpha() and len(value) > _LONGEST_WORD):
        return "str"
    found = _pattern().fullmatch(value)
    return "str" if found is None else found.lastgroup or "str"


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(
        r"(?P<bool>true|True|TRUE|false|False|FALSE)"
        r"|(?P<float>[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
        r"|(?P<int>[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)"
        r"|(?P<merge><<)|(?P<null>~|null|Null|NULL)"
        r"|(?P<timestamp>[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
        r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)"
        r"|(?P<value>=)"
    )
