"""Bedrock's agents: InvokeAgent, InvokeInlineAgent, InvokeFlow, RetrieveAndGenerate and its stream.

Defined by https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_ResponseStream.html
and its neighbours. A `chunk` of an agent holds text in base64, not a model's JSON.
"""

import re
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part, ToolCall
from cassette_cli.providers import errors
from cassette_cli.providers.base import Exchange, StreamProtocol, mark_end, without_end
from cassette_cli.providers.bedrock import requests
from cassette_cli.providers.bedrock.converse import is_error, is_failure, record_failure
from cassette_cli.providers.bedrock.invoke import protocol as bedrock_invoke
from cassette_cli.providers.blocks import Blocks, choice_of_blocks
from cassette_cli.providers.values import as_text, media, obj, objects, text
from cassette_cli.streams.frames import Frame, held_text

_EVENTS = frozenset(
    ("trace", "returnControl", "files", "output", "citation", "guardrail", "flowOutputEvent",
     "flowCompletionEvent", "flowTraceEvent", "flowMultiTurnInputRequestEvent")
)  # fmt: skip
_PATH = re.compile(r"/agents/[^/]+(?:/agentAliases/.*)?$|/flows/[^/]+/aliases/[^/]+$|/retrieveAndGenerate(?:Stream)?$")


class BedrockAgent(StreamProtocol):
    """Bedrock's agents."""

    name = "bedrock-agent"
    about = "AWS messages called chunk with text in base64, trace, returnControl, output, …, or an agent's path"
    paths = ("/agents/**/text", "/retrieveAndGenerate", "/retrieveAndGenerateStream")
    padding = ("p",)

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the name of the event; a chunk if it is no model's, an exception by the path."""
        if ":message-type" not in (frame.fields or {}):
            return False
        if is_failure(frame):
            return bool(_PATH.search(exchange.path))
        if frame.event == "chunk":
            return isinstance(frame.object.get("bytes"), str) and not bedrock_invoke.claims(exchange, frame)
        return frame.event in _EVENTS

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim the answer of RetrieveAndGenerate; an error by the path."""
        if isinstance(obj(payload.get("output")).get("text"), str) and payload.keys() & {
            "citations",
            "sessionId",
        }:
            return True
        return is_error(payload) and bool(_PATH.search(exchange.path))

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer of RetrieveAndGenerate."""
        decoder = Decoder(Exchange())
        if is_error(payload):
            errors.record(decoder.message, payload)
        decoder.take("output", obj(payload.get("output")))
        for cited in objects(payload.get("citations")):
            decoder.take("citation", cited)
        decoder.take("guardrail", {"action": payload.get("guardrailAction")})
        return without_end(decoder.finish())

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.agent(payload)


protocol = BedrockAgent()


class Decoder:
    """Joins the chunks; traces are passed over, they tell how the agent came to its answer."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self.message = Message()
        self._blocks = Blocks()
        self._finish: str | None = None
        self._traces = 0

    def feed(self, frame: Frame) -> None:
        """Take an AWS message."""
        if is_failure(frame):
            record_failure(self.message, frame)
        elif frame.event:
            self.take(frame.event, frame.object)

    def take(self, event: str, body: dict[str, Any]) -> None:
        """Take an event by its name."""
        if event == "chunk":
            held = held_text(body, errors="replace")
            self._write(text(body.get("bytes")) if held is None else held)
            for cited in objects(obj(body.get("attribution")).get("citations")):
                self._cite(cited)
        elif event == "output":
            self._write(text(body.get("text")))
        elif event == "citation":
            self._cite(obj(body.get("citation")) or body)
        elif event == "returnControl":
            self._return(body)
            self._finish = event
        elif event == "files":
            for file in objects(body.get("files")):
                self._blocks.add(
                    media(
                        "file", text(file.get("bytes")), text(file.get("type")) or None, text(file.get("name")) or None
                    )
                )
        elif event in ("flowOutputEvent", "flowMultiTurnInputRequestEvent"):
            document = obj(body.get("content")).get("document")
            self._write("" if document is None else as_text(document))
        elif event == "flowCompletionEvent":
            self._finish = text(body.get("completionReason")) or event
        elif event == "guardrail" and text(body.get("action")) == "INTERVENED":
            self.message.notes.append("a guardrail intervened")
        elif event in ("trace", "flowTraceEvent"):
            self._trace(body)

    def _write(self, words: str) -> None:
        if words:
            self._blocks.write("text", words)

    def _trace(self, body: dict[str, Any]) -> None:
        self._traces += 1
        failure = obj(obj(body.get("trace")).get("failureTrace"))
        if failure:
            self.message.notes.append(f"a trace tells of a failure: {text(failure.get('failureReason'))}")

    def _cite(self, cited: dict[str, Any]) -> None:
        for reference in objects(cited.get("retrievedReferences")):
            location = obj(reference.get("location"))
            places = (obj(value) for value in location.values())
            url = next((place[key] for place in places for key in ("uri", "url", "id") if text(place.get(key))), None)
            words = text(obj(reference.get("content")).get("text"))
            self._blocks.add(Part("citation", words, url=url))

    def _return(self, body: dict[str, Any]) -> None:
        """Take calls that the program is to make itself."""
        for item in objects(body.get("invocationInputs")):
            call = next((obj(value) for value in item.values()), {})
            arguments = {text(p.get("name")): p.get("value") for p in objects(call.get("parameters"))}
            content = obj(obj(call.get("requestBody")).get("content"))
            for group in map(obj, [*content.values(), obj(call.get("requestBody"))]):
                arguments.update({text(p.get("name")): p.get("value") for p in objects(group.get("properties"))})
            name = text(call.get("function")) or " ".join(
                filter(None, map(text, map(call.get, ("httpMethod", "apiPath"))))
            )
            made = ToolCall(text(body.get("invocationId")) or None, name or None, as_text(arguments))
            self._blocks.add(Part("tool_call", tool_call=made))

    def finish(self) -> Message:
        """Return the message; an agent's stream has no sign of its end."""
        if self._blocks.blocks or self._finish:
            self.message.choices = [choice_of_blocks(self._blocks.blocks, role="assistant", finish=self._finish)]
        if self._traces:
            self.message.notes.append(f"{self._traces} trace events are left out")
        return mark_end(self.message, ended=bool(self.message.choices), sign="answer")
