"""Every verb over WebSocket connections."""

import base64
import json

import pytest

SESSION = "realtime-tide.yaml"
DONE = "{}\n      output:\n      - id: item_example_3"
FAILED = "status: failed\n      status_details: {type: failed, error: {type: server_error, code: busy}}"
SECRET = "sk-" + "ant-api03-" + "C3J27XDCG2LmlZGEONYlgCtjfIZ4SOcMz9CPVNPk"


@pytest.fixture
def session(examples):
    return (examples / SESSION).read_text("utf-8")


def test_listed_with_messages_each_way(cassette, examples):
    result = cassette("ls", "--json", examples / SESSION)
    row = json.loads(result.out)
    assert (result.code, row["protocol"], row["sent"], row["received"]) == (0, "openai-realtime", 4, 14)
    assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("example-realtime-1", 119, 32)
    assert "sent: 4, received: 14" in cassette("ls", examples / SESSION).out


def test_shown_as_a_table(cassette, examples):
    out = cassette("show", examples / SESSION).out
    lines = [line.split() for line in out.splitlines()]
    assert ["3", "→", "input_audio_buffer.append", "114", "B", "audio=(48", "bytes)"] in lines
    assert ["18", "✕", "close", "28", "B", "code=1000"] in lines
    sent = cassette("show", "--request", examples / SESSION).out
    assert "←" not in sent
    assert "→ session.update" in sent


def test_the_times_of_messages_are_shown(cassette, write):
    path = write(
        "a.yaml", "- {direction: sent, at: 0.25, data: {a: 1}}\n- {direction: received, at: 1.5, data: {b: [x]}}\n"
    )
    out = cassette("show", path).out.splitlines()
    assert out[-2].split() == ["0", "→", "250", "ms", "a", "8", "B", "a=1"]
    assert out[-1].split() == ["1", "←", "1.5", "s", "b", "12", "B", "b[0]=x"]


def test_the_conversation(cassette, examples):
    out = cassette("show", "-r", examples / SESSION).out
    heads = [line for line in out.splitlines() if line.startswith("──")]
    roles = ["system", "user", "assistant", "tool", "assistant"]
    assert heads == [f"── {role}" for role in ("tools offered", "parameters", *roles)]
    assert "[audio] audio/pcm;rate=24000 · 0.001 s · 48 B\nWhen is high water in Port Example?" in out
    assert "finish completed · usage 119 in → 32 out · 19 frames" in out
    answers = cassette("show", "-r", "--response", examples / SESSION).out
    assert "high water" not in answers
    assert "At 04:12 and 16:37." in answers


def test_the_json(cassette, examples):
    document = json.loads(cassette("show", "-r", "--json", examples / SESSION).out)
    response = document["interactions"][0]["response"]
    assert (response["framing"], response["frames"]) == ("websocket", 19)
    session = response["message"]["session"]
    assert [turn["role"] for turn in session["turns"]] == ["system", "user", "assistant", "tool", "assistant"]
    assert session["tools"][0]["name"] == "tide_table"
    assert session["turns"][1]["parts"] == [{
        "type": "audio", "text": "When is high water in Port Example?", "media_type": "audio/pcm;rate=24000",
        "size": 48, "seconds": 0.001,
    }]  # fmt: skip
    assert [choice["text"] for choice in response["message"]["choices"]] == ["", "At 04:12 and 16:37."]


def test_pings_are_trimmed_and_no_other_byte(cassette, write, session):
    path = write("a.yaml", session)
    assert cassette("trim", "--pings", "--check", path).code == 1
    assert path.read_text("utf-8") == session
    assert cassette("trim", "--pings", path).code == 0
    start = session.index("- kind: message\n  direction: received\n  data:\n    type: ping")
    end = session.index("- kind: message", start + 1)
    assert path.read_text("utf-8") == session[:start] + session[end:]


def test_a_ping_that_says_more_stays(cassette, write, session):
    text = session.replace("    timestamp: 1767323045000\n", "    timestamp: 1767323045000\n    load: high\n")
    assert cassette("trim", "--pings", "--check", write("a.yaml", text)).code == 0


def test_what_the_user_said_is_compared(cassette, write, session):
    old, new = write("a.yaml", session), write("b.yaml", session.replace("high water in", "low water in"))
    result = cassette("diff", "--exit-code", old, new)
    assert result.code == 1
    assert "low" in result.out
    assert cassette("diff", "--exit-code", old, write("c.yaml", session)).code == 0
    ids = write("d.yaml", session.replace("event_example", "event_other"))
    assert cassette("diff", "--exit-code", old, ids).code == 0


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        (DONE.format("status: completed"), DONE.format(FAILED), "CAS005"),
        ("type: ping", "type: error\n    error: {type: invalid_request_error, message: no such voice}", "CAS005"),
    ],
)  # fmt: skip
def test_an_error_is_a_fault(cassette, write, session, was, now, code):
    assert was in session
    result = cassette("check", write("a.yaml", session.replace(was, now)))
    assert result.code == 1
    assert code in result.out


