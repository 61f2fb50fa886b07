"""New entries and values of another type: any JSON becomes any other, in YAML of every layout and in JSON."""

import json
import math

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cassette_cli.errors import EditError
from cassette_cli.model.structure import changes
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Insert, Put, Remove
from cassette_cli.source.verify import apply

TEXTS = st.one_of(
    st.sampled_from(
        ["", "a", "yes", "12", "null", "a: b", "# c", "line\n  two\n", "two\n\n", " x", "\u00e9\U0001f600"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029\ufeff"), max_size=6),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.sampled_from([0.5, -1.25, 1e30]), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abcdefg"), VALUES, max_size=4)


def in_yaml(flow: bool | None, indent: int):
    return lambda value: yaml.dump(value, default_flow_style=flow, indent=indent, allow_unicode=True, sort_keys=False)


LAYOUTS = {
    "block": in_yaml(False, 2),
    "wide": in_yaml(False, 4),
    "mixed": in_yaml(None, 2),
    "flow": in_yaml(True, 2),
    "json": json.dumps,
    "tight": lambda value: json.dumps(value, separators=(",", ":")),
    "indented": lambda value: json.dumps(value, indent=2),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@given(old=OBJECTS, new=OBJECTS)
@example(old={"f": [{"": None, "a": None}]}, new={"f": [{"yes": None, "a": None}]})
@settings(max_examples=150, deadline=None)
def test_any_object_becomes_any_other_and_what_surrounds_it_stays(layout, old, new):
    text = LAYOUTS[layout]({"before": [1], "body": old, "after": "here"})
    document = Document(text.encode())
    body = document.root.get("body")
    after = apply(document, changes(body, new, is_json=document.is_json))
    load = json.loads if document.is_json else yaml.safe_load
    assert load(after.text) == {"before": [1], "body": new, "after": "here"}


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ("h:\n  A:\n  - x\nz: 1\n", lambda h: [Insert(h, 1, ["yo"], "B")], "h:\n  A:\n  - x\n  B:\n  - yo\nz: 1\n"),
        ("h:\n  A:\n    - x\n", lambda h: [Insert(h, 0, ["yo"], "B")], "h:\n  B:\n    - yo\n  A:\n    - x\n"),
        ("h:\n    A: 'x'\nz: 1\n", lambda h: [Insert(h, 1, "yo", "B")], "h:\n    A: 'x'\n    B: 'yo'\nz: 1\n"),
        ("h:\n  A: ['x']\n", lambda h: [Insert(h, 1, ["yo"], "B")], "h:\n  A: ['x']\n  B: ['yo']\n"),
        ("h: {A: [x], C: [z]}\n", lambda h: [Insert(h, 1, ["yo"], "B")], "h: {A: [x], B: [yo], C: [z]}\n"),
        (
            "h: {}\nl:\n- m:\n    k: 1\n",
            lambda h: [Insert(h, 0, ["yo"], "B")],
            "h:\n  B:\n  - yo\nl:\n- m:\n    k: 1\n",
        ),
        ("h:\n- - A\n  - x\n", lambda h: [Insert(h, 1, ["B", "yo"])], "h:\n- - A\n  - x\n- - B\n  - yo\n"),
        ("h:\n- A: x", lambda h: [Insert(h, 1, {"B": "yo"})], "h:\n- A: x\n- B: yo"),
        ("h: |+\n  x\n\n", lambda h: [Put(h, {"a": 1})], "h:\n  a: 1\n"),
        ("h: !!binary |\n  eA==\nz: 1\n", lambda h: [Put(h, "x\ny\n")], "h: |\n  x\n  y\nz: 1\n"),
        ("h: &a [1]\nz: *a\n", lambda h: [Put(h, [2])], "h: &a\n- 2\nz: *a\n"),
        ("h:\n  A: 1\n  B: 2\n", lambda h: [Remove(h, 0), Remove(h, 1), Insert(h, 2, 3, "C")], "h:\n  C: 3\n"),
        ('{"h": {"A": "x"}}', lambda h: [Insert(h, 1, "yo", "B")], '{"h": {"A": "x", "B": "yo"}}'),
        ('{"h":{"A":"x"},"i":1}', lambda h: [Insert(h, 0, "yo", "B")], '{"h":{"B":"yo","A":"x"},"i":1}'),
        (
            '{\n  "h": [\n    {\n      "name": "A"\n    }\n  ]\n}',
            lambda h: [Insert(h, 1, {"name": "B"})],
            '{\n  "h": [\n    {\n      "name": "A"\n    },\n    {\n      "name": "B"\n    }\n  ]\n}',
        ),
        (
            '{\n  "h": {}\n}',
            lambda h: [Insert(h, 0, ["yo"], "B")],
            '{\n  "h": {\n    "B": [\n      "yo"\n    ]\n  }\n}',
        ),
    ],
)
def test_what_is_new_is_written_as_its_neighbours_are(before, edits, after):
    document = Document(before.encode())
    assert apply(document, edits(document.root.get("h"))).text == after


def test_what_the_grammar_cannot_hold_is_refused():
    document = Document(b"h: {}\n")
    with pytest.raises(EditError):
        apply(document, [Insert(document.root.get("h"), 0, math.nan, "B")])
