"""HTTP Archives of browsers and of Polly.js."""

import base64
import gzip
import json

from cassette_cli.source.verify import apply
from formats.support import cassette, lines, table


def har(request: dict | None = None, response: dict | None = None, **entry) -> str:
    asked = {"method": "POST", "url": "https://x/y?z=1", "headers": [{"name": "Accept", "value": "*/*"}], "bodySize": 3}
    asked["postData"] = {"mimeType": "application/json", "text": "{ }"}
    answer = {"status": 200, "statusText": "OK", "headers": [], "content": {"mimeType": "text/plain", "text": "hi"}}
    item = {"startedDateTime": "2024-01-02T03:04:05.678Z", "time": 12.5, "request": asked | (request or {})}
    item["response"] = answer | (response or {})
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [item | entry]}})


def test_an_entry():
    read = cassette(har())
    one = read.interactions[0]
    assert read.format == "har"
    assert table(read) == [("POST", "https://x/y?z=1", 200, "OK", "{ }", "hi")]
    assert one.recorded_at == "2024-01-02T03:04:05.678Z"
    assert one.response.duration_ms == 12.5
    assert lines(one.request.headers) == [("Accept", "*/*")]
    assert one.response.body.content_type == "text/plain"


def test_sizes_follow_the_body():
    read = cassette(har(response={"bodySize": 2, "content": {"size": 2, "mimeType": "text/plain", "text": "hi"}}))
    one = read.interactions[0]
    edits = one.response.body.replace("hello") + one.request.body.replace('{"a": 1}')
    entry = json.loads(apply(read.document, edits).text)["log"]["entries"][0]
    assert entry["response"]["bodySize"] == entry["response"]["content"]["size"] == 5
    assert entry["request"]["bodySize"] == 8


def test_base64_content_of_a_browser_is_decoded_already():
    content = {"mimeType": "image/png", "text": base64.b64encode(b"\x89PNG\r\n").decode(), "encoding": "base64"}
    one = cassette(har(response={"headers": [{"name": "content-encoding", "value": "br"}], "content": content}))
    body = one.interactions[0].response.body
    assert (body.payload, body.notes) == (b"\x89PNG\r\n", [])


def test_text_under_a_content_encoding_is_not_worth_a_note():
    read = cassette(har(response={"headers": [{"name": "Content-Encoding", "value": "gzip"}]}))
    assert read.interactions[0].response.body.notes == []


def test_the_chunks_of_polly():
    packed = gzip.compress(b'{"a": 1}')
    for encode, extra in ((lambda b: base64.b64encode(b).decode(), {"encoding": "base64"}), (bytes.hex, {})):
        text = json.dumps([encode(packed[:10]), encode(packed[10:])], separators=(",", ":"))
        content = {"mimeType": "application/json", "text": text, "_isBinary": False, **extra}
        read = cassette(
            har(response={"headers": [{"name": "content-encoding", "value": "gzip"}], "content": content}, _id="abc")
        )
        body = read.interactions[0].response.body
        assert body.json == {"a": 1}
        after = cassette(apply(read.document, body.replace('{"a": 2}')).text)
        assert after.interactions[0].response.body.json == {"a": 2}


def test_what_was_never_answered():
    read = cassette(har(response={"status": 0, "statusText": "", "_error": "net::ERR_ABORTED", "content": {}}))
    one = read.interactions[0]
    assert (one.response, one.error) == (None, "no response was recorded: net::ERR_ABORTED")
    assert cassette(har(response=None, time="fast")).interactions[0].response.duration_ms is None
