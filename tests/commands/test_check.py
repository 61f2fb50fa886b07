"""`cassette check`: every code, what it takes and what it leaves alone, and the formats for other tools."""

import base64
import csv
import gzip
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from cassette_cli.formats import registry
from cassette_cli.operations.check import interactions, models
from cassette_cli.operations.check.base import Limits
from cassette_cli.operations.check.codes import CHECKS
from cassette_cli.operations.selecting import Selection
from cassette_cli.source.document import Document
from commands.conftest import govcr, interaction
from operations.diff_support import URL, Call, ask, chat, streamed, text_of

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
    ("CAS014",
     text_of(Call(ask("x"), chat("y")), Call(ask("z"), {"error": {"message": "slow down"}}, status=429, url=URL + "?again")),
     "status 429, while 1 other succeeded"),
    ("CAS015", text_of(Call(ask("x", model="gpt-3.5-turbo-0301"), chat("y"), url="https://api.openai.com/v1/chat/completions")),
     "gpt-3.5-turbo-0301 was retired on 2024-09-13; its provider recommends gpt-3.5-turbo"),
    ("CAS016", "version: 2\ninteractions:\n<<<<<<< HEAD\n- id: 0\n=======\n- id: 1\n>>>>>>> main\n",
     "unresolved merge conflict (ours: HEAD, theirs: main)"),
    ("CAS017",
     "http_interactions: [{request: {method: GET, uri: 'https://a.example/'}, response: {status: 200, body: {on_disk: gone.json}}}]\nrecorded_with: VCR-vcr/2.0.0\n",
     "the body is in gone.json: no such file"),
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
    assert (result.code, result.out, result.err) == (0, "", "cassette: no faults in 1 cassette\n")


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


BUSY = {"error": {"message": "busy"}}


class TestRecordedErrors:
    def check(self, cassette: Run, path: Path) -> list[str]:
        out = cassette("check", path, "--select", "recorded-error").out
        return [line.partition(": ")[2] for line in out.splitlines()]

    def test_the_same_request_is_told_once(self, cassette: Run, write: Run):
        calls = [Call(ask("x"), BUSY, status=503)] * 3 + [Call(ask("x"), chat("y"))]
        assert self.check(cassette, write("a.yaml", text_of(*calls))) == [
            "CAS014 #0 status 503 3 times, while the same request succeeded in #3"
        ]

    @pytest.mark.parametrize("status", [429, 500, 529])
    def test_statuses_of_the_moment(self, cassette: Run, write: Run, status: int):
        path = write("a.yaml", text_of(Call(ask("x"), BUSY, status=status), Call(ask("y"), chat("y"))))
        assert len(self.check(cassette, path)) == 1

    @pytest.mark.parametrize("status", [400, 401, 404, 499, 304])
    def test_other_statuses_are_answers(self, cassette: Run, write: Run, status: int):
        path = write("a.yaml", text_of(Call(ask("x"), BUSY, status=status), Call(ask("y"), chat("y"))))
        assert self.check(cassette, path) == []

    def test_alone_or_at_another_host_it_is_meant(self, cassette: Run, write: Run):
        busy = Call(ask("x"), BUSY, status=429)
        assert self.check(cassette, write("a.yaml", text_of(busy))) == []
        other = Call(ask("y"), chat("y"), url="https://b.example/")
        assert self.check(cassette, write("a.yaml", text_of(busy, other))) == []

    @pytest.mark.parametrize("name", ["test_default_model.yaml", "blueberry.yaml", "badge.yaml", "gpt-5029.yaml"])
    def test_a_name_that_only_sounds_like_it_does_not(self, cassette: Run, write: Run, name: str):
        path = write(name, text_of(Call(ask("x"), BUSY, status=429), Call(ask("x"), chat("y"))))
        assert len(self.check(cassette, path)) == 1

    @pytest.mark.parametrize(
        "name", ["test_rate_limit.yaml", "retries.yaml", "TestUploadFails.yaml", "HTTPError.yaml", "test_503.yaml"]
    )
    def test_a_name_that_says_so_means_it(self, cassette: Run, write: Run, name: str):
        path = write(name, text_of(Call(ask("x"), BUSY, status=429), Call(ask("x"), chat("y"))))
        assert self.check(cassette, path) == []


