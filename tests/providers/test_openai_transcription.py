"""Streamed transcription of speech."""

from cassette_cli.providers.openai.transcription import protocol as openai_transcription
from providers.support import claimants, content, empties, rebuild, sse, whole_claimants

URL = "https://api.llm.example/v1/audio/transcriptions"
USAGE = {"type": "tokens", "input_tokens": 14, "output_tokens": 4, "total_tokens": 18}
DELTAS = [{"type": "transcript.text.delta", "delta": word} for word in ("Hear", "", " this")]
DONE = {"type": "transcript.text.done", "text": "Hear this.", "usage": USAGE}


def test_the_last_event_has_the_text() -> None:
    message = rebuild(sse(*DELTAS, DONE))
    assert (message.choices[0].text, message.choices[0].finish_reason) == ("Hear this.", "done")
    assert (message.usage, openai_transcription.usage.counts(message.usage), message.complete) == (USAGE, (14, 4), True)
    assert content(message) == content(openai_transcription.message({"text": "Hear this.", "usage": USAGE}))


def test_a_cut_stream_has_the_deltas() -> None:
    message = rebuild(sse(*DELTAS))
    assert (message.choices[0].text, message.complete) == ("Hear this", False)
    assert "cut" in message.notes[0]


def test_a_last_event_without_a_text_is_an_empty_answer() -> None:
    message = rebuild(sse({"type": "transcript.text.done"}))
    assert (message.choices[0].text, message.complete) == ("", True)


def test_speakers_are_told_apart() -> None:
    segments = [
        {"type": "transcript.text.segment", "id": f"seg_{i}", "text": words, "speaker": who}
        for i, (who, words) in enumerate([("A", "Hello."), ("B", "Hi.")])
    ]
    message = rebuild(sse(*segments, {"type": "transcript.text.done", "text": "Hello. Hi."}))
    assert [(p.name, p.text) for p in message.choices[0].parts] == [("A", "Hello."), ("B", "Hi.")]
    assert rebuild(sse(*segments)).choices[0].text == "Hello.Hi."


def test_errors() -> None:
    message = rebuild(sse({"type": "error", "error": {"message": "No sound", "code": "bad_file"}}), url=URL)
    assert (message.errors, message.complete) == (["bad_file: No sound"], False)


def test_claims() -> None:
    assert claimants(DELTAS[0]) == ["openai-transcription"]
    assert whole_claimants({"text": "Hear this."}, url=URL) == ["openai-transcription"]
    assert whole_claimants({"text": "Hear this."}, url="https://api.llm.example/v1/other") == []


def test_empty_deltas_go_only_where_the_whole_text_follows() -> None:
    assert empties(sse(*DELTAS, DONE)) == [1]
    assert empties(sse(*DELTAS)) == []
    assert empties(sse({**DELTAS[1], "logprobs": []}, DELTAS[0], DONE)) == [0]
    assert empties(sse({**DELTAS[1], "logprobs": [{"token": "x"}]}, DELTAS[0], DONE)) == []


def test_request() -> None:
    conversation = openai_transcription.conversation({"model": "hear-1", "prompt": "Names: Ada."})
    assert conversation.turns[0].parts[0].text == "Names: Ada."
    assert conversation.parameters == {"model": "hear-1"}
