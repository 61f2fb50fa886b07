"""What recorders really say when they find no recording is read back: VCR.py, Betamax, responses, Ruby VCR, go-vcr."""

import io
import json
import shutil
import subprocess
import textwrap
from typing import Any

import pytest

from cassette_cli.operations.why import Explanation, explain, messages
from cassette_cli.operations.why.asked import Asked

URL = "https://api.example.com/v1/chat?page=2&tag=a%20b"
BODY = {"model": "tide-1", "messages": [{"role": "user", "content": "When is high water?"}]}


def vcrpy_file(folder: Any, **changed: Any) -> str:
    request = {
        "method": "POST",
        "uri": URL,
        "body": json.dumps(BODY),
        "headers": {"Content-Type": ["application/json"]},
    }
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}}
    path = folder / "a.yaml"
    path.write_text(json.dumps({"interactions": [{"request": request | changed, "response": response}], "version": 1}))
    return str(path)


def vcrpy_error(path: str, times: int = 1, **options: Any) -> str:
    """Return what VCR.py raises for a request that it does not find."""
    vcr = pytest.importorskip("vcr")
    import requests

    with vcr.VCR(record_mode="none").use_cassette(path, **options):
        for _ in range(times - 1):
            requests.post(URL, json=BODY, timeout=5)
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException) as raised:
            requests.post(URL, json=BODY, timeout=5)
    return str(raised.value)


def only(text: str) -> Asked:
    found = messages.read(text)
    assert len(found) == 1
    return found[0]


def named(found: Explanation) -> set[tuple[str, str]]:
    return {(one.part, one.name) for one in found.candidates[0].counted}


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"uri": URL.replace("page=2", "page=1")}, {("query", "page")}),
        ({"uri": URL.replace("tag=a%20b", "tag=ab")}, {("query", "tag")}),
        ({"uri": URL.replace("/v1/", "/v2/")}, {("path", "")}),
        ({"uri": URL.replace("https", "http")}, {("scheme", "")}),
        ({"uri": URL.replace("api.", "eu.")}, {("host", "")}),
        ({"uri": URL.replace(".com/", ".com:8443/")}, {("port", "")}),
        ({"method": "PUT"}, {("method", "")}),
    ],
)
def test_vcrpy(tmp_path, changed, wanted):
    path = vcrpy_file(tmp_path, **changed)
    found = explain(path, only(vcrpy_error(path)))
    assert (found.verdict, named(found)) == ("none", wanted)
    assert found.candidates[0].rule.matching.names == ("method", "scheme", "host", "port", "path", "query")
    assert found.candidates[0].rule.origin == "VCR.py's message"


def test_vcrpy_under_pytest_and_indented(tmp_path):
    path = vcrpy_file(tmp_path, method="PUT")
    message = vcrpy_error(path)
    marked = "\n".join(
        ["    def test_x():", ">       requests.post(URL)", *(f"E   {line}" for line in message.split("\n"))]
    )
    other = "E       vcr.errors.CannotOverwriteExistingCassetteException: " + message.replace("\n", "\nE       ")
    for text in (marked, other, marked + "\n" + other, textwrap.indent(message, "  ")):
        one = only(text)
        assert (one.request.method, one.request.url) == ("POST", URL)
        assert one.match_on == ("method", "scheme", "host", "port", "path", "query")


def test_vcrpy_tells_the_body_where_it_looks_at_it(tmp_path):
    other = json.dumps({**BODY, "model": "tide-2"})
    path = vcrpy_file(tmp_path, body=other)
    message = vcrpy_error(path, match_on=["method", "uri", "body"])
    found = explain(path, only(message))
    assert (found.verdict, named(found)) == ("none", {("body", "$.model")})


def test_vcrpy_cuts_long_bodies(tmp_path):
    long = {**BODY, "prompt": "water " * 200}
    path = vcrpy_file(tmp_path, body=json.dumps(long), method="PUT")
    vcr = pytest.importorskip("vcr")
    import requests

    with (
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException) as raised,
        vcr.VCR(record_mode="none", match_on=["method", "uri", "body"]).use_cassette(path),
    ):
        requests.post(URL, json=long, timeout=5)
    one = only(str(raised.value))
    assert one.body_opens
    found = explain(path, one)
    assert (found.verdict, named(found)) == ("none", {("method", "")})
    assert found.candidates[0].undecided == ("body",)


