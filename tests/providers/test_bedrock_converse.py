import json
from base64 import b64encode

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.bedrock.converse import protocol as bedrock_converse
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing
from providers.support import content, empties, exchange_of, rebuild, whole_claimants
from providers.support_binary import aws, event_message, reads_anything, survives

URL = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/vendor.model-v1%3A0/converse-stream"
USAGE = {"inputTokens": 5, "outputTokens": 9, "totalTokens": 14}


def delta(index, **fields):
    return "contentBlockDelta", {"contentBlockIndex": index, "delta": fields, "p": "abcd"}


def stop(index):
    return "contentBlockStop", {"contentBlockIndex": index, "p": "ab"}


START = ("messageStart", {"role": "assistant", "p": "abc"})
END = [
    ("messageStop", {"stopReason": "tool_use", "p": "abc"}),
    ("metadata", {"usage": USAGE, "metrics": {"latencyMs": 7}, "p": "a"}),
]
EVENTS = [
    START,
    delta(0, reasoningContent={"text": "I "}),
    delta(0, reasoningContent={"text": "think."}),
    delta(0, reasoningContent={"signature": "c2ln"}),
    stop(0),
    delta(1, text="The lake "),
    delta(1, text="is deep."),
    delta(1, citation={"title": "facts", "location": {"documentChar": {"documentIndex": 0, "start": 0, "end": 3}}}),
    stop(1),
    ("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t1", "name": "depth"}}}),
    delta(2, toolUse={"input": '{"lake": '}),
    delta(2, toolUse={"input": '"Ü"}'}),
    stop(2),
    *END,
]
WHOLE = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "I think.", "signature": "c2ln"}}},
                {
                    "citationsContent": {
                        "content": [{"text": "The lake is deep."}],
                        "citations": [
                            {"title": "facts", "location": {"documentChar": {"documentIndex": 0, "start": 0, "end": 3}}}
                        ],
                    }
                },
                {"toolUse": {"toolUseId": "t1", "name": "depth", "input": {"lake": "Ü"}}},
            ],
        }
    },
    "stopReason": "tool_use",
    "usage": USAGE,
    "metrics": {"latencyMs": 7},
}


def test_a_stream_is_rebuilt_block_by_block():
    message = rebuild(aws(*EVENTS), url=URL)
    choice = message.choices[0]
    assert (choice.role, choice.text, choice.reasoning, choice.finish_reason) == (
        "assistant",
        "The lake is deep.",
        "I think.",
        "tool_use",
    )
    assert [call.as_json() for call in choice.tool_calls] == [
        {"id": "t1", "name": "depth", "arguments": '{"lake": "Ü"}'}
    ]
    assert [part.kind for part in choice.parts] == ["reasoning", "text", "citation", "tool_call"]
    assert (message.model, message.usage, message.complete) == ("vendor.model-v1:0", USAGE, True)
    assert (message.errors, message.notes) == ([], [])


def test_the_whole_answer_is_the_same_message():
    streamed, whole = content(rebuild(aws(*EVENTS))), content(bedrock_converse.message(WHOLE))
    for answer in (streamed, whole):
        for call in (answer["choices"][0]["tool_calls"][0], answer["choices"][0]["parts"][-1]):
            call["arguments"] = json.loads(call["arguments"])
    assert streamed == whole


def test_blocks_may_interleave():
    message = rebuild(aws(START, delta(1, text="b"), delta(0, text="a"), delta(1, text="d"), delta(0, text="c"), *END))
    assert [part.text for part in message.choices[0].parts] == ["ac", "bd"]


def test_redacted_thoughts_tool_results_and_images_are_described():
    data = b64encode(b"x" * 30).decode()
    message = rebuild(
        aws(
            START,
            delta(0, reasoningContent={"redactedContent": data}),
            ("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolResult": {"toolUseId": "s1"}}}),
            delta(1, toolResult=[{"text": "found "}, {"json": {"n": 1}}]),
            ("contentBlockStart", {"contentBlockIndex": 2, "start": {"image": {"format": "png"}}}),
            delta(2, image={"source": {"bytes": data}}),
            delta(2, image={"source": {"bytes": data}}),
            delta(3, brandNew={"x": 1}),
            *END,
        )
    )
    assert [part.as_json() for part in message.choices[0].parts] == [
        {"type": "data", "name": "redactedContent", "size": 30},
        {"type": "tool_result", "text": 'found {"n":1}', "id": "s1"},
        {"type": "image", "media_type": "image/png", "size": 60},
        {"type": "data", "name": "brandNew", "data": {"x": 1}},
    ]
    assert message.choices[0].reasoning is None


