import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.streams import framing, json_array

CHUNKS = [
    {"candidates": [{"content": {"parts": [{"text": "a, ] } b"}]}}]},
    {"candidates": [{"content": {"parts": [{"text": "c"}]}, "finishReason": "STOP"}]},
    {"usageMetadata": {"totalTokenCount": 3}},
]


def written(chunks, comma):
    return "[" + comma.join(json.dumps(chunk, indent=2) for chunk in chunks) + "\n]\n"


@pytest.mark.parametrize("comma", [",", ", ", "\n,\r\n", ",\r\n"])
def test_elements_are_frames(comma):
    payload = written(CHUNKS, comma)
    framed = framing.split(payload, "application/json")
    assert framed.framing == "json-array"
    assert framed.whole
    assert framed.notes == []
    assert [frame.json for frame in framed.frames] == CHUNKS
    assert [json.loads(payload[slice(*frame.data_spans[0])]) for frame in framed.frames] == CHUNKS
    assert [frame.data for frame in framed.frames] == [payload[slice(*f.data_spans[0])] for f in framed.frames]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("comma", [",", "\n,\r\n"])
def test_an_array_without_one_frame_is_still_one(count, comma):
    payload = written(CHUNKS[:count], comma)
    for index, frame in enumerate(json_array.split(payload).frames):
        rest = payload[: frame.span[0]] + payload[frame.span[1] :]
        assert json.loads(rest) == [chunk for n, chunk in enumerate(CHUNKS[:count]) if n != index]


def test_several_frames_but_the_last_two_can_go_together():
    payload = written(CHUNKS, "\n,\r\n")
    frames = json_array.split(payload).frames
    rest = payload[: frames[0].span[0]] + payload[frames[1].span[1] :]
    assert frames[0].span[1] == frames[1].span[0]
    assert json.loads(rest) == CHUNKS[2:]


def test_a_cut_array_keeps_whole_elements_and_shows_the_rest():
    payload = written(CHUNKS, ",\r\n")
    for cut in range(payload.rindex("]")):
        framed = json_array.split(payload[:cut])
        assert not framed.whole
        assert framed.notes == ["the stream ends before its array does"]
        whole = [frame.json for frame in framed.frames if isinstance(frame.json, dict)]
        assert whole == CHUNKS[: len(whole)]
        assert len(framed.frames) <= len(whole) + 1
    assert framing.split(payload[:20], "application/json").framing == "json-array"


def test_an_error_in_place_of_a_chunk_is_a_stream():
    payload = json.dumps([{"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}])
    assert framing.split(payload, "application/json").framing == "json-array"


def test_an_empty_array_is_framed_when_asked():
    framed = json_array.split("[]")
    assert (framed.frames, framed.whole) == ([], True)


@pytest.mark.parametrize(
    "payload",
    [
        "[]",
        "[1, 2]",
        '[{"id": 1}, {"id": 2}]',
        '[{"candidates": 3}, {"usage": 1}',
        '[{"error": "not found"}]',
        '[{"error": null}]',
        '[{"modelVersion": "x"}]',
        '["candidates"]',
        '{"candidates": []}',
        '[[{"candidates": []}]]',
        '[{"response": []}]',
    ],
)
def test_ordinary_json_is_no_stream(payload):
    found = framing.split(payload, "application/json")
    assert found is None or payload.startswith('[{"candidates": 3')


@given(st.text(max_size=60))
def test_any_text_is_split_without_an_exception(text):
    for payload in (text, "[" + text, '[{"candidates": []},' + text):
        json_array.claims(payload, "")
        json_array.split(payload)
