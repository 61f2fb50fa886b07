"""Nothing passes in silence: broken, conflicted, unread and oddly named files, and filters."""

import gzip
import json
import os
import re

import pytest

GOOD = """interactions:
- request: {method: GET, uri: 'https://a.example/good', body: null, headers: {}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: fine}}
version: 1
"""
REQUEST = {"method": "GET", "url": "https://a.example/x", "headers": {}, "body": ""}
TOKEN = "sk-" + "ant-api03-" + "Q7z" * 12

# Each format as its recorder writes it, in lines, so that it can be cut and conflict in its middle.
WHOLE = {
    "go-vcr.yaml": "---\nversion: 2\ninteractions:\n    - id: 0\n      request:\n        url: https://a.example/x\n"
    "        method: GET\n      response:\n        body: 'one two'\n        status: 200 OK\n        code: 200\n",
    "vcrpy.yaml": "interactions:\n- request:\n    body: null\n    headers: {}\n    method: GET\n"
    "    uri: https://a.example/x\n  response:\n    body:\n      string: 'one two'\n    headers: {}\n"
    "    status: {code: 200, message: OK}\nversion: 1\n",
    "vcrpy.json": json.dumps({"version": 1, "interactions": [{"request": {"method": "GET", "uri": "https://a.example/x",
    "body": None, "headers": {}}, "response": {"status": {"code": 200, "message": "OK"}, "headers": {},
    "body": {"string": "one two"}}}]}, indent=1),
    "list.yaml": "- request:\n    host: a.example\n    method: GET\n    path: /x\n    protocol: https\n    headers: {}\n"
    "  response:\n    body: {string: 'one two'}\n    headers: {}\n    status: {code: 200, message: OK}\n",
    "parallel.yaml": "requests:\n- uri: https://a.example/x\n  method: GET\n  body: ''\nresponses:\n"
    "- status: {code: 200, message: OK}\n  headers: {}\n  body: {string: 'one two'}\n",
    "ruby.yml": "---\nhttp_interactions:\n- request:\n    method: get\n    uri: https://a.example/x\n  response:\n"
    "    status:\n      code: 200\n    body:\n      string: 'one two'\nrecorded_with: VCR 6.0.0\n",
    "php.yml": "-\n    request:\n        method: GET\n        url: 'https://a.example/x'\n        headers: {}\n"
    "    response:\n        status: {code: 200}\n        headers: {}\n        body: 'one two'\n",
    "exvcr.json": json.dumps([{"request": REQUEST, "response": {"status_code": 200, "body": "one two"}}], indent=1),
    "single.json": json.dumps({"request": REQUEST, "response": {"status": 200, "body": "one two"}}, indent=1),
    "log.har": json.dumps({"log": {"version": "1.2", "entries": [{"request": REQUEST, "response": {"status": 200,
    "content": {"text": "one two"}}}]}}, indent=1),
    "frames.yaml": "interactions:\n- direction: sent\n  message: {type: session.update}\n- direction: received\n"
    "  message: {type: 'session.updated'}\n",
}  # fmt: skip


def conflicted(text):
    """Return the text with a merge conflict in its middle, and the line of that."""
    lines = text.splitlines(keepends=True)
    at = len(lines) // 2
    both = ["<<<<<<< HEAD\n", lines[at], "=======\n", lines[at], ">>>>>>> feature/teal\n"]
    return "".join([*lines[:at], *both, *lines[at + 1 :]]), at + 1


@pytest.mark.parametrize("name", WHOLE)
def test_a_sound_file_of_each_format_is_read(cassette, write, name):
    result = cassette("ls", write(name, WHOLE[name]))
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("command", [["ls"], ["redact", "--check"], ["trim", "--check"], ["show"]], ids=" ".join)
def test_a_cut_cassette_in_a_folder_is_an_error(cassette, write, tmp_path, name, command):
    write("good.yaml", GOOD)
    write(name, WHOLE[name][: WHOLE[name].index("one two") + 4] if "one two" in WHOLE[name] else WHOLE[name][:-6])
    for paths in ([tmp_path], ["--skip-others", tmp_path / name, tmp_path / "good.yaml"]):
        result = cassette(*command, *paths)
        assert result.code == 2, paths
        assert name in result.err, paths
    checked = cassette("check", tmp_path)
    assert (checked.code, f"{name}:" in checked.out, "CAS001" in checked.out) == (1, True, True)


