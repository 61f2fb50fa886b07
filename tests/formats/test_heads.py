"""The beginning of a file: its first key, its outline, and what kind of file it is taken for."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_cli.errors import CassetteError, UnsupportedError
from cassette_cli.formats import registry
from cassette_cli.formats.heads import opening, outline
from cassette_cli.formats.unsupported import UNKNOWN, UNSUPPORTED, unsupported

SAMPLES = {
    "requre": ["_requre:\n  DataTypes: 1\n  version_storage_file: 3\nrequests.sessions:\n  send: {}\n"],
    "talkback": ["{\n  meta: {\n    createdAt: '2020-01-01',\n    host: 'https://a.example'\n  },\n  req: {},\n  res: {}\n}\n"],
    "Saloon": ['{"statusCode": 404, "headers": {"A": "b"}, "data": "{}", "context": []}',
               '{\n    "statusCode": 200,\n    "headers": [],\n    "data": {"a": 1}\n}'],
    "mitmproxy": ["2087:9:websocket;0:~8:response;1000:6:reason;2:OK,", "412:7:version;2:21#4:type;4:http;"],
    "OkReplay or Betamax for the JVM": ["!tape\nname: a\ninteractions: []\n", "---\n!tape\nname: a\n"],
    "EasyVCR for Java": ['[{"recordedAt": 1, "request": {"uri": ""}, "response": {"httpVersion": {}}, "duration": 2}]'],
    "node-replay": ["GET /a?b=c\naccept: */*\n\nHTTP/1.1 200 OK\nserver: a\n\nbody\n"],
    "api-tape": ['{"meta": {"url": "/a", "method": "GET", "timestamp": "x"}, "statusCode": 200, "headers": {}, "body": ""}'],
    "WireMock": ['{"request": {"method": "GET", "urlPathPattern": "/a.*"}, "response": {"status": 200}}',
                 '{"id": "a", "request": {"url": "/a", "method": "GET"}, "response": {"status": 204}}',
                 '{"mappings": [{"request": {"method": "GET"}, "response": {"body": ""}}]}'],
    "stubby4node": ["- request:\n    url: ^/a$\n    method: GET\n  response:\n    status: 200\n    body: b\n"],
    "Mountebank": ['{"imposters": [{"port": 4545, "protocol": "http"}]}',
                   '{"protocol": "http", "port": 4545, "stubs": [{"responses": []}]}'],
    "Hoverfly": ['{"data": {"pairs": [{"request": {}, "response": {}}]}, "meta": {"schemaVersion": "v5.2"}}'],
    "aimock": ['{"fixtures": [{"match": {"userMessage": "hi"}, "response": {"content": "ho"}}]}'],
    "MockServer": ['[{"httpRequest": {"path": "/a"}, "httpResponse": {"statusCode": 200}}]'],
    "Mockoon": ['{"uuid": "a", "endpointPrefix": "", "routes": [{"method": "get"}]}'],
    "Pact": ['{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [{"request": {"path": "/"}}]}'],
}  # fmt: skip


def test_each_kind_has_a_sample():
    assert list(SAMPLES) == list(dict.fromkeys(one.name for one in UNSUPPORTED))


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SAMPLES.items() for text in texts])
def test_each_kind_is_told(name, text):
    found = unsupported(text.encode())
    assert found is not None
    assert found.name == name
    assert opening(text.encode())
    error = found.error("a", CassetteError("x"))
    assert isinstance(error, UnsupportedError)
    assert (error.name, error.recording) == (name, found.kind == "recording")
    assert name in error.message


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a", "version": "1.0.0", "dependencies": {"request": "^2.0.0", "meta": "1"}}',
        '{"statusCode": 200, "message": "x"}',
        '{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {"headers": {}}}}}}}',
        "version: 2\nservices:\n  a: {}\n",
        "GET started\n",
        '{"request": {"url": "https://a.example/", "method": "GET"}, "response": {"status": 200, "body": "x"}}',
    ],
)
def test_what_is_none_of_them(text):
    assert unsupported(text.encode(), sound=True) is None


def test_what_parses_and_no_format_claims_is_of_an_unknown_version():
    head = b"version: 9\ninteractions:\n- call: {}\n"
    assert unsupported(head) is None  # it may be cut: then it is broken
    assert unsupported(head, sound=True) is UNKNOWN


def test_an_outline_keeps_what_is_near_the_root():
    value = {"a": {"b": {"c": {"d": {"request": 1}}, "e": 2}}, "long": "x" * 500, "f": [1, {"g": "h"}]}
    found = outline(json.dumps(value).encode())
    assert found == b'{"a": {"b": {"c": {}, "e": 2}}, "long": "", "f": [1, {"g": "h"}]}'
    assert outline(b"a: 1\n    b: 2\n      c: 3\n# d\n") == b"a: 1\n    b: 2"


@pytest.mark.parametrize(
    ("head", "first"),
    [
        (b"\xef\xbb\xbf# a\n---\ninteractions:\n", b"interactions"),
        (b"<<<<<<< HEAD\n- request:\n=======\n- a: b\n>>>>>>> x\n    uri: y\n", b"- request:\n    uri"),
        ("interactions:\n".encode("utf-16"), b"interactions"),
        (b"// a\n{\n  meta: {", b"{\n  meta"),
        (b"# Heading\n\ntext, and more\n", b""),
        (b"#!/bin/sh\necho a: b\n", b""),
        (b"[![Badge](a)](b)\n", b""),
        (b"import os\n", b""),
        (b"\x89PNG\r\n", b""),
        (b"", b""),
    ],
)
def test_the_first_key(head, first):
    found = opening(head)
    assert found.startswith(first)
    assert bool(found) is bool(first)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text("{}[]\"'\\:,-# \n\tab<>=|", max_size=200).map(str.encode))
def test_any_bytes_have_an_outline(head):
    outline(head)
    opening(head)
    unsupported(head, sound=True)
    registry.is_known(head)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=20,
    )
)
def test_the_outline_of_json_is_json_without_its_depths(value):
    def pruned(value, depth):
        if isinstance(value, list | dict) and depth == 4:
            return type(value)()
        if isinstance(value, list):
            return [pruned(item, depth + 1) for item in value]
        return {key: pruned(item, depth + 1) for key, item in value.items()} if isinstance(value, dict) else value

    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        if text[:1] in "[{":
            assert json.loads(outline(text.encode("utf-8", "surrogatepass"))) == pruned(value, 1)
