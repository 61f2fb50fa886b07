"""No pattern repeats a group possessively.

CPython before 3.11.5 keeps the characters that such a group had read when it fails (gh-106052): `(?:a+b)?+` on
"aac" ends at 2. An atomic group around the plain repeat says the same, and is right in every release.
"""

import ast
import re
from pathlib import Path

import pytest

import cassette_cli

_POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{\{?[\d,]+\}?\})\+")
MODULES = sorted(Path(cassette_cli.__file__).parent.rglob("*.py"))


def literals(source: str) -> list[str]:
    """Return the text of every literal, of f-strings their fixed parts."""
    values = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
    ]
    return [value if isinstance(value, str) else value.decode("latin-1") for value in values]


def test_the_search_finds_one():
    assert any(map(_POSSESSIVE_GROUP.search, literals(r'x = rf"(?:a{b}){{2,3}}+"') + literals(r'x = r"(?:a+b)?+"')))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_pattern_repeats_a_group_possessively(module: Path):
    text = module.read_text("utf-8")
    docstrings = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
    }
    found = [one for one in literals(text) if _POSSESSIVE_GROUP.search(one) and one not in docstrings]
    assert found == []
