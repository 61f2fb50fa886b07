"""A row says of every recorded stream what its whole message says. Needs `CASSETTE_CORPUS`."""

import os
from collections.abc import Iterator

import pytest

from cassette_cli.operations.loading import load_all
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from cassette_cli.providers.generic import protocol as generic

CORPUS = os.environ.get("CASSETTE_CORPUS")
pytestmark = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS is not set")


def pairs() -> Iterator[tuple[Reading, Reading]]:
    """Yield two readings of every streamed interaction, so that neither has parsed frames for the other."""
    first, second = (load_all(Paths([CORPUS or ""]), Selection(), lambda _: None) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        for pair in zip(one.cassette.interactions, other.cassette.interactions, strict=True):
            readings = (Reading(pair[0]), Reading(pair[1]))
            if readings[0].framed is not None:
                yield readings


def test_a_row_says_what_the_whole_message_says() -> None:
    seen = 0
    for row, whole in pairs():
        message = whole.message
        assert message is not None
        place = (whole.interaction.request.url, row.interaction.index)
        assert row.tokens == (whole.protocol or generic).usage.counts(message.usage), place
        assert row.model == (message.model or whole.model), place
        assert row.empties == whole.empties, place
        seen += 1
    assert seen > 100
