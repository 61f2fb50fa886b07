"""The values that are compared: what stands for the absent and the binary, paths to values, and what texts hold.

Apart from the comparison, so that `cassette textconv` loads no more than this.
"""

import json
import re
from typing import Any, Final, NamedTuple

from cassette_cli.model.body import Body


class _Absent:
    """The type of `ABSENT`; None is a legal JSON value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""What stands for a value that one side does not have."""


class Index(NamedTuple):
    """A step into a list: the position on either side, None where only the other side has the item.

    `label` says what the item is: a message's role, a tool's name.
    """

    old: int | None
    new: int | None
    label: str = ""

    def mirrored(self) -> "Index":
        """Return the step as seen from the other side."""
        return Index(self.new, self.old, self.label)

    def __str__(self) -> str:
        if self.old == self.new or self.old is None or self.new is None:
            return f"[{self.new if self.old is None else self.old}]"
        return f"[{self.old}→{self.new}]"


Step = str | Index
Path = tuple[Step, ...]

PARSED: Final = "(json)"
"""The step from a string to the JSON that it holds."""


def path_text(path: Path, *, root: str = "$") -> str:
    """Return a path as people write JSON paths, with the labels of list items: `$.messages[1] (user).content`."""
    out = root
    for step in path:
        if isinstance(step, Index):
            out += f"{step} ({step.label})" if step.label else str(step)
        elif step == PARSED:
            out += f" {PARSED}"
        elif step.replace("_", "").replace("-", "").isalnum():
            out += f".{step}" if out else step
        else:
            out += f'["{step}"]'
    return out


class Blob(NamedTuple):
    """What stands for a binary value: its type, its size in bytes and its SHA-256, in hexadecimal."""

    media_type: str
    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.media_type or 'binary'}, {self.size} bytes, sha256 {self.sha256[:12]}"


SPOKEN = frozenset({
    "id", "object", "model", "modelVersion", "model_version", "choices", "output", "output_text", "content",
    "candidates", "message", "role", "text", "generations", "generation", "results", "outputs", "outputText",
    "completion", "completions", "response", "thinking", "usage", "usageMetadata", "usage_metadata", "meta",
    "metrics", "stop_reason", "stop", "finish_reason", "finishReason", "stopReason", "error", "errors",
    "incomplete_details", "tool_calls", "tokens", "generated_text", "citations",
})  # fmt: skip
"""Top-level keys of an answer that its message speaks for; the others are compared by path."""

_NUMBERS = 16
"""Lists of more numbers than this are vectors: they differ as a whole."""
_ENDS = re.compile(r"[\n.!?…。！？](?:(?<=\n)|[.!?…。！？]*[\"'”’)\]]*(?=\s)[ \t]*)")

_REASONS: Final = (
    ("cookies", ("set-cookie", "cookie")),
    ("rate limits", ("ratelimit", "rate-limit", "retry-after")),
    ("request ids", ("request-id", "requestid", "cf-ray", "trace", "correlation", "invocation-id", "generation-id")),
    ("client versions", ("user-agent", "stainless")),
    ("dates", ("date", "expires", "last-modified")),
    ("durations", ("timing", "-ms", "latency", "service-time", "timer")),
)


def header_reason(name: str) -> str:
    """Return what a volatile header counts as."""
    folded = name.lower()
    return next((why for why, marks in _REASONS if any(mark in folded for mark in marks)), "headers")


def plain(body: Body) -> str | Blob:
    """Return a body as text, or what stands for its bytes."""
    payload = body.payload
    return payload if isinstance(payload, str) else blob(payload, body.content_type)


def blob(data: bytes, content_type: str) -> Blob:
    """Return what stands for binary data."""
    import hashlib

    from cassette_cli.model import media

    kind = media.describe(data, content_type) or content_type
    return Blob(kind, len(data), hashlib.sha256(data).hexdigest())


def is_vector(value: list[Any]) -> bool:
    """Say whether a list is a vector of numbers, such as an embedding."""
    return len(value) > _NUMBERS and all(isinstance(item, int | float) for item in value)


def parsed(text: str) -> Any:
    """Return the JSON object or list that a string holds, None where it holds none."""
    if text[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def sentences(text: str) -> list[str]:
    """Cut a text into its sentences and lines; joined they are the text."""
    ends = [match.end() for match in _ENDS.finditer(text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)] if text else []
