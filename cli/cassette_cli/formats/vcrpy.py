"""VCR.py cassettes, YAML and JSON, and the bare lists that it wrote before 1.0.

Written by https://github.com/kevin1024/vcrpy, `vcr/serialize.py` and `vcr/request.py`; responses as
`vcr/stubs/__init__.py` builds them, with `content` and `status_code` by older `vcr/stubs/httpx_stubs.py`;
the lists as `vcr/migration.py` reads them. `parsed_body` comes from serializers that projects plug in,
as pydantic-ai's `tests/json_body_serializer.py`. Requests are matched as `vcr/config.py` says (`match_on`).
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat, Matching
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

FIELDS = base.Fields(
    request=frozenset("method uri url headers body parsed_body protocol host port path".split()),
    response=frozenset("status status_code headers body parsed_body content http_version url protocol".split()),
    file=frozenset({"interactions"}),
    wrapped=frozenset({"response"}),
    versions=frozenset({"1"}),
)


WIDTH = 76
"""How wide PyYAML's `represent_binary` writes base64."""

_OF_OTHERS = frozenset({"ws_interactions", "grpc_interactions", "replay_id", "replayId", "consumer", "provider"})
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def _is_own(request: Node, response: Node | None, version: Node | None) -> bool:
    if any(request.get(key) is not None for key in ("metadata", "body_type")) or _typed(request.get("body")):
        return False
    if response is not None and _typed(response.get("body")):
        return False
    if request.has("uri"):
        return True
    return request.has("url") and (version is None or version.value not in ("1", "2"))


def _typed(body: Node | None) -> bool:
    """Say whether a body is cassetter's `{type, content}`."""
    return body is not None and body.get("type") is not None and body.get("string") is None


def request(node: Node) -> Request:
    """Read a request."""
    fields = node.fields()
    headers = base.headers(fields.get("headers"))
    url = fields.get("uri") or fields.get("url")
    method = fields.get("method")
    address = base.text(url) if url is not None else _old_address(node)
    return Request(base.method(method), address, headers, _body(fields, headers), url, method)


def response(node: Node) -> Response:
    """Read a response."""
    fields = node.fields()
    headers = base.headers(fields.get("headers"))
    code, reason = base.status(fields.get("status") or fields.get("status_code"))
    return Response(
        code, headers, _body(fields, headers), reason, http_version=base.http_version(fields.get("http_version"))
    )


def _response(_: Node, node: Node) -> Response:
    return response(node)


def _body(fields: dict[str, Node], headers: Headers) -> Body:
    """Read a message's body: `parsed_body`, `body`, or an older httpx stub's `content`."""
    parsed = fields.get("parsed_body")
    if parsed is not None:
        return Body(parsed, "parsed", headers=headers)
    found = fields.get("body")
    if found is None or found.is_null:
        found = fields.get("content")
    return base.body(found, headers, width=WIDTH)


def _old_address(node: Node) -> str:
    """Put an address together from the fields of version 0.x."""
    scheme, host, port, path = (base.text(node.get(key)) for key in ("protocol", "host", "port", "path"))
    if not host:
        return path
    default = not port or port == _DEFAULT_PORTS.get(scheme)
    return f"{scheme or 'http'}://{host}{'' if default else ':' + port}{path}"


class VcrPy(CassetteFormat):
    """The format of VCR.py, and of pytest-recording, which writes it through VCR.py."""

    name = "vcrpy"
    recorder = "VCR.py"
    source = "https://github.com/kevin1024/vcrpy"
    files = "YAML and JSON; gzip, base64 and `parsed_body` bodies; the lists of its 0.x days"
    versions = ("vcrpy", "vcrpy-list")
    last_key = "version"
    match_on = ("method", "scheme", "host", "port", "path", "query")

    def claims(self, document: Document) -> bool:
        """Claim `interactions` whose requests have `uri`, an empty list of them, and bare lists of old requests.

        Many others write the same: go-vcr's requests have `url`, cassetter's bodies a `type`, gRPC ones a
        `metadata`, ReqCassette's a `body_type`; EasyVCR for Java has `recordedAt`, tapes of the JVM have a tag.
        """
        root = base.only_root(document)
        if root is None or document.is_toml:
            return False
        if root.kind == "sequence":
            item = base.first(root)
            if item is None or item.tag.startswith("!ruby/") or item.has("recordedAt"):
                return False
            request = item.get("request")
            return request is not None and (request.has("uri") or request.has("protocol", "host", "path"))
        fields = root.fields()
        interactions, version = fields.get("interactions"), fields.get("version")
        if interactions is None or root.tag == "!tape" or not _OF_OTHERS.isdisjoint(fields):
            return False
        if not interactions.items:
            return interactions.kind == "sequence" and (version is None or version.value == "1")
        for item in interactions.items:
            request = item.get("request")
            if request is not None and request.kind == "mapping":
                return not (item.has("transport") or base.is_dvr(root, item)) and _is_own(
                    request, item.get("response"), version
                )
        return base.first(interactions) is not None and interactions.items[0].get("response") is not None

    def matching(self, label: str) -> Matching:
        """Return the defaults of `match_on`, compared as `vcr/matchers.py` does."""
        del label
        return Matching(self.match_on, blanks=False, slash=True, by_type=True)

    def load(self, document: Document) -> Cassette:
        """Read all interactions; one without a request is an error, one without a response is listed as such."""
        root = document.root
        if root.kind == "sequence":
            return self.read(document, root, request, _response, FIELDS, "vcrpy-list")
        container = base.container(document, root.get("interactions"), "interactions")
        return self.read(document, container, request, _response, FIELDS)


FORMAT = VcrPy()
