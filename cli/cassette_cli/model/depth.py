"""How deep recorded JSON may nest: what is deeper is text, so that whoever walks a value may recurse."""

from typing import Any

MAX_DEPTH = 200
"""As deep as a cassette itself may nest. The parser takes more, and on every Python another depth."""


def is_shallow(text: str, value: Any) -> bool:
    """Say whether the value that was parsed from a text nests at most `MAX_DEPTH` levels; nearly always free."""
    if len(text) <= 2 * MAX_DEPTH or text.count("[") + text.count("{") <= MAX_DEPTH:
        return True
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            item
            for parent in level
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, dict | list)
        ]
        if not level:
            return True
    return False
