"""The README and the examples' page stay true: their commands are run, their pictures compared."""

import html
import re
import shlex
from pathlib import Path

import pytest

import picture
from cassette_cli.__main__ import main

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "examples/README.md")


def console_sessions():
    for page in PAGES:
        for block in re.findall(r"^```console\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL):
            for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = session.partition("\n")
                yield pytest.param(page, command, output, id=f"{page}: {command[:60]}")


@pytest.mark.parametrize(("page", "command", "output"), list(console_sessions()))
def test_commands_print_what_the_page_says(page, command, output, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    program, *args = shlex.split(command)
    assert program == "cassette"
    main(args)
    assert capsys.readouterr().out.rstrip("\n") == output.rstrip("\n")


def test_every_page_has_commands():
    assert {param.values[0] for param in console_sessions()} == set(PAGES)


def test_every_verb_is_explained():
    from cassette_cli.app import VERBS

    text = (ROOT / "README.md").read_text("utf-8")
    assert [verb.name for verb in VERBS if f"cassette {verb.name}" not in text] == []


def test_the_picture_is_current():
    drawn = (ROOT / "examples" / "show.svg").read_text("utf-8")
    shown = [html.unescape(re.sub(r"<[^>]+>", "", piece)) for piece in re.findall(r"<text.*?</text>", drawn)]
    words = " ".join(shown).replace("\xa0", " ").split()
    assert words == picture.text().split()
