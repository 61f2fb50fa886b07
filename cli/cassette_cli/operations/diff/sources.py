"""What to compare: two files, two folders, or versions in git; each a pair of bytes, read when its turn comes."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from cassette_cli import git
from cassette_cli.errors import CassetteError, NotACassetteError, UnreadableFileError, UsageError
from cassette_cli.formats import registry
from cassette_cli.operations.diff.cassettes import Options, Version, compare
from cassette_cli.operations.diff.masking import DiffMasker
from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.loading import looks_recorded
from cassette_cli.operations.targets import Paths, is_cassette_name, targets
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document
from cassette_cli.source.save import read_input

Read = Callable[[], bytes]

Compared = tuple[CassetteDiff, Version | None, Version | None]
"""A difference, and the older and the newer version where they were read."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two versions of one file: the path of each as it is told, and how to read it; None for one that is not there.

    `named` says that the user named both files: then each must be a cassette.
    """

    old_path: str | None
    new_path: str | None
    old: Read | None
    new: Read | None
    named: bool = False
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for. `after` are the paths behind `--`, None where there was none."""

    args: Sequence[str]
    after: Sequence[str] | None = None
    staged: bool = False
    paths: Paths = field(default_factory=lambda: Paths(()))
    range: tuple[str, str] | None = None
    conflict: bool = False


def pairs(asked: Asked, held: ExitStack, tell: Callable[[CassetteError], None]) -> Iterator[Sides]:
    """Yield what to compare; `held` closes what is opened for it, `tell` gets what to know of a merge conflict.

    Raises `UsageError` where the arguments mean nothing, `GitError` where git refuses them.
    """
    args = list(asked.args)
    if asked.conflict:
        repository = git.Repository()
        found = repository.conflicts([*args, *(asked.after or ())])
        return _conflicts(repository, found, asked, held, tell)
    if not asked.staged and asked.after is None and asked.range is None and len(args) == 2:
        if _both_there(args):
            return _files(args[0], args[1], asked.paths)
        blobs = _blobs(args, held)
        if blobs is not None:
            return iter([blobs])
    if asked.range is not None:
        return _versions([f"{asked.range[0]}..{asked.range[1]}"], [*args, *(asked.after or ())], asked, held, tell)
    if asked.after is not None:
        return _versions(args, list(asked.after), asked, held, tell)
    repository = _repository(args)
    revisions: list[str] = []
    while args and len(revisions) < 2:
        known, exists = repository.is_revision(args[0]), os.path.lexists(args[0])
        if known and exists and args[0] not in (".", ".."):
            raise UsageError(f"{args[0]} is a revision and a path", hint="put -- between revisions and paths")
        if not known:
            break
        revisions.append(args.pop(0))
    for name in args:
        if not os.path.lexists(name):
            raise UsageError(
                f"{name} is neither a file nor a revision", hint="check the name; a path that was deleted goes after --"
            )
    return _versions(revisions, args, asked, held, tell, repository)


def _blobs(args: Sequence[str], held: ExitStack) -> Sides | None:
    """Return two sides of which one or both are in git, as `HEAD:PATH` or `:2:PATH`; None where they are none."""
    if not any(":" in name and not os.path.lexists(name) for name in args):
        return None
    repository = git.Repository()
    oids = [None if name == "-" or os.path.lexists(name) else repository.blob(name) for name in args]
    for name, oid in zip(args, oids, strict=True):
        if oid is None and name != "-" and not os.path.lexists(name):
            if ":" not in name:
                return None
            raise UsageError(f"{name} names no file in git", hint="write REV:PATH, from the top of the repository")
    blobs = held.enter_context(repository.blobs())
    old, new = (
        partial(_read, name) if oid is None else partial(blobs.read, oid) for name, oid in zip(args, oids, strict=True)
    )
    return Sides(args[0], args[1], old, new, named=True)


def _conflicts(
    repository: git.Repository,
    found: dict[str, tuple[str | None, str | None]],
    asked: Asked,
    held: ExitStack,
    tell: Callable[[CassetteError], None],
) -> Iterator[Sides]:
    """Yield the cassettes that a merge left in conflict, ours against theirs."""
    if not found:
        return
    blobs = held.enter_context(repository.blobs())
    for path, (ours, theirs) in found.items():
        if not is_cassette_name(path) or asked.paths.excludes(path):
            continue
        missing = next((side for side, oid in (("ours", ours), ("theirs", theirs)) if oid is None), None)
        told = f"in conflict, and deleted in {missing}" if missing else "in conflict: - is ours, + is theirs"
        tell(CassetteError(told, path=path, hint=f"take one whole: git checkout --ours|--theirs -- {path}"))
        yield Sides(
            path if ours else None,
            path if theirs else None,
            partial(blobs.read, ours) if ours else None,
            partial(blobs.read, theirs) if theirs else None,
        )


