"""`cassette join`: several cassettes into one."""

import os
import sys
from typing import Annotated

import typer

from cassette_cli.commands.options import Choice, choosing
from cassette_cli.errors import Exit, UsageError
from cassette_cli.operations.saving import editable, store_new


@choosing
def command(
    choice: Choice,
    output_file: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Write there, - for standard output.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> int:
    """Write several cassettes of one recorder as one, in the order in which they are named.

    Items are copied byte for byte; header and footer are those of the first.
    """
    from cassette_cli.operations.edit.splitting import join
    from cassette_cli.operations.selecting import Selection
    from cassette_cli.operations.sizes import counted
    from cassette_cli.render.inert import inert_line

    if output_file != "-" and os.path.lexists(output_file) and not force:
        raise UsageError("already exists", path=output_file, hint="add --force to replace it")
    if choice.selection != Selection(protocol=choice.selection.protocol) or any(
        "#" in p and not os.path.lexists(p) for p in choice.paths.named
    ):
        raise UsageError("join takes whole cassettes", hint="cassette keep takes interactions out of one")
    cassettes = [loaded for loaded in choice.cassettes() if editable(loaded)]
    if choice.failures.errors:
        return Exit.FAILED
    document = join(cassettes, choice.paths.input_format)
    if output_file == "-":
        choice.output.data(document.raw)
        return Exit.OK
    store_new(output_file, document)
    count = sum(len(loaded.cassette.interactions) for loaded in cassettes)
    facts = f"  {counted(count, 'interaction')} of {counted(len(cassettes), 'cassette')}"
    choice.output.lines([[(inert_line(output_file), "bold"), (facts, "")]])
    sys.stdout.flush()
    return Exit.OK
