"""`cassette trim` as a user runs it: what it writes, what it reports, and its exit codes."""

import gzip
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operations.trim_support import cassette_text, chunk
from providers.support import sse

EMPTY = chunk({})
BODY = sse(
    chunk({"role": "assistant", "content": ""}), chunk({"content": "Hi"}), EMPTY, EMPTY, chunk({}, finish="stop")
)
TRIMMED = sse(chunk({"role": "assistant", "content": ""}), chunk({"content": "Hi"}), chunk({}, finish="stop"))
DIRTY = cassette_text(BODY, headers={"Date": "today"})
CLEAN = cassette_text(TRIMMED, headers={"Date": "today"})

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]


@pytest.fixture(autouse=True)
def _away_from_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def test_it_changes_the_file_in_place_and_reports(cassette: Run, write: Write) -> None:
    path = write("a.yaml", DIRTY)
    result = cassette("trim", path)
    assert result.code == 0
    assert path.read_text("utf-8") == CLEAN
    (first,), (last,) = result.out.splitlines(), result.err.splitlines()
    assert first.startswith(f"{path}  5 → 3 frames, ")
    assert first.endswith("2 empty frames")
    assert last.startswith("cassette: 1 of 1 cassette trimmed: 5 → 3 frames, ")


def test_a_second_run_writes_nothing(cassette: Run, write: Write) -> None:
    path = write("a.yaml", DIRTY)
    cassette("trim", path)
    before = path.stat()
    result = cassette("trim", path)
    assert (result.code, result.out, result.err) == (0, "", "cassette: nothing to trim in 1 cassette\n")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_writes_nothing_and_exits_1_if_there_is_something(cassette: Run, write: Write) -> None:
    dirty, clean = write("a.yaml", DIRTY), write("b.yaml", CLEAN)
    result = cassette("trim", "--check", dirty, clean)
    assert result.code == 1
    assert "1 of 2 cassettes would be trimmed" in result.err
    assert dirty.read_text("utf-8") == DIRTY
    assert cassette("trim", "--check", clean).code == 0


def test_a_bad_file_does_not_keep_the_others_from_being_trimmed(cassette: Run, write: Write) -> None:
    path, broken = write("a.yaml", DIRTY), write("b.yaml", "{")
    result = cassette("trim", broken, path)
    assert result.code == 2
    assert str(broken) in result.err
    assert path.read_text("utf-8") == CLEAN


def test_the_diff_is_a_patch_that_git_applies(cassette: Run, write: Write, tmp_path: Path) -> None:
    path = write("a.yaml", DIRTY)
    result = cassette("trim", "--diff", "a.yaml")
    assert result.code == 0
    assert path.read_text("utf-8") == DIRTY
    assert "would be trimmed" in result.err
    patch = write("a.patch", result.out)
    subprocess.run(["git", "apply", patch.name], cwd=tmp_path, check=True, env=os.environ | {"GIT_DIR": "/nowhere"})
    assert path.read_text("utf-8") == CLEAN


def test_a_diff_shows_that_no_line_feed_ends_the_file(cassette: Run, write: Write) -> None:
    write("a.json", one_response(BODY).rstrip("\n"))
    out = cassette("trim", "--diff", "a.json").out
    assert out.count("\\ No newline at end of file") == 2


def one_response(body: str) -> str:
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": body}}
    request = {"method": "POST", "uri": "https://api.example.com/v1/chat/completions", "body": "{}", "headers": {}}
    return json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]}) + "\n"


def test_output_goes_to_another_file(cassette: Run, write: Write, tmp_path: Path) -> None:
    path, new = write("a.yaml", DIRTY), tmp_path / "b.yaml"
    assert cassette("trim", path, "-o", new).code == 0
    assert path.read_text("utf-8") == DIRTY
    assert new.read_text("utf-8") == CLEAN
    again = tmp_path / "c.yaml"
    assert cassette("trim", new, "-o", again).code == 0
    assert again.read_text("utf-8") == CLEAN, "a cassette with nothing to trim is written all the same"


