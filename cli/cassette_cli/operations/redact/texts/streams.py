"""Streams: a body's frames, what stands between them, and what their deltas say together."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from json import loads
from typing import Any

from cassette_cli.operations.redact.texts import joining
from cassette_cli.operations.redact.texts.structured import JsonLayer
from cassette_cli.operations.redact.texts.text import Layer, Piece, Replacement, Span, Text
from cassette_cli.operations.redact.texts.views import Mapped, Packed
from cassette_cli.source.nodes import Node
from cassette_cli.streams import eventstream
from cassette_cli.streams.frames import NOT_JSON, Frame, Framed

_LEAST_BETWEEN = 13
"""Characters between two frames that may say something: a comment, an id. A line break and `data: ` are fewer."""


class FramesLayer(Layer):
    """A body that is a stream of frames.

    Of an AWS event stream, which is binary, the text of the body is the data of its frames one after the other.
    """

    strict = True

    def __init__(self, text: Text, framed: Framed) -> None:
        super().__init__(text)
        self.framed = framed
        self.is_binary = framed.framing == eventstream.NAME
        self._starts = array("Q")
        self._ends = array("Q")
        at = 0
        for frame in framed.frames:
            spans = frame.data_spans or (frame.span,)  # one with an event's name alone has no data
            self._starts.append(at if self.is_binary else spans[0][0])
            at += len(frame.data)
            self._ends.append(at if self.is_binary else spans[-1][1])

    def pieces(self) -> list[Piece]:
        """Return the data of the frames and the texts between them."""
        found = [Piece(frame.data, number) for number, frame in enumerate(self.framed.frames)]
        if not self.is_binary:
            found += self._between()
        return found

    def pieces_at(self, spans: Iterable[Span]) -> list[Piece]:
        """Return those of the frames that spans of the body reach into; the texts between them, where one begins there.

        A frame that is no JSON, and looks like an escape of it, is returned too.
        """
        frames = self.framed.frames
        numbers = {number for number, one in enumerate(frames) if "\\" in one.data and one.json is NOT_JSON}
        is_between = False
        for start, end in spans:
            first, last = self.number_at(start), self.number_at(end - 1)
            numbers.update(range(max(first, 0), last + 1))
            is_between |= first < 0 or start >= self._ends[first]
        found = [Piece(frames[number].data, number) for number in sorted(numbers)]
        if is_between and not self.is_binary:
            found += self._between()
        return found

    def _between(self) -> Iterator[Piece]:
        assert self.text is not None
        source, at = self.text.value, 0
        spans = [span for frame in self.framed.frames for span in frame.data_spans]
        for number, (start, end) in enumerate([*spans, (len(source), len(source))]):
            if start - at >= _LEAST_BETWEEN:
                yield Piece(source[at:start], -1 - number)
            at = max(at, end)

    def frame(self, number: int) -> Text:
        """Return the text of a frame's data."""
        return self.child(Piece(self.framed.frames[number].data, number))

    def number_at(self, offset: int) -> int:
        """Return the frame that holds an offset of the body's text."""
        return bisect_right(self._starts, offset) - 1

    def start_of(self, number: int) -> int:
        """Return where a frame's data begins in the body's text."""
        return self._starts[number]

    def _view(self, child: Text) -> Mapped:
        frame = self.framed.frames[child.number]
        if not self.is_binary:
            return payload_view(frame)
        start = self._starts[child.number]
        return Mapped(frame.data, [0, len(frame.data)], [start, start + len(frame.data)], str)

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield replacements in a frame's data as replacements in the body."""
        assert self.text is not None
        view = self._view(child) if child.number >= 0 else self._gap(child)
        for one in view.lift(found):
            yield self.text, one

    def _gap(self, child: Text) -> Mapped:
        spans = [span for frame in self.framed.frames for span in frame.data_spans]
        start = spans[-2 - child.number][1] if child.number < -1 else 0
        return Mapped(child.value, [0, len(child.value)], [start, start + len(child.value)], str)

    def step(self, child: Text, start: int) -> str:
        """Return the frame's number."""
        del start
        return f"frame {child.number}" if child.number >= 0 else ""


def payload_view(frame: Frame) -> Mapped:
    """View a frame's data in a textual payload: its lines, and one line feed for what stands between two."""
    at, outer, size = [0], [frame.data_spans[0][0]], 0
    for number, (start, end) in enumerate(frame.data_spans):
        if number:
            size += 1
            at.append(size)
            outer.append(start)
        size += end - start
        at.append(size)
        outer.append(end)
    return Mapped(frame.data, at, outer, str)


