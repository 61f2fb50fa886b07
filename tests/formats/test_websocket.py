"""WebSocket connections of every recorder that writes them: messages in order, both directions, times, ends."""

import base64
import json

import pytest

from cassette_cli.errors import EditError
from cassette_cli.source.edits import Remove
from cassette_cli.source.verify import apply
from cassette_cli.streams import framing, websocket
from formats.support import cassette

MESSAGES = """\
version: 1
interactions:
- kind: message
  direction: sent
  data: {type: hello, words: "a\\nb"}
- kind: message
  direction: received
  data: {type: ping}
- {kind: close, code: 1011, reason: gone, ok: false}
- kind: message
  direction: received
  data: {type: again}
"""


def frames(read, number=0):
    body = read.interactions[number].response.body
    framed = framing.split(body.payload, body.content_type)
    assert framed.framing == websocket.NAME
    assert framed.whole
    return [(frame.event, frame.data, frame.fields) for frame in framed.frames]


def test_a_close_ends_a_connection():
    read = cassette(MESSAGES)
    assert (read.format, read.entries, len(read.interactions)) == ("websocket", 4, 2)
    assert frames(read) == [
        ("sent", '{"type": "hello", "words": "a\\nb"}', None),
        ("received", '{"type": "ping"}', None),
        ("closed", '{"code": 1011, "reason": "gone"}', None),
    ]
    assert frames(read, 1) == [("received", '{"type": "again"}', None)]
    assert [(one.request.method, one.request.url, one.response.status) for one in read.interactions] == [
        ("GET", "", 101)
    ] * 2


def test_a_message_as_text():
    text = "- {direction: sent, message: '{\"a\": 1}'}\n- {direction: received, message: no JSON}\n"
    assert frames(cassette(text)) == [("sent", '{"a": 1}', None), ("received", '"no JSON"', {"kind": "text"})]


def test_times_and_address_where_a_recorder_writes_them():
    text = (
        "url: wss://api.example.com/live\ninteractions:\n- {direction: sent, at: 0.25, data: {a: 1}}\n"
        "- {direction: received, at: 1.5, data: {b: 2}}\n"
    )
    read = cassette(text)
    assert [fields for _, _, fields in frames(read)] == [{"ms": 250.0}, {"ms": 1500.0}]
    one = read.interactions[0]
    assert (one.request.url, one.response.duration_ms) == ("wss://api.example.com/live", 1250.0)


def test_a_field_that_is_not_known_is_not_read():
    read = cassette(MESSAGES.replace("data: {type: again}", "data: {type: again}\n  extra: {said: a body}"))
    assert [(one.where, one.interaction) for one in read.unread_parts()] == [("interactions[3].extra", 1)]


def test_whole_messages_can_be_removed_and_nothing_else_changed():
    read = cassette(MESSAGES)
    body = read.interactions[0].response.body
    lines = body.payload.splitlines(keepends=True)
    start = len(lines[0])
    edits = body.edit([(start, start + len(lines[1]), "")])
    assert [(edit.container is read.document.root.get("interactions"), edit.index) for edit in edits] == [(True, 1)]
    assert isinstance(edits[0], Remove)
    removed = "- kind: message\n  direction: received\n  data: {type: ping}\n"
    assert apply(read.document, edits).text == MESSAGES.replace(removed, "")
    for part in ((start, start + 1, ""), (start, start, "x")):
        with pytest.raises(EditError, match="inside a message"):
            body.edit([part])
    with pytest.raises(EditError, match="not edited"):
        body.replace("other")
    assert body.replace(body.payload) == []


def test_opencode():
    text = {
        "version": 1,
        "interactions": [{
            "transport": "websocket",
            "open": {"url": "wss://api.example.com/v1/responses", "headers": {"a": "b"}},
            "events": [
                {"direction": "client", "kind": "text", "body": '{\n "a": 1\n}'},
                {"direction": "server", "kind": "binary", "body": base64.b64encode(b'{"b": 2}').decode(),
                 "bodyEncoding": "base64"},
                {"direction": "server", "kind": "binary", "body": base64.b64encode(b"\0\xff").decode(),
                 "bodyEncoding": "base64"},
            ],
        }],
    }  # fmt: skip
    read = cassette(json.dumps(text))
    assert frames(read) == [
        ("sent", '{"a": 1}', None),
        ("received", '{"b": 2}', None),
        ("received", '"AP8="', {"kind": "base64"}),
    ]
    assert [line.value for line in read.interactions[0].request.headers] == ["b"]


CASSETTER = """\
version: 1
interactions: []
ws_interactions:
- uri: wss://api.example.com/socket
  headers: {}
  frames:
  - {direction: send, frame_type: text, body: {type: json, content: {a: 1}}, offset_ms: 3}
  - {direction: recv, frame_type: text, body: {type: text, content: hi}, offset_ms: 45}
  - {direction: recv, frame_type: binary, body: {type: binary, content: 00ff}, offset_ms: 50}
  recorded_at: '2026-01-01T00:00:00Z'
"""


def test_cassetter():
    read = cassette(CASSETTER)
    assert frames(read) == [
        ("sent", '{"a": 1}', {"ms": 3.0}),
        ("received", '"hi"', {"ms": 45.0, "kind": "text"}),
        ("received", '"AP8="', {"ms": 50.0, "kind": "base64"}),
    ]
    one = read.interactions[0]
    assert (one.request.url, one.response.duration_ms) == ("wss://api.example.com/socket", 47.0)
    assert one.recorded_at == "2026-01-01T00:00:00Z"
