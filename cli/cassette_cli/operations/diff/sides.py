"""What both sides of an interaction have: headers, and bodies that are JSON, forms, text or bytes."""

from collections.abc import Iterator
from typing import Any

from cassette_cli.model import media
from cassette_cli.model.body import Body
from cassette_cli.model.http import Headers
from cassette_cli.operations.diff import json_paths
from cassette_cli.operations.diff.align import without_boundary
from cassette_cli.operations.diff.result import Change, Kind, Side
from cassette_cli.operations.diff.values import ABSENT, Path, blob, header_reason, plain
from cassette_cli.operations.diff.volatile import Place
from cassette_cli.operations.trim.volatile import is_volatile


def headers(old: Headers, new: Headers, side: Side, *, body_changed: bool) -> Iterator[Change]:
    """Compare header lines by name without case; the order of names is no change."""
    if old.is_written_as(new):
        return  # as most requests' are
    left, right = _by_name(old), _by_name(new)
    for name in [*left, *(name for name in right if name not in left)]:
        a, b = left.get(name), right.get(name)
        if a == b:
            continue
        noise = None
        if is_volatile(name) or name == "cookie":
            noise = header_reason(name)
        elif name == "content-length" and body_changed:
            noise = "lengths"
        elif name == "content-type" and a and b and without_boundary(a, a) == without_boundary(b, b):
            noise = "multipart boundaries"
        elif name == "authorization" and _is_signature(a) and _is_signature(b):
            noise = "signatures"
        yield Change(side, "header", (name,), ABSENT if a is None else a, ABSENT if b is None else b, noise)


def _by_name(lines: Headers) -> dict[str, str]:
    """Return the values by name in lower case; several values of one name are one text, by comma (RFC 9110, 5.2)."""
    found: dict[str, str] = {}
    for line in lines:
        name = line.name.lower()
        found[name] = f"{found[name]}, {line.value}" if name in found else line.value
    return found


def _is_signature(value: str | None) -> bool:
    return value is not None and value.startswith("AWS4-HMAC-SHA256 ")


def changes(found: Iterator[json_paths.Found] | list[json_paths.Found], side: Side, kind: Kind) -> Iterator[Change]:
    """Make changes of what a comparison of JSON found."""
    for path, old, new, noise in found:
        yield Change(side, kind, path, old, new, noise)


def json_values(old: Any, new: Any, place: Place, path: Path = ()) -> list[json_paths.Found]:
    """Compare JSON; values that nest too deep to be walked differ as a whole."""
    try:
        return list(json_paths.compare(old, new, place, path))
    except RecursionError:
        return [] if old == new else [(path, "JSON that nests too deep", "JSON that nests too deep", None)]


def bodies(old: Body, new: Body, side: Side, kind: Kind) -> Iterator[Change]:
    """Compare two bodies of which no more is known than their types."""
    if old.payload == new.payload:
        return
    place: Place = "request" if side == "request" else "response"
    left, right = _as_json(old), _as_json(new)
    if left is not None and right is not None:
        found = json_values(left, right, place)
        if not found:
            yield Change(side, kind, (), ABSENT, ABSENT, "JSON layout")
        yield from changes(found, side, kind)
        return
    a, b = plain(old), plain(new)
    texts = [without_boundary(one, body.declared_type) for one, body in ((a, old), (b, new)) if isinstance(one, str)]
    if len(texts) == 2 and texts[0] == texts[1]:
        yield Change(side, kind, (), a, b, "multipart boundaries")
        return
    yield Change(side, kind, (), ABSENT if a == "" else a, ABSENT if b == "" else b)


def _as_json(body: Body) -> Any:
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
