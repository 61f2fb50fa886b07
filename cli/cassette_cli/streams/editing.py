"""Edits inside a stream: parts of its frames' data and whole frames, written back through the framing.

Who edits speaks of frames; this module knows how each framing writes them: the line breaks that SSE
puts into data (WHATWG HTML, 9.2.6), the commas of an array, the lengths and checksums of an AWS
message. What it returns is proved: the new text is cut into frames again and compared.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cassette_cli.errors import EditError, ParseError
from cassette_cli.model.body import Body
from cassette_cli.source import json
from cassette_cli.source.edits import Edit, Part, spliced
from cassette_cli.source.later import pattern
from cassette_cli.streams import ai_sdk_lines, eventstream, framing, json_array, ndjson, sse
from cassette_cli.streams.frames import Frame, Framed, Span, held_text

_LINES = (ndjson.NAME, ai_sdk_lines.NAME)
_BETWEEN = pattern(r"(\r\n|\r|\n)data:(?: |\Z)?")
_BREAK = pattern(r"\r\n|\r|\n")


@dataclass(slots=True)
class Changes:
    """What is to change in a stream.

    `parts` are, by the frame's number, parts of `Frame.data`; `removed` are numbers of frames that
    go as a whole; `keepalives` says that the comments between the frames and inside them go.
    """

    parts: dict[int, list[Part]] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    keepalives: bool = False

    def __bool__(self) -> bool:
        return bool(self.removed or self.keepalives or any(self.parts.values()))


class Inner(NamedTuple):
    """JSON that a frame holds in base64, as Bedrock's chunks do: its text, and where it stands in the data."""

    text: str
    span: Span

    def parts(self, parts: Sequence[Part]) -> list[Part]:
        """Return parts of the inner text as parts of the frame's data."""
        new = spliced(self.text, parts, "frame")
        return [] if new == self.text else [(*self.span, b64encode(new.encode()).decode())]


def inner(frame: Frame) -> Inner | None:
    """Return what a frame `{"bytes": "…"}` holds in base64, None where it is no such frame or holds no text."""
    words, held = held_text(frame.object), frame.object.get("bytes")
    if words is None or b64encode(words.encode()).decode() != held:
        return None
    try:
        node = json.compose(frame.data)[0].get("bytes")
    except ParseError:
        return None
    if node is None or node.value != held or node.end - node.start != len(held) + 2:
        return None  # escapes inside the string: its span is not that of its value
    return Inner(words, (node.start + 1, node.end - 1))


def edits(body: Body, framed: Framed, changes: Changes, *, shown: bool = False) -> list[Edit]:
    """Return the edits of the body's nodes that make the changes; `shown` as in `Body.edit`.

    One call takes all changes of one body. Raises what `edited` and `Body.edit` raise.
    """
    payload = body.payload
    if isinstance(payload, str):
        parts = text_parts(payload, framed, changes)
        _prove(framed, changes, spliced(payload, parts))
        return body.edit(parts, shown=shown)
    return body.replace(edited(payload, framed, changes), shown=shown)


def edited(payload: str | bytes, framed: Framed, changes: Changes) -> str | bytes:
    """Return the stream with the changes made.

    Raises `EditError` where the framing cannot hold them, or where anything else would change.
    """
    new: str | bytes
    if isinstance(payload, str):
        new = spliced(payload, text_parts(payload, framed, changes))
    else:
        new = _messages(payload, framed, changes)
    _prove(framed, changes, new)
    return new


def text_parts(payload: str, framed: Framed, changes: Changes) -> list[Part]:
    """Return the changes as parts of a textual payload, in order; nothing is proved here."""
    if framed.framing == eventstream.NAME:
        raise EditError("an AWS event stream that was recorded as text cannot be edited")
    parts: list[Part] = []
    for number, own in changes.parts.items():
        if number not in changes.removed:
            parts += _data_parts(payload, framed.framing, framed.frames[number], own)
    removed = _removals(framed, changes.removed)
    parts += ((start, end, "") for start, end in removed)
    if changes.keepalives:
        parts += _keepalives(payload, framed, changes.removed)
    return sorted(parts)


