"""OpenAI's Responses API: the terminal event is the truth, the other events stand in for it."""

import json
from typing import Any

import pytest

from cassette_cli.providers.openai.responses import protocol as openai_responses
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
    calls = [part.tool_call for part in parts if part.tool_call is not None]
    assert [(call.id, call.name, call.arguments) for call in calls] == [
        ("ig_1", "image_generation", ""),
        ("ws_1", "web_search", '{"type":"search","query":"sea"}'),
        ("mcp_2", "ask", "{}"),
    ]
    assert (parts[1].kind, parts[1].media_type, parts[1].size) == ("image", "image/webp", 3)
    assert (parts[4].kind, parts[4].text, parts[4].name) == ("tool_result", "denied", "error")


SHELL = {"type": "shell_call", "id": "sh_1", "call_id": "call_s", "status": "completed"}
WROTE = {"stdout": "a.txt\n", "stderr": "b: no such file\n", "outcome": {"type": "exit", "exit_code": 1}}
PATCH = {"type": "apply_patch_call", "id": "ap_1", "call_id": "call_p"}
OPERATION = {"type": "update_file", "path": "a.txt"}


def coding() -> list[dict[str, Any]]:
    """Return the events of two commands, of what they wrote, and of a patch."""
    item = {**SHELL, "action": {"commands": [], "timeout_ms": 9}}
    found: list[dict[str, Any]] = [{"type": "response.output_item.added", "output_index": 0, "item": item}]

    def add(kind: str, place: int, **more: Any) -> None:
        found.append({"type": f"response.{kind}", "output_index": place, **more})

    add("shell_call_command.added", 0, command_index=0, command="")
    for words in ("ls", " a.txt"):
        add("shell_call_command.delta", 0, command_index=0, delta=words, obfuscation="x")
    add("shell_call_command.done", 0, command_index=0, command="ls a.txt")
    add("shell_call_command.added", 0, command_index=1, command="")
    add("shell_call_command.delta", 0, command_index=1, delta="cat b")
    for delta in ({"stdout": "a.", "stderr": None}, {"stdout": "txt\n"}, {"stderr": WROTE["stderr"]}):
        add("shell_call_output_content.delta", 1, command_index=0, delta=delta)
    add("output_item.added", 2, item={**PATCH, "operation": {**OPERATION, "diff": ""}})
    for words in ("@@\n", "+a\n"):
        add("apply_patch_call_operation_diff.delta", 2, delta=words)
    return found


def called(parts: list[Any]) -> list[tuple[str | None, str | None, Any]]:
    calls = [part.tool_call for part in parts if part.tool_call is not None]
    return [(call.id, call.name, json.loads(call.arguments)) for call in calls]


def test_commands_and_patches_of_a_cut_stream_are_tool_calls() -> None:
    message = rebuild(sse(*coding()))
    parts = message.choices[0].parts
    assert called(parts) == [
        ("call_s", "shell", {"commands": ["ls a.txt", "cat b"], "timeout_ms": 9}),
        ("call_p", "apply_patch", {**OPERATION, "diff": "@@\n+a\n"}),
    ]
    assert (parts[1].kind, parts[1].text) == ("tool_result", "a.txt\nb: no such file\n")
    assert message.notes == ["the stream was cut: no terminal event was sent"]


def test_a_delta_of_an_unknown_type_is_named_where_the_stream_was_cut() -> None:
    hummed = {"type": "response.hum.delta", "output_index": 0, "delta": "hm"}
    note = "a delta of the unknown type response.hum.delta is left out"
    assert note in rebuild(sse(*events(), hummed)).notes
    assert note not in rebuild(sse(*events(), hummed, LAST)).notes


def test_hosted_and_local_tools_in_whole_answers_and_requests() -> None:
    items = [
        {**SHELL, "action": {"commands": ["ls"]}},
        {"type": "shell_call_output", "call_id": "call_s", "output": [WROTE]},
        {"type": "local_shell_call", "call_id": "call_l", "action": {"type": "exec", "command": ["ls"], "env": {}}},
        {"type": "local_shell_call_output", "id": "call_l", "output": "a.txt"},
        {**PATCH, "operation": {**OPERATION, "diff": "+a"}},
        {"type": "apply_patch_call_output", "call_id": "call_p", "status": "failed", "output": "no such file"},
        {"type": "computer_call", "call_id": "call_c", "action": {"type": "click", "x": 1, "y": 2}},
        {"type": "computer_call", "call_id": "call_d", "actions": [{"type": "wait"}]},
        {"type": "computer_call_output", "call_id": "call_c",
         "output": {"type": "computer_screenshot", "image_url": "data:image/png;base64,AAAA"}},
        {"type": "file_search_call", "id": "fs_1", "queries": ["tide"], "results": [{"filename": "a.txt", "file_id": "f"}]},
        {"type": "image_generation_call", "id": "ig_1", "result": "AAAA", "revised_prompt": "A tide"},
        {"type": "program", "call_id": "call_x", "code": "1 + 1"},
        {"type": "program_output", "call_id": "call_x", "result": "2"},
    ]  # fmt: skip
    conversation = openai_responses.conversation({"input": items})
    parts = [part for turn in conversation.turns for part in turn.parts]
    assert [turn.role for turn in conversation.turns] == ["assistant", "tool"] * 3 + ["assistant", "tool"] + [
        "assistant",
        "tool",
    ]
    assert openai_responses.message(response("completed", items)).choices[0].parts == parts
    code = next(part for part in parts if part.tool_call and part.tool_call.name == "program")
    parts.remove(code)
    assert called(parts) == [
        ("call_s", "shell", {"commands": ["ls"]}),
        ("call_l", "local_shell", {"type": "exec", "command": ["ls"], "env": {}}),
        ("call_p", "apply_patch", {**OPERATION, "diff": "+a"}),
        ("call_c", "computer", {"type": "click", "x": 1, "y": 2}),
        ("call_d", "computer", {"actions": [{"type": "wait"}]}),
        ("fs_1", "file_search", {"queries": ["tide"]}),
        ("ig_1", "image_generation", {"revised_prompt": "A tide"}),
    ]
    results = [(part.id, part.text) for part in parts if part.kind == "tool_result"]
    assert results == [
        ("call_s", WROTE["stdout"] + WROTE["stderr"]),
        ("call_l", "a.txt"),
        ("call_p", "no such file"),
        ("call_c", ""),
        ("call_x", "2"),
    ]
    pictures = [(part.kind, part.media_type, part.size) for part in parts if part.kind == "image"]
    assert pictures == [("image", "image/png", 3), ("image", "image/png", 3)]
    assert [part.text for part in parts if part.kind == "citation"] == ["a.txt"]


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
