"""The proof of a redaction: the same interactions, frames and names, and lengths that are right where they were."""

from collections.abc import Iterator
from urllib.parse import unquote_plus

from cassette_cli.errors import EditError
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.edits import Edit
from cassette_cli.streams import framing

Sides = tuple[Request | Response | None, Request | Response | None]


def lengths(before: Cassette, after: Cassette) -> list[Edit]:
    """Return the edits that state the length of bodies that stand as structures: their scalars were edited singly."""
    made: list[Edit] = []
    for old, new in zip(before.interactions, after.interactions, strict=False):
        for one, other in _sides(old, new):
            if one is None or other is None or one.body.storage not in ("parsed", "json") or not one.body.lengths:
                continue
            payload = other.body.payload
            if payload != one.body.payload:
                made += one.body.restated(payload)
    return made


def _sides(old: Interaction, new: Interaction) -> Iterator[Sides]:
    yield old.request, new.request
    yield old.response, new.response


def prove(before: Cassette, after: Cassette, *, headers_went: bool) -> None:
    """Compare what replaying depends on; raises `EditError` for a difference."""
    if len(before.interactions) != len(after.interactions) or before.entries != after.entries:
        raise _failed(before, None, "another number of interactions")
    for old, new in zip(before.interactions, after.interactions, strict=True):
        fault = _fault(old, new, headers_went=headers_went)
        if fault is not None:
            raise _failed(before, old, fault)


def _fault(old: Interaction, new: Interaction, *, headers_went: bool) -> str | None:
    if old.request.method != new.request.method:
        return "another method"
    if _names(old.request.url) != _names(new.request.url):
        return "other query names"
    if (old.response is None) != (new.response is None):
        return "no response"
    if old.response is not None and new.response is not None and old.response.status != new.response.status:
        return "another status"
    for one, other in _sides(old, new):
        if one is None or other is None:
            continue
        if not headers_went and [h.name for h in one.headers] != [h.name for h in other.headers]:
            return "other header names"
        if _frames(one.body) != _frames(other.body):
            return "another number of frames"
    return None


def _names(url: str) -> list[str]:
    query = url.partition("?")[2].partition("#")[0]
    return [unquote_plus(pair.partition("=")[0]) for pair in query.split("&") if "=" in pair]


def _frames(body: Body) -> int | None:
    if body.storage in ("absent", "parsed", "json"):
        return None
    framed = framing.split(body.payload, body.content_type)
    return None if framed is None else len(framed.frames)


def _failed(cassette: Cassette, interaction: Interaction | None, what: str) -> EditError:
    line = None if interaction is None else cassette.document.line(interaction.node.start)
    return EditError(
        f"after the edit there would be {what}",
        path=cassette.path,
        line=line,
        hint="nothing was written; please report this file",
    )
