"""Files as they come: encodings, line breaks, several documents, and what is no text or no YAML."""

import codecs

import pytest

from cassette_cli.errors import CassetteError, NotACassetteError, ParseError, UnreadableFileError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Replace
from cassette_cli.source.verify import apply
from source.support import READERS, at, each, nodes, tree


def failure(raw, kind=CassetteError, path="x.yaml"):
    """Return the error that both loaders raise."""
    found = []
    for reader in READERS:
        with pytest.raises(kind) as caught:
            Document(raw if isinstance(raw, bytes) else raw.encode(), path, reader=reader)
        assert caught.value.path == path
        assert "\n" not in caught.value.message
        found.append(caught.value)
    assert len({error.line for error in found}) == 1
    return found[0]


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"# only a comment\n", b"\xef\xbb\xbf", b"   "])
def test_an_empty_file_has_no_root(raw):
    for document in each(raw):
        assert document.roots == []
        with pytest.raises(NotACassetteError, match="empty"):
            _ = document.root


def test_several_documents_have_no_single_root():
    for document in each("a: 1\n---\nb: 2\n...\n---\nc: 3\n"):
        assert len(document.roots) == 3
        assert at(document, "a").value == "1"
        with pytest.raises(NotACassetteError, match="3 documents"):
            _ = document.root


@pytest.mark.parametrize(
    ("raw", "why", "line"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary", None),
        (b"k: v\nz: \0\n", "binary", None),
        (b"\0", "binary", None),
        (b"k: caf\xe9\n", "not UTF-8: byte 0xe9", 1),
        (b"a: 1\nb: 2\nk: caf\xe9\n", "not UTF-8", 3),
        (b"k: \xed\xa0\x80\n", "not UTF-8", 1),  # half a surrogate pair, as UTF-8 would write it
        (b"k: \xc0\xae\n", "not UTF-8", 1),
        (b"k: \xf0\x9f\x98", "not UTF-8", 1),  # cut in a character
        ("k: v\n".encode("utf-16"), "UTF-16", None),
        (codecs.BOM_UTF16_BE + "k: v\n".encode("utf-16-be"), "UTF-16", None),
        ("k: v\n".encode("utf-16-le"), "UTF-16", None),
        ("k: v\n".encode("utf-16-be"), "UTF-16", None),
        ("k: v\n".encode("utf-32"), "UTF-32", None),
        ('{"k": 1}'.encode("utf-32-le"), "UTF-32", None),
        ('{"k": 1}'.encode("utf-32-be"), "UTF-32", None),
    ],
)
def test_what_is_no_utf8(raw, why, line):
    error = failure(raw, UnreadableFileError)
    assert why in error.message
    assert error.line == line
    assert error.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1,\n", 3),
        ("a: 1\nb: 'x\n", 3),
        ("a: 1\n b: 2\n", 2),
        ("a: b: c\n", 1),
        ("a: 1\n\tb: 2\n", 2),
        ("a:\n\t- b\n", 2),
        ("a: *nowhere\n", 1),
        ("a: |\n  b\n c: 1\nd\n", 3),
        ("a: }\n", 1),
        ("a: @b\n", 1),
        ("a: !x!y z\n", 1),
        ("%YAML 3.0\n---\na: 1\n", 1),
        ('a: "\\z"\n', 1),
        ('a: 1\nb: "\\ud83d"\n', 2),
        ("a: 1\nb: x\x1by\n", 2),
        ("é: 日\nb: 😀\nc: x\x1by\n", 3),
        ("a: 1\nb: \x7f\n", 2),
        ("a: 1\r\nb: [\r\n", 3),
    ],
)
def test_what_is_no_yaml(text, line):
    error = failure(text, ParseError)
    assert error.line == line
    assert error.hint


@pytest.mark.parametrize(
    ("text", "path", "why", "line"),
    [
        ('{"a": 1,\n "b": \n', "x.json", "not valid JSON: expected a value", 3),
        ('{"a": 1\n "b": 2}', "x.json", "expected ',' or '}'", 2),
        ('["1" "2"]', "x.json", "expected ',' or ']'", 1),
        ('{"a" 1}', "x.json", "expected ':'", 1),
        ('{"a": tru}}', "x.json", "expected a value", 1),
        ('{"a": "\\x"}\n', "x.json", "Invalid", 1),
        ('{"a": "b', "x.json", "Unterminated string", 1),
        ("[1]\n]", "x.json", "expected a value", 2),
        ("{a: [1}", "x.yaml", "not valid YAML", 1),
    ],
)
def test_what_is_no_json(text, path, why, line):
    error = failure(text, ParseError, path)
    assert why in error.message
    assert error.line == line


def test_what_opens_like_json_may_be_yaml():
    for text in ("{a: 1}\n", "[a, 'b']\n", '{"a": 1, }\n', "[1]: 2\n", " \n\n[a]\n", "\n" * 600 + '["\\x41"]'):
        for document in each(text):
            assert not document.is_json
            assert len(nodes(document)) > 1
    for text in ('{"a": "\\ud83d\\ude00"}', "\n" * 600 + "[1]", "\ufeff[]", '{"' + "k" * 2000 + '": 1}'):
        for document in each(text):
            assert document.is_json


