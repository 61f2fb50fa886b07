"""Bodies laid out for people: nothing is lost, and what is not understood stays as it is."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.__main__ import main
from cassette_cli.render import layouts
from operations.redact.test_linear import assert_linear


@pytest.fixture
def shown(tmp_path, capfd):
    """Show a request with this body; return what stands under its heading."""

    def run(body: str | bytes, content_type: str, *args: str) -> str:
        stored = body if isinstance(body, str) else {"base64_string": base64.b64encode(body).decode()}
        request = {
            "method": "POST",
            "uri": "https://a.example/",
            "headers": {"Content-Type": [content_type]},
            "body": stored,
        }
        response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}}
        path = tmp_path / "a.json"
        path.write_text(
            json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]}), "utf-8"
        )
        assert main(["show", "--request", *args, str(path)]) == 0
        return re.split(r"── request.*\n", capfd.readouterr().out)[1].removesuffix("\n")

    return run


FORM = "application/x-www-form-urlencoded"


def test_a_form_is_a_line_a_field(shown):
    body = "grant_type=password&scope=read%20write+all&empty=&note=two%0Alines&data=%7B%22a%22%3A1%7D&scope=again&bare"
    assert shown(body, FORM).splitlines() == [
        "grant_type: password", "scope: read write all", "empty: ", "note:", "  two", "  lines", "data:", "  {", '    "a": 1',
        "  }", "scope: again", "bare: ",
    ]  # fmt: skip


@pytest.mark.parametrize("body", ['{"a": "b=c"}', "two words=x", "a=%FF%FE", "no fields at all", "<a b='c'/>"])
def test_what_is_no_form_stays(shown, body):
    lines = shown(body, FORM)
    assert lines.replace("\n", "").replace(" ", "") == body.replace(" ", "")


def test_a_form_cannot_pretend_to_be_another_line(shown):
    assert shown("a=1%0Ab%3A%202&c=%1B%5B31m%E2%80%AE", FORM).splitlines() == [
        "a:",
        "  1",
        "  b: 2",
        "c: \\x1b[31m\\u202e",
    ]


def multipart(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(b"--b\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--b--\r\n"


def test_a_multipart_body_is_told_by_its_parts(shown):
    body = multipart(
        ('Content-Disposition: form-data; name="model"', b"whisper-1"),
        ('Content-Disposition: form-data; name="words"', b"one\r\ntwo"),
        ('Content-Disposition: form-data; name="meta"\r\nContent-Type: application/json', b'{"a": 1}'),
        (
            'Content-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Transfer-Encoding: binary',
            bytes(range(256)),
        ),
    )
    lines = shown(body, "multipart/form-data; boundary=b").splitlines()
    assert lines[:8] == [
        "model: whisper-1", "words:", "  one", "  two", "meta  application/json", "  {", '    "a": 1', "  }",
    ]  # fmt: skip
    assert re.fullmatch(r"file  a\.bin · binary · 256 B · sha256:[0-9a-f]{64}", lines[8])
    assert lines[9:] == ["  Content-Transfer-Encoding: binary"]


def test_a_multipart_body_without_its_boundary_stays(shown):
    assert shown("no parts here", "multipart/form-data; boundary=b").splitlines() == [
        "no parts here", "note: the body has no boundary, as its multipart type has it: shown whole",
    ]  # fmt: skip


@pytest.mark.parametrize("cut", [30, 50, 75, 100])
def test_a_multipart_body_that_is_cut_says_so(shown, cut):
    parts = [(f'Content-Disposition: form-data; name="{name}"', b"one") for name in "ab"]
    whole = multipart(*parts)
    note = "note: the multipart body is cut short: its closing boundary is missing"
    assert note in shown(whole[:cut].decode(), "multipart/form-data; boundary=b").splitlines()
    assert note in shown(whole[:-4], "multipart/form-data; boundary=b").splitlines()
    assert "note" not in shown(whole, "multipart/form-data; boundary=b")
    assert "note" not in shown(whole.removesuffix(b"\r\n"), "multipart/form-data; boundary=b")


@pytest.mark.parametrize(("body", "bad"), [("a=1&b=50%&c=2", "%"), ("a=%zz&b=1", "%zz"), ("a=1&b=%2", "%2")])
def test_a_form_with_a_bad_escape_says_so(shown, body, bad):
    assert shown(body, FORM).splitlines()[-1] == f"note: the form has {bad!r}, which encodes nothing"
    assert "note" not in shown("a=50%25&b=%7Bx%7d", FORM)


def test_graphql_has_its_document_and_variables_apart(shown):
    document = "query Tide($at: String!) {\n  tide(at: $at) { high }\n}"
    body = json.dumps({"query": document, "variables": {"at": "Port"}, "operationName": "Tide"})
    assert shown(body, "application/json").splitlines() == [
        *document.splitlines(), "variables:", "  {", '    "at": "Port"', "  }", 'operationName: "Tide"',
    ]  # fmt: skip
    batch = json.dumps([{"query": "{ a }"}, {"query": "{ b }", "variables": None}])
    assert shown(batch, "application/json") == "{\n  a\n}\n\n{\n  b\n}\nvariables: null"
    assert shown("{ me { name } }", "application/graphql") == "{\n  me {\n    name\n  }\n}"


@pytest.mark.parametrize("args", [(), ("-r",)])
def test_graphql_of_a_url_is_told_under_it(tmp_path, capfd, args):
    url = "https://a.example/graphql?query=query(%24at%3A%20ID)%20%7B%20tide(at%3A%20%24at)%20%7D&variables=%7B%22at%22%3A1%7D"
    wanted = '── request{}\nquery ($at: ID) {{\n  tide(at: $at)\n}}\nvariables:\n  {{\n    "at": 1\n  }}\n'
    request = {"method": "GET", "uri": url, "headers": {}, "body": None}
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]}), "utf-8")
    assert main(["show", "--request", *args, str(path)]) == 0
    assert wanted.format("" if args else "  no body").replace("query (", "query(") in capfd.readouterr().out
    assert layouts.asked_in("https://a.example/?query=deep water") is None


@pytest.mark.parametrize("value", [
    {"query": "how deep is the harbour?"}, {"query": {"match": {"a": 1}}}, {"query": "{ a }", "size": 10}, {"query": "query"},
    [], [{"query": "{ a }"}, 1],
])  # fmt: skip
def test_what_only_looks_like_graphql_is_json(shown, value):
    assert json.loads(shown(json.dumps(value), "application/json")) == value


@pytest.mark.parametrize(("document", "wanted"), [
    ("{a b}", "{\n  a\n  b\n}"),
    ('query Q($a: [Int!]! = [1, 2], $b: T = {c: 1}) @live { x: a(b: "{ }", c: {d: [1]}) @include(if: $a) { id } b }',
     'query Q($a: [Int!]! = [1, 2], $b: T = {c: 1}) @live {\n  x: a(b: "{ }", c: {d: [1]}) @include(if: $a) {\n    id\n  }\n  b\n}'),
    ("{ ...F ... on T { a } ... @skip(if: true) { b } } fragment F on T { c }",
     "{\n  ...F\n  ... on T {\n    a\n  }\n  ... @skip(if: true) {\n    b\n  }\n}\nfragment F on T {\n  c\n}"),
    ("mutation{a(b:1){c}}", "mutation {\n  a(b:1) {\n    c\n  }\n}"),
])  # fmt: skip
def test_a_document_of_one_line_is_laid_out(document, wanted):
    assert layouts.graphql(document) == wanted


@pytest.mark.parametrize("document", ["{ a", "{ a } }", "{ a(b: 1 }", "{ a # b }", '{ a(b: "c) }', "{ ä }"])
def test_a_document_that_is_not_understood_stays(document):
    assert layouts.graphql(document) is None


SOAP = (
    '<?xml version="1.0"?><!DOCTYPE e PUBLIC "-//A > B//EN" "a.dtd"><e:Env xmlns:e="http://a.example/?x=1>2"><e:Body><a id=\'7\'>Port</a>'
    "<!-- <note> --><b/><c></c><d>Some <i>mixed</i> words &amp; &more; text</d><r><![CDATA[</r>]]></r></e:Body></e:Env>"
)


def test_xml_is_an_element_a_line(shown):
    for kind in ("text/xml; charset=utf-8", "application/soap+xml", "image/svg+xml"):
        assert shown(SOAP, kind).splitlines() == [
            '<?xml version="1.0"?>',
            '<!DOCTYPE e PUBLIC "-//A > B//EN" "a.dtd">',
            '<e:Env xmlns:e="http://a.example/?x=1>2">',
            "  <e:Body>",
            "    <a id='7'>Port</a>",
            "    <!-- <note> -->",
            "    <b/>",
            "    <c></c>",
            "    <d>Some <i>mixed</i> words &amp; &more; text</d>",
            "    <r><![CDATA[</r>]]></r>",
            "  </e:Body>",
            "</e:Env>",
        ]


@pytest.mark.parametrize("text", [
    "<a><b></a>", "<a>", "</a>", "plain", "<a></a>tail", "<a b=\"></a>", "<a>&x;<b", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "<a>" * 300 + "</a>" * 300, "",
])  # fmt: skip
def test_what_is_no_sound_xml_stays(shown, text):
    assert layouts.xml(text) is None
    assert shown(text, "text/xml") == text


TEXTS = st.text("ab <>&;/!-[]\"'=\n?", max_size=40)
TREES = st.recursive(
    st.text("ab &;\n", max_size=6),
    lambda inner: st.lists(inner, max_size=4).map(lambda many: f"<t a='x'>{''.join(many)}</t>"),
    max_leaves=12,
)


@given(TREES.map(lambda tree: f"<r>{tree}</r>"))
def test_xml_keeps_every_character(text):
    laid = layouts.xml(text)
    assert laid is not None
    assert re.sub(r"\s", "", laid) == re.sub(r"\s", "", text)


@given(TEXTS)
def test_odd_texts_raise_nothing_and_lose_nothing(text):
    for laid in (layouts.xml(text), layouts.graphql(text)):
        assert laid is None or re.sub(r"[\s,]", "", laid) == re.sub(r"[\s,]", "", text)


@pytest.mark.parametrize("work", [layouts.xml, layouts.graphql])
def test_hostile_texts_take_linear_time(work):
    seeds = (
        "<",
        "<!--",
        "<a b='",
        "<a>",
        "<a>x",
        "<![CDATA[",
        "<a/>",
        "{",
        '"\\',
        "{ a(",
        '{"""',
        "{ a ",
        "... ",
        "{ a } ",
    )
    assert_linear(work, seeds)
