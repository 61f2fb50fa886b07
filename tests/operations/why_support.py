"""Shared by the tests of `why`: a recorded request as plain values, and with one field of it changed."""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cassette_cli.model.http import Request

_NOT_ALONE = {"content-encoding", "content-type", "transfer-encoding"}
"""Headers that say how the body reads: one cannot change alone."""


class Values(NamedTuple):
    """A request as plain values, as `asked` takes them."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: str | bytes


class Mutation(NamedTuple):
    """One field that was changed: its part, its name as `why` tells it, and the request."""

    part: str
    name: str
    values: Values


def values_of(request: Request) -> Values:
    """Return a recorded request as plain values."""
    return Values(request.method, request.url, [(one.name, one.value) for one in request.headers], request.body.data)


def mutations(request: Request, chance: random.Random) -> Iterator[Mutation]:
    """Yield a request with one field changed, added or taken away, for each kind of field."""
    values = values_of(request)
    yield Mutation("method", "", values._replace(method="PATCH" if values.method != "PATCH" else "PUT"))
    for part, name, url in [*_urls(values.url, chance)]:
        yield Mutation(part, name, values._replace(url=url))
    for name, headers in [*_headers(values.headers, chance)]:
        yield Mutation("header", name, values._replace(headers=headers))
    if not request.headers.get("content-encoding"):
        for name, body in [*_bodies(request, chance)]:
            yield Mutation("body", name, values._replace(body=body))


def _urls(url: str, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    parts = urlsplit(url)
    if not parts.netloc:
        return
    if parts.scheme in ("http", "https"):
        yield "scheme", "", urlunsplit(parts._replace(scheme="http" if parts.scheme == "https" else "https"))
    if parts.port is None:
        yield "port", "", urlunsplit(parts._replace(netloc=f"{parts.netloc}:8443"))
    yield "host", "", url.replace(f"://{parts.netloc}", f"://x-{parts.netloc}", 1)
    yield "path", "", urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/other"))
    query = parse_qsl(parts.query, keep_blank_values=True)
    yield "query", "new", f"{url}{'&' if parts.query else '?'}new=1"
    if query and urlencode(query) == parts.query:
        name, value = chance.choice(query)
        changed = [(one, f"{text}9" if (one, text) == (name, value) else text) for one, text in query]
        yield "query", name, urlunsplit(parts._replace(query=urlencode(changed)))
        gone = [(one, text) for one, text in query if one != name]
        yield "query", name, urlunsplit(parts._replace(query=urlencode(gone)))


def _headers(lines: list[tuple[str, str]], chance: random.Random) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    yield "x-new", [*lines, ("X-New", "1")]
    free = [at for at, (name, _) in enumerate(lines) if name.lower() not in _NOT_ALONE]
    if free:
        at = chance.choice(free)
        name, value = lines[at]
        yield name.lower(), lines[:at] + lines[at + 1 :]
        yield name.lower(), [*lines[:at], (name, f"{value}q"), *lines[at + 1 :]]


def _bodies(request: Request, chance: random.Random) -> Iterator[tuple[str, str]]:
    value = request.body.json
    if value is None:
        return
    leaves = [path for path in _leaves(value) if path]
    for path in chance.sample(leaves, min(3, len(leaves))):
        changed = json.loads(json.dumps(value))
        holder = changed
        for step in path[:-1]:
            holder = holder[step]
        old = holder[path[-1]]
        holder[path[-1]] = f"{old} more" if isinstance(old, str) else not old if isinstance(old, bool) else 7777
        yield "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path), json.dumps(changed)


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _leaves(item, (*path, at))
    else:
        yield path
