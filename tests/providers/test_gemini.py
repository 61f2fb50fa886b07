import json
from base64 import b64encode

import pytest

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.google.gemini import protocol as gemini
from cassette_cli.streams import framing
from providers.support import claimants, content, empties, exchange_of, protocol_of, rebuild, sse, whole_claimants
from providers.support_binary import reads_anything, survives

URL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-9-test:streamGenerateContent?alt=sse"
VERTEX = (
    "https://europe-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/"
    "gemini-9-test:streamGenerateContent"
)
USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 7, "totalTokenCount": 12}


def chunk(*parts, finish=None, index=None, **extra):
    candidate = {"content": {"parts": list(parts), "role": "model"}}
    if finish is not None:
        candidate["finishReason"] = finish
    if index is not None:
        candidate["index"] = index
    candidate.update(extra.pop("candidate", {}))
    return {"candidates": [candidate], "modelVersion": "gemini-9-test-001", **extra}


CHUNKS = [
    chunk({"text": "Let me ", "thought": True}),
    chunk({"text": "think.", "thought": True, "thoughtSignature": "c2ln"}),
    chunk({"text": "The lake "}, {"text": "is deep."}),
    chunk({"functionCall": {"name": "depth", "args": {"lake": "Ü"}, "id": "call_1"}}),
    chunk({"text": ""}, finish="STOP", usageMetadata=USAGE),
]
WHOLE = chunk(
    {"text": "Let me think.", "thought": True, "thoughtSignature": "c2ln"},
    {"text": "The lake is deep."},
    {"functionCall": {"name": "depth", "args": {"lake": "Ü"}, "id": "call_1"}},
    finish="STOP",
    usageMetadata=USAGE,
)


def test_a_stream_is_rebuilt_part_by_part():
    message = rebuild(sse(*CHUNKS), url=URL)
    assert content(message) == {
        "model": "gemini-9-test-001",
        "choices": [
            {
                "index": 0,
                "role": "model",
                "text": "The lake is deep.",
                "reasoning": "Let me think.",
                "refusal": None,
                "tool_calls": [{"id": "call_1", "name": "depth", "arguments": '{"lake":"Ü"}'}],
                "finish_reason": "STOP",
                "parts": [
                    {"type": "reasoning", "text": "Let me think."},
                    {"type": "text", "text": "The lake is deep."},
                    {"type": "tool_call", "id": "call_1", "name": "depth", "arguments": '{"lake":"Ü"}'},
                ],
            }
        ],
        "usage": USAGE,
        "complete": True,
        "errors": [],
    }
    assert message.notes == []


def test_every_way_to_send_it_gives_the_same_message():
    expected = content(rebuild(sse(*CHUNKS), url=URL))
    array = "[" + "\n,\r\n".join(json.dumps(item, indent=2) for item in CHUNKS) + "\n]"
    assert content(rebuild(array, url=URL, content_type="application/json")) == expected
    assert content(rebuild(sse(*CHUNKS).replace("\n", "\r\n"), url=URL)) == expected
    assert content(rebuild(sse(*({"response": item} for item in CHUNKS)), url=URL)) == expected
    assert content(gemini.message(WHOLE)) == expected


