"""Every protocol that `cassette` rebuilds, in the order in which they are asked to claim a stream.

A protocol is named here by its module and imported when it is first asked: a listing of one provider's
answers needs one or two of two dozen modules, and importing them all takes as long as Python's own start.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import overload

from cassette_cli.providers.base import StreamProtocol


@cache
def _protocol(name: str) -> StreamProtocol:
    protocol: StreamProtocol = import_module(f"cassette_cli.providers.{name}").protocol
    return protocol


class _Protocols(Sequence[StreamProtocol]):
    """Protocols by the names of their modules, each imported when it is reached."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[StreamProtocol]:
        return map(_protocol, self._names)

    @overload
    def __getitem__(self, at: int) -> StreamProtocol: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[StreamProtocol]: ...

    def __getitem__(self, at: int | slice) -> StreamProtocol | Sequence[StreamProtocol]:
        return _Protocols(*self._names[at]) if isinstance(at, slice) else _protocol(self._names[at])


PROTOCOLS = _Protocols(
    "openai.chat",
    "openai.completions",
    "openai.realtime",
    "openai.responses",
    "openai.assistants",
    "openai.transcription",
    "anthropic.messages",
    "anthropic.completions",
    "google.gemini",
    "google.interactions",
    "google.live",
    "bedrock.converse",
    "bedrock.invoke",
    "bedrock.agent",
    "cohere.v2",
    "cohere.v1",
    "ollama.chat",
    "ollama.generate",
    "writer",
    "watsonx",
    "replicate",
    "tgi",
    "jsonrpc",
    "ai_sdk",
)
