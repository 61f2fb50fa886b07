"""The README and the reference stay true: commands are run, tables and pictures compared.

`python tests/pages.py` writes outputs and tables anew.
"""

import html
import re

import pytest

import pages
import picture
from pages import PAGES, ROOT

SESSIONS = [
    pytest.param(command, output, id=f"{path.name}: {command[:60]}")
    for path in PAGES
    for command, output in pages.sessions(path.read_text("utf-8"))
]


@pytest.mark.parametrize(("command", "output"), SESSIONS)
def test_commands_print_what_the_page_says(command, output, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert pages.output_of(command).rstrip() == output.rstrip()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_tables_are_current(path):
    page = path.read_text("utf-8")
    assert page == pages.with_tables(page)


def test_every_table_is_on_a_page():
    text = "".join(path.read_text("utf-8") for path in PAGES)
    assert [name for name in pages.TABLES if f"<!-- table: {name} -->" not in text] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_verb_is_explained():
    from cassette_cli.app import VERBS

    text = "".join(path.read_text("utf-8") for path in PAGES)
    assert [verb.name for verb in VERBS if f"cassette {verb.name}" not in text] == []


def test_the_picture_is_current():
    drawn = (ROOT / "examples" / "show.svg").read_text("utf-8")
    shown = [html.unescape(re.sub(r"<[^>]+>", "", piece)) for piece in re.findall(r"<text.*?</text>", drawn)]
    words = " ".join(shown).replace("\xa0", " ").split()
    assert words == picture.text().split()


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_bytes()) < 10_000


def test_the_version_is_the_same_everywhere():
    from cassette_cli import __version__

    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## (\d.+)$", changes, re.MULTILINE)[0].split()[0] == __version__
    used = [tag for path in PAGES for tag in re.findall(r"(?:rev: |actions/cassette@)(\S+)", path.read_text("utf-8"))]
    assert len(used) > 2
    assert set(used) == {f"v{__version__}"}
