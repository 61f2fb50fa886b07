"""The tables of the reference are as the code makes them: `python tests/tables.py` writes them anew."""

import pytest

import tables

PAGES = sorted(tables.DOCS.glob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_tables_are_current(path):
    page = path.read_text("utf-8")
    assert page == tables.made(page)


def test_every_table_is_on_a_page():
    pages = "".join(path.read_text("utf-8") for path in PAGES)
    assert [name for name in tables.TABLES if f"<!-- table: {name} -->" not in pages] == []
