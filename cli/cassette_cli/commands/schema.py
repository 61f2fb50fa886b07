"""`cassette schema`: the JSON Schemas of outputs and settings."""

import json
from typing import Annotated

import typer

from cassette_cli import schemas
from cassette_cli.commands.options import one_of
from cassette_cli.errors import Exit
from cassette_cli.render.output import Output


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A verb, or settings; without it, all are listed.",
                                   **one_of(schemas.names))
    ] = None,
) -> int:  # fmt: skip
    """Print the JSON Schema of a line that a verb prints with --json, or of the settings."""
    output = Output()
    if name is not None:
        output.text(schemas.text(name).rstrip("\n"))
        return Exit.OK
    for one in schemas.names():
        title = json.loads(schemas.text(one))["title"]
        output.lines([[(f"{one:<16}", "bold"), (title, "")]] if output.terminal else [[(f"{one}\t{title}", "")]])
    return Exit.OK
