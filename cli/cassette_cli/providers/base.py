"""What a protocol is: one class, whose instance holds all that is known of its streams, answers and requests.

A module of a provider defines a subclass of `StreamProtocol` and names its instance `protocol`;
`providers/registry.py` lists the modules. Decoders do no I/O and never raise on a strange frame: what
they cannot use they pass over, and what a reader should know they note.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from cassette_cli.model.message import Conversation, Message
from cassette_cli.providers.values import obj, text
from cassette_cli.source.later import lazy
from cassette_cli.streams.frames import ESCAPED, Frame


@dataclass(eq=False)
class Exchange:
    """What a protocol may look at to claim a stream.

    `content_type` is that of the response, in lower case; `request_body` is the decoded text, if it
    is text, or a function that returns it as JSON when it is asked for. The host is the weakest
    sign of all: proxies and gateways change it.
    """

    method: str = "GET"
    url: str = ""
    request_body: str | Callable[[], Any] | None = None
    status: int | None = None
    content_type: str = ""
    framing: str | None = None

    @lazy
    def path(self) -> str:
        """The path of the URL, without the query."""
        try:
            return urlsplit(self.url).path
        except ValueError:
            return self.url.partition("?")[0]

    @lazy
    def host(self) -> str:
        """The host of the URL in lower case, empty where it has none."""
        return host_of(self.url)

    @lazy
    def request(self) -> dict[str, Any]:
        """The request body as a JSON object, empty if it is anything else."""
        if callable(self.request_body):
            return obj(self.request_body())
        try:
            return obj(json.loads(self.request_body or ""))
        except (ValueError, RecursionError):
            return {}


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


class Decoder(Protocol):
    """Rebuilds one message from the frames of one stream."""

    def feed(self, frame: Frame) -> None:
        """Take the next frame."""

    def finish(self) -> Message:
        """Return what the frames so far amount to; called once."""


class Usage(NamedTuple):
    """Which members of a usage object count tokens; the first that is there counts.

    `within` are members whose object holds the counts, where the provider nests them.
    """

    input: tuple[str, ...] = ("prompt_tokens", "input_tokens")
    output: tuple[str, ...] = ("completion_tokens", "output_tokens")
    within: tuple[str, ...] = ()

    def counts(self, usage: dict[str, Any] | None) -> tuple[int | None, int | None]:
        """Return (input, output) tokens, None where the provider does not say."""
        if not usage:
            return None, None
        inner = next((obj(usage.get(key)) for key in self.within if obj(usage.get(key))), usage)
        return _count(inner, self.input), _count(inner, self.output)

    def reasoning(self, usage: dict[str, Any] | None) -> int | None:
        """Return how many of the output tokens were spent on reasoning, None where the provider does not say."""
        usage = usage or {}
        details = (
            obj(usage.get("completion_tokens_details"))
            or obj(usage.get("output_tokens_details"))
            or {"reasoning_tokens": usage.get("thoughtsTokenCount", usage.get("total_thought_tokens"))}
        )
        return _count(details, ("reasoning_tokens", "thinking_tokens"))


def _count(usage: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = usage.get(name)
        if isinstance(value, float) and math.isfinite(value):
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


class Counted:
    """Which frames a listing reads, for the model and the usage of a stream alone.

    They are those whose text `pattern` is found in, and, where the first model that is named is the
    one that counts, all frames up to the one that has it under one of the keys `names`. The decoder is
    fed with these only; looking at the text of the others takes a tenth of the time that parsing does.
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


Path = tuple[str, ...]


def fields(*written: str) -> frozenset[Path]:
    """Return paths into a frame's JSON, written with dots, `*` for any position in a list; "" is the value itself."""
    return frozenset(tuple(path.split(".")) if path else () for path in written)


class Coalescing(NamedTuple):
    """How neighbouring deltas of one kind merge into one.

    `texts` are the strings that clients join: everything that they add up must be named here. `varying`
    are top-level members that may differ, of which the first frame's stay. `equal` are paths that may
    hold something, being equal in both frames, with all below them. Under `within`, everything else
    must be null or empty; outside it, equal. `repeats` hold a text once more, word for word. `kinds` are
    the only values of `kind_key` that count, and `events` the only names of frames, where the protocol
    needs telling apart. `inner` says that the JSON stands in base64 in the frame's `bytes`.
    """

    texts: frozenset[Path]
    varying: frozenset[str] = frozenset()
    equal: frozenset[Path] = frozenset()
    within: Path = ()
    repeats: frozenset[Path] = frozenset()
    kind_key: str = "type"
    kinds: frozenset[str] | None = None
    events: frozenset[str] | None = None
    inner: bool = False


def _ends(path: str, ending: str) -> bool:
    return path.endswith(ending) if "*" not in ending else _ending(ending).search(path) is not None


@cache
def _ending(ending: str) -> re.Pattern[str]:
    return re.compile(re.escape(ending).replace(r"\*\*", ".+").replace(r"\*", "[^/]+") + r"\Z")


class StreamProtocol:
    """One protocol of one provider, with the defaults of what most have no need to say.

    A subclass gives `name`, `about`, `claims` and `decoder`; the rest where it differs.
    """

    name: str = ""
    about: str = ""
    """What claims a stream, for `cassette protocols`."""
    paths: tuple[str, ...] = ()
    """How the URL paths of its requests end; `*` stands for text in one segment, `**` for any text."""
    counted: Counted | None = None
    """Which frames tell model and usage; None for all."""
    usage = Usage()
    plain_text = False
    """Whether the data of frames is text, so that data which is no JSON is no fault."""
    padding: tuple[str, ...] = ()
    """Members of a frame's JSON that hold random letters, to hide the length of what is sent."""
    coalescing: tuple[Coalescing, ...] = ()
    """How deltas merge; none where each event reaches the program as it is, or counts something."""

    def is_asked(self, path: str) -> bool:
        """Say whether a request to this URL path speaks the protocol: asked where the answer does not tell."""
        return any(_ends(path, ending) for ending in self.paths)

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Say whether a stream with this first telling frame speaks the protocol."""
        return self.claims_whole(exchange, frame.object)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Say whether this JSON body is the protocol's answer without streaming."""
        del exchange, payload
        return False

    def decoder(self, exchange: Exchange) -> Decoder:
        """Return a decoder for one stream."""
        raise NotImplementedError(f"{self.name or type(self).__name__} has no decoder")

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer without streaming: by default, as the only frame of a stream, which is complete with it."""
        decoder = self.decoder(Exchange())
        decoder.feed(whole_frame(payload))
        return without_end(decoder.finish())

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request: by default, nothing but parameters."""
        return Conversation(parameters=dict(payload))

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the indices of the frames without which every client rebuilds the same message."""
        del frames
        return []


def whole_frame(payload: dict[str, Any]) -> Frame:
    """Return an object that is parsed already as a frame, for decoders that read whole answers too."""
    return Frame(None, "", (0, 0), parsed=payload)


_CUT = "the stream was cut"


def mark_end(message: Message, *, ended: bool, sign: str) -> Message:
    """Say whether a stream came to its end: `ended` if its `sign`, a field or an event, was sent."""
    message.complete = ended and not message.errors
    if not ended and not message.errors:
        message.notes.append(f"{_CUT}: no {sign} was sent")
    return message


def without_end(message: Message) -> Message:
    """Take back what a decoder says of a cut stream: a whole answer has no end to wait for."""
    if not message.errors:
        message.complete = True
        message.notes = [note for note in message.notes if not note.startswith(_CUT)]
    return message
