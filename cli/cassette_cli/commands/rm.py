"""`cassette rm`: take interactions out of cassettes."""

from collections.abc import Iterator
from typing import Annotated

import typer

from cassette_cli.commands.changing import Changes
from cassette_cli.commands.options import CheckOption, Choice, DiffOption, OutputOption, choosing
from cassette_cli.operations.edit.changing import Summary
from cassette_cli.operations.loading import Loaded

ForceOption = Annotated[
    bool,
    typer.Option("--force", help="Remove interactions that others still need; replace the file of -o, if it is there."),
]
AllOption = Annotated[bool, typer.Option("--all", help="Allow a cassette to be left empty.")]


@choosing
def command(
    choice: Choice,
    force: ForceOption = False,
    everything: AllOption = False,
    check: CheckOption = False,
    show_diff: DiffOption = False,
    output_file: OutputOption = None,
) -> int:
    """Remove the chosen interactions: whole items, and no other byte.

    What another interaction needs (a YAML anchor, a tool call that its request answers, the response
    that it continues) is named, and nothing is removed, without --force.
    """
    return removing(
        choice,
        force,
        everything,
        Changes(choice, output_file, check, show_diff, verb="removed", force=force),
        keep=False,
    )


def removing(choice: Choice, force: bool, everything: bool, changes: Changes, *, keep: bool) -> int:
    """Remove what is chosen, or all but that."""
    from cassette_cli.operations.edit.removing import remove

    def work(loaded: Loaded) -> Iterator[Summary]:
        chosen = {reading.interaction.index for reading in loaded.selection.readings(loaded.cassette)}
        gone = set(range(len(loaded.cassette.interactions))) - chosen if keep else chosen
        done = remove(loaded, gone, force=force, everything=everything, input_format=choice.paths.input_format)
        yield changes.store(done)

    return changes.run(work)
