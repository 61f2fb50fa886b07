"""From the paths of a command line to cassettes, one at a time, so that memory does not grow with their number."""

import fnmatch
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from cassette_cli.errors import CassetteError, NotACassetteError, UnreadableFileError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.jobs.parallel import Lost, ordered
from cassette_cli.operations.selecting import Selection, parse_target
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document
from cassette_cli.source.save import Stamp, read, read_only

T = TypeVar("T")

SUFFIXES = (".yaml", ".yml", ".json", ".har", ".jsonl")
"""What a cassette's name ends with; `.gz`, `.zst` and `.br` may follow."""

_COMPRESSED = (".gz", ".zst", ".br")
_RECORDED = (
    rb"""(?:^|["'\s{])(?:http_interactions|interactions|requests|log|recorded_with)["']?\s*:|["']request["']\s*:"""
)


class Paths(NamedTuple):
    """What a command was pointed at. `exclude` are globs; `force_exclude` applies them to named files too."""

    named: Sequence[str]
    exclude: Sequence[str] = ()
    force_exclude: bool = False
    input_format: str | None = None
    skip_others: bool = False

    def excludes(self, path: str) -> bool:
        """Say whether a file that was not named is passed over."""
        return _excluded(path, self.exclude)


class Loaded(NamedTuple):
    """A cassette, what the command line chose of it, and what saving it needs."""

    cassette: Cassette
    selection: Selection
    size: int
    named: bool = True
    stamp: Stamp | None = None
    codec: str | None = None


class Target(NamedTuple):
    """A file to read: named by the user, or met in a folder that was; or a folder that cannot be looked into."""

    path: str
    folder: str | None = None
    interactions: str | None = None
    error: CassetteError | None = None


def targets(paths: Paths) -> Iterator[Target]:
    """Yield the files behind the paths, folders walked in order of their names; every file once."""
    met = _met(paths)
    return met if len(paths.named) == 1 else _once(met)


def _met(paths: Paths) -> Iterator[Target]:
    for name in paths.named:
        path, interactions = parse_target(name)
        if path != "-" and os.path.isdir(path):
            for file, error in _walk(path):
                if not _excluded(file, paths.exclude):
                    yield Target(file, path, interactions, error)
        elif not (paths.force_exclude and _excluded(path, paths.exclude)):
            yield Target(path, None, interactions)


def _once(met: Iterator[Target]) -> Iterator[Target]:
    """Leave out what was met before: only where several paths are named, for a folder holds each file once."""
    seen: set[str] = set()
    for target in met:
        key = f"{target.path}#{target.interactions}"
        if key not in seen:
            seen.add(key)
            yield target


def _walk(folder: str) -> Iterator[tuple[str, CassetteError | None]]:
    closed: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(files):
            if is_cassette_name(name) and not name.startswith("."):
                yield os.path.join(root, name), None
    for error in closed:
        yield error.filename, UnreadableFileError(f"cannot be listed: {error.strerror}", path=error.filename)


def is_cassette_name(name: str) -> bool:
    """Say whether a file of this name may be a cassette."""
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return name.lower().endswith(SUFFIXES)


def _excluded(path: str, globs: Sequence[str]) -> bool:
    if not globs:
        return False
    posix = Path(path).as_posix()
    parts = posix.split("/")
    return any(
        fnmatch.fnmatchcase(posix, glob)
        or fnmatch.fnmatchcase(posix, f"*/{glob}")
        or any(fnmatch.fnmatchcase(part, glob.rstrip("/")) for part in parts)
        for glob in globs
    )


class Barren:
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


def nothing() -> None:
    """Do nothing, where no one follows the progress."""


class Outcome(NamedTuple, Generic[T]):
    """What became of a file: results, then errors. `recorded` says that it is a cassette, be it a broken one."""

    results: list[T]
    errors: list[CassetteError]
    recorded: bool = True


def load_all(
    paths: Paths, selection: Selection, failed: Callable[[CassetteError], None], passed: Callable[[], None] = nothing
) -> Iterator[Loaded]:
    """Yield the cassettes; what fails goes to `failed`, and the others are still yielded.

    A file met in a folder that is no cassette is passed over; one that looks recorded and cannot be
    read is a failure all the same, and so is a folder without cassettes. `passed` is called when a
    file is done with, whatever became of it.
    """
    return each(paths, selection, lambda loaded: (loaded,), failed, passed)


