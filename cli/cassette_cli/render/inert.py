"""Recorded text made harmless: a terminal must never take it for control, nor Rich for markup."""

import json
import re

from cassette_cli.source.later import pattern

_UNSEEN = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f"
)
_CONTROL = pattern(_UNSEEN + "]")
_CONTROL_LINE = pattern(_UNSEEN + "\t\n]")


def inert(text: str) -> str:
    """Return text whose control characters, save tabs and line feeds, are shown as escapes.

    Direction marks and overrides (CVE-2021-42574), lone surrogates, and characters without a width count as control
    characters: zero-width spaces, tags. The joiners U+200C and U+200D do not: words and emoji need them.
    """
    # Every such character is one that Python does not print, which it can tell ten times as fast.
    return text if text.isprintable() else _CONTROL.sub(_escape, text.replace("\r\n", "\n"))


def inert_line(text: str) -> str:
    """Return the same on one line: tabs and line feeds are escaped too."""
    return text if text.isprintable() else _CONTROL_LINE.sub(_escape, text)


def inert_json(text: str) -> str:
    """Return the text of a JSON document with the same characters escaped as JSON has it: it still means the same."""
    return _CONTROL.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if named:
        return named
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
