"""`cassette git`: let git show what changed in cassettes."""

from typing import Annotated

import typer

from cassette_cli.commands.options import JsonOption
from cassette_cli.errors import Exit, UsageError


def command(
    action: Annotated[str, typer.Argument(metavar="install|uninstall|status", help="What to do.")],
    everywhere: Annotated[
        bool, typer.Option("--global", help="For all of your repositories, in your own settings.")
    ] = False,
    local: Annotated[
        bool, typer.Option("--local", help="Attributes in .git/info/attributes: they override a committed -diff.")
    ] = False,
    pattern: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Which files, as .gitattributes takes them.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Let `git diff`, `show`, `log -p` and `blame` read cassettes through `cassette textconv`."""
    from cassette_cli.operations import gitsetup
    from cassette_cli.render.listing import json_line
    from cassette_cli.render.output import Output

    if everywhere and local:
        raise UsageError("--global and --local are two places", hint="choose one")
    place = gitsetup.Place(everywhere, local)
    output = Output()
    works = True
    if action == "install":
        done = gitsetup.install(place, tuple(pattern or ()))
        lines = done.lines
    elif action == "uninstall":
        done = gitsetup.uninstall(place)
        lines = done.lines or ["nothing of ours was installed"]
    elif action == "status":
        lines, works = gitsetup.status(place)
    else:
        raise UsageError(f"{action} is not install, uninstall or status")
    if as_json:
        output.text(json_line({"action": action, "lines": lines, "works": works}))
    else:
        for line in lines:
            output.text(line)
    return Exit.OK if works else Exit.FOUND
