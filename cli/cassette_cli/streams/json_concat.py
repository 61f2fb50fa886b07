"""JSON objects one after the other, with nothing or white space between them.

RFC 7464 (JSON text sequences) puts a record separator, U+001E, before each; others put nothing.
"""

import json

from cassette_cli.source.later import pattern
from cassette_cli.streams.frames import NOT_JSON, Frame, Framed, gathering

NAME = "json-concat"
ABOUT = "JSON objects one after the other (also RFC 7464 text sequences)"
EXAMPLE = '{"text": "High"}{"text": " water"}'

_SEPARATOR = "\x1e"
_BETWEEN = pattern(r"[\s\x1e]*")
# Outside strings, a valid JSON text never has this; one search over the body is all that other bodies cost.
_SEAM = pattern(r"\}(?: |\n\n?|\r\n(?:\r\n)?)?\{")
_DECODER = json.JSONDecoder()


def claims(payload: str | bytes, content_type: str) -> bool:
    """Claim two objects in a row, or one after a record separator."""
    del content_type
    if isinstance(payload, bytes):
        return False
    start = _skip(payload, 1 if payload.startswith("\ufeff") else 0)
    if not payload.startswith("{", start):
        return False
    if payload.startswith(_SEPARATOR, max(0, start - 1)):
        return True
    if not _SEAM.search(payload):
        return False
    try:
        _, end = _DECODER.raw_decode(payload, start)
    except (ValueError, RecursionError):
        return False
    return payload.startswith("{", _skip(payload, end))


def split(payload: str) -> Framed:
    """Cut the payload into its objects; a span takes the white space after its object along. Never raises."""
    framed = Framed(NAME, [])
    frames = gathering(payload)
    begin = 1 if payload.startswith("\ufeff") else 0
    pos = _skip(payload, begin)
    while pos < len(payload):
        try:
            value, end = _DECODER.raw_decode(payload, pos)
        except (ValueError, RecursionError):
            separator = payload.find(_SEPARATOR, pos)
            stop = len(payload) if separator < 0 else separator
            rest = payload[pos:stop].rstrip()
            frames.append(Frame(None, rest, (begin, stop), pos, parsed=NOT_JSON))
            if separator < 0:
                framed.whole = False
                framed.notes.append("the stream ends inside a frame")
                break
            begin, pos = stop, _skip(payload, stop)
            continue
        following = _skip(payload, end)
        separator = payload.find(_SEPARATOR, end, following)
        stop = following if separator < 0 else separator
        frames.append(Frame(None, payload[pos:end], (begin, stop), pos, parsed=value))
        begin, pos = stop, following
    framed.frames = frames
    return framed


def _skip(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at
