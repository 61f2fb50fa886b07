"""`cassette git`: what makes git compare cassettes by `cassette textconv`, and what fills its cache of that text.

What is written is marked, so that it can be undone to the byte; what others wrote is left alone.
"""

import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from cassette_cli import git
from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations.jobs import Lost, ordered
from cassette_cli.operations.textconv import MASK_KEY, VIEW, key_of_git, printed

FOLDERS: Final = ("cassettes", "vcr_cassettes", "vcr", "recordings", "testdata", "fixtures")
PATTERNS: Final = tuple(f"**/{folder}/**/*.{ending}" for folder in FOLDERS for ending in ("yaml", "yml", "json"))
"""Where recorders put cassettes by their habit; other files there are shown by git as before."""

_BEGIN = "# >>> cassette git install: `cassette git uninstall` removes this block"
_BEGIN_JOINED = _BEGIN + ", and the line end before it"
_BEGIN_NEW = _BEGIN + ", and this file"
_END = "# <<< cassette git install"
_ADDED = "diff.cassette.added"
_ATTRIBUTES = "diff=cassette merge=binary"
"""git's merge of text would make a recording that no program ever made."""
_SAMPLE = b"""version: 2
interactions:
- request: {method: GET, url: "https://api.example.com/tide", body: ""}
  response: {status: 200 OK, code: 200, body: "low"}
"""
"""What `status` has git's command convert."""


@dataclass(slots=True)
class Done:
    """What was done, a line each, and whether anything was."""

    lines: list[str] = field(default_factory=list)
    changed: bool = False

    def did(self, line: str) -> None:
        """Note a change."""
        self.lines.append(line)
        self.changed = True


class Scope(NamedTuple):
    """Where to write: the user's own settings, or those of the repository at a folder.

    `local` puts the attributes into the repository's own folder, where they override a committed `-diff`.
    """

    everywhere: bool = False
    local: bool = False
    cwd: str | None = None

    @property
    def settings(self) -> git.Settings:
        """The git settings to write to."""
        return git.Settings(self.cwd, everywhere=self.everywhere)

    def attributes(self) -> str:
        """Return the path of the attributes file."""
        if self.everywhere:
            chosen = git.Settings.path("core.attributesFile")
            home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
            return chosen or os.path.join(home, "git", "attributes")
        if self.local:
            return os.path.join(git.common_folder(self.cwd), "info", "attributes")
        repository = git.Repository(self.cwd)
        if repository.top is None:
            raise UsageError("a bare repository has no .gitattributes", hint="use --local")
        return os.path.join(repository.top, ".gitattributes")


def command_line(name: str) -> str:
    """Return how git shall call a verb of ours: by its name where the shell finds it, else by this Python."""
    if shutil.which("cassette"):
        return f"cassette {name}"
    return f"{shlex.quote(sys.executable)} -m cassette_cli {name}"


def wanted() -> dict[str, str]:
    """Return the settings that are installed."""
    return {
        "diff.cassette.textconv": command_line(f"textconv --view {VIEW}"),
        "diff.cassette.cachetextconv": "true",
        # The line of an interaction, so that hunks say where they are.
        "diff.cassette.xfuncname": "^([A-Z]+ [^ ]+ .*)$",
        "difftool.cassette.cmd": command_line('diff --no-pager "$LOCAL" "$REMOTE"'),
    }


def _is_ours(key: str, value: str) -> bool:
    if key == MASK_KEY:
        return True
    return " textconv --view " in value if key == "diff.cassette.textconv" else value == wanted()[key]


def install(scope: Scope, patterns: Sequence[str] = ()) -> Done:
    """Write settings and attributes; a second run changes nothing.

    Raises `UsageError` where a textconv of someone else is set, `GitError` where git refuses.
    """
    done = Done()
    path = scope.attributes()
    settings = scope.settings
    added = (settings.get(_ADDED) or "").split()
    for key, value in wanted().items():
        found = settings.get(key)
        if found == value:
            continue
        if found is not None and not _is_ours(key, found):
            if key == "diff.cassette.textconv":
                raise UsageError(f"{key} is set to something else: {found}", hint=f"unset it: git config --unset {key}")
            done.lines.append(f"left {key} as it is: {found}")
            continue
        settings.put(key, value)
        done.did(f"set {key} = {value}")
        if found is None and key not in added:
            added.append(key)
    if settings.get(MASK_KEY) is None:
        settings.put(MASK_KEY, secrets.token_hex(16))
        done.did(f"set {MASK_KEY}: masked secrets that differ are told apart by a hash")
        added.append(MASK_KEY)
    if done.changed:
        settings.put(_ADDED, " ".join(added))
    _write_block(path, patterns or _patterns(path) or PATTERNS, done)
    return done


