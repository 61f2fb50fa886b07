"""Items and keys taken out, to the byte."""

import pytest

from cassette_cli.errors import EditError
from cassette_cli.source.edits import Remove, Replace
from cassette_cli.source.verify import apply
from source.support import at, each, nodes, removed

SEQUENCE = "x:\n- a\n- b: 1\n  c: 2\n- |\n  d\n\ny: 1\n"
COMMENTED = "# top\nx:\n  # for a\n  - a  # a\n\n  # for b\n  - b\n  # end\ny: 1\n"


@pytest.mark.parametrize(
    ("text", "path", "gone", "expected"),
    [
        (SEQUENCE, ["x"], [0], "x:\n- b: 1\n  c: 2\n- |\n  d\n\ny: 1\n"),
        (SEQUENCE, ["x"], [1], "x:\n- a\n- |\n  d\n\ny: 1\n"),
        (SEQUENCE, ["x"], [2], "x:\n- a\n- b: 1\n  c: 2\ny: 1\n"),
        (SEQUENCE, ["x"], [0, 2], "x:\n- b: 1\n  c: 2\ny: 1\n"),
        (SEQUENCE, ["x"], [0, 1, 2], "x: []\ny: 1\n"),
        (SEQUENCE, [], [0], "y: 1\n"),
        (SEQUENCE, [], [1], "x:\n- a\n- b: 1\n  c: 2\n- |\n  d\n\n"),
        (SEQUENCE, [], [0, 1], "{}\n"),
        (SEQUENCE, ["x", 1], [0], "x:\n- a\n- c: 2\n- |\n  d\n\ny: 1\n"),
        (SEQUENCE, ["x", 1], [1], "x:\n- a\n- b: 1\n- |\n  d\n\ny: 1\n"),
        (SEQUENCE, ["x", 1], [0, 1], "x:\n- a\n- {}\n- |\n  d\n\ny: 1\n"),
        (COMMENTED, ["x"], [0], "# top\nx:\n  # for a\n\n  # for b\n  - b\n  # end\ny: 1\n"),
        (COMMENTED, ["x"], [1], "# top\nx:\n  # for a\n  - a  # a\n\n  # for b\n  # end\ny: 1\n"),
        (COMMENTED, ["x"], [0, 1], "# top\nx:\n  # for a\n    []\n  # end\ny: 1\n"),
        (COMMENTED, [], [0], "# top\n  # end\ny: 1\n"),
        # from an item that begins behind a dash, what follows moves up
        ("- a: 1\n  # c\n  b: 2\n", [0], [0], "- # c\n  b: 2\n"),
        ("- a: 1\n\n  b: 2\n  c: 3\n", [0], [0, 1], "- c: 3\n"),
        ("- a:\n    deep: 1\n  # c\n  b: 2\n  c: 3\n", [0], [0, 1], "- # c\n  c: 3\n"),
        ("- - a\n  - b\n- c\n", [0], [0], "- - b\n- c\n"),
        ("- - a\n  - b\n- c\n", [0], [1], "- - a\n- c\n"),
        ("- - a\n  - b\n- c\n", [0], [0, 1], "- []\n- c\n"),
        ("- - - a\n", [0, 0], [0], "- - []\n"),
        # indentation
        ("x:\n    - a\n    - b\n", ["x"], [0], "x:\n    - b\n"),
        ("x:\n    - a\n    - b\n", ["x"], [0, 1], "x: []\n"),
        ("x:\n  y:\n  - a\n  z: 1\n", ["x", "y"], [0], "x:\n  y: []\n  z: 1\n"),
        ("-\n  a: 1\n  b: 2\n", [0], [0], "-\n  b: 2\n"),
        ("-\n  a: 1\n", [0], [0], "- {}\n"),
        ("- # here\n  a: 1\n", [0], [0], "- # here\n    {}\n"),
        ("- # a - b\n  a: 1\n- b\n", [], [0], "- b\n"),
        # empty items and values
        ("-\n-\n- a\n", [], [0], "-\n- a\n"),
        ("- a\n-\n", [], [1], "- a\n"),
        ("a:\nb:\nc: 1\n", [], [1], "a:\nc: 1\n"),
        ("a:\nb: # c\n", [], [0], "b: # c\n"),
        ("? a\n? b\n", [], [0], "? b\n"),
        ("? a\n: 1\n? b\n: 2\n", [], [0], "? b\n: 2\n"),
        ("? a\n: 1\n? b\n: 2\n", [], [1], "? a\n: 1\n"),
        ("? - a\n  - b\n: - c\n", [], [0], "{}\n"),
        # tags and anchors
        ("x: !t\n- a\n", ["x"], [0], "x: !t []\n"),
        ("x: &a # c\n- a\n", ["x"], [0], "x: &a # c\n  []\n"),
        ("- &a x: 1\n  y: 2\n", [0], [1], "- &a x: 1\n"),
        ("- &a x: 1\n  y: 2\n", [0], [0], "- y: 2\n"),
        ("- !t\n  x: 1\n  y: 2\n", [0], [0], "- !t\n  y: 2\n"),
        # documents
        ("---\n- a\n- b\n...\n", [], [0], "---\n- b\n...\n"),
        ("---\n- a\n...\n", [], [0], "--- []\n...\n"),
        ("--- # c\n- a\n", [], [0], "--- # c\n  []\n"),
        ("\ufeff- a\n- b\n", [], [0], "\ufeff- b\n"),
        ("\ufeff- a\n", [], [0], "\ufeff[]\n"),
        ("- a\n- b", [], [1], "- a\n"),
        ("- a\n- b", [], [0], "- b"),
        ("- a", [], [0], "[]"),
        # line breaks
        ("x:\r\n- a\r\n- b\r\ny: 1\r\n", ["x"], [0], "x:\r\n- b\r\ny: 1\r\n"),
        ("x:\r\n- a\r\n- b\r\ny: 1\r\n", ["x"], [0, 1], "x: []\r\ny: 1\r\n"),
        ("- a: 1\r\n  b: 2\r\n", [0], [0], "- b: 2\r\n"),
        ("- |\r\n  a\r\n- b\r\n", [], [0], "- b\r\n"),
        ("x:\r- a\r- b\ry: 1\r", ["x"], [1], "x:\r- a\ry: 1\r"),
        # block scalars
        ("- |+\n  a\n\n- b\n\n- c\n", [], [1], "- |+\n  a\n\n- c\n"),  # the blank line would become part of `a`
        ("- |\n  # no comment\n- b\n", [], [0], "- b\n"),
        ("- >-\n  a\n\n  b\n- c\n", [], [0], "- c\n"),
        ("- k: |\n    - a\n    - b\n- c\n", [], [0], "- c\n"),
        # flow
        ("x: [a, b, c]\n", ["x"], [0], "x: [b, c]\n"),
        ("x: [a, b, c]\n", ["x"], [1], "x: [a, c]\n"),
        ("x: [a, b, c]\n", ["x"], [2], "x: [a, b]\n"),
        ("x: [a, b, c]\n", ["x"], [1, 2], "x: [a]\n"),
        ("x: [a, b, c, ]\n", ["x"], [2], "x: [a, b, ]\n"),
        ("x: [a, b, c] # d\n", ["x"], [0, 1, 2], "x: [] # d\n"),
        ("x: {a: 1, b: 2, c: }\n", ["x"], [0], "x: {b: 2, c: }\n"),
        ("x: {a: 1, b: 2, c: }\n", ["x"], [2], "x: {a: 1, b: 2}\n"),
        ("x: {a: 1, b: 2, c: }\n", ["x"], [0, 1, 2], "x: {}\n"),
        ("x: !t {a: 1}\n", ["x"], [0], "x: !t {}\n"),
        ("x: [\n  a,\n  b # c\n]\n", ["x"], [1], "x: [\n  a # c\n]\n"),
        ("x: [a: 1, b]\n", ["x"], [0], "x: [b]\n"),
        ("{a: 1, ? 'b\n  c' : 2}\n", [], [0], "{? 'b\n  c' : 2}\n"),
        # JSON
        ('{"a": 1, "b": [2, 3]}', [], [0], '{"b": [2, 3]}'),
        ('{"a": 1, "b": [2, 3]}', ["b"], [0, 1], '{"a": 1, "b": []}'),
        ('{\n  "a": 1,\n  "b": 2\n}\n', [], [0], '{\n  "b": 2\n}\n'),
        ('{\n  "a": 1,\n  "b": 2\n}\n', [], [1], '{\n  "a": 1\n}\n'),
        ('{\n  "a": 1,\n  "b": 2\n}\n', [], [0, 1], "{}\n"),
        ("[\r\n\t1,\r\n\t2\r\n]", [], [0], "[\r\n\t2\r\n]"),
        ('{"a": 1, "a": 2}', [], [0], '{"a": 2}'),
    ],
)
def test_removal(text, path, gone, expected):
    assert removed(text, path, *gone) == expected


