"""Source maps: every style, against what the parser reads and where each character stands."""

import pytest

from cassette_cli.source.scalars import content_start, source_map
from source.support import at, each

VALUES = [
    # plain
    ("k: v\n", "v"),
    ("k: two words\n", "two words"),
    ("k: one\n  two\n  three\n", "one two three"),
    ("k: one  \n   two\n\n\n  three\n", "one two\n\nthree"),
    ("k: one\t\n  two\n", "one two"),
    ("k: a#b c:d http://x/?y\n", "a#b c:d http://x/?y"),
    ("k: it's 3\" long\n", "it's 3\" long"),
    ("k: '\\n'\n", "\\n"),
    ("k: a''b\n", "a''b"),
    ("k: one\r\n  two\r\n", "one two"),
    ("k: nel\x85  folds\n", "nel folds"),
    ("k: ls\u2028  stays\n", "ls\u2028stays"),
    ("k: ls\u2028  \u2029 stays\n", "ls\u2028\u2029stays"),
    ("k: one # comment\n", "one"),
    ("k: é日😀 x\n", "é日😀 x"),
    ("k:\n", ""),
    ("k: &a\n", ""),
    ("k: !!str\n", ""),
    # single-quoted
    ("k: ''\n", ""),
    ("k: 'it''s'\n", "it's"),
    ("k: ''''''\n", "''"),
    ("k: ' lead trail '\n", " lead trail "),
    ("k: 'one\n  two'\n", "one two"),
    ("k: 'one \t\n\n \t\n  two'\n", "one\n\ntwo"),
    ("k: 'one\r\n\r\n  two'\r\n", "one\ntwo"),
    ("k: '\n  one\n  '\n", " one "),
    ("k: 'a\\nb'\n", "a\\nb"),
    ("k: 'nel\x85  x\u2028 y'\n", "nel x\u2028y"),
    # double-quoted
    ('k: ""\n', ""),
    ('k: "\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\"\\/\\\\\\N\\_\\L\\P"\n', '\0\a\b\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029'),
    ('k: "\\\t"\n', "\t"),
    ('k: "\\x41\\u263A\\U0001F600"\n', "A☺😀"),
    ('k: "one\n  two"\n', "one two"),
    ('k: "one  \n\n\n  two"\n', "one\n\ntwo"),
    ('k: "one \\\n  two"\n', "one two"),
    ('k: "one\\\n  \\ two"\n', "one two"),
    ('k: "one\\\n\n  two"\n', "one\ntwo"),
    ('k: "one\\\r\n  two\r\n  three"\r\n', "onetwo three"),
    ('k: "a\x85  b\u2028  c"\n', "a b\u2028c"),
    ('k: "it\'s"\n', "it's"),
    # literal
    ("k: |\n  a\n  b\n", "a\nb\n"),
    ("k: |-\n  a\n  b\n", "a\nb"),
    ("k: |+\n  a\n\n\n", "a\n\n\n"),
    ("k: |\n  a\n\n\nz: 1\n", "a\n"),
    ("k: |-\n  a\n\n\nz: 1\n", "a"),
    ("k: |\n  a\n\n  b\n", "a\n\nb\n"),
    ("k: |\n\n\n  a\n", "\n\na\n"),
    ("k: |\n  a\n    b\n   \n  c\n", "a\n  b\n \nc\n"),
    ("k: |2\n    a\n  b\n", "  a\nb\n"),
    ("k: |-1\n  a\n b\n", " a\nb"),
    ("k: |1-\n  a\n b\n", " a\nb"),
    ("k: |2\n    \n     \n", "  \n   \n"),
    ("k: |1+\n  \n\n", " \n\n"),
    ("k: |  # note\n  a\n", "a\n"),
    ("k: |\r\n  a\r\n  b\r\n", "a\nb\n"),
    ("k: |\n  a\x85  b\u2028  c\n", "a\nb\u2028c\n"),
    ("k: |\n  a", "a"),
    ("k: |\n  a\n   ", "a\n "),
    ("k: |\nz: 1\n", ""),
    ("k: |+\n\n\nz: 1\n", "\n\n"),
    ("k: |\n  x\n  \ttab\n  # no comment\n  - no item\n", "x\n\ttab\n# no comment\n- no item\n"),
    ("k: |\n  é日😀\n", "é日😀\n"),
    # folded
    ("k: >\n  a\n  b\n", "a b\n"),
    ("k: >-\n  a\n  b\n", "a b"),
    ("k: >+\n  a\n\n", "a\n\n"),
    ("k: >\n  a\n\n  b\n\n\n  c\n", "a\nb\n\nc\n"),
    ("k: >\n  a\n    more\n  b\n", "a\n  more\nb\n"),
    ("k: >\n  a\n\n    more\n\n  b\n", "a\n\n  more\n\nb\n"),
    ("k: >\n  a\n  \ttab\n  b\n", "a\n\ttab\nb\n"),
    ("k: >\n\n  a\n", "\na\n"),
    ("k: >2\n   a\n  b\n", " a\nb\n"),
    ("k: >\n  a\u2028  b\n", "a\u2028b\n"),
    ("k: >\r\n  a\r\n  b\r\n", "a b\n"),
    # after tags and anchors
    ("k: &a v\n", "v"),
    ("k: !!str 1\n", "1"),
    ("k: !<tag:example.com,2000:x> v\n", "v"),
    ("k: !local &a 'v'\n", "v"),
    ('k: &a !!str "v"\n', "v"),
    ("k: !!binary |\n  aGVsbG8=\n", "aGVsbG8=\n"),
    ("k: &a |-\n  v\n", "v"),
    ("k: !!str\n  v\n", "v"),
    ("k: !!str # why\n  # and why\n\n  v\n", "v"),
    ("k: ! 12\n", "12"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_yaml(text, value):
    for document in each(text):
        node = at(document, "k")
        assert node.value == value
        check(document, node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["plain"]', "plain"),
        ('["\\"\\\\\\/\\b\\f\\n\\r\\t"]', '"\\/\b\f\n\r\t'),
        ('["\\u0041\\u00e9\\u65e5"]', "Aé日"),
        ('["\\ud83d\\ude00"]', "😀"),
        ('["\\uD83D\\uDE00!"]', "😀!"),
        ('["\\ud83d"]', "\ud83d"),
        ('["\\ude00\\ud83d"]', "\ude00\ud83d"),
        ('["\\ud83d\\ud83d\\ude00"]', "\ud83d😀"),
        ('["😀 \x85 \u2028 \x7f"]', "😀 \x85 \u2028 \x7f"),
        ('["a\nb\tc"]', "a\nb\tc"),  # a control character that should have been an escape
        ("[-12.5e3]", "-12.5e3"),
        ("[null]", "null"),
    ],
)
def test_json(text, value):
    for document in each(text):
        assert document.is_json
        node = at(document, 0)
        assert node.value == value
        check(document, node)


def check(document, node):
    """Check every piece of the map, and that every place in the value is found between its neighbours."""
    made = source_map(document.text, node, is_json=document.is_json)
    assert made is not None
    assert made.value == node.value
    assert node.start <= made.start <= made.end == node.end
    behind = made.start
    for piece, left, right, copied in zip(made.texts, made.source, made.source_end, made.copied, strict=True):
        assert behind <= left < right <= made.end
        assert not copied or document.text[left:right] == piece
        behind = right
    behind = 0
    for start in range(len(node.value)):
        place = made.locate(start, start + 1)
        if place is not None:
            assert behind <= place[0] < place[1]
            behind = place[0]


def test_an_escape_is_not_split():
    document, *_ = each('k: "a\n\n\n  b"\n')  # two line breaks that stand as one fold
    made = source_map(document.text, at(document, "k"), is_json=False)
    assert made is not None
    assert made.locate(1, 2) is None
    assert made.locate(0, 2) is None
    assert made.locate(1, 3) == (5, 10)
    assert made.locate(0, 1) == (4, 5)
    assert made.locate(4, 4) == (11, 11)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("k: &a v\n", "v"),
        ("k: !t\n  &b v\n", "v"),
        ("k: !<tag:x,1:y> 'v'\n", "'v'"),
        ("k: !!str # c\n  v\n", "v"),
        ("k: !!str\n", ""),
        ("k: v\n", "v"),
    ],
)
def test_content_starts_after_tag_and_anchor(text, content):
    for document in each(text):
        node = at(document, "k")
        assert document.text[content_start(document.text, node) : node.end] == content
