"""Writer's text generation."""

from cassette_cli.providers.writer import protocol as writer_completions
from providers.support import claimants, empties, rebuild, sse, whole_claimants

URL = "https://api.writer.example/v1/completions"


def test_values_are_joined_and_the_missing_end_is_noted() -> None:
    stream = sse({"value": "A sea"}, {"value": ""}, {"value": " breeze"})
    message = rebuild(stream, url=URL, request={"model": "palmyra-x", "prompt": "Write"})
    assert message.choices[0].text == "A sea breeze"
    assert (message.model, message.complete, message.errors) == ("palmyra-x", True, [])
    assert "no end" in message.notes[0]
    assert empties(stream) == [1]


def test_an_error_in_mid_stream() -> None:
    message = rebuild(sse({"value": "A"}, {"error": {"message": "gone"}}), url=URL)
    assert (message.choices[0].text, message.errors, message.complete) == ("A", ["gone"], False)


def test_only_this_protocol_claims() -> None:
    assert claimants({"value": "x"}, url=URL) == ["writer-completions"]
    assert claimants({"value": 1}, url=URL) == []


def test_whole_answer() -> None:
    whole = {"choices": [{"text": "A sea breeze", "log_probs": None}], "model": "palmyra-x"}
    assert whole_claimants(whole, url=URL) == ["writer-completions"]
    message = writer_completions.message(whole)
    assert (message.model, message.choices[0].text, message.complete) == ("palmyra-x", "A sea breeze", True)


def test_request() -> None:
    conversation = writer_completions.conversation({"prompt": "Write", "model": "palmyra-x"})
    assert [(t.role, t.parts[0].text) for t in conversation.turns] == [("user", "Write")]
