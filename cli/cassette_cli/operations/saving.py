"""Writing what an operation changed: in place, elsewhere, to standard output, or not at all.

The one way for every verb that edits: the edits are verified by parsing, an unchanged file is not
written, a compressed one is compressed again, and the new bytes replace the old ones atomically.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cassette_cli.errors import NotACassetteError, SaveError, UsageError
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.patch import unified
from cassette_cli.source import save
from cassette_cli.source.compression import ENDINGS, Codec, wrap
from cassette_cli.source.document import Document

if TYPE_CHECKING:
    from cassette_cli.source.edits import Edit


class Destination(NamedTuple):
    """Where changed text goes: back into its file, into `output` (`-` for standard output), or nowhere.

    A cassette from standard input goes to standard output. Under `check` and `diff` nothing is written; `force` lets
    another file at `output` be replaced.
    """

    output: str | None = None
    check: bool = False
    diff: bool = False
    force: bool = False

    @property
    def dry(self) -> bool:
        """Whether nothing is written."""
        return self.check or self.diff

    def fits(self, named: Sequence[str]) -> None:
        """Raise `UsageError` where several paths, or a folder, would go into one file, or replace another file."""
        if self.output is None:
            return
        if self.dry:
            raise UsageError("-o excludes --check and --diff, which write nothing", hint="leave one of them out")
        if len(named) != 1 or os.path.isdir(named[0]):
            raise UsageError("-o takes one cassette", hint="leave -o out to change the files in place")
        if self.output != "-" and not self.force and os.path.isfile(self.output) and not self._is_from(named[0]):
            raise UsageError("already exists", path=self.output, hint="add --force to replace it")

    def _is_from(self, named: str) -> bool:
        """Say whether the output is the file that is read, `FILE` or `FILE#3`."""
        source = named if os.path.exists(named) else named.rpartition("#")[0]
        return os.path.exists(source) and os.path.samefile(source, self.output or "")

    def takes_stdout(self, path: str) -> bool:
        """Say whether the cassette read from this path goes to standard output, so that reports must not."""
        return not self.dry and (self.output == "-" or (self.output is None and path == "-"))

    def pass_on(self, path: str, raw: bytes | None) -> None:
        """Write what is not treated, byte for byte, where it would have gone; nothing, if that is its own place."""
        if self.takes_stdout(path):
            sys.stdout.flush()
            sys.stdout.buffer.write(save.read_only(path) if raw is None else raw)
            sys.stdout.buffer.flush()
        elif self.output is not None:
            save.write(self.output, save.read_only(path) if raw is None else raw)


def free(path: str, *, force: bool, makes_folder: bool = False) -> None:
    """Raise `UsageError` where no new file can be put at this path, before the work is done; `-` is standard output."""
    if path == "-":
        return
    folder = os.path.dirname(path)
    if os.path.isdir(path):
        raise UsageError("a folder, not a file", path=path, hint="name a file in it with -o")
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise UsageError("a file, not a folder", path=folder, hint="name another with -o")
    if folder and not os.path.lexists(folder) and not makes_folder:
        raise UsageError("there is no such folder", path=folder, hint="make it, or name another with -o")
    if os.path.lexists(path) and not force:
        raise UsageError("already exists", path=path, hint="add --force to replace it")


def editable(loaded: Loaded) -> bool:
    """Say whether a cassette is one of HTTP; raises `NotACassetteError` for another that the user named."""
    if loaded.cassette.not_http is None:
        return True
    if loaded.named:
        raise NotACassetteError(
            f"a recording of {loaded.cassette.not_http}, not of HTTP",
            path=loaded.cassette.path,
            hint="cassette ls names it"
            if not loaded.cassette.interactions
            else "ls, show, diff, check, redact and trim read it",
        )
    return False


def readable(loaded: Loaded) -> bool:
    """Say whether a cassette has interactions to look into, be they connections; raises as `editable` does."""
    return bool(loaded.cassette.interactions) or editable(loaded)


def rewrite(loaded: Loaded, edits: "Iterable[Edit]") -> Document | None:
    """Return the document with the edits made and verified, None where they change nothing.

    Raises `EditError` where an edit cannot be written or would change anything else.
    """
    from cassette_cli.source.verify import apply  # what edits takes as long to import as to read a cassette

    before = loaded.cassette.document
    after = apply(before, edits)
    return None if after is before else after


def store(loaded: Loaded, after: Document | None, destination: Destination) -> bool:
    """Put a document where it belongs and say whether its own file changed; None stands for an unchanged one.

    Raises `SaveError`; the old file is then as it was.
    """
    if destination.dry:
        return False
    path = loaded.cassette.path
    raw = (after or loaded.cassette.document).raw
    attachments = None if after is None else after.attachments
    elsewhere = destination.output is not None or path == "-"
    if elsewhere and attachments is not None and attachments.changed:
        raise SaveError(
            f"changes a body in {next(iter(attachments.changed))}, which stays where it is",
            path=path,
            hint="leave -o out to change both in place",
        )
    codec: Codec | None = loaded.codec  # type: ignore[assignment]
    if destination.takes_stdout(path):
        sys.stdout.flush()
        sys.stdout.buffer.write(wrap(raw, codec) if path == "-" else raw)
        sys.stdout.buffer.flush()
    elif destination.output is not None:
        store_new(destination.output, after or loaded.cassette.document)
    else:
        if loaded.stamp is None:
            raise SaveError("is a pipe, and cannot be written back", path=path, hint="use - to read and write, or -o")
        save.sweep(path)
        if after is not None:
            after.attachments.save()
            if after.text != loaded.cassette.document.text:
                save.replace(path, wrap(raw, codec), loaded.stamp)
            return True
    return False


def store_new(path: str, document: Document) -> None:
    """Write a document to a file of its own, compressed where the file's name says so; raises `SaveError`."""
    wanted = next((one for ending, one in ENDINGS.items() if path.endswith(ending)), None)
    save.write(path, wrap(document.raw, wanted))


def _as_is(line: str) -> str:
    return line


def difference(loaded: Loaded, after: Document | None, mask: Callable[[str], str] = _as_is) -> Iterator[str]:
    """Yield the change that `rewrite` made as lines of a unified diff.

    `mask` is given each line of text, to hide what it must.
    """
    document = loaded.cassette.document
    return unified(loaded.cassette.path, document.text, () if after is None else after.changes, mask)
