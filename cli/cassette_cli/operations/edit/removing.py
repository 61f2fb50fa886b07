"""Taking whole interactions out of a cassette, and what others need of those that go.

An interaction that stays may need one that goes: for a YAML anchor that it names, for the id of a tool
call that its request answers, for the id of the response that it continues. With `force` an anchor
moves to where it is needed first.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from cassette_cli.errors import EditError, UsageError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.edit.changing import Edited
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading
from cassette_cli.providers.values import obj
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Remove, spliced
from cassette_cli.source.nodes import Node, walk
from cassette_cli.source.splicing import splice
from cassette_cli.source.verify import prove

_ANCHOR = re.compile(r"(?:![^\s]*\s+)?&([^\s,\[\]{}]+)")


class Need(NamedTuple):
    """What the interaction `by`, which stays, needs of `of`, which goes."""

    of: int
    by: int
    what: str


def remove(
    loaded: Loaded,
    gone: AbstractSet[int],
    *,
    force: bool = False,
    everything: bool = False,
    input_format: str | None = None,
) -> Edited:
    """Take interactions out.

    Raises `UsageError` where none would be left without `everything`, or where the file is the
    interaction; `EditError` where one that stays needs one that goes, unless `force`.
    """
    cassette = loaded.cassette
    result = Edited(loaded)
    if not gone:
        return result
    count = len(cassette.interactions)
    if len(gone) == count and (not everything or cassette.container is None):
        what = "its only interaction" if count == 1 else f"all of its {count} interactions"
        hint = "remove the file" if cassette.container is None else "add --all to leave an empty cassette"
        raise UsageError(f"{what} would go", path=cassette.path, hint=hint)
    needed = [] if force else needs(cassette, gone)
    if needed:
        first = needed[0]
        more = f" (and {len(needed) - 1} more)" if len(needed) > 1 else ""
        item = cassette.interactions[first.by].node
        raise EditError(
            f"interaction {first.by} needs interaction {first.of}, which would go: {first.what}{more}",
            path=cassette.path, line=cassette.document.line(item.start),
            hint=f"remove both, or add --force; {cassette.path}#{first.of} is unchanged",
        )  # fmt: skip
    result.after = without(cassette, gone)
    left = registry.load(result.after, input_format).interactions
    if len(left) != count - len(gone):
        raise EditError("the others would not read back", path=cassette.path, hint="nothing was written")
    result.changed = sorted(gone)
    return result


def without(cassette: Cassette, gone: AbstractSet[int]) -> Document:
    """Return the cassette without these interactions, every other byte as it is but for anchors that must move.

    Raises `EditError` where an anchor cannot move.
    """
    document = cassette.document
    refuse_unwritable(cassette)
    if cassette.container is None:
        return _lines_without(document, gone)
    lists = (cassette.container, *cassette.companions)
    result = splice(document, [Remove(items, index) for items in lists for index in sorted(gone) if index < len(items)])
    anchors = {name: node for _, node, name in _anchors(cassette, gone)}
    if not anchors:
        return prove(document, result)
    changes = sorted([*result.changes, *_moved(cassette, gone, anchors)])
    try:
        return prove(document, result._replace(text=spliced(document.text, changes), changes=tuple(changes)))
    except EditError as error:
        name, node = next(iter(anchors.items()))
        raise EditError(
            f"the YAML anchor &{name} cannot be moved to where it is needed",
            path=cassette.path, line=document.line(node.start), hint="write out what it stands for by hand",
        ) from error  # fmt: skip


def refuse_unwritable(cassette: Cassette) -> None:
    """Raise `EditError` for a cassette in a grammar that is only read."""
    if cassette.document.is_toml:
        raise EditError("TOML is read, and not written", path=cassette.path, hint="record the cassette as YAML or JSON")


def _lines_without(document: Document, gone: AbstractSet[int]) -> Document:
    """Return a file of one document an interaction without some of them."""
    roots, text = document.roots, document.text
    starts = [0, *(root.start for root in roots[1:]), len(text)]
    changes = [(starts[i], starts[i + 1], "") for i in sorted(gone)]
    new = spliced(text, changes)
    after = Document(document.encode(new), document.path, is_json=document.is_json)
    kept = [root for index, root in enumerate(roots) if index not in gone]
    if len(kept) != len(after.roots) or not all(map(is_same, kept, after.roots)):
        raise EditError("the others would not read back", path=document.path, hint="nothing was written")
    after.changes = tuple(changes)
    return after


def is_same(old: Node, new: Node) -> bool:
    """Say whether two nodes are the same tree, aliases being what they stand for."""
    seen: set[tuple[int, int]] = set()
    stack = [(old, new)]
    while stack:
        one, other = stack.pop()
        if (one.identity, other.identity) in seen:
            continue
        seen.add((one.identity, other.identity))
        if one.kind != other.kind or one.tag != other.tag or one.value != other.value or len(one) != len(other):
            return False
        stack.extend(zip(one.items, other.items, strict=True))
        for pair, twin in zip(one.pairs, other.pairs, strict=True):
            stack.extend(zip(pair, twin, strict=True))
    return True


def _items(cassette: Cassette) -> list[list[Node]]:
    """Return the nodes of each interaction: one, or two where requests and responses are lists side by side."""
    lists = [items for items in (cassette.container, *cassette.companions) if items is not None]
    return [[items.items[i] for items in lists if i < len(items)] for i in range(len(cassette.interactions))]


def _anchors(cassette: Cassette, gone: AbstractSet[int]) -> Iterator[tuple[int, Node, str]]:
    """Yield the anchors in what goes that something which stays names: by whom (-1: what is no interaction)."""
    document = cassette.document
    if document.is_json or cassette.container is None or "*" not in document.text:
        return
    items = _items(cassette)
    spans = [(node.start, node.end) for index in gone for node in items[index]]
    seen: set[int] = set()
    for index, nodes in enumerate(items):
        for root in nodes if index not in gone else ():
            for node in walk(root):
                if node.identity in seen or not any(start <= node.start < end for start, end in spans):
                    continue
                seen.add(node.identity)
                match = _ANCHOR.match(document.text, node.start)
                if match is not None:
                    yield index, node, match[1]


def _moved(cassette: Cassette, gone: AbstractSet[int], anchors: dict[str, Node]) -> list[tuple[int, int, str]]:
    """Return the changes that write anchors out where they are named first."""
    text = cassette.document.text
    kept = [node for index, nodes in enumerate(_items(cassette)) if index not in gone for node in nodes]
    texts = sorted((n.start, n.end) for root in kept for n in walk(root) if n.kind == "scalar")
    names = "|".join(map(re.escape, sorted(anchors, key=len, reverse=True)))
    alias = re.compile(rf"(?<=[\s\[{{,:-])\*({names})(?=[\s,\]}}]|\Z)")
    defined: set[str] = set()

    def written(name: str) -> str:
        """Return what an anchor stands for, with the anchors inside it that are not defined by then."""
        node = anchors[name]
        defined.add(name)
        parts = []
        for child in walk(node):
            match = _ANCHOR.match(text, child.start)
            if child is node or match is None or not node.start < child.start < node.end:
                continue
            if match[1] in defined and match[1] in anchors:
                end = child.start + len(text[child.start : child.end].rstrip())
                parts.append((child.start, end, f"*{match[1]}"))
            defined.add(match[1])
        source = spliced(text, parts, within=node.span).rstrip()
        return alias.sub(lambda match: match[0] if match[1] in defined else written(match[1]), source)

    changes = []
    for match in alias.finditer(text):
        at = bisect_right(texts, (match.start(), len(text))) - 1
        is_text = at >= 0 and texts[at][0] <= match.start() < texts[at][1]
        inside = any(node.start <= match.start() < node.end for node in kept)
        if inside and not is_text and match[1] not in defined:
            changes.append((match.start(), match.end(), written(match[1])))
    return changes


def needs(cassette: Cassette, gone: AbstractSet[int]) -> list[Need]:
    """Return what interactions that stay need of those that go."""
    found = []
    items = _items(cassette)
    for by, node, name in _anchors(cassette, gone):
        of = next(i for i in gone for one in items[i] if one.start <= node.start < one.end)
        found.append(Need(of, by, f"the YAML anchor &{name}"))
    readings = [Reading(interaction) for interaction in cassette.interactions]
    for of in sorted(gone):
        given = dict(_given(readings[of]))
        for by in range(of + 1, len(readings)) if given else ():
            if by in gone:
                continue
            text = readings[by].interaction.request.body.text or ""
            for one, what in given.items():
                if one in text and one in set(_used(readings[by])):
                    again = any(one in dict(_given(readings[k])) for k in range(by) if k not in gone)
                    if not again:
                        found.append(Need(of, by, f"{what} {one}"))
    return found


def references(cassette: Cassette) -> list[Need]:
    """Return which interactions answer a call, or continue a response, that an earlier one handed out."""
    found = []
    given: dict[str, tuple[int, str]] = {}
    for interaction in cassette.interactions:
        reading = Reading(interaction)
        if given:
            used = dict.fromkeys(one for one in _used(reading) if one in given)
            found += [Need(given[one][0], interaction.index, f"{given[one][1]} {one}") for one in used]
        for one, what in _given(reading):
            given.setdefault(one, (interaction.index, what))
    return found


def _given(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield the ids that an answer hands out, each with what it is."""
    message = reading.message
    for choice in message.choices if message is not None else ():
        for call in choice.tool_calls:
            if call.id:
                yield call.id, "the tool call"
    response = reading.interaction.response
    if response is None:
        return
    values: Iterable[object] = (
        (obj(frame.object.get("response")).get("id") for frame in reading.framed.frames[:3])
        if reading.framed is not None
        else (obj(response.body.json).get("id"),)
    )
    for value in values:
        if isinstance(value, str) and value:
            yield value, "the response"


def _used(reading: Reading) -> Iterator[str]:
    """Yield the ids that a request refers to: of calls that it answers, of the response that it continues."""
    conversation = reading.conversation
    for turn in conversation.turns if conversation is not None else ():
        yield from (part.id for part in turn.parts if part.kind == "tool_result" and part.id)
    before = reading.exchange.request.get("previous_response_id")
    if isinstance(before, str):
        yield before
