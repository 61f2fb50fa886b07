"""Gemini Live: sessions over a WebSocket, from the Gemini API or Vertex AI.

Defined by https://ai.google.dev/api/live (`BidiGenerateContentClientMessage`, `…ServerMessage`). Proto JSON allows
`serverContent` and `server_content`, and clients write both.
"""

from typing import Any, Final

from cassette_cli.model.message import Conversation, Message, Part, Turn
from cassette_cli.providers.base import Exchange, StreamProtocol, Usage
from cassette_cli.providers.errors import record
from cassette_cli.providers.google import requests
from cassette_cli.providers.google.candidate import Candidate
from cassette_cli.providers.sessions import add_usage, response_of, sound
from cassette_cli.providers.values import as_text, decoded_size, obj, objects, text
from cassette_cli.streams import websocket
from cassette_cli.streams.frames import Frame

SENT: Final = frozenset({"setup", "clientContent", "realtimeInput", "toolResponse", "contextUpdate"})
"""The members of a client's message, of which it has one."""

RECEIVED: Final = frozenset({
    "setupComplete", "serverContent", "toolCall", "toolCallCancellation", "usageMetadata", "goAway",
    "sessionResumptionUpdate", "voiceActivityDetectionSignal", "voiceActivity",
})  # fmt: skip
"""The members of a server's message."""

CONTENT: Final = frozenset({
    "modelTurn", "turnComplete", "interrupted", "groundingMetadata", "generationComplete", "inputTranscription",
    "outputTranscription", "urlContextMetadata", "turnCompleteReason", "waitingForInput",
    "interimInputTranscription", "interactionStatus",
})  # fmt: skip
"""The members of the server's content; interim transcriptions are said again when they are final."""

INPUT: Final = frozenset({"mediaChunks", "audio", "audioStreamEnd", "video", "text", "activityStart", "activityEnd"})
"""The members of realtime input."""


class GeminiLive(StreamProtocol):
    """Gemini Live."""

    name = "gemini-live"
    about = "messages with setup, serverContent and their like over a WebSocket"
    paths = ("GenerativeService.BidiGenerateContent", "LlmBidiService/BidiGenerateContent")
    usage = Usage(
        ("promptTokenCount", "prompt_token_count"),
        ("responseTokenCount", "response_token_count", "candidatesTokenCount"),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the member that tells what a message is."""
        if exchange.framing != websocket.NAME or "type" in frame.object:
            return False
        found = requests.camel(frame.object).keys()
        return bool(found) and not (SENT | RECEIVED).isdisjoint(found) and found <= SENT | RECEIVED

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one connection."""
        return Decoder(exchange)


protocol = GeminiLive()


class _Speech:
    """A turn of one side under way: its parts in order, the words that go with its sound, its sound by type."""

    def __init__(self) -> None:
        self.candidate = Candidate()
        self.words: list[str] = []
        self.sounds: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self.candidate.blocks.blocks or self.words or self.sounds)

    def hear(self, blob: dict[str, Any]) -> None:
        """Take a slice of sound, or a picture, which stands for itself."""
        blob = requests.camel(blob)
        kind, size = text(blob.get("mimeType")), decoded_size(text(blob.get("data")))
        if kind.startswith("audio/") or not kind:
            self.sounds[kind] = self.sounds.get(kind, 0) + size
        else:
            self.candidate.add({"inlineData": blob})

    def parts(self, rate: int) -> list[Part]:
        """Return the turn's parts: sound with its transcript first, unless there are but words."""
        choice = self.candidate.done(0)
        words = "".join(self.words)
        spoken = [
            sound(kind or "audio/pcm", size, words if number == 0 else "", rate=rate)
            for number, (kind, size) in enumerate(self.sounds.items())
        ]
        if words and not spoken:
            spoken = [Part("audio", words)]
        return spoken + choice.parts


