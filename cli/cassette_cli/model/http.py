"""Recorded HTTP: a cassette is a list of interactions, each a request and, mostly, a response.

Formats build these from nodes and keep the nodes, so that operations can say what to edit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cassette_cli.model.body import Body
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node


@dataclass(slots=True)
class Header:
    """One header line. `value` is the text it stands for; `node` holds it, `name_node` its name."""

    name: str
    value: str
    node: Node | None = None
    name_node: Node | None = None


class Headers:
    """Header lines in the order of the recording; names are compared without case (RFC 9110, 5.1)."""

    __slots__ = ("lines",)

    def __init__(self, lines: list[Header] | None = None) -> None:
        self.lines: list[Header] = lines or []

    def __iter__(self) -> Iterator[Header]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value under a name."""
        line = self.line(name)
        return default if line is None else line.value

    def line(self, name: str) -> Header | None:
        """Return the first line under a name."""
        folded = name.lower()
        return next((line for line in self.lines if line.name.lower() == folded), None)


@dataclass(slots=True)
class Request:
    """A recorded request; `url` as it was recorded, which need not be a valid URL."""

    method: str
    url: str
    headers: Headers
    body: Body
    url_node: Node | None = None
    method_node: Node | None = None


@dataclass(slots=True)
class Response:
    """A recorded response; `status` is None where none was recorded or it is no number."""

    status: int | None
    headers: Headers
    body: Body
    reason: str | None = None
    duration_ms: float | None = None


@dataclass(slots=True)
class Interaction:
    """A request and its response; `index` counts from 0 in the cassette.

    `error` says in one line why a part is missing; `recorded_at` is the recorder's own text.
    """

    index: int
    request: Request
    response: Response | None
    node: Node
    recorded_at: str | None = None
    error: str | None = None


@dataclass(slots=True)
class Cassette:
    """A file of recorded interactions.

    `format` names the recorder and, where files differ by it, the version. `container` is the
    sequence that holds the interactions, where there is one. For recordings that are no HTTP,
    `not_http` says what they are, and there are no interactions.
    """

    document: Document
    format: str
    interactions: list[Interaction] = field(default_factory=list)
    container: Node | None = None
    not_http: str | None = None
    entries: int = 0

    @property
    def path(self) -> str:
        """The path it was read from, `-` for standard input."""
        return self.document.path or "-"
