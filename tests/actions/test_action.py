"""The steps of the GitHub Action as they stand, in bash and real git; `gh` is a script that notes what it is asked."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from commands.git_support import Repo, make, quiet_git
from operations.diff_support import Call, ask, chat, text_of

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / ".github/actions/cassette/action.yml").read_text())
PAGE = (ROOT / "cli/docs/hooks.md").read_text()
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
OLD = text_of(Call(ask("Say hello"), chat("Good day to you.")))
NEW = text_of(Call(ask("Say hello"), chat("Good night to you.")))
SECRET = "sk-" + "Fake4f9a8b7c6d5e" * 2
GH = f"""#!{sys.executable}
import json, os, sys
args = sys.argv[1:]
file = args[args.index("--field") + 1].removeprefix("body=@") if "--field" in args else None
with open(os.environ["ASKED"], "a") as asked:
    asked.write(json.dumps([args, open(file).read() if file else None]) + "\\n")
if file is None:
    print(os.environ["OLD_COMMENT"])
elif os.environ.get("REFUSES"):
    sys.exit("HTTP 403")
"""

pytestmark = pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="the steps are bash")


class Runner:
    """What GitHub's runner gives a step: folders, files for its answers, and the programs on its path."""

    def __init__(self, folder: Path, repo: Repo) -> None:
        self.folder, self.repo = folder, repo
        programs = folder / "bin"
        programs.mkdir()
        gh = programs / "gh"
        gh.write_text(GH)
        gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
        self.environment = {
            **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_PATH": str(folder / "path"), "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_REPOSITORY": "example/suite",
            "GITHUB_SHA": repo.git("rev-parse", "HEAD").strip(), "ASKED": str(folder / "asked"), "OLD_COMMENT": "",
            "NUMBER": "7", "GH_TOKEN": "none", "PATHS": "tests\n", "SARIF": "", "ANNOTATE": "true", "ARGUMENTS": "",
        }  # fmt: skip

    def run(self, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.shell(STEPS[step]["run"], **variables)

    def shell(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.repo.folder, env={**self.environment, **variables}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def asked(self) -> list[list]:
        return [json.loads(line) for line in (self.folder / "asked").read_text().splitlines()]

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture
def merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that makes a shallow clone whose HEAD merges a change of cassettes, and its runner."""
    quiet_git(monkeypatch, tmp_path)

    def made(changes: dict[str, str]) -> Runner:
        origin = make(tmp_path / "origin")
        for name in ("tests/a.yaml", "tests/b.yaml"):
            origin.write(name, OLD)
        origin.commit()
        origin.git("checkout", "-q", "-b", "topic")
        for name, text in changes.items():
            origin.write(name, text)
        origin.commit()
        origin.git("checkout", "-q", "main")
        origin.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
        origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
        origin.git("clone", "-q", "--depth=1", f"file://{origin.folder}", str(tmp_path / "clone"))
        folder = tmp_path / "runner"
        folder.mkdir()
        return Runner(folder, Repo(tmp_path / "clone"))

    return made


def test_every_value_of_a_user_goes_through_the_environment():
    for step in STEPS.values():
        assert "${{" not in step["run"]  # what a pull request names must not become shell


def test_the_program_beside_the_action_is_installed(merged):
    runner = merged({})
    done = runner.run("install", VERSION="", SOURCE=str(ROOT))
    assert (done.returncode, done.stdout) == (0, "")
    program = Path(runner.read("path").strip(), "cassette")
    assert subprocess.run([program, "--version"], capture_output=True, check=True).stdout.startswith(b"cassette ")


def test_a_change_is_commented(merged):
    runner = merged({"tests/b.yaml": NEW})
    done = runner.run("comment")
    assert (done.returncode, done.stderr) == (0, "")
    [_, [args, body]] = runner.asked()
    assert args[:5] == ["api", "--silent", "--method", "POST", "repos/example/suite/issues/7/comments"]
    assert body.startswith("<!-- cassette diff -->\n### 1 cassette changed")
    assert "night" in body
    assert runner.read("summary") == body


def test_an_older_comment_is_updated_though_nothing_changes_any_more(merged):
    runner = merged({})
    assert runner.run("comment", OLD_COMMENT="123").returncode == 0
    [_, [args, body]] = runner.asked()
    assert args[:5] == ["api", "--silent", "--method", "PATCH", "repos/example/suite/issues/comments/123"]
    assert "### 0 cassettes changed" in body


def test_where_nothing_changed_nothing_is_commented(merged):
    runner = merged({"README": "other"})
    assert runner.run("comment").returncode == 0
    assert [body for _, body in runner.asked()] == [None]


def test_a_token_that_may_not_write_is_said(merged):
    done = merged({"tests/b.yaml": NEW}).run("comment", REFUSES="1")
    assert done.returncode == 0
    assert "::warning::the comment could not be written" in done.stdout


def test_a_cassette_that_cannot_be_read_fails_the_step_after_the_comment(merged):
    runner = merged({"tests/b.yaml": "<<<<<<< ours\n" + NEW})
    assert runner.run("comment").returncode == 2
    assert len(runner.asked()) == 2


def test_faults_are_annotations_and_fail_the_step(merged):
    runner = merged({"tests/b.yaml": NEW.replace("Say hello", f"Say {SECRET}")})
    done = runner.run("check", SARIF=str(runner.folder / "a.sarif"))
    assert (done.returncode, runner.read("output")) == (1, "faults=true\n")
    assert "::error file=tests/b.yaml,line=" in done.stdout
    [run] = json.loads(runner.read("a.sarif"))["runs"]
    assert {one["ruleId"] for one in run["results"]} == {"CAS003"}


def test_faults_for_code_scanning_alone_do_not_fail(merged):
    runner = merged({"tests/b.yaml": NEW.replace("Say hello", f"Say {SECRET}")})
    done = runner.run("check", ANNOTATE="false", SARIF=str(runner.folder / "a.sarif"))
    assert (done.returncode, done.stdout, runner.read("output")) == (0, "", "faults=true\n")


def test_a_clean_suite_and_options(merged):
    runner = merged({"tests/b.yaml": NEW.replace("Say hello", f"Say {SECRET}")})
    done = runner.run("check", ARGUMENTS="--ignore CAS003", PATHS="tests/a.yaml\n\ntests/b.yaml\n")
    assert (done.returncode, done.stdout, runner.read("output")) == (0, "", "faults=false\n")


def blocks(page: str) -> list:
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]


def test_the_page_uses_the_action_with_its_own_inputs():
    [used] = [
        step
        for one in blocks(PAGE)
        if "jobs" in one
        for step in one["jobs"]["cassettes"]["steps"]
        if "cassette" in step["uses"]
    ]
    assert used["uses"].rpartition("@")[0] == "cassette-cli/cassette-cli/.github/actions/cassette"
    assert used["with"].keys() <= ACTION["inputs"].keys()
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == ACTION["inputs"].keys() - {"token"}


def test_the_commands_for_gitlab(merged):
    runner = merged({"tests/b.yaml": NEW})
    runner.repo.git("fetch", "-q", "--unshallow")
    [job] = [one["cassettes"] for one in blocks(PAGE) if "cassettes" in one]
    script = [line for line in job["script"] if not line.startswith("pip ")]
    commits = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": runner.environment["GITHUB_SHA"] + "^1", "CI_COMMIT_SHA": "HEAD"}
    done = runner.shell("\n".join(script), **commits)
    assert (done.returncode, done.stdout) == (0, "")
    assert re.fullmatch(r"cassette: no faults in \d+ cassettes?\n", done.stderr)
    [kept] = job["artifacts"]["paths"]
    assert "night" in (runner.repo.folder / kept).read_text()
