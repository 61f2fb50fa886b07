"""The proof of an edit: the new text is parsed and compared with the old tree before it may replace it.

The judge is a whole parser, libyaml where there is one, for the old text too: nothing is written that
only our own reading by lines calls sound.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.source.adding import entries_with, stands_for
from cassette_cli.source.document import Document, collecting_later
from cassette_cli.source.edits import Edit, Insert, Rewrite
from cassette_cli.source.nodes import Node
from cassette_cli.source.splicing import Mark, Span, Splice, mark_of, splice


def apply(document: Document, edits: Iterable[Edit]) -> Document:
    """Return the document with the edits made, or the same one if nothing changes.

    Raises `EditError` where an edit cannot be written, or where the new text would differ from the
    old one in anything but what was asked for.
    """
    with collecting_later():
        edits = list(edits)
        if document.is_toml and edits:
            raise EditError(
                "TOML is read, and not written", path=document.path, hint="record the cassette as YAML or JSON"
            )
        result = splice(document, edits)
        rewrites = [edit for edit in edits if isinstance(edit, Rewrite) and edit.raw != edit.node.raw]
        if not result.changes and not rewrites:
            return document
        after = prove(document, result)
        after.attachments = document.attachments.edited(rewrites)
        return after


def prove(document: Document, result: Splice) -> Document:
    """Return a spliced text as a document, once it is proved to be what was asked for.

    Raises `EditError` where the new text would not parse, or differ in anything else.
    """
    try:
        before = document if document.reader != "lines" or document.is_json else _judged(document, document.text)
        after = _judged(document, result.text)
    except CassetteError as error:
        raise _failed(document, f"the edited text would not parse: {error.message}", error.line) from error
    if after.text != result.text or len(after.roots) != len(before.roots):
        raise _failed(document, "the edited text would not read as the same document", None)
    met: set[Span | Mark] = set()
    for old, new in zip(before.roots, after.roots, strict=True):
        _compare(document, result, (old, new), met)
    if met != {*result.replaced, *result.removed, *result.inserted, *result.placed}:
        raise _failed(document, "the edit would not change what it should", None)
    after.changes = result.changes
    return after


def _judged(document: Document, text: str) -> Document:
    return Document(document.encode(text), document.path, reader=document.judge, is_json=document.is_json, like=text)


def _compare(document: Document, result: Splice, roots: tuple[Node, Node], met: set[Span | Mark]) -> None:
    """Walk both trees side by side, an anchor once, however many aliases it has; `met` gathers the edits."""
    seen: set[int] = set()
    stack = [roots]
    while stack:
        old, new = stack.pop()
        if result.placed and (placed := result.placed.get(mark_of(old))) is not None:
            _take_new(document, old, new, placed.value)
            met.add(mark_of(old))
        elif old.kind == "scalar":
            if new.value == old.value and new.kind == "scalar" and new.is_tagged_like(old):
                continue
            edit = result.replaced.get(old.span)
            if edit is None or new.kind != "scalar" or new.value != edit.value or new.tag != edit.tag:
                raise _differs(document, old)
            met.add(old.span)
        elif old.identity not in seen:
            seen.add(old.identity)
            if new.kind != old.kind or not new.is_tagged_like(old):
                raise _differs(document, old)
            stack.extend(_inside(document, result, (old, new), met))


def _inside(
    document: Document, result: Splice, both: tuple[Node, Node], met: set[Span | Mark]
) -> Iterator[tuple[Node, Node]]:
    """Yield what is to be compared of two collections; entries that are new must be what was asked for."""
    old, new = both
    found: list[tuple[Node, Node]] = [(item, item) for item in new.items] or new.pairs
    mark = mark_of(old)
    changed = mark in result.removed or mark in result.inserted
    if not changed:
        wanted: list[tuple[Node, Node] | Insert] = [(item, item) for item in old.items] or list(old.pairs)
    else:
        met.add(mark)
        wanted = [*entries_with(old, result.removed.get(mark, frozenset()), result.inserted.get(mark, ()))]
    if len(found) != len(wanted):
        raise _differs(document, old)
    for entry, (key, value) in zip(wanted, found, strict=True):
        if isinstance(entry, Insert):
            if entry.key is not None and (key.kind != "scalar" or key.value != entry.key):
                raise _differs(document, old)
            _take_new(document, old, value, entry.value)
        elif old.kind == "mapping":
            yield entry[0], key
            yield entry[1], value
        else:
            yield entry[1], value


def _take_new(document: Document, old: Node, new: Node, value: Any) -> None:
    if not stands_for(new, value):
        raise _differs(document, old)


def _differs(document: Document, node: Node) -> EditError:
    return _failed(document, "the edit would change something else", document.line(node.start))


def _failed(document: Document, message: str, line: int | None) -> EditError:
    return EditError(message, path=document.path, line=line, hint="nothing was written; please report this file")
