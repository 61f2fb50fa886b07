r"""The outline of a file's beginning: its keys near the root, so that what lies deep in a body or a schema is not
taken for a recording.

Works on bytes that need not parse: cut files, merge conflicts, UTF-16.
"""

import re

DEPTH = 3
"""How deep the keys of JSON are kept: a list of interactions, an interaction, its request."""

_SIZE = 1 << 15
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_MARKERS = re.compile(rb"^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>).*\n?", re.MULTILINE)
_LINES = re.compile(rb"^ {0,4}[^ \t\r\n#][^\r\n]{0,160}", re.MULTILINE)
_OPENS = re.compile(rb"(?:\s|//[^\n]*\n|#[^\n]*\n|---[^\n]*\n)*")
_LONGEST = 80


def outline(head: bytes) -> bytes:
    """Return the first keys of a file and the short values beside them.

    JSON, and YAML that opens like it: all that nests up to `DEPTH` deep, long strings emptied. Other text: its lines
    with up to four blanks of indentation. Lines of conflict markers are left out.
    """
    if b"\0" in head[:64]:
        head = head.replace(b"\0", b"")
    head = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if b"<<<<<<<" in head:
        head = _MARKERS.sub(b"", head)
    opens = _OPENS.match(head)
    at = opens.end() if opens is not None else 0
    return _keys(head, at) if head[at : at + 1] in (b"{", b"[") else _lines(head)


def _lines(text: bytes) -> bytes:
    out: list[bytes] = []
    size = 0
    for line in _LINES.finditer(text):
        out.append(line[0])
        size += len(line[0])
        if size > _SIZE:
            break
    return b"\n".join(out)


def _keys(text: bytes, at: int) -> bytes:
    out: list[bytes] = []
    depth = size = 0
    for token in _TOKEN.finditer(text, at):
        found = token[0]
        if depth <= DEPTH:
            between = text[at : token.start()]
            out += (between, found if len(found) <= _LONGEST else b'""')
            size += len(between) + min(len(found), _LONGEST)
        at = token.end()
        if found in (b"{", b"["):
            depth += 1
        elif found in (b"}", b"]"):
            depth -= 1
            if depth == DEPTH:
                out.append(found)
        if size > _SIZE:
            break
    else:
        out.append(text[at : at + _LONGEST] if depth <= DEPTH else b"")
    return b"".join(out)
