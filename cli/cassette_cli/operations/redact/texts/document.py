"""The texts of a cassette as its file holds them: bodies by the recorder's format, and every node besides.

What a format does not know is walked all the same, names too, so that unknown fields, WebSocket frames
and recordings of anything are covered; YAML's comments, which hold no node, are read from the text between.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from cassette_cli.formats import base
from cassette_cli.model.body import Body
from cassette_cli.model.connection import ConnectionBody
from cassette_cli.model.http import Cassette, Interaction
from cassette_cli.model.storage import is_base64
from cassette_cli.operations.redact.texts.streams import DeltasLayer, FramesLayer, MessagesLayer
from cassette_cli.operations.redact.texts.structured import (
    LEAST_TEXT,
    Below,
    below,
    container,
    is_named,
    is_telling,
    named,
)
from cassette_cli.operations.redact.texts.text import (
    By,
    Excerpt,
    Glance,
    Hits,
    Kind,
    Layer,
    Piece,
    Replacement,
    Span,
    Text,
)
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node, walk
from cassette_cli.source.one_by_one import OneByOne
from cassette_cli.source.yaml.entries import Entries
from cassette_cli.streams import eventstream, framing
from cassette_cli.streams.frames import Frame, Framed

if TYPE_CHECKING:
    from cassette_cli.model.headers import Headers

Side = Literal["request", "response", ""]
PlaceKind = Literal["url", "header", "body", "node", "key", "comment"]
_Way = tuple["_Way | None", str | int]
"""A path as links: what it hangs from, and the last step."""

_ADDRESS = pattern(r"[A-Za-z][A-Za-z0-9+.-]{0,11}://\S*\Z")  # not Link's <…>, nor several
_COMMENT = pattern(r"#(?<![^ \t\r\n].)[^\r\n]*")
_BLOCK_OPENS = pattern(r"\A(?:[!&][^\s]*\s+){0,3}[|>][-+0-9]*\s+")
_PROPERTY = ("!", "&")
"""What opens a tag or an anchor, behind which there may be a tag."""
_OPENS_BLOCK = ("|", ">", *_PROPERTY)
_NO_NAME: By = ""
_NAMING = ("name", "key", "header")
_BY_OTHERS = pattern(r"(?:value|prob|bytes)['\"]?:")
"""Names that say how those beside them are to be read."""


@dataclass(slots=True, eq=False)
class Place:
    """Where a text stands in the file.

    `node` is the scalar that holds it, `offset` where it begins in the scalar's value; a body's place has its
    `body`, and a comment, which begins at `start` in the document, has neither. `name_node` holds the name
    that it stands under. `where` is for people.
    """

    kind: PlaceKind
    node: Node | None = None
    offset: int = 0
    interaction: int | None = None
    side: Side = ""
    where: str = ""
    body: Body | None = None
    framed: Framed | None = None
    is_stream: bool = False
    start: int = 0
    name_node: Node | None = None


class Unscanned(NamedTuple):
    """A part that could not be looked into, and why."""

    node: Node
    interaction: int | None
    where: str
    reason: str


class _Visit(NamedTuple):
    """A node to be walked, and the name that it stands under."""

    node: Node
    way: _Way | None
    name: str
    by: By
    name_node: Node | None
    is_key: bool = False
    in_full: bool = False
    """Whether a name above it says that there may be something anywhere in it."""


_GONE = Place("node")
"""Stands for where a text stood that was let go of."""


class DocumentLayer(Layer):
    """All texts of a cassette; `chosen` are the interactions to look at, None for the whole file.

    What cannot be read is gathered in `unscanned`. Of a cassette that is held in pieces the texts are there once, an
    interaction's after another's, and are let go of when they were searched.
    """

    strict = True

    def __init__(self, cassette: Cassette, chosen: set[int] | None = None) -> None:
        super().__init__(None)
        self._cassette = cassette
        self._document = cassette.document
        self._chosen = chosen
        self._known: set[tuple[int, int]] = set()
        self._urls: set[tuple[int, int]] = set()
        self._headers: dict[tuple[int, int], Headers] = {}
        self._visits: list[_Visit | Place] = []
        self.glance: Glance | None = None
        self._hits: Hits | None = None
        self._commented: set[int] = set()
        self._promised: set[int] = set()
        self._numbers: dict[tuple[int, int], int] = {}
        self._named: set[tuple[int, str, By]] = set()
        self._in_turn = cassette.document.is_held_in_pieces
        self.hosts: dict[int | None, str] = {}
        self._spans: list[tuple[int, int, int]] = []
        for interaction in () if self._in_turn else cassette.interactions:
            self._meet(interaction)
        self._spans.sort()
        self._starts = [start for start, _, _ in self._spans]
        self._pieces: list[Piece] | None = None
        self.unscanned: list[Unscanned] = []

    def _meet(self, interaction: Interaction) -> None:
        self._spans.append((interaction.node.start, interaction.node.end, interaction.index))
        self.hosts[interaction.index] = _host(interaction.request.url)

    def all_pieces(self) -> Iterator[Piece]:
        """Yield the texts; the same ones with the same numbers whenever it is asked for."""
        if self._pieces is not None:
            yield from self._pieces
            return
        if self._in_turn:
            yield from self._others()
            return
        found = []
        for piece in self.pieces():
            found.append(piece)
            yield piece
        self._pieces = found

    def look_again(self, glance: Glance | None) -> None:
        """Take in the texts that were left out, where there may be something by another glance."""
        self.glance = glance
        self._pieces = [*(self._pieces or ()), *self._others()]

    def child(self, piece: Piece) -> Text:
        """Return a text; that of a stream has its frames for layers."""
        text = super().child(piece)
        place = self._visits[piece.number]
        if text.layers is None and isinstance(place, Place) and place.is_stream and place.body is not None:
            framed = place.framed = place.framed or _framed(place.body)
            assert framed is not None
            frames = FramesLayer(text, framed)
            text.layers = [frames, DeltasLayer(text, frames)]
        return text

    def is_stream(self, piece: Piece) -> bool:
        """Say whether a text has layers whatever it looks like: frames, or messages."""
        place = self._visits[piece.number]
        return isinstance(place, Place) and place.is_stream

    def frames(self, piece: Piece) -> Sequence[Frame]:
        """Return the frames of a text that is a stream; none of another."""
        place = self._visits[piece.number]
        if not (isinstance(place, Place) and place.is_stream and place.body is not None):
            return ()
        place.framed = place.framed or _framed(place.body)
        return place.framed.frames if place.framed is not None else ()

    def drop(self, number: int) -> None:
        """Let go of what was read of a text in which nothing was found."""
        place = self._visits[number]
        if isinstance(place, Place) and place.is_stream:
            if place.body is None:
                return
            place.framed = None
        super().drop(number)
        if self._in_turn:
            self._visits[number] = _GONE

    def interaction_of(self, number: int) -> int | None:
        """Return the interaction around a text."""
        visit = self._visits[number]
        return visit.interaction if isinstance(visit, Place) else self._index(visit.node.start)

    # Where a text stands

    def place(self, text: Text) -> Place:
        """Return where a text of the file stands."""
        visit = self._visits[text.number]
        if not isinstance(visit, Place):
            visit = self._visits[text.number] = self._placed(visit)
        return visit

    def _placed(self, visit: _Visit) -> Place:
        index, side, where = self._told(visit._replace(way=visit.way[0]) if visit.is_key and visit.way else visit)
        place = Place("key" if visit.is_key else "node", visit.node, 0, index, side, where, name_node=visit.name_node)
        if visit.node.span in self._urls:
            place.kind, place.where, place.side = "url", "url", "request"
        elif visit.by == "header" and not visit.is_key:
            place.kind = "header"
        return place

    def _told(self, visit: _Visit) -> tuple[int | None, Side, str]:
        """Return interaction, side and path of a node, in terms of the recording where the format knows it."""
        steps = list(_steps(visit.way))
        index = self._index(visit.node.start)
        for number, step in enumerate(steps):
            if step in ("request", "response", "requests", "responses") and isinstance(step, str):
                side: Side = "request" if step.startswith("request") else "response"
                rest = steps[number + 1 :]
                if step.endswith("s") and rest and isinstance(rest[0], int):
                    index, rest = rest[0], rest[1:]
                if rest and rest[0] == "headers" and visit.by == "header":
                    return index, side, f"{side}.headers {visit.name.lower()}"
                return index, side, _said((side, *rest))
        return index, "", _said(tuple(steps))

    def _index(self, offset: int) -> int | None:
        """Return the interaction around a place in the text."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return None
        _, end, index = self._spans[at]
        return index if offset < end else None

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield nothing: there is no text around a file's."""
        del child, found
        return iter(())

    # What texts there are

    def pieces(self) -> Iterator[Piece]:
        """Yield bodies, then everything else, then comments."""
        for interaction in self._cassette.interactions:
            yield from self._bodies(interaction)
        yield from self._others()
        yield from self._messages()

    def _bodies(self, interaction: Interaction) -> Iterator[Piece]:
        request, response = interaction.request, interaction.response
        self._urls.update(one.span for one in (request.url_node, request.query_node) if one is not None)
        for message in (request, response):
            if message is not None:
                self._headers.update((node.span, message.headers) for node in message.headers.nodes)
        sides: list[tuple[Side, str, Body]] = [("request", "body", request.body)]
        if response is not None:
            sides.append(("response", "body", response.body))
        sides += [("response", "copy", copy) for copy in interaction.copies]
        for side, what, body in sides:
            node = body.node
            if node is None or (body.storage in ("parsed", "json") and node.kind != "scalar"):
                continue
            if body.blocked is None:
                self._known.update(holder.span for holder in body.holders)
            if self._chosen is None or interaction.index in self._chosen:
                place = Place("body", node, 0, interaction.index, side, f"{side}.{what}", body)
                yield from self._body(place)

    def _body(self, place: Place, visit: _Visit | None = None) -> Iterator[Piece]:
        """Yield what can be read of a body; report it, if that is not all."""
        body, node = place.body, place.node
        assert body is not None
        assert node is not None
        if reason := body.undecoded:
            self._report(place, reason)
        if body.blocked is not None:
            return
        payload = body.payload
        if body.trailing:
            yield self._trailing(place, body.trailing)
        if not payload:
            return
        number = len(self._visits)
        self._visits.append(place)
        self._numbers[node.span] = number
        name, by = ("", _NO_NAME) if visit is None else (visit.name, visit.by)
        framed = _framed(body)
        if framed is not None:
            yield from self._stream(place, payload, framed, number)
        elif isinstance(payload, bytes):
            yield Piece(payload.decode("latin-1"), number, name, by, "binary")
        else:
            yield Piece(payload, number, name, by, _kind(body))

    def _stream(self, place: Place, payload: str | bytes, framed: Framed, number: int) -> Iterator[Piece]:
        if framed.framing == eventstream.NAME:
            if framed.notes or not framed.whole:
                self._report(place, "; ".join(framed.notes) or "it ends inside a frame")
                return
            payload = "".join(frame.data for frame in framed.frames)
        place.framed, place.is_stream = framed, True
        assert isinstance(payload, str)
        yield Piece(payload, number)

    def _trailing(self, place: Place, data: bytes) -> Piece:
        """Return what stands behind compressed data: it is kept byte for byte, so what is found there is reported."""
        self._visits.append(Place("body", place.node, -1, place.interaction, place.side, place.where, place.body))
        return Piece(data.decode("latin-1"), len(self._visits) - 1, "", "", "binary")

    def report(self, text: Text, reason: str) -> None:
        """Report that a text of the file could not be looked into."""
        self._report(self.place(text), reason)

    def _report(self, place: Place, reason: str) -> None:
        node = place.node if place.node is not None else self._document.roots[0]
        one = Unscanned(node, place.interaction, place.where, reason)
        if one not in self.unscanned:
            self.unscanned.append(one)

    def _others(self) -> Iterator[Piece]:
        """Yield what is no body: the texts of nodes, then comments."""
        if not self._in_turn:
            self._hits = self._hits_of((0, len(self._document.text)))
        yield from self._walked([_Visit(root, None, "", "key", None) for root in reversed(self._document.roots)])
        yield from self._comments()

    def _hits_of(self, span: Span) -> Hits | None:
        """Return where there may be something in a part of the file, outside of its bodies; None for anywhere."""
        if self.glance is None:
            return None
        rest = Excerpt(self._document.text, self._between_bodies(span))
        spans = self.glance.of_file(rest.text, is_json=self._document.is_json)
        return Hits([(rest.place(start), rest.place(end)) for start, end in spans])

    def _between_bodies(self, span: Span) -> list[Span]:
        """Return what no body covers in a part of the file, with what may be a comment behind the sign of a block."""
        text, found, at = self._document.text, [], span[0]
        for start, end in sorted(self._known):
            line_end = text.find("\n", start, end)
            begin = line_end if text.startswith(_OPENS_BLOCK, start) and line_end >= 0 else start
            if begin > at:
                found.append((at, begin))
            at = max(at, end)
        return [*found, (at, max(at, span[1]))]

    def _is_dull(self, node: Node) -> bool:
        """Say whether there is nothing in a node, by the place of its text: if all its values depend on that alone."""
        if self._hits is None or self._hits.touches(node.start, node.end):
            return False
        if self._document.is_json:
            return True
        if node.kind == "scalar":
            text = self._document.text
            return not text.startswith(_PROPERTY, node.start) and text.find("\n", node.start, node.end) < 0
        return isinstance(node, Entries) and not node.goes_on

    def _walked(self, stack: list[_Visit]) -> Iterator[Piece]:
        seen: dict[tuple[int, By, str, bool], Node] = {}  # held, as another might get the identity of one that is gone
        while stack:
            visit = stack.pop()
            node = visit.node
            if not visit.in_full and self._is_dull(node):
                continue
            if node.kind == "scalar":
                yield from self._scalar(visit)
                continue
            mark = (node.identity, visit.by, visit.name, visit.in_full)  # an alias may stand under another name
            if mark in seen or node.span in self._known:
                continue
            seen[mark] = node
            if isinstance(node.items, OneByOne):
                yield from self._each(visit)
            elif node.kind == "sequence":
                stack += reversed([visit._replace(node=one, way=(visit.way, n)) for n, one in enumerate(node.items)])
            else:
                yield from self._mapping(visit, stack)

    def _each(self, visit: _Visit) -> Iterator[Piece]:
        """Yield the texts of a list whose items are made one by one, which are the interactions."""
        if len(visit.node) != len(self._cassette.interactions):
            self._report(Place("node", visit.node, where=visit.name), "it is more than interactions")
        for number, interaction in enumerate(self._cassette.interactions):
            node = interaction.node
            self._meet(interaction)
            self._starts.append(node.start)
            if any(isinstance(body, ConnectionBody) for _, body in interaction.bodies):
                self._report(
                    Place("node", node, 0, interaction.index, "", "a connection"), "it is looked into as a whole"
                )
            yield from self._bodies(interaction)
            self._hits = self._hits_of(node.span)
            yield from self._walked([visit._replace(node=node, way=(visit.way, number))])
            self._known, self._urls, self._headers, self._numbers, self._named = set(), set(), {}, {}, set()
        self._hits = None

    def _mapping(self, visit: _Visit, stack: list[_Visit]) -> Iterator[Piece]:
        pairs = self._pairs(visit)
        inside = _below(pairs, visit)
        visits = []
        is_plain = not self.thorough and inside.beside is None and not inside.held and inside.by != "cookie"
        for key, value in pairs:
            label = key.value if key.kind == "scalar" else "?"
            way: _Way = (visit.way, label)
            in_full = visit.in_full or inside.beside is not None or self._is_hit(label, key, value)
            if key.kind != "scalar":
                stack.append(_Visit(key, way, "", "key", None, in_full=in_full))
            if not in_full and value.kind == "scalar" and self._is_dull(value):
                continue
            if key.kind == "scalar" and in_full and (self.thorough or is_telling(label) or is_base64(key)):
                yield from self._scalar(_Visit(key, way, "", "", None, is_key=True))
            if value.kind == "scalar":
                if len(value.value) < LEAST_TEXT and is_plain and not is_named(label):
                    continue
                name, by = named(label, inside)
                name_node = key if inside.beside is None or name == label else _beside(pairs)
                visits.append(_Visit(value, way, name, by, name_node, in_full=in_full))
                continue
            own = container(label) if inside.by == "key" else None
            if value.span in self._headers:
                own = "header"
            if own == "header" and _is_odd(value):
                yield from self._lines(value, way)
            visits.append(_Visit(value, way, "" if own else label, own or inside.by, key, in_full=in_full))
        stack += reversed(visits)

    def _is_hit(self, label: str, key: Node, value: Node) -> bool:
        """Say whether there may be something in a name, or by it in all that stands under it."""
        if self._hits is None or self.glance is None:
            return True
        if self.glance.tells(label) or self._document.text.startswith(_PROPERTY, key.start):
            return True
        return self._hits.touches(key.start, max(key.end, value.start))

    def _pairs(self, visit: _Visit) -> list[tuple[Node, Node]]:
        """Return the pairs of a mapping; of names and texts alone, those in which there may be something."""
        node, hits = visit.node, self._hits
        if hits is None or visit.in_full or not isinstance(node, Entries) or node.goes_on or node.search(_BY_OTHERS):
            return node.pairs
        return node.pairs_where(hits.touches)

    def _lines(self, headers: Node, way: _Way) -> Iterator[Piece]:
        """Yield header lines that stand in another shape than names and values: pairs, texts, tagged names."""
        for line in self._headers.get(headers.span) or base.headers(headers):
            if line.node is not None and line.node.span not in self._numbers:
                visit = _Visit(line.node, (way, line.name), line.name, "header", line.name_node)
                for piece in self._scalar(visit):
                    place = self._visits[piece.number]
                    if piece.kind != "text" or line.value == piece.value or isinstance(place, Place):
                        yield piece
                        continue
                    placed = self._visits[piece.number] = self._placed(place)
                    placed.offset = max(piece.value.rfind(line.value), 0)
                    yield piece._replace(value=line.value)

    def _scalar(self, visit: _Visit) -> Iterator[Piece]:
        node = visit.node
        span = node.span
        if span in self._known or not node.value:
            return
        number = self._numbers.get(span, -1)
        if number >= 0 and number not in self._promised:  # an alias, which may stand under another name
            if visit.name and (number, visit.name, visit.by) not in self._named:
                self._named.add((number, visit.name, visit.by))
                yield Piece(node.value, number, visit.name, visit.by, "again")
            return
        if self._chosen is not None and self._index(node.start) not in self._chosen:
            return
        if is_base64(node):
            place = self._placed(visit)
            place.kind, place.body = "body", Body(node, "base64")
            yield from self._body(place, visit)
            return
        if number < 0:
            number = self._numbers[span] = len(self._visits)
            self._visits.append(visit)
        self._promised.discard(number)
        kind: Kind = "key" if visit.is_key else "text"
        if span in self._urls or (visit.by == "header" and "://" in node.value and _ADDRESS.match(node.value)):
            kind = "url"
        elif kind == "text" and node.is_bare and node.tag != "str":
            if node.is_null:
                return
            kind = "number" if node.tag in ("int", "float") else "word"
        if visit.name:
            self._named.add((number, visit.name, visit.by))
        yield Piece(node.value, number, visit.name, visit.by, kind)

    def _messages(self) -> Iterator[Piece]:
        """Yield what the messages of a recording that is no HTTP say in pieces."""
        roots = self._document.roots
        connected = any(
            one.response is not None and isinstance(one.response.body, ConnectionBody)
            for one in self._cassette.interactions
        )
        if self._cassette.not_http is None and not connected and not any(root.get("ws_interactions") for root in roots):
            return
        for root in roots:
            for node in walk(root):
                if node.kind == "sequence" and len(node) > 1 and all(item.kind == "mapping" for item in node.items):
                    number = len(self._visits)
                    self._visits.append(Place("node", node, where="a message", is_stream=True))
                    text = self.child(Piece("", number, "", "", "word"))
                    text.layers = [MessagesLayer(text, node.items, self.text_of)]
                    yield Piece("", number, "", "", "word")

    def text_of(self, node: Node) -> Text:
        """Return the text of a scalar."""
        number = self._numbers.get(node.span)
        if number is None:
            number = self._numbers[node.span] = len(self._visits)
            self._promised.add(number)
            self._visits.append(Place("node", node, interaction=self._index(node.start), where="a message"))
        return self.child(Piece(node.value, number))

    # Comments

    def _comments(self) -> Iterator[Piece]:
        """Yield what may be comments of YAML: what opens with `#` after a blank. See `is_comment`."""
        text = self._document.text
        if self._document.is_json or "#" not in text:
            return
        for match in _COMMENT.finditer(text):
            if match.start() in self._commented or not (self._hits is None or self._hits.touches(*match.span())):
                continue
            self._commented.add(match.start())
            index = self._index(match.start())
            if self._chosen is None or index in self._chosen:
                self._visits.append(Place("comment", None, 0, index, "", "comment", start=match.start()))
                yield Piece(self._document.words(match.group()), len(self._visits) - 1, "", "", "comment")

    def comments(self) -> list[tuple[int, str]]:
        """Return where each comment begins, and its text."""
        text = self._document.text
        if self._document.is_json:
            return []
        return [(one.start(), one.group()) for one in _COMMENT.finditer(text) if self._is_comment(one.start())]

    def is_comment(self, text: Text) -> bool:
        """Say whether what looks like a comment is one: it stands in no scalar."""
        return self._is_comment(self.place(text).start)

    def _is_comment(self, start: int) -> bool:
        starts = [begin for begin, _ in self._scalars]
        at = bisect_right(starts, start) - 1
        return at < 0 or start >= self._scalars[at][1] or self._opens_block(self._scalars[at][0], start)

    @cached_property
    def _scalars(self) -> list[tuple[int, int]]:
        return sorted({node.span for root in self._document.roots for node in walk(root) if node.kind == "scalar"})

    def _opens_block(self, start: int, at: int) -> bool:
        """Say whether a place is the comment behind a block scalar's `|`."""
        line = self._document.text[start:at]
        return "\n" not in line and _BLOCK_OPENS.fullmatch(line) is not None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _framed(body: Body) -> Framed | None:
    """Return the frames of a body that is a stream."""
    payload = body.payload
    # Nearly all are known by their text, and what opens an object is no stream by its type alone: for
    # these the headers need not be read.
    framed = framing.split(payload)
    if framed is None and payload[:1] not in ("{", b"{"):
        framed = framing.split(payload, body.content_type)
    return framed if framed is None or framed.frames else None


