"""`cassette show`: requests and responses, decoded; with `--reassemble`, the conversation."""

from typing import Annotated

import typer

from cassette_cli.commands.options import Choice, JobsOption, JsonOption, choosing
from cassette_cli.errors import EditError, UsageError
from cassette_cli.operations.loading import Loaded


@choosing
def command(
    choice: Choice,
    reassemble: Annotated[
        bool, typer.Option("--reassemble", "-r", help="The conversation: messages, and the streamed answer as text.")
    ] = False,
    headers: Annotated[bool, typer.Option("--headers", help="Show the headers, too.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Write the decoded body, byte for byte.")] = False,
    request: Annotated[bool, typer.Option("--request", help="The request only.")] = False,
    response: Annotated[bool, typer.Option("--response", help="The response only.")] = False,
    as_json: JsonOption = False,
    bodies: Annotated[bool, typer.Option("--bodies", help="Include bodies in --json.")] = False,
    mask: Annotated[bool, typer.Option("--mask", help="Show no secret, as `cassette redact` knows them.")] = False,
    jobs: JobsOption = None,
) -> int:
    """Show requests and responses, decoded and readable."""
    from cassette_cli.render import showing as render

    if raw and (as_json or reassemble):
        raise UsageError("--raw goes with neither --json nor --reassemble")
    if bodies and not as_json:
        raise UsageError("--bodies goes with --json")
    view = render.View(
        choice.output,
        reassembled=reassemble,
        headers=headers,
        raw=raw,
        bodies=bodies,
        request=request or not response,
        response=response or not request,
    )
    if as_json:
        for line in choice.each(lambda loaded: view.json(_shown(loaded, mask=mask)), jobs):
            choice.output.text(line)
    else:
        for loaded in choice.cassettes():
            try:
                view.write(_shown(loaded, mask=mask), choice.failures)
            except EditError as error:
                choice.failures(error)
    return choice.done()


def _shown(loaded: Loaded, *, mask: bool) -> Loaded:
    if not mask:
        return loaded
    from cassette_cli.operations.redact.masking import hidden

    return hidden(loaded)
