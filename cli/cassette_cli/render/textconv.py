"""`cassette textconv`: bytes for git, and what is wrong to standard error."""

import sys

from cassette_cli.errors import Exit, UnreadableFileError
from cassette_cli.operations import textconv
from cassette_cli.source.document import Input
from cassette_cli.source.save import read_input


def write(file: str) -> int:
    """Write a cassette as stable text, and what cannot be read as it is."""
    try:
        given = Input(read_input(file))
    except UnreadableFileError as error:
        from cassette_cli.render.output import complain

        complain(error)  # there is nothing to fall back to
        return Exit.OK
    out = textconv.printed(given, file, tell=lambda said: sys.stderr.write(f"cassette: {said}\n"))
    sys.stdout.flush()
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    return Exit.OK
