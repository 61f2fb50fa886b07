"""OpenAI's Realtime API, and what speaks like it: sessions rebuilt from the messages of both sides."""

from base64 import b64encode
from typing import Any

import pytest

from cassette_cli.model.body import CONNECTION_TYPE
from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange
from cassette_cli.providers.reassemble import identify, reassemble
from cassette_cli.streams import framing
from providers.support import connection

SOUND = b64encode(bytes(4800)).decode()
CREATED: dict[str, Any] = {
    "type": "session.created",
    "session": {"object": "realtime.session", "model": "voice-1", "instructions": "Be brief.", "voice": "gull"},
}


def rebuild(*messages: tuple[str, dict[str, Any]], name: str = "openai-realtime") -> Message:
    """Rebuild the session of a connection, which the named protocol must claim."""
    framed = framing.split(connection(*messages), CONNECTION_TYPE)
    assert framed is not None
    assert len(framed.frames) == len(messages)
    exchange = Exchange(url="wss://api.example.com/v1/realtime", framing=framed.framing)
    protocol = identify(exchange, framed)
    assert protocol is not None
    assert protocol.name == name
    return reassemble(exchange, framed, protocol)


def received(kind: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "received", {"type": kind, "event_id": "event_1", **more}


def sent(kind: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "sent", {"type": kind, **more}


def begun(number: int = 1) -> tuple[str, dict[str, Any]]:
    response = {"object": "realtime.response", "id": f"resp_{number}", "status": "in_progress", "output": []}
    return received("response.created", response=response)


def done(number: int = 1, status: str = "completed", output: Any = (), **more: Any) -> tuple[str, dict[str, Any]]:
    response = {"object": "realtime.response", "id": f"resp_{number}", "status": status, "output": list(output)}
    return received("response.done", response={**response, **more})


def delta(kind: str, words: str, number: int = 1, item: str = "item_9", **more: Any) -> tuple[str, dict[str, Any]]:
    place = {"response_id": f"resp_{number}", "item_id": item, "output_index": 0, "content_index": 0}
    return received(f"{kind}.delta", delta=words, **place, **more)


def said(message: Message) -> list[tuple[str, str]]:
    assert message.session is not None
    return [(turn.role, "".join(part.text for part in turn.parts)) for turn in message.session.turns]


@pytest.mark.parametrize(
    ("words", "sound"),
    [
        ("response.output_audio_transcript", "response.output_audio"),
        ("response.audio_transcript", "response.audio"),
    ],
    ids=["today", "beta"],
)
def test_a_spoken_turn(words: str, sound: str) -> None:
    message = rebuild(
        received("session.created", session=CREATED["session"]),
        sent("input_audio_buffer.append", audio=SOUND),
        sent("input_audio_buffer.append", audio=SOUND),
        received("input_audio_buffer.committed", item_id="item_1"),
        received("conversation.item.input_audio_transcription.delta", item_id="item_1", content_index=0, delta="When "),
        received("conversation.item.input_audio_transcription.delta", item_id="item_1", content_index=0, delta="is"),
        received("conversation.item.input_audio_transcription.completed", item_id="item_1", transcript="When is it?"),
        begun(),
        delta(sound, SOUND),
        delta(words, "At "),
        delta(words, "noon."),
        done(usage={"input_tokens": 3, "output_tokens": 4, "input_token_details": {"audio_tokens": 3}}),
    )
    assert said(message) == [("system", "Be brief."), ("user", "When is it?"), ("assistant", "At noon.")]
    assert message.session is not None
    assert message.session.parameters == {"model": "voice-1", "voice": "gull"}
    heard = message.session.turns[1].parts[0]
    assert (heard.kind, heard.media_type, heard.size, heard.seconds) == ("audio", "audio/pcm;rate=24000", 9600, 0.2)
    assert message.session.turns[2].parts[0].seconds == 0.1
    assert (message.model, message.complete, message.notes) == ("voice-1", True, [])
    assert [(choice.text, choice.finish_reason) for choice in message.choices] == [("At noon.", "completed")]


@pytest.mark.parametrize(
    ("session", "media_type", "seconds"),
    [
        ({"input_audio_format": "g711_ulaw"}, "g711_ulaw", 0.6),
        ({"audio": {"input": {"format": {"type": "audio/pcma"}}}}, "audio/pcma", 0.6),
        ({"input_audio_format": "pcm16_8000hz"}, "audio/pcm;rate=8000", 0.3),
        ({"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}}, "audio/pcm;rate=16000", 0.15),
        ({"input_audio_format": "opus"}, "opus", None),
    ],
)
def test_sound_by_type_and_seconds(session: dict[str, Any], media_type: str, seconds: float | None) -> None:
    message = rebuild(
        sent("session.update", session=session),
        sent("input_audio_buffer.append", audio="A" * 100),
        sent("input_audio_buffer.clear"),
        sent("input_audio_buffer.append", audio=SOUND),
    )
    assert message.session is not None
    (part,) = message.session.turns[0].parts
    assert (part.media_type, part.size, part.seconds) == (media_type, 4800, seconds)


def test_tool_calls_results_and_the_sum_of_usage() -> None:
    call = {"id": "item_2", "type": "function_call", "name": "tide", "call_id": "call_1"}
    asked = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "When?"}]}
    result = {"type": "function_call_output", "call_id": "call_1", "output": "noon"}
    answer = {"id": "item_4", "type": "message", "role": "assistant",
              "content": [{"type": "output_text", "text": "At noon."}]}  # fmt: skip
    message = rebuild(
        sent("session.update", session={"tools": [{"type": "function", "name": "tide", "parameters": {}}]}),
        sent("conversation.item.create", item=asked),
        received("conversation.item.added", item={**asked, "id": "item_1"}),
        received("conversation.item.done", item={**asked, "id": "item_1"}),
        sent("response.create"),
        begun(),
        received("response.output_item.added", response_id="resp_1", item={**call, "arguments": ""}),
        delta("response.function_call_arguments", '{"day":', item="item_2"),
        delta("response.function_call_arguments", "1}", item="item_2"),
        done(usage={"input_tokens": 3, "output_tokens": 4}),
        sent("conversation.item.create", item=result),
        received("conversation.item.added", item={**result, "id": "item_3"}),
        sent("response.create"),
        begun(2),
        done(2, output=[answer], usage={"input_tokens": 5, "output_tokens": 6}),
    )
    assert said(message) == [("user", "When?"), ("assistant", ""), ("tool", "noon"), ("assistant", "At noon.")]
    (made,) = message.choices[0].tool_calls
    assert (made.id, made.name, made.arguments) == ("call_1", "tide", '{"day":1}')
    assert message.usage == {"input_tokens": 8, "output_tokens": 10}
    assert [choice.index for choice in message.choices] == [0, 1]
    assert message.complete


def test_what_was_cut() -> None:
    message = rebuild(received("session.created", session={}), begun(), delta("response.output_text", "At n"))
    assert said(message) == [("assistant", "At n")]
    assert (message.complete, message.notes) == (False, ["the connection ended before response.done"])
    asked = rebuild(sent("session.update", session={}), sent("response.create"))
    assert not asked.complete
    failed = rebuild(
        sent("session.update", session={}), sent("response.create"),
        received("error", error={"type": "invalid_request_error", "message": "no such voice"}),
    )  # fmt: skip
    assert (failed.complete, failed.errors, failed.notes) == (False, ["invalid_request_error: no such voice"], [])


def test_what_became_of_responses() -> None:
    details = {"type": "cancelled", "reason": "turn_detected"}
    message = rebuild(
        received("session.created", session={}),
        begun(),
        done(status="cancelled", status_details=details),
        received("conversation.item.truncated", item_id="item_9", audio_end_ms=700, content_index=0),
        received("conversation.item.deleted", item_id="item_8"),
        received("conversation.item.input_audio_transcription.failed", item_id="i", error={"message": "noise"}),
        received("response.made_up.delta", delta="x"),
    )
    assert message.complete
    assert sorted(message.notes) == [
        "events of unknown types are left out: response.made_up.delta",
        "response 0 is cancelled: turn_detected",
        "the item item_8 was deleted from the conversation",
        "the item item_9 was played up to 700 ms",
        "what the user said was not transcribed: noise",
    ]
    error = {"type": "server_error", "message": "busy"}
    failed = rebuild(
        received("session.created", session={}), begun(), done(status="failed", status_details={"error": error})
    )
    assert failed.errors == ["server_error: busy"]


def test_xai_tells_usage_beside_the_response_and_transcripts_as_they_grow() -> None:
    update = "conversation.item.input_audio_transcription.updated"
    message = rebuild(
        received("session.created", session={}),
        received("ping", timestamp=1),
        received("input_audio_buffer.committed", item_id="item_1"),
        received(update, item_id="item_1", transcript="Hello"),
        received(update, item_id="item_1", transcript="Hello there"),
        begun(),
        ("received", {**done()[1], "usage": {"input_tokens": 2, "output_tokens": 1}}),
    )
    assert said(message) == [("user", "Hello there")]
    assert message.usage == {"input_tokens": 2, "output_tokens": 1}


def test_the_responses_api_over_a_websocket() -> None:
    def answer(number: int, words: str) -> tuple[str, dict[str, Any]]:
        output = [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": words}]}]
        usage = {"input_tokens": number, "output_tokens": 1}
        response = {"object": "response", "id": f"r{number}", "status": "completed", "model": "m-1", "output": output}
        return "received", {"type": "response.completed", "response": {**response, "usage": usage}}

    message = rebuild(
        sent("response.create", model="m-1", input="One?", instructions="Be brief."),
        ("received", {"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "delta": "1"}),
        answer(1, "1"),
        sent("response.create", model="m-1", input="Two?"),
        answer(2, "2"),
        name="openai-responses",
    )
    assert said(message) == [
        ("system", "Be brief."), ("user", "One?"), ("assistant", "1"), ("user", "Two?"), ("assistant", "2"),
    ]  # fmt: skip
    assert [choice.text for choice in message.choices] == ["1", "2"]
    assert message.usage == {"input_tokens": 3, "output_tokens": 2}
    assert message.complete
