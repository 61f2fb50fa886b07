"""The command `cassette`: the one map from error to exit code.

Typer is imported when the command runs, and not before `run` has set the collector of garbage.
"""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from cassette_cli.errors import CassetteError, Exit

_KEPT = 1 << 22


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (without the program's name) and return its exit code."""
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
        _complain(error)
        return Exit.FAILED
    except BrokenPipeError:
        _forget_output()  # the reader has what it wanted (`| head`)
        return Exit.OK
    except KeyboardInterrupt:
        _interrupted()
        return Exit.INTERRUPTED
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):  # what Rich makes of one
            raise
        _forget_output()
        return Exit.OK
    except OSError as error:  # a full disk behind `>`, a folder that has gone: what no file of ours is to blame for
        _forget_output()
        _complain(CassetteError(error.strerror or str(error), path=error.filename))
        return Exit.FAILED
    except (RecursionError, MemoryError) as error:
        what = "nests too deep" if isinstance(error, RecursionError) else "is too large for this machine's memory"
        _complain(CassetteError(f"a recording {what}", hint="name the files one by one to see which"))
        return Exit.FAILED
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's own complaints; their class moves between versions
            raise
        _complain(_misused(error))
        return Exit.FAILED


def _misused(error: Any) -> CassetteError:
    """Return one of Typer's complaints as an error of ours; where a path is missing, its hint is an example."""
    from cassette_cli.commands.options import NO_PATH, PATHS, examples

    context = getattr(error, "ctx", None)
    if context is None:
        return CassetteError(error.format_message())
    if type(error).__name__ == "MissingParameter" and error.param is not None and error.param.metavar == PATHS:
        lines = [line for one in (context, context.parent) for line in examples(one.command.epilog)]
        example = next((line for line in lines if line.startswith(f"{context.command_path} ")), None)
        return CassetteError(NO_PATH, hint=example)
    return CassetteError(error.format_message(), hint=f"try: {context.command_path} --help")


def _complain(error: CassetteError) -> None:
    from cassette_cli.render.output import complain

    complain(error)


def _forget_output() -> None:
    from cassette_cli.render.output import forget

    forget(sys.stdout)


def _interrupted() -> None:
    """Say what was done: every file is whole, the old one or the new one."""
    # Where it came inside of `exec`, as when a dataclass is made, Python keeps a mark of it and, run with -m, dies of
    # the signal after all instead of ending with our code (`run_eval_code_obj`, pythonrun.c). This takes the mark off.
    exec("")  # noqa: S102
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    save = sys.modules.get("cassette_cli.source.save")
    count = 0 if save is None else save.Tally.written
    done = f"{count} {'file was' if count == 1 else 'files were'} rewritten" if count else "no file was changed"
    sys.stderr.write(f"\ncassette: interrupted; {done}\n")


def _invoke(args: list[str]) -> int:
    """Parse and run; not by Typer's own `main`, which ends the process when the reader of a pipe leaves."""
    file = _asked_by_git(args)
    if file is not None:
        from cassette_cli.render import textconv

        return textconv.write(file)
    import typer

    from cassette_cli.app import app
    from cassette_cli.operations.command import Command

    Command.arguments, Command.run = args, main
    command = typer.main.get_command(app)
    if "_CASSETTE_COMPLETE" in os.environ:
        command.main(args=args, prog_name="cassette")
    try:
        with command.make_context("cassette", args) as context:
            result = command.invoke(context)
    except typer.Exit as ended:
        result = ended.exit_code
    except typer.Abort as aborted:
        raise KeyboardInterrupt from aborted
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        _forget_output()  # the reader has what it wanted (`| head`); what was found is still found
    return result if isinstance(result, int) else Exit.OK


def _asked_by_git(args: list[str]) -> str | None:
    """Return the file of `textconv`, as git calls it for each file of a log: Typer would take half of the time."""
    if args[:1] != ["textconv"]:
        return None
    rest = args[3:] if args[1:2] == ["--view"] and args[2:3] and args[2].isdecimal() else args[1:]
    return rest[0] if len(rest) == 1 and (rest[0] == "-" or not rest[0].startswith("-")) else None


def tune_gc() -> None:
    """Have the process keep its memory: for one that reads many files and ends."""
    # Modules and trees of nodes hold few cycles: collecting them over and over costs a tenth of a run.
    gc.set_threshold(100_000, 50, 100)
    # Once it has freed a block of this size, glibc maps none that is smaller, and gives back no less than twice
    # of it (mallopt(3), M_MMAP_THRESHOLD); else the kernel has to clear the pages of each file's texts anew.
    bytes(_KEPT)


class _EndedError(BaseException):
    """A signal that ends the process has come; `args` has its number."""


def _end(number: int, _: object) -> None:
    raise _EndedError(number)


def run() -> None:
    """Enter from the command line."""
    tune_gc()
    try:
        for name in ("SIGTERM", "SIGHUP"):  # by default they end the process at once, and leave what is temporary
            if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_DFL:
                signal.signal(getattr(signal, name), _end)
        sys.exit(main())
    except KeyboardInterrupt:  # before `main` could meet it
        sys.exit(Exit.INTERRUPTED)
    except _EndedError as ended:
        signal.signal(ended.args[0], signal.SIG_DFL)
        os.kill(os.getpid(), ended.args[0])
    finally:
        gc.freeze()  # else Python looks through all that is left before it ends, for a tenth of a short run


if __name__ == "__main__":
    run()
