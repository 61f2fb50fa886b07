"""`cassette redact --check --history` over a real repository, and `--format sarif`."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

FIRST = "aio_" + "FAKEfake0123456789FAKEfake01"
SECOND = "lip_" + "FAKEfake0123456789FA"
CLEAN = "REDACTED"


def text_of(secret: str) -> str:
    return (
        "version: 1\ninteractions:\n- request:\n    method: GET\n    uri: https://api.example.com/\n    body: null\n    headers: {}\n"
        f"  response:\n    status: {{code: 200, message: OK}}\n    headers: {{}}\n    body:\n      string: 'use {secret} here'\n"
    )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A repository in the working folder: a function that commits files and returns the commit."""
    monkeypatch.chdir(tmp_path)

    def git(*args: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *who, *args], check=True, capture_output=True, text=True).stdout.strip()

    def commit(files: dict[str, str | None], *parents: str) -> str:
        for name, text in files.items():
            if text is None:
                Path(name).unlink()
            else:
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                Path(name).write_text(text)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "x")
        return git("rev-parse", "HEAD")

    git("init", "-q", "-b", "main")
    commit.git = git
    return commit


def test_every_version_is_looked_at_once_by_the_first_commit_that_has_it(cassette, repository) -> None:
    one = repository({"tests/a.yaml": text_of(FIRST), "notes.txt": FIRST, "other.yaml": f"key: {FIRST}\n"})
    two = repository({"tests/a.yaml": text_of(CLEAN), "b é.yaml": text_of(SECOND)})
    repository({"tests/c.yaml": text_of(FIRST)})  # the same blob again
    repository({"b é.yaml": None})
    result = cassette("redact", "--check", "--history")
    assert result.code == 1
    lines = result.out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [f"{one[:12]}:tests/a.yaml:12", f"{two[:12]}:b é.yaml:12"]
    assert "adafruit" in lines[0]
    assert "lichess" in lines[1]
    assert FIRST not in result.out + result.err
    assert "2 found in 2 of 3 versions" in result.err
    assert "revoke" in result.err
    assert cassette("redact", "--check", ".").code == 1, "c.yaml still holds it"


def test_revisions_paths_branches_and_merges(cassette, repository) -> None:
    repository({"a.yaml": text_of(CLEAN)})
    repository.git("checkout", "-q", "-b", "side")
    repository({"side.yaml": text_of(FIRST)})
    repository.git("checkout", "-q", "main")
    head = repository({"main.yaml": text_of(SECOND)})

    def rules(*args: str) -> set[str]:
        found = set()
        for line in cassette("redact", "--check", "--history", "--json", *args).out.splitlines():
            document = json.loads(line)
            assert len(document["commit"]) == 12
            found |= {one["rule"] for one in document["findings"]}
        return found

    assert rules() == {"adafruit", "lichess"}, "branches that are not checked out count"
    assert rules("--revs", "HEAD") == {"lichess"}
    assert rules("--revs", "main..side") == {"adafruit"}
    assert rules("side.yaml") == {"adafruit"}
    assert rules("--allow", "adafruit") == {"lichess"}
    repository.git("merge", "-q", "--no-commit", "side")
    repository({"a.yaml": text_of("lio_" + SECOND[4:])})  # an evil merge
    assert rules("--revs", f"{head}..HEAD", "a.yaml") == {"lichess"}


def test_errors_say_what_to_do(cassette, repository, tmp_path, monkeypatch) -> None:
    repository({"a.yaml": text_of(CLEAN), "broken.yaml": "interactions:\n- request: {uri: 'x\n  response: \n"})
    result = cassette("redact", "--check", "--history")
    assert result.code == 2
    assert "broken.yaml" in result.err, "what looks recorded and cannot be read is said"
    for args in (("--history",), ("--check", "--revs", "HEAD", "a.yaml"), ("--check", "--history", "--revs", "-x"), ()):
        assert cassette("redact", *args).code == 2
    unknown = cassette("redact", "--check", "--history", "--revs", "nope")
    assert unknown.code == 2
    assert "nope" in unknown.err
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(outside)
    assert "not in a git repository" in cassette("redact", "--check", "--history").err


def test_sarif(cassette, repository) -> None:
    commit = repository({"a.yaml": text_of(FIRST), "b.yaml": text_of(f"{SECOND} acct_FAKEfake01234567")})
    result = cassette("redact", "--check", "a.yaml", "b.yaml", "--format", "sarif")
    assert result.code == 1
    [run] = json.loads(result.out)["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == ["adafruit", "lichess", "stripe-account"]
    assert rules["adafruit"]["shortDescription"]["text"] == "Adafruit IO keys"
    assert [rule["defaultConfiguration"]["level"] for rule in rules.values()] == ["error", "error", "warning"]
    for found in run["results"]:
        assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == 12
    assert FIRST not in result.out
    assert SECOND not in result.out
    marks = [found["partialFingerprints"]["cassette/v1"] for found in run["results"]]
    assert len(set(marks)) == 3
    Path("a.yaml").write_text("# a line more\n" + text_of(FIRST))
    [moved] = json.loads(cassette("redact", "--check", "a.yaml", "--format", "sarif").out)["runs"][0]["results"]
    assert moved["partialFingerprints"]["cassette/v1"] == marks[0], "a finding that moves is the same one"
    versions = json.loads(cassette("redact", "--check", "--history", "--format", "sarif").out)["runs"][0]["results"]
    assert versions[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.yaml"
    assert commit[:12] in versions[0]["message"]["text"]


@pytest.mark.parametrize(
    "args", [["--format", "sarif"], ["--check", "--format", "sarif", "--json"], ["--check", "--format", "xml"]]
)
def test_formats_that_do_not_fit(cassette, repository, args) -> None:
    repository({"a.yaml": text_of(CLEAN)})
    assert cassette("redact", "a.yaml", *args).code == 2


def test_what_could_not_be_looked_into_is_a_result(cassette, repository) -> None:
    broken = text_of("x").replace(
        "headers: {}\n    body:\n      string: 'use x here'",
        "headers: {Content-Encoding: [gzip]}\n    body:\n      string: !!binary H4sIAAAA////",
    )
    repository({"a.yaml": broken})
    result = cassette("redact", "--check", "a.yaml", "--format", "sarif")
    assert result.code == 1
    [found] = json.loads(result.out)["runs"][0]["results"]
    assert (found["ruleId"], found["level"]) == ("unscanned", "warning")
