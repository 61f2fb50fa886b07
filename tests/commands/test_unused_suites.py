"""`cassette unused` over suites that their own runners run: no orphan is missed, and none is invented."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import suites
from commands.suites import listed, named

Run = Callable[..., Any]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="files are watched on Linux only")
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:xdist")


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Path], Path]], Path]:
    def make(write: Callable[[Path], Path]) -> Path:
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        monkeypatch.chdir(write(tmp_path))
        return tmp_path

    return make


def test_pytest_recording_by_name(cassette: Run, suite: Run):
    suite(suites.pytest_suite)
    result = cassette("unused", "tests")
    found = listed(result.out)
    assert found.keys() == suites.PYTEST_ORPHANS.keys()
    assert [name for name, reason in suites.PYTEST_ORPHANS.items() if reason not in found[name]] == []
    assert (result.code, "7 of 16 cassettes unused" in result.err, "unknown" in result.err) == (1, True, False)


@ON_LINUX
def test_pytest_recording_by_a_run(cassette: Run, suite: Run):
    suite(suites.pytest_suite)
    result = cassette("unused", "tests", "--", *PYTEST, "-m", "not slow")
    assert listed(result.out).keys() == suites.PYTEST_ORPHANS.keys()
    assert "not all tests ran (pytest: 1 skipped, 1 deselected)" in result.err
    assert (
        "TestInside.test_skipped.yaml: not opened; its test was skipped: tests/test_chat.py::TestInside" in result.err
    )
    assert "test_slow.yaml: not opened; its test was deselected: tests/test_chat.py::test_slow" in result.err
    assert (result.code, "7 of 16 cassettes unused" in result.err, "2 unknown" in result.err) == (1, True, True)


@ON_LINUX
def test_without_the_plugin_the_counts_are_those_that_pytest_prints(cassette: Run, suite: Run):
    suite(suites.pytest_suite)
    result = cassette("unused", "tests", "--", *PYTEST, "-p", "no:cassette", "-m", "not slow")
    assert listed(result.out).keys() == suites.PYTEST_ORPHANS.keys()
    assert "not all tests ran (pytest: 1 skipped, 1 deselected)" in result.err
    assert "test_slow.yaml: not opened; did its test run? the test: tests/test_chat.py" in result.err
    assert "2 unknown" in result.err


@ON_LINUX
def test_interactions_that_no_test_played(cassette: Run, suite: Run):
    suite(suites.pytest_suite)
    result = cassette("unused", "tests", "--interactions", "--", *PYTEST)
    assert [line for line in result.out.splitlines() if "#" in line] == [
        "tests/cassettes/test_chat/test_plain.yaml#1  never played: GET http://api.example.test/b"
    ]
    assert "1 interaction never played" in result.err


@ON_LINUX
@pytest.mark.skipif(shutil.which("rspec") is None, reason="rspec is not installed")
def test_rspec(cassette: Run, suite: Run):
    suite(suites.rspec_suite)
    if subprocess.run(["ruby", "-rvcr", "-rwebmock", "-e", "1"], capture_output=True, check=False).returncode:
        pytest.skip("VCR is not installed")
    orphans = named("spec/cassettes", suites.RSPEC_ORPHANS, ".yml")
    by_name = cassette("unused", "spec")
    assert listed(by_name.out).keys() == orphans
    assert "unknown" not in by_name.err
    result = cassette("unused", "spec", "--", "rspec", "--no-color")
    assert listed(result.out).keys() == orphans
    assert "not all tests ran (RSpec: 1 pending)" in result.err
    assert f"unknown: spec/cassettes/{suites.RSPEC_PENDING}.yml: not opened; did its test run?" in result.err
    assert "7 of 16 cassettes unused" in result.err


def test_rspec_by_name(cassette: Run, suite: Run):
    suite(suites.rspec_suite)
    found = listed(cassette("unused", "spec").out)
    assert found.keys() == named("spec/cassettes", suites.RSPEC_ORPHANS, ".yml")
    told = suites.RSPEC_ORPHANS.items()
    assert [name for name, reason in told if reason not in found[f"spec/cassettes/{name}.yml"]] == []


def test_go_by_name(cassette: Run, suite: Run):
    suite(suites.go_suite)
    result = cassette("unused", "testdata")
    assert listed(result.out).keys() == named("testdata", suites.GO_ORPHANS, ".yaml")
    assert "unknown" not in result.err


_GO_VCR = Path("/usr/share/gocode/src/github.com/dnaeon/go-vcr")


@ON_LINUX
@pytest.mark.skipif(shutil.which("go") is None or not _GO_VCR.exists(), reason="go or go-vcr is not installed")
def test_go(cassette: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = suites.go_suite(tmp_path / "src" / "example.test" / "chat")
    monkeypatch.chdir(package)
    for name, value in {
        "GO111MODULE": "off", "GOPATH": f"{tmp_path}:/usr/share/gocode", "GOFLAGS": "-p=1",
        "GOCACHE": os.environ.get("GOCACHE", str(tmp_path / "cache")),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    orphans = named("testdata", suites.GO_ORPHANS, ".yaml")
    result = cassette("unused", "testdata", "--", "go", "test", "./...")
    assert listed(result.out).keys() == orphans, result.err
    assert "unknown: testdata/TestSkipped.yaml: not opened; did its test run?" in result.err
    # Without -count=1 the second run takes the results of the first, and opens nothing.
    cached = cassette("unused", "testdata", "--", "go", "test", "./...")
    assert (cached.code, cached.out, "-count=1" in cached.err) == (2, "", True)
    told = cassette("unused", "testdata", "--", "go", "test", "-count=1", "-v", "./...")
    assert listed(told.out).keys() == orphans
    assert "not all tests ran (go test: 1 skip)" in told.err
