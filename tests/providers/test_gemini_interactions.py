from cassette_cli.providers.base import Exchange
from cassette_cli.providers.google.interactions import protocol as gemini_interactions
from cassette_cli.streams import framing
from providers.support import claimants, content, empties, exchange_of, rebuild, sse, whole_claimants
from providers.support_binary import reads_anything, survives

URL = "https://generativelanguage.googleapis.com/v1beta/interactions"
USAGE = {"total_input_tokens": 5, "total_output_tokens": 9, "total_thought_tokens": 4, "total_tokens": 18}


def event(kind, **fields):
    return kind, {"event_type": kind, **fields}


def delta(index, **fields):
    return event("step.delta", index=index, delta=fields)


EVENTS = [
    event("interaction.created", interaction={"id": "v1_x", "status": "in_progress", "model": "gemini-9-test"}),
    event("interaction.status_update", interaction_id="v1_x", status="in_progress"),
    event("step.start", index=0, step={"type": "thought"}),
    delta(0, type="thought_summary", content={"type": "text", "text": "I think "}),
    delta(0, type="thought_summary", content={"type": "text", "text": "so."}),
    delta(0, type="thought_signature", signature="c2ln"),
    event("step.stop", index=0),
    event("step.start", index=1, step={"type": "model_output"}),
    delta(1, type="text", text="The lake "),
    delta(1, type="text", text="is deep."),
    delta(
        1,
        type="text_annotation_delta",
        annotations=[{"type": "url_citation", "url": "https://a.example", "title": "A"}],
    ),
    event("step.stop", index=1),
    event("step.start", index=2, step={"type": "function_call", "id": "call_1", "name": "depth", "arguments": {}}),
    delta(2, type="arguments_delta", arguments='{"lake": '),
    delta(2, type="arguments_delta", arguments='"Ü"}'),
    event("step.stop", index=2),
    event("interaction.completed", interaction={"id": "v1_x", "status": "requires_action", "usage": USAGE}),
    ("done", "[DONE]"),
]
WHOLE = {
    "id": "v1_x",
    "object": "interaction",
    "model": "gemini-9-test",
    "status": "requires_action",
    "steps": [
        {"type": "user_input", "content": [{"type": "text", "text": "How deep?"}]},
        {"type": "thought", "signature": "c2ln", "summary": [{"type": "text", "text": "I think so."}]},
        {
            "type": "model_output",
            "content": [
                {
                    "type": "text",
                    "text": "The lake is deep.",
                    "annotations": [{"type": "url_citation", "url": "https://a.example", "title": "A"}],
                }
            ],
        },
        {"type": "function_call", "id": "call_1", "name": "depth", "arguments": {"lake": "Ü"}},
    ],
    "usage": USAGE,
}


def test_a_stream_is_rebuilt_step_by_step():
    message = rebuild(sse(*EVENTS), url=URL)
    choice = message.choices[0]
    assert (choice.text, choice.reasoning, choice.finish_reason) == (
        "The lake is deep.",
        "I think so.",
        "requires_action",
    )
    assert [call.as_json() for call in choice.tool_calls] == [
        {"id": "call_1", "name": "depth", "arguments": '{"lake": "Ü"}'}
    ]
    assert [part.kind for part in choice.parts] == ["reasoning", "text", "citation", "tool_call"]
    assert (message.model, message.usage, message.complete, message.errors) == ("gemini-9-test", USAGE, True, [])
    assert message.notes == []


def test_the_whole_answer_is_the_same_but_for_the_blanks_of_its_arguments():
    streamed, whole = content(rebuild(sse(*EVENTS), url=URL)), content(gemini_interactions.message(WHOLE))
    for answer in (streamed, whole):
        call = answer["choices"][0]["tool_calls"][0]
        call["arguments"] = answer["choices"][0]["parts"][-1]["arguments"] = call["arguments"].replace(" ", "")
    assert streamed == whole


def test_the_older_events_are_read_too():
    message = rebuild(
        sse(
            event("interaction.start", interaction={"id": "x", "status": "in_progress", "model": "gemini-9-test"}),
            event("content.start", index=0, content={"type": "thought"}),
            event(
                "content.delta", index=0, delta={"type": "thought_summary", "content": {"type": "text", "text": "hm"}}
            ),
            event("content.stop", index=0),
            event("content.start", index=1, content={"type": "text"}),
            event("content.delta", index=1, delta={"type": "text", "text": "Deep."}),
            event("content.stop", index=1),
            event(
                "content.delta", index=2, delta={"type": "function_call", "id": "1", "name": "f", "arguments": {"a": 1}}
            ),
            event("interaction.complete", interaction={"id": "x", "status": "completed", "usage": USAGE}),
        ),
        url=URL,
    )
    choice = message.choices[0]
    assert (choice.text, choice.reasoning, choice.finish_reason) == ("Deep.", "hm", "completed")
    assert choice.tool_calls[0].as_json() == {"id": "1", "name": "f", "arguments": '{"a":1}'}
    assert message.complete
    outputs = {
        "object": "interaction",
        "status": "completed",
        "model": "gemini-9-test",
        "outputs": [
            {"type": "thought", "summary": [{"type": "text", "text": "hm"}], "signature": "x"},
            {"type": "text", "text": "Deep."},
            {"type": "function_call", "id": "1", "name": "f", "arguments": {"a": 1}},
        ],
        "usage": USAGE,
    }
    assert content(gemini_interactions.message(outputs)) == content(message)


