"""`cassette html`: a page of a whole suite, to be looked at in a browser."""

import os
import sys
from typing import Annotated

import typer

from cassette_cli import config
from cassette_cli.commands.options import Choice, JobsOption, choosing
from cassette_cli.errors import UsageError
from cassette_cli.operations.sizes import parse_size

_LARGE = 100_000_000
"""Bytes from which a page of one file is worth a word."""


@choosing
def command(
    choice: Choice,
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="FILE|DIR", help="Write FILE.html, or DIR/index.html with its texts beside it."
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace the page if it is there.")] = False,
    max_text: Annotated[
        str, typer.Option(metavar="SIZE", help="Show so much of a body or conversation at most (none: all).")
    ] = "256k",
    jobs: JobsOption = None,
) -> int:
    """Make a page of HTML of a whole suite: a list with search, filters and plots, and every interaction readable.

    The page needs nothing else and fetches nothing. Recorded text is inert in it, secrets are masked. What ends with
    .html is one file, `-` is standard output; anything else is a folder, where texts are read when they are looked at.
    """
    from cassette_cli.operations.check.checking import accepted, limits
    from cassette_cli.operations.html import Looking, exhibits
    from cassette_cli.operations.saving import free
    from cassette_cli.render.inert import inert_line
    from cassette_cli.render.output import human_size
    from cassette_cli.render.page.entry import entry, note
    from cassette_cli.render.page.suite import gathering
    from cassette_cli.source import save

    alone = output == "-" or output.lower().endswith((".html", ".htm"))
    path = output if alone else os.path.join(output, "index.html")
    if not alone and os.path.lexists(output) and not os.path.isdir(output):
        raise UsageError("a file, not a folder", path=output, hint="end the name of a page with .html")
    free(path, force=force, makes_folder=not alone)
    limit = None if max_text == "none" else parse_size(max_text, "--max-text")
    settings = config.section("check")
    looking = Looking(limits(settings, (), (), None, None, choice.failures), accepted(settings, None))
    with gathering(None if alone else output) as page:
        for made_entry in choice.each(lambda loaded: (entry(one, limit) for one in exhibits(loaded, looking)), jobs):
            page.add(made_entry)
        if not page.about:
            return choice.done()
        for error in choice.failures.errors:
            page.add(note(str(error.path or ""), looking.shown(str(error))))
        for kind, paths in choice.unread.recordings.items():
            for unread in paths:
                page.add(note(unread, f"a recording of {kind}, which is not read"))
        if output == "-":
            for piece in page.pieces():
                choice.output.data(piece)
            return choice.done()
        save.write_pieces(path, page.pieces())
        if not alone:
            page.remove_old_parts()
    size = os.path.getsize(path)
    choice.output.lines([[(inert_line(path), "bold"), (f"  {page.about}, {human_size(size)}", "")]])
    if alone and size > _LARGE:
        sys.stderr.write(f"cassette: {inert_line(path)}: note: -o DIR/ makes a page that opens faster\n")
    return choice.done()