def test_an_output_file_is_made_under_the_umask(cassette: Run, write: Write, tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        cassette("trim", write("a.yaml", DIRTY), "-o", tmp_path / "b.yaml")
    finally:
        os.umask(old)
    assert (tmp_path / "b.yaml").stat().st_mode & 0o777 == 0o640


def test_output_to_standard_output_leaves_it_to_the_cassette(cassette: Run, write: Write) -> None:
    result = cassette("trim", write("a.yaml", DIRTY), "-o", "-")
    assert result.out == CLEAN
    assert "trimmed" in result.err


@pytest.mark.parametrize("text", [DIRTY, CLEAN])
def test_it_is_a_filter(cassette: Run, text: str) -> None:
    result = cassette("trim", "-", stdin=text.encode())
    assert (result.code, result.out) == (0, CLEAN)
    assert "1 cassette" in result.err


def test_a_compressed_file_stays_one(cassette: Run, write: Write, tmp_path: Path) -> None:
    path = write("a.yaml.gz", gzip.compress(DIRTY.encode()))
    assert cassette("trim", path).code == 0
    assert gzip.decompress(path.read_bytes()) == CLEAN.encode()
    assert cassette("trim", path, "-o", tmp_path / "b.yaml").code == 0
    assert (tmp_path / "b.yaml").read_text("utf-8") == CLEAN


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_whole_lines_of_a_literal_body_go(cassette: Run, write: Write, newline: str) -> None:
    lines = BODY.split("\n")
    block = "|+\n" + "\n".join(f"            {line}" if line else "" for line in lines)
    start = DIRTY.index("body: ", DIRTY.index("response:"))
    text = DIRTY[:start] + "body: " + block + DIRTY[DIRTY.index("        headers:\n", start) :]
    path = write("a.yaml", text.replace("\n", newline))
    assert cassette("trim", path).code == 0
    old, new = text.split("\n"), path.read_bytes().decode().split(newline)
    rest = iter(old)
    assert all(line in rest for line in new)
    assert len(old) - len(new) == 4


def test_all_is_everything_but_coalesce(cassette: Run, write: Write) -> None:
    body = ": on hold\n\n" + sse(
        chunk({"role": "assistant"}, obfuscation="abc"), chunk({"content": "a"}), chunk({"content": "b"}), EMPTY,
        chunk({}, finish="stop"),
    )  # fmt: skip
    path = write("a.yaml", cassette_text(body, headers={"Date": "today", "X-Own": "1"}))
    result = cassette("trim", "--all", path, "--json")
    (one,) = json.loads(result.out)["interactions"]
    assert one["dropped"] == {"headers": 1, "pings": 1, "empty": 1, "padding": 1}
    assert cassette("trim", "--all", "--coalesce", path, "--json").out.count('"coalesce": 1') == 1


@pytest.mark.parametrize(
    ("given", "frames"), [(["--coalesce"], 3), (["--coalesce=3"], 4), (["--no-empty"], 6), ([], 5)]
)  # fmt: skip
def test_coalesce_takes_a_number_or_none(cassette: Run, write: Write, given: list[str], frames: int) -> None:
    pieces = [chunk({"content": word}) for word in ("ab", "cd", "e")]
    path = write("a.yaml", cassette_text(sse(chunk({"role": "assistant"}), *pieces, EMPTY, chunk({}, finish="stop"))))
    result = cassette("trim", "--json", *given, path)
    assert result.code == 0
    assert json.loads(result.out)["frames"] == {"before": 6, "after": frames}


def test_the_json_of_a_file_is_as_documented(cassette: Run, write: Write) -> None:
    path = write("a.yaml", DIRTY)
    document = json.loads(cassette("trim", "--json", path).out)
    body = {"before": len(BODY), "after": len(TRIMMED)}
    one = {"index": 0, "protocol": "openai-chat", "frames": {"before": 5, "after": 3}, "bytes": body,
           "dropped": {"empty": 2}, "left_alone": None}  # fmt: skip
    assert document == {
        "path": str(path),
        "changed": True,
        "frames": {"before": 5, "after": 3},
        "bytes": {"before": len(DIRTY.encode()), "after": len(CLEAN.encode())},
        "interactions": [one],
    }


def test_what_is_left_alone_is_said(cassette: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    from cassette_cli.providers.openai.chat import protocol as openai_chat

    monkeypatch.setattr(openai_chat, "empties", lambda frames: [1])
    path = write("a.yaml", DIRTY)
    result = cassette("trim", "--check", path)
    assert result.code == 0
    assert result.out.splitlines()[0] == f"{path}#0 left alone: its choices would not be the same"


def test_the_list_of_headers_is_printed(cassette: Run) -> None:
    result = cassette("trim", "--list-headers")
    names = result.out.split()
    assert result.code == 0
    assert {"date", "cf-ray", "set-cookie", "x-request-id", "x-ratelimit-*"} <= set(names)
    assert "user-agent" not in names, "matchers compare it"
    assert "retry-after" not in names, "clients wait by it"
    assert names == sorted(names)


def test_the_list_of_headers_is_set_in_the_configuration(cassette: Run, write: Write) -> None:
    write(".cassette.toml", '[trim]\nvolatile-headers = ["default", "x-own", "!date"]\n')
    names = cassette("trim", "--list-headers").out.split()
    assert "x-own" in names
    assert "!date" in names
    assert "date" not in names
    path = write("a.yaml", cassette_text(BODY, headers={"Date": "today", "X-Own": "1", "CF-RAY": "8f"}))
    cassette("trim", "--headers", "volatile", path)
    text = path.read_text("utf-8")
    assert "Date" in text
    assert "X-Own" not in text
    assert "CF-RAY" not in text


@pytest.mark.parametrize(
    ("settings", "arguments", "dropped"),
    [
        ("empty = false", [], None),
        ("empty = false", ["--empty"], {"empty": 2}),
        ('headers = "volatile"', [], {"headers": 1, "empty": 2}),
        ('headers = "volatile"', ["--headers", "none"], {"empty": 2}),
        ("all = true", ["--no-empty"], {"headers": 1}),
        ("coalesce = true", [], {"empty": 2}),
        ("coalesce = 5", ["--coalesce=none"], {"empty": 2}),
    ],
)
def test_the_configuration_makes_any_option_the_default(
    cassette: Run, write: Write, settings: str, arguments: list[str], dropped: dict[str, int] | None
) -> None:
    write("pyproject.toml", f"[tool.cassette.trim]\n{settings}\n")
    path = write("a.yaml", DIRTY)
    interactions = json.loads(cassette("trim", "--json", *arguments, path).out)["interactions"]
    assert [one["dropped"] for one in interactions] == ([] if dropped is None else [dropped])


@pytest.mark.parametrize(
    "settings", ["emtpy = true", "coalesce = -1", 'coalesce = "x"', 'headers = "some"', "padding = 1"]
)
def test_a_bad_setting_is_an_error(cassette: Run, write: Write, settings: str) -> None:
    write(".cassette.toml", f"[trim]\n{settings}\n")
    result = cassette("trim", write("a.yaml", DIRTY))
    assert result.code == 2
    assert ".cassette.toml" in result.err


@pytest.mark.parametrize(
    "arguments",
    [["--coalesce=x"], ["--headers", "some"], ["-o", "b.yaml", "--check"], ["-o", "b.yaml", "c.yaml"], ["--no-verify"]],
)
def test_a_bad_option_is_an_error_and_nothing_is_written(cassette: Run, write: Write, arguments: list[str]) -> None:
    path = write("a.yaml", DIRTY)
    assert cassette("trim", path, *arguments).code == 2
    assert path.read_text("utf-8") == DIRTY


def test_a_path_may_follow_coalesce_and_be_called_so(cassette: Run, write: Write) -> None:
    write("--coalesce", DIRTY)
    assert cassette("trim", "--coalesce", "--", "--coalesce").code == 0


def test_a_read_only_file_is_left_as_it_is(cassette: Run, write: Write) -> None:
    path = write("a.yaml", DIRTY)
    path.chmod(0o444)
    result = cassette("trim", path)
    assert result.code == 2
    assert "read-only" in result.err
    assert path.read_text("utf-8") == DIRTY


def test_recordings_that_are_no_http_are_refused_when_named(cassette: Run, write: Write) -> None:
    text = "interactions:\n- request_sample: {a: 1}\n  response_sample: {b: 2}\n"
    path = write("a.yaml", text)
    result = cassette("trim", path)
    assert result.code == 2
    assert path.read_text("utf-8") == text