def test_a_response_that_was_cut_is_a_fault(cassette, write, session):
    at = session.index("- kind: message\n  direction: received\n  data:\n    type: response.done\n    event_id: event_ex"
                       "ample_14")  # fmt: skip
    result = cassette("check", write("a.yaml", session[:at]))
    assert "CAS004" in result.out
    assert cassette("check", write("b.yaml", session)).code == 0
    out = cassette("show", "-r", write("c.yaml", session[:at])).out
    assert "At 04:12 and 16:37." in out
    assert "note: the connection ended before response.done" in out


def test_secrets_are_found_whole_in_pieces_and_encoded(cassette, write, session):
    half = len(SECRET) // 2
    text = session.replace("'{\"harbour\": '", json.dumps(SECRET[:half])).replace(
        "'\"Port Example\"}'", json.dumps(SECRET[half:])
    )
    path = write("a.yaml", text)
    assert cassette("redact", "--check", path).code == 1
    assert cassette("redact", path).code == 0
    assert SECRET[half + 4 :] not in path.read_text("utf-8")
    assert cassette("redact", "--check", path).code == 0
    coded = base64.b64encode(json.dumps({"key": SECRET}).encode()).decode()
    frame = {"kind": "binary", "body": coded, "bodyEncoding": "base64"}
    connection = {"transport": "websocket", "open": {"url": "wss://x", "headers": {}}, "client": [], "server": [frame]}
    path = write("b.json", json.dumps({"version": 1, "interactions": [connection]}))
    assert cassette("redact", "--check", path).code == 1
    assert cassette("redact", path).code == 0
    assert SECRET not in base64.b64decode(json.loads(path.read_text())["interactions"][0]["server"][0]["body"]).decode()


def test_as_text_for_git(cassette, examples):
    out = cassette("textconv", examples / SESSION).out
    assert "< tool call tide_table\n<   harbour: Port Example\n" in out
    assert "When is high water in Port Example?" in out


@pytest.mark.parametrize("verb", ["rm", "decode", "edit", "set"])
def test_what_edits_bodies_refuses(cassette, write, session, verb):
    path = write("a.yaml", session)
    more = {"edit": ["--with", "true"], "set": ["status=500"], "rm": ["-i", "0"]}.get(verb, [])
    result = cassette(verb, path, *more)
    assert result.code == 2
    assert "not of HTTP" in result.err
    assert path.read_text("utf-8") == session


def test_a_message_of_opencode_is_not_edited(cassette, write):
    frames = [{"kind": "text", "body": '{"a": 1}'}]
    connection = {"transport": "websocket", "open": {"url": "wss://x", "headers": {}}, "client": frames, "server": []}
    text = json.dumps({"version": 1, "interactions": [connection]}, indent=1)
    path = write("a.json", text)
    result = cassette("edit", "--with", "sed s/a/b/", path)
    assert (result.code != 0, path.read_text("utf-8")) == (True, text)


def test_a_connection_of_no_known_protocol_is_told_in_turns(cassette, write):
    path = write("a.yaml", """url: wss://push.example.com/
interactions:
- {direction: sent, kind: text, data: '{"type": "hello"}'}
- {direction: sent, kind: text, data: 'plain words'}
- {direction: received, kind: text, data: '{"type": "welcome"}'}
- {direction: received, kind: binary, data: !!binary AAEC/w==}
- {direction: sent, kind: text, data: '{"type": "bye"}'}
- {direction: closed, kind: close, code: 1000, reason: done}
""")  # fmt: skip
    out = cassette("show", "-r", path).out
    said = [line for line in out.splitlines() if line.startswith("──")]
    assert [line.split()[1] for line in said] == ["sent", "received", "sent", "closed"]
    first = out.index("── sent")
    assert (
        out.index('"hello"') < out.index("plain words") < out.index("── received") < out.index("binary · 4 B · sha256:")
    )
    assert first < out.index('"hello"')
    assert "no known protocol claimed this connection" in out
    assert "── assistant" not in out
    asked = cassette("show", "-r", "--request", path).out
    assert "welcome" not in asked
    assert "bye" in asked
    assert "hello" not in cassette("show", "-r", "--response", path).out
