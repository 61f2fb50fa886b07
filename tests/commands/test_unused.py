"""`cassette unused`: by what a command opens, by the logs of runs, and what it does with what it finds."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.operations.unused import watching
from commands.suites import lay, listed, vcrpy

Run = Callable[..., Any]
TEXT = vcrpy("a")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="files are watched on Linux only")


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make a project of cassettes in `tapes`, and work in it."""

    def make(*names: str) -> Path:
        monkeypatch.chdir(lay(tmp_path, {f"tapes/{name}": TEXT for name in names}))
        return tmp_path

    return make


def sh(script: str) -> tuple[str, ...]:
    return ("--", "sh", "-c", script)


@ON_LINUX
class TestWatching:
    def test_what_a_command_does_not_open_is_unused(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml", "deep/er/c.yaml")
        result = cassette("unused", "tapes", *sh("cat tapes/a.yaml; head -c1 tapes/deep/er/c.yaml; ls -lR tapes"))
        assert (result.code, result.out) == (1, "tapes/b.yaml  not opened\n")
        size = f"{len(TEXT)} B of {len(TEXT) * 3} B"
        assert result.err.endswith(f"cassette: 1 of 3 cassettes unused ({size})\n")

    def test_its_output_goes_to_standard_error(self, cassette: Run, suite: Run):
        suite("a.yaml")
        result = cassette("unused", "tapes", *sh("cat tapes/a.yaml; echo told >&2"))
        assert (result.code, result.out) == (0, "")
        assert TEXT in result.err
        assert "told\n" in result.err
        assert result.err.endswith("cassette: 0 of 1 cassette unused\n")

    def test_what_we_read_ourselves_does_not_count(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml")
        for _ in range(3):
            assert cassette("unused", "tapes", *sh("cat tapes/a.yaml")).out == "tapes/b.yaml  not opened\n"

    @pytest.mark.parametrize("how", ["cat tapes/b.yaml && exit 3", "kill -9 $$"])
    def test_a_command_that_fails_claims_nothing(self, cassette: Run, suite: Run, how: str):
        suite("a.yaml", "b.yaml")
        result = cassette("unused", "tapes", "--rm", *sh(how))
        assert (result.code, result.out, os.path.exists("tapes/a.yaml")) == (2, "", True)
        assert ("exit code 3" if "exit" in how else "signal 9") in result.err

    def test_anyway(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml")
        result = cassette("unused", "tapes", "--anyway", *sh("cat tapes/b.yaml; exit 3"))
        assert (result.code, result.out) == (1, "tapes/a.yaml  not opened\n")
        assert "the command failed with exit code 3" in result.err

    def test_a_command_that_opens_none_claims_nothing(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml")
        result = cassette("unused", "tapes", *sh("true"))
        assert (result.code, result.out, "none of 2 cassettes was used" in result.err) == (2, "", True)
        assert cassette("unused", "tapes", "--anyway", *sh("true")).out.count("not opened") == 2

    def test_a_command_that_is_not_there(self, cassette: Run, suite: Run):
        suite("a.yaml")
        result = cassette("unused", "tapes", "--", "no-such-program")
        assert (result.code, "cannot run 'no-such-program'" in result.err) == (2, True)

    @pytest.mark.parametrize(
        ("before", "script"),
        [
            pytest.param("ln -s tapes/b.yaml link.yaml", "cat link.yaml", id="a link to it"),
            pytest.param("mkdir other; ln tapes/b.yaml other/b.yaml", "cat other/b.yaml", id="another name of it"),
            pytest.param("true", "mv tapes moved; cat moved/b.yaml >/dev/null; mv moved tapes", id="moved and back"),
            pytest.param("true", "cp -r tapes x; rm -r tapes; mv x tapes", id="its folder made anew"),
            pytest.param("true", "cp tapes/b.yaml x; rm tapes/b.yaml; cp x tapes/b.yaml", id="the file made anew"),
            pytest.param("true", "echo '# more' >> tapes/b.yaml", id="written"),
            pytest.param("true", "(sleep 0.1; cat tapes/b.yaml) & wait", id="by a process of its own"),
        ],
    )
    def test_what_is_reached_otherwise_is_used(self, cassette: Run, suite: Run, before: str, script: str):
        suite("b.yaml", "c.yaml", "d/c.yaml")
        os.system(before)
        result = cassette("unused", "tapes/b.yaml", *sh(script))
        assert (result.code, result.out) == (0, "")

    def test_a_cassette_that_is_a_link(self, cassette: Run, suite: Run):
        root = suite("a.yaml", "b.yaml")
        (root / "real").mkdir()
        for name in "ab":
            os.replace(root / f"tapes/{name}.yaml", root / f"real/{name}.yaml")
            os.symlink(f"../real/{name}.yaml", root / f"tapes/{name}.yaml")
        assert cassette("unused", "tapes", *sh("cat real/a.yaml")).out == "tapes/b.yaml  not opened\n"

    def test_what_was_recorded_meanwhile_is_no_orphan_and_what_was_removed_neither(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml")
        result = cassette("unused", "tapes", *sh("mkdir tapes/n; cp tapes/a.yaml tapes/n/new.yaml; rm tapes/b.yaml"))
        assert (result.code, result.out) == (0, "")

    def test_a_queue_that_runs_over_claims_nothing(self, cassette: Run, suite: Run, monkeypatch: pytest.MonkeyPatch):
        suite("a.yaml", "b.yaml")
        monkeypatch.setattr(watching, "events", lambda _: iter([watching.Event(-1, 0x4000, "")]))
        result = cassette("unused", "tapes", *sh("cat tapes/a.yaml"))
        assert (result.code, result.out, "queue of events ran over" in result.err) == (2, "", True)

    def test_results_of_an_earlier_run_claim_nothing(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml")
        printed = r"cat tapes/a.yaml; printf 'ok  \texample.test/a\t0.1s\nok  \texample.test/b\t(cached)\n'"
        result = cassette("unused", "tapes", *sh(printed))
        assert (result.code, result.out, "go test -count=1" in result.err) == (2, "", True)

    def test_a_terminal_is_passed_on(self, suite: Run):
        import pty

        suite("a.yaml")
        child, terminal = pty.fork()
        if child == 0:  # pragma: no cover - another process
            program = (sys.executable, "-m", "cassette_cli", "unused", "tapes")
            os.execv(
                sys.executable, [*program, *sh("test -t 1 && test -t 2 && cat tapes/a.yaml >/dev/null && echo yes")]
            )
        shown = b""
        while True:
            try:
                data = os.read(terminal, 1 << 16)
            except OSError:
                break
            if not data:
                break
            shown += data
        _, status = os.waitpid(child, 0)
        assert (os.waitstatus_to_exitcode(status), shown.startswith(b"yes\r\n")) == (0, True), shown

    def test_ctrl_c_ends_the_command_too(self, suite: Run):
        suite("a.yaml")
        script = "trap 'echo ended; exit 0' INT; echo begun; while :; do sleep 0.05; done"
        program = [sys.executable, "-m", "cassette_cli", "unused", "tapes", *sh(script)]
        with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as one:
            assert one.stdout is not None
            assert one.stderr is not None
            assert one.stderr.readline() == b"begun\n"
            os.killpg(one.pid, signal.SIGINT)
            told = one.stderr.read()
            assert (one.stdout.read(), b"ended\n" in told) == (b"", True)
        assert one.returncode == 130


@ON_LINUX
class TestOutput:
    def test_nul(self, cassette: Run, suite: Run):
        suite("a.yaml", "b c.yaml", "d.yaml")
        assert cassette("unused", "tapes", "-0", *sh("cat tapes/a.yaml")).out == "tapes/b c.yaml\0tapes/d.yaml\0"

    def test_json(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml")
        (row,) = map(json.loads, cassette("unused", "tapes", "--json", *sh("cat tapes/a.yaml")).out.splitlines())
        assert row == {
            "path": "tapes/b.yaml", "interaction": None, "state": "unused", "reason": "not opened", "bytes": len(TEXT),
        }  # fmt: skip

    def test_rm(self, cassette: Run, suite: Run):
        suite("a.yaml", "gone/b.yaml", "gone/c.yaml", "kept/d.yaml", "kept/e.yaml")
        result = cassette("unused", "tapes", "--rm", *sh("cat tapes/a.yaml tapes/kept/d.yaml"))
        assert (result.code, "3 of 5 cassettes removed" in result.err) == (0, True)
        assert listed(result.out).keys() == {"tapes/gone/b.yaml", "tapes/gone/c.yaml", "tapes/kept/e.yaml"}
        left = sorted(str(path) for path in Path("tapes").rglob("*"))
        assert left == ["tapes/a.yaml", "tapes/kept", "tapes/kept/d.yaml"]

    def test_exclude(self, cassette: Run, suite: Run):
        suite("a.yaml", "old/b.yaml")
        assert cassette("unused", "tapes", "--exclude", "old/", *sh("cat tapes/a.yaml")).code == 0

    def test_other_files_are_none(self, cassette: Run, suite: Run):
        root = suite("a.yaml")
        (root / "tapes" / "settings.yaml").write_text("a: 1\n")
        (root / "tapes" / "README.md").write_text("interactions:\n")
        assert cassette("unused", "tapes", *sh("cat tapes/a.yaml")).out == ""

    def test_a_broken_cassette_and_one_of_another_recorder_can_be_unused(self, cassette: Run, suite: Run):
        root = suite("a.yaml")
        (root / "tapes" / "broken.yaml").write_text("version: 1\ninteractions: [")
        (root / "tapes" / "tape").write_text("!tape\nname: a\ninteractions:\n- recorded: 2020-01-01T00:00:00Z\n")
        found = listed(cassette("unused", "tapes", *sh("cat tapes/a.yaml")).out)
        assert found.keys() == {"tapes/broken.yaml", "tapes/tape"}


class TestLogs:
    def lines(self, *used: str, end: str = '{"end": {"exit": 0, "not_run": 0}}') -> str:
        return "\n".join(
            ['{"cassette-used-log": 1, "by": "watch"}', *(f'{{"used": "{one}"}}' for one in used), end, ""]
        )

    def test_shards_are_joined(self, cassette: Run, suite: Run):
        root = suite("a.yaml", "b.yaml", "c.yaml")
        (root / "1").write_text(self.lines("tapes/a.yaml"))
        (root / "2").write_text(self.lines("tapes/b.yaml"))
        result = cassette("unused", "tapes", "--used-log", "1", "--used-log", "2")
        assert (result.code, result.out) == (1, "tapes/c.yaml  not opened\n")

    @ON_LINUX
    def test_a_run_saves_one(self, cassette: Run, suite: Run):
        suite("a.yaml", "b.yaml", "c.yaml")
        for name in "ab":
            result = cassette("unused", "tapes", "--save-log", f"{name}.jsonl", *sh(f"cat tapes/{name}.yaml"))
            assert (result.code, result.out) == (0, "")
        assert cassette("unused", "tapes", "--used-log", "a.jsonl").out.count("not opened") == 2
        result = cassette("unused", "tapes", "--used-log", "a.jsonl", "--used-log", "b.jsonl")
        assert result.out == "tapes/c.yaml  not opened\n"
        os.chdir("tapes")
        assert cassette("unused", ".", "--used-log", "../a.jsonl").out.count("not opened") == 2

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "the used-log has no end"),
            ("{}\n", "x:1: not a used-log"),
            ("nothing\n", "x:1: not a line of a used-log"),
            ('{"cassette-used-log": 1, "by": "watch"}\n{"used": "tapes/a.yaml"}\n', "was cut off"),
            (
                '{"cassette-used-log": 1, "by": "watch"}\n{"used": "tapes/a.yaml", "played": 1, "interactions": 1}\n',
                "x:2",
            ),
        ],
    )
    def test_what_is_no_whole_log_claims_nothing(self, cassette: Run, suite: Run, text: str, told: str):
        (suite("a.yaml", "b.yaml") / "x").write_text(text)
        result = cassette("unused", "tapes", "--used-log", "x")
        assert (result.code, result.out, told in result.err) == (2, "", True), result.err

    def test_a_log_of_another_place_claims_nothing(self, cassette: Run, suite: Run):
        (suite("a.yaml", "b.yaml") / "x").write_text(self.lines("elsewhere/a.yaml"))
        result = cassette("unused", "tapes", "--used-log", "x")
        assert (result.code, result.out, "no cassette that it names is here" in result.err) == (2, "", True)

    def test_a_log_of_a_run_that_failed_claims_nothing(self, cassette: Run, suite: Run):
        end = '{"end": {"exit": 1, "not_run": 0}}'
        (suite("a.yaml", "b.yaml") / "x").write_text(self.lines("tapes/a.yaml", end=end))
        result = cassette("unused", "tapes", "--used-log", "x")
        assert (result.code, result.out, "exit code 1" in result.err) == (2, "", True)
        assert cassette("unused", "tapes", "--used-log", "x", "--anyway").out == "tapes/b.yaml  not opened\n"

    def test_check(self, cassette: Run, suite: Run):
        (suite("a.yaml", "b.yaml") / "x").write_text(self.lines("tapes/a.yaml"))
        result = cassette("check", "--select", "CAS018", "--used-log", "x", "tapes")
        assert (result.code, result.out) == (1, "tapes/b.yaml:1: CAS018 not opened\n")
        assert "CAS018" in cassette("check", "--used-log", "x", "tapes").out
        assert "CAS018" not in cassette("check", "--select", "CAS001", "--used-log", "x", "tapes").out
        assert cassette("check", "tapes").code == 0
        assert cassette("check", "--select", "all", "tapes").out == ""
        result = cassette("check", "--select", "unused", "tapes")
        assert (result.code, "--used-log" in result.err) == (2, True)


@pytest.mark.parametrize(
    "args",
    [
        ("tapes", "--"),
        ("tapes", "-0", "--json"),
        ("tapes", "--used-log", "x", "--", "true"),
        ("tapes", "--save-log", "x"),
        ("tapes", "--interactions"),
        ("no-such-folder",),
        ("empty",),
        ("-",),
        ("tapes/a.yaml#0",),
        ("tapes", "--sources", "nowhere"),
        ("tapes", "--used-log", "nowhere"),
    ],
)
def test_what_means_nothing(cassette: Run, suite: Run, args: tuple[str, ...]):
    (suite("a.yaml") / "empty").mkdir()
    result = cassette("unused", *args)
    assert (result.code, result.out) == (2, ""), result.err


def test_where_files_cannot_be_watched(cassette: Run, suite: Run, monkeypatch: pytest.MonkeyPatch):
    suite("a.yaml")
    monkeypatch.setattr(sys, "platform", "darwin")
    result = cassette("unused", "tapes", "--", "true")
    assert (result.code, "--cassette-used-log" in result.err) == (2, True)


def test_what_is_not_decided_is_told_in_a_few_lines(cassette: Run, suite: Run):
    root = suite(*(f"test_{number}[x].yaml" for number in range(30)))
    tests = "".join(f"@pytest.mark.vcr\n@pytest.mark.parametrize('a', f())\ndef test_{n}(a): pass\n" for n in range(30))
    (root / "test_a.py").write_text(f"import pytest, vcr\ndef vcr_cassette_dir(): return 'tapes'\n{tests}")
    result = cassette("unused", "tapes")
    lines = [line for line in result.err.splitlines() if "unknown:" in line]
    assert (len(lines), lines[-1]) == (13, "cassette: unknown: 18 more; --json lists all")
    assert len(cassette("unused", "tapes", "--json").out.splitlines()) == 30


def test_unknown_counts_unless_it_is_skipped(cassette: Run, suite: Run):
    suite("a.yaml")
    result = cassette("unused", "tapes")
    assert (result.code, result.out) == (1, "")
    assert "unknown: tapes/a.yaml: no test or call that plays it is known in 0 sources" in result.err
    assert cassette("unused", "tapes", "--skip-unknown").code == 0
    assert cassette("unused", "tapes", "--rm").code == 1
    assert os.path.exists("tapes/a.yaml")
