"""Every stream of the corpus, for every option alone and all together: trim's own proofs, given again.

The corpus is a folder of real cassettes named by CASSETTE_CORPUS; without it nothing is run.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.formats import registry
from cassette_cli.operations.loading import Loaded, load_all
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.trim.options import Options
from cassette_cli.operations.trim.trimming import trim
from cassette_cli.operations.trim.volatile import droppable
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

CORPUS = os.environ.get("CASSETTE_CORPUS", "")

pytestmark = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")

OPTIONS = {
    "empty": Options(),
    "padding": Options(empty=False, padding=True),
    "pings": Options(empty=False, pings=True),
    "coalesce": Options(empty=False, coalesce=0),
    "coalesce-40": Options(empty=False, coalesce=40),
    "headers": Options(empty=False, headers=droppable()),
    "everything": Options(padding=True, pings=True, coalesce=0, headers=droppable()),
}

FEWEST = {"empty": 7, "padding": 30, "pings": 15, "coalesce": 80, "coalesce-40": 80, "headers": 150, "everything": 200}
"""How many files of the corpus each option changes at the least: a rule that does nothing proves nothing."""


def cassettes() -> Iterator[Loaded]:
    for loaded in load_all(Paths([CORPUS]), Selection(), lambda error: pytest.fail(str(error))):
        if loaded.cassette.not_http is None:
            yield loaded


@pytest.mark.parametrize("name", OPTIONS)
def test_nothing_that_a_client_sees_is_dropped(name: str) -> None:
    changed = 0
    for loaded in cassettes():
        result = trim(loaded, OPTIONS[name])
        reasons = [one.reason or "" for one in result.interactions]
        assert [words for words in reasons if words and not words.startswith("its deltas: ")] == [], (
            loaded.cassette.path
        )
        if result.after is None:
            continue
        changed += 1
        fresh = registry.load(result.after)
        assert answers(fresh.interactions) == answers(loaded.cassette.interactions), loaded.cassette.path
        if not OPTIONS[name].headers:
            assert outside(result.after, fresh) == outside(loaded.cassette.document, loaded.cassette)
        else:
            assert without_headers(fresh) == without_headers(loaded.cassette), loaded.cassette.path
        again = trim(Loaded(fresh, Selection(), loaded.size), OPTIONS[name])
        assert again.after is None, f"{loaded.cassette.path}: a second trim changes it"
    assert changed >= FEWEST[name]


def answers(interactions: list[Any]) -> list[Any]:
    """Return the messages, without the numbers of frames that notes may name."""
    found = []
    for interaction in interactions:
        reading = Reading(interaction)
        message = reading.message
        out = None if message is None else message.as_json()
        if out is not None:
            out["notes"] = [re.sub(r"\d+", "N", note) for note in out["notes"]]
        found.append((reading.protocol and reading.protocol.name, out))
    return found


def outside(document: Document, cassette: Any) -> list[str]:
    """Return the pieces of the file's text around the bodies of the responses, and around stated lengths."""
    spans: set[tuple[int, int]] = set()
    for interaction in cassette.interactions:
        if interaction.response is not None and interaction.response.body.node is not None:
            body = interaction.response.body
            spans.update(leaf.span for leaf in leaves(body.node))
            spans.update(node.span for node in body.lengths)
    pieces, at = [], 0
    for start, end in sorted(spans):
        pieces.append(document.text[at:start])
        at = max(at, end)
    return [*pieces, document.text[at:]]


def leaves(node: Node) -> list[Node]:
    return [leaf for item in node.items for leaf in leaves(item)] if node.kind == "sequence" else [node]


def without_headers(cassette: Any) -> list[Any]:
    """Return what interactions are apart from the response's stream and the headers that may go."""
    names = droppable()
    from cassette_cli.operations.trim.volatile import drops

    found = []
    for one in cassette.interactions:
        sides = [one.request, *([one.response] if one.response else [])]
        lines = [
            [
                (line.name, line.value)
                for line in side.headers
                if not drops(line.name, names) and "length" not in line.name.lower()
            ]
            for side in sides
        ]
        found.append((one.request.method, one.request.url, one.request.body.payload, lines))
    return found


def test_the_first_cassette_of_all_shrinks_to_less_than_half() -> None:
    path = Path(CORPUS) / "seed" / "xai-grok-code-fast-1.yaml"
    (loaded,) = load_all(Paths([str(path)]), Selection(), lambda error: pytest.fail(str(error)))
    result = trim(loaded, Options())
    assert result.frames == (160, 68)
    before, after = result.size
    assert after * 2 < before
    assert result.after is not None
    assert is_subsequence(result.after.text.split("\n"), loaded.cassette.document.text.split("\n"))


def is_subsequence(new: list[str], old: list[str]) -> bool:
    rest = iter(old)
    return all(line in rest for line in new)
