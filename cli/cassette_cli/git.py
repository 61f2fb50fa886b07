"""git, run as a program: what changed between versions, what the versions hold, settings and attributes.

Output is read with `-z`, so that names with spaces, quotes, line breaks and any bytes arrive as they
are; names are decoded as the file system's. Nothing here writes to a repository save `Settings`.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, NamedTuple

from cassette_cli.errors import CassetteError, UsageError

_STRIPPED = ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_PAGER", "GIT_TRACE", "GIT_LITERAL_PATHSPECS")
"""What a caller's environment may not change: GIT_DIR, GIT_INDEX_FILE and the like say where to look, and stay."""

_OLDEST = (2, 30)
"""The first git whose `rev-parse` knows `--end-of-options`; older ones answer wrong rather than not at all."""

_SUBMODULE, _LINK = "160000", "120000"


class GitError(CassetteError):
    """git could not do what it was asked for; `message` is its own first line."""


class FileChange(NamedTuple):
    """One line of `git diff --raw`: a file's two versions, None for the one that does not exist.

    `status` is git's letter (A, D, M, R, T). An `oid` of None stands for the file in the working tree.
    """

    status: str
    old_path: str | None
    new_path: str | None
    old_oid: str | None
    new_oid: str | None


class Version(NamedTuple):
    """A file as a commit made it: a blob, and the path that it has there."""

    commit: str
    path: str
    oid: str


def environment() -> dict[str, str]:
    """Return the caller's environment without what would change git's output."""
    kept = {name: value for name, value in os.environ.items() if name not in _STRIPPED}
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


