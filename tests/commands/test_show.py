"""`cassette show`: both sides decoded, streams as frames or as conversation, the JSON contract."""

import base64
import gzip
import json
import re

import pytest

from cassette_cli.__main__ import main
from commands.conftest import govcr, interaction, literal

ANSWER = "The lamp turns, and the dark “moves over”; ships nod 🚢."


def test_reassemble_gives_the_conversation(cassette, examples):
    result = cassette("show", "-r", examples / "govcr-streamed-chat.yaml")
    assert result.code == 0
    lines = result.out.splitlines()
    for wanted in (
        "── system", "You answer in one line.", "── user", "Describe a lighthouse at night.", "── assistant",
        "The user wants a lighthouse in one line. Keep it short.", ANSWER,
        "finish stop · usage 31 in → 17 out (29 reasoning) · 73 frames (40 empty)",
    ):  # fmt: skip
        assert wanted in lines


def test_reassemble_shows_tools_offered_calls_and_results(cassette, examples):
    out = cassette("show", "--reassemble", examples / "govcr-tool-calls.yaml").out
    assert "tide_table(harbour, day)  Look up high and low water for a harbour." in out
    assert 'tool call tide_table  call_example_a\n{\n  "harbour": "Port Example",\n  "day": "Monday"\n}\n' in out
    assert "tool result call_example_b\nno data for Sample Bay\n" in out


def test_the_json_contract(cassette, examples):
    result = cassette("show", "--json", "-r", examples / "govcr-tool-calls.yaml")
    document = json.loads(result.out)
    assert list(document) == ["path", "format", "interactions"]
    first, second = document["interactions"]
    assert list(first) == ["index", "recorded_at", "request", "response"]
    assert list(first["request"]) == [
        "method", "url", "http_version", "headers", "layers", "notes", "messages", "tools", "parameters",
    ]  # fmt: skip
    assert first["request"]["headers"][0] == ["Accept", "application/json"]
    assert list(first["response"]) == [
        "status", "reason", "http_version", "headers", "protocol", "framing", "frames", "empty_frames", "duration_ms",
        "layers", "notes", "message",
    ]  # fmt: skip
    message = first["response"]["message"]
    assert list(message) == ["model", "choices", "usage", "complete", "errors", "notes"]
    (choice,) = message["choices"]
    assert list(choice)[:7] == ["index", "role", "text", "reasoning", "refusal", "tool_calls", "finish_reason"]
    assert choice["tool_calls"] == [
        {"id": "call_example_a", "name": "tide_table", "arguments": '{"harbour": "Port Example", "day": "Monday"}'},
        {"id": "call_example_b", "name": "tide_table", "arguments": '{"harbour": "Sample Bay"}'},
    ]
    assert (choice["text"], choice["reasoning"], choice["finish_reason"]) == ("", None, "tool_calls")
    assert message["usage"] == {"prompt_tokens": 84, "completion_tokens": 41, "total_tokens": 125}
    assert message["complete"] is True
    assert second["response"]["framing"] is None
    assert second["response"]["message"]["choices"][0]["text"].startswith("Port Example has high water")


def test_bodies_and_messages_are_left_out_unless_asked_for(cassette, examples):
    path = examples / "govcr-tool-calls.yaml"
    plain = json.loads(cassette("show", "--json", path).out)["interactions"][1]
    assert "body" not in plain["request"]
    assert plain["response"]["message"] is None
    full = json.loads(cassette("show", "--json", "--bodies", path).out)["interactions"][1]
    assert json.loads(full["request"]["body"])["model"] == "example-small-2"
    assert json.loads(full["response"]["body"])["object"] == "chat.completion"


def test_many_files_are_json_lines(cassette, examples):
    result = cassette("show", "--json", examples / "govcr-streamed-chat.yaml", examples / "govcr-tool-calls.yaml")
    assert [len(json.loads(line)["interactions"]) for line in result.out.splitlines()] == [1, 2]


def test_a_stream_is_a_table_of_frames(cassette, examples):
    lines = cassette("show", examples / "govcr-streamed-chat.yaml").out.splitlines()
    assert any(line.startswith("73 frames, 40 empty; the same in all: ") for line in lines)
    assert ' 0  delta.reasoning_content="The" delta.role="assistant"' in lines
    assert ' 1  delta.reasoning_content=" user"' in lines
    assert "13  (empty) delta={}" in [line.replace('delta.reasoning_content=""', "delta={}") for line in lines]
    assert "72  [DONE]" in lines


