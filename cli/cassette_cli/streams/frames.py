"""Frames: what every framing cuts a body into, and what every protocol decoder is fed."""

import json
from array import array
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, overload

from cassette_cli.model.depth import is_shallow

# What `json.loads` calls in the end; its way there costs as much as a short frame.
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def _parsed(data: str) -> Any:
    try:
        value, end = _scan(data, 0)
        if end == len(data):
            return value if is_shallow(data, value) else NOT_JSON
    except StopIteration:
        pass  # blanks in front, or nothing at all
    except (ValueError, RecursionError):
        return NOT_JSON
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return NOT_JSON
    return value if is_shallow(data, value) else NOT_JSON


class _Absent:
    """The type of the two markers below; `None` is a legal JSON value."""

    __slots__ = ()


_UNREAD: Final = _Absent()
NOT_JSON: Final = _Absent()
"""What `Frame.json` is when the frame's data is no JSON."""

ESCAPED: Final = "\\u00"
"""What the text of JSON has in it where letters of ASCII, be it of a key, are written as escapes."""

Span = tuple[int, int]


@dataclass(slots=True)
class Frame:
    """One event, line, element or message of a stream.

    `span` is where the whole frame stands in the body, its terminator included, so that cutting it
    out leaves a sound stream; `place` says where `data` stands in it: where it begins, if it stands
    there as it is, else the spans of the pieces whose text, joined with a newline, it is. (A number
    takes a quarter of the memory of a span, and a stream may have a million frames.) All count
    characters where the framing is textual and bytes in an AWS event stream. `fields` holds what else
    the frame carried: SSE fields other than event and data, or the headers of an AWS message.
    """

    event: str | None
    data: str
    span: Span
    place: int | tuple[Span, ...] = ()
    fields: dict[str, Any] | None = None
    parsed: Any = _UNREAD

    @property
    def data_spans(self) -> tuple[Span, ...]:
        """Where the pieces of `data` stand."""
        place = self.place
        return ((place, place + len(self.data)),) if isinstance(place, int) else place

    @property
    def json(self) -> Any:
        """The data as JSON, parsed once, or `NOT_JSON`."""
        if self.parsed is _UNREAD:
            self.parsed = _parsed(self.data)
        return self.parsed

    @property
    def glance(self) -> Any:
        """The data as JSON, as `json`, for who looks once: it is not kept, for it takes ten times its text."""
        return _parsed(self.data) if self.parsed is _UNREAD else self.parsed

    def forget(self) -> None:
        """Let go of the JSON, if there is any: it is parsed again where it is asked for."""
        if self.data and self.parsed is not NOT_JSON:
            self.parsed = _UNREAD

    def may_hold(self, *pieces: str) -> bool:
        """Say whether JSON with one of the pieces in its text may be in the frame: nearly free where it is unread."""
        return self.parsed is not _UNREAD or any(piece in self.data for piece in pieces)

    @property
    def object(self) -> dict[str, Any]:
        """The data as a JSON object, empty if it is anything else."""
        value = self.json
        return value if isinstance(value, dict) else {}


LONG: Final = 1 << 20
"""From how many characters on the frames of a stream are not all held."""


class LongStream(Sequence[Frame]):
    """The frames of a long text, held as where they stand: one is made when somebody comes to it, the last one is held.

    Small deltas as frames take several times their text, and parsed ten times as much. A frame whose data does not
    stand in the text as it is, or which carries more than an event and data, is held as it is.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = array("Q")  # four for each frame: its span, and that of its data
        self._events: list[str | None] = []
        self._names: dict[str | None, str | None] = {}
        self._whole: dict[int, Frame] = {}
        self._last: tuple[int, Frame] | None = None

    def append(self, frame: Frame) -> None:
        """Take the next frame."""
        place = frame.place
        if not isinstance(place, int) or frame.fields is not None:
            self._whole[len(self)] = frame
            place = 0
        self._places.extend((*frame.span, place, place + len(frame.data)))
        self._events.append(self._names.setdefault(frame.event, frame.event))

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Frame]:
        return map(self._frame, range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Frame: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Frame]: ...

    def __getitem__(self, index: int | slice) -> Frame | Sequence[Frame]:
        places = range(len(self))[index]
        return self._frame(places) if isinstance(places, int) else list(map(self._frame, places))

    def _frame(self, number: int) -> Frame:
        last = self._last
        if last is not None and last[0] == number:
            return last[1]
        frame = self._whole.get(number)
        if frame is None:
            start, end, begin, stop = self._places[4 * number : 4 * number + 4]
            frame = Frame(self._events[number], self._text[begin:stop], (start, end), begin)
            self._last = number, frame
        return frame


Gathered = list[Frame] | LongStream


def gathering(payload: str) -> Gathered:
    """Return what takes the frames of a text as they are cut."""
    return LongStream(payload) if len(payload) >= LONG else []


@dataclass(slots=True)
class Framed:
    """A body cut into frames.

    `whole` is False where the body ends inside a frame. `notes` say what a client would have
    missed. `keepalives` are the spans of comments between the frames. `marked` says that the body
    opens with a byte order mark, to which some clients lose what follows directly.
    """

    framing: str
    frames: Sequence[Frame]
    whole: bool = True
    notes: list[str] = field(default_factory=list)
    keepalives: list[Span] = field(default_factory=list)
    marked: bool = False


def held_text(value: dict[str, Any], errors: str = "strict") -> str | None:
    """Return the text that an object `{"bytes": "…"}` holds in base64, as Bedrock's chunks do, else None.

    `errors` says what `bytes.decode` does with what is no UTF-8.
    """
    held = value.get("bytes")
    try:
        return b64decode(held).decode("utf-8", errors) if isinstance(held, str) else None
    except ValueError:
        return None