def uninstall(scope: Scope) -> Done:
    """Take out exactly what `install` wrote."""
    done = Done()
    settings = scope.settings
    for key in (settings.get(_ADDED) or "").split():
        value = settings.get(key)
        if value is not None and _is_ours(key, value):
            settings.drop(key)
            done.did(f"unset {key}")
    if settings.get(_ADDED) is not None:
        settings.drop(_ADDED)
        done.changed = True
    if not scope.everywhere:
        git.forget_notes("cassette", scope.cwd)
    _drop_block(scope.attributes(), done)
    return done


def status(scope: Scope) -> tuple[list[str], bool]:
    """Return what is installed, a line each, and whether git compares cassettes by us.

    Raises `UsageError` outside of a repository.
    """
    if not scope.everywhere:
        git.common_folder(scope.cwd)
    lines = []
    value = git.Settings.effective("diff.cassette.textconv", scope.cwd)
    works = value is not None
    lines.append(f"diff.cassette.textconv = {value}" if value else "diff.cassette.textconv is not set")
    if value is not None and f"--view {VIEW}" not in value:
        lines.append(f"its view is not {VIEW}: run `cassette git install` again, or git shows what it kept")
        works = False
    if value is not None:
        fault = _fault(value)
        lines.append(f"that command does not work: {fault}" if fault else "that command works")
        works = works and not fault
    found = False
    for one in (scope, Scope(local=True, cwd=scope.cwd), Scope(everywhere=True)):
        try:
            path = one.attributes()
        except CassetteError:
            continue
        patterns = _patterns(path)
        if patterns and path not in "\n".join(lines):
            found = True
            lines.append(f"{path}: {len(patterns)} patterns")
            if f" {_ATTRIBUTES}" not in _read(path).decode("utf-8", "replace"):
                lines.append("they let git merge cassettes as text: run `cassette git install` again")
                works = False
    if not found:
        lines.append("no attributes are installed")
    return lines, works and found


