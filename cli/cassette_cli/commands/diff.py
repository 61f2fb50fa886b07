"""`cassette diff`: what changed between two recordings, by meaning."""

import os
from contextlib import ExitStack
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cassette_cli import config
from cassette_cli.commands.options import Choice, JsonOption, choosing
from cassette_cli.errors import Exit, UsageError
from cassette_cli.operations.diff import secrets, sources
from cassette_cli.operations.diff.cassettes import Options
from cassette_cli.operations.diff.totals import FAIL_ON, Summary, fired
from cassette_cli.operations.diff.values import Named


class Command(TyperCommand):
    """Keeps what stands behind `--` apart: there it is a path, before it may be a revision."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Split the command line at `--`."""
        if "--" in args:
            at = args.index("--")
            ctx.meta["after"] = args[at + 1 :]
            args = args[:at]
        return super().parse_args(ctx, args)


_SHOWING = "Showing"


@choosing
def command(
    choice: Choice,
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[OLD NEW] [REV] [-- PATH]", help="Files, folders, or revisions.")
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", "--cached", help="The index against HEAD, or against REV.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show what is volatile, too.")] = False,
    events: Annotated[bool, typer.Option("--events", help="Compare the frames of streams as recorded.")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="KEY|HEADER|JSONPATH", help="Count this as noise.")
    ] = None,
    stat: Annotated[bool, typer.Option("--stat", help="A line a cassette.", rich_help_panel=_SHOWING)] = False,
    name_only: Annotated[
        bool, typer.Option("--name-only", help="The paths of what changed.", rich_help_panel=_SHOWING)
    ] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="All cassettes together.", rich_help_panel=_SHOWING)
    ] = False,
    as_json: JsonOption = False,
    style: Annotated[
        str, typer.Option("--format", metavar="NAME", help="text, markdown or html.", rich_help_panel=_SHOWING)
    ] = "text",
    context: Annotated[
        int, typer.Option("-U", "--unified", metavar="N", min=0, help="Kept sentences around changed ones.",
                          rich_help_panel=_SHOWING)
    ] = 3,
    word_diff: Annotated[
        bool, typer.Option("--word-diff", help="Mark words in one flow of text.", rich_help_panel=_SHOWING)
    ] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Never page.", rich_help_panel=_SHOWING)] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if something differs.")] = False,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(metavar="WHAT,…", help=f"Exit with 1 if this changed: {', '.join(FAIL_ON)}."),
    ] = None,
    pre_commit: Annotated[bool, typer.Option("--pre-commit", hidden=True)] = False,
) -> int:  # fmt: skip
    """Compare OLD with NEW, files or folders, or versions in git: [--staged] [REV | REV..REV] [-- PATHS]."""
    from cassette_cli.render import diff_output
    from cassette_cli.render.output import complain

    del paths
    settings = config.section("diff")
    settings.known("ignore", "fail-on")
    wanted = _fail_on(fail_on if fail_on is not None else list(settings.texts("fail-on")))
    if style not in ("text", "markdown", "html"):
        raise UsageError(f"--format {style} is not text, markdown or html")
    options = Options(Named((*settings.texts("ignore"), *(ignore or ()))), events=events, selection=choice.selection)
    asked = sources.Asked(
        choice.paths.named, ctx.meta.get("after"), staged, choice.paths, _pushed() if pre_commit else None
    )
    if pre_commit and asked.range is None:
        asked = sources.Asked((), [*choice.paths.named, *(ctx.meta.get("after") or ())], True, choice.paths)
    shape: diff_output.Shape = "summary" if summary else "stat" if stat else "names" if name_only else style  # type: ignore[assignment]
    how = diff_output.How(
        shape, as_json=as_json, everything=everything, context=context, word_diff=word_diff,
        paged=not (no_pager or pre_commit),
    )  # fmt: skip
    plan = secrets.plan_of_settings(complain) if "secrets" in wanted else None
    total = Summary(gathering=shape == "summary")
    found: set[str] = set()
    with ExitStack() as held:
        pairs = sources.pairs(asked, held)
        if choice.bar is not None and not choice.output.terminal:  # a terminal has the pager
            pairs = choice.bar.over(pairs)
        differences = sources.differences(
            pairs, options, choice.paths, choice.failures, volatile=everything or shape == "html"
        )
        show = held.enter_context(diff_output.shown(choice.output, how, total))
        for difference, old, new in differences:
            total.add(difference)
            found |= fired(difference, wanted)
            if plan is not None and secrets.came(old, new, plan):
                found.add("secrets")
            show(difference)
    if found:
        diff_output.failed(sorted(found), choice.output.color)
    if choice.failures.errors:
        return Exit.FAILED
    return Exit.FOUND if found or (exit_code and total.states) else Exit.OK


def _fail_on(given: list[str]) -> set[str]:
    wanted = {name.strip() for text in given for name in text.split(",") if name.strip()}
    for name in sorted(wanted):
        if name not in FAIL_ON:
            raise UsageError(f"--fail-on {name} is unknown", hint=f"known are {', '.join(FAIL_ON)}")
    return wanted


def _pushed() -> tuple[str, str] | None:
    """Return the range that pre-commit was given, None where it runs for a commit."""
    first, last = (os.environ.get(f"PRE_COMMIT_{name}_REF") for name in ("FROM", "TO"))
    return (first, last) if first and last else None
