"""Every protocol that `cassette` rebuilds, in the order in which they are asked to claim a stream.

A protocol is named here and imported when it is first asked: a listing of one provider's answers
needs one or two of two dozen modules.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import overload

from cassette_cli.streams.base import StreamProtocol


@cache
def _module(name: str) -> StreamProtocol:
    module: StreamProtocol = import_module(f"cassette_cli.streams.{name}")
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
    "openai_chat",
    "openai_completions",
    "openai_responses",
    "openai_assistants",
    "openai_transcription",
    "anthropic_messages",
    "anthropic_completions",
    "gemini",
    "gemini_interactions",
    "bedrock_converse",
    "bedrock_invoke",
    "bedrock_agent",
    "cohere_v2",
    "cohere_v1",
    "ollama_chat",
    "ollama_generate",
    "writer_completions",
    "watsonx",
    "replicate",
    "tgi",
    "jsonrpc",
    "ai_sdk",
)

_REQUESTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("openai_chat", "", ("/chat/completions",)),
    ("openai_responses", "", ("/responses",)),
    ("openai_assistants", "", ("/threads",)),
    ("openai_assistants", "/threads/", ("",)),
    ("openai_transcription", "", ("/audio/transcriptions", "/audio/translations")),
    ("anthropic_messages", "", ("/v1/messages",)),
    ("anthropic_messages", r"/publishers/anthropic/models/[^/]+:\w+$", (":rawPredict", ":streamRawPredict")),
    ("anthropic_completions", "", ("/v1/complete",)),
    ("gemini", "", (":generateContent", ":streamGenerateContent")),
    ("gemini_interactions", "", ("/interactions",)),
    ("bedrock_converse", r"/model/[^/]+/[^/]+$", ("/converse", "/converse-stream")),
    ("bedrock_invoke", r"/model/[^/]+/[^/]+$", ("/invoke", "/invoke-with-response-stream")),
    ("bedrock_agent", r"/agents/.+/text$", ("/text",)),
    ("bedrock_agent", "", ("/retrieveAndGenerate", "/retrieveAndGenerateStream")),
    ("cohere_v2", "", ("/v2/chat",)),
    ("cohere_v1", "", ("/v1/chat",)),
    ("ollama_chat", "", ("/api/chat",)),
    ("ollama_generate", "", ("/api/generate",)),
    ("watsonx", "/ml/v1/text/", ("",)),
    ("tgi", "", ("/generate", "/generate_stream")),
    ("openai_completions", "", ("/completions",)),
)
"""Whose request a path is, for interactions whose answer does not tell, such as errors.

The pattern is asked, and compiled, where the path ends with one of the texts.
"""


def asked(path: str) -> StreamProtocol | None:
    """Return the protocol whose request a URL path is, None for a path of none."""
    found = (name for name, pattern, endings in _REQUESTS if path.endswith(endings) and re.search(pattern, path))
    return next(map(_module, found), None)
