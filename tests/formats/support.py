"""What the tests of formats share."""

import textwrap

from cassette_cli.formats.registry import FORMATS, load
from cassette_cli.model.http import Cassette
from cassette_cli.source.document import Document


def cassette(text: str, *, name: str | None = None) -> Cassette:
    """Read a cassette that exactly one format may claim."""
    document = Document(textwrap.dedent(text).encode(), "tests/a.yaml")
    if name is None:
        assert len([one.name for one in FORMATS if one.claims(document)]) == 1
    return load(document, name)


def table(read: Cassette) -> list[tuple[object, ...]]:
    """Return (method, URL, status, reason, request body, response body) an interaction."""
    return [
        (
            one.request.method,
            one.request.url,
            one.response and one.response.status,
            one.response and one.response.reason,
            one.request.body.payload,
            one.response and one.response.body.payload,
        )
        for one in read.interactions
    ]


def lines(headers) -> list[tuple[str, str]]:
    return [(line.name, line.value) for line in headers]