def test_vcrpy_played_it_already(tmp_path):
    path = vcrpy_file(tmp_path)
    one = only(vcrpy_error(path, times=2))
    assert one.played
    assert explain(path, one).verdict == "played"


@pytest.mark.parametrize("kind", ["bytes", "file", "iterator", "none"])
def test_the_plugin_explains_a_request_whatever_its_body_is(tmp_path, kind):
    vcr = pytest.importorskip("vcr")
    import requests

    from cassette_cli.pytest_plugin.explaining import explained

    content = json.dumps(BODY).encode()
    data: Any = {"bytes": content, "file": io.BytesIO(content), "iterator": iter([content]), "none": None}[kind]
    path = vcrpy_file(tmp_path, body=json.dumps({**BODY, "model": "tide-2"}))
    with vcr.VCR(record_mode="none", match_on=["method", "uri", "body"]).use_cassette(path):
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException) as raised:
            requests.post(URL, data=data, headers={"Content-Type": "application/json"}, timeout=5)
        told = explained(raised.value)
    assert f"nearest: {path}#0" in told
    assert ("body $.model  sent tide-1, recorded tide-2" in told) is (kind != "none")
    assert "not compared: body" not in told


def test_vcrpy_with_a_matcher_of_the_project(tmp_path):
    vcr = pytest.importorskip("vcr")
    import requests

    recorder = vcr.VCR(record_mode="none")
    recorder.register_matcher("tenant", lambda one, other: False)
    path = vcrpy_file(tmp_path)
    with (
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException) as raised,
        recorder.use_cassette(path, match_on=["method", "uri", "tenant"]),
    ):
        requests.post(URL, json=BODY, timeout=5)
    found = explain(path, only(str(raised.value)))
    # The name that the message has for a function without one is not that of a matcher known here.
    assert found.verdict == "undecided"
    assert found.candidates[0].rule.own


# Raised by VCR.py 6.0.2, as all versions from 2.1 to 8.1 word it.
OLDER = """Can't overwrite existing cassette ('a.yaml') in your current record mode ('none').
No match for the request (<Request (POST) https://api.example.com/v1/chat?page=2&tag=a%20b>) was found.
Found 1 similar requests with 2 different matcher(s) :

1 - (<Request (POST) https://api.example.com/v1/chat?page=1&tag=a%20b>).
Matchers succeeded : ['method']
Matchers failed :
uri - assertion failure :
https://api.example.com/v1/chat?page=2&tag=a%20b != https://api.example.com/v1/chat?page=1&tag=a%20b
body - assertion failure :


"""
OLDER_PLAYED = """Can't overwrite existing cassette ('a.yaml') in your current record mode ('once').
No match for the request (<Request (POST) https://api.example.com/v1/chat?page=2&tag=a%20b>) was found.
Found 2 similar requests with 0 different matcher(s) :

1 - (<Request (POST) https://api.example.com/v1/chat?page=2&tag=a%20b>).
Matchers succeeded : ['method', 'scheme', 'host', 'port', 'path', 'query']
Matchers failed :

2 - (<Request (POST) https://api.example.com/v1/chat?page=2&tag=a%20b>).
Matchers succeeded : ['method', 'scheme', 'host', 'port', 'path', 'query']
Matchers failed :
"""


def test_older_vcrpy(tmp_path):
    path = vcrpy_file(tmp_path, uri=URL.replace("page=2", "page=1"))
    one = only(OLDER)
    assert one.match_on == ("method", "uri", "body")
    found = explain(path, one)
    assert (found.verdict, named(found)) == ("none", {("query", "page")})
    assert found.candidates[0].undecided == ("body",)  # the message does not tell it
    assert explain(vcrpy_file(tmp_path), only(OLDER_PLAYED)).verdict == "played"


