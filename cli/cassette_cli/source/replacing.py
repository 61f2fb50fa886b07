"""Rewriting one scalar: part by part where its style can hold the new text, else whole."""

import json

from cassette_cli.errors import EditError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import TYPES, Part, Replace, spliced
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node
from cassette_cli.source.scalars import BLOCK_HEADER, SourceMap, content_start, source_map
from cassette_cli.source.writing import Context, fits_plain, inline, whole

Change = tuple[int, int, str]
"""`text[start:end]` of a document becomes the new text."""

_BLANK = " \t"
_BLOCK = ("literal", "folded")
_GUARDS: tuple[tuple[bool, bool] | None, ...] = (None, (False, False), (True, False), (False, True), (True, True))
"""Whether blanks at the ends of a part are escaped, with those before it and those behind it."""

_UNWRITABLE = {True: pattern("[\ud800-\udbff][\udc00-\udfff]"), False: pattern("[\ud800-\udfff]")}
_OPENS_BLANK = pattern(r"\n*[ \t]")
_TAG = pattern(r"![^\s]*\s*")


def replacement(document: Document, edit: Replace, *, flow: bool, key: bool) -> list[Change]:
    """Return the changes of text for one scalar.

    `flow` says that it stands inside brackets, `key` that it is a mapping's key. Raises `EditError`
    for text that the grammar cannot hold at all.
    """
    node, text = edit.node, document.text
    if _UNWRITABLE[document.is_json].search(edit.value):
        what = "JSON joins the halves of a surrogate pair" if document.is_json else "YAML holds no half surrogate pairs"
        raise EditError(what, path=document.path, line=document.line(node.start))
    made = source_map(text, node, is_json=document.is_json)
    context = Context(
        is_json=document.is_json,
        newline=_newline(document, node),
        indent=made.indent if made else "",
        flow=flow,
        key=key,
        ascii=document.is_json and text.isascii(),
    )
    if node.tag in TYPES:
        return [_retyped(text, edit, context)]
    if made is not None and (node.style != "plain" or fits_plain(edit.value, context)):
        for guard in _GUARDS if node.style == "double" and not document.is_json else _GUARDS[:1]:
            changes = _in_parts(text, made, edit, context, guard)
            if changes is not None and _reads_as(document, node, changes, edit.value, made.indent):
                return changes
    if node.style in _BLOCK:
        return [_block(text, edit, context, made)]
    start = content_start(text, node)
    return [(start, node.end, _in_gap(text, node, start, whole(edit.value, node.style, context), context))]


def _retyped(text: str, edit: Replace, context: Context) -> Change:
    """Rewrite a number, a boolean, a null: as one, or as a string without the tag that would deny it."""
    node = edit.node
    start = content_start(text, node)
    is_typed = node.style == "plain" and edit.tag != "str"
    new = edit.value if is_typed else whole(edit.value, node.style, context)
    prefix = text[node.start : start]
    if edit.tag == node.tag or "!" not in prefix:
        return start, node.end, _in_gap(text, node, start, new, context)
    kept = _TAG.sub("", prefix).rstrip()
    return node.start, node.end, f"{kept} {new}" if kept else new


def _in_gap(text: str, node: Node, at: int, new: str, context: Context) -> str:
    """Fit a value in where none was written: the indicator before it may have no blank behind it."""
    if at < node.end or at == 0:
        return new
    before = text[:at].rstrip()[-1:]
    if context.flow and not context.key and before not in ":?,[{" and node.start == at:
        return f": {new}"  # `{key}` stands for `{key: }`
    if text.startswith(("---", "..."), at) and text[at - 1] in "\r\n":
        return new + context.newline
    return new if text[at - 1].isspace() else f" {new}"


