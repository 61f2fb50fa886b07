"""What a listing says of a stream, found with few frames: it is what the whole message says."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.reassemble import count, identify, reassemble
from cassette_cli.streams import framing
from cassette_cli.streams.frames import Frame, Framed
from providers.support import empties, sse
from sdk.loopback import CONTENT_TYPES, body_of, status_of

FIXTURES = [f for f in sorted((Path(__file__).parents[1] / "sdk" / "fixtures").rglob("*.*")) if status_of(f) == 200]


def opened(payload: str | bytes, suffix: str) -> tuple[Exchange, Framed, StreamProtocol] | None:
    """Cut a stream into frames that nobody has parsed; None where no protocol claims what there is of it."""
    exchange = Exchange("POST", "https://api.example/v1/stream", "{}", 200, CONTENT_TYPES.get(suffix, ""))
    framed = framing.split(payload, exchange.content_type)
    protocol = None if framed is None else identify(exchange, framed)
    return None if framed is None or protocol is None else (exchange, framed, protocol)


def facts(message: Message) -> tuple[Any, Any]:
    return message.model, message.usage


@pytest.mark.parametrize("file", FIXTURES, ids=lambda f: f"{f.parent.name}/{f.name}")
@settings(max_examples=12)
@given(data=st.data())
def test_few_frames_tell_model_and_usage_of_a_stream_cut_anywhere(file: Path, data: st.DataObject) -> None:
    payload = body_of(file) if file.suffix == ".events" else body_of(file).decode()
    payload = payload[: data.draw(st.integers(len(payload) // 8, len(payload)) | st.just(len(payload)), label="length")]
    few, all_of_it = opened(payload, file.suffix), opened(payload, file.suffix)
    if few is not None and all_of_it is not None:
        assert facts(count(*few)) == facts(reassemble(*all_of_it))


@pytest.mark.parametrize("file", FIXTURES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_empty_frames_are_the_same_whether_the_others_are_parsed_or_not(file: Path) -> None:
    payload = body_of(file) if file.suffix == ".events" else body_of(file).decode()
    fresh, read = opened(payload, file.suffix), opened(payload, file.suffix)
    assert fresh is not None
    assert read is not None
    bare = [Frame(f.event, "", f.span, f.data_spans, f.fields, f.json) for f in read[1].frames]
    assert fresh[2].empties(fresh[1].frames) == read[2].empties(bare)


def test_a_key_in_escapes_counts_as_well() -> None:
    chunk = {"object": "chat.completion.chunk", "choices": []}
    usage = json.dumps({**chunk, "usage": {"prompt_tokens": 7}}).replace('"usage"', '"\\u0075sage"')
    stream = opened(sse({**chunk, "model": "tide-1"}, chunk, usage, "[DONE]"), ".sse")
    assert stream is not None
    assert facts(count(*stream)) == ("tide-1", {"prompt_tokens": 7})


def test_frames_that_bear_on_nothing_are_not_parsed() -> None:
    chunk = {"object": "chat.completion.chunk", "model": "tide-1", "usage": None}
    words = [{**chunk, "choices": [{"index": 0, "delta": {"content": f"{n} "}}]} for n in range(9)]
    stream = opened(sse(*words, {**chunk, "choices": [], "usage": {"prompt_tokens": 7}}), ".sse")
    assert stream is not None
    counted = stream[2].counted
    assert counted is not None
    frames = stream[1].frames
    assert list(counted.choose(frames)) == [frames[0], frames[-1]]


def test_a_choice_that_first_shows_in_an_empty_delta_keeps_it() -> None:
    """Chunks are read back only as far as a key is found: two choices are two keys."""
    chunk = {"object": "chat.completion.chunk", "model": "tide-1"}
    deltas: list[tuple[int, dict[str, Any]]] = [
        (0, {"role": "assistant", "content": ""}),
        (0, {"content": "Low"}),
        (0, {"content": ""}),
        (1, {"content": ""}),
        (1, {"content": ""}),
        (1, {"tool_calls": []}),
        (1, {"tool_calls": None}),
        (0, {}),
    ]
    chunks = [{**chunk, "choices": [{"index": index, "delta": delta}]} for index, delta in deltas]
    assert empties(sse(*chunks, "[DONE]")) == [2, 4, 6]
