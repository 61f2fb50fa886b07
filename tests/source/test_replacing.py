"""Edits of scalars, to the byte."""

import pytest
import yaml

from cassette_cli.errors import EditError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Replace
from cassette_cli.source.verify import apply
from source.strategies import TROUBLE
from source.support import at, each, nodes, replaced


def parts(text, path, *edits):
    results = {apply(document, [Replace(at(document, *path), edits)]).raw for document in each(text)}
    assert len(results) == 1
    return results.pop().decode()


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        # its own style, where that can hold the text
        ("k: v\n", "w x", "k: w x\n"),
        ("k: 'v'\n", "it's", "k: 'it''s'\n"),
        ('k: "v"\n', 'a "b"\n', 'k: "a \\"b\\"\\n"\n'),
        ("k: |\n  v\n", "a\nb\n", "k: |\n  a\n  b\n"),
        ("k: |\n  v\nz: 1\n", "a\nb", "k: |-\n  a\n  b\nz: 1\n"),
        ("k: |-\n    v\nz: 1\n", "a\n\n\n", "k: |+\n    a\n\n\nz: 1\n"),
        ("k: |  # note\n  v\n", "w\n", "k: |  # note\n  w\n"),
        ("k: >-\n  v\n  w\nz: 1\n", "a\nb", "k: |-\n  a\n  b\nz: 1\n"),
        ("k: |-\n  v\n\n\nz: 1\n", "w", "k: |-\n  w\n\n\nz: 1\n"),  # blank lines that were no part of it stay
        ("k: |\r\n  v\r\nz: 1\r\n", "a\nb\n", "k: |\r\n  a\r\n  b\r\nz: 1\r\n"),
        # one that can
        ("k: v\n", "a: b", "k: 'a: b'\n"),
        ("k: v # c\n", "a #b", "k: 'a #b' # c\n"),
        ("k: v\n", "", "k: ''\n"),
        ("k: v\n", "two\nlines", 'k: "two\\nlines"\n'),
        ("k: v\n", "null", "k: 'null'\n"),
        ("k: v\n", "yes", "k: 'yes'\n"),  # a boolean to YAML 1.1
        ("k: v\n", "1_000", "k: '1_000'\n"),
        ("k: v\n", "12:30", "k: '12:30'\n"),
        ("k: v\n", "2024-01-01", "k: '2024-01-01'\n"),
        ("k: v\n", "=", "k: '='\n"),
        ("k: v\n", "- v", "k: '- v'\n"),
        ("k: v\n", "x\x7f", 'k: "x\\x7F"\n'),
        ("k: 'v'\n", "a\tb", 'k: "a\tb"\n'),
        ("k: 'v'\n", "\x1b[1m", 'k: "\\e[1m"\n'),
        ('k: "v"\n', "\x85\u2028\ufeff\U0001f600", 'k: "\\x85\\u2028\\uFEFF😀"\n'),
        ("k: |\n  v\nz: 1\n", "", 'k: ""\nz: 1\n'),
        ("k: |\n  v\nz: 1\n", " v\n", 'k: " v\\n"\nz: 1\n'),
        ("k: |\n  v\nz: 1\n", "\tv\n", 'k: "\tv\\n"\nz: 1\n'),
        ("k: |  # note\n  v\nz: 1\n", "a\rb", 'k: "a\\rb"  # note\nz: 1\n'),
        ("k: |\nz: 1\n", "v\n", 'k: "v\\n"\nz: 1\n'),  # no line that tells the indentation
        # in brackets
        ("k: [v]\n", "a, b", "k: ['a, b']\n"),
        ("k: [v]\n", "http://x", "k: ['http://x']\n"),
        ("k: {a: v}\n", "x}", "k: {a: 'x}'}\n"),
        # behind tags and anchors
        ("k: !t v\n", "w", "k: !t w\n"),
        ("k: &a v\n", "#", "k: &a '#'\n"),
        ("k: !!binary |\n  aGk=\n", "aG8=\n", "k: !!binary |\n  aG8=\n"),
        ("k: !!str 1\n", "2", "k: !!str '2'\n"),
        ("k: &a\nz: 1\n", "v", "k: &a v\nz: 1\n"),
    ],
)
def test_a_whole_value(text, new, expected):
    path = ["k"]
    while at(each(text)[0], *path).kind != "scalar":
        path.append(0 if at(each(text)[0], *path).kind == "sequence" else "a")
    assert replaced(text, path, new) == expected


