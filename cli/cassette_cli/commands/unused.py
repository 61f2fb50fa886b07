"""`cassette unused`: cassettes that no test plays."""

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cassette_cli.commands.options import JsonOption, exclusive
from cassette_cli.errors import CassetteError, Exit, UsageError
from cassette_cli.operations.loading import Failures
from cassette_cli.operations.targets import Paths
from cassette_cli.render.output import Color, Output, complain

_RUN = "A run"
_READING = "Reading"
_WRITING = "Writing"


class Command(TyperCommand):
    """Takes what follows the first `--` apart from the paths."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the first `--`; what follows is the command."""
        at = args.index("--") if "--" in args else len(args)
        ctx.obj = args[at + 1 :] if at < len(args) else None
        return super().parse_args(ctx, args[:at])


def command(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH…] [-- COMMAND…]", help="Cassettes and folders of them (default: this folder)."),
    ] = None,
    used_logs: Annotated[
        list[str] | None,
        typer.Option(
            "--used-log", metavar="FILE", help="Read what a run used; of several, what any used.", rich_help_panel=_RUN
        ),
    ] = None,
    save_log: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write what the command used, for --used-log; report nothing.", rich_help_panel=_RUN
        ),
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Report in spite of a run that failed or opened nothing.", rich_help_panel=_RUN),
    ] = False,
    per_interaction: Annotated[
        bool,
        typer.Option(
            "--interactions",
            help="Report interactions that were never played, too (by the pytest plugin).",
            rich_help_panel=_RUN,
        ),
    ] = False,
    remove: Annotated[
        bool, typer.Option("--rm", help="Remove the unused cassettes.", rich_help_panel=_WRITING)
    ] = False,
    nul: Annotated[bool, typer.Option("-0", "--null", help="Print paths alone, each with a NUL behind it.")] = False,
    as_json: JsonOption = False,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Exit with 0 in spite of cassettes that cannot be decided.")
    ] = False,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH", help="Look for tests there (default: the whole project).", rich_help_panel=_READING
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Skip these files in folders (as in .gitignore).", rich_help_panel=_READING),
    ] = None,
    color: Annotated[
        Color, typer.Option(help="When to use colour.", rich_help_panel=_READING, show_default=False)
    ] = Color.AUTO,
) -> int:
    """List cassettes that no test plays: none that COMMAND opened, or, without a command, none that a test names.

    With a command, the files are watched from outside (Linux), whatever the language and the recorder. What any other
    process opens meanwhile counts as used, too: close what indexes or searches the folder. A command that fails claims
    nothing. With --used-log, the logs of runs elsewhere say what was used.

    Without either, names decide: those that pytest-recording, VCR.py's decorators, VCR's RSpec metadata and go-vcr's
    t.Name() make of tests, those that calls give, and strings in the sources. What cannot be decided is told on
    standard error as unknown (and in --json), and never removed.
    """
    from cassette_cli.operations.unused import finding

    run = ctx.obj
    exclusive(null=nul, json=as_json)
    if run is not None and not run:
        raise UsageError("no command behind --", hint="write: cassette unused tests/cassettes -- pytest")
    if run is not None and used_logs:
        raise UsageError("--used-log and a command exclude each other", hint="choose one of them")
    if save_log is not None and (run is None or remove or per_interaction):
        raise UsageError("--save-log writes what a command used, and nothing else", hint="write a command behind --")
    if per_interaction and run is None and not used_logs:
        raise UsageError("--interactions needs a run", hint="write a command behind --, or --used-log FILE")
    failures = Failures(lambda error: complain(error, color=color))
    suite = finding.Suite(Paths(paths or ["."], tuple(exclude or ())), failures, sources or (), anyway)
    if not suite.files and failures.errors:
        return Exit.FAILED
    log = finding.by_run(suite, run) if run is not None else finding.read_logs(suite, used_logs) if used_logs else None
    if save_log is not None and log is not None:
        log.write(save_log)
        return Exit.FAILED if failures.errors else Exit.OK
    verdicts = list(finding.by_names(suite) if log is None else finding.by_log(suite, log))
    if log is not None and per_interaction:
        verdicts += finding.interactions(suite, log)
    return _report(suite, verdicts, Output(color), as_json=as_json, nul=nul, remove=remove, skip_unknown=skip_unknown)


def _report(
    suite: Any, verdicts: list[Any], output: Output, *, as_json: bool, nul: bool, remove: bool, skip_unknown: bool
) -> int:
    from cassette_cli.operations.unused import finding
    from cassette_cli.operations.unused.suite import State
    from cassette_cli.render import unused as render

    def say(line: str) -> None:
        complain(CassetteError(line), color=output.color)

    render.write(output, verdicts, as_json=as_json, nul=nul)
    output.stream.flush()
    if remove:
        for _ in finding.remove(verdicts, suite.paths.named):
            pass
    for note in suite.notes:
        say(note)
    for line in () if as_json else render.unknown(verdicts):
        say(line)
    say(render.totals(verdicts, removed=remove))
    if suite.failed.errors:
        return Exit.FAILED
    unknown = any(one.state is State.UNKNOWN for one in verdicts) and not skip_unknown
    unused = any(one.state is State.UNUSED and not (remove and one.interaction is None) for one in verdicts)
    return Exit.FOUND if unused or unknown else Exit.OK
