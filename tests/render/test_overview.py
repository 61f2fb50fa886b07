"""The page of help of `cassette` itself: panels that fit the width."""

import re

import pytest

from cassette_cli.render import overview

PANELS = {"Options": [("--version", "Print the version and exit."), ("--help, -h", "Show this message.")],
          "Look": [("ls", "List interactions."), ("protocols", "List the streams that `show -r` rebuilds.")]}  # fmt: skip


def lines(width: int, *, styled: bool = False) -> list[str]:
    return list(overview.page("cassette VERB", "Reads cassettes.", PANELS, "More is told.", width=width, styled=styled))


def test_a_panel_holds_names_and_what_is_said_of_them():
    assert lines(50) == [
        "",
        " Usage: cassette VERB",
        "",
        " Reads cassettes.",
        "",
        "╭─ Options ──────────────────────────────────────╮",
        "│ --version   Print the version and exit.        │",
        "│ --help, -h  Show this message.                 │",
        "╰────────────────────────────────────────────────╯",
        "╭─ Look ─────────────────────────────────────────╮",
        "│ ls         List interactions.                  │",
        "│ protocols  List the streams that `show -r`     │",
        "│            rebuilds.                           │",
        "╰────────────────────────────────────────────────╯",
        "",
        " More is told.",
    ]


@pytest.mark.parametrize("width", [48, 61, 80, 200])
def test_lines_fit_and_styles_change_no_text(width):
    assert max(map(len, lines(width))) == width
    styled = "\n".join(lines(width, styled=True))
    assert "\x1b[1;36mls" in styled
    assert re.sub(r"\x1b\[[\d;]*m", "", styled) == "\n".join(lines(width))
