"""Header lines as they were recorded: their order, their case and their repetitions stay."""

import base64
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cassette_cli.model.storage import is_base64
from cassette_cli.source.edits import Remove, Replace
from cassette_cli.source.nodes import Node
from cassette_cli.source.yaml.entries import Entries


class Header(NamedTuple):
    """One header line. `value` is the text it stands for; `node` holds it, `name_node` its name.

    `entries` are the collection that the line stands in, and its positions there: two where names and values
    take turns; lines of one name may share an entry.
    """

    name: str
    value: str
    node: Node | None = None
    name_node: Node | None = None
    entries: tuple[tuple[Node, int], ...] = ()

    def remove(self) -> list[Remove]:
        """Return the edits that take the line out, and all lines of its entry."""
        return [Remove(container, index) for container, index in self.entries]

    def replace(self, value: str) -> Replace | None:
        """Return the edit that gives the line a new value, None where no node holds one.

        A value that Ruby kept as base64 stays base64, and what stands around it in its node
        (`name: value` as one text) stays too.
        """
        node = self.node
        if node is None:
            return None
        if is_base64(node):
            return Replace.all(node, base64.b64encode(value.encode()).decode("ascii"))
        at = node.value.rfind(self.value) if self.value else len(node.value)
        return Replace(node, ((at, at + len(self.value), value),)) if at >= 0 else Replace.all(node, value)


class Headers:
    """Header lines in the order of the recording; names are compared without case (RFC 9110, 5.1).

    `make` reads them when they are first asked for: most requests' never are. Given a name in lower
    case it need read no others, for most responses are asked for a name or two. `nodes` are what holds them.
    """

    __slots__ = ("_lines", "_make", "nodes")

    def __init__(
        self,
        lines: list[Header] | None = None,
        *,
        make: Callable[[str | None], list[Header]] | None = None,
        nodes: tuple[Node, ...] = (),
    ) -> None:
        self._lines = lines
        self._make = make
        self.nodes = nodes

    @property
    def lines(self) -> list[Header]:
        """The lines."""
        if self._lines is None:
            self._lines = self._make(None) if self._make is not None else []
        return self._lines

    def is_written_as(self, other: "Headers") -> bool:
        """Say whether two recordings have the same text for their headers, which then are the same; False if unsure."""
        if len(self.nodes) != 1 or len(other.nodes) != 1:
            return False
        text = self.nodes[0].flat
        return text is not None and text == other.nodes[0].flat

    def __iter__(self) -> Iterator[Header]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value under a name."""
        if self._lines is None and len(self.nodes) == 1 and isinstance(self.nodes[0], Entries):
            text = self.nodes[0].text_of(name.lower())
            return default if text is None else text
        line = self.line(name)
        return default if line is None else line.value

    def line(self, name: str) -> Header | None:
        """Return the first line under a name."""
        folded = name.lower()
        lines = self._make(folded) if self._lines is None and self._make is not None else self.lines
        return next((line for line in lines if line.name.lower() == folded), None)
