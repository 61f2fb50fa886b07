"""Betamax cassettes.

Written by https://github.com/betamaxpy/betamax, `src/betamax/util.py` (`serialize_prepared_request`,
`serialize_response`, `add_body`) and `src/betamax/cassette/cassette.py`.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat, Matching
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "uri", "headers", "body"}),
    response=frozenset({"status", "status_code", "headers", "body", "url", "protocol"}),
    file=frozenset({"http_interactions"}),
    wrapped=frozenset({"request", "response"}),
)


def _request(node: Node) -> Request:
    return base.request(node, url="uri")


def _response(_: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    code, reason = base.status(node.get("status") or node.get("status_code"))
    return Response(code, headers, base.body(node.get("body"), headers), reason)


class Betamax(CassetteFormat):
    """The format of Betamax."""

    name = "betamax"
    recorder = "Betamax"
    source = "https://github.com/betamaxpy/betamax"
    files = "JSON"

    def claims(self, document: Document) -> bool:
        """Claim `http_interactions` that say `recorded_with: betamax/…`; Ruby VCR has the same keys."""
        root = base.only_root(document)
        recorder = root.get("recorded_with") if root is not None else None
        if root is None or recorder is None or root.get("http_interactions") is None:
            return False
        return recorder.value.lower().startswith("betamax")

    def matching(self, label: str) -> Matching:
        """Return the defaults of `match_requests_on`, compared as `src/betamax/matchers/uri.py` does."""
        del label
        return Matching(self.match_on, by_parts=True)

    def load(self, document: Document) -> Cassette:
        """Read all interactions; one without a request is an error, one without a response is listed as such."""
        container = base.container(document, document.root.get("http_interactions"), "http_interactions")
        return self.read(document, container, _request, _response, _FIELDS)


FORMAT = Betamax()
