"""Bad input: one clear message with a place, exit code 2, no traceback, and the other files still read."""

import os

import pytest

from commands.conftest import govcr, interaction, literal

GOOD = govcr(interaction("'{\"ok\":true}'"))
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))

CASES = {
    "empty file": (b"", "the file is empty"),
    "only comments": (b"# nothing\n", "the file is empty"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a binary file, not text"),
    "not UTF-8": (b"version: 2\ninteractions: caf\xe9\n", ":2: not UTF-8: byte 0xe9"),
    "UTF-16": ("version: 2\n".encode("utf-16"), "the file is UTF-16 or UTF-32, not UTF-8"),
    "bad YAML": (b"version: 2\ninteractions:\n  - [1, 2\n  - 3: {\n", ":4: not valid YAML: "),
    "a tab for indentation": (b"version: 2\ninteractions:\n\t- a\n", ":3: not valid YAML: "),
    "YAML, but no cassette": (b"services:\n  web: {image: nginx}\n", "YAML, but no cassette of a known recorder"),
    "JSON, but no cassette": (b'{"name": "x"}', "JSON, but no cassette of a known recorder"),
    "bad JSON": (b'{"interactions": [\n{"request": }', ":2: not valid JSON: "),
    "two documents": (b"a: 1\n---\nb: 2\n", "no cassette of a known recorder"),
    "interactions of the wrong kind": (b"version: 2\ninteractions: 7\n", ":2: `interactions` is no list"),
    "an interaction without a request": (
        b"version: 2\ninteractions:\n  - request: {url: 'http://a.example/', method: GET}\n  - response: {code: 200}\n",
        ":4: interaction 1 has no request",
    ),
    "an alias bomb": (BOMB.encode(), "YAML, but no cassette of a known recorder"),
    "10,000 levels of nesting": (b"interactions: " + b"[" * 10_000 + b"]" * 10_000, "nested more than 200 levels deep"),
    "10,000 levels of JSON": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "nested more than 200 levels deep"),
    "a control character": (b"version: 2\ninteractions: \x07\n", ":2: a control character that YAML forbids: U+0007"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("verb", ["ls", "show"])
def test_bad_files_are_named_and_the_others_are_read(cassette, write, case, verb):
    content, message = CASES[case]
    bad = write("bad.json" if "JSON" in case else "bad.yaml", content)
    good = write("good.yaml", GOOD)
    result = cassette(verb, bad, good)
    assert result.code == 2
    first = result.err.splitlines()[0]
    assert first.startswith(f"cassette: {bad}")
    assert message in first
    assert "Traceback" not in result.err
    assert str(good) in result.out
    assert bad.read_bytes() == content


def test_no_such_file(cassette, tmp_path):
    result = cassette("ls", tmp_path / "none.yaml")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cassette: {tmp_path / 'none.yaml'}: no such file")


def test_a_folder_without_cassettes(cassette, write, tmp_path):
    write("values.yaml", "a: 1\n")
    result = cassette("ls", tmp_path)
    assert result.code == 2
    assert "no cassettes in this folder" in result.err


def test_a_broken_cassette_in_a_folder_is_not_passed_over(cassette, write, tmp_path):
    write("good.yaml", GOOD)
    write("broken.yaml", GOOD + "  - [\n")
    result = cassette("ls", tmp_path)
    assert result.code == 2
    assert "broken.yaml:" in result.err
    assert "good.yaml" in result.out


def test_what_is_no_regular_file(cassette, tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    for name, message in (
        ("pipe.yaml", "no regular file"), ("gone.yaml", "a link that points nowhere"), ("loop.yaml", "cannot be read"),
    ):  # fmt: skip
        result = cassette("show", tmp_path / name)
        assert result.code == 2
        assert message in result.err
    result = cassette("ls", "/dev/null")
    assert result.code == 2


def test_an_interaction_without_a_response_is_listed(cassette, write):
    path = write("a.yaml", "version: 2\ninteractions:\n  - request: {url: 'http://x.example/', method: GET}\n")
    result = cassette("ls", path)
    assert result.code == 0
    assert result.out.split("\t")[5] == "-"


def test_a_truncated_file_is_listed_or_refused_but_never_crashes(cassette, write):
    whole = govcr(interaction(literal(['data: {"a": 1}', "", ""])), interaction("'{\"ok\":true}'"))
    for size in range(0, len(whole), 7):
        path = write("cut.yaml", whole[:size])
        for verb in (["ls"], ["show"], ["show", "-r"]):
            result = cassette(*verb, path)
            assert result.code in (0, 2)
            assert "Traceback" not in result.err


def test_a_python_tag_is_inert(cassette, write, tmp_path):
    witness = tmp_path / "witness"
    path = write("a.yaml", GOOD + f"extra: !!python/object/apply:os.system ['touch {witness}']\n")
    assert cassette("show", path).code == 0
    assert not witness.exists()


def test_duplicate_keys_are_read_as_loaders_do(cassette, write):
    path = write("a.yaml", GOOD.replace("        method: GET\n", "        method: GET\n        method: PUT\n"))
    assert cassette("ls", path).out.split("\t")[3] == "PUT"


def test_json_that_does_not_parse_inside_a_frame_is_noted(cassette, write):
    frames = ['data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}', ""]
    bad = ["data: {oops", "", "data: [DONE]", "", ""]
    path = write("a.yaml", govcr(interaction(literal([*frames, *bad]), content_type="text/event-stream")))
    result = cassette("show", "-r", path)
    assert result.code == 0
    assert "note: frame 1: its data is not JSON" in result.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["ls"], "Missing argument"),
        (["no-such-verb"], "No such command"),
        (["ls", "--no-such-option", "x"], "No such option"),
        (["ls", "--sort", "colour", "FILE"], "--sort colour is not size, frames, time or path"),
        (["ls", "-i", "x", "FILE"], "'x' is no interaction number"),
        (["ls", "-i", "1", "FILE"], "there is no interaction 1"),
        (["ls", "-i", "-2", "FILE"], "there is no interaction -2"),
        (["ls", "-i", "9" * 40, "FILE"], "there is no interaction 999999999999…"),
        (["ls", "--grep", "(", "FILE"], "is no regular expression"),
        (["ls", "--color", "pink", "FILE"], "--color pink is not auto, always or never"),
        (["ls", "--input-format", "tape", "FILE"], "unknown format 'tape'"),
        (["ls", "--max-body", "lots", "FILE"], "--max-body 'lots' is no size"),
        (["show", "--raw", "--json", "FILE"], "--raw goes with neither"),
        (["show", "--bodies", "FILE"], "--bodies goes with --json"),
    ],
)
def test_usage_errors(cassette, write, args, message):
    path = write("a.yaml", GOOD)
    result = cassette(*[str(path) if arg == "FILE" else arg for arg in args])
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err
    assert "Usage" not in result.out
