"""`cassette diff`: what changed between two recordings, by meaning."""

import os
import shlex
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from cassette_cli import config
from cassette_cli.commands.options import Choice, JsonOption, choosing, revisions
from cassette_cli.errors import Exit, UsageError
from cassette_cli.operations.diff import masking, sources
from cassette_cli.operations.diff.cassettes import Options
from cassette_cli.operations.diff.summary import CATEGORIES, FAIL_ON, DiffSummary, fired, narrowed
from cassette_cli.operations.diff.values import Named
from cassette_cli.operations.volatile import NAMES


class Command(TyperCommand):
    """Keeps what stands behind `--` apart: there it is a path, before it may be a revision."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Split the command line at `--`."""
        ctx.meta["given"] = list(args)
        if "--" in args:
            at = args.index("--")
            ctx.meta["after"] = args[at + 1 :]
            args = args[:at]
        return super().parse_args(ctx, args)


SETTINGS = ("fail-on", "ignore", "strict")
"""The keys of `[tool.cassette.diff]`."""

_COMPARING = "Comparing"
_SHOWING = "Showing"
_CATEGORIES = ", ".join(CATEGORIES)


@choosing
def command(
    choice: Choice,
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OLD NEW] [REV] [-- PATH]",
            help="Files, folders, REV:PATH, :2:PATH, or revisions.",
            autocompletion=revisions,
        ),
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", "--cached", help="The index against HEAD, or against REV.")
    ] = False,
    conflict: Annotated[
        bool, typer.Option("--conflict", help="Ours against theirs, of the files that are in conflict.")
    ] = False,
    events: Annotated[
        bool, typer.Option("--events", help="Compare the frames of streams as recorded.", rich_help_panel=_COMPARING)
    ] = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY|HEADER|JSONPATH", help="Count this as volatile.", rich_help_panel=_COMPARING),
    ] = None,
    strict: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE|KEY|HEADER|JSONPATH", rich_help_panel=_COMPARING,
            help="Count as a change what this rule calls volatile, or what is volatile there; `all` for all rules.",
        ),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="List the rules for what is volatile.", rich_help_panel=_COMPARING)
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="KEY|HEADER|JSONPATH", rich_help_panel=_COMPARING,
            help="Show what differs there only, and the rule by which it is volatile.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show what is volatile, too.", rich_help_panel=_SHOWING)
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY,…", help=f"Changes of these: {_CATEGORIES}.", rich_help_panel=_SHOWING),
    ] = None,
    leave: Annotated[
        list[str] | None,
        typer.Option("--except", metavar="CATEGORY,…", help="Changes of all others.", rich_help_panel=_SHOWING),
    ] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="A line for an added or removed interaction.", rich_help_panel=_SHOWING)
    ] = False,
    stat: Annotated[bool, typer.Option("--stat", help="A line a cassette.", rich_help_panel=_SHOWING)] = False,
    name_only: Annotated[
        bool, typer.Option("--name-only", help="The paths of what changed.", rich_help_panel=_SHOWING)
    ] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="All cassettes together.", rich_help_panel=_SHOWING)
    ] = False,
    as_json: JsonOption = False,
    style: Annotated[
        str,
        typer.Option("--format", metavar="NAME", help="text, json, markdown or html.", rich_help_panel=_SHOWING),
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
        typer.Option(metavar="WHAT,…", help="Exit with 1 if this changed: a category, secrets or volatile."),
    ] = None,
    pre_commit: Annotated[bool, typer.Option("--pre-commit", hidden=True)] = False,
) -> int:  # fmt: skip
    """Compare OLD with NEW, files or folders, or versions in git: [--staged] [REV | REV..REV] [-- PATHS]."""
    from cassette_cli.render import diff_output

    del paths
    shape, made = _shape(stat=stat, names=name_only, summary=summary, as_json=as_json, style=style)
    if word_diff and (made != "text" or shape != "details"):
        raise UsageError("--word-diff is for the details in text alone", hint="leave it out, or the other option")
    if rules:
        diff_output.rules(choice.output, as_json=made == "json")
        return Exit.OK
    settings = config.section("diff")
    settings.known(*SETTINGS)
    wanted = set(_names("--fail-on", fail_on if fail_on is not None else settings.texts("fail-on"), FAIL_ON))
    options = _options(settings, ignore or (), strict or (), events, choice)
    asked = _asked(choice, ctx, staged=staged, conflict=conflict, pre_commit=pre_commit)
    how = diff_output.How(
        shape, made, everything=everything or explain is not None, context=context, word_diff=word_diff,
        brief=brief, paged=not (no_pager or pre_commit), seeing=_seeing(ctx, asked),
    )  # fmt: skip
    passes = _filter(only, leave, explain)
    plan = masking.plan_of_settings(_complain) if "secrets" in wanted else None
    total = DiffSummary(gathering=shape != "names")
    found: set[str] = set()
    with ExitStack() as held:
        pairs = sources.pairs(asked, held, _complain)
        if choice.bar is not None and not choice.output.terminal:  # a terminal has the pager
            pairs = choice.bar.over(pairs)
        volatile = how.everything or made in ("html", "json")
        differences = sources.differences(
            pairs, options, choice.paths, choice.failures, choice.unread, asked.others, volatile=volatile
        )
        show = held.enter_context(diff_output.shown(choice.output, how, total))
        compared = False
        for whole, old, new in differences:
            compared = True
            difference = passes(whole)
            total.add(difference)
            found |= fired(difference, wanted)
            if plan is not None and masking.brings_secret(old, new, plan):
                found.add("secrets")
            show(difference)
    if found:
        diff_output.failed(sorted(found), choice.output.color)
    unread = exit_code and choice.unread.recordings  # it differs, or there would have been nothing to read
    return choice.done(filtered=compared) or (
        Exit.FOUND if found or (exit_code and total.states) or unread else Exit.OK
    )


