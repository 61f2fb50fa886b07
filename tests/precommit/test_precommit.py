"""Our hooks in the real pre-commit program: it clones the project, installs it from the registry, and runs them.

Everything is made in a temporary folder: a committed copy of this project, and a repository that uses it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from commands.git_support import Repo, make
from operations.diff_support import Call, ask, chat, streamed, text_of

ROOT = Path(__file__).parents[2]
PROGRAM = shutil.which("pre-commit") or shutil.which("pre-commit", path=str(Path(sys.executable).parent))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

OLD = text_of(Call(ask("Say hello"), chat("Good day to you.")))
NEW = text_of(Call(ask("Say hello"), chat("Good night to you.")))
SECRET = "sk-" + "Fake4f9a8b7c6d5e" * 2

needs_program = pytest.mark.skipif(PROGRAM is None, reason="pre-commit is not installed: pip install pre-commit")


def test_the_hooks_are_those_of_the_readme():
    assert [hook["id"] for hook in HOOKS] == [
        "cassette-redact", "cassette-redact-check", "cassette-trim", "cassette-decode", "cassette-check", "cassette-diff", "cassette-ls",
    ]  # fmt: skip
    for hook in HOOKS:
        assert hook["language"] == "python"
        assert hook["types"] == ["file"]
        verb = hook["entry"].split()[:2]
        assert verb[0] == "cassette"
        assert (ROOT / "cli" / "cassette_cli" / "commands" / f"{verb[1]}.py").exists()


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("tests/cassettes/test_x/test_y.yaml", True),
        ("spec/fixtures/vcr_cassettes/a.yml", True),
        ("internal/agent/testdata/TestX/b.yaml", True),
        ("tests/Recordings/c.json", True),
        ("src/betamax/d.json", True),
        ("deploy/values.yaml", False),
        ("package.json", False),
        ("cassettes.yaml", False),
    ],
)
def test_files_are_those_where_recorders_put_cassettes(path: str, taken: bool):
    import re

    for hook in HOOKS:
        assert bool(re.search(hook["files"], path)) is taken


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Commit a copy of this project's files, as they stand, to a repository of their own."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("cli", "README.md", "LICENSE", "pyproject.toml", ".pre-commit-hooks.yaml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    repo = make(folder)
    for key, value in (("user.name", "Ada"), ("user.email", "ada@example.com")):
        repo.git("config", key, value)
    repo.commit("a copy")
    return repo


class User(Repo):
    """A repository that uses the hooks."""

    def __init__(self, folder: Path, store: Path) -> None:
        super().__init__(folder)
        self.store = store

    def run(self, *args: str) -> tuple[int, str]:
        """Run pre-commit, and return its exit code and output."""
        assert PROGRAM is not None
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "PRE_COMMIT"))
        }
        env = kept | {"PRE_COMMIT_HOME": str(self.store), "PRE_COMMIT_COLOR": "never"}
        done = subprocess.run([PROGRAM, *args], cwd=self.folder, env=env, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep what pre-commit builds for all tests of this file."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def user(project: Repo, store: Path, tmp_path: Path) -> User:
    made = User(make(tmp_path / "user").folder, store)
    made.git("config", "user.name", "Ada")
    made.git("config", "user.email", "ada@example.com")
    config = {
        "repos": [
            {"repo": str(project.folder), "rev": project.git("rev-parse", "HEAD").strip(),
             "hooks": [{"id": hook["id"]} for hook in HOOKS]}
        ]
    }  # fmt: skip
    made.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    made.commit("settings")
    return made


def passed(out: str) -> dict[str, str]:
    """Return the verdict of each hook by its name."""
    names = {hook["name"]: hook["id"].removeprefix("cassette-") for hook in HOOKS}
    found = {}
    for line in out.splitlines():
        name = next((name for name in names if line.startswith(f"{name}.")), None)
        if name is not None:
            found[names[name]] = line.rpartition(".")[2]
    return found


@needs_program
@pytest.mark.slow
def test_hooks_run_in_the_real_program(user: User):
    # A re-recording: diff tells what it changes, and everything passes.
    user.write("tests/cassettes/a.yaml", OLD)
    user.write("tests/cassettes/helm.yaml", "{{ template }}: [\n")
    user.write("tests/fixtures/other.json", '{"a": 1}\n')
    user.commit("one")
    user.write("tests/cassettes/a.yaml", NEW)
    user.git("add", "-A")
    code, out = user.run("run")
    assert code == 0, out
    assert set(passed(out).values()) == {"Passed"}
    assert '"Good day to you." → "Good night to you."' in out
    assert "POST\thttps" not in out

    # What is staged counts, not what lies in the working tree.
    user.write("tests/cassettes/a.yaml", OLD)
    code, out = user.run("run", "cassette-diff")
    assert code == 0
    assert '"Good day to you." → "Good night to you."' in out
    user.git("add", "-A")
    user.git("reset", "-q", "--hard")

    # No cassette among the files: nobody is asked, and nothing is said of them.
    user.write("tests/cassettes/helm.yaml", "{{ template }}: [ {\n")
    user.git("add", "-A")
    code, out = user.run("run")
    assert code == 0, out
    assert "helm" not in out

    # A range, as in CI.
    user.write("tests/cassettes/a.yaml", NEW)
    user.commit("two")
    code, out = user.run("run", "cassette-diff", "--from-ref", "HEAD^", "--to-ref", "HEAD")
    assert code == 0
    assert "Good night" in out

    # Faults stop a commit.
    user.write("tests/cassettes/b.yaml", "version: 2\ninteractions: [\n")
    user.git("add", "-A")
    code, out = user.run("run", "cassette-check")
    assert code == 1
    assert "CAS001" in out
    user.git("rm", "-qf", "tests/cassettes/b.yaml")

    # Trim rewrites: pre-commit fails because the file changed, and passes once it is added.
    user.write("tests/cassettes/c.yaml", text_of(Call(ask("x"), streamed("Good", "", "", " day"))))
    user.git("add", "-A")
    code, out = user.run("run", "cassette-trim")
    assert code == 1
    assert "files were modified by this hook" in out
    user.git("add", "-A")
    assert user.run("run", "cassette-trim")[0] == 0

    # Secrets: the check finds them and shows none, redact rewrites, and then both pass.
    user.write("tests/cassettes/d.yaml", text_of(Call(ask("x"), chat("y"), sent={"Authorization": f"Bearer {SECRET}"})))
    user.git("add", "-A")
    code, out = user.run("run", "cassette-redact-check")
    assert code == 1
    assert SECRET not in out
    code, out = user.run("run", "cassette-redact")
    assert code == 1
    assert "files were modified by this hook" in out
    assert SECRET not in (user.folder / "tests/cassettes/d.yaml").read_text()
    user.git("add", "-A")
    assert user.run("run", "cassette-redact", "cassette-redact-check")[0] in (0, 2)
    assert user.run("run", "cassette-redact-check")[0] == 0


@needs_program
@pytest.mark.slow
def test_try_repo(user: User, project: Repo):
    user.write("tests/cassettes/a.yaml", OLD)
    user.git("add", "-A")
    code, out = user.run("try-repo", str(project.folder), "cassette-diff", "--verbose")
    assert code == 0, out
    assert "tests/cassettes/a.yaml  added" in out
