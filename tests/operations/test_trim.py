"""What trim drops and what it never does: the traps of each protocol, the layers of bodies, the proof."""

import gzip
import json
from types import SimpleNamespace
from typing import Any

import pytest

from cassette_cli.formats import registry
from cassette_cli.operations.trim import coalesce, planning, trimming
from cassette_cli.operations.trim.options import Options
from cassette_cli.operations.trim.trimming import trim
from cassette_cli.streams import eventstream, framing
from operations.trim_support import EVERYTHING, cassette_text, chunk, loaded_from, message_of, only, trimmed
from providers.support import sse

FIRST = chunk({"role": "assistant", "content": ""})
LAST = chunk({}, finish="stop")
USAGE = {"prompt_tokens": 3, "completion_tokens": 5}


def frames_of(payload: Any) -> list[Any]:
    framed = framing.split(payload, "")
    assert framed is not None
    return [frame.json if isinstance(frame.json, dict) else frame.data for frame in framed.frames]


def test_chunks_that_carry_nothing_go() -> None:
    empty = chunk({})
    body, result = trimmed(sse(FIRST, chunk({"content": "Hi"}), empty, empty, LAST, "[DONE]"), Options())
    assert frames_of(body) == [FIRST, chunk({"content": "Hi"}), LAST, "[DONE]"]
    assert result.frames == (6, 4)
    assert result.interactions[0].dropped == {"empty": 2}


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param({**chunk({}), "usage": USAGE}, id="usage"),
        pytest.param({**chunk({}), "choices": [], "usage": USAGE}, id="usage without choices"),
        pytest.param(chunk({}, error={"message": "overloaded"}), id="error"),
        pytest.param(chunk({}, finish="length"), id="finish reason"),
        pytest.param(chunk({}, x_groq={"id": "r1"}), id="x_groq"),
        pytest.param(chunk({}, moderation={"flagged": False}), id="moderation"),
        pytest.param(chunk({}, prompt_filter_results=[{"prompt_index": 0}]), id="prompt filter"),
        pytest.param(chunk({}, input_token_count=0), id="input token count"),
        pytest.param(chunk({"refusal": ""}), id="null would turn to an empty string"),
        pytest.param(chunk({"tool_calls": []}), id="null would turn to an empty list"),
        pytest.param(chunk({}, index=1), id="the only sign of a choice"),
        pytest.param(chunk({"tool_calls": [{"index": 0, "id": "t", "function": {"arguments": ""}}]}), id="a call"),
        pytest.param(
            {**chunk({}), "choices": [{"index": 0, "delta": {}, "logprobs": {"content": []}}]}, id="log probabilities"
        ),
    ],
)
def test_chunks_that_carry_something_stay(frame: Any) -> None:
    body = sse(FIRST, chunk({"content": "Hi"}), frame, LAST, "[DONE]")
    assert trimmed(body, Options())[0] == body


def test_the_first_and_the_last_chunk_stay_however_empty() -> None:
    body = sse(chunk({}), chunk({"content": "Hi"}), chunk({}), "[DONE]")
    assert trimmed(body, Options())[0] == body


def test_a_last_empty_chunk_after_usage_stays() -> None:
    body = sse(FIRST, LAST, {**chunk({}), "choices": [], "usage": USAGE}, chunk({}), "[DONE]")
    new, _ = trimmed(body, Options())
    assert new == body


ANTHROPIC = "https://api.example.com/v1/messages"


