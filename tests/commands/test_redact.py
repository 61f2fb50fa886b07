"""The command `cassette redact`, and `cassette rules`: options, settings, exit codes, and output that shows no secret."""

import gzip
import json
from pathlib import Path

import pytest

from cassette_cli.operations.redact.detect import own as patterns
from cassette_cli.operations.redact.replace.placeholders import fingerprint
from operations.planting import BASE, SHAPES, chunk, rng, secret, sse
from operations.recorders import binary, govcr, har, packed, pairs, vcrpy

S = secret(rng("commands"))
KEY = SHAPES["openai"](rng("commands key"))
SHOWN = f"{KEY[: KEY.index('-', 4) + 1]}(hidden {len(KEY)})"
PLANTED = (
    BASE.with_sent(X_Api_Key=S)
    .asked(json.dumps({"api_key": S, "note": f"use {KEY}"}))
    .answered(sse(chunk(KEY[:20]), chunk(KEY[20:])), "text/event-stream")
)
TEXT = vcrpy(PLANTED)


def shows_nothing(*outputs: str) -> None:
    for output in outputs:
        for token in (S, KEY):
            assert all(token[at : at + 12] not in output for at in range(8, len(token) - 12))


@pytest.mark.parametrize("options", [["--json"], ["--format", "json"], ["--format", "sarif"]])
def test_a_program_that_has_a_baseline_written_reads_no_prose(cassette, write, tmp_path, options) -> None:
    path, base = write("a.yaml", TEXT), tmp_path / "base.json"
    done = cassette("redact", "--check", path, "--write-baseline", base, *options)
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith(f" listed in {base}\n")
    assert cassette("redact", "--check", path, "--write-baseline", base).out == done.err


def test_a_baseline_of_what_could_not_be_searched_is_not_clean(cassette, write, tmp_path) -> None:
    text = vcrpy(BASE).replace('- "*/*"', "- !!binary '*'")
    done = cassette("redact", "--check", write("a.yaml", text), "--write-baseline", tmp_path / "base.json")
    assert (done.code, "1 part could not be scanned" in done.out) == (1, True)


def test_in_place_with_a_table(cassette, write) -> None:
    path = write("a.yaml", TEXT)
    done = cassette("redact", path)
    assert done.code == 0
    assert done.out.splitlines() == [
        "     1  api-key  request.body",
        "     1  api-key  request.headers",
        "     1  openai   request.body",
        "     1  openai   response.body",
    ]
    assert done.err == "cassette: 4 redacted in 1 of 1 cassette\n"
    text = path.read_text()
    shows_nothing(done.out, done.err, text)
    again = cassette("redact", path)
    assert (again.code, again.out, again.err) == (0, "", "cassette: nothing to redact in 1 cassette\n")
    assert path.read_text() == text


def test_check_lists_each_finding(cassette, write) -> None:
    path = write("a.yaml", TEXT)
    done = cassette("redact", "--check", path)
    assert done.code == 1
    assert done.out.splitlines() == [
        f"{path}:3  #0  request.body $.api_key  api-key  (hidden 28)  {fingerprint(S)}",
        f"{path}:3  #0  request.body $.note  openai  {SHOWN}  {fingerprint(KEY)}",
        f"{path}:10  #0  request.headers x-api-key  api-key  (hidden 28)  {fingerprint(S)}",
        f"{path}:17  #0  response.body frame 0 $.choices[0].delta.content  openai  {SHOWN}  {fingerprint(KEY)}",
    ]
    assert "4 to redact in 1 of 1 cassette" in done.err
    assert path.read_text() == TEXT
    shows_nothing(done.out, done.err)
    assert cassette("redact", "--check", write("b.yaml", vcrpy(BASE))).code == 0


@pytest.mark.parametrize("build", [vcrpy, govcr, har, binary, packed, pairs, lambda one: vcrpy(one, "literal")])
@pytest.mark.parametrize("option", ["--diff", "--check", "--json"])
def test_no_output_shows_a_secret(cassette, write, build, option: str) -> None:
    path = write("a.yaml", build(PLANTED) + (f"# {KEY}\n" if build is vcrpy else ""))
    before = path.read_bytes()
    done = cassette("redact", option, path) if option != "--json" else cassette("redact", "--json", "--check", path)
    assert path.read_bytes() == before
    shows_nothing(done.out, done.err)
    assert done.out