def _kind(body: Body) -> Kind:
    """Return what the text of a body is by its type."""
    payload = body.payload
    assert isinstance(payload, str)
    if payload[:1] in ("{", "["):
        return "text"
    kind = body.content_type
    if "x-www-form-urlencoded" in kind:
        return "form"
    return "yaml" if "yaml" in kind else "text"


def _below(pairs: list[tuple[Node, Node]], visit: _Visit) -> Below:
    labels = [key.value for key, _ in pairs] if len(pairs) <= 16 else [""] * len(pairs)
    beside = _beside(pairs) if "value" in labels else None
    return below(labels, None if beside is None else beside.value, visit.name, visit.by)


def _beside(pairs: list[tuple[Node, Node]]) -> Node | None:
    """Return the node of the name beside a value, as in `{name: …, value: …}`."""
    return next((value for key, value in pairs if key.value in _NAMING and value.kind == "scalar"), None)


def _is_odd(headers: Node) -> bool:
    """Say whether header lines stand in another shape than names and values."""
    if headers.kind == "sequence":
        return any(item.kind != "mapping" for item in headers.items[:1])
    if isinstance(headers, Entries):
        return False
    return any(key.kind != "scalar" or is_base64(key) for key, _ in headers.pairs)


def _steps(way: _Way | None) -> Iterator[str | int]:
    """Yield the steps of a path from its root."""
    found: list[str | int] = []
    while way is not None:
        found.append(way[1])
        way = way[0]
    return reversed(found)


def _said(steps: tuple[str | int, ...]) -> str:
    """Return a path as people write it: `request.form.client_secret[0]`."""
    out = ""
    for step in steps:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else step
    return out
