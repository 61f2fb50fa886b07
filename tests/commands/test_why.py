"""`cassette why`: the request in every form, what is said, and the exit code."""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
URL = "https://api.example.com/v1/chat?page=2"
BODY = {"model": "tide-1", "messages": [{"role": "user", "content": "When is high water?"}], "n": 1}
HEADERS = {"Content-Type": ["application/json"], "X-Trace": ["a1"]}


def govcr(*requests: dict[str, Any], version: int = 2) -> str:
    """Return a go-vcr cassette in JSON of requests, each a change of the same one."""
    made = []
    for number, changed in enumerate(requests):
        request = {"method": "POST", "url": URL, "headers": HEADERS, "body": json.dumps(BODY)} | changed
        made.append({"id": number, "request": request, "response": {"code": 200, "headers": {}, "body": "{}"}})
    return json.dumps({"version": version, "interactions": made}, indent=1)


@pytest.fixture
def tape(write: Run) -> Path:
    return write("a.yaml", govcr({}))


def curl(url: str = URL, body: Any = BODY, trace: str = "a1") -> str:
    return f"curl '{url}' -H 'Content-Type: application/json' -H 'X-Trace: {trace}' -d '{json.dumps(body)}'"


RAW = "POST /v1/chat?page=2 HTTP/1.1\r\nHost: api.example.com\r\nContent-Type: application/json\r\nX-Trace: a1\r\n\r\n"
PAIRS = [{"name": name, "value": values[0]} for name, values in HEADERS.items()]
HAR = {
    "method": "POST",
    "url": URL,
    "headers": PAIRS,
    "postData": {"mimeType": "application/json", "text": json.dumps(BODY)},
}
FLAT = {name: values[0] for name, values in HEADERS.items()}
FORMS = {
    "curl": curl(),
    "curl over lines": "$ " + curl().replace(" -H", " \\\n  -H"),
    "raw HTTP": RAW.replace("Host: api.example.com\r\n", "").replace("/v1", "https://api.example.com/v1") + json.dumps(BODY),
    "raw HTTP with a line break at the end": RAW.replace("Host: api.example.com\r\n", "").replace(
        "/v1", "https://api.example.com/v1").replace("\r\n", "\n") + json.dumps(BODY) + "\n",
    "HAR entry": json.dumps({"startedDateTime": "2024-01-01T00:00:00Z", "request": HAR, "response": {"status": 200}}),
    "HAR request": json.dumps(HAR),
    "HAR": json.dumps({"log": {"version": "1.2", "entries": [{"request": HAR, "response": {"status": 200, "content": {}}}]}}),
    "JSON": json.dumps({"method": "post", "url": URL, "headers": FLAT, "body": BODY}),
    "JSON with text": json.dumps({"method": "POST", "uri": URL, "headers": HEADERS, "body": json.dumps(BODY)}),
    "go-vcr": govcr({}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("by", ["file", "stdin", "argument"])
def test_the_request_comes_in_every_form(cassette: Run, write: Run, tape: Path, name: str, by: str):
    text = FORMS[name]
    if by == "file":
        result = cassette("why", tape, write("request", text))
    elif by == "stdin":
        result = cassette("why", tape, "-", stdin=text.encode())
        assert cassette("why", tape, stdin=text.encode()).out == result.out
    elif name in ("HAR", "go-vcr"):
        pytest.skip("a recording is named by its file")
    else:
        result = cassette("why", tape, text)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"{tape}#0 matches POST {URL}\n")


def test_what_curl_v_shows(cassette: Run, write: Run, tape: Path):
    lines = RAW.replace("\r\n", "\n").rstrip("\n").split("\n")
    shown = "\n".join(["* Connected to api.example.com", *(f"> {line}" for line in lines), ">", "< HTTP/1.1 200 OK"])
    result = cassette("why", tape, write("request", shown), "--match", "method,uri")
    assert result.code == 0


CHANGES = [
    ("method", curl().replace("curl", "curl -X PUT"), "the same request, under another method: POST", "method  sent PUT, recorded POST"),
    ("query", curl(URL.replace("2", "3")), "differs in the query", "query page  sent 3, recorded 2"),
    ("query", curl(URL + "&q="), "differs in the query", 'query q  sent "", not recorded'),
    ("host", curl(URL.replace("api.", "eu.")), "differs in the host", "host  sent eu.example.com, recorded api.example.com"),
    ("path", curl(URL.replace("v1", "v2")), "differs in the path", "path  sent /v2/chat, recorded /v1/chat"),
    ("header", curl(trace="b2"), "differs in 1 header", "header x-trace  sent b2, recorded a1"),
    ("body", curl(body={**BODY, "n": 2}), "differs in the body", "body $.n  sent 2, recorded 1"),
    ("body", curl(body={**BODY, "messages": [{"role": "user", "content": "When is low water?"}]}), "differs in the body",
     "body $.messages[0] (user).content  sent When is low water?, recorded When is high water?"),
    ("body", curl(body={key: BODY[key] for key in reversed(BODY)}), "the same JSON: only its layout differs", "(only the layout)"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "command", "summary", "line"), CHANGES)
def test_one_difference_is_named(cassette: Run, tape: Path, part: str, command: str, summary: str, line: str):
    result = cassette("why", tape, command)
    assert (result.code, result.err) == (1, "")
    told = result.out.splitlines()
    assert told[0].startswith("no recording matches ")
    assert told[2] == f"  {summary}"
    assert line in " ".join(told[3].split()).replace(" sent", "  sent")
    assert [each["part"] for each in _json(cassette, tape, command)["nearest"][0]["differences"] if each["counts"]] == [
        part
    ]


def _json(cassette: Run, *args: object) -> Any:
    return json.loads(cassette("why", *args, "--json").out)


def test_json_is_one_shape(cassette: Run, tape: Path):
    found = _json(cassette, tape, curl(trace="b2"))
    assert found == {
        "request": {"source": "the curl command", "method": "POST", "url": URL, "unknown": []},
        "verdict": "none",
        "searched": 1,
        "matches": [],
        "nearest": [
            {
                "path": str(tape), "interaction": 0, "line": 4, "method": "POST", "url": URL, "status": 200,
                "recorder": "go-vcr", "played": False,
                "rule": {
                    "origin": "default of go-vcr", "match_on": ["method", "uri", "headers", "body"], "own": [],
                    "about": "since v4; earlier ones compare method and uri",
                },
                "unmet": ["headers"], "undecided": [], "summary": "differs in 1 header",
                "differences": [
                    {"part": "header", "name": "x-trace", "sent": "b2", "recorded": "a1", "counts": True, "note": ""}
                ],
            }
        ],
    }  # fmt: skip
    assert _json(cassette, tape, curl())["matches"] == [
        {"path": str(tape), "interaction": 0, "line": 4, "played": False}
    ]


def test_match_says_what_is_compared(cassette: Run, tape: Path):
    command = curl(trace="b2")
    assert cassette("why", tape, command, "--match", "method,uri").code == 0
    assert cassette("why", tape, command, "--match", "method", "--match", "uri,headers").code == 1
    assert (
        cassette("why", tape, curl(body={key: BODY[key] for key in reversed(BODY)}), "--match", "body_as_json").code
        == 0
    )
    wrong = cassette("why", tape, command, "--match", "method,cookies")
    assert wrong.code == 2
    assert "invalid --match 'cookies'" in wrong.err


def test_version_1_of_go_vcr_compares_less(cassette: Run, write: Run):
    path = write("a.yaml", govcr({}, version=1))
    assert cassette("why", path, curl(trace="b2", body={})).code == 0


def test_a_header_more_or_less_and_its_value_masked(cassette: Run, write: Run):
    key = "sk-" + "ant-api03-" + "Ab3dEf6hIj9kLm2n" * 2
    path = write("a.yaml", govcr({"headers": {**HEADERS, "Authorization": ["REDACTED"], "Accept": ["*/*"]}}))
    result = cassette("why", path, curl() + f" -H 'Authorization: Bearer {key}'")
    assert key not in result.out
    assert "header accept" in result.out
    assert "header authorization" in result.out
    assert "(redacted in the recording)" in result.out


def test_a_redacted_value_alone(cassette: Run, write: Run):
    body = {**BODY, "api_key": "REDACTED", "note": "key REDACTED-2 of two"}
    path = write("a.yaml", govcr({"body": json.dumps(body), "url": URL + "&key=REDACTED"}))
    sent = {**BODY, "api_key": "Zx81Kq07Lm55", "note": "key Pq44Rt90 of two"}
    result = cassette("why", path, curl(URL + "&key=Zx81Kq07Lm55", sent))
    assert result.code == 1
    assert result.out.splitlines()[2] == "  differs by a redacted value alone"


def test_two_hidden_values_that_look_alike_are_said_to_differ(cassette: Run, write: Run):
    first, second = ("sk-" + letter * 3 + "Fake4f9a8b7c6d5e2a1b" for letter in "ab")
    path = write("a.yaml", govcr({"headers": {**HEADERS, "Authorization": [f"Bearer {first}"]}}))
    out = cassette("why", path, curl() + f" -H 'Authorization: Bearer {second}'").out
    [line] = [line for line in out.splitlines() if "authorization" in line]
    assert line.endswith(" (a different value)")
    assert (first in out, second in out) == (False, False)


def test_only_the_boundary(cassette: Run, write: Run, tmp_path: Path):
    part = '--{0}\r\nContent-Disposition: form-data; name="q"\r\n\r\nwater\r\n--{0}--\r\n'
    kind = {"Content-Type": ["multipart/form-data; boundary=one-7f3a"]}
    path = write("a.yaml", govcr({"headers": kind, "body": part.format("one-7f3a")}))
    result = cassette("why", path, f"curl '{URL}' -F q=water")
    assert result.code == 1
    assert result.out.splitlines()[2] == "  only the multipart boundary differs"
    other = cassette("why", path, f"curl '{URL}' -F q=tide")
    assert "body $.q  sent tide, recorded water" in " ".join(other.out.split()).replace(" sent", "  sent")


def test_only_what_changes_on_every_recording(cassette: Run, write: Run):
    ids = ["0b7f3c1e-8a53-4d0e-9a60-53f1d2c4b7aa", "a6d1c0de-11f2-4b6e-8c0a-9e8d7c6b5a43"]
    path = write("a.yaml", govcr({"headers": {**HEADERS, "X-Request-Id": [ids[0]]}}))
    result = cassette("why", path, curl() + f" -H 'X-Request-Id: {ids[1]}'")
    assert "differs by what changes on every recording alone" in result.out


def test_the_nearest_of_many(cassette: Run, write: Run):
    requests = [{"url": f"https://api.example.com/v1/chat?page={page}"} for page in range(5)]
    requests.append({"url": "https://other.example.com/v1/chat?page=2", "method": "GET"})
    requests.append({"body": json.dumps({**BODY, "n": 5})})
    path = write("a.yaml", govcr(*requests))
    found = _json(cassette, path, curl(body={**BODY, "n": 6}), "-n", "3")
    assert [one["interaction"] for one in found["nearest"]][:2] == [2, 6]
    assert found["nearest"][0]["unmet"] == ["body"]
    assert found["searched"] == 7
    text = cassette("why", path, curl(body={**BODY, "n": 6}))
    assert text.out.splitlines()[-1] == "6 other recordings, further off (see -n)"
    chosen = _json(cassette, f"{path}#3,4", curl())
    assert (chosen["searched"], chosen["nearest"][0]["interaction"]) == (2, 3)


def test_several_recordings_match(cassette: Run, write: Run):
    result = cassette("why", write("a.yaml", govcr({}, {"method": "GET"}, {})), curl())
    assert result.code == 0
    assert result.out.splitlines()[0].split(" matches ")[0].endswith("a.yaml#0, #2")
    assert "request 3 of this kind finds none" in result.out


def test_a_folder_is_searched(cassette: Run, write: Run, tmp_path: Path):
    write("one/a.yaml", govcr({"method": "GET"}))
    write("one/b.yaml", govcr({}))
    result = cassette("why", tmp_path / "one", curl())
    assert result.out.startswith(f"{tmp_path}/one/b.yaml#0 matches ")


def test_a_request_of_another_cassette(cassette: Run, write: Run, tape: Path):
    other = write("b.yaml", govcr({"method": "GET"}, {}))
    assert cassette("why", tape, f"{other}#1").code == 0
    assert cassette("why", tape, f"{other}#0").code == 1
    several = cassette("why", tape, other)
    assert several.code == 2
    assert "2 requests in this cassette" in several.err


def test_too_little_is_told(cassette: Run, tape: Path):
    result = cassette("why", tape, f"POST {URL}")
    assert result.code == 1
    assert " may match POST " in result.out
    assert "not compared: headers, body: too little of the request is known" in result.out
    assert cassette("why", tape, f"POST {URL}", "--match", "method,uri").code == 0
    message = f'Post "{URL}": requested interaction not found'
    found = _json(cassette, tape, message)
    assert (found["verdict"], found["request"]["unknown"]) == ("undecided", ["headers", "body"])


def test_a_run_with_several_messages(cassette: Run, tape: Path):
    run = f'Post "{URL}": requested interaction not found\nGet "https://b.example/": requested interaction not found\n'
    result = cassette("why", tape, "-", "--json", stdin=run.encode())
    assert [json.loads(line)["request"]["method"] for line in result.out.splitlines()] == ["POST", "GET"]
    assert result.code == 1


@pytest.mark.parametrize(
    ("request_text", "told"),
    [
        ("", "nothing was given"),
        ("hello there", "not a request that is understood"),
        ("{}", "not a request that is understood"),
        ("[1, 2]", "not a request that is understood"),
        ("GET /v1/x HTTP/1.1\nAccept: */*\n\n", "not a request that is understood"),
        ("curl --frobnicate https://a.example", "option --frobnicate of curl is not understood"),
        ("E   assert 1 == 2\n", "not a request that is understood"),
    ],
)
def test_what_is_no_request(cassette: Run, tape: Path, request_text: str, told: str):
    result = cassette("why", tape, "-", stdin=request_text.encode())
    assert (result.code, result.out) == (2, "")
    assert told in result.err


def test_usage(cassette: Run, write: Run, tape: Path, monkeypatch: pytest.MonkeyPatch):
    assert "neither a file nor a request" in cassette("why", tape, "nosuch.txt").err
    assert cassette("why", tape, "a", "b").code == 2
    assert cassette("why", "-", "-", stdin=b"x").code == 2
    missing = cassette("why", "nosuch.yaml", f"GET {URL}")
    assert (missing.code, missing.out) == (2, "")
    assert "nosuch.yaml" in missing.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    alone = cassette("why", tape)
    assert alone.code == 2
    assert "name the request, too" in alone.err


def test_a_cassette_without_interactions(cassette: Run, write: Run):
    result = cassette("why", write("a.yaml", "version: 2\ninteractions: []\n"), f"GET {URL}")
    assert (result.code, result.out) == (1, "no recording to compare with\n")


def test_recorded_text_is_inert(cassette: Run, write: Run):
    path = write("a.yaml", govcr({"headers": {**HEADERS, "X-Odd": ["\x1b[31mred\u202e"]}}))
    out = cassette("why", path, curl()).out
    assert "\x1b" not in out
    assert "\u202e" not in out


SUITE = """import pytest, requests

@pytest.mark.vcr
def test_page():
    requests.post("https://api.example.com/v1/chat?page=2", json={"n": 1}, timeout=5)

@pytest.mark.vcr(match_on=["method", "uri", "body"])
def test_body():
    requests.post("https://api.example.com/v1/chat?page=1", json={"n": 2}, timeout=5)

@pytest.mark.vcr
def test_twice():
    for _ in range(2):
        requests.post("https://api.example.com/v1/chat?page=1", json={"n": 1}, timeout=5)

@pytest.mark.vcr
def test_other():
    assert 1 == 2
"""
RECORDED = """interactions:
- request:
    body: '{"n": 1}'
    headers: {Content-Type: [application/json]}
    method: POST
    uri: https://api.example.com/v1/chat?page=1
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: x}}
version: 1
"""


@pytest.fixture
def suite(write: Run, tmp_path: Path) -> Callable[..., str]:
    """Run a suite of pytest-recording whose cassettes are stale, and return what pytest prints."""
    if find_spec("pytest_recording") is None:  # not imported here: it wants to come before VCR.py
        pytest.skip("pytest-recording is not installed")
    write("tests/test_a.py", SUITE)
    for name in ("test_page", "test_body", "test_twice"):
        write(f"tests/cassettes/test_a/{name}.yaml", RECORDED)

    def run(*options: str) -> str:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--record-mode=none", *options, "tests"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False).stdout

    return run


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--tb=short",), ("--tb=native",), ("-vv", "--color=yes")])
def test_the_output_of_pytest(cassette: Run, suite: Callable[..., str], tmp_path: Path, options: tuple[str, ...]):
    output = suite(*options)
    result = cassette("why", tmp_path / "tests", "--json", stdin=output.encode())
    found = [json.loads(line) for line in result.out.splitlines()]
    told = [
        (Path(one["nearest"][0]["path"]).stem, one["verdict"], [(d["part"], d["name"]) for d in one["nearest"][0]["differences"] if d["counts"]])
        for one in found
    ]  # fmt: skip
    assert told == [
        ("test_page", "none", [("query", "page")]),
        ("test_body", "none", [("body", "$.n")]),
        ("test_twice", "played", []),
    ]
    assert found[0]["request"]["url"] == "https://api.example.com/v1/chat?page=2"
    assert (result.code, result.err) == (1, "")


def test_a_message_about_another_cassette(cassette: Run, write: Run):
    message = "Can't overwrite existing cassette ('/ci/cassettes/b.yaml') in your current record mode ('none').\nNo match for the request (<Request (GET) https://api.example.com/v1/x>) was found.\n"
    path = write("cassettes/a.yaml", RECORDED)
    alone = cassette("why", path, "-", stdin=message.encode())
    assert "VCR.py's message is about /ci/cassettes/b.yaml" in alone.err
    write("cassettes/b.yaml", RECORDED.replace("/chat?page=1", "/x?page=1"))
    both = cassette("why", path.parent, "-", stdin=message.encode())
    assert (both.err, "cassettes/b.yaml#0" in both.out, "a.yaml" in both.out) == ("", True, False)


def test_what_export_writes_is_read_back(cassette: Run, write: Run, examples: Path):
    count = 0
    for path in sorted(examples.iterdir()):
        rows = (
            [json.loads(line) for line in cassette("ls", "--json", path).out.splitlines()]
            if path.suffix != ".md"
            else []
        )
        for row in rows:
            script = cassette("export", "curl", "--reveal", f"{path}#{row['index']}").out
            if "\ncurl " not in script:
                continue  # a WebSocket
            found = cassette("why", f"{path}#{row['index']}", write("request.sh", script), "--match", "method,uri,body")
            assert (found.code, found.err) == (0, ""), (path, script)
            count += 1
    assert count > 10


@pytest.mark.parametrize("to_file", [False, True])
def test_each_command_of_an_exported_script_is_explained(cassette: Run, write: Run, tmp_path: Path, to_file: bool):
    part = "--b\r\nContent-Disposition: form-data; name=q\r\n\r\nhigh\r\n--b--\r\n"
    headers = {"Content-Type": ["multipart/form-data; boundary=b"]}
    paths = [write("a.yaml", govcr({"body": part, "headers": headers})), write("b.yaml", govcr({"method": "PUT"}))]
    script = tmp_path / "api.sh"
    made = cassette("export", "curl", *paths, *(["-o", script] if to_file else []))
    assert made.code == 0
    if not to_file:
        script.write_text(made.out)
    result = cassette("why", tmp_path, script, "--match", "method,uri,body")
    assert (result.code, result.err) == (0, "")
    assert (f"{paths[0]}#0 matches POST" in result.out, f"{paths[1]}#0 matches PUT" in result.out) == (True, True)
    assert cassette("why", paths[0], script, "--match", "method,uri,body").code == 1
    for body in tmp_path.glob("api-1*"):
        body.unlink()
        gone = cassette("why", tmp_path, script)
        assert (gone.code, f"{body}: no such file" in gone.err) == (2, True)


def test_a_word_that_is_no_method_is_not_understood(cassette: Run, tape: Path):
    assert cassette("why", tape, f"wget {URL}").code == 2
    assert cassette("why", tape, f"post {URL}", "--match", "method,uri").code == 0
    assert cassette("why", tape, f"PURGE {URL}", "--match", "method,uri").code == 1


def test_a_script_of_the_shell_may_begin_with_anything(cassette: Run, write: Run, tape: Path):
    script = write("a.sh", f"#!/bin/bash\nset -eu\nfor n in 1 2; do {curl()}; done\n")
    assert cassette("why", tape, script).out.startswith(f"{tape}#0 matches POST")
    assert cassette("why", tape, write("b.sh", "#!/bin/sh\necho one\n")).code == 2
