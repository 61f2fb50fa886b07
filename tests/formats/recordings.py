"""A recording of each recorder that `test_recordings` looks into, as it writes it: the same call, a word planted.

Every recording has the request `POST https://api.example.com/v1/ask?page=2`, whose JSON asks for WORD, and a
response that answers with it. `LONE` are those that keep no request body.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Callable

URL = "https://api.example.com/v1/ask?page=2"
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}


def asked(word: str) -> dict[str, str]:
    return {"user": "ada", "password": word}


def answered(word: str) -> dict[str, object]:
    return {"ok": True, "client_secret": word, "city": "Lisbon"}


def b64(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.b64encode(data).decode("ascii")


def pieces(data: bytes, count: int) -> list[bytes]:
    size = -(-len(data) // count)
    return [data[at : at + size] for at in range(0, len(data), size)]


def dump(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def nock(word: str) -> str:
    return dump([{
        "scope": "https://api.example.com:443",
        "method": "POST",
        "path": "/v1/ask?page=2",
        "body": asked(word),
        "status": 201,
        "response": answered(word),
        "rawHeaders": ["Content-Type", "application/json", "X-Request-Id", "abc"],
        "responseIsBinary": False,
    }])  # fmt: skip


def nock_gzip(word: str) -> str:
    packed = gzip.compress(json.dumps(answered(word)).encode(), mtime=0)
    return dump([{
        "scope": "https://api.example.com",
        "method": "POST",
        "path": "/v1/ask?page=2",
        "body": json.dumps(asked(word)) + "\n--",
        "status": 201,
        "response": [piece.hex() for piece in pieces(packed, 3)],
        "rawHeaders": {"content-type": "application/json", "content-encoding": "gzip"},
        "reqheaders": {"accept": "*/*"},
        "responseIsBinary": False,
    }])  # fmt: skip


def nock_binary(word: str) -> str:
    return dump([{
        "scope": "https://api.example.com:443",
        "method": "POST",
        "path": "/v1/ask?page=2",
        "body": asked(word),
        "status": 201,
        "response": json.dumps(answered(word)).encode().hex(),
        "headers": {"content-type": "application/json"},
        "responseIsBinary": True,
    }])  # fmt: skip


def azure(word: str, body: Callable[[str], object] = answered, media: str = "application/json; charset=utf-8") -> str:
    return dump({
        "Entries": [{
            "RequestUri": URL,
            "RequestMethod": "POST",
            "RequestHeaders": {"Content-Type": "application/json", "Accept": ["a", "b"]},
            "RequestBody": asked(word),
            "StatusCode": 201,
            "ResponseHeaders": {"Content-Type": media},
            "ResponseBody": body(word),
        }],
        "Variables": {"RandomSeed": "12345"},
    })  # fmt: skip


def azure_lines(word: str) -> str:
    lines = json.dumps(answered(word), indent=1).splitlines(keepends=True)
    return azure(word, lambda _: lines)


def azure_bytes(word: str) -> str:
    return azure(word, lambda word: b64(answered(word)), "application/octet-stream")


def opencode(word: str, *, encoded: bool = False) -> str:
    body = {"body": b64(answered(word)), "bodyEncoding": "base64"} if encoded else {"body": json.dumps(answered(word))}
    return dump({
        "version": 1,
        "metadata": {"name": "ask", "recordedAt": "2026-01-02T03:04:05.000Z"},
        "interactions": [{
            "transport": "http",
            "request": {"method": "POST", "url": URL, "headers": JSON, "body": json.dumps(asked(word))},
            "response": {"status": 201, "headers": JSON, **body},
        }],
    })  # fmt: skip


def mastra(word: str) -> str:
    return dump([{
        "hash": "0123456789abcdef",
        "request": {"url": URL, "method": "POST", "body": asked(word), "timestamp": 1767323045000},
        "response": {
            "status": 201, "statusText": "Created", "headers": JSON, "body": answered(word), "isStreaming": False,
        },
    }])  # fmt: skip


def mastra_chunks(word: str) -> str:
    text = json.dumps(answered(word))
    return dump([{
        "hash": "0123456789abcdef",
        "request": {"url": URL, "method": "POST", "body": asked(word), "timestamp": 1767323045000},
        "response": {
            "status": 201, "statusText": "Created", "headers": JSON, "isStreaming": True,
            "chunks": [text[:40], text[40:]], "chunkTimings": [0, 3],
        },
    }])  # fmt: skip


def req_llm(word: str, *, chunked: bool = False) -> str:
    answer = json.dumps(answered(word)).encode()
    chunks = {"chunks": [{"b64": b64(piece), "t_us": n} for n, piece in enumerate(pieces(answer, 3))]}
    return dump({
        "captured_at": "2026-01-02T03:04:05Z",
        "provider": "example",
        "model_spec": "example:example-1",
        "request": {
            "method": "POST", "url": URL, "headers": JSON, "canonical_json": asked(word),
            "body": {"b64": b64(asked(word))},
        },
        "response": {"status": 201, "headers": JSON, "body": None if chunked else answered(word)},
        **(chunks if chunked else {}),
    })  # fmt: skip


def req_cassette(word: str, *, blob: bool = False) -> str:
    body = {"body_type": "blob", "body_blob": b64(answered(word))}
    return dump({
        "version": "2.0",
        "interactions": [{
            "request": {
                "method": "POST", "uri": "https://api.example.com/v1/ask", "query_string": "page=2",
                "headers": {"content-type": ["application/json"]}, "body_type": "json", "body_json": asked(word),
            },
            "response": {
                "status": 201, "headers": {"content-type": ["application/json"]},
                **(body if blob else {"body_type": "json", "body_json": answered(word)}),
            },
            "recorded_at": "2026-01-02T03:04:05Z",
        }],
    })  # fmt: skip


def genai(word: str, *, camel: bool = False) -> str:
    segments, code, replay = (
        ("bodySegments", "statusCode", "replayId") if camel else ("body_segments", "status_code", "replay_id")
    )
    return dump({
        replay: "tests/ask/mldev",
        "interactions": [{
            "request": {"method": "post", "url": URL, "headers": {"x-goog-api-key": "{REDACTED}"},
                        segments: [asked(word)]},
            "response": {code: 201, "headers": JSON, segments: [answered(word)]},
        }],
    })  # fmt: skip


def easyvcr(word: str) -> str:
    return dump([{
        "Duration": 12,
        "RecordedAt": "2026-01-02T03:04:05.1234567+00:00",
        "Request": {
            "Body": json.dumps(asked(word)), "BodyContentType": "Json", "ContentHeaders": JSON, "Method": "POST",
            "RequestHeaders": {"Accept": "*/*"}, "Uri": URL,
        },
        "Response": {
            "Body": json.dumps(answered(word)), "BodyContentType": "Json", "ContentHeaders": JSON,
            "HttpVersion": "1.1", "ResponseHeaders": {"X-Request-Id": "abc"},
            "Status": {"Code": 201, "Message": "Created"},
        },
    }])  # fmt: skip


def responses(word: str) -> str:
    return f"""\
