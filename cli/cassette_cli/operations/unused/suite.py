"""The cassettes of a test suite as files, and what is known of each: used, unused, or undecided."""

import os
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

from cassette_cli.errors import CassetteError, UnreadableFileError, UnsupportedError
from cassette_cli.operations.loading import Outcome, failure, load_one
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import FoldersWithoutCassettes, Paths, Target, looks_like_a_recording, targets


class State(StrEnum):
    """What is known of a cassette."""

    USED = "used"
    UNUSED = "unused"
    UNKNOWN = "unknown"


class Verdict(NamedTuple):
    """What was decided of a cassette, or of an interaction of it, and why; `size` is in bytes."""

    path: str
    state: State
    reason: str
    size: int = 0
    interaction: int | None = None


class Identity(NamedTuple):
    """What tells a file that was replaced or rewritten from the one that was there before."""

    device: int
    inode: int
    modified: int
    size: int


class Candidate(NamedTuple):
    """A file that looks like a cassette, by its path as named or met, and by its real one."""

    target: Target
    real: str
    identity: Identity
    links: int

    @property
    def path(self) -> str:
        """The path as the user writes it."""
        return self.target.path

    def changed(self) -> bool:
        """Say whether another file, or other text, stands there now."""
        return identity(self.path) != self.identity


def identity(path: str) -> Identity | None:
    """Return the identity of a file, None where there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return Identity(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)


def candidates(paths: Paths, failed: Callable[[CassetteError], None]) -> list[Candidate]:
    """Return the files that may be cassettes; what cannot be read goes to `failed`."""
    found = []
    folders = FoldersWithoutCassettes(paths)
    for target in targets(paths):
        try:
            if target.error is not None:
                raise target.error
            if target.path == "-" or target.interactions is not None:
                raise UnreadableFileError("not a file", path=target.path, hint="name cassettes and folders of them")
            if not (paths.names(target) or looks_like_a_recording(target.path)):
                continue
            status = os.stat(target.path)
        except CassetteError as error:
            failed(error)
            continue
        except OSError as error:
            failed(UnreadableFileError(error.strerror or str(error), path=target.path))
            continue
        folders.holds(target)
        one = Identity(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
        found.append(Candidate(target, os.path.realpath(target.path), one, status.st_nlink))
    folders.report(failed)
    return found


def format_of(candidate: Candidate, paths: Paths) -> str | None:
    """Return the name of the recorder's format, "" for a recording that is not read, None for what is no cassette.

    Raises `CassetteError` where a file that was named is none.
    """
    try:
        return load_one(candidate.target, paths, Selection()).cassette.format
    except CassetteError as error:
        if paths.names(candidate.target) and not isinstance(error, UnsupportedError):
            raise
        outcome: Outcome[None] = failure(error, candidate.target, paths)
        meant = outcome.errors or (outcome.unread is not None and outcome.unread.recording)
        return "" if meant else None


def unused_size(verdicts: Iterable[Verdict]) -> int:
    """Return the bytes of the cassettes that are unused."""
    return sum(one.size for one in verdicts if one.state is State.UNUSED and one.interaction is None)
