"""The words of a text, told by the classes of its bytes: what the searches of the gate go by."""

import re
from collections.abc import Iterator

_CLASSES = bytes(
    ord("w") if (chr(byte).isascii() and chr(byte).isalnum()) or byte in b"_-+/"
    else byte if byte in b".:%@~"
    else ord(" ")
    for byte in range(256)
)  # fmt: skip
_RUN = re.compile(rb"w+")
ESCAPES = b"nrtfb"
"""The letters of escapes of white space: as a text is written, one may stand before a word as if it were part of it."""


class Words:
    """The bytes of a text, and their `classes`: `w` for what base64 is made of, a blank for what parts words.

    The dots and signs that stand inside of words, as in URLs and in tokens of several parts, are themselves.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.classes = raw.translate(_CLASSES)

    def around(self, at: int) -> tuple[int, int]:
        """Return the span of the word that holds a byte."""
        end = self.classes.find(b" ", at)
        return self.classes.rfind(b" ", 0, at) + 1, len(self.raw) if end < 0 else end

    def holding(self, sign: bytes) -> Iterator[tuple[int, int]]:
        """Yield the spans of the words that hold a sign, each once."""
        at = self.raw.find(sign)
        while at >= 0:
            start, end = self.around(at)
            yield start, end
            at = self.raw.find(sign, end)

    def like(self, classes: bytes) -> Iterator[int]:
        """Yield where bytes of these classes stand, without overlaps."""
        at = self.classes.find(classes)
        while at >= 0:
            yield at
            at = self.classes.find(classes, at + len(classes))

    def runs(self, least: int) -> Iterator[tuple[int, int]]:
        """Yield the spans of all runs of base64's bytes that are so long or longer."""
        wanted, classes = b"w" * least, self.classes
        at = classes.find(wanted)
        while at >= 0:
            end = _RUN.match(classes, at).end()  # type: ignore[union-attr]  # a run stands there
            yield at, end
            at = classes.find(wanted, end)
