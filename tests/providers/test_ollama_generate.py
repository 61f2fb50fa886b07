import json

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.ollama.generate import protocol as ollama_generate
from cassette_cli.streams import framing
from providers.support import claimants, content, empties, exchange_of, rebuild, whole_claimants
from providers.support_binary import reads_anything, survives

URL = "http://localhost:11434/api/generate"


def line(response="", done=False, **more):
    return {"model": "lake:8b", "created_at": "2026-01-01T00:00:00Z", "response": response, "done": done, **more}


END = line(done=True, done_reason="length", context=[1, 2], prompt_eval_count=5, eval_count=9)
LINES = [line(thinking="hm"), line("The lake "), line("is deep."), END]
WHOLE = {**END, "response": "The lake is deep.", "thinking": "hm"}


def ndjson(lines):
    return "".join(json.dumps(item) + "\n" for item in lines)


def test_a_stream_is_rebuilt_and_the_whole_answer_is_the_same():
    message = rebuild(ndjson(LINES), url=URL)
    choice = message.choices[0]
    assert (choice.text, choice.reasoning, choice.finish_reason) == ("The lake is deep.", "hm", "length")
    assert (message.model, message.usage, message.complete) == (
        "lake:8b",
        {"prompt_eval_count": 5, "eval_count": 9},
        True,
    )
    assert content(ollama_generate.message(WHOLE)) == content(message)


def test_a_cut_stream_and_an_error_say_so():
    assert not rebuild(ndjson(LINES[:2]), url=URL).complete
    assert rebuild(ndjson([LINES[1], {"error": "it broke"}]), url=URL).errors == ["it broke"]


def test_only_one_protocol_claims():
    assert claimants(LINES[0], url="http://proxy.example/") == ["ollama-generate"]
    assert whole_claimants(WHOLE) == ["ollama-generate"]
    assert whole_claimants({"error": "not found"}, url=URL) == ["ollama-generate"]
    assert whole_claimants({"response": "x"}) == []


def test_lines_without_anything_can_go():
    lines = [LINES[1], line(), line(thinking=""), line(image="AAAA"), END]
    assert empties(ndjson(lines), url=URL) == [1]  # a client sees by the other that there was thinking
    assert empties(ndjson([line(thinking="hm"), *lines]), url=URL) == [2, 3]


def test_a_request_is_a_conversation():
    request = {"model": "lake:8b", "system": "Be brief.", "prompt": "How deep?", "images": ["AAAA"], "context": [1]}
    conversation = ollama_generate.conversation(request)
    assert [(turn.role, [part.kind for part in turn.parts]) for turn in conversation.turns] == [
        ("system", ["text"]),
        ("user", ["text", "image"]),
    ]
    assert conversation.parameters == {"model": "lake:8b", "context": [1]}


def test_bent_streams_and_answers_never_raise():
    survives(ollama_generate, exchange_of(URL), list(framing.split(ndjson(LINES)).frames))
    reads_anything(ollama_generate, Exchange(), WHOLE, {"prompt": "x", "system": "y", "images": ["AAAA"]})
