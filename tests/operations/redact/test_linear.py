"""No regular expression is super-linear, and no scanner built on them: each is fed hostile texts.

Every pattern meets every hostile beginning in a short text, and the one that took it longest in a long
one. What is compared is processor time over a text and over one eight times as long: quadratic work
takes sixty-four times as long. No limit is on the time itself. HOSTILE_SIZE=1048576 in the environment
makes the long text a megabyte.
"""

import importlib
import json
import os
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from cassette_cli.operations.redact.found import Found
from cassette_cli.operations.redact.name_search import NameSearch
from cassette_cli.operations.redact.rules.table import Shape, Table
from cassette_cli.operations.redact.scan import Plan
from cassette_cli.operations.redact.shape_search import ShapeSearch
from cassette_cli.operations.redact.text import Replacing
from cassette_cli.operations.redact.words import Words

from cassette_cli.operations import redact
from cassette_cli.operations.redact import names, paths, views

SIZE = int(os.environ.get("HOSTILE_SIZE", "65536"))
SHORT = 1 << 11
LEAST = 0.5 * SIZE / (1 << 20)
"""Seconds that a hostile text may take anyhow; bounded repetitions make some texts slower, none slow."""

FINDER = Plan(Table(("secrets", "ids", "pii", "volatile")), Replacing()).finder
SHAPES = FINDER.table.shapes
STYLES = list({rule.style: rule for rule in FINDER.table.rules.values()}.values())
SEEDS = (
    "a", " ", "\n", "\\", '"', "'", "<", ">", "=", "%", "&", "%41", "\\u0041", '\\"', "a=", "&a=", "a:", '"a":', '"a":"', '"a":[',
    '"password":"', '"cookies":{', '"cookies":{"a":"b",', '"a" :', "<a ", "<a b=", "<a b='c'", "<Password>", "<a><a>", "A1", "a.", "a-",
    "a_", "AAAA", "eyJ", "eyJhbGciOi.eyJ", "eyJhbGciOiJI.", "form-data; name=", 'form-data; name="a"\r\n\r\n', "://", "://a:", "://a:b@",
    "x-api-key: ", "Bearer ", "Basic ", "sk-", "a1b2", "AAA/", "&amp;", "&#65;", "#", " # x", "{", "[", "{[", '{"a":[', ",", "a b",
    "H4sIAAAA", "eyJhdXRocyI6", "0123456789", ":AA", "http://a?b=c&", "a%3D", "'a':", "Credential=", "AWS4-HMAC-SHA256 Credential=a/b, ",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----AAAAAAAAAAAAAAAAAAAAAAAA\n", "-----BEGIN ", "arn:aws:a:", "a@b.", "a@", "1.1.1.",
    "\\n", "\\r\\n", "A" * 76 + "\n", "A" * 76 + "\\n", "set-cookie: a=b, ", "a=b, ", "a=b; ", "data: {\"a\":\"b\"}\n", "cassette: allow # ",
)  # fmt: skip


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield every regular expression of the package `redact`, those of the table too."""
    for info in pkgutil.iter_modules(redact.__path__):
        module = importlib.import_module(f"{redact.__name__}.{info.name}")
        for name, value in vars(module).items():
            several = value if isinstance(value, tuple) else (value,)
            for number, one in enumerate(several):
                if isinstance(one, re.Pattern) and name.isupper():
                    yield f"{info.name}.{name}" + (f" {number}" if number else ""), one
    for shape in SHAPES:
        yield shape.rule.name, shape.pattern


PATTERNS = dict(patterns())


def spent(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def hostile(seeds: tuple[str, ...], size: int) -> str:
    """Return a text with a long run of every seed, together of this size."""
    run = size // len(seeds)
    return "".join((seed * (run // len(seed) + 1))[:run] for seed in seeds)


def text_of(seed: str, size: int) -> str:
    return (seed * (size // len(seed) + 1))[:size]


def assert_linear(work: Callable[[str], object], seeds: Sequence[str], size: int = SIZE) -> None:
    """Find the seed that takes longest, and compare a long text of it with an eighth; thrice, for the machine's sake."""
    worst = max(seeds, key=lambda seed: spent(lambda: work(text_of(seed, SHORT))))
    for _ in range(3):
        whole = spent(lambda: work(text_of(worst, size)))
        if whole < LEAST or whole < 24 * max(spent(lambda: work(text_of(worst, size // 8))), LEAST / 24):
            return
    pytest.fail(f"more than linear over {worst[:30]!r}: {whole:.1f} s for {size} characters")


def search(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Callable[[str], object]:
    def work(text: str) -> object:
        subject: str | bytes = text.encode() if isinstance(pattern.pattern, bytes) else text
        pattern.fullmatch(subject)  # type: ignore[arg-type]
        return sum(1 for _ in pattern.finditer(subject))  # type: ignore[arg-type]

    return work


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 100


def test_quadratic_work_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "LEAST", 0.03)  # of a text that is short whatever HOSTILE_SIZE
    with pytest.raises(pytest.fail.Exception):
        assert_linear(search(re.compile("a+b")), ("a", " "), 1 << 14)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    literals = [literal for shape in SHAPES if name.startswith(shape.rule.name) for literal in shape.literals]
    assert_linear(search(PATTERNS[name]), (*SEEDS, *literals, *(one + "A1b2C3d4E5f6G7h8I9j0" for one in literals)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.rule.name)
def test_a_probe_is_linear(shape: Shape) -> None:
    searched = ShapeSearch([shape])
    for literal in shape.literals:
        assert_linear(
            lambda text: searched.search(Words(text.encode()), Found()),
            (literal, literal + "A1b2C3d4E5f6", literal * 3 + ".", literal + " "),
        )


def test_the_search_for_names_is_linear() -> None:
    searched = NameSearch(FINDER.table)
    seeds = ("token", "token ", "token_", '"token":', "-token-", "_-", "api key", 'api key"', "a.token", "%74oken=")
    assert_linear(lambda text: searched.search(text.encode(), Found()), seeds)


SCANNERS: dict[str, Callable[[str], object]] = {
    "find": FINDER.find,
    "find in a URL": lambda text: FINDER.find(f"https://x.example/?a={text}", "url"),
    "find in JSON": lambda text: FINDER.find(json.dumps({"a": text})),
    "judge": lambda text: [FINDER.judge(rule, text) for rule in STYLES],
    "json_pairs": lambda text: list(names.json_pairs(text)),
    "params": lambda text: list(names.params(text, "text")),
    "markup_pairs": lambda text: list(names.markup_pairs(text)),
    "fields": lambda text: list(names.fields(text)),
    "header_lines": lambda text: list(names.header_lines(text)),
    "base64_runs": lambda text: list(views.base64_runs(text)),
    "locate": lambda text: paths.locate("{" + text, [len(text)]),
}


@pytest.mark.parametrize("name", SCANNERS)
def test_a_scanner_is_linear(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_LONGEST", 1000)  # of a field: what is bounded is linear past its bound
    assert_linear(SCANNERS[name], SEEDS)
