"""What holds of every stream: any legal re-framing gives the same message, and nothing makes a decoder raise.

The streams are the fixtures of `tests/sdk`, and a few more here for protocols that no SDK there reads.
"""

import inspect
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_cli.model.body import CONNECTION_TYPE
from cassette_cli.model.message import Conversation, Message
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.errors import error_message
from cassette_cli.providers.generic import protocol as generic
from cassette_cli.providers.reassemble import identify, reassemble
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing
from cassette_cli.streams.frames import NOT_JSON, Frame
from cassette_cli.streams.framing import FRAMINGS
from providers.support import connection, content, sse
from sdk.loopback import CONTENT_TYPES, body_of, status_of

FIXTURES = [f for f in sorted((Path(__file__).parents[1] / "sdk" / "fixtures").rglob("*.*")) if status_of(f) == 200]

FRAMED_AS = {**CONTENT_TYPES, ".socket": CONNECTION_TYPE}

MADE: dict[str, str] = {
    "replicate": sse(("output", "The tide"), ("output", ":\n\nlow"), ("output", " at six."), ("done", {})),
    "watsonx": sse(
        {"model_id": "m", "results": [{"generated_text": "", "input_token_count": 7, "stop_reason": "not_finished"}]},
        {
            "model_id": "m",
            "results": [{"generated_text": "Low", "generated_token_count": 1, "stop_reason": "eos_token"}],
        },
    ),
    "tgi": sse(
        {"token": {"text": "Salt", "special": False}, "generated_text": None},
        {"token": {"text": "", "special": True}, "generated_text": "Salt", "details": {"finish_reason": "length"}},
    ),
    "jsonrpc": sse({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "Low at six"}]}}),
    "ai-sdk": sse(
        {"type": "start", "messageId": "m"},
        {"type": "text-start", "id": "t"},
        {"type": "text-delta", "id": "t", "delta": "Low"},
        {"type": "tool-input-start", "toolCallId": "c", "toolName": "tide"},
        {"type": "tool-input-available", "toolCallId": "c", "toolName": "tide", "input": {"port": "Brest"}},
        {"type": "finish", "finishReason": "stop"},
    ),
    "anthropic-completions": sse(
        ("completion", {"type": "completion", "completion": " Low", "stop_reason": None, "model": "claude-made-up"}),
        ("completion", {"type": "completion", "completion": " tide", "stop_reason": "stop_sequence", "model": "m"}),
    ),
    "writer-completions": sse({"value": "Low"}, {"value": " tide"}),
}

SOCKETS: dict[str, str] = {
    "openai-realtime.socket": connection(
        ("received", {"type": "session.created", "session": {"model": "m", "instructions": "Be brief."}}),
        ("sent", {"type": "response.create"}),
        ("received", {"type": "response.created", "event_id": "e", "response": {"id": "r", "status": "in_progress"}}),
        ("received", {"type": "response.output_text.delta", "event_id": "e", "response_id": "r", "item_id": "i",
                      "content_index": 0, "delta": "Low"}),
        ("received", {"type": "response.done", "event_id": "e", "response": {"id": "r", "status": "completed"}}),
    ),
    "gemini-live.socket": connection(
        ("sent", {"setup": {"model": "models/m"}}),
        ("sent", {"realtimeInput": {"text": "When?"}}),
        ("received", {"serverContent": {"modelTurn": {"parts": [{"text": "Low"}]}}}),
        ("received", {"serverContent": {"turnComplete": True}, "usageMetadata": {"totalTokenCount": 1}}),
    ),
}  # fmt: skip

STREAMS: dict[str, str | bytes] = {
    f"{f.parent.name}/{f.name}": body_of(f) if f.suffix == ".events" else body_of(f).decode() for f in FIXTURES
} | {f"{name}/made": text for name, text in MADE.items()}
STREAMS |= {f"made/{name}": text for name, text in SOCKETS.items()}
SSE = sorted(name for name in STREAMS if name.endswith((".sse", "/made")) and "/cut-in" not in name)


def exchange_of(name: str) -> Exchange:
    suffix = Path(name).suffix
    url = "https://api.example/v1/completions" if name.startswith("writer") else "https://api.example/v1/stream"
    return Exchange("POST", url, "{}", 200, FRAMED_AS.get(suffix, "text/event-stream"))


def rebuilt(name: str, payload: str | bytes) -> Message | None:
    """Rebuild a stream; None where so little is left of it that nobody claims it."""
    exchange = exchange_of(name)
    framed = framing.split(payload, exchange.content_type)
    if framed is None:
        return None
    exchange.framing = framed.framing
    protocol = identify(exchange, framed)
    return None if protocol is None else reassemble(exchange, framed, protocol)


