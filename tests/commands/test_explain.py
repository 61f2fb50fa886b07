"""`cassette explain`: every name that is printed or taken has a meaning, and an unknown one gets its neighbours."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cassette_cli
from cassette_cli.errors import Exit
from cassette_cli.formats import registry
from cassette_cli.operations.check.codes import CHECKS
from cassette_cli.operations.diff.summary import CATEGORIES
from cassette_cli.operations.explain.explaining import everything
from cassette_cli.operations.explain.notes import NOTES
from cassette_cli.operations.reading import known_protocols
from cassette_cli.operations.redact.detect.detectors import LEVELS
from cassette_cli.operations.volatile import RULES

PACKAGE = Path(cassette_cli.__file__).parent


def meanings(result):
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("CAS004", "check", "a stream that ends before its answer does"),
        ("cut-stream", "check", "CAS004 #0 the stream ends before its answer does"),
        ("openai-ephemeral", "redaction rule", "ek_"),
        ("ids", "volatile rule", "chatcmpl-"),
        ("ids", "redaction level", "cassette redact --check --level ids ."),
        ("tool-calls", "change", "--only tool-calls"),
        ("openai-chat", "protocol", "/chat/completions"),
        ("sse", "framing", "data: [DONE]"),
        ("har", "recorder", "--input-format har"),
        ("VCR.py", "recorder", "--input-format vcrpy"),
        ("go-vcr v2", "recorder", "--input-format go-vcr"),
        ("talkback", "recorder", "CAS012"),
        ("redact.levels", "setting", 'levels = ["secrets", "ids"]'),
        ("max-age", "setting", "[tool.cassette.check]"),
        ("checksum", "note", "CRC-32"),
        ("fingerprint", "word", "fp:"),
    ],
)
def test_each_kind_is_told_with_an_example(cassette, name, kind, words):
    result = cassette("explain", name)
    assert result.code == Exit.OK
    assert re.search(rf"^\S.*  {kind}$", result.out, re.MULTILINE)
    assert words in result.out
    found = [one for one in meanings(cassette("explain", "--json", name)) if one["kind"] == kind]
    assert len(found) == 1
    assert list(found[0]) == ["kind", "name", "words", "about", "text", "facts", "example"]


def test_a_name_of_several_kinds_has_all_printed(cassette):
    assert {one["kind"] for one in meanings(cassette("explain", "--json", "secret"))} == {"check", "redaction rule"}
    assert {one["kind"] for one in meanings(cassette("explain", "--json", "cut-stream"))} == {"check", "note"}
    assert {one["name"] for one in meanings(cassette("explain", "--json", "CAS00*"))} == {
        f"CAS00{n}" for n in range(1, 10)
    }
    both = cassette("explain", "CAS003", "padding").out
    assert "CAS003  check" in both
    assert "padding  volatile rule" in both


@pytest.mark.parametrize("name", ["cas004", "Cut_Stream", "cut stream", " CAS004 "])
def test_case_and_blanks_do_not_count(cassette, name):
    assert "CAS004  check" in cassette("explain", name).out


@pytest.mark.parametrize(
    ("name", "near"),
    [("opnai-chat", "openai-chat"), ("CAS04", "CAS004"), ("pading", "padding"), ("anthropic-message", "anthropic-messages"),
     ("messages-anthropic-x", None), ("qqqqqqqq", None)],
)  # fmt: skip
def test_an_unknown_name_gets_the_nearest(cassette, name, near):
    result = cassette("explain", name)
    assert (result.code, result.out) == (Exit.FAILED, "")
    assert f"nothing is called {name!r}" in result.err
    assert "cassette explain" in result.err if near is None and name == "qqqqqqqq" else (near or "") in result.err


def test_all_names_are_listed(cassette):
    rows = [line.split("\t") for line in cassette("explain").out.splitlines()]
    assert {len(row) for row in rows} == {3}
    names = {row[1] for row in rows}
    assert names >= {one.code for one in CHECKS}
    assert names >= {one.name for one in registry.FORMATS}
    assert names >= {name for _, name, _ in known_protocols()}
    assert names >= {one.name for one in RULES}
    assert names >= {*CATEGORIES, *LEVELS}


def test_everything_has_a_line_and_an_example():
    own = {one.name for one in everything() if one.kind == "redaction rule" and not one.example}
    assert [one for one in everything() if not one.about] == []
    assert [one.name for one in everything() if not (one.example or one.kind == "note" or one.name in own)] == []
    assert all(one.text for one in everything() if one.kind in ("check", "note", "protocol", "volatile rule"))
    assert len(own) < 30


def test_the_example_of_a_check_is_a_line_of_it():
    for one in CHECKS:
        assert re.fullmatch(rf"[\w.-]+:\d+: {one.code} (#\d+ )?\S.*", one.example)
        assert one.why.endswith(".")


def _templates(path: Path) -> Iterator[str]:
    """Yield the notes that a module writes, with X in place of what is filled in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        notes: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("notes.append", "faults.append", "mark_end")
        ):
            notes = node.args
        elif isinstance(node, ast.keyword) and node.arg == "notes" and isinstance(node.value, ast.List):
            notes = node.value.elts
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("NOTE", "note", "words"):
            notes = [node.value]
        for note in notes:
            for one in (note.body, note.orelse) if isinstance(note, ast.IfExp) else (note,):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.value
                elif isinstance(one, ast.JoinedStr):
                    parts = (part.value if isinstance(part, ast.Constant) else "X" for part in one.values)
                    yield "".join(map(str, parts))


