"""The options that every verb shares, declared once: which files, which interactions, what output."""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, TypeVar

import typer

from cassette_cli.errors import CassetteError, Exit, UsageError
from cassette_cli.formats import registry
from cassette_cli.operations.loading import Failures, Known, Loaded, Unread, each, load_all, nothing
from cassette_cli.operations.selecting import Selection, Tally, ranges
from cassette_cli.operations.sizes import parse_size
from cassette_cli.operations.targets import Paths, targets
from cassette_cli.render import progress
from cassette_cli.render.output import Color, Output, complain, forget

T = TypeVar("T")

PATHS = "PATH…"
NO_PATH = "name a cassette or a folder"
"""What is said where a command needs a path and gets none."""

_CHOOSING = "Choosing"
_READING = "Reading"
_WRITING = "Writing"


def one_of(names: Callable[[], Sequence[str]]) -> dict[str, Any]:
    """Return what makes a Typer option take one of some names: a check of the value, and completion.

    For names that are known when they are asked for; else the option's type is an Enum.
    """

    def checked(value: str | None) -> str | None:
        if value is not None and value not in names():
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(names())}.")
        return value

    return {"callback": checked, "autocompletion": lambda incomplete: _beginning_with(incomplete, names())}


def some_of(names: Callable[[], Sequence[str]]) -> dict[str, Any]:
    """Return what makes a repeatable Typer option take comma lists of some names, as `one_of` does."""

    def checked(values: list[str] | None) -> list[str] | None:
        parts = [part.strip() for value in values or () for part in value.split(",") if part.strip()]
        for part in parts:
            if part not in names():
                raise typer.BadParameter(f"{part!r} is not one of {', '.join(names())}.")
        return None if values is None else parts

    return {"callback": checked, **completing_lists(names)}


def completing_lists(names: Callable[[], Sequence[str]]) -> dict[str, Any]:
    """Return what makes a Typer option complete comma lists of some names."""

    def completed(incomplete: str) -> list[str]:
        head, comma, last = incomplete.rpartition(",")
        return [f"{head}{comma}{name}" for name in _beginning_with(last, names())]

    return {"autocompletion": completed}


def revisions(incomplete: str) -> list[str]:
    """Complete a revision, or the second one of a range such as `main..HEAD`."""
    from cassette_cli import git

    head, dots, last = incomplete.rpartition("..")
    return [f"{head}{dots}{name}" for name in _beginning_with(last, git.revision_names())]


def _beginning_with(text: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(text)]


def examples(epilog: str | None) -> list[str]:
    """Return the command lines of the examples at the end of a verb's help."""
    _, _, shown = (epilog or "").partition("Examples:\n")
    return [line.strip().replace(r"\[", "[") for line in shown.partition("\n\n")[0].splitlines()]


