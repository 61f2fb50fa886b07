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

_REQUESTS = (
    (r"/chat/completions$", "openai_chat"),
    (r"/responses$", "openai_responses"),
    (r"/threads(/.*)?$", "openai_assistants"),
    (r"/audio/(transcriptions|translations)$", "openai_transcription"),
    (r"/v1/messages$|/publishers/anthropic/models/[^/]+:(streamR|r)awPredict$", "anthropic_messages"),
    (r"/v1/complete$", "anthropic_completions"),
    (r":(streamG|g)enerateContent$", "gemini"),
    (r"/interactions$", "gemini_interactions"),
    (r"/model/[^/]+/converse(-stream)?$", "bedrock_converse"),
    (r"/model/[^/]+/invoke(-with-response-stream)?$", "bedrock_invoke"),
    (r"/agents/.+/text$|/retrieveAndGenerate(Stream)?$", "bedrock_agent"),
    (r"/v2/chat$", "cohere_v2"),
    (r"/v1/chat$", "cohere_v1"),
    (r"/api/chat$", "ollama_chat"),
    (r"/api/generate$", "ollama_generate"),
    (r"/ml/v1/text/", "watsonx"),
    (r"/generate(_stream)?$", "tgi"),
    (r"/completions$", "openai_completions"),
)
"""Whose request a path is, for interactions whose answer does not tell, such as errors."""


def asked(path: str) -> StreamProtocol | None:
    """Return the protocol whose request a URL path is, None for a path of none."""
    return next((_module(name) for pattern, name in _REQUESTS if re.search(pattern, path)), None)
