"""Edits inside streams: the frames that were asked for change, and nothing else does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.errors import EditError
from cassette_cli.source.edits import spliced
from cassette_cli.streams import editing, eventstream, framing
from cassette_cli.streams.editing import Changes
from cassette_cli.streams.frames import Framed


def framed(payload: str | bytes) -> Framed:
    found = framing.split(payload, "")
    assert found is not None
    return found


def edited(payload: str | bytes, **changes: object) -> str | bytes:
    return editing.edited(payload, framed(payload), Changes(**changes))  # type: ignore[arg-type]


EVENTS = 'data: {"a":1}\n\n: ping\n\n: two\ndata: {"b":\ndata: 2}\n\ndata:x\n\n'


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_comments_go_with_the_blank_line_after_them_or_inside_their_frame(newline: str) -> None:
    wanted = 'data: {"a":1}\n\ndata: {"b":\ndata: 2}\n\ndata:x\n\n'
    assert edited(EVENTS.replace("\n", newline), keepalives=True) == wanted.replace("\n", newline)


def test_a_frame_goes_with_its_blank_line() -> None:
    assert edited(EVENTS, removed={1}) == 'data: {"a":1}\n\n: ping\n\ndata:x\n\n'


def test_a_comment_inside_a_removed_frame_goes_once() -> None:
    assert edited(EVENTS, removed={1}, keepalives=True) == 'data: {"a":1}\n\ndata:x\n\n'


def test_a_part_may_span_lines_of_data() -> None:
    new = edited(EVENTS, parts={1: [(3, 8, 'c": 3')]})
    assert isinstance(new, str)
    assert framed(new).frames[1].data == '{"bc": 3'


def test_new_line_breaks_become_lines_of_data_in_the_way_of_the_stream() -> None:
    assert edited(EVENTS.replace("\n", "\r\n"), parts={2: [(0, 1, "y\nz")]}).endswith("data:y\r\ndata: z\r\n\r\n")


def test_a_blank_at_the_start_of_data_is_kept_from_being_taken_for_the_fields_own() -> None:
    assert edited(EVENTS, parts={2: [(0, 1, " y")]}).endswith("data:  y\n\n")


def test_fields_between_lines_of_data_are_not_lost() -> None:
    payload = 'data: {"b":\nid: 7\ndata: 2}\n\n'
    with pytest.raises(EditError, match="other fields"):
        edited(payload, parts={0: [(2, 7, "")]})


def test_a_carriage_return_cannot_stand_in_data() -> None:
    with pytest.raises(EditError, match="carriage return"):
        edited(EVENTS, parts={0: [(0, 1, "\r")]})


def test_a_line_of_json_cannot_hold_a_line_break() -> None:
    with pytest.raises(EditError, match="line break"):
        edited('{"a":1}\n{"b":2}\n', parts={0: [(0, 0, "\n")]})


@pytest.mark.parametrize(
    ("removed", "wanted"),
    [
        ({0}, '[{"candidates":[2]},\n {"candidates":[3]}]'),
        ({1}, '[{"candidates":[1]},\n{"candidates":[3]}]'),
        ({2}, '[{"candidates":[1]},\n{"candidates":[2]}]'),
        ({1, 2}, '[{"candidates":[1]}]'),
        ({0, 2}, '[{"candidates":[2]}]'),
        ({0, 1}, '[{"candidates":[3]}]'),
    ],
)
def test_the_commas_of_an_array_stay_right(removed: set[int], wanted: str) -> None:
    payload = '[{"candidates":[1]},\n{"candidates":[2]},\n {"candidates":[3]}]'
    new = edited(payload, removed=removed)
    assert isinstance(new, str)
    assert json.loads(new) == json.loads(wanted)
    assert new == wanted


def test_an_array_may_lose_all_its_elements() -> None:
    payload = '[{"candidates":[1]},\n{"candidates":[2]}]'
    assert spliced(payload, editing.text_parts(payload, framed(payload), Changes(removed={0, 1}))) == "[]"


def stream_of(*payloads: bytes) -> bytes:
    headers = eventstream.text_headers({":event-type": "chunk", ":message-type": "event"})
    return eventstream.encode(eventstream.EventMessage(headers, payload) for payload in payloads)


def test_aws_messages_get_right_lengths_and_checksums() -> None:
    data = stream_of(b'{"a":1}', b'{"b":2}', '{"c":"\u00e9"}'.encode())
    new = edited(data, parts={2: [(6, 7, "\u4e2d\u6587")]}, removed={0})
    assert isinstance(new, bytes)
    assert [message.payload.decode() for message in eventstream.decode(new)] == ['{"b":2}', '{"c":"\u4e2d\u6587"}']


def test_a_message_that_is_no_text_is_not_edited() -> None:
    with pytest.raises(EditError, match="no text"):
        edited(stream_of(b"\xff\xfe"), parts={0: [(0, 1, "x")]})


def test_what_a_frame_holds_in_base64_is_edited_inside() -> None:
    data = stream_of(b'{"p":"abc","bytes":"eyJhIjoxfQ=="}')
    inner = editing.inner(framed(data).frames[0])
    assert inner is not None
    assert inner.text == '{"a":1}'
    new = edited(data, parts={0: inner.parts([(5, 6, "22")])})
    assert isinstance(new, bytes)
    again = editing.inner(framed(new).frames[0])
    assert again is not None
    assert again.text == '{"a":22}'


@pytest.mark.parametrize("held", ['"***"', "5", '"\\u0065yJ9"', '"/w=="'])
def test_what_is_no_plain_base64_of_text_has_no_inside(held: str) -> None:
    assert editing.inner(framed(stream_of(f'{{"bytes":{held}}}'.encode())).frames[0]) is None


def test_overlapping_parts_are_refused() -> None:
    with pytest.raises(EditError, match="overlap"):
        edited(EVENTS, parts={0: [(0, 3, ""), (2, 4, "")]})


words = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=12)


@given(st.lists(st.lists(words.filter(lambda line: "\n" not in line), min_size=1, max_size=3), min_size=1, max_size=5),
       st.data(), st.sampled_from(["\n", "\r\n", "\r"]))  # fmt: skip
def test_any_edit_of_any_event_changes_that_event_alone(
    events: list[list[str]], data: st.DataObject, newline: str
) -> None:
    payload = "".join("".join(f"data: {line}{newline}" for line in lines) + newline for lines in events)
    cut = framed(payload)
    texts = ["\n".join(lines) for lines in events]
    assert [frame.data for frame in cut.frames] == texts
    number = data.draw(st.integers(0, len(events) - 1))
    start = data.draw(st.integers(0, len(texts[number])))
    end = data.draw(st.integers(start, len(texts[number])))
    new = data.draw(words)
    made = editing.edited(payload, cut, Changes({number: [(start, end, new)]}))
    texts[number] = texts[number][:start] + new + texts[number][end:]
    assert [frame.data for frame in framed(made).frames] == texts
