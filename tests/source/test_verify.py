"""The proof of an edit: whatever a splice gets wrong is caught before anything is written."""

import pytest

from cassette_cli.errors import EditError
from cassette_cli.source import verify
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Remove, Replace
from cassette_cli.source.splicing import splice
from source.support import at, each

TEXT = "a: one\nb: &x [1, two]\nc: *x\nd:\n  - {e: three}\n"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (TEXT, "not change what it should"),
        (TEXT.replace("one", "uno").replace("two", "dos"), "change something else"),
        (TEXT.replace("one", "dos"), "change something else"),
        (TEXT.replace("one", "uno").replace("a:", "z:"), "change something else"),
        (TEXT.replace("one", "uno").replace("1,", "'1',"), "change something else"),
        (TEXT.replace("one", "!t uno"), "change something else"),
        (TEXT.replace("one", "[uno]"), "change something else"),
        (TEXT.replace("one", "uno").replace("{e: three}", "[e, three]"), "change something else"),
        (TEXT.replace("one", "uno").replace("two]", "two, 3]"), "change something else"),
        (TEXT.replace("one", "uno") + "f: 1\n", "change something else"),
        (TEXT.replace("one", "uno") + "---\n", "same document"),
        (TEXT.replace("one", "uno") + "d: [\n", "would not parse"),
        ("\ufeff" + TEXT.replace("one", "uno"), "same document"),
        (TEXT.replace("one", "uno\x1b"), "would not parse"),
        (TEXT.replace("one", "uno\0"), "would not parse"),
        (TEXT.replace("one", "[" * 300), "would not parse"),
    ],
)
def test_a_wrong_splice_is_refused(written, why, monkeypatch):
    def wrong(document, edits):
        right = splice(document, edits)
        return right._replace(text=written)

    monkeypatch.setattr(verify, "splice", wrong)
    for document in each(TEXT):
        with pytest.raises(EditError, match=why) as caught:
            verify.apply(document, [Replace.all(at(document, "a"), "uno")])
        assert caught.value.hint


@pytest.mark.parametrize("written", ["- a\n- b\n", "- b\n- c\n- d\n", "[]\n", "- a\n", "- b\n"])
def test_a_wrong_removal_is_refused(written, monkeypatch):
    def wrong(document, edits):
        right = splice(document, edits)
        return right._replace(text=written)

    monkeypatch.setattr(verify, "splice", wrong)
    for document in each("- a\n- b\n- c\n"):
        with pytest.raises(EditError):
            verify.apply(document, [Remove(document.root, 0)])


def test_nodes_of_another_document_are_refused():
    other = Document(b"a:   one\n")
    for document in each(TEXT):
        with pytest.raises(EditError):
            verify.apply(document, [Replace.all(at(other, "a"), "uno")])


def test_the_collector_is_left_as_it_was():
    import gc

    for document in each(TEXT):
        for wanted in (True, False):
            (gc.enable if wanted else gc.disable)()
            try:
                verify.apply(document, [Replace.all(at(document, "a"), "uno")])
                with pytest.raises(EditError):
                    verify.apply(document, [Remove(document.root, 9)])
                assert gc.isenabled() is wanted
            finally:
                gc.enable()
