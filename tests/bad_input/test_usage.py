"""Command lines that ask for what cannot be: one message with the next step, code 2, nothing on standard output."""

import os

import pytest

from bad_input.recorded import GOOD

TABLE = [
    ("no-such-verb @", "No such command"),
    ("ls", "name a cassette or a folder\n  cassette ls tests/cassettes"),
    ("show", "name a cassette or a folder\n  cassette show -r chat.yaml"),
    ("export curl", "name a cassette or a folder\n  cassette export curl chat.yaml#0"),
    ("set", "Missing argument"),
    ("trim", "name a cassette or a folder\n  cassette trim tests/cassettes"),
    ("redact", "name a cassette or a folder"),
    ("ls --no-such-option @", "No such option"),
    ("ls --sort colour @", "'--sort': 'colour' is not one of 'size', 'frames'"),
    ("ls --grep ( @", "invalid --grep"),
    ("ls --grep (?P<a>x)(?P<a>y) @", "invalid --grep"),
    ("ls --color pink @", "'--color': 'pink' is not one of 'auto', 'always', 'never'"),
    ("ls --input-format tape @", "'--input-format': 'tape' is not one of go-vcr, "),
    ("ls --protocol tape @", "'--protocol': 'tape' is not one of openai-chat, "),
    ("ls --max-body lots @", "invalid --max-body 'lots': expected a size"),
    ("ls --max-body -1 @", "invalid --max-body '-1': expected a size"),
    ("show --raw --json @", "--raw and --json cannot be combined"),
    ("show --bodies @", "--bodies needs --json"),
    ("show --raw --headers @", "--raw and --headers cannot be combined"),
    ("ls --status often @", "invalid --status 'often': expected a code such as 200 or 4xx"),
    ("set @ stauts=429", "unknown key 'stauts'"),
    ("set @ heading:date=now status=429", "unknown key 'heading:date'"),
    ("set @ header:date", "header:date: a value is missing"),
    ("edit @ --interaction 0 --with cat", "--interaction edits both messages, and takes no number"),
    ("split @ -o -", "-o - is not a folder"),
    ("redact --level secrets,some @", "invalid --level 'some'"),
    ("set --request @ text=x", "--request does not go with text=x"),
    ("set --request @ status=429", "--request does not go with status=429"),
    ("set @ header:a/b=3", "invalid header name 'a/b'"),
    ("set @ status", "status: a value is missing"),
    ("check --select CAS003 --ignore secret,other-recorder,unscanned,unknown-version @", "there is nothing to check"),
    ("trim --coalesce=x @", "coalesce"),
    ("trim --headers some @", "some"),
    ("trim -o out.yaml --check @", "-o excludes --check and --diff, which write nothing\n  leave one of them out"),
    ("trim -o out.yaml @ @", "-o takes one cassette"),
    ("redact -o out.yaml --check @", "-o excludes --check and --diff"),
    ("redact --pattern ( @", "position 0\n  write a Python regular expression"),
    ("redact --level some @", "invalid --level 'some': expected secrets, "),
    ("redact --placeholder= @", "a placeholder is"),
    ("redact --values-file none.txt @", "No such file or directory\n  name a text file"),
    ("diff --format pdf @ @", "invalid --format 'pdf': expected text, json, markdown or html"),
    ("diff --fail-on mood @ @", "invalid --fail-on 'mood': unknown"),
    ("diff -U -1 @ @", "-1"),
    ("check --format pdf @", "is not one of text, json"),
    (f"check --max-age {'9' * 5000}d @", "expected an age such as"),
    (f"check --max-size {'9' * 5000} @", "expected a size such as"),
    (f"ls --max-body {'9' * 5000} @", "expected a size such as"),
    (f"redact --json-path $.a[{'9' * 5000}] @", "invalid --json-path"),
    ("rules --explain none", "none"),
    ("git dance", "No such command 'dance'"),
    ("git install --global --local", "--global and --local cannot be combined"),
]


@pytest.mark.parametrize(("line", "message"), TABLE, ids=[line[:40] for line, _ in TABLE])
def test_usage(cassette, write, monkeypatch, tmp_path, line, message):
    monkeypatch.chdir(tmp_path)
    path = write("a.yaml", GOOD)
    result = cassette(*[str(path) if word == "@" else word for word in line.split()])
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("cassette: ")
    assert message in result.err
    assert "Traceback" not in result.err
    assert path.read_text() == GOOD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("path", ["", "#3"])
def test_a_path_without_a_name(cassette, path):
    result = cassette("ls", path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cassette: {path or repr('')}: no such file")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("", "'': cannot be written"),
        (".", ".: is a folder"),
        ("none/x.yaml", "none/x.yaml: cannot be written: No such file or directory\n  make its folder first"),
        ("a.yaml/x.yaml", "a.yaml/x.yaml: cannot be written: Not a directory"),
        ("x" * 300, "cannot be written: File name too long"),
        ("/dev/full", "/dev/full: cannot be written: No space left on device"),
    ],
)
def test_an_output_that_takes_nothing(cassette, write, tmp_path, monkeypatch, output, message):
    monkeypatch.chdir(tmp_path)
    path = write("a.yaml", GOOD)
    result = cassette("trim", "-o", output, path)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no /dev/zero")
def test_a_file_of_values_without_an_end(cassette, write):
    result = cassette("redact", "--values-file", "/dev/zero", write("a.yaml", GOOD))
    assert result.code == 2
    assert "/dev/zero: the file of values is longer than 16 MiB" in result.err
