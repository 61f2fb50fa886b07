"""Merging deltas: what joins in each protocol, what ends a run, and that no run changes the answer."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.operations.reading import protocol_named
from cassette_cli.operations.trim import coalesce
from cassette_cli.operations.trim.trimming import trim
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import eventstream, framing
from operations.trim_support import EVERYTHING, cassette_text, chunk, loaded_from, message_of, only, trimmed
from providers.support import sse

NEVER_JOINED = {"bedrock-agent", "gemini-live", "jsonrpc", "openai-realtime", "replicate", "tgi", "watsonx"}
"""Protocols whose every event reaches the program as it is, or counts something."""


def test_every_protocol_is_decided_on() -> None:
    assert {protocol.name for protocol in PROTOCOLS if not protocol.coalescing} == NEVER_JOINED


def event(**fields: Any) -> dict[str, Any]:
    return fields


def responses(kind: str, delta: str, **more: Any) -> dict[str, Any]:
    return event(type=f"response.{kind}.delta", item_id="i", output_index=0, delta=delta, **more)


def call(arguments: str, **more: Any) -> dict[str, Any]:
    return chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments}, **more}]})


def thoughts(words: str) -> dict[str, Any]:
    return chunk({"reasoning": words, "reasoning_details": [{"type": "reasoning.text", "index": 0, "text": words}]})


def completion(words: str) -> dict[str, Any]:
    return event(choices=[event(index=0, text=words, finish_reason=None)])


def assistant(words: str) -> dict[str, Any]:
    block = {"index": 0, "type": "text", "text": {"value": words}}
    return event(id="m", object="thread.message.delta", delta={"content": [block]})


def code(words: str) -> dict[str, Any]:
    calls = [{"index": 0, "type": "code_interpreter", "code_interpreter": {"input": words}}]
    delta = {"step_details": {"type": "tool_calls", "tool_calls": calls}}
    return event(id="s", object="thread.run.step.delta", delta=delta)


def anthropic_thinking(words: str) -> dict[str, Any]:
    return event(type="content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": words})


def anthropic_text(words: str) -> dict[str, Any]:
    return event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": words})


def cohere(kind: str, inner: dict[str, Any]) -> dict[str, Any]:
    return event(type=kind, index=0, delta={"message": inner})


OF_WORDS: list[tuple[str, Callable[[str], Any]]] = [
    ("openai-chat", lambda w: chunk({"content": w})),
    ("openai-chat", lambda w: chunk({"refusal": w})),
    ("openai-chat", lambda w: chunk({"content": w, "role": "assistant"})),
    ("openai-chat", lambda w: chunk({"content": [{"type": "text", "text": w}]})),
    ("openai-chat", lambda w: chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": w}]}]})),
    ("openai-chat", call),
    ("openai-chat", thoughts),
    ("openai-completions", completion),
    ("openai-responses", lambda w: responses("reasoning_summary_text", w, summary_index=0)),
    ("openai-responses", lambda w: responses("function_call_arguments", w)),
    ("openai-responses", lambda w: responses("shell_call_command", w, command_index=1)),
    ("openai-responses", lambda w: responses("apply_patch_call_operation_diff", w)),
    ("openai-responses", lambda w: {**responses("shell_call_output_content", w), "delta": {"stdout": w}}),
    ("openai-assistants", assistant),
    ("openai-assistants", code),
    ("openai-transcription", lambda w: event(type="transcript.text.delta", delta=w)),
    ("anthropic-messages", anthropic_thinking),
    ("anthropic-messages", anthropic_text),
    ("anthropic-completions", lambda w: event(type="completion", id="c", completion=w, stop_reason=None, model="m")),
    ("gemini", lambda w: event(candidates=[{"content": {"parts": [{"text": w}], "role": "model"}}])),
    ("gemini", lambda w: event(candidates=[{"content": {"parts": [{"text": w, "thought": True}]}, "index": 0}])),
    ("gemini-interactions", lambda w: event(event_type="step.delta", index=0, delta={"type": "text", "text": w})),
    ("cohere-v2", lambda w: cohere("content-delta", {"content": {"text": w}})),
    ("cohere-v2", lambda w: cohere("tool-call-delta", {"tool_calls": {"function": {"arguments": w}}})),
    ("cohere-v1", lambda w: event(is_finished=False, event_type="text-generation", text=w)),
    ("ollama-chat", lambda w: event(model="m", message={"role": "assistant", "thinking": w}, done=False)),
    ("ollama-generate", lambda w: event(model="m", response=w, done=False)),
    ("writer-completions", lambda w: event(value=w)),
    ("ai-sdk", lambda w: event(type="text-delta", id="0", delta=w)),
    ("ai-sdk", lambda w: event(type="tool-input-delta", toolCallId="c", inputTextDelta=w)),
]

WITH_NOISE: list[tuple[str, Any, Any, Any]] = [
    ("openai-chat", chunk({"content": "a"}, created=1), chunk({"content": "b"}, created=2), chunk({"content": "ab"})),
    (
        "openai-chat",
        chunk({"content": "a"}, obfuscation="x"),
        chunk({"content": "b"}, obfuscation="yz"),
        chunk({"content": "ab"}, obfuscation="x"),
    ),
    (
        "openai-responses",
        responses("output_text", "a", sequence_number=4, logprobs=[]),
        responses("output_text", "b", sequence_number=5, logprobs=[]),
        responses("output_text", "ab", sequence_number=4, logprobs=[]),
    ),
    (
        "ollama-chat",
        event(model="m", created_at="1", message={"role": "assistant", "content": "a"}, done=False),
        event(model="m", created_at="2", message={"role": "assistant", "content": "b"}, done=False),
        event(model="m", created_at="1", message={"role": "assistant", "content": "ab"}, done=False),
    ),
]


def joined(protocol: str, payload: Any, limit: int = 0) -> list[Any]:
    """Return the frames after the runs of the protocol are merged."""
    from cassette_cli.streams import editing

    framed = framing.split(payload, "")
    assert framed is not None
    changes = editing.Changes()
    for run in coalesce.runs(framed.frames, range(len(framed.frames)), protocol_named(protocol).coalescing, limit):
        changes.parts[run.numbers[0]] = run.parts
        changes.removed.update(run.numbers[1:])
    again = framing.split(editing.edited(payload, framed, changes), "")
    assert again is not None
    return [frame.data if not isinstance(frame.json, dict) else frame.json for frame in again.frames]


@pytest.mark.parametrize(("protocol", "of"), OF_WORDS)
def test_neighbouring_deltas_join(protocol: str, of: Callable[[str], Any]) -> None:
    assert joined(protocol, sse(of("a"), of("b"), of("c"))) == [of("abc")]


@pytest.mark.parametrize(("protocol", "one", "two", "both"), WITH_NOISE)
def test_what_differs_without_a_meaning_is_the_first_ones(protocol: str, one: Any, two: Any, both: Any) -> None:
    assert joined(protocol, sse(one, two)) == [both]


def test_lines_of_the_older_ai_sdk_join() -> None:
    assert joined("ai-sdk", '0:"a"\n0:"b"\ng:"c"\n2:["x"]\n2:["y"]\n') == ['"ab"', '"c"', '["x"]', '["y"]']


def aws(name: str, *payloads: Any) -> bytes:
    headers = eventstream.text_headers({":event-type": name, ":message-type": "event"})
    return eventstream.encode(eventstream.EventMessage(headers, json.dumps(one).encode()) for one in payloads)


@pytest.mark.parametrize("kind", ["text", "toolUse.input", "reasoningContent.text"])
def test_converse_deltas_join(kind: str) -> None:
    def delta(words: str, **more: Any) -> dict[str, Any]:
        outer, _, inner = kind.partition(".")
        return event(contentBlockIndex=0, delta={outer: {inner: words} if inner else words}, **more)

    body = aws("contentBlockDelta", delta("a", p="abc"), delta("b", p="abcdef"))
    assert joined("bedrock-converse", body) == [delta("ab", p="abc")]


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(anthropic_text, id="anthropic"),
        pytest.param(lambda w: {"contentBlockDelta": {"delta": {"text": w}, "contentBlockIndex": 0}}, id="nova"),
        pytest.param(lambda w: event(outputText=w, index=0, completionReason=None), id="titan"),
        pytest.param(lambda w: event(is_finished=False, event_type="text-generation", text=w), id="cohere"),
    ],
)  # fmt: skip
def test_what_invoke_holds_in_base64_joins_inside(inner: Any) -> None:
    def held(words: str) -> str:
        return base64.b64encode(json.dumps(inner(words)).encode()).decode()

    body = aws("chunk", {"bytes": held("a"), "p": "abc"}, {"bytes": held("b"), "p": "a"})
    (frame,) = joined("bedrock-invoke", body)
    assert frame == {"bytes": held("ab"), "p": "abc"}


A = chunk({"content": "a"})


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(chunk({"content": "b"}, index=1), id="index"),
        pytest.param(chunk({"content": "b", "role": "assistant"}), id="role"),
        pytest.param(chunk({"reasoning_content": "b"}), id="field"),
        pytest.param(chunk({"content": "b", "reasoning_content": "c"}), id="two fields"),
        pytest.param(chunk({"content": "b"}, finish="stop"), id="finish"),
        pytest.param(chunk({"content": "b"}, usage={"completion_tokens": 2}), id="usage"),
        pytest.param(chunk({"content": "b"}, model="n"), id="model"),
        pytest.param(chunk({"content": "b"}, id="c2"), id="id"),
        pytest.param(chunk({"content": "b"}, system_fingerprint="f"), id="fingerprint"),
        pytest.param(chunk({"content": None}), id="null"),
        pytest.param(chunk({"content": ""}), id="empty"),
        pytest.param(chunk({"content": ["b"]}), id="list"),
        pytest.param(chunk({"content": "b", "annotations": [{"type": "url_citation"}]}), id="citation"),
        pytest.param(("delta", chunk({"content": "b"})), id="event name"),
        pytest.param("[DONE]", id="done"),
        pytest.param("{broken", id="broken"),
    ],
)
def test_a_change_of_anything_else_ends_a_run(other: Any) -> None:
    assert len(joined("openai-chat", sse(A, other))) == 2


def with_logprobs(words: str) -> Any:
    made = chunk({"content": words})
    made["choices"][0]["logprobs"] = {"content": [{"token": "x", "logprob": -0.5}]}
    return made


@pytest.mark.parametrize(
    "twice",
    [
        pytest.param(with_logprobs("ha"), id="log probabilities"),
        pytest.param(chunk({"content": "ha", "annotations": [{"type": "url_citation"}]}), id="citations"),
        pytest.param(call("1", id="t"), id="calls without an index"),
        pytest.param(chunk({"content": "ha", "reasoning_content": "ha"}), id="two texts"),
        pytest.param(chunk({"content": "ha"}, finish="length"), id="finish"),
        pytest.param(chunk({"reasoning": "ha", "reasoning_details": [{"text": "ho", "index": 0}]}), id="no mirror"),
        pytest.param(
            chunk({"reasoning": "a", "reasoning_details": [{"text": "a", "format": "f"}]}), id="added up by SDKs"
        ),
    ],
)
def test_what_a_client_would_add_up_twice_is_not_joined_even_if_all_is_equal(twice: Any) -> None:
    assert len(joined("openai-chat", sse(twice, twice))) == 2


def test_deltas_of_blocks_that_take_turns_are_no_neighbours() -> None:
    deltas = [
        event(type="content_block_delta", index=i, delta={"type": "text_delta", "text": "a"}) for i in (0, 1, 0, 1)
    ]
    assert len(joined("anthropic-messages", sse(*deltas))) == 4


@pytest.mark.parametrize("kind", ["signature", "citation", "compaction"])
def test_blocks_whose_deltas_are_no_pieces_of_a_text_are_not_joined(kind: str) -> None:
    delta = event(type="content_block_delta", index=0, delta={"type": f"{kind}_delta", kind: "a"})
    assert len(joined("anthropic-messages", sse(delta, delta))) == 2


def test_sound_in_base64_is_not_joined() -> None:
    sound = event(type="response.audio.delta", item_id="i", output_index=0, delta="UklGRg==")
    assert len(joined("openai-responses", sse(sound, sound))) == 2


def test_frames_with_an_id_to_resume_at_are_not_joined() -> None:
    body = "id: 1\n" + sse(A) + "id: 2\n" + sse(A)
    assert len(joined("openai-chat", body)) == 2


def test_a_delta_that_stands_between_pings_joins_once_they_are_gone() -> None:
    body = (
        sse(chunk({"role": "assistant"}), A) + ": on hold\n\n" + sse(A, {"type": "ping"}, A, chunk({}, finish="stop"))
    )
    new, result = trimmed(body, only(coalesce=0))
    assert result.frames == (6, 5), "a comment stands between no frames, a ping does"
    new, result = trimmed(body, only(coalesce=0, pings=True))
    assert result.frames == (6, 3)
    assert new == sse(chunk({"role": "assistant"}), chunk({"content": "aaa"}), chunk({}, finish="stop"))


def test_escapes_stay_as_they_were_written() -> None:
    one, two = (
        json.dumps(chunk({"content": "\u00e9\n"})),
        json.dumps(chunk({"content": "\u4e2d\u20ac"}), ensure_ascii=False),
    )
    assert joined("openai-chat", sse(one, two)) == [chunk({"content": "\u00e9\n\u4e2d\u20ac"})]


def test_the_halves_of_a_surrogate_pair_stay_apart() -> None:
    halves = [json.dumps(chunk({"content": half})) for half in ("\ud83d", "\ude00")]
    body = sse(chunk({"role": "assistant"}), *halves)
    new, result = trimmed(body, only(coalesce=0))
    assert new == body
    assert result.interactions[0].reason is None


@pytest.mark.parametrize(
    ("limit", "wanted"),
    [
        (0, ["aabbbcccc"]),
        (4, ["aa", "bbb", "cccc"]),
        (5, ["aabbb", "cccc"]),
        (1, ["aa", "bbb", "cccc"]),
        (7, ["aabbb", "cccc"]),
    ],
)
def test_a_limit_bounds_the_characters_of_a_chunk(limit: int, wanted: list[str]) -> None:
    pieces = [chunk({"content": words}) for words in ("aa", "bbb", "cccc")]
    assert joined("openai-chat", sse(*pieces), limit) == [chunk({"content": words}) for words in wanted]


PIECES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["content", "reasoning_content"]), st.text(max_size=6), st.integers(0, 1)),
        st.just(None),
    ),
    max_size=20,
)


@given(PIECES, st.integers(0, 9), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_stream_keeps_its_answer_and_a_second_trim_changes_nothing(
    pieces: list[tuple[str, str, int] | None], limit: int, newline: str, ascii_only: bool
) -> None:
    chunks = [chunk({} if piece is None else {piece[0]: piece[1]}, index=piece[2] if piece else 0) for piece in pieces]
    ends = [chunk({}, finish="stop", index=index) for index in (0, 1)]
    events = [json.dumps(one, ensure_ascii=ascii_only) for one in [chunk({"role": "assistant"}), *chunks, *ends]]
    body = sse(*events, "[DONE]").replace("\n", newline)
    options = only(empty=True, coalesce=limit, pings=True, padding=True)
    new, result = trimmed(body, options)
    assert result.interactions[0].reason is None
    if result.after is not None:
        assert message_of(loaded_from(result.after.raw).cassette) == message_of(result.loaded.cassette)
    assert trimmed(new, options)[0] == new


KEYS = st.sampled_from(
    ["type", "event_type", "index", "delta", "choices", "text", "content", "role", "id", "message", "obfuscation", "p",
     "usage", "candidates", "parts", "contentBlockIndex", "bytes", "done", "value", "response", "tool_calls"]
)  # fmt: skip
HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "a", "eyJ9", "ping", "content_block_delta"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(PROTOCOLS), st.lists(st.dictionaries(KEYS, HOSTILE, max_size=5), min_size=1, max_size=6))
def test_no_frame_however_strange_stops_a_trim(protocol: Any, frames: list[Any]) -> None:
    loaded = loaded_from(cassette_text(sse(*frames)))
    loaded = loaded._replace(selection=loaded.selection._replace(protocol=protocol.name))
    result = trim(loaded, EVERYTHING)
    if result.after is not None:
        again = loaded_from(result.after.raw)._replace(selection=loaded.selection)
        assert trim(again, EVERYTHING).after is None


@pytest.mark.parametrize("depth", [60, 250, 900])
def test_frames_nested_deep_are_left_as_they_are(depth: int) -> None:
    deep = (
        '{"choices": [{"index": 0, "delta": {"content": "a"}, "x": '
        + "[" * depth
        + "]" * depth
        + '}], "obfuscation": "x"}'
    )
    body = sse(chunk({"role": "assistant"}), deep, deep, chunk({}, finish="stop"))
    new, _ = trimmed(body, only(coalesce=0))
    assert new == body
