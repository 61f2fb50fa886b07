"""Bodies through every stack of layers: what they decode to, and how a change goes back."""

import base64
import gzip
import json
import sys
import zlib

import brotli
import pytest
import zstandard

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Header, Headers
from cassette_cli.source.compression import Limits, compress, get_limits, set_limits
from cassette_cli.source.document import Document
from cassette_cli.source.verify import apply

TEXT = 'data: {"text": "caf\u00e9 \u2713"}\n\n' * 30
RAW = zlib.compressobj(9, zlib.DEFLATED, -15)
RAW_DEFLATED = RAW.compress(TEXT.encode()) + RAW.flush()


def body(source: str, storage: str = "text", *, encoding: str = "", kind: str = "", **more) -> tuple[Document, Body]:
    """Make the body that stands under `body` in a document, with the headers given."""
    document = Document(source.encode())
    lines = [Header("Content-Type", kind)] if kind else []
    lines += [Header("Content-Encoding", encoding)] if encoding else []
    length = document.root.get("length")
    lines += [Header("Content-Length", length.value, length)] if length else []
    return document, Body(document.root.get("body"), storage, headers=Headers(lines), **more)


def packed(data: bytes, width: int = 76) -> str:
    text = base64.b64encode(data).decode()
    return (
        "body: !!binary |\n" + "".join(f"  {text[i : i + width]}\n" for i in range(0, len(text), width)) + "after: 1\n"
    )


def wrapped(times: int) -> str:
    data = TEXT.encode()
    for _ in range(times):
        data = gzip.compress(data, mtime=0)
    return packed(data)


def test_four_codings_that_no_header_tells_are_taken_off():
    _, one = body(wrapped(4), "base64")
    assert (one.text, one.layers) == (TEXT, ("base64", "gzip", "gzip", "gzip", "gzip", "UTF-8"))


def test_more_codings_are_not_and_that_is_said():
    _, one = body(wrapped(5), "base64")
    assert one.text is None
    assert "more than 4 codings" in str(one.blocked)


def again(document: Document, edits, old: Body) -> tuple[Document, Body]:
    """Make the edits and read the body anew."""
    after = apply(document, edits)
    root = after.root
    fresh = Body(
        root.get("body"),
        old.storage,
        headers=old._headers,
        charset_node=root.get("encoding"),
        lengths=[root.get("size")] if root.get("size") else [],
    )
    return after, fresh


@pytest.mark.parametrize(
    ("data", "encoding", "layers"),
    [
        (TEXT.encode(), "", ("base64", "UTF-8")),
        (gzip.compress(TEXT.encode(), mtime=0), "gzip", ("base64", "gzip", "UTF-8")),
        (gzip.compress(TEXT.encode(), mtime=0), "x-gzip", ("base64", "gzip", "UTF-8")),
        (zlib.compress(TEXT.encode()), "deflate", ("base64", "deflate", "UTF-8")),
        (RAW_DEFLATED, "deflate", ("base64", "raw deflate", "UTF-8")),
        (brotli.compress(TEXT.encode()), "br", ("base64", "br", "UTF-8")),
        (zstandard.compress(TEXT.encode()), "zstd", ("base64", "zstd", "UTF-8")),
        (brotli.compress(gzip.compress(TEXT.encode(), mtime=0)), "gzip, br", ("base64", "br", "gzip", "UTF-8")),
        (gzip.compress(brotli.compress(TEXT.encode()), mtime=0), "br, gzip", ("base64", "gzip", "br", "UTF-8")),
        (gzip.compress(TEXT.encode(), mtime=0), "identity, gzip", ("base64", "gzip", "UTF-8")),
    ],
)
def test_every_coding_both_ways(data, encoding, layers):
    document, one = body(packed(data), "base64", encoding=encoding)
    assert one.payload == TEXT
    assert one.data == TEXT.encode()
    assert one.layers == layers
    assert one.notes == []
    new = TEXT.replace("caf", "th\u00e9 ")
    after, changed = again(document, one.replace(new), one)
    assert changed.payload == new
    assert changed.layers == layers
    assert after.text.startswith("body: !!binary |\n")
    assert after.text.endswith("after: 1\n")
    _, restored = again(after, changed.replace(TEXT), changed)
    assert restored.payload == TEXT
    assert restored.layers == layers


