"""One interaction, understood: its frames, its protocol, the request as a conversation, the answer as a message."""

from typing import Any

from cassette_cli.errors import MalformedCassetteError, UsageError
from cassette_cli.model.http import Interaction
from cassette_cli.model.message import Conversation, Message
from cassette_cli.providers import reassemble
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.errors import error_message
from cassette_cli.providers.generic import protocol as generic
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.source.later import lazy
from cassette_cli.streams import framing, websocket
from cassette_cli.streams.frames import ESCAPED, Framed


def protocol_named(name: str) -> StreamProtocol:
    """Return a protocol by its name; raises `UsageError` where there is none."""
    found = next((protocol for protocol in PROTOCOLS if protocol.name == name), None)
    if found is None:
        raise UsageError(f"unknown protocol {name!r}", hint="`cassette protocols` lists them")
    return found


def known_protocols() -> list[tuple[str, str, str]]:
    """Return (kind, name, what claims it) of every framing and protocol."""
    found = [("framing", one.NAME, one.ABOUT) for one in framing.FRAMINGS]
    return found + [("protocol", one.name, one.about) for one in PROTOCOLS]


class Reading:
    """What can be known of an interaction; each part is worked out when it is first asked for.

    `forced` names the protocol to use instead of the one that claims the stream.
    """

    def __init__(self, interaction: Interaction, forced: str | None = None) -> None:
        self.interaction = interaction
        self._forced = forced

    @lazy
    def exchange(self) -> Exchange:
        """What protocols look at to claim the answer."""
        request, response = self.interaction.request, self.interaction.response
        return Exchange(
            request.method,
            request.url,
            request_body=lambda: request.body.json,
            status=None if response is None else response.status,
            content_type="" if response is None else response.body.content_type,
            framing=None,
        )

    @lazy
    def framed(self) -> Framed | None:
        """The response body cut into frames, None if it is no stream."""
        response = self.interaction.response
        if response is None:
            return None
        framed = framing.split(response.body.payload, self.exchange.content_type)
        if framed is not None:
            self.exchange.framing = framed.framing
        return framed

    @lazy
    def _whole(self) -> dict[str, Any] | None:
        """The response body as a JSON object, where it is one and no stream."""
        response = self.interaction.response
        if response is None or self.framed is not None:
            return None
        value = response.body.json
        return value if isinstance(value, dict) else None

    @lazy
    def protocol(self) -> StreamProtocol | None:
        """The protocol of the answer: the one that was forced, or the one that claims it."""
        if self._forced is not None:
            return protocol_named(self._forced)
        if self.framed is not None:
            return reassemble.identify(self.exchange, self.framed)
        return None if self._whole is None else reassemble.identify_whole(self.exchange, self._whole)

    @lazy
    def message(self) -> Message | None:
        """The answer as the SDK would hand it over, None where it is no model's answer.

        A stream that no protocol claims is joined as it is, with a note. Raises
        `MalformedCassetteError` where a forced protocol finds nothing of its own in the answer.
        """
        protocol = self.protocol
        if self.framed is not None:
            message = reassemble.reassemble(self.exchange, self.framed, protocol or generic)
        elif protocol is not None and self._whole is not None:
            message = protocol.message(self._whole)
            if message.model is None:  # Bedrock and Cohere name the model in the URL or the request alone
                message.model = protocol.decoder(self.exchange).finish().model
        elif self.error is not None and self.asked is not None:
            message = Message(complete=False, errors=[self.error])
        else:
            message = None
        if self._forced is not None and (message is None or not (message.choices or message.errors)):
            raise MalformedCassetteError(
                f"interaction {self.interaction.index} is not an answer of {self._forced}",
                hint="leave --protocol out to let the stream tell",
            )
        return message

    @lazy
    def conversation(self) -> Conversation | None:
        """The request as messages by role, None where it is none; of a session, what both sides said, in order."""
        if self.messages is not None and self.message is not None:
            return self.message.session
        protocol = self.protocol or self.asked
        request = self.exchange.request
        return protocol.conversation(request) if request and protocol is not None else None

    @lazy
    def asked(self) -> StreamProtocol | None:
        """The protocol that the request speaks, by its path alone."""
        return reassemble.identify_request(self.exchange)

    @lazy
    def error(self) -> str | None:
        """What the provider says went wrong, where an HTTP error's body says so."""
        response = self.interaction.response
        if response is None or self.framed is not None or (response.status or 0) < 400:
            return None
        return error_message(response.body.json)

    @lazy
    def _counted(self) -> Message | None:
        """A message whose model and usage are right: the whole one where it is there, or is no stream."""
        if self.framed is None or self._forced is not None or "message" in self.__dict__:
            return self.message
        return reassemble.count(self.exchange, self.framed, self.protocol or generic)

    @property
    def model(self) -> str | None:
        """The model that answered, else the one that was asked for."""
        if self._counted is not None and self._counted.model:
            return self._counted.model
        words = self.interaction.request.body.text or ""  # many a request is large, and names no model
        if '"model"' not in words and ESCAPED not in words:
            return None
        asked = self.exchange.request.get("model")
        return asked if isinstance(asked, str) else None

    @property
    def tokens(self) -> tuple[int | None, int | None]:
        """Tokens in and out, as far as the provider counted them."""
        return (self.protocol or generic).usage.counts(None if self._counted is None else self._counted.usage)

    @property
    def reasoning_tokens(self) -> int | None:
        """How many of the tokens out were spent on reasoning, where the provider says so."""
        return (self.protocol or generic).usage.reasoning(None if self._counted is None else self._counted.usage)

    @property
    def frames(self) -> int | None:
        """How many frames the stream has, None if it is none."""
        return None if self.framed is None else len(self.framed.frames)

    @property
    def messages(self) -> tuple[int, int] | None:
        """How many messages of a WebSocket connection were sent, and how many received; None for HTTP."""
        framed = self.framed
        return websocket.counts(framed) if framed is not None and framed.framing == websocket.NAME else None

    @lazy
    def empties(self) -> list[int]:
        """The indices of the frames that carry nothing."""
        if self.framed is None or self.protocol is None:
            return []
        return self.protocol.empties(self.framed.frames)

    @property
    def body_bytes(self) -> int:
        """The size of the decoded response body in bytes, as it was recorded."""
        response = self.interaction.response
        return 0 if response is None else response.body.recorded_size
