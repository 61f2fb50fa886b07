"""What test runners print of tests that they did not run, in their own words."""

import pytest

from cassette_cli.operations.unused.runners import Summary

LINES = [
    ("======== 3 passed, 2 skipped, 1 deselected in 0.12s ========", "pytest: 2 skipped, 1 deselected", 3),
    ("3 passed, 1 xfailed in 12.34s (0:00:12)", "", 0),
    ("\x1b[32m\x1b[32m\x1b[1m3 passed\x1b[0m, \x1b[33m1 skipped\x1b[0m\x1b[32m in 0.01s\x1b[0m", "pytest: 1 skipped", 1),
    ("Ran 3 tests in 0.001s\n\nOK (skipped=2)", "unittest: 2 skipped", 2),
    ("OK", "", 0),
    ("12 examples, 0 failures, 3 pending", "RSpec: 3 pending", 3),
    ("1 example, 0 failures", "", 0),
    ("5 runs, 9 assertions, 0 failures, 0 errors, 1 skips", "Minitest: 1 skip", 1),
    ("ok  \texample.test/chat\t0.005s", "", None),
    ("=== RUN   TestA\n--- SKIP: TestA (0.00s)\n    --- SKIP: TestA/b (0.00s)\nok  \tx.test/y\t0.1s", "go test: 2 skip", 2),
    ("=== RUN   TestA\n--- PASS: TestA (0.00s)\nok  \tx.test/y\t0.1s", "", 0),
    ("Tests:       1 skipped, 2 todo, 3 passed, 6 total", "Jest: 1 skipped, 2 todo", 3),
    ("      Tests  4 passed | 1 skipped (5)", "Vitest: 1 skipped", 1),
    ("  3 passing (20ms)\n  1 pending", "Mocha: 1 pending", 1),
    ("Tests: 4, Assertions: 6, Skipped: 1, Incomplete: 2.", "PHPUnit: 1 skipped, 2 incomplete", 3),
    ("OK (4 tests, 6 assertions)", "", 0),
    ("3 tests, 0 failures, 1 excluded, 2 skipped", "ExUnit: 1 excluded, 2 skipped", 3),
    ("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s",
     "cargo test: 1 ignored, 4 filtered out", 5),
    ("[ FAIL 0 | WARN 0 | SKIP 2 | PASS 7 ]", "testthat: 2 skip", 2),
    ("[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1", "JUnit: 1 skipped", 1),
    ("Passed!  - Failed:     0, Passed:     5, Skipped:     2, Total:     7", "dotnet test: 2 skipped", 2),
    ("all fine", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told", "count"), LINES)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_counts(text: str, told: str, count: int | None, size: int):
    summary = Summary()
    data = text.encode()
    for at in range(0, len(data), size):
        summary.feed(data[at : at + size])
    summary.finish()
    assert (summary.told(), summary.not_run()) == (told, count)


@pytest.mark.parametrize(
    "line",
    [
        "ok  \texample.test/chat\t(cached)",
        '{"Action":"output","Package":"a","Output":"ok  \\ta\\t(cached)\\n"}',
        "//chat:test      (cached) PASSED in 0.1s",
    ],
)
def test_results_of_an_earlier_run(line: str):
    summary = Summary()
    summary.feed(line.encode() + b"\nmore\n")
    assert summary.earlier == line


def test_several_runs_add_up():
    summary = Summary()
    summary.feed(b"1 passed, 2 skipped in 0.1s\n1 passed, 3 skipped in 0.1s\n1 example, 0 failures, 1 pending\n")
    assert (summary.not_run(), summary.not_run(without="pytest")) == (6, 1)
