"""The texts of an interaction, as a person reads them: URL, headers, what was said, decoded bodies.

A body that is JSON is read string by string, each at its path. A stream is rebuilt to what was said; what else its
frames hold is read frame by frame. What a body says again that was found in what was said is told once.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from cassette_cli.errors import CassetteError
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette, Interaction, Unread
from cassette_cli.model.message import Choice, Conversation, Message, Part
from cassette_cli.operations.grep.pattern import Pattern, unescaped
from cassette_cli.operations.reading import Reading
from cassette_cli.source.nodes import walk
from cassette_cli.streams import eventstream
from cassette_cli.streams.frames import NOT_JSON, Frame

SIDES: Final = ("request", "response")
SAID: Final = ("text", "reasoning", "tool-calls")
KINDS: Final = ("url", "headers", "body", *SAID)
PARTS: Final = frozenset(f"{side}.{kind}" for side in SIDES for kind in KINDS)

Path = tuple[str | int, ...]


class Text(NamedTuple):
    """A text and where it stands: a side (none for the URL, and outside of all interactions), a kind, a place in it.

    `name` is that of the header or key that the value stands under. `binary` says that it is bytes, each a character.
    """

    value: str
    side: str
    kind: str
    place: str = ""
    name: str = ""
    binary: bool = False

    @property
    def where(self) -> str:
        """Where it stands, in words: `response.body $.items[3].name`."""
        return " ".join(
            word for word in (".".join(word for word in (self.side, self.kind) if word), self.place) if word
        )


class Within(NamedTuple):
    """Which texts are searched: those of a kind that are of a side, as in `request.body`."""

    parts: AbstractSet[str] = PARTS

    @classmethod
    def of(cls, names: Iterable[str]) -> "Within":
        """Return what names of sides, kinds and parts stand for: the kinds of the sides, and the parts.

        Without a side all of them are meant, without a kind likewise.
        """
        named = set(names)
        parts, alone = named & PARTS, named - PARTS
        if alone or not parts:
            sides = [one for one in SIDES if one in alone] or SIDES
            kinds = [one for one in KINDS if one in alone] or KINDS
            parts |= {f"{side}.{kind}" for side in sides for kind in kinds}
        return cls(parts)

    def holds(self, text: Text) -> bool:
        """Say whether a text is searched; the URL is a part of the request."""
        return f"{text.side or 'request'}.{text.kind}" in self.parts

    def reads_body(self, side: str) -> bool:
        """Say whether the body of a side has to be read."""
        return any(f"{side}.{kind}" in self.parts for kind in ("body", *SAID))

    @property
    def bodies(self) -> bool:
        """Whether bodies have to be read."""
        return any(map(self.reads_body, SIDES))


EVERYWHERE: Final = Within()


def matching(reading: Reading, pattern: Pattern, within: Within = EVERYWHERE) -> Iterator[Text]:
    """Yield the texts of an interaction in which the pattern matches, in the order of a conversation."""
    return _Search(reading, pattern, within).texts()


def outside(cassette: Cassette, pattern: Pattern) -> Iterator[Text]:
    """Yield the texts in which the pattern matches, of what stands outside of all interactions."""
    texts = [text for one in cassette.unread for text in _unread(one, "")]
    if cassette.not_http is not None and not cassette.interactions:
        texts = [Text(cassette.document.text, "", "document")]
    return (text for text in texts if pattern.matches_in(text.value))


def unsearched(reading: Reading, within: Within = EVERYWHERE) -> Iterator[CassetteError]:
    """Yield an error for each body that cannot be decoded whole, and so not searched whole."""
    index = reading.interaction.index
    for side, reason in _undecoded(reading, within) if within.bodies else ():
        told = f"the body of {side} {index} could not be searched: {reason}"
        yield CassetteError(told, hint="`cassette show` says what it is")


def _undecoded(reading: Reading, within: Within) -> Iterator[tuple[str, str]]:
    """Yield side and reason."""
    for side, body in reading.interaction.bodies:
        if body.node is not None and within.reads_body(side) and body.undecoded:
            yield side, body.undecoded
    framed = reading.framed
    if framed is None or framed.framing != eventstream.NAME or not within.reads_body("response"):
        return
    if framed.notes or not framed.whole:
        yield "response", "; ".join(framed.notes) or "it ends inside a frame"


class _Search:
    """The search of one interaction. `_said` are the texts that matched, of what was said."""

    def __init__(self, reading: Reading, pattern: Pattern, within: Within) -> None:
        self._reading = reading
        self._pattern = pattern
        self._within = within
        self._said: list[Text] = []

    def texts(self) -> Iterator[Text]:
        interaction = self._reading.interaction
        response = interaction.response
        made: list[Iterator[Text]] = [
            self._url(interaction.request.url),
            _headers("request", interaction.request.headers),
        ]
        if response is not None:
            made.append(_headers("response", response.headers))
        for texts in made:
            yield from self._found(texts)
        if self._within.bodies:
            yield from self._bodies(interaction)
        for one in interaction.unread:
            side = one.where.partition(".")[0]
            yield from self._found(_unread(one, side if side in SIDES else "response"))

    def _found(self, texts: Iterator[Text]) -> Iterator[Text]:
        return (text for text in texts if self._within.holds(text) and self._pattern.matches_in(text.value))

    def _url(self, url: str) -> Iterator[Text]:
        """Yield the URL as it was recorded, or else as it reads without percent-encoding."""
        yield Text(url if self._pattern.matches_in(url) else unquoted(url), "", "url")

    def _bodies(self, interaction: Interaction) -> Iterator[Text]:
        request = interaction.request.body
        response = None if interaction.response is None else interaction.response.body
        is_session = self._reading.messages is not None
        asks = self._may_match(request)
        answers = response is not None and (self._reading.framed is not None or self._may_match(response))
        said: list[Text] = []
        if is_session and self._reading.conversation is not None:
            said += _turns(self._reading.conversation, lambda role: SIDES[role == "assistant"])
        elif self._reading.conversation is not None:
            said += _turns(self._reading.conversation, lambda _: "request")
        if self._reading.message is not None:
            said += _answered(self._reading.message, is_session=is_session)
        said = [self._read(text) if text.kind == "tool-calls" else text for text in said]
        self._said = [text for text in said if self._pattern.matches_in(text.value)]
        yield from filter(self._within.holds, self._said)
        if self._within.parts.isdisjoint({"request.body", "response.body"}):
            return
        for side, body in (("request", request), ("response", response)):
            if body is not None and body.trailing:
                yield from self._found(_bytes(body.trailing, side, "behind the end"))
        if asks:
            yield from self._found(self._body("request", request))
        if answers and response is not None:
            texts = self._body("response", response) if self._reading.framed is None else self._frames(response)
            yield from self._found(texts)

    def _read(self, text: Text) -> Text:
        """Return a text as it stands, or else with the escapes of JSON taken off: arguments are JSON in a string."""
        if "\\" not in text.value or self._pattern.matches_in(text.value):
            return text
        return text._replace(value=unescaped(text.value))

    def _may_match(self, body: Body) -> bool:
        if body.node is None or not body.payload:
            return False
        text = body.text
        return text is None or _is_form(body) or self._pattern.may_match(text)

    def _body(self, side: str, body: Body) -> Iterator[Text]:
        text, value = body.text, body.json
        if text is None:
            yield from _bytes(body.data, side)
        elif value is None:
            if _is_form(body) and not self._pattern.matches_in(text):
                text = unquoted(text.replace("+", " "))
            yield Text(text, side, "body")
        else:
            said = [one for one in self._said if one.side == side]
            told = {one.value for one in said}
            words = "\n".join(one.value for one in said)
            calls = "\n".join(one.value for one in said if one.kind == "tool-calls")
            leaves = list(self._leaves(value, side))
            for leaf in leaves:
                # A name stands in many places; a sentence, or the arguments of a call, are those that were said.
                if leaf.value not in told and leaf.value not in (words if " " in leaf.value.strip() else calls):
                    yield leaf
            if not leaves and not said:  # what matches spans several
                yield Text(text, side, "body")

    def _leaves(self, value: Any, side: str) -> Iterator[Text]:
        from cassette_cli.operations.redact.texts.structured import said

        for leaf, name, path in _leaves(value):
            text = self._read(Text(leaf, side, "body", "", name))
            if self._pattern.matches_in(text.value):
                yield text._replace(place=said(path))

    def _frames(self, body: Body) -> Iterator[Text]:
        """Yield what frames hold beside what was said, of which each holds a part; the same at the same path once."""
        framed = self._reading.framed
        is_session = self._reading.messages is not None
        told = "\n".join(one.value for one in self._said if is_session or one.side == "response")
        seen: set[Text] = set()
        for number, frame in enumerate(() if framed is None else framed.frames):
            side = "request" if is_session and frame.event == "sent" else "response"
            for text in self._frame(frame, side):
                if text not in seen:
                    seen.add(text)
                    if text.value not in told:
                        yield text._replace(place=f"frame {number} {text.place}".rstrip())
        if not seen and not told:  # what matches is none of their data, or spans several
            whole = body.text
            yield from _bytes(body.data, "response") if whole is None else (Text(whole, "response", "body"),)

    def _frame(self, frame: Frame, side: str) -> Iterator[Text]:
        for name, value in (("event", frame.event), *(frame.fields or {}).items()):
            if isinstance(value, str) and self._pattern.matches_in(value):
                yield Text(value, side, "body", name, name)
        if not self._pattern.may_match(frame.data):
            return
        leaves = [] if frame.json is NOT_JSON else list(self._leaves(frame.json, side))
        yield from leaves
        if not leaves and self._pattern.matches_in(frame.data):
            yield Text(frame.data, side, "body")


def _is_form(body: Body) -> bool:
    return body.content_type.startswith("application/x-www-form-urlencoded")


def unquoted(text: str) -> str:
    """Return a text without percent-encoding."""
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _bytes(data: bytes, side: str, place: str = "") -> Iterator[Text]:
    yield Text(data.decode("latin-1"), side, "body", place, binary=True)


def _headers(side: str, headers: Iterable[Any]) -> Iterator[Text]:
    for line in headers:
        yield Text(f"{line.name}: {line.value}", side, "headers", "", line.name)


def _unread(one: Unread, side: str) -> Iterator[Text]:
    """Yield the keys and values of a part, with the key that each stands under."""
    names = {one.node.identity: one.where.rpartition(".")[2]}
    for node in walk(one.node):
        for key, value in node.pairs:
            names.setdefault(value.identity, key.value if key.kind == "scalar" else "")
        for item in node.items:
            names.setdefault(item.identity, names.get(node.identity, ""))
        if node.kind == "scalar" and not node.is_null:
            yield Text(node.value, side, "body", one.where, names.get(node.identity, ""))


def _turns(conversation: Conversation, side: Callable[[str], str]) -> Iterator[Text]:
    for turn in conversation.turns:
        for part in _joined(turn.parts) if turn.role == "assistant" else turn.parts:
            yield from _part(part, side(turn.role), turn.role)


def _answered(message: Message, *, is_session: bool) -> Iterator[Text]:
    for choice in () if is_session else message.choices:
        which = f"choice {choice.index}" if len(message.choices) > 1 else ""
        for part in _parts(choice):
            yield from _part(part, "response", which)
    for error in message.errors:
        yield Text(error, "response", "text", "error")


def _parts(choice: Choice) -> Iterator[Part]:
    """Yield the blocks of an answer, also where its protocol has none."""
    yield from _joined(choice.parts)
    if choice.parts:
        return
    for kind, text in (("reasoning", choice.reasoning), ("text", choice.text), ("refusal", choice.refusal)):
        if text:
            yield Part(kind, text)  # type: ignore[arg-type]  # each is a kind
    for call in choice.tool_calls:
        yield Part("tool_call", tool_call=call)


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield blocks, those of words that follow one another as one: a sentence goes on behind what it cites."""
    cited: list[Part] = []
    words: Part | None = None
    for part in parts:
        if part.kind == "citation" and words is not None:
            cited.append(part)
        elif words is not None and part.kind == words.kind:
            words = Part(words.kind, words.text + part.text)
        else:
            yield from (*([words] if words is not None else ()), *cited)
            cited, words = [], part if part.kind in ("text", "reasoning") else None
            if words is None:
                yield part
    yield from (*([words] if words is not None else ()), *cited)


def _part(part: Part, side: str, which: str) -> Iterator[Text]:
    if part.tool_call is not None:
        call = part.tool_call
        yield Text(call.name or "", side, "tool-calls", which)
        yield Text(call.arguments, side, "tool-calls", f"{which} {call.name or ''}".strip())
        return
    kind = {"reasoning": "reasoning", "tool_result": "tool-calls"}.get(part.kind, "text")
    data = "" if part.data is None else json.dumps(part.data, ensure_ascii=False)
    for value in (part.text, part.url or "", data):
        if value:
            yield Text(value, side, kind, which)


def _leaves(value: Any, name: str = "", path: Path = ()) -> Iterator[tuple[str, str, Path]]:
    """Yield keys, strings and numbers of JSON, with the key that each stands under, and the path to it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, "", (*path, key)
            yield from _leaves(item, key, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, name, (*path, number))
    elif isinstance(value, str):
        yield value, name, path
    elif value is not None:
        yield json.dumps(value), name, path