def _complain(error: Any) -> None:
    from cassette_cli.render.output import complain

    complain(error)


def _shape(*, stat: bool, names: bool, summary: bool, as_json: bool, style: str) -> tuple[Any, Any]:
    """Return the shape and the style of the output; raises `UsageError` for options that cannot be combined."""
    if style not in ("text", "json", "markdown", "html"):
        raise UsageError(f"invalid --format {style!r}: expected text, json, markdown or html")
    shapes = [name for name, given in (("--stat", stat), ("--name-only", names), ("--summary", summary)) if given]
    if len(shapes) > 1:
        raise UsageError(f"{shapes[0]} and {shapes[1]} cannot be combined", hint="choose one")
    if as_json and style not in ("text", "json"):
        raise UsageError(f"--json and --format {style} cannot be combined", hint="choose one")
    made = "json" if as_json else style
    if made != "text" and (stat or names):
        other = "--json" if as_json else f"--format {style}"
        raise UsageError(f"{shapes[0]} and {other} cannot be combined", hint="choose one; --json has the numbers, too")
    return ("stat" if stat else "names" if names else "summary" if summary else "details"), made


def _names(option: str, given: Any, known: tuple[str, ...] | frozenset[str]) -> list[str]:
    """Return names that were given separated by commas; raises `UsageError` for one that is not known."""
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise UsageError(f"invalid {option} {name!r}: unknown", hint=f"known are {', '.join(known)}")
    return names


def _options(settings: config.Section, ignore: Any, strict: Any, events: bool, choice: Choice) -> Options:
    strictly = [*settings.texts("strict"), *strict]
    names = {name for text in strictly if not text.startswith("$") for name in text.split(",")}
    rules = NAMES - {"ignored"} if "all" in names else names & NAMES
    places = [text for text in strictly if text.startswith("$")] + sorted(names - NAMES - {"all"})
    return Options(
        Named((*settings.texts("ignore"), *ignore)),
        frozenset(rules),
        Named(places, "--strict"),
        events=events,
        selection=choice.selection,
    )


def _filter(only: list[str] | None, leave: list[str] | None, explain: str | None) -> Callable[[Any], Any]:
    """Return what takes out of a difference all that nobody asked for."""
    kept = _names("--only", only or CATEGORIES, CATEGORIES)
    wanted = set(kept) - set(_names("--except", leave or (), CATEGORIES))
    place = None if explain is None else Named([explain], "--explain")
    if place is None and wanted == set(CATEGORIES):
        return lambda difference: difference
    return lambda difference: narrowed(difference, wanted, place)


def _asked(choice: Choice, ctx: typer.Context, *, staged: bool, conflict: bool, pre_commit: bool) -> sources.Asked:
    after = ctx.meta.get("after")
    if conflict and staged:
        raise UsageError("--conflict and --staged cannot be combined", hint="choose one")
    if pre_commit and (pushed := _pushed()) is None:
        return sources.Asked((), [*choice.paths.named, *(after or ())], True, choice.paths)
    return sources.Asked(
        choice.paths.named, after, staged, choice.paths, pushed if pre_commit else None, conflict=conflict
    )


def _seeing(ctx: typer.Context, asked: sources.Asked) -> Callable[[str], str]:
    """Return what makes the command that shows one cassette of those that were asked for."""
    words = list(ctx.meta.get("given", ()))
    words = words[: words.index("--")] if "--" in words else words
    given = [
        word for at, word in enumerate(words)
        if word not in ("--summary", "--no-pager", "--format") and not word.startswith("--format=")
        and words[at - 1 : at] != ["--format"]
    ]  # fmt: skip
    folders = [arg for arg in asked.args if os.path.isdir(arg)]
    files = [arg for arg in asked.args if arg not in folders and (os.path.exists(arg) or ":" in arg)]

    def command_for(path: str) -> str:
        if len(files) == 2:
            args = given
        elif len(folders) == len(asked.args) == 2 and asked.after is None:
            args = [os.path.join(arg, path) if arg in folders else arg for arg in given]
        else:
            args = [*(arg for arg in given if not os.path.exists(arg)), "--", path]
        return "cassette diff " + shlex.join(args)

    return command_for


def _pushed() -> tuple[str, str] | None:
    """Return the range that pre-commit was given, None where it runs for a commit."""
    first, last = (os.environ.get(f"PRE_COMMIT_{name}_REF") for name in ("FROM", "TO"))
    return (first, last) if first and last else None
