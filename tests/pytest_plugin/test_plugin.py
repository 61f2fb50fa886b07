"""The pytest plugin in processes of its own: the used-log, `why` under VCR.py's error, redaction, and what it costs."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from commands.suites import lay, pytest_suite, vcrpy

KEY = "gh" + "p_" + "A1b2C3d4" * 4 + "E5f6"


def run(root: Path, *args: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov", *args]
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTEST_ADDOPTS", "CASSETTE_USED_LOGS")}
    return subprocess.run(program, cwd=root, capture_output=True, text=True, env={**kept, **environment}, check=False)


def logged(path: Path) -> dict[str, list]:
    """Return the lines of a log by their first key."""
    found: dict[str, list] = {}
    for line in map(json.loads, path.read_text().splitlines()):
        key = next(iter(line))
        found.setdefault(key, []).append(line if key == "used" else line[key])
    return found


USED = {
    "tests/cassettes/test_chat/TestInside.test_method.yaml": {"0": 1},
    "tests/cassettes/test_chat/extra.yaml": {"0": 1},
    "tests/cassettes/test_chat/test_cases[x].yaml": {"0": 1},
    "tests/cassettes/test_chat/test_cases[y-z].yaml": {"0": 1},
    "tests/cassettes/test_chat/test_plain.yaml": {"0": 1},
    "tests/fixtures/by_function.yaml": {"0": 1},
    "tests/fixtures/named.yaml": {"0": 1},
}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_a_log_of_what_was_used_and_played_and_run(tmp_path: Path, workers: tuple[str, ...]):
    root = pytest_suite(tmp_path)
    done = run(root, "--cassette-used-log=used.jsonl", "-m", "not slow", *(workers or ("-p", "no:xdist")))
    assert done.returncode == 0, done.stdout
    log = logged(root / "used.jsonl")
    assert {line["used"]: line["played"] for line in log["used"]} == USED
    assert [line["interactions"] for line in log["used"] if "test_plain" in line["used"]] == [2]
    assert log["skipped"] == ["tests/test_chat.py::TestInside::test_skipped"]
    assert log["deselected"] == ["tests/test_chat.py::test_slow"]
    assert "tests/test_chat.py::test_cases[x]" in log["ran"]
    assert log["end"] == [{"exit": 0, "not_run": 2}]


def test_paths_are_those_of_the_repository(tmp_path: Path):
    root = pytest_suite(tmp_path)
    run(root / "tests", "--cassette-used-log=used.jsonl", "-p", "no:xdist", "--rootdir=.", "-k", "plain")
    log = logged(root / "tests" / "used.jsonl")
    assert [line["used"] for line in log["used"]] == ["tests/cassettes/test_chat/test_plain.yaml"]
    assert log["ran"] == ["tests/test_chat.py::test_plain"]


RECORDERS = """
import os, pytest, requests, responses, betamax, vcr
HERE = os.path.dirname(__file__)
def get(name): return requests.get(f"http://api.example.test/{name}").text
def test_opened():
    open(os.path.join(HERE, "tapes", "opened.yaml")).read()
    open(os.path.join(HERE, "tapes", "notes.txt")).read()
def test_betamax():
    with betamax.Betamax(requests.Session(), cassette_library_dir=os.path.join(HERE, "tapes")) as b:
        b.use_cassette("tape", record="none")
def test_left_out():
    drop = vcr.VCR(before_record_request=lambda r: None if r.path == "/a" else r)
    with drop.use_cassette(os.path.join(HERE, "tapes", "filtered.yaml"), record_mode="none"):
        assert get("b") == "ok b"
def test_rewound():
    with vcr.use_cassette(os.path.join(HERE, "tapes", "rewound.yaml"), record_mode="none") as tape:
        get("a"); tape.rewind(); get("a"); get("b")
