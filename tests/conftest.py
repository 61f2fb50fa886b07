"""What all tests need of the process that runs them."""

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from cassette_cli.source import compression

SLOW = (
    "actions", "bad_input", "browser", "fuzz", "kill", "precommit", "pytest_plugin", "recipes", "sdk", "test_corpus.py", "test_corpus_sdk.py",
    "test_diff_history.py", "test_formats_corpus.py", "test_grep_corpus.py", "test_jobs.py", "test_pieces.py", "test_properties.py",
    "test_redact_corpus.py", "test_redact_linear.py", "test_stats_corpus.py", "test_trim_corpus.py", "test_unused_suites.py",
)  # fmt: skip
"""Folders and modules whose tests start other programs, or run for seconds."""

_numbers = count()

# A deadline fails where the machine is busy, not where the code is slow.
settings.register_profile("cassette", deadline=None, derandomize="CI" in os.environ)  # a gate tries the same each time
settings.load_profile("cassette")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each test a cache of its own: what one finds clean is nothing that another may know."""
    folder = tmp_path_factory.getbasetemp() / f"cache-{next(_numbers)}"
    monkeypatch.setenv("CASSETTE_CACHE_DIR", str(folder))


@pytest.fixture(autouse=True)
def _own_limits() -> Iterator[None]:
    """Take back what `--max-body` set: it is for the whole process."""
    yield
    compression.set_limits(compression.Limits())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, so that `-m "not slow"` leaves it out."""
    for item in items:
        if not {*Path(item.path).parts}.isdisjoint(SLOW):
            item.add_marker("slow")


# A job in the background of a script ignores Ctrl-C, one under `nohup` the end of its terminal, and so would every
# program that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
