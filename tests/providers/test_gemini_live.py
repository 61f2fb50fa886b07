"""Gemini Live: sessions rebuilt from the messages of both sides."""

from base64 import b64encode
from typing import Any

import pytest

from cassette_cli.model.message import Message
from providers.test_openai_realtime import rebuild, said

SOUND = {"mimeType": "audio/pcm;rate=24000", "data": b64encode(bytes(4800)).decode()}
SETUP = {
    "model": "models/live-1",
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "tools": [{"functionDeclarations": [{"name": "tide", "parameters": {"type": "OBJECT"}}]}],
    "generationConfig": {"responseModalities": ["AUDIO"]},
}


def live(*messages: tuple[str, dict[str, Any]]) -> Message:
    return rebuild(*messages, name="gemini-live")


def sent(**message: Any) -> tuple[str, dict[str, Any]]:
    return "sent", message


def received(**message: Any) -> tuple[str, dict[str, Any]]:
    return "received", message


def content(**members: Any) -> tuple[str, dict[str, Any]]:
    return received(serverContent=members)


@pytest.mark.parametrize("snake", [False, True])
def test_a_round_with_a_tool(snake: bool) -> None:
    def asks(**message: Any) -> tuple[str, dict[str, Any]]:
        names = {"clientContent": "client_content", "toolResponse": "tool_response"}
        return "sent", {names.get(key, key) if snake else key: value for key, value in message.items()}

    turns = [{"role": "user", "parts": [{"text": "When?"}]}]
    message = live(
        asks(setup=SETUP),
        received(setupComplete={}),
        asks(clientContent={"turns": turns, "turnComplete": True}),
        received(toolCall={"functionCalls": [{"id": "f1", "name": "tide", "args": {"day": 1}}]}),
        asks(toolResponse={"functionResponses": [{"id": "f1", "name": "tide", "response": {"output": "noon"}}]}),
        content(outputTranscription={"text": "At"}),
        content(modelTurn={"parts": [{"inlineData": SOUND}]}),
        content(outputTranscription={"text": " noon."}),
        content(modelTurn={"parts": [{"inlineData": SOUND}]}),
        content(generationComplete=True),
        received(serverContent={"turnComplete": True}, usageMetadata={"promptTokenCount": 5, "responseTokenCount": 7}),
    )
    assert message.session is not None
    assert [turn.role for turn in message.session.turns] == ["system", "user", "assistant", "tool", "assistant"]
    call = message.choices[0].tool_calls[0]
    assert (call.id, call.name, call.arguments) == ("f1", "tide", '{"day":1}')
    (spoken,) = message.session.turns[-1].parts
    assert (spoken.text, spoken.media_type, spoken.size, spoken.seconds) == (
        "At noon.", "audio/pcm;rate=24000", 9600, 0.2,
    )  # fmt: skip
    assert [tool.name for tool in message.session.tools] == ["tide"]
    assert message.session.parameters == {"model": "models/live-1", "generationConfig": SETUP["generationConfig"]}
    assert (message.model, message.usage) == ("live-1", {"promptTokenCount": 5, "responseTokenCount": 7})
    assert (message.complete, message.notes) == (True, [])


def test_what_the_user_says_and_shows() -> None:
    picture = {"mimeType": "image/png", "data": "AAAA"}
    message = live(
        sent(setup=SETUP),
        sent(realtimeInput={"audio": {"mimeType": "audio/pcm;rate=16000", "data": SOUND["data"]}}),
        sent(realtime_input={"mediaChunks": [{"mimeType": "audio/pcm;rate=16000", "data": SOUND["data"]}]}),
        sent(realtimeInput={"video": picture}),
        sent(realtimeInput={"audioStreamEnd": True}),
        content(inputTranscription={"text": "Look"}),
        content(inputTranscription={"text": " here."}),
        content(modelTurn={"parts": [{"text": "I see.", "thought": True}, {"text": "A gull."}]}),
        content(turnComplete=True),
        sent(realtimeInput={"text": "And now?"}),
        content(modelTurn={"parts": [{"text": "Gone."}]}),
        content(interrupted=True),
        content(turnComplete=True),
    )
    assert message.session is not None
    user = message.session.turns[1].parts
    assert [(part.kind, part.text, part.seconds) for part in user] == [
        ("audio", "Look here.", 0.3), ("image", "", None),
    ]  # fmt: skip
    assert said(message)[2:] == [("assistant", "I see.A gull."), ("user", "And now?"), ("assistant", "Gone.")]
    assert [choice.text for choice in message.choices] == ["A gull.", "Gone."]
    assert (message.complete, message.notes) == (True, ["the user interrupted response 1"])


def test_usage_is_added_up() -> None:
    turn = [content(modelTurn={"parts": [{"text": "a"}]}),
            received(serverContent={"turnComplete": True}, usageMetadata={"totalTokenCount": 3, "trafficType": "x"})]  # fmt: skip
    assert live(sent(setup=SETUP), *turn, *turn).usage == {"totalTokenCount": 6, "trafficType": "x"}


def test_what_was_cut_or_failed() -> None:
    asked = sent(clientContent={"turns": [{"parts": [{"text": "When?"}]}], "turnComplete": True})
    for messages in ([asked], [asked, content(modelTurn={"parts": [{"text": "At"}]})]):
        message = live(sent(setup=SETUP), *messages)
        assert (message.complete, message.notes) == (False, ["the connection ended before turnComplete"])
    seeded = live(sent(setup=SETUP), sent(clientContent={"turns": [{"role": "user", "parts": [{"text": "a"}]}]}))
    assert seeded.complete
    message = live(sent(setup=SETUP), asked, received(error={"code": 3, "message": "no such model"}))
    assert not message.complete
    assert "no such model" in message.errors[0]
    message = live(sent(setup=SETUP), received(goAway={"timeLeft": "5s"}))
    assert message.notes == ['the server says goAway: {"timeLeft":"5s"}']
