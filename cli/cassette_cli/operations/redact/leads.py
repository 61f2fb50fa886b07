"""Leads: the places in a file's text at which something may stand, so that all other subtrees are passed over.

Most cassettes have a handful, in a few headers; a tree that is read lazily stays unread elsewhere. A lead
is a piece of text that the gate named, a word under which a secret may stand, or what makes a node differ
from its text or a name from one word: a tag, an alias, a line that goes on, a name with a blank in it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable

from cassette_cli.operations.redact.found import Found
from cassette_cli.source.nodes import Node

Span = tuple[int, int]

_IN_FLOW = r"""\s*+(?:["'](?=[^"'\n ]{0,200}+ )[^"'\n]{0,200}+["']\s*+:|[^\s:,{}\[\]"']++ [^\n,{}]{0,200}?:)"""
_ODD = re.compile(
    r"\n[ \t-]*+(?:\?[ \t\n]|[^\s]*+(?<!:) (?:[^\n:]++|:(?!\s))*+:)"  # a key on a line of its own
    rf"|\{{{_IN_FLOW}|,{_IN_FLOW}"
    r"""|:(?:(?<=name:)|(?<=name["']:)|(?<=key:)|(?<=key["']:)|(?<=header:)|(?<=header["']:))\s*+[^\s,]++[ ]"""
    r"|!(?<![^\s\[\]{},:-].)|\*(?<![^\s\[\]{},:-].)"
    r"|\\[U\r\n]|\r(?!\n)"
)  # every alternative opens with a character of its own, for which `re` looks first


class Leads:
    """The leads of one file. `gaps` are the spans of its text outside of bodies, which are looked at in any case."""

    def __init__(self, text: str, gaps: Iterable[Span], found: Found) -> None:
        gaps = list(gaps)
        words = {words[0] for one in found.triggers | found.names if (words := one.split())}
        self._offsets = [match.end() - 1 for span in gaps for match in _ODD.finditer(text, *span)]
        self._offsets += (at for word in words for span in gaps for at in _every(word, text, *span))
        self._offsets.sort()

    def reach(self, node: Node) -> bool:
        """Say whether a lead stands inside a node."""
        return self.between(node.start, node.end)

    def between(self, start: int, end: int) -> bool:
        """Say whether a lead stands in a span of the text."""
        at = bisect_left(self._offsets, start)
        return at < len(self._offsets) and self._offsets[at] < end


def _every(word: str, text: str, start: int, end: int) -> Iterable[int]:
    at = text.find(word, start, end)
    while at >= 0:
        yield at
        at = text.find(word, at + 1, end)