class TestModels:
    def check(self, cassette: Run, write: Run, model: str, url: str, *options: str) -> str:
        path = write("a.yaml", text_of(Call(ask("x", model=model), chat("y"), url=url)))
        return str(cassette("check", path, "--select", "retired-model", *options).out)

    @pytest.mark.parametrize(
        ("model", "url", "is_gone"),
        [
            ("claude-2.1", "https://api.anthropic.com/v1/messages", True),
            ("Claude-2.1", "https://api.anthropic.com/v1/messages", True),
            ("text-davinci-003:2023", "https://api.openai.com/v1/completions", True),
            ("ft:gpt-3.5-turbo-0613:us::x", "https://api.openai.com/v1/chat/completions", False),
            ("claude-2.1", "https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke", False),
            ("gpt-3.5-turbo-0301", "https://example.openai.azure.com/openai/deployments/x", False),
            ("no-such-model", "https://api.openai.com/v1/chat/completions", False),
        ],
    )
    def test_it_is_gone_at_its_own_provider(self, cassette: Run, write: Run, model: str, url: str, is_gone: bool):
        assert ("was retired on" in self.check(cassette, write, model, url)) is is_gone

    def test_the_model_in_a_path(self, cassette: Run, write: Run):
        base = "https://generativelanguage.googleapis.com/v1beta/models/"
        call = Call({"contents": []}, {"candidates": []}, url=f"{base}gemini-1.5-flash:generateContent?alt=sse")
        listed = Call(None, {}, method="GET", url="https://api.openai.com/v1/models/davinci")
        out = cassette("check", write("a.yaml", text_of(call, listed)), "--select", "CAS015").out
        assert out.count("CAS015") == 1
        assert "#0 gemini-1.5-flash was retired on 2025-09-29" in out

    def test_what_was_asked_for_counts_not_who_answered(self, cassette: Run, write: Run):
        url = "https://api.openai.com/v1/chat/completions"
        answer = chat("y") | {"model": "gpt-3.5-turbo-0301"}
        path = write("a.yaml", text_of(Call(ask("x", model="gpt-9"), answer, url=url)))
        assert cassette("check", path, "--select", "CAS015").out == ""

    def test_a_day_that_has_not_come(self):
        gone = models.table()["api.openai.com", "o1"]
        before, after = (
            Limits(frozenset(), retired={("api.openai.com", "o1"): gone}, now=datetime(2026, 10, day, tzinfo=UTC))
            for day in (22, 23)
        )
        call = Call(ask("x", model="o1"), chat("y"), url="https://api.openai.com/v1/chat/completions")
        cassette = registry.load(Document(text_of(call).encode()))
        [reading] = Selection().readings(cassette)
        assert [*interactions.retired_model(reading, before)] == []
        assert [*interactions.retired_model(reading, after)] == [
            "o1 was retired on 2026-10-23; its provider recommends gpt-5.6-sol"
        ]

    def test_a_list_of_your_own(self, cassette: Run, write: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)
        write("conf/.keep", "")
        write(".cassette.toml", '[check]\nmodels = "conf/models.csv"\n')
        write("conf/models.csv", "model,retired,host\ntide-9,2020-02-03,\no1-mini,,api.openai.com\n")
        assert "tide-9 was retired on 2020-02-03\n" in self.check(
            cassette, write, "tide-9", "https://x.example/v1/chat"
        )
        assert self.check(cassette, write, "o1-mini", "https://api.openai.com/v1/chat/completions") == ""
        assert self.check(cassette, write, "o1-preview", "https://api.openai.com/v1/chat/completions")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("model,retired\ntide-9,soon\n", "models.csv:2: invalid day 'soon'"),
            ("model,retired\n,2020-01-01\n", "models.csv:2: a row without a model"),
            ("tide-9,2020-01-01\nx,y\n", "models.csv:2: a row without a model"),
        ],
    )
    def test_a_list_that_is_none(
        self, cassette: Run, write: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
    ):
        monkeypatch.chdir(tmp_path)
        write(".cassette.toml", '[check]\nmodels = "models.csv"\n')
        write("models.csv", text)
        result = cassette("check", write("a.yaml", GOOD), "--select", "CAS015")
        assert (result.code, told in result.err) == (2, True), result.err
        (tmp_path / "models.csv").unlink()
        assert cassette("check", write("a.yaml", GOOD), "--select", "CAS015").code == 2
        assert cassette("check", write("a.yaml", GOOD)).code == 0

    def test_each_row_of_the_table_has_its_source(self):
        with models.TABLE.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert tuple(rows[0]) == models.COLUMNS
        assert len({(row["host"], row["model"]) for row in rows}) == len(rows) > 150
        for row in rows:
            assert date.fromisoformat(row["retired"]) > date(2023, 1, 1)
            assert date.fromisoformat(row["as_of"]) < datetime.now(UTC).date()
            assert row["source"].startswith("https://"), row
            assert row["host"].split(".")[-2] in row["source"] or row["host"].split(".")[-2] in (
                "anthropic",
                "googleapis",
            )


