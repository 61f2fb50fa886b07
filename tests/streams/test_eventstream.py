import struct
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.errors import EditError
from cassette_cli.streams import eventstream, framing
from cassette_cli.streams.eventstream import EventMessage, Header
from providers.support_binary import aws, event_message

TWO = aws(("first", {"a": 1}), ("second", {"b": "é"}))


def number(bits: int):
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def header(kind: int, values):
    names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
    return st.builds(Header, names, st.just(kind), values)


HEADERS = st.one_of(
    header(0, st.just(True)),
    header(1, st.just(False)),
    header(2, number(8)),
    header(3, number(16)),
    header(4, number(32)),
    header(5, number(64)),
    header(6, st.binary(max_size=40)),
    header(7, st.text(st.characters(codec="utf-8"), max_size=40)),
    header(8, number(64)),
    header(9, st.uuids()),
)
MESSAGES = st.lists(
    st.builds(EventMessage, st.lists(HEADERS, max_size=5).map(tuple), st.binary(max_size=80)), max_size=4
)


@given(MESSAGES)
def test_what_is_encoded_decodes_to_the_same_messages_and_bytes(messages):
    data = eventstream.encode(messages)
    assert eventstream.decode(data) == messages
    assert eventstream.encode(eventstream.decode(data)) == data
    framed = eventstream.split(data)
    assert framed.whole
    assert framed.notes == []
    assert [data[slice(*frame.data_spans[0])] for frame in framed.frames] == [message.payload for message in messages]
    assert "".join(f"{frame.span}" for frame in framed.frames) == "".join(
        f"{span}" for span in _chained([len(eventstream.message_bytes(*message)) for message in messages])
    )


def _chained(sizes):
    start = 0
    for size in sizes:
        yield (start, start + size)
        start += size


def test_a_message_byte_by_byte():
    # Prelude (12), one header `:a` = "b" (1+2+1+2+1), payload `x`, checksum.
    body = struct.pack(">II", 24, 7) + struct.pack(">I", crc32(struct.pack(">II", 24, 7))) + b"\x02:a\x07\x00\x01bx"
    message = body + struct.pack(">I", crc32(body))
    assert eventstream.message_bytes([Header(":a", 7, "b")], b"x") == message
    frame = eventstream.split(message).frames[0]
    assert (frame.data, frame.span, frame.data_spans, frame.fields) == ("x", (0, 24), ((19, 20),), {":a": "b"})


def test_fields_hold_every_type_as_json_can():
    headers = [
        Header("true", 0, True),
        Header("false", 1, False),
        Header("byte", 2, -3),
        Header("short", 3, -300),
        Header("int", 4, 70000),
        Header("long", 5, 2**40),
        Header("bytes", 6, b"\x00\xff"),
        Header("text", 7, "é"),
        Header("time", 8, 1_700_000_000_123),
        Header("far", 8, 2**62),
        Header("uuid", 9, UUID(int=5)),
    ]
    fields = eventstream.split(eventstream.message_bytes(headers, b"")).frames[0].fields
    assert fields == {
        "true": True,
        "false": False,
        "byte": -3,
        "short": -300,
        "int": 70000,
        "long": 2**40,
        "bytes": "AP8=",
        "text": "é",
        "time": "2023-11-14T22:13:20.123+00:00",
        "far": 2**62,
        "uuid": "00000000-0000-0000-0000-000000000005",
    }


def test_the_event_is_the_name_of_an_event_an_exception_or_an_error():
    data = aws(("chunk", {}), event_message("throttlingException", {}, "exception"), event_message("503", {}, "error"))
    assert [frame.event for frame in eventstream.split(data).frames] == ["chunk", "throttlingException", "503"]


def test_a_payload_that_is_no_utf8_is_latin1():
    assert eventstream.split(aws(("audio", b"\xff\xfe"))).frames[0].data == "ÿþ"


@pytest.mark.parametrize("flipped", [9, 20, 90, len(aws(("first", {"a": 1}))) - 1])
def test_a_wrong_checksum_is_noted_and_read_all_the_same(flipped):
    data = bytearray(TWO)
    data[flipped] ^= 1
    framed = eventstream.split(bytes(data))
    assert len(framed.frames) == 2
    assert framed.whole
    assert len(framed.notes) == 1
    assert framed.notes[0].startswith("frame 0: wrong ")
    with pytest.raises(EditError):
        eventstream.decode(bytes(data))


