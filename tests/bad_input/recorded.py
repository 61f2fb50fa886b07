"""Recordings to spoil: one of go-vcr, one of VCR.py, one HAR, a stream, and bodies under layers."""

import base64
import gzip
import json
import struct
import zlib
from typing import Any

from commands.conftest import govcr, interaction, literal

GOOD = govcr(interaction("'{\"ok\":true}'"))


def data(*lines: str) -> list[str]:
    """Return the lines of SSE frames with this data."""
    return [line for one in lines for line in (f"data: {one}", "")]


def delta(content: str = "", **more: Any) -> str:
    """Return an OpenAI chat chunk."""
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    return json.dumps({"object": "chat.completion.chunk", "model": "example-1", "choices": [choice], **more})


CHAT = "https://api.example.com/v1/chat/completions"
ASKED = """'{"model":"example-1","stream":true,"messages":[{"role":"user","content":"Hi"}]}'"""


def stream(*frames: str, tail: str = "") -> str:
    """Return a go-vcr cassette of a streamed chat answer whose frames have this data."""
    lines = [*data(*frames), tail] if tail else [*data(*frames), ""]
    return govcr(
        interaction(literal(lines), url=CHAT, method="POST", request_body=ASKED, content_type="text/event-stream")
    )


def vcrpy(
    *,
    uri: str = "http://a.example/",
    method: str = "GET",
    request_headers: str = "{}",
    request_body: str = "null",
    headers: str = "{Content-Type: [application/json]}",
    body: str = "{string: '{}'}",
    status: str = "{code: 200, message: OK}",
    more: str = "",
) -> str:
    """Return a VCR.py cassette of one interaction; every part is YAML in one line."""
    return f"""interactions:
- request:
    body: {request_body}
    headers: {request_headers}
    method: {method}
    uri: {uri}
  response:
    body: {body}
    headers: {headers}
    status: {status}
{more}version: 1
"""


def binary(raw: bytes, *, coding: str = "", kind: str = "application/json") -> str:
    """Return a VCR.py cassette whose response body is these bytes, under a Content-Encoding."""
    line = f"{{Content-Type: [{kind}]" + (f", Content-Encoding: [{coding}]}}" if coding else "}")
    return vcrpy(headers=line, body=f"{{string: !!binary {base64.b64encode(raw).decode() or repr('')}}}")


def har(**entry: Any) -> str:
    """Return a HAR of one entry with these parts changed."""
    request = {"method": "GET", "url": "http://a.example/", "headers": [], "bodySize": 0}
    response = {
        "status": 200,
        "statusText": "OK",
        "headers": [],
        "content": {"size": 2, "mimeType": "text/plain", "text": "hi"},
    }
    whole = {"request": request, "response": response, "time": 1.5, "startedDateTime": "2026-01-01T00:00:00Z"}
    for key, value in entry.items():
        side, _, name = key.partition("_")
        if name:
            whole[side] = {**whole[side], name: value}  # type: ignore[dict-item]
        else:
            whole[key] = value
    return json.dumps({"log": {"version": "1.2", "entries": [whole]}})


def event(payload: bytes, *, prelude_crc: int = 0, crc: int = 0, total: int = 0) -> bytes:
    """Return a message of an AWS event stream; what is not 0 is added to its checksums and its length."""
    name = b"\x0b:event-type\x07\x00\x11contentBlockDelta\x0d:message-type\x07\x00\x05event"
    head = struct.pack(">II", 16 + len(name) + len(payload) + total, len(name))
    head += struct.pack(">I", (zlib.crc32(head) + prelude_crc) & 0xFFFFFFFF)
    whole = head + name + payload
    return whole + struct.pack(">I", (zlib.crc32(whole) + crc) & 0xFFFFFFFF)


def bedrock(*messages: bytes) -> str:
    """Return a VCR.py cassette of a Bedrock answer."""
    uri = "https://bedrock-runtime.us-east-1.amazonaws.com/model/example/converse-stream"
    raw = base64.b64encode(b"".join(messages)).decode()
    return vcrpy(
        uri=uri,
        method="POST",
        headers="{Content-Type: [application/vnd.amazon.eventstream]}",
        body=f"{{string: !!binary {raw}}}",
    )


def nested_base64(depth: int) -> str:
    """Return text in base64, in base64, and so on."""
    raw = b"the innermost"
    for _ in range(depth):
        raw = base64.b64encode(raw)
    return raw.decode()


def gzip_bomb(mebibytes: int) -> bytes:
    """Return zeros compressed to a thousandth."""
    return gzip.compress(bytes(mebibytes << 20), 9, mtime=0)


ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
"""9 ** 40 items, should anyone count them."""
