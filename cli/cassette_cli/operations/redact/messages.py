"""Recordings of frames in place of HTTP, as of WebSockets: what their messages say in pieces.

A message is an item of a sequence; it stands as a structure of nodes, or as JSON in one of its scalars.
"""

from collections.abc import Iterator, Sequence
from json import loads
from typing import Any

from cassette_cli.model.connection import ConnectionBody
from cassette_cli.model.http import Cassette
from cassette_cli.operations.redact import deltas, joining
from cassette_cli.operations.redact.hits import Hit
from cassette_cli.source.nodes import Node, walk

_INSIDE = "\0"  # the step from a scalar into the JSON that it holds
_DEEPEST = 60


class Messages:
    """One sequence of messages, and the texts that run over several of them."""

    def __init__(self, items: Sequence[Node]) -> None:
        self._items = items
        self.joins = joining.join([_value(item, 0) for item in items])

    def spread(self, join: joining.Joined, hits: Sequence[Hit]) -> Iterator[tuple[Node, Hit]]:
        """Yield hits of a joined text as hits of the scalars that hold its pieces."""
        for hit in hits:
            for piece, share in join.shares(hit):
                outer, inner = _cut(piece.path)
                node = _at(self._items[piece.frame], outer)
                if node is None or node.kind != "scalar":
                    continue
                if inner is None:
                    yield node, share
                elif (view := deltas.FrameText(node.value).place(inner)) is not None:
                    for one in view.lift([share]):
                        yield node, one


def sequences(cassette: Cassette) -> list[Messages]:
    """Return the sequences of messages in a recording that is no HTTP, or holds other things beside it."""
    document = cassette.document
    roots = document.roots
    connections = any(
        one.response is not None and isinstance(one.response.body, ConnectionBody) for one in cassette.interactions
    )
    if cassette.not_http is None and not connections and not any(root.get("ws_interactions") for root in roots):
        return []
    found: list[Messages] = []
    for root in roots:
        found.extend(
            Messages(node.items)
            for node in walk(root)
            if node.kind == "sequence" and len(node) > 1 and all(item.kind == "mapping" for item in node.items)
        )
    return found


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