@pytest.mark.parametrize("name", WHOLE)
def test_a_merge_conflict_is_called_one(cassette, write, tmp_path, name):
    write("good.yaml", GOOD)
    text, line = conflicted(WHOLE[name])
    write(name, text)
    for paths in ([tmp_path], [tmp_path / name], ["--skip-others", tmp_path / name, tmp_path / "good.yaml"]):
        result = cassette("redact", "--check", *paths)
        assert result.code == 2, paths
        assert f"{name}:{line}: unresolved merge conflict (ours: HEAD, theirs: feature/teal)" in result.err, paths
        assert "git checkout --ours|--theirs" in result.err
    assert f"{name}:{line}: CAS016 unresolved merge conflict" in cassette("check", tmp_path).out
    assert (tmp_path / name).read_text("utf-8") == text


def test_every_conflict_is_told(cassette, write):
    first, at = conflicted(WHOLE["vcrpy.yaml"])
    lines = first.splitlines(keepends=True)
    text = "".join([*lines, *"<<<<<<< ours\n||||||| base\na\n=======\nb\n>>>>>>> theirs\n".splitlines(keepends=True)])
    result = cassette("ls", write("a.yaml", text))
    more = len(lines) + 1
    assert f":{at}: unresolved merge conflict (ours: HEAD, theirs: feature/teal); 1 more at line {more}" in result.err


def test_a_recorded_conflict_is_none(cassette, write):
    body = "<<<<<<< HEAD\\n=======\\n>>>>>>> main\\n"
    assert cassette("ls", write("a.yaml", GOOD.replace("fine", f'"{body}"'))).code == 0


def test_a_conflict_in_what_is_no_cassette_is_no_business_of_ours(cassette, write, tmp_path):
    write("settings.yaml", "a:\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n>>>>>>> main\n")
    write("good.yaml", GOOD)
    assert cassette("ls", tmp_path).code == 0


def test_a_pointer_of_git_lfs_is_called_one(cassette, write, tmp_path):
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 4711\n"
    write("good.yaml", GOOD)
    write("big.yaml", pointer)
    write("picture.png", pointer)
    write("test_login", pointer)
    for paths in ([tmp_path], ["--skip-others", *tmp_path.iterdir()]):
        result = cassette("ls", *paths)
        assert (result.code, "big.yaml: a Git LFS pointer" in result.err, "png" in result.err) == (2, True, False)
        assert "test_login: a Git LFS pointer" in result.err
    assert "a Git LFS pointer" in cassette("ls", tmp_path / "big.yaml").err
    assert "git lfs pull" in result.err


def test_damage_under_compression_is_an_error_too(cassette, write, tmp_path):
    write("good.yaml", GOOD)
    write("cut.yaml.gz", gzip.compress(WHOLE["vcrpy.yaml"].encode() * 20)[:-9])
    result = cassette("ls", tmp_path)
    assert (result.code, "cut.yaml.gz" in result.err) == (2, True)


@pytest.mark.parametrize("name", ["test_login", "a.replay2", "a.snap", "TestChat", "deep/b.cassette", "a.backup.gz"])
def test_a_cassette_is_met_whatever_its_name(cassette, write, tmp_path, name):
    (tmp_path / "deep").mkdir()
    text = GOOD.replace("fine", TOKEN).encode()
    write(name, gzip.compress(text) if name.endswith(".gz") else text)
    result = cassette("redact", "--check", tmp_path)
    assert (result.code, os.path.basename(name) in result.out) == (1, True)


@pytest.mark.parametrize(
    "text",
    [
        "# Notes\n\ninteractions:\n- request: one\n",
        '[![Build](x)](y)\n\n```json\n{"request": {"url": 1}}\n```\n',
        'import json\n\nCASE = {\n    "request": {"url": 1},\n}\n',
        "all:\n\techo interactions:\n",
        '{"openapi": "3.1.0", "paths": {"/x": {"post": {"examples": {"request": {"url": "x"}}}}}',
    ],
)
def test_what_is_none_is_claimed_under_no_name(cassette, write, tmp_path, text):
    write("good.yaml", GOOD)
    for name in ("README", "notes.md", "case.py", "Makefile", "a.weird"):
        write(name, text)
    result = cassette("check", tmp_path)
    assert (result.code, result.out, result.err) == (0, "", "")


