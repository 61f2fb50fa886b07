"""The examples: a cassette of each main format, and the Python ones as their recorders write them today."""

from pathlib import Path

import pytest

import record_examples
from cassette_cli.formats.registry import FORMATS, load
from cassette_cli.model.http import Cassette
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document

EXAMPLES = Path(__file__).parents[2] / "examples"
CASSETTES = [path for path in sorted(EXAMPLES.iterdir()) if path.suffix not in (".md", ".svg")]


def read(path: Path) -> Cassette:
    return load(Document(unwrap(path.read_bytes(), path.name)[0], path))


def contents(cassette: Cassette) -> list[tuple[object, ...]]:
    """Return what was recorded; VCR.py leaves the order of headers to chance."""
    return [
        (
            one.request.method,
            one.request.url,
            one.request.body.payload,
            sorted((line.name.lower(), line.value) for line in one.request.headers),
            one.response.status,
            one.response.body.payload,
            one.response.body.layers,
            sorted((line.name.lower(), line.value) for line in one.response.headers),
        )
        for one in cassette.interactions
    ]


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.name)
def test_an_example_is_claimed_once_and_whole(path):
    document = Document(unwrap(path.read_bytes(), path.name)[0], path)
    assert len([one.name for one in FORMATS if one.claims(document)]) == 1
    cassette = load(document)
    assert cassette.interactions
    for one in cassette.interactions:
        assert one.response is not None
        lengths = {node.value for body in (one.request.body, one.response.body) for node in body.lengths}
        assert lengths <= {str(size) for body in (one.request.body, one.response.body) for size in (body.size, 149, -1)}


def test_every_main_format_has_an_example():
    formats = {read(path).format for path in CASSETTES}
    main = {"go-vcr v2", "vcrpy", "vcrpy-parallel", "single-interaction", "ruby-vcr", "betamax", "har"}
    assert main <= formats


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")  # Betamax calls it
def test_the_recorders_still_write_them(tmp_path):
    record_examples.record(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(record_examples.RECORDED)
    for name in record_examples.RECORDED:
        assert contents(read(tmp_path / name)) == contents(read(EXAMPLES / name))
