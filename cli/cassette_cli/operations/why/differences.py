"""Where two requests differ: part by part, header by header, the query by name, the body by JSON path."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from cassette_cli.model.body import Body
from cassette_cli.model.http import Request
from cassette_cli.operations.diff import sides
from cassette_cli.operations.diff.align import without_boundary
from cassette_cli.operations.diff.values import ABSENT, path_text
from cassette_cli.operations.volatile import header_reason
from cassette_cli.operations.why.matching import COVERS, Part, address, headers_of

REDACTED = "redacted in the recording"
BOUNDARY = "only the multipart boundary"
LAYOUT = "only the layout"
ORDER = "the same parameters, in another order or encoding"
LENGTH = "follows from the body"

_TOKEN = re.compile(r"[^\s/?&=,;:\"']+")
_GUARDED = frozenset(
    "authorization proxy-authorization cookie x-api-key api-key x-goog-api-key x-amz-security-token".split()
)
"""Headers that recorders are told to leave out of a recording."""


class Difference(NamedTuple):
    """One difference: the part of a request, the name within it, and what both sides have, `ABSENT` for nothing.

    `name` is that of a header or a parameter, or the JSON path in the body; "" for a part as a whole. `counts` says
    that the recorder looks at it. `note` says what kind of difference it is, where that is known.
    """

    part: Part
    name: str
    sent: Any
    recorded: Any
    counts: bool = True
    note: str = ""


def differences(new: Request, old: Request, unmet: Iterable[str]) -> list[Difference]:
    """Return where a request and a recorded one differ; those count that one of the unmet matchers looks at."""
    found = [*_of_url(new, old), *_of_headers(new, old), *_of_bodies(new.body, old.body)]
    if new.method != old.method:
        found.insert(0, Difference("method", "", new.method, old.method))
    looked: set[Part] = {part for name in unmet for part in COVERS[name]}
    found = [one._replace(counts=one.part in looked) for one in found]
    for name in unmet:
        parts = {"port", "scheme"} if name == "port" else {*COVERS[name]}  # another scheme has another port
        if not any(one.counts and one.part in parts for one in found):
            found.append(_as_written(name, new, old))
    return found


def _as_written(name: str, new: Request, old: Request) -> Difference:
    """Return the difference that a matcher finds in how a part is written."""
    part = COVERS[name][0]
    if name in ("uri", "url"):
        return Difference("path", "", new.url, old.url, note="the URL is written in another way")
    if part in ("port", "scheme"):
        return Difference(part, "", *(getattr(address(one.url), part) for one in (new, old)))
    if part == "header":
        return Difference(part, "", ABSENT, ABSENT, note="header lines are repeated in another way")
    return Difference(part, "", ABSENT, ABSENT, note="written in another way")


def _of_url(new: Request, old: Request) -> Iterator[Difference]:
    if new.url == old.url:
        return
    a, b = address(new.url), address(old.url)
    if a.scheme != b.scheme:
        yield Difference("scheme", "", a.scheme, b.scheme)
    if a.host != b.host:
        yield Difference("host", "", a.host, b.host, note=_redacted(a.host, b.host))
    if a.port != b.port and (a.scheme == b.scheme or {a.port, b.port} != {80, 443}):
        yield Difference("port", "", a.port or ABSENT, b.port or ABSENT)
    if a.path != b.path and {a.path, b.path} != {"", "/"}:
        yield Difference("path", "", a.path, b.path, note=_redacted(a.path, b.path))
    yield from _of_queries(a.query, b.query)
    if a.fragment != b.fragment:
        yield Difference("fragment", "", a.fragment or ABSENT, b.fragment or ABSENT)


def _of_queries(new: str, old: str) -> Iterator[Difference]:
    if new == old:
        return
    sent, recorded = _by_name(parse_qsl(new, True)), _by_name(parse_qsl(old, True))
    if sent == recorded:
        yield Difference("query", "", new, old, note=ORDER)
        return
    yield from _named("query", sent, recorded)


def _of_headers(new: Request, old: Request) -> Iterator[Difference]:
    body_differs = new.body.payload != old.body.payload
    for one in _named("header", headers_of(new), headers_of(old)):
        if one.name == "content-length" and body_differs:
            yield one._replace(note=LENGTH)
        elif one.name == "content-type" and _is_boundary(one.sent, one.recorded):
            yield one._replace(note=BOUNDARY)
        elif one.note:
            yield one
        else:
            texts = [None if value is ABSENT else str(value) for value in (one.recorded, one.sent)]
            yield one._replace(note=_volatile(header_reason(one.name, *texts)))


def _is_boundary(new: Any, old: Any) -> bool:
    if not (isinstance(new, str) and isinstance(old, str) and new.lower().startswith("multipart/")):
        return False
    return without_boundary(new, new) == without_boundary(old, old)


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _named(part: Part, new: dict[str, list[str]], old: dict[str, list[str]]) -> Iterator[Difference]:
    """Yield the names under which two sides have other values."""
    for name in [*new, *(name for name in old if name not in new)]:
        a, b = new.get(name), old.get(name)
        if a != b:
            sent, recorded = (ABSENT if one is None else ", ".join(one) for one in (a, b))
            guarded = part == "header" and name in _GUARDED and recorded is ABSENT
            yield Difference(part, name, sent, recorded, note=REDACTED if guarded else _redacted(sent, recorded))


def _of_bodies(new: Body, old: Body) -> Iterator[Difference]:
    for change in sides.bodies(old, new, "request", "request"):
        name = path_text(change.path) if change.path else ""
        note = _redacted(change.new, change.old) or _volatile(change.volatile)
        if change.volatile == "multipart-boundaries" or (note == LAYOUT and new.content_type.startswith("multipart/")):
            note = BOUNDARY
        yield Difference("body", name, change.new, change.old, note=note)


def _volatile(reason: str | None) -> str:
    """Return what a volatile difference is called here."""
    if reason is None:
        return ""
    return LAYOUT if reason == "layout" else f"changes on every recording: {reason}"


def _redacted(sent: Any, recorded: Any) -> str:
    """Return the note where the recording has placeholders, and all around them is the same."""
    if not isinstance(sent, str) or not isinstance(recorded, str) or len(recorded) > 10_000 or not recorded:
        return ""
    from cassette_cli.operations.redact.detect.values import is_stand_in

    if is_stand_in(recorded):
        return REDACTED
    pattern, end = "", 0
    for token in _TOKEN.finditer(recorded):
        if is_stand_in(token[0]):
            pattern += re.escape(recorded[end : token.start()]) + r"[^\s]+?"
            end = token.end()
    if not end:
        return ""
    return REDACTED if re.fullmatch(pattern + re.escape(recorded[end:]), sent) is not None else ""
