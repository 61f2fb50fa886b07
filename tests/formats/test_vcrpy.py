"""VCR.py cassettes: version 1 with every shape of body and header, the old lists, the parallel lists."""

import base64
import gzip

import pytest

from cassette_cli.errors import MalformedCassetteError
from cassette_cli.source.verify import apply
from formats.support import cassette, lines, table

ONE = """\
interactions:
- request:
    {request}
    headers: {{}}
    method: POST
    uri: https://api.example.com/v1
  response:
    {response}
    headers: {{}}
    status: {{code: 200, message: OK}}
version: 1
"""
GZIP = base64.b64encode(gzip.compress(b'{"a": 1}', mtime=0)).decode()


@pytest.mark.parametrize(
    ("request_body", "expected"),
    [
        ("body: null", ""),
        ("body: ''", ""),
        ("body: '{\"a\": 1}'", '{"a": 1}'),
        ("body: !!binary eyJhIjogMX0=", '{"a": 1}'),
        (f"body: !!binary {GZIP}", '{"a": 1}'),
        ("body: !!python/unicode 'a=1'", "a=1"),
        ("body: {string: a=1}", "a=1"),
        ("body: [one, two]", "onetwo"),
        ("body: !!python/object/new:_io.BytesIO\n      state: !!python/tuple [!!binary YT0x, 0, null]", "a=1"),
        ("body: !!python/object/apply:builtins.iter\n      args:\n      - [one, two]", "onetwo"),
        ("parsed_body: {a: 1}", '{"a": 1}'),
        ("body: {model: m, n: 1}", '{"model": "m", "n": 1}'),
        ("body: [{a: 1}, 2]", '[{"a": 1}, 2]'),
        ("x: 1", ""),
    ],
)
def test_request_bodies(request_body, expected):
    read = cassette(ONE.format(request=request_body, response="body: {string: ok}"))
    assert (read.format, read.path) == ("vcrpy", "tests/a.yaml")
    assert table(read) == [("POST", "https://api.example.com/v1", 200, "OK", expected, "ok")]


@pytest.mark.parametrize(
    ("response_body", "expected"),
    [
        ("body: {string: 'hello'}", "hello"),
        ("body: {string: ''}", ""),
        ("body: {string: null}", ""),
        ("body: null", ""),
        ("body: hello", "hello"),
        ("body: {string: !!binary aGVsbG8=}", "hello"),
        (f"body: {{string: !!binary {GZIP}}}", '{"a": 1}'),
        ("body: {base64_string: aGVsbG8=}", "hello"),
        ("body: {string: [he, llo]}", "hello"),
        ("content: hello", "hello"),
        ("content: !!binary aGVsbG8=", "hello"),
        ("parsed_body: [1, {a: null}]", '[1, {"a": null}]'),
    ],
)
def test_response_bodies(response_body, expected):
    read = cassette(ONE.format(request="body: null", response=response_body))
    assert table(read)[0][5] == expected


def test_headers_in_every_shape():
    read = cassette(
        """\
        version: 1
        interactions:
        - request:
            uri: https://x/
            method: get
            headers:
              Accept: ['*/*']
              Plain: text
              Number: 5
              Nothing:
              Twice: [a, b]
              Empty: []
              Nested: [[deep]]
              Mapping: {a: 1}
              ? !!python/object/apply:multidict._multidict.istr [Istr]
              : [value]
          response:
            status: {code: 404, message: null}
            headers:
            - !!python/tuple [Expires, ['-1']]
            - [Name, plain]
            - [Lonely]
            - {name: Har, value: 1}
            - "Raw: text: with colon\\r\\n"
            - 5
            body: {string: x}
        """
    )
    one = read.interactions[0]
    assert lines(one.request.headers) == [
        ("Accept", "*/*"),
        ("Plain", "text"),
        ("Number", "5"),
        ("Nothing", ""),
        ("Twice", "a"),
        ("Twice", "b"),
        ("Nested", "deep"),
        ("Istr", "value"),
    ]
    assert lines(one.response.headers) == [
        ("Expires", "-1"),
        ("Name", "plain"),
        ("Lonely", ""),
        ("Har", "1"),
        ("Raw", "text: with colon"),
        ("5", ""),
    ]
    assert one.request.method == "GET"
    edits = [
        line.replace("CHANGED")
        for headers, name in ((one.request.headers, "istr"), (one.response.headers, "raw"))
        if (line := headers.line(name)) is not None
    ]
    after = apply(read.document, edits).text
    assert ": [CHANGED]" in after
    assert '"Raw: CHANGED\\r\\n"' in after


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        ("{code: 200, message: OK}", 200, "OK"),
        ("{code: '201', message: Created}", 201, "Created"),
        ("{code: 200, message: null}", 200, None),
        ("{message: OK}", None, "OK"),
        ("200", 200, None),
        ("'200 OK'", 200, "OK"),
        ("HTTP/1.1 404 Not Found", 404, "Not Found"),
        ("OK", None, None),
        ("[200]", None, None),
        ("{code: [1]}", None, None),
        ("null", None, None),
        ("99999999999999999999999", None, None),
    ],
)
def test_status_as_recorders_write_it(status, code, reason):
    text = ONE.format(request="body: null", response="body: x").replace("{code: 200, message: OK}", status)
    response = cassette(text).interactions[0].response
    assert response is not None
    assert (response.status, response.reason) == (code, reason)


