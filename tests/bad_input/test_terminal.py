"""Recorded text that would command a terminal, or pass for markup, prints inert: from every field, by every verb."""

import html
import json
import re

import pytest

from bad_input.recorded import CHAT, bedrock, binary, delta, event, har, stream, vcrpy
from commands.conftest import govcr, interaction, literal

TITLE, CLEAR, CSI, BELL, BACK, DELETE, TURN = "\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\x07", "\x08", "\x7f", "\u202e"
MARKUP = "[red]zqx[/red]"
HOSTILE = f"{TITLE}{CLEAR}{CSI}{BACK}{DELETE}{TURN}{MARKUP}[link=http://x.example/]<script>alert(1)</script>"
RED = "\x1b[31mred\x1b[0m"
TEXT = json.dumps(HOSTILE + RED)  # a double-quoted scalar of YAML, too
INNER = json.dumps(HOSTILE + RED)[1:-1]
RAW = f"{CSI}{DELETE}{TURN}{MARKUP}"  # what JSON lets stand in a file as it is

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
STYLES = re.compile(r"\x1b\[[0-9;]*m")


def in_delta(**fields):
    choice = {"index": 0, "delta": {"role": "assistant", "content": "a"}, "finish_reason": None}
    chunk = {"object": "chat.completion.chunk", "model": "m", "choices": [choice]}
    for name, value in fields.items():
        (chunk if name in chunk or name in ("usage", "error") else choice if name in choice else choice["delta"])[
            name
        ] = value
    return stream(json.dumps(chunk), delta(""), "[DONE]")


def asked(**request):
    body = json.dumps(json.dumps({"model": "m", "messages": [], **request}))
    frames = literal([f"data: {delta('a')}", "", "data: [DONE]", "", ""])
    return govcr(interaction(frames, url=CHAT, method="POST", request_body=body, content_type="text/event-stream"))


def sse(*lines):
    return govcr(interaction(json.dumps("\n".join(lines) + "\n\n"), content_type="text/event-stream"))


CALL = {
    "index": 0,
    "id": HOSTILE,
    "type": "function",
    "function": {"name": HOSTILE, "arguments": json.dumps({HOSTILE: HOSTILE})},
}


def typed(kind, body):
    """Return a cassette of a request and a response with a body of a type."""
    headers, text = f"{{Content-Type: ['{kind}']}}", json.dumps(body)
    return vcrpy(method="POST", request_headers=headers, request_body=text, headers=headers, body=f"{{string: {text}}}")


PART = f'--b\r\nContent-Disposition: form-data; name="{HOSTILE}"; filename="{HOSTILE}"\r\nX-A: {HOSTILE}\r\n\r\n{HOSTILE}\r\n'

