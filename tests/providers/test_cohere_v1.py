import json

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.cohere.v1 import protocol as cohere_v1
from cassette_cli.streams import framing
from providers.support import claimants, content, empties, exchange_of, rebuild, sse, whole_claimants
from providers.support_binary import reads_anything, survives

URL = "https://api.cohere.com/v1/chat"
CITED = [{"start": 4, "end": 8, "text": "lake", "document_ids": ["doc_0"]}]
META = {
    "api_version": {"version": "1"},
    "billed_units": {"input_tokens": 2, "output_tokens": 9},
    "tokens": {"input_tokens": 5, "output_tokens": 9},
}
WHOLE = {
    "response_id": "r",
    "generation_id": "g",
    "text": "The lake is deep.",
    "chat_history": [],
    "citations": CITED,
    "tool_calls": [{"name": "f", "parameters": {"a": 1}}],
    "finish_reason": "COMPLETE",
    "meta": META,
}


def event(kind, **fields):
    return {"is_finished": kind == "stream-end", "event_type": kind, **fields}


LINES = [
    event("stream-start", generation_id="g"),
    event("search-queries-generation", search_queries=[]),
    event("text-generation", text="The lake "),
    event("text-generation", text="is deep."),
    event("citation-generation", citations=CITED),
    event("tool-calls-generation", tool_calls=[{"name": "f", "parameters": {"a": 1}}]),
    event("stream-end", finish_reason="COMPLETE", response=WHOLE),
]


def ndjson(lines):
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_a_stream_is_rebuilt_and_the_whole_answer_is_the_same():
    message = rebuild(ndjson(LINES), url=URL, content_type="application/stream+json", request={"model": "command-test"})
    choice = message.choices[0]
    assert (choice.text, choice.finish_reason, message.complete) == ("The lake is deep.", "COMPLETE", True)
    assert [call.as_json() for call in choice.tool_calls] == [{"id": None, "name": "f", "arguments": '{"a":1}'}]
    assert [part.kind for part in choice.parts] == ["text", "citation", "tool_call"]
    assert cohere_v1.usage.counts(message.usage) == (5, 9)
    assert (message.model, message.notes) == ("command-test", [])
    expected = content(cohere_v1.message(WHOLE))
    assert content(rebuild(ndjson(LINES), url=URL)) == expected
    assert content(rebuild(sse(*LINES), url=URL)) == expected


def test_deltas_are_the_fallback_where_the_end_has_no_response():
    short = rebuild(ndjson([*LINES[:-1], event("stream-end", finish_reason="COMPLETE")]), url=URL)
    choice = short.choices[0]
    assert (choice.text, choice.finish_reason, len(choice.tool_calls)) == ("The lake is deep.", "COMPLETE", 1)
    cut = rebuild(ndjson(LINES[:3]), url=URL)
    assert (cut.complete, cut.choices[0].text) == (False, "The lake ")
    assert cut.notes == ["the stream was cut: no stream-end was sent"]


def test_the_plan_of_a_tool_call_is_a_part_of_its_own():
    lines = [
        LINES[0],
        event("tool-calls-chunk", text="I will "),
        event("tool-calls-chunk", tool_call_delta={"text": "look."}),
        event("tool-calls-chunk", tool_call_delta={"name": "f", "index": 0}),
        LINES[5],
        LINES[6],
    ]
    assert rebuild(ndjson(lines), url=URL).choices[0].parts[0].as_json() == {
        "type": "data",
        "text": "I will look.",
        "name": "tool_plan",
    }


def test_generate_streams_several_texts():
    lines = [
        {"text": "a", "is_finished": False, "index": 0},
        {"text": "b", "is_finished": False, "index": 1},
        {"text": "c", "is_finished": False, "index": 0},
        {"is_finished": True, "finish_reason": "MAX_TOKENS", "index": 1},
        {
            "is_finished": True,
            "finish_reason": "COMPLETE",
            "response": {
                "id": "x",
                "prompt": "p",
                "generations": [
                    {"text": "ac", "index": 0, "finish_reason": "COMPLETE"},
                    {"text": "b", "index": 1, "finish_reason": "MAX_TOKENS"},
                ],
            },
        },
    ]
    message = rebuild(ndjson(lines), url="https://api.cohere.com/v1/generate")
    assert [(c.index, c.text, c.finish_reason) for c in message.choices] == [
        (0, "ac", "COMPLETE"),
        (1, "b", "MAX_TOKENS"),
    ]
    assert content(cohere_v1.message(lines[-1]["response"])) == content(message)


def test_errors_are_shown():
    failed = rebuild(ndjson([LINES[2], event("stream-end", finish_reason="ERROR_TOXIC", response={})]), url=URL)
    assert failed.errors == ["the provider ended the stream with ERROR_TOXIC"]
    assert not failed.complete
    told = rebuild(ndjson([LINES[2], {"is_finished": True, "finish_reason": "ERROR", "err": "out of memory"}]), url=URL)
    assert told.errors == ["out of memory"]
    assert cohere_v1.message({"message": "invalid api token"}).errors == ["invalid api token"]


def test_only_one_protocol_claims():
    for line in LINES:
        assert claimants(line, url="https://proxy.example/") == ["cohere-v1"]
    assert whole_claimants(WHOLE) == ["cohere-v1"]
    assert whole_claimants({"id": "x", "generations": [{"text": "a"}]}) == ["cohere-v1"]
    assert whole_claimants({"message": "no"}, url=URL) == ["cohere-v1"]
    assert whole_claimants({"message": "no"}, url="https://api.cohere.com/v1/rerank") == []


def test_empty_pieces_can_go():
    blank = event("text-generation", text="")
    lines = [
        blank,
        *LINES,
        blank,
        event("text-generation", text="", more=1),
        event("tool-calls-chunk", text=""),
        LINES[6],
    ]
    assert empties(ndjson(lines), url=URL) == [8]


REQUEST = {
    "model": "command-test",
    "preamble": "Be brief.",
    "chat_history": [
        {"role": "USER", "message": "hi"},
        {"role": "CHATBOT", "message": "", "tool_calls": [{"name": "f", "parameters": {"a": 1}}]},
        {"role": "TOOL", "tool_results": [{"call": {"name": "f"}, "outputs": [{"m": 9}]}]},
    ],
    "message": "How deep?",
    "tool_results": [{"call": {"name": "f", "parameters": {}}, "outputs": [{"m": 9}]}],
    "tools": [{"name": "f", "description": "d", "parameter_definitions": {"a": {"type": "int"}}}],
    "temperature": 0,
}


def test_a_request_is_a_conversation():
    conversation = cohere_v1.conversation(REQUEST)
    assert [(turn.role, [part.kind for part in turn.parts]) for turn in conversation.turns] == [
        ("system", ["text"]),
        ("user", ["text"]),
        ("assistant", ["tool_call"]),
        ("tool", ["tool_result"]),
        ("user", ["text"]),
        ("tool", ["tool_result"]),
    ]
    assert conversation.turns[-1].parts[0].as_json() == {"type": "tool_result", "text": '[{"m":9}]', "name": "f"}
    assert [(tool.name, tool.parameters) for tool in conversation.tools] == [("f", {"a": {"type": "int"}})]
    assert conversation.parameters == {"model": "command-test", "temperature": 0}
    assert cohere_v1.conversation({"prompt": "p"}).turns[0].parts[0].text == "p"


def test_bent_streams_and_answers_never_raise():
    survives(cohere_v1, exchange_of(URL), list(framing.split(ndjson(LINES)).frames))
    reads_anything(cohere_v1, Exchange(), WHOLE, REQUEST)
