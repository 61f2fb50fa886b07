"""OpenAI's Responses API: the terminal event is the truth, the other events stand in for it."""

from typing import Any

import pytest

from cassette_cli.providers.openai import responses as openai_responses
from providers.support import claimants, content, empties, rebuild, sse, whole_claimants

URL = "https://api.llm.example/v1/responses"
USAGE = {"input_tokens": 9, "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 16}
NOTE = {"type": "url_citation", "url": "https://a.example/", "title": "A", "start_index": 0, "end_index": 2}

OUTPUT: list[dict[str, Any]] = [
    {"type": "reasoning", "id": "rs_1", "encrypted_content": "opaque", "summary": [
        {"type": "summary_text", "text": "First this. "}, {"type": "summary_text", "text": "Then that."}]},
    {"type": "mcp_call", "id": "mcp_1", "name": "ask", "server_label": "wiki", "arguments": '{"q":1}', "output": "yes"},
    {"type": "code_interpreter_call", "id": "ci_1", "code": "print(1)", "container_id": "c",
     "outputs": [{"type": "logs", "logs": "1"}]},
    {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
        {"type": "output_text", "text": "So it is.", "annotations": [NOTE]},
        {"type": "refusal", "refusal": "No more."}]},
    {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "look", "arguments": '{"q":"sea"}'},
    {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_2", "name": "run", "input": "ls -l"},
]  # fmt: skip


def response(status: str, output: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    head = {"id": "resp_1", "object": "response", "model": "large-1", "status": status, "error": None}
    return {**head, "output": output, "usage": USAGE if status == "completed" else None, **more}


def events() -> list[dict[str, Any]]:
    """Return the events before the terminal one, as the server sends them for `OUTPUT`."""
    state = response("in_progress", [])
    found: list[dict[str, Any]] = [{"type": "response.created", "response": state}]

    def add(kind: str, place: int, **more: Any) -> None:
        found.append({"type": f"response.{kind}", "output_index": place, "item_id": OUTPUT[place]["id"], **more})

    for place, item in enumerate(OUTPUT):
        bare = {k: v for k, v in item.items() if k not in ("arguments", "input", "code", "content", "summary")}
        add("output_item.added", place, item={**bare, "status": "in_progress"})
    for i, block in enumerate(OUTPUT[0]["summary"]):
        add("reasoning_summary_part.added", 0, summary_index=i, part={"type": "summary_text", "text": ""})
        add("reasoning_summary_text.delta", 0, summary_index=i, delta=block["text"][:4])
        add("reasoning_summary_text.delta", 0, summary_index=i, delta=block["text"][4:])
    add("content_part.added", 3, content_index=0, part={"type": "output_text", "text": "", "annotations": []})
    for place, name, words in (
        (1, "mcp_call_arguments", OUTPUT[1]["arguments"]),
        (2, "code_interpreter_call_code", OUTPUT[2]["code"]),
        (4, "function_call_arguments", OUTPUT[4]["arguments"]),
        (5, "custom_tool_call_input", OUTPUT[5]["input"]),
    ):
        add(f"{name}.delta", place, delta=words[:3], obfuscation="xyz")
        add("output_text.delta", 3, content_index=0, delta="So " if place == 1 else "", logprobs=[])
        add(f"{name}.delta", place, delta=words[3:])
    add("output_text.delta", 3, content_index=0, delta="it is.")
    add("output_text.annotation.added", 3, content_index=0, annotation_index=0, annotation=NOTE)
    add("refusal.delta", 3, content_index=1, delta="No ")
    add("refusal.delta", 3, content_index=1, delta="more.")
    return [{**event, "sequence_number": i} for i, event in enumerate(found)]


WHOLE = response("completed", OUTPUT)
LAST = {"type": "response.completed", "response": WHOLE}


def named(found: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(event["type"], event) for event in found]


def test_the_terminal_event_is_the_message() -> None:
    message = rebuild(sse(*named([*events(), LAST])))
    (choice,) = message.choices
    assert (choice.role, choice.text, choice.refusal) == ("assistant", "So it is.", "No more.")
    assert choice.reasoning == "First this. Then that."
    assert [(c.id, c.name, c.arguments) for c in choice.tool_calls] == [
        ("mcp_1", "ask", '{"q":1}'),
        ("ci_1", "code_interpreter", "print(1)"),
        ("call_1", "look", '{"q":"sea"}'),
        ("call_2", "run", "ls -l"),
    ]
    assert [part.kind for part in choice.parts] == [
        "reasoning", "reasoning", "tool_call", "tool_result", "tool_call", "tool_result",
        "text", "citation", "refusal", "tool_call", "tool_call",
    ]  # fmt: skip
    assert (choice.finish_reason, message.model, message.usage) == ("completed", "large-1", USAGE)
    assert (message.complete, message.errors, message.notes) == (True, [], [])
    assert content(message) == content(openai_responses.message(WHOLE))


def test_deltas_alone_give_the_same_parts() -> None:
    message = rebuild(sse(*events()))
    whole = openai_responses.message(WHOLE).choices[0]
    (choice,) = message.choices
    assert [p for p in choice.parts if p.kind != "tool_result" or p.text] == whole.parts
    assert (choice.finish_reason, message.complete) == (None, False)
    assert message.notes == ["the stream was cut: no terminal event was sent"]


def test_a_terminal_event_without_output_is_filled_from_the_others() -> None:
    empty = {"type": "response.completed", "response": response("completed", [])}
    message = rebuild(sse(*events(), empty))
    assert (message.choices[0].text, message.usage, message.complete) == ("So it is.", USAGE, True)


def test_done_events_replace_deltas_and_stand_for_them() -> None:
    done = [
        {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "All of it"},
        {"type": "response.function_call_arguments.done", "output_index": 1, "arguments": "{}"},
        {"type": "response.output_item.done", "output_index": 2, "item": OUTPUT[4]},
        {"type": "response.content_part.done", "output_index": 3, "content_index": 0,
         "part": {"type": "output_text", "text": " and more", "annotations": []}},
        {"type": "response.output_text.delta", "output_index": 3, "content_index": 0, "delta": "late"},
    ]  # fmt: skip
    first = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "All"}
    (choice,) = rebuild(sse(first, *done)).choices
    assert choice.text == "All of it and more"
    assert [(c.id, c.arguments) for c in choice.tool_calls] == [(None, "{}"), ("call_1", '{"q":"sea"}')]


def test_a_resumed_stream_without_event_lines() -> None:
    queued = {"type": "response.queued", "response": response("queued", []), "sequence_number": 0}
    later = [event for event in events() if event["sequence_number"] > 20]
    assert claimants(queued) == ["openai-responses"]
    assert rebuild(sse(queued, *later, LAST)).choices[0].text == "So it is."
    cut = rebuild(sse(*later))
    assert "the stream resumes at event 21: what came before is not in it" in cut.notes


def test_incomplete_failed_and_cancelled() -> None:
    short = response("incomplete", OUTPUT[3:4], incomplete_details={"reason": "max_output_tokens"})
    message = rebuild(sse({"type": "response.incomplete", "response": short}))
    assert (message.choices[0].finish_reason, message.complete) == ("incomplete", True)
    assert message.notes == ["the response is incomplete: max_output_tokens"]
    broken = response("failed", [], error={"code": "server_error", "message": "It broke"})
    message = rebuild(sse({"type": "response.failed", "response": broken}))
    assert (message.errors, message.complete) == (["server_error: It broke"], False)
    assert content(message) == content(openai_responses.message(broken))
    cancelled = rebuild(sse({"type": "response.cancelled", "response": response("cancelled", [])}))
    assert (cancelled.choices[0].finish_reason, cancelled.complete) == ("cancelled", False)


@pytest.mark.parametrize(
    "error",
    [
        {"type": "error", "code": "rate_limit", "message": "Slow down", "param": None, "sequence_number": 3},
        {"type": "error", "error": {"type": "rate_limit", "message": "Slow down"}},
        ("error", {"error": {"type": "rate_limit", "message": "Slow down"}}),
    ],
)
def test_error_events(error: Any) -> None:
    message = rebuild(sse(*named(events()[:2]), error), url=URL)
    assert (message.errors, message.complete) == (["rate_limit: Slow down"], False)
    assert rebuild(sse(error), url=URL).errors == ["rate_limit: Slow down"]


def test_an_unfinished_answer_is_not_complete() -> None:
    message = openai_responses.message(response("in_progress", []))
    assert (message.complete, message.choices[0].finish_reason) == (False, None)
    assert "in_progress" in message.notes[0]


def test_only_this_protocol_claims() -> None:
    assert claimants(LAST) == ["openai-responses"]
    assert whole_claimants(WHOLE, url=URL) == ["openai-responses"]


def test_empty_deltas_go_only_where_the_terminal_event_is_there() -> None:
    found = [i for i, event in enumerate(events()) if event.get("delta") == ""]
    assert len(found) == 3
    assert empties(sse(*events(), LAST)) == found
    assert empties(sse(*events())) == []


def test_pictures_and_hosted_tools_are_shown() -> None:
    items = [
        {"type": "image_generation_call", "id": "ig_1", "result": "AAAA", "output_format": "webp"},
        {"type": "web_search_call", "id": "ws_1", "action": {"type": "search", "query": "sea"}},
        {"type": "mcp_call", "id": "mcp_2", "name": "ask", "arguments": "{}", "error": "denied", "output": None},
    ]
    parts = openai_responses.message(response("completed", items)).choices[0].parts
    assert (parts[0].kind, parts[0].media_type, parts[0].size) == ("image", "image/webp", 3)
    assert (parts[1].kind, parts[1].name, parts[1].id) == ("data", "web_search_call", "ws_1")
    assert (parts[3].kind, parts[3].text, parts[3].name) == ("tool_result", "denied", "error")


def test_request_of_items() -> None:
    request = {
        "model": "large-1", "instructions": "Be brief.", "previous_response_id": "resp_0",
        "input": [
            {"role": "user", "content": "Look"},
            {"role": "user", "content": [
                {"type": "input_text", "text": "at this"},
                {"type": "input_image", "image_url": "https://a.example/cat.png"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
                {"type": "input_image", "file_id": "file_1"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "a cat"},
            {"type": "item_reference", "id": "msg_0"},
        ],
        "tools": [
            {"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}},
            {"type": "web_search"}, {"type": "mcp", "server_label": "wiki"}],
    }  # fmt: skip
    conversation = openai_responses.conversation(request)
    assert [(turn.role, [p.kind for p in turn.parts]) for turn in conversation.turns] == [
        ("system", ["text"]),
        ("user", ["text"]),
        ("user", ["text", "image", "file", "image"]),
        ("assistant", ["reasoning", "tool_call"]),
        ("tool", ["tool_result"]),
        ("assistant", ["data"]),
    ]
    assert [tool.name for tool in conversation.tools] == ["look", "web_search", "wiki"]
    assert conversation.parameters == {"model": "large-1", "previous_response_id": "resp_0"}


def test_request_of_one_string() -> None:
    conversation = openai_responses.conversation({"input": "Say this is a test"})
    assert [(t.role, t.parts[0].text) for t in conversation.turns] == [("user", "Say this is a test")]