@pytest.mark.parametrize(
    ("text", "new", "expected", "tag"),
    [
        ("k: 1\n", "2", "k: 2\n", "int"),
        ("k: 1\n", "-2.5", "k: -2.5\n", "float"),
        ("k: 1\n", "0x1F", "k: '0x1F'\n", "str"),
        ("k: 1\n", "[REDACTED]", "k: '[REDACTED]'\n", "str"),
        ("k: 1\n", "", "k: ''\n", "str"),
        ("k: 1.5\n", "2", "k: 2\n", "int"),
        ("k: true\n", "false", "k: false\n", "bool"),
        ("k: true\n", "no", "k: 'no'\n", "str"),
        ("k: null\n", "v", "k: v\n", "str"),
        ("k: ~\n", "null", "k: null\n", "null"),
        ("k:\n", "v", "k: v\n", "str"),
        ("k: # c\n", "v", "k: v # c\n", "str"),
        ("k:\r\nz: 1\r\n", "a: b", "k: 'a: b'\r\nz: 1\r\n", "str"),
        ("k: 2024-01-01\n", "2024-01-02", "k: '2024-01-02'\n", "str"),
        ("k: !!int 5\n", "6", "k: !!int 6\n", "int"),
        ("k: !!int 5\n", "gone", "k: gone\n", "str"),
        ("k: &a !!int 5\n", "gone", "k: &a gone\n", "str"),
        ("k: !!int &a 5\n", "1.5", "k: &a 1.5\n", "float"),
        ("k: !!float '1.5'\n", "2.5", "k: !!float '2.5'\n", "float"),
        ("k: !!float '1.5'\n", "x", "k: 'x'\n", "str"),
        ("k: !!null\n", "x", "k: x\n", "str"),
        ("- - k: 1\n", "2", "- - k: 2\n", "int"),
        ("{k: }\n", "v", "{k: v}\n", "str"),
        ("{k}\n", "v", "{k: v}\n", "str"),
        ("{k, z: 1}\n", "v", "{k: v, z: 1}\n", "str"),
        ('{"k": 1}\n', "2", '{"k": 2}\n', "int"),
        ('{"k": 1}\n', "1e5", '{"k": 1e5}\n', "float"),
        ('{"k": 1}\n', "01", '{"k": "01"}\n', "str"),
        ('{"k": 1}\n', "NaN", '{"k": "NaN"}\n', "str"),
        ('{"k": true}\n', "True", '{"k": "True"}\n', "str"),
        ('{"k": null}\n', "x", '{"k": "x"}\n', "str"),
        ('{"k": "1"}\n', "2", '{"k": "2"}\n', "str"),
    ],
)
def test_numbers_booleans_and_nulls(text, new, expected, tag):
    path = [0, 0, "k"] if text.startswith("- -") else ["k"]
    assert replaced(text, path, new) == expected
    for document in each(text):
        node = at(document, *path)
        assert Replace.all(node, new).tag == tag
        assert at(apply(document, [Replace.all(node, new)]), *path).tag == tag


