"""`cassette trim`: smaller cassettes, same answers.

`--json` prints a line a file: `{"path", "changed", "frames": {"before", "after"}, "bytes": {"before",
"after"}, "interactions": […]}`. Each interaction that something is dropped from, or that is left
alone, is `{"index", "protocol", "frames", "bytes", "dropped", "left_alone"}`: `frames` is null for what
is no stream, `bytes` are those of the decoded body, `dropped` counts frames by option (`empty`, `pings`,
`coalesce`), members of their JSON (`padding`) and header lines (`headers`), `left_alone` is the reason or null.
"""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cassette_cli import config
from cassette_cli.commands.options import (
    CheckOption,
    Choice,
    DiffOption,
    ForceOption,
    JobsOption,
    JsonOption,
    OutputOption,
    SkipUnreadOption,
    choosing,
)
from cassette_cli.errors import Exit
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.saving import Destination, difference, readable, store
from cassette_cli.operations.trim import options
from cassette_cli.operations.trim.trimming import TrimmedFile, trim
from cassette_cli.render.output import Output

_DROPPING = "Dropping"


class Command(TyperCommand):
    """Takes `--coalesce` with and without a value, which the parser of options cannot."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write a bare `--coalesce` as `--coalesce=all`: what follows it is a path."""
        end = args.index("--") if "--" in args else len(args)
        head = ["--coalesce=all" if arg == "--coalesce" else arg for arg in args[:end]]
        return super().parse_args(ctx, head + args[end:])


def _list_headers(wanted: bool) -> None:
    if wanted:
        for name in options.header_names(config.section("trim")):
            Output().text(name)
        raise typer.Exit


@choosing
def command(
    choice: Choice,
    empty: Annotated[
        bool | None,
        typer.Option("--empty/--no-empty", help="Deltas that carry nothing; the default.", rich_help_panel=_DROPPING),
    ] = None,
    padding: Annotated[
        bool | None,
        typer.Option(
            "--padding/--no-padding",
            help="Random padding: OpenAI's obfuscation, Mistral's and Bedrock's p.",
            rich_help_panel=_DROPPING,
        ),
    ] = None,
    pings: Annotated[
        bool | None,
        typer.Option("--pings/--no-pings", help="Comments, keep-alives and pings.", rich_help_panel=_DROPPING),
    ] = None,
    coalesce: Annotated[
        str | None,
        typer.Option(
            metavar="[=N]",
            help="Merge neighbouring deltas of one field; with N, to at most N characters a chunk.",
            rich_help_panel=_DROPPING,
        ),
    ] = None,
    headers: Annotated[
        str | None,
        typer.Option(
            metavar="volatile|none", help="Headers that change on every recording.", rich_help_panel=_DROPPING
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of these, but --coalesce.", rich_help_panel=_DROPPING)
    ] = False,
    list_headers: Annotated[
        bool,
        typer.Option(
            "--list-headers",
            callback=_list_headers,
            is_eager=True,
            help="Print the names that --headers volatile drops, and exit.",
            rich_help_panel=_DROPPING,
        ),
    ] = False,
    check: CheckOption = False,
    show_diff: DiffOption = False,
    output_file: OutputOption = None,
    force: ForceOption = False,
    skip_unread: SkipUnreadOption = False,
    as_json: JsonOption = False,
    jobs: JobsOption = None,
) -> int:
    """Drop what no client can see: every stream still rebuilds to the same message."""
    from cassette_cli.render import patch
    from cassette_cli.render import trim as render

    del list_headers
    wanted = options.chosen(
        config.section("trim"),
        everything=everything, empty=empty, padding=padding, pings=pings, coalesce=coalesce, headers=headers,
    )  # fmt: skip
    destination = Destination(output_file, check=check, diff=show_diff, force=force)
    destination.fits(choice.paths.named)
    taken = show_diff or any(destination.takes_stdout(path) for path in choice.paths.named)
    report = render.Report(
        Output(choice.output.color, sys.stderr) if taken else choice.output, as_json, destination.dry
    )

    def work(loaded: Loaded) -> Iterator[tuple[TrimmedFile, list[str]]]:
        if readable(loaded):
            result = trim(loaded, wanted, choice.paths.input_format)
            store(loaded, result.after, destination)
            yield result.summary(), list(difference(loaded, result.after)) if show_diff else []
        else:
            store(loaded, None, destination)

    for summary, lines in choice.each(
        work, jobs, edits=not destination.dry, once=not show_diff, untreated=destination.pass_on
    ):
        report.file(summary)
        patch.write(choice.output, lines)
    if choice.chose:
        report.total()
    return choice.done(skip_unread=skip_unread) or (
        Exit.FOUND if report.unread or (check and report.changed) else Exit.OK
    )
