"""What can go wrong, said once: each error has a place and a next step."""

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FOUND = 1
    FAILED = 2
    INTERRUPTED = 130


class CassetteError(Exception):
    """Anything a user can be told in one line; `__main__` turns it into exit code 2.

    `line` is 1-based; `hint` says what to do next, `HINT` where whoever raises it knows nothing better.
    """

    HINT: ClassVar[str | None] = None

    def __init__(
        self, message: str, *, path: "str | Path | None" = None, line: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.hint = hint or self.HINT

    def at(self, path: "str | Path") -> "CassetteError":
        """Return the error with a path, where it has none yet."""
        if self.path is None:
            self.path = path
        return self

    def __str__(self) -> str:
        name = str(self.path) or "''"
        place = "" if self.path is None else f"{name}: " if self.line is None else f"{name}:{self.line}: "
        return f"{place}{self.message}"


class UnreadableFileError(CassetteError):
    """The file cannot be opened, or its bytes are not text."""

    HINT = "check the path"


class ParseError(CassetteError):
    """The text is not the YAML or JSON that it claims to be."""


class NotACassetteError(CassetteError):
    """The text parses, and no recorder would have written it."""


class UnsupportedError(NotACassetteError):
    """A file of a recorder, or of a server of stubs, that is known by its `name` and not read."""

    name: str = ""
    recording: bool = True


class MalformedCassetteError(CassetteError):
    """A recorder's format, with a part missing or of the wrong kind."""

    HINT = "fix the file, or record it again"


class EditError(CassetteError):
    """An edit that cannot be made without touching something else."""

    HINT = "the file is as it was; change this place by hand"


class SaveError(CassetteError):
    """The new text could not replace the old one; the old one is untouched."""

    HINT = "the file is as it was; check space and permissions"


class UsageError(CassetteError):
    """The command line asks for something that cannot be."""