@pytest.mark.parametrize(
    ("text", "start", "end", "new", "expected"),
    [
        ("k: one two three\n", 4, 7, "2", "k: one 2 three\n"),
        ("k: one\n  two\n  three\n", 4, 7, "2", "k: one\n  2\n  three\n"),
        ("k: one\n  two\n  three\n", 4, 7, "2:2", "k: one\n  2:2\n  three\n"),
        ("k: one two\n", 4, 7, "#", "k: 'one #'\n"),
        ("k: 'it''s one\n  line'\n", 5, 8, "'1'", "k: 'it''s ''1''\n  line'\n"),
        ('k: "a\\tsecret\\u0021 \\\n  z"\n', 2, 8, '"x"', 'k: "a\\t\\"x\\"\\u0021 \\\n  z"\n'),
        ('k: "one\n  two"\n', 4, 5, " t", 'k: "one\n  \\x20two"\n'),  # or the fold would swallow the blank
        ('k: "one two\n  three"\n', 4, 7, "", 'k: "one\\x20\n  three"\n'),
        ('k: "one\n\n\n  two"\n', 3, 4, "", 'k: "one\\ntwo"\n'),  # half a fold: the whole is written anew
        ("k: |\n  one two\n  three\nz: 1\n", 4, 7, "2", "k: |\n  one 2\n  three\nz: 1\n"),
        ("k: |\n  one\n  two\n  three\n", 4, 7, "x\n\ny", "k: |\n  one\n  x\n\n  y\n  three\n"),
        ("k: |\r\n  one\r\n  two\r\n", 4, 7, "x\ny", "k: |\r\n  one\r\n  x\r\n  y\r\n"),
        ("k: |\n  one\n  two\nz: 1\n", 4, 8, "", "k: |\n  one\nz: 1\n"),
        ("k: |\n  one\n  two\nz: 1\n", 3, 7, "", "k: |\n  one\nz: 1\n"),
        ("k: |\n  one\n  two\n  three\nz: 1\n", 4, 8, "", "k: |\n  one\n  three\nz: 1\n"),
        ("k: |+\n  one\n\n  two\n\n  three\n\n", 5, 10, "", "k: |+\n  one\n\n  three\n\n"),
        ("k: |+\n  one\n\n  two\n\n  three\n\n", 5, 10, "x\n", "k: |+\n  one\n\n  x\n  three\n\n"),
        ("k: |\n  one\n\n\n  two\n", 2, 7, "x", "k: |\n  onxwo\n"),
        ("k: |\n  one\n  two\nz: 1\n", 4, 8, "x\n", "k: |\n  one\n  x\nz: 1\n"),
        ("k: |\n  one\n  two\nz: 1\n", 8, 8, "x\n", "k: |\n  one\n  two\n  x\nz: 1\n"),
        ("k: |\r\n  one\r\n  two\r\nz: 1\r\n", 8, 8, "x\ny\n", "k: |\r\n  one\r\n  two\r\n  x\r\n  y\r\nz: 1\r\n"),
        ("k: >\n  one\n  two\n  three\n", 3, 4, "-", "k: >\n  one-two\n  three\n"),
        ("k: |\n  one\n  two\nz: 1\n", 7, 8, "", "k: |-\n  one\n  two\nz: 1\n"),
        ("k: |-\n  one\n  two\n\nz: 1\n", 4, 7, "2", "k: |-\n  one\n  2\n\nz: 1\n"),
        ("k: |2\n    one\n  two\n", 2, 5, "1", "k: |2\n    1\n  two\n"),
        ("k: |2\n    one\n  two\n", 0, 2, "    ", "k: |2\n      one\n  two\n"),
        ("k: |\n  one\n", 0, 0, "\x1b", 'k: "\\eone\\n"\n'),
        ("k: |-\n  one\n", 0, 0, " \n", 'k: " \\none"\n'),  # a first line of blanks would tell the indentation
        ("k: >2-\n\n  one\nz: 1\n", 0, 1, "", "k: |-\n  one\nz: 1\n"),  # with the break goes the indentation
        ("k: >\n  one two\n  three\n", 4, 7, "2", "k: >\n  one 2\n  three\n"),
        ("k: >\n  one two\n  three\n", 4, 7, "a\nb", "k: |\n  one a\n  b three\n"),
        ('{"k": "a\\ud83d\\ude00b"}', 1, 2, "\n😀", '{"k": "a\\n\\ud83d\\ude00b"}'),
        ('{"k": "é😀b"}', 2, 3, "\n😀", '{"k": "é😀\\n😀"}'),
        ('{"k": "a\\ud83db"}', 2, 3, "\ud83d", '{"k": "a\\ud83d\\ud83d"}'),
        ('{"k": 12345}', 1, 3, "9", '{"k": 1945}'),
    ],
)
def test_a_part(text, start, end, new, expected):
    assert replaced(text, ["k"], new, start, end) == expected