def _removals(framed: Framed, removed: set[int]) -> list[Span]:
    """Return the spans of frames; in an array the ones at its end take the comma before them along."""
    frames = framed.frames
    if framed.framing != json_array.NAME:
        return [frames[number].span for number in sorted(removed)]
    tail = len(frames)
    while tail - 1 in removed:
        tail -= 1
    spans = [frames[number].span for number in sorted(removed) if number < tail]
    if tail < len(frames):
        first = frames[tail - 1].data_spans[-1][1] if tail else frames[0].data_spans[0][0]
        spans.append((first, frames[-1].data_spans[-1][1]))
    return spans


def loose_keepalives(framed: Framed) -> list[Span]:
    """Return the comments that can go: one behind a byte order mark would leave the mark to the next event."""
    return [span for span in framed.keepalives if not (framed.marked and span[0] == 1)]


def _keepalives(payload: str, framed: Framed, removed: set[int]) -> list[Part]:
    """Return the lines of comments, each with the blank line after it where that closes no frame."""
    spans = [frame.span for frame in framed.frames]
    parts: list[Part] = []
    at = 0
    for start, stop in loose_keepalives(framed):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        inside = at < len(spans) and spans[at][0] <= start
        if inside and at in removed:
            continue
        ending = _BREAK.match(payload, stop - 1)
        end = stop if ending is None else ending.end()
        blank = None if inside else _BREAK.match(payload, end)
        parts.append((start, end if blank is None else blank.end(), ""))
    return parts


def _data_parts(payload: str, name: str, frame: Frame, parts: Sequence[Part]) -> list[Part]:
    """Return parts of a frame's data as parts of the payload; lines of data count one line feed between them."""
    begins: list[int] = []
    at = 0
    for start, stop in frame.data_spans:
        begins.append(at)
        at += stop - start + 1

    def place(offset: int, *, last: bool) -> int:
        """Return where a character of the data stands; on a seam, the side that the part is on."""
        for number in reversed(range(len(begins))) if last else range(len(begins)):
            start, stop = frame.data_spans[number]
            if begins[number] <= offset <= begins[number] + stop - start:
                return start + offset - begins[number]
        raise EditError("an edit leaves its frame")

    opens = {start for start, _ in frame.data_spans}
    made: list[Part] = []
    for start, end, new in parts:
        left = place(start, last=start == end)
        right = place(end, last=True)
        between = _BETWEEN.sub("", payload[left:right])
        if _BREAK.search(between) and name == sse.NAME:
            raise EditError("other fields are between the lines of data that an edit spans")
        written = _written(payload, name, right, new)
        if name == sse.NAME and left in opens and payload[left - 1] == ":" and (new or payload[right:])[:1] == " ":
            written = " " + written  # a blank behind the colon would be taken for the field's own
        made.append((left, right, written))
    return made


def _written(payload: str, name: str, right: int, new: str) -> str:
    """Return new text of a frame's data as its framing writes it."""
    if name == sse.NAME:
        if "\r" in new:
            raise EditError("the data of an event cannot hold a carriage return")
        if "\n" in new:
            found = _BREAK.search(payload, right)
            new = new.replace("\n", ("\n" if found is None else found[0]) + "data: ")
    elif name in _LINES and _BREAK.search(new):
        raise EditError("a line of the stream cannot hold a line break")
    return new


def _messages(payload: bytes, framed: Framed, changes: Changes) -> bytes:
    """Return an AWS event stream with new payloads and without the removed messages."""
    payloads: dict[int, bytes] = {}
    for number, parts in changes.parts.items():
        if number in changes.removed:
            continue
        frame = framed.frames[number]
        start, end = frame.data_spans[0]
        raw = payload[start:end]
        if not _is_utf8(raw):
            raise EditError(f"frame {number} holds no text")
        payloads[number] = spliced(frame.data, parts, "frame").encode("utf-8", "surrogatepass")
    made = eventstream.replace_payloads(payload, payloads) if payloads else payload
    return eventstream.remove_frames(made, changes.removed) if changes.removed else made


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _prove(framed: Framed, changes: Changes, new: str | bytes) -> None:
    """Cut the new stream into frames; raises `EditError` unless they are the ones that were asked for."""
    module = next(one for one in framing.FRAMINGS if framed.framing == one.NAME)
    after = module.split(new).frames
    wanted = [
        (frame.event, spliced(frame.data, changes.parts.get(number, ()), "frame"), frame.fields)
        for number, frame in enumerate(framed.frames)
        if number not in changes.removed
    ]
    if [(frame.event, frame.data, frame.fields) for frame in after] != wanted:
        raise EditError("the edit would change other frames of the stream")
