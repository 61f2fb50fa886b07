"""Every cassette of the corpus: redacted, proved, and clean; and the few findings that it has are known.

The corpus is a folder of real cassettes named by CASSETTE_CORPUS; without it nothing is run.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from cassette_cli.formats import registry
from cassette_cli.operations.loading import Loaded, load_all
from cassette_cli.operations.redact.redacting import redact
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from operations.redact_support import PLAN

CORPUS = os.environ.get("CASSETTE_CORPUS", "")

pytestmark = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")


def loaded() -> Iterator[Loaded]:
    failures: list[object] = []
    yield from load_all(Paths([CORPUS], exclude=("*.jsonl", "history")), Selection(), failures.append)


def test_every_cassette_is_redacted_and_clean_after() -> None:
    rules: Counter[str] = Counter()
    for one in loaded():
        result = redact(one, PLAN)
        rules.update(finding.rule for finding in result.findings)
        assert not result.gaps
        assert (result.after is None) == (not result.findings)
        if result.after is not None:
            again = redact(Loaded(registry.load(result.after), Selection(), 0), PLAN)
            assert again.clean
            values = {finding.value for finding in result.findings if len(finding.value) >= 12}
            left = [value for value in values if value in result.after.text]
            assert not [value for value in left if any(c.isdigit() for c in value) and len(value) > 20]
    assert sum(rules.values()) > 100
    # Names and shapes that hold secrets in real recordings, and none that a reading of them showed to be false.
    assert rules.keys() <= {"account-id", "cookie", "openai-org", "openai-user", "signature", "token"}
