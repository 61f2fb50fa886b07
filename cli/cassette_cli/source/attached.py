"""Bodies that stand in files of their own beside the cassette: read, and replaced, inside of its folder alone."""

import os
from collections.abc import Iterable

from cassette_cli.errors import CassetteError, EditError, UnreadableFileError
from cassette_cli.source import save
from cassette_cli.source.edits import Rewrite
from cassette_cli.source.nodes import AttachedNode, Node


class MissingAttachmentError(CassetteError):
    """The file that a cassette names for a body is not there."""


class Attachments:
    """The files beside a cassette: `folder` is where it lies, None where it came without one.

    `changed` are the new bytes of files that edits changed, by the names that the cassette has for them. `digests` are
    hashes of what was read, None for a name that was not followed, or whose file changed meanwhile.
    """

    def __init__(self, folder: str | None = None, changed: dict[str, bytes] | None = None) -> None:
        self.folder = folder
        self.changed = changed or {}
        self.digests: dict[str, str | None] = {}
        self._stamps: dict[str, save.Stamp] = {}

    def node(self, name: Node) -> AttachedNode:
        """Return the file that a scalar names; raises `CassetteError` with the reason where it is not followed."""
        raw = self.changed.get(name.value)
        return AttachedNode(name, self.read(name.value) if raw is None else raw)

    def read(self, name: str) -> bytes:
        """Return the bytes of the file of this name; raises `CassetteError` as `node` does."""
        known = name in self.digests
        before, self.digests[name] = self.digests.get(name), None
        path = self._path(name)
        try:
            raw, self._stamps[name] = save.read(path)
        except UnreadableFileError as error:
            kind = CassetteError if os.path.lexists(path) else MissingAttachmentError
            raise kind(f"the body is in {name}: {error.message}") from error
        digest = digest_of(raw)
        if not known or digest == before:
            self.digests[name] = digest
        return raw

    def edited(self, edits: Iterable[Rewrite]) -> "Attachments":
        """Return the files after edits; raises `EditError` where two edits want different things of one."""
        made = Attachments(self.folder, dict(self.changed))
        made._stamps = self._stamps
        for edit in edits:
            if made.changed.setdefault(edit.node.name, edit.raw) != edit.raw:
                raise EditError(f"two interactions share {edit.node.name}, and would change it in different ways")
        return made

    def save(self) -> None:
        """Put the new bytes in the files' places, one atomically after the other; raises `SaveError`."""
        for name, raw in self.changed.items():
            save.replace(self._path(name), raw, self._stamps[name])

    def _path(self, name: str) -> str:
        if self.folder is None:
            raise CassetteError(f"the body is in {name}, and the cassette was read without its folder")
        inside = os.path.realpath(self.folder or ".")
        path = os.path.realpath(os.path.join(inside, name))
        try:
            outside = os.path.commonpath([inside, path]) != inside
        except ValueError:  # another drive
            outside = True
        if outside:
            raise CassetteError(f"the body is in {name}, outside of the cassette's folder: it is not followed")
        return path


def digest_of(raw: bytes) -> str:
    """Return a hash of a file's bytes."""
    from hashlib import blake2b  # 3 ms, with all of OpenSSL

    return blake2b(raw, digest_size=16).hexdigest()