def run(*args: str, cwd: str | None = None, check: bool = True, data: bytes | None = None) -> bytes | None:
    """Run git and return what it printed; None where it failed and `check` is off.

    Raises `GitError` with git's own words, or where there is no git.
    """
    try:
        done = subprocess.run(  # noqa: S603 - git itself, by its name, and never a shell
            ["git", *args],  # noqa: S607
            cwd=cwd,
            env=environment(),
            input=b"" if data is None else data,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed", hint="name two files or folders instead") from error
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from error
    if done.returncode == 0:
        return done.stdout
    if not check:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    raise GitError(said.removeprefix("fatal: ") or f"git {args[0]} failed", hint="try the same with git diff")


def _line(*args: str, cwd: str | None = None) -> str | None:
    """Return one line of output without its end, None where git fails or prints nothing."""
    out = run(*args, cwd=cwd, check=False)
    return os.fsdecode(out).rstrip("\n") or None if out is not None else None


def _require_version() -> None:
    """Raise `GitError` where git is older than what is asked of it here."""
    said = _line("--version") or ""
    match = re.match(r"git version (\d+)\.(\d+)", said)
    if match is None or (int(match[1]), int(match[2])) < _OLDEST:
        wanted = ".".join(map(str, _OLDEST))
        raise GitError(
            f"git {wanted} or newer is needed; this one says {said!r}", hint="name two files or folders instead"
        )


class Repository:
    """The repository at a folder; `top` is its working tree, None where it is bare."""

    def __init__(self, cwd: str | None = None) -> None:
        """Find it; raises `UsageError` outside of any, `GitError` where git is too old or will not look into it."""
        self.cwd = cwd
        _require_version()
        try:
            out = run("rev-parse", "--absolute-git-dir", cwd=cwd)
        except GitError as error:
            if not error.message.startswith("not a git repository"):
                raise
            raise UsageError("not in a git repository", hint="name two files or folders to compare") from error
        assert out is not None
        self.folder = os.fsdecode(out).rstrip("\n")
        self.top = _line("rev-parse", "--show-toplevel", cwd=cwd)

    def is_revision(self, name: str) -> bool:
        """Say whether a name stands for a commit, or for a range of them."""
        ends = [end or "HEAD" for end in name.replace("...", "..").split("..")] if ".." in name else [name]
        return all(self._commit(end) is not None for end in ends) or self._before_first(ends[0]) is not None

    def _commit(self, name: str) -> str | None:
        if name.startswith("-"):
            return None
        return _line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{tree}}", cwd=self.cwd)

    def _before_first(self, name: str) -> str | None:
        """Return the empty tree for `REV^` and `REV~1` of a first commit, None for everything else."""
        base = next((name.removesuffix(end) for end in ("^", "~", "~1", "^1") if name.endswith(end)), None)
        if not base or self._commit(base) is None:
            return None
        parents = _line("rev-list", "--parents", "-n", "1", "--end-of-options", base, cwd=self.cwd)
        return self.empty_tree() if parents is not None and " " not in parents else None

    def blob(self, name: str) -> str | None:
        """Return the object that `REV:PATH`, `:PATH` or `:2:PATH` names, None where it names no file."""
        if ":" not in name or name.startswith("-"):
            return None
        oid = _line("rev-parse", "--verify", "--quiet", "--end-of-options", name, cwd=self.cwd)
        return oid if oid is not None and _line("cat-file", "-t", oid, cwd=self.cwd) == "blob" else None

    def conflicts(self, paths: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
        """Return the files that a merge left in conflict, from the top, each with its blobs: ours and theirs."""
        out = run("ls-files", "--unmerged", "-z", "--full-name", "--", *paths, cwd=self.cwd)
        assert out is not None
        found: dict[str, tuple[str | None, str | None]] = {}
        for line in out.split(b"\0"):
            head, mark, name = line.partition(b"\t")
            if not mark:
                continue
            _, oid, stage = head.decode().split()
            path = os.fsdecode(name)
            ours, theirs = found.get(path, (None, None))
            found[path] = (oid if stage == "2" else ours, oid if stage == "3" else theirs)
        return found

    def blobs_of(self, revisions: Sequence[str], paths: Sequence[str]) -> dict[str, set[str]]:
        """Return the blobs that git reads to show what changed, each with the paths that it has, newest first.

        A range stands for all of its commits, a revision for that commit, none for what HEAD holds at the paths.
        """
        found: dict[str, set[str]] = {}
        if not revisions:
            out = run("ls-tree", "-r", "-z", "--full-tree", "HEAD", *(["--", *paths] if paths else []), cwd=self.top)
            for line in (out or b"").split(b"\0"):
                head, mark, path = line.partition(b"\t")
                if mark and head.split()[1] == b"blob":
                    found.setdefault(head.split()[2].decode(), set()).add(os.fsdecode(path))
            return found
        for name in revisions:
            one = [] if ".." in name else ["-1"]
            out = run(
                "-c", "core.quotepath=off", "log", "--raw", "-z", "--no-abbrev", "--no-renames", "--format=", "-m",
                "--root", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--no-color", *one,
                self._resolved(name), "--", *paths, cwd=self.cwd,
            )  # fmt: skip
            for change in _raw(out or b""):
                for oid, place in ((change.new_oid, change.new_path), (change.old_oid, change.old_path)):
                    if oid is not None and place is not None:
                        found.setdefault(oid, set()).add(place)
        return found

    def empty_tree(self) -> str:
        """Return the name of the tree without files, in the repository's own hash."""
        out = run("hash-object", "-t", "tree", "--stdin", cwd=self.cwd)
        assert out is not None
        return out.decode().strip()

    def changes(self, revisions: Sequence[str], *, staged: bool, paths: Sequence[str]) -> list[FileChange]:
        """Return the files that differ: working tree against index, index against a commit, or commits.

        `revisions` as `git diff` takes them: REV, REV REV, REV..REV, REV...REV, or none. Renames are
        found by git's own measure; submodules and links are left out.
        Raises `GitError`, or `UsageError` in a bare repository without a second version.
        """
        asked = [self._resolved(name) for name in revisions]
        whole = len(asked) > 1 or any(".." in name for name in asked)
        if self.top is None and not whole:
            raise UsageError("a bare repository has no working tree", hint="name two revisions: REV..REV")
        if staged and whole:
            raise UsageError("--staged compares the index with one revision")
        flags = ["--cached"] if staged else []
        out = run(
            "-c", "core.quotepath=off", "-c", "diff.renames=true", "diff", "--raw", "-z", "--no-abbrev",
            "--find-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--no-color",
            "--no-relative", *flags, *asked, "--", *paths, cwd=self.cwd,
        )  # fmt: skip
        assert out is not None
        return list(_raw(out))

    def trees(self, revisions: Sequence[str], *, staged: bool) -> tuple[str | None, str | None]:
        """Return what stands before a path to name a file of either side of `changes`; None is the working tree."""
        if len(revisions) == 2:
            return self._tree(revisions[0]), self._tree(revisions[1])
        name = revisions[0] if revisions else ""
        left, mark, right = name.partition("..")
        if mark and right.startswith("."):
            right = right[1:]
            left = _line("merge-base", "--", left or "HEAD", right or "HEAD", cwd=self.cwd) or left
        if mark:
            return self._tree(left), self._tree(right)
        if not revisions and not staged:
            return ":", None
        return self._tree(name), ":" if staged else None

    def _tree(self, name: str) -> str:
        name = name or "HEAD"
        return f"{self._commit(name) or self._before_first(name) or self.empty_tree()}:"

    def holding(self, pattern: str, tree: str | None, folders: Iterable[str]) -> list[str]:
        """Return the files that hold an extended regular expression, right in one of the folders of a side."""
        where = [f":(top,literal){folder}/" if folder else ":(top,glob)*" for folder in folders]
        side = [] if tree is None else ["--cached"] if tree == ":" else [tree.removesuffix(":")]
        out = run(
            "grep",
            "-lzE",
            "--max-depth=0",
            "--full-name",
            "-e",
            pattern,
            *side,
            "--",
            *where,
            cwd=self.top,
            check=False,
        )
        names = [os.fsdecode(name) for name in (out or b"").split(b"\0") if name]
        return [name.removeprefix(tree) if tree else name for name in names]

    def versions(self, revisions: Sequence[str], paths: Sequence[str]) -> Iterator[Version]:
        """Yield every version of every file, each blob once, by the oldest commit that has it.

        `revisions` as `git log` takes them; none stands for all that branches, tags and HEAD reach.
        Raises `GitError` for one that git does not know.
        """
        for name in revisions:
            if name.startswith("-"):
                raise UsageError(f"{name} is no revision")
        out = run(
            "-c", "core.quotepath=off", "log", "--reverse", "--topo-order", "--format=%x01%H", "--raw", "-z", "--root",
            "--no-abbrev", "--no-renames", "--diff-merges=separate", "--diff-filter=AMT", "--no-ext-diff",
            "--no-textconv", "--ignore-submodules=all", "--no-color", "--no-relative",
            *(revisions or ("--all", "HEAD")), "--", *paths, cwd=self.cwd,
        )  # fmt: skip
        assert out is not None
        return _versions(out)

    def _resolved(self, name: str) -> str:
        """Return a revision as git can take it: a range from before the first commit begins at the empty tree."""
        if name.startswith("-"):
            raise UsageError(f"{name} is no revision")
        left, mark, right = name.partition("..")
        if self._commit(left or "HEAD") is None:
            empty = self._before_first(left)
            if empty is not None:
                return f"{empty}..{right.lstrip('.') or 'HEAD'}" if mark else empty
        return name

    @contextmanager
    def blobs(self) -> Iterator["Blobs"]:
        """Yield a reader of blobs that runs one git for all of them."""
        process = subprocess.Popen(
            ["git", "cat-file", "--batch"],  # noqa: S607 - as in `run`
            cwd=self.cwd,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Blobs(process.stdin, process.stdout)
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait()


class Blobs:
    """Reads blobs by their names through `git cat-file --batch`."""

    def __init__(self, asks: IO[bytes], answers: IO[bytes]) -> None:
        self._asks = asks
        self._answers = answers

    def read(self, oid: str) -> bytes:
        """Return a blob; raises `GitError` where the repository does not have it."""
        try:
            self._asks.write(oid.encode() + b"\n")
            self._asks.flush()
            head = self._answers.readline().split()
        except OSError as error:
            raise GitError("git cat-file ended early") from error
        if head[1:2] != [b"blob"]:
            raise GitError(f"git has no object {oid[:12]}", hint="fetch it, or compare other revisions")
        data = self._answers.read(int(head[2]))
        self._answers.read(1)
        return data


def _raw(out: bytes) -> Iterator[FileChange]:
    """Read `git diff --raw -z`: `:mode mode oid oid status`, then one path, or two for a rename."""
    fields = iter(out.split(b"\0"))
    for head in fields:
        if not head.startswith(b":"):
            continue
        old_mode, new_mode, old_oid, new_oid, letter = head[1:].decode().split()
        status = letter[0]
        first = os.fsdecode(next(fields))
        second = os.fsdecode(next(fields)) if status in "RC" else first
        if _SUBMODULE in (old_mode, new_mode) or _LINK in (old_mode, new_mode) or status == "U":
            continue
        has_old, has_new = old_mode != "000000" and status != "C", new_mode != "000000"
        yield FileChange(
            status,
            first if has_old else None,
            second if has_new else None,
            old_oid if has_old else None,
            new_oid if has_new and set(new_oid) != {"0"} else None,
        )


def _versions(out: bytes) -> Iterator[Version]:
    """Read `git log --raw -z`: a commit behind a byte of its own, then `:mode mode oid oid status` and a path."""
    commit = ""
    seen: set[str] = set()
    fields = iter(out.split(b"\0"))
    for field in fields:
        head = field.lstrip(b"\n")
        if head.startswith(b"\1"):
            commit, _, rest = head[1:].decode().partition("\n")
            head = rest.encode()
        if not head.startswith(b":"):
            continue
        _, new_mode, _, new_oid, _ = head[1:].decode().split()
        path = os.fsdecode(next(fields))
        if new_mode not in (_SUBMODULE, _LINK) and new_oid not in seen:
            seen.add(new_oid)
            yield Version(commit, path, new_oid)


def revision_names(cwd: str | None = None) -> list[str]:
    """Return the names of branches, tags and HEAD, for completion; none where there is no repository."""
    try:
        out = run("for-each-ref", "--format=%(refname:short)", cwd=cwd, check=False) or b""
    except CassetteError:
        return []
    names = out.decode("utf-8", "replace").split()
    return ["HEAD", *names] if names else []


class Settings:
    """git's settings, of one repository or of the user (`everywhere`)."""

    def __init__(self, cwd: str | None = None, *, everywhere: bool = False) -> None:
        self._cwd = cwd
        self._where = "--global" if everywhere else "--local"

    def get(self, key: str) -> str | None:
        """Return a setting of this place, None where it is not set here."""
        return _line("config", self._where, "--get", key, cwd=self._cwd)

    def put(self, key: str, value: str) -> None:
        """Set one; raises `GitError`."""
        run("config", self._where, key, value, cwd=self._cwd)

    def drop(self, key: str) -> None:
        """Unset one; nothing happens where it is not set."""
        run("config", self._where, "--unset-all", key, cwd=self._cwd, check=False)

    @staticmethod
    def effective(key: str, cwd: str | None = None) -> str | None:
        """Return a setting as git would find it, in whichever place."""
        return _line("config", "--get", key, cwd=cwd)

    @staticmethod
    def path(key: str) -> str | None:
        """Return a setting of the user that is a path, with `~` resolved."""
        return _line("config", "--global", "--type=path", "--get", key)


def common_folder(cwd: str | None = None) -> str:
    """Return the folder that all working trees of the repository share: attributes and settings live there."""
    found = _line("rev-parse", "--git-common-dir", cwd=cwd)
    if found is None:
        raise UsageError("not in a git repository", hint="use --global for all of your repositories")
    return os.path.normpath(os.path.join(cwd or os.getcwd(), found))


def attribute(name: str, paths: Sequence[str], cwd: str | None = None) -> dict[str, str]:
    """Return the value of an attribute for paths, as git resolves it."""
    data = b"".join(os.fsencode(path) + b"\0" for path in paths)
    out = run("check-attr", "-z", "--stdin", name, cwd=cwd, check=False, data=data) or b""
    fields = [os.fsdecode(field) for field in out.split(b"\0")]
    return {fields[i]: fields[i + 2] for i in range(0, len(fields) - 2, 3)}


class TextCache:
    """git's own cache of what a textconv printed: notes on blobs, good for one command line.

    As git's notes-cache.c writes it: a commit without parents whose message is the command, with a tree of notes.
    """

    def __init__(self, name: str, command: str, cwd: str | None = None) -> None:
        self._ref = f"refs/notes/textconv/{name}"
        self._command = command
        self._cwd = cwd
        subject = _line("log", "-1", "--format=%s", self._ref, "--", cwd=cwd)
        self._tree = _line("rev-parse", "--verify", "--quiet", f"{self._ref}^{{tree}}", cwd=cwd)
        if subject != command:
            self._tree = None

    def known(self) -> set[str]:
        """Return the blobs whose text is there."""
        if self._tree is None:
            return set()
        out = run("notes", "--ref", self._ref, "list", cwd=self._cwd) or b""
        return {line.split()[1].decode() for line in out.splitlines()}

    def add(self, texts: Iterable[tuple[str, bytes]]) -> int:
        """Put texts to blobs, in one commit that replaces the old one; returns how many. Raises `GitError`."""
        process = subprocess.Popen(
            ["git", "fast-import", "--quiet", "--force"],  # noqa: S607 - as in `run`
            cwd=self._cwd,
            env=environment(),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stderr is not None
        count = 0
        message = self._command.encode() + b"\n"
        head = b"commit %s\ncommitter cassette <cassette> now\ndata %d\n%s" % (
            self._ref.encode(),
            len(message),
            message,
        )
        try:
            # `from` the zero name: the commit has no parent, as those that git makes.
            process.stdin.write(b"feature date-format=now\nreset %s\n\n" % self._ref.encode() + head)
            if self._tree is not None:
                process.stdin.write(b'M 040000 %s ""\n' % self._tree.encode())
            for oid, text in texts:
                place = f"{oid[:2]}/{oid[2:]}".encode()
                process.stdin.write(b"M 100644 inline %s\ndata %d\n%s\n" % (place, len(text), text))
                count += 1
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says why below
        said = process.stderr.read().decode("utf-8", "replace").strip().split("\n")[0]
        process.stderr.close()
        if process.wait():
            raise GitError(f"git fast-import failed: {said}", hint="try: git gc")
        return count


def forget_notes(name: str, cwd: str | None = None) -> None:
    """Drop the notes in which git keeps what a textconv printed."""
    run("update-ref", "-d", f"refs/notes/textconv/{name}", cwd=cwd, check=False)
