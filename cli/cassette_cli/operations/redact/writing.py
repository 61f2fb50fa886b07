"""From hits to edits: each place written back the way it stands, and nothing else touched."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cassette_cli.errors import EditError
from cassette_cli.model.http import Cassette
from cassette_cli.operations.redact.deltas import outward
from cassette_cli.operations.redact.hits import Hit
from cassette_cli.operations.redact.places import Place
from cassette_cli.operations.redact.scan import Spot
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Note, Part, Remove, Replace
from cassette_cli.source.nodes import Node, walk
from cassette_cli.streams import editing


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes edits; `masked` ones for a text that people may see. `remove` drops headers whole."""

    masked: bool = False

    def edits(self, spots: Iterable[Spot]) -> list[Edit]:
        """Return the edits of all spots."""
        made: list[Edit] = []
        for spot in spots:
            made += self._spot(spot)
        return made

    def _spot(self, spot: Spot) -> list[Edit]:
        place = spot.place
        if place.kind == "comment":
            return [Note(place.start + h.start, place.start + h.end, self._text(h)) for h in spot.hits]
        node = place.node
        assert node is not None
        if spot.frames:
            assert place.body is not None
            assert place.framed is not None
            return editing.edits(place.body, place.framed, editing.Changes(dict(self._frames(spot))))
        if place.body is not None:
            if isinstance(place.body.payload, bytes):
                return place.body.replace(_in_place(place.text, spot.hits, masked=self.masked).encode("latin-1"))
            return place.body.edit(self._parts(spot.hits))
        return [Replace(node, tuple(self._parts(spot.hits, place.offset)))]

    def _frames(self, spot: Spot) -> Iterator[tuple[int, list[Part]]]:
        for number, (text, hits) in spot.frames.items():
            yield number, self._parts(outward(text, hits))

    def _parts(self, hits: Sequence[Hit], offset: int = 0) -> list[Part]:
        return [(offset + hit.start, offset + hit.end, self._text(hit)) for hit in hits]

    def _text(self, hit: Hit) -> str:
        return hit.masked if self.masked else hit.new


def _in_place(text: str, hits: Sequence[Hit], *, masked: bool) -> str:
    """Return a binary body with its hits overwritten, not one byte longer or shorter: lengths in it stay true."""
    out = text
    for hit in hits:
        size = hit.end - hit.start
        new = hit.masked if masked else hit.new
        out = out[: hit.start] + (new * (size // len(new) + 1))[:size] + out[hit.end :]
    return out


def removals(cassette: Cassette, places: Iterable[Place]) -> tuple[list[Remove], set[tuple[int, int]]]:
    """Return the edits that drop these header lines whole, and the spans of all scalars that go with them.

    Raises `EditError` for a line whose place is not understood.
    """
    parents = _parents(cassette.document)
    made: dict[tuple[int, int, int], Remove] = {}
    gone: set[tuple[int, int]] = set()
    for place in places:
        assert place.node is not None
        container, index = _line(place.node, place.name_node, parents)
        made[(*container.span, index)] = Remove(container, index)
        roots = container.pairs[index] if container.kind == "mapping" else (container.items[index],)
        gone.update(node.span for root in roots for node in walk(root) if node.kind == "scalar")
    return list(made.values()), gone


def _parents(document: Document) -> dict[tuple[int, int, str], tuple[Node, int]]:
    found: dict[tuple[int, int, str], tuple[Node, int]] = {}
    for root in document.roots:
        for node in walk(root):
            for index, item in enumerate(node.items):
                found.setdefault((*item.span, item.kind), (node, index))
            for index, (key, value) in enumerate(node.pairs):
                found.setdefault((*value.span, value.kind), (node, index))
                found.setdefault((*key.span, key.kind), (node, index))
    return found


def _line(node: Node, name: Node | None, parents: dict[tuple[int, int, str], tuple[Node, int]]) -> tuple[Node, int]:
    """Return the collection that holds a header line, and where: climb until the name is underneath too."""
    at = node
    while (up := parents.get((*at.span, at.kind))) is not None:
        container, index = up
        if name is None:
            return container, index
        if container.kind == "mapping":
            key, _ = container.pairs[index]
            if any(one.span == name.span for one in walk(key)):
                return container, index
        holds_name = any(one.span == name.span for one in (*container.items, *(v for _, v in container.pairs)))
        above = parents.get((*container.span, container.kind))
        if holds_name and above is not None:
            return above
        at = container
    raise EditError("a header whose name is not found cannot be removed", hint="leave --remove out for this file")
