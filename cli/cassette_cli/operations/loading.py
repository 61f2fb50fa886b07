"""From targets to cassettes, one at a time, so that memory does not grow with their number."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from cassette_cli.errors import CassetteError, NotACassetteError, UnreadableFileError, UnsupportedError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.jobs import Lost, ordered
from cassette_cli.operations.selecting import Selection, Tally
from cassette_cli.operations.sizes import counted
from cassette_cli.operations.targets import (
    FoldersWithoutCassettes,
    Paths,
    Target,
    begins_like_a_recording,
    head_of_a_recording,
    is_cassette_name,
    stands_for_a_cassette,
    targets,
)
from cassette_cli.source.attached import Attachments
from cassette_cli.source.compression import unwrap, unwrap_head
from cassette_cli.source.document import Document, Input
from cassette_cli.source.save import Stamp, is_stream, read, read_input, read_only
from cassette_cli.source.unresolved import ConflictError, PointerError

if TYPE_CHECKING:
    from cassette_cli.operations.cache import Cache, Key

T = TypeVar("T")

_HEAD = 1 << 16
_LONG = 1 << 20


class Loaded(NamedTuple):
    """A cassette, what the command line chose of it, and what saving it needs.

    `bare` is its hash where clean results are kept, see `Cache.bare`.
    """

    cassette: Cassette
    selection: Selection
    size: int
    named: bool = True
    stamp: Stamp | None = None
    codec: str | None = None
    bare: str | None = None

    def whole(self, input_format: str | None = None) -> "Loaded":
        """Return it with a cassette that is held as a whole, and not in pieces."""
        held = self.cassette.document
        if not held.is_held_in_pieces:
            return self
        document = Document(held.raw, held.path)
        document.attachments = held.attachments
        return self._replace(cassette=registry.load(document, input_format))


def nothing() -> None:
    """Do nothing, where no one follows the progress."""


def unheard(_: CassetteError) -> None:
    """Pass over what is not read, where no one counts it."""


class Outcome(NamedTuple, Generic[T]):
    """What became of a file: results, then errors.

    `recorded` says that it is a cassette, be it a broken one; `unread`, that it is of a kind that is not read; `clean`,
    that nothing was found in it, nor left out.
    """

    results: list[T]
    errors: list[CassetteError]
    recorded: bool = True
    unread: UnsupportedError | None = None
    clean: "Key | None" = None


class Known(NamedTuple, Generic[T]):
    """What earlier runs found clean, the results of such a cassette by its path, and which results are those of one."""

    cache: "Cache"
    results: Callable[[str], list[T]]
    is_clean: Callable[[list[T]], bool]

    def noted(self, found: Outcome[T], loaded: Loaded) -> Outcome[T]:
        """Return the outcome of work on a cassette with `clean` set where it is so."""
        if loaded.bare is None or found.errors or not self.is_clean(found.results):
            return found
        return found._replace(clean=self.cache.key(loaded.bare, loaded.cassette.document.attachments))


def load_all(
    paths: Paths,
    selection: Selection,
    failed: Callable[[CassetteError], None],
    passed: Callable[[], None] = nothing,
    unread: Callable[[UnsupportedError], None] = unheard,
    *,
    once: bool = False,
) -> Iterator[Loaded]:
    """Yield the cassettes; what fails goes to `failed`, and the others are still yielded.

    A file met in a folder that is no cassette is passed over; one that looks recorded and cannot be
    read is a failure all the same, and so is a folder without cassettes; one of a recorder that is not
    read goes to `unread`. `passed` is called when a file is done with, whatever became of it. `once` is as in `each`.
    """
    return each(paths, selection, lambda loaded: (loaded,), failed, passed, once=once, unread=unread)


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
    unread: Callable[[UnsupportedError], None] = unheard,
    untreated: Callable[[str, bytes | None], None] | None = None,
    known: Known[T] | None = None,
) -> Iterator[T]:
    """Yield what `work` makes of each cassette, as `load_all` yields them.

    With `jobs` other than 1 the work is spread over processes, see `parallel.ordered`; `edits` says
    that it writes to the files, `once` that it looks at each interaction once and edits none. What is passed
    over goes to `untreated`: its path, and its bytes where they came from standard input. What is `known` is not worked
    on. Raises `UsageError` where the selection does not fit the paths.
    """
    selection.fits(paths.named)

    def outcome(target: Target) -> Outcome[T]:
        raw = None
        try:
            raw = read_stream(target)
            loaded = load_one(target, paths, selection, once=once, raw=raw, known=known)
        except CassetteError as error:
            found: Outcome[T] = failure(error, target, paths, raw)
            if untreated is not None and not found.errors:
                untreated(target.path, raw)
            return found
        done = worked(work(loaded))
        done.errors.extend(loaded.selection.unsearched(loaded.cassette))
        return done if known is None else known.noted(done, loaded)

    return gather(paths, outcome, failed, passed, jobs, edits=edits, unread=unread, known=known)


def failure(error: CassetteError, target: Target, paths: Paths, raw: bytes | None = None) -> Outcome[T]:
    """Return the outcome of a file that could not be loaded: an error, unless nobody takes it for a cassette.

    `raw` are its bytes where they came from standard input.
    """
    if paths.names(target):
        return Outcome([], [error])
    if isinstance(error, UnsupportedError):
        return Outcome([], [], recorded=error.recording, unread=error)
    meant = _is_meant(error, target, raw)
    return Outcome([], [error] if meant else [], recorded=meant)


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
    unread: Callable[[UnsupportedError], None] = unheard,
    known: Known[T] | None = None,
) -> Iterator[T]:
    """Yield the results of all targets in order, and give their errors to `failed`."""
    folders = FoldersWithoutCassettes(paths)
    if "-" in paths.named:
        jobs = 1  # it may go to standard output, which is the parent's

    def guarded(target: Target) -> Outcome[T]:
        try:
            return outcome(target)
        except (RecursionError, MemoryError) as error:
            return Outcome([], [_exhausted(error, target)])

    done = _answered(guarded, paths, jobs, edits=edits, known=known)
    with closing(done), nullcontext() if known is None else closing(known.cache):
        for target, answer in done:
            found = Outcome([], [_lost(answer, target)]) if isinstance(answer, Lost) else answer
            if known is not None and found.clean is not None:
                known.cache.add(found.clean)
            if found.recorded:
                Tally.cassettes += 1
                folders.holds(target)
            yield from found.results
            for error in found.errors:
                failed(error)
            if found.unread is not None:
                unread(found.unread)
            passed()
    folders.report(failed)


def _answered(
    work: Callable[[Target], Outcome[T]], paths: Paths, jobs: int | None, *, edits: bool, known: Known[T] | None
) -> Generator[tuple[Target, Outcome[T] | Lost], None, None]:
    """Yield the targets in order with what became of each: what is known is looked up before any worker starts."""
    met: deque[tuple[Target, bool]] = deque()

    def unknown() -> Iterator[Target]:
        for target in targets(paths):
            met.append((target, known is not None and known.cache.knows(target, paths)))
            if not met[-1][1]:
                yield target

    def spared() -> Iterator[tuple[Target, Outcome[T]]]:
        while known is not None and met and met[0][1]:
            target, _ = met.popleft()
            yield target, Outcome(known.results(target.path), [])

    with closing(ordered(work, unknown(), _bytes, jobs, _real if edits else None)) as answers:
        for target, answer in answers:
            yield from spared()
            met.popleft()
            yield target, answer
    yield from spared()


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


def _is_meant(error: CassetteError, target: Target, raw: bytes | None) -> bool:
    """Say whether a file that could not be loaded, and was not named, was meant to be a cassette."""
    if isinstance(error, NotACassetteError):
        return False
    if isinstance(error, PointerError):
        return stands_for_a_cassette(os.path.basename(target.path))
    try:
        return looks_recorded(read_only(target.path) if raw is None else raw, target.path)
    except UnreadableFileError:
        return True


def read_stream(target: Target) -> bytes | None:
    """Return what can be read but once, of standard input or a pipe that was named; None for a file."""
    return read_input(target.path) if target.folder is None and is_stream(target.path) else None


def load_one(
    target: Target,
    paths: Paths,
    selection: Selection,
    *,
    once: bool = False,
    raw: bytes | None = None,
    known: Known[T] | None = None,
) -> Loaded:
    """Read one file, `once` as in `Document`; `raw` are its bytes, where they have been read.

    Raises `CassetteError` where it cannot be read or is no cassette.
    """
    if target.error is not None:
        raise target.error
    stamp = None
    if raw is None:
        raw = read_stream(target)
    if raw is not None:
        if paths.skip_others and not begins_like_a_recording(raw):
            raise NotACassetteError("not a cassette of a known recorder", path=target.path)
    elif paths.names(target) or paths.input_format is not None:
        raw, stamp = read(target.path)
    else:
        head = head_of_a_recording(target.path)
        if head is None:
            raise NotACassetteError("not a cassette of a known recorder", path=target.path)
        raw, stamp = head if len(head[0]) == head[1].size else read(target.path)
    size = len(raw)
    bare = None if known is None or stamp is None else known.cache.bare(target, paths, raw)
    raw, codec = unwrap(raw, target.path)
    if not raw or raw.isspace():
        raise NotACassetteError("the file is empty", path=target.path, hint="record it again")
    with recognizing(raw, target.path):
        if paths.input_format is None:
            registry.refuse_others(raw, target.path)
        given = Input(raw)
        del raw  # formats look at an interaction, which may be large
        document = Document(given, target.path, once=once)
        del given
        if target.path != "-":
            document.attachments = Attachments(os.path.dirname(target.path))
        cassette = registry.load(document, paths.input_format)
    chosen = selection if target.interactions is None else selection.narrowed(target.interactions)
    return Loaded(cassette, chosen, size, paths.names(target), stamp, codec, bare)


@contextmanager
def recognizing(raw: bytes, path: str) -> Iterator[None]:
    """Raise `UnsupportedError` where what could not be read, of these bytes, is a known recording that is not read."""
    head = raw[:_HEAD]
    del raw
    try:
        yield
    except CassetteError as error:
        if isinstance(error, (ConflictError, PointerError)):
            raise
        from cassette_cli.formats.unsupported import unsupported

        kind = unsupported(head, sound=isinstance(error, NotACassetteError))
        if kind is None:
            raise
        raise kind.error(path, error) from error


def looks_recorded(raw: bytes, path: str) -> bool:
    """Say whether bytes that are no sound cassette look as if they were meant to be one."""
    try:
        raw, _ = unwrap(raw, path)
    except CassetteError:
        head = unwrap_head(raw, path)
        return is_cassette_name(os.path.basename(path)) if head is None else registry.is_known(head)
    return registry.is_known(raw[:_LONG])


class Failures:
    """Collects what went wrong, so that the others are still processed and the worst code is returned."""

    def __init__(self, report: Callable[[CassetteError], None]) -> None:
        self.report = report
        self.errors: list[CassetteError] = []

    def __call__(self, error: CassetteError) -> None:
        """Report an error and remember it."""
        self.errors.append(error)
        self.report(error)


class Unread:
    """Counts what was met and not read: recordings of other recorders, and stubs."""

    def __init__(self) -> None:
        self.recordings: dict[str, list[str]] = {}
        self.stubs: dict[str, list[str]] = {}

    def __call__(self, error: UnsupportedError) -> None:
        """Count a file."""
        kinds = self.recordings if error.recording else self.stubs
        kinds.setdefault(error.name, []).append(str(error.path))

    def line(self) -> str:
        """Return what was not read in a line, "" where there was nothing."""
        told = []
        if self.recordings:
            told.append("not read: " + ", ".join(_told(*kind) for kind in self.recordings.items()))
        if self.stubs:
            counts = ", ".join(f"{len(paths)} of {name}" for name, paths in self.stubs.items())
            told.append(f"no recordings, left alone: {counts}")
        return "; ".join(told)


_NAMED = 3


def _told(name: str, paths: list[str]) -> str:
    more = ", …" if len(paths) > _NAMED else ""
    return f"{counted(len(paths), 'recording')} of {name} ({', '.join(paths[:_NAMED])}{more})"
