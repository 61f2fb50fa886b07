"""`cassette html`: what goes into the page and its parts, how they are written, and what is never in them."""

import base64
import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cassette_cli.errors import SaveError
from cassette_cli.operations import html as suite
from cassette_cli.render.inert import inert, inert_line
from cassette_cli.render.page.suite import Suite
from cassette_cli.source import save
from operations.diff_support import Call, ask, chat, streamed, text_of

Run = Callable[..., Any]
SECRET = "sk-" + "ant-api03-" + "Q7z" * 12
ELEMENT = re.compile(r'<script type="application/json" id="(\w+)">([^<]*)</script>')


def parts_of(page: Path) -> dict[str, Any]:
    """Return the data of a page by name, that of the scripts beside it included."""
    found = {name: json.loads(text) for name, text in ELEMENT.findall(page.read_text("utf-8"))}
    for name, file in found["rows"].get("files", {}).items():
        text = (page.parent / "parts" / f"{file}.js").read_text("utf-8")
        call = re.fullmatch(r"arrived\((.*?), (.*)\);\n", text, re.DOTALL)
        assert call is not None
        assert json.loads(call[1]) == name
        found[name] = json.loads(json.loads(call[2]))
    return found


def rows_of(parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the list."""
    return [dict(zip(parts["rows"]["fields"], row, strict=True)) for row in parts["rows"]["rows"]]


def texts_of(parts: dict[str, Any], kind: str = "t") -> list[Any]:
    """Return the texts of all interactions in their order, or with `w` their words."""
    return [
        one for at in range(len(parts["rows"]["texts" if kind == "t" else "words"])) for one in parts[f"{kind}{at}"]
    ]


def test_a_page_has_a_row_and_the_texts_of_each_interaction(cassette: Run, examples: Path, tmp_path: Path):
    out = tmp_path / "suite.html"
    result = cassette("html", examples, "-o", out)
    assert (result.code, result.err) == (0, "")
    assert re.fullmatch(rf"{re.escape(str(out))}  17 interactions of 11 cassettes, [\d.]+ kB\n", result.out)
    parts = parts_of(out)
    listed = [json.loads(line) for line in cassette("ls", "--json", examples).out.splitlines()]
    rows = rows_of(parts)
    told = [
        (row["path"], row["index"], row["method"], row["status"], row["model"], row["frames"], row["input"])
        for row in rows
    ]
    assert told == [
        (one["path"], one["index"], one["method"], one["status"], one["model"], one["frames"], one["input_tokens"])
        for one in listed
    ]
    assert len(texts_of(parts)) == len(texts_of(parts, "w")) == len(rows)
    streamed_chat = next(at for at, row in enumerate(rows) if row["path"].endswith("govcr-streamed-chat.yaml"))
    assert "lighthouse" in rows[streamed_chat]["asked"]
    assert [role for role, _ in texts_of(parts)[streamed_chat]["said"]] == ["system", "user", "assistant"]
    assert rows[streamed_chat]["codes"] == ["CAS008 empty-deltas"]


def said_by(message: dict[str, Any]) -> list[str]:
    """Return the words of each choice of a message, as `show --json` tells it."""
    parts = [choice.get("parts") or [{"type": "text", "text": choice["text"]}] for choice in message["choices"]]
    return ["".join(part["text"] for part in own if part["type"] == "text") for own in parts]


@pytest.mark.parametrize("folder", [
    "examples", pytest.param("corpus", marks=pytest.mark.skipif("CASSETTE_CORPUS" not in os.environ, reason="no corpus")),
])  # fmt: skip
def test_it_says_what_show_says(cassette: Run, examples: Path, tmp_path: Path, folder: str):
    path = examples if folder == "examples" else os.environ["CASSETTE_CORPUS"]
    cassette("html", path, "-o", tmp_path / "p.html", "--max-text", "none")
    parts = parts_of(tmp_path / "p.html")
    found = {(row["path"], row["index"]): text for row, text in zip(rows_of(parts), texts_of(parts), strict=True)}
    lines = cassette("show", "--json", "-r", "--mask", path).out.splitlines()
    for shown in map(json.loads, lines):
        for one in shown["interactions"]:
            text = found.pop((shown["path"], one["index"]))
            assert text["request"]["headers"] == [list(map(inert_line, line)) for line in one["request"]["headers"]]
            message = (one["response"] or {}).get("message")
            if message and message["choices"] and "session" not in message:
                words = [["".join(part[2] for part in said if part[0] == "text")] for _, said in text["said"]]
                assert [inert(one) for one in said_by(message)] == [one for (one,) in words[-len(message["choices"]) :]]
    assert found == {}


def test_a_folder_has_the_same_texts_beside_the_page(cassette: Run, examples: Path, tmp_path: Path):
    cassette("html", examples, "-o", tmp_path / "one.html")
    result = cassette("html", examples, "-o", tmp_path / "site")
    assert (result.code, result.err) == (0, "")
    alone, beside = parts_of(tmp_path / "one.html"), parts_of(tmp_path / "site" / "index.html")
    assert beside["rows"].pop("files")
    assert alone == beside
    assert "lighthouse" in (tmp_path / "one.html").read_text("utf-8")
    assert sorted(one.name for one in (tmp_path / "site").iterdir()) == ["index.html", "parts"]


@pytest.mark.parametrize(("named", "base"), [
    (["a.json"], ""), (["tests/x/a.json"], "tests/x/"), (["tests"], "tests/"), (["a.json", "tests"], ""), (["tests/x"], "tests/x/"),
])  # fmt: skip
def test_the_folder_that_all_have_is_told_once(
    cassette: Run, write: Any, tmp_path: Path, monkeypatch: Any, named: list[str], base: str
):
    for name in ("a.json", "tests/x/a.json", "tests/xy/b.json"):
        write(name, text_of(Call(ask("x"), chat("y"))))
    monkeypatch.chdir(tmp_path)
    assert cassette("html", *named, "-o", "p.html").code == 0
    parts = parts_of(tmp_path / "p.html")
    assert parts["rows"]["base"] == base
    assert all(row["path"].startswith(base) for row in rows_of(parts))


def test_more_processes_make_the_same_page(cassette: Run, examples: Path):
    assert cassette("html", examples, "-o", "-", "-j1").out == cassette("html", examples, "-o", "-", "-j3").out


def test_filters_choose(cassette: Run, write: Any, tmp_path: Path):
    write(
        "a/x.yaml", text_of(Call(ask("one"), chat("y")), Call(ask("two"), {"error": {"message": "busy"}}, status=429))
    )
    cassette("html", tmp_path / "a", "--status", "4xx", "-o", tmp_path / "p.html")
    assert [(row["index"], row["asked"], row["answer"]) for row in rows_of(parts_of(tmp_path / "p.html"))] == [
        (1, "two", "busy")
    ]


# Writing


def test_a_page_is_replaced_when_asked_for_only(cassette: Run, examples: Path, tmp_path: Path):
    for name in ("p.html", "site"):
        out = tmp_path / name
        assert cassette("html", examples / "vcrpy-chat.json", "-o", out).code == 0
        again = cassette("html", examples, "-o", out)
        assert (again.code, again.out) == (2, "")
        assert "already exists" in again.err
        assert "add --force" in again.err
        assert cassette("html", examples, "-o", out, "--force").code == 0
    for page in (tmp_path / "p.html", tmp_path / "site" / "index.html"):
        assert len(rows_of(parts_of(page))) == 17


@pytest.mark.parametrize(("args", "code", "told"), [
    (["no.yaml"], 2, "no.yaml"), (["a", "--status", "999"], 0, "no interaction matches"), (["a/broken.yaml"], 2, "broken.yaml"),
])  # fmt: skip
@pytest.mark.parametrize("out", ["p.html", "site", "-"])
def test_of_nothing_no_page_is_made(
    cassette: Run, write: Any, tmp_path: Path, monkeypatch: Any, args: list[str], code: int, told: str, out: str
):
    write("a/x.json", text_of(Call(ask("x"), chat("y"))))
    write("a/broken.yaml", "version: 2\ninteractions: [\n")
    monkeypatch.chdir(tmp_path)
    result = cassette("html", *args, "--exclude", "broken.yaml", "-o", out)
    assert (result.code, result.out) == (code, "")
    assert told in result.err
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_cannot_be_made_is_said(cassette: Run, examples: Path, tmp_path: Path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "parts").write_text("mine")
    result = cassette("html", examples, "-o", tmp_path / "site")
    assert (result.code, result.out) == (2, "")
    assert "cannot be made" in result.err
    assert (tmp_path / "site" / "parts").read_text() == "mine"


def test_old_parts_go_with_the_old_page_and_nothing_else(cassette: Run, examples: Path, tmp_path: Path):
    site = tmp_path / "site"
    cassette("html", examples / "vcrpy-chat.json", "-o", site)
    old = {one.name for one in (site / "parts").iterdir()}
    (site / "parts" / "mine.js").write_text("// mine")
    cassette("html", examples, "-o", site, "--force")
    new = {one.name for one in (site / "parts").iterdir()}
    assert old.isdisjoint(new)
    assert new == {f"{name}.js" for name in parts_of(site / "index.html")["rows"]["files"].values()} | {"mine.js"}


@pytest.mark.parametrize(("name", "kind", "told"), [
    ("taken.html", "folder", "a folder, not a file"), ("taken", "file", "a file, not a folder"),
])  # fmt: skip
def test_what_is_in_the_way_is_said(cassette: Run, examples: Path, tmp_path: Path, name: str, kind: str, told: str):
    out = tmp_path / name
    out.mkdir() if kind == "folder" else out.write_text("mine")
    result = cassette("html", examples, "-o", out, "--force")
    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert kind == "folder" or out.read_text() == "mine"


def test_a_folder_that_is_not_there_is_said_before_the_work(cassette: Run, tmp_path: Path):
    result = cassette("html", tmp_path / "no.yaml", "-o", tmp_path / "no" / "p.html")
    assert (result.code, result.out) == (2, "")
    assert "there is no such folder" in result.err
    assert "no.yaml" not in result.err


def test_what_fails_leaves_the_old_page_and_no_parts(cassette: Run, examples: Path, tmp_path: Path, monkeypatch: Any):
    site = tmp_path / "site"
    cassette("html", examples / "vcrpy-chat.json", "-o", site)
    before = {one: one.read_bytes() for one in site.rglob("*") if one.is_file()}
    real = save.write_pieces

    def full(path: str, pieces: Any) -> None:
        if path.endswith("index.html"):
            raise SaveError("cannot be written: No space left on device", path=path)
        real(path, pieces)

    monkeypatch.setattr(save, "write_pieces", full)
    result = cassette("html", examples, "-o", site, "--force")
    assert result.code == 2
    assert "No space left" in result.err
    assert {one: one.read_bytes() for one in site.rglob("*") if one.is_file()} == before


def test_an_interrupted_run_says_that_nothing_changed(cassette: Run, examples: Path, tmp_path: Path, monkeypatch: Any):
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Suite, "_pieces", interrupted)
    monkeypatch.setattr(save.Tally, "written", 0)
    result = cassette("html", examples, "-o", tmp_path / "site")
    assert result.code == 130
    assert "no file was changed" in result.err
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_page_among_the_cassettes_is_not_taken_for_one(cassette: Run, examples: Path, tmp_path: Path):
    (tmp_path / "a.json").write_bytes((examples / "vcrpy-chat.json").read_bytes())
    for name in ("p.html", "site"):
        assert cassette("html", tmp_path, "-o", tmp_path / name).code == 0
    assert cassette("ls", tmp_path).out.count("\n") == cassette("ls", tmp_path / "a.json").out.count("\n")


def test_a_page_goes_through_a_link_and_keeps_its_mode(cassette: Run, examples: Path, tmp_path: Path):
    real = tmp_path / "real.html"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "p.html").symlink_to(real)
    assert cassette("html", examples, "-o", tmp_path / "p.html", "--force").code == 0
    assert (tmp_path / "p.html").is_symlink()
    assert real.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["p.html", "real.html"]


# What is never in a page


def everything(out: Path) -> str:
    """Return all that was written."""
    files = [out] if out.is_file() else [one for one in out.rglob("*") if one.is_file()]
    return "".join(one.read_text("utf-8") for one in files)


@pytest.mark.parametrize("name", ["p.html", "site"])
def test_secrets_are_masked_wherever_they_stand(cassette: Run, write: Any, tmp_path: Path, name: str):
    hidden = {"role": "user", "content": f"use {SECRET} please"}
    packed = base64.b64encode(gzip.compress(json.dumps({"key": SECRET}).encode())).decode()
    recorded = json.loads(text_of(
        Call({"model": "tide-1", "messages": [hidden]}, chat(f"I have {SECRET}"), sent={"X-Api-Key": SECRET}),
        Call(ask("x"), streamed("my key is ", SECRET[:20], SECRET[20:]), url=f"https://a.example/v1/chat/completions?api_key={SECRET}"),
        Call(ask("x"), streamed("x").replace("data: [DONE]", f'data: {{"error": {{"message": "bad key {SECRET}"}}}}')),
    ))  # fmt: skip
    write("a/x.json", json.dumps(recorded))
    write("a/binary.yaml", "interactions:\n- request: {method: POST, uri: 'https://a.example/', body: null, headers: {}}\n"
          f"  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: !!binary {packed}}}}}\nversion: 1\n")  # fmt: skip
    result = cassette("html", tmp_path / "a", "-o", tmp_path / name)
    assert result.code == 0, result.err
    text = everything(tmp_path / name)
    assert text.count("(hidden ") >= 6
    for piece in (SECRET, SECRET[10:30], SECRET[-12:], packed[:40]):
        assert piece not in text


@pytest.mark.parametrize(
    ("levels", "masked"), [("['secrets', 'pii']", True), ("['pii']", True), ("['secrets']", False)]
)
def test_what_the_settings_would_remove_is_masked_and_secrets_always(
    cassette: Run, write: Any, tmp_path: Path, monkeypatch: Any, levels: str, masked: bool
):
    write(".cassette.toml", f"[redact]\nlevels = {levels}\n")
    write("a/x.json", text_of(Call(ask("write to ada.keeper@harbour.test"), chat(f"the key is {SECRET}"))))
    monkeypatch.chdir(tmp_path)
    assert cassette("html", "a", "-o", "p.html").code == 0
    text = everything(tmp_path / "p.html")
    assert SECRET[10:30] not in text
    assert ("ada.keeper@" not in text) is masked


def test_a_cassette_that_cannot_be_masked_is_not_shown(cassette: Run, write: Any, tmp_path: Path, monkeypatch: Any):
    write("a/x.json", text_of(Call(ask("the tide"), chat(SECRET))))
    write("a/y.json", text_of(Call(ask("the ebb"), chat("low"))))
    real = suite.masked
    monkeypatch.setattr(suite, "masked", lambda one, *more: None if one.path.endswith("x.json") else real(one, *more))
    result = cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    assert result.code == 2
    assert "its secrets cannot be masked" in result.err
    shown, row = rows_of(parts_of(tmp_path / "p.html"))
    assert (row["codes"], row["index"], shown["index"]) == (["not read"], None, 0)
    assert "the tide" not in everything(tmp_path / "p.html")


def test_no_recorded_text_ends_the_element_that_it_is_in(cassette: Run, write: Any, tmp_path: Path):
    hostile = "</script><!--<script>alert(1)</script>\u2028\u202e]]>"
    write("a/x.json", text_of(Call(ask(hostile), {**chat(hostile), "model": hostile}, headers={"X-<b>": hostile})))
    cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text("utf-8")
    assert len(re.findall("<script", text)) == len(re.findall("</script", text)) == 4  # rows, texts, words, ours
    assert "<!--" not in text
    assert not {"\u2028", "\u202e"} & set(text)
    parts = parts_of(tmp_path / "p.html")
    assert texts_of(parts)[0]["said"][0][1][0][2] == "</script><!--<script>alert(1)</script>\\u2028\\u202e]]>"


def test_nothing_is_fetched_and_nothing_else_runs(cassette: Run, examples: Path, tmp_path: Path):
    for name, more in (("p.html", ""), ("site", " 'strict-dynamic'")):
        cassette("html", examples, "-o", tmp_path / name)
        page = tmp_path / name if more == "" else tmp_path / name / "index.html"
        text = page.read_text("utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy is not None
        assert re.fullmatch(
            r"default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'"
            + more
            + r"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types (parts|'none')",
            policy[1],
        )
        assert not re.search(r"<(link|img|iframe|base|object|embed)\b", text)
        script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
        assert script is not None
        assert not re.search(
            r"fetch\(|XMLHttpRequest|import\(|innerHTML|insertAdjacentHTML|document\.write|eval\(", script[1]
        )


# What was not read, and what is long


def test_what_is_not_read_is_listed_and_counts(cassette: Run, write: Any, tmp_path: Path):
    write("a/good.json", text_of(Call(ask("x"), chat("y"))))
    write("a/broken.yaml", "version: 2\ninteractions: [\n")
    write("a/other.yaml", "!tape\nname: a\ninteractions:\n- recorded: 2020-01-01T00:00:00Z\n")
    result = cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    assert result.code == 2
    assert "broken.yaml" in result.err
    rows = {Path(row["path"]).name: row for row in rows_of(parts_of(tmp_path / "p.html"))}
    assert set(rows) == {"good.json", "broken.yaml", "other.yaml"}
    assert "broken.yaml:" in rows["broken.yaml"]["note"]
    assert rows["other.yaml"]["note"].startswith("a recording of OkReplay")
    assert rows["good.json"]["note"] is None
    assert result.out.startswith(f"{tmp_path / 'p.html'}  1 interaction of 1 cassette, 2 other files, ")


def test_names_that_are_no_text_are_shown_escaped(cassette: Run, tmp_path: Path):
    folder = tmp_path / "a"
    folder.mkdir()
    good = text_of(Call(ask("x"), chat("y"))).encode()
    for name, content in ((b"caf\xe9.json", good), (b"r\xe9d\n.yaml", b"version: 2\ninteractions: [\n")):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(content)
    result = cassette("html", folder, "-o", tmp_path / "p.html")
    assert result.code == 2
    paths = [row["path"].rpartition("/")[2] for row in rows_of(parts_of(tmp_path / "p.html"))]
    assert paths == ["caf\\udce9.json", "r\\udce9d\\n.yaml"]


def test_a_connection_of_no_known_protocol_is_told_in_turns(cassette: Run, write: Any, tmp_path: Path):
    write("a/x.yaml", "interactions:\n- direction: sent\n  message: {ask: tide}\n- direction: received\n"
          "  message: {tide: low}\n- direction: received\n  message: {tide: high}\n")  # fmt: skip
    cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    parts = parts_of(tmp_path / "p.html")
    (found,) = texts_of(parts)
    assert [(role, len(said)) for role, said in found["said"]] == [("sent", 1), ("received", 2)]
    assert found["said"][1][1][1][2] == '{\n  "tide": "high"\n}'
    assert "no known protocol" in found["notes"][0]
    (row,) = rows_of(parts)
    assert (row["asked"], row["answer"]) == ('{ "ask": "tide" }', '{ "tide": "low" }')


def test_long_parameters_and_tools_are_cut_and_said_to_be(cassette: Run, write: Any, tmp_path: Path):
    tools = [{"type": "function", "function": {"name": "t", "description": "d" * 3000, "parameters": {}}}]
    write("a/x.json", text_of(Call(ask("x", tools=tools, user="u" * 3000), chat("y"))))
    cassette("html", tmp_path / "a", "-o", tmp_path / "p.html", "--max-text", "2k")
    (found,) = texts_of(parts_of(tmp_path / "p.html"))
    assert found["left_out"] > 4000
    assert sum(len(text) for _, _, text in found["tools"]) + sum(len(value) for _, value in found["parameters"]) <= 2000


def test_a_recording_of_something_else_has_a_row(cassette: Run, write: Any, tmp_path: Path):
    write("a/empty.yaml", "version: 2\ninteractions: []\n")
    result = cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    assert result.code == 0
    (row,) = rows_of(parts_of(tmp_path / "p.html"))
    assert (row["index"], row["format"]) == (None, "go-vcr v2")


def test_parts_that_are_not_read_are_named(cassette: Run, write: Any, tmp_path: Path):
    recorded = json.loads(text_of(Call(ask("x"), chat("y"))))
    recorded["interactions"][0]["response"]["blobs"] = ["eA=="]
    write("a/x.json", json.dumps(recorded))
    cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    parts = parts_of(tmp_path / "p.html")
    ((where, _),) = texts_of(parts)[0]["unread"]
    assert where == "response.blobs"
    assert rows_of(parts)[0]["codes"] == ["CAS013 unscanned"]


def test_findings_stand_with_their_interaction(cassette: Run, write: Any, tmp_path: Path):
    write("a/x.json", text_of(
        Call(ask("x"), chat("y")), Call(ask("x"), "twelve bytes", headers={"Content-Length": "7"}),
        Call(ask("x"), chat("y"), sent={"Authorization": f"Bearer {SECRET}"}),
    ))  # fmt: skip
    cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    rows = rows_of(parts_of(tmp_path / "p.html"))
    assert [row["codes"] for row in rows] == [[], ["CAS006 wrong-length"], ["CAS003 secret"]]


def test_the_settings_of_check_say_what_is_found(cassette: Run, write: Any, tmp_path: Path, monkeypatch: Any):
    wrong = Call(ask("x"), "twelve bytes", headers={"Content-Length": "7"})
    write("a/x.json", text_of(wrong, Call(ask("x"), streamed("a", "", "b"))))
    monkeypatch.chdir(tmp_path)

    def found(settings: str) -> list[list[str]]:
        write(".cassette.toml", f"[check]\n{settings}\n")
        assert cassette("html", "a", "-o", "p.html", "--force").code == 0
        return [row["codes"] for row in rows_of(parts_of(tmp_path / "p.html"))]

    assert found("") == [["CAS006 wrong-length"], ["CAS008 empty-deltas"]]
    assert found("ignore = ['CAS006']") == [[], ["CAS008 empty-deltas"]]
    assert cassette("check", "a", "--select", "CAS008", "--write-baseline", "known.json").code == 0
    assert found("baseline = 'known.json'") == [["CAS006 wrong-length"], []]


def test_a_long_text_is_cut_and_said_to_be(cassette: Run, write: Any, tmp_path: Path):
    long = "ebb and flood " * 1000
    write("a/x.json", text_of(Call(ask("x"), chat(long)), Call(None, long)))
    for size, left in (("2k", True), ("none", False)):
        cassette("html", tmp_path / "a", "-o", tmp_path / "p.html", "--force", "--max-text", size)
        parts = parts_of(tmp_path / "p.html")
        talk, plain = texts_of(parts)
        said = talk["said"][-1][1][0][2]
        assert len(said) + talk["left_out"] == len(long)
        assert len(said) == (1999 if left else len(long))  # the question has one, too
        assert bool(talk["left_out"]) is left
        assert bool(plain["response"]["left_out"]) is left
        assert len(plain["response"]["body"]) == (2000 if left else len(long))
    assert cassette("html", tmp_path / "a", "-o", "-", "--max-text", "huge").code == 2


def test_a_stream_of_many_frames_lists_the_first(cassette: Run, write: Any, tmp_path: Path):
    write("a/x.json", text_of(Call(ask("x"), streamed(*("tide " for _ in range(2100))))))
    cassette("html", tmp_path / "a", "-o", tmp_path / "p.html", "--max-text", "none")
    parts = parts_of(tmp_path / "p.html")
    (found,) = texts_of(parts)
    assert found["response"]["body"].count("\n") == 2000
    assert found["response"]["notes"] == ["103 more frames"]
    assert found["said"][-1][1][0][2] == "tide " * 2100
    assert rows_of(parts)[0]["frames"] == 2103


def test_bodies_are_decoded(cassette: Run, write: Any, tmp_path: Path):
    packed = base64.b64encode(gzip.compress(b'{"tide": "low"}')).decode()
    write("a/x.yaml", "interactions:\n- request: {method: POST, uri: 'https://a.example/', body: 'a=1', headers: {}}\n"
          f"  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: !!binary {packed}}}}}\nversion: 1\n")  # fmt: skip
    cassette("html", tmp_path / "a", "-o", tmp_path / "p.html")
    parts = parts_of(tmp_path / "p.html")
    (found,) = texts_of(parts)
    assert found["response"]["body"] == '{\n  "tide": "low"\n}'
    assert "gzip" in found["response"]["stack"]
    assert (found["talk"], "said" in found) == (False, False)
    assert '"tide": "low"' in texts_of(parts, "w")[0]
