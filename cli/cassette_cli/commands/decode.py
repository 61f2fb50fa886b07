"""`cassette decode`: make the bodies of cassettes readable."""

from collections.abc import Iterator
from typing import Annotated

import typer

from cassette_cli.commands.changing import Changes
from cassette_cli.commands.options import (
    CheckOption,
    Choice,
    DiffOption,
    ForceOption,
    JobsOption,
    OutputOption,
    choosing,
)
from cassette_cli.errors import Exit
from cassette_cli.operations.edit.changing import Summary
from cassette_cli.operations.edit.decoding import Left
from cassette_cli.operations.loading import Loaded


@choosing
def command(
    choice: Choice,
    pretty: Annotated[
        bool, typer.Option("--pretty", help="Lay the JSON of responses out over lines, in YAML files.")
    ] = False,
    requests: Annotated[bool, typer.Option("--requests", help="Decode the bodies of requests, too.")] = False,
    check: CheckOption = False,
    show_diff: DiffOption = False,
    output_file: OutputOption = None,
    force: ForceOption = False,
    jobs: JobsOption = None,
) -> int:
    """Store bodies as text: gzip, deflate, Brotli, Zstandard and base64 are taken off.

    It is done as the recorder itself stores a decoded body, so that a client is handed the same: the
    Content-Encoding goes, lengths follow. Only responses are decoded, for requests may be matched by
    their bodies; --requests takes them, too.
    """
    from cassette_cli.operations.edit.decoding import decode, words
    from cassette_cli.render.inert import inert_line

    changes = Changes(choice, output_file, check=check, diff=show_diff, verb="decoded", force=force)
    unread: list[Left] = []

    def work(loaded: Loaded) -> Iterator[tuple[Summary, list[Left]]]:
        done = decode(loaded, requests=requests, lay_out=pretty, input_format=choice.paths.input_format)
        changes.store(done.edited)
        yield done.summary(diff=show_diff)

    def told(summary: Summary, left: list[Left]) -> Summary:
        path = inert_line(summary.path)
        changes.report.output.lines([[(f"{path}{inert_line(words(one))}", "yellow")] for one in left])
        unread.extend(one for one in left if one.unread)
        return summary

    code = changes.run(work, jobs, lambda found: told(*found))
    return code or (Exit.FOUND if unread else Exit.OK)
