"""Every streamed interaction of the corpus, rebuilt here and by the provider's official SDK: they agree.

`expected.jsonl` says what each SDK handed over. The cassettes are read by `independent`, so that a
fault of our formats cannot hide one of our streams. Skipped where `CASSETTE_CORPUS` is not set.
"""

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import independent
from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange
from cassette_cli.providers.generic import protocol as generic
from cassette_cli.providers.reassemble import identify, reassemble
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing
from cassette_cli.streams.frames import Framed

CORPUS = os.environ.get("CASSETTE_CORPUS")
pytestmark = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS is not set")

ROWS: list[dict[str, Any]] = (
    [json.loads(line) for line in (Path(CORPUS) / "expected.jsonl").read_text("utf-8").splitlines()] if CORPUS else []
)

OURS = {
    "openai.chat.completion.chunk": "openai-chat",
    "openai.text_completion": "openai-completions",
    "openai.responses": "openai-responses",
    "openai.assistants": "openai-assistants",
    "openai.audio.transcription": "openai-transcription",
    "anthropic.messages": "anthropic-messages",
    "anthropic.completion": "anthropic-completions",
    "gemini.generateContent": "gemini",
    "gemini.interactions": "gemini-interactions",
    "bedrock.converse-stream": "bedrock-converse",
    "bedrock.invoke-stream": "bedrock-invoke",
    "bedrock.agent-invoke": "bedrock-agent",
    "bedrock.agent-retrieve-and-generate": "bedrock-agent",
    "cohere.v1": "cohere-v1",
    "cohere.v2": "cohere-v2",
    "ollama.chat": "ollama-chat",
    "ollama.generate": "ollama-generate",
    "writer.completions": "writer-completions",
    "replicate.sse": "replicate",
    "watsonx": "watsonx",
    "mcp.jsonrpc": "jsonrpc",
    "a2a.jsonrpc": "jsonrpc",
    "other": None,
}
"""What the judge calls a protocol, and what we call it."""

_REPEATED = "every chunk has the role, and the SDK joins them: assistantassistant…"
_OPENROUTER = "charmbracelet+fantasy/providertests/testdata/TestOpenRouterCommon"
_RUBY_LLM = "crmne+ruby_llm/spec/fixtures/vcr_cassettes"
_THINKING = "chat_with_extended_thinking_openrouter_claude-haiku-4-5_streams_thinking_content_when_available.yml"
_TOOL_SEARCH = "pydantic+pydantic-ai/tests/cassettes/test_tool_search"
_FUNCTIONS_ALONE = "the judge lists calls of functions; a search for tools is a call with an id and arguments too"
DIFFERENT_ON_PURPOSE: dict[tuple[str, int, str], str] = {
    (f"{_OPENROUTER}/glm/multi_tool_streaming.yaml", 0, "role"): _REPEATED,
    (f"{_OPENROUTER}/glm/multi_tool_streaming.yaml", 1, "role"): _REPEATED,
    (f"{_OPENROUTER}/gemini/tool_streaming.yaml", 0, "role"): _REPEATED,
    (f"{_OPENROUTER}/gemini/tool_streaming.yaml", 1, "role"): _REPEATED,
    (f"{_RUBY_LLM}/{_THINKING}", 0, "role"): _REPEATED,
    (f"{_TOOL_SEARCH}/test_openai_client_tool_search_streaming.yaml", 0, "tool_calls"): _FUNCTIONS_ALONE,
}
"""Where the SDK is known to be wrong, or the judge reads less: {(path, interaction, what): reason}."""

KINDS = {"text": "text", "thinking": "reasoning", "redacted_thinking": "reasoning"}


def case_id(row: dict[str, Any]) -> str:
    return f"{Path(row['path']).name}#{row['interaction']}"


def our_name(protocol: str) -> str | None:
    return OURS[protocol if protocol in OURS else protocol.partition("/")[0].partition(":")[0]]


def rebuilt(row: dict[str, Any]) -> tuple[str | None, Framed, Message]:
    """Return (the protocol that claimed the stream, its frames, our message), empty if nothing frames it."""
    recorded = independent.interactions(Path(str(CORPUS)) / row["path"])[row["interaction"]]
    exchange, framed = framed_body(recorded)
    if framed is None:
        return None, Framed("none", []), Message()
    protocol = identify(exchange, framed)
    return protocol and protocol.name, framed, reassemble(exchange, framed, protocol or generic)  # type: ignore[arg-type]


