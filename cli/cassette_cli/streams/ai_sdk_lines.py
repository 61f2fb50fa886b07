"""The line protocol of Vercel's AI SDK up to version 4: `0:"text"`, a code and JSON a line.

Defined by https://v4.ai-sdk.dev/docs/ai-sdk-ui/stream-protocol (Data Stream Protocol); the frame's
event is the code, its data the JSON.
"""

import json

from cassette_cli.source.later import pattern
from cassette_cli.streams.frames import Frame, Framed, gathering

NAME = "ai-sdk-lines"
ABOUT = 'a code, a colon and JSON a line, such as 0:"text" (Vercel AI SDK 4)'
EXAMPLE = '0:"High"\n0:" water"\nd:{"finishReason":"stop"}'

_LINE = pattern(r"([0-9a-k]):(\S[^\n]*)(?:\n|\Z)")


def claims(payload: str | bytes, content_type: str) -> bool:
    """Say whether the first lines, at most three, are each a code and JSON; the last may be cut."""
    del content_type
    if isinstance(payload, bytes):
        return False
    pos, lines = 0, 0
    while pos < len(payload) and lines < 3:
        match = _LINE.match(payload, pos)
        if match is None or (not _is_json(match[2]) and (lines == 0 or match.end() < len(payload))):
            return False
        pos, lines = match.end(), lines + 1
    return lines > 0


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def split(payload: str) -> Framed:
    """Cut the payload into lines; spans count characters. Never raises."""
    frames = gathering(payload)
    whole, pos, size = True, 0, len(payload)
    while pos < size:
        end = payload.find("\n", pos)
        end = size if end < 0 else end + 1
        line = payload[pos:end].rstrip("\r\n")
        if line:
            code, colon, data = line.partition(":")
            start = pos + len(code) + len(colon)
            frames.append(Frame(code, data, (pos, end), start))
            whole = end < size or payload.endswith("\n") or _is_json(data)
        pos = end
    framed = Framed(NAME, frames, whole)
    if not whole:
        framed.notes.append("the stream ends inside a frame")
    return framed
