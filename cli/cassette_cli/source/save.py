"""Reading and replacing files: atomically, keeping mode and links, and never half.

The way of git's lock files: a temporary file beside the target, flushed to disk, renamed over it.
It is named `.NAME.xxxxxxxx.cassette.tmp` and removed whatever happens, short of a killed process; what
such a process left is removed by the next run that edits in its folder. A writer holds a lock (flock)
on its temporary file, so that one without a lock is nobody's; where there are no locks, one of ten
minutes is.
"""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from cassette_cli.errors import SaveError, UnreadableFileError
from cassette_cli.source.signals import uninterrupted

if TYPE_CHECKING:
    from pathlib import Path

try:
    import fcntl

    _LOCKS = True
except ImportError:  # Windows
    _LOCKS = False

_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # Windows has none: nothing there waits to be opened
_SUFFIX = ".cassette.tmp"
_PIECE = 1 << 26
_STALE = 600.0
"""Seconds after which a temporary file is nobody's, where no lock can tell: a write takes a few."""


class Tally:
    """How many files this process has replaced or made, for those who interrupt it."""

    written = 0


class Stamp(NamedTuple):
    """What tells whether a file is still the one that was read: its inode, size and time."""

    inode: int
    device: int
    size: int
    mtime: int


def read(path: "str | Path") -> tuple[bytes, Stamp]:
    """Return a regular file's bytes, and the stamp that `replace` wants back.

    Raises `UnreadableFileError` for what is missing, forbidden, or no regular file.
    """
    raw, status = _contents(path)
    return raw, _stamp(status)


def read_only(path: "str | Path") -> bytes:
    """Return the bytes of a regular file that nobody means to replace; raises as `read` does."""
    return _contents(path)[0]


def is_stream(path: "str | Path") -> bool:
    """Say whether a path is one that can be read once and to its end: `-`, a named pipe, or the shell's `<(…)`."""
    try:
        return path == "-" or stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def read_input(path: str) -> bytes:
    """Return the bytes of a file, of a pipe, or of standard input for `-`; raises as `read` does."""
    if path == "-":
        return sys.stdin.buffer.read()
    if not is_stream(path):
        return read_only(path)
    try:
        with open(path, "rb") as file:  # waits for who writes to it
            return file.read()
    except OSError as error:
        raise _unreadable(path, error) from error


def read_head(path: "str | Path", size: int) -> tuple[bytes, Stamp]:
    """Return up to `size` of a regular file's first bytes, and the file's stamp; raises as `read` does."""
    descriptor, status = _opened(path)
    try:
        return os.read(descriptor, size), _stamp(status)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(descriptor)


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_dev, status.st_size, status.st_mtime_ns)


def _contents(path: "str | Path") -> tuple[bytes, os.stat_result]:
    descriptor, status = _opened(path)
    try:
        pieces = [os.read(descriptor, status.st_size + 1)]
        size = len(pieces[0])
        while size != status.st_size and (more := os.read(descriptor, _PIECE)):
            pieces.append(more)
            size += len(more)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(descriptor)
    return b"".join(pieces), status


def _opened(path: "str | Path") -> tuple[int, os.stat_result]:
    """Open a regular file, and nothing else: a pipe might never end, and its writer would take us for a reader."""
    if is_stream(path):
        raise UnreadableFileError("not a regular file", path=path, hint="name a file")
    try:
        descriptor = os.open(path, os.O_RDONLY | _AT_ONCE | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        dangling = os.path.islink(path)
        raise UnreadableFileError("broken symlink" if dangling else "no such file", path=path) from error
    except IsADirectoryError as error:
        raise UnreadableFileError("is a folder", path=path, hint="name a file") from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):  # Python's `open` takes no folder
        os.close(descriptor)
        what = "is a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise UnreadableFileError(what, path=path, hint="name a file")
    return descriptor, status


def _unreadable(path: "str | Path", error: OSError | ValueError) -> UnreadableFileError:
    """Make the error for a file that the system does not open or read, by its own words."""
    if isinstance(error, OSError) and error.errno in (errno.ENXIO, errno.EOPNOTSUPP):  # a socket
        return UnreadableFileError("not a regular file", path=path, hint="name a file")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    hints = {errno.ELOOP: "the symbolic links lead in a circle: fix one of them", errno.EACCES: "check the permissions"}
    hint = hints.get(error.errno or 0) if isinstance(error, OSError) else None
    return UnreadableFileError(f"cannot be read: {reason}", path=path, hint=hint)


def replace(path: "str | Path", raw: bytes, stamp: Stamp) -> None:
    """Put new bytes in a file's place: after a crash it holds the old ones or the new ones, never a part.

    A symbolic link stays one; its target is replaced. Mode, owner and extended attributes stay. Raises `SaveError`, the
    file being untouched, where it changed since it was read, has other hard links or is read-only,
    or the disk refuses.
    """
    target = os.path.realpath(path)
    try:
        status = os.stat(target)
    except OSError as error:
        raise SaveError(f"vanished while it was edited: {error.strerror}", path=path, hint="restore it") from error
    _refuse(path, status, stamp)
    # The lock is on the old file: of two processes that read it, the second finds it replaced.
    with _locked(target):
        _put(path, target, (raw,), status, lambda: _refuse(path, os.stat(target), stamp))