ALIASED = "d: &d\n- 1\nx:\n- a: *d\n- b:\n  - 1\n  - *d\n- c\n"


@pytest.mark.parametrize(
    ("path", "gone", "expected"),
    [
        (["x"], 0, "d: &d\n- 1\nx:\n- b:\n  - 1\n  - *d\n- c\n"),
        (["x"], 1, "d: &d\n- 1\nx:\n- a: *d\n- c\n"),
        (["x"], 2, "d: &d\n- 1\nx:\n- a: *d\n- b:\n  - 1\n  - *d\n"),
        (["x", 1, "b"], 0, "d: &d\n- 1\nx:\n- a: *d\n- b:\n  - *d\n- c\n"),
        ([], 1, "d: &d\n- 1\n"),
    ],
)
def test_items_that_hold_aliases_go_with_them(path, gone, expected):
    assert removed(ALIASED, path, gone) == expected


@pytest.mark.parametrize(
    ("text", "path", "gone"),
    [
        (ALIASED, ["x", 1, "b"], 1),  # the alias itself
        (ALIASED, [], 0),  # an anchor that aliases name
        ("- &a x\n- *a\n", [], 1),
        ("[&a x, *a]\n", [], 1),
        ("a: 1\n", [], 1),  # no such item
        ("a: 1\n", [], -1),
    ],
)
def test_refused(text, path, gone):
    for document in each(text):
        with pytest.raises(EditError):
            apply(document, [Remove(at(document, *path), gone)])


def test_removals_and_replacements_together():
    text = "- a: 1\n  b: 2\n- c\n- d: [x, y]\n"
    for document in each(text):
        edits = [
            Remove(at(document, 0), 0),
            Replace.all(at(document, 0, "b"), "3"),
            Remove(document.roots[0], 1),
            Remove(at(document, 2, "d"), 1),
            Replace.all(at(document, 2, "d", 0), "#"),
        ]
        after = apply(document, edits)
        assert after.text == "- b: 3\n- d: ['#']\n"
        assert len(nodes(after)) < len(nodes(document))


def test_edits_inside_what_is_removed_overlap_it():
    for document in each("- a: 1\n- b\n"):
        with pytest.raises(EditError, match="overlap"):
            apply(document, [Remove(document.roots[0], 0), Replace.all(at(document, 0, "a"), "2")])
