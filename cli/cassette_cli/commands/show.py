"""`cassette show`: requests and responses, decoded; with `--reassemble`, the conversation."""

from collections.abc import Callable
from typing import Annotated

import typer

from cassette_cli.commands.options import Choice, JobsOption, JsonOption, choosing, exclusive
from cassette_cli.errors import EditError, UsageError
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.showing import Parts


@choosing
def command(
    choice: Choice,
    reassemble: Annotated[
        bool, typer.Option("--reassemble", "-r", help="Show the conversation: messages, and streamed answers as text.")
    ] = False,
    headers: Annotated[bool, typer.Option("--headers", help="Show headers, too.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Write the decoded body, byte for byte.")] = False,
    request: Annotated[bool, typer.Option("--request", help="Show only the request.")] = False,
    response: Annotated[bool, typer.Option("--response", help="Show only the response.")] = False,
    as_json: JsonOption = False,
    bodies: Annotated[bool, typer.Option("--bodies", help="Include bodies in the JSON, as text.")] = False,
    parsed: Annotated[
        bool, typer.Option("--parsed-bodies", help="Include bodies in the JSON; those that are JSON, parsed.")
    ] = False,
    mask: Annotated[bool, typer.Option("--mask", help="Mask secrets, by the rules of `redact`.")] = False,
    jobs: JobsOption = None,
) -> int:
    """Show requests and responses, decoded and readable."""
    from cassette_cli.render import showing as render

    exclusive(raw=raw, json=as_json)
    exclusive(raw=raw, reassemble=reassemble)
    exclusive(raw=raw, headers=headers)
    exclusive(request=request, response=response)
    if (bodies or parsed) and not as_json:
        option = "--bodies" if bodies else "--parsed-bodies"
        raise UsageError(f"{option} needs --json", hint="without --json, bodies are shown anyway")
    wanted = Parts(not response, not request, bodies=bodies or parsed, parsed=parsed, messages=reassemble)
    view = render.View(choice.output, wanted, headers=headers, raw=raw)
    shown = _masking(mask)
    if as_json:
        for line in choice.each(lambda loaded: view.json(shown(loaded)), jobs, once=not mask):
            choice.output.text(line)
    else:
        for loaded in choice.cassettes(once=not mask):
            try:
                view.write(shown(loaded), choice.failures)
            except EditError as error:
                choice.failures(error)
    return choice.done()


def _masking(mask: bool) -> Callable[[Loaded], Loaded]:
    """Return what a cassette is shown as: itself, or with its secrets masked."""
    if not mask:
        return lambda loaded: loaded
    from cassette_cli.operations.redact.masking import default_plan, hidden

    plan = default_plan()
    return lambda loaded: hidden(loaded, plan)
