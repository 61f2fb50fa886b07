"""Every protocol that `cassette` rebuilds, in the order in which they are asked to claim a stream.

A protocol is named here and imported when it is first asked: a listing of one provider's answers
needs one or two of two dozen modules.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import overload

from cassette_cli.providers.base import StreamProtocol


@cache
def _module(name: str) -> StreamProtocol:
    module: StreamProtocol = import_module(f"cassette_cli.providers.{name}")
    return module


class _Modules(Sequence[StreamProtocol]):
    """Protocol modules by their names, each imported when it is reached."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[StreamProtocol]:
        return map(_module, self._names)

    @overload
    def __getitem__(self, at: int) -> StreamProtocol: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[StreamProtocol]: ...

    def __getitem__(self, at: int | slice) -> StreamProtocol | Sequence[StreamProtocol]:
        return _Modules(*self._names[at]) if isinstance(at, slice) else _module(self._names[at])


PROTOCOLS = _Modules(
    "openai.chat",
    "openai.completions",
    "openai.responses",
    "openai.assistants",
    "openai.transcription",
    "anthropic.messages",
    "anthropic.completions",
    "google.gemini",
    "google.interactions",
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
    "jsonrpc.messages",
    "ai_sdk.stream",
)

_REQUESTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("openai.chat", "", ("/chat/completions",)),
    ("openai.responses", "", ("/responses",)),
    ("openai.assistants", "", ("/threads",)),
    ("openai.assistants", "/threads/", ("",)),
    ("openai.transcription", "", ("/audio/transcriptions", "/audio/translations")),
    ("anthropic.messages", "", ("/v1/messages",)),
    ("anthropic.messages", r"/publishers/anthropic/models/[^/]+:\w+$", (":rawPredict", ":streamRawPredict")),
    ("anthropic.completions", "", ("/v1/complete",)),
    ("google.gemini", "", (":generateContent", ":streamGenerateContent")),
    ("google.interactions", "", ("/interactions",)),
    ("bedrock.converse", r"/model/[^/]+/[^/]+$", ("/converse", "/converse-stream")),
    ("bedrock.invoke", r"/model/[^/]+/[^/]+$", ("/invoke", "/invoke-with-response-stream")),
    ("bedrock.agent", r"/agents/.+/text$", ("/text",)),
    ("bedrock.agent", "", ("/retrieveAndGenerate", "/retrieveAndGenerateStream")),
    ("cohere.v2", "", ("/v2/chat",)),
    ("cohere.v1", "", ("/v1/chat",)),
    ("ollama.chat", "", ("/api/chat",)),
    ("ollama.generate", "", ("/api/generate",)),
    ("watsonx", "/ml/v1/text/", ("",)),
    ("tgi", "", ("/generate", "/generate_stream")),
    ("openai.completions", "", ("/completions",)),
)
"""Whose request a path is, for interactions whose answer does not tell, such as errors.

The pattern is asked, and compiled, where the path ends with one of the texts.
"""


def asked(path: str) -> StreamProtocol | None:
    """Return the protocol whose request a URL path is, None for a path of none."""
    found = (name for name, pattern, endings in _REQUESTS if path.endswith(endings) and re.search(pattern, path))
    return next(map(_module, found), None)