def test_a_stream_that_breaks_off_says_so():
    data = aws(*EVENTS)
    cut = rebuild(data[: len(data) // 2], url=URL)
    assert not cut.complete
    assert cut.notes[0] == "the stream was cut: no messageStop was sent"
    assert cut.notes[-1] == "the stream ends inside a frame"
    at_a_frame = rebuild(aws(*EVENTS[:6]), url=URL)
    assert not at_a_frame.complete
    assert at_a_frame.choices[0].text == "The lake "


def test_an_exception_in_mid_stream_is_an_error():
    exception = event_message("throttlingException", {"message": "Too many tokens"}, "exception")
    message = rebuild(aws(*EVENTS[:6], exception), url=URL)
    assert message.errors == ["throttlingException: Too many tokens"]
    assert not message.complete
    assert message.choices[0].text == "The lake "
    assert rebuild(aws(exception), url=URL).errors == message.errors
    plain = event_message("InternalError", b"", "error")
    assert rebuild(aws(START, plain), url=URL).errors == ["InternalError"]


def test_an_error_body_gives_the_words_of_the_service():
    message = bedrock_converse.message({"message": "The model is not found."})
    assert message.errors == ["The model is not found."]
    assert (message.complete, message.choices) == (False, [])


def test_only_one_protocol_claims():
    for event in EVENTS:
        framed = framing.split(aws(event))
        exchange = exchange_of("https://proxy.example/")
        assert [p.name for p in PROTOCOLS if p.claims(exchange, framed.frames[0])] == ["bedrock-converse"]
    assert whole_claimants(WHOLE) == ["bedrock-converse"]
    assert whole_claimants(WHOLE, url="https://b.example/model/amazon.nova-v1:0/invoke") == ["bedrock-invoke"]
    assert whole_claimants({"message": "no"}, url=URL.replace("-stream", "")) == ["bedrock-converse"]
    assert whole_claimants({"message": "no"}, url="https://other.example/v1/things") == []


def test_empty_deltas_can_go_where_the_block_shows_itself_elsewhere():
    stream = aws(
        START,
        delta(0, text=""),  # The only sign of a text block.
        stop(0),
        delta(1, text="a"),
        delta(1, text=""),
        delta(1, reasoningContent={"text": ""}),
        delta(1, reasoningContent={"signature": ""}),
        ("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t", "name": "n"}}}),
        delta(2, toolUse={"input": ""}),
        ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": ""}}, "more": 1}),
        stop(2),
        *END,
    )
    assert empties(stream, url=URL) == [4, 8]


REQUEST = {
    "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"text": "How deep?"},
                {"image": {"format": "png", "source": {"bytes": "AAAA"}}},
                {"document": {"format": "pdf", "name": "facts", "source": {"s3Location": {"uri": "s3://b/f"}}}},
                {"document": {"format": "txt", "name": "more", "source": {"text": "é"}}},
            ],
        },
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "depth", "input": {"a": 1}}}]},
        {
            "role": "user",
            "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": "9 m"}, {"json": {"m": 9}}]}}],
        },
    ],
    "toolConfig": {
        "tools": [
            {"toolSpec": {"name": "depth", "description": "of a lake", "inputSchema": {"json": {"type": "object"}}}},
            {"systemTool": {"name": "nova_grounding"}},
        ],
        "toolChoice": {"auto": {}},
    },
    "inferenceConfig": {"maxTokens": 5},
}


def test_a_request_is_a_conversation():
    conversation = bedrock_converse.conversation(REQUEST)
    assert [(turn.role, [part.as_json() for part in turn.parts]) for turn in conversation.turns] == [
        (
            "system",
            [
                {"type": "text", "text": "Be brief."},
                {"type": "data", "name": "cachePoint", "data": {"type": "default"}},
            ],
        ),
        (
            "user",
            [
                {"type": "text", "text": "How deep?"},
                {"type": "image", "media_type": "image/png", "size": 3},
                {"type": "file", "name": "facts", "media_type": "pdf", "url": "s3://b/f"},
                {"type": "file", "name": "more", "media_type": "txt", "size": 2},
            ],
        ),
        ("assistant", [{"type": "tool_call", "id": "t1", "name": "depth", "arguments": '{"a":1}'}]),
        ("tool", [{"type": "tool_result", "text": '9 m{"m":9}', "id": "t1"}]),
    ]
    assert [(tool.name, tool.description, tool.parameters) for tool in conversation.tools] == [
        ("depth", "of a lake", {"type": "object"}),
        ("nova_grounding", None, {"name": "nova_grounding"}),
    ]
    assert conversation.parameters == {"toolConfig": {"toolChoice": {"auto": {}}}, "inferenceConfig": {"maxTokens": 5}}


def test_bent_streams_and_answers_never_raise():
    survives(bedrock_converse, exchange_of(URL), list(framing.split(aws(*EVENTS)).frames))
    reads_anything(bedrock_converse, Exchange(), WHOLE, REQUEST)
