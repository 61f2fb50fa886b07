"""The guide for agents: every command in it runs as it stands, in a repository with such cassettes."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from cassette_cli.app import VERBS
from commands.conftest import EXAMPLES
from commands.git_support import make, quiet_git

GUIDE = Path(__file__).parents[2] / "cli/cassette_cli/render/skill.md"
COMMANDS = re.findall(r"`((?:[^`|]+\\\| )?cassette [a-z][^`]*)`", GUIDE.read_text("utf-8"))


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a repository with cassettes, and a test for one of them."""
    quiet_git(monkeypatch, tmp_path)
    repo = make(tmp_path / "repo")
    repo.write("tests/cassettes/chat.yaml", (EXAMPLES / "govcr-streamed-chat.yaml").read_bytes())
    repo.write("tests/cassettes/two.yaml", (EXAMPLES / "govcr-tool-calls.yaml").read_bytes())
    repo.write("tests/test_chat.py", "def test_chat():\n    assert open('tests/cassettes/chat.yaml').read()\n")
    repo.commit()
    monkeypatch.chdir(repo.folder)


def test_the_guide_is_printed(cassette):
    done = cassette("skill")
    assert (done.code, done.out) == (0, GUIDE.read_text("utf-8"))


@pytest.mark.parametrize("command", [one for one in COMMANDS if "VERB" not in one])
def test_a_command_of_the_guide_runs(command: str, cassette, suite):
    if "jq" in command and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    words = shlex.split(command.rpartition(r"\| ")[2])
    done = cassette(*words[1:], stdin=b"GET https://api.example.com/nowhere HTTP/1.1\n\n")
    assert done.code in (0, 1), done.err
    if "--json" in words:
        json.loads(done.out.splitlines()[0])


def test_the_guide_shows_nothing_unmasked():
    shown = [command for command in COMMANDS if command.startswith("cassette show")]
    assert shown
    assert [command for command in shown if " --mask " not in command] == []


def test_the_guide_names_verbs_that_there_are():
    named = {command.split("cassette ")[1].split()[0] for command in COMMANDS}
    assert named <= {verb.name for verb in VERBS}
