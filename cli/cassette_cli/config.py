"""The project's own settings: `[tool.cassette]` in pyproject.toml, or a `.cassette.toml` beside it.

Each verb has a table (`[tool.cassette.redact]`, in `.cassette.toml` just `[redact]`), so that a hook,
CI and a run by hand do the same. What is given on the command line goes first.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cassette_cli.errors import UsageError
from cassette_cli.source.later import pattern

NAMES = (".cassette.toml", "pyproject.toml")
TABLES = ("redact", "trim", "diff", "check")
_MAY_BE_OURS = pattern(rb"""(?m)tool["'\s]*\.["'\s]*cassette|^\s*\[?["'\s]*tool["'\s]*[\]=]|\\[uU]|\0""")
"""What a pyproject.toml with `[tool.cassette]` has, however it is written: parsing takes as long as a small run."""


class Section(NamedTuple):
    """One verb's settings, read with their types checked; `path` is the file they stand in."""

    name: str
    values: Mapping[str, Any]
    path: str | None = None

    def known(self, *names: str) -> None:
        """Raise `UsageError` for a setting that the verb does not have: a typo must not pass for a rule."""
        for key in self.values:
            if key not in names:
                raise self.wrong(key, f"is unknown; known are {', '.join(sorted(names))}")

    def flag(self, key: str, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def text(self, key: str) -> str | None:
        """Return a string, None where it is not set."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, "must be a string")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; a single string counts as one."""
        value = self.values.get(key, [])
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "must be a list of strings")
        return tuple(value)

    def number(self, key: str) -> int | None:
        """Return a whole number, None where it is not set."""
        value = self.values.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.wrong(key, "must be a whole number")
        return value

    def table(self, key: str) -> dict[str, str]:
        """Return a table of strings."""
        value = self.values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(key, "must be a table of strings")
        return value

    def beside(self, file: str) -> str:
        """Return the path of a file that a setting names: it counts from the folder of the settings."""
        return file if self.path is None else os.path.join(os.path.dirname(self.path), file)

    def wrong(self, key: str, why: str) -> UsageError:
        """Make the error for a setting."""
        return UsageError(f"{self.name}.{key} {why}", path=self.path, hint="fix the setting, or remove the line")


def section(name: str, start: str | Path | None = None) -> Section:
    """Return a verb's settings from the nearest settings file at or above a folder.

    The search ends at the folder that holds `.git`. Raises `UsageError` where the file is no TOML.
    """
    try:
        folder = Path(start or Path.cwd()).resolve()
    except (OSError, RuntimeError):  # the working folder was removed
        return Section(name, {})
    for place in (folder, *folder.parents):
        for file in NAMES:
            path = place / file
            if os.path.isfile(path):
                table = _read(path)
                if table is not None:
                    _known(table, path)
                    values = table.get(name, {})
                    if not isinstance(values, dict):
                        raise UsageError(f"{name} must be a table", path=path, hint=f"write [{name}]")
                    return Section(name, values, str(path))
        if os.path.exists(place / ".git"):
            break
    return Section(name, {})


def _known(tables: Mapping[str, Any], path: Path) -> None:
    for name in tables:
        if name not in TABLES:
            hint = f"known are {', '.join(TABLES)}"
            raise UsageError(f"unknown setting {name!r} of cassette", path=path, hint=hint)


def _read(path: Path) -> dict[str, Any] | None:
    """Return the tables of a settings file, None for a pyproject.toml that has none of ours."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error}", path=path, hint="fix the settings file") from error
    if path.name != ".cassette.toml" and not _MAY_BE_OURS.search(raw):
        return None
    import tomllib

    try:
        document = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not valid TOML: {error}", path=path, hint="fix the settings file") from error
    except RecursionError as error:
        raise UsageError(f"cannot be read: {error}", path=path, hint="fix the settings file") from error
    if path.name == ".cassette.toml":
        return document
    tool = document.get("tool")
    found = tool.get("cassette") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else None
