"""A large document that is edited an item at a time: each with what stands around the list, as a document of its own.

The edit of each is proved as that of any document (`verify`), and so is the whole: libyaml reads the old text
and the new one event by event, and each item must say what it said, or what its own document says of it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import spliced
from cassette_cli.source.pieces import Items
from cassette_cli.source.replacing import Change
from cassette_cli.source.yaml.reading import Said, said


class Edited(NamedTuple):
    """What became of an item: changes in the text of the whole, and what it says before and after."""

    number: int
    changes: tuple[Change, ...]
    before: bytes
    after: bytes


class Parts:
    """The items of a document that is held in pieces.

    Raises `EditError` for another document, or where there is nothing to prove an edit of the whole by.
    """

    def __init__(self, document: Document) -> None:
        items = next((value.items for _, value in document.roots[0].pairs if isinstance(value.items, Items)), None)
        if not document.is_held_in_pieces or items is None:
            raise EditError("the cassette cannot be edited in parts", path=document.path)
        self._document = document
        self._starts = items.starts
        first = self._starts[0]
        self._head = len(document.words(document.text[:first])) + items.column  # characters before the first dash

    def alone(self, index: int) -> Document:
        """Return an item with what stands around the list."""
        text, starts = self._document.text, self._starts
        spans = ((0, starts[0]), (starts[index], starts[index + 1]), (starts[-1], len(text)))
        raw = b"".join(self._document.encode(text[start:end]) for start, end in spans)
        made = Document(raw, self._document.path)
        made.attachments = self._document.attachments
        return made

    def edited(self, index: int, before: Document, after: Document) -> Edited:
        """Return what became of an item by the edit of its own document.

        Raises `EditError` where the edit reaches beyond it.
        """
        start, end = self._starts[index : index + 2]
        offset = start - self._starts[0]
        changes = tuple((at + offset, stop + offset, new) for at, stop, new in _in_bytes(before.text, after.changes))
        if after.attachments.changed or any(at < start or stop > end for at, stop, _ in changes):
            raise self._failed("the edit would reach beyond its interaction")
        old, new = self._said(before.raw), self._said(after.raw)
        if old.around != new.around or len(old.items) != 1 or len(new.items) != 1:
            raise self._failed("the edit would change something else")
        return Edited(index, changes, old.items[0], new.items[0])

    def joined(self, edited: Sequence[Edited]) -> Document:
        """Return the document with all edits made; raises `EditError` unless they are all that changes."""
        document = self._document
        changes = tuple(sorted(change for one in edited for change in one.changes))
        expected = self._said(document.raw)
        for one in edited:
            if expected.items[one.number] != one.before:
                raise self._failed("an interaction reads otherwise by itself")
            expected.items[one.number] = one.after
        raw = document.encode(spliced(document.text, changes))
        if self._said(raw) != expected:
            raise self._failed("the edit would change something else")
        after = Document(raw, document.path, once=True, large=0)
        after.attachments = document.attachments
        after.changes = changes
        return after

    def _said(self, raw: bytes) -> Said:
        try:
            return said(raw, self._head, self._document.path)
        except CassetteError as error:
            raise self._failed(f"the edited text would not parse: {error.message}") from error

    def _failed(self, message: str) -> EditError:
        return EditError(message, path=self._document.path, hint="nothing was written; please report this file")


def _in_bytes(text: str, changes: Iterable[Change]) -> Iterable[Change]:
    """Yield changes of a text as those of its UTF-8, a character for each byte."""
    at = size = 0
    for start, end, new in changes:
        size += len(text[at:start].encode())
        old = len(text[start:end].encode())
        yield size, size + old, new.encode().decode("latin-1")
        at, size = end, size + old
