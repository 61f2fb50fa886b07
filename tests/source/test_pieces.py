"""A large file that is read an interaction at a time is read as it is as a whole."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from cassette_cli.__main__ import main
from cassette_cli.errors import CassetteError
from cassette_cli.source import document, pieces
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import walk
from cassette_cli.source.yaml import blocks as block_yaml
from cassette_cli.source.yaml.reading import MAX_DEPTH
from source.strategies import TROUBLE
from source.support import seen
from source.test_yaml_blocks import lines

EXAMPLES = Path(__file__).parents[2] / "examples"
relaxed = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def in_pieces(text):
    """Return what the tree says, its spans in characters; None where the text is left to be read as a whole."""
    raw = text.encode()
    root = pieces.compose(raw.decode("latin-1"), MAX_DEPTH) if pieces.is_ordinary(raw) else None
    if root is None:
        return None
    place = {len(text[:at].encode()): at for at in range(len(text) + 1)}
    return [(n.kind, n.tag, n.value, place[n.start], place[n.end], n.style) for n in walk(root)]


def agree(text):
    """Assert that the text is read as it is as a whole, or left; return whether it was read."""
    ours = in_pieces(text)
    root = None if ours is None else block_yaml.compose(text, MAX_DEPTH)
    assert ours is None or ours == [(n.kind, n.tag, n.value, n.start, n.end, n.style) for n in walk(root)]
    return ours is not None


@st.composite
def cassettes(draw):
    """A list of items below a key, with keys before and after it."""
    indent = " " * draw(st.sampled_from([0, 0, 2, 4]))
    out = [
        draw(st.sampled_from(["", "---\n", "# c\n"])),
        draw(st.sampled_from(["", "version: 2\n", "é: 'ü'\n", "a: &a b\n"])),
    ]
    out.append(draw(st.sampled_from(["interactions:\n", "http-list:\n", "'k':\n"])))
    for _ in range(draw(st.integers(1, 4))):
        inner = draw(lines()).removeprefix("---\n").removesuffix("...\n")
        inner = inner.rstrip("\n").replace("\n", f"\n{indent}  ")
        out.append(f"{indent}- {inner}\n{draw(st.sampled_from(['', '', chr(10), '# c' + chr(10)]))}")
    out.append(
        draw(
            st.sampled_from(
                [
                    "",
                    "version: 1\n",
                    "more:\n- a\n- b: {}\n",
                    "...\n",
                    'x: "\\u00e9é"\n',
                    "y: *a\n",
                    "headers:\n  A: b\n",
                ]
            )
        )
    )
    return "".join(out)


@relaxed
@given(cassettes())
@example("k:\n- a: 'x\n- y'\n")
@example("k:\n- &a b\n- *a\n")
@example("k:\n- &a b\n- &a c\n")
@example("'x\nk:\n- a\n- b\n':\n")
@example('k:\n- "\\u00e9é"\n- "é\n\n  \\xe9"\n- é: |\n    ü\n   \n- é\n  ü\n')
@example("k:\n  - a\n - b\n")
@example("k:\n- a\n-b\n")
@example("k:\n- a\n---\nk:\n- b\n")
@example("k:\n- a\nheaders:\n  A: b\n  C:\n  - d\n")
def test_items_are_read_as_in_the_whole(text):
    agree(text)


def test_most_such_texts_are_read():
    """Or the property above would hold of nothing."""
    read = sound = 0

    @settings(deadline=None, database=None, derandomize=True, max_examples=300)
    @given(cassettes())
    def count(text):
        nonlocal read, sound
        if block_yaml.compose(text, MAX_DEPTH) is not None:
            sound += 1
            read += in_pieces(text) is not None

    count()
    assert sound > 10
    assert read > sound / 3


@relaxed
@given(st.data(), cassettes(), st.sampled_from(TROUBLE))
def test_a_text_put_in_anywhere(data, text, trouble):
    assume("\0" not in trouble)
    at = data.draw(st.integers(0, len(text)))
    agree(text[:at] + trouble + text[at:])


def recorded():
    folder = os.environ.get("CASSETTE_CORPUS")
    folders = [EXAMPLES, *([Path(folder)] if folder else [])]
    return sorted(path for one in folders for path in one.rglob("*.y*ml"))


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.name)
def test_what_recorders_write(path, monkeypatch):
    monkeypatch.setattr(document, "LARGE", 0)
    raw = path.read_bytes()
    try:
        whole = Document(raw)
    except CassetteError:
        return
    once = Document(raw, once=True)
    assert once.encode(once.text) == raw
    if raw.isascii():
        assert seen(once) == seen(whole)
    else:
        assert [n[:3] for n in seen(once)] == [n[:3] for n in seen(whole)]


def test_a_listing_is_the_same(monkeypatch, capsys):
    """Of all that recorders write."""
    paths = [str(path) for path in recorded()]
    listed = []
    for large in (1 << 30, 0):
        monkeypatch.setattr(document, "LARGE", large)
        main(["ls", "--json", "--jobs", "1", *paths])
        listed.append(capsys.readouterr())
    assert listed[0] == listed[1]
    assert len(listed[0].out.splitlines()) > 4
    assert all(json.loads(line) for line in listed[0].out.splitlines())


def test_an_interaction_without_a_request_has_its_line(tmp_path, monkeypatch, capsys):
    text = "version: 2\ninteractions:\n- request: {}\n  response:\n    body: é\n- response:\n    body: é\n"
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    errors = []
    for large in (1 << 30, 0):
        monkeypatch.setattr(document, "LARGE", large)
        assert main(["ls", str(path)]) == 2
        errors.append(capsys.readouterr())
    assert errors[0] == errors[1]
    assert f"{path}:6" in errors[0].err


def test_a_header_beyond_ascii():
    text = "k:\n- headers:\n    A: é\n    B:\n    - ü\n"
    headers = pieces.compose(text.encode().decode("latin-1"), MAX_DEPTH).get("k").items[0].get("headers")
    assert [value.value for _, value in headers.named("a")] == ["é"]
    assert [value.items[0].value for _, value in headers.named("b")] == ["ü"]
    assert (headers.text_of("a"), headers.text_of("b"), headers.text_of("c")) == ("é", "ü", None)
