"""Other words in the rebuilt answer: they go where the old ones came from, into every copy, and nowhere else."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_cli.errors import EditError
from cassette_cli.model.body import Body
from cassette_cli.operations.edit.payloads import Payload, differences
from cassette_cli.source.document import Document
from cassette_cli.source.edits import spliced
from cassette_cli.source.verify import apply
from operations.edit_support import answered
from operations.trim_support import chunk
from providers.support import sse

RESPONSES = "https://api.example.com/v1/responses"
MESSAGES = "https://api.example.com/v1/messages"


def changed(old: str, new: str) -> list[tuple[str, str]]:
    """Return the lines that differ."""
    return [(one, other) for one, other in zip(old.split("\n"), new.split("\n"), strict=True) if one != other]


def test_of_two_choices_with_the_same_words_one_changes() -> None:
    body = sse(
        *(chunk({"content": words}, index=index) for words in ("Hi ", "there") for index in (0, 1)),
        *(chunk({}, finish="stop", index=index) for index in (0, 1)),
    )
    new, _, _ = answered(body, lambda _: {("choices", 1, "text"): "Hi you", ("choices", 0, "finish_reason"): "length"})
    assert changed(body, new) == [
        (
            f"data: {json.dumps(chunk({'content': 'there'}, index=1))}",
            f"data: {json.dumps(chunk({'content': 'you'}, index=1))}",
        ),
        (f"data: {json.dumps(chunk({}, finish='stop'))}", f"data: {json.dumps(chunk({}, finish='length'))}"),
    ]


def responses(*texts: str, arguments: tuple[str, ...] = ()) -> str:
    """Return a stream of the Responses API: each text in two deltas, and in every copy that the API sends."""
    events: list[Any] = [
        {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}}
    ]
    output: list[Any] = []
    for number, text in enumerate(texts):
        item = {"id": f"msg_{number}", "type": "message", "role": "assistant", "content": []}
        place = {"item_id": item["id"], "output_index": number, "content_index": 0}
        events.append({"type": "response.output_item.added", "output_index": number, "item": item})
        half = len(text) // 2
        for piece in (text[:half], text[half:]):
            events.append({"type": "response.output_text.delta", **place, "delta": piece})
        part = {"type": "output_text", "text": text, "annotations": []}
        events.append({"type": "response.output_text.done", **place, "text": text})
        events.append({"type": "response.content_part.done", **place, "part": part})
        output.append({**item, "content": [part]})
        events.append({"type": "response.output_item.done", "output_index": number, "item": output[-1]})
    for number, text in enumerate(arguments, len(texts)):
        item = {
            "id": f"fc_{number}",
            "type": "function_call",
            "call_id": f"call_{number}",
            "name": "f",
            "arguments": text,
        }
        events.append(
            {
                "type": "response.function_call_arguments.delta",
                "item_id": item["id"],
                "output_index": number,
                "delta": text,
            }
        )
        events.append(
            {
                "type": "response.function_call_arguments.done",
                "item_id": item["id"],
                "output_index": number,
                "arguments": text,
            }
        )
        events.append({"type": "response.output_item.done", "output_index": number, "item": item})
        output.append(item)
    events.append({"type": "response.completed", "response": {"id": "resp_1", "status": "completed", "output": output}})
    return sse(*((event["type"], event) for event in events))


def test_every_copy_of_the_words_follows() -> None:
    body = responses("The tide turns at noon.")
    new, _, _ = answered(body, lambda _: {("choices", 0, "text"): "The tide turned at noon."}, url=RESPONSES)
    assert new == body.replace("turns", "turned").replace('"rns at', '"rned at')
    assert '"The tide tu"' in new


@pytest.mark.parametrize("number", [0, 1])
def test_of_two_calls_with_the_same_arguments_one_changes(number: int) -> None:
    body = responses(arguments=('{"a": 1}', '{"a": 1}'))
    new, _, _ = answered(body, lambda _: {("choices", 0, "tool_calls", number, "arguments"): '{"a": 2}'}, url=RESPONSES)
    wanted = ['{"a": 1}', '{"a": 1}']
    wanted[number] = '{"a": 2}'
    assert new == responses(arguments=tuple(wanted))


def test_blocks_that_are_joined_keep_their_borders() -> None:
    def block(index: int, *words: str) -> list[Any]:
        start = {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
        deltas = [
            {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": one}}
            for one in words
        ]
        return [start, *deltas, {"type": "content_block_stop", "index": index}]

    def stream(*blocks: tuple[str, ...]) -> str:
        events = [
            {
                "type": "message_start",
                "message": {
                    "id": "m",
                    "type": "message",
                    "role": "assistant",
                    "content": [],
                    "model": "c",
                    "usage": {"input_tokens": 3, "output_tokens": 1},
                },
            }
        ]
        for index, words in enumerate(blocks):
            events += block(index, *words)
        events += [
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 8}},
            {"type": "message_stop"},
        ]
        return sse(*((event["type"], event) for event in events))

    body = stream(("One ", "two. "), ("Three ", "four."))
    new, old, _ = answered(
        body,
        lambda _: {("choices", 0, "text"): "One too. Three for.", ("usage", "output_tokens"): 9},
        url=MESSAGES,
    )
    assert old["choices"][0]["text"] == "One two. Three four."
    assert new == stream(("One ", "too. "), ("Three ", "for.")).replace('"output_tokens": 8', '"output_tokens": 9')


def test_words_may_be_put_where_there_were_none() -> None:
    body = sse(
        chunk(
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}],
            }
        ),
        chunk({}, finish="tool_calls"),
    )
    new, _, _ = answered(body, lambda _: {("choices", 0, "text"): "Wait."})
    assert new == body.replace('"content": null', '"content": "Wait."')
    with pytest.raises(EditError, match="no reasoning"):
        answered(body, lambda _: {("choices", 0, "reasoning"): "Hm."})


WORDS = st.text(alphabet="ab \n\u00e9\U0001f600", max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
@settings(max_examples=150, deadline=None)
def test_any_text_becomes_any_other_and_deltas_that_say_the_same_stay(pieces: list[str], text: str) -> None:
    body = sse(*(chunk({"content": piece}) for piece in pieces), chunk({}, finish="stop"))
    old = "".join(pieces)
    new, _, _ = answered(body, lambda _: {("choices", 0, "text"): text})
    said = [json.loads(line[6:])["choices"][0]["delta"].get("content", "") for line in new.split("\n") if line]
    assert "".join(said) == text
    if text.startswith(old):
        kept = pieces[: max((n for n, piece in enumerate(pieces) if piece), default=0)]
        assert said[: len(kept)] == kept


TEXTS = st.text(alphabet="ab\n", max_size=20)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), TEXTS), max_size=5))
@settings(max_examples=200, deadline=None)
def test_changes_of_changes_are_parts_of_the_first_text(first: str, steps: list[tuple[int, int, str]]) -> None:
    document = Document(json.dumps({"body": first}).encode())
    payload = Payload(Body(document.root.get("body"), "text"))
    now = first
    for one, other, new in steps:
        start, end = sorted((min(one, len(now)), min(other, len(now))))
        payload.change([(start, end, new)])
        now = now[:start] + new + now[end:]
    assert payload.now == now
    assert json.loads(apply(document, payload.edits()).text) == {"body": now}


@given(TEXTS, TEXTS)
def test_differences_make_one_text_of_another(old: str, new: str) -> None:
    assert spliced(old, differences(old, new)) == new
