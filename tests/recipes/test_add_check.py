"""The recipe "Add a check" of `cli/README.md`: its own blocks, applied to a copy, make the command find the toy."""

import json
import re
import shutil

import pytest

from recipes.test_add_recorder import BLOCK, ROOT, Copy, patched

SECTION = re.search(r"^## Add a check\n.*?(?=^## |\Z)", (ROOT / "cli/README.md").read_text("utf-8"), re.M | re.S)
CASSETTE = {
    "version": 1,
    "interactions": [
        {
            "request": {"method": "GET", "uri": f"{scheme}://a.example/", "body": None, "headers": {}},
            "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "ok"}},
        }
        for scheme in ("https", "http")
    ],
}


def blocks(language: str) -> list[str]:
    assert SECTION is not None
    return [text for kind, text in BLOCK.findall(SECTION[0]) if kind == language]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Copy:
    root = tmp_path_factory.mktemp("recipe")
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "cli", root / "cli", ignore=skipped)
    shutil.copytree(ROOT / "tests/commands", root / "tests/commands", ignore=skipped)
    shutil.copytree(ROOT / "tests/operations", root / "tests/operations", ignore=skipped)
    shutil.copytree(ROOT / "examples", root / "examples")
    shutil.copy(ROOT / "tests/pages.py", root / "tests/pages.py")
    shutil.copy(ROOT / "README.md", root / "README.md")
    shutil.copy(ROOT / "pyproject.toml", root / "pyproject.toml")

    (function,) = blocks("python")
    line, bad = blocks("diff")
    checks = root / "cli/cassette_cli/operations/check"
    with (checks / "interactions.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{function}")
    for path, change in ((checks / "codes.py", line), (root / "tests/commands/test_check.py", bad)):
        path.write_text(patched(path.read_text("utf-8"), change), "utf-8")

    (root / "work").mkdir()
    (root / "work/a.yaml").write_text(json.dumps(CASSETTE, indent=1), "utf-8")
    return Copy(root)


def test_the_steps_on_the_page_are_these():
    assert [kind for kind, _ in BLOCK.findall(SECTION[0])] == ["python", "diff", "sh", "diff"]


def test_the_command_finds_it(copy):
    checked = copy.run("check", ".")
    assert checked.returncode == 1
    assert checked.stdout == "./a.yaml:22: CAS019 #1 the request was sent over plain HTTP\n"
    assert "1 fault: 1 × CAS019 plain-http" in checked.stderr


@pytest.mark.parametrize("options", [["--ignore", "plain-http"], ["--select", "CAS001"]])
def test_it_can_be_left_out(copy, options):
    assert copy.run("check", *options, ".").returncode == 0


def test_sarif_has_its_rule(copy):
    log = json.loads(copy.run("check", "--select", "CAS019", "--format", "sarif", ".").stdout)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert {"id": "CAS019", "shortDescription": {"text": "a request over plain HTTP"}}.items() <= rules[-1].items()


def test_the_page_has_its_row(copy):
    (command,) = blocks("sh")
    _, *args = command.split()
    assert copy.python(*args).returncode == 0
    page = (copy.root / "cli/docs/checks.md").read_text("utf-8")
    assert "| CAS019 | plain-http | a request over plain HTTP | warning | yes |" in page


def test_its_own_test_passes(copy):
    ran = copy.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/commands/test_check.py", "-k", "CAS019")
    assert "1 passed" in ran.stdout, ran.stdout
