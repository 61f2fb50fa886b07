"""AWS event streams (application/vnd.amazon.eventstream): decoding, and encoding after an edit.

Defined by https://smithy.io/2.0/aws/amazon-eventstream.html. A message is a prelude (total length,
length of the headers, CRC-32 of those eight bytes), headers, a payload, and the CRC-32 of all that
stands before it; numbers are big-endian. Spans count bytes.
"""

import base64
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from zlib import crc32

from cassette_cli.errors import EditError
from cassette_cli.streams.frames import Frame, Framed

NAME = "aws-eventstream"
ABOUT = "AWS event stream (application/vnd.amazon.eventstream), with both checksums"
EXAMPLE = 'length 122, of which headers 75, checksum; :event-type chunk …; {"bytes": "eyJ0…"}; checksum'

_PRELUDE: Final = 12
_OVERHEAD: Final = 16
_TRUE, _FALSE, _BYTES, _STRING, _TIMESTAMP, _UUID = 0, 1, 6, 7, 8, 9
_NUMBERS: Final = {2: ">b", 3: ">h", 4: ">i", 5: ">q", _TIMESTAMP: ">q"}
_FEW: Final = 3


class Header(NamedTuple):
    """One header: `kind` is the wire's type number, 0 to 9.

    `value` is a bool (0, 1), an int (2 to 5: 1, 2, 4, 8 bytes; 8: milliseconds since 1970), bytes
    (6), a str (7; bytes that are no UTF-8 as surrogates) or a UUID (9).
    """

    name: str
    kind: int
    value: Any


class EventMessage(NamedTuple):
    """One message of a stream."""

    headers: tuple[Header, ...]
    payload: bytes


class _Place(NamedTuple):
    """Where the parts of a message stand in the stream; `sound` is False for a wrong checksum."""

    start: int
    payload: int
    crc: int
    end: int
    prelude_sound: bool
    sound: bool


class _Heading(NamedTuple):
    """What a block of headers says."""

    fields: dict[str, Any]
    event: str | None
    whole: bool


def claims(payload: str | bytes, content_type: str) -> bool:
    """Claim by the first prelude's checksum; with a wrong one only under the content type."""
    data = _bytes(payload)
    if len(data) < _OVERHEAD:
        return False
    total, headers, crc = struct.unpack_from(">III", data)
    if headers > total - _OVERHEAD or total < _OVERHEAD:
        return False
    return bool(crc == crc32(data[:8])) or "vnd.amazon.eventstream" in content_type


def split(payload: str | bytes) -> Framed:
    """Cut the payload into messages, a cut one at its end included as far as it goes. Never raises."""
    data = _bytes(payload)
    framed = Framed(NAME, [])
    frames: list[Frame] = []
    seen: dict[bytes, _Heading] = {}  # Most messages of a stream have the very same headers.
    faults: list[str] = []
    end = 0
    for place in _places(data):
        start, headers_end, crc, end, prelude_sound, sound = place
        raw = data[start + _PRELUDE : headers_end]
        heading = seen.get(raw)
        if heading is None:
            heading = seen[raw] = _heading(raw)
        if not heading.whole:
            faults.append(f"frame {len(frames)}: its headers are malformed")
        if not prelude_sound or not sound:
            which = "message" if prelude_sound else "prelude"
            faults.append(f"frame {len(frames)}: wrong {which} checksum, SDKs refuse it")
        words = _text(data[headers_end:crc])
        frames.append(Frame(heading.event, words, (start, end), ((headers_end, crc),), heading.fields))
    if data[end:].strip():
        framed.whole = False
        cut = _is_cut(data, end)
        framed.notes.append("the stream ends inside a frame" if cut else f"byte {end}: not a message")
        frames.extend(_partial(data, end) if cut else ())
    framed.notes.extend(faults[:_FEW])
    if len(faults) > _FEW:
        framed.notes.append(f"{len(faults) - _FEW} more frames have wrong checksums or headers")
    framed.frames = frames
    return framed


