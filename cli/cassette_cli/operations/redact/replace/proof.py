"""The proof of a redaction: the same interactions, frames and names, bodies that still are what they were.

A body that parsed as JSON, XML, a form, multipart or a stream parses again and has the same shape: the same
names in the same order, lists as long, numbers that are numbers but for those that became a placeholder.
"""

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote_plus
from xml.parsers import expat

from cassette_cli.errors import EditError
from cassette_cli.formats import registry
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.operations.redact.texts.structured import YamlLayer, read_json
from cassette_cli.operations.redact.texts.text import Layer, Piece, Text
from cassette_cli.source.edits import Edit
from cassette_cli.source.later import pattern
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


def prove(before: Cassette, after: Cassette, names: Collection[str], *, headers_went: bool) -> None:
    """Compare what replaying depends on; raises `EditError` for a difference.

    `names` are secrets that may stand in names: of headers, keys, parameters.
    """
    if len(before.interactions) != len(after.interactions) or before.entries != after.entries:
        raise _failed(before, None, "the edit would leave another number of interactions")
    for old, new in zip(before.interactions, after.interactions, strict=True):
        fault = _fault(old, new, _Proof(names), headers_went=headers_went)
        if fault is not None:
            raise _failed(before, old, fault)


def _fault(old: Interaction, new: Interaction, proof: "_Proof", *, headers_went: bool) -> str | None:
    if old.request.method != new.request.method:
        return "the edit would leave another method"
    if not proof.are_alike(_names(old.request.url), _names(new.request.url)):
        return "the edit would leave other query names"
    if (old.response is None) != (new.response is None):
        return "the edit would leave no response"
    if old.response is not None and new.response is not None and old.response.status != new.response.status:
        return "the edit would leave another status"
    for side, (one, other) in zip(("request", "response"), _sides(old, new), strict=True):
        if one is None or other is None:
            continue
        names = [h.name for h in one.headers], [h.name for h in other.headers]
        if not headers_went and not proof.are_alike(*names):
            return "the edit would leave other header names"
        fault = proof.body(one.body, other.body)
        if fault is not None:
            return f"{side}.body would {fault}"
    return None


def _names(url: str) -> list[str]:
    query = url.partition("?")[2].partition("#")[0]
    return [unquote_plus(pair.partition("=")[0]) for pair in query.split("&") if "=" in pair]


class _Proof:
    """Compares what was with what is; `names` are secrets, which may have stood in names."""

    def __init__(self, names: Collection[str]) -> None:
        self._secrets = [name for name in names if name]

    def are_alike(self, old: list[str], new: list[str]) -> bool:
        """Say whether names are the same but for secrets in them."""
        if old == new:
            return True
        return len(old) == len(new) and all(
            one == other or self._held(one) for one, other in zip(old, new, strict=True)
        )

    def _held(self, name: str) -> bool:
        return any(secret in name for secret in self._secrets)

    def body(self, old: Body, new: Body) -> str | None:
        """Return what is wrong with a body, None where it is still what it was."""
        before, after = old.payload, new.payload
        if before == after:
            return None
        if old.storage not in ("absent", "parsed", "json"):
            one, other = framing.split(before, old.content_type), framing.split(after, new.content_type)
            if (one is None) != (other is None) or (one and other and len(one.frames) != len(other.frames)):
                return "have another number of frames"
            if one is not None and other is not None:
                pairs = zip(one.frames, other.frames, strict=True)
                faults = (self._text(frame.data, twin.data, "", 0) for frame, twin in pairs if frame.data != twin.data)
                return next(filter(None, faults), None)
        if isinstance(before, bytes) or isinstance(after, bytes):
            return None if type(before) is type(after) else "be text no more"
        return self._text(before, after, old.content_type, 0)

    def _text(self, before: str, after: str, kind: str, depth: int) -> str | None:
        if before == after or depth > 8:
            return None
        if before.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"') and (one := read_json(before)) is not None:
            other = read_json(after)
            if other is None:
                return "be JSON no more"
            return self._json(one, other, depth)
        if "yaml" in kind:
            return _yaml_fault(before, after)
        if "x-www-form-urlencoded" in kind:
            names = [[name for name, _ in parse_qsl(one, keep_blank_values=True)] for one in (before, after)]
            return None if self.are_alike(*names) else "have other fields"
        if "multipart/" in kind:
            names = [_FIELDS.findall(one) for one in (before, after)]
            return None if self.are_alike(*names) else "have other parts"
        if before.lstrip()[:1] == "<" and (tags := _tags(before)) is not None:
            now = _tags(after)
            return "be XML no more" if now is None else None if self.are_alike(tags, now) else "have other elements"
        return None

    def _json(self, old: Any, new: Any, depth: int) -> str | None:
        """Return what is wrong with JSON, walked side by side."""
        stack = [(old, new)]
        while stack:
            one, other = stack.pop()
            if type(one) is not type(other):
                if isinstance(one, list | tuple) or isinstance(other, list | tuple) or type(other) is not str:
                    return "have another shape"
            elif isinstance(one, tuple):
                if not self.are_alike([name for name, _ in one], [name for name, _ in other]):
                    return "have other keys"
                stack += [(value, twin) for (_, value), (_, twin) in zip(one, other, strict=True)]
            elif isinstance(one, list):
                if len(one) != len(other):
                    return "have a list of another length"
                stack += zip(one, other, strict=True)
            elif type(one) is str and one != other:
                fault = self._text(one, other, "", depth + 1)
                if fault is not None:
                    return fault
        return None


_FIELDS = pattern(r"\bname=\"?([^\";\r\n]{0,200})")


def _yaml_fault(before: str, after: str) -> str | None:
    one, other = (YamlLayer.read(Text(Piece(text, 0), Layer(None))) for text in (before, after))
    if one is None:
        return None
    if other is None:
        return "be YAML no more"
    return None if len(one.pieces()) == len(other.pieces()) else "have another shape"


def _tags(text: str) -> list[str] | None:
    """Return the names of elements and attributes of XML, None where it is none."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.extend((name, *attributes))
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except (expat.ExpatError, ValueError):
        return None
    return found


def match_key(request: Request, recorder: str) -> tuple[Any, ...]:
    """Return what a recorder finds an interaction by, in its own settings."""
    parts = registry.matched(recorder)
    headers = tuple((line.name, line.value) for line in request.headers) if "headers" in parts else ()
    return request.method, request.url, headers, request.body.payload if "body" in parts else ""


def _failed(cassette: Cassette, interaction: Interaction | None, what: str) -> EditError:
    line = None if interaction is None else cassette.document.line(interaction.node.start)
    return EditError(what, path=cassette.path, line=line, hint="nothing was written; please report this file")
