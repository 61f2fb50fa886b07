"""`-o FILE`: a new file, the one that is read, standard output; another file only with `--force`."""

import os

import pytest

KEY = "sk-" + "ant-api03-" + "Q7z" * 12
TEXT = f"""interactions:
- request: {{method: GET, uri: 'https://a.example/0', body: null, headers: {{x-api-key: [{KEY}]}}}}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: !!binary aGVsbG8=}}}}
- request: {{method: GET, uri: 'https://a.example/1', body: null, headers: {{}}}}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: fine}}}}
version: 1
"""
VERBS = {
    "redact": ("redact", "{}"), "trim": ("trim", "{}"), "decode": ("decode", "{}"), "set": ("set", "{}#0", "status=404"),
    "edit": ("edit", "{}#1", "--with", "sed s/fine/well/"), "rm": ("rm", "{}#1"), "keep": ("keep", "{}#0"),
    "export har": ("export", "har", "{}"), "export curl": ("export", "curl", "{}"), "html": ("html", "{}"),
    "join": ("join", "{}"),
}  # fmt: skip
IN_PLACE = ("redact", "trim", "decode", "set", "edit", "rm", "keep")


@pytest.fixture
def run(cassette, write):
    """Return what runs a verb on a cassette with more options, and the cassette's path."""
    path = write("a.yaml", TEXT)
    return lambda verb, *more: cassette(*(word.format(path) for word in VERBS[verb]), *more), path


@pytest.mark.parametrize("verb", VERBS)
def test_another_file_is_replaced_with_force_alone(run, write, verb):
    call, path = run
    name = "b.html" if verb == "html" else "b.yaml"
    target = write(name, "mine\n")
    result = call(verb, "-o", target)
    assert (result.code, target.read_text(), path.read_text()) == (2, "mine\n", TEXT)
    assert result.err == f"cassette: {target}: already exists\n  add --force to replace it\n"
    assert call(verb, "-o", target, "--force").code == 0
    assert target.read_text() != "mine\n"
    assert path.read_text() == TEXT


@pytest.mark.parametrize("verb", IN_PLACE)
def test_the_file_that_is_read_may_be_named(run, verb, monkeypatch):
    call, path = run
    monkeypatch.chdir(path.parent)
    assert call(verb, "-o", "a.yaml").code == 0
    assert (path.read_text() == TEXT) == (verb == "trim")


@pytest.mark.parametrize("verb", IN_PLACE)
def test_new_files_and_standard_output_need_no_force(run, tmp_path, verb):
    call, path = run
    assert call(verb, "-o", tmp_path / "new.yaml").code == 0
    result = call(verb, "-o", "-")
    assert (result.code, result.out) == (0, (tmp_path / "new.yaml").read_text())
    assert call(verb, "-o", os.devnull).code == 0
    assert path.read_text() == TEXT