def test_an_unchanged_body_is_not_packed_again():
    document, one = body(packed(gzip.compress(TEXT.encode(), 1)), "base64", encoding="gzip")
    assert one.replace(TEXT) == []
    assert one.edit([(0, 4, "data")]) == []
    assert apply(document, []) is document


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, br"])
def test_a_header_that_lies_over_a_plain_body(encoding):
    for source, storage in ((packed(TEXT.encode()), "base64"), (json.dumps({"body": TEXT}), "text")):
        document, one = body(source, storage, encoding=encoding)
        assert one.payload == TEXT
        assert len(one.notes) >= 1
        assert "stored plain" in one.notes[0]
        _, changed = again(document, one.replace("new"), one)
        assert changed.payload == "new"


def test_no_note_where_the_recorder_takes_codings_off():
    _, one = body(json.dumps({"body": TEXT}), encoding="gzip", decoded=True)
    assert one.notes == []


def test_a_coding_without_a_header():
    _, one = body(packed(gzip.compress(TEXT.encode(), mtime=0)), "base64", kind="application/json")
    assert one.payload == TEXT
    assert one.notes == ["the body is gzip, and no header says so"]


@pytest.mark.parametrize("kind", ["application/octet-stream", "binary/octet-stream"])
def test_compressed_text_of_no_named_type_is_text(kind):
    _, one = body(packed(gzip.compress(TEXT.encode(), mtime=0)), "base64", kind=kind)
    assert (one.payload, one.layers) == (TEXT, ("base64", "gzip", "UTF-8"))
    data = gzip.compress(bytes(range(256)))
    _, one = body(packed(data), "base64", kind=kind)
    assert (one.payload, one.layers) == (data, ("base64",))


def test_a_gzip_file_that_is_the_body_stays_one():
    data = gzip.compress(b"archive")
    _, one = body(packed(data), "base64", kind="application/gzip")
    assert one.payload == data
    assert one.layers == ("base64",)


def test_a_damaged_body_is_shown_as_stored_and_not_edited():
    data = bytearray(gzip.compress(TEXT.encode(), mtime=0))
    data[20:40] = bytes(20)
    _, one = body(packed(bytes(data)), "base64", encoding="gzip")
    assert one.payload == bytes(data)
    assert "shown as it is stored" in one.notes[0]
    with pytest.raises(EditError, match="could not be decoded"):
        one.replace("x")


def test_a_cut_gzip_body_shows_what_is_there():
    data = gzip.compress(bytes(range(32, 127)) * 500)
    _, one = body(packed(data[:-20]), "base64", encoding="gzip")
    assert isinstance(one.payload, str)
    assert "cut short" in one.notes[0]


def test_what_trails_a_gzip_body_stays():
    document, one = body(packed(gzip.compress(TEXT.encode(), mtime=0) + b"\0\0tail"), "base64", encoding="gzip")
    assert one.payload == TEXT
    assert one.notes == ["6 bytes stand after the end of the gzip data"]
    _, changed = again(document, one.replace("short"), one)
    assert changed.payload == "short"
    assert "6 bytes" in changed.notes[0]


def test_a_bomb_is_not_unpacked():
    before = get_limits()
    try:
        set_limits(Limits(size=1000))
        _, one = body(packed(gzip.compress(bytes(5000))), "base64", encoding="gzip")
        assert isinstance(one.payload, bytes)
        assert "decompression stopped" in one.notes[0]
    finally:
        set_limits(before)


