"""One cassette cut into several, and several put together: items are copied byte for byte.

A part is the cassette without all others; what is joined stands behind the first one's items, between
its header and its footer.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from cassette_cli.errors import EditError, UsageError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.edit.removing import is_same, references, refuse_unwritable, without
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading
from cassette_cli.source.adding import manner_of
from cassette_cli.source.document import Document
from cassette_cli.source.edits import spliced
from cassette_cli.source.nodes import AttachedNode, Node, walk
from cassette_cli.source.removal import BLANK_LINES, Block, keeps_breaks, last_inside, past
from cassette_cli.source.scalars import content_start

By = Literal["interaction", "host", "model"]

_ENDINGS = re.compile(r"((?:\.(?:yaml|yml|json|jsonl|har))?(?:\.(?:gz|zst|br))?)\Z", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_ANCHOR = re.compile(r"(?:![^\s]*\s+)?&([^\s,\[\]{}]+)")


class Piece(NamedTuple):
    """One part of a cassette: the name of its file, its interactions by number, and its document."""

    name: str
    indices: list[int]
    document: Document


def split(loaded: Loaded, by: By, input_format: str | None = None) -> list[Piece]:
    """Return the parts of a cassette: one an interaction, a host or a model, in the order of the first of each.

    Raises `EditError` where an interaction needs what stands in another part and cannot be copied there.
    """
    cassette = loaded.cassette
    _refuse_attached(cassette)
    groups: dict[str, list[int]] = {}
    for reading in loaded.selection.readings(cassette):
        groups.setdefault(_group(reading, by), []).append(reading.interaction.index)
    if not groups:
        raise UsageError("no interaction was chosen", path=cassette.path, hint="cassette ls shows them")
    if cassette.container is None and len(cassette.interactions) == 1:
        raise UsageError("a file of one interaction cannot be split", path=cassette.path)
    judged = _judged(cassette, input_format)
    everything = set(range(len(cassette.interactions)))
    stem, ending = _stem(cassette.path)
    width = len(str(max(len(groups) - 1, 0)))
    pieces = []
    for number, (label, indices) in enumerate(groups.items()):
        document = without(judged, everything - set(indices))
        if len(registry.load(document, input_format if cassette.container is not None else None).interactions) != len(
            indices
        ):
            raise EditError("a part would not read back", path=cassette.path, hint="nothing was written")
        tail = f"-{_UNSAFE.sub('_', label).strip('_') or 'none'}" if by != "interaction" else ""
        pieces.append(Piece(f"{stem}-{number:0{width}}{tail}{ending}", indices, document))
    return pieces


def _refuse_attached(cassette: Cassette) -> None:
    """Raise `EditError` where bodies stand in files beside the cassette, which a copy elsewhere would not find."""
    for interaction in cassette.interactions:
        sides = (interaction.request, interaction.response)
        node = next(
            (one.body.node for one in sides if one is not None and isinstance(one.body.node, AttachedNode)), None
        )
        if node is not None:
            raise EditError(
                f"interaction {interaction.index} keeps a body in {node.value}, which stays where it is",
                path=cassette.path, hint="copy the files by hand",
            )  # fmt: skip


def _judged(cassette: Cassette, input_format: str | None) -> Cassette:
    """Return the cassette as the parser reads it that proves each part, so that it reads the whole but once."""
    old = cassette.document
    if old.is_json:
        return cassette
    return registry.load(Document(old.raw, old.path, reader=old.judge), input_format)


def _group(reading: Reading, by: By) -> str:
    if by == "host":
        return reading.exchange.host
    return (reading.model or "") if by == "model" else str(reading.interaction.index)


def _stem(path: str) -> tuple[str, str]:
    name = "cassette.yaml" if path == "-" else os.path.basename(path)
    ending = _ENDINGS.search(name)
    assert ending is not None
    return name[: ending.start()] or "cassette", ending[1]


def lost(cassette: Cassette, pieces: Sequence[Piece]) -> list[str]:
    """Return in words what interactions need that is in another part now: it is worth a word, and no fault."""
    home = {index: number for number, piece in enumerate(pieces) for index in piece.indices}
    return [
        f"interaction {need.by} needs interaction {need.of} in another file: {need.what}"
        for need in references(cassette)
        if home.get(need.by) != home.get(need.of)
    ]


def join(cassettes: Sequence[Loaded], input_format: str | None = None) -> Document:
    """Return the interactions of all cassettes as one, in the header and footer of the first.

    Raises `UsageError` for cassettes of two recorders, `EditError` where the items do not fit together.
    """
    first = cassettes[0].cassette
    for other in cassettes[1:]:
        one = other.cassette
        if one.format != first.format or one.document.is_json != first.document.is_json:
            kinds = [f"{c.format} in {'JSON' if c.document.is_json else 'YAML'}" for c in (first, one)]
            raise UsageError(
                f"{kinds[1]}, and {first.path} is {kinds[0]}", path=one.path, hint="join one recorder's files"
            )
    all_of = [loaded.cassette for loaded in cassettes]
    for one in all_of:
        refuse_unwritable(one)
        _refuse_attached(one)
    whole = _lines(all_of) if first.container is None else _lists(all_of)
    after = registry.load(whole, None if first.container is None else input_format)
    wanted = [interaction.node for cassette in all_of for interaction in cassette.interactions]
    found = [interaction.node for interaction in after.interactions]
    if len(wanted) != len(found) or not all(map(is_same, wanted, found)):
        raise EditError("the joined cassette would not read back", hint="nothing was written")
    return whole


def _lines(cassettes: Sequence[Cassette]) -> Document:
    """Join files of a document an interaction: JSON Lines."""
    texts = []
    for cassette in cassettes:
        text = cassette.document.text
        if len(cassette.interactions) == 1 and len(text.strip().splitlines()) > 1:
            raise UsageError("its recorder keeps one interaction a file", path=cassette.path, hint="leave them apart")
        texts.append(text if text.endswith("\n") else text + "\n")
    first = cassettes[0].document
    return Document(first.encode("".join(texts)), first.path, is_json=first.is_json)


def _lists(cassettes: Sequence[Cassette]) -> Document:
    """Join lists: the items of the others go behind those of the first that has any."""
    base = next((one for one in cassettes if one.interactions), cassettes[0])
    document = base.document
    rest = [one for one in cassettes if one is not base and one.interactions]
    _refuse_uneven([base, *rest])
    changes: list[tuple[int, int, str]] = []
    used = {name for name, _ in _anchors(base)}
    names = [_renamed(one, used) for one in rest]
    for number, container in enumerate(_containers(base)):
        block = not document.is_json and container.style == "block"
        written = []
        for one, rename in zip(rest, names, strict=True):
            theirs = _containers(one)[number]
            text = _block_items(one, theirs, base, container) if block else _flow_items(one, theirs, base, container)
            written.append(rename(text))
        if not written:
            continue
        if block:
            at = _end(document, container)
            opened = "" if document.text[at - 1 : at] in ("\n", "\r") else document.newline
            changes.append((at, at, opened + "".join(written)))
        else:
            at = container.items[-1].end
            changes.append((at, at, "".join(written)))
    text = spliced(document.text, changes)
    judge = next((one.document.judge for one in cassettes if one.document.judge != "c"), document.judge)
    return Document(document.encode(text), document.path, is_json=document.is_json, reader=judge)


def _containers(cassette: Cassette) -> list[Node]:
    assert cassette.container is not None
    return [cassette.container, *cassette.companions]


def _refuse_uneven(cassettes: Sequence[Cassette]) -> None:
    for one in cassettes[:-1]:
        if len({len(items) for items in _containers(one)}) > 1:
            raise EditError("it has more requests than responses", path=one.path, hint="name it last")


def _end(document: Document, container: Node) -> int:
    """Return where the line behind the last item begins."""
    entries = [(item, item) for item in container.items]
    end = Block(document.text, container, entries, document.newline).end_of(len(entries) - 1)
    last = last_inside(container.items[-1])
    return past(BLANK_LINES, document.text, end) if keeps_breaks(document.text, last) else end


def _block_items(cassette: Cassette, items: Node, base: Cassette, like: Node) -> str:
    """Return the lines of a list's items; raises `EditError` where they are indented otherwise."""
    document = cassette.document
    columns = [_column(one.document.text, node) for one, node in ((cassette, items), (base, like))]
    if items.style != "block" or columns[0] != columns[1]:
        raise EditError(
            f"its list is indented by {columns[0]} columns, that of {base.path} by {columns[1]}",
            path=cassette.path, hint="let the same version of the recorder write both",
        )  # fmt: skip
    start = content_start(document.text, items)
    text = document.text[start - columns[0] : _end(document, items)]
    return text if text.endswith(("\n", "\r")) else text + document.newline


