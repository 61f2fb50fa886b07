"""Fixtures of ReqLLM for Elixir: one request and its response a file.

Written by https://github.com/agentjido/req_llm, `test/support/transcript.ex` (`to_map`). The request's body is
base64, beside the structure that it stands for; the response's is a structure, base64, or, of a stream, a list of
chunks in base64, which older versions kept as `events` of the type `data`.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "url", "headers", "body", "canonical_json"}),
    response=frozenset({"status", "headers", "body", "streaming"}),
    interaction=frozenset("request response chunks events provider model_spec captured_at streaming".split()),
    body=frozenset({"b64", "canonical_json"}),
)


class ReqLlm(CassetteFormat):
    """The format of ReqLLM's fixtures."""

    name = "req_llm"
    recorder = "ReqLLM"
    source = "https://github.com/agentjido/req_llm"
    files = "JSON, an interaction a file; streams by their chunks"

    def claims(self, document: Document) -> bool:
        """Claim a request with a `url` whose body is `{b64}`, or which stands beside `chunks` or a `model_spec`."""
        root = base.only_root(document)
        if root is None or not root.has("request", "response"):
            return False
        request = root.get("request")
        if request is None or not request.has("url"):
            return False
        body = request.get("body")
        return (
            root.has("model_spec")
            or root.has("chunks")
            or request.has("canonical_json")
            or (body is not None and body.has("b64"))
        )

    def load(self, document: Document) -> Cassette:
        """Read the one interaction."""
        made = [base.interaction(document, 0, document.root, _request, _response, _FIELDS)]
        made[0].copies = _copies(document.root)
        return Cassette(document, self.name, made)


def _copies(root: Node) -> list[Body]:
    """Return the texts that older versions wrote beside the chunks."""
    chunks = root.get("chunks")
    found = [text for item in chunks.items if (text := item.get("decoded")) is not None] if chunks is not None else []
    return [Body(base.sequence_of(chunks, found), "chunks")] if chunks is not None and found else []


def _request(node: Node) -> Request:
    headers = base.headers(node.get("headers"))
    url, method = node.get("url"), node.get("method")
    body = node.get("body")
    if body is None or body.is_null:
        body = node.get("canonical_json")
    return Request(base.method(method), base.text(url), headers, _body(body, headers), url, method)


def _response(item: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    code, reason = base.status(node.get("status"))
    chunks = item.get("chunks") or item.get("events")
    if chunks is not None and chunks.items:
        pieces = [piece for one in chunks.items if (piece := one.get("b64")) is not None]
        return Response(code, headers, Body(base.sequence_of(chunks, pieces), "base64-chunks", headers=headers), reason)
    return Response(code, headers, _body(node.get("body"), headers), reason)


def _body(node: Node | None, headers: Headers) -> Body:
    encoded = node.get("b64") if node is not None else None
    return base.structure_or_text(node, headers) if encoded is None else Body(encoded, "base64", headers=headers)


FORMAT = ReqLlm()
