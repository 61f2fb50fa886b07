"""`cassette keep`: take all but the chosen interactions out of cassettes."""

from cassette_cli.commands.changing import Changes
from cassette_cli.commands.options import CheckOption, Choice, DiffOption, OutputOption, choosing
from cassette_cli.commands.rm import AllOption, ForceOption, removing


@choosing
def command(
    choice: Choice,
    force: ForceOption = False,
    everything: AllOption = False,
    check: CheckOption = False,
    show_diff: DiffOption = False,
    output_file: OutputOption = None,
) -> int:
    """Keep the chosen interactions, and remove all others: the opposite of `cassette rm`."""
    return removing(
        choice,
        force,
        everything,
        Changes(choice, output_file, check, show_diff, verb="removed", force=force),
        keep=True,
    )