def _fault(command: str) -> str | None:
    """Run git's command for one cassette, as git does, and return what is wrong with it."""
    folder = tempfile.mkdtemp(prefix="cassette-")
    path = os.path.join(folder, "sample.yaml")
    try:
        Path(path).write_bytes(_SAMPLE)
        # As git runs it: by the shell, the file's name behind it.
        done = subprocess.run(  # noqa: S603 - the command that git would run
            ["sh", "-c", f'{command} "$@"', command, path],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except OSError as error:
        return error.strerror or str(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
    if done.returncode:
        return f"it ends with {done.returncode}" + (f", {said}" if said else "")
    return None if done.stdout.startswith(b"cassette ") else "it prints no text of a cassette"


def warm(revisions: Sequence[str], paths: Sequence[str], jobs: int | None = None, cwd: str | None = None) -> Done:
    """Fill git's cache of converted text for what it shows of revisions, or of HEAD at paths; over all cores.

    Raises `UsageError` outside of a repository, and where git does not use our command or no cache.
    """
    repository = git.Repository(cwd)
    command = git.Settings.effective("diff.cassette.textconv", cwd)
    if command is None or not _is_ours("diff.cassette.textconv", command) or f"--view {VIEW}" not in command:
        raise UsageError("git does not convert cassettes by this version", hint="run: cassette git install")
    if git.Settings.effective("diff.cassette.cachetextconv", cwd) != "true":
        raise UsageError("git keeps no text here", hint="run: git config diff.cassette.cachetextconv true")
    cache = git.TextCache("cassette", command, cwd)
    known = cache.known()
    blobs = repository.blobs_of(revisions, paths)
    if paths and not revisions and not blobs:
        raise UsageError(f"{' '.join(paths)}: neither a revision nor a path of HEAD", hint="check the name")
    found = git.attribute("diff", sorted(set().union(*blobs.values())), repository.top or cwd)
    ours = {path for path, value in found.items() if value == "cassette"}
    wanted = {oid: min(places & ours) for oid, places in blobs.items() if places & ours}
    missing = [(oid, path) for oid, path in wanted.items() if oid not in known]
    done = Done()
    if missing:
        count = cache.add(_texts(repository, missing, jobs))
        others = "; git had the others" if len(missing) < len(wanted) else ""
        done.did(f"converted {count} of {len(wanted)} versions of cassettes{others}")
    else:
        done.lines.append(f"git has all {len(wanted)} versions of cassettes" if wanted else "no cassettes there")
    return done


def _texts(
    repository: git.Repository, wanted: Sequence[tuple[str, str]], jobs: int | None
) -> Iterator[tuple[str, bytes]]:
    """Yield blobs with what git would be printed of them."""
    key = key_of_git()
    with repository.blobs() as blobs:
        things = ((oid, os.path.basename(path), blobs.read(oid)) for oid, path in wanted)
        work = partial(_converted, key)
        for (oid, _, raw), found in ordered(work, things, lambda thing: len(thing[2]), jobs):
            yield oid, raw if isinstance(found, Lost) else found


def _converted(key: str | None, thing: tuple[str, str, bytes]) -> bytes:
    return printed(thing[2], thing[1], lambda: key)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise CassetteError(f"cannot be read: {error.strerror}", path=path) from error


def _write(path: str, data: bytes) -> None:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).write_bytes(data)
    except OSError as error:
        raise CassetteError(f"cannot be written: {error.strerror}", path=path) from error


def _split(text: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Return what stands before our block, its lines, and what stands behind it."""
    lines = text.splitlines(keepends=True)
    begins = [i for i, line in enumerate(lines) if line.startswith(_BEGIN.encode())]
    ends = [i for i, line in enumerate(lines) if line.strip() == _END.encode()]
    if not begins or not ends or ends[-1] < begins[0]:
        return text, [], b""
    return b"".join(lines[: begins[0]]), lines[begins[0] : ends[-1] + 1], b"".join(lines[ends[-1] + 1 :])


def _patterns(path: str) -> list[str]:
    """Return the patterns of our block."""
    _, block, _ = _split(_read(path))
    return [os.fsdecode(line).partition(" diff=")[0].strip('"') for line in block[1:-1]]


def _write_block(path: str, patterns: Sequence[str], done: Done) -> None:
    text = _read(path)
    before, block, after = _split(text)
    newline = b"\r\n" if b"\r\n" in text else b"\n"
    begin = block[0].strip() if block else b""
    if not block:
        begin = (_BEGIN_NEW if not os.path.exists(path) else _BEGIN).encode()
        if before and not before.endswith(b"\n"):
            before, begin = before + newline, _BEGIN_JOINED.encode()
    rows = [begin, *(os.fsencode(f"{_quoted(pattern)} {_ATTRIBUTES}") for pattern in patterns), _END.encode()]
    new = before + b"".join(row + newline for row in rows) + after
    if new == text:
        done.lines.append(f"{path} has the attributes already")
        return
    _write(path, new)
    done.did(f"wrote {len(patterns)} patterns to {path}")


def _quoted(pattern: str) -> str:
    if "\n" in pattern:
        raise UsageError("a pattern cannot hold a line break")
    if " " not in pattern and '"' not in pattern:
        return pattern
    return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _drop_block(path: str, done: Done) -> None:
    before, block, after = _split(_read(path))
    if not block:
        return
    begin = block[0].strip()
    if begin == _BEGIN_JOINED.encode() and not after:
        before = before.removesuffix(b"\n").removesuffix(b"\r")
    if begin == _BEGIN_NEW.encode() and not before and not after:
        os.unlink(path)
        done.did(f"removed {path}")
        return
    _write(path, before + after)
    done.did(f"removed the block from {path}")
