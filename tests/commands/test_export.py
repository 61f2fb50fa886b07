"""`cassette export`: HAR, curl commands, conversations; each judged by those who read them."""

import base64
import gzip
import json
import os
import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from commands.conftest import EXAMPLES

FILES = [str(path) for path in sorted(EXAMPLES.iterdir()) if path.suffix not in (".md", ".svg")]
CORPUS = os.environ.get("CASSETTE_CORPUS", "")

KEY = "sk-" + "proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 3
TOKEN = "gh" + "p_" + "A1b2C3d4" * 4 + "E5f6"
PASSWORD = "corr3ct-h0rse-battery"
FORM_SECRET = "0a1b2c3d4e5f" + "60718293"
SECRETS = {"OPENAI_API_KEY": KEY, "GITHUB_TOKEN": TOKEN, "PASSWORD": PASSWORD, "CLIENT_SECRET": FORM_SECRET}


def vcrpy(*interactions: dict) -> str:
    """Return a VCR.py cassette in JSON; request bodies that are bytes are base64."""
    made = []
    for one in interactions:
        body = one.get("body", "")
        if isinstance(body, bytes):
            body = {"base64_string": base64.b64encode(body).decode()}
        request = {"method": one.get("method", "GET"), "uri": one["url"], "body": body}
        request["headers"] = {name: [value] for name, value in one.get("headers", {}).items()}
        answer = one.get("answer", {"string": "{}"})
        headers = {"Content-Type": [one.get("type", "application/json")]}
        made.append(
            {
                "request": request,
                "response": {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": answer},
            }
        )
    return json.dumps({"version": 1, "interactions": made})


BOUNDARY = "----cassette"
MULTIPART = (
    (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper\r\n--{BOUNDARY}\r\n'
        'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    ).encode()
    + bytes(range(256))
    + f"\r\n--{BOUNDARY}--\r\n".encode()
)
TEXT_PARTS = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="password"\r\n\r\n{PASSWORD}\r\n--{BOUNDARY}--\r\n'
ODD = 'it\'s `uname` $HOME $(id) \\ "q" %s %d 🚢 é\nsecond line'
LONG = json.dumps({"text": "a'b%c\\" * 30_000, "api_key": KEY})


def requests(base: str) -> list[dict]:
    """Return requests that are hard on a shell, and on curl."""
    json_type = {"Content-Type": "application/json"}
    return [
        {"url": f"{base}/plain?a[]=1&b={{x}}&c=%20d&e=it's"},
        {"url": f"{base}/a/../b/./c", "headers": {"X-Empty": "", "X-Quote": "it's \"$HOME\"; `x`"}},
        {"url": f"{base}/json", "method": "POST", "headers": json_type, "body": json.dumps({"odd": ODD, "api_key": KEY})},
        {"url": f"{base}/text", "method": "PUT", "headers": {"Content-Type": "text/plain"}, "body": ODD},
        {"url": f"{base}/at", "method": "POST", "headers": {"Content-Type": "text/plain"}, "body": "@/etc/hostname"},
        {"url": f"{base}/untyped", "method": "POST", "body": "a=1"},
        {"url": f"{base}/auth?access_token={TOKEN}", "headers": {"Authorization": f"Bearer {KEY}"}},
        {"url": f"{base}/form", "method": "POST", "headers": {"Content-Type": "application/x-www-form-urlencoded"},
         "body": f"client_secret={FORM_SECRET}&grant=x%20y"},
        {"url": f"{base}/parts", "method": "POST", "body": MULTIPART,
         "headers": {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}},
        {"url": f"{base}/secret-parts", "method": "POST", "body": TEXT_PARTS,
         "headers": {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}},
        {"url": f"{base}/binary", "method": "PATCH", "body": bytes(range(256)) * 2,
         "headers": {"Content-Type": "application/octet-stream"}},
        {"url": f"{base}/long", "method": "POST", "headers": json_type, "body": LONG},
        {"url": f"{base}/packed", "method": "POST", "body": gzip.compress(b'{"a": 1}', mtime=0),
         "headers": {**json_type, "Content-Encoding": "gzip"}},
        {"url": f"{base}/head", "method": "HEAD"},
        {"url": f"{base}/empty", "method": "POST"},
        {"url": f"{base}/gone", "method": "DELETE", "headers": {"Accept-Encoding": "gzip, deflate"}},
        {"url": f"{base}/search", "method": "GET", "headers": json_type, "body": '{"query": "in a GET"}'},
    ]  # fmt: skip


@contextmanager
def echoing():
    """Run a server that keeps what it is sent; yield its address and the list."""
    seen: list[tuple[str, str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def _keep(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def __getattr__(self, name: str) -> object:
            if name.startswith("do_"):
                return self._keep
            raise AttributeError(name)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


needs_curl = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("sh")), reason="curl is not installed")


@pytest.mark.slow
@needs_curl
@pytest.mark.parametrize("shell", [name for name in ("sh", "bash") if shutil.which(name)])
@pytest.mark.parametrize("how", ["pipe", "file", "reveal"])
def test_a_shell_sends_what_was_recorded(cassette, write, tmp_path, how, shell):
    with echoing() as (base, seen):
        sent = requests(base)
        path = write("a.json", vcrpy(*sent))
        script = tmp_path / "out" / "api's.sh"
        script.parent.mkdir()
        options = {"pipe": [], "file": ["-o", script], "reveal": ["--reveal"]}[how]
        result = cassette("export", "curl", path, *options)
        assert (result.code, result.err) == (0, "")
        if how == "reveal":
            assert KEY in result.out
            assert "$OPENAI" not in result.out
        else:
            text = script.read_text() if how == "file" else result.out
            assert [secret for secret in SECRETS.values() if secret in text] == []
        if how == "file":
            ran = subprocess.run(
                [shell, str(script)], capture_output=True, env={**os.environ, **SECRETS}, timeout=60, check=False
            )
            assert sorted(one.suffix for one in script.parent.iterdir()) == [".bin", ".bin", ".sh"]
        else:
            env = os.environ if how == "reveal" else {**os.environ, **SECRETS}
            ran = subprocess.run(
                [shell], input=result.out.encode(), capture_output=True, env=env, timeout=60, check=False
            )
        assert ran.returncode == 0, ran.stderr.decode()
    assert len(seen) == len(sent)
    for one, (method, target, headers, body) in zip(sent, seen, strict=True):
        assert method == one.get("method", "GET")
        assert base + target == one["url"]
        wanted = one.get("body", "")
        wanted = wanted.encode() if isinstance(wanted, str) else wanted
        if "Content-Encoding" in one.get("headers", {}):
            wanted = gzip.decompress(wanted)
            assert "content-encoding" not in headers
        assert body == wanted
        for name, value in one.get("headers", {}).items():
            if name != "Content-Encoding":
                assert headers[name.lower()] == value
        if "Content-Type" not in one.get("headers", {}):
            assert "content-type" not in headers


@pytest.mark.slow
@needs_curl
def test_a_script_asks_for_its_variables(cassette, write):
    path = write(
        "a.json", vcrpy({"url": "https://api.openai.com/v1/models", "headers": {"Authorization": f"Bearer {KEY}"}})
    )
    script = cassette("export", "curl", path).out
    assert ': "${OPENAI_API_KEY:?}"\n' in script
    assert "-H 'Authorization: Bearer '\"$OPENAI_API_KEY\"" in script
    ran = subprocess.run(
        ["sh"], input=script.encode(), capture_output=True, env={"PATH": os.environ["PATH"]}, check=False
    )
    assert ran.returncode != 0
    assert b"OPENAI_API_KEY" in ran.stderr


@pytest.mark.parametrize(("header", "url", "wanted"), [
    ("Authorization: Bearer REDACTED", "https://api.groq.com/v1", "'Authorization: Bearer '\"$GROQ_API_KEY\""),
    ("x-api-key: <ANTHROPIC_API_KEY>", "https://api.anthropic.com/v1", "'x-api-key: '\"$ANTHROPIC_API_KEY\""),
    ("Authorization: Bearer REDACTED", "http://127.0.0.1/v1", "'Authorization: Bearer '\"$AUTHORIZATION\""),
    ("Authorization: REDACTED", "https://bedrock-runtime.us-east-1.amazonaws.com/m", '"$BEDROCK_RUNTIME_API_KEY"'),
    ("Accept: a/b", "https://maps.example.com/?api_key=REDACTED&q=1", "'https://maps.example.com/?api_key='\"$EXAMPLE_API_KEY\"'&q=1'"),
    ("User: REDACTED", "https://a.example.com/", "'User: REDACTED'"),
])  # fmt: skip
def test_what_was_redacted_before_is_a_variable(cassette, write, header, url, wanted):
    name, value = header.split(": ")
    path = write("a.json", vcrpy({"url": url, "headers": {name: value}}))
    assert wanted in cassette("export", "curl", path).out
    assert f"'{header}'" in cassette("export", "curl", "--reveal", path).out


def test_what_no_command_sends_is_a_comment(cassette, write):
    one = {"url": "<BASE>/v1\n; rm -rf x"}
    path = write("a.json", vcrpy(one, {"url": "https://a.example/", "headers": {"X-A": "b\x1b[31mc"}}))
    result = cassette("export", "curl", path, EXAMPLES / "realtime-tide.yaml")
    assert result.code == 1
    lines = result.out.splitlines()
    assert "# left out: its URL names no host: <BASE>/v1\\n; rm -rf x" in lines
    assert "# left out: a WebSocket connection, which curl does not hold" in lines
    assert "# left out: the header X-A, which cannot be sent as it is" in lines
    assert [line for line in lines if not line.startswith(("#", "curl")) and line] == []
    assert "\x1b" not in result.out
    assert result.err.count("left out") == 2


def har_of(cassette, *args) -> dict:
    result = cassette("export", "har", *args)
    assert result.code == 0, result.err
    return json.loads(result.out)


def test_a_har_holds_what_show_tells(cassette, tmp_path):
    """What is exported is read again by the same program: requests, responses and bodies, byte for byte."""
    path = tmp_path / "all.har"
    files = [*FILES, *([CORPUS] if CORPUS else [])]
    assert cassette("export", "har", "--reveal", *files, "-o", path).code in (0, 1, 2)
    before = [one for line in cassette("show", "--json", "--bodies", *files).out.splitlines()
              for one in json.loads(line)["interactions"]]  # fmt: skip
    after = json.loads(cassette("show", "--json", "--bodies", path).out)["interactions"]
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        was, now = old["response"], new["response"]
        if was is not None and was["framing"] == "websocket":
            continue
        assert old["request"]["method"] == new["request"]["method"]
        assert old["request"]["headers"] == new["request"]["headers"]
        assert (old["request"]["body"] or "") == (new["request"]["body"] or "")
        assert (was is None) == (now is None)
        if was is not None:
            assert was["headers"] == now["headers"]
            assert was["status"] in (now["status"], None)
            assert (was["body"] or "") == (now["body"] or "")


def test_a_har_has_what_browsers_write(cassette, write):
    form = {"url": "https://a.example/f?x=1&y=%20z", "method": "POST", "body": "a=1&b=c+d",
            "headers": {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "theme=dark; lang=en"}}  # fmt: skip
    log = har_of(cassette, write("a.json", vcrpy(form)))["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "cassette")
    (entry,) = log["entries"]
    request = entry["request"]
    assert request["queryString"] == [{"name": "x", "value": "1"}, {"name": "y", "value": " z"}]
    assert request["cookies"] == [{"name": "theme", "value": "dark"}, {"name": "lang", "value": "en"}]
    assert request["postData"]["params"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "c d"}]
    assert request["postData"]["text"] == "a=1&b=c+d"
    assert entry["comment"].startswith(f"{write('b', '').parent}/a.json#0")
    (timed,) = har_of(cassette, EXAMPLES / "polly-weather.har")["log"]["entries"]
    assert timed["time"] == timed["timings"]["wait"] == 87
    assert timed["startedDateTime"] != "1970-01-01T00:00:00.000Z"


def test_a_har_keeps_messages_of_a_websocket(cassette):
    (entry,) = har_of(cassette, EXAMPLES / "realtime-tide.yaml")["log"]["entries"]
    assert entry["_resourceType"] == "websocket"
    assert [one["type"] for one in entry["_webSocketMessages"][:3]] == ["receive", "send", "receive"]
    assert json.loads(entry["_webSocketMessages"][1]["data"])["type"] == "session.update"


def test_secrets_are_redacted_unless_they_are_to_be_revealed(cassette, write):
    asked = {"model": "m", "messages": [{"role": "user", "content": f"my key is {KEY}"}]}
    said = {"choices": [{"index": 0, "message": {"role": "assistant", "content": f"{TOKEN}?"}, "finish_reason": "stop"}],
            "object": "chat.completion", "model": "m"}  # fmt: skip
    path = write("a.json", vcrpy({
        "url": "https://api.openai.com/v1/chat/completions", "method": "POST", "body": json.dumps(asked),
        "headers": {"Authorization": f"Bearer {KEY}"}, "answer": {"string": json.dumps(said)},
    }))  # fmt: skip
    for kind in ("har", "messages", "curl"):
        hidden = cassette("export", kind, path)
        assert hidden.code == 0
        assert KEY not in hidden.out
        assert TOKEN not in hidden.out
        assert KEY in cassette("export", kind, "--reveal", path).out
    assert "REDACTED" in cassette("export", "messages", path).out


def test_parts_that_are_not_read_or_searched_are_told_and_count(cassette, write):
    text = json.loads(vcrpy({"url": "https://a.example/"}))
    text["interactions"][0]["response"]["chunks_of_mine"] = [{"data": "x" * 40}]
    path = write("a.json", json.dumps(text))
    for options in ((), ("--reveal",)):
        result = cassette("export", "har", path, *options)
        assert result.code == 1
        assert "response.chunks_of_mine is not read" in result.err or "chunks_of_mine" in result.err
        assert len(json.loads(result.out)["log"]["entries"]) == 1


def test_files_are_replaced_only_with_force(cassette, write, tmp_path):
    path = write("a.json", vcrpy({"url": "https://a.example/", "method": "POST", "body": bytes(range(256))}))
    for kind, file in (("har", path), ("messages", EXAMPLES / "vcrpy-chat.json"), ("curl", path)):
        out = write("out.txt", "mine")
        refused = cassette("export", kind, file, "-o", out)
        assert (refused.code, out.read_text()) == (2, "mine")
        assert "already exists" in refused.err
        assert "--force" in refused.err
        assert cassette("export", kind, file, "-o", out, "--force").code == 0
        assert out.read_text() != "mine"
    write("new-1.bin", "mine")
    assert cassette("export", "curl", path, "-o", tmp_path / "new.sh").code == 2
    assert (tmp_path / "new-1.bin").read_text() == "mine"
    assert not (tmp_path / "new.sh").exists()
    assert cassette("export", "har", tmp_path / "none.yaml").code == 2


@pytest.mark.parametrize("kind", ["har", "messages", "curl"])
def test_nothing_is_written_where_nothing_is_exported(cassette, write, tmp_path, kind):
    broken = write("broken.yaml", "version: 2\ninteractions: [\n")
    for chosen, code in (((EXAMPLES / "govcr-tool-calls.yaml", "--status", "500"), 0), ((broken,), 2)):
        for place in ((), ("-o", tmp_path / "out")):
            result = cassette("export", kind, *chosen, *place)
            assert (result.code, result.out) == (code, "")
            assert "nothing was exported" in result.err
            assert not (tmp_path / "out").exists()
        kept = write("kept", "mine")
        assert cassette("export", kind, *chosen, "-o", kept, "--force").code == code
        assert kept.read_text() == "mine"


@pytest.mark.parametrize(("name", "words"), [
    ("none/x.har", "there is no such folder"), ("folder", "a folder, not a file"), ("file/x.har", "a file, not a folder"),
])  # fmt: skip
def test_a_place_that_cannot_be_is_said_at_once(cassette, write, tmp_path, name, words):
    write("file", "")
    (tmp_path / "folder").mkdir()
    for force in ((), ("--force",)):
        result = cassette("export", "har", EXAMPLES / "polly-weather.har", "-o", tmp_path / name, *force)
        assert result.code == 2
        assert words in result.err
        assert "--force" not in result.err


def test_a_script_says_nothing_of_responses(cassette, write):
    one = {"url": "https://a.example/", "answer": {"base64_string": "not base64!"}}
    text = json.loads(vcrpy(one))
    text["interactions"][0]["response"]["chunks_of_mine"] = [{"data": "x" * 40}]
    path = write("a.json", json.dumps(text))
    assert cassette("export", "har", path).code != 0
    for options in ((), ("--reveal",)):
        result = cassette("export", "curl", path, *options)
        assert (result.code, result.err) == (0, "")
    text["interactions"][0]["request"]["chunks_of_mine"] = [{"data": "x" * 40}]
    result = cassette("export", "curl", write("b.json", json.dumps(text)))
    assert result.code == 1
    assert "request.chunks_of_mine is not read" in result.err


def test_binary_requests_in_a_har_are_told(cassette, write):
    path = write("a.json", vcrpy({"url": "https://a.example/", "method": "POST", "body": bytes(range(256))}))
    result = cassette("export", "har", path)
    assert result.code == 0
    assert result.err.startswith(f"note: {path}#0: its request body is binary, and base64 in the HAR")
    (entry,) = json.loads(result.out)["log"]["entries"]
    assert entry["request"]["postData"]["encoding"] == "base64"
    assert base64.b64decode(entry["request"]["postData"]["text"]) == bytes(range(256))


def lines_of(cassette, *args) -> list[dict]:
    result = cassette("export", "messages", *args)
    assert result.code in (0, 1, 2), result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_conversations_are_lines_of_the_chat_format(cassette):
    first, second = lines_of(cassette, EXAMPLES / "govcr-tool-calls.yaml")
    assert [one["role"] for one in second["messages"]] == ["user", "assistant", "tool", "tool", "assistant"]
    (call, other) = first["messages"][-1]["tool_calls"]
    assert call["function"] == {"name": "tide_table", "arguments": '{"harbour": "Port Example", "day": "Monday"}'}
    assert [one["tool_call_id"] for one in second["messages"][2:4]] == [call["id"], other["id"]]
    assert second["messages"][-1]["content"].startswith("Port Example has high water")
    assert second["tools"][0]["function"]["name"] == "tide_table"
    assert second["metadata"]["source"].endswith("govcr-tool-calls.yaml#1")
    assert second["metadata"]["finish_reason"] == "stop"


def test_other_protocols_are_written_anew(cassette):
    (line,) = lines_of(cassette, EXAMPLES / "vcrpy-streamed-message.yaml")
    assert line["messages"] == [
        {"role": "user", "content": "When does the keeper row home?"},
        {"role": "assistant", "content": "The keeper rows home at slack water."},
    ]
    (session,) = lines_of(cassette, EXAMPLES / "realtime-tide.yaml")
    assert [one["role"] for one in session["messages"]] == ["system", "user", "assistant", "tool", "assistant"]
    assert session["messages"][1]["content"] == "When is high water in Port Example?"
    assert session["messages"][-1]["content"] == "At 04:12 and 16:37."


def test_results_without_ids_find_their_calls(cassette, write):
    contents = [
        {"role": "user", "parts": [{"text": "Tide and wind?"}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]},
        {"role": "model", "parts": [{"functionCall": {"name": "tide", "args": {}}}, {"functionCall": {"name": "wind", "args": {"at": 1}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "wind", "response": {"kn": 4}}},
                                   {"functionResponse": {"name": "tide", "response": {"m": 2}}}]},
    ]  # fmt: skip
    answer = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "Calm."}]}, "finishReason": "STOP"}],
        "modelVersion": "g",
    }
    path = write("a.json", vcrpy({
        "url": "https://generativelanguage.googleapis.com/v1beta/models/g:generateContent", "method": "POST",
        "headers": {"Content-Type": "application/json"}, "body": json.dumps({"contents": contents}),
        "answer": {"string": json.dumps(answer)},
    }))  # fmt: skip
    result = cassette("export", "messages", path)
    messages = json.loads(result.out)["messages"]
    assert messages[0]["content"] == [
        {"type": "text", "text": "Tide and wind?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]
    calls = {call["function"]["name"]: call["id"] for call in messages[1]["tool_calls"]}
    assert len(set(calls.values())) == 2
    assert [one["tool_call_id"] for one in messages[2:4]] == [calls["wind"], calls["tide"]]
    assert json.loads(messages[2]["content"]) == {"kn": 4}


def test_what_is_no_conversation_is_counted(cassette):
    result = cassette("export", "messages", EXAMPLES / "polly-weather.har", EXAMPLES / "vcrpy-chat.json")
    assert (result.code, len(result.out.splitlines())) == (0, 1)
    assert result.err == "cassette: 1 interaction is not a conversation; left out\n"


def chat(path: str, content: object, message: dict | None, **choice: object) -> dict:
    """Return a request for a chat and its answer, None for an error."""
    choices = [{"index": 0, "message": message, "finish_reason": "stop", **choice}]
    answer = {"object": "chat.completion", "model": "m", "choices": choices}
    if message is None:
        answer = {"error": {"message": "too many requests", "type": "rate_limit_error"}}
    return {
        "url": f"https://api.example.com{path}",
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}),
        "answer": {"string": json.dumps(answer)},
    }


