"""A JSON array whose elements arrive one by one, as Gemini sends it without `alt=sse`.

Defined by https://cloud.google.com/apis/design/design_patterns (a server stream over REST is an
array), used by https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent.
An array that could be ordinary data is no stream, so the first element must be a chunk of Gemini's.
"""

import json

from cassette_cli.source.later import pattern
from cassette_cli.streams.frames import NOT_JSON, Frame, Framed, gathering

NAME = "json-array"
ABOUT = "a JSON array of Gemini's chunks, sent one by one"
EXAMPLE = '[{"candidates": [{"content": …}]}\n,\n{"candidates": …}]'

_CHUNK = frozenset(("candidates", "usageMetadata", "promptFeedback", "modelVersion", "responseId", "createTime"))
_OPENING = pattern(r'\ufeff?\s*\[\s*\{\s*"(\w+)"\s*:')
_BLANK = pattern(r"\s*")
_DECODER = json.JSONDecoder()


def claims(payload: str | bytes, content_type: str) -> bool:
    """Claim an array whose first element opens like one of Gemini's chunks or errors."""
    del content_type
    if isinstance(payload, bytes):
        return False
    opening = _OPENING.match(payload)
    if opening is None:
        return False
    key = opening[1]
    if key not in _CHUNK and key not in ("error", "response"):
        return False
    try:
        first, _ = _DECODER.raw_decode(payload, payload.index("{"))
    except (ValueError, RecursionError):
        return key == "candidates"  # Cut inside its first element.
    if key == "error":
        return isinstance(first["error"], dict) and "message" in first["error"]
    inner = first.get("response", first)
    return isinstance(inner, dict) and any(k in inner for k in ("candidates", "usageMetadata", "promptFeedback"))


def split(payload: str) -> Framed:
    """Cut the array into its elements; spans count characters. Never raises.

    A frame's span takes the comma after it along, the last one's the comma before it, so that an
    array without that span is still one.
    """
    framed = Framed(NAME, [])
    frames = gathering(payload)
    size = len(payload)
    pos = _blank(payload, payload.find("[") + 1)
    last_end = pos
    while pos < size and payload[pos] != "]":
        try:
            value, end = _DECODER.raw_decode(payload, pos)
        except (ValueError, RecursionError):
            rest = payload[pos:].rstrip()
            frames.append(Frame(None, rest, (last_end, size), pos, parsed=NOT_JSON))
            pos = size
            break
        following = _blank(payload, end)
        comma = payload.startswith(",", following)
        following = _blank(payload, following + 1) if comma else following
        last = not comma or payload.startswith("]", following) or following >= size
        span = (last_end, end) if last else (pos, following)
        frames.append(Frame(None, payload[pos:end], span, pos, parsed=value))
        last_end = end
        if not comma and following < size and payload[following] != "]":
            framed.notes.append(f"character {following}: elements of the array without a comma between them")
        pos = following
    if pos >= size:
        framed.whole = False
        framed.notes.append("the stream ends before its array does")
    framed.frames = frames
    return framed


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