def test_betamax(tmp_path):
    betamax = pytest.importorskip("betamax")
    import requests

    recorded = {
        "method": "GET",
        "uri": URL.replace("page=2", "page=1"),
        "headers": {},
        "body": {"string": "", "encoding": "utf-8"},
    }
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": {},
        "body": {"string": "", "encoding": "utf-8"},
        "url": URL,
    }
    interaction = {"request": recorded, "response": answer, "recorded_at": "2024-01-01T00:00:00"}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"http_interactions": [interaction], "recorded_with": "betamax/0.9.0"}))
    session = requests.Session()
    with (
        pytest.raises(betamax.exceptions.BetamaxError) as raised,
        betamax.Betamax(session, cassette_library_dir=str(tmp_path)).use_cassette("a", record="none"),
    ):
        session.get(URL)
    one = only(str(raised.value))
    assert one.unknown[0] == "method"
    found = explain(str(path), one)
    assert (found.verdict, named(found)) == ("none", {("query", "page")})


def test_responses():
    responses = pytest.importorskip("responses")
    import requests

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get("https://api.example.com/v1/other")
        with pytest.raises(requests.ConnectionError) as raised:
            requests.post(URL, timeout=5)
    one = only(str(raised.value))
    assert (one.request.method, one.request.url) == ("POST", URL)


# As Go's `url.Error` shows go-vcr's error: 1.2.0, and since version 2 in lower case; before Go 1.14 without quotes.
@pytest.mark.parametrize(
    "line",
    [
        f'    x_test.go:9: Post "{URL}": Requested interaction not found',
        f'panic: Post "{URL}": requested interaction not found [recovered]',
        f"Post {URL}: requested interaction not found",
    ],
)
def test_go_vcr(tmp_path, line):
    one = only(f"=== RUN   TestX\n{line}\n--- FAIL: TestX (0.00s)\n")
    assert (one.request.method, one.request.url) == ("POST", URL)
    path = tmp_path / "a.yaml"
    text = "version: {}\ninteractions:\n- id: 0\n  request: {{method: POST, url: '{}'}}\n  response: {{code: 200}}\n"
    path.write_text(text.format(2, URL.replace("page=2", "page=1")))
    assert named(explain(str(path), one)) == {("query", "page")}
    path.write_text(text.format(2, URL))
    assert explain(str(path), one).verdict == "undecided"  # it compares headers and bodies, too
    path.write_text(text.format(1, URL))
    assert explain(str(path), one).verdict == "played"


RUBY = """
require 'vcr'; require 'webmock'; require 'net/http'; require 'json'
folder, options, count = ARGV[0], JSON.parse(ARGV[1]).map(&:to_sym), ARGV[2].to_i
VCR.configure { |c| c.cassette_library_dir = folder; c.hook_into :webmock }
begin
  VCR.use_cassette('a', record: :none, match_requests_on: options) do
    count.times { Net::HTTP.post(URI(ARGV[3]), ARGV[4], 'X-Trace' => 'one "two"') }
  end
rescue VCR::Errors::UnhandledHTTPRequestError => error
  puts error.message
end
"""


def ruby_error(folder: Any, matchers: list[str], *, count: int = 1, url: str = URL, body: str = "{}") -> str:
    if (
        shutil.which("ruby") is None
        or subprocess.run(["ruby", "-rvcr", "-rwebmock", "-e", "1"], check=False).returncode
    ):
        pytest.skip("Ruby VCR is not installed")
    command = ["ruby", "-W0", "-e", RUBY, str(folder), json.dumps(matchers), str(count), url, body]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout
    return done.stdout


def ruby_file(folder: Any, **changed: Any) -> str:
    request = {"method": "post", "uri": URL, "body": {"encoding": "UTF-8", "string": "{}"}, "headers": {}}
    response = {
        "status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"encoding": "UTF-8", "string": "{}"},
        "http_version": None,
    }  # fmt: skip
    interaction = {"request": request | changed, "response": response, "recorded_at": "Tue, 01 Nov 2022 00:00:00 GMT"}
    path = folder / "a.yml"
    path.write_text(json.dumps({"http_interactions": [interaction], "recorded_with": "VCR 6.1.0"}))
    return str(path)