def test_an_answer_of_reasoning_alone_is_a_line(cassette, write):
    said = {"role": "assistant", "content": "", "reasoning_content": "Spring tide, so"}
    path = write("a.json", vcrpy(chat("/v1/chat/completions", "When?", said, finish_reason="length")))
    result = cassette("export", "messages", path)
    assert (result.code, result.err) == (0, "")
    line = json.loads(result.out)
    assert line["messages"][-1] == {"role": "assistant", "content": None, "reasoning_content": "Spring tide, so"}
    assert line["metadata"]["finish_reason"] == "length"


def test_what_a_line_lacks_is_told_and_counts(cassette, write):
    blocks = [
        {"document": {"format": "txt", "name": "tides", "source": {"s3Location": {"uri": "s3://a/tides.txt"}}}},
        {"text": "When is high water?"},
    ]
    asked = {"url": "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse", "method": "POST",
             "headers": {"Content-Type": "application/json"},
             "body": json.dumps({"messages": [{"role": "user", "content": blocks}]}),
             "answer": {"string": json.dumps({"output": {"message": {"role": "assistant", "content": [{"text": "At 04:12."}]}},
                                              "stopReason": "end_turn", "usage": {"inputTokens": 1, "outputTokens": 2}})}}  # fmt: skip
    path = write("a.json", vcrpy(asked))
    result = cassette("export", "messages", path)
    assert result.code == 1
    assert result.err == f"note: {path}#0: left out of the request: file (txt)\n"
    assert json.loads(result.out)["messages"][0]["content"].startswith("[file (txt)]")