def test_several_parts_of_one_scalar():
    text = "k: |\n  user: me\n  pass: word\n  host: x\n"
    assert parts(text, ["k"], (15, 19, "***"), (6, 8, "you")) == "k: |\n  user: you\n  pass: ***\n  host: x\n"
    text = "k: |\n  one\n\n  two\n  three\nz: 1\n"
    assert parts(text, ["k"], (4, 5, ""), (5, 9, ""), (0, 4, "1\n")) == "k: |\n  1\n  three\nz: 1\n"
    assert parts(text, ["k"], (5, 9, "2\n"), (9, 9, "x\n")) == "k: |\n  one\n\n  2\n  x\n  three\nz: 1\n"
    assert parts('k: "a b c"\n', ["k"], (0, 1, "x"), (4, 5, "z"), (2, 2, "-")) == 'k: "x -b z"\n'


@pytest.mark.parametrize("edits", [((0, 2, "x"), (1, 3, "y")), ((0, 9, "x"),), ((2, 1, "x"),)])
def test_parts_that_overlap_or_leave_the_value(edits):
    for document in each("k: abc\n"):
        with pytest.raises(EditError, match="overlap"):
            apply(document, [Replace(at(document, "k"), edits)])


def test_only_scalars_have_text():
    for document in each("k: [a]\n"):
        with pytest.raises(EditError, match="only a scalar"):
            apply(document, [Replace.all(at(document, "k"), "x")])


def test_half_surrogate_pairs():
    for text in ("k: v\n", '"k": v\n', "k: |\n  v\n"):
        for document in each(text):
            with pytest.raises(EditError, match="half surrogate"):
                apply(document, [Replace.all(at(document, "k"), "x\ud83d")])
    document, *_ = each('["\\ud83d"]')
    with pytest.raises(EditError, match="joins the halves"):
        apply(document, [Replace(at(document, 0), ((1, 1, "\ude00"),))])


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("key: v\n", "key", "k k", "k k: v\n"),
        ("key: v\n", "key", "a: b", "'a: b': v\n"),
        ("'key': v\n", "key", "it's", "'it''s': v\n"),
        ("- key: v\n  b: 1\n", "key", "#", "- '#': v\n  b: 1\n"),
        ("{key: v}\n", "key", "[", "{'[': v}\n"),
        ('{"key": 1}', "key", "\n", '{"\\n": 1}'),
        ("? key\n: v\n", "key", "two\nlines", '? "two\\nlines"\n: v\n'),
        ("? |\n  key\n: v\n", "key\n", "two\nlines\n", "? |\n  two\n  lines\n: v\n"),
        ("1: v\n", "1", "2", "2: v\n"),
        ("1: v\n", "1", "one", "one: v\n"),
        ("&a key: v\n", "key", "~", "&a '~': v\n"),
        ("!t key: v\n", "key", "k", "!t k: v\n"),
    ],
)
def test_keys(text, old, new, expected):
    for document in each(text):
        (key,) = (node for node in nodes(document) if node.value == old)
        assert apply(document, [Replace.all(key, new)]).text == expected