def each(
    paths: Paths,
    selection: Selection,
    work: Callable[[Loaded], Iterable[T]],
    failed: Callable[[CassetteError], None],
    passed: Callable[[], None] = nothing,
    jobs: int | None = 1,
    *,
    edits: bool = False,
    once: bool = False,
) -> Iterator[T]:
    """Yield what `work` makes of each cassette, as `load_all` yields them.

    With `jobs` other than 1 the work is spread over processes, see `parallel.ordered`; `edits` says
    that it writes to the files, `once` that it looks at each interaction once and edits none.
    """

    def outcome(target: Target) -> Outcome[T]:
        try:
            loaded = load_one(target, paths, selection, once=once)
        except CassetteError as error:
            counts = _counts(error, target, paths)
            return Outcome([], [error] if counts else [], recorded=counts)
        return worked(work(loaded))

    return gather(paths, outcome, failed, passed, jobs, edits=edits)


def worked(results: Iterable[T]) -> Outcome[T]:
    """Return the outcome of work on a cassette: what it gives, and the error by which it ends."""
    found: list[T] = []
    try:
        found.extend(results)
    except CassetteError as error:
        return Outcome(found, [error])
    return Outcome(found, [])


def gather(
    paths: Paths,
    outcome: Callable[[Target], Outcome[T]],
    failed: Callable[[CassetteError], None],
    passed: Callable[[], None],
    jobs: int | None,
    *,
    edits: bool = False,
) -> Iterator[T]:
    """Yield the results of all targets in order, and give their errors to `failed`."""
    barren = Barren(paths)
    if "-" in paths.named:
        jobs = 1  # it may go to standard output, which is the parent's

    def guarded(target: Target) -> Outcome[T]:
        try:
            return outcome(target)
        except (RecursionError, MemoryError) as error:
            return Outcome([], [_exhausted(error, target)])

    done = ordered(guarded, targets(paths), _bytes, jobs, _real if edits else None)
    with closing(done):
        for target, answer in done:
            found = Outcome([], [_lost(answer, target)]) if isinstance(answer, Lost) else answer
            if found.recorded:
                barren.holds(target)
            yield from found.results
            for error in found.errors:
                failed(error)
            passed()
    barren.report(failed)


def _bytes(target: Target) -> int:
    try:
        return os.stat(target.path).st_size
    except (OSError, ValueError):
        return 0


def _real(target: Target) -> str:
    return os.path.realpath(target.path)


def _exhausted(error: Exception, target: Target) -> CassetteError:
    what = "nests too deep" if isinstance(error, RecursionError) else "is too large for this machine's memory"
    return CassetteError(f"the recording {what}", path=target.path)


def _lost(found: Lost, target: Target) -> CassetteError:
    return CassetteError(
        f"the process that worked on it {found.reason}",
        path=target.path,
        hint="memory may have run out: try --jobs 1, or this file alone",
    )


def _counts(error: CassetteError, target: Target, paths: Paths) -> bool:
    """Say whether the user would want to hear of a file that could not be loaded."""
    if target.folder is None and not paths.skip_others:
        return True
    return not isinstance(error, NotACassetteError) and _looks_recorded(target.path)


def load_one(target: Target, paths: Paths, selection: Selection, *, once: bool = False) -> Loaded:
    """Read one file, `once` as in `Document`; raises `CassetteError` where it cannot be read or is no cassette."""
    stamp = None
    if target.error is not None:
        raise target.error
    if target.path == "-":
        raw = read_input("-")
    else:
        raw, stamp = read(target.path)
    size = len(raw)
    raw, codec = unwrap(raw, target.path)
    if not raw or raw.isspace():
        raise NotACassetteError("the file is empty", path=target.path, hint="record it again")
    document = Document(raw, target.path, once=once)
    del raw  # formats look at an interaction, which may be large
    cassette = registry.load(document, paths.input_format)
    chosen = selection if target.interactions is None else selection.narrowed(target.interactions)
    return Loaded(cassette, chosen, size, target.folder is None, stamp, codec)


def read_input(path: str) -> bytes:
    """Return the bytes of a file, or of standard input for `-`; raises `UnreadableFileError`."""
    return sys.stdin.buffer.read() if path == "-" else read_only(path)


def _looks_recorded(path: str) -> bool:
    try:
        return looks_recorded(read_only(path), path)
    except UnreadableFileError:
        return True


def looks_recorded(raw: bytes, path: str) -> bool:
    """Say whether bytes that are no sound cassette look as if they were meant to be one."""
    try:
        raw, _ = unwrap(raw, path)
    except CassetteError:
        return False
    return bool(re.search(_RECORDED, raw[:65536]))


@dataclass(slots=True)
class Failures:
    """Collects what went wrong, so that the others are still processed and the worst code is returned."""

    report: Callable[[CassetteError], None]
    errors: list[CassetteError] = field(default_factory=list)

    def __call__(self, error: CassetteError) -> None:
        """Report an error and remember it."""
        self.errors.append(error)
        self.report(error)
