"""Random padding, which hides the length of what is streamed, and its removal from a frame's JSON.

OpenAI's `obfuscation` (API reference, `stream_options.include_obfuscation`: chat completions and
responses), and `p`, a run of letters and digits, from Mistral and from AWS (Bedrock Runtime API
reference, the `p` of every event of ConverseStream and InvokeModelWithResponseStream).
"""

import re
from collections.abc import Sequence

from cassette_cli.source import json
from cassette_cli.source.edits import Part
from cassette_cli.source.removal import removal_spans
from cassette_cli.streams.frames import Frame

PADDING: dict[str, tuple[str, ...]] = {
    "openai-chat": ("obfuscation", "p"),
    "openai-completions": ("obfuscation", "p"),
    "openai-responses": ("obfuscation",),
    "openai-transcription": ("obfuscation",),
    "bedrock-converse": ("p",),
    "bedrock-invoke": ("p",),
    "bedrock-agent": ("p",),
}
"""By protocol, the members of a frame's JSON that are padding."""

_LETTERS = re.compile(r"[A-Za-z0-9]*")


def members(frame: Frame, names: Sequence[str]) -> list[str]:
    """Return the names of the padding that the frame has; a `p` that is no run of letters is none."""
    chunk = frame.object
    found = [name for name in names if isinstance(chunk.get(name), str)]
    return [name for name in found if name != "p" or _LETTERS.fullmatch(chunk["p"])]


def removal(frame: Frame, names: Sequence[str]) -> list[Part]:
    """Return the parts of the frame's data that take these members out, each with its comma."""
    node = json.compose(frame.data)[0]
    indices = frozenset(index for index, (key, _) in enumerate(node.pairs) if key.value in names)
    return removal_spans(frame.data, node, indices, "\n")
