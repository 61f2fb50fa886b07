"""What a protocol module is, and the parts that all decoders share.

A protocol module is one file: `NAME`, `ABOUT`, `claims`, `claims_whole`, `Decoder`, `message`,
`conversation` and `empties`; `providers/registry.py` lists them. Decoders do no I/O and never raise
on a strange frame: what they cannot use they pass over, and what a reader should know they note.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from cassette_cli.lazy import lazy
from cassette_cli.model.message import Conversation, Message
from cassette_cli.streams.frames import NOT_JSON, Frame

T = TypeVar("T")


@dataclass
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


class StreamProtocol(Protocol):
    """The shape of a protocol module."""

    NAME: str
    ABOUT: str

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Say whether a stream with this first telling frame speaks the protocol."""

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Say whether this JSON body is the protocol's answer without streaming."""

    def Decoder(self, exchange: Exchange) -> Decoder:  # noqa: N802 - it is a class in every module
        """Make a decoder for one stream."""

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer without streaming."""

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the indices of the frames without which every SDK rebuilds the same message."""


class ByIndex(Generic[T]):
    """Pieces of several things, interleaved in one stream and told apart by an index.

    Iterates in the order of the indices where all are numbers, else in order of arrival.
    """

    __slots__ = ("_items", "_make")

    def __init__(self, make: Callable[[], T]) -> None:
        self._items: dict[Any, T] = {}
        self._make = make

    def __getitem__(self, index: Any) -> T:
        try:
            return self._items[index]
        except KeyError:
            item = self._items[index] = self._make()
            return item

    def __contains__(self, index: Any) -> bool:
        return index in self._items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return (item for _, item in self.items())

    def items(self) -> Iterator[tuple[Any, T]]:
        """Yield (index, item) in the order of iteration."""
        if all(isinstance(key, int) for key in self._items):
            return iter(sorted(self._items.items()))
        return iter(self._items.items())


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects of a list, nothing for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def obj(value: Any) -> dict[str, Any]:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """Return the value if it is a string, else the empty string."""
    return value if isinstance(value, str) else ""


def index_of(item: dict[str, Any], key: str = "index") -> int:
    """Return the item's index, 0 where it is missing or no whole number."""
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def as_text(value: Any) -> str:
    """Return a string as it is and any other JSON value as compact JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def error_text(error: Any) -> str:
    """Return a provider's error object as one line: its type or code, and its message."""
    if isinstance(error, list) and error:
        error = error[0]
    if not isinstance(error, dict):
        return as_text(error)
    error = obj(error.get("error")) or error
    message = next((error[k] for k in ("message", "Message", "detail", "msg") if error.get(k)), None)
    if message is None:
        return as_text(error)
    label = next((error[k] for k in ("type", "__type", "status", "code") if error.get(k)), None)
    words = as_text(message)
    return words if label is None or as_text(label) in words else f"{as_text(label)}: {words}"


def is_done(frame: Frame) -> bool:
    """Say whether the frame is the `[DONE]` that closes OpenAI-like streams."""
    return frame.data.strip() == "[DONE]"


def is_vacant(value: Any) -> bool:
    """Say whether a JSON value carries nothing: null, "", [] or {}."""
    return value is None or value in ("", [], {})


_WORDS = re.compile(r'"(?:content|text|arguments|reasoning|reasoning_content|thinking|response)"\s*:\s*"[^"]')


def shows_words(frame: Frame) -> bool:
    """Say whether the frame's text has a field of words that is not "": it is not empty, and need not be parsed for it.

    Inside a string the quotes around the field's name would be escaped, so that it is a field for sure.
    """
    return _WORDS.search(frame.data) is not None


def json_positions(frames: Sequence[Frame]) -> list[int]:
    """Return the indices of the frames whose data is a JSON object."""
    return [i for i, frame in enumerate(frames) if isinstance(frame.json, dict)]


def between(frames: Sequence[Frame]) -> range:
    """Return the indices between the first and the last of the frames whose data is a JSON object."""
    count = len(frames)
    first = next((i for i in range(count) if isinstance(frames[i].json, dict)), count)
    last = next((i for i in range(count - 1, first, -1) if isinstance(frames[i].json, dict)), first)
    return range(first + 1, last)


def unreadable(frames: Sequence[Frame]) -> Iterator[int]:
    """Yield the indices of the frames that look like JSON and are none."""
    for i, frame in enumerate(frames):
        if frame.data[:1] in ("{", "[") and frame.json is NOT_JSON and not is_done(frame):
            yield i


_INPUT = (
    "prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount", "prompt_token_count", "inputTokenCount",
    "total_input_tokens", "prompt_eval_count", "input_token_count", "inputTextTokenCount",
    "promptTokens", "input_length",
)  # fmt: skip
_OUTPUT = (
    "completion_tokens", "output_tokens", "outputTokens", "candidatesTokenCount", "candidates_token_count",
    "outputTokenCount", "total_output_tokens", "eval_count", "generated_token_count", "totalOutputTextTokenCount",
    "generated_tokens", "completionTokens", "generation_token_count", "tokenCount",
)  # fmt: skip


def token_counts(usage: dict[str, Any] | None) -> tuple[int | None, int | None]:
    """Return (input, output) token counts out of any provider's usage object, None where it has none."""
    if not usage:
        return None, None
    usage = obj(usage.get("tokens")) or obj(usage.get("billed_units")) or usage
    return _count(usage, _INPUT), _count(usage, _OUTPUT)


def _count(usage: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = usage.get(name)
        if isinstance(value, float) and math.isfinite(value):
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def reasoning_tokens(usage: dict[str, Any] | None) -> int | None:
    """Return how many of the output tokens were spent on reasoning, where the provider says so."""
    usage = usage or {}
    details = (
        obj(usage.get("completion_tokens_details"))
        or obj(usage.get("output_tokens_details"))
        or {"reasoning_tokens": usage.get("thoughtsTokenCount", usage.get("total_thought_tokens"))}
    )
    return _count(details, ("reasoning_tokens", "thinking_tokens"))
