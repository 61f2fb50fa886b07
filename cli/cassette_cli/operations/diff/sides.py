"""What both sides of an interaction have, compared: headers, and bodies that are JSON, forms, text or bytes."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cassette_cli.model import media
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Request
from cassette_cli.operations.diff import json_compare
from cassette_cli.operations.diff.align import masked_url, without_boundary
from cassette_cli.operations.diff.result import Change, Kind, Side
from cassette_cli.operations.diff.values import ABSENT, Path, blob, plain
from cassette_cli.operations.volatile import Region, header_reason


def requests(old: Request, new: Request) -> Iterator[Change]:
    """Yield where two requests differ: method, URL, body and headers."""
    if old.method != new.method:
        same = old.method.upper() == new.method.upper()
        yield Change("request", "method", ("method",), old.method, new.method, "layout" if same else None)
    if old.url != new.url:
        yield from _urls(old.url, new.url)
    yield from bodies(old.body, new.body, "request", "request")
    changed = old.body.payload != new.body.payload
    yield from headers(old.headers, new.headers, "request", body_changed=changed)


def _urls(old: str, new: str) -> Iterator[Change]:
    """Compare URLs: a query by its names, the rest as one."""
    if masked_url(old) == masked_url(new):
        rule = "layout" if sorted(old) == sorted(new) else "ids"
        yield Change("request", "url", ("url",), old, new, rule)
        return
    try:
        left, right = (urlsplit(url)._replace(query="").geturl() for url in (old, new))
        queries = urlsplit(old).query, urlsplit(new).query
    except ValueError:
        yield Change("request", "url", ("url",), old, new)
        return
    if left != right:
        yield Change("request", "url", ("url",), left, right, "ids" if masked_url(left) == masked_url(right) else None)
    a, b = (_fields(parse_qsl(query, keep_blank_values=True)) for query in queries)
    found = json_values(a, b, "request", ("query",))
    yield from changes(found, "request", "url")
    if not found and queries[0] != queries[1]:
        same = sorted(queries[0].split("&")) == sorted(queries[1].split("&"))
        before, after = (query or ABSENT for query in queries)
        yield Change("request", "url", ("query",), before, after, "layout" if same else None)


def headers(old: Headers, new: Headers, side: Side, *, body_changed: bool) -> Iterator[Change]:
    """Compare header lines by name without case; the order of names is no change."""
    if old.is_written_as(new):
        return  # as most requests' are
    left, right = _by_name(old), _by_name(new)
    if left == right:
        lines = [[(line.name, line.value) for line in one] for one in (old, new)]
        if lines[0] != lines[1]:
            a, b = (", ".join(line.name for line in one) for one in (old, new))
            yield Change(side, "header", ("headers",), a, b, "layout")
        return
    for name in [*left, *(name for name in right if name not in left)]:
        before, after = left.get(name), right.get(name)
        if before == after:
            continue
        rule = header_reason(name, before, after)
        if name == "content-length" and body_changed:
            rule = "lengths"
        elif name == "content-type" and before and after:
            same = without_boundary(before, before) == without_boundary(after, after)
            rule = "multipart-boundaries" if same else None
        yield Change(
            side, "header", (name,), ABSENT if before is None else before, ABSENT if after is None else after, rule
        )


def _by_name(lines: Headers) -> dict[str, str]:
    """Return the values by name in lower case; several values of one name are one text, by comma (RFC 9110, 5.2)."""
    found: dict[str, str] = {}
    for line in lines:
        name = line.name.lower()
        found[name] = f"{found[name]}, {line.value}" if name in found else line.value
    return found


def changes(found: Iterable[json_compare.Found], side: Side, kind: Kind) -> Iterator[Change]:
    """Make changes of what a comparison of JSON found."""
    for path, old, new, rule in found:
        yield Change(side, kind, path, old, new, rule)


def json_values(old: Any, new: Any, region: Region, path: Path = ()) -> list[json_compare.Found]:
    """Compare JSON; values that nest too deep to be walked differ as a whole."""
    try:
        return list(json_compare.compare(old, new, region, path))
    except RecursionError:
        return [] if old == new else [(path, "JSON that nests too deep", "JSON that nests too deep", None)]


def bodies(old: Body, new: Body, side: Side, kind: Kind) -> Iterator[Change]:
    """Compare two bodies of which no more is known than their types."""
    if old.payload == new.payload:
        return
    left, right = as_json(old), as_json(new)
    if left is not None and right is not None:
        found = json_values(left, right, side)
        yield from changes(found, side, kind)
        if not found:
            yield Change(side, kind, (), ABSENT, ABSENT, "layout")
        return
    a, b = plain(old), plain(new)
    texts = [without_boundary(one, body.declared_type) for one, body in ((a, old), (b, new)) if isinstance(one, str)]
    if len(texts) == 2 and texts[0] == texts[1]:
        yield Change(side, kind, (), a, b, "multipart-boundaries")
        return
    yield Change(side, kind, (), ABSENT if a == "" else a, ABSENT if b == "" else b)


def as_json(body: Body) -> Any:
    """Return a body as JSON: itself, or the fields of a form by their names; None where it is neither."""
    value = body.json
    if value is not None:
        return value
    kind = body.content_type.partition(";")[0].strip()
    text = body.text
    if kind == "application/x-www-form-urlencoded" and text:
        return _fields(media.form_fields(text))
    if kind.startswith("multipart/") and body.payload:
        parts = media.multipart_parts(body.data, body.declared_type)
        return _fields([(part.name or "", _part(part)) for part in parts]) if parts else None
    return None


def _part(part: media.FormPart) -> Any:
    facts = {"filename": part.filename, "content_type": part.content_type}
    try:
        content: Any = part.data.decode("utf-8")
    except UnicodeDecodeError:
        content = str(blob(part.data, part.content_type or ""))
    facts = {name: value for name, value in facts.items() if value is not None}
    return {**facts, "content": content} if facts else content


def _fields(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return fields by name; a name that occurs again has a list."""
    found: dict[str, Any] = {}
    for name, value in fields:
        if name in found:
            found[name] = [*found[name], value] if isinstance(found[name], list) else [found[name], value]
        else:
            found[name] = value
    return found
