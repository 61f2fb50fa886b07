"""`cassette split`: one cassette into several."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from cassette_cli.commands.options import Choice, choosing
from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations.saving import editable, store_new


class By(StrEnum):
    """What tells the parts apart."""

    interaction = "interaction"
    host = "host"
    model = "model"


@choosing
def command(
    choice: Choice,
    folder: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="Write them there; made if need be.")],
    by: Annotated[By, typer.Option("--by", help="A file for each of these.")] = By.interaction,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> int:
    """Write a cassette as several: one an interaction, a host or a model; the old one stays.

    Items are copied byte for byte, header and footer are the cassette's own. The files are numbered, with
    zeros in front, so that a glob gives their order; `cassette join` puts them together again.
    """
    from cassette_cli.operations.edit.splitting import lost, split
    from cassette_cli.operations.sizes import counted
    from cassette_cli.render.inert import inert_line

    if folder == "-":
        raise UsageError("-o - is not a folder: split writes files", hint="name a folder with -o")
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise UsageError("a file, not a folder", path=folder, hint="name a folder with -o")
    for loaded in choice.cassettes():
        if not editable(loaded):
            continue
        try:
            pieces = split(loaded, by.value, choice.paths.input_format)
        except CassetteError as error:
            choice.failures(error)
            continue
        taken = [piece.name for piece in pieces if os.path.lexists(os.path.join(folder, piece.name))]
        if taken and not force:
            raise UsageError("already exists", path=os.path.join(folder, taken[0]), hint="add --force to replace it")
        os.makedirs(folder, exist_ok=True)
        for piece in pieces:
            store_new(os.path.join(folder, piece.name), piece.document)
        path = inert_line(loaded.cassette.path)
        choice.output.lines(
            [[(path, "bold"), (f"  {counted(len(pieces), 'file')} written to {inert_line(folder)}", "")]]
        )
        for words in lost(loaded.cassette, pieces):
            sys.stderr.write(f"cassette: {path}: note: {inert_line(words)}\n")
    return choice.done()
