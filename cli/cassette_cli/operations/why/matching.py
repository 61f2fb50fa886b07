"""Recorders' matchers: which parts of two requests each compares, and whether they are the same to it."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit

from cassette_cli.errors import UsageError
from cassette_cli.formats.base import Matching
from cassette_cli.model.body import Body
from cassette_cli.model.http import Request
from cassette_cli.operations.diff.json_compare import identical
from cassette_cli.operations.why.asked import Asked, Known

Part = Literal["method", "scheme", "host", "port", "path", "query", "fragment", "header", "body"]
"""A part of a request in which two may differ."""

URL_PARTS: Final[tuple[Part, ...]] = ("scheme", "host", "port", "path", "query", "fragment")
_BARE = re.compile(r"[\w+.-]+://[^/?#]+(?=[?#]|\Z)")
_AUTHORITY = re.compile(r"(?:[\w+.-]+:)?//(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]*)(:\d*)?")
_OWN_PORT = re.compile(r"^(http://[^/?#]*(?=:80(?:[/?#]|\Z))|https://[^/?#]*(?=:443(?:[/?#]|\Z))):\d+")
_PORTS: Final = {"http": 80, "https": 443}


class Address(NamedTuple):
    """A URL in its parts; what is no URL is all path."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str


def address(url: str) -> Address:
    """Cut a URL into its parts; the port is that of the scheme where none is stated."""
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port if parts.port is not None else _PORTS.get(parts.scheme)
        return Address(parts.scheme, parts.hostname or "", port, parts.path, parts.query, parts.fragment)
    except ValueError:
        return Address("", "", None, url, "", "")


class Rule(NamedTuple):
    """By what a recording is looked for: matchers by name, and what they pass over.

    `origin` says who says so; `own` are matchers of the project's that nobody else can apply.
    """

    matching: Matching
    origin: str
    own: tuple[str, ...] = ()

    @property
    def parts(self) -> set[Part]:
        """All parts that are compared."""
        return {part for name in self.matching.names for part in COVERS[name]}


def rule(matching: Matching, recorder: str, given: Iterable[str], asked: Asked) -> Rule:
    """Return the rule to go by: the user's, the one in the message, or the recorder's default.

    Raises `UsageError` for a name that is no matcher in what the user gave.
    """
    names = [part.strip().lstrip(":") for text in given for part in text.split(",") if part.strip()]
    for name in names:
        if name not in COVERS:
            raise UsageError(f"invalid --match {name!r}: not a matcher", hint=f"known are {', '.join(COVERS)}")
    if names:
        return Rule(matching._replace(names=tuple(names), about=""), "--match")
    if asked.match_on:
        known = tuple(name for name in asked.match_on if name in COVERS)
        own = tuple(name for name in asked.match_on if name not in COVERS)
        return Rule(matching._replace(names=known, about=""), asked.source, own)
    return Rule(matching, f"default of {recorder}")


def unmet(name: str, how: Matching, new: Request, old: Request) -> bool:
    """Say whether a matcher tells two requests apart."""
    return not _SAME[name](how, new, old)


def needs(name: str) -> set[Known]:
    """Return what a matcher has to know of a request beside its URL; a scheme that is not told is the recorded one."""
    needed: dict[Part, Known] = {"method": "method", "header": "headers", "body": "body"}
    return {needed[part] for part in COVERS[name] if part in needed}


def _same_uri(how: Matching, new: Request, old: Request) -> bool:
    one, other = (_with_path(request.url) if how.slash else request.url for request in (new, old))
    if how.without_port:
        one, other = (_OWN_PORT.sub(r"\1", url) for url in (one, other))
    if one == other or not how.by_parts:
        return one == other
    try:
        a, b = urlsplit(one), urlsplit(other)
    except ValueError:
        return False
    same = (a.scheme, a.netloc, a.path, a.fragment) == (b.scheme, b.netloc, b.path, b.fragment)
    return same and parse_qs(a.query, keep_blank_values=True) == parse_qs(b.query, keep_blank_values=True)