def test_older_httpx_responses_have_a_status_code():
    read = cassette(
        "interactions:\n- request: {uri: 'http://x/', method: GET, headers: {}, body: ''}\n"
        "  response: {content: hi, headers: {}, http_version: HTTP/1.1, status_code: 200}\nversion: 1\n"
    )
    assert table(read) == [("GET", "http://x/", 200, None, "", "hi")]


def test_json_cassettes():
    read = cassette(
        '{"version": 1, "interactions": [{"request": {"method": "GET", "uri": "http://x/", "body": null},'
        ' "response": {"status": {"code": 200, "message": "OK"}, "body": {"string": "\\ud83d\\ude00"}}}]}'
    )
    assert table(read) == [("GET", "http://x/", 200, "OK", "", "\U0001f600")]


def test_an_interaction_without_a_response_is_listed():
    for response in ("response: null", "response: 5", "other: 1"):
        read = cassette(f"version: 1\ninteractions:\n- request: {{uri: 'http://x/', method: GET}}\n  {response}\n")
        assert read.interactions[0].response is None
        assert read.interactions[0].error == "no response was recorded"


@pytest.mark.parametrize(
    ("item", "line"), [("- response: {}", 5), ("- request: null", 5), ("- request: text", 5), ("- 7", 5)]
)
def test_an_interaction_without_a_request_is_an_error_with_its_line(item, line):
    text = f"version: 1\ninteractions:\n- request: {{uri: 'http://x/', method: GET}}\n  response: null\n{item}\n"
    with pytest.raises(MalformedCassetteError) as caught:
        cassette(text)
    assert caught.value.line == line
    assert caught.value.message == "interaction 1 has no request"


def test_a_list_that_is_none_is_an_error():
    with pytest.raises(MalformedCassetteError, match="no list"):
        cassette("version: 1\ninteractions: {a: 1}\n", name="vcrpy")
    with pytest.raises(MalformedCassetteError, match="no list"):
        cassette("a: 1\n", name="vcrpy")


@pytest.mark.parametrize("text", ["interactions: []\n", "interactions: []\nversion: 1\n", '{"interactions": []}'])
def test_empty_cassettes(text):
    assert (cassette(text).format, cassette(text).interactions) == ("vcrpy", [])


@pytest.mark.parametrize(
    ("scheme", "port", "url"),
    [("http", 80, "http://x/ip"), ("https", 443, "https://x/ip"), ("https", 8443, "https://x:8443/ip")],
)
def test_lists_of_version_zero(scheme, port, url):
    read = cassette(
        f"""\
        - request: !!python/object:vcr.request.Request
            body: null
            headers: !!python/object/apply:__builtin__.frozenset
            - - !!python/tuple [accept, '*/*']
              - !!python/tuple [user-agent, tests]
            host: x
            method: GET
            path: /ip
            port: {port}
            protocol: {scheme}
          response:
            body: {{string: !!python/unicode "ok"}}
            headers: [!!python/unicode "content-type: text/plain\\r\\n"]
            status: {{code: 200, message: OK}}
        """
    )
    assert read.format == "vcrpy-list"
    assert table(read) == [("GET", url, 200, "OK", "", "ok")]
    assert lines(read.interactions[0].request.headers) == [("accept", "*/*"), ("user-agent", "tests")]
    assert read.interactions[0].response.body.content_type == "text/plain"


PARALLEL = """\
requests:
- {uri: 'http://x/1', method: POST, body: !!binary YQ==, headers: {}}
- {uri: 'http://x/2', method: GET, body: null, headers: {}}
responses:
- {body: {string: one}, headers: {}, status: {code: 200, message: OK}}
"""


def test_parallel_lists():
    read = cassette(PARALLEL)
    assert read.format == "vcrpy-parallel"
    assert table(read) == [
        ("POST", "http://x/1", 200, "OK", "a", "one"),
        ("GET", "http://x/2", None, None, "", None),
    ]
    assert read.interactions[1].error == "no response was recorded"
    assert read.companions == (read.document.root.get("responses"),)


def test_parallel_lists_with_too_many_responses_are_an_error():
    with pytest.raises(MalformedCassetteError, match="2 responses to 1 requests") as caught:
        cassette("requests:\n- {uri: 'http://x/'}\nresponses:\n- {body: a}\n- {body: b}\n")
    assert caught.value.line == 5