def test_what_is_large_and_none_is_not_read(cassette, write, tmp_path, monkeypatch):
    write("good.yaml", GOOD)
    write("openapi.json", '{"openapi": "3.1.0", "paths": {' + ", ".join(
        f'"/x{i}": {{"post": {{"requestBody": {{"content": {{"request": {{"type": "object"}}}}}}}}}}' for i in range(30_000)
    ) + "}}")  # fmt: skip
    from cassette_cli.source import save

    read, names = save.read, []

    def noted(path):
        names.append(os.path.basename(path))
        return read(path)

    monkeypatch.setattr("cassette_cli.operations.loading.read", noted)
    assert cassette("ls", "-j1", tmp_path).code == 0
    assert names == ["good.yaml"]


@pytest.mark.parametrize("option", ["--max-size", "--max-body"])
def test_every_option_says_what_it_expects(cassette, write, option):
    command = "check" if option == "--max-size" else "ls"
    result = cassette(command, option, "huge", write("a.yaml", "interactions: []\n"))
    assert result.code == 2
    assert f"invalid {option} 'huge': expected a size such as 500k or 2M" in result.err


@pytest.mark.parametrize("name", [name for name in WHOLE if not name.endswith((".json", ".har"))])
def test_yaml_that_is_cut_between_two_values_is_an_error_too(cassette, write, tmp_path, name):
    write("good.yaml", GOOD)
    text = WHOLE[name]
    start = re.search(r"(?:uri|url|path|direction): ?\S*", text).end()
    write(name, text[: start - 1])
    result = cassette("redact", "--check", tmp_path)
    assert (result.code, name in result.err) == (2, True)


REQURE = "_requre:\n  DataTypes: 1\n  version_storage_file: 3\nrequests.sessions:\n  send:\n    GET: {}\n"
SALOON = '{"statusCode": 200, "headers": {"A": "b"}, "data": "{}", "context": []}'
TALKBACK = "{\n  meta: {\n    createdAt: '2020-01-01',\n    host: 'https://a.example'\n  },\n  req: {},\n  res: {}\n}\n"
FLOWS = b"2087:9:websocket;0:~8:response;1000:6:reason;2:OK,\x00\xff"
STUB = '{"request": {"method": "GET", "urlPath": "/a"}, "response": {"status": 200}}'


def test_what_is_not_read_is_said_in_one_line(cassette, write, tmp_path):
    write("good.yaml", GOOD)
    (tmp_path / "t").mkdir()
    for name, content in {
        "a.yaml": REQURE, "b.yaml": REQURE, "c.json": SALOON, "d.json5": TALKBACK, "e.flow": FLOWS, "s1.json": STUB,
        "s2.json": STUB,
    }.items():  # fmt: skip
        write(f"t/{name}", content)
    told = (
        f"cassette: not read: 2 recordings of requre ({tmp_path}/t/a.yaml, {tmp_path}/t/b.yaml), 1 recording of Saloon ({tmp_path}/t/c.json), "
        f"1 recording of talkback ({tmp_path}/t/d.json5), 1 recording of mitmproxy ({tmp_path}/t/e.flow); "
        "no recordings, left alone: 2 of WireMock\n"
    )
    for command in (["ls"], ["show"], ["ls", "-j2"]):
        result = cassette(*command, tmp_path)
        assert (result.code, result.err) == (0, told), command
    for command in (["redact", "--check"], ["redact"], ["trim"], ["trim", "--check"]):
        result = cassette(*command, tmp_path)
        assert (result.code, result.err.endswith(told)) == (1, True), command
        assert cassette(*command, "--skip-unread", tmp_path).code == 0, command
    result = cassette("check", tmp_path)
    assert (result.code, result.out.count("CAS012"), "WireMock" in result.out) == (1, 5, False)
    assert "t/a.yaml:1: CAS012 a recording of requre, which cassette does not read" in result.out
    assert cassette("check", "--ignore", "CAS012", tmp_path).code == 0
    assert "CAS012" in cassette("check", "--select", "secret", tmp_path).out


def test_stubs_change_no_exit_code_and_are_errors_where_they_are_named(cassette, write, tmp_path):
    write("good.yaml", GOOD)
    stub = write("stub.json", STUB)
    result = cassette("redact", "--check", tmp_path)
    assert (result.code, "left alone: 1 of WireMock" in result.err) == (0, True)
    named = cassette("ls", stub)
    assert (named.code, "WireMock stubs" in named.err) == (2, True)
    passed = cassette("redact", "--skip-others", stub, tmp_path / "good.yaml")
    assert (passed.code, "left alone: 1 of WireMock" in passed.err) == (0, True)


