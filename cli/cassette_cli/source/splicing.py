"""The splice that turns edits into text: every character outside an edit stays."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from cassette_cli.errors import EditError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Note, Part, Remove, Replace, spliced
from cassette_cli.source.nodes import Node
from cassette_cli.source.removal import removal_spans
from cassette_cli.source.replacing import Change, replacement

Span = tuple[int, int]
Mark = tuple[int, int, str]
"""The span and kind of a collection, which tell it from all others."""


@dataclass(frozen=True, slots=True)
class Splice:
    """The new text, and the edits as they were merged: one `Replace` a scalar, the removals by container.

    `changes` are what the old text's characters became, in order.
    """

    text: str
    replaced: dict[Span, Replace]
    removed: dict[Mark, frozenset[int]]
    changes: tuple[Change, ...]


def splice(document: Document, edits: Iterable[Edit]) -> Splice:
    """Return the document's text with the edits made; those of files beside it are no business of the text.

    Raises `EditError` where edits overlap or cannot be written. Nothing is verified here:
    `verify.apply` is what commands call.
    """
    edits = list(edits)
    replaced, removed, containers = _merge(edit for edit in edits if isinstance(edit, Replace | Remove))
    changes = [_comment(document, edit) for edit in edits if isinstance(edit, Note)]
    surroundings = _surroundings(document, replaced) if replaced else {}
    for span, edit in replaced.items():
        flow, key = surroundings.get(span, (document.is_json, False))
        changes.extend(replacement(document, edit, flow=flow, key=key))
    for mark, indices in removed.items():
        changes.extend(removal_spans(document.text, containers[mark], indices, document.newline))
    return Splice(_spliced(document, changes), replaced, removed, tuple(sorted(changes)))


def _comment(document: Document, edit: Note) -> Change:
    """Return a change inside a comment: on one line, behind a `#`."""
    text = document.text
    line = text.rfind("\n", 0, edit.start) + 1
    if document.is_json or len((text[edit.start : edit.end] + edit.text + ".").splitlines()) != 1:
        raise EditError("a comment stays on its line", path=document.path, line=document.line(edit.start))
    if "#" not in text[line : edit.start]:
        raise EditError("there is no comment here", path=document.path, line=document.line(edit.start))
    return edit.start, edit.end, edit.text


def _merge(
    edits: Iterable[Replace | Remove],
) -> tuple[dict[Span, Replace], dict[Mark, frozenset[int]], dict[Mark, Node]]:
    nodes: dict[Span, Node] = {}
    parts: dict[Span, dict[Part, None]] = {}
    removed: dict[Mark, set[int]] = {}
    containers: dict[Mark, Node] = {}
    for edit in edits:
        if isinstance(edit, Remove):
            mark = (*edit.container.span, edit.container.kind)
            containers[mark] = edit.container
            removed.setdefault(mark, set()).add(edit.index)
        else:
            if edit.node.kind != "scalar":
                raise EditError("only a scalar can be given new text")
            nodes[edit.node.span] = edit.node
            parts.setdefault(edit.node.span, {}).update(dict.fromkeys(edit.parts))
    replaced = {span: Replace(node, tuple(parts[span])) for span, node in nodes.items()}
    replaced = {span: edit for span, edit in replaced.items() if edit.value != edit.node.value}
    return replaced, {mark: frozenset(indices) for mark, indices in removed.items()}, containers


def _spliced(document: Document, changes: Iterable[Change]) -> str:
    changes = sorted(changes)
    for before, change in pairwise(changes):
        if change[0] < before[1]:
            raise EditError("two edits overlap", path=document.path, line=document.line(change[0]))
    return spliced(document.text, changes)


def _surroundings(document: Document, replaced: dict[Span, Replace]) -> dict[Span, tuple[bool, bool]]:
    """Return for each edited scalar whether it stands inside brackets, and whether it is a key."""
    if document.is_json:
        return {}
    found: dict[Span, tuple[bool, bool]] = {}
    starts = sorted(start for start, _ in replaced)
    seen: set[int] = set()
    stack = [(root, False, False) for root in reversed(document.roots)]
    while stack:
        node, flow, key = stack.pop()
        at = bisect_left(starts, node.start)
        if at == len(starts) or starts[at] > node.end:
            continue  # nothing in there is edited
        if node.kind == "scalar":
            if node.span in replaced:
                found.setdefault(node.span, (flow, key))  # an alias comes after its anchor
        elif node.identity not in seen:
            seen.add(node.identity)
            flow = flow or node.style == "flow"
            for one, other in reversed(node.pairs):
                stack += ((other, flow, False), (one, flow, True))
            stack.extend((item, flow, False) for item in reversed(node.items))
    return found
