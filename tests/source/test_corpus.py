"""The source layer on real cassettes, where the environment names a folder of them."""

import os
import random
from pathlib import Path

import pytest

from cassette_cli.source.document import Document
from cassette_cli.source.edits import Remove, Replace
from cassette_cli.source.nodes import walk
from cassette_cli.source.scalars import source_map
from cassette_cli.source.verify import apply
from source.strategies import TROUBLE
from source.support import nodes, seen

CORPUS = os.environ.get("CASSETTE_CORPUS")
FILES = sorted(
    path
    for path in (Path(CORPUS).rglob("*") if CORPUS else ())
    if path.suffix in (".yaml", ".yml", ".json") and path.is_file()
)
pytestmark = pytest.mark.skipif(not FILES, reason="CASSETTE_CORPUS names no cassettes")
SHARES = 8


@pytest.fixture(params=range(SHARES))
def files(request):
    """An eighth of the corpus, so that a failure tells where to look."""
    return FILES[request.param :: SHARES]


def test_no_edit_gives_the_same_bytes(files):
    for path in files:
        raw = path.read_bytes()
        document = Document(raw, path)
        assert document.encode(document.text) == raw, path
        same = [Replace.all(node, node.value) for node in nodes(document) if node.kind == "scalar"]
        assert apply(document, same) is document, path


def test_every_scalar_has_a_source_map(files):
    for path in files:
        document = Document(path.read_bytes(), path)
        for node in nodes(document):
            if node.kind == "scalar":
                made = source_map(document.text, node, is_json=document.is_json)
                assert made is not None, (path, node)
                assert made.value == node.value


def test_all_readers_read_the_same(files):
    for path in files:
        raw = path.read_bytes()
        assert seen(Document(raw, path)) == seen(Document(raw, path, reader="c")), path
        if len(raw) < 60_000:
            assert seen(Document(raw, path)) == seen(Document(raw, path, reader="pure")), path


def test_edits_change_what_they_were_asked_for(files):
    """Some scalars a file, whole and in part, and some items; the pure loader does every fourth file."""
    for number, path in enumerate(files):
        raw = path.read_bytes()
        random_ = random.Random(path.name)
        c = Document(raw, path)
        scalars = [n for n in nodes(c) if n.kind == "scalar"]
        for node in random_.sample(scalars, min(4, len(scalars))):
            start = random_.randint(0, len(node.value))
            end = random_.choice([start, len(node.value), random_.randint(start, len(node.value))])
            if random_.random() < 0.3:
                start, end = 0, len(node.value)
            edit = Replace(node, ((start, end, random_.choice(TROUBLE)),))
            after = apply(c, [edit])
            tail = len(c.text) - node.end
            assert after.text[: node.start] == c.text[: node.start], path
            assert after.text[len(after.text) - tail :] == c.text[node.end :], path
            if number % 4 == 0 and len(raw) < 20_000:
                assert apply(Document(raw, path, reader="pure"), [edit]).raw == after.raw, path


def test_items_can_be_removed(files):
    for path in files:
        random_ = random.Random(path.name)
        document = Document(path.read_bytes(), path)
        holders = [n for root in document.roots for n in walk(root) if len(n)]
        for holder in random_.sample(holders, min(3, len(holders))):
            gone = set(random_.choices(range(len(holder)), k=random_.choice([1, 2, len(holder)])))
            after = apply(document, [Remove(holder, index) for index in gone])
            above = document.text[: holder.start].rstrip()
            below = document.text[holder.end :]
            assert after.text.startswith(above), path
            assert after.text.endswith(below), path
            assert len(after.text) < len(document.text) + 4, path
