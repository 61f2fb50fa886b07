"""`cassette ls`: rows for pipes and programs, totals, order, choosing."""

import json

import pytest

from cassette_cli.operations import listing
from commands.conftest import govcr, interaction, literal

ROW_KEYS = [
    "path", "format", "index", "method", "url", "status", "protocol", "model", "input_tokens", "output_tokens",
    "frames", "empty_frames", "duration_ms", "body_bytes",
]  # fmt: skip


def test_a_pipe_gets_one_tab_separated_line_an_interaction(cassette, examples):
    result = cassette("ls", examples / "govcr-streamed-chat.yaml", examples / "govcr-tool-calls.yaml")
    assert result.code == 0
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert [len(row) for row in rows] == [len(ROW_KEYS)] * 3
    assert rows[0][1:] == [
        "go-vcr v2", "0", "POST", "api.example.com/v1/chat/completions", "200", "openai-chat", "example-thinker-1",
        "31", "17", "73", "40", "412.5", "14955",
    ]  # fmt: skip
    assert [row[10] for row in rows] == ["73", "13", "-"]


def test_json_lines_have_the_documented_keys(cassette, examples):
    result = cassette("ls", "--json", examples / "govcr-tool-calls.yaml")
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [list(row) for row in rows] == [ROW_KEYS, ROW_KEYS]
    assert rows[1]["frames"] is None
    assert rows[1]["url"] == "https://api.example.com/v1/chat/completions"
    assert rows[0]["duration_ms"] == 1204
    assert (rows[1]["input_tokens"], rows[1]["output_tokens"]) == (151, 27)


def test_the_query_is_shown_only_when_asked_for(cassette, write):
    path = write("a.yaml", govcr(interaction(url="https://user:pw@api.example.com/v1/x?key=abc")))
    assert cassette("ls", path).out.split("\t")[4] == "api.example.com/v1/x"
    assert cassette("ls", "--long", path).out.split("\t")[4] == "https://user:(hidden 2)@api.example.com/v1/x?key=abc"


def test_a_secret_is_hidden_however_short_its_words_are(cassette, write):
    path = write("a.yaml", govcr(interaction(url="https://hooks.zapier.com/hooks/catch/1234567/fake012/")))
    assert "fake012" not in cassette("ls", path).out


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        (".cassette.toml", "[redact]\npatterns = ['lighthouse']\n"),
        ("pyproject.toml", "[tool.cassette.redact]\npatterns = ['lighthouse']\n"),
        ("pyproject.toml", "[ tool . 'cassette' ]\nredact = {patterns = ['lighthouse']}\n"),
        ("pyproject.toml", "[tool]\ncassette.redact.patterns = ['lighthouse']\n"),
        ("pyproject.toml", "tool.cassette.redact.patterns = ['lighthouse']\n"),
        ("pyproject.toml", "tool = {cassette = {redact = {patterns = ['lighthouse']}}}\n"),
        ("pyproject.toml", '["tool"."cass\\u0065tte".redact]\npatterns = ["lighthouse"]\n'),
    ],
)
def test_what_the_settings_name_is_hidden(cassette, write, tmp_path, monkeypatch, file, settings):
    monkeypatch.chdir(tmp_path)
    path = write("a.yaml", govcr(interaction(url="https://api.example.com/lighthouse")))
    assert "lighthouse" in cassette("ls", path).out
    forget_urls()
    write(file, settings)
    assert "lighthouse" not in cassette("ls", path).out
    forget_urls()


def forget_urls():
    for one in (listing._shown, listing._has_rules, listing._masker):
        one.cache_clear()


def test_summary_adds_up(cassette, examples):
    result = cassette(
        "ls", "--summary", "--json", examples / "govcr-streamed-chat.yaml", examples / "govcr-tool-calls.yaml"
    )
    summary = json.loads(result.out)
    assert summary["cassettes"] == 2
    assert summary["total"]["interactions"] == 3
    assert summary["total"]["input_tokens"] == 31 + 84 + 151
    assert summary["host"]["api.example.com"]["interactions"] == 3
    assert summary["model"]["example-small-2"]["interactions"] == 2
    assert summary["protocol"]["openai-chat"]["frames"] == 86
    assert summary["status"] == {"200": summary["total"]}


