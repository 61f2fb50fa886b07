import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.streams import framing, json_concat

OBJECTS = [{"a": "}{"}, {"b": [{"c": 1}]}, {"d": None}]


@pytest.mark.parametrize("between", ["", " ", "\n\n", "\r\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_objects_are_frames(between, indent):
    payload = between.join(json.dumps(item, indent=indent) for item in OBJECTS)
    framed = framing.split(payload, "application/json")
    assert framed.framing == ("ndjson" if indent is None and "\n" in between else "json-concat")
    framed = json_concat.split(payload)
    assert framed.whole
    assert [frame.json for frame in framed.frames] == OBJECTS
    assert "".join(payload[slice(*frame.span)] for frame in framed.frames) == payload
    for index, frame in enumerate(framed.frames):
        rest = payload[: frame.span[0]] + payload[frame.span[1] :]
        assert [f.json for f in json_concat.split(rest).frames] == [o for n, o in enumerate(OBJECTS) if n != index]


def test_text_sequences_have_a_separator_before_each():
    payload = "".join(f"\x1e{json.dumps(item)}\n" for item in OBJECTS)
    framed = framing.split(payload, "application/json-seq")
    assert framed.framing == "json-concat"
    assert [frame.json for frame in framed.frames] == OBJECTS
    assert "".join(payload[slice(*frame.span)] for frame in framed.frames) == payload


def test_a_damaged_item_of_a_text_sequence_does_not_hide_the_next():
    framed = json_concat.split('\x1e{"a": 1}\n\x1e{"b":\n\x1e{"c": 3}\n')
    assert [frame.data for frame in framed.frames] == ['{"a": 1}', '{"b":', '{"c": 3}']
    assert framed.whole


def test_a_cut_object_is_shown_and_noted():
    framed = framing.split('{"a": 1}{"b": ', "")
    assert not framed.whole
    assert framed.notes == ["the stream ends inside a frame"]
    assert [frame.data for frame in framed.frames] == ['{"a": 1}', '{"b":']


@pytest.mark.parametrize(
    "payload",
    ['{"a": {"b": 1}}', '{"code": "if (x) {}{}"}', '{"code": "}\\n{ }{"}', "{}x{}", "function() {}{", "}{", '{"a": 1}'],
)
def test_one_object_is_no_stream(payload):
    assert framing.split(payload, "application/json") is None


@given(st.text(max_size=60))
def test_any_text_is_split_without_an_exception(text):
    for payload in (text, "{}" + text, '{"a": 1}{"b": 2}' + text):
        json_concat.claims(payload, "")
        for frame in json_concat.split(payload).frames:
            assert payload[slice(*frame.data_spans[0])] == frame.data
