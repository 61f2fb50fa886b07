"""The corpus, added up: every group holds every interaction once, as `ls` lists them.

The corpus is a folder of real cassettes named by CASSETTE_CORPUS; without it nothing is run.
"""

import os
from functools import partial

import pytest

from cassette_cli.operations import listing
from cassette_cli.operations.loading import load_all
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.stats import file, summarise
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.trim.options import Options

CORPUS = os.environ.get("CASSETTE_CORPUS", "")

pytestmark = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")


def test_groups_hold_what_is_listed() -> None:
    rows: list[listing.Row] = []
    files = []
    for loaded in load_all(Paths([CORPUS]), Selection(), lambda error: pytest.fail(str(error))):
        files += file(loaded, Options())
        rows += [row for group in listing.group(loaded) for row in group.rows]
    stats = summarise(files)
    total = stats.total
    assert total.interactions == len(rows) > 400
    assert total.cassettes == len({row.path for row in rows})
    assert total.file_bytes == sum(os.path.getsize(path) for path in {row.path for row in rows})
    for ours, theirs in (("input_tokens", "input_tokens"), ("output_tokens", "output_tokens"), ("frames", "frames"),
                         ("empty_frames", "empty_frames"), ("body_bytes", "body_bytes")):  # fmt: skip
        assert getattr(total, ours) == sum(getattr(row, theirs) or 0 for row in rows)
    assert sorted(total.durations) == sorted(row.duration_ms for row in rows if row.duration_ms is not None)
    for _, group in stats.sorted_groups():
        for name in ("interactions", "input_tokens", "output_tokens", "frames", "body_bytes", "request_bytes"):
            assert sum(getattr(one, name) for _, one in group) == getattr(total, name)
    assert stats.trim.bytes > 0
    assert stats.decode.cassettes > 0


def test_one_group_is_that_of_all() -> None:
    work = partial(file, trimming=Options())
    files = [one for loaded in load_all(Paths([CORPUS]), Selection(), lambda _: None) for one in work(loaded)]
    whole = summarise(files).as_json()
    for by in summarise(files).by:
        assert summarise(files, by).as_json()[by] == whole[by]