responses:
- response:
    auto_calculate_content_length: false
    body: '{json.dumps(answered(word))}'
    content_type: application/json
    headers:
      X-Request-Id: abc
    method: POST
    status: 201
    url: {URL}
"""


def httpreplay(word: str) -> str:
    return dump({
        "Initial": "IjIwMjYtMDEtMDIi",
        "Version": "0.2",
        "Converter": {"ScrubBody": None, "ClearHeaders": ["^X-Goog-.*Encryption-Key$"]},
        "Entries": [{
            "ID": "4f1d", "Request": {
                "Method": "POST", "URL": URL, "Header": {"Accept": ["*/*"]}, "MediaType": "application/json",
                "BodyParts": [b64(piece) for piece in pieces(json.dumps(asked(word)).encode(), 2)],
            },
            "Response": {
                "StatusCode": 201, "Proto": "HTTP/1.1", "ProtoMajor": 1, "ProtoMinor": 1,
                "Header": {"Content-Type": ["application/json"]}, "Body": b64(answered(word)),
            },
        }],
    })  # fmt: skip


def dvr(word: str, *, stated: bool = True) -> str:
    formats = ({"body_format": "json"}, {"body_format": "base64_string"}) if stated else ({}, {})
    media = "application/x-example"
    return dump({
        "name": "ask",
        "interactions": [{
            "recorded_at": 1767323045.5,
            "request": {"method": "POST", "url": URL, "headers": {"Content-Type": "application/json"},
                        "body": asked(word), **formats[0]},
            "response": {"status": 201, "url": URL, "headers": {"Content-Type": media}, "body": b64(answered(word)),
                         **formats[1]},
        }],
    })  # fmt: skip


def har(word: str, posted: dict[str, object]) -> str:
    return dump({"log": {"version": "1.2", "creator": {"name": "example", "version": "1"}, "entries": [{
        "startedDateTime": "2026-01-02T03:04:05.000Z", "time": 1, "cache": {}, "timings": {},
        "request": {"method": "POST", "url": URL, "httpVersion": "HTTP/1.1", "headers": [], "queryString": [],
                    "cookies": [], "headersSize": -1, "bodySize": -1, "postData": posted},
        "response": {"status": 201, "statusText": "Created", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [],
                     "content": {"size": 9, "mimeType": "application/json", "text": json.dumps(answered(word))},
                     "redirectURL": "", "headersSize": -1, "bodySize": -1},
    }]}})  # fmt: skip


def har_params(word: str) -> str:
    fields = [{"name": name, "value": value} for name, value in asked(word).items()]
    return har(word, {"mimeType": "application/x-www-form-urlencoded", "params": fields})


def har_text_json(word: str) -> str:
    return har(word, {"mimeType": "application/json", "params": [], "textJSON": asked(word)})


def r_vcr(word: str) -> str:
    packed = base64.b64encode(zlib.compress(json.dumps(answered(word)).encode())).decode()
    lines = "\n".join(f"        {packed[at : at + 80]}" for at in range(0, len(packed), 80))
    fields = "\n".join(f"        {name}: {value}" for name, value in asked(word).items())
    return f"""\
