"""What a format module is, and the reading of parts that recorders share."""

from typing import Protocol

from cassette_cli.model.http import Cassette, Header, Headers
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node


class CassetteFormat(Protocol):
    """The shape of a format module: one recorder's files, all versions."""

    NAME: str

    def claims(self, document: Document) -> bool:
        """Say whether the document is of this format; exactly one format claims any cassette."""

    def load(self, document: Document) -> Cassette:
        """Read the interactions; raises `MalformedCassetteError` with a line for a part of the wrong kind."""


def headers_from_mapping(node: Node | None) -> Headers:
    """Read `name: value` or `name: [value, …]`; a null mapping has no headers."""
    lines: list[Header] = []
    for name, value in node.pairs if node is not None else ():
        values = value.items if value.kind == "sequence" else [value]
        lines += [Header(name.value, one.value, one, name) for one in values if one.kind == "scalar"]
    return Headers(lines)


def number(node: Node | None) -> int | None:
    """Return a scalar as a whole number, None where it is none: recorders also write it as text."""
    if node is None or node.kind != "scalar":
        return None
    try:
        return int(node.value)
    except ValueError:
        return None
