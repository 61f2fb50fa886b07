"""OpenAI chat: what its servers send, joined as their SDKs would, and better where they are wrong."""

import json
from typing import Any

import pytest

from cassette_cli.providers.openai.chat import protocol as openai_chat
from providers.support import claimants, content, empties, protocol_of, rebuild, sse, whole_claimants

URL = "https://api.llm.example/v1/chat/completions"


def chunk(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "small-1"}
    return {**head, "choices": list(choices), **more}


def delta(finish: str | None = None, index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"index": index, "delta": fields, "logprobs": None, "finish_reason": finish}


def call(index: int | None, call_id: str | None = None, name: str | None = None, arguments: Any = "") -> dict[str, Any]:
    piece: dict[str, Any] = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return piece if index is None else {"index": index, **piece}


def says(message: Any) -> list[tuple[str | None, str | None, str]]:
    return [(c.id, c.name, c.arguments) for c in message.choices[0].tool_calls]


USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}

GREETING = sse(
    chunk(delta(role="assistant", content="", refusal=None)),
    chunk(delta(reasoning_content="A ")),
    chunk(delta(reasoning_content="greeting.")),
    chunk(delta(content="Good ")),
    chunk(delta(content="day")),
    chunk(delta(finish="stop")),
    chunk(usage=USAGE),
    "[DONE]",
)


def test_text_reasoning_usage_and_finish() -> None:
    message = rebuild(GREETING)
    (choice,) = message.choices
    assert (choice.role, choice.text, choice.reasoning) == ("assistant", "Good day", "A greeting.")
    assert (choice.finish_reason, choice.refusal, choice.parts) == ("stop", None, [])
    assert message.model == "small-1"
    assert message.usage == USAGE
    assert openai_chat.usage.counts(message.usage) == (9, 3)
    assert (message.complete, message.errors, message.notes) == (True, [], [])


def test_whole_answer_is_the_same_message() -> None:
    whole = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "small-1", "usage": USAGE,
        "choices": [{
            "index": 0, "finish_reason": "stop", "logprobs": None,
            "message": {"role": "assistant", "content": "Good day", "reasoning_content": "A greeting."},
        }],
    }  # fmt: skip
    assert content(openai_chat.message(whole)) == content(rebuild(GREETING))
    assert whole_claimants(whole, url=URL) == ["openai-chat"]


def test_choices_interleave_each_with_its_tool_calls() -> None:
    stream = sse(
        chunk(delta(index=1, role="assistant", content=None, tool_calls=[call(0, "call_b", "look", "")])),
        chunk(delta(index=0, role="assistant", content=None, tool_calls=[call(0, "call_a", "look", "")])),
        chunk(
            delta(index=1, tool_calls=[call(0, arguments='{"q":')]),
            delta(index=0, tool_calls=[call(0, arguments="{}")]),
        ),
        chunk(delta(index=1, tool_calls=[call(0, arguments='"b"}')])),
        chunk(delta("tool_calls", index=1)),
        chunk(delta("tool_calls", index=0)),
        "[DONE]",
    )  # fmt: skip
    first, second = rebuild(stream).choices
    assert [(first.index, first.tool_calls[0].arguments), (second.index, second.tool_calls[0].arguments)] == [
        (0, "{}"),
        (1, '{"q":"b"}'),
    ]
    assert (first.tool_calls[0].id, second.tool_calls[0].id) == ("call_a", "call_b")


def test_parallel_calls_by_index_whose_first_is_not_zero() -> None:
    stream = sse(
        chunk(delta(role="assistant", tool_calls=[call(2, "call_2", "two", "{")])),
        chunk(delta(tool_calls=[call(1, "call_1", "one", "[]")])),
        chunk(delta(tool_calls=[call(2, None, None, "}")])),
        chunk(delta("tool_calls")),
    )
    assert says(rebuild(stream)) == [("call_1", "one", "[]"), ("call_2", "two", "{}")]


def test_calls_without_an_index_are_told_apart_by_id() -> None:
    stream = sse(
        chunk(delta(tool_calls=[call(None, "D681PevKs", "one", '{"a":1}'), call(None, "mG9x2", "two")])),
        chunk(delta(tool_calls=[call(None, "null_is_no_id", "three", "{")])),
        chunk(delta("tool_calls", tool_calls=[call(None, None, None, "}")])),
    )  # fmt: skip
    assert says(rebuild(stream)) == [
        ("D681PevKs", "one", '{"a":1}'),
        ("mG9x2", "two", ""),
        ("null_is_no_id", "three", "{}"),
    ]