def test_a_missing_codec_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "brotli", None)
    data = brotli.compress(TEXT.encode())
    _, one = body(packed(data), "base64", encoding="br")
    assert one.payload == data
    assert "cassette-cli[compression]" in one.notes[0]
    with pytest.raises(CassetteError) as caught:
        one.replace("x")
    assert "cassette-cli[compression]" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("data", "kind", "payload", "label", "note"),
    [
        ("caf\u00e9".encode("latin-1"), "text/plain; charset=ISO-8859-1", "caf\u00e9", "Latin-1", ""),
        ("caf\u00e9".encode("latin-1"), "text/plain", "caf\u00e9", "Latin-1", "not UTF-8"),
        ("caf\u00e9".encode(), 'text/plain; charset="utf-8"', "caf\u00e9", "UTF-8", ""),
        ("caf\u00e9".encode(), "text/plain; charset=x-none", "caf\u00e9", "UTF-8", "unknown"),
        ("caf\u00e9 \u20ac".encode("cp1252"), "text/plain; charset=windows-1252", "caf\u00e9 \u20ac", "cp1252", ""),
        ("\u65e5\u672c".encode("shift_jis"), "text/html; charset=Shift_JIS", "\u65e5\u672c", "shift_jis", ""),
        ("\ufeffab".encode("utf-16-le"), "text/plain; charset=utf-16", "\ufeffab", "utf-16-le", ""),
        (b"caf\xe9 au lait", "text/plain; charset=utf-8", "caf\u00e9 au lait", "Latin-1", "not in its charset"),
        (b"6162", "text/plain; charset=hex", "6162", "UTF-8", "unknown"),
        (b"ab", "text/plain; charset=idna", "ab", "UTF-8", "unknown"),
        ("caf\u00e9".encode()[:-1], "application/json", "caf", "UTF-8", "cut in the middle"),
    ],
)
def test_charsets(data, kind, payload, label, note):
    document, one = body(packed(data), "base64", kind=kind)
    assert one.payload == payload
    assert one.data == data
    assert one.layers[-1] == label
    assert any(note in line for line in one.notes) if note else not one.notes
    _, changed = again(document, one.edit([(0, 1, "Z")]), one)
    assert changed.payload == "Z" + payload[1:]
    assert changed.data.endswith(data[2:])  # nothing is lost, not even half a character at the end


def test_a_character_that_the_charset_lacks_is_refused():
    _, one = body(packed("caf\u00e9".encode("latin-1")), "base64", kind="text/plain; charset=latin-1")
    with pytest.raises(EditError, match="Latin-1"):
        one.replace("\u2713")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "image/png"),
        (b"RIFFplain ascii", "audio/wav"),
        (b"\0\0\0\x1aplain", ""),
        (b"\0\0\0\x1aplain", "application/vnd.amazon.eventstream"),
        (bytes(range(256)), "application/octet-stream"),
        (b"\x0a\x05hello\x12\x02ok", "application/x-protobuf"),
        (b"\x0a\x05hello\x01\x02ok", ""),
    ],
)
def test_binary_bodies_stay_bytes(data, kind):
    document, one = body(packed(data), "base64", kind=kind)
    assert one.payload == data
    assert one.text is None
    assert one.json is None
    assert one.layers == ("base64",)
    with pytest.raises(EditError, match="replace it whole"):
        one.edit([(0, 1, "x")])
    _, changed = again(document, one.replace(data + b"\x01\xff"), one)
    assert changed.payload == data + b"\x01\xff"


@pytest.mark.parametrize("kind", ["application/octet-stream", "image/svg+xml", "", "binary/octet-stream"])
def test_text_under_a_binary_name_is_text(kind):
    _, one = body(packed(b'{"a": 1}'), "base64", kind=kind)
    assert one.payload == '{"a": 1}'
    assert one.json == {"a": 1}


@pytest.mark.parametrize("value", [gzip.compress(TEXT.encode(), mtime=0), zstandard.compress(TEXT.encode())])
def test_packed_bytes_that_stand_in_a_text(value):
    document, one = body(json.dumps({"body": value.decode("latin-1")}), encoding="gzip")
    assert one.payload == TEXT
    assert one.layers[0] == "Latin-1"
    _, changed = again(document, one.replace("new \u2713"), one)
    assert changed.payload == "new \u2713"


def test_brotli_in_a_text_by_its_header():
    value = brotli.compress(TEXT.encode()).decode("latin-1")
    _, one = body(json.dumps({"body": value}), encoding="br")
    assert one.payload == TEXT