def framed_body(recorded: independent.Recorded) -> tuple[Exchange, Framed | None]:
    """Cut the body of a response into frames, if it is a stream."""
    headers = {name.lower(): value for name, value in recorded.response_headers}
    content_type = headers.get("content-type", "").lower()
    payload: str | bytes = recorded.response_body
    with contextlib.suppress(UnicodeDecodeError):
        payload = recorded.response_body.decode()
    framed = framing.split(payload, content_type)
    request = (recorded.request_body or b"").decode("utf-8", "replace")
    exchange = Exchange(recorded.method, recorded.url, request, recorded.status, content_type)
    exchange.framing = framed and framed.framing
    return exchange, framed


def manifest() -> list[str]:
    lines = (Path(str(CORPUS)) / "MANIFEST.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["path"] for line in lines]


def arguments(text: Any) -> Any:
    """Read tool arguments as JSON; none at all are an empty object, as every SDK hands them over."""
    if not isinstance(text, str):
        return text or {}
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def calls_of(calls: list[dict[str, Any]] | None) -> list[tuple[Any, Any, Any]]:
    return [
        (call.get("id") or None, call.get("name") or None, arguments(call.get("arguments"))) for call in calls or ()
    ]


def seen_by_sdk(row: dict[str, Any]) -> dict[str, Any]:
    """Bring the judge's record into the shape that `seen_by_us` has."""
    sdk = row["sdk"]
    known = {key: sdk.get(key) or None for key in ("text", "reasoning", "refusal", "finish_reason")}
    known["tool_calls"] = calls_of(sdk.get("tool_calls"))
    if sdk.get("choices"):
        known["choices"] = [
            (c["index"], c.get("text") or None, c.get("reasoning") or None, c.get("finish_reason") or None,
             calls_of(c.get("tool_calls")))
            for c in sdk["choices"]
        ]  # fmt: skip
    roles = [sdk.get("role"), *(choice.get("role") for choice in sdk.get("choices") or ())]
    if any(roles):
        known["role"] = next(role for role in roles if role)
    blocks = sdk.get("blocks")
    if blocks:
        known["blocks"] = [KINDS.get(b["type"], "other") for b in blocks if b.get("type")] or len(blocks)
    return known


def seen_by_us(row: dict[str, Any], message: Message) -> dict[str, Any]:
    """Reduce our message to what the judge recorded of this stream."""
    choices = message.choices
    first = choices[:1] if row["sdk"].get("choices") else choices
    known: dict[str, Any] = {
        "text": "".join(c.text for c in first) or None,
        "reasoning": "".join(c.reasoning or "" for c in first) or None,
        "refusal": "".join(c.refusal or "" for c in first) or None,
        "finish_reason": next((c.finish_reason for c in first if c.finish_reason), None),
        "tool_calls": calls_of([call.as_json() for c in first for call in c.tool_calls]),
        "role": next((c.role for c in first if c.role), None),
    }
    if row["sdk"].get("choices"):
        known["choices"] = [
            (
                c.index,
                c.text or None,
                c.reasoning or None,
                c.finish_reason,
                calls_of([t.as_json() for t in c.tool_calls]),
            )
            for c in choices
        ]
    blocks = row["sdk"].get("blocks")
    if blocks:
        # Citations are parts of ours, and inside the text block of an SDK.
        kinds = [part.kind for c in choices for part in c.parts if part.kind != "citation"]
        named = [kind if kind in ("text", "reasoning") else "other" for kind in kinds]
        known["blocks"] = named if blocks[0].get("type") else len(named)
    return known


def differences(row: dict[str, Any]) -> list[str]:
    """Name what differs from the SDK, except what differs on purpose."""
    name, framed, message = rebuilt(row)
    found = [] if name == our_name(row["protocol"]) else [f"claimed by {name}, not {our_name(row['protocol'])}"]
    if name is None:  # No SDK knows the stream either: its frames are all that can be compared.
        return found if len(framed.frames) == row["sdk"].get("events") else [*found, "another number of frames"]
    theirs, ours = seen_by_sdk(row), seen_by_us(row, message)
    for what, expected in theirs.items():
        if ours[what] != expected and (row["path"], row["interaction"], what) not in DIFFERENT_ON_PURPOSE:
            found.append(f"{what}\n  SDK:  {expected!r:.2000}\n  ours: {ours[what]!r:.2000}")
    return found


@pytest.mark.parametrize("row", ROWS, ids=case_id)
def test_agrees_with_the_sdk(row: dict[str, Any]) -> None:
    assert row["error"] is None
    assert differences(row) == []


@pytest.mark.parametrize("row", [row for row in ROWS if row["sdk"].get("usage_last_nonnull")], ids=case_id)
def test_usage_is_the_last_that_was_sent(row: dict[str, Any]) -> None:
    _, _, message = rebuilt(row)
    assert without_nulls(message.usage) == without_nulls(row["sdk"]["usage_last_nonnull"])


def without_nulls(value: Any) -> Any:
    """Drop what an SDK's models leave out or fill in: null fields."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


@pytest.mark.parametrize("key", DIFFERENT_ON_PURPOSE, ids=lambda key: f"{Path(key[0]).name}#{key[1]}-{key[2]}")
def test_what_differs_on_purpose_still_differs(key: tuple[str, int, str]) -> None:
    row = next(row for row in ROWS if (row["path"], row["interaction"]) == key[:2])
    assert seen_by_us(row, rebuilt(row)[2])[key[2]] != seen_by_sdk(row)[key[2]]


def streams_of_the_corpus() -> Iterator[tuple[str, Exchange, Framed]]:
    """Yield (name, exchange, frames) of everything in the corpus that is a stream, expected or not."""
    for path in manifest():
        for i, recorded in enumerate(independent.interactions(Path(str(CORPUS)) / path)):
            exchange, framed = framed_body(recorded)
            if framed is not None:
                yield f"{path}#{i}", exchange, framed


def test_no_stream_and_no_answer_is_claimed_twice() -> None:
    for name, exchange, framed in streams_of_the_corpus():
        claimants = {p.name for frame in framed.frames[:8] for p in PROTOCOLS if p.claims(exchange, frame)}
        assert len(claimants) <= 1, (name, claimants)
    for path in manifest():
        for i, recorded in enumerate(independent.interactions(Path(str(CORPUS)) / path)):
            try:
                payload = json.loads(recorded.response_body)
            except ValueError:
                continue
            exchange, _ = framed_body(recorded)
            claimants = {p.name for p in PROTOCOLS if isinstance(payload, dict) and p.claims_whole(exchange, payload)}
            assert len(claimants) <= 1, (path, i, claimants)


def test_without_its_empty_frames_a_stream_is_the_same_message() -> None:
    dropped = 0
    for name, exchange, framed in streams_of_the_corpus():
        protocol: Any = identify(exchange, framed) or generic
        empty = set(protocol.empties(framed.frames))
        rest = replace(framed, frames=[frame for i, frame in enumerate(framed.frames) if i not in empty])
        before, after = (reassemble(exchange, frames, protocol) for frames in (framed, rest))
        assert after == before, name
        assert protocol.empties(rest.frames) == [], name
        dropped += len(empty)
    print(f"\n{dropped} frames of the corpus are empty")
    assert dropped


def test_the_independent_reading_finds_every_interaction() -> None:
    for line in (Path(str(CORPUS)) / "MANIFEST.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        path = Path(str(CORPUS)) / entry["path"]
        assert len(independent.interactions(path)) == entry["interactions"], entry["path"]


def test_figures_by_protocol() -> None:
    """Print agreeing/total by protocol; `pytest -s` shows it."""
    total, agreeing = Counter[str](), Counter[str]()
    for row in ROWS:
        protocol = our_name(row["protocol"]) or "generic"
        total[protocol] += 1
        agreeing[protocol] += not differences(row)
    print()
    for protocol, count in sorted(total.items()):
        print(f"{protocol:24} {agreeing[protocol]:4} / {count}")
    print(f"{'all':24} {agreeing.total():4} / {total.total()}")
    assert agreeing == total
