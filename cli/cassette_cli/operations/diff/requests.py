"""Two requests compared: method, URL, headers and body."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from cassette_cli.model.http import Request
from cassette_cli.operations.diff import sides
from cassette_cli.operations.diff.align import masked_url
from cassette_cli.operations.diff.result import Change
from cassette_cli.operations.diff.values import ABSENT


def compare(old: Request, new: Request) -> Iterator[Change]:
    """Yield where two requests differ."""
    if old.method.upper() != new.method.upper():
        yield Change("request", "method", ("method",), old.method, new.method)
    if old.url != new.url:
        yield from _urls(old.url, new.url)
    yield from sides.bodies(old.body, new.body, "request", "request")
    changed = old.body.payload != new.body.payload
    yield from sides.headers(old.headers, new.headers, "request", body_changed=changed)


def _urls(old: str, new: str) -> Iterator[Change]:
    """Compare URLs: a query by its names, the rest as one."""
    if masked_url(old) == masked_url(new):
        yield Change("request", "url", ("url",), old, new, "ids")
        return
    try:
        left, right = urlsplit(old), urlsplit(new)
    except ValueError:
        yield Change("request", "url", ("url",), old, new)
        return
    if masked_url(left._replace(query="").geturl()) != masked_url(right._replace(query="").geturl()):
        yield Change("request", "url", ("url",), old.partition("?")[0], new.partition("?")[0])
    a, b = dict(parse_qsl(left.query, True)), dict(parse_qsl(right.query, True))
    found = sides.json_values(a, b, "request", ("query",))
    yield from sides.changes(found, "request", "url")
    if not found and left.query != right.query and sorted(left.query.split("&")) != sorted(right.query.split("&")):
        yield Change("request", "url", ("query",), left.query or ABSENT, right.query or ABSENT)
