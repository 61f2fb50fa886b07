"""Handing a document to an editor or through a shell filter, and taking back what becomes of it.

As git and kubectl do: `$VISUAL`, else `$EDITOR`, else vi; what cannot be taken is opened again with the
error on top; a filter that fails ends all.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cassette_cli.errors import EditError
from cassette_cli.operations.edit.views import View

_NOTE = b"# cassette: "


def filtered(view: View, command: str) -> None:
    """Send a document through a shell command; raises `EditError` where it fails, or its result cannot be taken."""
    done = subprocess.run(command, shell=True, input=view.document, stdout=subprocess.PIPE, check=False)  # noqa: S602
    if done.returncode:
        raise EditError(f"{command!r} ended with exit code {done.returncode}", hint="nothing was written")
    if done.stdout != view.document:
        view.take(done.stdout)


def edited(view: View, name: str, refused: Callable[[EditError], None]) -> None:
    """Open a document in the editor, again and again until it can be taken or is given up.

    `refused` is told why a version was not taken. Raises `EditError` where the editor fails, or leaves
    a document that cannot be taken as it is.
    """
    document, note = view.document, b""
    with _file(name + view.suffix) as path:
        while True:
            _write(path, note + document)
            _open(path)
            new = _read(path)
            new = new[len(note) :] if note and new.startswith(note) else _unnoted(new)
            if new == view.document:
                return
            if note and new == document:
                raise EditError("given up: the document that was refused was saved unchanged")
            try:
                view.take(new)
            except EditError as error:
                refused(error)
                place = "" if error.line is None else f"line {error.line}: "
                lines = f"{place}{error.message}\nmend it and save, or leave it as it is to give up".splitlines()
                document, note = new, b"".join(_NOTE + line.encode() + b"\n" for line in lines)
            else:
                return


def _unnoted(text: bytes) -> bytes:
    """Take off our own lines, where the editor has changed their line breaks or some of them."""
    while text.startswith(_NOTE):
        text = text.partition(b"\n")[2]
    return text


@contextmanager
def _file(name: str) -> Iterator[str]:
    """Yield the path of a file that nobody else can read; it goes, and with it what the editor puts beside it."""
    with tempfile.TemporaryDirectory(prefix="cassette-", ignore_cleanup_errors=True) as folder:
        yield os.path.join(folder, name)


def _write(path: str, document: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(document)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise EditError(f"the editor took the document away: {error.strerror}") from error


def _open(path: str) -> None:
    """Run the editor on a file; raises `EditError` where there is none, or it fails."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor and not (os.isatty(0) and os.isatty(1)):
        raise EditError("there is no terminal to edit in", hint="set VISUAL or EDITOR, or give a filter: --with CMD")
    sys.stdout.flush()
    terminal = None if os.isatty(0) else _terminal()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the editor's
    try:
        command = ["/bin/sh", "-c", f'{editor or "vi"} "$@"', editor or "vi", path]
        code = subprocess.run(command, stdin=terminal, check=False).returncode  # noqa: S603
    except OSError as error:
        raise EditError(f"the editor cannot be run: {error.strerror}", hint="set VISUAL or EDITOR") from error
    finally:
        signal.signal(signal.SIGINT, before)
        if terminal is not None:
            os.close(terminal)
    if code:
        raise EditError(f"the editor {editor or 'vi'!r} ended with exit code {code}", hint="nothing was written")


def _terminal() -> int | None:
    """Return the terminal, where standard input is the cassette."""
    try:
        return os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return None
