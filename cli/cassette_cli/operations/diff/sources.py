"""What to compare: two files, two folders, or versions in git; each a pair of bytes, read when its turn comes."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from cassette_cli import git
from cassette_cli.errors import CassetteError, NotACassetteError, UnreadableFileError, UnsupportedError, UsageError
from cassette_cli.formats import registry
from cassette_cli.formats.attached import NAMES_FILES, bodies, names_files
from cassette_cli.operations.diff.cassettes import Options, Version, compare
from cassette_cli.operations.diff.masking import DiffMasker
from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.loading import looks_recorded, recognizing
from cassette_cli.operations.targets import Paths, is_cassette_name, targets
from cassette_cli.source.attached import Attachments
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document
from cassette_cli.source.later import pattern
from cassette_cli.source.save import read_input

Read = Callable[[], bytes]

_STAGE = pattern(r":[0-3]:")

Compared = tuple[CassetteDiff, Version | None, Version | None]
"""A difference, and the older and the newer version where they were read."""


class Side(NamedTuple):
    """One version of a file: its path as it is told, how to read it, and the files that lie beside it."""

    path: str
    read: Read
    beside: Attachments


class Sides(NamedTuple):
    """Two versions of one file; None for one that is not there.

    `named` says that the user named both files: then each must be a cassette.
    """

    old: Side | None
    new: Side | None
    named: bool = False
    renamed: bool = False

    @property
    def old_path(self) -> str | None:
        """The older path, None where there is none."""
        return None if self.old is None else self.old.path

    @property
    def new_path(self) -> str | None:
        """The newer path, None where there is none."""
        return None if self.new is None else self.new.path


class InGit(Attachments):
    """The files beside a cassette in git; `tree` stands before a path that git is asked for, as in `HEAD:`."""

    def __init__(self, blobs: git.Blobs, tree: str, path: str) -> None:
        super().__init__()
        self._blobs = blobs
        self._beside = tree + path[: path.rfind("/") + 1]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file at that version; raises `CassetteError` where it is not followed."""
        if name.startswith("/") or ".." in name.split("/"):
            raise CassetteError(f"the body is in {name}, outside of the cassette's folder: it is not followed")
        try:
            return self._blobs.read(self._beside + name.removeprefix("./"))
        except git.GitError as error:
            raise CassetteError(f"the body is in {name}, which git does not have there") from error


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for. `after` are the paths behind `--`, None where there was none."""

    args: Sequence[str]
    after: Sequence[str] | None = None
    staged: bool = False
    paths: Paths = field(default_factory=lambda: Paths(()))
    range: tuple[str, str] | None = None
    conflict: bool = False
    others: list[str] = field(default_factory=list)
    """Changed files that are no cassettes: what reads the sides adds to them, and bodies may be among them."""


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
        _file(name) if oid is None else _blob(blobs, oid, *_split(name)) for name, oid in zip(args, oids, strict=True)
    )
    return Sides(old._replace(path=args[0]), new._replace(path=args[1]), named=True)


def _split(name: str) -> tuple[str, str]:
    """Take `REV:PATH`, `:PATH` or `:2:PATH` apart behind the last colon that is git's."""
    tree = name[:3] if _STAGE.match(name) else name[: name.index(":") + 1]
    return tree, name.removeprefix(tree)


def _blob(blobs: git.Blobs, oid: str, tree: str, path: str) -> Side:
    return Side(path, partial(blobs.read, oid), InGit(blobs, tree, path))


