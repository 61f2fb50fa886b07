"""A second reading of cassettes, for tests only: PyYAML and json, and not a line of the package.

What `cassette` reads, edits and rebuilds is compared with what this module says. It is short
because it keeps no positions: a file goes in, plain requests and responses with fully decoded
bodies come out. Tags construct nothing: `!!binary` and Ruby's `!binary` are bytes, and every
other tag is passed over.
"""

import base64
import binascii
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

try:
    import brotli
except ImportError:  # pragma: no cover
    brotli = None
try:
    import zstandard
except ImportError:  # pragma: no cover
    zstandard = None

Headers = list[tuple[str, str]]


@dataclass
class Recorded:
    """One recorded request and its response; bodies are what the program saw, after every decoding."""

    method: str
    url: str
    request_headers: Headers
    request_body: bytes | None
    status: int | None
    response_headers: Headers
    response_body: bytes


class _Inert(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A safe loader to which every unknown tag is nothing but its plain value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        self.flatten_mapping(node)
        pairs = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            while isinstance(key, list | tuple) and len(key) == 1:  # `istr` keys: a call with one argument.
                key = key[0]
            key = key if isinstance(key, str | int | float | bool | bytes | None) else repr(key)
            pairs[key] = self.construct_object(value_node, deep=True)
        return pairs

    def construct_yaml_map(self, node: yaml.MappingNode) -> Iterator[dict[Any, Any]]:
        data: dict[Any, Any] = {}
        yield data
        data.update(self.construct_mapping(node))

    def plain(self, tag: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_sequence(node, deep=True)
        return binary(node.value) if tag == "!binary" else self.construct_scalar(node)


def binary(text: str) -> bytes:
    """Decode base64 leniently: no padding, blanks anywhere."""
    text = "".join(text.split())
    return base64.b64decode(text + "=" * (-len(text) % 4))


_Inert.add_constructor("tag:yaml.org,2002:map", _Inert.construct_yaml_map)
_Inert.add_constructor("tag:yaml.org,2002:binary", lambda loader, node: binary(node.value))
_Inert.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)
_Inert.add_multi_constructor("", _Inert.plain)


def parse(data: bytes) -> list[Any]:
    """Parse every document of a JSON or YAML file."""
    text = data.decode("utf-8-sig")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return [json.loads(text)]
        except ValueError:
            pass
    return [doc for doc in yaml.load_all(text, _Inert) if doc is not None]


def read(path: Path) -> bytes:
    """Read a file, through the compression that its name tells."""
    data = path.read_bytes()
    unpack: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress}
    if brotli is not None:
        unpack[".br"] = brotli.decompress
    if zstandard is not None:
        unpack[".zst"] = lambda b: zstandard.ZstdDecompressor().stream_reader(b).read()
    return unpack[path.suffix](data) if path.suffix in unpack else data


def interactions(path: Path | str) -> list[Recorded]:
    """Read every HTTP interaction of a cassette, in the order in which they stand; [] for anything else."""
    return [recorded for doc in parse(read(Path(path))) for recorded in _document(doc)]


def _document(doc: Any) -> Iterator[Recorded]:
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(doc, list):
        pairs = [(item.get("request"), item.get("response")) for item in doc if isinstance(item, dict)]
    elif isinstance(doc, dict) and isinstance(doc.get("log"), dict):
        for entry in doc["log"].get("entries") or []:
            yield _har(entry)
    elif isinstance(doc, dict) and isinstance(doc.get("requests"), list):
        pairs = zip(doc["requests"], doc.get("responses") or [], strict=False)
    elif isinstance(doc, dict) and isinstance(doc.get("request"), dict):
        pairs = [(doc["request"], doc.get("response"))]
    elif isinstance(doc, dict):
        items = doc.get("interactions") or doc.get("http_interactions") or []
        pairs = [(item.get("request"), item.get("response")) for item in items if isinstance(item, dict)]
    for request, response in pairs:
        if isinstance(request, dict):
            yield _recorded(request, response if isinstance(response, dict) else {})