def _with_path(url: str) -> str:
    """Return a URL whose path is at least `/` (RFC 3986, 6.2.3)."""
    head = _BARE.match(url)
    return url if head is None else f"{head[0]}/{url[head.end() :]}"


def _same_host(how: Matching, new: Request, old: Request) -> bool:
    if how.slash:
        return address(new.url).host == address(old.url).host
    one, other = (_AUTHORITY.match(request.url) for request in (new, old))
    parts = (1, 2) if how.by_parts else (1,)  # Betamax's `host` is all of the authority
    return [one and one[part] for part in parts] == [other and other[part] for part in parts]


def _same_query(how: Matching, new: Request, old: Request) -> bool:
    queries = (address(new.url).query, address(old.url).query)
    if not how.blanks:
        a, b = (sorted(parse_qsl(query)) for query in queries)
        return a == b
    left, right = (parse_qs(query, keep_blank_values=True) for query in queries)
    return left == right


def _same_path(how: Matching, new: Request, old: Request) -> bool:
    a, b = address(new.url).path, address(old.url).path
    return a == b or (how.slash and {a, b} == {"", "/"})


def _same_headers(_: Matching, new: Request, old: Request) -> bool:
    return headers_of(new) == headers_of(old)


def headers_of(request: Request) -> dict[str, list[str]]:
    """Return header values by name in lower case, in their order."""
    found: dict[str, list[str]] = {}
    for line in request.headers:
        found.setdefault(line.name.lower(), []).append(line.value)
    return found


def _same_body(how: Matching, new: Request, old: Request) -> bool:
    if _same_bytes(how, new, old):
        return True
    if not how.by_type:
        return False
    kinds = [one.headers.get("content-type").lower() for one in (new, old)]
    if all("application/json" in kind for kind in kinds):
        return _same_json(how, new, old)
    if all("application/x-www-form-urlencoded" in kind for kind in kinds):
        left, right = (parse_qs(one.body.text or "") for one in (new, old))
        return left == right
    return False


def _same_bytes(_: Matching, new: Request, old: Request) -> bool:
    if new.body.payload == old.body.payload or new.body.data == old.body.data:
        return True
    structured = any(one.body.storage in ("parsed", "json", "form") for one in (new, old))
    return structured and is_same_json(new.body, old.body)


def _same_json(_: Matching, new: Request, old: Request) -> bool:
    return new.body.payload == old.body.payload or is_same_json(new.body, old.body)


def is_same_json(new: Body, old: Body) -> bool:
    """Say whether two bodies are the same JSON, whatever its layout and the order of its keys."""
    left, right = new.json, old.json
    return left is not None and right is not None and (identical(left, right) or _equal(left, right))


def _equal(left: Any, right: Any) -> bool:
    """Compare JSON; true is not 1, and the order of keys does not count."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


COVERS: Final[dict[str, tuple[Part, ...]]] = {
    "method": ("method",),
    "scheme": ("scheme",),
    "host": ("host",),
    "port": ("port",),
    "path": ("path",),
    "query": ("query",),
    "uri": URL_PARTS,
    "url": URL_PARTS,
    "headers": ("header",),
    "body": ("body",),
    "raw_body": ("body",),
    "body_as_json": ("body",),
}
"""The matchers by the names that recorders give them, and the parts that each compares."""

_SAME: Final[dict[str, Callable[[Matching, Request, Request], bool]]] = {
    "method": lambda _, new, old: new.method == old.method,
    "scheme": lambda _, new, old: address(new.url).scheme == address(old.url).scheme,
    "host": _same_host,
    "port": lambda _, new, old: address(new.url).port == address(old.url).port,
    "path": _same_path,
    "query": _same_query,
    "uri": _same_uri,
    "url": _same_uri,
    "headers": _same_headers,
    "body": _same_body,
    "raw_body": _same_bytes,
    "body_as_json": _same_json,
}