FIELDS = {
    "multipart": typed("multipart/form-data; boundary=b", f"{PART}{PART}--b--"),
    "graphql": typed("application/json", json.dumps({"query": f"{{ a(b: {json.dumps(HOSTILE)}) }}", "variables": {HOSTILE: HOSTILE}})),
    "graphql as it is": typed("application/graphql", f"{{ a }} # {HOSTILE}\n{{ b }}"),
    "xml": typed("text/xml", f"<a b='{HOSTILE.replace(chr(39), '')}'><!--{HOSTILE}--><c>{HOSTILE.replace('<', '')}</c></a>"),
    "method": vcrpy(method=TEXT),
    "host": vcrpy(uri=json.dumps(f"http://a{HOSTILE}.example/")),
    "path": vcrpy(uri=json.dumps(f"http://a.example/{HOSTILE}{RED}")),
    "query": vcrpy(uri=json.dumps(f"http://a.example/?q={HOSTILE}#{RED}")),
    "user": vcrpy(uri=json.dumps(f"http://{HOSTILE}:x@a.example/")),
    "header name": vcrpy(headers=f"{{{TEXT}: [x]}}", request_headers=f"{{{TEXT}: [x]}}"),
    "header value": vcrpy(headers=f"{{a: [{TEXT}]}}", request_headers=f"{{a: [{TEXT}]}}"),
    "content type": vcrpy(headers=f"{{Content-Type: [{TEXT}]}}", body=f"{{string: {TEXT}}}"),
    "content type of binary": binary(b"\0\1\2", kind=f'"{INNER}"'),
    "content coding": vcrpy(headers=f"{{Content-Encoding: [{TEXT}]}}", body="{string: x}"),
    "charset": vcrpy(headers='{Content-Type: ["text/plain; charset=' + INNER + '"]}', body='{string: "\\xe9"}'),
    "encoding": vcrpy(body=f"{{encoding: {TEXT}, string: !!binary /w==}}"),
    "boundary": vcrpy(headers='{Content-Type: ["multipart/form-data; boundary=' + INNER + '"]}', body=f"{{string: {TEXT}}}"),
    "reason": vcrpy(status=f"{{code: 500, message: {TEXT}}}"),
    "status": vcrpy(status=TEXT),
    "version": vcrpy().replace("version: 1", f"version: {TEXT}"),
    "unknown field": vcrpy(more=f"{TEXT}: {TEXT}\n"),
    "text": vcrpy(request_body=TEXT, body=f"{{string: {TEXT}}}"),
    "text in lines": vcrpy(body='{string: "a\\r' + INNER + '\\nb\\tc\\r\\n"}'),
    "JSON": vcrpy(request_body=json.dumps(json.dumps({HOSTILE: [HOSTILE]})), body=f"{{string: {json.dumps(json.dumps({HOSTILE: HOSTILE}))}}}"),
    "parsed": vcrpy(body=f"{{string: {{{TEXT}: [{TEXT}]}}}}"),
    "form": vcrpy(method="POST", request_headers="{Content-Type: [application/x-www-form-urlencoded]}", request_body=json.dumps(f"a={HOSTILE}&b=%1b%5b2J")),
    "event name": sse(f"event: {HOSTILE}", 'data: {"a": 1}'),
    "event field": sse(f"{HOSTILE}: x", f"id: {HOSTILE}", 'data: {"a": 1}'),
    "comment": sse(f": {HOSTILE}", 'data: {"a": 1}'),
    "data": sse(f"data: {HOSTILE}"),
    "unknown stream": sse(f"data: {json.dumps({HOSTILE: HOSTILE})}"),
    "ndjson": govcr(interaction(json.dumps(json.dumps({"model": HOSTILE, "response": HOSTILE, "done": False}) + "\n" + json.dumps({"done": True}) + "\n"), content_type="application/x-ndjson")),
    "answer": in_delta(content=HOSTILE),
    "reasoning": in_delta(reasoning_content=HOSTILE),
    "refusal": in_delta(refusal=HOSTILE),
    "role": in_delta(role=HOSTILE),
    "model": in_delta(model=HOSTILE),
    "finish reason": in_delta(finish_reason=HOSTILE),
    "tool call": in_delta(tool_calls=[CALL]),
    "usage": in_delta(usage={"prompt_tokens": HOSTILE, HOSTILE: 1}),
    "error in a stream": in_delta(error={"message": HOSTILE, "type": HOSTILE, "code": HOSTILE}),
    "error": govcr(interaction(json.dumps(json.dumps({"error": {"message": HOSTILE, "type": HOSTILE}})), url=CHAT, method="POST", code=401)),
    "asked": asked(messages=[{"role": HOSTILE, "content": HOSTILE}, {"role": "tool", "tool_call_id": HOSTILE, "content": HOSTILE}]),
    "asked model": asked(model=HOSTILE, temperature=HOSTILE, **{HOSTILE: HOSTILE}),
    "tools": asked(tools=[{"type": "function", "function": {"name": HOSTILE, "description": HOSTILE, "parameters": {"properties": {HOSTILE: {}}}}}]),
    "image": asked(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": HOSTILE}}, {"type": HOSTILE, HOSTILE: HOSTILE}]}]),
    "aws event": bedrock(event(json.dumps({"delta": {"text": HOSTILE}, "contentBlockIndex": 0}).encode())),
    "har error": har(response_status=0, response__error=HOSTILE + RED),
    "har text": har(response_statusText=HOSTILE, response_content={"mimeType": HOSTILE, "encoding": HOSTILE, "text": HOSTILE}),
    "har time": har(startedDateTime=HOSTILE, time=HOSTILE),
    "raw in JSON": har(request_url=f"http://a.example/{RAW}", response_content={"text": RAW}).encode().decode("unicode_escape").encode("latin-1", "backslashreplace").decode("latin-1"),
    "not HTTP": f"interactions:\n- kind: {TEXT}\n  direction: send\n  data: {TEXT}\n",
    "bad YAML": f"a: *{'x'}\n{TEXT}: [\n",
    "no cassette": f"{TEXT}: {TEXT}\n",
    "a secret": vcrpy(request_headers='{Authorization: ["Bearer ' + "sk-" + "a1b2C3d4" * 5 + INNER + '"]}', uri=json.dumps(f"http://a.example/?api_key={'Zk9' * 9}{HOSTILE}")),
}  # fmt: skip

VERBS = [
    ["ls"], ["ls", "--long"], ["ls", "--summary"], ["ls", "--sort", "size"], ["show"], ["show", "--headers"], ["show", "-r", "--headers"],
    ["textconv"], ["check"], ["redact", "--check"], ["redact", "--diff"], ["trim", "--check", "--all", "--coalesce"], ["trim", "--diff", "--all"],
    ["set", "status=404", "header:x-a=1", "--check"], ["decode", "--pretty", "--check"], ["rm", "--status", "2xx", "--check"],
    ["edit", "--message", "--with", "cat", "--check"], ["export", "har"], ["export", "curl"], ["export", "curl", "--reveal"],
]  # fmt: skip
JSON_VERBS = [
    ["ls", "--json"], ["ls", "--summary", "--json"], ["show", "--json", "--bodies", "-r"], ["check", "--format", "json"],
    ["redact", "--check", "--json"], ["trim", "--check", "--all", "--json"], ["show", "--json", "--parsed-bodies", "-r"],
    ["check", "--json"], ["export", "messages"], ["export", "messages", "--reveal"],
]  # fmt: skip


@pytest.fixture
def files(write, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return [
        write(f"{number:02}.{'har' if text[0] == '{' else 'yaml'}", text) for number, text in enumerate(FIELDS.values())
    ]


def leaks(*texts):
    """Return the lines in which a control character got through, or markup was taken for markup."""
    found = []
    for text in texts:
        for line in text.split("\n"):
            folded = line.lower()  # methods and header names are
            if CONTROL.search(line) or folded.count("zqx") != folded.count("[red]zqx"):
                found.append(line)
    return found


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_what_is_printed_is_inert(cassette, files, verb):
    for given in [[file] for file in files] if verb[0] == "textconv" else [files]:
        result = cassette(*verb, *given)
        assert leaks(result.out, result.err) == []


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb[0] != "textconv"], ids=" ".join)
def test_what_is_coloured_has_no_colours_but_ours(cassette, files, verb):
    result = cassette(*verb, "--color", "always", *files)
    assert leaks(STYLES.sub("", result.out), STYLES.sub("", result.err)) == []


