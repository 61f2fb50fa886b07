"""Draws examples/show.svg out of the tool's own output: python tests/picture.py"""

import io
import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARGS = ("show", "--reassemble", "--color", "always", "examples/govcr-streamed-chat.yaml")


def run() -> str:
    """Return what the command prints, colours and all."""
    from contextlib import redirect_stdout

    from cassette_cli.__main__ import main

    before = Path.cwd()
    out = io.StringIO()
    os.chdir(ROOT)
    try:
        with redirect_stdout(out):
            main(list(ARGS))
    finally:
        os.chdir(before)
    return out.getvalue()


def text() -> str:
    """Return the words of the picture."""
    from rich.text import Text

    return "$ cassette show --reassemble examples/govcr-streamed-chat.yaml\n" + Text.from_ansi(run()).plain


def draw() -> str:
    """Return the picture."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text("$ cassette show --reassemble examples/govcr-streamed-chat.yaml", style="bold"))
    console.print(Text.from_ansi(run()))
    return console.export_svg(title=" ", theme=MONOKAI, unique_id="cassette")


if __name__ == "__main__":
    (ROOT / "examples" / "show.svg").write_text(draw(), encoding="utf-8")
