"""`cassette set`: change a recording from the command line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cassette_cli.commands.changing import Changes
from cassette_cli.commands.options import CheckOption, Choice, DiffOption, ForceOption, OutputOption, choosing
from cassette_cli.errors import UsageError
from cassette_cli.operations.edit.changing import Summary
from cassette_cli.operations.loading import Loaded

if TYPE_CHECKING:
    from cassette_cli.operations.edit.draft import Side


@choosing
def command(
    choice: Choice,
    paths: Annotated[
        list[str], typer.Argument(metavar="FILE#N… KEY=VALUE…", help="Cassettes, and what to set in them.")
    ],
    request: Annotated[bool, typer.Option("--request", help="Set headers and body of the request.")] = False,
    check: CheckOption = False,
    show_diff: DiffOption = False,
    output_file: OutputOption = None,
    force: ForceOption = False,
) -> int:
    """Set parts of the chosen interactions: KEY=VALUE sets, KEY- removes; values are strings.

    Keys are status, reason, url, method, header:NAME, body, body:PATH, usage:NAME, text, reasoning,
    refusal, finish, model, tool[N].arguments, tool[N].name and tool[N].id; in front of those of the answer,
    choice[N]. stands for another choice than the first. The values of body:PATH and of tool arguments are
    JSON, or strings where they do not parse. What else is named is a cassette.
    """
    from cassette_cli.operations.edit import assignments
    from cassette_cli.operations.edit.changing import change

    del paths
    wanted = [assignments.parse(text) for text in choice.paths.named if assignments.is_assignment(text)]
    files = [text for text in choice.paths.named if not assignments.is_assignment(text)]
    assignments.refuse_unknown(files)
    if not wanted:
        raise UsageError("nothing to set", hint="cassette set chat.yaml#0 status=429 header:retry-after=1")
    if not files:
        raise UsageError("no cassette is named", hint="cassette set chat.yaml#0 status=429")
    for one in wanted if request else ():
        if one.kind in ("answer", "status", "reason"):
            raise UsageError(f"--request does not go with {one.text}: a request has none", hint="leave --request out")
    choice.paths = choice.paths._replace(named=files)
    side: Side = "request" if request else "response"
    changes = Changes(choice, output_file, check=check, diff=show_diff, force=force, noun="interaction")

    def work(loaded: Loaded) -> Iterator[Summary]:
        done = change(
            loaded,
            lambda draft: assignments.apply(draft, wanted, side, named=bool(loaded.selection.indices)),
            choice.paths.input_format,
        )
        yield changes.store(done)

    return changes.run(work)
