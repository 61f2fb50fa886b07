"""Every protocol that `cassette` rebuilds, in the order in which they are asked to claim a stream.

A protocol is named here by its module and imported when it is first asked: a listing of one provider's
answers needs one or two of two dozen modules, and importing them all takes as long as Python's own start.
"""

from cassette_cli.providers.base import StreamProtocol
from cassette_cli.source.later import Listed

PROTOCOLS = Listed[StreamProtocol](
    "cassette_cli.providers",
    "protocol",
    (
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
    ),
)