class Decoder:
    """Follows the turns of both sides: the model's ends with `turnComplete`, the user's with the model's answer."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._session = Conversation()
        self._turns: list[Turn] = []
        self._user = _Speech()
        self._model = _Speech()
        self._said: list[Part] = []  # of the response that is not complete
        self._asked = False

    def feed(self, frame: Frame) -> None:
        """Take a message of either side."""
        if frame.event == "closed":
            return
        value = requests.camel(frame.object)
        if frame.object.get("error"):
            record(self._message, frame.object["error"])
            self._asked = False
        if isinstance(value.get("setup"), dict):
            self._setup(value["setup"])
        if isinstance(value.get("clientContent"), dict):
            self._client_content(requests.camel(value["clientContent"]))
        if isinstance(value.get("realtimeInput"), dict):
            self._realtime_input(requests.camel(value["realtimeInput"]))
        if isinstance(value.get("toolResponse"), dict):
            self._tool_response(requests.camel(value["toolResponse"]))
        if isinstance(value.get("toolCall"), dict):
            self._answering()
            for call in objects(requests.camel(value["toolCall"]).get("functionCalls")):
                self._model.candidate.add({"functionCall": call})
        if isinstance(value.get("serverContent"), dict):
            self._server_content(requests.camel(value["serverContent"]))
        if isinstance(value.get("usageMetadata"), dict):
            self._message.usage = add_usage(self._message.usage or {}, value["usageMetadata"])
        for key in ("goAway", "toolCallCancellation"):
            if key in value:
                self._message.notes.append(f"the server says {key}: {as_text(value[key])}")

    def _setup(self, setup: dict[str, Any]) -> None:
        self._session = requests.generate(setup)
        self._message.model = text(setup.get("model")).rpartition("/")[2] or None

    def _client_content(self, content: dict[str, Any]) -> None:
        self._close_user()
        self._close_model()
        self._turns += requests.generate({"contents": content.get("turns")}).turns
        self._asked = self._asked or content.get("turnComplete") is True

    def _realtime_input(self, given: dict[str, Any]) -> None:
        if text(given.get("text")):
            self._close_model()
            self._user.candidate.add({"text": given["text"]})
            self._asked = True
        for blob in [*objects(given.get("mediaChunks")), obj(given.get("audio")), obj(given.get("video"))]:
            if blob:
                self._user.hear(blob)

    def _tool_response(self, given: dict[str, Any]) -> None:
        self._close_model()
        parts = [requests.part_of({"functionResponse": one}) for one in objects(given.get("functionResponses"))]
        self._turns.append(Turn("tool", parts))

    def _server_content(self, content: dict[str, Any]) -> None:
        heard = text(obj(content.get("inputTranscription")).get("text"))
        if heard:
            self._user.words.append(heard)
        words = text(obj(content.get("outputTranscription")).get("text"))
        parts = objects(obj(content.get("modelTurn")).get("parts"))
        if words or parts:
            self._answering()
        if words:
            self._model.words.append(words)
        for part in parts:
            blob = part.get("inlineData") or part.get("inline_data")
            if isinstance(blob, dict):
                self._model.hear(blob)
            else:
                self._model.candidate.add(part)
        self._model.candidate.cite(content)
        if content.get("interrupted") is True:
            self._message.notes.append(f"the user interrupted response {len(self._message.choices)}")
        if content.get("turnComplete") is True:
            self._complete(content)

    def _answering(self) -> None:
        """Take what the user said so far as a turn: the model answers it."""
        self._close_user()
        self._asked = False

    def _complete(self, content: dict[str, Any]) -> None:
        self._close_model()
        self._asked = False
        reason = text(content.get("turnCompleteReason")) or "turnComplete"
        self._message.choices.append(response_of(len(self._message.choices), self._said, reason))
        self._said = []

    def _close_user(self) -> None:
        if self._user:
            self._turns.append(Turn("user", self._user.parts(16000)))
            self._user = _Speech()

    def _close_model(self) -> None:
        if self._model:
            parts = self._model.parts(24000)
            self._turns.append(Turn("assistant", parts))
            self._said += parts
            self._model = _Speech()

    def finish(self) -> Message:
        """Return the session; it is complete if no answer is under way, and none was asked for in vain."""
        message = self._message
        self._close_user()
        self._close_model()
        cut = bool(self._said) or self._asked
        if self._said:
            message.choices.append(response_of(len(message.choices), self._said, None))
        system = [turn for turn in self._session.turns if turn.role == "system"]
        message.session = Conversation([*system, *self._turns], self._session.tools, self._session.parameters)
        if cut and not message.errors:
            message.notes.append("the connection ended before turnComplete")
        message.complete = not cut and not message.errors
        return message
