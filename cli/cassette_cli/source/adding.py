"""Writing what is new: entries of collections, and values of another type, as the file writes its own.

What the entries beside it do not tell (the quotes, the indentation of lists and mappings, the blanks
after commas and colons) the first collections of the file tell.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from cassette_cli.source.document import Document
from cassette_cli.source.edits import Insert, Number
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node, Style, walk
from cassette_cli.source.removal import BLANK_LINES, Block, Change, back, flow_start, keeps_breaks, last_inside, past
from cassette_cli.source.scalars import content_start, source_map
from cassette_cli.source.writing import Context, whole

_MOST_ASKED = 5000
"""How many nodes of a file are looked at for its manner."""
_OPENING = pattern(r" *(?:- +)*")
_ANCHOR = pattern(r"&[^\s]+")
_QUOTES: tuple[Style, ...] = ("single", "double")


class Manner(NamedTuple):
    """How a file writes collections.

    `step` and `dash` are by how many columns the entries of a mapping and the items of a sequence stand
    to the right of their key; `lists` says whether sequences below a key are in brackets; `indented`
    whether brackets go over several lines.
    """

    context: Context
    step: int = 2
    dash: int = 0
    lists: Style = "block"
    strings: Style = "plain"
    keys: Style = "plain"
    comma: str = ", "
    colon: str = ": "
    indented: bool = False


def manner_of(document: Document, near: Node | None = None) -> Manner:
    """Return the manner of a file, that of the entries in `near` before all others."""
    text = document.text
    is_json = document.is_json
    context = Context(is_json, document.newline, flow=is_json, ascii=is_json and text.isascii())
    found = Manner(context)
    facts: dict[str, Any] = {}
    around = islice(walk(near), _MOST_ASKED) if near is not None else ()
    for node in around:
        if node.kind != "scalar":
            _learn(text, node, facts, beside=node is near)
    for root in document.roots[:1]:
        for node in islice(walk(root), _MOST_ASKED):
            if node.kind != "scalar":
                _learn(text, node, facts, beside=False)
            if len(facts) > len(Manner._fields) - 2:
                break
    return found._replace(**facts)


def _learn(text: str, node: Node, facts: dict[str, Any], *, beside: bool) -> None:
    """Take in what one collection tells, and was not told before."""
    entries = _entries(node)
    if not entries:
        return
    if node.style == "flow":
        opening = text[content_start(text, node) + 1 : entries[0][0].start]
        _learn_once(facts, "indented", "\n" in opening)
        if "\n" in opening:
            step = len(_indent(text, entries[0][0].start)) - len(_indent(text, node.start))
            _learn_once(facts, "step", max(step, 1))
        between = text[max(node.end for node in entries[0]) : entries[1][0].start] if len(entries) > 1 else ""
        if re.fullmatch(r",[ \t]*", between):
            _learn_once(facts, "comma", between)
        for key, value in node.pairs[:1]:
            _learn_once(facts, "colon", text[key.end : value.start] or ": ")
        return
    for key, value in node.pairs:
        column = key.start - _line(text, key.start)
        below = content_start(text, value) - _line(text, content_start(text, value)) - column
        if value.kind == "mapping" and value.style == "block" and len(value) and below > 0:
            _learn_once(facts, "step", below)
        if value.kind == "sequence" and value.style == "block" and below >= 0:
            _learn_once(facts, "dash", below)
        if beside and value.kind == "sequence" and len(value):
            _learn_once(facts, "lists", value.style)
    if beside:
        _learn_quotes(node, facts)


def _learn_quotes(node: Node, facts: dict[str, Any]) -> None:
    """Take the quotes that all texts beside the new one have."""
    values = [item for _, value in _entries(node) for item in (value.items or (value,)) if item.kind == "scalar"]
    for name, nodes in (("strings", values), ("keys", [key for key, _ in node.pairs])):
        styles = {one.style for one in nodes if one.tag == "str"}
        if len(styles) == 1 and (style := styles.pop()) in _QUOTES:
            _learn_once(facts, name, style)


def _learn_once(facts: dict[str, Any], name: str, value: Any) -> None:
    facts.setdefault(name, value)


def _entries(node: Node) -> Sequence[tuple[Node, Node]]:
    return node.pairs if node.kind == "mapping" else [(item, item) for item in node.items]


def _line(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _indent(text: str, at: int) -> str:
    """Return the blanks with which the line of a character begins."""
    line = text[_line(text, at) : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def insertions(
    document: Document, container: Node, new: Iterable[Insert], gone: frozenset[int], *, flow: bool
) -> list[Change]:
    """Return the changes that put new entries into a collection that has some and keeps one; others may be `gone`."""
    manner = manner_of(document, container)
    entries = list(_entries(container))
    write = _into_flow if flow or container.style == "flow" else _into_block
    by_place: dict[int, list[Insert]] = {}
    for one in new:
        place = min(one.index, len(entries))
        while place and place - 1 in gone:
            place -= 1
        by_place.setdefault(place, []).append(one)
    return [write(document.text, container, entries, (at, group), manner) for at, group in sorted(by_place.items())]


def _into_flow(
    text: str, container: Node, entries: list[tuple[Node, Node]], new: tuple[int, list[Insert]], manner: Manner
) -> Change:
    """Write entries between brackets: the blanks and breaks around them are those of their neighbours."""
    index, group = new
    first = flow_start(text, entries[0][0])
    gap = text[content_start(text, container) + 1 : first]
    many = len(entries) > 1
    between = text[max(node.end for node in entries[0]) : flow_start(text, entries[1][0])] if many else ""
    if not re.fullmatch(r"\s*,\s*", between):
        between = f",{gap}" if "\n" in gap else manner.comma
    indent = gap.rpartition("\n")[2] if "\n" in gap else None
    written = [
        ("" if one.key is None else _key(one.key, manner, flow=True) + manner.colon) + _flow(one.value, manner, indent)
        for one in group
    ]
    if index == 0:
        return first, first, "".join(one + between for one in written)
    at = max(node.end for node in entries[index - 1])
    return at, at, "".join(between + one for one in written)


def _into_block(
    text: str, container: Node, entries: list[tuple[Node, Node]], new: tuple[int, list[Insert]], manner: Manner
) -> Change:
    """Write entries as lines of their own, behind the entry before them, or in front of the first."""
    index, group = new
    newline = manner.context.newline
    block = Block(text, container, entries, newline)
    first = block.start_of(0)
    column = first - block.line_of(first)
    written = [_entry(one.key, one.value, column, manner) for one in group]
    pad = " " * column
    if index == 0 and text[first - column : first].strip():  # behind a dash
        return first, first, "".join(one + newline + pad for one in written)
    if index == 0:
        return first - column, first - column, "".join(pad + one + newline for one in written)
    at = block.end_of(index - 1)
    if keeps_breaks(text, last_inside(entries[index - 1][1])):
        at = past(BLANK_LINES, text, at)
    if at and text[at - 1] not in "\r\n":
        return at, at, "".join(newline + pad + one for one in written)
    return at, at, "".join(pad + one + newline for one in written)


def _entry(key: str | None, value: Any, column: int, manner: Manner) -> str:
    """Return an entry as it stands at a column, without the line break behind it."""
    head = "-" if key is None else _key(key, manner, flow=False) + ":"
    return head + _block(value, column, manner, dash=key is None)


def _block(value: Any, column: int, manner: Manner, *, dash: bool) -> str:
    """Return a value as it stands behind a dash or a key's colon, without the line break behind it."""
    newline = manner.context.newline
    if isinstance(value, list | dict) and value:
        if isinstance(value, list) and manner.lists == "flow" and not dash:
            return " " + _flow(value, manner, None)
        inner = column + (2 if dash else manner.dash if isinstance(value, list) else manner.step)
        pairs = [(None, item) for item in value] if isinstance(value, list) else list(value.items())
        lines = [_entry(key, item, inner, manner) for key, item in pairs]
        return (" " if dash else newline + " " * inner) + (newline + " " * inner).join(lines)
    if isinstance(value, str):
        context = manner.context._replace(indent=" " * (column + max(manner.step, 2)))
        style: Style = "literal" if "\n" in value and manner.strings == "plain" else manner.strings
        return " " + whole(value, style, context).removesuffix(newline)
    return " " + _flow(value, manner, None)


