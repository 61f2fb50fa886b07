"""`cassette check`: faults that make a cassette bad."""

import sys
from typing import Annotated

import typer

from cassette_cli import config
from cassette_cli.commands.options import Choice, JobsOption, choosing
from cassette_cli.errors import Exit, UsageError


@choosing
def command(
    choice: Choice,
    select: Annotated[list[str] | None, typer.Option(metavar="CODE,…", help="Look for these only.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="CODE,…", help="Do not look for these.")] = None,
    max_size: Annotated[str | None, typer.Option(metavar="SIZE", help="The largest body, 1M by default.")] = None,
    max_age: Annotated[
        str | None, typer.Option(metavar="AGE", help="How old a recording may be: 90d, 12w, 6m, 1y.")
    ] = None,
    style: Annotated[str, typer.Option("--format", metavar="NAME", help="text, json, github or sarif.")] = "text",
    jobs: JobsOption = None,
) -> int:
    """Look for faults, each with a code: CAS001 unreadable, CAS003 secret, CAS004 cut stream, …; see the README."""
    from cassette_cli.operations.check import checking
    from cassette_cli.render import checking as render

    if style not in ("text", "json", "github", "sarif"):
        raise UsageError(f"--format {style} is not text, json, github or sarif")
    wanted = checking.limits(config.section("check"), select or (), ignore or (), max_size, max_age, choice.failures)
    found = []
    faults = checking.check(choice.paths, choice.selection, wanted, choice.failures, choice.passed, jobs, choice.unread)
    for fault in choice.closing(faults):
        found.append(fault)
        if style != "sarif":
            render.write(choice.output, [fault], style)
    if style == "sarif":
        render.write(choice.output, found, style)
    if found:
        sys.stderr.write(f"cassette: {render.totals(checking.summary(found))}\n")
    return choice.done() or (Exit.FOUND if found else Exit.OK)