@pytest.mark.parametrize(("message", "words"), [
    ({"role": "assistant", "content": ""}, "left out: its answer holds nothing that the format has a place for"),
    (None, "left out: its answer is an error"),
])  # fmt: skip
def test_an_empty_answer_is_told_and_counts(cassette, write, tmp_path, message, words):
    plain = {"url": "https://a.example/"}
    path = write("a.json", vcrpy(chat("/v1/chat/completions", "When?", message), plain))
    result = cassette("export", "messages", path, "-o", tmp_path / "out.jsonl")
    assert (result.code, result.out) == (1, "")
    assert f"note: {path}#0: {words}\n" in result.err
    assert "cassette: 1 interaction is not a conversation; left out\n" in result.err
    assert not (tmp_path / "out.jsonl").exists()


def test_conversations_pass_the_types_of_openai(cassette):
    chat = pytest.importorskip("openai.types.chat")
    pydantic = pytest.importorskip("pydantic")
    messages = pydantic.TypeAdapter(list[chat.ChatCompletionMessageParam])
    tools = pydantic.TypeAdapter(list[chat.ChatCompletionToolParam])
    found = lines_of(cassette, *FILES, *([CORPUS] if CORPUS else []))
    assert len(found) > 6
    for line in found:
        for one in messages.validate_python(line["messages"]):
            for value in one.values():  # what is an iterable in the types is checked when it is walked
                if not isinstance(value, str | dict | None):
                    list(value)
        tools.validate_python(line.get("tools", []))
        called: set[str] = set()
        for one in line["messages"]:
            called |= {call["id"] for call in one.get("tool_calls") or ()}
            assert one["role"] != "tool" or one["tool_call_id"] in called
        assert line["messages"][-1]["role"] == "assistant"