def test_a_second_call_under_a_used_index_is_a_call_of_its_own() -> None:
    stream = sse(
        chunk(delta(role="assistant", tool_calls=[call(0, "call_1", "one", '{"a":1}')])),
        chunk(delta(tool_calls=[call(0, "call_2", "one", '{"a":')])),
        chunk(delta("tool_calls", tool_calls=[call(0, None, None, "2}")])),
    )
    message = rebuild(stream)
    assert says(message) == [("call_1", "one", '{"a":1}'), ("call_2", "one", '{"a":2}')]
    assert "call_2" in message.notes[0]


def test_an_id_and_a_name_repeated_in_every_piece_are_one_call() -> None:
    stream = sse(
        chunk(delta(role="assistant", tool_calls=[call(0, "call_1", "one", "{}")])),
        chunk(delta(tool_calls=[call(0, "call_1", "one", " ")])),
        chunk(delta("tool_calls", tool_calls=[call(0, "", "", "")])),
    )
    assert says(rebuild(stream)) == [("call_1", "one", "{} ")]


def test_custom_tools_and_arguments_sent_as_an_object() -> None:
    custom = {"index": 1, "id": "call_2", "type": "custom", "custom": {"name": "run", "input": "print("}}
    stream = sse(
        chunk(delta(role="assistant", tool_calls=[call(0, "call_1", "one", {"a": 1}), custom])),
        chunk(delta("tool_calls", tool_calls=[{"index": 1, "custom": {"input": "1)"}}])),
    )
    assert says(rebuild(stream)) == [("call_1", "one", '{"a":1}'), ("call_2", "run", "print(1)")]


def test_legacy_function_call() -> None:
    stream = sse(
        chunk(delta(role="assistant", content=None, function_call={"name": "look", "arguments": ""})),
        chunk(delta(function_call={"arguments": '{"q":'})),
        chunk(delta(function_call={"arguments": "1}"})),
        chunk(delta("function_call")),
        "[DONE]",
    )
    message = rebuild(stream)
    assert says(message) == [(None, "look", '{"q":1}')]
    assert message.choices[0].finish_reason == "function_call"


def test_refusal() -> None:
    stream = sse(
        chunk(delta(role="assistant", content=None, refusal="")),
        chunk(delta(refusal="I cannot ")),
        chunk(delta(refusal="do that.")),
        chunk(delta("stop")),
    )
    (choice,) = rebuild(stream).choices
    assert (choice.text, choice.refusal) == ("", "I cannot do that.")


def test_sound_is_measured_and_its_transcript_kept() -> None:
    stream = sse(
        chunk(delta(role="assistant", audio={"id": "audio_1", "transcript": "Hel"})),
        chunk(delta(audio={"transcript": "lo", "data": "AAAA"})),
        chunk(delta(audio={"data": "AAA="})),
        chunk(delta(audio={"expires_at": 1700000000})),
        chunk(delta("stop")),
    )
    (part,) = rebuild(stream).choices[0].parts
    assert (part.kind, part.id, part.text, part.size) == ("audio", "audio_1", "Hello", 5)


def test_log_probabilities_are_left_out_but_not_in_silence() -> None:
    entry = {"token": "Good", "logprob": -0.1, "bytes": [71], "top_logprobs": []}
    logged = {**delta(role="assistant", content="Good"), "logprobs": {"content": [entry], "refusal": None}}
    message = rebuild(sse(chunk(logged), chunk(delta("stop"))))
    assert message.choices[0].text == "Good"
    assert message.notes == ["choice 0: log probabilities of 1 tokens are left out"]


def test_content_as_blocks_then_as_text() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm. "}]}
    stream = sse(
        chunk(delta(role="assistant", content="")),
        chunk(delta(content=[thinking]), p="abcdef"),
        chunk(delta(content=[{"type": "text", "text": "So "}, {"type": "reference", "reference_ids": [1]}])),
        chunk(delta(content="be it.")),
        chunk(delta("stop", content="")),
    )
    (choice,) = rebuild(stream).choices
    assert (choice.text, choice.reasoning) == ("So be it.", "Hm. ")
    assert [part.kind for part in choice.parts] == ["reasoning", "text", "data"]


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_content": "x"},
        {"reasoning": "x"},
        {"reasoning_content": "x", "reasoning": "x"},
        {"reasoning": "x", "reasoning_details": [{"type": "reasoning.text", "text": "x"}]},
        {"reasoning": "", "reasoning_details": [{"type": "reasoning.summary", "summary": "x"}]},
    ],
)
def test_reasoning_is_taken_once_whatever_its_name(fields: dict[str, Any]) -> None:
    message = rebuild(sse(chunk(delta(role="assistant", **fields)), chunk(delta("stop"))))
    assert message.choices[0].reasoning == "x"


