"""An item of a large list is edited by itself, and nothing else changes."""

import pytest

from cassette_cli.errors import EditError, ParseError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Remove, Replace
from cassette_cli.source.parts import Parts
from cassette_cli.source.verify import apply
from cassette_cli.source.yaml import loaders
from cassette_cli.source.yaml.reading import said

TEXT = """---
é: "☕"
list:
  - a: one ☕
    b: |
      some
      words
  - a: 'two ü'
    gone: 1
  # a note
  - a: three
end: !x 5
"""
pytestmark = pytest.mark.skipif(not loaders.HAS_C, reason="the judge is libyaml")


def held(text=TEXT):
    """Return the document, held in pieces."""
    document = Document(text.encode(), once=True, large=0)
    assert document.is_held_in_pieces
    return document


def item(document):
    """Return the only item of an item's own document."""
    return document.root.get("list").items[0]


def changed(own, index, edits_of):
    """Return what becomes of an item by edits."""
    alone = own.alone(index)
    return own.edited(index, alone, apply(alone, edits_of(item(alone))))


def test_items_are_edited_by_themselves():
    own = Parts(held())
    edited = [
        changed(own, 1, lambda one: [Replace.all(one.get("a"), "zwei ☕☕"), Remove(one, 1)]),
        changed(own, 0, lambda one: [Replace(one.get("b"), ((0, 4, "fünf"),))]),
    ]
    after = own.joined(edited)
    assert after.raw.decode() == TEXT.replace("two ü", "zwei ☕☕").replace("    gone: 1\n", "").replace("some", "fünf")
    assert [one.get("a").value for one in after.root.get("list").items] == ["one ☕", "zwei ☕☕", "three"]


def test_an_item_by_itself_has_what_stands_around_the_list():
    alone = Parts(held()).alone(2)
    assert alone.text == '---\né: "☕"\nlist:\n  - a: three\nend: !x 5\n'


@pytest.mark.parametrize(("old", "new"), [('"☕"', '"tea"'), ("!x 5", "5"), ("end:", "fin:"), ("list:", "list: &a")])
def test_nothing_may_change_around_an_item(old, new):
    own = Parts(held())
    alone = own.alone(0)
    after = Document(alone.text.replace(old, new).encode())
    at = alone.text.index(old)
    after.changes = ((at, at + len(old), new),)
    with pytest.raises(EditError):
        own.edited(0, alone, after)


@pytest.mark.parametrize("wrong", [
    (0, 0, "# c\n"), (-1, -1, "x: y\n"), (TEXT.encode().index(b"three"), TEXT.encode().index(b"three") + 5, "four"),
])  # fmt: skip
def test_a_change_beside_the_edits_is_refused(wrong):
    own = Parts(held())
    one = changed(own, 1, lambda one: [Replace.all(one.get("a"), "2")])
    size = len(TEXT.encode())
    start, end = (size if at < 0 else at for at in wrong[:2])
    with pytest.raises(EditError):
        own.joined([one._replace(changes=(*one.changes, (start, end, wrong[2])))])


def test_what_an_item_is_said_to_say_must_be_so():
    own = Parts(held())
    one = changed(own, 1, lambda one: [Replace.all(one.get("a"), "2")])
    for other in (one._replace(number=0), one._replace(after=one.before), one._replace(before=one.after)):
        with pytest.raises(EditError):
            own.joined([other])


def test_what_is_held_as_a_whole_has_no_parts():
    with pytest.raises(EditError):
        Parts(Document(TEXT.encode()))


@pytest.mark.parametrize(("old", "new"), [
    ("one ☕", "one"), ("a: three", "a: &x three"), ("a: three", "a: !!str three"), ("gone: 1", "gone: '1'"),
    ("gone: 1", "gone: [1]"), ("gone: 1", "gone: {1: }"), ("gone: 1", "gone:"), ("a: three", "b: three"),
    ("  - a: three\n", ""), ("  - a: three\n", "  - a: three\n  - a: three\n"), ("end: !x 5", "end: 5"),
    ("end: !x 5", "end: !x 5\nlist: [1]"), ('"☕"', "[☕]"), ("  - a: three\n", "  - a:\n    three: \n"),
])  # fmt: skip
def test_texts_that_differ_say_something_else(old, new):
    start = TEXT.index("- a: one")
    assert said(TEXT.encode(), start) != said(TEXT.replace(old, new).encode(), start)


def test_how_it_is_written_says_nothing():
    start = TEXT.index("- a: one")
    other = TEXT.replace("  # a note\n", "").replace("'two ü'", '"two ü"').replace("three", "three  # c")
    assert said(TEXT.encode(), start) == said(other.encode(), start)
    assert len(said(TEXT.encode(), start).items) == 3
    with pytest.raises(ParseError):
        said(b"a: [", 0)


def test_without_libyaml_there_is_no_proof(monkeypatch):
    own = Parts(held())
    alone = own.alone(0)
    monkeypatch.setattr(loaders, "HAS_C", False)
    with pytest.raises(EditError):
        own.edited(0, alone, apply(alone, [Replace.all(item(alone).get("a"), "x")]))