http_interactions:
- request:
    method: POST
    uri: {URL}
    body:
      fields:
{fields}
  response:
    status: 201
    headers:
      content-type: application/json
    body:
      raw_gzip: |-
{lines}
  recorded_at: 2026-01-02 03:04:05
recorded_with: VCR-vcr/2.0.0
"""


RECORDINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "nock": ("nock", nock),
    "nock, gzip": ("nock", nock_gzip),
    "nock, binary": ("nock", nock_binary),
    "azure": ("azure-test-proxy", azure),
    "azure, lines": ("azure-test-proxy", azure_lines),
    "azure, bytes": ("azure-test-proxy", azure_bytes),
    "opencode": ("opencode", opencode),
    "opencode, base64": ("opencode", lambda word: opencode(word, encoded=True)),
    "mastra": ("mastra", mastra),
    "mastra, chunks": ("mastra", mastra_chunks),
    "req_llm": ("req_llm", req_llm),
    "req_llm, chunks": ("req_llm", lambda word: req_llm(word, chunked=True)),
    "req_cassette": ("req_cassette", req_cassette),
    "req_cassette, blob": ("req_cassette", lambda word: req_cassette(word, blob=True)),
    "genai": ("genai-replay", genai),
    "genai, camel": ("genai-replay", lambda word: genai(word, camel=True)),
    "easyvcr": ("easyvcr", easyvcr),
    "responses": ("responses", responses),
    "httpreplay": ("httpreplay", httpreplay),
    "dvr": ("dvr", dvr),
    "dvr, by type": ("dvr", lambda word: dvr(word, stated=False)),
    "har, params": ("har", har_params),
    "har, textJSON": ("har", har_text_json),
    "r vcr": ("ruby-vcr", r_vcr),
}
FORMS = ("har, params", "r vcr")
"""Those whose request is a form."""

LONE = ("responses",)
"""Those that keep no request body."""
