"""Our own streams, trimmed, through libraries that join them: the whole object is the one that they had before."""

import os
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.formats import registry
from cassette_cli.operations.loading import Paths, load_all
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.trim.options import Options
from cassette_cli.operations.trim.trimming import trim
from sdk.accumulating import CLIENTS, Whole
from sdk.loopback import CONTENT_TYPES, body_of, serving
from sdk.test_agreement import name_of, pytestmark
from sdk.test_trim_agreement import OPTIONS, STREAMS, trimmed_body

__all__ = ["pytestmark"]

CORPUS = os.environ.get("CASSETTE_CORPUS")

CASES = [
    pytest.param(fixture, client, id=f"{name_of(fixture)}-{name}")
    for fixture in STREAMS
    for name, client in CLIENTS.get(fixture.parent.name, {}).items()
]


def asked(client: Whole, body: bytes, suffix: str) -> tuple[Any, str]:
    """Return what the library made of a body, or the error that it raised, and the path that it asked for."""
    with serving(body, 200, CONTENT_TYPES[suffix]) as (url, requests):
        try:
            made = client(url)
        except Exception as error:
            if not requests:  # Then it is our fault: nothing was served yet.
                raise
            made = repr(error).replace(url, "")
    return made, requests[-1].url


@pytest.mark.slow
@pytest.mark.parametrize(("fixture", "client"), CASES)
def test_no_library_can_tell_a_trimmed_stream(fixture: Path, client: Whole) -> None:
    whole, url = asked(client, body_of(fixture), fixture.suffix)
    bodies = {trimmed_body(fixture, url, options): name for name, options in OPTIONS.items()}
    for body, name in bodies.items():
        if body is not None:
            assert asked(client, body, fixture.suffix)[0] == whole, name


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of real cassettes")
def test_no_library_can_tell_a_real_stream_without_what_carries_nothing() -> None:
    """`--coalesce` is left out: where each chunk repeats the role, OpenAI's own client joins fewer of them."""
    compared = 0
    for loaded in load_all(Paths([str(CORPUS)]), Selection(), lambda error: pytest.fail(str(error))):
        if loaded.cassette.not_http is not None:
            continue
        after = trim(loaded, Options(padding=True, pings=True)).after
        fresh = [] if after is None else registry.load(after).interactions
        for old, new in zip(loaded.cassette.interactions, fresh, strict=False):
            reading = Reading(old)
            if old.response is None or new.response is None or old.response.body.payload == new.response.body.payload:
                continue
            suffix = ".events" if isinstance(old.response.body.payload, bytes) else ".sse"
            for name, client in CLIENTS.get(reading.protocol.name if reading.protocol else "", {}).items():
                before, trimmed = (asked(client, _raw(one.response), suffix)[0] for one in (old, new))
                assert trimmed == before, (loaded.cassette.path, old.index, name)
                compared += 1
    assert compared > 20


def _raw(response: Any) -> bytes:
    payload = response.body.payload
    return payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("fixture", [one for one in STREAMS if one.stem == "no-arguments"], ids=name_of)
def test_an_only_delta_stays_and_one_beside_it_goes(fixture: Path) -> None:
    """The arguments of a tool without any are one empty delta, and are not the same as none."""
    body = trimmed_body(fixture, "/", OPTIONS["empty"])
    assert body is not None
    assert len(body) < len(body_of(fixture))
