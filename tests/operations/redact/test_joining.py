"""The deltas of a stream, joined: by whatever way a frame's strings are found, the texts are the same."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.operations.redact.texts.joining import join, joined
from cassette_cli.streams import framing
from cassette_cli.streams.frames import Framed
from operations.planting import BASE, SHAPES, chunk, cut, rng, sse
from operations.recorders import ENCODED, vcrpy
from operations.redact_support import redacted

KEY = SHAPES["openai"](rng("joining"))


def framed(frames: list[str]) -> Framed:
    """Cut a stream of such data into frames."""
    found = framing.split("".join(f"data: {frame}\n\n" for frame in frames))
    assert found is not None
    return found


@given(st.lists(st.sampled_from(["", "a", 'b"', "\\", "\u00e9", "\U0001f600"]), min_size=2, max_size=9))
def test_the_pieces_of_a_text_are_joined_in_order(pieces: list[str]) -> None:
    frames = [
        {"id": "a", "n": number, "choices": [{"index": 0, "delta": {"text": one}}]} for number, one in enumerate(pieces)
    ]
    found = joined(framed([json.dumps(one) for one in frames]).frames)
    assert [one.text for one in found] == (["".join(pieces)] if len(set(pieces)) > 1 else [])
    for one in found:
        assert "".join(delta.value for delta in one.deltas) == one.text
        assert all(one.text[delta.at : delta.at + len(delta.value)] == delta.value for delta in one.deltas)
    assert [one.text for one in join(frames)] == [one.text for one in found]


@pytest.mark.parametrize("damage", ['"\\q"', '"\\u12"', "1 2", ""])
def test_a_damaged_frame_hides_no_secret_in_the_others(damage: str) -> None:
    frames = [json.dumps({"n": 1, "text": piece}) for piece in ("say ", *cut(KEY), " and", " more")]
    broken = frames[0].replace('"say "', damage)
    for stream in ([*frames, broken], [broken, *frames], [*frames[:2], *frames[2:], broken, frames[-1]]):
        done = redacted(vcrpy(BASE.answered("".join(f"data: {frame}\n\n" for frame in stream), "text/event-stream")))
        assert [one.value for one in done.result.findings] == [KEY]
        assert not redacted(done.text).result.findings


@pytest.mark.parametrize("recorder", ENCODED)
def test_an_encoded_body_is_scanned_though_its_base64_is_not(recorder: str) -> None:
    text = ENCODED[recorder](BASE.answered(sse(*(chunk(piece) for piece in cut(KEY))), "text/event-stream"))
    assert [one.value for one in redacted(text).result.findings] == [KEY]


def test_comments_at_encoded_bodies_are_scanned() -> None:
    body = base64.b64encode(b"hello, world of tests").decode()
    behind = f"    string: !!binary | # was {KEY}\n      {body}\n"
    between = f"    string:\n    - !!binary {body}\n    # was {KEY}\n    - !!binary {body}\n"
    for written in (behind, between):
        text = vcrpy(BASE.answered("BODY", "text/plain"))
        line = next(one for one in text.splitlines(keepends=True) if "BODY" in one)
        indent = line[: -len(line.lstrip())]
        text = text.replace(line, written.replace("    ", indent, 1).replace("\n    ", "\n" + indent))
        done = redacted(text)
        assert [(one.value, one.where) for one in done.result.findings] == [(KEY, "comment")], text
