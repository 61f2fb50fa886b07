"""Claims are exact: what others write is not taken for a recording, and whose recording a file is, is told right."""

import base64
import json
import textwrap

import pytest

from cassette_cli.errors import NotACassetteError
from cassette_cli.formats import registry
from cassette_cli.source.document import Document
from formats import recordings
from formats.support import cassette, table

STUB = {"request": {"method": "GET", "url": "/some/thing"}, "response": {"status": 200, "body": "Hello"}}
OF_OTHERS = {
    "WireMock": STUB | {"id": "76ada7b0", "uuid": "76ada7b0", "persistent": True},
    "WireMock before a proxy": {
        "request": {"url": "https://a.example/", "method": "GET"},
        "response": {"status": 200, "bodyFileName": "a.json"},
        "uuid": "76ada7b0",
        "persistent": True,
    },
    "WireMock with JSON": {
        "request": {"url": "https://a.example/", "method": "GET"},
        "response": {"status": 200, "jsonBody": {"a": 1}},
    },
    "WireMock by pattern": {"request": {"urlPattern": "/a.*", "method": "ANY"}, "response": {"status": 204}},
    "WireMock mappings": {"mappings": [STUB]},
    "Mountebank": {"protocol": "http", "port": 4545, "stubs": [{"responses": [{"is": {"body": "x"}}]}]},
    "Mountebank imposters": {"imposters": [{"protocol": "http", "port": 1, "stubs": [], "requests": []}]},
    "Hoverfly": {
        "data": {"pairs": [{"request": {"path": [{"matcher": "exact", "value": "/"}]}, "response": {"status": 200}}]},
        "meta": {"schemaVersion": "v5"},
    },
    "aimock": {"fixtures": [{"match": {"userMessage": "hello"}, "response": {"content": "hi"}}]},
    "MockServer": [{"httpRequest": {"path": "/a"}, "httpResponse": {"statusCode": 200}}],
    "Pact": {
        "consumer": {"name": "a"},
        "provider": {"name": "b"},
        "interactions": [{"description": "x", "request": {"method": "GET", "path": "/"}, "response": {"status": 200}}],
        "metadata": {"pactSpecification": {"version": "2.0.0"}},
    },
    "Kubernetes": {"spec": {"containers": [{"resources": {"requests": {"cpu": "1"}}}]}},
    "OpenAPI": {"openapi": "3.1.0", "paths": {"/": {"get": {"responses": {"200": {"description": "ok"}}}}}},
    "scopes": [{"scope": "source.python", "settings": {"foreground": "#fff"}}],
    "a table of entries": {"Entries": [{"Name": "a", "Version": "1"}]},
    "EasyVCR for Java": [
        {
            "recordedAt": 1767323045,
            "request": {"body": "", "method": "GET", "headers": {}, "uri": "https://a.example/"},
            "response": {"body": "", "httpVersion": {"minor": 1, "major": 1}, "headers": {}, "status": {"code": 200}},
            "duration": 3,
        }
    ],
}
TAPE = """\
!tape
name: smoke
interactions:
- recorded: 2026-01-02T03:04:05.000Z
  request: {method: GET, uri: 'http://a.example/', headers: {}}
  response: {status: 200, headers: {}, body: fine}
"""


@pytest.mark.parametrize("name", OF_OTHERS)
def test_what_others_write_is_claimed_by_none(name):
    document = Document(json.dumps(OF_OTHERS[name]).encode())
    assert [one.name for one in registry.FORMATS if one.claims(document)] == []
    with pytest.raises(NotACassetteError):
        registry.load(document)


def test_a_tape_of_the_jvm_is_not_of_vcrpy():
    assert [one.name for one in registry.FORMATS if one.claims(Document(TAPE.encode()))] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ({"replay_id": "x", "interactions": []}, "genai-replay"),
        ({"Entries": [], "Variables": {}}, "azure-test-proxy"),
        ({"Initial": None, "Version": "0.2", "Converter": None, "Entries": None}, "httpreplay"),
        ({"version": 1, "interactions": []}, "vcrpy"),
    ],
)
def test_an_empty_recording_is_its_recorders(text, name):
    read = cassette(json.dumps(text))
    assert (read.format, list(read.interactions)) == (name, [])


def test_connections_stand_beside_calls():
    text = json.loads(recordings.opencode("word"))
    opened = {"url": "wss://api.example.com/v1/realtime", "headers": {"openai-beta": "realtime=v1"}}
    frames = [{"direction": "client", "kind": "text", "body": "{}"}]
    text["interactions"] += [
        {"transport": "websocket", "open": opened, "client": [{"kind": "text", "body": "{}"}], "server": []},
        {"transport": "websocket", "open": opened, "events": frames},
        {"transport": "websocket", "open": opened, "events": []},
    ]
    read = cassette(json.dumps(text))
    assert [(one.request.url, one.response.status) for one in read.interactions[1:]] == [(opened["url"], 101)] * 3
    assert list(read.unread_parts()) == []
    sent = '{"direction": "sent", "data": {}}\n'
    assert [one.response.body.payload for one in read.interactions[1:]] == [sent, sent, ""]


def test_the_events_of_a_replayed_stream_are_a_list():
    text = json.loads(recordings.genai("word"))
    text["interactions"][0]["response"]["body_segments"] = [{"a": 1}, {"a": "word"}]
    ((*_, response),) = table(cassette(json.dumps(text)))
    assert json.loads(response) == [{"a": 1}, {"a": "word"}]


