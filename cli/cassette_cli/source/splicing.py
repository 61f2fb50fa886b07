"""The splice that turns edits into text: every character outside an edit stays."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from cassette_cli.errors import EditError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Insert, Note, Part, Put, Remove, Replace, Rewrite, spliced
from cassette_cli.source.nodes import Node
from cassette_cli.source.removal import removal_spans
from cassette_cli.source.replacing import Change, replacement

Span = tuple[int, int]
Mark = tuple[int, int, str]
"""The span and kind of a node, which tell it from all others."""


class Splice(NamedTuple):
    """The new text, and the edits as they were merged: one `Replace` a scalar, the others by their node.

    `changes` are what the old text's characters became, in order.
    """

    text: str
    replaced: dict[Span, Replace]
    removed: dict[Mark, frozenset[int]]
    inserted: dict[Mark, list[Insert]]
    placed: dict[Mark, Put]
    changes: tuple[Change, ...]


def splice(document: Document, edits: Iterable[Edit]) -> Splice:
    """Return the document's text with the edits made; those of files beside it are no business of the text.

    Raises `EditError` where edits overlap or cannot be written. Nothing is verified here:
    `verify.apply` is what commands call.
    """
    edits = list(edits)
    merged = _Merged(edit for edit in edits if not isinstance(edit, Note | Rewrite))
    replaced, nodes = merged.replaced, merged.nodes
    changes = [_comment(document, edit) for edit in edits if isinstance(edit, Note)]
    asked = {mark_of(edit.node) for edit in replaced.values()} | merged.placed.keys() | merged.inserted.keys()
    surroundings = _surroundings(document, asked) if asked else {}
    for edit in replaced.values():
        flow, key = surroundings.get(mark_of(edit.node), (document.is_json, False))
        changes.extend(replacement(document, edit, flow=flow, key=key))
    for mark, indices in merged.removed.items():
        changes.extend(removal_spans(document.text, nodes[mark], indices, document.newline))
    if merged.inserted or merged.placed:
        from cassette_cli.source.adding import insertions, placing

        for mark, new in merged.inserted.items():
            flow = surroundings.get(mark, (document.is_json,))[0]
            gone = merged.removed.get(mark, frozenset())
            changes.extend(insertions(document, nodes[mark], new, gone, flow=flow))
        for mark, one in merged.placed.items():
            flow = surroundings.get(mark, (document.is_json,))[0]
            changes.append(placing(document, one.node, one.value, flow=flow))
    text = _spliced(document, changes)
    return Splice(text, replaced, merged.removed, merged.inserted, merged.placed, tuple(sorted(changes)))


def mark_of(node: Node) -> Mark:
    """Return what tells a node from all others, and an alias from none."""
    return (*node.span, node.kind)


def _comment(document: Document, edit: Note) -> Change:
    """Return a change inside a comment: on one line, behind a `#`."""
    text = document.text
    line = text.rfind("\n", 0, edit.start) + 1
    if document.is_json or len((text[edit.start : edit.end] + edit.text + ".").splitlines()) != 1:
        raise EditError("a comment stays on its line", path=document.path, line=document.line(edit.start))
    if "#" not in text[line : edit.start]:
        raise EditError("there is no comment here", path=document.path, line=document.line(edit.start))
    return edit.start, edit.end, edit.text


class _Merged:
    """Edits by the nodes that they are of."""

    def __init__(self, edits: Iterable[Replace | Remove | Insert | Put]) -> None:
        self.nodes: dict[Mark, Node] = {}
        self.inserted: dict[Mark, list[Insert]] = {}
        self.placed: dict[Mark, Put] = {}
        scalars: dict[Span, Node] = {}
        parts: dict[Span, dict[Part, None]] = {}
        removed: dict[Mark, set[int]] = {}
        for edit in edits:
            if isinstance(edit, Remove):
                removed.setdefault(self._mark(edit.container), set()).add(edit.index)
            elif isinstance(edit, Insert):
                self.inserted.setdefault(self._mark(edit.container), []).append(edit)
            elif isinstance(edit, Put):
                self.placed[self._mark(edit.node)] = edit
            elif edit.node.kind != "scalar":
                raise EditError("only a scalar can be given new text")
            else:
                scalars[edit.node.span] = edit.node
                parts.setdefault(edit.node.span, {}).update(dict.fromkeys(edit.parts))
        replaced = {span: Replace(node, tuple(parts[span])) for span, node in scalars.items()}
        self.replaced = {span: edit for span, edit in replaced.items() if edit.value != edit.node.value}
        self.removed = {mark: frozenset(indices) for mark, indices in removed.items()}
        self._refill()

    def _mark(self, node: Node) -> Mark:
        mark = mark_of(node)
        self.nodes[mark] = node
        return mark

    def _refill(self) -> None:
        """Write collections anew that have no entry of their own, or keep none beside the new ones."""
        for mark in list(self.inserted):
            node = self.nodes[mark]
            if len(self.removed.get(mark, ())) == len(node):
                new = self.inserted.pop(mark)
                self.removed.pop(mark, None)
                filled = [one.value for one in new] if node.kind == "sequence" else {one.key: one.value for one in new}
                self.placed[mark] = Put(node, filled)


def _spliced(document: Document, changes: Iterable[Change]) -> str:
    changes = sorted(changes)
    for before, change in pairwise(changes):
        if change[0] < before[1]:
            raise EditError("two edits overlap", path=document.path, line=document.line(change[0]))
    return spliced(document.text, changes)


def _surroundings(document: Document, asked: set[Mark]) -> dict[Mark, tuple[bool, bool]]:
    """Return for each node that is asked for whether it stands inside brackets, and whether it is a key."""
    if document.is_json:
        return {}
    found: dict[Mark, tuple[bool, bool]] = {}
    starts = sorted(start for start, _, _ in asked)
    seen: set[int] = set()
    stack = [(root, False, False) for root in reversed(document.roots)]
    while stack:
        node, flow, key = stack.pop()
        at = bisect_left(starts, node.start)
        if at == len(starts) or starts[at] > node.end:
            continue  # nothing in there is edited
        mark = mark_of(node)
        if mark in asked:
            found.setdefault(mark, (flow, key))  # an alias comes after its anchor
        if node.kind != "scalar" and node.identity not in seen:
            seen.add(node.identity)
            flow = flow or node.style == "flow"
            for one, other in reversed(node.pairs):
                stack += ((other, flow, False), (one, flow, True))
            stack.extend((item, flow, False) for item in reversed(node.items))
    return found