@pytest.mark.parametrize(("option", "there", "gone"), [
    ("--request", "── request", "── response"),
    ("--response", "── response", "── request"),
])  # fmt: skip
def test_one_side_only(cassette, examples, option, there, gone):
    out = cassette("show", option, examples / "govcr-tool-calls.yaml").out
    assert there in out
    assert gone not in out


def test_headers_are_shown_when_asked_for(cassette, examples):
    path = examples / "govcr-tool-calls.yaml"
    assert "Authorization: Bearer REDACTED" in cassette("show", "--headers", path).out
    assert "Authorization" not in cassette("show", path).out


def test_raw_writes_the_body_byte_for_byte(cassette, write):
    lines = ['data: {"x": "é\\u0000"}', "", "data: [DONE]", "", ""]
    path = write("a.yaml", govcr(interaction(literal(lines), content_type="text/event-stream", request_body="'q'")))
    assert cassette("show", "--raw", path).out == "\n".join(lines) + "\n"
    assert cassette("show", "--raw", "--request", path).out == "q"


def test_json_bodies_are_pretty(cassette, write):
    path = write("a.yaml", govcr(interaction('\'{"a":[1,2],"b":"ü"}\'')))
    assert '{\n  "a": [\n    1,\n    2\n  ],\n  "b": "ü"\n}\n' in cassette("show", path).out


def test_recorded_text_is_inert(cassette, write):
    body = '"\\e]0;owned\\a [bold]x[/bold] \\u202e \\x9b31m"'
    path = write("a.yaml", govcr(interaction(body, content_type="text/plain")))
    out = cassette("show", path).out
    assert "\\x1b]0;owned\\x07 [bold]x[/bold] \\u202e \\x9b31m" in out
    assert not set(out) & {"\x1b", "\x07", "\u202e", "\x9b"}


def test_colour_can_be_forced_and_is_off_in_a_pipe(cassette, examples):
    path = examples / "govcr-streamed-chat.yaml"
    assert "\x1b[" not in cassette("show", "-r", path).out
    assert "\x1b[" in cassette("show", "-r", "--color", "always", path).out


def test_a_cut_stream_says_so(cassette, write):
    frame = 'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hal"}}]}'
    path = write("a.yaml", govcr(interaction(literal([frame, "", 'data: {"object":"chat.compl']))))
    out = cassette("show", "-r", path).out
    assert "Hal" in out
    assert "the answer is not complete" in out
    assert "note: the stream ends inside a frame" in out


def test_no_response_is_said(cassette, write):
    path = write("a.yaml", "version: 2\ninteractions:\n  - request: {url: 'http://x.example/', method: GET}\n")
    assert "no response: no response was recorded" in cassette("show", path).out
    assert json.loads(cassette("show", "--json", path).out)["interactions"][0]["response"] is None


def test_a_forced_protocol_is_strict(cassette, write, examples):
    path = write("a.yaml", govcr(interaction(literal(["data: hello", "", ""]), content_type="text/event-stream")))
    assert cassette("show", "-r", path).code == 0
    result = cassette("show", "-r", "--protocol", "openai-chat", path)
    assert result.code == 2
    assert "interaction 0 is not an answer of openai-chat" in result.err
    assert cassette("show", "-r", "--protocol", "openai-chat", examples / "govcr-tool-calls.yaml").code == 0
    assert cassette("show", "-r", "--protocol", "no-such", path).code == 2


def test_parsed_bodies_are_values_where_nothing_is_lost(cassette, write):
    path = write("a.yaml", govcr(
        interaction("'{\"a\": [1, 2.5]}'", request_body='"{\\"base64\\": \\"x\\"}"', method="POST"),
        interaction("'{\"a\": 1e999}'", request_body='"plain"'),
        interaction("!!binary iVBORw0KGgo=", content_type="image/png"),
    ))  # fmt: skip
    found = json.loads(cassette("show", "--json", "--parsed-bodies", path).out)["interactions"]
    told = [[(side["body"], side["parsed"]) for side in (one["request"], one["response"])] for one in found]
    assert told[0] == [({"base64": "x"}, True), ({"a": [1, 2.5]}, True)]
    assert told[1] == [("plain", False), ('{"a": 1e999}', False)]
    assert told[2][1] == ({"base64": "iVBORw0KGgo="}, False)
    assert "parsed" not in json.loads(cassette("show", "--json", "--bodies", path).out)["interactions"][0]["request"]
    assert cassette("show", "--parsed-bodies", path).code == 2