def test_a_simple_key_longer_than_yaml_allows_is_refused():
    for document in each("key: v\n"):
        with pytest.raises(EditError):
            apply(document, [Replace.all(document.roots[0].pairs[0][0], "k" * 2000)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x old\nb: *x\nc: [*x]\n", "a: &x new\nb: *x\nc: [*x]\n"),
        ("a: &x\n  k: old\nb: *x\n", "a: &x\n  k: new\nb: *x\n"),
        ("- &x old\n- *x\n", "- &x new\n- *x\n"),
        ("? &x old\n: *x\n", "? &x new\n: *x\n"),
    ],
)
def test_an_edit_through_an_alias_changes_the_anchor_once(text, expected):
    for document in each(text):
        (old,) = (node for node in nodes(document) if node.value == "old")
        through = [Replace.all(old, "new")]
        root = document.roots[0]
        for item in root.items or [value for _, value in root.pairs]:
            node = item.get("k") if item.kind == "mapping" else item.items[0] if item.items else item
            through.append(Replace.all(node, "new"))
        assert apply(document, through).text == expected


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("\ufeffk: v\n", "w", "\ufeffk: w\n"),
        ("---\nk: v\n...\n", "a\nb", '---\nk: "a\\nb"\n...\n'),
        (
            "%YAML 1.1\n%TAG !e! tag:e.com,2000:\n---\nk: !e!x v\n",
            "w",
            "%YAML 1.1\n%TAG !e! tag:e.com,2000:\n---\nk: !e!x w\n",
        ),
        ("# top\n\nk: v   # note\n\n# end\n", "w", "# top\n\nk: w   # note\n\n# end\n"),
        ("k: v\n--- # two\nz: 1\n", "w", "k: w\n--- # two\nz: 1\n"),
        ("k: v", "w", "k: w"),
        ("k: v\n\n\n", "w", "k: w\n\n\n"),
        ("k:\tv\n", "w", "k:\tw\n"),
        ("k: v\rz: 1\r", "w", "k: w\rz: 1\r"),
        ("k: |\r  v\rz: 1\r", "w\nx\n", "k: |\r  w\r  x\rz: 1\r"),
        ('\ufeff{"k": "v"}', "w", '\ufeff{"k": "w"}'),
        ('{"k": "v"}\n{"z": 1}\n', "w", '{"k": "w"}\n{"z": 1}\n'),
    ],
)
def test_what_stands_around_stays(text, new, expected):
    assert replaced(text, ["k"], new) == expected


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("v\n", "w", "w\n"),
        ("--- v\n", "w", "--- w\n"),
        ("---\n", "w", "---\nw"),
        ("---", "w", "--- w"),
        ("---\n...\n", "w", "---\nw\n...\n"),
        ("|\n v\n", "w\n", "|\n w\n"),
        ("--- |\n  v\n", "w\nx\n", "--- |\n  w\n  x\n"),
        ("- \n", "w", "- w \n"),
        ("-\n- b\n", "w", "- w\n- b\n"),
    ],
)
def test_roots_and_empty_items(text, new, expected):
    for document in each(text):
        node = next(node for node in nodes(document) if node.kind == "scalar")
        after = apply(document, [Replace.all(node, new)])
        assert after.text == expected
        assert Document(after.raw).roots[0].kind == document.roots[0].kind


def test_yaml_in_brackets_stays_yaml_though_it_would_be_json():
    for document in each('{"a": \'v\', "b": [1, ]}'):
        assert not document.is_json
        after = apply(document, [Replace.all(at(document, "a"), "\x1b")])
        assert after.text == '{"a": "\\e", "b": [1, ]}'
        assert not after.is_json


def test_nothing_changes_nothing():
    for document in each("k: v\nn: 1\ne:\n"):
        assert apply(document, []) is document
        assert (
            apply(document, [Replace.all(node, node.value) for node in nodes(document) if node.kind == "scalar"])
            is document
        )
        assert apply(document, [Replace(at(document, "k"), ())]) is document


@pytest.mark.parametrize("new", TROUBLE)
@pytest.mark.parametrize(
    "text",
    ["k: v\n", "k: 'v'\n", 'k: "v"\n', "k: |\n  v\n", "k: >-\n  v\n", "k: [v]\n", "k: {a: v}\n", "k: 1\n", "k:\n"],
)
def test_recorders_that_use_pyyaml_read_the_same(text, new):
    """PyYAML reads YAML 1.1: more words are booleans, more texts are numbers, and none of ours may be."""
    path = {"[": ["k", 0], "{": ["k", "a"]}.get(text[3:4], ["k"])
    value = yaml.safe_load(replaced(text, path, new).encode())["k"]
    while isinstance(value, list | dict):
        value = value[0 if isinstance(value, list) else "a"]
    expected = new
    if text == "k: 1\n" and new in ("1", "-1", "1.5"):
        expected = float(new)  # a number stays one
    elif text == "k:\n" and new in ("", "null"):
        expected = None  # and a null one
    assert value == expected
