"""Watching files from outside: which of them any process opens, by inotify on Linux.

Defined by inotify(7) and <sys/inotify.h>. An event names a file of a watched folder; a file that is reached by
another name (a symbolic or a hard link) is watched itself, since its folder does not hear of it.
"""

import ctypes
import errno
import os
import select
import struct
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Self

from cassette_cli.errors import CassetteError
from cassette_cli.operations.unused.suite import Candidate

_ACCESS, _MODIFY, _OPEN = 0x1, 0x2, 0x20
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_UNMOUNT, _OVERFLOW = 0x2000, 0x4000
_ONLY_FOLDERS, _FOLDER = 0x1000000, 0x40000000
_NEW: Final = _CREATE | _MOVED_TO
_CHANGES: Final = _NEW | _MOVED_FROM | _DELETE
_FILES: Final = _ACCESS | _MODIFY | _OPEN
_HEADER: Final = struct.Struct("iIII")
_BUFFER: Final = 1 << 16


class Event(NamedTuple):
    """An event: the watch that it came from, what happened, and the name inside of the watched folder, if it is one."""

    watch: int
    mask: int
    name: str


def available() -> bool:
    """Say whether files can be watched here."""
    return sys.platform == "linux"


def events(data: bytes) -> Iterator[Event]:
    """Yield the events of a buffer as the kernel fills it."""
    at = 0
    while at < len(data):
        watch, mask, _, length = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        yield Event(watch, mask, os.fsdecode(data[at : at + length].rstrip(b"\0")))
        at += length


class Watch:
    """Notes which of some files are opened from `start` to `stop`, by any process.

    `roots` are the folders in which new folders are noticed: what stands in a folder that was made or moved meanwhile
    counts as opened. Raises `CassetteError` where the kernel refuses.
    """

    def __init__(self, files: Sequence[Candidate], roots: Iterable[str]) -> None:
        self.opened: set[str] = set()
        self.lost: str | None = None
        self._files: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._folders: dict[int, str] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue = self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._queue < 0:
            raise _refused(ctypes.get_errno(), None)
        self._asleep, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._places = [(one.real, one.path) for one in files]
        try:
            self._add_all(files, [os.path.realpath(root) for root in roots])
        except CassetteError:
            self._close()
            raise

    def _add_all(self, files: Sequence[Candidate], roots: Sequence[str]) -> None:
        watches: dict[str, int] = {}
        for one in files:
            folder, name = os.path.split(one.real)
            if folder not in watches:
                watches[folder] = self._add(folder, _FILES | _CHANGES | _ONLY_FOLDERS)
            self._files[watches[folder]][name].add(one.path)
            if one.links > 1:
                self._files[self._add(one.real, _FILES)][""].add(one.path)
        above = {place for folder in watches for place in _above(folder, roots)} - {*watches}
        watches |= {place: self._add(place, _CHANGES | _ONLY_FOLDERS) for place in sorted(above)}
        self._folders = {watch: folder for folder, watch in watches.items()}

    def _add(self, path: str, mask: int) -> int:
        watch: int = self._libc.inotify_add_watch(self._queue, os.fsencode(path), mask)
        if watch < 0:
            raise _refused(ctypes.get_errno(), path)
        return watch

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Read what the kernel has queued, and stop."""
        os.write(self._wake, b"x")
        self._thread.join()
        self._close()

    def _close(self) -> None:
        for descriptor in (self._queue, self._asleep, self._wake):
            os.close(descriptor)

    def _read(self) -> None:
        poll = select.poll()
        for descriptor in (self._queue, self._asleep):
            poll.register(descriptor, select.POLLIN)
        ended = False
        while not ended:
            ended = any(descriptor == self._asleep for descriptor, _ in poll.poll())
            self._drain()

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._queue, _BUFFER)
            except BlockingIOError:
                return
            for event in events(data):
                self._note(event)

    def _note(self, event: Event) -> None:
        if event.mask & _OVERFLOW:
            self.lost = "the kernel's queue of events ran over"
        elif event.mask & _UNMOUNT:
            self.lost = "a watched folder was unmounted"
        elif event.mask & _FOLDER:
            if event.mask & _CHANGES and event.watch in self._folders:
                below = os.path.join(self._folders[event.watch], event.name, "")
                self.opened.update(path for real, path in self._places if real.startswith(below))
        elif event.name in (names := self._files.get(event.watch, {})):
            self.opened.update(names[event.name])


def _above(folder: str, roots: Iterable[str]) -> Iterator[str]:
    """Yield the folders from a root down to the one above a folder."""
    for root in roots:
        place = folder
        while place.startswith(os.path.join(root, "")):
            place = os.path.dirname(place)
            yield place


def _refused(number: int, path: str | None) -> CassetteError:
    limits = {
        errno.ENOSPC: ("too many folders to watch", "raise the limit: sysctl fs.inotify.max_user_watches=524288"),
        errno.EMFILE: ("too many programs watch files", "raise the limit: sysctl fs.inotify.max_user_instances=512"),
    }
    message, hint = limits.get(number, (f"cannot be watched: {os.strerror(number)}", "name other folders"))
    return CassetteError(message, path=path, hint=hint)
