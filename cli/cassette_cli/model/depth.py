"""How deep recorded JSON may nest: what is deeper is text, so that whoever walks a value may recurse."""

from typing import Any

MAX_DEPTH = 200
"""As deep as a cassette itself may nest. The parser takes more, and on every Python another depth."""


_NESTING = frozenset((dict, list))  # the parser makes no subclasses, and types are compared faster


def is_shallow(text: str, value: Any) -> bool:
    """Say whether the value that was parsed from a text nests at most `MAX_DEPTH` levels; nearly always free."""
    if len(text) <= 2 * MAX_DEPTH or text.count("[") + text.count("{") <= MAX_DEPTH:
        return True
    level = [value] if type(value) in _NESTING else []
    for _ in range(MAX_DEPTH):
        level = [
            item
            for parent in level
            for item in (parent.values() if type(parent) is dict else parent)
            if type(item) in _NESTING
        ]
        if not level:
            return True
    return False
