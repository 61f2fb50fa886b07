"""From the paths of a command line to the files behind them: folders are walked for what may be a cassette."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from cassette_cli.errors import CassetteError, NotACassetteError, UnreadableFileError
from cassette_cli.formats import registry
from cassette_cli.formats.heads import is_full, opening
from cassette_cli.operations.selecting import parse_target
from cassette_cli.source.compression import ENDINGS, is_packed, unwrap_head
from cassette_cli.source.save import Stamp, read_head
from cassette_cli.source.unresolved import is_pointer

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_GLANCE = 1 << 13
"""How many bytes are read of a file whose name does not say that it may be a cassette."""
_LINES = 5
"""Within how many of its first lines such a file shows what it is."""
_HEAD = 1 << 16
_LONG_HEAD = 1 << 20
"""How many bytes are read of a file that its name says may be a cassette, before it is read whole."""


class Paths(NamedTuple):
    """What a command was pointed at.

    `exclude` are patterns as of a .gitignore file in the folder that is walked, or, for named files, in the
    working folder; `force_exclude` applies them to named files too.
    """

    named: Sequence[str]
    exclude: Sequence[str] = ()
    force_exclude: bool = False
    input_format: str | None = None
    skip_others: bool = False

    def names(self, target: "Target") -> bool:
        """Say whether the user takes a file for a cassette: named it, and did not ask to skip what is none."""
        return target.folder is None and not self.skip_others

    def excludes(self, path: str, folder: str | None = None) -> bool:
        """Say whether a file, or a folder whose path ends with a slash, is left out; one in `folder` by either path."""
        if not self.exclude:
            return False
        spec = _spec(tuple(self.exclude))
        names = [os.path.relpath(path), *([] if folder is None else [os.path.relpath(path, folder)])]
        ending = "/" if path.endswith("/") else ""
        return any(spec.match_file(name.replace(os.sep, "/") + ending) for name in names)


class Target(NamedTuple):
    """A file to read: named by the user, or met in a folder that was; or a folder that cannot be looked into."""

    path: str
    folder: str | None = None
    interactions: str | None = None
    error: CassetteError | None = None


@cache
def _spec(patterns: tuple[str, ...]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def targets(paths: Paths) -> Iterator[Target]:
    """Yield the files behind the paths, folders walked in order of their names; every file once."""
    met = _met(paths)
    return met if len(paths.named) == 1 else _once(met)


def _met(paths: Paths) -> Iterator[Target]:
    for name in paths.named:
        path, interactions = parse_target(name)
        if path != "-" and os.path.isdir(path):
            for file, error in _walk(path, paths):
                yield Target(file, path, interactions, error)
        elif not (paths.force_exclude and paths.excludes(path)):
            yield Target(path, None, interactions)


def _once(met: Iterator[Target]) -> Iterator[Target]:
    """Leave out what was met before: only where several paths are named, for a folder holds each file once."""
    seen: set[str] = set()
    for target in met:
        key = f"{target.path}#{target.interactions}"
        if key not in seen:
            seen.add(key)
            yield target


def _walk(folder: str, paths: Paths) -> Iterator[tuple[str, CassetteError | None]]:
    closed: list[CassetteError] = []
    left = [folder]
    while left:
        folders, files = _listed(left.pop(), closed)
        for path, name in files:
            if not paths.excludes(path, folder) and _may_be(path, name):
                yield path, None
        left += [
            path
            for path, name in reversed(folders)
            if name != "node_modules" and not paths.excludes(os.path.join(path, ""), folder)
        ]
    for error in closed:
        yield error.path or folder, error


def _listed(folder: str, closed: list[CassetteError]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the folders in a folder and the files in it, paths with names, in order; links to folders are none.

    What begins with a dot is left out. The error of a folder that cannot be listed goes to `closed`.
    """
    folders: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if not _is_folder(entry):
                    files.append((entry.path, entry.name))
                elif not entry.is_symlink():
                    folders.append((entry.path, entry.name))
    except OSError as error:
        closed.append(UnreadableFileError(f"cannot be listed: {error.strerror}", path=error.filename))
    return sorted(folders), sorted(files)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def is_cassette_name(name: str) -> bool:
    """Say whether a file of this name may be a cassette."""
    suffixes = registry.suffixes()
    return name.lower().endswith(suffixes) or plain_name(name).endswith(suffixes)


