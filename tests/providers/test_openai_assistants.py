"""OpenAI's assistants."""

from typing import Any

import pytest

from cassette_cli.providers.openai.assistants import protocol as openai_assistants
from providers.support import claimants, content, empties, rebuild, sse, whole_claimants

URL = "https://api.llm.example/v1/threads/thread_1/runs"
USAGE = {"prompt_tokens": 8, "completion_tokens": 5, "total_tokens": 13}
NOTE = {"type": "file_citation", "text": "[1]", "index": 0, "file_citation": {"file_id": "file_1"}}


def run(event: str, **more: Any) -> tuple[str, dict[str, Any]]:
    state = {"id": "run_1", "object": "thread.run", "status": event, "model": "small-1", "usage": None, **more}
    return f"thread.run.{event}", state


def step(status: str, calls: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    details = {"type": "tool_calls", "tool_calls": calls}
    state = {
        "id": "step_1",
        "object": "thread.run.step",
        "type": "tool_calls",
        "status": status,
        "step_details": details,
    }
    return f"thread.run.step.{status}", state


def step_delta(*calls: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    details = {"type": "tool_calls", "tool_calls": [*calls]}
    return "thread.run.step.delta", {
        "id": "step_1",
        "object": "thread.run.step.delta",
        "delta": {"step_details": details},
    }


def post(status: str, blocks: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    state = {"id": "msg_1", "object": "thread.message", "role": "assistant", "status": status, "content": blocks}
    return f"thread.message.{status}", state


def post_delta(words: str, index: int = 0, **more: Any) -> tuple[str, dict[str, Any]]:
    block = {"index": index, "type": "text", "text": {"value": words, **more}}
    return "thread.message.delta", {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": [block]}}


STEPS = [
    step("in_progress", []),
    step_delta({"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": ""}}),
    step_delta(
        {"index": 1, "id": "call_2", "type": "code_interpreter", "code_interpreter": {"input": "1", "outputs": []}}
    ),
    step_delta({"index": 0, "type": "function", "function": {"arguments": '{"q":'}}),
    step_delta({"index": 1, "type": "code_interpreter", "code_interpreter": {"input": "+1"}}),
    step_delta({"index": 0, "type": "function", "function": {"arguments": "2}"}}),
]
CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"q":2}', "output": None}},
    {"id": "call_2", "type": "code_interpreter", "code_interpreter": {"input": "1+1", "outputs": []}},
]
POSTS = [
    post("in_progress", []),
    post_delta("It is "),
    post_delta(""),
    post_delta("two", annotations=[NOTE]),
    post_delta("", 1),
    post_delta(".", 1),
]
CONTENT = [
    {"type": "text", "text": {"value": "It is two", "annotations": [NOTE]}},
    {"type": "text", "text": {"value": ".", "annotations": []}},
]
STREAM = sse(
    run("created", status="queued"),
    run("in_progress"),
    *STEPS,
    step("completed", CALLS),
    *POSTS,
    post("completed", CONTENT),
    run("completed", usage=USAGE),
    ("done", "[DONE]"),
)


def test_messages_steps_and_run_are_one_answer() -> None:
    message = rebuild(STREAM)
    (choice,) = message.choices
    assert (choice.role, choice.text, choice.finish_reason) == ("assistant", "It is two.", "completed")
    assert [(c.id, c.name, c.arguments) for c in choice.tool_calls] == [
        ("call_1", "look", '{"q":2}'),
        ("call_2", "code_interpreter", '{"input":"1+1","outputs":[]}'),
    ]
    assert [part.kind for part in choice.parts] == ["tool_call", "tool_call", "text", "citation", "text"]
    assert (message.model, message.usage, message.complete, message.notes) == ("small-1", USAGE, True, [])


def test_deltas_stand_in_for_what_was_not_completed() -> None:
    message = rebuild(sse(run("in_progress"), *STEPS, *POSTS))
    whole = rebuild(STREAM)
    assert message.choices[0].parts == whole.choices[0].parts
    assert not message.complete
    assert "in_progress" in message.notes[0]


def test_a_run_that_waits_for_tool_outputs() -> None:
    required = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [CALLS[0]]}}
    for steps in ([], STEPS):
        message = rebuild(sse(*steps, run("requires_action", required_action=required), ("done", "[DONE]")))
        assert [c.id for c in message.choices[0].tool_calls].count("call_1") == 1
        assert (message.choices[0].finish_reason, message.complete) == ("requires_action", True)