class TestBaseline:
    def faulty(self, *more: Call) -> str:
        return text_of(Call(ask("x"), EMPTY), Call(ask("y"), CUT, url="https://b.example/v1/chat/completions"), *more)

    def test_what_it_lists_may_stand(self, cassette: Run, write: Run, tmp_path: Path):
        path, base = write("x/a.yaml", self.faulty()), tmp_path / "base.json"
        result = cassette("check", tmp_path / "x", "--write-baseline", base)
        assert (result.code, result.out, result.err) == (0, f"2 faults listed in {base}\n", "")
        for style in (["--json"], ["--format", "sarif"]):
            result = cassette("check", tmp_path / "x", "--write-baseline", base, *style)
            assert (result.code, result.out, result.err) == (0, "", f"2 faults listed in {base}\n")
        result = cassette("check", tmp_path / "x", "--baseline", base)
        assert (result.code, result.out, result.err) == (0, "", "cassette: no faults in 1 cassette\n")
        # Interactions and counts come and go; the faults stay known.
        path.write_text(text_of(Call(ask("new"), chat("fine")), Call(ask("x"), streamed("Good", "", "", "", " day")),
                                Call(ask("y"), CUT, url="https://b.example/v1/chat/completions")))  # fmt: skip
        assert cassette("check", path, "--baseline", base).out == ""
        assert cassette("check", path).code == 1

    def test_what_is_new_is_told(self, cassette: Run, write: Run, tmp_path: Path):
        path, base = write("a.yaml", self.faulty()), tmp_path / "base.json"
        cassette("check", path, "--write-baseline", base)
        path.write_text(self.faulty(Call(ask("z"), CUT, url="https://b.example/v1/chat/completions")))
        result = cassette("check", path, "--baseline", base, "-j", "2")
        assert (result.code, result.out.count("\n"), "CAS004 #2" in result.out) == (1, 1, True)
        assert cassette("check", write("b.yaml", self.faulty()), "--baseline", base).out.count("\n") == 2

    def test_another_secret_in_its_place_is_new(self, cassette: Run, write: Run, tmp_path: Path):
        def text(key: str) -> str:
            return text_of(Call(ask("x"), chat("y"), sent={"Authorization": "Bearer sk-" + key * 2}))

        path, base = write("a.yaml", text("Fake4f9a8b7c6d5e")), tmp_path / "base.json"
        cassette("check", path, "--write-baseline", base)
        assert "Fake4f9a" not in base.read_text()
        assert cassette("check", path, "--baseline", base).code == 0
        path.write_text(text("Made7a6b5c4d3e2f"))
        assert cassette("check", path, "--baseline", base).code == 1

    def test_settings_name_it_from_their_own_folder(
        self, cassette: Run, write: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        path = write("sub/a.yaml", self.faulty())
        cassette("check", path, "--write-baseline", tmp_path / "base.json")
        write(".cassette.toml", '[check]\nbaseline = "base.json"\n')
        monkeypatch.chdir(tmp_path / "sub")
        assert cassette("check", "a.yaml").code == 0

    def test_the_baseline_of_redact_counts_too(
        self, cassette: Run, write: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.chdir(tmp_path)
        path = write(
            "a.yaml", text_of(Call(ask("x"), chat("y"), sent={"Authorization": "Bearer sk-" + "Fake4f9a8b7c6d5e" * 2}))
        )
        cassette("redact", path, "--write-baseline", "known.json")
        assert cassette("check", path).code == 1
        write(".cassette.toml", '[redact]\nbaseline = "known.json"\n')
        assert cassette("check", path).code == 0

    def test_the_baseline_of_the_settings_is_written_before_there_is_one(
        self, cassette: Run, write: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.chdir(tmp_path)
        path = write("a.yaml", self.faulty())
        write(".cassette.toml", '[check]\nbaseline = "base.json"\n')
        assert cassette("check", path).code == 2
        assert cassette("check", path, "--write-baseline", "base.json").code == 0
        assert cassette("check", path).code == 0

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": []}', '{"faults": [1]}'])
    def test_what_is_no_baseline(self, cassette: Run, write: Run, text: str):
        result = cassette("check", write("a.yaml", GOOD), "--baseline", write("base.json", text))
        assert (result.code, "not a baseline of check" in result.err) == (2, True)

    def test_usage(self, cassette: Run, write: Run, tmp_path: Path):
        path = write("a.yaml", GOOD)
        missing = cassette("check", path, "--baseline", tmp_path / "gone.json")
        assert (missing.code, missing.err.splitlines()[-1]) == (2, "  check the path")
        assert cassette("check", path, "--baseline", "a", "--write-baseline", "b").code == 2


def test_a_path_that_does_not_exist_is_no_fault(cassette: Run, write: Run, tmp_path: Path):
    result = cassette("check", tmp_path / "nosuch")
    assert (result.code, result.out) == (2, "")
    assert "nosuch: no such file" in result.err
    both = cassette("check", tmp_path / "nosuch", write("a.yaml", text_of(Call(ask("x"), CUT))))
    assert (both.code, "CAS004" in both.out) == (2, True)


def test_nothing_left_to_check_is_an_error(cassette: Run, write: Run):
    path = write("a.yaml", GOOD)
    for code in ("CAS003", "CAS004", "all"):
        result = cassette("check", path, "--select", code, "--ignore", code)
        assert (result.code, "there is nothing to check" in result.err) == (2, True)
    assert cassette("check", path, "--select", "CAS003", "--ignore", "CAS013").code == 0
