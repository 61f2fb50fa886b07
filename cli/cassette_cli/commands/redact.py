"""`cassette redact`: no secret left, nothing else touched.

`--json` prints a line a file: `{"path", "changed", "findings": […], "unscanned": […], "matched_on"}`. A
finding is `{"line", "interaction", "where", "rule", "level", "masked", "fingerprint", "matched_on"}`:
`interaction` is null outside of all, `masked` a public prefix and the length, `fingerprint` is what `--allow`
takes, `matched_on` says that the recorder compares requests by that part. What could not be scanned is
`{"line", "interaction", "where", "reason"}`. With
`--history` a line is a version, and has its `commit`, too.
"""

import sys
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import typer

from cassette_cli import config
from cassette_cli.commands.options import (
    NO_PATH,
    PATHS,
    CheckOption,
    Choice,
    DiffOption,
    JobsOption,
    JsonOption,
    NoCacheOption,
    OutputOption,
    SkipUnreadOption,
    choosing,
    revisions,
)
from cassette_cli.errors import CassetteError, Exit, UsageError
from cassette_cli.operations.cache import Cache
from cassette_cli.operations.loading import Known, Loaded
from cassette_cli.operations.saving import Destination, store
from cassette_cli.render.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cassette_cli.operations.redact.findings.accepted import Baseline
    from cassette_cli.operations.redact.findings.finding import Finding
    from cassette_cli.operations.redact.options import Chosen, Given
    from cassette_cli.operations.redact.summary import Summary

_LOOKING = "Looking for"
_REPLACING = "Replacing"


