"""JSON paths: what they name, in trees of nodes and in paths of differences, and what is none."""

import pytest

from cassette_cli.errors import UsageError
from cassette_cli.operations.json_path import JsonPath
from cassette_cli.source import json

TEXT = '{"data": [{"id": "a", "n": 1}, {"id": "b", "odd key": [true, "c"]}], "deep": {"data": {"id": "d"}}}'


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("$.data[0].id", ["a"]),
        ("$.data[*].id", ["a", "b"]),
        ("$.data.*.id", ["a", "b"]),
        ("data[1].id", ["b"]),
        ("$..id", ["a", "b", "d"]),
        ("$..data..id", ["a", "b", "d"]),
        ("$.data[1]['odd key'][1]", ["c"]),
        ('$.data[1]["odd key"]', ["c", "true"]),
        ("$.data[7].id", []),
        ("$.data.id", []),
    ],
)
def test_a_path_names_values(path: str, values: list[str]):
    [root] = json.compose(TEXT)
    assert sorted(node.value for node in JsonPath(path).scalars(root)) == values


@pytest.mark.parametrize("path", ["$[bad", "$.", "$..", "$.a[", "$.a[b]", "$.a b", "$", "", "$.a[-1]", "$['a]"])
def test_what_is_no_path_is_a_usage_error(path: str):
    with pytest.raises(UsageError, match="invalid --ignore"):
        JsonPath(path, "--ignore")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("$.data[0]", True), ("$.data[2]", True), ("$.data[1]", False), ("$.data[*].id", True), ("$..id", True),
        ("$.data", True), ("$.dat", False), ("$.*.*.id", True), ("$.id", False), ("$..data..id", True),
        ("$.data[0].id.x", False),
    ],
)  # fmt: skip
def test_a_path_holds_what_it_names_and_all_in_it(path: str, named: bool):
    assert JsonPath(path).holds(["data", (0, 2), "id"]) == named
