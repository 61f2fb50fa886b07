"""What is read by lines is read as libyaml reads it; everything else is left to a whole parser."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml.resolver import Resolver

from cassette_cli.errors import CassetteError
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import walk
from cassette_cli.source.yaml import block_scalars
from cassette_cli.source.yaml import blocks as block_yaml
from cassette_cli.source.yaml.entries import Entries
from cassette_cli.source.yaml.reading import MAX_DEPTH
from cassette_cli.source.yaml.tags import implicit
from source.strategies import TROUBLE, dumped_yaml
from source.support import seen

EXAMPLES = Path(__file__).parents[2] / "examples"
relaxed = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def by_lines(text):
    """Return what the tree says, None where the text is left to a whole parser."""
    root = block_yaml.compose(text, MAX_DEPTH)
    return None if root is None else [(n.kind, n.tag, n.value, n.start, n.end, n.style) for n in walk(root)]


def by_libyaml(text):
    """Return the same by libyaml; None for an error, or for more or less than one document."""
    try:
        document = Document(text.encode(), reader="c", is_json=False)
    except CassetteError:
        return None
    return seen(document) if len(document.roots) == 1 else None


def agree(text):
    """Assert that the text is read as libyaml reads it, or left; return whether it was read."""
    ours = by_lines(text)
    assert ours is None or ours == by_libyaml(text)
    return ours is not None


OPENINGS = ["k: ", "k:", "- ", "-", "- k: ", "- k:", "- - ", "'q': ", '"d": ', "", "# c", "k: &a ", "k: !t ", "- &b ",
            "k: !!binary ", "k: &a !t ", "long key: ", "-   k: ", "k:   "]  # fmt: skip
VALUES = ["", "v", "v w", "'s'", '"d"', "'it''s'", '"\\x41\\U0001F600 \\e\\\\"', '"\\u00e9\\n\\/"', '"\\ud83d\\ude00"',
          "*a", "*b", "{}", "[]", "[a, b]", "12", "~", "http://x/y?z#q", "a:b", "a #c", "a#c", "-1", "''", '""', "é",
          '"é\\\\"', "v  ", '"d"  ', "?x", ":x", "@x", "x: y", "{a: b}", "0x1F", "null", "---", "...", "<<", "v\tw"]  # fmt: skip
BELOW = ["|\nT\n U", "|-\nT\n", "|+\nT\n\n", "|2\n T", "|-\n\nT\n  U\n V", "|1-\nT", ">\nT\nU", "|\n", "|-  # c\nT",
         "'a\nTb'", "'a\n\nTb '", '"a\\\nTb"', '"a\\\nT\\ b\\\\"', '"a \nTb"', '"a\n\nTb"', '"a\\ \nTb"', "v\nTw",
         "v\n\nTw x\nTy", "v\nT- w", "v\nT\"q\" 'r'", "v\nTk: w", "v\nT# w", "\nT'a\nTb'", "\nTplain\nTmore"]  # fmt: skip


@st.composite
def lines(draw):
    """Lines of keys and items at indentations that fit now and then, with all that may stand behind them."""
    out, indent = [], 0
    for _ in range(draw(st.integers(1, 8))):
        indent = max(0, indent + draw(st.sampled_from([0, 0, 0, 0, 2, 2, 4, 1, -2, -2, -4])))
        deeper = " " * (indent + draw(st.sampled_from([2, 2, 4, 1])))
        value = draw(st.one_of(st.sampled_from(VALUES), st.sampled_from(BELOW)))
        out.append(" " * indent + draw(st.sampled_from(OPENINGS)) + value.replace("T", deeper).replace("U", deeper))
    opening = draw(st.sampled_from(["", "", "---\n", "\n", "# c\n"]))
    end = draw(st.sampled_from(["\n", "\n", "\n...\n", ""]))
    return opening + "\n".join(out) + end


@relaxed
@given(lines())
@example("a: |2\n\n")
@example("... k: v\n")
@example("\u2028k: v\n")
@example("k: 'a\n---\n  b'\n")
@example('k: "a\n... b"\n')
def test_lines_are_read_as_libyaml_reads_them(text):
    agree(text)


def test_most_such_lines_that_are_sound_are_read():
    """Or the property above would hold of nothing."""
    read = sound = 0

    @settings(deadline=None, database=None, derandomize=True, max_examples=600)
    @given(lines())
    def count(text):
        nonlocal read, sound
        if by_libyaml(text) is not None:
            sound += 1
            read += by_lines(text) is not None

    count()
    assert sound > 60
    assert read > sound / 3


@relaxed
@given(dumped_yaml())
def test_what_pyyaml_writes(text):
    agree(text)


@relaxed
@given(st.data(), lines(), st.sampled_from(TROUBLE))
def test_a_text_put_in_anywhere(data, text, trouble):
    assume("\0" not in trouble)
    at = data.draw(st.integers(0, len(text)))
    agree(text[:at] + trouble + text[at:])


SCALARS = ["a", "a b", "-1", "'it''s'", "'x\n\n  y'", '"d"', '"\\x41 \\"q"', '"a\\\n  b"', '"é\n  b"', "!!python/unicode 'u'", "*/*", "a:b", "é",
           "a: b", "", "*a", "&a b", "!t", "?", "-", "- a", "a #b", "~", "a/b; q=1", "<<", "=", "1.5", "a\n b", "http://x"]  # fmt: skip
FLOWS = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["", "!!python/tuple "]), st.lists(inner, max_size=3), st.sampled_from([", ", ",", ",\n   ", ",\n"]), st.sampled_from(["", " "]))
        .map(lambda one: f"{one[0]}[{one[3]}{one[2].join(one[1])}{one[3]}]"),
        st.tuples(st.lists(st.tuples(inner, inner), max_size=3), st.sampled_from([": ", ":", ":\n  "]), st.sampled_from(["", "\n  "]))
        .map(lambda one: "{" + ", ".join(key + one[1] + value for key, value in one[0]) + one[2] + "}"),
    ),
    max_leaves=5,
)  # fmt: skip


@relaxed
@given(
    st.sampled_from(["k: ", "- ", "- k: ", "k:\n  ", "a:\n  k: ", "k: !t ", "k: &a "]),
    FLOWS,
    st.sampled_from(["", "  ", " # c", "\nz: 1", "\n- z"]),
)
@example("a:\n  k: ", "[a,\n b]", "")
@example("- ", "[a,\n b]", "")
@example("k: ", "{string: 'a\n\n    b', 'q': !!python/tuple [c, 1]}", "")
@example("k:\n  ", "{a: 1,\nb: 2}", "")
def test_flow_collections_are_read_as_libyaml_reads_them(opening, flow, end):
    agree(opening + flow + end + "\n")


@pytest.mark.parametrize("opening", ["k: ! ", "- ! ", "k: &a ! ", "k: ! &a ", "k:\n  ! "])
def test_a_tag_that_says_nothing(opening):
    for value in (*VALUES, *BELOW, "'12'", '"~"', "|\nT12"):
        agree(opening + value.replace("T", "    ").replace("U", "  ") + "\n")
    assert agree(opening + "'a'\n")


COMPLEX = ["? a", "? !t", "? !t\n- a", "? !t\n  - a", "? !t\n- a\n- b: c", "? |\n  a", "? 'a'", "? !t [a]", "? &a b", "? a b\n  c", "? - a", "? !t\n  a: b",
           "k: v", "k:", "k:\n  l: m", "k:\n- a", "- a", "# c", "?", "? ", "? *a"]  # fmt: skip
ANSWERS = [": b", ": - a", ": - a\n  - b", ": - 'a'\n  - b: c", ": -", ": - a\n    b", ":", ": b\n  c", ": - a: b", ": !t\n  - a", ": [a]",
           ": |\n  a", ": k: v", ": - - a", ": \n  a: b", "k: v", "", ":   -   a\n      - b", ": - |\n     a", ": &c - a", ": - !t\n    a: b", ": - *a"]  # fmt: skip


@relaxed
@given(
    st.sampled_from(["", "k:\n", "- ", "k: v\n", "k: &a v\n"]),
    st.sampled_from([0, 1, 2]),
    st.lists(st.tuples(st.sampled_from(COMPLEX), st.sampled_from(ANSWERS)), min_size=1, max_size=3),
    st.sampled_from(["", "\nz: 1", "\n# c"]),
)
def test_keys_of_their_own_are_read_as_libyaml_reads_them(opening, column, pairs, end):
    body = "\n".join("\n".join(filter(None, pair)) for pair in pairs).replace("\n", "\n" + " " * column)
    agree(opening + " " * column + body + end + "\n")


def test_keys_of_python_objects_are_read():
    assert agree(
        "k:\n  ? !!python/object/apply:multidict._multidict.istr\n  - Accept\n  : - '*/*'\n    - a\n  b:\n  - c\n  ? d\n  : e\nl: m\n"
    )


def test_what_pyyaml_writes_in_flow_style_is_read():
    assert agree(
        "k: {body: {string: !!python/unicode 'a\n\n    b'}, headers: {Accept: ['*/*', \"x\"]}, status: {code: 200, message: OK}}\n"
    )


FOLD_ENDS = ["", "\\", "\\\\", "\\\\\\", " ", "\t", "\\ ", "\\n\\"]
FOLD_OPENINGS = ["", "\\ ", " ", "\t", "\\t", "\\", "- ", "\\  "]
FOLD_WORDS = [
    "",
    "a b",
    '\\"',
    "\\U0001F600",
    "\\x41",
    "\\\\U0001F600",
    "\\0",
    "\\u00e9\\\\x",
    "\\ud83d",
    "it''s",
    "\xe9",
    "\\_",
    "---",
    "\\q",
]


@relaxed
@given(
    st.sampled_from("\"'"),
    st.lists(st.tuples(st.sampled_from([2, 2, 2, 2, 4, 1, 0]), st.sampled_from(FOLD_OPENINGS), st.sampled_from(FOLD_WORDS),
                       st.sampled_from(FOLD_ENDS)), min_size=1, max_size=5),
)  # fmt: skip
@example('"', [(2, "", "a", "\\"), (2, "\\ ", "b", "\\"), (2, "", "c", "")])
@example('"', [(2, "", "a", ""), (2, "\\ ", "b", ""), (2, "", "\\U0001F600", "")])
@example('"', [(2, "", "a", "\\\\"), (2, "", "b", "")])
@example('"', [(2, "", "a", "\\\\\\"), (2, "", "b", "\\"), (2, "", "c", "")])
@example('"', [(2, "", "", ""), (0, "", "---", ""), (2, "", "", "")])
@example('"', [(2, "", "a b", "\\"), (2, "\\ ", "", ""), (2, "", "", "")])
@pytest.mark.parametrize("large", [1, 5, 1 << 20])
def test_folded_scalars_are_read_as_libyaml_reads_them(large, quote, lines):
    text = "\n".join([" " * column + opening + word + end for column, opening, word, end in lines])
    with patch.object(block_scalars, "_LARGE", large):
        agree(f"k: {quote}{text[lines[0][0] :]}{quote}\nl: m\n")


NAMES = ["Content-Type", "content-type", "'Date'", '"X-Id"', "Via", "é", "a:b", "x" * 120, "Set-Cookie"]
TEXTS = ["a/b; c=d", "'it'", '"d"', "-1", "v\nTw", "v;\nT w x;\nTy", "v\n\nTw", "v\nT- w", "v\nTk: w", "v\nT#w", "v\nT'w'", "v\nSw",
         "'v\nTw'", "{}", "é", "a - b", "", "~", "v #c", "v\nTw:", "v\nTw#x y"]  # fmt: skip


@st.composite
def headers(draw):
    """Mappings of names to texts and lists of texts, a line or more each, below the key of headers."""
    column = draw(st.sampled_from([1, 2, 4]))
    out = ["headers:"]
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4)):
        dash = column + draw(st.sampled_from([0, 0, 2, 1]))
        texts = draw(st.lists(st.sampled_from(TEXTS), max_size=3))
        listed = draw(st.booleans())
        out.append(" " * column + name + (":" if listed or not texts else f": {_under(texts[0], column, draw)}"))
        if listed:
            out += [" " * dash + "- " + _under(text, dash, draw) for text in texts]
    return "\n".join([*out, *draw(st.sampled_from([[], ["url: x"], ["# c", "url: x"], [""]]))]) + "\n"


def _under(text, column, draw):
    deeper = " " * (column + draw(st.sampled_from([1, 2, 2, 4])))
    return text.replace("T", deeper).replace("S", " " * column)


@relaxed
@given(headers())
@example("headers:\n  Cookie:\n  - a=b;\n    c=d;\n    e\n  - f\n  Via: a\n   b\nurl: x\n")
@example("headers:\n  Via:\n    - a\n   b\n")
@example("headers:\n  Via:\n  - a\n  b\n")
def test_headers_are_read_as_libyaml_reads_them(text):
    agree(text)


@relaxed
@given(headers(), st.sampled_from(["content-type", "date", "x-id", "via", "\xe9", "a:b"]))
def test_a_header_is_found_as_in_the_whole(text, name):
    root = block_yaml.compose(text, MAX_DEPTH)
    found = None if root is None else root.get("headers")
    if not isinstance(found, Entries):
        return
    named = [(*_seen(key), *_seen(value)) for key, value in found.named(name)]
    text = found.text_of(name)
    pairs = [(key, value) for key, value in found.pairs if key.value.lower() == name]
    assert named == [(*_seen(key), *_seen(value)) for key, value in pairs]
    first = next((value if value.kind == "scalar" else value.items[0] for _, value in pairs), None)
    assert text == (None if first is None else "" if first.is_null else first.value)


def _seen(node):
    return [(n.kind, n.tag, n.value, n.start, n.end, n.style) for n in walk(node)]


def test_cookies_over_several_lines_are_entries():
    root = block_yaml.compose("headers:\n  Cookie:\n  - a=b;\n    c=d;\n    e\n  - f\n", MAX_DEPTH)
    assert isinstance(root.get("headers"), Entries)
    assert [item.value for item in root.get("headers").get("Cookie").items] == ["a=b; c=d; e", "f"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.y*ml")), ids=lambda path: path.name)
def test_the_examples_are_read_by_lines(path):
    assert agree(path.read_text(encoding="utf-8"))


def test_most_of_the_corpus_is_read_by_lines():
    folder = os.environ.get("CASSETTE_CORPUS")
    if not folder:
        pytest.skip("CASSETTE_CORPUS names no cassettes")
    texts = [path.read_bytes().decode() for path in Path(folder).rglob("*") if path.suffix in (".yaml", ".yml")]
    assert sum(map(agree, texts)) > len(texts) * 0.9


@pytest.mark.parametrize(
    "text",
    [
        "interactions:\n- request:\n    headers:\n      Accept:\n      - '*/*'\n      - a\n    body: null\n",
        "---\nversion: 2\ninteractions:\n    - id: 0\n      request:\n        form: {}\n        body: |4-\n             x\n",
        "k:\n  - \"a\\\n    \\ b\\xe9\\U0001F600\"\n  - 'it''s\n    folded\n\n    twice'\n",
        "a: &id001\n  b: c\nd: *id001\n",
        "- !binary |-\n  YQ==\n- !!binary |\n  YQ==\n-\n- - x\n  - y\n",
        "k: v\n# comment\n\nl: plain\n  goes on\n\n  twice\n",
        "k:\n  'on its own line'\nl:\n  plain too\n  and more\n",
        "version: 1\n...\n",
        "h:\n  Set-Cookie:\n    - a=b\n    - 'c=d'\n  Date:\n    - \"x\"\n  \"Quoted\": 'v'\n- not: this\n"[:-12],
    ],
)
def test_what_recorders_write_is_read_by_lines(text):
    assert agree(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "# c\n", "scalar\n", "'scalar'\n", "[a]\n", "{a: b}\n", "k: v", "k: v\r\n", "k: >\n  a\n  b\n",
        "? a\n", "? a\nb: c\n: d\n", ": a\n", "? [a]: b\n: c\n", "? \n: b\n", "k: v\n  ? a\n  : b\n", "k: v # c\n", "%YAML 1.1\n---\nk: v\n", "a: 1\n---\nb: 2\n", "k: [a: b]\n", "k: \x85\n", "k: \x7f\n",
        "k: &a v\nl: &a w\n", "k: *a\n", "k: &a\n  l: *a\n", "k: v\n\tl: w\n", "k: v\n l: w\n", "- a\nk: v\n",
        'k: "\\ud83d\\ude00"\n', 'k: "\\q"\n', 'k: "a\n', "k: 'a\n", "a" * 1500 + ": v\n", "- " * 300 + "v\n",
    ],
)  # fmt: skip
def test_what_is_unusual_is_left(text):
    assert by_lines(text) is None


@relaxed
@given(
    st.one_of(
        st.sampled_from(["", "~", "null", "Null", "nuLL", "true", "FALSE", "yes", "1", "-0", "+12", "0o17", "0x1F", "1_0",
                         "_1", "1.", ".5", "-.5e+3", ".5e3", "1e5", ".inf", "-.INF", ".NaN", "2024-01-02", "<<", "=",
                         "2024-1-2 3:04:05", "2024-01-02T03:04:05.5Z", "2024-01-02t03:04:05 +01:00", "12:30", "0b11"]),
        st.text(st.sampled_from("0123456789-+.eE_:xobTZ infaNtrule~<="), max_size=12),
    )
)  # fmt: skip
def test_tags_are_resolved_as_ruamel_does(value):
    for tag, pattern in Resolver.yaml_implicit_resolvers.get(value[:1], ()):
        if pattern.match(value) and not value.endswith("\n"):
            assert implicit(value) == str(tag).removeprefix("tag:yaml.org,2002:")
            break
    else:
        assert implicit(value) == "str"
