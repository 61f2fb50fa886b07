"""Ruby VCR cassettes of all versions, and those of its relatives: rOpenSci's vcr, Betamax."""

import base64
import gzip
import json

import pytest

from cassette_cli.errors import MalformedCassetteError
from cassette_cli.source.verify import apply
from formats.support import cassette, lines, table

ONE = """\
---
http_interactions:
- request:
    method: post
    uri: https://api.example.com/v1
    body:
      encoding: UTF-8
      string: '{{"a":1}}'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 200
      message: OK
    headers: {{}}
    body:
{body}
    http_version: '1.1'
  recorded_at: Tue, 01 Nov 2011 04:49:54 GMT
recorded_with: VCR 6.4.0
"""


@pytest.mark.parametrize(
    ("body", "expected", "layers"),
    [
        ("      encoding: UTF-8\n      string: hello", "hello", ()),
        ("      encoding: ASCII-8BIT\n      string: hello", "hello", ()),
        ("      encoding: ASCII-8BIT\n      string: !binary |-\n        aGVsbG8=", "hello", ("base64", "UTF-8")),
        ("      encoding: UTF-8\n      base64_string: |\n        aGVsbG8=\n", "hello", ("base64", "UTF-8")),
        ("      encoding: ISO-8859-1\n      base64_string: 6Q==", "\xe9", ("base64", "Latin-1")),
        ("      encoding: ''\n      string: ''", "", ()),
        ("      encoding:\n      string:", "", ()),
        ("      !ruby/string:Some::Body\n      str: hello\n      '@code': 200", "hello", ()),
    ],
)
def test_bodies(body, expected, layers):
    read = cassette(ONE.format(body=body))
    assert read.format == "ruby-vcr"
    one = read.interactions[0]
    assert table(read) == [("POST", "https://api.example.com/v1", 200, "OK", '{"a":1}', expected)]
    assert one.response.body.layers == layers
    assert one.response.body.notes == []
    assert one.recorded_at == "Tue, 01 Nov 2011 04:49:54 GMT"


def test_base64_is_written_sixty_wide_with_its_last_line_break():
    body = "      encoding: ASCII-8BIT\n      base64_string: |\n        AAAA\n"
    read = cassette(ONE.format(body=body))
    data = bytes(range(256))
    after = apply(read.document, read.interactions[0].response.body.replace(data))
    value = after.root.get("http_interactions").items[0].get("response").get("body").get("base64_string").value
    assert value == "".join(base64.b64encode(data).decode()[at : at + 60] + "\n" for at in range(0, 344, 60))


def test_an_encoding_that_no_longer_fits_becomes_utf_8():
    read = cassette(ONE.format(body="      encoding: US-ASCII\n      string: plain"))
    after = apply(read.document, read.interactions[0].response.body.replace("caf\xe9"))
    assert "      encoding: UTF-8\n      string: caf\xe9\n" in after.text


def test_headers_that_ruby_tagged_as_binary():
    read = cassette(
        ONE.format(body="      string: x").replace(
            "    headers: {}", "    headers:\n      !binary U2VydmVy:\n      - !binary bmdpbng="
        )
    )
    headers = read.interactions[0].response.headers
    assert lines(headers) == [("Server", "nginx")]
    after = apply(read.document, [headers.line("server").replace("apache")])
    assert "- !binary YXBhY2hl" in after.text


def test_bodies_that_stand_without_a_mapping():
    read = cassette(ONE.format(body="      string: x").replace("    body:\n      string: x", "    body: ! 'old'"))
    assert table(read)[0][5] == "old"


def test_structs_of_version_one():
    read = cassette(
        """\
        ---
        - !ruby/struct:VCR::HTTPInteraction
          request: !ruby/struct:VCR::Request
            method: :get
            uri: http://example.com:80/
            body:
            headers:
          response: !ruby/struct:VCR::Response
            status: !ruby/struct:VCR::ResponseStatus
              code: 200
              message: OK
            headers:
              last-modified:
              - Tue, 15 Nov 2005 13:24:10 GMT
            body: |
              Hello

            http_version: "1.1"
        """
    )
    assert read.format == "ruby-vcr"
    assert table(read) == [("GET", "http://example.com:80/", 200, "OK", "", "Hello\n")]


def test_json_cassettes_and_those_of_rust():
    read = cassette(
        json.dumps(
            {
                "http_interactions": [
                    {
                        "request": {
                            "uri": "http://x/",
                            "method": "get",
                            "body": {"string": ""},
                            "headers": {"A": ["b"]},
                        },
                        "response": {
                            "body": {"string": "hi", "encoding": None},
                            "http_version": "1.1",
                            "status": {"code": 200, "message": "OK"},
                            "headers": {},
                        },
                        "recorded_at": "Tue, 01 Nov 2011 04:49:54 GMT",
                    }
                ],
                "recorded_with": "VCR 2.0.0",
            }
        )
    )
    assert (read.format, table(read)) == ("ruby-vcr", [("GET", "http://x/", 200, "OK", "", "hi")])


def test_ropensci():
    packed = base64.b64encode(gzip.compress(b'{"a": 1}')).decode()
    read = cassette(
        f"""\
        http_interactions:
        - request:
            method: GET
            uri: http://127.0.0.1/get
          response:
            status: 200
            headers: {{Content-Length: '270'}}
            body:
              string: {packed}
          recorded_at: 2025-05-09 14:34:40
        - request: {{method: get, uri: 'http://x/', body: {{encoding: '', string: ''}}, headers: {{}}}}
          response:
            status: {{status_code: 200, message: OK, explanation: Request fulfilled}}
            body: {{encoding: '', file: no, base64_string: aGk=}}
          recorded_at: 2019-01-01
        recorded_with: vcr/1.7.0.91, webmockr/2.0.0
        """
    )
    assert read.format == "ruby-vcr"
    assert table(read) == [
        ("GET", "http://127.0.0.1/get", 200, None, "", '{"a": 1}'),
        ("GET", "http://x/", 200, "OK", "", "hi"),
    ]
    assert read.interactions[0].recorded_at == "2025-05-09 14:34:40"


def test_betamax():
    packed = base64.b64encode(gzip.compress(b'{"a": 1}')).decode()
    item = {
        "recorded_at": "2013-09-28T01:25:38",
        "request": {
            "body": {"encoding": "utf-8", "string": "a=1"},
            "headers": {"Accept": ["*/*"]},
            "method": "POST",
            "uri": "https://httpbin.org/post",
        },
        "response": {
            "body": {"base64_string": packed, "encoding": "utf-8"},
            "headers": {"content-encoding": ["gzip"]},
            "status": {"code": 200, "message": "OK"},
            "url": "https://httpbin.org/post",
        },
    }
    read = cassette(json.dumps({"http_interactions": [item], "recorded_with": "betamax/0.8.1"}))
    assert read.format == "betamax"
    assert table(read) == [("POST", "https://httpbin.org/post", 200, "OK", "a=1", '{"a": 1}')]
    assert read.interactions[0].recorded_at == "2013-09-28T01:25:38"
    assert read.interactions[0].response.body.layers == ("base64", "gzip", "UTF-8")
    after = apply(read.document, read.interactions[0].response.body.replace("{}"))
    assert "\\n" not in after.text


def test_a_part_of_the_wrong_kind_is_an_error_with_its_line():
    with pytest.raises(MalformedCassetteError) as caught:
        cassette("---\nhttp_interactions:\n- request: 5\n  response: {}\nrecorded_with: VCR 6.0\n")
    assert (caught.value.line, caught.value.message) == (3, "interaction 0 has no request")