def _bytes(payload: str | bytes) -> bytes:
    """Return the stream's bytes; a recorder that keeps text may have written them as UTF-8 or Latin-1."""
    if isinstance(payload, bytes):
        return payload
    if not payload.startswith("\0"):  # No message is 16 MiB long, so the length opens with a zero.
        return b""
    try:
        return payload.encode("latin-1")
    except UnicodeEncodeError:
        return payload.encode("utf-8", "surrogatepass")


def _places(data: bytes) -> Iterator[_Place]:
    """Yield the messages up to the end, or up to the first thing that cannot be one."""
    view = memoryview(data)
    start, size = 0, len(data)
    while start + _OVERHEAD <= size:
        total, headers, crc = struct.unpack_from(">III", data, start)
        end = start + total
        if total < _OVERHEAD or headers > total - _OVERHEAD or end > size:
            return
        (own,) = struct.unpack_from(">I", data, end - 4)
        yield _Place(
            start,
            start + _PRELUDE + headers,
            end - 4,
            end,
            crc == crc32(view[start : start + 8]),
            own == crc32(view[start : end - 4]),
        )
        start = end


def _is_cut(data: bytes, start: int) -> bool:
    """Say whether what stands at `start` is a message's beginning, and not something else."""
    if start + _PRELUDE > len(data):
        return True
    total, headers, crc = struct.unpack_from(">III", data, start)
    return bool(total >= _OVERHEAD and headers <= total - _OVERHEAD and crc == crc32(data[start : start + 8]))


def _partial(data: bytes, start: int) -> list[Frame]:
    """Return the beginning of a cut message as a frame, if at least its headers are there."""
    if start + _PRELUDE > len(data):
        return []
    total, headers, _ = struct.unpack_from(">III", data, start)
    payload = start + _PRELUDE + headers
    if payload > len(data):
        return []
    heading = _heading(data[start + _PRELUDE : payload])
    stop = min(len(data), start + total - 4)
    words = _text(data[payload:stop])
    return [Frame(heading.event, words, (start, len(data)), ((payload, stop),), heading.fields)]


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("latin-1")


def _heading(raw: bytes) -> _Heading:
    headers, whole = _headers(raw)
    fields = {header.name: _plain(header) for header in headers}
    names = (":event-type", ":exception-type", ":error-code")
    event = next((fields[name] for name in names if isinstance(fields.get(name), str)), None)
    return _Heading(fields, event, whole)


def _headers(raw: bytes) -> tuple[tuple[Header, ...], bool]:
    """Decode a block of headers as far as it goes, and say whether that was to its end."""
    headers: list[Header] = []
    at = 0
    try:
        while at < len(raw):
            size = raw[at]
            name = raw[at + 1 : at + 1 + size].decode("utf-8", "surrogateescape")
            kind = raw[at + 1 + size]
            at += size + 2
            value: Any
            if kind in (_TRUE, _FALSE):
                value = kind == _TRUE
            elif kind in _NUMBERS:
                (value,) = struct.unpack_from(_NUMBERS[kind], raw, at)
                at += struct.calcsize(_NUMBERS[kind])
            elif kind in (_BYTES, _STRING):
                (size,) = struct.unpack_from(">H", raw, at)
                value = raw[at + 2 : at + 2 + size]
                at += 2 + size
                value = value.decode("utf-8", "surrogateescape") if kind == _STRING else value
            elif kind == _UUID:
                from uuid import UUID

                value = UUID(bytes=raw[at : at + 16])
                at += 16
            else:
                return tuple(headers), False
            if at > len(raw):
                return tuple(headers), False
            headers.append(Header(name, kind, value))
    except (IndexError, struct.error, ValueError):
        return tuple(headers), False
    return tuple(headers), True


