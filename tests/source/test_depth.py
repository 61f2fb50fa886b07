"""Hostile trees: nesting in every way that YAML and JSON know, and aliases that multiply."""

import subprocess
import sys

import pytest

from cassette_cli.errors import ParseError
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Replace
from cassette_cli.source.nodes import walk
from cassette_cli.source.verify import apply
from cassette_cli.source.yaml.reading import MAX_DEPTH
from source.support import READERS, each, nodes

NESTED = {
    "brackets": "[",
    "braces": "{a: ",
    "both": "[{a: ",
    "dashes": "- ",
    "questions": "? ",
    "dashes and questions": "- ? ",
    "questions in brackets": "[? ",
    "single pairs": "[a: ",
    "keys": "{[",
    "closed in strings": '["]", ',
    "closed in single quotes": "[']}', ",
    "closed in comments": "[ # ]]]]\n",
    "tabs": "[\t",
    "carriage returns": "[\r",
    "lines": "[\n",
    "next lines": "[\x85",
    "tags": "!!seq [",
    "local tags": "!t {a: ",
    "anchors": "&a [",
    "JSON objects": '{"a":',
    "JSON both": '[{"a":[',
    "JSON with closing strings": '["]}", {"]]": ',
    "JSON duplicate keys": '{"a": 1, "a":',
}
WAYS = {
    **{name: lambda size, piece=piece: piece * size for name, piece in NESTED.items()},
    "new anchors": lambda size: "".join(f"&a{i} [" for i in range(size)),
    "closed in plain scalars": lambda size: "- a]]]\n" * size + "- " + "[" * size,
    "closed in block scalars": lambda size: "- |\n  ]]]\n" * size + "- " + "{a: " * size,
    "indentation": lambda size: "".join(f"{' ' * i}a:\n" for i in range(min(size, 3000))),
    "indented dashes": lambda size: "".join(f"{' ' * i}-\n" for i in range(min(size, 3000))),
    "indented tags": lambda size: "".join(f"{' ' * i}- !t\n" for i in range(min(size, 3000))),
    "indented questions": lambda size: "".join(f"{' ' * i}?\n" for i in range(min(size, 3000))),
    "sound lists": lambda size: "[" * size + "]" * size,
    "sound JSON": lambda size: '{"a":' * size + "1" + "}" * size,
    "sound dashes": lambda size: "- " * size + "a\n",
}
TAKEN_FOR_JSON = {"both", "keys"}

PROGRAM = """
import sys
sys.path[:0] = {folders!r}
from source.test_depth import WAYS
from cassette_cli.errors import CassetteError
from cassette_cli.source.document import Document
for name, way in WAYS.items():
    try:
        Document(way({size}).encode(), reader={reader!r})
        print(name, "parsed", sep="\\t")
    except CassetteError as error:
        print(name, type(error).__name__, error.line, error.message, sep="\\t")
"""


@pytest.mark.parametrize(("size", "reader"), [(10_000, "lines"), (100_000, "lines"), (10_000, "c"), (300, "pure")])
def test_deep_nesting_is_one_clean_error(size, reader):
    """In a process of its own: what is tested for is a segmentation fault."""
    program = PROGRAM.format(folders=sys.path, size=size, reader=reader)
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    results = [line.split("\t") for line in done.stdout.splitlines()]
    assert [name for name, *_ in results] == list(WAYS)
    for name, kind, line, message in results:
        assert kind == "ParseError", name
        assert line.isdigit(), name
        expected = "not valid JSON" if name in TAKEN_FOR_JSON else "nested more than 200 levels"
        assert expected in message, name


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ('{"a":', "}"), ('["]", ', "]")]
)
def test_the_bound_is_exact(opening, closing, reader):
    def nested(depth):
        return (opening * depth + "1" + closing * depth).encode()

    deepest = Document(nested(MAX_DEPTH), reader=reader)
    assert sum(node.kind != "scalar" for node in nodes(deepest)) == MAX_DEPTH
    with pytest.raises(ParseError, match="nested more than 200 levels deep"):
        Document(nested(MAX_DEPTH + 1), reader=reader)


def test_the_line_of_the_nesting_is_told():
    for text in ("a: 1\nb:\n  " + "[" * 300, "[1,\n2,\n" + "[" * 300 + "\n"):
        for reader in READERS:
            with pytest.raises(ParseError) as caught:
                Document(text.encode(), reader=reader)
            assert caught.value.line == 3


def bomb(levels, width=9):
    """Return billion laughs: each list holds the one before, nine times."""
    lines = ["l0: &l0 [lol]"]
    for level in range(1, levels):
        lines.append(f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * width)}]")
    return "\n".join(lines) + "\n"


def test_an_alias_bomb_costs_no_more_than_its_text():
    for document in each(bomb(60)):
        assert sum(1 for _ in walk(document.root)) == 1 + 60 + 60 + 1
        (lol,) = (node for node in nodes(document) if node.value == "lol")
        after = apply(document, [Replace.all(lol, "rofl")])
        assert after.text == document.text.replace("lol", "rofl")


def test_a_node_that_contains_itself():
    for document in each("&a\nk: v\nb: [*a, &c {d: *c}]\n"):
        assert [node.value for node in walk(document.root) if node.kind == "scalar"] == ["k", "v", "b", "d"]
        value = document.root.get("k")
        assert value is not None
        assert apply(document, [Replace.all(value, "w")]).text == "&a\nk: w\nb: [*a, &c {d: *c}]\n"


def test_a_walk_yields_every_node_once_in_the_order_of_the_text():
    text = "a: &x [1, &y 2]\n? &z {b: }\n: *x\nc: [*y, *z, , d]\n".replace(" , d", " d")
    for document in each(text):
        found = nodes(document)
        assert len({(*node.span, node.kind, node.value) for node in found}) == len(found)
        assert [node.start for node in found] == sorted(node.start for node in found)
        assert [node.value for node in found if node.kind == "scalar"] == ["a", "1", "2", "b", "", "c", "d"]


def test_the_guard_is_the_c_composer_s_own():
    from cassette_cli.source.yaml import loaders

    assert loaders.HAS_C is loaders._is_bounded()
    for loader in (loaders.CLoader, loaders.PureLoader) if loaders.HAS_C else (loaders.PureLoader,):
        for bound in (1, 2, 3):
            bounded = loader("[[1]]", bound)
            assert bounded.check_node()
            if bound == 3:
                assert bounded.get_node().value
            else:
                with pytest.raises(loaders.TooDeepError):
                    bounded.get_node()
