"""The recipe "Add an output format" of `cli/README.md`: its own blocks, applied to a copy, make the command print it."""

import re
import shutil

import pytest

from recipes.test_add_recorder import BLOCK, ROOT, Copy, patched

SECTION = re.search(
    r"^## Add an output format\n.*?(?=^## |\Z)", (ROOT / "cli/README.md").read_text("utf-8"), re.M | re.S
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Copy:
    root = tmp_path_factory.mktemp("recipe")
    shutil.copytree(ROOT / "cli", root / "cli", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "examples", root / "examples")
    (_, function), (_, row), _ = BLOCK.findall(SECTION[0])
    module = root / "cli/cassette_cli/render/checking.py"
    text = patched(module.read_text("utf-8"), row)
    module.write_text(text.replace("\n\nFORMATS:", f"\n\n{function}\n\nFORMATS:"), "utf-8")
    return Copy(root)


def test_the_command_prints_what_the_page_says(copy):
    _, _, (_, session) = BLOCK.findall(SECTION[0])
    command, _, printed = session.removeprefix("$ cassette ").partition("\n")
    done = copy.python("-m", "cassette_cli", *command.split())
    assert done.returncode == 1
    assert done.stdout == printed


def test_an_unknown_format_is_answered_with_it(copy):
    assert (
        "text, json, github, sarif, csv." in copy.python("-m", "cassette_cli", "check", "--format", "pdf", ".").stderr
    )
