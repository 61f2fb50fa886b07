"""Every `--json` output keeps to its schema, and every schema is one of an output or of the settings."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from cassette_cli import config, schemas
from cassette_cli.__main__ import main
from cassette_cli.app import VERBS, _imported
from cassette_cli.commands import diff
from cassette_cli.operations.check import checking
from cassette_cli.operations.redact import options as redact
from cassette_cli.operations.trim import options as trim
from commands.suites import lay, vcrpy

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
FILES = [str(path) for path in sorted(EXAMPLES.iterdir()) if path.suffix not in (".md", ".svg")]
OUTPUTS = [name for name in schemas.names() if name != "settings"]
CORPUS = os.environ.get("CASSETTE_CORPUS", "")

TOKEN = "gh" + "p_" + "A1b2C3d4" * 4 + "E5f6"
ODD = f"""---
version: 2
interactions:
- id: 0
  recorded_at: 2024-05-06T07:08:09Z
  response_of_another: {{body: "not read"}}
  request:
    proto: HTTP/1.1
    method: POST
    url: https://api.example.com/v1/chat/completions
    headers: {{Content-Type: [application/json], X-Token: [{TOKEN}]}}
    body: '{{"model": "example-1", "messages": [{{"role": "user", "content": [{{"type": "text", "text": "See."}},
      {{"type": "image_url", "image_url": {{"url": "data:image/png;base64,iVBORw0KGgo="}}}},
      {{"type": "image_url", "image_url": {{"url": "https://files.example.com/a.png"}}}},
      {{"type": "file", "file": {{"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}}},
      {{"type": "riddle", "riddle": 1}}]}}]}}'
  response:
    status: 200 OK
    code: 200
    headers: {{Content-Type: [image/png]}}
    body: !!binary iVBORw0KGgo=
- id: 1
  request: {{method: GET, url: "https://api.example.com/never", headers: {{}}, body: "one\\ntwo\\nthree"}}
