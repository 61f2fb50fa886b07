"""Sizes and times as people read them."""

import pytest

from cassette_cli.render.output import human_size, human_time


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (1_000_000, "1.0 MB"),
        (999_949_999, "999.9 MB"), (999_950_000, "1.0 GB"), (10**12, "1.0 TB"),
    ],
)  # fmt: skip
def test_a_size_is_never_a_thousand_of_its_unit(size, shown):
    assert human_size(size) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"), [(0, "0 ms"), (412.5, "412 ms"), (999, "999 ms"), (1000, "1.0 s"), (90_000, "90.0 s")]
)
def test_a_time(milliseconds, shown):
    assert human_time(milliseconds) == shown
