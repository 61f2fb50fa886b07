"""Taking items out of collections: whole lines in block style, an item and its comma in flow style."""

import re
from typing import NamedTuple

from cassette_cli.errors import EditError
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node
from cassette_cli.source.scalars import BLOCK_HEADER, content_start

Change = tuple[int, int, str]
Entry = tuple[Node, Node]
"""A key and its value; an item of a sequence stands for both."""

_SPACE = " \t\r\n"
_SPACES = pattern(r"[ \t\r\n]*")
BLANK_LINES = pattern(r"(?:[ \t]*(?:\r\n|\r|\n))*")


def removal_spans(text: str, container: Node, indices: frozenset[int], newline: str) -> list[Change]:
    """Return the changes that take the items at these positions out of the container.

    A collection that loses all its items becomes `[]` or `{}`. Raises `EditError` for a position
    that the container does not have, and for an item that is an alias.
    """
    entries = container.pairs if container.kind == "mapping" else [(item, item) for item in container.items]
    if not indices <= set(range(len(entries))):
        raise EditError("there is no such item to remove")
    emptied = len(indices) == len(entries)
    aliases = _aliases(container, entries)
    if aliases & indices:
        raise EditError("an alias cannot be removed from its collection")
    if container.style == "flow":
        empty = "{}" if container.kind == "mapping" else "[]"
        return [(content_start(text, container), container.end, empty)] if emptied else _flow(text, entries, indices)
    block = Block(text, container, entries, newline)
    return [block.emptied()] if emptied else block.without(indices)


def _flow(text: str, entries: list[Entry], indices: frozenset[int]) -> list[Change]:
    last = max(i for i in range(len(entries)) if i not in indices)
    changes = []
    for i in sorted(indices):
        key, value = entries[i]
        if i < last:  # up to the next item: the comma behind goes too
            changes.append((flow_start(text, key), flow_start(text, entries[i + 1][0]), ""))
        else:  # after the last item that stays: the comma before goes too
            changes.append((max(node.end for node in entries[i - 1]), max(value.end, key.end), ""))
    return changes


def flow_start(text: str, key: Node) -> int:
    """Return where an entry between brackets begins: at its question mark, or at its key."""
    at = back(text, key.start)
    return at - 1 if text[at - 1] == "?" else key.start


def back(text: str, at: int) -> int:
    """Return where the white space before a place begins."""
    while at and text[at - 1] in _SPACE:
        at -= 1
    return at


def past(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where a match of the pattern at a place ends, or the place itself."""
    match = pattern.match(text, at)
    return at if match is None else match.end()


class Block(NamedTuple):
    """A block collection, line by line. An alias has no place of its own in the tree: its line has."""

    text: str
    container: Node
    entries: list[Entry]
    newline: str

    def emptied(self) -> Change:
        """Return the change that takes all entries out."""
        text = self.text
        empty = "{}" if self.container.kind == "mapping" else "[]"
        start, end = self.start_of(0), self.end_of(len(self.entries) - 1)
        tail = self.newline if text[end - 1] in "\r\n" else ""
        at = back(text, start)
        above = self.line_of(at)
        if text[self.line_of(start) : start].strip() or at == 0:
            return start, end, empty + tail  # behind a dash, or first of all
        if "#" in text[above:at] or text.startswith("...", above):
            return start, end, f"  {empty}{tail}"  # no room above; indented, whatever stands there
        return at, end, f" {empty}{tail}"  # behind the key, the tag or the anchor

    def without(self, indices: frozenset[int]) -> list[Change]:
        """Return the changes that take some entries out."""
        text = self.text
        changes = []
        behind_dash = 0 in indices and text[self.line_of(self.start_of(0)) : self.start_of(0)].strip() != ""
        above: Node | None = None
        for i, entry in enumerate(self.entries):
            if i not in indices:
                above, behind_dash = entry[1], False
                continue
            start, end = self.start_of(i), self.end_of(i)
            if behind_dash:  # `- key: value`: what comes next, a comment maybe, moves up
                end = past(_SPACES, text, end)
            else:
                start = self.line_of(start)
            if above is not None and keeps_breaks(text, last_inside(above)):
                end = past(BLANK_LINES, text, end)  # which would become part of the value above
            changes.append((start, end, ""))
        return changes

    def start_of(self, i: int) -> int:
        """Return where an entry begins: at its dash, its question mark or its key."""
        key = self.entries[i][0]
        if self.container.kind == "mapping":
            line = self.line_of(key.start)
            before = self.text[line : key.start].rstrip()
            return line + len(before) - 1 if before.endswith("?") else key.start
        first = content_start(self.text, self.container)
        if i == 0:
            return first
        column = first - self.line_of(first)
        line = self.line_of(key.start)
        while self.text[line : line + column + 1] != " " * column + "-":  # comments below the dash
            if line <= first:
                raise EditError("an item that shares its line with another one cannot be removed")
            line = self.line_of(line - 1)
        return line + column

    def end_of(self, i: int) -> int:
        """Return the start of the line after an entry: after all that the tree knows of it, and its aliases."""
        key, value = self.entries[i]
        first = self.start_of(i)
        column = first - self.line_of(first)
        inside = (last_inside(node).end for node in (key, value) if node.start >= first)
        end = at = self._next_line(max(first + 1, *inside))
        while at < len(self.text):
            after = self._next_line(at, within=True)
            line = self.text[at:after]
            content = line.lstrip(" ")
            if content.strip() and not content.startswith("#"):
                indent = len(line) - len(content)
                hanging = self.container.kind == "mapping" and content[0] in "-:" and content[1:2] in ("", *_SPACE)
                if indent < column or (indent == column and not hanging):
                    break
                end = after
            at = after
        return end

    def line_of(self, at: int) -> int:
        """Return where the line of a character begins."""
        return self.text.rfind(self.newline[-1], 0, at) + 1

    def _next_line(self, at: int, *, within: bool = False) -> int:
        """Return the start of the next line, or `at` itself if it is one and not `within` a line."""
        if not within and self.line_of(at) == at:
            return at
        found = self.text.find(self.newline[-1], at)
        return len(self.text) if found < 0 else found + 1


def _aliases(container: Node, entries: list[Entry]) -> frozenset[int]:
    """Return which entries are aliases: what they name stands before the entries before them."""
    found, latest = [], container.start - 1
    for i, (key, _) in enumerate(entries):
        if latest < key.start <= container.end:
            latest = key.start
        else:
            found.append(i)
    return frozenset(found)


def last_inside(node: Node) -> Node:
    """Return the last scalar or flow collection inside; the marks of block collections end at the next token.

    What is empty or an alias has no place to go by: then it is one before that.
    """
    while node.style == "block":
        pair = node.pairs[-1] if node.kind == "mapping" else (node.items[-1],) * 2
        inside = [child for child in pair if node.start <= child.start < child.end <= node.end]
        if not inside:
            return Node("scalar", "null", "", node.start, node.start, "plain")
        node = max(inside, key=lambda child: child.start)
    return node


def keeps_breaks(text: str, node: Node) -> bool:
    """Say whether the blank lines behind a block scalar are part of it."""
    header = BLOCK_HEADER.match(text, content_start(text, node)) if node.style in ("literal", "folded") else None
    return header is not None and "+" in header[2]
