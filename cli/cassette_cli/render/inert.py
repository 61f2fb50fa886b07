"""Recorded text made harmless: a terminal must never take it for control, nor Rich for markup."""

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_CONTROL_LINE = re.compile(_CONTROL.pattern[:-1] + "\t\n]")


def inert(text: str) -> str:
    """Return text whose control characters, save tabs and line feeds, are shown as escapes.

    Direction marks and overrides (CVE-2021-42574) and lone surrogates count as control characters.
    """
    # Every such character is one that Python does not print, which it can tell ten times as fast.
    return text if text.isprintable() else _CONTROL.sub(_escape, text.replace("\r\n", "\n"))


def inert_line(text: str) -> str:
    """Return the same on one line: tabs and line feeds are escaped too."""
    return text if text.isprintable() else _CONTROL_LINE.sub(_escape, text)


def inert_json(text: str) -> str:
    """Return the text of a JSON document with the same characters escaped as JSON has it: it still means the same."""
    return _CONTROL.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if named:
        return named
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
