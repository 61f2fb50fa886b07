"""Sizes and counts as people write them."""

from cassette_cli.errors import UsageError
from cassette_cli.source.later import pattern

_SIZE = pattern(r"(\d{1,15})\s*(?:([kKMG])(i?))?B?")
_POWERS = {"k": 1, "M": 2, "G": 3}


def parse_size(text: str, option: str) -> int:
    """Return a number of bytes: k, M and G are powers of 1000, Ki, Mi and Gi of 1024.

    Raises `UsageError`, which names the option, for anything else.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"invalid {option} {text!r}: expected a size such as 500k or 2M")
    base = 1024 if match[3] else 1000
    power = _POWERS[match[2].replace("K", "k")] if match[2] else 0
    return int(match[1]) * int(base**power)


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, which takes an `s` in the plural."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