def test_role_repeated_in_every_chunk_is_one_role() -> None:
    stream = sse(*(chunk(delta(role="assistant", content=word)) for word in ("a", "b")), chunk(delta("stop")))
    assert rebuild(stream).choices[0].role == "assistant"


def test_opening_of_azure_and_its_content_filter() -> None:
    opening = {"id": "", "object": "", "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    bare = {"index": 0, "finish_reason": None, "content_filter_offsets": {"start": 0}}
    filtered = {**delta("content_filter"), "content_filter_results": {"hate": {"filtered": True, "severity": "high"}}}
    stream = sse(opening, chunk(delta(role="assistant", content="Well")), chunk(bare), chunk(filtered), "[DONE]")
    url = "https://host.example/openai/deployments/d/chat/completions?api-version=1"
    assert claimants(opening, url=url) == ["openai-chat"]
    message = rebuild(stream, url="https://[hidden]/chat")
    assert (message.model, message.choices[0].text) == ("small-1", "Well")
    assert message.choices[0].finish_reason == "content_filter"
    assert message.notes == ["Azure's content filter acted: hate"]


def test_perplexity_repeats_everything_and_closes_in_its_own_way() -> None:
    sources = ["https://a.example/", "https://b.example/"]
    results = [{"title": "A", "url": "https://a.example/"}]
    first = chunk(delta(role="assistant", content="Blue"), citations=sources, usage={"prompt_tokens": 1})
    last = {**delta("stop", content=""), "message": {"role": "assistant", "content": "Blue sky"}}
    stream = sse(
        first,
        chunk({**delta(content=" sky"), "message": {"content": "Blue sky"}}, citations=sources),
        {**chunk(last, usage=USAGE, search_results=results), "object": "chat.completion.done"},
    ).replace("\n", "\r\n")
    message = rebuild(stream)
    assert message.choices[0].text == "Blue sky"
    assert message.usage == USAGE
    assert message.complete
    assert [(p.kind, p.text, p.url) for p in message.choices[0].parts] == [
        ("text", "Blue sky", None),
        ("citation", "A", "https://a.example/"),
    ]


def test_annotations_images_and_unknown_structures_are_kept() -> None:
    cited = {"type": "url_citation", "url_citation": {"url": "https://a.example/", "title": "A"}}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    stream = sse(
        chunk(delta(role="assistant", content="See", images=[image])),
        chunk(delta(annotations=[cited], executed_tools=[{"index": 0}])),
        chunk(delta(executed_tools=[{"index": 0, "output": "42"}])),
        chunk(delta("stop")),
    )
    _, shown, cite, tools = rebuild(stream).choices[0].parts
    assert (shown.kind, shown.media_type, shown.size) == ("image", "image/png", 3)
    assert (cite.kind, cite.url) == ("citation", "https://a.example/")
    assert (tools.name, tools.data) == ("executed_tools", [[{"index": 0}], [{"index": 0, "output": "42"}]])


def test_usage_of_groq_moonshot_and_before_an_empty_chunk() -> None:
    groq = chunk(delta("stop"), x_groq={"usage": USAGE})
    moonshot = chunk({**delta("stop"), "usage": USAGE})
    early = [chunk(delta("stop"), usage=USAGE), chunk(usage=None), chunk(delta())]
    for chunks in ([groq], [moonshot], early):
        assert rebuild(sse(chunk(delta(role="assistant", content="x")), *chunks)).usage == USAGE


def test_finish_reason_repeated_and_a_last_delta_without_index() -> None:
    stream = sse(
        chunk(delta(role="assistant", content="x")),
        chunk(delta("stop")),
        chunk({"delta": {}, "finish_reason": None}),
        chunk(delta("stop", content=""), usage=USAGE),
    )
    message = rebuild(stream)
    assert len(message.choices) == 1
    assert (message.choices[0].finish_reason, message.complete) == ("stop", True)


def test_a_cut_stream_says_so() -> None:
    message = rebuild(sse(chunk(delta(role="assistant", content="Good"))))
    assert (message.choices[0].text, message.complete) == ("Good", False)
    assert message.notes == ["the stream was cut: no finish_reason was sent"]


def test_a_stream_cut_inside_a_frame_keeps_what_came() -> None:
    message = rebuild(GREETING[: GREETING.index('"day"') + 2])
    assert (message.choices[0].text, message.complete) == ("Good ", False)


def test_a_provider_that_never_sends_a_finish_reason() -> None:
    message = rebuild(sse(chunk(delta(role="assistant", content="Good")), ("done", "[DONE]")))
    assert message.complete
    assert "no finish_reason" in message.notes[0]


ERROR = {"message": "Overloaded, try again", "type": "server_error", "code": 529}


@pytest.mark.parametrize(
    "events",
    [
        [{"error": ERROR}],
        [{"error": ERROR}, {"error": ERROR}, "[DONE]"],
        [chunk(delta("stop")), {"error": ERROR}],
        [chunk(delta(content=""), error=ERROR)],
        [chunk({**delta("error"), "error": ERROR})],
        [{"object": "error", **ERROR}],
        [("error", {"error": ERROR})],
        [("error", ERROR)],
    ],
)
def test_errors_in_mid_stream(events: list[Any]) -> None:
    message = rebuild(sse(chunk(delta(role="assistant", content="Go")), *events))
    assert (message.choices[0].text, message.complete) == ("Go", False)
    assert message.errors == ["server_error: Overloaded, try again"]


@pytest.mark.parametrize(
    "words", [json.dumps(ERROR), json.dumps({"error": ERROR}), "server_error: Overloaded, try again"]
)
def test_an_error_as_an_sse_field_is_shown_though_sdks_ignore_it(words: str) -> None:
    message = rebuild(sse(chunk(delta(role="assistant", content="Go"))) + f"error: {words}\n\n")
    assert message.errors == ["server_error: Overloaded, try again"]
    assert "ignore" in message.notes[0]
    assert not message.complete


def test_a_stream_that_is_only_an_error() -> None:
    stream = sse({"error": ERROR})
    assert claimants({"error": ERROR}, url=URL) == ["openai-chat"]
    message = rebuild(stream, url=URL)
    assert (message.choices, message.complete) == ([], False)
    assert protocol_of(stream, url="https://api.llm.example/other") is None


@pytest.mark.parametrize(
    "first",
    [
        chunk(delta(role="assistant")),
        {**chunk(delta(role="assistant")), "object": None},
        {"model_id": "ibm/granite", "choices": [{"index": 0, "delta": {"content": "x"}}]},
        {**chunk(), "object": "chat.completion.done"},
    ],
)
def test_only_this_protocol_claims(first: dict[str, Any]) -> None:
    assert claimants(first) == ["openai-chat"]


def test_empty_chunks_are_found_by_the_safe_rule() -> None:
    stream = sse(
        chunk(delta(role="assistant", content="")),  # 0: first
        chunk(delta(content="")),  # 1: empty, for content was "" before
        chunk(delta(role="assistant", content="", reasoning="x")),  # 2
        chunk(delta(role="assistant", content="", reasoning=None)),  # 3: empty
        chunk(delta(content="", reasoning="")),  # 4: empty
        chunk(delta(content="", refusal="")),  # 5: would turn refusal from null to ""
        chunk(delta(index=1)),  # 6: the first sign of a choice
        chunk(delta(index=1), obfuscation="abc"),  # 7: empty
        chunk(delta(tool_calls=[])),  # 8: tool_calls was not set before
        chunk(delta(content=""), usage=USAGE),  # 9
        chunk({**delta(content=""), "logprobs": {"content": []}}),  # 10
        chunk({"index": 0, "finish_reason": None}),  # 11: SDKs fail on a choice without delta
        chunk({**delta(content=""), "native_finish_reason": "x"}),  # 12
        chunk(delta("stop")),  # 13
        chunk(delta(content="")),  # 14: last
        "[DONE]",
    )
    assert empties(stream) == [1, 3, 4, 7]


def test_request_as_a_conversation() -> None:
    request = {
        "model": "small-1", "temperature": 0, "stream": True,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAAAAAA"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
            ]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "a cat"}]},
            {"role": "function", "name": "old", "content": "1"},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {}}}],
        "functions": [{"name": "old"}],
    }  # fmt: skip
    conversation = openai_chat.conversation(request)
    assert [turn.role for turn in conversation.turns] == ["system", "user", "assistant", "tool", "function"]
    _, image, sound, file = conversation.turns[1].parts
    assert (image.kind, image.media_type, image.size) == ("image", "image/jpeg", 6)
    assert (sound.kind, sound.media_type, sound.size) == ("audio", "audio/wav", 3)
    assert (file.kind, file.name, file.media_type) == ("file", "a.pdf", "application/pdf")
    assert conversation.turns[2].parts[0].tool_call is not None
    result = conversation.turns[3].parts[0]
    assert (result.kind, result.text, result.id) == ("tool_result", "a cat", "call_1")
    assert [tool.name for tool in conversation.tools] == ["look", "old"]
    assert conversation.parameters == {"model": "small-1", "temperature": 0, "stream": True}