def _plain(header: Header) -> Any:
    """Return a header's value as JSON can hold it: bytes as base64, a time in ISO 8601, a UUID as text."""
    value = header.value
    if header.kind == _BYTES:
        return base64.b64encode(value).decode()
    if header.kind == _TIMESTAMP:
        from datetime import UTC, datetime, timedelta

        try:
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).isoformat(timespec="milliseconds")
        except OverflowError:
            return value
    if header.kind == _STRING:
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return str(value) if header.kind == _UUID else value


def text_headers(headers: Mapping[str, str]) -> tuple[Header, ...]:
    """Return headers that are all strings, as those of nearly every message are."""
    return tuple(Header(name, _STRING, value) for name, value in headers.items())


def decode(data: bytes) -> list[EventMessage]:
    """Return the messages of a sound stream; `encode` gives the same bytes back.

    Raises `EditError` for a stream that is cut, or that has a wrong checksum or malformed headers.
    """
    messages = []
    end = 0
    for number, place in enumerate(_places(data)):
        headers, whole = _headers(data[place.start + _PRELUDE : place.payload])
        if not (whole and place.sound and place.prelude_sound):
            raise EditError(f"frame {number} of the event stream is damaged")
        messages.append(EventMessage(headers, data[place.payload : place.crc]))
        end = place.end
    if end != len(data):
        raise EditError(f"the event stream ends early, at byte {end}")
    return messages


def encode(messages: Iterable[EventMessage]) -> bytes:
    """Write messages one after the other."""
    return b"".join(message_bytes(message.headers, message.payload) for message in messages)


def message_bytes(headers: Iterable[Header], payload: bytes) -> bytes:
    """Write one message with its lengths and checksums."""
    return _message(b"".join(map(_header_bytes, headers)), payload)


def _message(headers: bytes, payload: bytes) -> bytes:
    lengths = struct.pack(">II", _OVERHEAD + len(headers) + len(payload), len(headers))
    body = b"".join((lengths, struct.pack(">I", crc32(lengths)), headers, payload))
    return body + struct.pack(">I", crc32(body))


def _header_bytes(header: Header) -> bytes:
    name = header.name.encode("utf-8", "surrogateescape")
    head = bytes((len(name),)) + name + bytes((header.kind,))
    if header.kind in (_TRUE, _FALSE):
        return head
    if header.kind in _NUMBERS:
        return head + struct.pack(_NUMBERS[header.kind], header.value)
    if header.kind == _UUID:
        return head + bytes(header.value.bytes)
    value = header.value if header.kind == _BYTES else header.value.encode("utf-8", "surrogateescape")
    return head + struct.pack(">H", len(value)) + bytes(value)


def replace_payloads(data: bytes, payloads: Mapping[int, bytes]) -> bytes:
    """Return the stream with new payloads in the frames of these indices, lengths and checksums made right.

    Every other message, and each header, keeps its bytes. Raises `EditError` for an index that is
    no whole message.
    """
    places = _checked(data, payloads)
    out = []
    for number, place in enumerate(places):
        if number in payloads:
            out.append(_message(data[place.start + _PRELUDE : place.payload], payloads[number]))
        else:
            out.append(data[place.start : place.end])
    return b"".join(out) + data[places[-1].end if places else 0 :]


def remove_frames(data: bytes, indices: Iterable[int]) -> bytes:
    """Return the stream without the frames of these indices, every other byte as it was.

    Raises `EditError` for an index that is no whole message.
    """
    gone = frozenset(indices)
    places = _checked(data, gone)
    kept = [data[place.start : place.end] for number, place in enumerate(places) if number not in gone]
    return b"".join(kept) + data[places[-1].end if places else 0 :]


def _checked(data: bytes, indices: Iterable[int]) -> list[_Place]:
    places = list(_places(data))
    for number in indices:
        if not 0 <= number < len(places):
            raise EditError(f"frame {number} is not a whole message of the event stream")
    return places
