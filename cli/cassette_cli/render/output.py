"""Where output goes: styled to a terminal, plain to a pipe, and quietly away when the reader has left."""

import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, Any, TextIO

from cassette_cli.errors import CassetteError
from cassette_cli.render.inert import inert_json, inert_line

if TYPE_CHECKING:
    from rich.console import Console


class Color(StrEnum):
    """When output is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


_PART = 1 << 20
_AT_ONCE = 1000
"""How many lines are written at once: the text of a long body would take as much as the body."""

Line = list[tuple[str, str]]
"""A line as pieces of (text, style name); style names are Rich's, "" for none."""


def human_size(size: int) -> str:
    """Return a size in bytes as people read it, in powers of 1000: `38.3 kB`."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def human_time(milliseconds: float) -> str:
    """Return a duration as people read it: `168 ms`, `2.4 s`."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def json_line(document: dict[str, Any]) -> str:
    """Return one line of JSON Lines, in UTF-8 as it was recorded; what JSON has no number for is null."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(document), ensure_ascii=False)
    return text if text.isascii() and "\x7f" not in text else inert_json(text)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def is_terminal(stream: TextIO) -> bool:
    """Say whether a stream ends at a terminal."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def wants_color(color: Color, stream: TextIO) -> bool:
    """Decide on colour: the option first, then FORCE_COLOR and NO_COLOR, then the terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


class Output:
    """Standard output as the command sees it."""

    def __init__(self, color: Color = Color.AUTO, stream: TextIO | None = None) -> None:
        self.color = color
        self.stream = sys.stdout if stream is None else stream

    @property
    def styled(self) -> bool:
        """Whether pieces keep their styles."""
        return wants_color(self.color, self.stream)

    @property
    def terminal(self) -> bool:
        """Whether a person reads along: then tables fit the width, else nothing is cut or wrapped."""
        return is_terminal(self.stream)

    @property
    def width(self) -> int:
        """The terminal's width in columns; where there is none, more than any line has."""
        if not self.terminal:
            return 1 << 20
        from shutil import get_terminal_size

        return get_terminal_size((80, 24)).columns

    def console(self) -> "Console":
        """Return a Rich console on this output."""
        from rich.console import Console

        class Quiet(Console):
            """Lets `__main__` deal with a reader that leaves; Rich would end the process with 1."""

            def on_broken_pipe(self) -> None:
                raise  # noqa: PLE0704 - Rich calls this while it handles the BrokenPipeError

        return Quiet(
            file=self.stream,
            width=None if self.terminal else 1 << 15,
            force_terminal=True if self.styled else None,
            color_system="auto" if self.styled else None,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=not self.terminal,
        )

    def text(self, text: str) -> None:
        """Write text as it is, and a line feed; of a long text a part at a time, for the stream holds it as bytes."""
        for at in range(0, len(text) - _PART, _PART):
            self.stream.write(text[at : at + _PART])
        self.stream.write(text[(len(text) - 1) // _PART * _PART :] + "\n")

    def texts(self, texts: Iterable[str]) -> None:
        """Write texts as they are, each as soon as it is there."""
        for text in texts:
            self.stream.write(text)

    def data(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.stream.flush()
        self.stream.buffer.write(data)
        self.stream.buffer.flush()

    def lines(self, lines: Iterable[Line], *, crop: bool = False, wrap: bool = True) -> None:
        """Write lines of styled pieces; to a terminal wrapped at words, or cropped at its width.

        Without `wrap` the terminal itself breaks them: a path that it may open, or that is copied, stays whole.
        """
        if not self.styled and not self.terminal:
            plain = ("".join(piece for piece, _ in line) + "\n" for line in lines)
            while some := "".join(islice(plain, _AT_ONCE)):
                self.stream.write(some)
            return
        from rich.text import Text

        console = self.console()
        for line in lines:
            text = Text.assemble(*line)
            console.print(
                text,
                no_wrap=crop or not wrap,
                overflow="ellipsis" if crop else "fold" if wrap else "ignore",
                crop=crop,
                soft_wrap=not (self.terminal and wrap),
            )


def summarize(text: str, color: Color = Color.AUTO) -> None:
    """Write the last line of a run, for people, to standard error: what was done, or that there was nothing to do."""
    Output(color, sys.stderr).text(f"cassette: {text}")


def complain(error: CassetteError, stream: TextIO | None = None, color: Color = Color.AUTO) -> None:
    """Write an error to standard error: place, message, and what to do next."""
    stream = stream or sys.stderr
    message = f"cassette: {inert_line(str(error))}"
    if wants_color(color, stream):
        message = f"\x1b[31mcassette:\x1b[0m {inert_line(str(error))}"
    if error.hint:
        message += f"\n  {inert_line(error.hint)}"
    try:
        stream.write(message + "\n")
        stream.flush()
    except OSError:  # a reader who has left, a full disk behind `2>`
        forget(stream)


def forget(stream: TextIO) -> None:
    """Drop what a stream does not take: at exit Python would try once more, and change the exit code."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
