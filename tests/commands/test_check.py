"""`cassette check`: every code, what it takes and what it leaves alone, and the formats for other tools."""

import base64
import gzip
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from cassette_cli.operations.check.codes import CHECKS
from commands.conftest import govcr, interaction
from operations.diff_support import Call, ask, chat, streamed, text_of

Run = Callable[..., Any]
GOOD = text_of(Call(ask("Say hello"), chat("Hello")))
CUT = "\n\n".join(streamed("Good day", " to you").split("\n\n")[:2]) + "\n\n"
FAILED = streamed("Good").replace("data: [DONE]", 'data: {"error": {"message": "overloaded", "type": "server"}}')
EMPTY = streamed("Good", "", "", " day")

BAD: list[tuple[str, str, str]] = [
    ("CAS001", "interactions: [", ""),
    ("CAS002", "version: 9\ninteractions:\n- call: {to: 'https://a.example'}\n  answer: 1\n", ""),
    ("CAS003", text_of(Call(ask("x"), chat("y"), sent={"Authorization": "Bearer sk-" + "Fake4f9a8b7c6d5e" * 2})),
     "authorization in request.headers authorization: sk-(hidden 35)"),
    ("CAS004", text_of(Call(ask("x"), CUT)), "the stream ends before its answer does"),
    ("CAS005", text_of(Call(ask("x"), FAILED)), "overloaded"),
    ("CAS006", text_of(Call(ask("x"), "twelve bytes", headers={"Content-Length": "7"})),
     "states 7 bytes, its body has 12"),
    ("CAS007",
     text_of(Call(ask("x"), chat("y")), Call(ask("z"), chat("y")), Call(ask("x"), chat("y"))), "interaction 0"),
    ("CAS008", text_of(Call(ask("x"), EMPTY)), "2 of 7 chunks carry nothing"),
    ("CAS009", text_of(Call(ask("x"), "y" * 2_000_000)), "the response body has 2,000,000 bytes"),
    ("CAS012", "!tape\nname: a\ninteractions:\n- recorded: 2020-01-01T00:00:00Z\n", "a recording of OkReplay"),
    ("CAS013", text_of(Call(ask("x"), chat("y"))).replace('"body": "{', '"body": !!binary "{', 1), "it is not base64"),
    ("CAS011",
     "version: 2\ninteractions:\n- id: 0\n  request: {url: 'https://a.example', method: GET}\n", "no response"),
]  # fmt: skip


def found(out: str) -> list[str]:
    """Return the codes of `--format json`."""
    return [json.loads(line)["code"] for line in out.splitlines()]


@pytest.mark.parametrize(("code", "text", "told"), BAD, ids=[row[0] for row in BAD])
def test_each_fault_is_found_by_its_code(cassette: Run, write: Run, code: str, text: str, told: str):
    on = [] if next(one for one in CHECKS if one.code == code).default else ["--select", "all"]
    result = cassette("check", write("a.yaml", text), "--format", "json", *on)
    assert result.code == 1
    assert set(found(result.out)) == {code}
    assert told in json.loads(result.out.splitlines()[0])["message"]
    quiet = cassette("check", write("a.yaml", text), "--select", "all", "--ignore", code)
    assert quiet.out == ""


def test_a_sound_cassette_has_none(cassette: Run, write: Run):
    result = cassette("check", write("a.yaml", GOOD))
    assert (result.code, result.out, result.err) == (0, "", "")


def test_sound_in_spite_of_looks(cassette: Run, write: Run):
    text = text_of(
        Call(ask("x"), "äöü", headers={"Content-Length": "6"}),
        # The recorder took the compression off: the length was that of the packed bytes.
        Call(ask("y"), "plain", headers={"Content-Length": "99", "Content-Encoding": "gzip"}),
        Call(ask("x"), "other", headers={"Content-Length": " 5 "}),
        Call(method="HEAD", answer="", headers={"Content-Length": "12345"}),
        Call(ask("z"), streamed("whole")),
    )
    assert cassette("check", write("a.yaml", text)).out == ""


def test_age(cassette: Run, write: Run):
    path = write("a.yaml", text_of(Call(ask("x"), chat("y"), headers={"Date": "Mon, 01 Jan 2018 00:00:00 GMT"})))
    assert cassette("check", path).code == 0
    result = cassette("check", path, "--max-age", "1y")
    assert result.code == 1
    assert "recorded 2018-01-01" in result.out
    assert cassette("check", path, "--max-age", "99y").code == 0


