"""Where in a text there may be another one in base64: what is seen without unpacking it."""

import base64
import binascii
from codecs import utf_8_decode
from collections.abc import Iterator
from functools import lru_cache

from cassette_cli.source.later import pattern

BREAK = pattern(r"\r?\n[ \t]*")
"""What parts the lines of base64."""
_LEAST_RUN = b"w" * 20
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r") + b"\x7f"
_CLASSES = bytes(
    ord("w") if (chr(byte).isascii() and chr(byte).isalnum()) or byte in b"_-+/" else ord(" ") for byte in range(256)
)


def may_be_packed(text: str) -> bool:
    """Say quickly whether a text holds a run that is long enough for base64, and opens as that of a text does."""
    return next(packed_places(text), None) is not None


def packed_places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where runs stand that are long enough for base64, and open as that of a text does."""
    raw = text.encode("ascii", "replace")  # a byte a character, so that offsets stay
    classes = raw.translate(_CLASSES)
    at = classes.find(_LEAST_RUN)
    while at >= 0:
        end = classes.find(b" ", at)
        run = text[at : len(text) if end < 0 else end]
        if opens_packed(run) or (
            "/" in run and any(len(part) >= len(_LEAST_RUN) and opens_packed(part) for part in run.split("/"))
        ):
            yield at, at + len(run)
        at = classes.find(_LEAST_RUN, at + len(run))


def opens_packed(text: str) -> bool:
    """Say quickly whether base64 may hold a text, or what is compressed."""
    return text.startswith(("H4sI", "eJ")) or _opens_readable(text[:24])


@lru_cache(maxsize=65536)
def _opens_readable(head: str) -> bool:
    """Say whether base64 could hold text, by its first 24 characters: most does not, and ids come again and again."""
    data = bytes_of(head)
    if data is None or len(data[:9].translate(None, _CONTROLS)) < len(data[:9]):
        return False
    try:
        return bool(utf_8_decode(data, "strict", False))  # the last character may go on
    except UnicodeDecodeError:
        return False


def bytes_of(text: str) -> bytes | None:
    """Return what base64 of either alphabet encodes, with or without padding; None where it is none."""
    if "\n" in text:
        text = BREAK.sub("", text)
    if "-" in text or "_" in text:
        text = text.replace("-", "+").replace("_", "/")
    text = text.rstrip("=")
    if len(text) % 4 == 1:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
