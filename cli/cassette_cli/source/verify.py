"""The proof of an edit: the new text is parsed and compared with the old tree before it may replace it.

The judge is a whole parser, libyaml where there is one, for the old text too: nothing is written that
only our own reading by lines calls sound.
"""

from collections.abc import Iterable

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.source.document import Document, collecting_later
from cassette_cli.source.edits import Edit, Rewrite
from cassette_cli.source.nodes import Node
from cassette_cli.source.splicing import Mark, Span, Splice, splice


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
        try:
            before = document if document.reader != "lines" or document.is_json else _judged(document, document.raw)
            after = _judged(document, document.encode(result.text))
        except CassetteError as error:
            raise _failed(document, f"the edited text would not parse: {error.message}", error.line) from error
        if after.text != result.text or len(after.roots) != len(before.roots):
            raise _failed(document, "the edited text would not read as the same document", None)
        met: set[Span | Mark] = set()
        for old, new in zip(before.roots, after.roots, strict=True):
            _compare(document, result, (old, new), met)
        if len(met) != len(result.replaced) + len(result.removed):
            raise _failed(document, "the edit would not change what it should", None)
        after.changes = result.changes
        after.attachments = document.attachments.edited(rewrites)
        return after


def _judged(document: Document, raw: bytes) -> Document:
    reader = "c" if document.reader == "lines" else document.reader
    return Document(raw, document.path, reader=reader, is_json=document.is_json)


def _compare(document: Document, result: Splice, roots: tuple[Node, Node], met: set[Span | Mark]) -> None:
    """Walk both trees side by side, an anchor once, however many aliases it has; `met` gathers the edits."""
    seen: set[int] = set()
    stack = [roots]
    while stack:
        old, new = stack.pop()
        if old.kind == "scalar":
            if new.value == old.value and new.kind == "scalar" and new.is_tagged_like(old):
                continue
            edit = result.replaced.get(old.span)
            if edit is None or new.kind != "scalar" or new.value != edit.value or new.tag != edit.tag:
                raise _differs(document, old)
            met.add(old.span)
            continue
        if old.identity in seen:
            continue
        seen.add(old.identity)
        gone: frozenset[int] = frozenset()
        if len(new) != len(old):
            mark = (*old.span, old.kind)
            gone = result.removed.get(mark, gone)
            met.add(mark)
        if new.kind != old.kind or not new.is_tagged_like(old) or len(new) != len(old) - len(gone):
            raise _differs(document, old)
        if old.kind == "sequence":
            kept = old.items if not gone else [n for i, n in enumerate(old.items) if i not in gone]
            stack.extend(zip(kept, new.items, strict=True))
        else:
            pairs = old.pairs if not gone else [pair for i, pair in enumerate(old.pairs) if i not in gone]
            for (old_key, old_value), (new_key, new_value) in zip(pairs, new.pairs, strict=True):
                stack += ((old_key, new_key), (old_value, new_value))


def _differs(document: Document, node: Node) -> EditError:
    return _failed(document, "the edit would change something else", document.line(node.start))


def _failed(document: Document, message: str, line: int | None) -> EditError:
    return EditError(message, path=document.path, line=line, hint="nothing was written; please report this file")
