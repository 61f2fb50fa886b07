"""`cassette textconv`: what git calls to compare cassettes as text; it never fails."""

import sys
from typing import Annotated

import typer

from cassette_cli.errors import Exit


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A cassette, or - for stdin.")],
    view: Annotated[
        int | None,
        typer.Option(metavar="N", help="Which text git has kept; `cassette git install` writes it."),
    ] = None,
) -> int:
    """Print a cassette as stable text for git; what cannot be read is printed as it is, and the exit code is 0."""
    del view  # it is part of the command line for git, whose cache ends when that changes
    from cassette_cli.errors import UnreadableFileError
    from cassette_cli.operations import textconv
    from cassette_cli.operations.loading import read_input
    from cassette_cli.render.output import complain

    try:
        raw = read_input(file)
    except UnreadableFileError as error:
        complain(error)  # there is nothing to fall back to
        return Exit.OK
    out = textconv.printed(raw, file, tell=lambda said: sys.stderr.write(f"cassette: {said}\n"))
    sys.stdout.flush()
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    return Exit.OK
