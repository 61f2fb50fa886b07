"""The frames of a long stream are those of a short one, and few of them are held at once."""

import gc
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_cli.__main__ import main
from cassette_cli.streams import ai_sdk_lines, frames, json_array, json_concat, ndjson, sse
from cassette_cli.streams.frames import Frame

EXAMPLES = Path(__file__).parents[2] / "examples"
LINES = (
    'data: {"a": 1}', "data: [DONE]", "data:", "data: x", "data", "event: ping", ": hold on", "id: 7", "error: {}",
    '{"a": "é"}', '{"a": [1, 2', "[1]", "[", "]", ",", '0:"text"', 'd:{"a": 1}', '{"a": 1}{"b": 2}', "\ufeff", "", "",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(LINES), max_size=12).flatmap(
    lambda lines: st.lists(st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\r"]), min_size=len(lines), max_size=len(lines)).map(
        lambda ends: "".join(line + end for line, end in zip(lines, ends, strict=True))
    )
)  # fmt: skip


def told(framed):
    """Return all that is known of a stream."""
    each = [(f.event, f.data, f.span, f.data_spans, f.fields, f.json) for f in framed.frames]
    return each, framed.whole, framed.notes, framed.keepalives


@pytest.mark.parametrize("framing", [sse, ndjson, json_array, json_concat, ai_sdk_lines], ids=lambda one: one.NAME)
@given(text=TEXTS)
@settings(deadline=None, max_examples=200)
def test_frames_of_a_long_stream_are_those_of_a_short_one(framing, text):
    with patch.object(frames, "LONG", 0):
        long = framing.split(text)
    short = framing.split(text)
    assert isinstance(short.frames, list)
    assert told(long) == told(short)
    assert [one.data for one in long.frames[-2::-1]] == [one.data for one in short.frames[-2::-1]]


def test_a_long_stream_holds_the_frame_that_was_asked_for_last():
    framed = sse.split(f'data: {{"text": "{"x" * 100}"}}\n\n' * (frames.LONG // 100))
    assert len(framed.frames) > 1000
    most = 0
    for number, frame in enumerate(framed.frames):
        assert frame.object
        if number % 1000 == 0:
            most = max(most, sum(isinstance(one, Frame) for one in gc.get_objects()))
    assert most < 10


@pytest.mark.parametrize("line", ["ls", "show", "show -r", "show -r --json", "textconv", "grep -i Tide", "redact --check --no-cache"])  # fmt: skip
def test_commands_print_the_same_of_long_streams(line, capsys, monkeypatch):
    paths = sorted(str(path) for path in EXAMPLES.iterdir() if path.suffix in (".yaml", ".yml", ".json", ".har"))
    outputs = []
    for long in (frames.LONG, 0):
        monkeypatch.setattr(frames, "LONG", long)
        for named in [[path] for path in paths] if line == "textconv" else [paths]:
            main([*line.split(), *named])
        outputs.append(capsys.readouterr())
    assert outputs[0] == outputs[1]
