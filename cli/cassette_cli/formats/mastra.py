"""Recordings of Mastra's LLM recorder.

Written by https://github.com/mastra-ai/mastra, `packages/_llm-recorder/src/llm-recorder.ts` (`LLMRecording`): a
JSON list, of newer versions beside a `meta`. A body is the structure that its JSON stands for, or text; a stream
is a list of `chunks`.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"url", "method", "headers", "body"}),
    response=frozenset({"status", "statusText", "headers", "body", "chunks", "chunkTimings", "isStreaming"}),
    file=frozenset({"recordings"}),
)


class Mastra(CassetteFormat):
    """The format of Mastra's LLM recorder."""

    name = "mastra"
    recorder = "Mastra llm-recorder"
    source = "https://github.com/mastra-ai/mastra"
    files = "JSON; streams by their chunks"
    match_on = ("uri", "body")

    def claims(self, document: Document) -> bool:
        """Claim a list, or its `recordings`, of requests with a `url` and a `hash` beside them."""
        item = base.first(_items(document))
        request = item.get("request") if item is not None else None
        return item is not None and item.has("hash", "response") and request is not None and request.has("url")

    def load(self, document: Document) -> Cassette:
        """Read all recordings."""
        return self.read(
            document, base.container(document, _items(document), "recordings"), _request, _response, _FIELDS
        )


def _items(document: Document) -> Node | None:
    root = base.only_root(document)
    return root if root is None or root.kind == "sequence" else root.get("recordings")


def _request(node: Node) -> Request:
    headers = base.headers(node.get("headers"))
    url, method = node.get("url"), node.get("method")
    return Request(
        base.method(method), base.text(url), headers, base.structure_or_text(node.get("body"), headers), url, method
    )


def _response(_: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    code, _reason = base.status(node.get("status"))
    return Response(code, headers, _body(node, headers), base.text(node.get("statusText")) or None)


def _body(node: Node, headers: Headers) -> Body:
    chunks = node.get("chunks")
    if chunks is not None and chunks.items:
        return Body(chunks, "chunks", headers=headers)
    return base.structure_or_text(node.get("body"), headers)


FORMAT = Mastra()
