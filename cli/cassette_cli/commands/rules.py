"""`cassette rules`: what `cassette redact` looks for.

`--json` prints a line a rule: `{"name", "level", "kind", "about", "matches", "regex", "hosts", "used"}`.
"""

import os
from enum import StrEnum
from typing import Annotated

import typer

from cassette_cli import config
from cassette_cli.commands.options import JsonOption
from cassette_cli.errors import Exit, UsageError
from cassette_cli.render.output import Output


class Recorder(StrEnum):
    """The recorders that `--emit` prints code for."""

    VCRPY = "vcrpy"
    PYTEST_RECORDING = "pytest-recording"
    BETAMAX = "betamax"
    RUBY_VCR = "ruby-vcr"
    GO_VCR = "go-vcr"
    POLLY = "polly"


def command(
    level: Annotated[list[str] | None, typer.Option(metavar="LEVEL", help="Rules of this level only.")] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="NAME", help="Say what a rule matches, as `cassette explain` does.")
    ] = None,
    hash_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="Print the fingerprint of a variable's value, for `allow`.")
    ] = None,
    emit: Annotated[
        Recorder | None,
        typer.Option(help="Print code by which a recorder writes the same placeholders."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """List the rules of `cassette redact`, with what the settings add, each with its level."""
    from cassette_cli.operations.redact.options import Given, detectors_of, levels_of
    from cassette_cli.operations.redact.replace.placeholders import fingerprint
    from cassette_cli.operations.redact.rules.explaining import described
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
    if emit is not None:
        from cassette_cli.operations.redact.emitting.code import code

        output.text(
            code(emit, detectors_of(settings, Given()), settings.text("placeholder") or "REDACTED").rstrip("\n")
        )
        return Exit.OK
    levels = levels_of(level or ("all",))
    found = [one for one in described(detectors_of(settings, Given()), explain) if one.rule.level in levels]
    if explain is not None and not as_json:
        from cassette_cli.operations.explain.explaining import of_rule
        from cassette_cli.render import explain as explaining

        explaining.write(output, [of_rule(one) for one in found], as_json=False)
    else:
        render.rules(output, found, as_json=as_json)
    return Exit.OK
