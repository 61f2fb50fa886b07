"""Taking items out of collections: whole lines in block style, an item and its comma in flow style."""

from cassette_cli.errors import EditError
from cassette_cli.source.nodes import Node
from cassette_cli.source.scalars import content_start

_BLANK = " \t"


def removal_spans(
    text: str, container: Node, indices: frozenset[int], newline: str
) -> list[tuple[int, int, str]]:
    """Return the changes that take the items at these positions out of the container.

    A collection that loses all its items becomes `[]` or `{}`. Raises `EditError` for a position
    that the container does not have.
    """
    entries = _entries(container)
    if not indices <= set(range(len(entries))):
        raise EditError("there is no such item to remove")
    if len(indices) == len(entries):
        return [_emptied(text, container, newline)]
    if container.style == "flow":
        return _flow(text, entries, indices)
    return _block(text, container, entries, indices)


def _entries(container: Node) -> list[tuple[Node, Node]]:
    if container.kind == "mapping":
        return container.pairs
    return [(item, item) for item in container.items]


def _emptied(text: str, container: Node, newline: str) -> tuple[int, int, str]:
    empty = "{}" if container.kind == "mapping" else "[]"
    start = content_start(text, container)
    if container.style == "flow":
        return start, container.end, empty
    end = _end(text, container)
    # The collection begins on a line of its own under its key: the brackets go behind the key.
    at = start
    while at > 0 and text[at - 1] in " \t\r\n":
        at -= 1
    if at > 0 and text[at - 1] in ":-?" or start > container.start:
        return at, end, f" {empty}" + (newline if text[end - 1 : end] in "\r\n" and end > at else "")
    return start, end, empty + (newline if text[end - 1 : end] in "\r\n" else "")


def _flow(text: str, entries: list[tuple[Node, Node]], indices: frozenset[int]) -> list[tuple[int, int, str]]:
    kept = [i for i in range(len(entries)) if i not in indices]
    changes = []
    for i in sorted(indices):
        start = entries[i][0].start
        if i < kept[-1]:  # up to the next item: the comma behind goes too
            changes.append((start, entries[i + 1][0].start, ""))
        else:  # after the last item that stays: the comma before goes too
            changes.append((max(entries[i - 1][1].end, entries[i - 1][0].end), max(entries[i][1].end, start), ""))
    return changes


def _block(
    text: str, container: Node, entries: list[tuple[Node, Node]], indices: frozenset[int]
) -> list[tuple[int, int, str]]:
    changes = []
    starts = [_entry_start(text, container, key) for key, _ in entries]
    on_dash = text[text.rfind("\n", 0, starts[0]) + 1 : starts[0]].strip(_BLANK) != ""
    if on_dash and 0 in indices:  # `- key: value`: the first key that stays moves up behind the dash
        stays = min(set(range(len(entries))) - indices)
        changes.append((starts[0], starts[stays], ""))
        indices = frozenset(i for i in indices if i > stays)
    for i in sorted(indices):
        line = text.rfind("\n", 0, starts[i]) + 1
        if text[line : starts[i]].strip(_BLANK):
            raise EditError("an item that shares its line with another one cannot be removed")
        key, value = entries[i]
        changes.append((line, _line_end(text, max(_end(text, key), _end(text, value))), ""))
    return changes


def _entry_start(text: str, container: Node, key: Node) -> int:
    """Return where an entry begins: at its dash, its question mark or its key.

    Raises `EditError` for an alias, whose span is that of its anchor.
    """
    if not container.start <= key.start <= container.end:
        raise EditError("an alias cannot be removed from its collection")
    at = key.start
    if container.kind == "mapping":
        while at > 0 and text[at - 1] in _BLANK:
            at -= 1
        return at - 1 if text[at - 1 : at] == "?" else key.start
    at -= 1
    while at > container.start and text[at] != "-":
        at -= 1
    return at


def _end(text: str, node: Node) -> int:
    """Return the end of a node's last character; the marks of block collections end at the next token."""
    while node.style == "block" and len(node):
        key, node = _entries(node)[-1]
        if node.end < key.end:
            node = key
    if node.style in ("literal", "folded"):
        return node.end
    end = node.end
    while end > node.start and text[end - 1] in " \t\r\n":
        end -= 1
    return end


def _line_end(text: str, at: int) -> int:
    """Return the start of the next line, unless `at` is one already."""
    if at and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1
