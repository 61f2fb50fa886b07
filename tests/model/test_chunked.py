"""Bodies with their chunk framing on, and the cutting of changed bytes into the old chunks."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.model.body import Body
from cassette_cli.model.chunked import ChunkedBody
from cassette_cli.model.storage import recut
from cassette_cli.source.document import Document
from cassette_cli.source.verify import apply

CHUNKS = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=6)


def framed(*chunks, end=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


@given(CHUNKS, st.sampled_from([b"0\r\n\r\n", b"0\r\n", b"0", b"000;a=b\r\nX-Sum: 1\r\n\r\n"]))
def test_the_framing_comes_off_and_goes_on(chunks, end):
    parsed = ChunkedBody.parse(framed(*chunks, end=end))
    assert parsed is not None
    assert parsed.chunks == chunks
    assert parsed.frame(b"".join(chunks)) == framed(*chunks, end=end)


@given(CHUNKS, st.binary(max_size=200))
def test_changed_bytes_are_framed_soundly(chunks, new):
    parsed = ChunkedBody.parse(framed(*chunks))
    assert parsed is not None
    again = ChunkedBody.parse(parsed.frame(new))
    assert (b"".join(again.chunks) if again is not None else b"") == new
    assert new == b"" or again is not None


@given(CHUNKS, st.binary(max_size=200))
def test_as_many_chunks_as_before(chunks, new):
    pieces = recut(chunks, new)
    assert len(pieces) == len(chunks)
    assert b"".join(pieces) == new


@given(CHUNKS, CHUNKS, CHUNKS, st.binary(min_size=1, max_size=50))
def test_chunks_around_a_change_stay(before, within, after, new):
    # Where what is new repeats what stood there, nothing says which of it is new.
    within = [bytes(byte | 0x80 for byte in one) for one in within]
    new = bytes(byte | 0xC0 for byte in new)
    before, after = ([bytes(byte & 0x7F for byte in one) for one in chunks] for chunks in (before, after))
    pieces = recut([*before, *within, *after], b"".join(before) + new + b"".join(after))
    assert pieces[: len(before) - 1] == before[:-1]
    assert pieces[len(pieces) - len(after) + 1 :] == after[1:]


def test_what_is_new_goes_into_one_chunk():
    assert recut([b'{"pass": "hun', b'ter2"}'], b'{"pass": "REDACTED"}') == [b'{"pass": "REDACTED', b'"}']


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"0\r\n\r\n",
        b"5\r\nhello\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\nmore",
        b"hello",
        b"12\r\n",
    ],
)
def test_what_is_not_framed_to_its_end_is_not_taken_apart(data):
    assert ChunkedBody.parse(data) is None


@pytest.mark.parametrize("size", [b"1a;name=v", b"1A", b"0001a"])
def test_size_lines_of_unchanged_chunks_stay(size):
    data = size + b"\r\n" + b"x" * 26 + b"\r\n3\r\nabc\r\n0\r\n\r\n"
    parsed = ChunkedBody.parse(data)
    assert parsed is not None
    assert parsed.frame(b"x" * 26 + b"abcd") == data.replace(b"3\r\nabc", b"4\r\nabcd")


def body_of(text, **kwargs):
    document = Document(text.encode())
    return document, Body(document.root.get("body"), "text", **kwargs)


def test_a_text_is_edited_inside_its_framing():
    document, body = body_of('body: "7\\r\\n\u00fcber-x\\r\\n1\\r\\ny\\r\\n0\\r\\n\\r\\n"\n')
    assert (body.payload, body.layers) == ("\u00fcber-xy", ("chunked", "UTF-8"))
    after = apply(document, body.edit([(5, 7, "\u00e9!!")]))
    assert after.root.get("body").value == "a\r\n\u00fcber-\u00e9!!\r\n0\r\n\r\n"


def test_gzip_stands_inside_of_the_framing():
    packed = gzip.compress(b'{"a": 1}', mtime=0)
    text = framed(packed[:9], packed[9:]).decode("latin-1")
    escaped = "".join(
        char if char.isprintable() and char not in '"\\' and char < "\x7f" else f"\\x{ord(char):02x}" for char in text
    )
    document, body = body_of(f'body: "{escaped}"\n')
    assert (body.payload, body.layers) == ('{"a": 1}', ("Latin-1", "chunked", "gzip", "UTF-8"))
    after = apply(document, body.replace('{"a": "longer than before"}'))
    assert Body(after.root.get("body"), "text").payload == '{"a": "longer than before"}'


@given(CHUNKS, st.data())
def test_known_changes_leave_the_chunks_between_them(chunks, data):
    old = b"".join(chunks)
    parts, at = [], 0
    while at <= len(old) and data.draw(st.booleans()):
        start = data.draw(st.integers(at, len(old)))
        stop = data.draw(st.integers(start, len(old)))
        parts.append((start, stop, data.draw(st.binary(max_size=8))))
        at = stop + 1
    new, last = b"", 0
    for start, stop, inner in parts:
        new += old[last:start] + inner
        last = stop
    new += old[last:]
    pieces = recut(chunks, new, [(start, stop, len(inner)) for start, stop, inner in parts])
    assert len(pieces) == len(chunks)
    assert b"".join(pieces) == new
    at = 0
    for chunk, piece in zip(chunks, pieces, strict=True):
        if not any(start <= at + len(chunk) and stop >= at for start, stop, _ in parts):
            assert piece == chunk
        at += len(chunk)
