"""From frames to the message: find the protocol, feed its decoder, note what could not be used."""

from typing import Any

from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.deltas import is_unreadable
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams.frames import Framed

_TELLING = 8
"""How many frames may pass before a stream must have shown its protocol."""
_LONG = 10_000
"""Frames from which on none is kept parsed: `show -r` of a stream of 21 MB took 295 MB, and takes 136."""


def identify(exchange: Exchange, framed: Framed) -> StreamProtocol | None:
    """Return the protocol of a stream by its first telling frame, None where no protocol claims it."""
    for frame in framed.frames[:_TELLING]:
        for protocol in PROTOCOLS:
            if protocol.claims(exchange, frame):
                return protocol
    return None


def identify_whole(exchange: Exchange, payload: dict[str, Any]) -> StreamProtocol | None:
    """Return the protocol whose answer, not streamed, this JSON body is."""
    return next((protocol for protocol in PROTOCOLS if protocol.claims_whole(exchange, payload)), None)


def identify_request(exchange: Exchange) -> StreamProtocol | None:
    """Return the protocol that a request speaks by its path, None for a path of none."""
    path = exchange.path.rstrip("/")
    return next((protocol for protocol in PROTOCOLS if protocol.is_asked(path)), None)


def reassemble(exchange: Exchange, framed: Framed, protocol: StreamProtocol) -> Message:
    """Rebuild the message of a stream; never raises, whatever the frames hold."""
    decoder = protocol.decoder(exchange)
    long = len(framed.frames) > _LONG
    broken = []
    for number, frame in enumerate(framed.frames):
        decoder.feed(frame)
        if not protocol.plain_text and is_unreadable(frame):
            broken.append(number)
        if long:
            frame.forget()
    message = decoder.finish()
    for i in broken[:3]:
        message.notes.append(f"frame {i}: its data is not JSON, and SDKs would fail on it or skip it")
    if len(broken) > 3:
        message.notes.append(f"{len(broken) - 3} more frames are not JSON")
    message.notes.extend(framed.notes)
    if not framed.whole:
        message.complete = False
    return message


def count(exchange: Exchange, framed: Framed, protocol: StreamProtocol) -> Message:
    """Return a message that has the model and the usage of the whole one, and nothing else to rely on."""
    decoder = protocol.decoder(exchange)
    counted = protocol.counted
    for frame in framed.frames if counted is None else counted.choose(framed.frames):
        decoder.feed(frame)
    return decoder.finish()
