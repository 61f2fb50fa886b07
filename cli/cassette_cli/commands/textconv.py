"""`cassette textconv`: what git calls to compare cassettes as text; it never fails.

As git calls it, `__main__` takes the arguments by itself: Typer would take half of the time.
"""

from typing import Annotated

import typer


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A cassette, or - for stdin.")],
    view: Annotated[
        int | None,
        typer.Option(metavar="N", help="Which text git has kept; `cassette git install` writes it."),
    ] = None,
) -> int:
    """Print a cassette as stable text for git; what cannot be read is printed as it is, and the exit code is 0."""
    del view  # it is part of the command line for git, whose cache ends when that changes
    from cassette_cli.render import textconv

    return textconv.write(file)