def events_of(text: str) -> list[list[tuple[str, str]]]:
    """Cut a tidy SSE text into events of (field, value): a reading of its own, in the plainest way."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    lines = [[line for line in block.split("\n") if line and not line.startswith(":")] for block in blocks]
    return [[(n, v.removeprefix(" ")) for n, _, v in (line.partition(":") for line in ls)] for ls in lines if ls]


def spread(value: str) -> list[str]:
    """Write JSON over several lines, which are several `data` fields; leave what is no JSON object."""
    try:
        parsed = json.loads(value)
    except ValueError:
        return [value]
    return json.dumps(parsed, ensure_ascii=False, indent=1).split("\n") if isinstance(parsed, dict) else [value]


@pytest.mark.parametrize("name", SSE)
@settings(max_examples=8)
@given(data=st.data())
def test_any_legal_reframing_is_the_same_message(name: str, data: st.DataObject) -> None:
    original = STREAMS[name]
    assert isinstance(original, str)
    eol = data.draw(st.sampled_from(["\n", "\r\n", "\r"]), label="line end")
    multiline = data.draw(st.booleans(), label="JSON over several lines")
    comments = st.sampled_from(["", "", f": keep-alive{eol}", f":{eol}{eol}", f"retry: 3000{eol}{eol}", f"id: 7{eol}"])
    gap = st.sampled_from([": ", ":"])
    out = ["\ufeff"] if data.draw(st.booleans(), label="BOM") else []
    for event in events_of(original):
        out.append(data.draw(comments, label="before the event"))
        for field, value in event:
            for line in spread(value) if multiline and field == "data" else [value]:
                colon = ": " if line.startswith(" ") else data.draw(gap, label="colon")
                out.append(f"{field}{colon}{line}{eol}")
        out.append(eol)
    expected, found = rebuilt(name, original), rebuilt(name, "".join(out))
    assert expected is not None
    assert found is not None
    assert content(found) == content(expected)


@pytest.mark.parametrize("name", sorted(STREAMS))
@settings(max_examples=8)
@given(data=st.data())
def test_a_stream_cut_anywhere_gives_the_beginning_of_its_text(name: str, data: st.DataObject) -> None:
    stream = STREAMS[name]
    whole = rebuilt(name, stream)
    assert whole is not None
    part = rebuilt(name, stream[: data.draw(st.integers(0, len(stream)), label="length")])
    texts = {choice.index: choice.text for choice in whole.choices}
    for choice in part.choices if part else ():
        assert texts.get(choice.index, "").startswith(choice.text)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.sampled_from(
        [10**30, -(10**30), 0.5, math.nan, math.inf, "", " ", "0", "[DONE]", "\ud800", "data:image/png,AA"]
    ),
)


def vocabulary(protocol: Any) -> list[str]:
    """Return every word that the modules of the provider quote: the names of keys and types that it knows."""
    module = inspect.getmodule(type(protocol))
    folder = Path(inspect.getfile(type(protocol))).parent
    near = folder.glob("*.py") if folder.name != "providers" else ()
    sources = [inspect.getsource(module), *(file.read_text() for file in near)]
    return sorted({w for source in sources for w in re.findall(r'"([A-Za-z_][\w.:-]*)"', source)})


def shapes(words: list[str]) -> st.SearchStrategy[Any]:
    """Make JSON values of any shape out of known keys and known values."""
    word = st.sampled_from(words)
    leaves = SCALARS | word
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(word, inner, max_size=5), max_leaves=25
    )


def exercise(protocol: StreamProtocol, values: list[Any], exchange: Exchange) -> None:
    """Call everything that a module offers; it must not raise, and must answer with the right kinds."""
    frames = [Frame(None if i % 2 else "message", "", (0, 0), parsed=value) for i, value in enumerate(values)]
    decoder = protocol.decoder(exchange)
    for frame in frames:
        assert isinstance(protocol.claims(exchange, frame), bool)
        decoder.feed(frame)
    check(decoder.finish())
    dropped = protocol.empties(frames)
    assert dropped == sorted(set(dropped))
    assert all(0 <= i < len(frames) for i in dropped)
    for value in values:
        if isinstance(value, dict):
            assert isinstance(protocol.claims_whole(exchange, value), bool)
            check(protocol.message(value))
            assert isinstance(protocol.conversation(value), Conversation)


def check(message: Message) -> None:
    """Hold a message to what `show --json` promises."""
    assert isinstance(message.complete, bool)
    assert all(isinstance(words, str) for words in [*message.errors, *message.notes])
    assert isinstance(message.model, str | None)
    assert isinstance(message.usage, dict | None)
    for choice in message.choices:
        assert isinstance(choice.index, int)
        assert isinstance(choice.text, str)
        assert all(
            isinstance(v, str | None) for v in (choice.role, choice.reasoning, choice.refusal, choice.finish_reason)
        )
        for call in choice.tool_calls:
            assert isinstance(call.arguments, str)
            assert isinstance(call.id, str | None)
            assert isinstance(call.name, str | None)
        for part in choice.parts:
            assert isinstance(part.text, str)
            assert all(isinstance(v, str | None) for v in (part.id, part.name, part.media_type, part.url))
            assert isinstance(part.size, int | None)
    json.dumps(message.as_json())
    for protocol in EVERY:
        assert len(protocol.usage.counts(message.usage)) == 2
        assert isinstance(protocol.usage.reasoning(message.usage), int | None)


EVERY: tuple[Any, ...] = (*PROTOCOLS, generic)


@pytest.mark.parametrize("protocol", EVERY, ids=lambda p: p.name)
@settings(max_examples=60)
@given(data=st.data())
def test_no_json_makes_a_module_raise(protocol: Any, data: st.DataObject) -> None:
    values = shapes(vocabulary(protocol))
    exchange = exchange_of("made")
    exchange.request_body = json.dumps(data.draw(values))
    exercise(protocol, data.draw(st.lists(values, min_size=1, max_size=6)), exchange)


def replaced(value: Any, data: st.DataObject, other: st.SearchStrategy[Any]) -> Any:
    """Walk down a JSON value by chance, and put something else where the walk ends."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not keys or data.draw(st.integers(0, 3)) == 0:
        return data.draw(other)
    key = data.draw(st.sampled_from(keys))
    copy = value.copy()
    copy[key] = replaced(value[key], data, other)
    if isinstance(copy, dict) and data.draw(st.integers(0, 4)) == 0:
        del copy[key]
    return copy