class Style(StrEnum):
    """What `--check` can print."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


@choosing
def command(
    choice: Choice,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar=PATHS, help="Cassettes, folders of them, FILE#3, or - for stdin.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Redact this header, too (a glob is allowed).", rich_help_panel=_LOOKING),
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Redact this parameter of URLs and forms.", rich_help_panel=_LOOKING),
    ] = None,
    json_key: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Redact this key of JSON, YAML and XML.", rich_help_panel=_LOOKING),
    ] = None,
    json_path: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Redact this place: $.users[*].ssn, $..pin.", rich_help_panel=_LOOKING),
    ] = None,
    form: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Redact this form field.", rich_help_panel=_LOOKING)
    ] = None,
    pattern: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REGEX", help="Redact matches of this regex (group 1, if it has one).", rich_help_panel=_LOOKING
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Redact the value of this environment variable.", rich_help_panel=_LOOKING),
    ] = None,
    values_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Redact the values in this file, one per line.", rich_help_panel=_LOOKING),
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVEL",
            help="secrets and ids by default; pii, volatile, or all.",
            rich_help_panel=_LOOKING,
        ),
    ] = None,
    defaults: Annotated[
        bool | None,
        typer.Option(
            "--defaults/--no-defaults", help="The default rules, or only what is named.", rich_help_panel=_LOOKING
        ),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE", help="Accept findings of this rule (a glob), or fp:….", rich_help_panel=_LOOKING),
    ] = None,
    placeholder: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Replacement text (default: REDACTED).", rich_help_panel=_REPLACING),
    ] = None,
    fakes: Annotated[
        bool,
        typer.Option("--fakes", help="Mail addresses become user1@example.com, and so on.", rich_help_panel=_REPLACING),
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove secret headers.", rich_help_panel=_REPLACING)
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Report only findings that this file does not list.", rich_help_panel=_LOOKING
        ),
    ] = None,
    write_baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="List all findings in this file, and change no cassette.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="With --check: every version of the cassettes that git holds.")
    ] = False,
    revs: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REVS", help="With --history: these commits, such as main..HEAD.", autocompletion=revisions
        ),
    ] = None,
    style: Annotated[Style | None, typer.Option("--format", help="With --check: how findings are printed.")] = None,
    check: CheckOption = False,
    show_diff: DiffOption = False,
    output_file: OutputOption = None,
    skip_unread: SkipUnreadOption = False,
    as_json: JsonOption = False,
    jobs: JobsOption = None,
    no_cache: NoCacheOption = False,
) -> int:
    """Replace secrets in URLs, headers, bodies under every encoding, streams and comments."""
    from cassette_cli.operations.redact import options
    from cassette_cli.render import patch
    from cassette_cli.render import redact as render

    as_json = as_json or style is Style.JSON
    _fits(choice, check=check, history=history, revs=revs, style=style, as_json=as_json)
    given = options.Given(
        headers=tuple(header or ()), query=tuple(query or ()), json_keys=tuple(json_key or ()),
        json_paths=tuple(json_path or ()), form=tuple(form or ()), patterns=tuple(pattern or ()), env=tuple(env or ()),
        values_file=values_file, levels=tuple(level or ()), defaults=defaults, allow=tuple(allow or ()),
        placeholder=placeholder, remove=remove, fakes=fakes, baseline=baseline,
    )  # fmt: skip
    if write_baseline is not None and (baseline is not None or show_diff or output_file is not None):
        raise UsageError("--write-baseline goes with none of --baseline, --diff, -o")
    check = check or write_baseline is not None
    destination = Destination(output_file, check=check, diff=show_diff)
    destination.fits(choice.paths.named)
    wanted = _Wanted(given, choice.failures, baseline=write_baseline is None)
    taken = show_diff or any(destination.takes_stdout(path) for path in choice.paths.named)
    output = Output(choice.output.color, sys.stderr) if taken else choice.output
    logged = None
    if style is Style.SARIF:
        from cassette_cli.render.redact_log import Log

        logged = Log(lambda: wanted.chosen.plan.detectors, history)
    report = render.Report(output, as_json=as_json, listing=check, dry=destination.dry, log=logged, is_history=history)
    listed: list[Finding] = []

    def work(loaded: Loaded) -> "Iterator[tuple[Summary, list[str]]]":
        from cassette_cli.operations.redact.redacting import redact

        found = redact(
            loaded,
            wanted.chosen.plan,
            edit=not check or show_diff,
            remove=wanted.chosen.remove,
            input_format=choice.paths.input_format,
            baseline=wanted.baseline,
        )
        store(loaded, found.after, destination)
        yield found.summary(), found.difference() if show_diff else []

    if history:
        from cassette_cli.operations.redact.history import Asked, summaries

        asked = Asked(tuple(revs or ()), tuple(paths or ()), choice.paths.input_format)
        for summary in summaries(
            asked, wanted.chosen.plan, choice.selection, choice.failures, baseline=wanted.baseline
        ):
            report.file(summary)
        report.total()
        return choice.done() or (Exit.FOUND if report.found else Exit.OK)
    known = wanted.known(choice) if check and choice.cacheable and not (no_cache or show_diff) else None
    if known is None:
        wanted.prepare()
    for summary, lines in choice.each(
        work, jobs, edits=not destination.dry, once=True, untreated=destination.pass_on, known=known
    ):
        if write_baseline is not None:
            listed += summary.findings
            report.gaps += len(summary.gaps)
            continue
        report.file(summary)
        patch.write(choice.output, lines)
    if write_baseline is not None:
        from cassette_cli.operations.redact.findings.accepted import write_baseline as write
        from cassette_cli.operations.sizes import counted

        count = write(write_baseline, listed)
        told = sys.stderr if as_json or style is Style.SARIF else output.stream  # programs read the output
        told.write(f"{counted(count, 'finding')} listed in {write_baseline}{report.unscanned()}\n")
        return choice.done(skip_unread=skip_unread) or (Exit.FOUND if report.gaps else Exit.OK)
    report.total()
    found = report.gaps or (check and report.found)
    return choice.done(skip_unread=skip_unread) or (Exit.FOUND if found else Exit.OK)


class _Wanted:
    """What to look for, by the settings and the command line: put together when it is needed."""

    def __init__(self, given: "Given", warn: "Callable[[CassetteError], None]", *, baseline: bool) -> None:
        self._settings = config.section("redact")
        self._given = given
        self._warn = warn
        self._has_baseline = baseline

    @cached_property
    def chosen(self) -> "Chosen":
        """The plan, and what goes with it."""
        from cassette_cli.operations.redact import options

        return options.chosen(self._settings, self._given, self._warn)

    @cached_property
    def baseline(self) -> "Baseline | None":
        """The findings that are accepted."""
        from cassette_cli.operations.redact.findings.accepted import Baseline

        path = self.chosen.baseline if self._has_baseline else None
        return None if path is None else Baseline(path)

    def prepare(self) -> None:
        """Put all of it together, and import what looks, once for all processes; raises `UsageError`."""
        import cassette_cli.operations.redact.redacting  # noqa: F401

        _ = self.baseline

    def known(self, choice: Choice) -> "Known[tuple[Summary, list[str]]]":
        """Return the cassettes that earlier runs found clean."""
        from cassette_cli.operations.redact import options
        from cassette_cli.operations.redact.summary import Summary

        facts = options.facts(self._settings, self._given)
        results = Cache(("redact", choice.facts, facts, self._has_baseline), self.prepare, facts.root)
        if facts.told:
            results.prepare()
        return Known(
            results, lambda path: [(Summary(path, [], [], changed=False), [])], lambda found: found[0][0].clean
        )


def _fits(
    choice: Choice, *, check: bool, history: bool, revs: list[str] | None, style: Style | None, as_json: bool
) -> None:
    """Raise `UsageError` where options do not go together."""
    if not history and not choice.paths.named:
        raise UsageError(NO_PATH, hint="cassette redact --check .")
    if history and not check:
        raise UsageError("--history goes with --check: what is committed cannot be rewritten here")
    if revs and not history:
        raise UsageError("--revs goes with --history")
    if style not in (None, Style.TEXT) and not check:
        raise UsageError(f"--format {style} goes with --check")
    if style is Style.SARIF and as_json:
        raise UsageError("--format sarif and --json cannot be combined")
