"""The second reading is itself held to examples: one of every shape in which recorders keep a body."""

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

import independent

WORDS = "Low tide — at six.".encode()
PACKED = {
    "gzip": gzip.compress(WORDS),
    "deflate": zlib.compress(WORDS),
    "br": brotli.compress(WORDS),
    "zstd": zstandard.compress(WORDS),
    "gzip, br": brotli.compress(gzip.compress(WORDS)),
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def body_of(tmp_path: Path, text: str, name: str = "cassette.yaml") -> bytes:
    """Write a cassette of one interaction, read it, and return the body of the response."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    (recorded,) = independent.interactions(path)
    assert (recorded.method, recorded.url, recorded.status) == ("GET", "https://example.com/tide", 200)
    assert ("X-Tide", "low") in recorded.response_headers
    return recorded.response_body


REQUEST = "{method: GET, uri: 'https://example.com/tide', headers: {}, body: null}"
HEAD = "status: {code: 200, message: OK}, headers: {X-Tide: [low]}"
RUBY = "http_interactions: [{request: {method: get, uri: 'https://example.com/tide'}"


@pytest.mark.parametrize(
    "text",
    [
        f"version: 1\ninteractions: [{{request: {REQUEST}, response: {{{HEAD}, body: {{string: X}}}}}}]",
        f"interactions: [{{request: {REQUEST}, response: {{{HEAD}, body: {{string: !!binary {b64(b'X')}}}}}}}]",
        f"interactions: [{{request: {REQUEST}, response: {{{HEAD}, body: {{string: !!python/unicode X}}}}}}]",
        f"interactions: [{{request: {REQUEST}, response: {{{HEAD}, content: X}}}}]",
        f"interactions: [{{request: {REQUEST}, response: {{{HEAD}, body: X}}}}]",
        f"- {{request: {REQUEST}, response: {{{HEAD}, body: {{string: X}}}}}}",
        f"requests: [{REQUEST}]\nresponses: [{{{HEAD}, body: {{string: X}}}}]",
        f"{RUBY}, response: {{{HEAD}, body: {{encoding: UTF-8, string: X}}}}}}]",
        f"{RUBY}, response: {{{HEAD}, body: {{encoding: '', base64_string: {b64(b'X')}}}}}}}]",
        f"{RUBY}, response: {{{HEAD}, body: {{string: !binary {b64(b'X')}}}}}}}]",
        f"{RUBY}, response: {{{HEAD}, body: {{string: {b64(gzip.compress(b'X'))}}}}}}}]",
        (
            "interactions: [{request: {url: 'https://example.com/tide', method: GET}, "
            "response: {code: 200, headers: {X-Tide: [low]}, body: X}}]"
        ),
        (
            "- !ruby/struct:VCR::HTTPInteraction\n  request: !ruby/struct:VCR::Request\n    method: :get\n"
            "    uri: https://example.com/tide\n  response: !ruby/struct:VCR::Response\n    body: X\n"
            "    status: !ruby/struct:VCR::ResponseStatus {code: 200, message: OK}\n    headers: {X-Tide: low}"
        ),
        (
            "interactions: [{request: {uri: 'https://example.com/tide', method: GET}, response: {status: {code: 200}, "
            "headers: {? !!python/object/apply:multidict._multidict.istr [X-Tide] : [low]}, body: {string: X}}}]"
        ),
    ],
)
def test_yaml(tmp_path: Path, text: str) -> None:
    assert body_of(tmp_path, text) == b"X"
    assert body_of(tmp_path, text, "cassette.yaml.gz") == b"X"


@pytest.mark.parametrize("coding", PACKED)
def test_content_encodings(tmp_path: Path, coding: str) -> None:
    headers = {"X-Tide": ["low"], "Content-Encoding": [coding]}
    for body in (PACKED[coding], WORDS):  # The header that lies as well.
        response = {"status": {"code": 200}, "headers": headers, "body": {"base64_string": b64(body)}}
        request = {"method": "GET", "uri": "https://example.com/tide"}
        text = json.dumps(
            {"http_interactions": [{"request": request, "response": response}], "recorded_with": "betamax"}
        )
        assert body_of(tmp_path, text, "cassette.json") == WORDS


def har(content: dict[str, Any], **headers: str) -> str:
    listed = [{"name": name, "value": value} for name, value in ({"X-Tide": "low"} | headers).items()]
    request = {"method": "GET", "url": "https://example.com/tide", "headers": []}
    entry = {"request": request, "response": {"status": 200, "headers": listed, "content": content}}
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}})


def test_har_and_what_polly_keeps_in_one(tmp_path: Path) -> None:
    assert body_of(tmp_path, har({"text": "X"}), "a.har") == b"X"
    assert body_of(tmp_path, har({"text": b64(WORDS), "encoding": "base64"}), "a.har") == WORDS
    chunks = json.dumps([PACKED["gzip"][:9].hex(), PACKED["gzip"][9:].hex()])
    assert body_of(tmp_path, har({"text": chunks}, **{"content-encoding": "gzip"}), "a.har") == WORDS
    chunks = json.dumps([b64(PACKED["br"])])
    polly = har({"text": chunks, "encoding": "base64"}, **{"content-encoding": "br"})
    assert body_of(tmp_path, polly, "a.har") == WORDS


def test_a_parsed_body_is_the_json_that_was_sent(tmp_path: Path) -> None:
    text = f"interactions: [{{request: {REQUEST}, response: {{{HEAD}, parsed_body: {{tide: low, at: 6}}}}}}]"
    assert json.loads(body_of(tmp_path, text)) == {"tide": "low", "at": 6}


def test_a_single_interaction_and_its_request(tmp_path: Path) -> None:
    request = {"method": "POST", "url": "https://example.com/tide", "headers": {"A": "b"}, "body": "ask"}
    response = {"status": {"code": 201}, "headers": {"C": "d"}, "body": "told"}
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"request": request, "response": response}))
    (recorded,) = independent.interactions(path)
    assert recorded.request_headers == [("A", "b")]
    assert (recorded.request_body, recorded.status, recorded.response_body) == (b"ask", 201, b"told")


def test_bytes_that_were_kept_as_characters(tmp_path: Path) -> None:
    text = json.dumps(PACKED["gzip"].decode("latin-1"))
    cassette = f"interactions: [{{request: {REQUEST}, response: {{{HEAD}, body: {{string: {text}}}}}}}]"
    assert body_of(tmp_path, cassette) == WORDS


def test_nothing_is_constructed_and_what_is_no_http_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("!!python/object/apply:os.system ['exit 1']")
    assert independent.interactions(path) == []
    path.write_text("interactions: [{kind: websocket, data: hi}]")
    assert independent.interactions(path) == []
