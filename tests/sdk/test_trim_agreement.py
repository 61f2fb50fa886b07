"""Our own streams, trimmed, through the official SDKs: what they hand over is what they made of the whole stream."""

from pathlib import Path

import pytest

from cassette_cli.operations.trim.options import Options
from operations.trim_support import EVERYTHING, only, trimmed
from sdk.clients import CLIENTS, Seen
from sdk.loopback import CONTENT_TYPES, body_of, status_of
from sdk.test_agreement import FIXTURES, ask_sdk, name_of, pytestmark

__all__ = ["pytestmark"]

OPTIONS = {
    "empty": Options(),
    "padding": only(padding=True),
    "pings": only(pings=True),
    "coalesce": only(coalesce=0),
    "coalesce-9": only(coalesce=9),
    "everything": EVERYTHING,
}
STREAMS = [fixture for fixture in FIXTURES if status_of(fixture) == 200]


def trimmed_body(fixture: Path, url: str, options: Options) -> bytes | None:
    """Return the body of a fixture, trimmed; None where there was nothing to trim."""
    body = body_of(fixture)
    content_type = CONTENT_TYPES[fixture.suffix]
    payload = body if fixture.suffix == ".events" else body.decode()
    new, result = trimmed(payload, options, url=f"https://api.example.com{url}", content_type=content_type)
    assert [one.reason for one in result.interactions if one.reason] == []
    if new == payload:
        return None
    return new if isinstance(new, bytes) else new.encode()


@pytest.mark.parametrize("fixture", STREAMS, ids=name_of)
def test_an_sdk_cannot_tell_a_trimmed_stream(fixture: Path) -> None:
    whole, exchange = ask_sdk(fixture)
    for name, options in OPTIONS.items():
        body = trimmed_body(fixture, exchange.url, options)
        if body is not None:
            assert comparable(ask_sdk(fixture, body)[0]) == comparable(whole), name


def comparable(seen: Seen) -> tuple[object, ...]:
    return dict(seen.choices), seen.tokens, seen.error


def test_something_is_trimmed_in_most_folders() -> None:
    folders = {fixture.parent.name for fixture in STREAMS if trimmed_body(fixture, "/", EVERYTHING) is not None}
    assert folders >= CLIENTS.keys() - {"bedrock-agent", "gemini", "gemini-interactions"}
