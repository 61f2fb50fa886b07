"""Our own streams with other words, through the official SDKs: they hand over what was asked for, and all else as before."""

from pathlib import Path
from typing import Any

import pytest

from cassette_cli.operations.edit.draft import NothingThereError
from operations.edit_support import answered
from sdk.clients import Answer, Seen
from sdk.loopback import CONTENT_TYPES, body_of, status_of
from sdk.test_agreement import DIFFERENT_ON_PURPOSE, FIXTURES, ask_sdk, name_of, pytestmark

__all__ = ["pytestmark"]

STREAMS = [
    f for f in FIXTURES if status_of(f) == 200 and "choices" not in DIFFERENT_ON_PURPOSE.get(name_of(f), ("",))[0]
]
TEXT = 'New "words" \u2713,\nand more of them than there may be deltas: a b c d e f g h i j k l m n o p'


def edited(fixture: Path, url: str, wanted: Any) -> tuple[bytes, dict[Any, Any]]:
    body = body_of(fixture)
    content_type = CONTENT_TYPES[fixture.suffix]
    payload = body if fixture.suffix == ".events" else body.decode()
    new, _, asked = answered(payload, wanted, url=f"https://api.example.com{url}", content_type=content_type)
    return new if isinstance(new, bytes) else new.encode(), asked


def words(message: dict[str, Any]) -> dict[tuple[str | int, ...], Any]:
    """Ask for another text, and other thoughts, in every choice that has some."""
    found: dict[tuple[str | int, ...], Any] = {}
    for number, choice in enumerate(message["choices"]):
        found |= {("choices", number, name): f"{name}: {TEXT}" for name in ("text", "reasoning") if choice[name]}
    return found


def arguments(message: dict[str, Any]) -> dict[tuple[str | int, ...], Any]:
    """Ask for other arguments in every call that has some."""
    return {
        ("choices", number, "tool_calls", place, "arguments"): '{"place": "\u00d8rsta", "days": [1, 2.5, null]}'
        for number, choice in enumerate(message["choices"])
        for place, call in enumerate(choice["tool_calls"])
        if call["arguments"]
    }


def expected(seen: Seen, asked: dict[Any, Any], indices: list[int]) -> dict[int, Answer]:
    for path, value in asked.items():
        answer = seen.choices[indices[path[1]]]
        if path[2] == "tool_calls":
            answer.calls[path[3]][2] = {"place": "\u00d8rsta", "days": [1, 2.5, None]}
        else:
            setattr(answer, path[2], value)
    return dict(seen.choices)


@pytest.mark.parametrize("wanted", [words, arguments], ids=["words", "arguments"])
@pytest.mark.parametrize("fixture", STREAMS, ids=name_of)
def test_an_sdk_reads_what_was_asked_for(fixture: Path, wanted: Any) -> None:
    whole, exchange = ask_sdk(fixture)
    indices: list[int] = []

    def asking(message: dict[str, Any]) -> dict[Any, Any]:
        indices.extend(choice["index"] for choice in message["choices"])
        return wanted(message)

    try:
        body, asked = edited(fixture, exchange.url, asking)
    except NothingThereError:
        assert not any(answer.text or answer.calls for answer in whole.choices.values())
        return
    seen = ask_sdk(fixture, body)[0] if asked else whole
    assert dict(seen.choices) == expected(whole, asked, indices)
    assert (seen.tokens, seen.error) == (whole.tokens, whole.error)