def test_ropensci_keeps_gzip_in_base64_as_a_string():
    value = base64.b64encode(gzip.compress(TEXT.encode(), mtime=0)).decode()
    document, one = body(f"body: {value}\n")
    assert one.payload == TEXT
    assert one.layers == ("base64", "gzip", "UTF-8")
    after, changed = again(document, one.replace("new"), one)
    assert changed.payload == "new"
    assert "\n" not in after.root.get("body").value


@pytest.mark.parametrize("text", ["H4sI is how it begins", "(\u00b5/\u00fd no zstd", "\x1f\x8b", "(x)", "\x01 y"])
def test_texts_that_only_look_packed(text):
    _, one = body(json.dumps({"body": text}), encoding="gzip")
    assert one.payload == text


def test_text_that_is_no_base64_is_shown_and_not_edited():
    _, one = body("body: !!binary 'not*base64'\n", "base64")
    assert one.payload == "not*base64"
    assert "not base64" in one.notes[0]
    with pytest.raises(EditError):
        one.replace("x")


@pytest.mark.parametrize(
    ("source", "width", "expected"),
    [
        ("body: !!binary |\n  AAAA\n  AAAA\n", 76, "AQID\n  AQID"),
        ("body: !!binary |\n  AAAA\n", 4, "AQID\n  AQID"),
        ("body: !binary |-\n  AAAA\n", 4, "|-\n  AQIDAQID"),
        ("body: !!binary AAAA\n", None, "AQIDAQID"),
        ('{"body": "AAAA"}', None, '"AQIDAQID"'),
        ('{"body": "base64:AAAA"}', None, '"base64:AQIDAQID"'),
    ],
)
def test_base64_keeps_the_recorders_lines(source, width, expected):
    document, one = body(source, "base64", width=width)
    after = apply(document, one.replace(b"\1\2\3\1\2\3"))
    assert expected in after.text


def test_a_small_change_of_plain_base64_touches_one_line():
    data = bytes(range(1, 256)) * 4
    document, one = body(packed(data, 60), "base64")
    changed = data[:500] + b"\x80" + data[501:]
    lines = zip(document.text.splitlines(), apply(document, one.replace(changed)).text.splitlines(), strict=True)
    assert sum(old != new for old, new in lines) == 1


def test_plain_text_is_the_nodes_own_value():
    document, one = body("body: 'hello, world'\n", kind="application/json")
    assert one.payload is one.node.value
    assert one.layers == ()
    edits = one.edit([(7, 12, "there")])
    assert apply(document, edits).text == "body: 'hello, there'\n"
    with pytest.raises(EditError, match="overlap"):
        one.edit([(0, 5, "a"), (4, 6, "b")])
    with pytest.raises(EditError, match="text"):
        one.replace(b"\xff\xfe")
    assert apply(document, one.replace(b"bytes")).text == "body: 'bytes'\n"


def test_no_body():
    one = Body()
    assert (one.payload, one.data, one.text, one.json, one.size) == ("", b"", "", None, 0)
    assert (one.layers, one.notes) == ((), [])
    assert one.replace("") == []
    with pytest.raises(EditError, match="no body"):
        one.replace("x")


@pytest.mark.parametrize("chunks", [["one ", "two ", "three"], ["", "one two three", ""]])
@pytest.mark.parametrize(
    "part", [(0, 3, "ONE"), (2, 6, "-"), (2, 13, ""), (4, 4, "<>"), (13, 13, "!"), (0, 13, "new"), (0, 0, "a")]
)
def test_chunks(chunks, part):
    whole = "".join(chunks)
    document, one = body(json.dumps({"body": chunks}), "chunks")
    assert one.payload == whole
    new = whole[: part[0]] + part[2] + whole[part[1] :]
    after, changed = again(document, one.edit([part]), one)
    assert changed.payload == new
    assert len(after.root.get("body").items) == 3
    _, other = again(document, one.replace(new), one)
    assert other.payload == new


def test_chunks_of_base64_with_gzip_inside():
    data = gzip.compress(TEXT.encode(), mtime=0)
    items = "".join(f"- !!binary |\n  {base64.b64encode(data[i : i + 40]).decode()}\n" for i in range(0, len(data), 40))
    document, one = body(f"body:\n{items}", "chunks", encoding="gzip")
    assert one.payload == TEXT
    assert one.layers == ("chunks", "base64", "gzip", "UTF-8")
    _, changed = again(document, one.replace(TEXT * 2), one)
    assert changed.payload == TEXT * 2