@pytest.mark.parametrize("verb", JSON_VERBS, ids=" ".join)
def test_json_holds_the_text_and_is_inert(cassette, files, verb):
    result = cassette(*verb, *files)
    assert leaks(result.out) == []
    assert result.out
    for line in result.out.splitlines():
        json.loads(line, parse_constant=pytest.fail)
    if verb[0] == "show":
        result = cassette(*verb, files[list(FIELDS).index("answer")])
        message = json.loads(result.out)["interactions"][0]["response"]["message"]
        assert message["choices"][0]["text"] == HOSTILE


DIFFERENCES = [
    [], ["--all"], ["--events"], ["--word-diff"], ["--stat"], ["--summary"], ["--name-only"], ["--json"], ["--format", "markdown"], ["--format", "html"],
]  # fmt: skip


@pytest.mark.parametrize("options", DIFFERENCES, ids=" ".join)
def test_differences_are_inert(cassette, files, write, tmp_path, options):
    for file in files:
        write(f"old/{file.name}", file.read_bytes())
        write(f"new/{file.name}", in_delta(content="b"))
    for pair in (("old", "new"), ("new", "old")):
        result = cassette("diff", *options, *pair)
        assert leaks(html.unescape(result.out) if "markdown" in options else result.out, result.err) == []
        assert "zqx" in result.out or options in (["--stat"], ["--summary"], ["--name-only"])
        assert "<script>alert" not in result.out or "html" not in options
        coloured = cassette("diff", *options, "--color", "always", *pair)
        out = html.unescape(coloured.out) if "markdown" in options else coloured.out
        assert leaks(STYLES.sub("", out), STYLES.sub("", coloured.err)) == []


@pytest.mark.parametrize("verb", [*VERBS, *JSON_VERBS], ids=" ".join)
def test_names_of_files_are_inert(cassette, write, tmp_path, verb):
    name = f"{CLEAR}{CSI}{MARKUP}\t\n.yaml"
    for content in (in_delta(content="a"), "a: [\n", "a: 1\n"):
        result = cassette(*verb, write(name, content))
        assert leaks(result.out + result.err) == []
        assert len(result.err.splitlines()) <= 4
    assert leaks(cassette(*verb, tmp_path).out) == []


def test_what_the_command_line_says_is_inert(cassette):
    for args in (
        [HOSTILE],
        ["ls", HOSTILE],
        ["ls", f"--{HOSTILE}"],
        ["ls", "--color", HOSTILE, "x"],
        ["ls", "-i", HOSTILE, "x"],
    ):
        result = cassette(*args)
        assert result.code == 2
        assert leaks(result.out + result.err) == []