def exclusive(**options: object) -> None:
    """Raise `UsageError` where two of the options are given: `exclusive(raw=raw, json=as_json)`."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} cannot be combined", hint="choose one of them")


def _formats() -> list[str]:
    return [one.name for one in registry.FORMATS]


def _protocols() -> list[str]:
    from cassette_cli.providers.registry import PROTOCOLS

    return [one.name for one in PROTOCOLS]


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON; its fields are documented and stable.")]
CheckOption = Annotated[
    bool,
    typer.Option("--check", help="Write nothing; exit with 1 if there is something to do.", rich_help_panel=_WRITING),
]
DiffOption = Annotated[
    bool, typer.Option("--diff", help="Write nothing; show what would change.", rich_help_panel=_WRITING)
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write the result there (- for stdout).",
        rich_help_panel=_WRITING,
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Replace the file of -o, if it is there.", rich_help_panel=_WRITING)
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "-j", "--jobs", metavar="N", min=1, help="Number of worker processes (default: one per core).",
        rich_help_panel=_READING,
    ),
]  # fmt: skip

NoCacheOption = Annotated[
    bool,
    typer.Option(
        "--no-cache", help="Look into cassettes that an earlier run found clean, too.", rich_help_panel=_READING
    ),
]

SkipUnreadOption = Annotated[
    bool,
    typer.Option(
        "--skip-unread",
        help="Exit with 0 in spite of recordings that are not read, of other recorders.",
        rich_help_panel=_READING,
    ),
]


@dataclass(eq=False)
class Choice:
    """What the shared options amount to; it is to be closed, which ends the processes that work for it."""

    paths: Paths
    selection: Selection
    output: Output
    failures: Failures
    unread: Unread = field(default_factory=Unread)
    bar: progress.Bar | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def cassettes(self, *, once: bool = False) -> Iterator[Loaded]:
        """Yield the cassettes that were named and met, and show how far that has come where it takes long.

        `once` says that each interaction is looked at once, and none edited.
        """
        return load_all(self.paths, self.selection, self.failures, self.passed, self.unread, once=once)

    def each(
        self,
        work: Callable[[Loaded], Iterable[T]],
        jobs: int | None,
        *,
        edits: bool = False,
        once: bool = False,
        untreated: Callable[[str, bytes | None], None] | None = None,
        known: Known[T] | None = None,
    ) -> Iterator[T]:
        """Yield what `work` makes of each of the cassettes, in their order, whatever process it was made in."""
        made = each(
            self.paths, self.selection, work, self.failures, self.passed, jobs,
            edits=edits, once=once, unread=self.unread, untreated=untreated, known=known,
        )  # fmt: skip
        return self.closing(made)

    def closing(self, results: Iterator[T]) -> Iterator[T]:
        """Return results that end with the choice, though what they are read by fail."""
        self._open.callback(getattr(results, "close", nothing))
        return results

    @property
    def facts(self) -> tuple[object, ...]:
        """What the result for a cassette depends on, of the shared options; filters allow no cache, see `cacheable`."""
        return self.selection._replace(grep=None), self.paths.input_format

    @property
    def cacheable(self) -> bool:
        """Whether a clean result may be remembered: filters, which may choose nothing, are asked each time."""
        return not self.selection.filters

    def close(self) -> None:
        """End what is still at work."""
        self._open.close()

    @property
    def passed(self) -> Callable[[], None]:
        """What to call when a file is done."""
        if self.bar is None:
            return nothing
        self.bar.counts(lambda: sum(1 for _ in targets(self.paths)))
        return self.bar.step

    @property
    def chose(self) -> bool:
        """Whether there was any interaction to look at: the filters may have chosen none, which is told by itself."""
        return bool(Tally.chosen) or not self.selection.filters

    def _tell_unmatched(self) -> None:
        """Say that the filters chose no interaction, which is no failure: the rule for all verbs."""
        if not self.chose and not self.failures.errors:
            filters = " ".join(self.selection.filters)
            complain(CassetteError(f"no interaction matches {filters}"), color=self.output.color)

    def done(self, *, skip_unread: bool = True, filtered: bool = True) -> int:
        """Say what was not read, and return the exit code of a command that found nothing to complain of itself.

        Recordings that are not read count in it unless they are to be skipped. `filtered` says that the filters
        were asked of any interaction.
        """
        line = self.unread.line()
        if line:
            complain(CassetteError(line), color=self.output.color)
        if filtered:
            self._tell_unmatched()
        if self.failures.errors:
            return Exit.FAILED
        return Exit.FOUND if self.unread.recordings and not skip_unread else Exit.OK


def _shared(
    paths: Annotated[
        list[str],
        typer.Argument(metavar=PATHS, help="Cassettes, folders, FILE#3 for one interaction, or - for stdin."),
    ],
    indices: Annotated[
        list[str] | None,
        typer.Option(
            "-i",
            "--interaction",
            metavar="0,2-4,-1",
            help="Only these interactions.",
            rich_help_panel=_CHOOSING,
        ),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only this HTTP method.", rich_help_panel=_CHOOSING),
    ] = None,
    host: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only this host.", rich_help_panel=_CHOOSING)
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option("--path", metavar="GLOB", help="Only this URL path.", rich_help_panel=_CHOOSING),
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only this status, such as 200 or 4xx.", rich_help_panel=_CHOOSING),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Only this model.", rich_help_panel=_CHOOSING)
    ] = None,
    grep: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX", help="Only where URL, headers, bodies or answers match.", rich_help_panel=_CHOOSING
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Skip these files in folders (as in .gitignore).", rich_help_panel=_READING),
    ] = None,
    force_exclude: Annotated[
        bool, typer.Option("--force-exclude", help="Apply --exclude to named files, too.", rich_help_panel=_READING)
    ] = False,
    skip_others: Annotated[
        bool,
        typer.Option("--skip-others", help="Skip named files that are not cassettes.", rich_help_panel=_READING),
    ] = False,
    input_format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Read files as this recorder's format.",
            rich_help_panel=_READING,
            **one_of(_formats),
        ),
    ] = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Decode streams with this protocol.", rich_help_panel=_READING, **one_of(_protocols)
        ),
    ] = None,
    max_body: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Largest size that a body may decompress to (default: 256Mi; none: no limit).",
            rich_help_panel=_READING,
        ),
    ] = None,
    color: Annotated[
        Color, typer.Option(help="When to use colour.", rich_help_panel=_READING, show_default=False)
    ] = Color.AUTO,
) -> Choice:
    for text in indices or ():
        ranges(text)
    if max_body is not None:
        _limit_bodies(max_body)
    for code in status or ():
        if re.fullmatch(r"[\dxX]+|-", code, re.ASCII) is None:
            raise UsageError(f"invalid --status {code!r}: expected a code such as 200 or 4xx")

    def report(error: CassetteError) -> None:
        complain(error, color=color)

    Tally.chosen = Tally.cassettes = 0
    bar = progress.start()
    return Choice(
        Paths(paths or (), tuple(exclude or ()), force_exclude, input_format, skip_others),
        Selection(
            tuple(indices or ()), tuple(method or ()), tuple(host or ()), tuple(path or ()), tuple(status or ()),
            tuple(model or ()), _pattern(grep), protocol,
        ),
        Output(color),
        Failures(report),
        bar=bar,
    )  # fmt: skip


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text, re.MULTILINE)
    except re.error as error:
        raise UsageError(f"invalid --grep {text!r}: {error}", hint="write a Python regular expression") from error


def _limit_bodies(text: str) -> None:
    from cassette_cli.source import compression

    size = None if text == "none" else parse_size(text, "--max-body")
    compression.set_limits(compression.Limits(size=size, ratio=None))


def choosing(command: Callable[..., int], *, judges: bool = False) -> Callable[..., int]:
    """Give a command that takes a `Choice` first the shared options in its place.

    A command that declares one of them itself, such as paths that may be left out, gets its own. One that `judges`
    prints what it found alone: where the reader of its output leaves, it has found something, as with `--check`.
    """
    given = list(inspect.signature(command).parameters.values())[1:]
    shared = list(inspect.signature(_shared).parameters.values())
    names = {parameter.name for parameter in shared}
    mine = {parameter.name: parameter for parameter in given if parameter.name in names}
    own = [parameter for parameter in given if parameter.name not in names]
    shared = [mine.get(parameter.name, parameter) for parameter in shared]

    @wraps(command)
    def wrapped(**options: Any) -> int:
        chosen = {name: options.pop(name) for name in names}
        with closing(_shared(**chosen)) as choice:
            try:
                return command(choice, **options, **{name: chosen[name] for name in mine})
            except BrokenPipeError:
                forget(sys.stdout)
                return choice.done() or (Exit.FOUND if judges or options.get("check") else Exit.OK)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [parameter.replace(kind=keyword) for parameter in (shared[0], *own, *shared[1:])]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del wrapped.__wrapped__
    return wrapped
