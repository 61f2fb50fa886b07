"""Every protocol that `cassette` rebuilds, in the order in which they are asked to claim a stream."""

import re

from cassette_cli.streams import (
    ai_sdk,
    anthropic_completions,
    anthropic_messages,
    bedrock_agent,
    bedrock_converse,
    bedrock_invoke,
    cohere_v1,
    cohere_v2,
    gemini,
    gemini_interactions,
    jsonrpc,
    ollama_chat,
    ollama_generate,
    openai_assistants,
    openai_chat,
    openai_completions,
    openai_responses,
    openai_transcription,
    replicate,
    tgi,
    watsonx,
    writer_completions,
)
from cassette_cli.streams.base import StreamProtocol

PROTOCOLS: tuple[StreamProtocol, ...] = (
    openai_chat,
    openai_completions,
    openai_responses,
    openai_assistants,
    openai_transcription,
    anthropic_messages,
    anthropic_completions,
    gemini,
    gemini_interactions,
    bedrock_converse,
    bedrock_invoke,
    bedrock_agent,
    cohere_v2,
    cohere_v1,
    ollama_chat,
    ollama_generate,
    writer_completions,
    watsonx,
    replicate,
    tgi,
    jsonrpc,
    ai_sdk,
)

REQUESTS: tuple[tuple[re.Pattern[str], StreamProtocol], ...] = tuple(
    (re.compile(pattern), protocol)
    for pattern, protocol in (
        (r"/chat/completions$", openai_chat),
        (r"/responses$", openai_responses),
        (r"/threads(/.*)?$", openai_assistants),
        (r"/audio/(transcriptions|translations)$", openai_transcription),
        (r"/v1/messages$|/publishers/anthropic/models/[^/]+:(streamR|r)awPredict$", anthropic_messages),
        (r"/v1/complete$", anthropic_completions),
        (r":(streamG|g)enerateContent$", gemini),
        (r"/interactions$", gemini_interactions),
        (r"/model/[^/]+/converse(-stream)?$", bedrock_converse),
        (r"/model/[^/]+/invoke(-with-response-stream)?$", bedrock_invoke),
        (r"/agents/.+/text$|/retrieveAndGenerate(Stream)?$", bedrock_agent),
        (r"/v2/chat$", cohere_v2),
        (r"/v1/chat$", cohere_v1),
        (r"/api/chat$", ollama_chat),
        (r"/api/generate$", ollama_generate),
        (r"/ml/v1/text/", watsonx),
        (r"/generate(_stream)?$", tgi),
        (r"/completions$", openai_completions),
    )
)
"""Whose request a path is, for interactions whose answer does not tell, such as errors."""