def test_a_recording_that_is_named_and_not_read_is_an_error(cassette, write):
    result = cassette("ls", write("a.yaml", REQURE))
    assert (result.code, "a recording of requre, which cassette does not read" in result.err) == (2, True)


def test_a_version_of_tomorrow_is_not_clean(cassette, write, tmp_path):
    write("good.yaml", GOOD)
    write("new.yaml", "version: 9\ninteractions:\n- call: {to: 'https://a.example'}\n  answer: 1\n")
    result = cassette("redact", "--check", tmp_path)
    assert (result.code, "new.yaml" in result.err) == (1, True)
    assert "CAS002" in cassette("check", tmp_path).out


@pytest.mark.parametrize("command", ["redact", "trim"])
@pytest.mark.parametrize("content", [b"# Notes\r\n\r\nhello: world\n", b"", b"PNG\0\x01", b'{"a": 1}', STUB.encode()])
def test_a_filter_passes_on_what_it_does_not_treat(cassette, write, tmp_path, command, content):
    result = cassette(command, "--skip-others", "-", stdin=content)
    assert (result.code, result.out) == (0, content.decode("utf-8", "surrogateescape"))
    path = write("notes.txt", content)
    result = cassette(command, "--skip-others", "-o", "-", path)
    assert (result.code, result.out) == (0, content.decode("utf-8", "surrogateescape"))
    assert cassette(command, "--skip-others", "-o", tmp_path / "copy", path).code == 0
    assert (tmp_path / "copy").read_bytes() == content == path.read_bytes()
    assert cassette(command, "--check", "--skip-others", "-", stdin=content).out == ""


def test_a_filter_still_treats_cassettes_and_keeps_back_broken_ones(cassette):
    result = cassette("redact", "--skip-others", "-", stdin=GOOD.replace("fine", TOKEN).encode())
    assert (result.code, TOKEN in result.out, "interactions:" in result.out) == (0, False, True)
    broken = cassette("redact", "--skip-others", "-", stdin=conflicted(WHOLE["vcrpy.yaml"])[0].encode())
    assert (broken.code, broken.out) == (2, "")


@pytest.mark.parametrize(
    "pattern", ["tests/fixtures/keep", "tests/fixtures/keep/", "keep/", "keep", "*/fixtures/keep/**"]
)
def test_exclude_means_what_it_means_in_a_gitignore_file(cassette, write, tmp_path, monkeypatch, pattern):
    (tmp_path / "tests/fixtures/keep/deep").mkdir(parents=True)
    (tmp_path / "tests/fixtures/other").mkdir()
    for name in ("keep/a.yaml", "keep/deep/b.yaml", "other/c.yaml"):
        write(f"tests/fixtures/{name}", GOOD)
    monkeypatch.chdir(tmp_path)
    for folder in (".", "tests", tmp_path):
        out = cassette("ls", "--exclude", pattern, folder).out
        assert ("keep" in out, "c.yaml" in out) == (False, True), folder
    named = ["tests/fixtures/keep/a.yaml", "tests/fixtures/other/c.yaml"]
    assert "a.yaml" not in cassette("ls", "--force-exclude", "--exclude", pattern, *named).out
    assert "a.yaml" in cassette("ls", "--exclude", pattern, *named).out


def test_exclude_can_take_back(cassette, write, tmp_path, monkeypatch):
    for name in ("a.yaml", "b.yaml"):
        write(name, GOOD)
    monkeypatch.chdir(tmp_path)
    out = cassette("ls", "--exclude", "*.yaml", "--exclude", "!b.yaml", ".").out
    assert ("a.yaml" in out, "b.yaml" in out) == (False, True)


@pytest.mark.parametrize("name", ["case.py", "README.md", "data.weird"])
def test_a_hook_passes_over_what_only_quotes_a_recording(cassette, write, tmp_path, name):
    text = 'CASE = {\n    "request": {"url": "x"},\n}\n\ninteractions:\n- request: {\n'
    path = write(name, text)
    result = cassette("redact", "--skip-others", path)
    assert (result.code, result.err) == (0, "")
    piped = cassette("redact", "--skip-others", "-", stdin=text.encode())
    assert (piped.code, piped.out) == (0, text)


