"""Newline-delimited JSON, also called JSON Lines: https://github.com/ndjson/ndjson-spec, https://jsonlines.org.

Only LF and CRLF end a line: U+2028 may stand inside a JSON string.
"""

import json

from cassette_cli.streams.frames import NOT_JSON, Frame, Framed, gathering

NAME = "ndjson"
ABOUT = "newline-delimited JSON, two objects or more, or one under a content type that says so"
EXAMPLE = '{"message": {"content": "High"}, "done": false}\n{"message": {"content": ""}, "done": true}'

_TYPES = ("ndjson", "jsonl", "jsonlines", "json-lines", "stream+json", "json-stream")


def claims(payload: str | bytes, content_type: str) -> bool:
    """Claim two lines of JSON objects; a single line of JSON only under a content type for such streams."""
    if isinstance(payload, bytes):
        return False
    start = _skip_blank(payload, 1 if payload.startswith("\ufeff") else 0)
    first = payload[start : start + 1]
    if first not in ("{", "["):
        return False
    named = any(word in content_type for word in _TYPES)
    if first == "[" and not named:
        return False
    end = payload.find("\n", start)
    if end < 0:
        return named
    following = _skip_blank(payload, end)
    if following >= len(payload):
        return named
    # The second line may be cut, the first may not.
    return (
        payload[following] in "{[" and payload[start:end].rstrip()[-1:] in ("}", "]") and _is_json(payload[start:end])
    )


def _skip_blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def split(payload: str) -> Framed:
    """Cut the payload into its lines, blank ones left out; spans count characters. Never raises."""
    framed = Framed(NAME, [])
    frames = gathering(payload)
    size = len(payload)
    pos = 1 if payload.startswith("\ufeff") else 0
    while pos < size:
        newline = payload.find("\n", pos)
        stop, end = (size, size) if newline < 0 else (newline, newline + 1)
        if payload.startswith("\r", stop - 1):
            stop -= 1
        line = payload[pos:stop]
        if line and not line.isspace():
            frames.append(Frame(None, line, (pos, end), pos))
        pos = end
    if frames and not payload.endswith("\n") and frames[-1].json is NOT_JSON:
        framed.whole = False
        framed.notes.append("the stream ends inside a frame")
    framed.frames = frames
    return framed
