"""`cassette ls`: what is in these cassettes."""

from collections.abc import Iterator
from typing import Annotated

import typer

from cassette_cli.commands.options import Choice, JobsOption, JsonOption, choosing
from cassette_cli.operations import listing
from cassette_cli.operations.loading import Loaded


@choosing
def command(
    choice: Choice,
    as_json: JsonOption = False,
    long: Annotated[bool, typer.Option("--long", "-l", help="Show whole URLs, with scheme and query.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Print totals, as `cassette stats` does.")] = False,
    sort: Annotated[listing.SortKey | None, typer.Option(help="Order by this, largest first; path: A to Z.")] = None,
    jobs: JobsOption = None,
) -> int:
    """List the interactions of cassettes: a table on a terminal, tab-separated lines in a pipe."""
    from cassette_cli.render import listing as render

    output = choice.output
    people = output.terminal and not as_json

    def written(loaded: Loaded) -> Iterator[str]:
        return (render.lines(group.rows, as_json=as_json, long=long) for group in listing.group(loaded))

    if sort is None and not summary and not people:
        output.texts(choice.each(written, jobs, once=True))
        return choice.done()
    if summary:
        from cassette_cli.commands import stats

        return stats.write(choice, jobs, as_json=as_json)
    groups = choice.each(listing.group, jobs, once=True)
    if sort is None:
        render.tables(output, groups, long=long)
    else:
        rows = listing.sort_rows((row for group in groups for row in group.rows), sort)
        if people:
            render.table(output, rows, long=long, with_path=True, heading=True)
        else:
            output.texts([render.lines(rows, as_json=as_json, long=long)])
    return choice.done()
