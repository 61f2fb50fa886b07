"""Anthropic messages."""

from typing import Any

import pytest

from cassette_cli.providers.anthropic.messages import protocol as anthropic_messages
from cassette_cli.providers.base import Exchange, whole_frame
from providers.support import claimants, content, empties, rebuild, sse, whole_claimants

URL = "https://api.llm.example/v1/messages"


def start(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def named(*events: dict[str, Any]) -> str:
    return sse(*((event["type"], event) for event in events))


HEAD = {"id": "msg_1", "type": "message", "role": "assistant", "model": "poet-1", "stop_sequence": None}
OPEN = {
    "type": "message_start",
    "message": {
        **HEAD,
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 9, "output_tokens": 1, "x": None},
    },
}
CITE = {"type": "char_location", "cited_text": "two", "document_title": "Sums", "document_index": 0}
RESULTS = [{"type": "web_search_result", "title": "A", "url": "https://a.example/", "encrypted_content": "opaque"}]
BLOCKS: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": "Let me see.", "signature": "c2ln"},
    {"type": "redacted_thinking", "data": "AAAA"},
    {"type": "text", "text": "It is two.", "citations": [CITE]},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "two"}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": RESULTS},
    {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}},
    {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
]
EVENTS = [
    OPEN,
    {"type": "ping"},
    start(0, type="thinking", thinking="", signature=""),
    start(1, type="redacted_thinking", data="AAAA"),
    stop(1),
    delta(0, "thinking_delta", thinking="Let me "),
    start(2, type="text", text=""),
    delta(2, "text_delta", text="It is "),
    delta(0, "thinking_delta", thinking="see."),
    delta(0, "signature_delta", signature="c2ln"),
    stop(0),
    delta(2, "citations_delta", citation=CITE),
    delta(2, "text_delta", text="two."),
    stop(2),
    start(3, type="server_tool_use", id="srvtoolu_1", name="web_search", input={}),
    delta(3, "input_json_delta", partial_json=""),
    delta(3, "input_json_delta", partial_json='{"query"'),
    delta(3, "input_json_delta", partial_json=':"two"}'),
    start(4, type="web_search_tool_result", tool_use_id="srvtoolu_1", content=RESULTS),
    start(5, type="tool_use", id="toolu_1", name="add", input={}),
    delta(5, "input_json_delta", partial_json='{"a":1}'),
    start(6, type="tool_use", id="toolu_2", name="now", input={}),
    delta(6, "input_json_delta", partial_json=""),
    stop(6),
]
END = [
    {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use", "stop_sequence": None},
        "usage": {"input_tokens": None, "output_tokens": 20},
    },
    {"type": "message_stop"},
]
STREAM = named(*EVENTS, *END)


def test_interleaved_blocks_of_every_kind() -> None:
    message = rebuild(STREAM)
    (choice,) = message.choices
    assert (choice.role, choice.text, choice.reasoning) == ("assistant", "It is two.", "Let me see.")
    assert [(c.id, c.name, c.arguments) for c in choice.tool_calls] == [
        ("srvtoolu_1", "web_search", '{"query":"two"}'),
        ("toolu_1", "add", '{"a":1}'),
        ("toolu_2", "now", "{}"),
    ]
    assert [part.kind for part in choice.parts] == [
        "reasoning", "reasoning", "text", "citation", "tool_call", "tool_result", "tool_call", "tool_call",
    ]  # fmt: skip
    assert (choice.parts[3].text, choice.parts[5].id, choice.parts[5].data) == ("Sums", "srvtoolu_1", RESULTS)
    assert (choice.finish_reason, message.model) == ("tool_use", "poet-1")
    assert (message.usage, anthropic_messages.usage.counts(message.usage)) == (
        {"input_tokens": 9, "output_tokens": 20},
        (9, 20),
    )
    assert (message.complete, message.errors, message.notes) == (True, [], [])


def test_whole_answer_is_the_same_message() -> None:
    whole = {**HEAD, "content": BLOCKS, "stop_reason": "tool_use", "usage": {"input_tokens": 9, "output_tokens": 20}}
    assert content(anthropic_messages.message(whole)) == content(rebuild(STREAM))
    assert whole_claimants(whole, url=URL) == ["anthropic-messages"]


def test_the_decoder_takes_events_however_they_were_framed() -> None:
    decoder = anthropic_messages.decoder(Exchange())
    for event in (*EVENTS, *END):
        decoder.feed(whole_frame(event))
    assert content(decoder.finish()) == content(rebuild(STREAM))


def test_a_cut_stream_keeps_its_blocks() -> None:
    message = rebuild(named(*EVENTS[:8]))
    assert (message.choices[0].text, message.choices[0].reasoning) == ("It is ", "Let me ")
    assert (message.complete, message.choices[0].finish_reason) == (False, None)
    assert message.notes == ["the stream was cut: no message_stop was sent"]


