"""`cassette edit`: change a recording in your editor, or by a filter."""

import os
import re
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from cassette_cli.commands.changing import Changes
from cassette_cli.commands.options import CheckOption, Choice, DiffOption, ForceOption, OutputOption, choosing
from cassette_cli.errors import UsageError
from cassette_cli.operations.edit.changing import Summary
from cassette_cli.operations.loading import Loaded

_NUMBERS = r"-?\d[-\d,.]*"
_WHAT = "What to edit"


@choosing
def command(
    choice: Choice,
    request: Annotated[bool, typer.Option("--request", help="The request's.", rich_help_panel=_WHAT)] = False,
    message: Annotated[
        bool, typer.Option("--message", help="The answer, rebuilt, as YAML.", rich_help_panel=_WHAT)
    ] = False,
    headers: Annotated[bool, typer.Option("--headers", help="The header lines.", rich_help_panel=_WHAT)] = False,
    interaction: Annotated[
        bool, typer.Option("--interaction", help="Both messages, as YAML.", rich_help_panel=_WHAT)
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="The body, byte for byte, be it binary.", rich_help_panel=_WHAT)
    ] = False,
    indices: Annotated[
        list[str] | None,
        typer.Option("-i", metavar="0,2-4,-1", help="Interactions by number.", rich_help_panel="Choosing"),
    ] = None,
    with_command: Annotated[
        str | None,
        typer.Option("--with", metavar="CMD", help="Send it through this shell command, not an editor."),
    ] = None,
    check: CheckOption = False,
    show_diff: DiffOption = False,
    output_file: OutputOption = None,
    force: ForceOption = False,
) -> int:
    """Edit an interaction in $VISUAL or $EDITOR: the decoded response body, JSON laid out over lines.

    What you save goes back through every layer (deltas, JSON, charset, compression, base64). Only what
    you changed is written, and lengths that were right stay right.
    """
    from cassette_cli.errors import EditError
    from cassette_cli.operations.edit import editors
    from cassette_cli.operations.edit.changing import change
    from cassette_cli.operations.edit.draft import Draft, Side
    from cassette_cli.operations.edit.views import What, view

    del indices
    asked: dict[What, bool] = {"message": message, "headers": headers, "interaction": interaction}
    whats = [what for what, wanted in asked.items() if wanted]
    if len(whats) > 1 or (raw and whats):
        raise UsageError("--message, --headers, --interaction and --raw cannot be combined", hint="choose one")
    if interaction:
        for name in choice.paths.named:
            if re.fullmatch(_NUMBERS, name) and not os.path.lexists(name):
                raise UsageError("--interaction edits both messages, and takes no number", hint=f"write -i {name}")
    if request and (message or interaction):
        raise UsageError(f"--request does not go with --{whats[0]}", hint="leave --request out")
    what: What = whats[0] if whats else "body"
    side: Side = "request" if request else "response"
    changes = Changes(choice, output_file, check=check, diff=show_diff, force=force)

    def refused(error: EditError) -> None:
        sys.stderr.write(f"cassette: {error.message}\n")

    def work(loaded: Loaded) -> Iterator[Summary]:
        cassette = loaded.cassette
        chosen = [reading.interaction.index for reading in loaded.selection.readings(cassette)]
        if with_command is None and len(chosen) > 1:
            raise UsageError(
                f"{len(chosen)} interactions to edit", path=cassette.path,
                hint=f"name one: cassette edit {cassette.path}#{chosen[0]}; or give a filter: --with CMD",
            )  # fmt: skip

        def make(draft: Draft) -> None:
            shown = view(draft, what, side, raw=raw)
            if with_command is not None:
                editors.filtered(shown, with_command)
            else:
                editors.edited(shown, f"interaction-{draft.interaction.index}-{what}", refused)

        yield changes.store(change(loaded, make, choice.paths.input_format))

    return changes.run(work)