def test_what_a_recorder_tells_of_a_request_and_a_response_is_in_the_json(cassette, write):
    path = write("a.yml", """http_interactions:
- request: {method: post, uri: "https://a.example/", headers: {}, body: {encoding: UTF-8, string: ""}}
  response:
    status: {code: 201, message: Made}
    headers: {Content-Encoding: [gzip]}
    body: {encoding: ASCII-8BIT, base64_string: H4sIAAAAAAACA0vLzwcAIWVzjAMAAAA=}
    http_version: '1.1'
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 6.0.0
""")  # fmt: skip
    (one,) = json.loads(cassette("show", "--json", path).out)["interactions"]
    response = one["response"]
    assert one["recorded_at"] == "Tue, 01 Nov 2011 04:58:44 GMT"
    assert (response["status"], response["reason"], response["http_version"]) == (201, "Made", "HTTP/1.1")
    assert response["layers"][:2] == ["base64", "gzip"]


def recorded(data, headers=None):
    """Return a cassette of VCR.py with these bytes in its response, and in its request."""
    body = {"base64_string": base64.b64encode(data).decode()}
    headers = {name: [value] for name, value in (headers or {}).items()}
    request = {"method": "POST", "uri": "https://a.example/", "headers": headers, "body": body}
    response = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": body}
    return json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]})


PACKED = gzip.compress(json.dumps({"words": list(range(900))}).encode(), mtime=0)


@pytest.mark.parametrize(("data", "coding", "told"), [
    (PACKED[:-30], "gzip", "cut short"),
    (PACKED[:20] + bytes(20) + PACKED[40:], "gzip", "damaged"),
    (bytes(range(256)), "foo", "'foo' is no content coding known here"),
])  # fmt: skip
def test_raw_says_what_it_could_not_decode(write, capfdbinary, data, coding, told):
    path = write("a.json", recorded(data, {"Content-Encoding": coding}))
    for option, side in (("--response", "response"), ("--request", "request")):
        assert main(["show", "--raw", option, str(path)]) == 2
        result = capfdbinary.readouterr()
        assert result.out
        assert result.out == data or coding == "gzip"
        assert re.search(
            rf"a\.json: the {side} body of interaction 0 was not decoded whole: .*{told}", result.err.decode()
        )
    assert main(["show", "--raw", str(write("b.json", recorded(PACKED, {"Content-Encoding": "gzip"})))]) == 0
    assert capfdbinary.readouterr().err == b""


def test_what_is_not_text_in_utf_8_is_base64_in_the_json(cassette, write):
    def shown(data, kind):
        out = cassette("show", "--json", "--bodies", write("a.json", recorded(data, {"Content-Type": kind}))).out
        response = json.loads(out)["interactions"][0]["response"]
        return response["body"], response["notes"]

    form = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n' + bytes(range(256)) + b"\r\n--b--\r\n"
    assert shown(form, "multipart/form-data; boundary=b") == ({"base64": base64.b64encode(form).decode()}, [])
    assert shown(b"caf\xe9", "text/plain") == ({"base64": "Y2Fm6Q=="}, [])
    assert shown(b"caf\xe9", "text/plain; charset=latin-1") == ("caf\u00e9", [])
    text = form.replace(bytes(range(256)), b"one")
    assert shown(text, "multipart/form-data; boundary=b") == (text.decode(), [])


def test_a_multipart_body_has_no_charset_to_tell_of(cassette, write, tmp_path):
    form = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n\xff\xfe\r\n--b--\r\n'
    path = write("a.json", recorded(form, {"Content-Type": "multipart/form-data; boundary=b"}))
    page = tmp_path / "page.html"
    assert cassette("html", "-o", page, path).code == 0
    for text in (cassette("show", path).out, cassette("show", "--json", path).out, page.read_text("utf-8")):
        assert "shown as Latin-1" not in text
    assert (
        "shown as Latin-1"
        in cassette("show", write("b.json", recorded(b"caf\xe9", {"Content-Type": "text/plain"}))).out
    )


def test_masks_leave_sizes_as_they_were_recorded(cassette, write, tmp_path):
    body = json.dumps({"password": "open-sesame-" + "9f3" * 30}).encode()
    path = write("a.json", recorded(body, {"Content-Type": "application/json"}))
    masked = cassette("show", "--mask", path).out
    assert "open-sesame" not in masked
    heading = f"{len(body)} B"
    assert masked.count(heading) == cassette("show", path).out.count(heading) == 2
    page = tmp_path / "page.html"
    assert cassette("html", "-o", page, path).code == 0
    assert page.read_text("utf-8").count(heading) == 2
    assert f",{len(body)}," in page.read_text("utf-8")
