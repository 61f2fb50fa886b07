"""The proof of an edit: the new text is parsed and compared with the old tree before it may replace it."""

from collections.abc import Iterable

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit
from cassette_cli.source.nodes import Node
from cassette_cli.source.splicing import Splice, splice


def apply(document: Document, edits: Iterable[Edit]) -> Document:
    """Return the document with the edits made, or the same one if nothing changes.

    Raises `EditError` where an edit cannot be written, or where the new text would differ from the
    old one in anything but what was asked for.
    """
    result = splice(document, edits)
    if result.text == document.text:
        return document
    try:
        after = Document(document.encode(result.text), document.path, pure=document.pure, is_json=document.is_json)
    except CassetteError as error:
        raise _failed(document, f"the edited text would not parse: {error.message}", error.line) from error
    if after.text != result.text or len(after.roots) != len(document.roots):
        raise _failed(document, "the edited text would not read as the same document", None)
    for old, new in zip(document.roots, after.roots, strict=True):
        _compare(document, result, old, new)
    return after


def _compare(document: Document, result: Splice, old_root: Node, new_root: Node) -> None:
    """Walk both trees side by side; an anchor is compared once, however many aliases it has."""
    seen: set[tuple[int, int, str]] = set()
    stack = [(old_root, new_root)]
    while stack:
        old, new = stack.pop()
        if old.kind == "scalar":
            edit = result.replaced.get(old.span)
            tag, value = (old.tag, old.value) if edit is None else (edit.tag, edit.value)
            if new.kind != "scalar" or new.tag != tag or new.value != value:
                raise _differs(document, old)
            continue
        mark = (*old.span, old.kind)
        if mark in seen:
            continue
        seen.add(mark)
        gone = result.removed.get(mark, frozenset())
        if new.kind != old.kind or new.tag != old.tag or len(new) != len(old) - len(gone):
            raise _differs(document, old)
        if old.kind == "sequence":
            stack.extend(zip([n for i, n in enumerate(old.items) if i not in gone], new.items, strict=True))
        else:
            kept = [pair for i, pair in enumerate(old.pairs) if i not in gone]
            for (old_key, old_value), (new_key, new_value) in zip(kept, new.pairs, strict=True):
                stack += ((old_key, new_key), (old_value, new_value))


def _differs(document: Document, node: Node) -> EditError:
    return _failed(document, "the edit would change something else", document.line(node.start))


def _failed(document: Document, message: str, line: int | None) -> EditError:
    return EditError(message, path=document.path, line=line, hint="nothing was written; please report this file")
