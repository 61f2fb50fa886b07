"""watsonx text generation: the counts, the reasons to stop, errors, and its chat that is OpenAI's."""

from typing import Any

import pytest

from cassette_cli.providers.watsonx import protocol as watsonx
from providers.support import claimants, content, empties, exchange_of, rebuild, sse, whole_claimants

URL = "https://eu-de.ml.cloud.example/ml/v1/text/generation_stream?version=2024-01-01"


def piece(text: str, made: int, sent: int = 0, reason: str = "not_finished") -> dict[str, Any]:
    return {
        "model_id": "ibm/granite-13b-instruct-v2",
        "created_at": "2024-01-01T00:00:00.000Z",
        "results": [
            {
                "generated_text": text,
                "generated_token_count": made,
                "input_token_count": sent,
                "stop_reason": reason,
            }
        ],
    }


STREAM = sse(
    ("message", piece("", 0, 7)),
    ("message", piece("A lighthouse ", 2)),
    ("message", piece("blinks.", 4, 0, "eos_token")),
)


def test_text_reason_and_the_counts_of_different_events() -> None:
    message = rebuild(STREAM, url=URL)
    assert message.model == "ibm/granite-13b-instruct-v2"
    assert (message.choices[0].text, message.choices[0].finish_reason) == (
        "A lighthouse blinks.",
        "eos_token",
    )
    assert message.usage == {"input_token_count": 7, "generated_token_count": 4}
    assert message.complete
    assert message.notes == []


def test_the_answer_without_streaming_is_the_same_message() -> None:
    whole = piece("A lighthouse blinks.", 4, 7, "eos_token")
    assert content(watsonx.message(whole)) == content(rebuild(STREAM, url=URL))


def test_a_cut_stream_says_so() -> None:
    message = rebuild(STREAM[: STREAM.rindex("event:")], url=URL)
    assert message.choices[0].text == "A lighthouse "
    assert not message.complete
    assert "cut" in message.notes[0]


def test_an_error_in_mid_stream() -> None:
    error = {"errors": [{"code": "downstream_error", "message": "the model is gone"}], "status_code": 500}
    message = rebuild(sse(("message", piece("A", 1, 7)), ("error", error)), url=URL)
    assert message.errors == ["downstream_error: the model is gone"]
    assert message.choices[0].text == "A"
    assert not message.complete


def test_a_warning_of_the_system_is_noted_once() -> None:
    warned = [{**piece("x", 1), "system": {"warnings": [{"message": "this model is deprecated"}]}} for _ in range(2)]
    assert rebuild(sse(*warned), url=URL).notes[0] == "watsonx warns: this model is deprecated"


def test_no_chunk_is_empty_because_any_may_hold_the_counts() -> None:
    assert empties(STREAM, url=URL) == []


@pytest.mark.parametrize("payload", [piece("", 0, 7), {"errors": [{"message": "no such model"}]}])
def test_is_claimed_once(payload: dict[str, Any]) -> None:
    assert claimants(payload, url=URL, event="message") == ["watsonx"]
    assert whole_claimants(payload, url=URL) == ["watsonx"]


def test_its_chat_belongs_to_openai_chat() -> None:
    chunk = {
        "id": "chat-1",
        "model_id": "m",
        "choices": [{"index": 0, "delta": {"content": "hi"}}],
        "created": 1,
    }
    assert claimants(chunk, url="https://eu-de.ml.cloud.example/ml/v1/text/chat_stream") == ["openai-chat"]


def test_the_request() -> None:
    body = {"model_id": "m", "input": "Describe a lighthouse.", "parameters": {"max_new_tokens": 20}}
    asked = watsonx.conversation(body)
    assert [(turn.role, turn.parts[0].text) for turn in asked.turns] == [("user", "Describe a lighthouse.")]
    assert asked.parameters == {"model_id": "m", "parameters": {"max_new_tokens": 20}}


def test_a_stream_of_nothing_is_no_message() -> None:
    message = watsonx.decoder(exchange_of(URL)).finish()
    assert message.choices == []
    assert not message.complete