"""
"""What the examples lack: a secret, a part that is not read, media, a binary body, lines, a missing response."""


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schemas.text(name)))


@pytest.fixture
def documents(capfdbinary):
    """Run a command and hold each line that it prints to a schema; return what they hold."""

    def run(name: str, *args: object, codes: tuple[int, ...] = (0,)) -> list[dict]:
        code = main([str(arg) for arg in args])
        out, err = capfdbinary.readouterr()
        assert code in codes, err.decode()
        found = [json.loads(line) for line in out.decode().splitlines()]
        for document in found:
            validator(name).validate(document)
        return found

    return run


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys_of(item)}
    return {key for item in value for key in keys_of(item)} if isinstance(value, list) else set()


def properties_of(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
        return own | {name for item in schema.values() for name in properties_of(item)}
    return {name for item in schema for name in properties_of(item)} if isinstance(schema, list) else set()


def odd(folder: Path) -> Path:
    path = folder / "odd.yaml"
    path.write_text(ODD, "utf-8")
    return path


def ls(run, folder):
    return run("ls", "ls", "--json", *FILES, odd(folder))


def stats(run, folder):
    files = [*FILES, odd(folder)]
    found = run("stats", "stats", "--json", *files) + run("stats", "stats", "--json", "--by", "month", *files)
    return found + run("stats", "ls", "--summary", "--json", *files)


def grep(run, folder):
    files = [*FILES, odd(folder)]
    found = run("grep", "grep", "--json", "-C", "1", "two|PNG", *files) + run(
        "grep", "grep", "--json", "-l", "tide", *files
    )
    return found + run("grep", "grep", "--json", "-c", "tide", *files)


def why(run, folder):
    path = odd(folder)
    found = run("why", "why", "--json", path, "POST https://api.example.com/v1/chat/completions?a=1", codes=(0, 1))
    return found + run("why", "why", "--json", path, "GET https://api.example.com/nowhere", codes=(0, 1))


def show(run, folder):
    files = [*FILES, odd(folder)]
    found = run("show", "show", "--json", *files)
    found += run("show", "show", "--json", "-r", "--bodies", *files)
    found += run("show", "show", "--json", "-r", "--parsed-bodies", "--mask", *files)
    return (
        found
        + run("show", "show", "--json", "--request", files[0])
        + run("show", "show", "--json", "--response", files[0])
    )


def compared(name):
    def run_diff(run, folder):
        summary = ("--summary",) if name == "diff-summary" else ()
        old, new = EXAMPLES / "govcr-tool-calls.yaml", EXAMPLES / "govcr-tool-calls-again.yaml"
        found = run(name, "diff", "--json", *summary, old, new)
        found += run(
            name, "diff", "--json", *summary, EXAMPLES / "vcrpy-chat.json", EXAMPLES / "rubyvcr-bell-and-lamp.yml"
        )
        return found + run(name, "diff", "--json", *summary, odd(folder), EXAMPLES / "govcr-streamed-chat.yaml")

    return run_diff


def check(run, folder):
    return run("check", "check", "--json", "--select", "all", *FILES, odd(folder), codes=(1,))


def redacted(run, folder):
    path = odd(folder)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(folder)]
    for args in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *args], check=True, capture_output=True)
    found = run("redact", "redact", "--check", "--json", path, codes=(1,))
    old = Path.cwd()
    os.chdir(folder)
    try:
        return found + run("redact", "redact", "--check", "--json", "--history", codes=(1,))
    finally:
        os.chdir(old)


def unused(run, folder):
    code = "import pytest, vcr\n@pytest.mark.vcr\ndef test_b(): pass\n"
    lay(folder, {"t/cassettes/test_a/test_c.yaml": vcrpy("c"), "t/test_a.py": code})
    return run("unused", "unused", "--json", folder / "t", codes=(1,))


MADE = {
    "ls": ls, "stats": stats, "grep": grep, "why": why, "show": show, "diff": compared("diff"), "diff-summary": compared("diff-summary"),
    "diff-rules": lambda run, _: run("diff-rules", "diff", "--rules", "--json"), "check": check, "redact": redacted,
    "trim": lambda run, folder: run("trim", "trim", "--check", "--all", "--json", *FILES, odd(folder), codes=(1,)),
    "rules": lambda run, _: run("rules", "rules", "--json"),
    "protocols": lambda run, _: run("protocols", "protocols", "--json"),
    "explain": lambda run, _: run("explain", "explain", "--json") + run("explain", "explain", "--json", "CAS003"),
    "unused": unused,
    "git": lambda run, _: run("git", "git", "status", "--json", codes=(0, 1)),
}  # fmt: skip
"""How the documents of a schema are made; a new schema needs a line."""

RARE = {"seconds"}
"""Members that stand in few recordings: the corpus has them, or not even that."""


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_keep_to_their_schema_and_have_all_of_it(name, documents, tmp_path):
    found = MADE[name](documents, tmp_path)
    assert found
    assert sorted(properties_of(json.loads(schemas.text(name))) - keys_of(found) - RARE) == []


@pytest.mark.parametrize("name", schemas.names())
def test_schemas_are_schemas(name):
    schema = json.loads(schemas.text(name))
    jsonschema.validators.validator_for(schema).check_schema(schema)
    assert schema["title"]
    assert schema["description"]


def options_of(command: object) -> set[str]:
    own = {name for one in command.params for name in one.opts}
    return own.union(*map(options_of, getattr(command, "commands", {}).values()))


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.name != "schema"], ids=lambda verb: verb.name)
def test_every_verb_with_json_has_a_schema(verb):
    assert ("--json" in options_of(_imported(verb))) == (verb.name in OUTPUTS)


def test_every_schema_is_one_of_a_verb():
    verbs = {verb.name for verb in VERBS}
    assert [name for name in OUTPUTS if name not in verbs and name.rpartition("-")[0] not in verbs] == []


def test_a_wrong_document_is_refused(documents):
    (row,) = documents("ls", "ls", "--json", EXAMPLES / "vcrpy-chat.json")
    for wrong in ({**row, "more": 1}, {**row, "status": "200"}, {key: row[key] for key in row if key != "path"}):
        with pytest.raises(jsonschema.ValidationError):
            validator("ls").validate(wrong)


def test_schema_prints_one_and_lists_all(capfd):
    assert main(["schema", "show"]) == 0
    assert json.loads(capfd.readouterr().out) == json.loads(schemas.text("show"))
    assert main(["schema"]) == 0
    assert [line.split("\t")[0] for line in capfd.readouterr().out.splitlines()] == schemas.names()
    assert main(["schema", "shwo"]) == 2
    assert "is not one of" in capfd.readouterr().err


@cache
def settings() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(schemas.text("settings")))


def test_the_schema_of_settings_knows_their_keys():
    tables = settings().schema["properties"]
    assert sorted(tables) == sorted(config.TABLES)
    keys = {"redact": redact.SETTINGS, "trim": trim.SETTINGS, "diff": diff.SETTINGS, "check": checking.SETTINGS}
    assert {name: sorted(table["properties"]) for name, table in tables.items()} == {
        name: sorted(own) for name, own in keys.items()
    }


def test_the_schema_of_settings_takes_those_of_the_page():
    page = (ROOT / "cli" / "docs" / "settings.md").read_text("utf-8")
    example = tomllib.loads(re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1])
    settings().validate(example["tool"]["cassette"])


@pytest.mark.parametrize("text", [
    "[redact]\nheader = ['x']", "[redact]\nheaders = [1]", "[trim]\ncoalesce = -1", "[trim]\nheaders = 'all'",
    "[diff]\nfail-on = true", "[check]\nmax-size = 5", "[lint]\n", "[redact.placeholders]\nemail = 1",
])  # fmt: skip
def test_the_schema_of_settings_refuses_what_cassette_refuses(text, tmp_path, monkeypatch, capfd):
    assert list(settings().iter_errors(tomllib.loads(text)))
    (tmp_path / ".cassette.toml").write_text(text, "utf-8")
    shutil.copy(EXAMPLES / "vcrpy-chat.json", tmp_path / "a.json")
    monkeypatch.chdir(tmp_path)
    verb = re.match(r"\[(\w+)", text)[1].replace("lint", "check")
    assert main([verb, *(["a.json", "a.json"] if verb == "diff" else ["a.json"])]) == 2
    assert ".cassette.toml" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS names no folder of cassettes")
@pytest.mark.parametrize(("name", "args"), [
    ("ls", ["ls", "--json"]), ("stats", ["stats", "--json"]),
    ("grep", ["grep", "--json", "-C", "1", "tide|token|\\x89PNG"]),
    ("show", ["show", "--json", "-r", "--bodies"]), ("show", ["show", "--json", "-r", "--parsed-bodies"]),
    ("check", ["check", "--json", "--select", "all"]), ("redact", ["redact", "--check", "--level", "all", "--json"]),
    ("diff", ["diff", "--json", f"{CORPUS}/history/old"]), ("diff-summary", ["diff", "--summary", "--json", f"{CORPUS}/history/old"]),
    ("trim", ["trim", "--check", "--all", "--coalesce", "--json"]),
], ids=lambda value: value if isinstance(value, str) else " ".join(value))  # fmt: skip
def test_outputs_over_the_corpus_keep_to_their_schema(name, args, documents):
    assert documents(name, *args, f"{CORPUS}/history/new" if args[0] == "diff" else CORPUS, codes=(0, 1, 2))
