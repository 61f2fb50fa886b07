"""`cassette why`: why a request finds no recording; `render/why.py` says what `--json` prints."""

import json
import sys
from typing import Annotated

import typer

from cassette_cli.commands.options import Choice, JsonOption, choosing, completing_lists
from cassette_cli.errors import CassetteError, Exit, UsageError


def _matchers() -> list[str]:
    from cassette_cli.operations.why.matching import COVERS

    return list(COVERS)


@choosing
def command(
    choice: Choice,
    paths: Annotated[
        list[str],
        typer.Argument(metavar="FILE [REQUEST]", help="A cassette (or a folder); the request: a file, a text, or -."),
    ],
    match: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,…",
            help="Compare by these: method, uri, query, headers, body, …",
            **completing_lists(_matchers),
        ),
    ] = None,
    most: Annotated[int, typer.Option("-n", "--nearest", metavar="N", min=1, help="Show the N nearest.")] = 1,
    as_json: JsonOption = False,
) -> int:
    """Say which recording is nearest to a request, and what differs by the recorder's own rule of matching.

    REQUEST is a curl command, raw HTTP, a HAR entry, JSON with method and url, another cassette (FILE#2), or the
    message of VCR.py, Ruby VCR, go-vcr or Betamax, be it in the output of a test run; in a file, as a text, or on
    standard input.
    """
    from cassette_cli.operations.why import requests
    from cassette_cli.operations.why.explaining import explain_all, meant
    from cassette_cli.render import why as render
    from cassette_cli.render.output import complain

    if len(paths) > 2:
        raise UsageError(f"{len(paths)} arguments: expected FILE and REQUEST", hint="put a request in quotes")
    file, name = (*paths, "-")[:2]
    if name == "-" and file == "-":
        raise UsageError("the cassette and the request cannot both come from standard input", hint="name one of them")
    if len(paths) == 1 and sys.stdin.isatty():
        raise UsageError(
            "name the request, too", hint=f"cassette why {file} REQUEST, with {requests.FORMS}; or pipe it in"
        )
    asked = requests.read(name, sys.stdin.buffer.read() if name == "-" else None)
    choice.paths = choice.paths._replace(named=(file,))
    loaded = list(choice.cassettes())
    if not loaded and choice.failures.errors:
        return choice.done()
    code = Exit.OK
    for number, one in enumerate(asked):
        about = meant(one, loaded)
        if loaded and not about:
            complain(CassetteError(f"{one.source} is about {one.cassette}", hint="name that cassette, or its folder"))
        found = explain_all(about or loaded, one, match or ())
        if as_json:
            choice.output.text(json.dumps(render.json_of(found, most), ensure_ascii=True))
        else:
            choice.output.lines([*([[("", "")]] if number else []), *render.lines(found, most)], wrap=False)
        if found.verdict not in ("match", "played"):
            code = Exit.FOUND
    return choice.done() or code
