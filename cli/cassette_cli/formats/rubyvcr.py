"""Ruby VCR cassettes, YAML and JSON, of all versions; rOpenSci's vcr for R and vcr-cassette for Rust write the same.

Written by https://github.com/vcr/vcr, `lib/vcr/structs.rb` (2.0 and later) and, as Ruby structs, by
`lib/vcr/structs/http_interaction.rb` of 1.x; by https://github.com/ropensci/vcr, `R/serialize-interaction.R`
and `R/serialize-body.R`: version 2 keeps bytes as `raw_gzip`, which is base64 of zlib data, and forms as `fields`.
Ruby's Psych tags what is no text as `!binary`, without a handle. `lib/vcr/cassette/serializers/compressed.rb`
writes the YAML through zlib, as `*.zz`. Requests are matched as `lib/vcr/cassette.rb` says.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat, Matching
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "uri", "headers", "body"}),
    response=frozenset({"status", "headers", "body", "http_version", "adapter_metadata"}),
    file=frozenset({"http_interactions"}),
    body=frozenset({"string", "base64_string", "encoding", "raw_gzip", "fields", "on_disk", "file"}),
    wrapped=frozenset({"request", "response"}),
)


_WIDTH = 60  # of Ruby's `Base64.encode64`
_R_WIDTH = 80
_STRUCT = "!ruby/struct:VCR::HTTPInteraction"


def _request(node: Node) -> Request:
    return base.request(node, _body, url="uri")


def _response(_: Node, node: Node) -> Response:
    return base.response(node, _body)


def _body(node: Node, headers: Headers) -> Body:
    body = node.get("body")
    if body is not None and (packed := body.get("raw_gzip")) is not None:
        return Body(packed, "base64", headers=headers, content_encoding="deflate", width=_R_WIDTH)
    if body is not None and (fields := body.get("fields")) is not None and not body.has("string"):
        return Body(fields, "form", headers=headers, content_type="application/x-www-form-urlencoded")
    if body is not None and body.has("on_disk"):
        return Body(headers=headers)
    return base.body(body, headers, width=_WIDTH)


class RubyVcr(CassetteFormat):
    """The format of Ruby VCR, of rOpenSci's vcr for R and of vcr-cassette for Rust."""

    name = "ruby-vcr"
    recorder = "Ruby VCR, rOpenSci vcr"
    source = "https://github.com/vcr/vcr"
    files = "YAML, JSON and `:compressed`; `base64_string`, `!binary`, `raw_gzip`, the structs of 1.x"
    last_key = "recorded_with"

    def claims(self, document: Document) -> bool:
        """Claim `http_interactions` that Betamax has not recorded, and bare lists of Ruby structs."""
        root = base.only_root(document)
        if root is None:
            return False
        if root.kind == "sequence":
            item = base.first(root)
            return item is not None and item.tag == _STRUCT
        if root.get("http_interactions") is None:
            return False
        recorder = root.get("recorded_with")
        return recorder is None or not recorder.value.lower().startswith("betamax")

    def matching(self, label: str) -> Matching:
        """Return the defaults of `match_requests_on`; requests drop the port of their scheme (`lib/vcr/structs.rb`)."""
        del label
        return Matching(self.match_on, without_port=True)

    def load(self, document: Document) -> Cassette:
        """Read all interactions; one without a request is an error, one without a response is listed as such."""
        root = document.root
        container = root if root.kind == "sequence" else root.get("http_interactions")
        container = base.container(document, container, "http_interactions")
        return self.read(document, container, _request, _response, _FIELDS)


FORMAT = RubyVcr()