def _flow(value: Any, manner: Manner, indent: str | None) -> str:
    """Return a value as it stands between brackets; `indent` is that of its line, None for all on one line."""
    if isinstance(value, str):
        return whole(value, manner.strings, manner.context._replace(flow=True))
    if isinstance(value, float):
        return number(value, is_json=manner.context.is_json)
    if not isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, list):
        signs, written = "[]", [(None, item) for item in value]
    else:
        signs, written = "{}", list(value.items())
    if not written:
        return signs
    spread = manner.indented and indent is not None
    inner = (indent or "") + " " * manner.step if spread else None
    items = [
        ("" if key is None else _key(key, manner, flow=True) + manner.colon) + _flow(item, manner, inner)
        for key, item in written
    ]
    if not spread:
        return signs[0] + manner.comma.join(items) + signs[1]
    newline = manner.context.newline
    return f"{signs[0]}{newline}{inner}" + f",{newline}{inner}".join(items) + f"{newline}{indent}{signs[1]}"


def number(value: float, *, is_json: bool) -> str:
    """Return a number as it was given, or so that every reader of YAML takes it for one: PyYAML wants dot and sign."""
    literal = value.literal if isinstance(value, Number) else json.dumps(value)
    if is_json or not ("e" in literal or "E" in literal):
        return literal
    mantissa, _, exponent = literal.lower().partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent if exponent[0] in '+-' else '+' + exponent}"


