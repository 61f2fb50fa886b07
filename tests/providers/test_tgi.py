"""Text-generation-inference: tokens, special ones, the closing event, errors."""

from typing import Any

import pytest

from cassette_cli.providers.tgi import protocol as tgi
from providers.support import claimants, content, empties, rebuild, sse, whole_claimants

URL = "https://tgi.example/generate_stream"


def token(text: str, *, special: bool = False, **closing: Any) -> dict[str, Any]:
    return {
        "index": 1,
        "token": {"id": 5, "text": text, "logprob": -0.5, "special": special},
        "generated_text": None,
        "details": None,
        **closing,
    }


DETAILS = {"finish_reason": "eos_token", "generated_tokens": 3, "input_length": 8, "seed": None}
STREAM = sse(token("Salt"), token(" air"), token("</s>", special=True, generated_text="Salt air", details=DETAILS))


def test_special_tokens_are_no_text() -> None:
    message = rebuild(STREAM, url=URL)
    assert (message.choices[0].text, message.choices[0].finish_reason) == ("Salt air", "eos_token")
    assert message.usage == {"input_length": 8, "generated_tokens": 3}
    assert message.complete
    assert message.notes == []


def test_the_answer_without_streaming_is_the_same_message() -> None:
    assert content(tgi.message({"generated_text": "Salt air", "details": DETAILS})) == content(rebuild(STREAM, url=URL))


def test_without_details_there_is_neither_reason_nor_usage() -> None:
    message = rebuild(sse(token("Salt"), token(" air", generated_text="Salt air")), url=URL)
    assert message.choices[0].finish_reason is None
    assert message.usage is None
    assert message.complete


def test_the_prompt_is_counted_by_its_tokens_where_only_they_are_sent() -> None:
    details = {"finish_reason": "length", "generated_tokens": 1, "prefill": [{"id": 1}, {"id": 2}]}
    assert tgi.message({"generated_text": "x", "details": details}).usage == {
        "input_length": 2,
        "generated_tokens": 1,
    }


def test_a_cut_stream_says_so() -> None:
    message = rebuild(sse(token("Salt")), url=URL)
    assert not message.complete
    assert "cut" in message.notes[0]


def test_an_error_alone_and_after_tokens() -> None:
    error = {"error": "Out of memory", "error_type": "generation"}
    for frames, text in (((error,), []), ((token("Salt"), error), ["Salt"])):
        message = rebuild(sse(*frames), url=URL)
        assert message.errors == ["generation: Out of memory"]
        assert [choice.text for choice in message.choices] == text
        assert not message.complete


@pytest.mark.parametrize("frame", [token("a"), {"generated_text": "a"}, {"error": "x", "error_type": "overloaded"}])
def test_is_claimed_once(frame: dict[str, Any]) -> None:
    assert claimants(frame, url=URL) == ["tgi"]


def test_the_whole_answer_is_claimed_once() -> None:
    assert whole_claimants({"generated_text": "Salt air"}, url=URL) == ["tgi"]


def test_no_event_is_empty() -> None:
    assert empties(STREAM, url=URL) == []


def test_the_request() -> None:
    asked = tgi.conversation({"inputs": "Smell of the sea:", "parameters": {"max_new_tokens": 3}})
    assert asked.turns[0].parts[0].text == "Smell of the sea:"
    assert asked.parameters == {"parameters": {"max_new_tokens": 3}}
