"""The recipe "Add a redaction rule" of `cli/README.md`: its own blocks, applied to a copy, make the command find it."""

import json
import re
import shutil

import pytest

from recipes.test_add_recorder import BLOCK, ROOT, Copy, patched

SECTION = re.search(
    r"^## Add a redaction rule\n.*?(?=^## |\Z)", (ROOT / "cli/README.md").read_text("utf-8"), re.M | re.S
)
KEY = "tdl" + "_" + "FAKEfake01234567" * 2
PAGE = {
    "request": {"method": "GET", "uri": "https://tideline.example/", "body": None, "headers": {}},
    "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": f"use {KEY} today"}},
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Copy:
    root = tmp_path_factory.mktemp("recipe")
    for folder in ("cli", "tests/operations"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")
    (_, row), *_ = BLOCK.findall(SECTION[0])
    module = root / "cli/cassette_cli/operations/redact/rules/ai.py"
    module.write_text(patched(module.read_text("utf-8"), row), "utf-8")
    (root / "work").mkdir()
    (root / "work/a.yaml").write_text(json.dumps({"version": 1, "interactions": [PAGE]}, indent=1), "utf-8")
    return Copy(root)


def test_the_command_explains_it_as_the_page_says(copy):
    _, (_, session), *_ = BLOCK.findall(SECTION[0])
    command, _, printed = session.removeprefix("$ cassette ").partition("\n")
    assert copy.run(*command.split()).stdout == printed


def test_check_and_redact_know_it(copy):
    checked = copy.run("check", "a.yaml")
    assert (checked.returncode, "CAS003" in checked.stdout, "tideline" in checked.stdout) == (1, True, True)
    assert copy.run("redact", "a.yaml").returncode == 0
    text = (copy.root / "work/a.yaml").read_text("utf-8")
    assert KEY not in text
    assert "use REDACTED today" in text


def test_its_samples_are_tested(copy):
    *_, (_, command) = BLOCK.findall(SECTION[0])
    _, *args = command.split()
    done = copy.python(*args)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