@pytest.mark.parametrize("storage", ["chunked-base64", "chunked-hex"])
def test_chunks_in_a_json_string_as_polly_keeps_them(storage):
    data = gzip.compress(TEXT.encode(), mtime=0)
    pieces = [data[:30], data[30:]]
    kept = [piece.hex() if storage == "chunked-hex" else base64.b64encode(piece).decode() for piece in pieces]
    document, one = body(json.dumps({"body": json.dumps(kept, separators=(",", ":"))}), storage, encoding="gzip")
    assert one.payload == TEXT
    _, changed = again(document, one.replace("new"), one)
    assert changed.payload == "new"


def test_hexadecimal_and_erlang_terms():
    document, one = body('{"body": "deadbeef00ff"}', "hex")
    assert one.payload == bytes.fromhex("deadbeef00ff")
    assert apply(document, one.replace(b"\0\1\2")).text == '{"body": "000102"}'
    term = base64.b64encode(b"\x83m\0\0\0\3\xff\0\1").decode()
    document, one = body(json.dumps({"body": term}), "erlang")
    assert one.payload == b"\xff\0\1"
    _, changed = again(document, one.replace(b"\xff\0\1\2"), one)
    assert changed.payload == b"\xff\0\1\2"
    _, odd = body(json.dumps({"body": base64.b64encode(b"\x83l").decode()}), "erlang")
    assert "Erlang" in odd.notes[0]


@pytest.mark.parametrize(
    ("data", "encoding", "stated", "expected"),
    [
        (TEXT.encode(), "", len(TEXT.encode()), 3),
        (TEXT.encode(), "", 17, 17),
        (
            gzip.compress(TEXT.encode(), mtime=0),
            "gzip",
            len(gzip.compress(TEXT.encode(), mtime=0)),
            len(compress("gzip", b"new")),
        ),
        (gzip.compress(TEXT.encode(), mtime=0), "gzip", len(TEXT.encode()), 3),
    ],
)
def test_a_length_that_was_right_is_right(data, encoding, stated, expected):
    source = packed(data) + f"length: '{stated}'\nsize: {stated}\n"
    document, one = body(source, "base64", encoding=encoding)
    one._lengths = [document.root.get("size")]
    after, _ = again(document, one.replace("new"), one)
    assert after.root.get("length").value == str(expected)
    assert after.root.get("size").value == str(expected)
    assert after.root.get("size").tag == "int"


def test_lengths_of_text_in_its_charset_and_of_structures():
    document, one = body("body: caf\u00e9\nlength: '4'\n", kind="text/plain; charset=ISO-8859-1")
    assert apply(document, one.edit([(0, 0, "un ")])).root.get("length").value == "7"
    document, one = body("body:\n  a: caf\u00e9\nlength: '13'\n", "parsed")  # {"a":"caf\u00e9"} in UTF-8, no blanks
    assert apply(document, one.edit([(7, 8, "KK")])).root.get("length").value == "14"


def test_odd_lengths_are_left_alone():
    for value in ("'**REDACTED**'", "-1", "''", "[1, 2]", "3.0"):
        document, one = body(f"body: abc\nlength: {value}\n")
        assert f"length: {value}\n" in apply(document, one.replace("abcd")).text


def test_a_ruby_encoding_that_no_longer_fits():
    source = "encoding: US-ASCII\nbody: plain\n"
    document = Document(source.encode())
    one = Body(document.root.get("body"), "text", charset_node=document.root.get("encoding"))
    assert apply(document, one.replace("caf\u00e9")).text == "encoding: UTF-8\nbody: caf\u00e9\n"
    assert apply(document, one.replace("other")).text == "encoding: US-ASCII\nbody: other\n"


def test_what_was_forgotten_is_decoded_again():
    _, one = body('body: "{\\"a\\": [1]}"')
    first = one.json
    assert one.json is first
    one.forget()
    assert one.json == first
    assert one.json is not first
