import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.streams import framing, ndjson

LINES = ['{"a": 1}', '{"b": "x\u2028y"}', '{"c": [1, 2]}']


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_are_frames_with_their_ends(end, last):
    payload = end.join(LINES) + (end if last else "")
    framed = framing.split(payload, "")
    assert framed.framing == "ndjson"
    assert framed.whole
    assert framed.notes == []
    assert [frame.data for frame in framed.frames] == LINES
    assert "".join(payload[slice(*frame.span)] for frame in framed.frames) == payload
    assert [payload[slice(*frame.data_spans[0])] for frame in framed.frames] == LINES


def test_a_line_can_be_cut_out_and_leaves_a_sound_stream():
    payload = "\n".join(LINES) + "\n"
    for index, frame in enumerate(ndjson.split(payload).frames):
        rest = payload[: frame.span[0]] + payload[frame.span[1] :]
        assert [json.loads(line) for line in rest.split("\n") if line] == [
            json.loads(line) for n, line in enumerate(LINES) if n != index
        ]
        assert len(ndjson.split(rest).frames) == 2


def test_blank_lines_and_a_byte_order_mark_are_passed_over():
    framed = framing.split('\ufeff{"a": 1}\n\n  \n{"b": 2}\n\n', "")
    assert [frame.json for frame in framed.frames] == [{"a": 1}, {"b": 2}]
    assert framed.whole


def test_a_cut_last_line_is_shown_and_noted():
    framed = framing.split('{"a": 1}\n{"b": ', "")
    assert not framed.whole
    assert framed.notes == ["the stream ends inside a frame"]
    assert [frame.data for frame in framed.frames] == ['{"a": 1}', '{"b": ']


@pytest.mark.parametrize(
    "content_type", ["application/x-ndjson", "application/jsonl", "application/stream+json", "application/json-lines"]
)
def test_one_line_is_a_stream_only_if_its_type_says_so(content_type):
    for payload in ('{"done": true}', '{"done": true}\n'):
        assert framing.split(payload, content_type).framing == "ndjson"
        assert framing.split(payload, "application/json") is None


@pytest.mark.parametrize(
    "payload",
    [
        '{\n  "a": 1,\n  "b": {"c": 2}\n}\n',
        '{"a":\n{"b": 1}}',
        "{\n{",
        "1\n2\n3\n",
        "plain\ntext\n",
        '"a"\n"b"\n',
        "[1]\n[2]\n",
        '{not json}\n{"a": 1}\n',
        "",
        "\n\n",
    ],
)
def test_other_text_is_no_stream(payload):
    assert framing.split(payload, "application/json") is None


@given(st.text(max_size=80))
def test_any_text_is_split_without_an_exception(payload):
    for body in (payload, '{"a": 1}\n' + payload):
        ndjson.claims(body, "")
        for frame in ndjson.split(body).frames:
            assert body[slice(*frame.data_spans[0])] == frame.data