def test_tools_of_the_provider_show_calls_and_results():
    message = rebuild(
        sse(
            EVENTS[0],
            event("step.start", index=0, step={"type": "code_execution_call", "id": "c", "arguments": {"code": "1+1"}}),
            event("step.start", index=1, step={"type": "code_execution_result", "call_id": "c", "result": "2"}),
            event(
                "step.start", index=2, step={"type": "mcp_server_tool_call", "id": "d", "name": "look", "arguments": {}}
            ),
            event("step.start", index=3, step={"type": "model_output"}),
            delta(3, type="image", mime_type="image/png", data="AAAA"),
            delta(3, type="unheard_of", x=1),
            EVENTS[-2],
        ),
        url=URL,
    )
    assert [part.as_json() for part in message.choices[0].parts] == [
        {"type": "tool_call", "id": "c", "name": "code_execution", "arguments": '{"code":"1+1"}'},
        {"type": "tool_result", "text": "2", "id": "c", "name": "code_execution"},
        {"type": "tool_call", "id": "d", "name": "look", "arguments": "{}"},
        {"type": "image", "media_type": "image/png", "size": 3},
        {"type": "data", "name": "unheard_of", "data": {"type": "unheard_of", "x": 1}},
    ]


def test_a_cut_stream_and_an_error_say_so():
    cut = rebuild(sse(*EVENTS[:9]), url=URL)
    assert (cut.complete, cut.choices[0].text, cut.choices[0].finish_reason) == (False, "The lake ", None)
    assert cut.notes == ["the stream was cut: no interaction.completed was sent"]
    failed = rebuild(sse(*EVENTS[:9], event("error", error={"code": "internal", "message": "it broke"})), url=URL)
    assert failed.errors == ["internal: it broke"]
    assert not failed.complete
    ended = rebuild(sse(EVENTS[0], event("interaction.completed", interaction={"status": "failed"})), url=URL)
    assert ended.errors == ["the interaction failed"]
    assert gemini_interactions.message({"error": {"code": 400, "message": "bad"}}).errors == ["400: bad"]


def test_the_final_object_counts_where_no_delta_came():
    message = rebuild(sse(event("interaction.completed", interaction=WHOLE)), url=URL)
    assert message.choices[0].text == "The lake is deep."


def test_only_one_protocol_claims():
    assert claimants(EVENTS[0][1], url="https://proxy.example/x") == ["gemini-interactions"]
    assert claimants({"event_type": "error", "error": {}}, url=URL) == ["gemini-interactions"]
    assert claimants({"event_type": "text-generation", "text": "x"}) == ["cohere-v1"]
    assert whole_claimants(WHOLE) == ["gemini-interactions"]
    assert whole_claimants({"error": {"message": "bad"}}, url=URL) == ["gemini-interactions"]


def test_empty_deltas_can_go():
    stream = sse(
        *EVENTS[:9], delta(1, type="text", text=""), delta(2, type="arguments_delta", arguments=""), *EVENTS[9:]
    )
    assert empties(stream, url=URL) == [9]
    resumable = event("step.delta", index=1, delta={"type": "text", "text": ""}, event_id="e1")
    assert empties(sse(*EVENTS[:9], resumable, *EVENTS[9:]), url=URL) == []


REQUEST = {
    "model": "gemini-9-test",
    "system_instruction": "Be brief.",
    "input": [{"type": "text", "text": "Look"}, {"type": "image", "data": "AAAA", "mime_type": "image/png"}],
    "tools": [{"type": "function", "name": "depth", "parameters": {"type": "object"}}, {"type": "google_search"}],
    "stream": True,
}


def test_a_request_is_a_conversation():
    conversation = gemini_interactions.conversation(REQUEST)
    assert [(turn.role, [part.kind for part in turn.parts]) for turn in conversation.turns] == [
        ("system", ["text"]),
        ("user", ["text", "image"]),
    ]
    assert [tool.name for tool in conversation.tools] == ["depth", "google_search"]
    assert conversation.parameters == {"model": "gemini-9-test", "stream": True}


def test_every_form_of_input_is_read():
    def turns(given):
        conversation = gemini_interactions.conversation({"input": given})
        return [(turn.role, [(part.kind, part.text) for part in turn.parts]) for turn in conversation.turns]

    assert turns("hi") == [("user", [("text", "hi")])]
    assert turns({"type": "text", "text": "hi"}) == [("user", [("text", "hi")])]
    assert turns(
        [{"role": "user", "content": "hi"}, {"role": "model", "content": [{"type": "text", "text": "ho"}]}]
    ) == [
        ("user", [("text", "hi")]),
        ("assistant", [("text", "ho")]),
    ]
    assert turns(
        [{"type": "function_result", "call_id": "1", "name": "f", "result": [{"type": "text", "text": "9"}]}]
    ) == [("tool", [("tool_result", "9")])]
    steps = [{"type": "user_input", "content": [{"type": "text", "text": "hi"}]}, {"type": "thought", "summary": "hm"}]
    assert turns(steps) == [("user", [("text", "hi")]), ("assistant", [("reasoning", "hm")])]


def test_bent_streams_and_answers_never_raise():
    survives(gemini_interactions, exchange_of(URL), list(framing.split(sse(*EVENTS[:-1])).frames))
    reads_anything(gemini_interactions, Exchange(), WHOLE, REQUEST)