def _recorded(request: dict[str, Any], response: dict[str, Any]) -> Recorded:
    sent, got = _headers(request.get("headers")), _headers(response.get("headers"))
    url = str(request.get("uri") or request.get("url") or "")
    if not url and "path" in request:  # vcrpy 0.x pickled the Request object's own fields.
        url = f"{request.get('protocol')}://{request.get('host')}{request['path']}"
    status = response.get("status_code", response.get("code", response.get("status")))
    if isinstance(status, dict):
        status = status.get("code")
    code = re.match(r"\d+", str(status))
    return Recorded(
        method=str(request.get("method") or "GET").lstrip(":").upper(),
        url=url,
        request_headers=sent,
        request_body=_body(request, sent),
        status=int(code[0]) if code else None,
        response_headers=got,
        response_body=_body(response, got) or b"",
    )


def _har(entry: dict[str, Any]) -> Recorded:
    request, response = entry.get("request") or {}, entry.get("response") or {}
    sent, got = _headers(request.get("headers")), _headers(response.get("headers"))
    posted, content = request.get("postData") or {}, response.get("content") or {}
    text = content.get("text") or ""
    if text.startswith('["') and _first(got, "content-encoding"):  # Polly.js keeps the packed chunks in a list.
        chunks = json.loads(text)
        raw = b"".join(binary(c) if content.get("encoding") == "base64" else bytes.fromhex(c) for c in chunks)
    else:
        raw = binary(text) if content.get("encoding") == "base64" else _bytes(text)
    sent_text = posted.get("text")
    return Recorded(
        method=str(request.get("method") or "GET").upper(),
        url=str(request.get("url") or ""),
        request_headers=sent,
        request_body=None if sent_text is None else unpacked(_bytes(sent_text), sent),
        status=response.get("status"),
        response_headers=got,
        response_body=unpacked(raw, got),
    )


def _headers(value: Any) -> Headers:
    """Flatten headers given as a mapping, as a list of pairs or objects, or as raw lines."""
    out: Headers = []
    for item in value.items() if isinstance(value, dict) else value or []:
        if isinstance(item, dict):
            name, content = item.get("name"), item.get("value")
        elif isinstance(item, str):
            name, _, content = item.partition(":")
        else:
            if all(isinstance(inner, list | tuple) for inner in item):  # The arguments of a tagged frozenset.
                out += _headers(item)
                continue
            name, content = item
        for one in content if isinstance(content, list | tuple) else [content]:
            out.append((_text(name), _text(one).strip()))
    return out


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def _first(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, list):  # A body kept as the chunks in which it came.
        return b"".join(map(_bytes, value))
    text = str(value)
    if text.startswith("\x1f\x8b"):  # Packed bytes, kept as characters by Python 2 and Ruby.
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            pass
    return text.encode("utf-8", "surrogatepass")


def _body(message: dict[str, Any], headers: Headers) -> bytes | None:
    if "parsed_body" in message:
        return json.dumps(message["parsed_body"], ensure_ascii=False).encode()
    body = message["body"] if message.get("body") is not None else message.get("content")
    if isinstance(body, dict):
        if body.get("base64_string") is not None:
            return unpacked(binary(_text(body["base64_string"])), headers)
        body = body.get("string")
    return None if body is None else unpacked(_bytes(body), headers)


def unpacked(data: bytes, headers: Headers) -> bytes:
    """Undo the content encodings that the header names and those that the first bytes show."""
    for coding in reversed(_first(headers, "content-encoding").lower().replace(" ", "").split(",")):
        data = _undo(coding, data)
    if data.startswith(b"H4sI"):  # rOpenSci's vcr: packed, then base64.
        try:
            data = base64.b64decode(b"".join(data.split()), validate=True)
        except binascii.Error:
            return data
    if data.startswith(b"\x1f\x8b"):
        return _undo("gzip", data)
    return _undo("zstd", data) if data.startswith(b"\x28\xb5\x2f\xfd") else data


def _undo(coding: str, data: bytes) -> bytes:
    """Undo one content encoding; the bytes as they are where they were never so encoded."""
    try:
        if coding in ("gzip", "x-gzip") and data.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(31).decompress(data)
        if coding == "deflate":
            try:
                return zlib.decompress(data)
            except zlib.error:
                return zlib.decompress(data, -15)
        if coding == "br" and brotli is not None:
            return bytes(brotli.decompress(data))
        if coding == "zstd" and zstandard is not None:
            return bytes(zstandard.ZstdDecompressor().stream_reader(data).read())
    except (zlib.error, OSError, ValueError, *_CODEC_ERRORS):
        pass
    return data


_CODEC_ERRORS: tuple[type[Exception], ...] = tuple(
    error for error in (getattr(brotli, "error", None), getattr(zstandard, "ZstdError", None)) if error
)
