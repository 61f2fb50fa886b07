"""The command `cassette`: its verbs, loaded when called, and the one map from error to exit code."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cassette_cli import __version__
from cassette_cli.errors import CassetteError, Exit

COMMANDS = ("ls", "show", "redact", "trim", "diff", "check", "rules", "protocols", "git", "textconv")
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (without the program's name) and return its exit code."""
    from cassette_cli.render.output import complain, forget

    if sys.stdin is None:  # the caller has closed it, as others may close the two below
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        # UTF-8 out whatever the locale; a lone surrogate must not end a listing.
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        return _invoke(sys.argv[1:] if argv is None else list(argv))
    except CassetteError as error:
        complain(error)
        return Exit.FAILED
    except BrokenPipeError:
        forget(sys.stdout)  # the reader has what it wanted (`| head`)
        return Exit.OK
    except (KeyboardInterrupt, typer.Abort):
        _interrupted()
        return Exit.INTERRUPTED
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):  # what Rich makes of one
            raise
        forget(sys.stdout)
        return Exit.OK
    except OSError as error:  # a full disk behind `>`, a folder that has gone: what no file of ours is to blame for
        forget(sys.stdout)
        complain(CassetteError(error.strerror or str(error), path=error.filename))
        return Exit.FAILED
    except (RecursionError, MemoryError) as error:
        what = "nests too deep" if isinstance(error, RecursionError) else "is too large for this machine's memory"
        complain(CassetteError(f"a recording {what}", hint="name the files one by one to see which"))
        return Exit.FAILED
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's own complaints; their class moves between versions
            raise
        context = getattr(error, "ctx", None)
        hint = f"try: {context.command_path} --help" if context is not None else None
        complain(CassetteError(error.format_message(), hint=hint))
        return Exit.FAILED


def _interrupted() -> None:
    """Say what was done: every file is whole, the old one or the new one."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    save = sys.modules.get("cassette_cli.source.save")
    count = 0 if save is None else save.Tally.written
    done = f"{count} {'file was' if count == 1 else 'files were'} rewritten" if count else "no file was changed"
    sys.stderr.write(f"\ncassette: interrupted; {done}\n")


def _invoke(args: list[str]) -> int:
    """Parse and run; not by Typer's own `main`, which ends the process when the reader of a pipe leaves."""
    command = typer.main.get_command(app)
    if "_CASSETTE_COMPLETE" in os.environ:
        command.main(args=args, prog_name="cassette")
    try:
        with command.make_context("cassette", args) as context:
            result = command.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    sys.stdout.flush()
    sys.stderr.flush()
    return result if isinstance(result, int) else Exit.OK


def run() -> None:
    """Enter from the command line."""
    # Trees of nodes hold no cycles: collecting them over and over costs a tenth of a run and frees nothing.
    gc.set_threshold(100_000, 50, 100)
    sys.exit(main())


if __name__ == "__main__":
    run()
