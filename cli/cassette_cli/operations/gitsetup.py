"""`cassette git`: the settings and attributes that make git compare cassettes by `cassette textconv`.

What is written is marked, so that it can be undone to the byte; what others wrote is left alone.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cassette_cli import git
from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations.textconv import VIEW

FOLDERS: Final = ("cassettes", "vcr_cassettes", "vcr", "recordings", "testdata", "fixtures")
PATTERNS: Final = tuple(f"**/{folder}/**/*.{ending}" for folder in FOLDERS for ending in ("yaml", "yml", "json"))
"""Where recorders put cassettes by their habit; other files there are shown by git as before."""

_BEGIN = "# >>> cassette git install: `cassette git uninstall` removes this block"
_BEGIN_JOINED = _BEGIN + ", and the line end before it"
_BEGIN_NEW = _BEGIN + ", and this file"
_END = "# <<< cassette git install"
_ADDED = "diff.cassette.added"


@dataclass(slots=True)
class Done:
    """What was done, a line each, and whether anything was."""

    lines: list[str] = field(default_factory=list)
    changed: bool = False

    def did(self, line: str) -> None:
        """Note a change."""
        self.lines.append(line)
        self.changed = True


@dataclass(frozen=True, slots=True)
class Place:
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
    return " textconv --view " in value if key == "diff.cassette.textconv" else value == wanted()[key]


def install(place: Place, patterns: Sequence[str] = ()) -> Done:
    """Write settings and attributes; a second run changes nothing.

    Raises `UsageError` where a textconv of someone else is set, `GitError` where git refuses.
    """
    done = Done()
    path = place.attributes()
    settings = place.settings
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
    if done.changed:
        settings.put(_ADDED, " ".join(added))
    _write_block(path, patterns or _patterns(path) or PATTERNS, done)
    return done


def uninstall(place: Place) -> Done:
    """Take out exactly what `install` wrote."""
    done = Done()
    settings = place.settings
    for key in (settings.get(_ADDED) or "").split():
        value = settings.get(key)
        if value is not None and _is_ours(key, value):
            settings.drop(key)
            done.did(f"unset {key}")
    if settings.get(_ADDED) is not None:
        settings.drop(_ADDED)
        done.changed = True
    if not place.everywhere:
        git.forget_notes("cassette", place.cwd)
    _drop_block(place.attributes(), done)
    return done


def status(place: Place) -> tuple[list[str], bool]:
    """Return what is installed, a line each, and whether git compares cassettes by us."""
    lines = []
    value = git.Settings.effective("diff.cassette.textconv", place.cwd)
    works = value is not None
    lines.append(f"diff.cassette.textconv = {value}" if value else "diff.cassette.textconv is not set")
    if value is not None and f"--view {VIEW}" not in value:
        lines.append(f"its view is not {VIEW}: run `cassette git install` again, or git shows what it kept")
        works = False
    found = False
    for one in (place, Place(local=True, cwd=place.cwd), Place(everywhere=True)):
        try:
            path = one.attributes()
        except CassetteError:
            continue
        patterns = _patterns(path)
        if patterns and path not in "\n".join(lines):
            found = True
            lines.append(f"{path}: {len(patterns)} patterns")
    if not found:
        lines.append("no attributes are installed")
    return lines, works and found


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
    return [os.fsdecode(line).rsplit(" ", 1)[0].strip('"') for line in block[1:-1]]


def _write_block(path: str, patterns: Sequence[str], done: Done) -> None:
    text = _read(path)
    before, block, after = _split(text)
    newline = b"\r\n" if b"\r\n" in text else b"\n"
    begin = block[0].strip() if block else b""
    if not block:
        begin = (_BEGIN_NEW if not os.path.exists(path) else _BEGIN).encode()
        if before and not before.endswith(b"\n"):
            before, begin = before + newline, _BEGIN_JOINED.encode()
    rows = [begin, *(os.fsencode(f"{_quoted(pattern)} diff=cassette") for pattern in patterns), _END.encode()]
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