def test_text_says_where(cassette: Run, write: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    write("a.yaml", "version: 2\ninteractions:\n- id: 0\n  request: {url: 'https://a.example', method: GET}\n")
    result = cassette("check", "a.yaml")
    assert result.out == "a.yaml:3: CAS011 #0 no response was recorded\n"
    assert result.err == "cassette: 1 fault: 1 × CAS011 no-response\n"


def test_github(cassette: Run, write: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    write("a,b.yaml", text_of(Call(ask("x"), FAILED.replace("overloaded", "50% of\\nit: gone"))))
    out = cassette("check", "a,b.yaml", "--format", "github").out
    assert out.startswith("::error file=a%2Cb.yaml,line=4,title=CAS005 failed-stream::interaction 0: ")
    assert "50%25 of%0Ait: gone" in out


def test_sarif(cassette: Run, write: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    write("a b.yaml", text_of(Call(ask("x"), EMPTY)))
    log = json.loads(cassette("check", "a b.yaml", "--format", "sarif").out)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    [result] = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "CAS008"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.yaml"


def test_sarif_without_faults_is_a_whole_log(cassette: Run, write: Run):
    log = json.loads(cassette("check", write("a.yaml", GOOD), "--format", "sarif").out)
    assert log["runs"][0]["results"] == []


class TestChoosing:
    def test_settings(self, cassette: Run, write: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        write("a.yaml", text_of(Call(ask("x"), EMPTY)))
        write("pyproject.toml", "[tool.cassette.check]\nignore = ['empty-deltas']\n")
        assert cassette("check", "a.yaml").code == 0
        assert cassette("check", "a.yaml", "--ignore", "CAS001").code == 1
        write("pyproject.toml", "[tool.cassette.check]\nmax-size = '10'\nselect = ['CAS009']\n")
        assert cassette("check", "a.yaml").code == 1
        write("pyproject.toml", "[tool.cassette.check]\nmax-sise = '10'\n")
        assert cassette("check", "a.yaml").code == 2

    @pytest.mark.parametrize(
        "args", [["--select", "CAS999"], ["--max-size", "big"], ["--max-age", "old"], ["--format", "xml"]]
    )
    def test_nonsense(self, cassette: Run, write: Run, args: list[str]):
        assert cassette("check", write("a.yaml", GOOD), *args).code == 2


class TestFiles:
    def test_folders_pass_over_what_is_no_cassette(self, cassette: Run, write: Run, tmp_path: Any):
        write("x/a.yaml", GOOD)
        write("x/b.yaml", "a: 1\n")
        write("x/c.json", "{")
        write("x/d.yaml", "{{ template }}: [")
        assert cassette("check", tmp_path / "x").code == 0

    def test_hooks_pass_over_what_is_no_cassette(self, cassette: Run, write: Run):
        files = [write("b.yaml", "a: 1\n"), write("d.yaml", "{{ template }}: ["), write("c.json", "{")]
        assert cassette("check", *files, "--skip-others").code == 0
        assert cassette("check", *files).code == 1

    def test_a_broken_cassette_is_a_fault_even_for_hooks(self, cassette: Run, write: Run):
        result = cassette("check", write("a.yaml", "version: 2\ninteractions: ["), "--skip-others", "--format", "json")
        assert found(result.out) == ["CAS001"]


def test_secrets_are_looked_for_as_redact_is_set_up(
    cassette: Run, write: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    write("a.yaml", text_of(Call(ask("x"), chat("y"), sent={"Authorization": "Bearer sk-" + "Fake4f9a8b7c6d5e" * 2})))
    assert cassette("check", "a.yaml").code == 1
    write("pyproject.toml", "[tool.cassette.redact]\nallow = ['authorization', 'bearer', 'sk-key']\n")
    assert cassette("check", "a.yaml").out == ""


def test_a_body_of_just_the_size_is_not_too_large(cassette: Run, write: Run):
    path = write("a.yaml", text_of(Call(ask("x"), "y" * 1000)))
    assert cassette("check", path, "--max-size", "1000").code == 0
    result = cassette("check", path, "--max-size", "999")
    assert (result.code, "CAS009" in result.out) == (1, True)


def test_equal_polls_are_no_fault_unless_asked_for(cassette: Run, write: Run):
    path = write("a.yaml", text_of(Call(ask("x"), chat("y")), Call(ask("x"), chat("y"))))
    assert cassette("check", path).out == ""
    assert "CAS007 #1 the same as interaction 0" in cassette("check", path, "--select", "duplicate").out


def test_who_looks_for_secrets_hears_of_what_could_not_be_looked_into(cassette: Run, write: Run):
    packed = base64.b64encode(gzip.compress(b"")[:10] + b"no deflate stream").decode()
    path = write("a.yaml", text_of(Call(ask("x"), "PACKED", headers={"Content-Encoding": "gzip"})))
    text = Path(path).read_text().replace('"PACKED"', f"!!binary '{packed}'")
    Path(path).write_text(text)
    redacted = cassette("redact", "--check", path)
    assert (redacted.code, "UNSCANNED" in redacted.out) == (1, True)
    for options in ([], ["--select", "CAS003"], ["--select", "unscanned"]):
        result = cassette("check", path, *options)
        assert (result.code, "CAS013 #0" in result.out) == (1, True), options
    assert cassette("check", path, "--select", "secret", "--ignore", "unscanned").code == 0


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.json", '{"interactions": [\n\n],}\n', 3),
        ("a.har", "log:\n  entries: []\n", 1),
    ],
)
def test_a_json_file_must_be_json(cassette: Run, write: Run, name: str, text: str, line: int):
    path = write(name, text)
    assert cassette("ls", path).code == 0
    result = cassette("check", path)
    assert result.code == 1
    assert f"{name}:{line}: CAS001 not valid JSON" in result.out
    assert cassette("check", write("a.yaml", text)).code == 0


def test_values_that_cannot_be_looked_for_are_no_clean_bill(
    cassette: Run, write: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NOT_THERE", raising=False)
    write(".cassette.toml", '[redact]\nenv = ["NOT_THERE"]\n')
    result = cassette("check", write("a.yaml", GOOD))
    assert (result.code, "NOT_THERE" in result.err) == (2, True)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
@pytest.mark.parametrize("verb", [("check",), ("redact", "--check")])
def test_a_file_name_that_is_no_utf8_has_an_address_in_sarif(cassette: Run, tmp_path: Path, verb: tuple[str, ...]):
    key = "sk-" + "a1B2c3D4e5F6" * 4
    name = os.fsdecode(b"caf\xe9 #1.yaml")
    (tmp_path / name).write_text(govcr(interaction(f'\'{{"key": "{key}"}}\'')))
    result = cassette(*verb, "--format", "sarif", tmp_path / name)
    (found,) = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for one in json.loads(result.out)["runs"][0]["results"]
        for place in one["locations"]
    }
    assert found.endswith("/caf%E9%20%231.yaml")
    assert os.fsdecode(unquote_to_bytes(found)) == str(tmp_path / name)
