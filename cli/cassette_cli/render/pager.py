"""A pager for long output on a terminal, as git has it."""

import io
import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cassette_cli.render.output import Color, Output


def command() -> list[str]:
    """Return the pager's command line, empty where output is not paged: CASSETTE_PAGER, then PAGER, then less."""
    chosen = os.environ.get("CASSETTE_PAGER", os.environ.get("PAGER", "less"))
    try:
        words = shlex.split(chosen)
    except ValueError:
        return []
    return [] if words in ([], ["cat"]) else words


@contextmanager
def paged(output: Output, *, wanted: bool = True) -> Iterator[Output]:
    """Yield an output that goes through the pager, or the same one where nobody reads along.

    Leaving the pager early is no failure.
    """
    words = command() if wanted and output.terminal else []
    try:
        # As git: stop at once where all fits on a screen, keep colours, leave the text behind.
        process = subprocess.Popen(  # noqa: S603 - the user's own pager, without a shell
            words, stdin=subprocess.PIPE, env={"LESS": "FRX", "LV": "-c", **os.environ}
        ) if words else None  # fmt: skip
    except OSError:
        process = None
    if process is None or process.stdin is None:
        yield output
        return
    output.stream.flush()
    stream = io.TextIOWrapper(process.stdin, encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        yield Output(Color.ALWAYS if output.styled else Color.NEVER, stream)
    except (BrokenPipeError, SystemExit):
        pass  # Rich turns the one into the other
    finally:
        with suppress(OSError):
            stream.close()
        process.wait()