def _key(key: str, manner: Manner, *, flow: bool) -> str:
    return whole(key, manner.keys, manner.context._replace(flow=flow or manner.context.flow, key=True))


def placing(document: Document, node: Node, value: Any, *, flow: bool) -> Change:
    """Return the change that puts a value in a node's place."""
    text = document.text
    manner = manner_of(document)
    if flow or document.is_json:
        start = content_start(text, node)
        new = _flow(value, manner, _indent(text, node.start) if manner.indented else None)
        return node.start, node.end, new if node.end > start or text[start - 1 : start].isspace() else f" {new}"
    at = back(text, node.start)
    line = _line(text, at)
    dash = text[at - 1 : at] == "-"
    opening = _OPENING.match(text, line)
    column = at - 1 - line if dash or opening is None else opening.end() - line
    anchor = _ANCHOR.search(text[node.start : content_start(text, node)])
    new = _block(value, column, manner, dash=dash)
    if anchor is not None:
        new = f" {anchor.group()}{new}"
    return at, _end(text, node, manner.context.newline), new


def _end(text: str, node: Node, newline: str) -> int:
    """Return where what is written of a node in block context ends, before the line break behind it."""
    end = node.end
    if node.kind != "scalar" and node.style == "block" and len(node):
        entries = list(_entries(node))
        end = Block(text, node, entries, newline).end_of(len(entries) - 1)
    elif node.style in ("literal", "folded"):
        made = source_map(text, node, is_json=False)
        end = node.end if made is None else made.kept_from
    if end > node.start and text[end - 1] in "\r\n":
        end -= 2 if text.startswith("\r\n", end - 2) else 1
    return end


def stands_for(node: Node, value: Any) -> bool:
    """Say whether a node is a value that JSON can hold: the proof that what was written is read as it was meant."""
    if isinstance(value, dict):
        pairs = node.pairs
        keys = [key.value for key, _ in pairs]
        return node.kind == "mapping" and keys == list(value) and all(map(_stands, pairs, value.values()))
    if isinstance(value, list):
        same = node.kind == "sequence" and len(node) == len(value)
        return same and all(map(stands_for, node.items, value))
    if node.kind != "scalar":
        return False
    if isinstance(value, str):
        return node.tag == "str" and node.value == value
    if value is None or isinstance(value, bool):
        return node.tag == ("null" if value is None else "bool") and node.value == json.dumps(value)
    try:
        return node.tag == ("int" if isinstance(value, int) else "float") and float(node.value) == float(value)
    except (ValueError, OverflowError):
        return node.value == str(value)


def _stands(pair: tuple[Node, Node], value: Any) -> bool:
    return pair[0].kind == "scalar" and stands_for(pair[1], value)


def entries_with(node: Node, gone: frozenset[int], new: Sequence[Insert]) -> Iterator[tuple[Node, Node] | Insert]:
    """Yield the entries that a collection has once some are gone and others are there."""
    entries = _entries(node)
    for index in range(len(entries) + 1):
        yield from (one for one in new if min(one.index, len(entries)) == index)
        if index < len(entries) and index not in gone:
            yield entries[index]
