"""Sizes: one grammar for every option."""

import pytest

from cassette_cli.errors import UsageError
from cassette_cli.operations.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("12", 12), ("12B", 12), ("500k", 500_000), ("500K", 500_000), ("2M", 2_000_000), ("2MB", 2_000_000),
     ("1G", 10**9), ("2Ki", 2048), ("2kiB", 2048), ("1Mi", 1 << 20), ("3 Gi", 3 << 30), (" 1M ", 10**6)],
)  # fmt: skip
def test_sizes(text, size):
    assert parse_size(text, "--max-size") == size


@pytest.mark.parametrize("text", ["", "huge", "-1", "1.5M", "1T", "1i", "M", "1MM", "1" * 16])
def test_what_is_no_size(text):
    with pytest.raises(UsageError) as raised:
        parse_size(text, "--max-body")
    assert raised.value.message == f"invalid --max-body {text!r}: expected a size such as 500k or 2M"