def write(path: "str | Path", raw: bytes) -> None:
    """Write a file that need not exist yet, as safely as `replace`; what is no regular file is written into.

    Raises `SaveError` where the disk refuses, `UnreadableFileError` for a folder.
    """
    if os.path.isfile(path) or os.path.isdir(path):
        _, stamp = read(path)
        replace(path, raw, stamp)
    else:
        write_pieces(path, (raw,))


def write_pieces(path: "str | Path", pieces: Iterable[bytes]) -> None:
    """Write a file whole, piece by piece, whatever stood in its place; what is no regular file is written into.

    Raises `SaveError` where the disk refuses; what stood there is then untouched.
    """
    try:
        status = os.stat(path)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        _put(path, os.path.realpath(path), pieces, 0o666 & ~mask)
        return
    if stat.S_ISREG(status.st_mode):
        _put(path, os.path.realpath(path), pieces, status)
        return
    try:
        with open(path, "wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise SaveError(
            f"cannot be written: {error.strerror}", path=path, hint="check the path and the free space"
        ) from error


def _put(
    path: "str | Path",
    target: str,
    pieces: Iterable[bytes],
    like: os.stat_result | int,
    ready: Callable[[], None] | None = None,
) -> None:
    """Write a temporary file beside the target and rename it; `like` is the old file's status, or the mode."""
    folder, name = os.path.split(target)
    short = os.fsencode(name)[:200].decode("utf-8", "ignore")  # most file systems end a name at 255 bytes
    temporary, descriptor, lock = "", -1, -1
    sweep(target)
    try:
        while descriptor < 0:
            # Named before it is there, so that an interrupt between the two leaves nothing behind.
            temporary = os.path.join(folder, f".{short}.{os.urandom(4).hex()}{_SUFFIX}")
            descriptor = _create(temporary)
        if _LOCKS:
            lock = os.dup(descriptor)  # holds until the rename; Windows, without locks, renames no open file
        with open(descriptor, "wb") as file:
            file.writelines(pieces)
            if not isinstance(like, int):
                _keep_owner(path, descriptor, like)
            mode = like if isinstance(like, int) else stat.S_IMODE(like.st_mode)
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            else:  # Windows
                os.chmod(temporary, mode)
            if not isinstance(like, int):
                _copy_attributes(target, descriptor)
            file.flush()
            os.fsync(descriptor)
        if ready is not None:
            ready()
        with uninterrupted():
            os.replace(temporary, target)
            temporary = ""
            Tally.written += 1
    except OSError as error:
        hint = "make its folder first" if isinstance(error, FileNotFoundError) else None
        raise SaveError(f"cannot be written: {error.strerror}", path=path, hint=hint) from error
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
        if lock >= 0:
            os.close(lock)
    _sync_folder(folder)


def _keep_owner(path: "str | Path", descriptor: int, like: os.stat_result) -> None:
    """Give a new file the owner and group of the old one; raises `SaveError` where the system does not let us."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) == (like.st_uid, like.st_gid):
        return
    try:
        os.fchown(descriptor, like.st_uid, like.st_gid)
    except PermissionError as error:
        whose = "owner" if now.st_uid != like.st_uid else "group"
        raise SaveError(
            f"belongs to another {whose}, and would not after a save", path=path, hint="run as its owner, or use -o"
        ) from error


def _copy_attributes(source: str, descriptor: int) -> None:
    """Give a file the extended attributes of another one, access control lists among them, where the system lets."""
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(source):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(source, name))


def _refuse(path: "str | Path", status: os.stat_result, stamp: Stamp) -> None:
    now = (status.st_ino, status.st_dev, status.st_size, status.st_mtime_ns)
    if now != (stamp.inode, stamp.device, stamp.size, stamp.mtime):
        raise SaveError("changed while it was edited", path=path, hint="run the command again")
    if status.st_nlink > 1:
        raise SaveError(
            "has other hard links, which would keep the old text", path=path, hint="copy the file first, or use -o"
        )
    if not status.st_mode & 0o222:
        raise SaveError("is read-only", path=path, hint="chmod u+w it first, or use -o")


def sweep(path: "str | Path") -> None:
    """Remove what killed runs left in a file's folder: ours by their names, and in nobody's use."""
    _sweep(os.path.dirname(os.path.realpath(path)))


@cache
def _sweep(folder: str) -> None:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(_SUFFIX):
                with suppress(OSError):
                    _unlink_abandoned(entry.path)


def _unlink_abandoned(path: str) -> None:
    """Remove a temporary file, unless its writer lives; raises `OSError` where it cannot be looked at."""
    if _LOCKS:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        except BlockingIOError:
            return
        except OSError as error:  # a file system without locks
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
                raise
        else:
            return
        finally:
            os.close(descriptor)
    if time.time() - os.lstat(path).st_mtime > _STALE:
        os.unlink(path)


def _create(path: str) -> int:
    """Make a file and lock it; return its descriptor, -1 where the name is taken, or is so no more."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        return -1
    if _lock(descriptor):
        return descriptor
    os.close(descriptor)  # swept by another run before the lock was on it
    return -1


def _lock(descriptor: int) -> bool:
    """Lock an open file for as long as it is open, where the system can; say whether it still has a name."""
    if _LOCKS:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    return os.fstat(descriptor).st_nlink > 0 or not _LOCKS


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Hold a lock on a file, as far as the system can: two runs replace it one after the other."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    except OSError:
        yield
        return
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: str) -> None:
    """Flush the rename; where the system cannot, the file is whole all the same, be it the old one."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(folder or ".", os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
