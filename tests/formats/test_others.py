"""go-vcr, single interactions, JSON Lines, ExVCR, PHP-VCR, cassetter, and what is no HTTP."""

import base64
import json

import pytest

from cassette_cli.errors import MalformedCassetteError, UsageError
from cassette_cli.formats.registry import FORMATS
from cassette_cli.source.verify import apply
from formats.support import cassette, lines, table

GO = """\
---
version: {version}
interactions:
- request:
    body: "a=1"
    form:
      a: ["1"]
    headers:
      Content-Type:
      - application/x-www-form-urlencoded
    url: http://x/
    method: POST
    content_length: 3
  response:
    body: {body}
    headers:
      Content-Length:
      - "2"
    content_length: 2
    uncompressed: {uncompressed}
    status: {status}
    code: {code}
    duration: {duration}
"""


def go(version=2, body="hi", uncompressed="false", status="200 OK", code="200", duration='""') -> str:
    return GO.format(**locals())


@pytest.mark.parametrize("version", [1, 2])
def test_go_vcr(version):
    read = cassette(go(version))
    assert read.format == f"go-vcr v{version}"
    assert table(read) == [("POST", "http://x/", 200, "OK", "a=1", "hi")]


def test_go_vcr_keeps_both_lengths():
    read = cassette(go())
    one = read.interactions[0]
    after = apply(read.document, one.response.body.replace("hello") + one.request.body.replace("a=12"))
    assert after.text == go(body="hello").replace('"2"\n', '"5"\n').replace("length: 2", "length: 5").replace(
        'a=1"\n', 'a=12"\n', 1
    ).replace("content_length: 3", "content_length: 4")


@pytest.mark.parametrize(
    ("duration", "milliseconds"),
    [
        ("1.5s", 1500),
        ("245.5ms", 245.5),
        ("1m2.5s", 62500),
        ("12µs", 0.012),
        ('""', None),
        ("0s", 0),
        ("1500000", 1.5),
        ("x", None),
    ],
)
def test_go_durations(duration, milliseconds):
    assert cassette(go(duration=duration)).interactions[0].response.duration_ms == milliseconds


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("200 OK", "0", (0, "OK")),
        ('""', "204", (204, None)),
        ("404 Not Found", '""', (404, "Not Found")),
        ("x", "y", (None, None)),
    ],
)
def test_go_status(status, code, expected):
    response = cassette(go(status=status, code=code)).interactions[0].response
    assert (response.status, response.reason) == expected


def test_go_binary_bodies_are_written_seventy_wide():
    data = bytes(range(256))
    read = cassette(go(body="!!binary AAAA"))
    body = read.interactions[0].response.body
    assert body.payload == b"\0\0\0"
    after = apply(read.document, body.replace(data))
    response = after.root.get("interactions").items[0].get("response")
    assert max(map(len, response.get("body").value.split("\n"))) == 70
    assert cassette(after.text).interactions[0].response.body.payload == data


SINGLE = {
    "request": {"method": "POST", "url": "https://x/y", "headers": {"A": "b"}, "body": "{}"},
    "response": {"status": {"code": 200, "message": "OK"}, "headers": {"Content-Type": "a/b"}, "body": "hi"},
}


def test_a_single_interaction():
    read = cassette(json.dumps(SINGLE, indent=2))
    assert read.format == "single-interaction"
    assert table(read) == [("POST", "https://x/y", 200, "OK", "{}", "hi")]
    assert read.container is None


def test_a_single_interactions_base64_has_a_prefix():
    stored = {"request": SINGLE["request"], "response": SINGLE["response"] | {"body": "base64:AAEC/w=="}}
    read = cassette(json.dumps(stored))
    body = read.interactions[0].response.body
    assert body.payload == b"\0\1\2\xff"
    assert '"base64:AP8="' in apply(read.document, body.replace(b"\0\xff")).text


@pytest.mark.parametrize("status", [{"status": 200}, {"status_code": 200}, {"statusCode": "200"}, {"code": 200.0}])
def test_json_lines(status):
    response = {"headers": [["A", "b"]], "body": {"a": [1, None]}} | status
    line = json.dumps({"ts": 1, "request": SINGLE["request"], "response": response})
    read = cassette(f"{line}\n{line}\n")
    assert read.format == "json-lines"
    assert table(read) == [("POST", "https://x/y", 200, None, "{}", '{"a": [1, null]}')] * 2
    after = apply(read.document, read.interactions[1].response.body.replace('{"a": [2, null]}'))
    assert after.text == f"{line}\n{line.replace('[1,', '[2,')}\n"