@pytest.mark.parametrize(
    "error",
    [
        ("error", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        {"error": {"type": "overloaded_error", "message": "Overloaded"}},
    ],
)
def test_errors_in_mid_stream(error: Any) -> None:
    message = rebuild(sse(*EVENTS[:8], error))
    assert (message.errors, message.complete) == (["overloaded_error: Overloaded"], False)
    assert message.choices[0].text == "It is "
    alone = rebuild(sse(error), url=URL)
    assert (alone.errors, alone.choices) == (["overloaded_error: Overloaded"], [])


def test_refusal() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "I will not help with that."}
    last = {"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": details}, "usage": {}}
    (choice,) = rebuild(named(OPEN, last, END[1])).choices
    assert (choice.finish_reason, choice.refusal) == ("refusal", "I will not help with that.")


def test_compaction_and_blocks_that_begin_with_words() -> None:
    stream = named(
        OPEN,
        start(0, type="compaction", content=None),
        delta(0, "compaction_delta", content="So far: sums."),
        start(1, type="text", text="Go"),
        delta(1, "text_delta", text="od"),
        *END,
    )
    summary, words = rebuild(stream).choices[0].parts
    assert (summary.name, summary.text, words.text) == ("compaction", "So far: sums.", "Good")


def test_a_block_that_never_began_and_a_delta_of_the_future_are_noted() -> None:
    message = rebuild(named(OPEN, delta(0, "text_delta", text="Good"), delta(0, "smell_delta", smell="rose"), *END))
    assert message.choices[0].text == "Good"
    assert message.notes == [
        "a block that never began got a delta: SDKs fail on it",
        "a delta of the unknown type smell_delta is left out",
    ]


def test_only_this_protocol_claims() -> None:
    for event in (*EVENTS[:1], *EVENTS[2:], *END):
        assert claimants(event) == ["anthropic-messages"]
    vertex = "https://region-aiplatform.example/v1/projects/p/locations/l/publishers/a/models/m:streamRawPredict"
    for url in (URL, vertex):
        assert claimants({"type": "error", "error": {"message": "no"}}, url=url) == ["anthropic-messages"]
    assert whole_claimants({"type": "message", "content": "a user's"}) == []


def test_empty_deltas_of_blocks_that_have_begun_go_beside_others_of_their_kind() -> None:
    stream = named(
        OPEN,
        start(0, type="text", text=""),
        delta(0, "text_delta", text=""),
        delta(0, "thinking_delta", thinking=""),
        delta(0, "thinking_delta", thinking=""),
        delta(0, "input_json_delta", partial_json=""),
        delta(0, "input_json_delta", partial_json="{}"),
        delta(0, "signature_delta", signature=""),
        delta(1, "text_delta", text=""),
        delta(0, "text_delta", text="", extra=1),
        *END,
    )
    assert empties(stream) == [2, 4, 5]


def test_request_as_a_conversation() -> None:
    def base64(media_type: str) -> dict[str, str]:
        return {"type": "base64", "media_type": media_type, "data": "AAAAAAAA"}

    request = {
        "model": "poet-1", "max_tokens": 10,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": "Look"},
            {"role": "user", "content": [
                {"type": "image", "source": base64("image/png")},
                {"type": "image", "source": {"type": "url", "url": "https://a.example/cat.png"}},
                {"type": "document", "title": "Sums", "source": base64("application/pdf")},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "1+1"}},
                {"type": "document", "source": {"type": "file", "file_id": "file_1"}}]},
            {"role": "assistant", "content": BLOCKS},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [
                    {"type": "text", "text": "2"}, {"type": "image", "source": base64("image/png")}]},
                {"type": "tool_result", "tool_use_id": "toolu_2", "is_error": True, "content": "no clock"}]},
        ],
        "tools": [{"name": "add", "description": "Adds.", "input_schema": {"type": "object"}},
                  {"type": "web_search_20250305", "name": "web_search"}],
    }  # fmt: skip
    conversation = anthropic_messages.conversation(request)
    assert [turn.role for turn in conversation.turns] == ["system", "user", "user", "assistant", "user"]
    assert [(p.kind, p.media_type, p.size, p.url, p.name) for p in conversation.turns[2].parts] == [
        ("image", "image/png", 6, None, None),
        ("image", None, None, "https://a.example/cat.png", None),
        ("file", "application/pdf", 6, None, "Sums"),
        ("file", "text/plain", 3, None, None),
        ("file", None, None, None, "file_1"),
    ]
    result, image, error = conversation.turns[4].parts
    assert (result.kind, result.id, result.text) == ("tool_result", "toolu_1", "2")
    assert (image.kind, error.text, error.name) == ("image", "no clock", "error")
    assert [(t.name, t.parameters) for t in conversation.tools] == [("add", {"type": "object"}), ("web_search", None)]
    assert conversation.parameters == {"model": "poet-1", "max_tokens": 10}
    assert anthropic_messages.conversation({"system": "Be brief."}).turns[0].parts[0].text == "Be brief."