def test_bytes_of_a_replay_are_read_where_there_is_no_json():
    text = json.loads(recordings.genai("word"))
    response = text["interactions"][0]["response"]
    response |= {"body_segments": [], "byte_segments": [base64.b64encode(b"one ").decode(), "dHdv"]}
    response["headers"] = {"content-type": "text/plain"}
    ((*_, body),) = table(cassette(json.dumps(text)))
    assert body == "one two"


def test_older_fixtures_of_req_llm_keep_copies_and_events():
    text = json.loads(recordings.req_llm("word", chunked=True))
    for chunk in text["chunks"]:
        chunk["decoded"] = base64.b64decode(chunk["b64"]).decode()
    read = cassette(json.dumps(text))
    assert list(read.unread_parts()) == []
    (copy,) = read.interactions[0].copies
    assert json.loads(copy.payload) == recordings.answered("word")
    text["events"] = [{"type": "status", "value": 200}] + [
        {"type": "data", "b64": chunk["b64"]} for chunk in text.pop("chunks")
    ]
    ((*_, response),) = table(cassette(json.dumps(text)))
    assert json.loads(response) == recordings.answered("word")


def test_newer_recordings_of_mastra_stand_beside_a_meta():
    text = {"meta": {"name": "x", "createdAt": "2026-01-02"}, "recordings": json.loads(recordings.mastra("word"))}
    read = cassette(json.dumps(text))
    assert (read.format, len(read.interactions), list(read.unread_parts())) == ("mastra", 1, [])


def test_older_definitions_of_nock():
    text = [{"scope": "http://a.example", "port": 8080, "method": "GET", "path": "/x", "reply": "404", "response": 5}]
    assert table(cassette(json.dumps(text))) == [("GET", "http://a.example:8080/x", 404, None, "", "5")]


def test_a_header_of_a_flat_list_goes_with_its_value():
    read = cassette(recordings.nock("word"))
    line = read.interactions[0].response.headers.line("x-request-id")
    from cassette_cli.source.verify import apply

    again = registry.load(apply(read.document, line.remove())).interactions[0].response.headers
    assert [(one.name, one.value) for one in again] == [("Content-Type", "application/json")]


@pytest.mark.parametrize(
    ("body", "payload"),
    [(None, ""), ([], ""), ("Sanitized", "Sanitized"), ("eA==", b"x"), (["a\n", "b"], "a\nb"), ({"a": 1}, '{"a": 1}')],
)
def test_bodies_of_azure_without_a_type_of_text(body, payload):
    text = json.loads(recordings.azure("word", lambda _: body, "application/x-example"))
    ((*_, response),) = table(cassette(json.dumps(text)))
    assert response in (payload, payload.decode() if isinstance(payload, bytes) else payload)


def test_a_body_that_responses_kept_in_a_file_is_told():
    text = recordings.responses("word").replace("    body: '", "    body_file: 'bodies/x.bin'\n    comment: '")
    (found,) = cassette(text).unread_parts()
    assert found.where == "response.body_file"
    assert "bodies/x.bin" in found.reason


def test_cassetter_in_toml_is_read_and_not_written():
    from cassette_cli.errors import EditError
    from cassette_cli.source.verify import apply

    text = textwrap.dedent("""\
        version = 1

        [[interactions]]
        recorded_at = "2026-01-02T03:04:05Z"

        [interactions.request]
        method = "POST"
        uri = "https://a.example/x"
        body_type = "json"
        body_content = '{"a": "b"}'

        [interactions.request.headers]
        content-type = ["application/json"]

        [interactions.response]
        status = 201
        body_type = "binary"
        body_content = "00ff"
        """)
    document = Document(text.encode(), "a.toml")
    read = registry.load(document)
    assert table(read) == [("POST", "https://a.example/x", 201, None, '{"a": "b"}', b"\x00\xff")]
    body = read.interactions[0].request.body
    assert document.line(body.node.start) == 10
    with pytest.raises(EditError, match="TOML"):
        apply(document, body.replace("{}"))
    assert apply(document, []) is document


def test_calls_of_cassetter_beside_http_are_told():
    text = {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "GET", "uri": "https://a.example/", "headers": {}, "body": {"type": "none"}},
                "response": {"status": 200, "headers": {}, "body": {"type": "text", "content": "x"}},
            }
        ],
        "grpc_interactions": [{"request": {"method": "/a.B/C"}}],
        "ws_interactions": [],
    }
    assert [one.where for one in cassette(json.dumps(text)).unread_parts()] == ["grpc_interactions"]


def test_websocket_messages_of_a_browser_are_told():
    text = json.loads(recordings.har_params("word"))
    entry = text["log"]["entries"][0]
    entry |= {"_webSocketMessages": [{"type": "send", "data": "{}"}], "_priority": "High", "_initiator": {"type": "x"}}
    assert [one.where for one in cassette(json.dumps(text)).unread_parts()] == ["_webSocketMessages"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("{string: x, encoding: UTF-8}", []),
        ("{brotli_string: aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=}", ["response.body.brotli_string"]),
        ("{string: aGVsbG8=, is_base64: true}", ["response.body.is_base64"]),
        ("{string: aGVsbG8=, codec: base64, checksum: 0a1b2c3d, cached: true}", ["response.body.codec"]),
        ("{string: '', zstd: {data: aGVsbG8=}}", ["response.body.zstd"]),
        ("!!python/object/new:_io.BytesIO {state: !!python/tuple ['x', 0, null]}", []),
    ],
)
def test_a_body_under_another_name_is_not_read(body, where):
    text = f"""\
        version: 1
        interactions:
        - request: {{method: GET, uri: 'https://a.example/', headers: {{}}, body: {{a: 1}}}}
          response:
            status: {{code: 200, message: OK}}
            headers: {{}}
            body: {body}
        """
    assert [one.where for one in cassette(text).unread_parts()] == where
