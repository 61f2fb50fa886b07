"""What git leaves in a file's place: merge conflicts, and pointers to files that Git LFS has not fetched.

Conflict markers as git's xdiff/xmerge.c writes them (`git merge-file`, seven characters at the start of a line);
pointers by https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cassette_cli.errors import ParseError, UnreadableFileError
from cassette_cli.source.later import pattern

if TYPE_CHECKING:
    from pathlib import Path

_OURS = b"<<<<<<< "
_MARKER = pattern(rb"^(<<<<<<<|=======|>>>>>>>)(?: ([^\r\n]*))?\r?$", re.MULTILINE)
_POINTER = pattern(rb"version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v\d+\r?\n(?:.*\n)*?oid ")
_MANY = 5


class ConflictError(ParseError):
    """The file holds a merge conflict that nobody has resolved."""


class PointerError(UnreadableFileError):
    """The file is a Git LFS pointer: what it stands for has not been fetched."""


def refuse(raw: bytes, path: "str | Path | None") -> None:
    """Raise `ConflictError` or `PointerError` for what git left in a file's place."""
    if is_pointer(raw):
        raise PointerError(
            "a Git LFS pointer, not the file that it stands for",
            path=path,
            hint=f"git lfs pull --include {_shell(path)}",
        )
    if raw.startswith(_OURS) or b"\n" + _OURS in raw:
        _refuse_conflict(raw, path)


def is_pointer(raw: bytes) -> bool:
    """Say whether a file is a Git LFS pointer."""
    return raw.startswith(b"version https://") and _POINTER.match(raw[:1024]) is not None


def _refuse_conflict(raw: bytes, path: "str | Path | None") -> None:
    found = list(_conflicts(raw))
    if not found:
        return
    lines = [raw.count(b"\n", 0, at) + 1 for at, _, _ in found]
    ours, theirs = (name.decode("utf-8", "replace").strip() for name in found[0][1:])
    more = ""
    if len(lines) > 1:
        named = ", ".join(str(line) for line in lines[1 : _MANY + 1])
        more = f"; {len(lines) - 1} more at line{'s' if len(lines) > 2 else ''} {named}"
        more += ", …" if len(lines) > _MANY + 1 else ""
    raise ConflictError(
        f"unresolved merge conflict (ours: {ours}, theirs: {theirs}){more}",
        path=path,
        line=lines[0],
        hint=f"git checkout --ours|--theirs {_shell(path)}",
    )


def _conflicts(raw: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield where each conflict begins, and the names of its two sides; all three markers make one."""
    start, ours, parted = -1, b"", False
    for marker in _MARKER.finditer(raw):
        if marker[1] == b"<<<<<<<":
            start, ours, parted = marker.start(), marker[2] or b"", False
        elif marker[1] == b"=======":
            parted = start >= 0 and marker[2] is None
        elif parted:
            yield start, ours, marker[2] or b""
            start, parted = -1, False


def _shell(path: "str | Path | None") -> str:
    from shlex import quote

    return "FILE" if path is None else quote(str(path))
