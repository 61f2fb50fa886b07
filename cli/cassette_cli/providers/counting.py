"""The model and the usage of a stream, for a listing: found without rebuilding the answer.

A row of `cassette ls` needs two facts that a few frames of a stream bear, so a protocol may say which
(`COUNTED`). Its own decoder reads them: it is fed with less, and is still the one source of truth. The
others are passed over by a look at their text, which takes a tenth of the time that parsing them does.
"""

import re
from collections.abc import Iterator, Sequence

from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange, StreamProtocol, text
from cassette_cli.streams.frames import ESCAPED, Frame, Framed


class Counted:
    """Which frames bear on model and usage.

    They are those whose text `pattern` is found in, and, where the first model that is named is the
    one that counts, all frames up to the one that has it under one of the keys `names`.
    """

    def __init__(self, pattern: str, names: tuple[str, ...] = ()) -> None:
        self._pattern = re.compile(pattern)
        self._names = names

    def choose(self, frames: Sequence[Frame]) -> Iterator[Frame]:
        """Yield the frames, in order."""
        named = not self._names
        for frame in frames:
            data = frame.data  # in which one character is found at the speed of memory
            if not named or ("\\" in data and ESCAPED in data) or self._pattern.search(data):
                yield frame
                named = named or any(text(frame.object.get(name)) for name in self._names)


def count(exchange: Exchange, framed: Framed, protocol: StreamProtocol) -> Message:
    """Return a message that has the model and the usage of the whole one, and nothing else to rely on."""
    counted: Counted | None = getattr(protocol, "COUNTED", None)
    decoder = protocol.Decoder(exchange)
    for frame in framed.frames if counted is None else counted.choose(framed.frames):
        decoder.feed(frame)
    return decoder.finish()
