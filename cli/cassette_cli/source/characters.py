"""Which characters a text has: those that every reader of YAML takes alike, or others (YAML 1.1, 5.1 and 5.4)."""

from cassette_cli.source.later import pattern

_ORDINARY = bytes([9, 10, *range(0x20, 0x7F), *range(0x80, 0x100)])
_ODD = "\u2028\u2029\ufeff\ufffe\uffff"
"""Line and paragraph separator, byte order mark, what is no character."""
_C1 = pattern(rb"\xc2[\x80-\x9f]")


def is_ordinary(text: str, raw: bytes | None = None) -> bool:
    """Say whether all characters are YAML's, and no line ends but with a line feed; `raw` are the text's bytes."""
    raw = text.encode() if raw is None else raw
    if raw.translate(None, _ORDINARY):
        return False
    return text.isascii() or not (_C1.search(raw) or any(odd in text for odd in _ODD))
