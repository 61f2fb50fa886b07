"""Nothing differs in silence: whatever leaf of a recording changes is named, or counted under a rule that fits it.

Over the examples, and over the cassettes of CASSETTE_CORPUS where that is set.
"""

import json
import os
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.model.http import Interaction
from cassette_cli.operations.diff.cassettes import Version, compare
from cassette_cli.operations.loading import Paths, load_all
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.textconv import convert
from cassette_cli.operations.volatile import NAMES
from operations.diff_support import version

EXAMPLES = Path(__file__).parents[2] / "examples"
CORPUS = os.environ.get("CASSETTE_CORPUS", "")
MOST = 40
"""Leaves of a body that are changed, spread over it."""

Recording = dict[str, Any]


def recording(one: Interaction) -> Recording | None:
    """Return an interaction as go-vcr would write it, None where a body is no text."""
    bodies = [one.request.body.payload, "" if one.response is None else one.response.body.payload]
    if one.response is None or not all(isinstance(body, str) for body in bodies):
        return None
    headers = [
        {name: [line.value for line in side if line.name == name] for name in dict.fromkeys(line.name for line in side)}
        for side in (one.request.headers, one.response.headers)
    ]
    # The bodies are decoded here.
    headers = [{k: v for k, v in side.items() if k.lower() != "content-encoding"} for side in headers]
    return {
        "request": {"method": one.request.method, "url": one.request.url, "headers": headers[0], "body": bodies[0]},
        "response": {"code": one.response.status or 200, "status": "", "headers": headers[1], "body": bodies[1],
                     "duration": "1s"},
    }  # fmt: skip


def key() -> str:
    """Return the key of the hashes beside masks."""
    return "a key"


def written(one: Recording) -> Version:
    return version(json.dumps({"version": 2, "interactions": [{"id": 0, **one}]}))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return "another" if value is None else f"{value[:-1]}{'7' if value[-1:] != '7' else '3'}"


def changed(value: Any, path: tuple[Any, ...]) -> Any:
    made = deepcopy(value)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    if path:
        holder[path[-1]] = other(holder[path[-1]])
    return made if path else other(made)


def spread(items: list[Any]) -> list[Any]:
    return items[:: max(1, len(items) // MOST)]


def bodies(text: str, one: Recording, side: str) -> Iterator[tuple[str, tuple[Any, ...], str]]:
    """Yield (what, path, the body with that leaf changed)."""
    reading = Reading(written(one).cassette.interactions[0])
    framed = reading.framed if side == "response" else None
    if framed is not None:
        frames = [frame for frame in framed.frames if isinstance(frame.json, dict | list)]
        for frame, path in spread([(one, path) for one in frames for path in leaves(one.json)]):
            if len(frame.data_spans) == 1:
                start, end = frame.data_spans[0]
                yield "frame", path, text[:start] + json.dumps(changed(frame.json, path)) + text[end:]
        return
    try:
        value = json.loads(text)
    except ValueError:
        yield "text", (), text + "~"
        return
    for path in spread(list(leaves(value))):
        yield "body", path, json.dumps(changed(value, path))


def variants(one: Recording) -> Iterator[tuple[str, tuple[Any, ...], Recording]]:
    """Yield a recording with one thing changed, and what that is."""
    for side in ("request", "response"):
        for what, path, body in bodies(one[side]["body"], one, side) if one[side]["body"] else ():
            yield f"{side} {what}", path, {**one, side: {**one[side], "body": body}}
        for name, values in one[side]["headers"].items():
            new = {**one[side]["headers"], name: [other(values[0]), *values[1:]]}
            yield f"{side} header", (name,), {**one, side: {**one[side], "headers": new}}
            gone = {key: value for key, value in one[side]["headers"].items() if key != name}
            yield f"{side} header", (name,), {**one, side: {**one[side], "headers": gone}}
    yield "status", (), {**one, "response": {**one["response"], "code": one["response"]["code"] + 1}}
    yield "url", (), {**one, "request": {**one["request"], "url": one["request"]["url"] + "x"}}
    yield "method", (), {**one, "request": {**one["request"], "method": one["request"]["method"] + "X"}}


def check(one: Recording) -> int:
    """Change every leaf in turn; returns how many."""
    old = written(one)
    count = 0
    for number, (what, path, new) in enumerate(variants(one)):
        after = written(new)
        if new == one:
            continue
        count += 1
        found = compare(old, after)
        told = [change for pair in found.interactions for change in (*pair.changes, *pair.volatile)]
        moved = any(pair.state in ("added", "removed") for pair in found.interactions)
        assert told or moved, (what, path)
        assert {change.volatile for change in told} - {None} <= NAMES
        if found.differs and number % 4 == 0:
            assert convert(old.raw, old.path, key) != convert(after.raw, old.path, key), (what, path)
        # What a body says in other words is no other layout, and how a stream is cut is in its numbers alone.
        if told and {change.volatile for change in told} <= {"layout", "chunking"}:
            assert what.endswith("frame"), (what, path, told)
            assert path, (what, path, told)
        if what.endswith("header") and not moved:
            name = path[0].lower()
            assert name in {change.path[0] for change in told} or name == "content-type", (what, path, told)
    return count


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.*")), ids=lambda path: path.name)
def test_no_leaf_of_an_example_changes_in_silence(path: Path):
    for loaded in load_all(Paths([str(path)], skip_others=True), Selection(), lambda error: None):
        for interaction in loaded.cassette.interactions[:6]:
            one = recording(interaction)
            if one is not None:
                assert check(one)


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")
def test_no_leaf_of_the_corpus_changes_in_silence():
    count = 0
    for loaded in load_all(Paths([CORPUS]), Selection(), lambda error: None):
        for interaction in loaded.cassette.interactions[:2]:
            one = recording(interaction)
            if one is not None and len(one["response"]["body"]) < 100_000:
                count += check(one)
    assert count > 10_000
