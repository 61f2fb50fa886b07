"""What earlier runs found clean: a cassette that is still the same need not be searched again.

A file of the cache folder holds the results of one verb under one set of rules, settings and program, by which it is
named. A line of it is a hash of a cassette's name and bytes, and of the files beside it that hold its bodies; in front
of them stand, for cassettes that have such files, their names. Only results without a finding and without a gap are
kept, so that a line says no more than that. A cassette is read and hashed before it is looked up. A cache that cannot
be read or written is none.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import cassette_cli
from cassette_cli.errors import CassetteError
from cassette_cli.operations.targets import Paths, Target, looks_like_a_recording
from cassette_cli.source.attached import Attachments, digest_of
from cassette_cli.source.compression import get_limits
from cassette_cli.source.save import read_head, read_only

VARIABLE = "CASSETTE_CACHE_DIR"
"""The environment variable that names the cache folder."""

_OPENING = "cassette: clean results, 1"
_FOLDER = "clean"
_LINES = 20_000
"""The cassettes that one file remembers: those that were looked up last."""
_FILES = 50
"""The files of the cache, each of another verb, version or set of settings."""
_LARGEST = 1 << 24
"""Bytes of a file from which on it is not read to be looked up unless it is known to be a cassette: it may be none."""


class Key(NamedTuple):
    """What stands for a clean cassette: the hash of what was read, and of it without the files beside it."""

    whole: str
    bare: str
    attached: tuple[str, ...] = ()


class Cache:
    """The clean results of one verb; `facts` are all that its result depends on beside the cassettes.

    `root` is the folder from which they count the paths of cassettes, None where they do not. `prepare` sets up what
    looks into a cassette, which takes longer than to look it up: it is called before the first that has to be looked
    into, and at once where no run with these facts has found anything clean, for it may fail.
    """

    def __init__(self, facts: Iterable[object], prepare: Callable[[], object], root: str | None = None) -> None:
        folder = _folder()
        self._prepare = prepare
        self._prepared = False
        self._root = root
        self._path = None if folder is None else os.path.join(folder, _FOLDER, _hash(_program(), *map(repr, facts)))
        self._known, self._attached = _read(self._path)
        self._used: dict[str, None] = {}
        self._new: dict[str, Key] = {}
        if not self._known:
            self.prepare()

    def prepare(self) -> None:
        """Set up what looks into a cassette."""
        if not self._prepared:
            self._prepared = True
            self._prepare()

    def knows(self, target: Target, paths: Paths) -> bool:
        """Say whether a cassette is clean; else prepare for looking into it."""
        key = self._lookup(target, paths) if self._known else None
        if key is None or key not in self._known:
            if not self._prepared and (paths.names(target) or _may_be_one(target)):
                self.prepare()
            return False
        self._used[key] = None
        return True

    def _lookup(self, target: Target, paths: Paths) -> str | None:
        if target.path == "-" or target.error is not None:
            return None
        try:
            if not paths.names(target) and read_head(target.path, 0)[1].size > _LARGEST:
                return None
            bare = self.bare(target, paths, read_only(target.path))
            names = self._attached.get(bare, ())
            attachments = Attachments(os.path.dirname(target.path))
            return _whole(bare, [(name, digest_of(attachments.read(name))) for name in names])
        except CassetteError:
            return None

    def bare(self, target: Target, paths: Paths, raw: bytes) -> str:
        """Return the hash of a file: of its bytes, its name, which tells how it is read, and who takes it for one."""
        name = os.path.basename(target.path)
        if self._root is not None:
            name = os.path.relpath(os.path.abspath(target.path), self._root)
        return _hash(name, str(target.interactions), str(paths.names(target)), digest_of(raw))

    @staticmethod
    def key(bare: str, attachments: Attachments) -> Key | None:
        """Return what stands for a cassette; None where a file beside it was not read, or changed meanwhile."""
        read = sorted(attachments.digests.items())
        found = [(name, digest) for name, digest in read if digest is not None]
        return Key(_whole(bare, found), bare, tuple(name for name, _ in found)) if len(found) == len(read) else None

    def add(self, key: Key) -> None:
        """Remember a clean cassette."""
        self._new[key.whole] = key

    def close(self) -> None:
        """Write what was found; another run's results, which came in between, are kept."""
        if self._path is None:
            return
        with suppress(OSError):
            if self._new:
                self._write(self._path)
                _evict(os.path.dirname(self._path))
            elif self._used:
                os.utime(self._path)  # the files that were not used for the longest time go first

    def _write(self, path: str) -> None:
        known, attached = _read(path)
        attached |= {key.bare: key.attached for key in self._new.values() if key.attached}
        found = {**dict.fromkeys(one for one in known if one not in self._used), **self._used, **self._new}
        lines = [
            *list(found)[-_LINES:],
            *(f"{bare} {json.dumps(names)}" for bare, names in list(attached.items())[-_LINES:]),
        ]
        folder = os.path.dirname(path)
        _make(folder)
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            Path(temporary).write_text("\n".join([_OPENING, *lines, ""]), "ascii")
            os.replace(temporary, path)
        finally:
            with suppress(OSError):
                os.unlink(temporary)