def plain_name(name: str) -> str:
    """Return a name in lower case, without the ending of a compressed file."""
    name = name.lower()
    return name.removesuffix(next((ending for ending in ENDINGS if name.endswith(ending)), ""))


def _may_be(path: str, name: str) -> bool:
    """Say whether a file that was met may be a cassette: by its name, or else by its first line."""
    if is_cassette_name(name):
        return True
    try:
        head, _ = read_head(path, _GLANCE)
    except UnreadableFileError:
        return False
    return _begins_like_one(head, name)


def _begins_like_one(head: bytes, name: str) -> bool:
    return begins_like_a_recording(head) or (is_pointer(head) and stands_for_a_cassette(name))


def stands_for_a_cassette(name: str) -> bool:
    """Say whether a Git LFS pointer of this name is taken for one to a cassette: those of VCR.py have no suffix."""
    return is_cassette_name(name) or "." not in name


def begins_like_a_recording(head: bytes) -> bool:
    """Say whether a file begins as recordings do, be it in its first lines or, of JSON, in its first keys."""
    if is_packed(head, ""):
        head = unwrap_head(head) or b""
    head = head[:_GLANCE]
    text = opening(head)
    if not text:
        return False
    if text[:1] not in (b"{", b"["):
        text = b"\n".join(text.split(b"\n", _LINES)[:_LINES])
    return registry.is_known(text) or _is_unsupported(head)


def looks_like_a_recording(path: str) -> bool:
    """Say whether a file may be a cassette, by its name and its head; raises `UnreadableFileError`."""
    return head_of_a_recording(path) is not None


def head_of_a_recording(path: str) -> tuple[bytes, Stamp] | None:
    """Return the first bytes of a file that may be a cassette, and its stamp; None of what is none, by name and head.

    What is none is not read whole. Raises `UnreadableFileError`.
    """
    name = os.path.basename(path)
    if not is_cassette_name(name):
        head, stamp = read_head(path, _GLANCE)
        return (head, stamp) if _begins_like_one(head, name) else None
    head, stamp = read_head(path, _HEAD)
    return (head, stamp) if _heads_one(head, stamp, path) else None


def _heads_one(head: bytes, stamp: Stamp, path: str) -> bool:
    """Say whether a file whose name may be a cassette's begins as one does."""
    if stamp.size == 0 or is_pointer(head):
        return True
    if is_packed(head, path):
        unwrapped = unwrap_head(read_head(path, _LONG_HEAD)[0], path, _LONG_HEAD)
        return unwrapped is None or _opens_like_one(unwrapped[:_HEAD]) or registry.is_known(unwrapped)
    if _opens_like_one(head):
        return True
    return stamp.size > len(head) and not is_full(head) and registry.is_known(read_head(path, _LONG_HEAD)[0])


def _opens_like_one(head: bytes) -> bool:
    return registry.is_known(head) or _is_unsupported(head)


def _is_unsupported(head: bytes) -> bool:
    from cassette_cli.formats.unsupported import unsupported

    return unsupported(head) is not None


def relative(path: str, folder: str) -> str:
    """Return a path as a baseline in a folder names it."""
    return path if path == "-" else os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")


class FoldersWithoutCassettes:
    """The named folders in which no cassette was met: a mistyped one must not pass for a clean one."""

    def __init__(self, paths: Paths) -> None:
        self._folders = dict.fromkeys(name for name in paths.named if name != "-" and os.path.isdir(name))

    def holds(self, target: Target) -> None:
        """Take note that a target is a cassette, be it a broken one."""
        self._folders.pop(target.folder or "", None)

    def report(self, failed: Callable[[CassetteError], None]) -> None:
        """Give the error of each folder to `failed`."""
        for folder in self._folders:
            failed(NotACassetteError("no cassettes in this folder", path=folder, hint="name files, or another folder"))
