"""Our own streams through the official SDKs: what they hand over is what we rebuild.

Each file of `fixtures/` is served to the SDK of its folder over the loopback interface. The words
in them are made up, their shapes are the providers' own. SDKs that are not installed are skipped.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.errors import error_message
from cassette_cli.providers.reassemble import identify, reassemble
from cassette_cli.streams import eventstream, framing
from cassette_cli.streams.frames import Framed
from sdk.clients import CLIENTS, Answer, Seen, arguments
from sdk.loopback import CONTENT_TYPES, body_of, serving, status_of

FIXTURES = sorted(path for path in (Path(__file__).parent / "fixtures").rglob("*.*") if path.is_file())

DIFFERENT_ON_PURPOSE: dict[str, tuple[str, str]] = {
    "gemini/blocked-prompt.sse": ("error", "the SDK raises nothing where the prompt was blocked; we say so"),
    "openai-chat/error-field.sse": ("error", "SDKs pass over SSE fields that they do not know; we show the error"),
    "openai-chat/first-tool-index-is-one.sse": ("choices error", "the SDK fails where the first tool index is not 0"),
}
"""Where an SDK is known to be wrong or silent: {folder/file: (what differs, reason)}."""

BROKEN = ("cut-", "error-", "exception-", "model-error-", "failed")
"""How the names of the streams begin that do not come to their end."""

# The SDKs warn of their own deprecated parts, and some leave closing their sockets to the collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def name_of(fixture: Path) -> str:
    return f"{fixture.parent.name}/{fixture.name}"


def ask_sdk(fixture: Path, body: bytes | None = None) -> tuple[Seen, Exchange]:
    """Let the folder's SDK read the fixture, or this body; what it raises becomes the error that it saw."""
    seen = Seen()
    body = body_of(fixture) if body is None else body
    with serving(body, status_of(fixture), CONTENT_TYPES[fixture.suffix]) as (url, asked):
        try:
            CLIENTS[fixture.parent.name](url, seen)
        except Exception as error:
            if not asked:  # Then it is our fault: nothing was served yet.
                raise
            seen.error = str(error) or repr(error)
    return seen, asked[-1]


def read(body: bytes, exchange: Exchange) -> tuple[Framed, StreamProtocol]:
    """Cut a body into frames and find its protocol, as every command does."""
    payload: str | bytes = body if "eventstream" in exchange.content_type else body.decode()
    framed = framing.split(payload, exchange.content_type)
    assert framed is not None
    exchange.framing = framed.framing
    protocol = identify(exchange, framed)
    assert protocol is not None
    return framed, protocol


def ours(message: Message, protocol: StreamProtocol) -> Seen:
    seen = Seen(tokens=protocol.usage.counts(message.usage), error=" ".join(message.errors) or None)
    for choice in message.choices:
        calls = [[call.id, call.name, arguments(call.arguments)] for call in choice.tool_calls]
        answer = Answer(choice.text, choice.reasoning or "", choice.refusal or "", calls, choice.finish_reason)
        seen.choices[choice.index] = answer
    return seen


def agreed(theirs: Any, rebuilt: Any) -> bool:
    """Say whether two errors are the same: the provider's words stand in what the SDK raised."""
    if theirs is None or rebuilt is None:
        return theirs is rebuilt
    return rebuilt.rpartition(": ")[2] in theirs


@pytest.mark.parametrize("fixture", [f for f in FIXTURES if status_of(f) == 200], ids=name_of)
def test_streams(fixture: Path) -> None:
    theirs, exchange = ask_sdk(fixture)
    framed, protocol = read(body_of(fixture), exchange)
    assert protocol.name == {"mistral-chat": "openai-chat"}.get(fixture.parent.name, fixture.parent.name)
    message = reassemble(exchange, framed, protocol)
    seen = ours(message, protocol)
    differing = {what for what in ("choices", "tokens") if _of(seen, what) != _of(theirs, what)}
    # Of a frame that was cut in two, one SDK makes an error of its parser, and another nothing.
    if fixture.stem != "cut-in-a-frame" and not agreed(theirs.error, seen.error):
        differing.add("error")
    known, _ = DIFFERENT_ON_PURPOSE.get(name_of(fixture), ("", ""))
    assert differing == set(known.split()), f"\nSDK:  {theirs}\nours: {seen}"
    assert message.complete is not fixture.stem.startswith(BROKEN)


def _of(seen: Seen, what: str) -> Any:
    """Return the choices that hold anything, or the token counts."""
    if what == "choices":
        return {index: answer for index, answer in seen.choices.items() if answer != Answer()}
    return seen.tokens


@pytest.mark.parametrize("fixture", [f for f in FIXTURES if f.stem == "empty-deltas"], ids=name_of)
def test_no_sdk_misses_the_frames_that_we_call_empty(fixture: Path) -> None:
    body = body_of(fixture)
    theirs, exchange = ask_sdk(fixture)
    framed, protocol = read(body, exchange)
    empty = protocol.empties(framed.frames)
    if fixture.suffix == ".events":
        rest = eventstream.remove_frames(body, empty)
    else:
        text = body.decode()
        kept = [frame.span for i, frame in enumerate(framed.frames) if i not in empty]
        rest = "".join(text[begin:end] for begin, end in kept).encode()
    assert empty
    assert ask_sdk(fixture, rest)[0] == theirs
    after = reassemble(exchange, *read(rest, exchange))
    assert ours(reassemble(exchange, framed, protocol), protocol) == ours(after, protocol)


@pytest.mark.parametrize("fixture", [f for f in FIXTURES if status_of(f) != 200], ids=name_of)
def test_errors_of_http(fixture: Path) -> None:
    theirs, exchange = ask_sdk(fixture)
    words = error_message(json.loads(body_of(fixture)))
    assert words is not None
    assert theirs.error is not None
    assert exchange.status == status_of(fixture)
    assert agreed(theirs.error, words), f"SDK: {theirs.error}\nours: {words}"


def test_every_folder_has_a_client_and_every_client_has_streams() -> None:
    assert {fixture.parent.name for fixture in FIXTURES} == set(CLIENTS)
