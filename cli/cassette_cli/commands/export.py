"""`cassette export`: what a cassette holds, in formats of others."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cassette_cli.commands.options import Choice, JobsOption, choosing
from cassette_cli.errors import CassetteError, Exit
from cassette_cli.operations.loading import Loaded
from cassette_cli.render.inert import inert_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cassette_cli.operations.export.cleaning import Cleaned, Note

command = typer.Typer(
    add_completion=False,
    invoke_without_command=True,
    help="Write interactions as a HAR, as curl commands, or as conversations in JSON Lines.",
)

_HELP = {"help_option_names": ["-h", "--help"]}

OutputFile = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write there instead of to standard output.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Leave secrets as they were recorded.")]


@command.callback()
def _root(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")


@command.command(context_settings=_HELP)
@choosing
def har(
    choice: Choice, output: OutputFile = None, force: Force = False, reveal: Reveal = False, jobs: JobsOption = None
) -> int:
    """Write the interactions as one HTTP Archive (HAR 1.2), bodies decoded, secrets redacted."""
    from cassette_cli.operations.export import har as made
    from cassette_cli.render.output import json_line

    def written(cleaned: "Cleaned") -> "Iterator[tuple[str, list[Note]]]":
        return ((json_line(entry), notes) for entry, notes in made.entries(cleaned))

    _free(output, force)
    entries, notes = _gathered(choice, written, reveal, jobs)
    head = json_line({"log": made.head()})[:-2]
    text = head + ', "entries": [\n' + ",\n".join(entries) + "\n]}}\n"
    _write(choice, output, text if entries else "")
    return _done(choice, notes)


@command.command(context_settings=_HELP)
@choosing
def messages(
    choice: Choice, output: OutputFile = None, force: Force = False, reveal: Reveal = False, jobs: JobsOption = None
) -> int:
    """Write conversations in the chat format, a line of JSON an answer, secrets redacted.

    Interactions that are not conversations are counted on standard error alone. Where an answer is left out, or a part
    of a conversation, the exit code is 1.
    """
    from cassette_cli.operations.export import messages as made
    from cassette_cli.render.output import json_line

    def written(cleaned: "Cleaned") -> "Iterator[tuple[str, list[Note]]]":
        return (("" if line is None else json_line(line), notes) for line, notes in made.lines(cleaned))

    _free(output, force)
    found, notes = _gathered(choice, written, reveal, jobs)
    _write(choice, output, "".join(line + "\n" for line in found if line))
    others = found.count("") - sum(note.text.startswith(made.NO_LINE) for note in notes)
    if others:
        noun = "interaction is not a conversation" if others == 1 else "interactions are not conversations"
        sys.stderr.write(f"cassette: {others} {noun}; left out\n")
    return _done(choice, notes)


@command.command(context_settings=_HELP)
@choosing
def curl(choice: Choice, output: OutputFile = None, force: Force = False, reveal: Reveal = False) -> int:
    """Write requests as commands of curl, in a script for the shell, secrets as variables.

    With -o, binary and multipart bodies are files beside the script; without it, they are base64 in a pipe.
    """
    from cassette_cli.operations.export.cleaning import Variabled, revealed
    from cassette_cli.render.curl import Script

    _free(output, force)
    stem = "" if output is None else os.path.splitext(os.path.basename(output))[0]
    cleaner = Variabled()
    script = Script(cleaner.variables, reveal, None if output in (None, "-") else lambda n, end: f"{stem}-{n}{end}")
    for loaded in choice.cassettes():
        try:
            if _readable(loaded):
                script.add(revealed(loaded, responses=False) if reveal else cleaner.clean(loaded))
        except CassetteError as error:
            choice.failures(error.at(loaded.cassette.path))
    files = {os.path.join(os.path.dirname(output or ""), name): data for name, data in script.files.items()}
    for path in files:
        _free(path, force)
    for path, data in files.items():
        _save(path, data)
    _write(choice, output, script.text if script.commands else "")
    return _done(choice, script.notes)


def _gathered(
    choice: Choice,
    written: "Callable[[Cleaned], Iterable[tuple[str, list[Note]]]]",
    reveal: bool,
    jobs: int | None,
) -> "tuple[list[str], list[Note]]":
    """Return the texts that are made of the cassettes, and the notes on them."""
    from cassette_cli.operations.export.cleaning import redacted, revealed
    from cassette_cli.operations.redact.masking import default_plan

    plan = None if reveal else default_plan()

    def work(loaded: Loaded) -> "Iterator[tuple[str | None, list[Note]]]":
        if _readable(loaded):
            cleaned = revealed(loaded) if plan is None else redacted(loaded, plan)
            yield None, cleaned.notes
            try:
                yield from written(cleaned)
            except CassetteError as error:
                raise error.at(loaded.cassette.path) from None

    texts: list[str] = []
    notes: list[Note] = []
    for text, own in choice.each(work, jobs):
        notes += own
        if text is not None:
            texts.append(text)
    return texts, notes


def _readable(loaded: Loaded) -> bool:
    from cassette_cli.operations.saving import readable

    try:
        return readable(loaded)
    except CassetteError as error:
        raise error.at(loaded.cassette.path) from None


def _free(path: str | None, force: bool) -> None:
    """Raise `UsageError` where the result cannot be put there."""
    from cassette_cli.operations.saving import free

    free(path or "-", force=force)


def _write(choice: Choice, path: str | None, text: str) -> None:
    """Write what was made; where that is nothing, no file, and what stands there stays."""
    file = None if path == "-" else path
    if not text:
        where = "" if file is None else f"; {inert_line(file)} is not written"
        sys.stderr.write(f"cassette: nothing was exported{where}\n")
    elif file is None:
        choice.output.texts([text])
    else:
        _save(file, text.encode())


def _save(path: str, data: bytes) -> None:
    from cassette_cli.source import save

    save.write(path, data)


def _done(choice: Choice, notes: "list[Note]") -> int:
    """Say what is missing from the export; return the exit code, in which that counts."""
    for note in notes:
        place = note.path if note.interaction is None else f"{note.path}#{note.interaction}"
        sys.stderr.write(f"note: {inert_line(place)}: {inert_line(note.text)}\n")
    return choice.done() or (Exit.FOUND if any(note.counts for note in notes) else Exit.OK)
