"""`cassette stats`: what a suite of cassettes holds, in numbers.

`--json` prints one object:

    {"cassettes": int, "total": TOTAL, "host": {NAME: TOTAL, …}, "model": …, "protocol": …, "status": …,
     "recorder": …, "folder": …, "month": …,
     "could_save": {"trim": {"cassettes": int, "bytes": int}, "decode": {"cassettes": int, "bytes": int}},
     "undecoded": int, "largest": [{"path": str, "file_bytes": int, "interactions": int}, …]}

With `--by` there is that one group only. TOTAL is `{"interactions", "input_tokens", "output_tokens", "frames",
"empty_frames", "body_bytes", "request_bytes", "cassettes", "file_bytes"}`, all integers, and `"p50_ms"`, `"p95_ms"`,
numbers or null where no duration was recorded. NAME is `-` for what is not known; a month is `2024-05`. `could_save`
has fewer bytes than none where files would grow. `largest` are ten at most, the largest first.
"""

from functools import partial
from typing import Annotated

import typer

from cassette_cli import config
from cassette_cli.commands.options import Choice, JobsOption, JsonOption, choosing, exclusive
from cassette_cli.operations.stats import By


@choosing
def command(
    choice: Choice,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH…]", help="Cassettes, folders (default: this one), FILE#3, or - for stdin."),
    ] = None,
    by: Annotated[By | None, typer.Option(help="Only this group, whole.")] = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a row a group and name.")] = False,
    jobs: JobsOption = None,
) -> int:
    """Add up what cassettes hold: calls, bytes, tokens, durations, by host, model, protocol, status, recorder, month.

    It also says what `cassette trim` and `cassette decode` would save, and which files are the largest.
    """
    exclusive(json=as_json, csv=as_csv)
    choice.paths = choice.paths._replace(named=paths or ["."])
    return write(choice, jobs, by=by, as_json=as_json, as_csv=as_csv)


def write(
    choice: Choice, jobs: int | None, *, by: By | None = None, as_json: bool = False, as_csv: bool = False
) -> int:
    """Write the totals of the chosen interactions."""
    from cassette_cli.operations.stats import file, summarise
    from cassette_cli.operations.trim import options
    from cassette_cli.render import stats as render

    trimming = options.chosen(config.section("trim"))
    stats = summarise(choice.each(partial(file, trimming=trimming), jobs, once=True), by)
    if as_json or as_csv or stats.total.cassettes or not choice.failures.errors:  # else there is nothing to add up
        render.write(choice.output, stats, as_json=as_json, as_csv=as_csv)
    return choice.done()
