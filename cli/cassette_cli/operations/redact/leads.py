"""Leads: the places in a file's text at which something may stand, so that all other subtrees are passed over.

Most cassettes have a handful, in a few headers; a tree that is read lazily stays unread elsewhere. A lead
is a piece of text that the gate named, a word under which a secret may stand, or what makes a node differ
from its text: a tag, an alias, a key on a line of its own, a line that goes on.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable

from cassette_cli.operations.redact.found import Found
from cassette_cli.source.nodes import Node

Span = tuple[int, int]

_ODD = tuple(map(re.compile, (
    r"!(?<![^\s\[\]{},:-].)",
    r"\*(?<![^\s\[\]{},:-].)",
    r"\?(?<![^\s-].)[ \t\n]",
    r"\\[U\r\n]",
    r"\r(?!\n)",
)))  # fmt: skip
"""One by one, for `re` finds what opens with one character at the speed of memory, and one of several slowly."""


class Leads:
    """The leads of one file. `gaps` are the spans of its text outside of bodies, which are looked at in any case."""

    def __init__(self, text: str, gaps: Iterable[Span], found: Found) -> None:
        gaps = list(gaps)
        words = {words[0] for one in found.triggers | found.names if (words := one.split())}
        self._offsets = [match.end() - 1 for odd in _ODD for span in gaps for match in odd.finditer(text, *span)]
        self._offsets += (at for word in words for span in gaps for at in _every(word, text, *span))
        self._offsets.sort()

    def reach(self, node: Node) -> bool:
        """Say whether a lead stands inside a node."""
        return self.between(node.start, node.end)

    def reach_pair(self, key: Node, value: Node) -> bool:
        """Say whether a lead stands in a key or its value, which may be an alias and then stand elsewhere."""
        return value.start < key.start or self.between(key.start, value.end)

    def between(self, start: int, end: int) -> bool:
        """Say whether a lead stands in a span of the text."""
        at = bisect_left(self._offsets, start)
        return at < len(self._offsets) and self._offsets[at] < end


def _every(word: str, text: str, start: int, end: int) -> Iterable[int]:
    at = text.find(word, start, end)
    while at >= 0:
        yield at
        at = text.find(word, at + 1, end)