def _read(path: str) -> bytes:
    """Return the bytes of a file, of standard input, or of a pipe such as a shell's `<(…)`."""
    if path == "-" or not _is_pipe(path):
        return read_input(path)
    try:
        with open(path, "rb") as pipe:
            return pipe.read()
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror}", path=path) from error


def _is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _both_there(args: Sequence[str]) -> bool:
    return next(_missing(args), None) is None


def _missing(args: Sequence[str]) -> Iterator[str]:
    return (name for name in args if name != "-" and not os.path.lexists(name))


def _repository(args: Sequence[str]) -> git.Repository:
    """Find the repository; of two files of which one is missing, outside of any, that one is the matter."""
    try:
        return git.Repository()
    except UsageError as error:
        if len(args) == 2:
            for name in _missing(args):
                raise UnreadableFileError("no such file", path=name) from error
        raise


def _files(old: str, new: str, paths: Paths) -> Iterator[Sides]:
    folders = [name for name in (old, new) if os.path.isdir(name)]
    if len(folders) == 1:
        raise UsageError(f"{folders[0]} is a folder and the other is none", hint="name two files, or two folders")
    if not folders:
        if old == new == "-":
            raise UsageError("only one side can be standard input")
        yield Sides(old, new, partial(_read, old), partial(_read, new), named=True)
        return
    left, right = _walked(old, paths), _walked(new, paths)
    for name in sorted(left.keys() | right.keys()):
        a, b = left.get(name), right.get(name)
        yield Sides(
            name if a else None,
            name if b else None,
            partial(read_input, a) if a else None,
            partial(read_input, b) if b else None,
        )


def _walked(folder: str, paths: Paths) -> dict[str, str]:
    found = targets(Paths((folder,), paths.exclude, paths.force_exclude))
    return {os.path.relpath(target.path, folder).replace(os.sep, "/"): target.path for target in found}


def _versions(
    revisions: Sequence[str],
    names: list[str],
    asked: Asked,
    held: ExitStack,
    tell: Callable[[CassetteError], None],
    repository: git.Repository | None = None,
) -> Iterator[Sides]:
    repository = repository or git.Repository()
    plain = not revisions and not asked.staged and repository.top is not None
    conflicts = repository.conflicts(names) if plain else {}
    yield from _conflicts(repository, conflicts, asked, held, tell)
    found = repository.changes(revisions, staged=asked.staged, paths=names)
    changes = [change for change in found if change.new_path not in conflicts]
    if not changes:
        return
    blobs = held.enter_context(repository.blobs())
    top = repository.top or ""

    def reader(oid: str | None, path: str | None) -> Read | None:
        if path is None:
            return None
        return partial(blobs.read, oid) if oid is not None else partial(read_input, os.path.join(top, path))

    for change in changes:
        name = change.new_path or change.old_path or ""
        if is_cassette_name(name) and not asked.paths.excludes(name):
            yield Sides(
                change.old_path,
                change.new_path,
                reader(change.old_oid, change.old_path),
                reader(change.new_oid, change.new_path),
                renamed=change.status == "R",
            )


def differences(
    sides: Iterator[Sides],
    options: Options,
    paths: Paths,
    failed: Callable[[CassetteError], None],
    *,
    volatile: bool = True,
) -> Iterator[Compared]:
    """Yield what differs, cassette by cassette, with both versions; what cannot be read goes to `failed`.

    Files that are no cassettes are passed over unless the user named them. Secrets are masked; in what
    is volatile only where `volatile` says that it is shown.
    """
    masker = DiffMasker()
    for one in sides:
        try:
            found = _difference(one, options, paths)
        except NotACassetteError as error:
            if one.named:
                failed(error)
        except CassetteError as error:
            failed(error)
        else:
            if found is not None:
                yield masker.difference(found[0], volatile=volatile), found[1], found[2]


def _difference(one: Sides, options: Options, paths: Paths) -> Compared | None:
    old = None if one.old is None else one.old()
    new = None if one.new is None else one.new()
    if old is not None and old == new:
        same = CassetteDiff(one.old_path, one.new_path, identical=True, renamed=one.renamed)
        return (same, None, None) if one.named or looks_recorded(old, one.new_path or "") else None
    before = None if old is None else version(one.old_path or "", old, paths, one)
    after = None if new is None else version(one.new_path or "", new, paths, one)
    if before is None and after is None:
        return None
    if not one.named and None not in (old, new) and (before is None or after is None):
        where = one.old_path if before is None else one.new_path
        raise CassetteError("one version is no cassette", path=where, hint="look at it with git diff --no-textconv")
    return compare(before, after, options, renamed=one.renamed), before, after


def version(path: str, raw: bytes, paths: Paths, one: Sides) -> Version | None:
    """Read one version; None for what is no cassette and was not named."""
    try:
        text, _ = unwrap(raw, path)
        return Version(path, raw, registry.load(Document(text, path), paths.input_format))
    except NotACassetteError:
        if one.named:
            raise
        return None
    except CassetteError:
        if one.named or looks_recorded(raw, path):
            raise
        return None
