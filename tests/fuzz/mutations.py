"""Damaged cassettes: real ones with bytes flipped, cut, doubled, and their values swapped for hostile ones."""

import base64
import gzip
import json
import os
import re
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import walk

EXAMPLES = Path(__file__).parents[2] / "examples"
_LARGEST = 40_000

HOSTILE = [
    b"", b"~", b"null", b"true", b"0", b"-1", b"1.5", b".nan", b".inf", b"1e999", b"9" * 5000, b"0x1F", b"0o17", b"1:30", b"2024-01-01",
    b"[]", b"{}", b"[[]]", b"[null]", b"{a: 1}", b"{null: null}", b'{"a": []}', b"[1, two, {three: 4}]", b'""', b"''", b'" "', b'"\\0"',
    b'"\\uD800"', b'"\\ud83d\\ude00"', b'"\\x1b]0;owned\\x07"', b'"[red]x[/red]"', b'"\\n\\r\\n\\t"', b"!!binary aGk=", b"!!binary '*'",
    b"!!binary H4sIAAAAAAAAAwMAAAAAAAAAAAA=", b"!!python/object/apply:os.system [x]", b"!!set {a, b}", b"!ruby/object:X {a: b}",
    b"&a1 x", b"*a1", b"*none", b"<<: *a1", b"? x", b"- x", b": x", b"# x", b"---", b"...", b"%YAML 1.1", b"|", b">-", b"|9", b"'", b'"',
    b"{", b"]", b",", b"\t", b"\r", b"\r\n", b"\n", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80",
    b"\xc2\x85", b"\xe2\x80\xa8", b"data: {", b"data: []", b"data: null", b"event: error", b"http://[", b"http://a:99999999/", b"://",
    b"http://\xc3\xa9.example/%zz?%00", b"gzip", b"br", b"zstd, gzip", b"chunked", b"text/event-stream", b"application/json",
    b"application/vnd.amazon.eventstream", b"multipart/form-data", b"multipart/form-data; boundary=", b"base64", b"404 Not Found", b"POST",
]  # fmt: skip
"""What a recorder would not write there: other types, marks of the grammar, encodings that do not fit."""

_JSON = re.compile(
    rb'(?<=":)\s*(?:"(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null|\[\]|\{\})|(?<=\\":)\s*(?:\\"[^"\\]*\\"|-?[\d.]+|true|false|null|\[\]|\{\})'
)
HOSTILE_JSON = [
    b"null", b"true", b"0", b"-1", b"1.5", b"1e999", b"NaN", b"9" * 30, b"9" * 5000, b"[]", b"{}", b"[null]", b"[[[]]]", b"[{}]",
    b'""', b'"a"', b'[1,"a",{"b":null}]', b'{"a":{"b":[]}}', b'{"type":null}', b'{"index":"0"}', b'{"text":[]}', b'"\\ud800"',
    b'"\\u001b[31m"', b'"{\\"a\\":"', b"[" * 300 + b"]" * 300,
]  # fmt: skip
"""What a provider would not send there."""


@cache
def seeds() -> list[tuple[str, bytes]]:
    """Return name and bytes of every cassette to start from: our examples, and the corpus where there is one."""
    found = [path for path in sorted(EXAMPLES.iterdir()) if path.suffix in (".yaml", ".yml", ".json", ".har", ".gz")]
    corpus = os.environ.get("CASSETTE_CORPUS")
    for path in sorted(Path(corpus).rglob("*")) if corpus else ():
        if path.suffix in (".yaml", ".yml", ".json", ".har", ".gz", ".zst", ".br") and path.stat().st_size <= _LARGEST:
            found.append(path)
    return [(path.name, path.read_bytes()) for path in found]


@cache
def _scalars(which: int) -> list[tuple[int, int]]:
    """Return where the scalars of a seed stand, in bytes of its text."""
    text = Document(plain(which)).text
    spans = [node.span for root in Document(plain(which)).roots for node in walk(root) if node.kind == "scalar"]
    return [(len(text[:start].encode()), len(text[:end].encode())) for start, end in spans]