def test_exvcr():
    term = base64.b64encode(b"\x83m\0\0\0\2\xff\0").decode()
    items = [
        {
            "request": {
                "body": "",
                "headers": {"A": "b"},
                "method": "get",
                "options": [],
                "request_body": "q",
                "url": "http://x/",
            },
            "response": {"binary": binary, "body": body, "headers": {"Date": "x"}, "status_code": 200, "type": "ok"},
        }
        for binary, body in ((False, "hi"), (True, term))
    ]
    read = cassette(json.dumps(items))
    assert read.format == "exvcr"
    assert table(read) == [
        ("GET", "http://x/", 200, None, "q", "hi"),
        ("GET", "http://x/", 200, None, "q", b"\xff\0"),
    ]


def test_php_vcr():
    read = cassette(
        """\
        -
            request:
                method: GET
                url: 'http://example.com/'
                headers:
                    Host: example.com
            response:
                status:
                    http_version: '1.1'
                    code: '200'
                    message: OK
                headers:
                    Content-Length: '2'
                body: hi
            index: 0
        """
    )
    assert read.format == "php-vcr"
    assert table(read) == [("GET", "http://example.com/", 200, "OK", "", "hi")]
    packed = cassette(
        "- request: {method: GET, url: 'http://x/'}\n"
        "  response: {status: 200, headers: {Content-Transfer-Encoding: binary}, body: AAH/}\n"
    )
    assert table(packed) == [("GET", "http://x/", 200, None, "", b"\0\1\xff")]


CASSETTER = """\
version: 1
interactions:
- request:
    method: POST
    uri: https://x/
    headers: {content-type: [text/plain]}
    body: {type: text, content: hello}
  response:
    status: 200
    headers: {}
    body:
      type: json
      content: {a: [1, null]}
  recorded_at: '2026-01-01T00:00:00Z'
- request: {method: PUT, uri: 'https://x/', headers: {}, body: {type: binary, content: 00ff}}
  response: {status: 204, headers: {}, body: {type: none}}
"""


def test_cassetter():
    read = cassette(CASSETTER)
    assert read.format == "cassetter"
    assert table(read) == [
        ("POST", "https://x/", 200, None, "hello", '{"a": [1, null]}'),
        ("PUT", "https://x/", 204, None, b"\0\xff", ""),
    ]
    assert read.interactions[0].recorded_at == "2026-01-01T00:00:00Z"
    assert read.interactions[0].response.body.content_type == "application/json"


def test_cassetter_with_other_protocols():
    mixed = cassette(CASSETTER + "grpc_interactions: []\nws_interactions: []\n")
    assert (mixed.format, len(mixed.interactions)) == ("cassetter", 2)
    calls = cassette("version: 1\ninteractions: []\ngrpc_interactions:\n- {request: {method: /a.B/C}}\n")
    assert (calls.not_http, calls.entries, calls.interactions) == ("gRPC calls", 1, [])
    frames = cassette(
        "version: 1\nws_interactions:\n- {uri: 'ws://x', frames: [{direction: send}, {direction: recv}]}\n"
    )
    assert (frames.not_http, frames.entries) == ("WebSocket frames", 2)


@pytest.mark.parametrize(
    ("text", "name", "what", "entries"),
    [
        (
            (
                "version: 1\ninteractions:\n- {kind: message, direction: sent, at: 0.0, data: {type: x}}\n"
                "- {kind: message, direction: received, at: 0.1, data: {type: y}}\n"
            ),
            "websocket",
            "WebSocket frames",
            2,
        ),
        ("version: 1\ninteractions:\n- {direction: sent, data: {}}\n", "websocket", "WebSocket frames", 1),
        ("- {direction: client_to_server, message: hi}\n", "websocket", "WebSocket frames", 1),
        (
            "version: 1\ninteractions:\n- request_sample: {raw: !!binary AA==}\n  response_sample: {raw: x}\n",
            "grpc",
            "gRPC calls",
            1,
        ),
        ("interactions:\n- request_stream: {raw: x}\n  response_stream: {chunks_raw: []}\n", "grpc", "gRPC calls", 1),
        (
            "version: 1\ninteractions:\n- request: {method: /a.B/C, body: A, metadata: {}}\n  response: {code: OK}\n",
            "grpc",
            "gRPC calls",
            1,
        ),
    ],
)
def test_what_is_no_http(text, name, what, entries):
    read = cassette(text)
    assert (read.format, read.not_http, read.entries) == (name, what, entries)
    assert len(read.interactions) == (1 if name == "websocket" else 0)  # a connection; calls are not read


def test_a_format_can_be_named():
    assert cassette("interactions: []\nversion: 2\n", name="vcrpy").format == "vcrpy"
    with pytest.raises(UsageError, match="unknown format"):
        cassette("interactions: []\n", name="tape")
    for one in FORMATS:
        if one.name != "single-interaction":
            with pytest.raises(MalformedCassetteError):
                cassette("a: 1\n", name=one.name)


def test_every_format_has_a_name_of_its_own():
    assert len({one.name for one in FORMATS}) == len(FORMATS)


def test_lines_of_headers_count_once():
    assert lines(cassette(go()).interactions[0].response.headers) == [("Content-Length", "2")]
