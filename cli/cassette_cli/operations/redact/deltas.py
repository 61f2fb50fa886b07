"""The way back from the joined texts of a stream to its frames, and from a frame to the body."""

from collections.abc import Sequence
from dataclasses import dataclass

from cassette_cli.operations.redact.hits import Hit, enclosing, merged
from cassette_cli.operations.redact.joining import Joined, Path
from cassette_cli.operations.redact.views import Mapped, json_string
from cassette_cli.source import json
from cassette_cli.source.nodes import Node
from cassette_cli.streams import editing
from cassette_cli.streams.frames import Frame, Framed


@dataclass(slots=True)
class FrameText:
    """The text of one frame that hits are counted in: its data, or the JSON that it holds in base64."""

    text: str
    inner: editing.Inner | None = None

    def place(self, path: Path) -> Mapped | None:
        """View the string at a path; None where it is not found."""
        if not path and not self.text.lstrip().startswith('"'):
            return Mapped(self.text, [0, len(self.text)], [0, len(self.text)], str)
        node: Node | None = json.compose(self.text)[0]
        for step in path:
            node = _step(node, step)
        return None if node is None else json_string(self.text, node.start + 1, node.end - 1)


def _step(node: Node | None, step: str | int) -> Node | None:
    if node is None:
        return None
    if isinstance(step, str):
        return node.get(step)
    return node.items[step] if step < len(node.items) else None


def frame_text(frame: Frame) -> FrameText:
    """Return the text of a frame in which hits are counted."""
    inner = editing.inner(frame)
    return FrameText(frame.data) if inner is None else FrameText(inner.text, inner)


def spread(join: Joined, hits: Sequence[Hit], texts: dict[int, FrameText], framed: Framed) -> dict[int, list[Hit]]:
    """Return hits of a joined text as hits of the frames' texts; `texts` is filled as frames are met."""
    out: dict[int, list[Hit]] = {}
    for hit in hits:
        for piece, share in join.shares(hit):
            text = texts.setdefault(piece.frame, frame_text(framed.frames[piece.frame]))
            view = text.place(piece.path)
            if view is not None and view.text == piece.value:
                out.setdefault(piece.frame, []).extend(view.lift([share]))
    return out


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


def outward(text: FrameText, hits: Sequence[Hit]) -> list[Hit]:
    """Return hits of a frame's text as hits of its data: one, where the text was in base64."""
    hits = merged(hits)
    if text.inner is None or not hits:
        return hits
    new, masked = (
        text.inner.parts([(hit.start, hit.end, hit.masked if shown else hit.new) for hit in hits])
        for shown in (False, True)
    )
    return [enclosing(hits, *text.inner.span, new[0][2], masked[0][2])] if new and masked else []
