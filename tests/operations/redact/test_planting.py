"""The planting test: fake secrets of every kind in every place, in every recorder's format; not one may be left.

A cassette is built twice, with the secret and with the placeholder in its place: redacting the one must
give the other, byte for byte. Whole bodies that are encoded anew are compared decoded.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import independent
from operations.planting import IDS, NAMED, SHAPED, SHAPES, emptied, rng, secret
from operations.recorders import ENCODED, EXACT, vcrpy
from operations.redact_support import leaks, redacted
from operations.vendor_tokens import VENDORS

KINDS = {**SHAPES, **VENDORS, **IDS}
PLACES = {**NAMED, **SHAPED}
FLAT = ("single", "PHP-VCR", "ExVCR")
"""Recorders that hold one value a header."""


def planted(place: str) -> str:
    """Return a secret for a place: with a shape where nothing but the shape gives it away."""
    return secret(rng(place)) if place in NAMED else SHAPES["openai"](rng(place))


@pytest.mark.parametrize("recorder", EXACT)
@pytest.mark.parametrize("place", PLACES)
def test_every_place_of_every_recorder(place: str, recorder: str) -> None:
    if place == "2 second value" and recorder in FLAT:
        pytest.skip("one value a header")
    write, token = EXACT[recorder], planted(place)
    done = redacted(write(PLACES[place](token)))
    assert done.text == write(PLACES[place]("REDACTED"))
    assert redacted(done.text).text == done.text


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_place(kind: str) -> None:
    for place, build in SHAPED.items():
        token = KINDS[kind](rng(kind + place))
        done = redacted(vcrpy(build(token)))
        assert done.text == vcrpy(build(emptied(token) if kind == "jwt" else "REDACTED")), place
        assert leaks(done.text, token) == [], place


@pytest.mark.parametrize("recorder", ENCODED)
@pytest.mark.parametrize("place", PLACES)
def test_every_place_under_every_encoding(place: str, recorder: str, tmp_path: Path) -> None:
    write, token = ENCODED[recorder], planted(place)
    done = redacted(write(PLACES[place](token)))
    assert leaks(done.text, token) == []
    assert redacted(done.text).text == done.text
    if recorder == "gzip in two members":
        return  # which the second reading does not know
    got, wanted = (
        _without_lengths(tmp_path / f"{number}.yaml", text)
        for number, text in enumerate((done.text, write(PLACES[place]("REDACTED"))))
    )
    assert got == wanted


def _without_lengths(path: Path, text: str) -> list[independent.Recorded]:
    """Read a cassette; the lengths of compressed bodies depend on the compressor."""
    path.write_text(text, encoding="utf-8")
    found = independent.interactions(path)
    for one in found:
        one.request_headers = [line for line in one.request_headers if line[0] != "Content-Length"]
        one.response_headers = [line for line in one.response_headers if line[0] != "Content-Length"]
    return found


def test_leaks_are_seen() -> None:
    """The one who looks for leaks finds every one before the redaction: else it proves nothing after it."""
    for place, build in PLACES.items():
        token = planted(place)
        for recorder, write in {"vcrpy": vcrpy, **ENCODED}.items():
            assert leaks(write(build(token)), token), (place, recorder)


def test_all_at_once_the_same_in_every_process(tmp_path: Path) -> None:
    """Many secrets in one folder, redacted under different hash seeds: the same bytes."""
    files = {}
    for number, (place, build) in enumerate(PLACES.items()):
        for recorder, write in (("a", EXACT["vcrpy double"]), ("b", ENCODED["vcrpy !!binary"])):
            files[f"{number}{recorder}.yaml"] = write(build(planted(place)))
    results = []
    for seed in ("0", "1", "4711"):
        folder = tmp_path / seed
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-m", "cassette_cli", "redact", "--json", "."], cwd=folder, env=environment,
                              capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        results.append((done.stdout, {name: (folder / name).read_bytes() for name in files}))
    assert results[0] == results[1] == results[2]