def _file(path: str, told: str | None = None) -> Side:
    """Return a file; `told` is its path as it is told, where that is another."""
    return Side(told or path, partial(read_input, path), Attachments(None if path == "-" else os.path.dirname(path)))


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
            _blob(blobs, ours, ":2:", path) if ours else None,
            _blob(blobs, theirs, ":3:", path) if theirs else None,
        )


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
        yield Sides(_file(old), _file(new), named=True)
        return
    left, right = _walked(old, paths), _walked(new, paths)
    for name in sorted(left.keys() | right.keys()):
        a, b = left.get(name), right.get(name)
        yield Sides(_file(a, name) if a else None, _file(b, name) if b else None)


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
    old_tree, new_tree = repository.trees(revisions, staged=asked.staged)

    def side(oid: str | None, path: str | None, tree: str | None) -> Side | None:
        if path is None:
            return None
        if tree is None:
            return _file(os.path.join(repository.top or "", path), path)
        return _blob(blobs, f"{tree}{path}" if oid is None else oid, tree, path)

    for change in changes:
        name = change.new_path or change.old_path or ""
        if is_cassette_name(name) and not asked.paths.excludes(name):
            yield Sides(
                side(change.old_oid, change.old_path, old_tree),
                side(change.new_oid, change.new_path, new_tree),
                renamed=change.status == "R",
            )
        else:
            asked.others.append(name)
    listed = {change.new_path for change in changes}
    for path in repository.holding(NAMES_FILES, new_tree, _folders_above(asked.others)) if asked.others else ():
        if path not in listed and is_cassette_name(path) and not asked.paths.excludes(path):
            yield Sides(side(None, path, old_tree), side(None, path, new_tree))


def _folders_above(names: Iterable[str]) -> list[str]:
    """Return the folders of files and those around them, from the top of the repository, "" for the top itself."""
    found = {"/".join(parts[:depth]) for parts in (name.split("/") for name in names) for depth in range(len(parts))}
    return sorted(found)


def differences(
    sides: Iterator[Sides],
    options: Options,
    paths: Paths,
    failed: Callable[[CassetteError], None],
    unread: Callable[[UnsupportedError], None],
    others: list[str],
    *,
    volatile: bool = True,
) -> Iterator[Compared]:
    """Yield what differs, cassette by cassette, with both versions; what cannot be read goes to `failed`.

    Files that are no cassettes are passed over unless the user named them: recordings that are not read go
    to `unread`, all else to `others`. Secrets are masked; in what is volatile only where `volatile` says that
    it is shown.
    """
    masker = DiffMasker()
    for one in sides:
        try:
            found = _difference(one, options, paths)
        except UnsupportedError as error:
            (failed if one.named else unread)(error)
        except CassetteError as error:
            failed(error)
        else:
            if found is None:
                others.append(one.new_path or one.old_path or "")
            else:
                yield masker.difference(found[0], volatile=volatile), found[1], found[2]


def _difference(one: Sides, options: Options, paths: Paths) -> Compared | None:
    old = None if one.old is None else one.old.read()
    new = None if one.new is None else one.new.read()
    if old is not None and old == new and not names_files(old):
        same = CassetteDiff(one.old_path, one.new_path, identical=True, renamed=one.renamed)
        return (same, None, None) if one.named or looks_recorded(old, one.new_path or "") else None
    before = None if one.old is None or old is None else version(one.old, old, paths, named=one.named)
    after = None if one.new is None or new is None else version(one.new, new, paths, named=one.named)
    if before is None and after is None:
        return None
    if not one.named and None not in (old, new) and (before is None or after is None):
        where = one.old_path if before is None else one.new_path
        raise CassetteError("one version is no cassette", path=where, hint="look at it with git diff --no-textconv")
    return compare(before, after, options, renamed=one.renamed), before, after


def version(side: Side, raw: bytes, paths: Paths, *, named: bool) -> Version | None:
    """Read one version; None for what is no cassette and was not named. Raises `UnsupportedError` for both."""
    try:
        text, _ = unwrap(raw, side.path)
        with recognizing(text, side.path):
            if paths.input_format is None:
                registry.refuse_others(text, side.path)
            document = Document(text, side.path)
            document.attachments = side.beside
            cassette = registry.load(document, paths.input_format)
        return Version(side.path, raw + bodies(cassette) if names_files(raw) else raw, cassette)
    except UnsupportedError:
        raise
    except NotACassetteError:
        if named:
            raise
        return None
    except CassetteError:
        if named or looks_recorded(raw, side.path):
            raise
        return None
