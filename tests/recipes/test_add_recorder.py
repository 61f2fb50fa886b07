"""The recipe "Add a recorder" of `cli/README.md`: its own blocks, applied to a copy, teach every command the toy."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SECTION = re.search(r"^## Add a recorder\n.*?(?=^## |\Z)", (ROOT / "cli/README.md").read_text("utf-8"), re.M | re.S)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PASSWORD = "hunter2" + "-hunter2"


class Copy(NamedTuple):
    """A copy of the package that follows the recipe, and a folder with a cassette of the toy recorder in `t/`."""

    root: Path

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "cassette_cli", *args, cwd=self.root / "work")

    def python(self, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PYTHONPATH": str(self.root / "cli"), "PYTHONUTF8": "1", "NO_COLOR": "1"}
        command = [sys.executable, *args]
        return subprocess.run(command, cwd=cwd or self.root, env=env, capture_output=True, text=True, check=False)


def blocks(language: str) -> list[str]:
    assert SECTION is not None
    return [text for kind, text in BLOCK.findall(SECTION[0]) if kind == language]


def patched(text: str, change: str) -> str:
    """Apply a change without line numbers; what it changes must occur once."""
    lines = change.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] != "+")
    new = "".join(line[1:] for line in lines if line[0] != "-")
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Copy:
    root = tmp_path_factory.mktemp("recipe")
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "cli", root / "cli", ignore=skipped)
    shutil.copytree(ROOT / "tests/formats", root / "tests/formats", ignore=skipped)
    shutil.copy(ROOT / "tests/pages.py", root / "tests/pages.py")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "examples", root / "examples")

    module, test = blocks("python")
    formats = root / "cli/cassette_cli/formats"
    (formats / "tapedeck.py").write_text(module, "utf-8")
    (root / "tests/formats/test_tapedeck.py").write_text(test, "utf-8")
    registry = (formats / "registry.py").read_text("utf-8")
    for change in blocks("diff"):
        registry = patched(registry, change)
    (formats / "registry.py").write_text(registry, "utf-8")

    recorded = json.loads(blocks("json")[0])
    recorded["calls"][0]["sent"]["data"] = json.dumps({"user": "ada", "password": PASSWORD})
    (root / "work/t").mkdir(parents=True)
    (root / "work/t/login.tape").write_text(json.dumps(recorded, indent=2), "utf-8")
    return Copy(root)


def test_the_steps_on_the_page_are_these():
    kinds = [kind for kind, _ in BLOCK.findall(SECTION[0])]
    assert kinds == ["json", "python", "diff", "sh", "python"]


def test_ls_finds_it_in_a_folder(copy):
    (row,) = copy.run("ls", "--json", ".").stdout.splitlines()
    told = json.loads(row)
    assert (told["format"], told["method"], told["status"]) == ("tapedeck", "POST", 200)
    assert told["url"] == "https://api.example.com/v1/login"


def test_show_shows_both_sides(copy):
    shown = copy.run("show", "-r", "t/login.tape").stdout
    assert '"user": "ada"' in shown
    assert '"name": "Ada"' in shown


def test_redact_edits_it_and_knows_what_the_recorder_matches_by(copy):
    path = copy.root / "work/t/login.tape"
    before = path.read_text("utf-8")
    (report,) = map(json.loads, copy.run("redact", "--check", "--json", ".").stdout.splitlines())
    assert [one["matched_on"] for one in report["findings"]] == [True]
    try:
        assert copy.run("redact", ".").returncode == 0
        assert path.read_text("utf-8") == before.replace(PASSWORD, "REDACTED")
    finally:
        path.write_text(before, "utf-8")


def test_check_looks_into_it(copy):
    checked = copy.run("check", ".")
    assert checked.returncode == 1
    assert "login.tape:11: CAS003 #0" in checked.stdout


def test_a_broken_file_of_it_in_a_folder_is_an_error(copy):
    broken = copy.root / "work/t/broken.tape"
    broken.write_text((copy.root / "work/t/login.tape").read_text("utf-8")[:150], "utf-8")
    try:
        listed = copy.run("ls", ".")
    finally:
        broken.unlink()
    assert listed.returncode == 2
    assert "broken.tape" in listed.stderr


def test_the_hint_names_it(copy):
    other = copy.root / "work/other.json"
    other.write_text('{"a": 1}', "utf-8")
    try:
        assert "Tapedeck" in copy.run("ls", "other.json").stderr
    finally:
        other.unlink()


def test_the_table_of_recorders_has_it(copy):
    (command,) = blocks("sh")
    _, *args = command.split()
    assert copy.python(*args).returncode == 0
    page = (copy.root / "cli/docs/formats.md").read_text("utf-8")
    assert "| [Tapedeck](https://github.com/example/tapedeck) | `tapedeck` | JSON, version 1 | yes |" in page


def test_its_own_test_passes(copy):
    ran = copy.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/formats/test_tapedeck.py")
    assert "2 passed" in ran.stdout, ran.stdout
