"""Running commands inside a property test, which may not use function-scoped fixtures."""

import contextlib
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from unittest import mock

from cassette_cli.__main__ import main


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and what it wrote."""

    code: int
    out: bytes
    err: str


def run(args: Sequence[str], stdin: bytes = b"") -> Ran:
    """Run a command line in this process; what is not caught there is raised here."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch.object(sys, "stdin", given):
        code = main(list(args))
    out.flush()
    err.flush()
    return Ran(int(code), out.buffer.getvalue(), err.buffer.getvalue().decode("utf-8"))
