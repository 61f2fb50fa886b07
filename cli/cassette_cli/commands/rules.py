"""`cassette rules`: what `cassette redact` looks for.

`--json` prints a line a rule: `{"name", "level", "kind", "about", "matches", "counts", "regex", "used"}`.
"""

import os
from typing import Annotated

import typer

from cassette_cli import config
from cassette_cli.commands.options import JsonOption
from cassette_cli.errors import Exit, UsageError
from cassette_cli.render.output import Output


def command(
    level: Annotated[list[str] | None, typer.Option(metavar="LEVEL", help="Rules of this level only.")] = None,
    explain: Annotated[str | None, typer.Option(metavar="NAME", help="Say what a rule matches.")] = None,
    hash_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="Print the hash of a variable's value, for `allow`.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """List the rules of `cassette redact`, with what the settings add, each with its level."""
    from cassette_cli.operations.redact.explaining import described
    from cassette_cli.operations.redact.options import Given, table_of
    from cassette_cli.operations.redact.rules.table import LEVELS
    from cassette_cli.operations.redact.text import fingerprint
    from cassette_cli.render import redact as render

    output = Output()
    if hash_env is not None:
        value = os.environ.get(hash_env)
        if not value:
            raise UsageError(
                f"the environment has no {hash_env}", hint="set it first; it is not taken from the command line"
            )
        output.text(fingerprint(value))
        return Exit.OK
    settings = config.section("redact")
    used = settings.texts("levels") or ("secrets", "ids")
    defaults = settings.flag("defaults", default=True)
    table = table_of(settings, Given(), levels=used, defaults=defaults, allow=settings.texts("allow"), everything=True)
    for name in level or ():
        if name not in LEVELS:
            raise UsageError(f"{name!r} is no level", hint=f"one of: {', '.join(LEVELS)}")
    found = [one for one in described(table, explain) if not level or one.rule.level in level]
    if not found and explain is not None:
        raise UsageError(f"there is no rule {explain!r}", hint="`cassette rules` lists them")
    render.rules(output, found, as_json=as_json, explained=explain is not None)
    return Exit.OK