@cache
def plain(which: int) -> bytes:
    """Return the text of a seed, decompressed."""
    name, raw = seeds()[which]
    return unwrap(raw, name)[0]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a name and the bytes of a cassette with one to four faults."""
    which = draw(st.integers(0, len(seeds()) - 1))
    name, raw = seeds()[which]
    packed = name.endswith((".gz", ".zst", ".br"))
    if packed and draw(st.booleans()):  # damage the compressed bytes themselves
        return name, _cut_or_flip(draw, raw)
    text = plain(which)
    for _ in range(draw(st.integers(1, 4))):
        faults = [_cut_or_flip, _lines, _token, _value(which), _splice, _json, _json, _json, _packed]
        text = draw(st.sampled_from(faults))(draw, text)
    if packed:
        return name.rpartition(".")[0] + ".gz", gzip.compress(text, mtime=0)
    return name, text


def _at(draw: st.DrawFn, text: bytes) -> int:
    return draw(st.integers(0, len(text)))


def _cut_or_flip(draw: st.DrawFn, text: bytes) -> bytes:
    at = _at(draw, text)
    if draw(st.booleans()):
        return text[:at] if draw(st.booleans()) else text[at:]
    byte = draw(st.sampled_from(b"\0\t\n\r \"#&'*,-:[]{}|>\\\x1b\x7f\x80\xff09aA"))
    return text[:at] + bytes([byte]) + text[at + 1 :]


def _lines(draw: st.DrawFn, text: bytes) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    at = draw(st.integers(0, len(lines) - 1))
    count = draw(st.integers(1, 6))
    block = lines[at : at + count]
    to = draw(st.integers(0, len(lines)))
    kind = draw(st.sampled_from(["double", "drop", "move", "indent", "crlf"]))
    if kind == "double":
        lines[to:to] = block
    elif kind == "drop":
        del lines[at : at + count]
    elif kind == "move":
        del lines[at : at + count]
        lines[to:to] = block
    elif kind == "indent":
        lines[at : at + count] = [b"  " + line for line in block]
    else:
        lines[at : at + count] = [line.rstrip(b"\r\n") + b"\r\n" for line in block]
    return b"".join(lines)


def _splice(draw: st.DrawFn, text: bytes) -> bytes:
    """Put lines of another cassette in, of whatever format."""
    other = plain(draw(st.integers(0, len(seeds()) - 1))).splitlines(keepends=True) or [b""]
    first = draw(st.integers(0, len(other) - 1))
    block = other[first : first + draw(st.integers(1, 12))]
    lines = text.splitlines(keepends=True)
    at = draw(st.integers(0, len(lines)))
    lines[at : at + draw(st.integers(0, 12))] = block
    return b"".join(lines)


def _token(draw: st.DrawFn, text: bytes) -> bytes:
    at = _at(draw, text)
    return text[:at] + draw(st.sampled_from(HOSTILE)) + text[at + draw(st.integers(0, 12)) :]


def _json(draw: st.DrawFn, text: bytes) -> bytes:
    """Swap a value inside recorded JSON, so that protocols meet other types than they expect."""
    found = list(_JSON.finditer(text))
    if not found:
        return text
    match = draw(st.sampled_from(found))
    new = draw(st.sampled_from(HOSTILE_JSON))
    if b'\\"' in match[0]:
        new = new.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return text[: match.start()] + new + text[match.end() :]


def _packed(draw: st.DrawFn, text: bytes) -> bytes:
    """Swap a value inside recorded JSON for itself under other encodings, one in another."""
    found = list(_JSON.finditer(text))
    if not found:
        return text
    match = draw(st.sampled_from(found))
    new = match[0]
    for _ in range(draw(st.integers(1, 4))):
        wrap = draw(st.sampled_from([base64.b64encode, base64.urlsafe_b64encode, _zipped, _as_json]))
        new = wrap(new)
    new = b'"' + new.strip(b'"') + b'"'
    if b'\\"' in match[0]:
        new = new.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return text[: match.start()] + new + text[match.end() :]


def _zipped(data: bytes) -> bytes:
    return base64.b64encode(gzip.compress(data, mtime=0))


def _as_json(data: bytes) -> bytes:
    return json.dumps(data.decode("utf-8", "replace")).encode()


def _value(which: int):
    """Swap the text of a whole scalar for another value; it stands where it stood unless the text has moved."""

    def swap(draw: st.DrawFn, text: bytes) -> bytes:
        spans = _scalars(which)
        start, end = draw(st.sampled_from(spans))
        if draw(st.booleans()):
            first, last = draw(st.sampled_from(spans))
            new = plain(which)[first:last]
        else:
            new = draw(st.sampled_from(HOSTILE))
        return text[:start] + new + text[end:]

    return swap
