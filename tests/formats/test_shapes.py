"""Values of a kind that no recorder writes are parts that are not read; those that recorders do write are read."""

import json
from typing import Any

import pytest

from cassette_cli.formats import registry
from cassette_cli.source.document import Document


def _unread(changed: dict[str, Any], side: str) -> list[tuple[str, str]]:
    request: dict[str, Any] = {"method": "GET", "uri": "https://a.example/", "headers": {}, "body": None}
    response: dict[str, Any] = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "x"}}
    (request if side == "request" else response).update(changed)
    text = json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]})
    cassette = registry.load(Document(text.encode(), "a.json"))
    return [(one.where, one.reason) for one in cassette.interactions[0].unread]


URL = "a URL that is no text"
STATUS = "a status without a number"
HEADERS = "headers that are neither names with values nor a list of pairs"
BODY = "a body that is no text"
WRONG: list[tuple[str, str, Any, str]] = [
    ("request", "uri", 12, URL),
    ("request", "uri", ["https://a.example/"], URL),
    ("request", "uri", {"a": 1}, URL),
    ("response", "status", {"code": "abc"}, STATUS),
    ("response", "status", {"code": [200]}, STATUS),
    ("response", "status", ["OK"], STATUS),
    ("response", "status", "fine", STATUS),
    ("request", "headers", [1], HEADERS),
    ("request", "headers", "text", HEADERS),
    ("response", "headers", {"A": {"b": "c"}}, HEADERS),
    ("response", "headers", {"A": [{"b": "c"}]}, HEADERS),
    ("response", "headers", [{"other": "A"}], HEADERS),
    ("response", "headers", [[]], HEADERS),
]
RIGHT: list[tuple[str, str, Any]] = [
    ("request", "uri", None),
    ("response", "status", 200),
    ("response", "status", "200 OK"),
    ("response", "status", "HTTP/1.1 200 OK"),
    ("response", "status", {"code": "200"}),
    ("response", "status", {"code": None}),
    ("response", "status", None),
    ("request", "headers", None),
    ("request", "headers", []),
    ("request", "headers", {"A": "b", "C": ["d", None], "E": 1, "F": [["g"]]}),
    ("request", "headers", [["A", "b"], ["C"]]),
    ("request", "headers", [[["A", "b"], ["C", "d"]]]),
    ("request", "headers", [{"name": "A", "value": "b"}, {"key": "C"}]),
    ("request", "headers", ["A: b"]),
    ("response", "body", {"string": ["one", "two"]}),
    ("response", "body", {"string": 12}),
    ("response", "body", {"string": []}),
]


@pytest.mark.parametrize(("side", "name", "value", "reason"), WRONG)
def test_a_value_of_the_wrong_kind_is_not_read(side: str, name: str, value: Any, reason: str):
    assert _unread({name: value}, side) == [(f"{side}.{name}", reason)]


@pytest.mark.parametrize("value", [[1], ["a", {"b": 1}], {"a": 1}])
def test_a_body_of_the_wrong_kind_is_not_read(value: Any):
    assert _unread({"body": {"string": value}}, "response") == [("response.body.string", BODY)]


@pytest.mark.parametrize(("side", "name", "value"), RIGHT)
def test_what_recorders_write_is_read(side: str, name: str, value: Any):
    assert _unread({name: value}, side) == []


def test_the_reason_of_govcr_is_no_status_code():
    request = {"method": "GET", "url": "https://a.example/", "headers": {}, "body": ""}
    for code, found in ((200, []), ("abc", ["response.code"])):
        response = {"status": "fine", "code": code, "headers": {}, "body": ""}
        text = json.dumps({"version": 2, "interactions": [{"id": 0, "request": request, "response": response}]})
        cassette = registry.load(Document(text.encode(), "a.json"))
        assert [one.where for one in cassette.interactions[0].unread] == found
