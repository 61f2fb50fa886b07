"""TOML as the standard library reads it, each value with its place."""

import tomllib

import pytest

from cassette_cli.errors import ParseError
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import walk

TEXT = '''\
# a comment
version = 1
"quoted key" = "b\\u00e4r \\"x\\" # no comment"
dotted.inner."x.y" = [ 1, 2.5, true, # here too
  "three", ["four"], { five = 5, six.seven = "8" } ]
when = 2026-01-02T03:04:05Z
day = 2026-01-02 03:04:05
literal = 'C:\\Users'
lines = """
first \\
   joined ""quoted"" \\U0001F600"""
raw = \'\'\'
a \'\' b
\'\'\'

[[interactions]]
name = "one"

[interactions.request]
uri = "https://a.example/"
headers = { accept = ["*/*"] }

[interactions.response.headers]
content-type = ["text/plain"]

[[interactions]]
name = "two"
'''


def same(node, found):
    if isinstance(found, dict):
        return {key.value for key, _ in node.pairs} == set(found) and all(
            same(inner, found[key.value]) for key, inner in node.pairs
        )
    if isinstance(found, list):
        return len(node) == len(found) and all(map(same, node.items, found))
    if isinstance(found, str):
        return (node.tag, node.value) == ("str", found)
    return node.tag == ("bool" if isinstance(found, bool) else type(found).__name__.replace("datetime", "timestamp"))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_values_are_those_of_the_standard_library(newline):
    text = TEXT.replace("\n", newline)
    document = Document(text.encode(), "a.toml")
    assert document.is_toml
    assert same(document.root, tomllib.loads(text))


def test_each_scalar_has_a_place_of_its_own():
    document = Document(TEXT.encode(), "a.toml")
    spans = [node.span for node in walk(document.root) if node.kind == "scalar"]
    assert len(spans) == len(set(spans))
    uri = document.root.get("interactions").items[0].get("request").get("uri")
    assert TEXT[uri.start : uri.end] == '"https://a.example/"'
    assert document.line(uri.start) == TEXT[: uri.start].count("\n") + 1


def test_tables_reach_from_their_header_to_their_last_value():
    document = Document(TEXT.encode(), "a.toml")
    first, second = document.root.get("interactions").items
    assert TEXT[first.start : first.end].endswith('["text/plain"]')
    assert TEXT[second.start : second.end] == '[[interactions]]\nname = "two"'


@pytest.mark.parametrize(("text", "line"), [("a = \n", 1), ("a = 1\nb = 'x\n", 2), ("a = 1\na = 2\n", 2)])
def test_what_is_no_toml_is_an_error_with_its_line(text, line):
    with pytest.raises(ParseError, match="not valid TOML") as raised:
        Document(text.encode(), "a.toml")
    assert raised.value.line in (line, line + 1)


@pytest.mark.parametrize(("path", "is_toml"), [("a.toml", True), ("a.toml.gz", True), ("-", True), ("a.yaml", False)])
def test_toml_is_told_by_its_name_or_on_standard_input_by_its_looks(path, is_toml):
    text = "version = 1\n" if is_toml else "version: 1\n"
    assert Document(text.encode(), path).is_toml is is_toml