@pytest.mark.xfail(run=False)
def test_never(): pass
@pytest.mark.xfail
def test_fails(): assert False
"""


def test_other_recorders_and_what_is_not_told(tmp_path: Path):
    tape = '{"http_interactions": [], "recorded_with": "betamax/0.8.1"}'
    root = lay(tmp_path, {
        "test_a.py": RECORDERS, "tapes/opened.yaml": vcrpy("a"), "tapes/tape.json": tape, "tapes/notes.txt": "x",
        "tapes/filtered.yaml": vcrpy("a", "b"), "tapes/rewound.yaml": vcrpy("a", "b", "c"), "tapes/not.yaml": vcrpy("a"),
    })  # fmt: skip
    done = run(root, "--cassette-used-log=used.jsonl", "-p", "no:xdist")
    assert done.returncode == 0, done.stdout
    log = logged(root / "used.jsonl")
    assert {line["used"]: line.get("played") for line in log["used"]} == {
        "tapes/opened.yaml": None, "tapes/tape.json": None, "tapes/filtered.yaml": None,
        "tapes/rewound.yaml": {"0": 2, "1": 1},
    }  # fmt: skip
    assert log["skipped"] == ["test_a.py::test_never"]
    assert "test_a.py::test_fails" in log["ran"]


def test_a_run_that_fails_says_so_in_its_log(tmp_path: Path):
    root = lay(tmp_path, {"test_a.py": "def test_a(): assert False\n"})
    assert run(root, "--cassette-used-log=used.jsonl").returncode == 1
    assert logged(root / "used.jsonl")["end"] == [{"exit": 1, "not_run": 0}]


def test_collecting_is_no_run(tmp_path: Path):
    root = lay(tmp_path, {"test_a.py": "def test_a(): pass\n"})
    run(root, "--cassette-used-log=used.jsonl", "--collect-only")
    assert not (root / "used.jsonl").exists()


def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path):
    root = lay(tmp_path, {"test_a.py": "def test_a(): pass\n"})
    done = run(root, "--cassette-used-log=no/such/folder/x")
    assert done.returncode != 0
    assert "no/such/folder" in done.stdout + done.stderr


WHY = """
import pytest, requests
class Failed(Exception): pass
@pytest.mark.vcr
def test_a():
    try:
        requests.post("http://api.example.test/a?x=2")
    except Exception as error:
        raise Failed from error
"""


def test_why_under_the_error_of_vcrpy(tmp_path: Path):
    text = vcrpy("a?x=1").replace("method: GET", "method: POST")
    root = lay(tmp_path, {"test_a.py": WHY, "cassettes/test_a/test_a.yaml": text})
    done = run(root, "--cassette-why", "-p", "no:xdist")
    assert "--- cassette why ---" in done.stdout
    section = done.stdout.rpartition("cassette why")[2]
    assert "test_a.yaml#0" in section, section
    assert "query" in section
    assert done.stdout.count("cassette why -") == 1
    assert "cassette why" not in run(root, "-p", "no:xdist").stdout


def test_why_of_a_cassette_that_is_not_there(tmp_path: Path):
    root = lay(tmp_path, {"test_a.py": WHY})
    done = run(root, "--cassette-why", "-p", "no:xdist")
    assert (done.returncode, "INTERNALERROR" in done.stdout, "cassette why -" in done.stdout) == (1, False, True)


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"token": KEY}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answers) as one:
        thread = threading.Thread(target=one.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{one.server_port}"
        one.shutdown()
        thread.join()


def test_redaction_at_record_time(tmp_path: Path, server: str):
    code = f'''
import pytest, requests
@pytest.mark.vcr
def test_a():
    answer = requests.post("{server}/a?api_key={KEY}", json={{"a": 1}}, headers={{"Authorization": "Bearer {KEY}"}})
    assert answer.status_code == 200
    assert answer.json()["token"]
'''
    root = lay(tmp_path, {"test_a.py": code})
    recorded = root / "cassettes" / "test_a" / "test_a.yaml"
    assert run(root, "-p", "no:xdist", "--record-mode=once").returncode == 0
    assert KEY in recorded.read_text()
    recorded.unlink()
    done = run(root, "-p", "no:xdist", "--record-mode=once", "--cassette-redact")
    assert done.returncode == 0, done.stdout
    text = recorded.read_text()
    assert KEY not in text
    replayed = run(root, "-p", "no:xdist", "--record-mode=none", "--cassette-redact")
    assert replayed.returncode == 0, replayed.stdout
    assert recorded.read_text() == text


def test_without_an_option_nothing_of_it_is_imported(tmp_path: Path):
    code = "import sys\ndef test_a(): print(sorted(name for name in sys.modules if name.startswith('cassette_cli')))\n"
    root = lay(tmp_path, {"test_a.py": code})
    done = run(root, "-s", "-p", "no:xdist", "-p", "no:recording")
    assert "['cassette_cli', 'cassette_cli.pytest_plugin']" in done.stdout


def test_it_is_found_by_its_entry_point(tmp_path: Path):
    assert "--cassette-used-log" in run(tmp_path, "--help").stdout
