"""Bodies whose compressed data is cut short: told by every verb, shown as far as they go, and never written again."""

import json
from base64 import b64decode, b64encode

import pytest

from cassette_cli.source.compression import compress, decompress

TOKEN = "sk-" + "ant-api03-" + "Q7z" * 12
OTHER = "sk-" + "ant-api03-" + "K4t" * 12
CODINGS = ("gzip", "deflate", "br")

JSON = json.dumps({"key": TOKEN, "words": list(range(900))}).encode()
STREAM = b"".join(
    b"data: "
    + json.dumps({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}).encode()
    + b"\n\n"
    for delta in ({"role": "assistant", "content": ""}, *({"content": "" if n % 2 else f"{n**7} "} for n in range(300)))
)


def packed(coding, whole=JSON, kind="application/json"):
    """Return a cassette of two interactions, the first with a response that is cut short, and what was cut."""
    data = compress(coding, whole)
    data = data[: len(data) * 9 // 10]
    return (
        "interactions:\n"
        "- request: {method: GET, uri: 'https://a.example/cut', body: null, headers: {}}\n"
        "  response:\n"
        f"    body: {{string: !!binary {b64encode(data).decode()}}}\n"
        f"    headers: {{Content-Encoding: [{coding}], Content-Type: [{kind}]}}\n"
        "    status: {code: 200, message: OK}\n"
        f"- request: {{method: GET, uri: 'https://a.example/whole', body: null, headers: {{x-api-key: [{OTHER}]}}}}\n"
        "  response: {body: {string: '{\"a\": 1}'}, headers: {}, status: {code: 200, message: OK}}\n"
        "version: 1\n"
    )


@pytest.mark.parametrize("coding", CODINGS)
def test_every_verb_tells_it(cassette, write, coding):
    path = write("cut.yaml", packed(coding))
    told = f"the {coding} data is cut short"
    codes = {"check": 1, "redact --check": 1, "decode": 1, "grep nope": 2, "export har": 1, "export har --reveal": 1}
    for verb, code in codes.items():
        result = cassette(*verb.split(), path)
        assert (verb, result.code) == (verb, code)
        assert told in result.out + result.err, verb
    assert "CAS013" in cassette("check", path).out
    assert "UNSCANNED" in cassette("redact", "--check", path).out
    assert TOKEN not in cassette("redact", "--check", path).out
    assert "anthropic" in cassette("redact", "--check", path).out  # what came out is searched
    assert json.loads(cassette("stats", "--json", path).out)["undecoded"] == 1
    rows = cassette("ls", path).out.splitlines()
    assert [row.rpartition("\t")[2] for row in rows] == ["unread: response.body", "8"]
    assert [json.loads(row).get("unread") for row in cassette("ls", "--json", path).out.splitlines()] == [
        ["response.body"], None,
    ]  # fmt: skip


@pytest.mark.parametrize("coding", CODINGS)
def test_redact_leaves_it_says_what_it_found_and_does_the_rest(cassette, write, coding):
    text = packed(coding)
    path = write("cut.yaml", text)
    result = cassette("redact", path)
    assert result.code == 1
    assert f"{path}:4  #0  response.body  UNSCANNED  found and not replaced: anthropic" in result.out
    assert path.read_text() == text.replace(OTHER, "REDACTED")
    again = cassette("redact", path)
    assert (again.code, path.read_text()) == (1, text.replace(OTHER, "REDACTED"))
    assert "found and not replaced" in again.out


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("words", [
    ("set", "body=new"), ("set", "body:$.a=2"), ("edit", "--with", "sed s/9/8/g"), ("edit", "--raw", "--with", "cat"),
], ids=" ".join)  # fmt: skip
def test_set_and_edit_refuse_it(cassette, write, coding, words):
    text = packed(coding)
    path = write("cut.yaml", text)
    verb, *rest = words
    result = cassette(verb, f"{path}#0", *rest)
    assert (result.code, path.read_text()) == (2, text)
    assert f"{path}:2: interaction 0: the body cannot be written again: the {coding} data is cut short" in result.err


def test_headers_beside_it_are_set_all_the_same(cassette, write):
    text = packed("gzip")
    path = write("cut.yaml", text)
    assert cassette("set", f"{path}#0", "status=404").code == 0
    assert path.read_text() == text.replace("code: 200, message: OK", "code: 404, message: Not Found", 1)


@pytest.mark.parametrize("coding", CODINGS)
def test_trim_leaves_it_and_says_so(cassette, write, coding):
    text = packed(coding, STREAM, "text/event-stream")
    path = write("cut.yaml", text)
    for options in ((), ("--check",), ("--all",)):
        result = cassette("trim", *options, path)
        assert (result.code, path.read_text()) == (1, text)
        assert f"{path}#0 left alone: the {coding} data is cut short" in result.out


def test_trim_says_it_of_a_body_of_which_nothing_came_out(cassette, write):
    path = write("broken.yaml", packed("gzip").replace("!!binary H4sI", "!!binary H4sIH4sI"))
    result = cassette("trim", path)
    assert result.code == 1
    assert f"{path}#0 left alone: it ends before its first byte" in result.out


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_shown_masked_still_says_that_it_was_cut(cassette, write, coding):
    path = write("cut.yaml", packed(coding))
    result = cassette("show", "--mask", f"{path}#0")
    assert result.code == 0
    assert TOKEN not in result.out
    assert "sk-ant-" in result.out
    assert f"note: the {coding} data is cut short" in result.out


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw-deflate", "br", "zstd"])
@pytest.mark.parametrize("data", [b"x", b"words " * 50_000, bytes(range(256)) * 99])
def test_data_that_is_compressed_without_its_end_comes_out_whole(coding, data):
    assert decompress(coding, compress(coding, data, cut=True)) == (data, b"", True)


def test_the_sample_is_cut():
    text = packed("gzip")
    data = b64decode(text.partition("!!binary ")[2].partition("}")[0])
    assert decompress("gzip", data).cut
