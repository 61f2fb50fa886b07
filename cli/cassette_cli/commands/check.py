"""`cassette check`: faults that make a cassette bad."""

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cassette_cli import config
from cassette_cli.commands.options import (
    Choice,
    JobsOption,
    JsonOption,
    NoCacheOption,
    choosing,
    completing_lists,
    exclusive,
    one_of,
)
from cassette_cli.errors import Exit, UsageError
from cassette_cli.render.inert import inert_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cassette_cli.operations.check.base import Fault


def _codes() -> list[str]:
    from cassette_cli.operations.check.codes import CHECKS

    return [name for one in CHECKS for name in (one.code, one.name)]


def _formats() -> list[str]:
    from cassette_cli.render.checking import FORMATS

    return list(FORMATS)


def _say(line: str) -> None:
    sys.stderr.write(f"cassette: {inert_line(line)}\n")


@partial(choosing, judges=True)
def command(
    choice: Choice,
    select: Annotated[
        list[str] | None, typer.Option(metavar="CODE,…", help="Look only for these.", **completing_lists(_codes))
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODE,…", help="Do not look for these.", **completing_lists(_codes))
    ] = None,
    max_size: Annotated[str | None, typer.Option(metavar="SIZE", help="Largest body allowed (default: 1M).")] = None,
    max_age: Annotated[
        str | None, typer.Option(metavar="AGE", help="Oldest recording allowed: 90d, 12w, 6m, 1y.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Report only faults that this file does not list.")
    ] = None,
    write_baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="List all faults in this file, and report none.")
    ] = None,
    used_logs: Annotated[
        list[str] | None,
        typer.Option(
            "--used-log", metavar="FILE", help="Find cassettes that no test of these runs used, too (CAS018)."
        ),
    ] = None,
    style: Annotated[
        str, typer.Option("--format", metavar="NAME", help="text, json, github or sarif.", **one_of(_formats))
    ] = "text",
    as_json: JsonOption = False,
    jobs: JobsOption = None,
    no_cache: NoCacheOption = False,
) -> int:
    """Find faults, each with a code, such as CAS003 for a secret or CAS004 for a stream that was cut."""
    from cassette_cli.operations.check import checking
    from cassette_cli.operations.check.baseline import write_baseline as write
    from cassette_cli.operations.selecting import Tally
    from cassette_cli.operations.sizes import counted
    from cassette_cli.render import checking as render
    from cassette_cli.render.output import summarize

    if as_json and style not in ("text", "json"):
        raise UsageError(f"--json and --format {style} cannot be combined", hint="choose one")
    style = "json" if as_json else style
    exclusive(baseline=baseline, write_baseline=write_baseline)
    settings = config.section("check")
    wanted = checking.limits(settings, select or (), ignore or (), max_size, max_age, choice.failures)
    accepted = None if write_baseline is not None else checking.accepted(settings, baseline)
    wanted = checking.with_used_logs(wanted, used_logs or (), choice.paths, select or (), choice.failures, _say)
    known = checking.known(wanted, choice.facts, use=choice.cacheable and not no_cache)
    found: list[Fault] = []
    faults = choice.closing(
        checking.check(
            choice.paths, choice.selection, wanted, choice.failures, choice.passed, jobs, choice.unread, known
        )
    )

    if write_baseline is not None:
        count = write(write_baseline, faults)
        told = sys.stdout if style == "text" else sys.stderr  # programs read the output
        told.write(f"{counted(count, 'fault')} listed in {write_baseline}\n")
        return choice.done()

    def kept() -> "Iterator[Fault]":
        for fault in faults if accepted is None else accepted.new(faults):
            found.append(fault)
            yield fault

    render.FORMATS[style](choice.output, kept())
    if found:
        summarize(render.totals(checking.summary(found)), choice.output.color)
    elif Tally.cassettes and not choice.failures.errors and choice.chose:
        summarize(f"no faults in {counted(Tally.cassettes, 'cassette')}", choice.output.color)
    return choice.done() or (Exit.FOUND if found else Exit.OK)
