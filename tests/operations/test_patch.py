"""Edits as unified diffs: what `git apply` makes of them is the edited text."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cassette_cli.operations.patch import unified

OLD = "".join(f"line {number}\n" for number in range(1, 21))


def diff(old: str, *changes: tuple[int, int, str]) -> list[str]:
    return list(unified("a.yaml", old, changes, str.upper))


def test_a_removed_line_is_shown_between_three_others() -> None:
    at = OLD.index("line 10")
    assert diff(OLD, (at, at + 8, "")) == [
        "--- a/a.yaml", "+++ b/a.yaml", "@@ -7,7 +7,6 @@",
        " LINE 7", " LINE 8", " LINE 9", "-LINE 10", " LINE 11", " LINE 12", " LINE 13",
    ]  # fmt: skip


def test_a_part_of_a_line_is_shown_as_the_line() -> None:
    assert diff("ab\ncd\n", (4, 5, "x")) == ["--- a/a.yaml", "+++ b/a.yaml", "@@ -1,2 +1,2 @@", " AB", "-CD", "+CX"]


def test_changes_far_apart_stand_in_hunks_of_their_own() -> None:
    hunks = [line for line in diff(OLD, (0, 7, ""), (len(OLD) - 8, len(OLD), "x\n")) if line.startswith("@@")]
    assert hunks == ["@@ -1,4 +1,3 @@", "@@ -17,4 +16,4 @@"]


@pytest.mark.parametrize(("between", "hunks"), [(6, 1), (7, 2)])
def test_changes_share_a_hunk_where_their_surroundings_touch(between: int, hunks: int) -> None:
    second = OLD.index(f"line {between + 2}")
    lines = diff(OLD, (0, 4, "LINE"), (second, second + 4, "LINE"))
    assert sum(line.startswith("@@") for line in lines) == hunks


def test_what_changes_nothing_is_no_diff() -> None:
    assert diff(OLD) == []
    assert diff(OLD, (0, 4, "line")) == []


def test_a_path_from_the_root_loses_its_slash() -> None:
    assert next(unified("/tmp/a.yaml", OLD, [(0, 1, "")], str)) == "--- a/tmp/a.yaml"


TEXT = st.text("ab\n\r\u2028", max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(TEXT.filter(bool), st.data())
def test_git_applies_any_edit(tmp_path: Path, old: str, data: st.DataObject) -> None:
    changes, at = [], 0
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(at, len(old)))
        at = data.draw(st.integers(start, len(old)))
        changes.append((start, at, data.draw(TEXT)))
    new, end = "", 0
    for start, stop, text in changes:
        new += old[end:start] + text
        end = stop
    new += old[end:]
    lines = list(unified("a.yaml", old, changes, str))
    if new == old:
        assert lines == []
        return
    if not new:
        return  # git takes a patch that leaves nothing for the removal of the file
    path, patch = tmp_path / "a.yaml", tmp_path / "a.patch"
    path.write_bytes(old.encode())
    patch.write_bytes(("\n".join(lines) + "\n").encode())
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", patch.name],
        cwd=tmp_path,
        check=True,
        env={"GIT_DIR": "/nowhere", "PATH": "/usr/bin:/bin"},
    )
    assert path.read_bytes().decode() == new


@pytest.mark.parametrize("count", [2000])
def test_thousands_of_like_lines_are_no_trouble(count: int) -> None:
    old = "same\n" * (3 * count)
    lines = diff(old, *[(15 * number, 15 * number + 10, "") for number in range(count)])
    assert sum(line.startswith("-S") for line in lines) == 2 * count