def _folder() -> str | None:
    """Return the cache folder, None where the system names none."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    from platformdirs import user_cache_dir  # 3 ms, which who names a folder need not wait for

    try:
        return user_cache_dir("cassette", appauthor=False)
    except (OSError, RuntimeError):
        return None


def contents(path: str | None) -> str:
    """Return what stands for the contents of a file of settings, as a fact."""
    try:
        return "" if path is None else digest_of(read_only(path))
    except CassetteError as error:
        return error.message


def _may_be_one(target: Target) -> bool:
    try:
        return target.error is None and looks_like_a_recording(target.path)
    except CassetteError:
        return False


def _program() -> str:
    """Return what stands for this program: its code, the Python that runs it, what it decompresses by, its limits."""
    codecs = [name for name in ("brotli", "zstandard") if find_spec(name) is not None]
    return repr((cassette_cli.__version__, _code(), sys.version, codecs, get_limits()))


def _code() -> Sequence[object]:
    """Return what stands for the package's code: the hashes that its wheel has, or else the times of its files."""
    package = os.path.dirname(cassette_cli.__file__)
    record = os.path.join(os.path.dirname(package), f"cassette_cli-{cassette_cli.__version__}.dist-info", "RECORD")
    if os.path.isfile(record):
        lines = Path(record).read_text("utf-8").splitlines()
        return sorted(line for line in lines if line.startswith("cassette_cli/") and "/__pycache__/" not in line)
    found = []
    for root, folders, files in os.walk(package):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in files:
            status = os.stat(os.path.join(root, name))
            found.append((root, name, status.st_size, status.st_mtime_ns))
    return sorted(found)


def _whole(bare: str, attached: Iterable[tuple[str, str]]) -> str:
    return _hash(bare, *(part for pair in attached for part in pair))


def _hash(*parts: str) -> str:
    return digest_of("\0".join(f"{len(part)} {part}" for part in parts).encode("utf-8", "surrogatepass"))


def _read(path: str | None) -> tuple[dict[str, None], dict[str, tuple[str, ...]]]:
    """Return the lines of a file of the cache; a file that is none has no lines."""
    try:
        lines = [] if path is None else Path(path).read_text("ascii").split("\n")
    except (OSError, ValueError):
        return {}, {}
    if lines[:1] != [_OPENING]:
        return {}, {}
    attached = {}
    for line in lines:
        bare, blank, names = line.partition(" ")
        with suppress(ValueError):
            if blank and line is not lines[0]:
                attached[bare] = tuple(map(str, json.loads(names)))
    return {line: None for line in lines[1:] if line and " " not in line}, attached


def _make(folder: str) -> None:
    """Make the cache folder, and say to git and to programs that make backups that it is one (bford.info/cachedir)."""
    if os.path.isdir(folder):
        return
    os.makedirs(folder, mode=0o700)
    above = Path(os.path.dirname(folder))
    (above / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n", "ascii")
    (above / ".gitignore").write_text("*\n", "ascii")


def _evict(folder: str) -> None:
    with os.scandir(folder) as entries:
        files = sorted(((entry.stat().st_mtime, entry.path) for entry in entries), reverse=True)
    for _, path in files[_FILES:]:
        os.unlink(path)
