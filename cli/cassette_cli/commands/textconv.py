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
    from cassette_cli.errors import CassetteError, UnreadableFileError
    from cassette_cli.operations import textconv
    from cassette_cli.operations.loading import read_input
    from cassette_cli.render.output import complain

    raw = b""
    try:
        raw = read_input(file)
        out = textconv.convert(raw, file).encode("utf-8", "backslashreplace")
    except CassetteError as error:
        if not raw and isinstance(error, UnreadableFileError):
            complain(error)  # there is nothing to fall back to
        out = raw
    except Exception as error:  # noqa: BLE001 - git dies of any other exit code than 0
        sys.stderr.write(f"cassette: {file}: {type(error).__name__}: {error}\n")
        out = raw
    sys.stdout.flush()
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    return Exit.OK
