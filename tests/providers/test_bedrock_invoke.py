import pytest

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.bedrock.invoke import protocol as bedrock_invoke
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing
from providers.support import content, empties, exchange_of, rebuild, whole_claimants
from providers.support_binary import aws, chunk, event_message, reads_anything, survives

URL = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/vendor.model-v1%3A0/invoke-with-response-stream"
WHOLE_URL = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/vendor.model-v1%3A0/invoke"
METRICS = {"inputTokenCount": 5, "outputTokenCount": 9, "invocationLatency": 7, "firstByteLatency": 3}
LAST = {"amazon-bedrock-invocationMetrics": METRICS}

ANTHROPIC = [
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-test",
            "content": [],
            "usage": {"input_tokens": 5, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "The lake is deep."}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}},
    {"type": "message_stop", **LAST},
]
NOVA = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"text": "The lake "}, "contentBlockIndex": 0}},
    {"contentBlockDelta": {"delta": {"text": ""}, "contentBlockIndex": 0}},
    {"contentBlockDelta": {"delta": {"text": "is deep."}, "contentBlockIndex": 0}},
    {"contentBlockStop": {"contentBlockIndex": 0}},
    {"messageStop": {"stopReason": "end_turn"}},
    {"metadata": {"usage": {"inputTokens": 5, "outputTokens": 9}}, **LAST},
]
TITAN = [
    {"outputText": "The lake ", "index": 0, "totalOutputTextTokenCount": None, "completionReason": None},
    {
        "outputText": "is deep.",
        "index": 0,
        "totalOutputTextTokenCount": 9,
        "completionReason": "FINISH",
        "inputTextTokenCount": 5,
        **LAST,
    },
]
META = [
    {"generation": "The lake ", "prompt_token_count": 5, "generation_token_count": 1, "stop_reason": None},
    {"generation": "is deep.", "prompt_token_count": None, "generation_token_count": 9, "stop_reason": "stop", **LAST},
]
COHERE = [
    {"index": 0, "is_finished": False, "text": "The lake "},
    {"index": 0, "is_finished": False, "text": "is deep."},
    {"finish_reason": "COMPLETE", "is_finished": True, **LAST},
]
MISTRAL = [
    {"outputs": [{"text": "The lake ", "stop_reason": None}]},
    {"outputs": [{"text": "is deep.", "stop_reason": "stop"}], **LAST},
]
CLAUDE_2 = [
    {"type": "completion", "completion": "The lake ", "stop_reason": None, "stop": None},
    {"type": "completion", "completion": "is deep.", "stop_reason": "stop_sequence", "stop": "\n\nHuman:", **LAST},
]
CHAT = [
    {"object": "chat.completion.chunk", "model": "m", "choices": [{"index": 0, "delta": {"content": "The lake "}}]},
    {
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": "is deep."}, "finish_reason": "stop"}],
        **LAST,
    },
]
DEEPSEEK = [
    {"choices": [{"index": 0, "text": "The lake ", "stop_reason": None}]},
    {"choices": [{"index": 0, "text": "is deep.", "stop_reason": "stop"}], **LAST},
]
FAMILIES = {
    "anthropic": (ANTHROPIC, "end_turn"),
    "nova": (NOVA, "end_turn"),
    "titan": (TITAN, "FINISH"),
    "meta": (META, "stop"),
    "cohere": (COHERE, "COMPLETE"),
    "mistral": (MISTRAL, "stop"),
    "claude 2": (CLAUDE_2, "stop_sequence"),
    "chat": (CHAT, "stop"),
    "deepseek": (DEEPSEEK, "stop"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_rebuilt_by_its_own_protocol(family):
    inner, finish = FAMILIES[family]
    message = rebuild(aws(*map(chunk, inner)), url=URL)
    assert message.choices[0].text == "The lake is deep."
    assert message.choices[0].finish_reason == finish
    assert message.model == {"anthropic": "claude-test", "chat": "m"}.get(family, "vendor.model-v1:0")
    assert bedrock_invoke.usage.counts(message.usage) == (5, 9)
    assert (message.complete, message.errors, message.notes) == (True, [], [])


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_says_so_when_it_is_cut(family):
    message = rebuild(aws(*map(chunk, FAMILIES[family][0][:-2] or FAMILIES[family][0][:1])), url=URL)
    assert not message.complete
    assert "cut" in message.notes[0]


def test_several_answers_are_told_apart_by_index():
    inner = [
        {"index": 0, "is_finished": False, "text": "a"},
        {"index": 1, "is_finished": False, "text": "b"},
        {"index": 0, "is_finished": False, "text": "c"},
        {"finish_reason": "MAX_TOKENS", "is_finished": True, **LAST},
    ]
    message = rebuild(aws(*map(chunk, inner)), url=URL)
    assert [(c.index, c.text, c.finish_reason) for c in message.choices] == [
        (0, "ac", "MAX_TOKENS"),
        (1, "b", "MAX_TOKENS"),
    ]


def test_a_guardrail_that_blocks_is_noted_and_whole():
    blocked = {"outputText": "Input blocked", "index": 0, "amazon-bedrock-guardrailAction": "INTERVENED"}
    message = rebuild(aws(chunk(blocked)), url=URL)
    assert (message.choices[0].text, message.complete) == ("Input blocked", True)
    assert message.notes == ["a guardrail intervened"]
    passed = rebuild(aws(*(chunk({**c, "amazon-bedrock-guardrailAction": "NONE"}) for c in TITAN)), url=URL)
    assert passed.notes == []


def test_an_exception_and_an_error_inside_are_errors():
    exception = event_message("modelStreamErrorException", {"message": "it broke"}, "exception")
    message = rebuild(aws(*map(chunk, TITAN[:1]), exception), url=URL)
    assert message.errors == ["modelStreamErrorException: it broke"]
    assert (message.complete, message.choices[0].text) == (False, "The lake ")
    inner = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    assert "Overloaded" in rebuild(aws(*map(chunk, [*ANTHROPIC[:4], inner])), url=URL).errors[0]
    assert rebuild(aws(exception), url=URL).errors == ["modelStreamErrorException: it broke"]


def test_a_chunk_that_holds_no_json_is_noted():
    message = rebuild(aws(chunk(TITAN[0]), ("chunk", {"bytes": "!!"}), chunk(TITAN[1])), url=URL)
    assert message.choices[0].text == "The lake is deep."
    assert message.notes == ["1 frames hold no JSON that could be decoded"]


WHOLES = {
    "nova": {
        "output": {"message": {"role": "assistant", "content": [{"text": "The lake is deep."}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 5, "outputTokens": 9},
    },
    "titan": {
        "inputTextTokenCount": 5,
        "results": [{"tokenCount": 9, "outputText": "The lake is deep.", "completionReason": "FINISH"}],
    },
    "meta": {
        "generation": "The lake is deep.",
        "prompt_token_count": 5,
        "generation_token_count": 9,
        "stop_reason": "stop",
    },
    "mistral": {"outputs": [{"text": "The lake is deep.", "stop_reason": "stop"}]},
}


@pytest.mark.parametrize("family", WHOLES)
def test_whole_answers_are_the_same_message(family):
    assert whole_claimants(WHOLES[family], url=WHOLE_URL) == ["bedrock-invoke"]
    whole, streamed = (content(m) for m in (bedrock_invoke.message(WHOLES[family]), _streamed(family)))
    assert bedrock_invoke.usage.counts(whole.pop("usage")) == ((None, None) if family == "mistral" else (5, 9))
    del streamed["usage"], streamed["model"], whole["model"]
    assert whole == streamed


def _streamed(family):
    return rebuild(aws(*map(chunk, FAMILIES[family][0])), url=URL)


def test_jurassic_wraps_its_text():
    payload = {"completions": [{"data": {"text": "deep"}, "finishReason": {"reason": "endoftext"}}]}
    assert whole_claimants(payload, url=WHOLE_URL) == ["bedrock-invoke"]
    choice = bedrock_invoke.message(payload).choices[0]
    assert (choice.text, choice.finish_reason) == ("deep", "endoftext")


def test_whole_answers_that_others_know_are_theirs():
    claude = {"type": "message", "role": "assistant", "content": [], "stop_reason": "end_turn"}
    assert whole_claimants(claude, url=WHOLE_URL) == ["anthropic-messages"]
    assert whole_claimants({"generations": [{"text": "x"}]}, url=WHOLE_URL) == ["cohere-v1"]
    assert whole_claimants({"completion": "x", "stop_reason": "stop"}, url=WHOLE_URL) == ["anthropic-completions"]
    assert whole_claimants({"embedding": [0.1]}, url=WHOLE_URL) == []
    assert whole_claimants({"message": "no access"}, url=WHOLE_URL) == ["bedrock-invoke"]
    assert bedrock_invoke.message({"message": "no access"}).errors == ["no access"]


def test_only_one_protocol_claims_a_chunk():
    for inner, _ in FAMILIES.values():
        frame = framing.split(aws(chunk(inner[0]))).frames[0]
        for url in (URL, "https://proxy.example/"):
            assert [p.name for p in PROTOCOLS if p.claims(exchange_of(url), frame)] == ["bedrock-invoke"]


def test_empties_follow_the_inner_protocol():
    assert empties(aws(*map(chunk, ANTHROPIC)), url=URL) == [2]
    assert empties(aws(*map(chunk, NOVA)), url=URL) == [2]
    assert empties(aws(*map(chunk, [*TITAN[:1], {"outputText": ""}, *TITAN[1:]])), url=URL) == []


@pytest.mark.parametrize(
    ("request_body", "roles"),
    [
        ({"anthropic_version": "b", "system": "s", "messages": [{"role": "user", "content": "x"}]}, ["system", "user"]),
        ({"prompt": "\n\nHuman: x\n\nAssistant:"}, ["user"]),
        ({"inputText": "x", "textGenerationConfig": {}}, ["user"]),
        ({"prompt": "x", "max_gen_len": 5}, ["user"]),
        ({"schemaVersion": "v1", "messages": [{"role": "user", "content": [{"text": "x"}]}]}, ["user"]),
        ({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "x"}]}, ["system", "user"]),
        ({"message": "x", "chat_history": [{"role": "CHATBOT", "message": "y"}]}, ["assistant", "user"]),
    ],
)
def test_requests_are_read_by_their_shape(request_body, roles):
    conversation = bedrock_invoke.conversation(request_body)
    assert [turn.role for turn in conversation.turns] == roles
    assert conversation.turns[-1].parts[0].text == "x"


def test_pictures_of_a_prompt_are_described():
    turns = bedrock_invoke.conversation({"prompt": "x", "images": ["AAAA", None]}).turns
    assert [part.kind for turn in turns for part in turn.parts] == ["text", "image"]


def test_bent_streams_and_answers_never_raise():
    for inner, _ in FAMILIES.values():
        survives(bedrock_invoke, exchange_of(URL), list(framing.split(aws(*map(chunk, inner[:2]))).frames))
    for inner, _ in FAMILIES.values():
        for position, item in enumerate(inner):
            for odd in (
                [],
                None,
                "x",
                {"type": 5},
                {**item, "index": []},
                dict.fromkeys(item),
                {key: [] for key in item},
            ):
                rebuild(aws(*map(chunk, [*inner[:position], odd, *inner[position + 1 :]])), url=URL)
    for whole in WHOLES.values():
        reads_anything(bedrock_invoke, Exchange("POST", WHOLE_URL), whole, {"prompt": "x", "images": ["AAAA"]})
