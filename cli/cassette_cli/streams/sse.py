"""Server-sent events, by the WHATWG HTML standard, section 9.2.6 (Interpreting an event stream).

Kept on purpose beyond the standard: fields that it does not know (`error: {…}` is sent by real
providers), blocks without data that have such a field, and a last event without its blank line.
U+2028, U+0085 and their like end no line; only CR, LF and CRLF do.
"""

import re

from cassette_cli.source.later import pattern
from cassette_cli.streams.frames import NOT_JSON, Frame, Framed, Gathered, Span, gathering

NAME = "sse"
ABOUT = "server-sent events (text/event-stream)"
EXAMPLE = 'event: message\ndata: {"text": "High"}\n\ndata: [DONE]'

_LINE = pattern(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_USUAL = pattern(r"(?:event: ([^\n]*)\n)?data: ([^\n]*)\n\n")
_FIELD = pattern(r"\s*(?:data|event|id|retry|error)(?::|[\r\n]|\Z)|:")


def claims(payload: str | bytes, content_type: str) -> bool:
    """Say whether the payload opens like an event stream; `content_type` decides only for an odd first line."""
    if isinstance(payload, bytes):
        return False
    head = payload.removeprefix("\ufeff").lstrip("\r\n")
    if _FIELD.match(head):
        return True
    return "text/event-stream" in content_type and bool(re.match(r"[A-Za-z-]+: ?", head))


def split(payload: str) -> Framed:
    """Cut the payload into events; spans count characters. Never raises."""
    framed = Framed(NAME, [])
    frames = gathering(payload)
    start = 0
    if payload.startswith("\ufeff"):
        start = 1
        framed.notes.append("the stream opens with a byte order mark: several SDKs lose its first event")
    if "\r" in payload:
        _split_any(payload, start, frames, framed)
    else:
        _split_lf(payload, start, frames, framed)
    framed.frames = frames
    if frames and frames[-1].span[1] == len(payload) and not payload.endswith(("\n\n", "\r\r", "\n\r\n")):
        last = frames[-1]
        if last.json is NOT_JSON and last.data.lstrip()[:1] in ("{", "["):
            framed.whole = False
            framed.notes.append("the stream ends inside a frame")
        elif not payload.endswith(("\n", "\r")):
            framed.notes.append("the last event has no blank line after it: several SDKs lose it")
    return framed


def _split_lf(text: str, pos: int, frames: Gathered, framed: Framed) -> None:
    """Cut a stream whose lines end in LF: block by block, those of the usual shape by one match."""
    size = len(text)
    while pos < size:
        usual = _USUAL.match(text, pos)
        if usual is not None:
            end = usual.end()
            frames.append(Frame(usual[1], usual[2], (pos, end), usual.start(2)))
            pos = end
            continue
        if text[pos] == "\n":
            pos += 1
            continue
        blank = text.find("\n\n", pos)
        stop, end = (size, size) if blank < 0 else (blank, blank + 2)
        lines = []
        at = pos
        while at < stop:
            eol = text.find("\n", at, stop)
            eol = stop if eol < 0 else eol
            lines.append((at, eol))
            at = eol + 1
        _block(text, lines, (pos, end), frames, framed)
        pos = end


def _split_any(text: str, pos: int, frames: Gathered, framed: Framed) -> None:
    """Cut a stream whose lines end in CR, LF or CRLF, in any mixture."""
    lines: list[Span] = []
    start = pos
    for match in _LINE.finditer(text, pos):
        begin, stop = match.span(1)
        if begin < stop:
            lines.append((begin, stop))
        else:
            if lines:
                _block(text, lines, (start, match.end()), frames, framed)
                lines = []
            start = match.end()
        if match.end() == len(text):
            break
    if lines:
        _block(text, lines, (start, len(text)), frames, framed)


def _block(text: str, lines: list[Span], span: Span, frames: Gathered, framed: Framed) -> None:
    """Turn the lines between two blank ones into a frame, if they are one."""
    event: str | None = None
    data: list[Span] = []
    fields: dict[str, str] | None = None
    for begin, stop in lines:
        colon = text.find(":", begin, stop)
        if colon == begin:
            framed.keepalives.append((begin, min(stop + 1, len(text))))
            continue
        name = text[begin : stop if colon < 0 else colon]
        value = stop if colon < 0 else colon + 1
        if text.startswith(" ", value) and value < stop:
            value += 1
        if name == "data":
            data.append((value, stop))
        elif name == "event":
            event = text[value:stop]
        else:
            fields = fields or {}
            fields[name] = text[value:stop]
    if data or event is not None or fields:
        joined = "\n".join([text[begin:stop] for begin, stop in data])
        frames.append(Frame(event, joined, span, data[0][0] if len(data) == 1 else tuple(data), fields))
