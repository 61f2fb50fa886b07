"""A hostile `.cassette.toml`, or one in the wrong place: an error that names it, or nothing at all."""

import os

import pytest

from bad_input.recorded import delta, stream

DIRTY = stream(delta("a"), delta(""), delta("b"), "[DONE]")
VERBS = ["trim", "redact", "diff", "check"]

TABLE = {
    "no TOML": (b"[trim\n", "not valid TOML"),
    "not UTF-8": (b'[trim]\nx = "\xff"\n', "not valid TOML"),
    "UTF-16": ("[trim]\n".encode("utf-16"), "not valid TOML"),
    "a NUL": (b'[trim]\nx = "\0"\n', "not valid TOML"),
    "keys twice": (b"[VERB]\na = 1\na = 2\n", "not valid TOML"),
    "5,000 levels": (b"x = " + b"[" * 5000 + b"]" * 5000, ".cassette.toml"),
    "a verb that is a number": (b"VERB = 7\n", "VERB must be a table"),
    "a verb that is a list of tables": (b"[[VERB]]\na = 1\n", "VERB must be a table"),
    "an unknown table": (b"[VERBs]\na = 1\n", "unknown setting 'VERBs' of cassette"),
    "an unknown setting": (b"[VERB]\nno-such-setting = true\n", "no-such-setting is unknown; known are"),
    "an escape in a name": (b'[VERB]\n"\\u001b[2Jx" = true\n', "\\x1b[2Jx is unknown"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("case", TABLE)
def test_hostile_settings(cassette, write, tmp_path, monkeypatch, case, verb):
    monkeypatch.chdir(tmp_path)
    content, message = TABLE[case]
    write(".cassette.toml", content.replace(b"VERB", verb.encode()))
    path = write("a.yaml", DIRTY)
    result = cassette(verb, path, *([path] if verb == "diff" else []))
    assert result.code == 2
    assert result.err.startswith("cassette: ")
    assert ".cassette.toml" in result.err
    assert message.replace("VERB", verb) in result.err
    assert "\x1b" not in result.err
    assert path.read_text() == DIRTY


WRONG = {
    "trim": [
        "empty = 1",
        "coalesce = -1",
        "coalesce = 1.5",
        'headers = ["x"]',
        "volatile-headers = 7",
        "volatile-headers = [7]",
    ],
    "redact": [
        'level = "some"',
        "pattern = [7]",
        'pattern = ["("]',
        "header = {}",
        "allow = 7",
        "placeholder = []",
        'level = ["some"]',
    ],
    "diff": ["ignore = 7", "ignore = [[]]", 'fail-on = "mood"', "fail-on = {}"],
    "check": ["select = 7", 'select = ["CAS999"]', "max-age = []", 'max-body = "big"'],
}


@pytest.mark.parametrize(("verb", "line"), [(verb, line) for verb in VERBS for line in WRONG[verb]])
def test_settings_of_the_wrong_kind(cassette, write, tmp_path, monkeypatch, verb, line):
    monkeypatch.chdir(tmp_path)
    write(".cassette.toml", f"[{verb}]\n{line}\n")
    path = write("a.yaml", DIRTY)
    result = cassette(verb, path, *([path] if verb == "diff" else []))
    assert result.code == 2, result
    assert result.err.startswith("cassette: ")
    assert path.read_text() == DIRTY


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        os.mkfifo,
        lambda path: path.symlink_to(path.name),
        lambda path: path.symlink_to("/dev/zero"),
    ],
)
def test_settings_that_are_no_file(cassette, write, tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / ".cassette.toml")
    path = write("a.yaml", DIRTY)
    assert cassette("trim", path).code == 0
    assert path.read_text() != DIRTY


def test_settings_above_the_repository_do_not_count(cassette, write, tmp_path, monkeypatch):
    write(".cassette.toml", "[trim]\nempty = false\n")
    path = write("project/a.yaml", DIRTY)
    (tmp_path / "project" / ".git").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    assert cassette("trim", "a.yaml").code == 0
    assert path.read_text() != DIRTY