def _column(text: str, items: Node) -> int:
    start = content_start(text, items)
    return start - text.rfind("\n", 0, start) - 1


def _flow_items(cassette: Cassette, items: Node, base: Cassette, like: Node) -> str:
    """Return the items between two brackets, with the separator before them that the first cassette has."""
    text, own = base.document.text, cassette.document.text
    gap = text[content_start(text, like) + 1 : like.items[0].start]
    between = text[like.items[0].end : like.items[1].start] if len(like) > 1 else ""
    if not re.fullmatch(r"\s*,\s*", between):
        between = f",{gap}" if "\n" in gap else manner_of(base.document).comma
    return between + own[items.items[0].start : items.items[-1].end]


def _anchors(cassette: Cassette) -> Iterator[tuple[str, Node]]:
    document = cassette.document
    if document.is_json or "&" not in document.text:
        return
    for node in walk(document.root):
        match = _ANCHOR.match(document.text, node.start)
        if match is not None:
            yield match[1], node


def _renamed(cassette: Cassette, used: set[str]) -> Callable[[str], str]:
    """Return what gives anchors another name where theirs is taken: PyYAML wants each to be one of its own."""
    names: dict[str, str] = {}
    for name, _ in _anchors(cassette):
        fresh, number = name, 0
        while fresh in used:
            number += 1
            fresh = f"{name}_{number}"
        used.add(fresh)
        if fresh != name:
            names[name] = fresh
    if not names:
        return str
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pattern = re.compile(rf"(?<=[\s\[{{,:-])([&*])({either})(?=[\s,\]}}]|\Z)")
    return lambda text: pattern.sub(lambda match: match[1] + names[match[2]], text)
