"""What holds for every document and every edit."""

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cassette_cli.errors import CassetteError
from cassette_cli.source.document import BOM, Document
from cassette_cli.source.edits import Remove, Replace
from cassette_cli.source.nodes import walk
from cassette_cli.source.scalars import source_map
from cassette_cli.source.verify import apply
from source.strategies import dumped_json, dumped_yaml, surrogates, texts, written_yaml
from source.support import READERS

yamls = st.one_of(dumped_yaml(), written_yaml())
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(text, *, reader="lines", bom=False):
    """Parse; what the generator writes wrong is passed over, and it must not be much."""
    try:
        return Document(((BOM if bom else "") + text).encode(), reader=reader)
    except CassetteError:
        assume(False)


def nodes(document):
    return [node for root in document.roots for node in walk(root)]


def seen(document):
    return [(n.kind, n.tag, n.value, n.start, n.end, n.style) for n in nodes(document)]


def outside(before, after, node):
    """Assert that no byte changed but in the node's span."""
    assert after.text[: node.start] == before.text[: node.start]
    tail = len(before.text) - node.end
    assert after.text[len(after.text) - tail :] == before.text[node.end :]
    assert after.has_bom == before.has_bom
    assert after.raw.decode() == (BOM if before.has_bom else "") + after.text


@relaxed
@given(st.one_of(yamls, dumped_json()), st.booleans())
def test_no_edit_is_the_same_document(text, bom):
    document = read(text, bom=bom)
    assert apply(document, []) is document
    same = [Replace.all(node, node.value) for node in nodes(document) if node.kind == "scalar"]
    assert apply(document, same) is document
    assert document.encode(document.text) == document.raw


@relaxed
@given(st.one_of(yamls, dumped_json()))
def test_every_scalar_has_a_source_map(text):
    document = read(text)
    for node in nodes(document):
        if node.kind == "scalar":
            made = source_map(document.text, node, is_json=document.is_json)
            assert made is not None
            assert made.value == node.value
            for piece, left, right, copied in zip(made.texts, made.source, made.source_end, made.copied, strict=True):
                assert node.start <= left <= right <= node.end
                assert not copied or document.text[left:right] == piece


@relaxed
@given(yamls)
def test_all_readers_give_the_same_nodes(text):
    assert seen(read(text)) == seen(read(text, reader="c")) == seen(read(text, reader="pure"))


@relaxed
@given(st.data(), yamls, st.booleans())
def test_any_scalar_takes_any_text(data, text, bom):
    check_replace(data, text, texts, bom=bom)


@relaxed
@given(st.data(), dumped_json(), st.booleans())
def test_any_json_string_takes_any_text(data, text, bom):
    check_replace(data, text, st.one_of(texts, surrogates), bom=bom)


def check_replace(data, text, values, bom):
    before = read(text, bom=bom)
    scalars = [n for n in nodes(before) if n.kind == "scalar"]
    assume(scalars)
    node = data.draw(st.sampled_from(scalars))
    size = len(node.value)
    start = data.draw(st.integers(0, size))
    end = data.draw(st.one_of(st.just(size), st.integers(start, size)))
    edit = Replace(node, ((start, end, data.draw(values)),))
    assume(not re.search("[\ud800-\udbff][\udc00-\udfff]", edit.value))  # two halves that JSON would join
    after = apply(before, [edit])
    outside(before, after, node)
    if not before.is_json:
        assert apply(read(text, bom=bom, reader="pure"), [edit]).raw == after.raw
    at = nodes(before).index(node)
    assert nodes(after)[at].value == edit.value
    again = Replace.all(nodes(after)[at], "again")
    assert nodes(apply(after, [again]))[at].value == "again"


@relaxed
@given(st.data(), st.one_of(yamls, dumped_json()))
def test_a_scalar_takes_several_parts(data, text):
    before = read(text)
    scalars = [n for n in nodes(before) if n.kind == "scalar" and n.value]
    assume(scalars)
    node = data.draw(st.sampled_from(scalars))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(node.value)), min_size=2, max_size=6)))
    parts = [(start, end, data.draw(texts)) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    edit = Replace(node, tuple(parts))
    assume(not re.search("[\ud800-\udbff][\udc00-\udfff]", edit.value))
    after = apply(before, [edit])
    outside(before, after, node)
    assert nodes(after)[nodes(before).index(node)].value == edit.value


@relaxed
@given(st.data(), st.one_of(yamls, dumped_json()))
def test_any_items_can_be_removed(data, text):
    before = read(text)
    holders = [n for n in nodes(before) if len(n)]
    assume(holders)
    holder = data.draw(st.sampled_from(holders))
    gone = data.draw(st.sets(st.integers(0, len(holder) - 1), min_size=1))
    after = apply(before, [Remove(holder, index) for index in gone])
    assert len(nodes(after)[nodes(before).index(holder)]) == len(holder) - len(gone)
    if not before.is_json:
        pure = read(text, reader="pure")
        assert apply(pure, [Remove(holder, index) for index in gone]).raw == after.raw


@relaxed
@given(st.data(), st.one_of(yamls, dumped_json()))
def test_edits_one_by_one_are_the_edits_at_once(data, text):
    before = read(text)
    scalars = [n for n in nodes(before) if n.kind == "scalar" and n.tag == "str"]
    assume(scalars)
    chosen = data.draw(st.lists(st.integers(0, len(scalars) - 1), min_size=1, max_size=4, unique=True))
    values = data.draw(st.lists(texts, min_size=len(chosen), max_size=len(chosen)))
    order = [nodes(before).index(scalars[index]) for index in chosen]
    at_once = apply(before, [Replace.all(nodes(before)[at], value) for at, value in zip(order, values, strict=True)])
    one_by_one = before
    for at, value in zip(order, values, strict=True):
        one_by_one = apply(one_by_one, [Replace.all(nodes(one_by_one)[at], value)])
    # What is written anew in JSON is escaped as the rest of the file is: an edit can change that rest.
    assert before.is_json or one_by_one.raw == at_once.raw
    assert [(n.kind, n.tag, n.value) for n in nodes(one_by_one)] == [(n.kind, n.tag, n.value) for n in nodes(at_once)]


@pytest.mark.parametrize("reader", READERS)
def test_the_generators_write_what_parses(reader):
    """Half of what is drawn must parse, or the properties above would hold of nothing."""
    from hypothesis import find

    for strategy in (dumped_yaml(), written_yaml(), dumped_json()):
        assert find(strategy, lambda text: len(nodes(Document(text.encode(), reader=reader))) > 1, settings=relaxed)
