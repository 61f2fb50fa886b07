"""Shared by the tests of diff: recordings built from a few facts, compared, and what was found in short."""

import json
from dataclasses import dataclass, field
from typing import Any

from cassette_cli.formats import registry
from cassette_cli.operations.diff.cassettes import Options, Version, compare
from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.diff.values import ABSENT, path_text
from cassette_cli.source.document import Document

URL = "https://api.example.com/v1/chat/completions"


@dataclass
class Call:
    """One interaction, with what diff looks at."""

    request: Any = None
    answer: Any = ""
    url: str = URL
    method: str = "POST"
    status: int = 200
    headers: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)
    duration: str = "12.5ms"


def chat(text: str, **more: Any) -> dict[str, Any]:
    """Return an answer of the chat protocol, sent whole; `more` goes into its message."""
    message = {"role": "assistant", "content": text, **more}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "tide-1",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
    }


def ask(*texts: str, **more: Any) -> dict[str, Any]:
    """Return a request of the chat protocol; the texts are the user's and the model's in turns."""
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]
    return {"model": "tide-1", "messages": messages, **more}


def streamed(*texts: str, ident: str = "chatcmpl-1", created: int = 1700000000, finish: str = "stop") -> str:
    """Return a stream of the chat protocol: a chunk a text."""
    head = {"id": ident, "object": "chat.completion.chunk", "created": created, "model": "tide-1"}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": text} for text in texts), {}]
    chunks = []
    for number, delta in enumerate(deltas):
        reason = finish if number == len(deltas) - 1 else None
        chunks.append({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


def text_of(*calls: Call) -> str:
    """Return a go-vcr cassette, as JSON, which is YAML too."""
    return json.dumps({"version": 2, "interactions": [_call(i, call) for i, call in enumerate(calls)]}, indent=1)


def _call(number: int, call: Call) -> dict[str, Any]:
    kind = "text/event-stream" if isinstance(call.answer, str) and call.answer.startswith("data:") else None
    kind = kind or ("application/json" if not isinstance(call.answer, str) else "text/plain")
    return {
        "id": number,
        "request": {
            "body": _body(call.request),
            "headers": _headers({"Content-Type": "application/json", **call.sent}),
            "url": call.url,
            "method": call.method,
        },
        "response": {
            "body": _body(call.answer),
            "headers": _headers({"Content-Type": kind, **call.headers}),
            "status": f"{call.status} Example",
            "code": call.status,
            "duration": call.duration,
        },
    }


def _headers(given: dict[str, Any]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in given.items() if value is not None}


def _body(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def version(text: str | bytes, path: str = "a.yaml") -> Version:
    """Load one version."""
    raw = text.encode() if isinstance(text, str) else text
    return Version(path, raw, registry.load(Document(raw, path)))


def compared(old: list[Call], new: list[Call], options: Options | None = None) -> CassetteDiff:
    """Compare two recordings, and hold the comparison the other way round against its mirror."""
    a, b = version(text_of(*old)), version(text_of(*new))
    found = compare(a, b, options)
    assert compare(b, a, options) == found.mirrored()
    assert found.mirrored().mirrored() == found
    return found


def told(difference: CassetteDiff) -> list[str]:
    """Return what was found, a line each: interactions by state, changes by kind and path."""
    lines = []
    for one in difference.interactions:
        if one.moved:
            lines.append(f"moved {one.old and one.old.index}→{one.new and one.new.index}")
        if one.state in ("added", "removed"):
            lines.append(f"{one.state} #{one.label.index}")
        for change in one.changes:
            old, new = ("-" if value is ABSENT else json.dumps(value, ensure_ascii=False, default=str)
                        for value in (change.old, change.new))  # fmt: skip
            lines.append(f"{change.kind} {path_text(change.path)} {old} → {new}")
    return lines


def one(old: Call, new: Call, options: Options | None = None) -> list[str]:
    """Compare two interactions, and return what was found."""
    return told(compared([old], [new], options))
