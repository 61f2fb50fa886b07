"""What follows from the list of formats: names, signatures, what recorders match requests by, the hint."""

import re

import pytest

from cassette_cli.errors import NotACassetteError
from cassette_cli.formats import registry
from cassette_cli.formats.heads import key
from cassette_cli.formats.registry import FORMATS
from cassette_cli.source.document import Document


def test_a_format_is_found_by_every_label_that_its_cassettes_carry():
    labels = [(label, one) for one in FORMATS for label in one.versions or (one.name,)]
    assert len(dict(labels)) == len(labels)
    assert all(registry.format_of(label) is one for label, one in labels)
    assert registry.format_of("go-vcr v9").name == "go-vcr"  # forced by --input-format


@pytest.mark.parametrize(
    "head",
    [
        b'{"version": 2}, "interactions": [{"request": {',  # closed too early by hand
        b'{"version": 2, "interactions": 3}',  # no list
        b'{"request": {"method": "GET"}}\n{"request": {"method": "GET"}}\n',
    ],
)
def test_damaged_json_and_json_lines_are_known(head):
    assert registry.is_known(head)


def test_of_json_lines_the_first_value_tells():
    assert not registry.is_known(b'{"path": "a"}\n{"request": {"method": "GET"}}\n')


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("go-vcr v1", {"method", "url", "query"}),
        ("go-vcr v2", {"method", "url", "query", "headers", "body"}),
        ("php-vcr", {"method", "url", "query", "headers", "body"}),
        ("vcrpy", {"method", "url", "query"}),
        ("ruby-vcr", {"method", "url", "query"}),
        ("betamax", {"method", "url", "query"}),
        ("nock", {"method", "url", "query", "body"}),
        ("mastra", {"url", "query", "body"}),
    ],
)
def test_what_recorders_match_requests_by(name, parts):
    assert registry.matched(name) == parts


def test_the_hint_names_every_recorder():
    with pytest.raises(NotACassetteError) as raised:
        registry.load(Document(b"a: 1\n"))
    assert [one.recorder for one in FORMATS if one.recorder not in (raised.value.hint or "")] == []


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (b"interactions:\n- request", True),
        (b"- interactions:", True),
        (b"{interactions: [", True),
        (b'{"interactions":[', True),
        (b'{\n   "interactions" :', True),
        (b"  interactions:\n", False),
        (b"my-interactions:\n", False),
        (b"see interactions: none", False),
    ],
)
def test_a_key_opens_a_line_or_is_quoted(text, fits):
    assert bool(re.search(key("interactions"), text, re.MULTILINE)) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (b'"request": {', True),
        (b"request:\n  method: GET", True),
        (b'"request":', True),
        (b"request: !ruby/struct", True),
        (b"- request:\n    uri: https://", True),
        (b"request: launch\n", False),
        (b'"request": "launch"', False),
    ],
)
def test_a_request_opens_a_mapping(text, fits):
    assert bool(re.search(registry._REQUEST, text, re.MULTILINE)) is fits


@pytest.mark.parametrize(
    "head",
    [
        b"version: 2\ninteractions:\n- id: 0\n  requ",
        b"requests:\n- uri: https://a.exam",
        b"---\nhttp_interactions:\n- request:\n",
        b'{\n "log": {\n  "version": "1.2",\n',
        b"- direction: sent\n  data: '{",
        b'{"request": {"met',
    ],
)
def test_a_cut_file_is_known(head):
    assert registry.is_known(head)


@pytest.mark.parametrize(
    "head",
    [
        b"resources:\n  requests:\n    cpu: {{ .Values.cpu }}\n",
        b'{"type": "node", "request": "launch", // start\n',
        b"log:\n  level: debug\n  file: [\n",
        b"openapi: 3.1.0\npaths: [\n",
    ],
)
def test_what_is_no_recording_is_not_known(head):
    assert not registry.is_known(head)