def test_many_wrong_checksums_are_counted():
    data = bytearray(aws(*[("e", {"n": n}) for n in range(9)]))
    for frame in eventstream.split(bytes(data)).frames:
        data[frame.span[1] - 1] ^= 1
    assert eventstream.split(bytes(data)).notes[-1] == "6 more frames have wrong checksums or headers"


@pytest.mark.parametrize("cut", range(1, len(TWO)))
def test_a_cut_stream_keeps_what_is_there(cut):
    framed = eventstream.split(TWO[:cut])
    middle = len(aws(("first", {"a": 1})))
    if cut == middle:
        assert framed.whole
    else:
        assert not framed.whole
        assert framed.notes == ["the stream ends inside a frame"]
    assert len(framed.frames) >= cut // middle
    with pytest.raises(EditError):
        eventstream.decode(TWO[: cut if cut != middle else cut - 1])


def test_a_cut_message_shows_the_payload_that_came():
    frame = eventstream.split(TWO[:-7]).frames[-1]
    assert frame.event == "second"
    assert frame.data == '{"b": "\\u00e'


def test_trailing_blanks_are_no_fault_and_trailing_rubbish_is():
    assert eventstream.split(TWO + b"\n").whole
    framed = eventstream.split(TWO + b"rubbish after all of it")
    assert not framed.whole
    assert framed.notes == [f"byte {len(TWO)}: not a message"]
    assert len(framed.frames) == 2


@given(st.binary(max_size=200))
def test_any_bytes_are_split_without_an_exception(data):
    eventstream.claims(data, "")
    eventstream.split(data)
    eventstream.split(TWO[:30] + data)


def test_a_length_past_all_bounds_is_no_message():
    framed = eventstream.split(struct.pack(">III", 2**32 - 1, 2**31, 0) + b"x" * 20)
    assert (framed.frames, framed.whole) == ([], False)


def test_malformed_headers_are_noted():
    body = eventstream._message(b"\x02:a\x63", b"{}")
    framed = eventstream.split(body)
    assert framed.notes == ["frame 0: its headers are malformed"]
    assert framed.frames[0].data == "{}"


def test_claimed_by_its_bytes_whatever_the_content_type_says():
    assert framing.split(TWO, "application/json").framing == "aws-eventstream"
    assert framing.split(b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image/png") is None
    damaged = bytearray(TWO)
    damaged[9] ^= 1
    assert framing.split(bytes(damaged), "image/png") is None
    assert framing.split(bytes(damaged), "application/vnd.amazon.eventstream").framing == "aws-eventstream"


@pytest.mark.parametrize("codec", ["latin-1", "utf-8"])
def test_a_stream_that_a_recorder_kept_as_text_is_read_too(codec):
    try:
        words = TWO.decode(codec)
    except UnicodeDecodeError:
        words = TWO.decode("latin-1")
    framed = framing.split(words, "")
    assert framed.framing == "aws-eventstream"
    assert [frame.json for frame in framed.frames] == [{"a": 1}, {"b": "é"}]


def test_a_new_payload_gets_right_lengths_and_checksums():
    longer = b'{"a": "much longer than it was"}'
    data = eventstream.replace_payloads(TWO, {0: longer})
    assert [message.payload for message in eventstream.decode(data)] == [longer, b'{"b": "\\u00e9"}']
    assert data.endswith(TWO[len(TWO) // 2 :][-40:])
    assert eventstream.decode(data)[0].headers == eventstream.decode(TWO)[0].headers
    assert eventstream.replace_payloads(TWO, {}) == TWO
    assert eventstream.replace_payloads(TWO, {0: b'{"a": 1}'}) == TWO


def test_what_is_damaged_elsewhere_stays_as_it_was():
    data = bytearray(TWO)
    data[-1] ^= 1
    damaged = bytes(data) + b"tail"
    out = eventstream.replace_payloads(damaged, {0: b"{}"})
    second = eventstream.split(TWO).frames[1].span
    assert out.endswith(damaged[second[0] :])
    assert eventstream.remove_frames(damaged, [0]) == damaged[second[0] :]


def test_frames_are_removed_whole():
    assert eventstream.remove_frames(TWO, [1]) == aws(("first", {"a": 1}))
    assert eventstream.remove_frames(TWO, [0]) == aws(("second", {"b": "é"}))
    assert eventstream.remove_frames(TWO, [0, 1]) == b""
    assert eventstream.remove_frames(TWO, []) == TWO


@pytest.mark.parametrize("index", [-1, 2])
def test_an_edit_of_what_is_no_message_is_refused(index):
    with pytest.raises(EditError):
        eventstream.replace_payloads(TWO, {index: b""})
    with pytest.raises(EditError):
        eventstream.remove_frames(TWO, [index])
