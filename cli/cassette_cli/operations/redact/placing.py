"""Where a finding is, for people: the line in the file, and the part of the recording."""

from bisect import bisect_right
from collections.abc import Sequence

from cassette_cli.operations.redact.hits import Hit, Secret
from cassette_cli.operations.redact.paths import locate
from cassette_cli.operations.redact.places import Place
from cassette_cli.operations.redact.scan import Spot
from cassette_cli.source.document import Document
from cassette_cli.source.scalars import source_map
from cassette_cli.streams import framing
from cassette_cli.streams.frames import Framed

Found = Sequence[tuple[Hit, Secret, int | None]]


def line_of(document: Document, place: Place, hit: Hit | None) -> int:
    """Return the line of a hit; that of its scalar where the text was encoded."""
    if place.node is None:
        return document.line(place.start)
    node = place.node
    plain = place.body is None or place.body.storage == "text"
    if hit is not None and plain and node.kind == "scalar" and "\n" in document.text[node.start : node.end]:
        made = source_map(document.text, node, is_json=document.is_json)
        span = made.locate(place.offset + hit.start, place.offset + hit.end) if made is not None else None
        if span is not None:
            return document.line(span[0])
    return document.line(node.start)


def where_of(spot: Spot) -> list[str]:
    """Return the part of the recording of each secret, in the order of `Spot.secrets`."""
    place = spot.place
    found = list(spot.secrets())
    if place.kind == "header":
        return [_joined(place.where, f"?{secret.key}" if secret.key else "") for _, secret, _ in found]
    if place.kind == "url":
        return [_in_url(place.text, hit, secret) for hit, secret, _ in found]
    root = place.where
    if place.kind == "comment" or not root:
        return [root or "the document" for _ in found]
    if place.framed is not None:
        return [
            _joined(root, f"frame {number}", locate(spot.frames[number][0].text, [hit.start])[0] or secret.key)
            for hit, secret, number in found
            if number is not None
        ]
    framed = framing.split(place.text, place.body.content_type) if place.body is not None else None
    paths = _in_frames(framed, found) if framed is not None else locate(place.text, [hit.start for hit, _, _ in found])
    keys = [f"?{s.key}" if s.key and s.key != place.name else "" for _, s, _ in found]
    return [_joined(root, path or key) for key, path in zip(keys, paths, strict=True)]


def _joined(*parts: str) -> str:
    kept: list[str] = []
    for part in parts:
        if part and (not kept or kept[-1].lower() != part.lower()):
            kept.append(part)
    return " ".join(kept)


def _in_url(url: str, hit: Hit, secret: Secret) -> str:
    if secret.key:
        return f"url ?{secret.key}"
    query = min((at for at in (url.find("?"), url.find("#")) if at >= 0), default=len(url))
    if hit.start >= query:
        name = url[: hit.start].rstrip("=")
        return f"url ?{name[max(name.rfind(sign) for sign in '?&#;') + 1 :]}"
    host = url.find("/", url.find("://") + 3)
    return "url userinfo" if 0 <= hit.start < host else "url path"


def _in_frames(framed: Framed, found: Found) -> list[str]:
    """Return for each hit of a textual stream its frame, and the path in the frame's JSON."""
    starts = [frame.span[0] for frame in framed.frames]
    out = []
    for hit, secret, _ in found:
        number = bisect_right(starts, hit.start) - 1
        if number < 0:
            out.append(secret.key)
            continue
        frame = framed.frames[number]
        offset = hit.start - frame.data_spans[0][0] if len(frame.data_spans) == 1 else -1
        path = locate(frame.data, [offset])[0] if offset >= 0 else ""
        out.append(_joined(f"frame {number}", path or secret.key))
    return out
