"""Bodies that stand as a structure: read as JSON, edited scalar by scalar, never given new branches."""

import json

import pytest
import yaml

from cassette_cli.errors import EditError
from cassette_cli.model.body import Body
from cassette_cli.source.document import Document
from cassette_cli.source.verify import apply

SOURCE = """\
body:
  choices:
  - index: 0
    message:
      content: "Hi \\u2713, it's\\ta \\"test\\"\\n"
      refusal: null
      role: assistant
  - index: 1
    message: {content: 'no', role: user}
  empty: {}
  'null': ~
  ratio: 1.0e-05
  big: 12345678901234567890
  price: 0.10
  version: '1.0'
  exponent: 1e5
  stream: false
  text: |
    line one

    line three
after: here
"""


def body(source: str = SOURCE, storage: str = "parsed", kind: str = "application/json") -> tuple[Document, Body]:
    document = Document(source.encode())
    return document, Body(document.root.get("body"), storage, content_type=kind)


def value(document: Document):
    return yaml.safe_load(document.text)["body"]


def test_it_reads_as_pyyaml_does():
    document, one = body()
    assert one.json == value(document)
    assert one.layers == ("parsed",)
    assert one.json["exponent"] == "1e5"


@pytest.mark.parametrize(
    "text",
    [
        "0x1f",
        "017",
        "0b11",
        "1_000",
        "-5",
        "+5",
        ".5",
        "5.",
        "-1.5e+3",
        "6.02E+23",
        "0o17",
        "1e5",
        "'yes'",
        "'5'",
        "-0",
        ".inf",
        "-.INF",
        "1_0.5",
        "08",
    ],
)
def test_numbers_as_pyyaml_reads_them(text):
    document, one = body(f"body:\n- {text}\n")
    assert one.json == value(document)


def test_a_json_document_reads_by_json():
    document, one = body('{"body": {"a": 1e5, "b": [1, 1.5, null, true, "x"], "c": -0.0}}', "json")
    assert one.json == json.loads(document.text)["body"]


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (["choices", 0, "message", "content"], "Bye \u2713: 'x' # y\n"),
        (["choices", 1, "message", "content"], "yes, [it] is {so}"),
        (["version"], "2.0"),
        (["text"], "line one\n\nline 3\nline 4\n"),
        (["choices", 0, "index"], 7),
        (["ratio"], 0.25),
        (["stream"], True),
        (["big"], "[REDACTED]"),
        (["stream"], "[REDACTED]"),
        (["null"], "[REDACTED]"),
        (["version"], ""),
    ],
)
def test_a_scalar_is_edited_in_place(path, new):
    document, one = body()
    wanted = json.loads(one.text)
    inner = wanted
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    after = apply(document, one.replace(json.dumps(wanted)))
    assert value(after) == wanted
    old_lines, new_lines = document.text.splitlines(), after.text.splitlines()
    assert sum(line not in new_lines for line in old_lines) <= 4
    assert after.text.endswith("after: here\n")


def test_parts_of_the_text_reach_their_scalars():
    document, one = body()
    at = one.text.index("assistant")
    after = apply(document, one.edit([(at, at + 9, "tool")]))
    assert after.text == document.text.replace("role: assistant", "role: tool")


def test_keys_and_items_can_go():
    document, one = body()
    wanted = json.loads(one.text)
    del wanted["choices"][0]
    del wanted["price"], wanted["null"]
    after = apply(document, one.replace(json.dumps(wanted)))
    assert value(after) == wanted


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(new=1),
        lambda data: data["choices"].append({}),
        lambda data: data.update(ratio={"a": 1}),
        lambda data: data.update(choices="none"),
        lambda data: data.update(version=2),
        lambda data: data.update(stream="true"),
        lambda data: data.update(empty=[]),
        lambda data: data["choices"].__delitem__(0) or data["choices"][0].update(index=5),
    ],
)
def test_new_nodes_are_written_where_they_are_needed(change):
    document, one = body()
    wanted = json.loads(one.text)
    change(wanted)
    after = apply(document, one.replace(json.dumps(wanted)))
    assert value(after) == wanted
    assert after.text.endswith("after: here\n")


def test_what_is_no_json_is_refused():
    _, one = body()
    with pytest.raises(EditError, match="not valid JSON"):
        one.replace("data: x")


def test_a_string_is_the_body_itself_unless_its_type_is_json():
    source = "body: |\n  data: {}\n\n"
    assert body(source, kind="text/event-stream")[1].payload == "data: {}\n"
    assert body(source, kind="application/json")[1].payload == '"data: {}\\n"'


def test_an_alias_is_one_value_and_a_bomb_of_them_a_note():
    _, one = body("body:\n  a: &x {k: v}\n  b: *x\n")
    assert one.json == {"a": {"k": "v"}, "b": {"k": "v"}}
    levels = "\n".join(f"  l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 12))
    _, bomb = body(f"body:\n  l0: &l0 [x]\n{levels}\n")
    assert "aliases" in bomb.notes[0]
    _, endless = body("body: &x\n  self: *x\n")
    assert "contains itself" in endless.notes[0]
    with pytest.raises(EditError):
        endless.replace("{}")


@pytest.mark.parametrize("number", ["0x" + "F" * 9000, "9" * 9000, "0b" + "1" * 40_000])
def test_a_number_that_json_cannot_write_is_its_text(number):
    _, read = body(f"body:\n  big: {number}\n  words: tide\n")
    assert json.loads(read.payload) == {"big": number, "words": "tide"}
    assert (read.undecoded, read.notes) == ("", [])
