"""From findings to edits: through every layer to the file, and nothing else touched."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from cassette_cli.errors import EditError, UsageError
from cassette_cli.model.http import Cassette
from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.named import is_spent_basic
from cassette_cli.operations.redact.detect.values import is_placeholder
from cassette_cli.operations.redact.replace.placeholders import Assigned, Placeholders, is_empty_jwt, mask
from cassette_cli.operations.redact.scanning import Found, Scanned
from cassette_cli.operations.redact.texts.document import DocumentLayer, Place
from cassette_cli.operations.redact.texts.streams import FramesLayer
from cassette_cli.operations.redact.texts.text import Replacement, Secret, Text, merged
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Note, Part, Remove, Replace
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node, walk


@dataclass(slots=True, eq=False)
class Spot:
    """A text of the file, where it stands, and what is to be replaced in it."""

    text: Text
    place: Place
    replacements: list[Replacement] = field(default_factory=list)

    def secrets(self) -> Iterator[tuple[Replacement, Secret]]:
        """Yield each secret with the replacement that it is behind."""
        for one in self.replacements:
            yield from ((one, secret) for secret in one.secrets)

    @property
    def position(self) -> tuple[int, int]:
        """Where the text stands in the document."""
        node = self.place.node
        return (self.place.start, 0) if node is None else (node.start, node.end)


def lifted(scanned: Scanned, placeholders: Placeholders, assigned: Assigned) -> list[tuple[Text, list[Replacement]]]:
    """Return what is to be replaced in the texts that no other holds, in order and without overlaps."""
    pending: dict[int, dict[Text, list[Replacement]]] = {}

    def add(text: Text, one: Replacement) -> None:
        pending.setdefault(text.layer.depth, {}).setdefault(text, []).append(one)

    for found in scanned.found:
        one = _replacement(scanned, found, placeholders, assigned)
        if one is not None:
            add(found.text, one)
    while pending and (depth := max(pending)) > scanned.layer.depth:
        for text, replacements in pending.pop(depth).items():
            for outer, one in text.layer.lift(text, merged(replacements)):
                add(outer, one)
    return [(text, merged(own)) for text, own in pending.get(scanned.layer.depth, {}).items()]


def spots(scanned: Scanned, placeholders: Placeholders, assigned: Assigned) -> list[Spot]:
    """Return what is to be replaced, text by text of the file, in its order.

    What was found behind compressed data, which cannot be written, is reported in its place.
    """
    layer = scanned.layer
    assert isinstance(layer, DocumentLayer)
    made = [Spot(text, layer.place(text), own) for text, own in lifted(scanned, placeholders, assigned)]
    kept = [spot for spot in made if not _is_trailing(layer, spot)]
    return sorted(kept, key=lambda spot: spot.position)


def divided(found: Iterable[Spot]) -> tuple[list[Spot], list[Spot]]:
    """Return what can be written, and what cannot: that in a body whose compressed data is cut short."""
    writable: list[Spot] = []
    fixed: list[Spot] = []
    for spot in found:
        (fixed if spot.place.body is not None and spot.place.body.cut else writable).append(spot)
    return writable, fixed


def _is_trailing(layer: DocumentLayer, spot: Spot) -> bool:
    if spot.place.offset >= 0:
        return False
    reason = f"{len(spot.text.value)} bytes after the end of the compressed data hold what looks secret"
    layer.report(spot.text, reason)
    return True


def _replacement(scanned: Scanned, found: Found, placeholders: Placeholders, assigned: Assigned) -> Replacement | None:
    """Return the replacement of a match; None where it is a placeholder, is allowed, or cuts an escape."""
    text, match = found
    span = match.start, _end(text, match)
    value = text.value[slice(*span)]
    if value in scanned.own or is_empty_jwt(value, scanned.own) or placeholders.allows(value):
        return None
    is_shape = bool(match.rule.pattern) and match.rule.level in ("secrets", "ids") and not match.rule.of_user
    if is_shape and is_spent(value, scanned.own):
        return None
    if text.kind == "comment" and not scanned.layer.is_comment(text):
        return None
    if any(layer.cuts(span) for layer in text.layers or ()) or _is_in_address(text, match):
        return None
    new, masked = assigned.text(match.rule, value), placeholders.mask(value)
    write = next((write for layer in text.layers or () if (write := layer.writes(span)) is not None), None)
    if write is None and text.kind == "url":
        write = _in_url
    if write is None and text.value[span[0] - 1 : span[0]] == text.value[span[1] : span[1] + 1] == '"':
        write = _in_quotes
    if write is not None:
        new = write(new)
    secret = Secret(match.rule, value, mask(value), match.key, text.where(match.start), text.kind == "key")
    return Replacement(*span, new, masked, (secret,))


def _end(text: Text, match: Match) -> int:
    """Return where a match ends: a token that may have slashes ends with its segment in the path of a URL."""
    if text.kind != "url" or not match.rule.pattern or match.rule.of_user:
        return match.end
    _, start, path_end = authority(text.value)
    slash = text.value.find("/", match.start + _OPENING, match.end)
    return slash if start <= match.start < path_end and slash >= 0 else match.end


_OPENING = 8  # Google's refresh tokens open with 1//


def is_spent(value: str, own: tuple[str, ...]) -> bool:
    """Say whether a token of a known shape is a placeholder, or holds nothing else."""
    return is_placeholder(value, own) or is_spent_basic(value, own)


def _in_url(text: str) -> str:
    return quote(text, safe="")


def _in_quotes(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _is_in_address(text: Text, match: Match) -> bool:
    """Say whether a match lies where an address says where it goes: scheme, host, port; an id stays in the path."""
    if text.kind != "url" or (match.rule.of_user and not match.is_swept):
        return False
    start, end, path_end = authority(text.value)
    if match.start < end and match.end > start:
        return True
    return match.start < path_end and match.rule.level == "ids" and not match.rule.pattern


def authority(url: str) -> tuple[int, int, int]:
    """Return where a URL's host and port begin and end, and where its path ends."""
    start = url.find("://")
    path_end = min((at for at in (url.find("?"), url.find("#")) if at >= 0), default=len(url))
    if start < 0:
        return 0, 0, path_end
    start += 3
    end = min((at for at in (url.find("/", start), path_end) if at >= start), default=len(url))
    user = url.rfind("@", start, end)
    return (user + 1 if user >= 0 else start), end, path_end


