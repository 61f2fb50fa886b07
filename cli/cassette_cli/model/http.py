"""Recorded HTTP: a cassette is a list of interactions, each a request and, mostly, a response.

Formats build these from nodes and keep the nodes, so that operations can say what to edit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node


@dataclass(slots=True, eq=False)
class Request:
    """A recorded request; `url` as it was recorded, which need not be a valid URL.

    `url_node` holds it, or the part with its path; `query_node` its query, where that stands apart.
    `http_version` is `HTTP/1.1` or the recorder's own word for it.
    """

    method: str
    url: str
    headers: Headers
    body: Body
    url_node: Node | None = None
    method_node: Node | None = None
    query_node: Node | None = None
    http_version: str | None = None


@dataclass(slots=True, eq=False)
class Response:
    """A recorded response; `status` is None where none was recorded or it is no number."""

    status: int | None
    headers: Headers
    body: Body
    reason: str | None = None
    duration_ms: float | None = None
    http_version: str | None = None


class Unread(NamedTuple):
    """A part of a recording that nothing looks into; `where` names it, as in `response.chunks`.

    `interaction` is None for what stands outside of all interactions. `missing` says that it stands in a file which is
    not there, `of_version` that it is whatever an unknown version of the format adds.
    """

    where: str
    node: Node
    interaction: int | None = None
    reason: str = "a field that the recorder is not known to write"
    missing: bool = False
    of_version: bool = False


@dataclass(slots=True, eq=False)
class Interaction:
    """A request and its response; `index` counts from 0 in the cassette.

    `error` says in one line why a part is missing; `recorded_at` is the recorder's own text. `unread`
    are the parts that its format does not know, `copies` what says the response again, in pieces.
    """

    index: int
    request: Request
    response: Response | None
    node: Node
    recorded_at: str | None = None
    error: str | None = None
    unread: Sequence[Unread] = ()
    copies: Sequence[Body] = ()

    @property
    def bodies(self) -> Iterator[tuple[Literal["request", "response"], Body]]:
        """Its bodies, each with the side that it is of."""
        yield "request", self.request.body
        if self.response is not None:
            yield "response", self.response.body

    def forget(self) -> None:
        """Drop what was decoded of its bodies, once nobody needs it."""
        for _, body in self.bodies:
            body.forget()


@dataclass(slots=True, eq=False)
class Cassette:
    """A file of recorded interactions.

    `format` names the recorder and, where files differ by it, the version. `container` is the
    sequence that holds the interactions, where there is one; what is removed from it is removed at
    the same positions from its `companions` (a list of responses beside the list of requests). For
    recordings that are no HTTP, `not_http` says what they are, and there are `entries` of them and
    no interactions. `unread` are the parts outside of all interactions that the format does not know.
    """

    document: Document
    format: str
    interactions: Sequence[Interaction] = field(default_factory=list)
    container: Node | None = None
    not_http: str | None = None
    entries: int = 0
    companions: tuple[Node, ...] = ()
    unread: Sequence[Unread] = ()
    _inside: list[Unread] | None = None

    @property
    def path(self) -> str:
        """The path it was read from, `-` for standard input."""
        return self.document.path or "-"

    def unread_parts(self) -> list[Unread]:
        """Return all parts that nothing looks into, those of the interactions first."""
        if self._inside is None:
            self._inside = [part for interaction in self.interactions for part in interaction.unread]
        return [*self._inside, *self.unread]