@pytest.mark.slow
def test_ruby_vcr(tmp_path):
    path = ruby_file(tmp_path, uri=URL.replace("page=2", "page=1"))
    found = explain(path, only(ruby_error(tmp_path, ["method", "uri"])))
    assert (found.verdict, named(found)) == ("none", {("query", "page")})
    assert found.candidates[0].rule.matching.names == ("method", "uri")


@pytest.mark.slow
def test_ruby_vcr_tells_headers_and_body_where_it_looks_at_them(tmp_path):
    headers = {"X-Trace": ['one "two"'], "Accept-Encoding": ["gzip;q=1.0,deflate;q=0.6,identity;q=0.3"], "Accept": ["*/*"],
               "User-Agent": ["Ruby"], "Host": ["api.example.com"]}  # fmt: skip
    body = '{"q": 2,\n"w": 1}\n'
    path = ruby_file(tmp_path, headers=headers, body={"encoding": "UTF-8", "string": body.replace("2", "3")})
    found = explain(path, only(ruby_error(tmp_path, ["method", "uri", "headers", "body"], body=body)))
    assert (found.verdict, named(found)) == ("none", {("body", "$.q")})


@pytest.mark.slow
def test_ruby_vcr_played_it_already(tmp_path):
    path = ruby_file(tmp_path)
    one = only(ruby_error(tmp_path, ["method", "uri"], count=2))
    assert one.played
    assert explain(path, one).verdict == "played"


# As rOpenSci's vcr says it, https://github.com/ropensci/vcr, `R/errors.R`.
OF_R = """
================================================================================
An HTTP request has been made that vcr does not know how to handle:
POST https://api.example.com/v1/chat?page=2&tag=a%20b
vcr is currently using the following cassette:
  - ../fixtures/a.yml
    - record_mode: once
    - match_requests_on: method, uri


Under the current configuration vcr can not find a suitable HTTP interaction
to replay and is prevented from recording new requests. There are a few ways
you can deal with this:
"""


def test_vcr_for_r():
    one = only(OF_R)
    assert (one.request.method, one.request.url, one.match_on) == ("POST", URL, ("method", "uri"))


# As nock 13 and 14 say it; Polly.js 6 besides tells its whole configuration.
NOCK = """Nock: No match for request {
  "method": "POST",
  "url": "https://api.example.com/v1/chat?page=2",
  "headers": {
    "content-type": "application/json",
    "x-trace": ["a", "b"]
  },
  "body": "{\\"q\\":1}"
}
    at node:internal {
"""
POLLY = """PollyError: [Polly] [adapter:node-http] Recording for the following request is not found and `recordIfMissing` is `false`.
{
  "url": "https://api.example.com/v1/chat?page=2",
  "method": "POST",
  "headers": {"content-type": "application/json"},
  "body": "{\\"q\\":1}",
  "recordingName": "x",
  "order": 1,
  "config": {"mode": "replay", "matchRequestsBy": {
    "method": true, "headers": false, "body": true, "order": true, "url": {"protocol": true}
  }}
}
"""


def test_nock():
    one = only(NOCK)
    assert (one.request.method, one.request.url) == ("POST", "https://api.example.com/v1/chat?page=2")
    assert [(line.name, line.value) for line in one.request.headers][1:] == [("x-trace", "a"), ("x-trace", "b")]
    assert one.request.body.json == {"q": 1}
    assert one.unknown == []


def test_polly():
    one = only(POLLY)
    assert (one.request.method, one.request.url) == ("POST", "https://api.example.com/v1/chat?page=2")
    assert (one.match_on, one.played) == (("method", "uri", "body"), True)
    assert messages.read(POLLY.replace('"url": "https', '"url" "https')) == []


def test_each_request_of_a_run_is_told_once():
    other = OLDER.replace("/v1/chat?page=2", "/v1/other?page=2")
    text = f'{OLDER}\n{other}\n{OLDER}\nGet "https://a.example/": requested interaction not found\n'
    assert [one.request.url.partition("?")[0] for one in messages.read(text)] == [
        "https://api.example.com/v1/chat",
        "https://api.example.com/v1/other",
        "https://a.example/",
    ]


def test_other_text_has_none():
    assert messages.read("E   AssertionError: 1 != 2\nFAILED tests/test_a.py::test_b\n") == []
