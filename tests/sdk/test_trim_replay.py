"""VCR.py records a stream for the real OpenAI client, we trim the cassette, and VCR.py replays it: same answer."""

from pathlib import Path

import pytest

from cassette_cli.__main__ import main
from sdk.clients import Seen, openai_chat, sdk
from sdk.loopback import CONTENT_TYPES, body_of, serving, status_of
from sdk.test_agreement import BROKEN, FIXTURES, pytestmark

__all__ = ["pytestmark"]

CHATS = [
    fixture
    for fixture in FIXTURES
    if fixture.parent.name == "openai-chat"
    and status_of(fixture) == 200
    and not fixture.stem.startswith((*BROKEN, "first-tool-index"))
]


@pytest.mark.parametrize("options", [[], ["--all"], ["--all", "--coalesce"]], ids=" ".join)
@pytest.mark.parametrize("fixture", CHATS, ids=lambda fixture: fixture.stem)
def test_a_trimmed_cassette_replays_the_same_answer(fixture: Path, options: list[str], tmp_path: Path) -> None:
    sdk("openai")
    vcr = pytest.importorskip("vcr")
    path = tmp_path / "chat.yaml"
    recorded, replayed = Seen(), Seen()
    body, kind = body_of(fixture), CONTENT_TYPES[fixture.suffix]
    with serving(body, 200, kind) as (url, asked), vcr.use_cassette(path, record_mode="once"):
        openai_chat(url, recorded)
    assert len(asked) == 1
    size = path.stat().st_size
    assert main(["trim", str(path), *options]) == 0
    if options:
        assert path.stat().st_size < size
    # The server is gone: what is not in the cassette is an error.
    with vcr.use_cassette(path, record_mode="none") as cassette:
        openai_chat(url, replayed)
    assert cassette.play_count == 1
    assert (dict(replayed.choices), replayed.tokens) == (dict(recorded.choices), recorded.tokens)
