"""The beginning of a file, looked at without parsing it: its first key, and its keys near the root.

What lies deep in a body or a schema must not pass for a recording, and what is cut, holds a merge conflict or is
UTF-16 must not pass for none.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from cassette_cli.source.later import pattern

DEPTH = 3
"""How deep the keys of JSON are kept: a list of interactions, an interaction, its request."""

_SIZE = 1 << 14
_LONGEST = 80
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BEFORE = pattern(rb"(?:\s|//[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|%YAML[^\n]*(?:\n|\Z)|---(?=\s))*")
_JSON = pattern(rb"""\{\s*(?:["'}]|\w+\s*:|\Z)|\[\s*(?:[\[{\]"']|\Z)""")
_KEY = pattern(
    rb"""(?:-\s+)*["']?\w[\w.-]*["']?\s*:(?:\s|\Z)|-\s*\{|-\s+!|!"""  # YAML
    rb"""|\w+\s*=\s*["'\d]|\[\[?\w|\d{1,9}:\d{1,4}:|[A-Z]{3,7} /"""  # TOML, tnetstrings, HTTP
)
_UP_TO_BRACKET = pattern(rb'(?>(?:[^"\[\]{}]+|"[^"\\]*(?>(?:\\.[^"\\]*)*)"?)*)', re.DOTALL)
_STRING = pattern(rb'"[^"\\]*(?>(?:\\.[^"\\]*)*)"?', re.DOTALL)
_NEXT = pattern(rb"\s*[{\[]")
_LINE = pattern(rb"\n {0,4}[^ \t\r\n#][^\r\n]{0,160}")


def key(*names: str, opens: bytes = b"") -> bytes:
    """Return a regex for any of these keys: unquoted at the start of a line or of its item, or quoted anywhere.

    `opens` is a regex of what must follow the colon and any blank space; the file may also end before it.
    """
    found = b"|".join(re.escape(name.encode()) for name in names)
    after = rb"\s*(?:%s|\Z)" % opens if opens else b""
    return rb"""(?:^(?:-\s+|\{\s*)?["']?|["'])(?:%s)["']?\s*:%s""" % (found, after)


def opening(head: bytes) -> bytes:
    """Return a file's beginning from its first key, item or tag on; empty where it begins otherwise, as prose does.

    Left out are a byte order mark, comments before the first key, the start of a YAML document, and of merge conflicts
    the other side.
    """
    text = _plain(head)
    return text if _JSON.match(text) or _KEY.match(text) else b""


@lru_cache(maxsize=4)
def outline(head: bytes) -> bytes:
    """Return the first keys of a file and the short values beside them.

    Of JSON, and of YAML that opens like it: all that nests up to `DEPTH` deep, long strings emptied. Of other text: the
    lines that are indented by up to four blanks.
    """
    text = _plain(head)
    return _keys(text) if text[:1] in (b"{", b"[") else _lines(text)


def is_full(head: bytes) -> bool:
    """Say whether the outline of a file's beginning is long enough: with more of the file it would be the same."""
    return len(outline(head)) > _SIZE


def _plain(head: bytes) -> bytes:
    if b"\0" in head[:64]:
        head = head.replace(b"\0", b"")
    for bom in _BOMS:
        head = head.removeprefix(bom)
    if b"<<<<<<<" in head:
        head = b"".join(_ours(head))
    before = _BEFORE.match(head)
    return head if before is None else head[before.end() :]


def _ours(head: bytes) -> Iterator[bytes]:
    """Yield the lines of a file with merge conflicts, of each conflict our side."""
    theirs = within = False
    for line in head.splitlines(keepends=True):
        marker = line[:7]
        if marker == b"<<<<<<<":
            within, theirs = True, False
        elif marker == b">>>>>>>":
            within = theirs = False
        elif within and marker in (b"|||||||", b"======="):
            theirs = True
        elif not theirs:
            yield line


def _lines(text: bytes) -> bytes:
    return b"".join(_LINE.findall(b"\n" + text))[1 : _SIZE + _LONGEST]


def _keys(text: bytes) -> bytes:
    out: list[bytes] = []
    at = depth = size = 0
    while at < len(text) and size <= _SIZE:
        found = _UP_TO_BRACKET.match(text, at)
        stop = at if found is None else found.end()
        if depth <= DEPTH:
            between = text[at:stop] if stop - at <= _LONGEST else _STRING.sub(_shortened, text[at:stop])
            out.append(between)
            size += len(between)
        bracket = text[stop : stop + 1]
        depth -= bracket in (b"}", b"]")
        if depth <= DEPTH:
            out.append(bracket)
            size += 1
        depth += bracket in (b"{", b"[")
        at = stop + 1
        if depth == 0 and _NEXT.match(text, at):
            break  # of JSON Lines the first value tells
    return b"".join(out)


def _shortened(string: re.Match[bytes]) -> bytes:
    return string[0] if len(string[0]) <= _LONGEST else b'""'
