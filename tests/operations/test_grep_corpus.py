"""The corpus, searched: two words of every rebuilt answer are found where they were said, and no secret is shown.

The corpus is a folder of real cassettes named by CASSETTE_CORPUS; without it nothing is run.
"""

import os
import re
from collections.abc import Iterator

import pytest

from cassette_cli.model.message import Message
from cassette_cli.operations.grep.pattern import pattern_of
from cassette_cli.operations.grep.searching import Search
from cassette_cli.operations.grep.texts import Within
from cassette_cli.operations.loading import Loaded, load_all
from cassette_cli.operations.redact.masking import Masker
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths

CORPUS = os.environ.get("CASSETTE_CORPUS", "")

pytestmark = pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")

FEWEST = 220
"""How many answers of the corpus say two words at the least."""


def cassettes() -> Iterator[Loaded]:
    return load_all(Paths([CORPUS]), Selection(), lambda error: pytest.fail(str(error)))


def words(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the kind of each text of an answer, and a pattern for two words of it that stand side by side."""
    for choice in message.choices:
        calls = " ".join(call.arguments for call in choice.tool_calls)
        for kind, text in (("text", choice.text), ("reasoning", choice.reasoning or ""), ("tool-calls", calls)):
            pairs = re.findall(r"(?=\b(\w+[ \n]\w+))", text)
            if pairs:
                yield kind, re.escape(pairs[len(pairs) // 2])


def test_two_words_of_every_answer_are_found() -> None:
    tried = 0
    missed = []
    for loaded in cassettes():
        for reading in loaded.selection.readings(loaded.cassette):
            if reading.message is None or reading.messages is not None:
                continue
            for kind, pattern in words(reading.message):
                tried += 1
                here = loaded._replace(selection=Selection(indices=(str(reading.interaction.index),)))
                search = Search(pattern_of([pattern]), Within.of(["response", kind]), first=True, shown=False)
                filtered = Selection(indices=here.selection.indices, grep=re.compile(pattern))
                if not any(found.lines for found in search(here)) or not list(filtered.readings(loaded.cassette)):
                    missed.append((loaded.cassette.path, reading.interaction.index, kind, pattern))
    assert missed == []
    assert tried >= FEWEST


def test_no_secret_is_shown() -> None:
    masker = Masker()
    search = Search(pattern_of(["."]))
    seen = 0
    for loaded in cassettes():
        secrets = [one for one in masker.secrets(loaded.cassette) if one.tells]
        if secrets:
            hits = [hit for found in search(loaded) for hit in found.hits]
            shown = "\n".join(hit.where + "".join(text for text, _ in hit.pieces) for hit in hits)
            assert [one.masked for one in secrets if one.value in shown] == [], loaded.cassette.path
            seen += len(secrets)
    assert seen > 0