@pytest.mark.parametrize(
    "last",
    [
        run("failed", last_error={"code": "rate_limit", "message": "Slow down"}),
        ("error", {"error": {"code": "rate_limit", "message": "Slow down"}}),
        ("error", {"code": "rate_limit", "message": "Slow down"}),
    ],
)
def test_failed_runs(last: Any) -> None:
    message = rebuild(sse(run("in_progress"), last))
    assert (message.errors, message.complete) == (["rate_limit: Slow down"], False)


def test_incomplete_and_expired_runs() -> None:
    short = rebuild(sse(*POSTS, run("incomplete", incomplete_details={"reason": "max_completion_tokens"})))
    assert short.complete
    assert short.notes == ["the run is incomplete: max_completion_tokens"]
    assert not rebuild(sse(run("expired"))).complete


def test_whole_objects() -> None:
    finished = run("completed", usage=USAGE)[1]
    posted = post("completed", CONTENT)[1]
    listed = {"object": "list", "data": [posted, {**posted, "id": "msg_0", "role": "user", "content": CONTENT[1:]}]}
    for payload in (finished, posted, listed, step("completed", CALLS)[1]):
        assert whole_claimants(payload, url=URL) == ["openai-assistants"]
    assert openai_assistants.message(finished).usage == USAGE
    message = openai_assistants.message(posted)
    assert (message.choices[0].text, message.complete) == ("It is two.", True)
    assert openai_assistants.message(listed).choices[0].text == ".It is two."
    assert content(openai_assistants.message(run("queued")[1]))["complete"] is False
    assert whole_claimants({"object": "list", "data": [{"object": "model"}]}) == []


def test_claims() -> None:
    assert claimants(run("created")[1]) == ["openai-assistants"]
    assert claimants({"error": {"message": "no"}}, url=URL) == ["openai-assistants"]


def test_empty_deltas_of_a_completed_message() -> None:
    stream = sse(*POSTS, post("completed", CONTENT), run("completed"))
    assert empties(stream) == [2]
    assert empties(sse(*POSTS, run("completed"))) == []


def test_requests() -> None:
    post_run = openai_assistants.conversation({
        "assistant_id": "asst_1", "instructions": "Be brief.", "additional_instructions": "Be kind.",
        "additional_messages": [{"role": "user", "content": "Hello"}], "tools": [{"type": "code_interpreter"}],
    })  # fmt: skip
    assert [(t.role, t.parts[0].text) for t in post_run.turns] == [
        ("system", "Be brief."), ("system", "Be kind."), ("user", "Hello"),
    ]  # fmt: skip
    assert ([t.name for t in post_run.tools], post_run.parameters) == (["code_interpreter"], {"assistant_id": "asst_1"})
    image = {"type": "image_file", "image_file": {"file_id": "file_1"}}
    thread = {"thread": {"messages": [{"role": "user", "content": [{"type": "text", "text": "See"}, image]}]}}
    assert [p.kind for p in openai_assistants.conversation(thread).turns[0].parts] == ["text", "image"]
    assert openai_assistants.conversation({"role": "user", "content": "Hi"}).turns[0].parts[0].text == "Hi"
    outputs = openai_assistants.conversation({"tool_outputs": [{"tool_call_id": "call_1", "output": "42"}]})
    assert (outputs.turns[0].role, outputs.turns[0].parts[0].id) == ("tool", "call_1")
