"""The splice that turns edits into text: every character outside an edit stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cassette_cli.errors import EditError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Remove, Replace
from cassette_cli.source.nodes import Node, walk
from cassette_cli.source.removal import removal_spans
from cassette_cli.source.replacing import Change, replacement

Span = tuple[int, int]
Mark = tuple[int, int, str]
"""The span and kind of a collection, which tell it from all others."""


@dataclass(frozen=True, slots=True)
class Splice:
    """The new text, and the edits as they were merged: one `Replace` a scalar, the removals by container."""

    text: str
    replaced: dict[Span, Replace]
    removed: dict[Mark, frozenset[int]]


def splice(document: Document, edits: Iterable[Edit]) -> Splice:
    """Return the document's text with the edits made.

    Raises `EditError` where edits overlap or cannot be written. Nothing is verified here:
    `verify.apply` is what commands call.
    """
    replaced, removed, containers = _merge(edits)
    changes: list[Change] = []
    surroundings = _surroundings(document, replaced) if replaced else {}
    for span, edit in replaced.items():
        flow, key = surroundings.get(span, (document.is_json, False))
        changes.extend(replacement(document, edit, flow=flow, key=key))
    for mark, indices in removed.items():
        changes.extend(removal_spans(document.text, containers[mark], indices, document.newline))
    return Splice(_spliced(document, changes), replaced, removed)


def _merge(edits: Iterable[Edit]) -> tuple[dict[Span, Replace], dict[Mark, frozenset[int]], dict[Mark, Node]]:
    replaced: dict[Span, Replace] = {}
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
            before = replaced.get(edit.node.span)
            parts = edit.parts if before is None else tuple(dict.fromkeys((*before.parts, *edit.parts)))
            replaced[edit.node.span] = Replace(edit.node, parts)
    unchanged = [span for span, edit in replaced.items() if edit.value == edit.node.value]
    for span in unchanged:
        del replaced[span]
    return replaced, {mark: frozenset(indices) for mark, indices in removed.items()}, containers


def _spliced(document: Document, changes: Sequence[Change]) -> str:
    text, at = document.text, 0
    out: list[str] = []
    for start, end, new in sorted(changes):
        if start < at:
            raise EditError("two edits overlap", path=document.path, line=document.line(start))
        out += (text[at:start], new)
        at = end
    out.append(text[at:])
    return "".join(out)


def _surroundings(document: Document, replaced: dict[Span, Replace]) -> dict[Span, tuple[bool, bool]]:
    """Return for each edited scalar whether it stands inside brackets, and whether it is a key."""
    if document.is_json:
        return {}
    found: dict[Span, tuple[bool, bool]] = {}
    flow_until = -1
    for root in document.roots:
        for node in walk(root):
            if node.style == "flow":
                flow_until = max(flow_until, node.end)
            if node.kind == "scalar" and node.span in replaced:
                found.setdefault(node.span, (node.start < flow_until, False))
            for key, _ in node.pairs:
                if key.span in replaced:
                    found[key.span] = (node.style == "flow" or key.start < flow_until, True)
    return found