@pytest.fixture(scope="module")
def har_validator(tmp_path_factory, request):
    """Install har-validator, once for all runs; return the folder."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    cache = request.config.cache
    folder = Path(cache.mkdir("har_validator") if cache is not None else tmp_path_factory.mktemp("node"))
    if not (folder / "installed").exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), "har-validator@5"]
        if subprocess.run(command, capture_output=True, timeout=300, check=False).returncode:
            pytest.skip("npm cannot install har-validator")
        (folder / "installed").touch()
    return folder


JUDGE = """
const judge = require("har-validator/lib/async");
const har = JSON.parse(require("fs").readFileSync(process.argv[1]));
judge.har(har, (error) => { if (error) { console.log(JSON.stringify(error.errors)); process.exit(1); } });
"""


@pytest.mark.slow
def test_the_schema_of_har_accepts_it(cassette, tmp_path, har_validator, write):
    path = tmp_path / "all.har"
    odd = write("odd.json", vcrpy(*requests("https://a.example"), {"url": "<BASE>/v1"}, {"url": ""}))
    cassette("export", "har", *FILES, odd, *([CORPUS] if CORPUS else []), "-o", path)
    judged = subprocess.run(
        ["node", "-e", JUDGE, str(path)], cwd=har_validator, capture_output=True, text=True, check=False
    )
    assert (judged.returncode, judged.stdout) == (0, "")


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_playwright_replays_it(cassette, write, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    image = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    origin = "https://app.example"
    path = write("a.json", vcrpy(
        {"url": f"{origin}/", "type": "text/html; charset=utf-8", "answer": {"string": "<title>Lamp 🚢</title>"}},
        {"url": f"{origin}/lamp.png", "type": "image/png", "answer": {"base64_string": base64.b64encode(image).decode()}},
        {"url": f"{origin}/api", "method": "POST", "body": '{"ask": 1}', "headers": {"Content-Type": "application/json"},
         "answer": {"string": '{"said": "one"}'}},
        {"url": f"{origin}/api", "method": "POST", "body": '{"ask": 2}', "headers": {"Content-Type": "application/json"},
         "answer": {"string": '{"said": "two"}'}},
        {"url": f"{origin}/bytes", "method": "POST", "body": bytes(range(200, 256)), "headers": {"Content-Type": "application/octet-stream"},
         "answer": {"string": '"taken"'}},
        {"url": f"{origin}/packed", "type": "text/plain", "answer": {"base64_string": base64.b64encode(gzip.compress("gepackt é".encode())).decode()}},
    ))  # fmt: skip
    har = tmp_path / "a.har"
    assert cassette("export", "har", path, "-o", har).code == 0
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(service_workers="block").new_page()
        page.route_from_har(str(har), not_found="abort")
        page.goto(f"{origin}/")
        assert page.title() == "Lamp 🚢"
        ask = "(n) => fetch('/api', {method: 'POST', body: JSON.stringify({ask: n}).replace(':', ': ')}).then(r => r.json())"
        assert page.evaluate(ask, 2) == {"said": "two"}
        assert page.evaluate(ask, 1) == {"said": "one"}
        bytes_ = "() => fetch('/bytes', {method: 'POST', body: Uint8Array.from({length: 56}, (_, i) => 200 + i)}).then(r => r.json())"
        assert page.evaluate(bytes_) == "taken"
        assert page.evaluate("() => fetch('/packed').then(r => r.text())") == "gepackt é"
        size = "() => fetch('/lamp.png').then(r => r.blob()).then(createImageBitmap).then(b => [b.width, b.height])"
        assert page.evaluate(size) == [1, 1]
        browser.close()


def test_filters_and_help(cassette):
    assert len(har_of(cassette, EXAMPLES / "govcr-tool-calls.yaml#1")["log"]["entries"]) == 1
    assert "har" in cassette("export").out


def test_what_the_assistant_said_in_pieces_is_one_message(cassette, write):
    items = [
        {"role": "user", "content": "Tide and wind?"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Two tools."}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
        {"type": "function_call", "call_id": "c1", "name": "tide", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "wind", "arguments": '{"at": 1}'},
        {"type": "function_call_output", "call_id": "c1", "output": "2 m"},
        {"type": "function_call_output", "call_id": "c2", "output": "4 kn"},
    ]
    said = {
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "Calm."}],
    }
    answer = {"object": "response", "id": "resp_1", "model": "m", "status": "completed", "output": [said]}
    path = write("a.json", vcrpy({
        "url": "https://api.openai.com/v1/responses", "method": "POST", "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"model": "m", "instructions": "Be brief.", "input": items}), "answer": {"string": json.dumps(answer)},
    }))  # fmt: skip
    (line,) = lines_of(cassette, path)
    assert [one["role"] for one in line["messages"]] == ["system", "user", "assistant", "tool", "tool", "assistant"]
    pieces = line["messages"][2]
    assert (pieces["content"], pieces["reasoning_content"]) == ("I look.", "Two tools.")
    assert [call["id"] for call in pieces["tool_calls"]] == ["c1", "c2"]


@pytest.mark.parametrize("index", [0, 1])
def test_why_reads_the_command(cassette, index):
    path = EXAMPLES / "govcr-tool-calls.yaml"
    script = cassette("export", "curl", f"{path}#{index}").out
    found = cassette("why", path, "-", "--match", "method,uri,body", stdin=script.encode())
    assert found.out.startswith(f"{path}#{index} matches POST")


@pytest.mark.parametrize("secret", [TOKEN, "AKIA" + "QWERTYUIOPASDFGH"])
def test_a_secret_in_a_binary_body_is_overwritten_and_told(cassette, write, secret):
    body = b"\0\1\xff" + b"\x0a\x28" + secret.encode() + b"\0\xfe\xfd" * 9
    path = write("a.json", vcrpy({"url": "https://a.example/", "method": "POST", "body": body,
                                  "headers": {"Content-Type": "application/x-protobuf"}}))  # fmt: skip
    result = cassette("export", "curl", path)
    assert result.code == 1
    assert "its body is binary and holds a secret" in result.err
    assert "# its body is binary and holds a secret" in result.out
    sent = base64.b64decode(result.out.split("'END' |\n")[1].split("END")[0])
    assert len(sent) == len(body)
    assert secret.encode() not in sent
    assert sent.startswith(body[:5])
    assert sent.endswith(body[-20:])
