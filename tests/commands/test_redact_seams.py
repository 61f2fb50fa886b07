"""What stands over several texts is reported, and what is said in one field over several deltas is replaced."""

import json
from base64 import b64encode

import pytest

from cassette_cli.operations.redact.detect.own import Pattern
from cassette_cli.operations.redact.texts import joining
from cassette_cli.streams import sse

VALUE = "zq7kP1mXw9Rt4Ls8vB2n"
TOKEN = "sk-" + "ant-api03-" + "Q7zK4tP9x" * 5
HALVES = {"value": (VALUE[:9], VALUE[9:]), "token": (TOKEN[:22], TOKEN[22:]), "pattern": ("emp-no=2194", "0718-x")}
RULES = {"value": "value-line-1", "token": "anthropic", "pattern": "pattern-1"}


def cassette_of(headers="{}", body="fine", kind="text/plain", more=""):
    return (
        f"interactions:\n- request: {{method: GET, uri: 'https://a.example/x', body: null, headers: {headers}}}\n"
        f"  response: {{status: {{code: 200, message: OK}}, headers: {{Content-Type: [{kind}]}}, "
        f"body: {{string: {json.dumps(body)}}}}}\n{more}version: 1\n"
    )


def stream(*values):
    return cassette_of(body="".join(f"data: {json.dumps(one)}\n\n" for one in values), kind="text/event-stream")


def chat(**delta):
    return {"id": "c1", "object": "chat.completion.chunk", "model": "m", "choices": [{"index": 0, "delta": delta}]}


def coded(text):
    return b64encode(text.encode()).decode()


PLACES = {
    "items of a header": lambda a, b: cassette_of(f"{{X-A: [{a}, {b}]}}"),
    "two headers": lambda a, b: cassette_of(f"{{X-A: [{a}], X-B: [{b}]}}"),
    "an unknown list": lambda a, b: cassette_of(more=f"  notes:\n  - {a}\n  - {b}\n"),
    "a list in JSON": lambda a, b: cassette_of(body=json.dumps({"parts": ["first", a, b]})),
    "two keys in JSON": lambda a, b: cassette_of(body=json.dumps({"one": f"see {a}", "two": f"{b} there"})),
    "pieces in base64": lambda a, b: cassette_of(body=json.dumps([coded(f"it begins {a}"), coded(f"{b} and ends")])),
    "two fields of a stream": lambda a, b: stream({"a": a}, {"b": b}),
    "reasoning and answer": lambda a, b: stream(
        chat(role="assistant"), chat(reasoning_content="so "), chat(reasoning_content=a), chat(content=b),
        chat(content=" bye")
    ),
}  # fmt: skip


@pytest.fixture
def redacting(cassette, write, tmp_path):
    """Return what redacts a cassette, for the value and the pattern too: (what `--check` says, what writing says)."""
    values = write("values.txt", VALUE + "\n")

    def run(text, *more):
        path = write("a.yaml", text)
        options = ("--values-file", values, "--pattern", r"emp-no=\d{6,}-x", *more)
        checked = cassette("redact", "--check", *options, path)
        return checked, cassette("redact", *options, path), path.read_text()

    return run


@pytest.mark.parametrize("kind", HALVES)
@pytest.mark.parametrize("place", PLACES)
def test_what_stands_over_several_texts_is_reported(redacting, place, kind):
    text = PLACES[place](*HALVES[kind])
    checked, written, after = redacting(text)
    for result in (checked, written):
        assert result.code == 1
        assert f"UNSCANNED  {RULES[kind]} stands over several texts, and is not replaced" in result.out
        assert "".join(HALVES[kind]) not in result.out
    assert after == text


@pytest.mark.parametrize("kind", HALVES)
def test_three_texts(redacting, kind):
    whole = "".join(HALVES[kind])
    text = cassette_of(body=json.dumps(["", whole[:12], whole[12:15], whole[15:], "end"]))
    assert f"{RULES[kind]} stands over several texts" in redacting(text)[0].out


@pytest.mark.parametrize("kind", HALVES)
def test_deltas_of_one_field_are_replaced_and_not_reported(redacting, kind):
    first, second = HALVES[kind]
    for text in (
        stream(chat(role="assistant"), chat(content=f"it is {first}"), chat(content=second)),
        stream({"text": f"it is {first}"}, {"text": second}),
        stream({"id": "1", "text": f"it is {first}"}, {"id": "2", "text": second}),
    ):
        checked, written, after = redacting(text)
        assert (checked.code, written.code) == (1, 0)
        assert "several texts" not in checked.out + written.out
        assert first not in after
        assert second not in after


def test_what_a_replacement_lays_bare_is_reported(redacting):
    first, second = HALVES["pattern"]
    text = cassette_of(body=json.dumps([f"emp-no=111111-x {first}", second]))
    _, written, after = redacting(text)
    assert written.code == 1
    assert "pattern-1 stands over several texts" in written.out
    assert after == text.replace("emp-no=111111-x", "REDACTED")


@pytest.mark.parametrize("texts", [
    ["user", "name", "pass", "word"], [VALUE[:9], "between", VALUE[9:]], ["text-generation", "0", "text-generation"],
    ["tmp/test_space", "855efb9561990d02233a49204227f9"], ["emp-no=21", "x"], [VALUE[9:], VALUE[:9]], [TOKEN[:22]],
])  # fmt: skip
def test_what_only_looks_alike_is_not(redacting, texts):
    checked, written, _ = redacting(cassette_of(body=json.dumps(texts)))
    assert (checked.code, written.code) == (0, 0)


def test_a_short_value_comes_up_over_two_texts_by_chance(cassette, write):
    values = write("values.txt", "en-GB\n")
    assert (
        cassette("redact", "--check", "--values-file", values, write("a.yaml", cassette_of("{A: [en-, GB]}"))).code == 0
    )


@pytest.mark.parametrize(("regex", "fixed"), [
    (r"emp-\d+", True), (r"(?:user|team)_\w+", False), (r"\w{20,}", False), (r"x(abc)+", False), (r"(token) \w+", True),
    (r"a.b.c", False),
])  # fmt: skip
def test_a_pattern_without_a_fixed_word_would_match_over_any_two_texts(regex, fixed):
    assert Pattern.read(regex, 1).has_word is fixed


def test_what_frames_say_whatever_the_field():
    values = (chat(role="assistant"), chat(reasoning_content="a"), chat(reasoning_content="b"), chat(content="c"))
    frames = sse.split("".join(f"data: {json.dumps(one)}\n\n" for one in values)).frames
    assert joining.across(frames) == ["ab", "c"]


def test_long_texts_are_joined_by_their_ends(redacting):
    first, second = HALVES["value"]
    text = cassette_of(body=json.dumps(["a " * 50_000 + first, second + " b" * 50_000, "c " * 50_000]))
    assert "value-line-1 stands over several texts" in redacting(text)[0].out
