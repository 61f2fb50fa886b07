"""Real re-recordings, judged by what the official SDKs rebuilt from both versions.

CASSETTE_CORPUS names a folder with `history/old`, `history/new` and `history/expected.jsonl`.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.operations.diff.cassettes import compare
from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.diff.summary import DiffSummary, category
from cassette_cli.operations.diff.values import ABSENT
from cassette_cli.render.diff_summary import MOST, lines
from operations.diff_support import version

HISTORY = Path(os.environ.get("CASSETTE_CORPUS", "") or "nowhere") / "history"
ROWS = [json.loads(line) for line in (HISTORY / "expected.jsonl").read_text().splitlines()] if HISTORY.is_dir() else []

pytestmark = pytest.mark.skipif(not ROWS, reason="CASSETTE_CORPUS names no folder with a history of cassettes")

_MESSAGE = {"model", "tool-calls", "finish", "text", "reasoning", "usage", "error"}


def compared(path: str) -> CassetteDiff:
    """Compare the two versions of a file of the history."""
    old, new = ((HISTORY / side / path).read_bytes() for side in ("old", "new"))
    return compare(version(old, path), version(new, path))


def said(sdk: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK rebuilt, by the kinds of diff; ids of calls are left out, null and "" are equal."""
    calls = [(call["name"], _parsed(call["arguments"])) for call in sdk.get("tool_calls") or []]
    return {
        "text": sdk.get("text") or "",
        "reasoning": sdk.get("reasoning") or "",
        "tool-calls": calls,
        "finish": sdk.get("finish_reason") or "",
        "usage": sdk.get("usage") or {},
    }


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["path"][-60:])
def test_every_true_change_is_named_and_none_of_the_volatile(row: dict[str, Any]):
    difference = compared(row["path"])
    for one in difference.interactions:
        if one.old is None or one.new is None:
            continue
        old, new = row["old"][one.old.index], row["new"][one.new.index]
        assert (one.old.method, one.old.url) == (old["method"], old["url"])
        named = {change.kind for change in one.changes if change.side == "response"} & _MESSAGE
        assert ("status" in {change.kind for change in one.changes}) == (old["status"] != new["status"])
        if old.get("sdk") is None or new.get("sdk") is None:
            continue
        before, after = said(old["sdk"]), said(new["sdk"])
        assert named == {kind for kind in before if before[kind] != after[kind]}
        for change in one.changes:
            if change.kind in ("text", "reasoning"):
                assert before[change.kind] == ("" if change.old is ABSENT else change.old)
                assert after[change.kind] == ("" if change.new is ABSENT else change.new)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["path"][-60:])
def test_every_interaction_is_told_once(row: dict[str, Any]):
    found = compared(row["path"]).interactions
    assert sorted(one.old.index for one in found if one.old) == [one["interaction"] for one in row["old"]]
    assert sorted(one.new.index for one in found if one.new) == [one["interaction"] for one in row["new"]]
    for one in found:
        if one.old and one.new:
            assert row["old"][one.old.index]["url"] == row["new"][one.new.index]["url"]


def test_where_the_sdk_rebuilds_the_same_no_message_changed():
    known = 0
    for row in ROWS:
        streams = [one.get("sdk") for one in (*row["old"], *row["new"])]
        if all(streams) and [said(one["sdk"]) for one in row["old"]] == [said(one["sdk"]) for one in row["new"]]:
            known += 1
            kinds = {change.kind for one in compared(row["path"]).interactions for change in one.changes}
            assert not kinds & _MESSAGE
    assert known >= 3


def test_a_re_recording_reads_shorter_than_its_text_difference():
    for row in ROWS:
        found = compared(row["path"])
        assert sum(len(one.changes) for one in found.interactions) <= row["lines_added"] + row["lines_removed"]


def test_the_summary_fits_a_screen_and_names_every_change():
    total = DiffSummary(gathering=True)
    found = [compared(row["path"]) for row in ROWS]
    for difference in found:
        total.add(difference)
    rows = total.rows(MOST)
    told = {(row.category, place) for row in rows for place in row.places}
    counted = {place for one in total.usage.values() for place in one.places}
    for difference in found:
        for one in difference.interactions:
            place = (difference.path, one.label.index)
            for change in one.changes:
                assert (category(change.kind), place) in told or (change.kind == "usage" and place in counted)
            if one.state in ("added", "removed") or one.moved:
                assert ("interactions", place) in told
    for width in (80, 120):
        assert len(lines(total, width)) <= 50
