"""Shared by the tests of the source layer."""

from cassette_cli.source.document import Document
from cassette_cli.source.edits import Remove, Replace
from cassette_cli.source.nodes import walk
from cassette_cli.source.verify import apply

READERS = ("lines", "c", "pure")


def each(text):
    """Return the text's document as each reader reads it; they must agree."""
    raw = text if isinstance(text, bytes) else text.encode()
    documents = [Document(raw, reader=reader) for reader in READERS]
    assert seen(documents[0]) == seen(documents[1]) == seen(documents[2])
    return documents


def nodes(document):
    """Return every node, in the order of the text."""
    return [node for root in document.roots for node in walk(root)]


def seen(document):
    """Return all that a tree says."""
    return [(n.kind, n.tag, n.value, n.start, n.end, n.style) for n in nodes(document)]


def tree(document):
    """Return what a tree says, but not where it stands."""
    return [(n.kind, n.tag, n.value) for n in nodes(document)]


def at(document, *path):
    """Return the node at a path of keys and indices."""
    node = document.roots[0]
    for step in path:
        node = node.items[step] if isinstance(step, int) else node.get(step)
        assert node is not None, path
    return node


def replaced(text, path, new, start=0, end=None):
    """Return the text with (a part of) the scalar at the path replaced, the same by each reader."""
    results = set()
    for document in each(text):
        node = at(document, *path)
        edit = Replace(node, ((start, len(node.value) if end is None else end, new),))
        after = apply(document, [edit])
        assert at(after, *path).value == edit.value
        results.add(after.raw)
    assert len(results) == 1
    return results.pop().decode()


def removed(text, path, *indices):
    """Return the text without these items of the collection at the path, the same by each reader."""
    results = {
        apply(document, [Remove(at(document, *path), index) for index in indices]).raw for document in each(text)
    }
    assert len(results) == 1
    return results.pop().decode()
