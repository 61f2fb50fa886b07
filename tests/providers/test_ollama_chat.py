import json

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.ollama.chat import protocol as ollama_chat
from cassette_cli.streams import framing
from providers.support import claimants, content, empties, exchange_of, rebuild, whole_claimants
from providers.support_binary import reads_anything, survives

URL = "http://localhost:11434/api/chat"


def line(done=False, **message):
    return {
        "model": "lake:8b",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": "", **message},
        "done": done,
    }


CALL = {"id": "call_1", "function": {"index": 0, "name": "depth", "arguments": {"lake": "Ü"}}}
END = {**line(done=True), "done_reason": "stop", "prompt_eval_count": 5, "eval_count": 9, "total_duration": 77}
LINES = [
    line(thinking="I "),
    line(thinking="think."),
    line(content="The lake "),
    line(content="is deep."),
    line(tool_calls=[CALL]),
    END,
]
WHOLE = {
    **END,
    "message": {"role": "assistant", "content": "The lake is deep.", "thinking": "I think.", "tool_calls": [CALL]},
}


def ndjson(lines):
    return "".join(json.dumps(item) + "\n" for item in lines)


def test_a_stream_is_rebuilt_and_the_whole_answer_is_the_same():
    message = rebuild(ndjson(LINES), url=URL, content_type="application/x-ndjson")
    assert content(message) == {
        "model": "lake:8b",
        "choices": [
            {
                "index": 0,
                "role": "assistant",
                "text": "The lake is deep.",
                "reasoning": "I think.",
                "refusal": None,
                "tool_calls": [{"id": "call_1", "name": "depth", "arguments": '{"lake":"Ü"}'}],
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_eval_count": 5, "eval_count": 9},
        "complete": True,
        "errors": [],
    }
    assert content(ollama_chat.message(WHOLE)) == content(message)
    assert content(rebuild(ndjson([WHOLE]), url=URL, content_type="application/x-ndjson")) == content(message)


def test_old_servers_leave_out_counts_and_reasons():
    message = rebuild(ndjson([line(content="a"), line(done=True)]), url=URL)
    assert (message.complete, message.usage, message.choices[0].finish_reason) == (True, None, None)
    partly = rebuild(ndjson([line(content="a"), {**line(done=True), "eval_count": 2}]), url=URL)
    assert partly.usage == {"eval_count": 2}


def test_a_cut_stream_and_an_error_say_so():
    cut = rebuild(ndjson(LINES[:3]), url=URL)
    assert (cut.complete, cut.choices[0].text) == (False, "The lake ")
    assert cut.notes == ['the stream was cut: no "done": true was sent']
    inside = rebuild(ndjson(LINES[:3])[:-9], url=URL)
    assert "the stream ends inside a frame" in inside.notes
    failed = rebuild(ndjson([*LINES[:3], {"error": "an error was encountered while running the model"}]), url=URL)
    assert failed.errors == ["an error was encountered while running the model"]
    assert not failed.complete
    absent = {"error": "model 'lake' not found"}
    assert ollama_chat.message(absent).errors == ["model 'lake' not found"]
    assert not ollama_chat.message(absent).complete


def test_only_one_protocol_claims():
    assert claimants(LINES[0], url="http://proxy.example/") == ["ollama-chat"]
    assert whole_claimants(WHOLE) == ["ollama-chat"]
    assert whole_claimants({"error": "not found"}, url=URL) == ["ollama-chat"]
    assert whole_claimants({"message": {"content": "x"}}) == []


def test_lines_without_anything_can_go():
    lines = [line(), line(), *LINES, line(), line(more="x"), {**line(), "logprobs": []}, END]
    assert empties(ndjson(lines), url=URL) == [1, 8]


REQUEST = {
    "model": "lake:8b",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How deep?", "images": ["AAAA", 5]},
        {
            "role": "assistant",
            "content": "",
            "thinking": "hm",
            "tool_calls": [{"function": {"name": "f", "arguments": {}}}],
        },
        {"role": "tool", "content": "9", "tool_name": "f"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "options": {"seed": 1},
}


def test_a_request_is_a_conversation():
    conversation = ollama_chat.conversation(REQUEST)
    assert [(turn.role, [part.kind for part in turn.parts]) for turn in conversation.turns] == [
        ("system", ["text"]),
        ("user", ["text", "image"]),
        ("assistant", ["reasoning", "tool_call"]),
        ("tool", ["tool_result"]),
    ]
    assert conversation.turns[3].parts[0].name == "f"
    assert conversation.turns[2].parts[1].tool_call.arguments == "{}"
    assert [tool.name for tool in conversation.tools] == ["f"]
    assert conversation.parameters == {"model": "lake:8b", "options": {"seed": 1}}


def test_bent_streams_and_answers_never_raise():
    survives(ollama_chat, exchange_of(URL), list(framing.split(ndjson(LINES)).frames))
    reads_anything(ollama_chat, Exchange(), WHOLE, REQUEST)