def test_a_diff_says_what_changes(cassette, write) -> None:
    path = write("a.yaml", vcrpy(BASE.with_sent(X_Api_Key=S)))
    done = cassette("redact", "--diff", path)
    changed = [line for line in done.out.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ['-      - "(hidden 28)"', '+      - "REDACTED"']
    assert "1 would be redacted" in done.err


def test_json(cassette, write) -> None:
    path = write("a.yaml", govcr(BASE.with_sent(X_Api_Key=S)))
    done = cassette("redact", "--json", "--check", path)
    assert json.loads(done.out) == {
        "path": str(path),
        "changed": False,
        "findings": [
            {"line": 23, "interaction": 0, "where": "request.headers x-api-key", "rule": "api-key",
             "level": "secrets", "masked": "(hidden 28)", "fingerprint": fingerprint(S), "matched_on": True}
        ],
        "unscanned": [],
        "matched_on": 1,
    }  # fmt: skip


def test_what_the_recorder_matches_on_is_counted(cassette, write) -> None:
    path = write("a.yaml", vcrpy(BASE).replace("?stream=true", f"?key={S}"))
    assert "1 of them lie in parts that the recorder matches requests by" in cassette("redact", path).err


def test_output_and_filter(cassette, write, tmp_path: Path) -> None:
    path = write("a.yaml", TEXT)
    done = cassette("redact", path, "-o", tmp_path / "b.yaml")
    assert done.code == 0
    assert path.read_text() == TEXT
    wanted = (tmp_path / "b.yaml").read_text()
    shows_nothing(wanted)
    filtered = cassette("redact", "-", stdin=TEXT.encode())
    assert filtered.out == wanted
    assert "redacted in 1 of 1 cassette" in filtered.err
    assert cassette("redact", path, "-o", "-").out == wanted


def test_a_compressed_file(cassette, write) -> None:
    path = write("a.yaml.gz", gzip.compress(TEXT.encode()))
    assert cassette("redact", path).code == 0
    shows_nothing(gzip.decompress(path.read_bytes()).decode())


def test_rules_of_ones_own(cassette, write) -> None:
    one = (
        BASE.with_sent(X_Custom="one-value-0815", X_Other="other-value")
        .asked(
            json.dumps(
                {"pin": "p-1", "users": [{"ssn": "s-1"}, {"ssn": "s-2"}], "deep": {"ssn": 3}, "n": "ticket-4711"}
            )
        )
        .answered("tan=9&b=1", "application/x-www-form-urlencoded")
    )
    path = write("a.yaml", vcrpy(one).replace("?stream=true", "?sig2=q1&a=b"))
    options = ["--header", "x-cus*", "--query", "sig2", "--json-key", "PIN", "--json-path", "$.users[*].ssn", "--form", "tan",
               "--pattern", r"ticket-(\d+)", "--no-defaults"]  # fmt: skip
    assert cassette("redact", path, *options).code == 0
    text = path.read_text()
    for gone in ("one-value", "q1", "p-1", "s-1", "s-2", "tan=9", "4711"):
        assert gone not in text
    for kept in ("other-value", '{\\"ssn\\": 3}', "ticket-REDACTED", "a=b", "&b=1", "REDACTED"):
        assert kept in text
    assert cassette("redact", "--check", path, *options).code == 0


def test_no_defaults_looks_for_nothing_else(cassette, write) -> None:
    path = write("a.yaml", TEXT)
    assert cassette("redact", "--no-defaults", "--header", "x-nothing", "--check", path).code == 0


def test_levels(cassette, write) -> None:
    one = BASE.with_got(Openai_Organization="acme-4711", Date="Mon, 05 Jan 2026").with_sent(
        X_Api_Key=S, X_Real_IP="203.0.113.7"
    )
    path = write("a.yaml", vcrpy(one))
    found = {}
    for level in ("secrets", "ids", "pii", "volatile"):
        done = cassette("redact", "--json", "--check", "--level", level, path)
        found[level] = {one["rule"] for one in json.loads(done.out)["findings"]}
    assert found == {
        "secrets": {"api-key"},
        "ids": {"account-id"},
        "pii": {"personal-header"},
        "volatile": {"volatile-header"},
    }
    assert cassette("redact", "--level", "secret", path).code == 2


def test_levels_are_separated_by_commas(cassette, write) -> None:
    path = write("a.yaml", vcrpy(BASE.answered('{"mail": "someone@corp.example.org"}', "application/json")))
    found = [cassette("redact", "--check", *options, path) for options in (
        ["--level", "secrets,pii"], ["--level", "secrets", "--level", "pii"], ["--level", "secrets,ids"],
    )]  # fmt: skip
    assert found[0] == found[1]
    assert [one.code for one in found] == [1, 1, 0]


def test_values_from_the_environment_and_a_file(cassette, write, monkeypatch: pytest.MonkeyPatch) -> None:
    other = secret(rng("other"))
    path = write("a.yaml", vcrpy(BASE.asked(json.dumps({"a": f"x{S}y", "b": other}))))
    file = write("values.env", f"# ours\nOTHER='{other}'\n")
    monkeypatch.setenv("OURS", S)
    monkeypatch.setenv("PLAIN", "global")
    done = cassette("redact", "--env", "OURS", "--env", "PLAIN", "--env", "MISSING", "--values-file", file, path)
    assert done.code == 2  # what was not looked for counts
    assert "xREDACTEDy" in path.read_text()
    shows_nothing(path.read_text(), done.out, done.err)
    assert other not in path.read_text() + done.out + done.err
    assert "the environment has no MISSING" in done.err


def test_a_variable_of_the_settings_that_is_not_set_is_said(cassette, write, tmp_path: Path, monkeypatch) -> None:
    write("pyproject.toml", '[tool.cassette.redact]\nenv = ["MISSING"]\n')
    monkeypatch.chdir(tmp_path)
    done = cassette("redact", "--check", write("a.yaml", vcrpy(BASE)))
    assert (done.code, done.err.count("the environment has no MISSING: its value is not looked for")) == (2, 1)


def test_an_allowed_rule_that_there_is_not_is_an_error(cassette, write) -> None:
    done = cassette("redact", "--check", "--allow", "nope", write("a.yaml", vcrpy(BASE)))
    assert (done.code, "there is no rule 'nope'" in done.err) == (2, True)


def test_settings(cassette, write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        ".cassette.toml",
        '[redact]\nheaders = ["x-ours"]\nplaceholder = "GONE"\nallow = ["password"]\n[redact.placeholders]\n"header-x-ours" = "<OURS>"\n',
    )
    monkeypatch.chdir(tmp_path)
    path = write(
        "a.yaml", vcrpy(BASE.with_sent(X_Ours="acme-4711", X_Api_Key=S).asked(json.dumps({"password": "fake4711x"})))
    )
    assert cassette("redact", path).code == 0
    text = path.read_text()
    assert '"<OURS>"' in text
    assert '"GONE"' in text
    assert "fake4711x" in text
    assert cassette("redact", "--check", path).code == 0
    write(".cassette.toml", '[redact]\nheader = ["x-ours"]\n')
    assert cassette("redact", "--check", path).code == 2


def test_a_value_is_allowed_by_its_hash(cassette, write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.yaml", vcrpy(BASE.with_sent(X_Api_Key=S, X_Auth_Token=KEY)))
    monkeypatch.setenv("OURS", S)
    print_hash = cassette("rules", "--hash-env", "OURS").out.strip()
    assert S not in print_hash
    write(".cassette.toml", f'[redact]\nallow = ["{print_hash}"]\n')
    monkeypatch.chdir(tmp_path)
    assert cassette("redact", path).code == 0
    assert S in path.read_text()
    assert KEY not in path.read_text()
    assert cassette("redact", "--allow", "sha256:12", path).code == 2


@pytest.mark.parametrize(
    ("comment", "stays"),
    [
        ("# cassette: allow", True),
        ("# why: cassette: allow api-key", True),
        ("# cassette: allow github*", False),
    ],
)
@pytest.mark.parametrize("place", ["behind", "above"])
def test_a_comment_allows(cassette, write, comment: str, stays: bool, place: str) -> None:
    text = vcrpy(BASE.with_sent(X_Api_Key=S, X_Auth_Token=KEY))
    line = f'      - "{S}"\n'
    with_comment = f'      - "{S}"  {comment}\n' if place == "behind" else f"      {comment}\n{line}"
    path = write("a.yaml", text.replace(line, with_comment))
    assert cassette("redact", path).code == 0
    assert (S in path.read_text()) is stays
    assert KEY not in path.read_text()


@pytest.mark.parametrize("build", [vcrpy, govcr, har, pairs])
def test_remove_drops_headers_whole(cassette, write, build) -> None:
    one = BASE.with_sent(Authorization=f"Bearer {S}", X_Kept="a")
    path = write("a.yaml", build(one))
    assert cassette("redact", "--remove", path).code == 0
    assert path.read_text() == build(BASE.with_sent(X_Kept="a"))


def test_a_placeholder_of_ones_own(cassette, write) -> None:
    path = write("a.yaml", vcrpy(BASE.with_sent(Authorization=f"Bearer {S}")))
    assert cassette("redact", "--placeholder", "<AUTH_TOKEN>", path).code == 0
    assert path.read_text() == vcrpy(BASE.with_sent(Authorization="Bearer <AUTH_TOKEN>"))
    assert cassette("redact", "--check", "--placeholder", "<AUTH_TOKEN>", path).code == 0
    assert cassette("redact", "--placeholder", "a\nb", path).code == 2


@pytest.mark.parametrize("option", ["--check", "--diff", "--color=auto"])
def test_it_says_that_nothing_was_searched(cassette, write, option: str) -> None:
    path = write("a.yaml", TEXT)
    result = cassette("redact", option, "--host", "nobody.example.com", path)
    assert (result.code, result.out) == (0, "")
    assert result.err == "cassette: no interaction matches --host nobody.example.com\n"


def test_only_the_chosen_interactions(cassette, write) -> None:
    text = vcrpy(BASE.with_sent(X_Api_Key=S))
    item = text[text.index("- request") : text.index("version")]
    path = write("a.yaml", text.replace("version", f"{item.replace(S, KEY)}version"))
    assert cassette("redact", f"{path}#1").code == 0
    assert S in path.read_text()
    assert KEY not in path.read_text()


@pytest.mark.parametrize("text", ["(a+)+b", "(?:x*)*", "((ab)*c)*", "(a|b*)*", "(", "a*", "(?P<x"])
def test_a_catastrophic_pattern_is_refused(cassette, write, text: str) -> None:
    done = cassette("redact", "--pattern", text, write("a.yaml", TEXT))
    assert done.code == 2
    assert "--pattern 1" in done.err


def test_a_slow_pattern_is_stopped(cassette, write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "LIMIT", 0.2)
    path = write("a.yaml", vcrpy(BASE.asked("a" * 40_000)))
    before = path.read_bytes()
    done = cassette("redact", "--pattern", "a{1,30}a{1,30}a{1,30}a{1,30}a{1,30}a{1,30}a{1,30}b", path)
    assert done.code == 2
    assert "took longer than" in done.err
    assert path.read_bytes() == before


def test_what_cannot_be_scanned_fails_the_check(cassette, write) -> None:
    path = write("a.yaml", vcrpy(BASE).replace('- "*/*"', "- !!binary '*'"))
    done = cassette("redact", "--check", path)
    assert done.code == 1
    assert "  UNSCANNED  " in done.out
    done = cassette("redact", path)
    assert (done.code, done.err) == (1, "cassette: nothing redacted in 1 cassette; 1 part could not be scanned\n")


def test_websocket_cassettes_are_redacted(cassette, write) -> None:
    path = write("a.yaml", f"version: 1\ninteractions:\n- direction: sent\n  data: {{token: {S}}}\n")
    assert cassette("redact", path).code == 0
    assert S not in path.read_text()


def test_the_rules_are_listed_and_explained(cassette) -> None:
    lines = cassette("rules").out.splitlines()
    assert len(lines) > 200
    assert all(any(f"  {level}" in line for level in ("secrets", "ids", "pii", "volatile")) for line in lines)
    explained = cassette("rules", "--explain", "openai").out
    assert "OpenAI API keys" in explained
    assert "regex" in explained
    every = [json.loads(line) for line in cassette("rules", "--json").out.splitlines()]
    assert {one["level"] for one in every} == {"secrets", "ids", "pii", "volatile"}
    assert all(not one["used"] for one in every if one["level"] in ("pii", "volatile"))
    assert cassette("rules", "--explain", "nothing-of-the-kind").code == 2