@pytest.mark.parametrize(
    ("key", "first"),
    [("size", "govcr-streamed-chat.yaml"), ("frames", "govcr-streamed-chat.yaml"), ("time", "govcr-tool-calls.yaml")],
)
def test_sort_puts_the_largest_first(cassette, examples, key, first):
    result = cassette("ls", "--sort", key, examples / "govcr-streamed-chat.yaml", examples / "govcr-tool-calls.yaml")
    assert result.out.splitlines()[0].split("\t")[0].endswith(first)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-i", "0,2-3,-1"], [0, 2, 3, 4]),
        (["-i", "3-1"], [3, 2, 1]),
        (["-i", "-2"], [3]),
        (["-i", "2-"], [2, 3, 4]),
        (["--method", "post"], [1]),
        (["--status", "4xx"], [2]),
        (["--status", "200", "--status", "503"], [0, 1, 3, 4]),
        (["--host", "*.other.example"], [3]),
        (["--path", "/v1/del*"], [4]),
        (["--grep", "needle-[0-9]+"], [4]),
        (["--model", "tiny*"], [1]),
    ],
)
def test_choosing(cassette, write, options, expected):
    path = write(
        "a.yaml",
        govcr(
            interaction(),
            interaction(method="POST", request_body='\'{"model":"tiny-1"}\''),
            interaction(code=404),
            interaction(url="https://api.other.example/v1/x", code=503),
            interaction("needle-42", url="https://api.example.com/v1/delete"),
        ),
    )
    result = cassette("ls", "--json", path, *options)
    assert [json.loads(line)["index"] for line in result.out.splitlines()] == expected


def test_a_number_behind_the_file_chooses_too(cassette, write):
    path = write("a.yaml", govcr(interaction(), interaction(), interaction()))
    result = cassette("ls", f"{path}#1", f"{path}#-1")
    assert [line.split("\t")[2] for line in result.out.splitlines()] == ["1", "2"]


def test_folders_are_walked_and_what_is_no_cassette_is_passed_over(cassette, write, tmp_path):
    write("b/two.yaml", govcr(interaction()))
    write("a/one.yml", govcr(interaction()))
    write("values.yaml", "a: 1\n")
    write("notes.txt", "version: 2\n")
    write(".hidden/three.yaml", govcr(interaction()))
    result = cassette("ls", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert [line.split("\t")[0] for line in result.out.splitlines()] == [
        str(tmp_path / "a/one.yml"),
        str(tmp_path / "b/two.yaml"),
    ]


def test_exclude_works_in_folders_and_with_force_on_named_files(cassette, write, tmp_path):
    one = write("a/one.yaml", govcr(interaction()))
    two = write("b/two.yaml", govcr(interaction()))
    assert str(two) not in cassette("ls", tmp_path, "--exclude", "b/").out
    assert str(one) in cassette("ls", one, "--exclude", "one.yaml").out
    assert cassette("ls", one, two, "--exclude", "one.yaml", "--force-exclude").out.startswith(str(two))


def test_standard_input(cassette):
    result = cassette("ls", "-", stdin=govcr(interaction()).encode())
    assert result.out.startswith("-\tgo-vcr v2\t0\tGET\t")


def test_recorded_text_cannot_forge_lines_or_control_the_terminal(cassette, write):
    path = write("a.yaml", govcr(interaction(url='"https://x.example/\\e[31m\\ta\\nb[bold]"', method='"G\\tET"')))
    (line,) = cassette("ls", path).out.splitlines()
    assert line.count("\t") == len(ROW_KEYS) - 1
    assert "\x1b" not in line
    assert "\\x1b[31m\\ta\\nb[bold]" in line


@pytest.mark.parametrize("verb", ["ls", "show", "check", "stats", "redact --check", "trim --check", "export har"])
def test_interactions_are_named_in_one_way(cassette, write, verb):
    path = write("a.yaml", govcr(interaction(literal("one"))))
    result = cassette(*verb.split(), "-i", "0", f"{path}#0")
    assert (result.code, result.out) == (2, "")
    assert f"interactions are named twice: by {path}#0, and by an option" in result.err
    assert cassette(*verb.split(), "-i", "0", f"{path}").code != 2


@pytest.mark.parametrize("verb", ["ls", "show", "check", "redact --check", "diff"])
def test_numbers_that_are_none_are_told_once(cassette, write, verb):
    paths = [write(f"{name}.yaml", govcr(interaction(literal("one")))) for name in "ab"]
    result = cassette(*verb.split(), "-i", "0,a", *paths)
    assert (result.code, result.out) == (2, "")
    assert result.err.count("invalid interaction 'a': expected a number") == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("&x {a: *x}", ["request.body"]),
        ('&x [1, {"a":*x}]', ["request.body"]),
        ("\n      a: &y\n      - b: *y", ["request.body"]),
        ("{a: &y [1], b: *y}", []),
        ('{a: "some *bold* words, * a bullet"}', []),
    ],
)
def test_a_request_that_contains_itself_is_marked(cassette, write, body, told):
    path = write("a.yaml", (
        f"interactions:\n- request:\n    method: POST\n    parsed_body: {body}\n    uri: https://api.example.com/\n"
        "    headers: {}\n  response:\n    status: {code: 200, message: OK}\n    headers: {}\n    body: {string: hi}\n"
        "version: 1\n"
    ))  # fmt: skip
    row = json.loads(cassette("ls", "--json", path).out)
    assert row.get("unread", []) == told
