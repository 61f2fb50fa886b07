"""Edits: what a command asks of the text. They are plain data; `splicing` writes them, `verify` proves them."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from cassette_cli.errors import EditError
from cassette_cli.source.nodes import AttachedNode, Node

Part = tuple[int, int, str]
"""`value[start:end]` becomes the text."""


def spliced(text: str, parts: Iterable[Part], what: str = "text", within: tuple[int, int] | None = None) -> str:
    """Return a text, or what is `within` two offsets of it, with parts of it replaced.

    Raises `EditError`, which says of `what`, where they overlap.
    """
    at, until = within or (0, len(text))
    out: list[str] = []
    for start, end, new in sorted(parts):
        if start < at or end < start or end > until:
            raise EditError(f"two edits overlap, or leave their {what}")
        out += (text[at:start], new)
        at = end
    return "".join([*out, text[at:until]])


class Number(float):
    """A number that is written as it was given, `1.50` or `1E5`."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> Self:
        """Keep the literal."""
        made = super().__new__(cls, literal)
        made.literal = literal
        return made


class Replace(NamedTuple):
    """Give a scalar new text: whole, or only in some parts.

    Parts do not overlap, and each keeps all that stands around it as it was written; the same one
    twice, as through an alias, is one. A number, a boolean or a null stays one if the new text
    reads as one, and becomes a string if it does not.
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
        return spliced(self.node.value, set(self.parts), "scalar")

    @property
    def tag(self) -> str:
        """The tag that the scalar has after the edit."""
        return new_tag(self.node, self.value)


class Remove(NamedTuple):
    """Take an item out of a sequence, or a key and its value out of a mapping, by position."""

    container: Node
    index: int  # type: ignore[assignment]  # a field, and no longer the tuple's method


class Insert(NamedTuple):
    """Put a new item into a sequence, or a key and its value into a mapping, in front of the entry at `index`.

    The number of entries stands for the end. `value` is what JSON can hold; it is written as the
    entries beside it are.
    """

    container: Node
    index: int  # type: ignore[assignment]  # a field, and no longer the tuple's method
    value: Any
    key: str | None = None


class Put(NamedTuple):
    """Put another value in a node's place, without the node's tag: one of another type, or a collection.

    `value` is what JSON can hold.
    """

    node: Node
    value: Any


class Note(NamedTuple):
    """Give a part of a YAML comment new text: `start` and `end` count characters of the document."""

    start: int
    end: int
    text: str


class Rewrite(NamedTuple):
    """Give a file beside the cassette, which holds a body, new bytes."""

    node: AttachedNode
    raw: bytes


Edit = Replace | Remove | Insert | Put | Note | Rewrite

TYPES = frozenset({"int", "float", "bool", "null", "timestamp", "merge", "value"})
"""The tags that a plain scalar has by its text alone."""

_NUMBERS = ("int", "float")
_TYPED = (
    r"(?P<int>-?(?:0|[1-9]\d*))|(?P<float>-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+))"
    r"|(?P<bool>true|false)|(?P<null>null)"
)


def new_tag(node: Node, value: str) -> str:
    """Return the tag of a scalar once it holds `value`: its own, or `str` where the text no longer reads as that.

    What counts is the type on which all readers of YAML and JSON agree; a whole number may become
    a fraction, and the other way.
    """
    if node.tag not in TYPES:
        return node.tag
    match = re.fullmatch(_TYPED, value, re.ASCII)
    found = match.lastgroup if match else None
    numbers = node.style == "plain" and node.tag in _NUMBERS and found in _NUMBERS
    return found if found is not None and (found == node.tag or numbers) else "str"
