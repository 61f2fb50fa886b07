"""The proof that a trimmed stream says what the old one said."""

from collections.abc import Iterator, Sequence
from typing import Any

from cassette_cli.model.message import Message
from cassette_cli.operations.trim.coalesce import Delta, delta_of
from cassette_cli.operations.trim.planning import is_ping, padding_of
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.generic import protocol as generic
from cassette_cli.providers.reassemble import identify, reassemble
from cassette_cli.source.later import pattern
from cassette_cli.streams import framing
from cassette_cli.streams.frames import Frame, Framed

_PLACE = pattern(r"\b(frame|byte|character) \d+")


def reframed(payload: str | bytes, exchange: Exchange, old: Framed) -> Framed | str:
    """Cut a trimmed body into frames as any reader would; a text says why it can no longer be read so."""
    framed = framing.split(payload, exchange.content_type)
    if framed is None or framed.framing != old.framing:
        return "the trimmed body would not read as the same kind of stream"
    return framed


def fault(
    exchange: Exchange, old: Framed, new: Framed, protocol: StreamProtocol | None, *, forced: bool, edited: bool
) -> str | None:
    """Return what a client could tell the trimmed stream by, None where it is nothing.

    Compared are the protocol that claims the streams, the messages that they are rebuilt to, and,
    where frames were `edited` and not only removed, every frame that is no delta and the text of
    all that are, joined: a message may leave out what a stream says twice.
    """
    if not forced and identify(exchange, new) is not protocol:
        return "the trimmed stream would be read by another protocol"
    reader = protocol or generic
    before = _comparable(reassemble(exchange, old, reader))
    after = _comparable(reassemble(exchange, new, reader))
    for key, value in before.items():
        if after[key] != value:
            return f"its {key} would not be the same"
    if edited and protocol is not None and not _same_frames(old, new, protocol):
        return "its frames would not say the same"
    return None


def _comparable(message: Message) -> dict[str, Any]:
    """Return the message without the positions of frames, which are all that may change."""
    out = message.as_json()
    out["notes"] = [_PLACE.sub(r"\1 N", note) for note in out["notes"]]
    return out


def _same_frames(old: Framed, new: Framed, protocol: StreamProtocol) -> bool:
    kept, left = _telling(old.frames, protocol), _telling(new.frames, protocol)
    return list(_folded(kept, protocol)) == list(_folded(left, protocol))


def _telling(frames: Sequence[Frame], protocol: StreamProtocol) -> Sequence[Frame]:
    """Return the frames that carry something; without the others, more may carry nothing."""
    while empty := frozenset(protocol.empties(frames)):
        frames = [frame for number, frame in enumerate(frames) if number not in empty]
    return frames


def _folded(frames: Sequence[Frame], protocol: StreamProtocol) -> Iterator[Any]:
    """Yield what the frames say: neighbouring deltas as one, pings left out, padding taken off."""
    open_delta: Delta | None = None
    words: list[str] = []
    for frame in frames:
        if is_ping(frame):
            continue
        delta = delta_of(frame, protocol.coalescing)
        if delta is not None and open_delta is not None and open_delta.joins(delta):
            words.append(delta.words)
            continue
        if open_delta is not None:
            yield open_delta.rest, "".join(words)
        open_delta, words = delta, [] if delta is None else [delta.words]
        if delta is None:
            yield frame.event, _unpadded(frame, protocol.padding), frame.fields
    if open_delta is not None:
        yield open_delta.rest, "".join(words)


def _unpadded(frame: Frame, names: tuple[str, ...]) -> Any:
    """Return the frame's data, or, where there may be padding in it, its JSON without that."""
    if not names or not frame.object:
        return frame.data
    found = padding_of(frame, names)
    return {key: value for key, value in frame.object.items() if key not in found}