@pytest.mark.parametrize("name", sorted(STREAMS))
@settings(max_examples=8)
@given(data=st.data())
def test_no_strange_value_in_a_true_stream_makes_its_module_raise(name: str, data: st.DataObject) -> None:
    exchange = exchange_of(name)
    framed = framing.split(STREAMS[name], exchange.content_type)
    assert framed is not None
    exchange.framing = framed.framing
    protocol = identify(exchange, framed)
    assert protocol is not None
    decoder = protocol.decoder(exchange)
    frames = []
    for frame in framed.frames:
        if frame.json is NOT_JSON or data.draw(st.booleans()):
            frames.append(frame)
        else:
            changed = replaced(frame.json, data, SCALARS | st.sampled_from([[], {}, [None], [[]], {"": 1}]))
            frames.append(Frame(frame.event, frame.data, frame.span, frame.data_spans, frame.fields, changed))
    for frame in frames:
        decoder.feed(frame)
    check(decoder.finish())
    assert set(protocol.empties(frames)) <= set(range(len(frames)))


PIECES = st.sampled_from(
    ("data:", "data: {", "data: [DONE]", "event: x", "error: {", ":", "[", "]", "{", "}", ",", '{"a":1}', '"', '0:"x"')
) | st.sampled_from(("\n", "\r", "\r\n", "\n\n", "\ufeff", "\u2028", "\x00", "\ud800", " ", "d:{}", "id", "retry: 1"))
TYPES = st.sampled_from(sorted(CONTENT_TYPES.values()))


@settings(max_examples=150)
@given(
    st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join), st.sampled_from(sorted(CONTENT_TYPES.values()))
)
def test_framings_take_any_text(payload: str, content_type: str) -> None:
    for one in FRAMINGS:
        assert isinstance(one.claims(payload, content_type), bool)
    framed = framing.split(payload, content_type)
    end = 0
    for frame in framed.frames if framed else ():
        assert end <= frame.span[0] <= frame.span[1] <= len(payload)
        end = frame.span[1]
        if frame.data_spans:
            assert "\n".join(payload[a:b] for a, b in frame.data_spans) == frame.data


@settings(max_examples=150)
@given(
    st.binary(max_size=120), st.sampled_from(sorted(CONTENT_TYPES.values())), st.integers(0, 200), st.integers(0, 255)
)
def test_framings_take_any_bytes(payload: bytes, content_type: str, place: int, byte: int) -> None:
    real = STREAMS["bedrock-converse/reasoning-text-tool.events"]
    assert isinstance(real, bytes)
    damaged = real[:place] + bytes([byte]) + real[place + 1 :]
    for data in (payload, damaged, real[:place] + payload):
        for one in FRAMINGS:
            assert isinstance(one.claims(data, content_type), bool)
        framed = framing.split(data, content_type)
        end = 0
        for frame in framed.frames if framed else ():
            assert end <= frame.span[0] <= frame.span[1] <= len(data)
            end = frame.span[1]


@pytest.mark.parametrize("one", FRAMINGS, ids=lambda f: f.NAME)
@given(payload=st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join))
def test_a_framing_that_is_asked_by_name_takes_any_text(one: Any, payload: str) -> None:
    assert one.split(payload).framing == one.NAME


@given(shapes(["error", "errors", "message", "detail", "type", "code", "msg", "loc", "error_type", "title"]))
def test_error_bodies_of_any_shape(value: Any) -> None:
    assert isinstance(error_message(value), str | None)


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_every_stream_is_claimed_by_one_protocol(name: str) -> None:
    exchange = exchange_of(name)
    framed = framing.split(STREAMS[name], exchange.content_type)
    assert framed is not None
    exchange.framing = framed.framing
    claimants = {p.name for frame in framed.frames for p in PROTOCOLS if p.claims(exchange, frame)}
    assert len(claimants) == 1


def test_every_protocol_has_a_stream_here() -> None:
    found = set()
    for name, stream in STREAMS.items():
        exchange = exchange_of(name)
        framed = framing.split(stream, exchange.content_type)
        assert framed is not None
        exchange.framing = framed.framing
        found.add(identify(exchange, framed))
    assert found == set(PROTOCOLS)