def anthropic(*deltas: Any, index: int = 0) -> list[Any]:
    """Return the events of one answer: deltas as they are, between the start and the end of their block."""
    start = {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "model": "m",
             "content": [], "stop_reason": None, "usage": {"input_tokens": 1, "output_tokens": 1}}}  # fmt: skip
    block = (
        {"type": "thinking", "thinking": "", "signature": ""}
        if "signature" in str(deltas)
        else {"type": "text", "text": ""}
    )
    events = [
        start,
        {"type": "content_block_start", "index": index, "content_block": block},
        *[{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas],
        {"type": "content_block_stop", "index": index},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    return [(event["type"], event) for event in events]


def test_a_signature_stays_however_empty() -> None:
    body = sse(*anthropic({"type": "thinking_delta", "thinking": "Hm"}, {"type": "signature_delta", "signature": ""}))
    new, _ = trimmed(body, EVERYTHING, url=ANTHROPIC)
    assert '"signature_delta"' in new


def test_a_delta_with_an_unknown_field_stays() -> None:
    events = anthropic({"type": "text_delta", "text": "a"}, {"type": "text_delta", "text": ""})
    events[3][1]["usage"] = {"output_tokens": 2}
    body = sse(*events)
    assert trimmed(body, Options(), url=ANTHROPIC)[0] == body


def test_pings_and_comments_go_only_when_asked_for() -> None:
    events = anthropic({"type": "text_delta", "text": "a"})
    body = sse(*events[:2], ("ping", {"type": "ping"}), *events[2:]).replace("event: ping", ": on hold\n\nevent: ping")
    assert trimmed(body, Options(), url=ANTHROPIC)[0] == body
    new, result = trimmed(body, only(pings=True), url=ANTHROPIC)
    assert new == sse(*events)
    assert result.interactions[0].dropped == {"pings": 2}


@pytest.mark.parametrize("first", [": hello\n\n", 'event: ping\ndata: {"type": "ping"}\n\n', sse(FIRST)])
def test_a_byte_order_mark_is_not_handed_on(first: str) -> None:
    """Some clients lose to it what stands directly behind it: it must not be more, and nothing else."""
    rest = sse(*(chunk({"content": word}) for word in "ab"), LAST, "[DONE]")
    options = Options(pings=True, coalesce=0, padding=True)
    body, result = trimmed("\ufeff" + first + ": keep-alive\n\n" + rest, options)
    assert body == "\ufeff" + first + sse(chunk({"content": "ab"}), LAST, "[DONE]")
    assert result.interactions[0].dropped == {"pings": 1, "coalesce": 1}
    assert trimmed(body, options)[0] == body
    assert trimmed(first + rest, options)[0] == (first if first.startswith("data") else "") + body.partition(first)[2]


@pytest.mark.parametrize(
    ("body", "url", "reason"),
    [
        (sse({"token": {"text": "a"}}, {"token": {"text": "b"}}), "/generate_stream", "tgi has no coalescing rules"),
        (sse({"a": 1}, {"a": 2}), "/", "no protocol claims the stream"),
    ],
)
def test_deltas_without_coalescing_rules_are_said_to_stay_apart(body: str, url: str, reason: str) -> None:
    new, result = trimmed(": x\n\n" + body, EVERYTHING, url="https://api.example.com" + url)
    assert new == body
    assert result.interactions[0].reason == f"its deltas: {reason}"
    assert trimmed(body, Options(pings=True), url=url)[1].interactions[0].reason is None


def test_a_ping_that_says_more_is_none() -> None:
    events = anthropic({"type": "text_delta", "text": "a"})
    body = sse(*events[:2], ("ping", {"type": "ping", "cost": "0.01"}), *events[2:])
    assert trimmed(body, only(pings=True), url=ANTHROPIC)[0] == body


def test_comments_go_from_streams_of_unknown_protocols_too() -> None:
    body = 'data: {"step":1}\n\n: still there\n\ndata: {"step":2}\n\n'
    new, _ = trimmed(body, EVERYTHING, url="https://example.com/progress")
    assert new == 'data: {"step":1}\n\ndata: {"step":2}\n\n'


def converse(*events: tuple[str, Any]) -> bytes:
    messages = []
    for name, payload in events:
        headers = eventstream.text_headers(
            {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
        )
        messages.append(eventstream.EventMessage(headers, json.dumps(payload).encode()))
    return eventstream.encode(messages)


BEDROCK = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse-stream"
AWS = "application/vnd.amazon.eventstream"
END = [
    ("messageStop", {"stopReason": "end_turn", "p": "abc"}),
    ("metadata", {"usage": {"inputTokens": 1}, "p": "abcd"}),
]


def test_the_only_sign_of_a_block_stays() -> None:
    body = converse(
        ("messageStart", {"role": "assistant", "p": "a"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": ""}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Hi"}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": ""}}),
        ("contentBlockStop", {"contentBlockIndex": 1}),
        *END,
    )
    new, result = trimmed(body, Options(), url=BEDROCK, content_type=AWS)
    assert result.interactions[0].dropped == {"empty": 1}
    assert len(eventstream.decode(new)) == 7


def test_padding_goes_from_aws_messages_and_their_checksums_are_right() -> None:
    body = converse(
        ("messageStart", {"role": "assistant", "p": "abcdef"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hi"}, "p": "abcdefghijklmnop"}),
        *END,
    )
    new, _ = trimmed(body, only(padding=True), url=BEDROCK, content_type=AWS)
    payloads = [json.loads(message.payload) for message in eventstream.decode(new)]
    assert payloads[1] == {"contentBlockIndex": 0, "delta": {"text": "Hi"}}
    assert not any("p" in payload for payload in payloads)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ('{"a": 1, "obfuscation": "xYz"}', '{"a": 1}'),
        ('{"obfuscation":"xYz","a":1}', '{"a":1}'),
        ('{"a":1,"obfuscation":"x","b":2}', '{"a":1,"b":2}'),
        ('{"a":1,"p":"abc012","obfuscation":"x"}', '{"a":1}'),
        ('{"a":1,"p":"two words"}', '{"a":1,"p":"two words"}'),
        ('{"a":1,"p":0.5}', '{"a":1,"p":0.5}'),
    ],
)
def test_padding_goes_with_its_comma(data: str, wanted: str) -> None:
    body = sse(FIRST, data, LAST)
    assert trimmed(body, only(padding=True))[0] == sse(FIRST, wanted, LAST)


def test_counts_of_tokens_chunk_by_chunk_stay() -> None:
    results = [
        {"model_id": "m", "results": [{"generated_text": words, "generated_token_count": count, "input_token_count": 0,
         "stop_reason": stop}]} for words, count, stop in (("", 1, "not_finished"), ("", 2, "not_finished"),
        ("Hi", 3, "not_finished"), ("", 4, "eos_token"))
    ]  # fmt: skip
    body = sse(*results)
    url = "https://eu-de.ml.example.com/ml/v1/text/generation_stream?version=2024-05-31"
    assert trimmed(body, EVERYTHING, url=url)[0] == body


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_bodies_are_trimmed_inside_their_layers(newline: str, packed: bool) -> None:
    body = sse(FIRST, chunk({"content": "H\u00e9"}), chunk({}), LAST, "[DONE]").replace("\n", newline)
    data = gzip.compress(body.encode()) if packed else body.encode()
    headers = {"Content-Encoding": "gzip"} if packed else {}
    new, result = trimmed(data, Options(), headers=headers)
    assert new == sse(FIRST, chunk({"content": "H\u00e9"}), LAST, "[DONE]").replace("\n", newline)
    assert result.frames == (5, 4)


@pytest.mark.parametrize(("stated", "kept"), [(None, False), (7, True)])
def test_a_length_that_was_right_stays_right_and_a_wrong_one_stays_wrong(stated: int | None, kept: bool) -> None:
    body = sse(FIRST, chunk({"content": "H\u00e9"}), chunk({}), LAST, "[DONE]")
    length = len(body.encode()) if stated is None else stated
    text = cassette_text(body, headers={"Content-Length": str(length)}, length=length)
    after = trim(loaded_from(text), Options()).after
    assert after is not None
    response = registry.load(after).interactions[0].response
    assert response is not None
    now = length if kept else len(response.body.data)
    assert response.headers.get("content-length") == str(now)
    assert f"content_length: {now}\n" in after.text


def test_volatile_headers_go_from_both_sides_and_nothing_else_does() -> None:
    text = cassette_text("{}", content_type="application/json", headers={"CF-RAY": "8f-FRA", "Date": "x", "X-Own": "1"})
    text = text.replace(
        "headers: {}",
        "headers:\n            Traceparent:\n              - 00-a\n            User-Agent:\n              - ua",
    )
    result = trim(loaded_from(text), only(headers=("cf-ray", "date", "traceparent")))
    assert result.after is not None
    gone = [line for line in text.split("\n") if line not in result.after.text.split("\n")]
    assert [line.strip() for line in gone] == ["Traceparent:", "- 00-a", "CF-RAY:", '- "8f-FRA"', "Date:", '- "x"']
    assert result.interactions[0].dropped == {"headers": 3}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '"headers": [{"name": "Date", "value": "x"}, {"name": "A", "value": "b"}]',
            '"headers": [{"name": "A", "value": "b"}]',
        ),
        ('"headers": {"Date": ["x"], "A": ["b"]}', '"headers": {"A": ["b"]}'),
        ('"headers": {"A": ["b"], "date": ["x"]}', '"headers": {"A": ["b"]}'),
        ('"headers": {"DATE": "x"}', '"headers": {}'),
    ],
)  # fmt: skip
def test_headers_go_in_every_shape_that_recorders_write(before: str, after: str) -> None:
    request = '"request": {"method": "GET", "uri": "https://example.com/", "headers": {}, "body": null}'
    response = f'"response": {{"status": {{"code": 200, "message": "OK"}}, {before}, "body": {{"string": ""}}}}'
    text = f'{{"version": 1, "interactions": [{{{request}, {response}}}]}}'
    result = trim(loaded_from(text), only(headers=("date",)))
    assert result.after is not None
    assert result.after.text == text.replace(before, after)


def test_a_header_that_others_are_aliases_of_is_left_alone_with_the_reason() -> None:
    text = cassette_text(sse(FIRST, chunk({"content": "a"}), chunk({}), LAST), headers={"Date": "x", "X-Own": "1"})
    text = text.replace('Date:\n              - "x"', "Date: &id001\n              - x").replace(
        'X-Own:\n              - "1"', "X-Own: *id001"
    )
    result = trim(loaded_from(text), EVERYTHING)
    (one,) = result.interactions
    assert one.reason is not None
    assert one.dropped == {"empty": 1}, "the body is trimmed all the same"
    assert result.after is not None
    assert "&id001" in result.after.text


def test_what_would_change_the_message_is_left_alone_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from cassette_cli.providers.openai.chat import protocol as openai_chat

    monkeypatch.setattr(openai_chat, "empties", lambda frames: [1] if len(frames) == 4 else [])
    body = sse(FIRST, chunk({"content": "Hi"}), chunk({"content": "!"}), LAST)
    new, result = trimmed(body, Options())
    assert new == body
    assert result.interactions[0].reason == "its choices would not be the same"
    assert result.after is None


def test_what_only_a_client_that_reads_frames_could_tell_is_left_alone_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The final object of a response has the whole text, so that the message does not show a lost delta."""
    fields = {"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0}
    final = {"type": "message", "id": "i", "role": "assistant", "content": [{"type": "output_text", "text": "onetwo"}]}
    done = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": [final]}}
    body = sse({**fields, "delta": "one"}, {**fields, "delta": "two"}, done)

    def lossy(*args: Any) -> Any:
        for run in coalesce.runs(*args):
            yield coalesce.Run(run.numbers, [(start, end, "") for start, end, _ in run.parts])

    monkeypatch.setattr(planning, "coalesce", SimpleNamespace(runs=lossy))
    new, result = trimmed(body, only(coalesce=0), url="https://api.example.com/v1/responses")
    assert new == body
    assert result.interactions[0].reason == "its frames would not say the same"


def test_a_body_that_cannot_be_decoded_is_left_alone() -> None:
    text = cassette_text(b"\x1f\x8b\x08broken", headers={"Content-Encoding": "gzip"})
    assert trim(loaded_from(text), EVERYTHING).interactions[0].dropped == {}


def test_a_stream_that_was_cut_is_trimmed_and_stays_cut() -> None:
    body = sse(FIRST, chunk({"content": "Hi"}), chunk({}), chunk({"content": "!"})) + 'data: {"id": "c1", "cho'
    new, result = trimmed(body, EVERYTHING)
    assert result.interactions[0].reason is None
    assert new.endswith('data: {"id": "c1", "cho')
    assert len(frames_of(new)) < len(frames_of(body))


def test_only_the_chosen_interactions_are_trimmed() -> None:
    one = cassette_text(sse(FIRST, chunk({}), LAST))
    item = one[one.index("  - id: 0") :]
    loaded = loaded_from(one + item.replace("id: 0", "id: 1"))
    loaded = loaded._replace(selection=loaded.selection.narrowed("1"))
    after = trim(loaded, Options()).after
    assert after is not None
    assert after.text.startswith(one)


def test_what_a_first_pass_lays_bare_goes_in_the_same_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A protocol's rule may see more once frames are gone; the run ends when it sees nothing more."""
    from cassette_cli.providers.openai.chat import protocol as openai_chat

    def one_by_one(frames: Any) -> list[int]:
        return [i for i, frame in enumerate(frames) if frame.object == chunk({})][:1]

    monkeypatch.setattr(openai_chat, "empties", one_by_one)
    body = sse(FIRST, chunk({"content": "\u00e9"}), chunk({}), chunk({}), LAST)
    new, result = trimmed(body, Options())
    assert new == sse(FIRST, chunk({"content": "\u00e9"}), LAST)
    assert result.frames == (5, 3)


def test_the_rounds_are_bounded() -> None:
    assert 2 <= trimming._ROUNDS <= 10


def test_a_whole_answer_has_nothing_to_trim() -> None:
    body = json.dumps({"object": "chat.completion", "choices": [{"index": 0, "message": {"content": ""}}]})
    loaded = loaded_from(cassette_text(body, content_type="application/json"))
    assert trim(loaded, Options()).after is None
    assert message_of(loaded.cassette) is not None
