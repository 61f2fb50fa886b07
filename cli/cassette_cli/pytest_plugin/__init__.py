"""The pytest plugin: a log of the cassettes that tests use, `why` under VCR.py's error, and redaction at record time.

pytest imports this module in every run, and nothing behind it until an option asks for it.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_LOGS = "CASSETTE_USED_LOGS"


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Add the options."""
    group = parser.getgroup("cassette", "cassette: the recorded HTTP of the tests")
    group.addoption(
        "--cassette-used-log",
        metavar="FILE",
        help="write which cassettes the tests used, and what they played, for `cassette unused --used-log FILE`",
    )
    group.addoption(
        "--cassette-why",
        action="store_true",
        help="under VCR.py's error for a request without a recording: the nearest recording, and what differs",
    )
    group.addoption(
        "--cassette-redact",
        action="store_true",
        help="redact what VCR.py records, by the rules and settings of `cassette redact`",
    )


def pytest_configure(config: "pytest.Config") -> None:
    """Start what the options ask for; `cassette unused -- pytest` asks for a log by an environment variable."""
    log = config.getoption("--cassette-used-log", default=None)
    folder = os.environ.get(_LOGS)
    if (log or folder) and not config.getoption("collectonly", default=False):
        from cassette_cli.pytest_plugin.using import UsedCassettes

        paths = [os.path.abspath(log)] if log else []
        if folder and os.path.isdir(folder):
            paths.append(os.path.join(folder, f"pytest-{os.getpid()}.jsonl"))
        config.pluginmanager.register(UsedCassettes(config, paths), "cassette-used")
    if config.getoption("--cassette-why", default=False):
        from cassette_cli.pytest_plugin.explaining import Explanations

        config.pluginmanager.register(Explanations(), "cassette-why")
    if config.getoption("--cassette-redact", default=False):
        from cassette_cli.pytest_plugin.redacting import Redaction

        config.pluginmanager.register(Redaction(config), "cassette-redact")
