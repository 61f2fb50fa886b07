"""Responses recorded by the recorder of Python's `responses`: no more of a request than its method and address.

Written by https://github.com/getsentry/responses, `responses/_recorder.py` (`_dump`), as YAML or by a dumper of
one's own. Content codings are taken off; a body that is no text goes to a file beside (`body_file`).
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = frozenset("method url body body_file status headers content_type auto_calculate_content_length".split())


class Responses(CassetteFormat):
    """The format of the recorder of `responses`."""

    name = "responses"
    recorder = "responses"
    source = "https://github.com/getsentry/responses"
    files = "YAML and JSON"

    def claims(self, document: Document) -> bool:
        """Claim `responses`, a list of `{response}` with `method` and `url`."""
        root = base.only_root(document)
        if root is None or root.has("requests"):
            return False
        item = base.first(root.get("responses"))
        response = item.get("response") if item is not None else None
        return response is not None and response.has("method", "url")

    def load(self, document: Document) -> Cassette:
        """Read all responses."""
        container = base.container(document, document.root.get("responses"), "responses")
        made = [_interaction(document, index, item) for index, item in enumerate(container.items)]
        beside = base.unknown(document.root.fields(), frozenset({"responses"}), "")
        return Cassette(document, self.name, made, container, unread=beside)


def _interaction(document: Document, index: int, item: Node) -> Interaction:
    node = item.get("response")
    if node is None or node.kind != "mapping":
        raise document.malformed(f"`responses[{index}]` has no response", item, hint="record the cassette again")
    fields = node.fields()
    url, method = fields.get("url"), fields.get("method")
    request = Request(base.method(method), base.text(url), Headers(), Body(), url, method)
    headers = base.headers(fields.get("headers"))
    declared = base.text(fields.get("content_type")) or headers.get("content-type")
    body = fields.get("body")
    unread = base.unknown(fields, _FIELDS, "response", index)
    code, reason = base.status(fields.get("status"))
    made = Body(headers=headers)
    if body is not None and not body.is_null:
        made = Body(body, "text", headers=headers, content_type=declared, decoded=True)
    return Interaction(index, request, Response(code, headers, made, reason), item, unread=unread)


FORMAT = Responses()