def test_what_is_not_compared_is_said_and_differs(cassette, write, tmp_path):
    unread = {"a.yaml": REQURE, "c.json": SALOON, "d.json5": TALKBACK, "e.flow": FLOWS, "same.yaml": REQURE}
    for side, end in (("old", b""), ("new", b"\n")):
        write(f"{side}/good.yaml", GOOD)
        for name, content in unread.items():
            raw = content.encode() if isinstance(content, str) else content
            write(f"{side}/{name}", raw if name.startswith("same") else raw + end)
    old, new = tmp_path / "old", tmp_path / "new"
    result = cassette("diff", old, new)
    assert result.code == 0
    assert result.err == (
        "cassette: not read: 1 recording of requre (a.yaml), 1 recording of Saloon (c.json), "
        "1 recording of talkback (d.json5), 1 recording of mitmproxy (e.flow)\n"
    )
    assert cassette("diff", "--exit-code", old, new).code == 1
    assert cassette("diff", "--exit-code", old, old).code == 0
    assert cassette("diff", old / "a.yaml", new / "a.yaml").code == 2


TWO = """version: 2
interactions:
- id: 0
  request: {method: GET, url: "https://a.example/x"}
  response: {code: 204}
- id: 1
  request: {method: GET, url: "https://b.example/x"}
  response: {code: 204}
"""
VERBS = [
    ("ls",), ("ls", "--json"), ("show",), ("show", "--json"), ("redact",), ("redact", "--check"), ("trim", "--check"),
    ("edit", "--with", "cat"), ("rm",), ("decode", "--check"), ("check",), ("check", "--select", "CAS001"),
]  # fmt: skip


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_filters_that_choose_nothing_are_told(cassette, write, verb):
    path = write("a.yaml", TWO)
    result = cassette(verb[0], path, *verb[1:], "--host", "nosuch", "--status", "4xx")
    assert result.code == 0
    assert result.err == "cassette: no interaction matches --host nosuch --status 4xx\n"
    found = cassette(verb[0], path, *verb[1:], "--host", "a.example")
    assert "no interaction matches" not in found.err
    assert "no interaction matches" not in cassette(verb[0], path, *verb[1:]).err


def test_what_the_workers_chose_counts(cassette, write, tmp_path):
    for number in range(4):
        write(f"{number}.yaml", TWO.replace("a.example", f"{number}.example") + "#" * 300_000)
    assert cassette("ls", tmp_path, "-j", "2", "--host", "3.example").err == ""
    assert "no interaction matches" in cassette("ls", tmp_path, "-j", "2", "--host", "9.example").err


def test_set_and_diff_tell_it_too(cassette, write):
    path = write("a.yaml", TWO)
    other = write("b.yaml", TWO.replace("204", "200"))
    told = "cassette: no interaction matches --host nosuch\n"
    assert cassette("set", path, "status=200", "--check", "--host", "nosuch").err == told
    assert cassette("diff", path, other, "--host", "nosuch").err == told
    assert cassette("diff", path, other, "--host", "a.example").err == ""


@pytest.mark.parametrize(("name", "old", "new", "told"), [
    ("go-vcr.yaml", "version: 2", "version: 3", "go-vcr v3"), ("vcrpy.yaml", "version: 1", "version: 7", "vcrpy"),
    ("vcrpy.json", '"version": 1', '"version": 2', "vcrpy"),
])  # fmt: skip
def test_an_unknown_version_of_a_known_format_is_read_and_told(cassette, write, name, old, new, told):
    assert old in WHOLE[name]
    path = write(name, WHOLE[name].replace(old, new))
    assert cassette("ls", path).out.split("\t")[1] == told
    result = cassette("check", path)
    assert result.code == 1
    assert re.search(rf":\d+: CAS002 {told}: version '\d' is not known here", result.out)
    assert "CAS013" not in result.out
    assert "CAS002" in cassette("check", "--select", "CAS013", path).out
    assert (cassette("redact", "--check", path).code, cassette("export", "har", path).code) == (1, 1)
    assert "version  UNSCANNED  " in cassette("redact", "--check", path).out
    assert "version  UNSCANNED  " in cassette("redact", "--check", f"{path}#0").out
    assert cassette("export", "har", path).err.count("is not known here") == 1
    assert "CAS002" not in cassette("check", write(name, WHOLE[name])).out