def _block(text: str, edit: Replace, context: Context, made: SourceMap | None) -> Change:
    """Rewrite a literal or folded scalar whole; blank lines that were no part of it stay."""
    node = edit.node
    start = content_start(text, node)
    header = BLOCK_HEADER.match(text, start, node.end)
    comment = header[3] if header is not None and "#" in header[3] else ""
    new = whole(edit.value, node.style, context, comment)
    return start, node.end if made is None or new.startswith("|+") else made.kept_from, new


def _in_parts(
    text: str, made: SourceMap, edit: Replace, context: Context, guard: tuple[bool, bool] | None
) -> list[Change] | None:
    """Return a change a part, None where one of them splits an escape or cannot be written in the style."""
    changes = []
    style, value = edit.node.style, edit.node.value
    if style in _BLOCK and not context.indent:
        return None
    for start, end, new in _joined(edit):
        if guard is not None:
            start, end, new = _widened(value, (start, end, new), guard)  # noqa: PLW2901
        if start == 0 and end == len(value):
            return None
        place = made.locate(start, end)
        written = inline(new, style, context, guarded=guard is not None)
        if place is None or written is None:
            return None
        if style == "literal":
            changes.append(_in_lines(text, (value, start, end), place, new.split("\n"), context))
        else:
            changes.append((*place, written))
    return changes


def _joined(edit: Replace) -> list[Part]:
    """Return the parts that change something, in order, those that touch as one."""
    joined: list[Part] = []
    for start, end, new in sorted(set(edit.parts)):
        if new == edit.node.value[start:end]:
            continue
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end, joined[-1][2] + new
        else:
            joined.append((start, end, new))
    return joined


def _in_lines(
    text: str, part: tuple[str, int, int], place: tuple[int, int], lines: list[str], context: Context
) -> Change:
    """Write a part of a literal scalar: every line is indented, but for empty ones."""
    value, start, end = part
    left, right = place
    follows = value[end : end + 1] not in ("", "\n")
    indented = [context.indent + line if line else "" for line in lines]
    if follows and not lines[-1]:
        indented[-1] = context.indent
    if start > 0 and value[start - 1] != "\n":
        indented[0] = lines[0]
    else:  # the line begins here: an empty one may stand without indentation, and may not be empty any more
        while text[left - 1] == " ":
            left -= 1
    return left, right, context.newline.join(indented)


def _widened(value: str, part: Part, sides: tuple[bool, bool]) -> Part:
    """Take the blanks beside a part into it, to be escaped: a fold beside them would swallow them."""
    start, end, new = part
    left, right = start, end
    while sides[0] and left > 0 and value[left - 1] in _BLANK:
        left -= 1
    while sides[1] and right < len(value) and value[right] in _BLANK:
        right += 1
    return left, right, value[left:start] + new + value[end:right]


def _reads_as(document: Document, node: Node, changes: list[Change], wanted: str, indent: str) -> bool:
    """Say whether the scalar, so changed, reads back as the wanted value; a block, with the indentation that it had."""
    try:
        source = spliced(document.text, changes, within=node.span)
    except EditError:
        return False
    if node.style in _BLOCK and document.text[node.end - 1] in "\r\n" and source[-1] not in "\r\n":
        return False  # the next line would be drawn in
    if document.is_json:
        return str(json.loads(source, strict=False)) == wanted
    trial = Node("scalar", node.tag, wanted, 0, len(source), node.style)
    again = source_map(source, trial, is_json=False)
    if again is None or node.style not in _BLOCK:
        return again is not None
    return again.indent == indent and (_states_indent(document.text, node) or not _OPENS_BLANK.match(wanted))


def _states_indent(text: str, node: Node) -> bool:
    """Say whether a block scalar states its indentation; else that of its first line tells, blank or not."""
    header = BLOCK_HEADER.match(text, content_start(text, node), node.end)
    return header is not None and any(map(str.isdigit, header[2]))


def _newline(document: Document, node: Node) -> str:
    at = document.text.find("\n", node.start, node.end)
    if at < 0:
        return document.newline
    return "\r\n" if at and document.text[at - 1] == "\r" else "\n"
