"""Our own streams, trimmed, through libraries that join them: the whole object is the one that they had before."""

from pathlib import Path
from typing import Any

import pytest

from sdk.accumulating import CLIENTS, Whole
from sdk.loopback import CONTENT_TYPES, body_of, serving
from sdk.test_agreement import name_of, pytestmark
from sdk.test_trim_agreement import OPTIONS, STREAMS, trimmed_body

__all__ = ["pytestmark"]

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
@pytest.mark.parametrize("folder", [folder for folder in CLIENTS if folder != "mistral-chat"])
def test_an_only_delta_stays_and_one_beside_it_goes(folder: str) -> None:
    """The arguments of a tool without any are one empty delta, and are not the same as none."""
    fixture = next((one for one in STREAMS if one.parent.name == folder and one.stem == "no-arguments"), None)
    if fixture is None:
        pytest.skip("this protocol's streams say it otherwise")
    body = trimmed_body(fixture, "/", OPTIONS["empty"])
    assert body is not None
    assert len(body) < len(body_of(fixture))
