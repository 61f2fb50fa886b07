"""VCR.py replays what was redacted, with its default matchers: method, scheme, host, port, path and query.

The client asks as its own filter would have it recorded: for the redacted URL. What it is answered is
the recorded answer, secrets replaced, nothing else.
"""

import gzip
from pathlib import Path

import pytest

from cassette_cli.__main__ import main
from operations.planting import NAMED, SHAPED, SHAPES, rng, secret
from operations.recorders import EXACT, binary, packed, vcrpy

vcr = pytest.importorskip("vcr")

WRITERS = {
    "double": vcrpy,
    "literal": EXACT["vcrpy literal"],
    "single": EXACT["vcrpy single"],
    "JSON": EXACT["vcrpy JSON"],
    "binary": binary,
    "gzip": lambda one: packed(one, 0),
}
PLACES = {**NAMED, **SHAPED}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("place", PLACES)
def test_a_redacted_cassette_replays(place: str, writer: str, tmp_path: Path) -> None:
    requests = pytest.importorskip("requests")
    token = secret(rng(place)) if place in NAMED else SHAPES["openai"](rng(place))
    exchange, wanted = PLACES[place](token), PLACES[place]("REDACTED")
    path = tmp_path / ("a.json" if writer == "JSON" else "a.yaml")
    path.write_text(WRITERS[writer](exchange), encoding="utf-8", newline="")
    assert main(["redact", str(path)]) == 0
    recorder = vcr.VCR(record_mode="none", serializer="json" if writer == "JSON" else "yaml")
    with recorder.use_cassette(str(path)) as cassette:
        answer = requests.post(wanted.url, data=b"", timeout=5, allow_redirects=False)
    assert cassette.play_count == 1
    body = gzip.decompress(answer.content) if writer == "gzip" else answer.content
    assert body == (wanted.response if isinstance(wanted.response, bytes) else wanted.response.encode())
    if writer != "gzip":
        assert answer.headers["Content-Length"] == str(len(body))
    assert token not in str(answer.headers)
