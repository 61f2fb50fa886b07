"""What counts as a change, what does not, and how it is told."""

import base64
import json
import math
from typing import Any

import pytest

from cassette_cli.operations.diff.cassettes import Options, compare
from cassette_cli.operations.diff.values import Named
from cassette_cli.operations.volatile import generated
from operations.diff_support import Call, ask, chat, compared, one, streamed, told, version

HELLO = ask("Say hello")


def with_answer(answer: Any, **more: Any) -> Call:
    """Return a call of the same request."""
    return Call(HELLO, answer, **more)


def changed(answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an answer with other fields."""
    return {**answer, **more}


def call(arguments: str, *, name: str = "tide", ident: str = "call_1") -> dict[str, Any]:
    """Return a tool call of the chat protocol."""
    return {"id": ident, "type": "function", "function": {"name": name, "arguments": arguments}}


TRUE: list[tuple[str, Call, Call, list[str]]] = [
    ("method", Call(method="PUT", request={"a": 1}), Call(request={"a": 1}), ['method $.method "PUT" → "POST"']),
    ("host", Call(url="https://a.example/v1"), Call(url="https://b.example/v1"),
     ['url $.url "https://a.example/v1" → "https://b.example/v1"']),
    ("query", Call(url="https://a.example/v1?n=1&m=2"), Call(url="https://a.example/v1?m=3&n=1"),
     ['url $.query.m "2" → "3"']),
    ("request body by path", Call(ask("Hi", temperature=0.5)), Call(ask("Hi", temperature=0.7)),
     ["request $.temperature 0.5 → 0.7"]),
    ("request messages by role", Call(ask("Say hello", "Hello", "Louder")), Call(ask("Say hello", "Hello", "Softer")),
     ['request $.messages[2] (user).content "Louder" → "Softer"']),
    ("a message more", Call(ask("Say hello")), Call(ask("Say hello", "Hello")),
     ['request $.messages[1] (assistant) - → {"role": "assistant", "content": "Hello"}']),
    ("true is not 1", Call({"flag": True}), Call({"flag": 1}), ["request $.flag true → 1"]),
    ("request header", Call(sent={"X-Beta": "a"}), Call(sent={"X-Beta": "b"}), ['header $.x-beta "a" → "b"']),
    ("response header", Call(headers={"X-Shard": "1"}), Call(), ['header $.x-shard "1" → -']),
    ("status", Call(status=200, answer=""), Call(status=429, answer=""), ["status $.status 200 → 429"]),
    ("text", with_answer(chat("Good day")), with_answer(chat("Good night")), ['text $.text "Good day" → "Good night"']),
    ("text of streams", with_answer(streamed("Good ", "day")), with_answer(streamed("Good ni", "ght")),
     ['text $.text "Good day" → "Good night"']),
    ("stream or whole, text", with_answer(streamed("Good day")), with_answer(chat("Good night")),
     ['text $.text "Good day" → "Good night"', 'body $.form "a stream of 4 frames" → "one body"',
      'usage $.usage.prompt_tokens - → 5', 'usage $.usage.completion_tokens - → 7', 'usage $.usage.total_tokens - → 12',
      'header $.content-type "text/event-stream" → "application/json"']),
    ("finish", with_answer(streamed("x")), with_answer(streamed("x", finish="length")),
     ['finish $.finish_reason "stop" → "length"']),
    ("model", with_answer(chat("x")), with_answer(changed(chat("x"), model="tide-2")),
     ['model $.model "tide-1" → "tide-2"']),
    ("reasoning", with_answer(chat("x", reasoning_content="a b")), with_answer(chat("x", reasoning_content="a c")),
     ['reasoning $.reasoning "a b" → "a c"']),
    ("tool argument", with_answer(chat("", tool_calls=[call('{"at": "noon", "n": 1}')])),
     with_answer(chat("", tool_calls=[call('{"n": 1, "at": "dusk"}')])),
     ['tool-calls $.tool_calls[0] (tide).at "noon" → "dusk"']),
    ("a tool call more", with_answer(chat("", tool_calls=[call("{}")])),
     with_answer(chat("", tool_calls=[call('{"q": 1}', name="moon", ident="call_2"), call("{}")])),
     ['tool-calls $.tool_calls[0] (moon) - → {"name": "moon", "arguments": {"q": 1}}']),
    ("usage", with_answer(chat("x")), with_answer(changed(chat("x"), usage={"prompt_tokens": 5, "total_tokens": 12})),
     ["usage $.usage.completion_tokens 7 → -"]),
    ("other fields of an answer", with_answer(changed(chat("x"), service_tier="flex")), with_answer(chat("x")),
     ['body $.service_tier "flex" → -']),
    ("JSON that is no answer", Call(answer={"data": [{"id": "zai-glm-4.7"}, {"id": "moon"}]}),
     Call(answer={"data": [{"id": "gemma-4-31b"}, {"id": "moon"}]}),
     ['body $.data[0] - → {"id": "gemma-4-31b"}', 'body $.data[0] {"id": "zai-glm-4.7"} → -']),
    ("an item of a list", Call(answer={"data": ["a", "b", "c"]}), Call(answer={"data": ["a", "c"]}),
     ['body $.data[1] "b" → -']),
    ("plain text", Call(answer="one"), Call(answer="two"), ['body $ "one" → "two"']),
    ("a date in a text", with_answer(chat("Today is 2024-01-01")), with_answer(chat("Today is 2025-01-01")),
     ['text $.text "Today is 2024-01-01" → "Today is 2025-01-01"']),
    ("an id in arguments", with_answer(chat("", tool_calls=[call('{"id": "4f9a8b7c6d5e4f3a"}')])),
     with_answer(chat("", tool_calls=[call('{"id": "0f9a8b7c6d5e4f3a"}')])),
     ['tool-calls $.tool_calls[0] (tide).id "4f9a8b7c6d5e4f3a" → "0f9a8b7c6d5e4f3a"']),
    ("a duration in a request", Call({"duration": 5}), Call({"duration": 8}), ["request $.duration 5 → 8"]),
    ("null in a request", Call({"a": 1, "stop": None}), Call({"a": 1}), ["request $.stop null → -"]),
    ("length of the same body", Call(answer="x", headers={"Content-Length": "1"}),
     Call(answer="x", headers={"Content-Length": "2"}), ['header $.content-length "1" → "2"']),
    ("form", Call("a=1&b=2", sent={"Content-Type": "application/x-www-form-urlencoded"}),
     Call("b=3&a=1", sent={"Content-Type": "application/x-www-form-urlencoded"}), ['request $.b "2" → "3"']),
    ("an error in place of an answer", with_answer(chat("x")),
     with_answer({"error": {"message": "too many", "type": "rate"}}, status=429),
     ["status $.status 200 → 429", 'model $.model "tide-1" → -', 'finish $.finish_reason "stop" → -',
      'error $.errors[0] - → "rate: too many"', 'text $.text "x" → -', 'body $.object "chat.completion" → -',
      'usage $.usage.prompt_tokens 5 → -',
      "usage $.usage.completion_tokens 7 → -", "usage $.usage.total_tokens 12 → -"]),
]  # fmt: skip

VOLATILE: list[tuple[str, Call, Call, str]] = [
    ("ids and created", with_answer(chat("x")),
     with_answer(changed(chat("x"), id="chatcmpl-2", created=1800000000)), "ids"),
    ("fingerprint", with_answer(changed(chat("x"), system_fingerprint="fp_a")),
     with_answer(changed(chat("x"), system_fingerprint="fp_b")), "fingerprints"),
    ("chunking", with_answer(streamed("Good ", "day")), with_answer(streamed("Go", "od", " day")), "chunking"),
    ("id of a stream", with_answer(streamed("x")), with_answer(streamed("x", ident="chatcmpl-zz", created=1)), "ids"),
    ("key order", Call({"a": 1, "b": {"c": 2, "d": 3}}), Call({"b": {"d": 3, "c": 2}, "a": 1}), "layout"),
    ("key order of an answer", Call(answer={"a": 1, "b": 2}), Call(answer={"b": 2, "a": 1}), "layout"),
    ("date header", Call(headers={"Date": "Mon, 01 Jan 2024 00:00:00 GMT"}),
     Call(headers={"Date": "Tue, 02 Jan 2024 00:00:00 GMT"}), "times"),
    ("request id header", Call(headers={"X-Request-Id": "a"}), Call(headers={"X-Request-Id": "b"}), "request-ids"),
    ("rate limit header", Call(headers={"X-RateLimit-Remaining": "1"}), Call(), "rate-limits"),
    ("cookie", Call(headers={"Set-Cookie": ["a=1", "b=2"]}), Call(headers={"Set-Cookie": "a=3"}), "cookies"),
    ("duration", Call(duration="1s"), Call(duration="2s"), "durations"),
    ("length of a changed body", Call(answer={"id": "1f9a8b7c6d5e4f3a"}, headers={"Content-Length": "25"}),
     Call(answer={"id": "9f9a8b7c6d5e4f3aa"}, headers={"Content-Length": "26"}), "lengths"),
    ("ids in a URL", Call(url="https://a.example/threads/thread_9f9a8b7c6d5e4f3a/runs", method="GET"),
     Call(url="https://a.example/threads/thread_0b1c2d3e4f5a6b7c/runs", method="GET"), "ids"),
    ("tool call ids in the conversation",
     Call({"messages": [{"role": "tool", "tool_call_id": "call_a", "content": "40"}]}),
     Call({"messages": [{"role": "tool", "tool_call_id": "call_b", "content": "40"}]}), "ids"),
    ("ids of tool calls", with_answer(chat("", tool_calls=[call("{}", ident="call_a")])),
     with_answer(chat("", tool_calls=[call("{}", ident="call_b")])), "ids"),
    ("signature", Call({"messages": [{"role": "assistant", "signature": "Ev" + "Ab3" * 12}]}),
     Call({"messages": [{"role": "assistant", "signature": "Ev" + "Xy7" * 12}]}), "signatures"),
    ("null or absent in an answer", with_answer(changed(chat("x"), moderation=None)), with_answer(chat("x")),
     "empty-fields"),
    ("latencies", with_answer(changed(chat("x"), latency_checkpoint={"engine_ms": 3, "total_duration_ms": 4})),
     with_answer(chat("x")), "durations"),
    ("multipart boundary",
     Call("--aaaa\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--aaaa--\r\n",
          sent={"Content-Type": "multipart/form-data; boundary=aaaa"}),
     Call("--bbbb\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--bbbb--\r\n",
          sent={"Content-Type": "multipart/form-data; boundary=bbbb"}), "multipart-boundaries"),
    ("client version", Call(sent={"User-Agent": "a/1"}), Call(sent={"User-Agent": "a/2"}), "client-versions"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [row[1:] for row in TRUE], ids=[row[0] for row in TRUE])
def test_true_changes_are_named(old: Call, new: Call, expected: list[str]):
    assert one(old, new) == expected


@pytest.mark.parametrize(("old", "new", "rule"), [row[1:] for row in VOLATILE], ids=[row[0] for row in VOLATILE])
def test_what_is_volatile_is_counted_and_no_change(old: Call, new: Call, rule: str):
    found = compared([old], [new])
    assert told(found) == []
    assert not found.differs
    assert found.only_volatile
    assert found.volatile[rule] > 0


def responses(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an answer of the Responses API."""
    return {
        "id": "resp_0",
        "object": "response",
        "model": "tide-1",
        "status": "completed",
        "output": list(items),
        **more,
    }


def said(text: str, **more: Any) -> dict[str, Any]:
    """Return a message of the Responses API."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "id": "msg_0", "role": "assistant", "status": "completed", "content": content, **more}


def events(*objects: dict[str, Any]) -> str:
    """Return a stream of events."""
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in objects)


def delta(text: str) -> dict[str, Any]:
    """Return an event with a piece of the answer."""
    return {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": text}


def whole_stream(*texts: str, **more: Any) -> str:
    """Return a stream of the Responses API."""
    start = {"type": "response.created", "response": {**responses(**more), "status": "in_progress"}}
    end = {"type": "response.completed", "response": responses(said("".join(texts)), **more)}
    return events(start, *map(delta, texts), end)


def chunks(*choices: dict[str, Any], **more: Any) -> str:
    """Return a stream of the chat protocol out of its choices."""
    made = [
        {"id": "c", "object": "chat.completion.chunk", "model": "tide-1", "choices": [one], **more} for one in choices
    ]
    return "".join(f"data: {json.dumps(one)}\n\n" for one in made) + "data: [DONE]\n\n"


REASONING = {"type": "reasoning", "id": "rs_0", "summary": []}
BESIDE: list[tuple[str, Any, Any, list[str]]] = [
    ("an unknown field of a message", chat("x", mood="calm"), chat("x", mood="storm"),
     ['body $.choices[0].message.mood "calm" → "storm"']),
    ("log probabilities", {**chat("x"), "choices": [{**chat("x")["choices"][0], "logprobs": {"content": [{"token": "x", "logprob": -0.5}]}}]},
     {**chat("x"), "choices": [{**chat("x")["choices"][0], "logprobs": {"content": [{"token": "x", "logprob": -0.7}]}}]},
     ["body $.choices[0].logprobs.content[0].logprob -0.5 → -0.7"]),
    ("an item that is gone", responses(REASONING, said("x")), responses(said("x")),
     ['body $.output[0] (reasoning) {"type": "reasoning", "id": "rs_0", "summary": []} → -']),
    ("the phase of an item", responses(said("x", phase="commentary")), responses(said("x", phase="final_answer")),
     ['body $.output[0] (assistant).phase "commentary" → "final_answer"']),
    ("a field of a stream, told once", whole_stream("x", service_tier="auto"), whole_stream("x", service_tier="flex"),
     ['body $.service_tier "auto" → "flex"']),
    ("a field of a chunk", chunks({"index": 0, "delta": {"content": "x", "mood": "calm"}}, {"index": 0, "delta": {}}),
     chunks({"index": 0, "delta": {"content": "x"}}, {"index": 0, "delta": {}}),
     ['body $.choices[0].delta.mood "calm" → -']),
    ("text and a field beside it", chat("Good day", mood="calm"), chat("Good night", mood="storm"),
     ['text $.text "Good day" → "Good night"', 'body $.choices[0].message.mood "calm" → "storm"']),
    ("a tool call more, and what it holds beside", chat("x"), chat("x", tool_calls=[{**call("{}"), "caller": {"type": "direct", "by": "me"}}]),
     ['tool-calls $.tool_calls[0] (tide) - → {"name": "tide", "arguments": {}}',
      'body $.choices[0].message.tool_calls - → [{"caller": {"by": "me"}}]']),
    ("a field that is equal to another by chance", {**chat("x"), "usage": {"prompt_tokens": 5}},
     {**chat("x"), "usage": {"prompt_tokens": 7}, "shards": 7},
     ["body $.shards - → 7", "usage $.usage.prompt_tokens 5 → 7"]),
    ("words that move from one block to the next", responses(said("ab"), said("c")), responses(said("a"), said("bc")),
     ['body $.output[0] (assistant).content[0] (output_text).text "ab" → "a"',
      'body $.output[1] (assistant).content[0] (output_text).text "c" → "bc"']),
    ("a reason to end in the middle", chunks({"index": 0, "delta": {"content": "x"}, "filter": "safe"}, {"index": 0, "delta": {}, "filter": "safe"}),
     chunks({"index": 0, "delta": {"content": "x"}, "filter": "high"}, {"index": 0, "delta": {}, "filter": "safe"}),
     ['body $.choices[0].filter "safe" → ["high", "safe"]']),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [row[1:] for row in BESIDE], ids=[row[0] for row in BESIDE])
def test_what_messages_do_not_carry_is_body(old: Any, new: Any, expected: list[str]):
    assert one(with_answer(old), with_answer(new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (whole_stream("Good ", "day"), whole_stream("Go", "od", " day"), "chunking"),
        (chunks({"index": 0, "delta": {"mood": "ca"}}, {"index": 0, "delta": {"mood": "lm"}}),
         chunks({"index": 0, "delta": {"mood": "c"}}, {"index": 0, "delta": {"mood": "al"}}, {"index": 0, "delta": {"mood": "m"}}),
         "chunking"),
        (responses({"type": "x", "name": "a"}, {"type": "x", "name": "b"}),
         responses({"type": "x", "name": "b"}, {"type": "x", "name": "a"}), "order"),
    ],
)  # fmt: skip
def test_how_a_stream_is_cut_and_lists_are_ordered_is_counted(old: Any, new: Any, rule: str):
    found = compared([with_answer(old)], [with_answer(new)])
    assert told(found) == []
    assert found.volatile[rule]


def test_what_a_request_sets_differently_is_told_once():
    old = Call(ask("x", temperature=0.5), {**chat("x"), "temperature": 0.5, "top_p": 1})
    new = Call(ask("x", temperature=0.7), {**chat("x"), "temperature": 0.7, "top_p": 2})
    found = compared([old], [new])
    assert told(found) == ["request $.temperature 0.5 → 0.7", "body $.top_p 1 → 2"]
    assert found.volatile["echoes"] == 1


def test_a_cost_that_is_told_in_four_places_is_one():
    def answer(cost: float) -> dict[str, Any]:
        return {
            **chat("x"),
            "cost": cost,
            "billing": {"total": cost},
            "usage": {"cost": cost, "details": {"cost": cost}},
        }

    found = compared([with_answer(answer(0.012345))], [with_answer(answer(0.023456))])
    assert told(found) == ["usage $.usage.cost 0.012345 → 0.023456"]
    assert found.volatile["repeated"] == 2


def test_items_are_paired_by_id_or_name():
    models = [{"id": name, "object": "model", "owned_by": "x"} for name in ("ebb", "flood", "neap", "spring")]
    new = [{"id": "slack", "object": "model", "owned_by": "y"}, models[3], models[0]]
    assert one(Call(answer={"data": models}), Call(answer={"data": new})) == [
        'body $.data[0] (slack) - → {"id": "slack", "object": "model", "owned_by": "y"}',
        'body $.data[1] (flood) {"id": "flood", "object": "model", "owned_by": "x"} → -',
        'body $.data[2] (neap) {"id": "neap", "object": "model", "owned_by": "x"} → -',
    ]
    tools = [{"type": "function", "function": {"name": name}} for name in ("ebb", "flood")]
    assert one(Call({"tools": tools}), Call({"tools": tools[::-1]})) == [
        'request $.tools ["name ebb", "name flood"] → ["name flood", "name ebb"]'
    ]


class TestStrict:
    def test_a_rule_that_is_off_makes_changes(self):
        old, new = Call(headers={"Vary": "a"}), Call(headers={"Vary": "b"})
        assert one(old, new) == []
        assert one(old, new, Options(strict=frozenset({"transport"}))) == ['header $.vary "a" → "b"']

    def test_places_are_strict_by_name_and_path(self):
        old, new = (with_answer({**chat("x"), "created": n}) for n in (1700000000, 1800000000))
        for place in ("created", "$.created", "crea*"):
            assert one(old, new, Options(strictly=Named([place]))) == ["body $.created 1700000000 → 1800000000"]
        assert one(old, new, Options(strictly=Named(["$.id"]))) == []


def test_binary_bodies_differ_by_type_size_and_hash():
    def picture(width: int) -> str:
        data = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + (8).to_bytes(4, "big")
        scalar = base64.b64encode(data).decode()
        return (
            "version: 2\ninteractions:\n- request: {url: 'https://a.example/p', method: GET, body: ''}\n"
            f"  response: {{code: 200, headers: {{Content-Type: [image/png]}}, body: !!binary {scalar}}}\n"
        )

    difference = compare(version(picture(64)), version(picture(65)))
    [change] = difference.interactions[0].changes
    assert (change.old.media_type, change.new.media_type) == ("PNG image, 64 × 8", "PNG image, 65 × 8")
    assert change.old.size == change.new.size == 24
    assert change.old.sha256 != change.new.sha256


@pytest.mark.parametrize("numbers", [{"n": math.nan}, [math.nan, 1.5], [math.nan] * 40], ids=["key", "list", "vector"])
def test_what_is_not_a_number_is_itself(numbers: Any):
    old, new = ({"data": {"at": at, "numbers": numbers}, "seen": numbers} for at in (1, 2))
    assert one(Call(answer=old), Call(answer=new)) == ["body $.data.at 1 → 2"]


class TestIgnoring:
    def test_by_key(self):
        options = Options(Named(["temperature"]))
        assert one(Call(ask("x", temperature=1)), Call(ask("x", temperature=2)), options) == []

    def test_by_header_without_case(self):
        options = Options(Named(["x-SHARD"]))
        assert one(Call(headers={"X-Shard": "1"}), Call(), options) == []

    @pytest.mark.parametrize(
        "rule", ["$.data[*].score", "$..score", "$.data[0]", "$.data.*", "$.data", "score", "sco*"]
    )
    def test_by_path(self, rule: str):
        old, new = Call(answer={"data": [{"score": 1}]}), Call(answer={"data": [{"score": 2}]})
        assert one(old, new, Options(Named([rule]))) == []

    @pytest.mark.parametrize("rule", ["$.score", "$.data[1]", "scores", "$.dat", "$.data[*].scor"])
    def test_others_stay(self, rule: str):
        old, new = Call(answer={"data": [{"score": 1}]}), Call(answer={"data": [{"score": 2}]})
        assert one(old, new, Options(Named([rule]))) == ["body $.data[0].score 1 → 2"]

    def test_usage(self):
        new = changed(chat("x"), usage={"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18})
        assert one(with_answer(chat("x")), with_answer(new), Options(Named(["usage"]))) == []


class TestAligning:
    def calls(self, *names: str) -> list[Call]:
        return [Call(ask(f"Tell me about {name}, at length and with care"), chat(f"About {name}")) for name in names]

    def test_an_inserted_interaction_is_one_line(self):
        old, new = self.calls("ebb", "flood", "neap"), self.calls("ebb", "spring", "flood", "neap")
        assert told(compared(old, new)) == ["added #1"]

    def test_a_removed_interaction_is_one_line(self):
        old, new = self.calls("ebb", "spring", "flood", "neap"), self.calls("ebb", "flood", "neap")
        assert told(compared(old, new)) == ["removed #1"]

    def test_a_moved_interaction_is_one_line(self):
        old, new = self.calls("ebb", "flood", "neap", "spring"), self.calls("flood", "neap", "spring", "ebb")
        assert told(compared(old, new)) == ["moved 0→3"]

    def test_a_changed_request_keeps_its_place(self):
        old, new = self.calls("ebb", "flood", "neap"), self.calls("ebb", "floods", "neap")
        assert [line.split(" ")[0] for line in told(compared(old, new))] == ["request", "text"]

    def test_growing_conversations_are_paired_turn_by_turn(self):
        said = ["Name a tide.", "Neap.", "Name another.", "Spring.", "And a third."]
        heard = ["Name a tide.", "Ebb tide.", "Name another.", "Flood tide.", "And a third."]
        old = [Call(ask(*said[: n * 2 + 1]), chat(said[n * 2 + 1] if n < 2 else "Ebb.")) for n in range(3)]
        new = [Call(ask(*heard[: n * 2 + 1]), chat(heard[n * 2 + 1] if n < 2 else "Ebb.")) for n in range(3)]
        pairs = [(one.old and one.old.index, one.new and one.new.index) for one in compared(old, new).interactions]
        assert pairs == [(0, 0), (1, 1), (2, 2)]

    def test_of_equal_requests_the_ones_with_the_same_status_are_paired(self):
        old = [Call(HELLO, "", status=429), Call(HELLO, chat("Hello"))]
        assert told(compared(old, [Call(HELLO, chat("Hello"))])) == ["removed #0"]

    def test_other_requests_do_not_cascade(self):
        old = [Call(method="GET", url="https://a.example/models"), *self.calls("ebb")]
        new = [*self.calls("ebb"), Call(method="DELETE", url="https://b.example/files/7")]
        assert told(compared(old, new)) == ["removed #0", "added #1"]

    def test_nothing_against_something(self):
        assert told(compared([], self.calls("ebb"))) == ["added #0"]
        assert told(compared(self.calls("ebb"), [])) == ["removed #0"]

    def test_hundreds_of_interactions_take_no_time(self):
        names = [f"tide {n}" for n in range(400)]
        found = compared(self.calls(*names), self.calls(*names[:200], "one more", *names[200:]))
        assert told(found) == ["added #200"]


def test_events_compare_frames_as_recorded():
    old, new = with_answer(streamed("Good ", "day")), with_answer(streamed("Go", "od day"))
    found = one(old, new, Options(events=True))
    assert found
    assert all(line.startswith("events $.frames[") for line in found)


def test_events_leave_ids_out():
    old, new = with_answer(streamed("x")), with_answer(streamed("x", ident="chatcmpl-2"))
    assert one(old, new, Options(events=True)) == []


@pytest.mark.parametrize(
    "text",
    ["chatcmpl-DIgOYMXmYOXjhEX6yuEufQ4vABXz2", "5i7v9nsb", "LVYQasS1K4O-0-kPkLnJ-QM", "req_0123",
     "0f10f8b659c3c105", "6f1ed002-ab5b-4a2b-9c8d-1234567890ab", "1783719042123"],
)  # fmt: skip
def test_identifiers_are_known(text: str):
    assert generated(text)


@pytest.mark.parametrize(
    "text",
    ["gpt-4o-mini-2024-07-18", "qwen-3-235b-a22b-instruct-2507", "llama3.1-8b", "refunds", "text-embedding-3-large",
     "order-123", "claude-sonnet-4-5", "file_search", "", "the whole sentence 12345", "accounts/fireworks/models/x"],
)  # fmt: skip
def test_names_are_no_identifiers(text: str):
    assert not generated(text)


def test_json_that_nests_too_deep_is_told_as_a_whole():
    deep = '{"a":' * 900 + "1" + "}" * 900
    found = one(Call(deep), Call(deep.replace("1", "2")))
    assert len(found) == 1
    assert found[0].startswith("request $")


def test_arguments_that_nest_too_deep_are_told_too():
    deep = '{"a":' * 700 + "%s" + "}" * 700
    found = one(with_answer(chat("", tool_calls=[call(deep % 1)])), with_answer(chat("", tool_calls=[call(deep % 2)])))
    assert len(found) == 1
    assert found[0].startswith(("body $", "tool-calls $"))
