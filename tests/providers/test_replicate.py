"""Replicate: plain text in events, errors, cancelled runs, and predictions as a whole."""

from typing import Any

import pytest

from cassette_cli.providers.replicate import protocol as replicate
from providers.support import claimants, empties, protocol_of, rebuild, sse, whole_claimants

URL = "https://stream.replicate.com/v1/streams/made-up"
STREAM = sse(("output", ""), ("output", "The tide"), ("output", ":\n\nlow"), ("output", " at six."), ("done", {}))


def test_lines_of_data_are_joined_by_newlines_and_events_by_nothing() -> None:
    message = rebuild(": hi\n\n" + STREAM + ":408: 408 Request Timeout\n\n", url=URL)
    assert message.choices[0].text == "The tide:\n\nlow at six."
    assert message.choices[0].finish_reason == "done"
    assert message.complete
    assert message.notes == []


def test_words_that_look_like_json_are_words() -> None:
    message = rebuild(sse(("output", "a"), ("output", "[1] is"), ("output", "{open"), ("done", {})), url=URL)
    assert message.choices[0].text == "a[1] is{open"
    assert message.notes == []


@pytest.mark.parametrize("reason", ["canceled", "error"])
def test_a_run_that_was_stopped_is_not_complete(reason: str) -> None:
    message = rebuild(sse(("output", "The"), ("done", {"reason": reason})), url=URL)
    assert message.choices[0].finish_reason == reason
    assert not message.complete


def test_an_error_event() -> None:
    message = rebuild(sse(("output", "The"), ("error", {"detail": "out of memory"}), ("done", {"reason": "error"})))
    assert message.errors == ["out of memory"]
    assert not message.complete


def test_a_stream_without_done_was_cut() -> None:
    message = rebuild(sse(("output", "The")), url=URL)
    assert not message.complete
    assert "cut" in message.notes[0]


def test_is_claimed_once_even_if_it_fails_at_once() -> None:
    assert claimants("The", url=URL, event="output") == ["replicate"]
    assert claimants({"detail": "no"}, url=URL, event="error") == ["replicate"]
    assert claimants({"type": "x"}, url="https://example.com", event="output") == []
    assert protocol_of(sse(("output", "7")), url="http://localhost:1") is replicate


def test_no_event_is_empty() -> None:
    assert empties(STREAM, url=URL) == []


def prediction(**fields: Any) -> dict[str, Any]:
    return {
        "id": "made-up",
        "model": "acme/tides",
        "input": {"prompt": "When is low tide?"},
        "output": ["The tide", ": low"],
        "error": None,
        "status": "succeeded",
        "urls": {"get": "https://api.replicate.com/v1/predictions/made-up"},
        "metrics": {"input_token_count": 5, "output_token_count": 2},
        **fields,
    }


def test_a_prediction_as_a_whole() -> None:
    assert whole_claimants(prediction()) == ["replicate"]
    message = replicate.message(prediction())
    assert (message.model, message.choices[0].text) == ("acme/tides", "The tide: low")
    assert message.usage == {"input_token_count": 5, "output_token_count": 2}
    assert message.complete


def test_a_prediction_that_runs_or_failed_is_not_complete() -> None:
    assert not replicate.message(prediction(status="starting", output=None)).complete
    failed = replicate.message(prediction(status="failed", output=None, error="NSFW content"))
    assert failed.errors == ["NSFW content"]
    assert not failed.complete


def test_output_of_files_and_of_data() -> None:
    files = replicate.message(prediction(output=["https://replicate.delivery/a.png"]))
    assert [part.url for part in files.choices[0].parts] == ["https://replicate.delivery/a.png"]
    data = replicate.message(prediction(output={"score": 1}))
    assert data.choices[0].parts[0].data == {"score": 1}


def test_the_request() -> None:
    inputs = {"prompt": "Hi", "system_prompt": "Be brief.", "image": "https://example.com/a.png", "top_k": 3}
    asked = replicate.conversation({"input": inputs, "stream": True})
    assert [(turn.role, [p.kind for p in turn.parts]) for turn in asked.turns] == [
        ("system", ["text"]),
        ("user", ["text", "image"]),
    ]
    assert asked.parameters == {"stream": True, "top_k": 3}