def test_the_grammar_can_be_asked_for():
    assert not Document(b"[1]", is_json=False).is_json
    with pytest.raises(ParseError):
        Document(b"[a]", is_json=True)


@pytest.mark.parametrize("text", ["k: v\n", "- a\n", '{"k": 1}', "k: |\n  é\n"])
def test_a_byte_order_mark_moves_nothing(text):
    for plain, marked in zip(each(text), each("\ufeff" + text), strict=True):
        assert marked.has_bom
        assert marked.text == text
        assert [n.span for n in nodes(marked)] == [n.span for n in nodes(plain)]
        assert marked.encode(marked.text) == marked.raw == b"\xef\xbb\xbf" + text.encode()


@pytest.mark.parametrize(
    ("text", "newline"), [("a: 1\nb: 2\r\n", "\n"), ("a: 1\r\n", "\r\n"), ("a: 1\r", "\r"), ("a: 1", "\n")]
)
def test_newline(text, newline):
    assert Document(text.encode()).newline == newline


def test_lines_are_counted_from_one():
    document = Document(b"a: 1\nb:\n  - x\n  - y\n")
    assert [document.line(node.start) for node in nodes(document)] == [1, 1, 1, 2, 3, 3, 4]
    error = document.malformed("no good", at(document, "b", 1))
    assert (error.line, error.path) == (4, None)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['touch owned']\n",
        "a: !!python/object/new:os.system [touch owned]\n",
        "!!python/name:os.system : 1\n",
        "a: !ruby/object:Gem::Installer\n  i: x\n",
        "a: !!binary not-base64!\n",
        "a: !!timestamp nonsense\n",
        "a: !!int nonsense\n",
        "<<: nonsense\n",
        "<<: 1\nb: 2\n",
    ],
)
def test_tags_construct_nothing(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for document in each(text):
        assert document.roots[0].kind == "mapping"
    assert not list(tmp_path.iterdir())


def test_duplicate_keys_are_kept_and_the_last_one_counts():
    for text in ("a: 1\na: 2\n", '{"a": 1, "a": 2}'):
        for document in each(text):
            assert len(document.root) == 2
            assert at(document, "a").value == "2"


def test_an_anchor_may_be_used_again():
    for document in each("a: &x 1\nb: *x\nc: &x 2\nd: *x\n"):
        assert [at(document, key).value for key in "abcd"] == ["1", "1", "2", "2"]


def test_both_loaders_see_the_same_in_strange_places():
    for text in (
        "a:\tb\t\n",
        "a: b\tc\n",
        "? a\n? b\n",
        "{a, b: , ? c, ? : d, }\n",
        "[a: , ? b]\n",
        "!t &a b\n",
        "&a !t b\n",
        "a: !!str\nb: &x\n",
        "-\n- \n- a\n",
        "a\x85b\n",
        "a:\x85  b\u2028c: 1\n",
        "%YAML 1.1\n---\na: yes\n",
        "%YAML 1.2\n---\na: 0o7\n",
        "a: 010\nb: 1_0\nc: 1:30\nd: .5\ne: =\nf: 2001-01-01\n",
        "- a\n# c\n\n# d\n- b\n",
        "--- |\n  a\n--- >\n  b\n",
    ):
        each(text)


def test_trees_of_several_json_values():
    for document in each('{"a": 1}\n[2]\n\n"b" null\n'):
        assert tree(document)[-2:] == [("scalar", "str", "b"), ("scalar", "null", "null")]
        assert len(document.roots) == 4


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("{uri: http://127.0.0.1:8080/a}\n", ("uri",), "http://127.0.0.1:8080/a"),
        ("a: [https://x.example/y]\n", ("a", 0), "https://x.example/y"),
        ("- {u: http://x.example:80/y?z=1, v: 2}\n", (0, "u"), "http://x.example:80/y?z=1"),
    ],
)
def test_what_libyaml_refuses_is_read_by_the_grammar_of_yaml_1_2(text, path, value):
    document = Document(text.encode())
    node = at(document, *path)
    assert (node.value, document.text[node.start : node.end]) == (value, value)
    assert not document.is_json
    after = apply(document, [Replace.all(node, "http://y.example:1/{b}, c")])
    assert at(after, *path).value == at(Document(after.raw), *path).value == "http://y.example:1/{b}, c"
    with pytest.raises(ParseError):  # what proves an edit of anything else stays as strict as it was
        Document(text.encode(), reader="c", is_json=False)


@pytest.mark.parametrize("text", ["a: [http://x/y\n", "a: {u: http://x/[z]}\n", "a: b: c\n", "a: {b: @c}\n"])
def test_what_no_grammar_reads_keeps_libyamls_words(text):
    with pytest.raises(ParseError) as ours:
        Document(text.encode())
    with pytest.raises(ParseError) as theirs:
        Document(text.encode(), reader="c")
    assert (ours.value.message, ours.value.line) == (theirs.value.message, theirs.value.line)
