"""Edits, and the splice that turns them into text: every character outside an edit stays."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cassette_cli.errors import EditError
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node, walk
from cassette_cli.source.removal import removal_spans
from cassette_cli.source.scalars import SourceMap, content_start, source_map
from cassette_cli.source.writing import Context, fits_plain, inline, plain_tag, whole

Part = tuple[int, int, str]
"""`value[start:end]` becomes the text."""


@dataclass(frozen=True, slots=True)
class Replace:
    """Give a scalar new text: whole, or only in some parts.

    Parts do not overlap, and each keeps all that stands around it as it was written. A number, a
    boolean or a null stays one if the new text reads as one, and becomes a string if it does not.
    """

    node: Node
    parts: tuple[Part, ...]

    @classmethod
    def all(cls, node: Node, value: str) -> "Replace":
        """Replace the whole value."""
        return cls(node, ((0, len(node.value), value),))

    @property
    def value(self) -> str:
        """The scalar's value after the edit.

        Raises `EditError` where parts overlap or leave the value.
        """
        old = self.node.value
        out, at = [], 0
        for start, end, text in sorted(self.parts):
            if start < at or end < start or end > len(old):
                raise EditError("two edits overlap, or leave their scalar")
            out += (old[at:start], text)
            at = end
        return "".join([*out, old[at:]])

    @property
    def tag(self) -> str:
        """The tag that the scalar has after the edit."""
        return new_tag(self.node, self.value)


@dataclass(frozen=True, slots=True)
class Remove:
    """Take an item out of a sequence, or a key and its value out of a mapping, by position."""

    container: Node
    index: int


Edit = Replace | Remove


@dataclass(frozen=True, slots=True)
class Splice:
    """The new text, and the edits as they were merged: one `Replace` a scalar, the removals by container."""

    text: str
    replaced: dict[tuple[int, int], Replace]
    removed: dict[tuple[int, int, str], frozenset[int]]


def new_tag(node: Node, value: str) -> str:
    """Return the tag of the scalar once it holds `value`: its own, or `str` where the text no longer reads as that."""
    if node.tag in ("int", "float", "bool", "null", "timestamp", "merge") and node.style == "plain":
        return node.tag if plain_tag(value) == node.tag and value else "str"
    return node.tag


def splice(document: Document, edits: Iterable[Edit]) -> Splice:
    """Return the document's text with the edits made.

    Raises `EditError` where edits overlap or cannot be written. Nothing is verified here:
    `verify.apply` is what commands call.
    """
    replaced, removed, containers = _merge(edits)
    changes: list[tuple[int, int, str]] = []
    surroundings = _surroundings(document, replaced) if replaced else {}
    for span, edit in replaced.items():
        flow, key = surroundings.get(span, (document.is_json, False))
        changes.extend(_replace(document, edit, flow=flow, key=key))
    for mark, indices in removed.items():
        changes.extend(removal_spans(document.text, containers[mark], indices, document.newline))
    return Splice(_spliced(document, changes), replaced, removed)


def _merge(
    edits: Iterable[Edit],
) -> tuple[dict[tuple[int, int], Replace], dict[tuple[int, int, str], frozenset[int]], dict[tuple[int, int, str], Node]]:
    replaced: dict[tuple[int, int], Replace] = {}
    removed: dict[tuple[int, int, str], set[int]] = {}
    containers: dict[tuple[int, int, str], Node] = {}
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


def _spliced(document: Document, changes: Sequence[tuple[int, int, str]]) -> str:
    text, at, out = document.text, 0, []
    for start, end, new in sorted(changes):
        if start < at:
            raise EditError("two edits overlap", path=document.path, line=document.line(start))
        out += (text[at:start], new)
        at = end
    out.append(text[at:])
    return "".join(out)


def _surroundings(
    document: Document, replaced: dict[tuple[int, int], Replace]
) -> dict[tuple[int, int], tuple[bool, bool]]:
    """Return for each edited scalar whether it stands inside brackets, and whether it is a key."""
    if document.is_json:
        return {}
    found: dict[tuple[int, int], tuple[bool, bool]] = {}
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


def _replace(document: Document, edit: Replace, *, flow: bool, key: bool) -> list[tuple[int, int, str]]:
    """Return the changes of text for one scalar: part by part where its style can hold them, else whole."""
    node, text, wanted = edit.node, document.text, edit.value
    made = source_map(text, node, is_json=document.is_json)
    context = Context(
        is_json=document.is_json,
        newline=_newline(document, node),
        indent=made.indent if made else "",
        flow=flow,
        key=key,
        ascii=document.is_json and document.text.isascii(),
    )
    if node.style == "plain":
        return _replace_plain(document, edit, context)
    if made is not None:
        changes = _in_parts(made, edit, context)
        if changes is not None and _reads_as(document, node, changes, wanted):
            return changes
    start = content_start(text, node)
    header = ""
    if node.style in ("literal", "folded"):
        comment = re.match(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)", text[start : node.end])
        header = comment[1] if comment else ""
    for style in (node.style, "double"):
        change = (start, node.end, whole(wanted, style, context, header))
        if _reads_as(document, node, [change], wanted, anew=True):
            return [change]
    fallback = whole(wanted, "double", context)
    if node.style in ("literal", "folded"):
        fallback += header.rstrip() + context.newline
    return [(start, node.end, fallback)]


def _replace_plain(document: Document, edit: Replace, context: Context) -> list[tuple[int, int, str]]:
    """Rewrite a plain scalar: in parts where it stays plain, else whole."""
    node, text, wanted = edit.node, document.text, edit.value
    start = content_start(text, node)
    typed = new_tag(node, wanted)
    if typed not in ("str", node.tag) or (typed == node.tag != "str" and typed in ("int", "float", "bool", "null")):
        return [(start, node.end, wanted)]
    if not context.is_json and fits_plain(wanted, context):
        made = source_map(text, node, is_json=False)
        changes = _in_parts(made, edit, context) if made is not None else None
        if changes is not None and _reads_as(document, node, changes, wanted):
            return changes
        new = wanted
    else:
        new = whole(wanted, "plain", context)
    if start == node.end and start > 0 and not text[start - 1].isspace():
        new = " " + new  # `key:` has no blank to put a value behind
    return [(start, node.end, new)]


def _in_parts(made: SourceMap, edit: Replace, context: Context) -> list[tuple[int, int, str]] | None:
    """Return a change a part, None where one of them splits an escape or cannot be written in the style."""
    changes = []
    size = len(edit.node.value)
    for start, end, new in edit.parts:
        if (start, end) == (0, size) and size:
            return None
        place = made.locate(start, end)
        written = inline(new, edit.node.style, context)
        if place is None or written is None:
            return None
        left, right = place
        if edit.node.style == "literal" and not new and end == size and start and edit.node.value[start - 1] == "\n":
            left = made.source_end[-1] if start == size else left - len(context.indent)  # the line goes whole
        changes.append((left, right, written))
    return changes


def _reads_as(
    document: Document, node: Node, changes: list[tuple[int, int, str]], wanted: str, *, anew: bool = False
) -> bool:
    """Say whether the scalar, so changed, reads back as the wanted value."""
    out, at = [], node.start
    for start, end, new in sorted(changes):
        if start < at:
            return False
        out += (document.text[at:start], new)
        at = end
    source = "".join([*out, document.text[at : node.end]])
    style = node.style
    if anew:
        first = source[content_start(document.text, node) - node.start :][:1]
        style = {"'": "single", '"': "double", "|": "literal", ">": "folded"}.get(first, "plain")  # type: ignore[assignment]
    end = len(source.rstrip("\r\n")) if style in ("single", "double") else len(source)
    trial = Node("scalar", node.tag, wanted, 0, end, style)
    return source_map(source, trial, is_json=document.is_json) is not None


def _newline(document: Document, node: Node) -> str:
    at = document.text.find("\n", node.start, node.end)
    if at < 0:
        return document.newline
    return "\r\n" if at and document.text[at - 1] == "\r" else "\n"
