"""`cassette explain`: what a name means that cassette prints or takes.

`--json` prints a line a meaning:

    {"kind": str, "name": str, "words": [str, …], "about": str, "text": str, "facts": {str: str, …},
     "example": [str, …]}

`kind` is check, redaction rule, redaction level, volatile rule, change, protocol, framing, recorder, setting, note,
word or verb. `words` are other names for it, `about` is a line, `text` a paragraph or "", `example` lines, which may be
none.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from cassette_cli.commands.options import JsonOption, examples
from cassette_cli.errors import Exit
from cassette_cli.render.output import Color, Output

if TYPE_CHECKING:
    from cassette_cli.operations.explain.explaining import Explanation


def _names(incomplete: str) -> list[str]:
    from cassette_cli.operations.explain.explaining import everything

    return [one.name for one in everything() if one.name.lower().startswith(incomplete.lower()) and " " not in one.name]


def _verbs(ctx: typer.Context) -> "list[Explanation]":
    from cassette_cli.operations.explain.explaining import of_verb

    rows = getattr(ctx.find_root().command, "commands", {}).values()
    return [of_verb(row.name, row.help, examples(row.epilog)) for row in rows if not row.hidden]


def command(
    ctx: typer.Context,
    name: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME…]",
            help="A code, rule, protocol, recorder, verb or word, or a note of `show`; without it, all are listed.",
            autocompletion=_names,
        ),
    ] = None,
    as_json: JsonOption = False,
    color: Annotated[Color, typer.Option(help="When to use colour.", show_default=False)] = Color.AUTO,
) -> int:
    """Say what a name means that cassette prints or takes, with an example.

    What has several meanings has all of them printed. Names may be globs, and case does not count.
    """
    from cassette_cli.operations.explain.explaining import everything, explain
    from cassette_cli.render import explain as render

    output = Output(color)
    if name:
        render.write(output, explain(name, _verbs(ctx)), as_json=as_json)
    else:
        render.names(output, [*everything(), *_verbs(ctx)], as_json=as_json)
    return Exit.OK
