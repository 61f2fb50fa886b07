"""The Responses API over a WebSocket: a `response.create` with the body of a request, then the events of its stream.

Defined by https://platform.openai.com/docs/guides/websocket-mode; one connection may hold several responses.
"""

from collections.abc import Callable

from cassette_cli.model.message import Conversation, Message, Turn
from cassette_cli.providers.base import Decoder
from cassette_cli.providers.openai import items
from cassette_cli.providers.sessions import add_usage
from cassette_cli.streams.frames import Frame


class Session:
    """Gives the events of each response to a decoder of its own; `make` makes one."""

    def __init__(self, make: Callable[[], Decoder]) -> None:
        self._make = make
        self._open: Decoder | None = None
        self._message = Message(session=Conversation())

    def feed(self, frame: Frame) -> None:
        """Take a message of either side."""
        if frame.event == "closed":
            return
        event = frame.object
        if frame.event == "sent" and event.get("type") == "response.create":
            self._close()
            self._ask(items.responses({key: value for key, value in event.items() if key != "type"}))
            self._open = self._make()
        elif frame.event == "received":
            if self._open is None:  # What is received first is told by an error, or by a recording that was cut.
                self._open = self._make()
            self._open.feed(frame)

    def _ask(self, request: Conversation) -> None:
        session = self._message.session
        assert session is not None
        session.turns += request.turns
        session.tools = request.tools or session.tools
        session.parameters = {**session.parameters, **request.parameters}

    def _close(self) -> None:
        if self._open is None:
            return
        answer, message = self._open.finish(), self._message
        assert message.session is not None
        for choice in answer.choices:
            choice.index = len(message.choices)
            message.choices.append(choice)
            message.session.turns.append(Turn(choice.role or "assistant", choice.parts))
        message.model = answer.model or message.model
        if answer.usage:
            message.usage = add_usage(message.usage or {}, answer.usage)
        message.complete = message.complete and answer.complete
        message.errors += answer.errors
        message.notes += answer.notes
        self._open = None

    def finish(self) -> Message:
        """Return the session; it is complete if every response is."""
        self._close()
        return self._message
