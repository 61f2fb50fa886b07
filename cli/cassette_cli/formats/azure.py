"""Recordings of the Azure SDKs' test proxy.

Written by https://github.com/Azure/azure-sdk-tools, `tools/test-proxy/Azure.Sdk.Tools.TestProxy/Common/`:
`RecordSession.cs` and `RecordEntry.cs` (`SerializeBody`). A body is the structure that its JSON stands for, text,
a list of its lines, or, where its type is none of text, base64; an empty one is an empty list.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.codings import is_text_type
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = frozenset(
    "RequestUri EncodedRequestUri RequestMethod RequestHeaders RequestBody StatusCode ResponseHeaders"
    " ResponseBody".split()
)


class AzureTestProxy(CassetteFormat):
    """The format of the Azure SDKs' test proxy."""

    name = "azure-test-proxy"
    recorder = "Azure SDK test proxy"
    source = "https://github.com/Azure/azure-sdk-tools"
    files = "JSON, of all versions"
    match_on = base.WHOLE_REQUEST  # `RecordMatcher.cs`

    def claims(self, document: Document) -> bool:
        """Claim `Entries` that have a `RequestUri`, and empty ones beside `Variables`."""
        root = base.only_root(document)
        entries = root.get("Entries") if root is not None else None
        if root is None or entries is None or entries.kind != "sequence":
            return False
        entry = base.first(entries)
        return root.has("Variables") if entry is None else entry.has("RequestUri")

    def load(self, document: Document) -> Cassette:
        """Read all entries."""
        entries = base.container(document, document.root.get("Entries"), "Entries")
        made = [_entry(document, index, item) for index, item in enumerate(entries.items)]
        beside = base.unknown(document.root.fields(), frozenset({"Entries", "Variables", "Names"}), "")
        return Cassette(document, self.name, made, entries, unread=beside)


def _entry(document: Document, index: int, item: Node) -> Interaction:
    fields = item.fields()
    url, method = fields.get("RequestUri"), fields.get("RequestMethod")
    if url is None:
        raise base.no_request(document, index, item)
    asked, answered = base.headers(fields.get("RequestHeaders")), base.headers(fields.get("ResponseHeaders"))
    body = _body(fields.get("RequestBody"), asked)
    request = Request(base.method(method), base.text(url), asked, body, url, method)
    code, _ = base.status(fields.get("StatusCode"))
    response = Response(code, answered, _body(fields.get("ResponseBody"), answered))
    return Interaction(index, request, response, item, unread=base.unknown(fields, _FIELDS, "", index))


def _body(node: Node | None, headers: Headers) -> Body:
    if node is None or node.is_null or (node.kind == "sequence" and not node.items):
        return Body(headers=headers)
    if node.kind == "sequence":
        return Body(node, "chunks", headers=headers)
    if node.kind == "mapping" or node.tag != "str":
        return Body(node, "json", headers=headers)
    encoded = not is_text_type(headers.get("content-type")) and base.is_base64_text(node.value)
    return Body(node, "base64" if encoded else "text", headers=headers)


FORMAT = AzureTestProxy()
