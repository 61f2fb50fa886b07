"""`cassette grep`: what was asked and answered, searched as a person reads it.

`--json` prints a line a hit:

    {"path": str, "interaction": int | null, "where": str, "line": int | null, "text": str | null,
     "matches": [[start, end], …], "before": [str, …], "after": [str, …], "binary": int}

`line` counts from 1 in the text that `where` names, `text` is the line (the lines, where a match spans several), as it
is shown, and `matches` count its characters. `before` and `after` are there with `-C` alone. Of a binary body, whose
size `binary` is then there to say, `line` and `text` are null. With `-l` a line is `{"path": str}`, with `-c`
`{"path": str, "count": int}`, a line a cassette that has hits.
"""

import os
import re
from typing import Annotated

import typer

from cassette_cli.commands.options import Choice, JobsOption, JsonOption, SkipUnreadOption, choosing, exclusive, some_of
from cassette_cli.errors import Exit, UsageError

_INDICES = re.compile(r"-?\d+(?:[-,]-?\d+)*")
_MATCHING = "Matching"
_PRINTING = "Printing"


def _parts() -> list[str]:
    from cassette_cli.operations.grep.texts import KINDS, PARTS, SIDES

    return [*SIDES, *KINDS, *sorted(PARTS)]


def _refuse_indices(pattern: str, named: list[str]) -> None:
    """Raise `UsageError` where `-i` is followed by an interaction's number, as it is with the other verbs."""
    missing = [one for one in named if one != "-" and not os.path.lexists(one)]
    number = next((one for one in [*missing, *([pattern] if missing else [])] if _INDICES.fullmatch(one)), None)
    if number is not None:
        hint = f"-i ignores case here; choose interactions with --interaction {number}"
        raise UsageError("no such file", path=missing[0], hint=hint)


@choosing
def command(
    choice: Choice,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATTERN [PATH…]",
            help="A regular expression; then cassettes, folders (default: this one), FILE#3, or - for stdin.",
        ),
    ] = None,
    patterns: Annotated[
        list[str] | None,
        typer.Option("-e", "--regexp", metavar="PATTERN", help="Search for this, too.", rich_help_panel=_MATCHING),
    ] = None,
    fixed: Annotated[
        bool, typer.Option("-F", "--fixed-strings", help="Take PATTERN as plain text.", rich_help_panel=_MATCHING)
    ] = False,
    ignore_case: Annotated[
        bool, typer.Option("-i", "--ignore-case", help="Ignore case.", rich_help_panel=_MATCHING)
    ] = False,
    word: Annotated[
        bool, typer.Option("-w", "--word-regexp", help="Match whole words only.", rich_help_panel=_MATCHING)
    ] = False,
    within: Annotated[
        list[str] | None,
        typer.Option(
            "--in",
            metavar="PART,…",
            rich_help_panel=_MATCHING,
            **some_of(_parts),
            help="Only there: request, response, url, headers, body, text, reasoning, tool-calls; or request.text.",
        ),
    ] = None,
    indices: Annotated[
        list[str] | None,
        typer.Option("--interaction", metavar="0,2-4,-1", help="Only these interactions.", rich_help_panel="Choosing"),
    ] = None,
    context: Annotated[
        int, typer.Option("-C", "--context", metavar="N", min=0, help="Show N lines around.", rich_help_panel=_PRINTING)
    ] = 0,
    names: Annotated[
        bool, typer.Option("-l", "--files-with-matches", help="Print paths only.", rich_help_panel=_PRINTING)
    ] = False,
    count: Annotated[
        bool, typer.Option("-c", "--count", help="Count the lines of each cassette.", rich_help_panel=_PRINTING)
    ] = False,
    only: Annotated[
        bool, typer.Option("-o", "--only-matching", help="Print what matches only.", rich_help_panel=_PRINTING)
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Print nothing; exit at the first hit.", rich_help_panel=_PRINTING)
    ] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show secrets in clear.", rich_help_panel=_PRINTING)] = False,
    as_json: JsonOption = False,
    jobs: JobsOption = None,
    skip_unread: SkipUnreadOption = False,
) -> int:
    """Search URLs, headers, decoded bodies, and what streams rebuild to: answers, reasoning, tool calls.

    Secrets in what is printed are masked. Exit codes are those of grep.
    """
    from cassette_cli.operations.grep.pattern import pattern_of
    from cassette_cli.operations.grep.searching import Search
    from cassette_cli.operations.grep.texts import Within
    from cassette_cli.render.grep import Report

    del indices
    exclusive(files_with_matches=names, count=count, only_matching=only, quiet=quiet)
    exclusive(only_matching=only, json=as_json)
    exclusive(quiet=quiet, json=as_json)
    wanted, named = list(patterns or ()), list(paths or ())
    if not wanted:
        if not named:
            raise UsageError("no pattern is given", hint="cassette grep 'high water' tests/cassettes")
        wanted, named = named[:1], named[1:]
    if ignore_case:
        _refuse_indices(wanted[0], named)
    choice.paths = choice.paths._replace(named=named or ["."])
    search = Search(
        pattern_of(wanted, fixed=fixed, ignore_case=ignore_case, word=word),
        Within.of(within or ()),
        context=context, reveal=reveal, first=names or quiet, shown=not (names or count or quiet),
    )  # fmt: skip
    report = Report(choice.output, as_json=as_json, names=names, count=count, only=only)
    hit = False
    for found in choice.each(search, jobs, once=True):
        hit = hit or found.lines > 0
        if quiet and hit:
            return Exit.OK
        report.write(found)
        for trouble in found.troubles:
            choice.failures(trouble)
    code = choice.done(skip_unread=skip_unread)
    if code:
        return Exit.FAILED
    return Exit.OK if hit else Exit.FOUND
