"""VCR.py's requests and responses as two lists side by side.

Written by the serializers and persisters that projects plug into VCR.py, LangChain first:
https://github.com/langchain-ai/langchain, `libs/standard-tests/langchain_tests/conftest.py`
(`CustomSerializer`, `CustomPersister`), gzipped as `*.yaml.gz`.
"""

from cassette_cli.formats import base, vcrpy
from cassette_cli.formats.base import CassetteFormat, Matching
from cassette_cli.model.http import Cassette, Interaction
from cassette_cli.source.document import Document


class ParallelLists(CassetteFormat):
    """The format of LangChain's VCR.py serializer."""

    name = "vcrpy-parallel"
    recorder = "LangChain's VCR.py serializer"
    source = "https://github.com/langchain-ai/langchain"
    files = "`requests` and `responses` side by side, also gzipped"

    def claims(self, document: Document) -> bool:
        """Claim a mapping with lists of `requests` and of `responses`."""
        root = base.only_root(document)
        if root is None:
            return False
        requests, responses = root.get("requests"), root.get("responses")
        if requests is None or responses is None or requests.kind != "sequence" or responses.kind != "sequence":
            return False
        item = base.first(requests)
        return item is None or item.get("uri") is not None or item.get("url") is not None

    def matching(self, label: str) -> Matching:
        """Return what VCR.py compares: only the file is written in another way."""
        return vcrpy.FORMAT.matching(label)

    def load(self, document: Document) -> Cassette:
        """Pair requests and responses by position; a request beyond the responses has none.

        Raises `MalformedCassetteError` for a request that is no mapping, or a response beyond the requests.
        """
        requests = base.container(document, document.root.get("requests"), "requests")
        responses = base.container(document, document.root.get("responses"), "responses")
        if len(responses) > len(requests):
            raise document.malformed(
                f"{len(responses)} responses to {len(requests)} requests",
                responses.items[len(requests)],
                hint="record the cassette again",
            )
        made = []
        for index, item in enumerate(requests.items):
            if item.kind != "mapping":
                raise base.no_request(document, index, item)
            answer = responses.items[index] if index < len(responses) else None
            found = answer if answer is not None and answer.kind == "mapping" else None
            error = None if found is not None else "no response was recorded"
            reply = None if found is None else vcrpy.response(found)
            unread = [*base.unknown(item.fields(), vcrpy.FIELDS.request, "request", index)]
            if found is not None:
                unread += base.unknown(found.fields(), vcrpy.FIELDS.response, "response", index)
            made.append(Interaction(index, vcrpy.request(item), reply, item, error=error, unread=unread))
        beside = base.unknown(document.root.fields(), frozenset({"requests", "responses"}), "")
        return Cassette(document, self.name, made, requests, companions=(responses,), unread=beside)


FORMAT = ParallelLists()