WRITERS = [path for room in ("model", "streams", "providers") for path in sorted((PACKAGE / room).rglob("*.py"))]
WRITTEN = sorted({
    note for path in WRITERS for note in _templates(path) if len(note.split()) > 3 and not note.startswith("X: no X")
})  # fmt: skip


def test_notes_are_found_in_the_code():
    assert len(WRITTEN) > 30


@pytest.mark.parametrize("note", WRITTEN)
def test_every_note_of_show_is_explained(note):
    assert [one.name for one in NOTES if one.is_found(note)]


@pytest.mark.parametrize("one", NOTES, ids=lambda one: one.name)
def test_the_example_of_a_note_is_its_own(one):
    assert one.is_found(one.example)
    assert next(other.name for other in NOTES if other.is_found(one.example)) == one.name


def test_a_note_is_explained_as_it_was_printed(cassette, write):
    from commands.conftest import govcr, interaction

    path = write(
        "a.yaml",
        govcr(
            interaction("plain").replace(
                "Content-Type:", "Content-Encoding:\n              - gzip\n            Content-Type:"
            )
        ),
    )
    note = next(line for line in cassette("show", path).out.splitlines() if line.startswith("note: "))
    assert "stored-plain  note" in cassette("explain", note).out
    assert "stored-plain  note" in cassette("explain", *note.split()).out


def test_rules_explain_is_the_same(cassette):
    assert cassette("rules", "--explain", "groq").out == cassette("explain", "groq").out
    assert cassette("rules", "--explain", "cut-stream").code == Exit.FAILED


def test_rules_of_the_settings_are_explained(cassette, write, monkeypatch):
    path = write("pyproject.toml", '[tool.cassette.redact]\nheaders = ["x-tideline"]\n')
    monkeypatch.chdir(path.parent)
    assert "a header that you named" in cassette("explain", "header-x-tideline").out


def test_a_terminal_gets_lines_that_fit(cassette, monkeypatch):
    assert max(map(len, cassette("explain", "CAS003").out.splitlines())) <= 120
    assert "\x1b[1mCAS003\x1b[0m" in cassette("explain", "--color", "always", "CAS003").out


def test_a_verb_is_explained_with_an_example_and_a_page_that_is_there(cassette):
    from cassette_cli.app import VERBS

    docs = PACKAGE.parent / "docs"
    for verb in VERBS:
        if not verb.hidden:
            [found] = [one for one in meanings(cassette("explain", "--json", verb.name)) if one["kind"] == "verb"]
            assert (found["about"], found["example"]) == (verb.about, list(verb.examples))
            page = found["facts"].get("page")
            assert page is None or not docs.is_dir() or (docs / page.rpartition("/")[2]).is_file()
    assert "verb\tredact\t" in cassette("explain").out


def test_a_recorder_is_said_to_match_by_what_why_says(cassette):
    assert "matches by  method, scheme, host, port, path, query\n" in cassette("explain", "vcrpy").out
    assert "matches by  method, uri; or method, uri, headers, body\n" in cassette("explain", "go-vcr").out


def test_what_why_prints_is_explained(cassette):
    for phrase in ("may match", "played already", "compared by"):
        assert f"{phrase}  word" in cassette("explain", phrase).out


def test_no_name_at_all_is_a_usage_error(cassette):
    for name in ("", " "):
        result = cassette("explain", name)
        assert (result.code, result.out, "no name is given" in result.err) == (Exit.FAILED, "", True)


def test_an_unknown_rule_gets_the_nearest(cassette):
    result = cassette("rules", "--explain", "gro")
    assert (result.code, "groq" in result.err) == (Exit.FAILED, True)


def test_the_hint_at_recorders_has_names_that_are_explained(cassette, write):
    hint = cassette("ls", write("a.json", '{"a": 1}')).err
    names = re.search(r"cassette reads (.*) and (.*); if it is one", hint)
    for name in (*names[1].split(", "), names[2]):
        assert "--input-format " in cassette("explain", name).out
