"""Replays of Google's Gen AI SDKs.

Written by https://github.com/googleapis/python-genai, `google/genai/_replay_api_client.py` (`ReplayFile`), in
snake case; the SDKs for Go, Java and JavaScript read and write the same in camel case. A body is a list of the
structures that its JSON, or the JSON of each event of a stream, stands for; `byte_segments` are base64.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_SEGMENTS = ("body_segments", "bodySegments")
_AGAIN = ("sdk_response_segments", "sdkResponseSegments")
_BYTES = ("byte_segments", "byteSegments")
_JSON = "application/json"
_FIELDS = base.Fields(
    request=frozenset({"method", "url", "headers", *_SEGMENTS}),
    response=frozenset({
        "status_code", "statusCode", "headers", *_AGAIN, *_SEGMENTS, *_BYTES,
    }),
    file=frozenset({"interactions", "replay_id", "replayId"}),
)  # fmt: skip


class GenaiReplay(CassetteFormat):
    """The format of the Gen AI SDKs' replays."""

    name = "genai-replay"
    recorder = "Google Gen AI SDK replays"
    source = "https://github.com/googleapis/python-genai"
    files = "JSON, in snake and in camel case"
    match_on = base.WHOLE_REQUEST  # `_match_request`

    def claims(self, document: Document) -> bool:
        """Claim `interactions` beside a `replay_id` or `replayId`."""
        root = base.only_root(document)
        return root is not None and root.has("interactions") and (root.has("replay_id") or root.has("replayId"))

    def load(self, document: Document) -> Cassette:
        """Read all interactions."""
        container = base.container(document, document.root.get("interactions"), "interactions")
        read = self.read(document, container, _request, _response, _FIELDS)
        for interaction in read.interactions:
            interaction.copies = _copies(interaction.node.get("response"))
        return read


def _request(node: Node) -> Request:
    return base.request(node, _body)


def _response(_: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    code, _reason = base.status(node.get("status_code") or node.get("statusCode"))
    return Response(200 if code is None else code, headers, _body(node, headers))


def _body(node: Node, headers: Headers) -> Body:
    segments = _one_of(node, _SEGMENTS)
    if segments is None or not segments.items:
        raw = _one_of(node, _BYTES)
        return Body(headers=headers) if raw is None else Body(raw, "base64-chunks", headers=headers)
    if len(segments) == 1:
        return Body(segments.items[0], "json", headers=headers, content_type=_JSON, decoded=True)
    # The events of a stream, without their framing: as if the server had sent a list.
    return Body(segments, "segments", headers=headers, content_type=_JSON, decoded=True)


def _copies(response: Node | None) -> list[Body]:
    """Return what the SDK made of each segment."""
    again = _one_of(response, _AGAIN) if response is not None else None
    return [Body(again, "segments", content_type=_JSON)] if again is not None and len(again) > 1 else []


def _one_of(node: Node, names: tuple[str, ...]) -> Node | None:
    found = (node.get(name) for name in names)
    return next((one for one in found if one is not None and one.kind == "sequence"), None)


FORMAT = GenaiReplay()
