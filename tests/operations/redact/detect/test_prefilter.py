"""The prefilter skips nothing in which a rule finds anything, however it is written."""

import json
from collections.abc import Iterator

import pytest

from cassette_cli.operations.redact.detect import names
from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.masking import MemoryLayer
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.scanning import Plan, Scan
from cassette_cli.operations.redact.texts.text import Piece

LEVELS = frozenset(("secrets", "ids", "volatile"))
DETECTORS = Detectors(LEVELS)
FILLER = "A text of some length, so that it takes longer to read than to look over. " * 4
WRITINGS = {
    "JSON": lambda text: json.dumps({"filler": FILLER, "content": text}),
    "a line of JSON": lambda text: json.dumps({"filler": FILLER, "content": f"Here it is:\n{text}\nAnd more."}),
    "a list of JSON": lambda text: json.dumps([FILLER, {"a": [{"b": text}]}]),
    "JSON in JSON": lambda text: json.dumps({"filler": FILLER, "arguments": json.dumps({"command": text})}),
    "JSON in ASCII": lambda text: json.dumps({"filler": FILLER, "content": f"– {text}"}),
}


def all_samples() -> Iterator[tuple[Rule, str]]:
    for rule in (*SHAPES, *names.RULES):
        if rule.level in LEVELS:
            yield from ((rule, sample.replace("{~}", "")) for sample in rule.samples)


def found(text: str, detectors: Detectors) -> list[tuple[str, str]]:
    """Return what is found in a text, by rule."""
    layer = MemoryLayer([Piece(text, 0)])
    scanned = Scan(Plan(detectors, Placeholders()), layer, text).run()
    return sorted({(one.match.rule.name, one.value) for one in scanned.found})


@pytest.fixture(scope="module")
def unfiltered() -> Detectors:
    """Detectors without a prefilter."""
    made = Detectors(LEVELS)
    made.__dict__["prefilter"] = None
    return made


@pytest.mark.parametrize("writing", WRITINGS)
def test_what_a_rule_finds_is_found_all_the_same(writing: str, unfiltered: Detectors) -> None:
    several = 0
    for rule, sample in all_samples():
        text = WRITINGS[writing](sample)
        expected = found(text, unfiltered)
        assert found(text, DETECTORS) == expected, (rule.name, sample)
        several += bool(expected)
    assert several > 400


@pytest.mark.parametrize("kind", ["whole", "headers", "params"])
def test_every_name_tells_as_a_key_and_in_a_query(kind: str) -> None:
    prefilter = DETECTORS.prefilter
    assert prefilter is not None
    for name, rule in getattr(names.tables(), kind).items():
        if name.isascii() and DETECTORS.counts(rule.rule):
            assert not prefilter.is_dull(json.dumps({"a": 1, name: "v"}))
            assert not prefilter.is_dull(f"see https://x.example/?b=1&{name}=v")


@pytest.mark.parametrize(
    "line", ["Authorization: Bearer x", "'Set-Cookie': a=b", '"x-api-key": v', "api-key:", "Openai-Organization: v"]
)
def test_lines_of_headers_tell_by_their_names(line: str) -> None:
    prefilter = Detectors(LEVELS).prefilter
    assert prefilter is not None
    for _ in range(2):  # dull lines are remembered
        assert prefilter.telling(["Content-Type: application/json", line, "Server: nginx"]) == {line}


def test_a_text_over_several_lines_is_not_judged_by_lines() -> None:
    prefilter = Detectors(LEVELS).prefilter
    assert prefilter is not None
    assert prefilter.telling(["X-Note: begins here", "and goes on there"]) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "chatcmpl-1", "choices": [{"delta": {"content": "The\\nanswer"}}], "usage": {"prompt_tokens": 12}}',
        '{"role": "user", "content": "What is the weather in Paris?", "max_tokens": 4096}',
        "The quick brown fox jumps over the lazy dog.",
    ],
)
def test_what_says_nothing_is_dull(text: str) -> None:
    assert DETECTORS.prefilter is not None
    assert DETECTORS.prefilter.is_dull(text)


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "\u0073k-"}', '{"a": "b%41"}', '{"a": "&#65;"}', '{"a": "<b>c</b>"}', '{"a": "\\"b\\""}', r'{"a": "b\/c"}',
        '{"a": "postgres://bob:x@db"}', '{"a": "ZXhwb3J0IEFQSV9LRVk9dlg3cFEybVI5c1Q0"}', '["--password", "x"]',
        '[["Authorization", "x"]]', '{"name": "api_key", "value": "x"}', '{"cookies": {"a": "b"}}', r"C:\token",
        'form-data; name="a"', '{"kty": "EC"}', "grant_type=x&code=y",
    ],
)  # fmt: skip
def test_what_may_hide_something_is_not_dull(text: str) -> None:
    assert DETECTORS.prefilter is not None
    assert not DETECTORS.prefilter.is_dull(text)


def test_nothing_is_skipped_for_what_the_user_names() -> None:
    assert Detectors(values={"Zebra": Rule("mine", "", of_user=True)}).prefilter is None
    assert Detectors(frozenset(("secrets", "pii"))).prefilter is None
