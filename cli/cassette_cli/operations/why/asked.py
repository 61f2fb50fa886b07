"""The request that is asked about, and what is known of it: a message of a recorder tells less than a whole request."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from cassette_cli.model.body import Body
from cassette_cli.model.headers import Header, Headers
from cassette_cli.model.http import Request
from cassette_cli.source.document import Document

Known = Literal["method", "scheme", "headers", "body"]
"""A part of a request that whoever asks may not know; the rest of its URL is always told."""

WHOLE: Final[frozenset[Known]] = frozenset({"method", "scheme", "headers", "body"})
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT"})


class Asked(NamedTuple):
    """A request, what is `known` of it, and where it comes from, in a few words.

    A recorder that `refused` the request also tells by which matchers it looked (`match_on`), and that a recording that
    matches was `played` before, and names its `cassette`. `body_opens` says that only the beginning of the body is
    known.
    """

    request: Request
    known: frozenset[Known] = WHOLE
    source: str = "the request"
    match_on: tuple[str, ...] = ()
    refused: bool = False
    played: bool = False
    body_opens: bool = False
    cassette: str | None = None

    @property
    def unknown(self) -> list[Known]:
        """What is not known, in the order of a request."""
        return [part for part in ("method", "scheme", "headers", "body") if part not in self.known]


def asked(
    method: str | None,
    url: str,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    body: str | bytes | None = None,
    *,
    source: str = "the request",
    match_on: Iterable[str] = (),
    refused: bool = False,
    played: bool = False,
    body_opens: bool = False,
    cassette: str | None = None,
) -> Asked:
    """Make a request of plain values; None for what is not known.

    No body is known to be none where the method seldom has one. A URL that begins with `//` has no known scheme.
    """
    known: set[Known] = set(WHOLE)
    if method is None:
        known.discard("method")
    if url.startswith("//"):
        known.discard("scheme")
    if headers is None:
        known.discard("headers")
    if body is None and (method is None or method.upper() not in _WITHOUT_BODY):
        known.discard("body")
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    lines = Headers([Header(name, value) for name, value in pairs])
    made = Request((method or "GET").upper(), url, lines, _body(body, lines))
    return Asked(made, frozenset(known), source, tuple(match_on), refused, played, body_opens, cassette)


def _body(content: str | bytes | None, lines: Headers) -> Body:
    """Make a body that reads as one in a recording does: its codings are taken off, its JSON is parsed."""
    if not content:
        return Body(headers=lines)
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    document = Document(json.dumps([base64.b64encode(data).decode("ascii")]).encode())
    return Body(document.root.items[0], "base64", headers=lines)