def edits(found: Iterable[Spot], *, masked: bool = False, shown: bool = False) -> list[Edit]:
    """Return the edits of all spots: `masked` ones for a text that people may see, `shown` ones as in `Body.edit`."""
    made: list[Edit] = []
    for spot in found:
        made += _edits(spot, masked=masked, shown=shown or masked)
    return made


def _edits(spot: Spot, *, masked: bool, shown: bool) -> list[Edit]:
    place = spot.place
    parts = [(one.start, one.end, one.masked if masked else one.new) for one in spot.replacements]
    if not masked:
        _check(spot)
    if place.kind == "comment":
        return [Note(place.start + start, place.start + end, new) for start, end, new in parts]
    node = place.node
    assert node is not None
    if place.body is None:
        return [Replace(node, tuple((place.offset + start, place.offset + end, new) for start, end, new in parts))]
    frames = next((one for one in spot.text.layers or () if isinstance(one, FramesLayer)), None)
    if frames is not None and frames.is_binary:
        from cassette_cli.streams import editing

        return editing.edits(place.body, frames.framed, editing.Changes(_by_frame(frames, parts)), shown=shown)
    if isinstance(place.body.payload, bytes):
        return place.body.replace(_in_place(spot.text.value, parts).encode("latin-1"), shown=shown)
    return place.body.edit(parts, shown=shown)


def _by_frame(frames: FramesLayer, parts: Sequence[Part]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = {}
    for start, end, new in parts:
        number = frames.number_at(start)
        at = frames.start_of(number)
        found.setdefault(number, []).append((start - at, end - at, new))
    return found


def _in_place(text: str, parts: Sequence[Part]) -> str:
    """Return a binary body with its parts overwritten, not one byte longer or shorter: lengths in it stay true."""
    out = text
    for start, end, new in parts:
        size = end - start
        out = out[:start] + (new * (size // len(new) + 1))[:size] + out[end:]
    return out


_HOST = pattern(r"[A-Za-z0-9.-]+")
_TOKEN = pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


def _check(spot: Spot) -> None:
    """Raise `UsageError` for a placeholder that cannot stand in its place."""
    place = spot.place
    for one in spot.replacements:
        if place.kind == "url":
            start, end, _ = authority(spot.text.value)
            if one.start < end and one.end > start and not _HOST.fullmatch(one.new):
                raise _unfit(one, "the host of a URL", "use letters, digits and dashes")
        elif place.kind == "header" and not _is_latin(one.new):
            raise _unfit(one, "a header", "use characters of Latin-1")
        elif place.body is not None and isinstance(place.body.payload, bytes) and not _is_latin(one.new):
            raise _unfit(one, "a binary body", "use characters of Latin-1")


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _unfit(one: Replacement, where: str, hint: str) -> UsageError:
    return UsageError(f"the placeholder {one.new!r} cannot stand in {where}", hint=hint)


def removals(cassette: Cassette, places: Iterable[Place]) -> tuple[list[Remove], set[tuple[int, int]]]:
    """Return the edits that drop these header lines whole, and the spans of all scalars that go with them.

    Raises `EditError` for a line whose place is not understood.
    """
    parents = _parents(cassette.document)
    made: dict[tuple[int, int, int], Remove] = {}
    gone: set[tuple[int, int]] = set()
    for place in places:
        assert place.node is not None
        container, index = _line(place.node, place.name_node, parents)
        made[(*container.span, index)] = Remove(container, index)
        roots = container.pairs[index] if container.kind == "mapping" else (container.items[index],)
        gone.update(node.span for root in roots for node in walk(root) if node.kind == "scalar")
    return list(made.values()), gone


def _parents(document: Document) -> dict[tuple[int, int, str], tuple[Node, int]]:
    found: dict[tuple[int, int, str], tuple[Node, int]] = {}
    for root in document.roots:
        for node in walk(root):
            for index, item in enumerate(node.items):
                found.setdefault((*item.span, item.kind), (node, index))
            for index, (key, value) in enumerate(node.pairs):
                found.setdefault((*value.span, value.kind), (node, index))
                found.setdefault((*key.span, key.kind), (node, index))
    return found


def _line(node: Node, name: Node | None, parents: dict[tuple[int, int, str], tuple[Node, int]]) -> tuple[Node, int]:
    """Return the collection that holds a header line, and where: climb until the name is underneath too."""
    at = node
    while (up := parents.get((*at.span, at.kind))) is not None:
        container, index = up
        if name is None:
            return container, index
        if container.kind == "mapping":
            key, _ = container.pairs[index]
            if any(one.span == name.span for one in walk(key)):
                return container, index
        holds_name = any(one.span == name.span for one in (*container.items, *(v for _, v in container.pairs)))
        above = parents.get((*container.span, container.kind))
        if holds_name and above is not None:
            return above
        at = container
    raise EditError("a header whose name is not found cannot be removed", hint="leave --remove out for this file")