def test_the_path_names_the_model_where_the_stream_does_not():
    bare = {"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}]}
    assert rebuild(sse(bare), url=URL).model == "gemini-9-test"
    assert rebuild(sse(bare), url=VERTEX).model == "gemini-9-test"
    assert rebuild(sse(bare), url="https://x/v1/tunedModels/mine:streamGenerateContent").model == "mine"
    assert rebuild(sse(bare), url="https://proxy.example/").model is None


@pytest.mark.parametrize(
    ("url", "number", "name"),
    [
        (URL, 1, "STOP"),
        (URL, 5, "OTHER"),
        (URL, 7, "BLOCKLIST"),
        (URL, 10, "MALFORMED_FUNCTION_CALL"),
        (VERTEX, 1, "STOP"),
        (VERTEX, 7, "PROHIBITED_CONTENT"),
        (VERTEX, 9, "MALFORMED_FUNCTION_CALL"),
        (URL, 99, "99"),
        (URL, "NEW_REASON", "NEW_REASON"),
    ],
)
def test_a_finish_reason_sent_as_a_number_gets_its_name(url, number, name):
    assert rebuild(sse(chunk({"text": "x"}, finish=number)), url=url).choices[0].finish_reason == name


def test_candidates_interleave_by_index():
    message = rebuild(
        sse(
            chunk({"text": "a"}, index=1),
            chunk({"text": "b"}),
            chunk({"text": "c"}, index=1, finish="STOP"),
            chunk({"text": "d"}, finish="MAX_TOKENS"),
        ),
        url=URL,
    )
    assert [(c.index, c.text, c.finish_reason) for c in message.choices] == [(0, "bd", "MAX_TOKENS"), (1, "ac", "STOP")]
    assert message.complete


def test_a_stream_that_breaks_off_says_so():
    message = rebuild(sse(*CHUNKS[:3]), url=URL)
    assert not message.complete
    assert message.notes == ["the stream was cut: no finishReason was sent"]
    message = rebuild(sse(chunk({"text": "a"}, finish="STOP"), chunk({"text": "b"}, index=1)), url=URL)
    assert not message.complete


def test_a_blocked_prompt_is_an_error_and_whole():
    feedback = {"blockReason": "SAFETY", "blockReasonMessage": "no", "safetyRatings": []}
    message = rebuild(sse({"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 4}}), url=URL)
    assert message.errors == ["the prompt was blocked: SAFETY: no"]
    assert message.complete
    assert message.choices == []
    assert gemini.message({"promptFeedback": {"blockReason": 4}}).errors == [
        "the prompt was blocked: PROHIBITED_CONTENT"
    ]


def test_an_answer_stopped_by_safety_keeps_what_came_and_its_message():
    message = rebuild(
        sse(
            chunk({"text": "Well"}),
            {"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "call:broken("}]},
        ),
        url=URL,
    )
    assert message.choices[0].text == "Well"
    assert message.choices[0].finish_reason == "MALFORMED_FUNCTION_CALL"
    assert message.notes == ["the provider says: call:broken("]
    assert message.complete


def test_an_error_in_place_of_a_chunk():
    error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    message = rebuild(sse(CHUNKS[2], error), url=URL)
    assert len(message.errors) == 1
    assert "The model is overloaded." in message.errors[0]
    assert message.choices[0].text == "The lake is deep."
    assert not message.complete
    alone = rebuild(json.dumps([error]), url=URL, content_type="application/json")
    assert alone.errors == message.errors
    assert protocol_of(sse(error), url=URL) is gemini
    assert gemini.message(error).errors == message.errors
    assert not gemini.message(error).complete


def test_code_files_and_media_keep_their_place():
    data = b64encode(b"x" * 10).decode()
    message = rebuild(
        sse(
            chunk({"executableCode": {"language": "PYTHON", "code": "print(1)"}}),
            chunk({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}}),
            chunk({"inlineData": {"mimeType": "image/png", "data": data}}),
            chunk({"inlineData": {"mimeType": "audio/L16", "data": data}}),
            chunk({"inlineData": {"mimeType": "audio/L16", "data": data}}),
            chunk({"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/f"}}),
            chunk({"newKind": {"a": 1}}, finish="STOP"),
        ),
        url=URL,
    )
    assert [part.as_json() for part in message.choices[0].parts] == [
        {"type": "data", "name": "executableCode", "data": {"language": "PYTHON", "code": "print(1)"}},
        {"type": "tool_result", "text": "1\n", "name": "OUTCOME_OK"},
        {"type": "image", "media_type": "image/png", "size": 10},
        {"type": "audio", "media_type": "audio/L16", "size": 20},
        {"type": "file", "media_type": "application/pdf", "url": "gs://b/f"},
        {"type": "data", "name": "newKind", "data": {"a": 1}},
    ]


def test_sources_are_cited_once():
    web = {
        "groundingChunks": [{"web": {"uri": "https://a.example", "title": "a"}}, {"web": {"uri": "https://b.example"}}]
    }
    cited = {"citations": [{"uri": "https://a.example", "title": "a"}, {"startIndex": 1}]}
    message = rebuild(
        sse(
            chunk({"text": "x"}, candidate={"groundingMetadata": web}),
            chunk({"text": "y"}, finish="STOP", candidate={"groundingMetadata": web, "citationMetadata": cited}),
        ),
        url=URL,
    )
    assert [(p.kind, p.text, p.url) for p in message.choices[0].parts] == [
        ("text", "xy", None),
        ("citation", "a", "https://a.example"),
        ("citation", "", "https://b.example"),
    ]


def test_arguments_streamed_by_json_path_are_put_together():
    def call(**fields):
        return chunk({"functionCall": fields})

    message = rebuild(
        sse(
            call(name="book", willContinue=True),
            call(partialArgs=[{"jsonPath": "$.to.city", "stringValue": "Bo"}], willContinue=True),
            call(partialArgs=[{"jsonPath": "$.to.city", "stringValue": "nn"}], willContinue=True),
            call(
                partialArgs=[{"jsonPath": "$.seats[0]", "numberValue": 4}, {"jsonPath": "$.seats[1]", "numberValue": 5}]
            ),
            call(partialArgs=[{"jsonPath": "$.flex", "boolValue": True}, {"jsonPath": "$.note", "nullValue": None}]),
            call(),
            chunk({"functionCall": {"name": "pay", "args": {}}}, finish="STOP"),
        ),
        url=VERTEX,
    )
    calls = [(c.name, json.loads(c.arguments)) for c in message.choices[0].tool_calls]
    assert calls == [("book", {"to": {"city": "Bonn"}, "seats": [4, 5], "flex": True, "note": None}), ("pay", {})]


def test_a_call_without_arguments_has_an_empty_object():
    assert gemini.message(chunk({"functionCall": {"name": "now"}})).choices[0].tool_calls[0].arguments == "{}"


def test_a_string_of_an_old_model_is_text():
    assert gemini.message({"candidates": [{"output": "old"}]}).choices[0].text == "old"
    assert gemini.message({"candidates": [{"author": "1", "content": "chat"}]}).choices[0].text == "chat"


def test_only_one_protocol_claims():
    assert claimants(CHUNKS[0], url=URL) == ["gemini"]
    assert claimants({"usageMetadata": {}}, url="https://proxy.example/") == ["gemini"]
    assert whole_claimants(WHOLE) == ["gemini"]
    assert whole_claimants({"error": {"code": 400}}, url=URL.replace("stream", "").replace("Gen", "gen")) == ["gemini"]
    assert whole_claimants({"candidates": [{"formatted_address": "a street"}], "status": "OK"}) == []
    assert whole_claimants({"totalTokens": 3}, url=URL) == []


def test_empty_chunks_in_the_middle_can_go():
    stream = sse(
        chunk({"text": "a"}, usageMetadata={"promptTokenCount": 1}),
        chunk({"text": ""}, usageMetadata={"promptTokenCount": 1}),
        chunk({"text": "", "thought": True}),  # No thought was seen: this chunk is the sign of one.
        chunk({"text": "", "thoughtSignature": "c2ln"}),
        chunk({"text": ""}, finish="STOP"),
        chunk({"text": ""}, usageMetadata={"serviceTier": "x"}),
        chunk({"text": ""}, index=1),
        chunk({"text": ""}, candidate={"groundingMetadata": {"webSearchQueries": ["x"]}}),
        chunk({"text": ""}, newField=1),
        chunk({"text": "", "videoMetadata": {}}),
        chunk(),
        chunk({"text": "", "thought": True}),
        chunk({"text": ""}, finish="STOP", usageMetadata=USAGE),
    )
    assert empties(stream, url=URL) == [1, 11]
    assert empties(sse(chunk({"text": ""}), chunk({"text": ""}, finish="STOP")), url=URL) == []


def test_bent_streams_and_answers_never_raise():
    frames = list(framing.split(sse(*CHUNKS, {"promptFeedback": {"blockReason": "SAFETY"}})).frames)
    sliced = {"functionCall": {"partialArgs": [{"jsonPath": "$.a[0].b", "stringValue": "x"}], "willContinue": True}}
    frames += framing.split(sse(chunk(sliced), chunk(sliced))).frames
    survives(gemini, exchange_of(URL), frames)
    reads_anything(gemini, Exchange(), WHOLE, REQUEST)


REQUEST = {
    "systemInstruction": {"parts": [{"text": "Be brief."}], "role": "user"},
    "contents": [
        {"role": "user", "parts": [{"text": "How deep?"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]},
        {"role": "model", "parts": [{"text": "hm", "thought": True}, {"functionCall": {"name": "depth", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "depth", "id": "1", "response": {"m": 9}}}]},
    ],
    "tools": [
        {"functionDeclarations": [{"name": "depth", "description": "of a lake", "parameters": {"type": "OBJECT"}}]},
        {"googleSearch": {}},
    ],
    "generationConfig": {"temperature": 0},
}


def test_a_request_is_a_conversation():
    conversation = gemini.conversation(REQUEST)
    assert [(turn.role, [part.as_json() for part in turn.parts]) for turn in conversation.turns] == [
        ("system", [{"type": "text", "text": "Be brief."}]),
        ("user", [{"type": "text", "text": "How deep?"}, {"type": "image", "media_type": "image/png", "size": 3}]),
        (
            "assistant",
            [
                {"type": "reasoning", "text": "hm"},
                {"type": "tool_call", "id": None, "name": "depth", "arguments": "{}"},
            ],
        ),
        ("tool", [{"type": "tool_result", "text": '{"m":9}', "id": "1", "name": "depth"}]),
    ]
    assert [(tool.name, tool.description, tool.parameters) for tool in conversation.tools] == [
        ("depth", "of a lake", {"type": "OBJECT"}),
        ("googleSearch", None, None),
    ]
    assert conversation.parameters == {"generationConfig": {"temperature": 0}}


def test_a_request_in_snake_case_is_the_same():
    snake = {
        "system_instruction": REQUEST["systemInstruction"],
        "contents": json.loads(
            json.dumps(REQUEST["contents"])
            .replace("inlineData", "inline_data")
            .replace("mimeType", "mime_type")
            .replace("functionCall", "function_call")
            .replace("functionResponse", "function_response")
        ),
        "tools": [
            {
                "function_declarations": [
                    {"name": "depth", "description": "of a lake", "parameters": {"type": "OBJECT"}}
                ]
            },
            {"google_search": {}},
        ],
        "generationConfig": {"temperature": 0},
    }
    assert gemini.conversation(snake) == gemini.conversation(REQUEST)


def test_loose_forms_of_contents():
    assert gemini.conversation({"contents": "hi"}).turns[0].parts[0].text == "hi"
    assert gemini.conversation({"contents": {"parts": {"text": "hi"}}}).turns[0].parts[0].text == "hi"
    assert gemini.conversation({"contents": [{"parts": "hi"}]}).turns[0].role == "user"
    wrapped = gemini.conversation({"model": "m", "request": {"contents": ["hi"]}})
    assert (wrapped.turns[0].parts[0].text, wrapped.parameters) == ("hi", {"model": "m"})