class DeltasLayer(Layer):
    """What the frames of a stream say in pieces: a text a place, each spread over several frames."""

    depth = 50

    def __init__(self, text: Text, frames: FramesLayer) -> None:
        super().__init__(text)
        self.depth = DeltasLayer.depth
        self._frames = frames
        self._joins = joining.joined(frames.framed.frames)

    def pieces(self) -> list[Piece]:
        """Return the joined texts."""
        return [Piece(join.text, number) for number, join in enumerate(self._joins)]

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield what replacements mean for each delta: the first one takes the new text, the others lose theirs."""
        for delta, share in shares(self._joins[child.number], found):
            text = inside_frame(self._frames.frame(delta.frame), delta)
            if text is not None and text.value == delta.value:
                yield text, share

    def step(self, child: Text, start: int) -> str:
        """Return frame and path of the delta in which something begins."""
        join = self._joins[child.number]
        delta = join.deltas[join.at(start)]
        text = inside_frame(self._frames.frame(delta.frame), delta)
        return " ".join(text.where(0)[-2:]) if text is not None else f"frame {delta.frame}"


def shares(join: joining.Joined, found: Sequence[Replacement]) -> Iterator[tuple[joining.Delta, Replacement]]:
    """Yield the share of each delta in each replacement: the first one takes the new text."""
    for one in found:
        first = True
        for number in range(join.at(one.start), len(join.deltas)):
            delta = join.deltas[number]
            if delta.at >= one.end:
                break
            start, end = max(one.start, delta.at), min(one.end, delta.at + len(delta.value))
            new, masked, secrets = (one.new, one.masked, one.secrets) if first else ("", "", ())
            yield delta, Replacement(start - delta.at, end - delta.at, new, masked, secrets, one.whole)
            first = False


def inside_frame(frame: Text, delta: joining.Delta) -> Text | None:
    """Return the text of a delta in its frame: a string of its JSON, or of the JSON that it holds in base64."""
    if not delta.path:
        return frame
    layer = json_layer(frame)
    if layer is None:
        return None
    held = layer.at(("bytes",))
    if held is not None and (inner := held_json(held)) is not None:
        return inner.at(delta.path)
    return layer.at(delta.path)


def json_layer(text: Text) -> JsonLayer | None:
    """Return the layer of a text that is JSON."""
    from cassette_cli.operations.redact.texts.layers import layers_of

    return next((one for one in layers_of(text) if isinstance(one, JsonLayer)), None)


def held_json(held: Text) -> JsonLayer | None:
    """Return the layer of the JSON that a text holds in base64, as the chunks of Bedrock do."""
    from cassette_cli.operations.redact.texts.layers import ViewsLayer, layers_of

    for layer in layers_of(held):
        if isinstance(layer, ViewsLayer) and len(layer.views) == 1 and isinstance(layer.views[0], Packed):
            return json_layer(layer.child(layer.pieces()[0]))
    return None


class MessagesLayer(Layer):
    """Messages of a recording that is no HTTP, as of WebSockets: what several of them say in pieces.

    A message is an item of a sequence; it stands as a structure of nodes, or as JSON in one of its scalars.
    `document` is the layer that knows the texts of the nodes.
    """

    depth = 50

    def __init__(self, text: Text, items: Sequence[Node], text_of: Any) -> None:
        super().__init__(text)
        self.depth = MessagesLayer.depth
        self._items = items
        self._text_of = text_of
        self._joins = joining.join([_value(item, 0) for item in items])

    def pieces(self) -> list[Piece]:
        """Return the joined texts."""
        return [Piece(join.text, number) for number, join in enumerate(self._joins)]

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield what replacements mean for each of the scalars that hold the pieces."""
        for delta, share in shares(self._joins[child.number], found):
            text = self._inside(delta)
            if text is not None and text.value == delta.value:
                yield text, share

    def _inside(self, delta: joining.Delta) -> Text | None:
        outer, inner = _cut(delta.path)
        node = _at(self._items[delta.frame], outer)
        if node is None or node.kind != "scalar":
            return None
        text: Text = self._text_of(node)
        if inner is None:
            return text
        layer = json_layer(text)
        return None if layer is None else layer.at(inner)


_INSIDE = "\0"  # the step from a scalar into the JSON that it holds
_DEEPEST = 60


def _value(node: Node, depth: int) -> Any:
    """Return a node as JSON; a scalar that holds JSON as an object with that under one step."""
    if depth > _DEEPEST:
        return None
    if node.kind == "mapping":
        return {key.value: _value(value, depth + 1) for key, value in node.pairs if key.kind == "scalar"}
    if node.kind == "sequence":
        return [_value(item, depth + 1) for item in node.items]
    if node.tag == "str" and node.value[:1] in ("{", "["):
        try:
            return {_INSIDE: loads(node.value)}
        except (ValueError, RecursionError):
            return node.value
    return node.value if node.tag in ("str", "int") else None


def _cut(path: joining.Path) -> tuple[joining.Path, joining.Path | None]:
    """Cut a path into what leads to a scalar and, where the text is inside its JSON, what leads on."""
    if _INSIDE not in path:
        return path, None
    at = path.index(_INSIDE)
    return path[:at], path[at + 1 :]


def _at(node: Node, path: joining.Path) -> Node | None:
    at: Node | None = node
    for step in path:
        if at is None:
            return None
        at = at.get(step) if isinstance(step, str) else at.items[step] if step < len(at.items) else None
    return at
