"""The Typer app: the verbs, each loaded when it is called."""

import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cassette_cli import __version__

COMMANDS = (
    "ls",
    "show",
    "edit",
    "set",
    "rm",
    "keep",
    "split",
    "join",
    "decode",
    "redact",
    "trim",
    "diff",
    "check",
    "rules",
    "protocols",
    "git",
    "textconv",
)
"""The verbs in the order of the help; each is a module of `commands` with a function `command`."""


class _Verbs(TyperGroup):
    """A group that imports a verb when it is called, and all of them only for the help."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the verbs."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one verb, None for a name that is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"cassette_cli.commands.{cmd_name.replace('-', '_')}")
        verb = typer.Typer(add_completion=False)
        verb.command(cmd_name, cls=getattr(module, "Command", None))(module.command)
        return typer.main.get_command(verb)


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"cassette {__version__}\n")
        raise typer.Exit


app = typer.Typer(cls=_Verbs, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read, explain, clean and compare cassettes: HTTP recorded by go-vcr, VCR.py, VCR, Betamax and others."""
    del version
