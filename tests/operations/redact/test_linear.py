"""No regular expression is super-linear, and no scanner built on them: each is fed hostile texts.

Every pattern meets every hostile beginning in a short text, and the one that took it longest in a long
one. What is compared is processor time over a text and over one eight times as long: quadratic work
takes sixty-four times as long. No limit is on the time itself. HOSTILE_SIZE=1048576 in the environment
makes the long text a megabyte.
"""

import ast
import importlib
import inspect
import json
import os
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace

import pytest

from cassette_cli.operations import redact
from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.findings.finding import Hidden
from cassette_cli.operations.redact.masking import MemoryLayer
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.replace.writing import lifted
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.scanning import Plan, Scan
from cassette_cli.operations.redact.texts import views
from cassette_cli.operations.redact.texts.text import Kind, Piece
from cassette_cli.source.later import pattern
from operations.planting import BASE
from operations.recorders import vcrpy
from operations.redact_support import redacted

SIZE = int(os.environ.get("HOSTILE_SIZE", "65536"))
SHORT = 1 << 11
LEAST = 0.5 * SIZE / (1 << 20)
"""Seconds that a hostile text may take anyhow; bounded repetitions make some texts slower, none slow."""

PLAN = Plan(Detectors(frozenset(("secrets", "ids", "pii", "volatile"))), Placeholders())


def scan(text: str, kind: Kind = "text", name: str = "") -> object:
    """Look for everything in a text, and write it back."""
    scanned = Scan(PLAN, MemoryLayer([Piece(text, 0, name, "key" if name else "", kind)]), text).run()
    return lifted(scanned, PLAN.placeholders, PLAN.placeholders.assigned(text))


SEEDS = (
    "a", " ", "\n", "\\", '"', "'", "<", ">", "=", "%", "&", "%41", "\\u0041", '\\"', "a=", "&a=", "a:", '"a":', '"a":"', '"a":[',
    '"password":"', '"cookies":{', '"cookies":{"a":"b",', '"a" :', "<a ", "<a b=", "<a b='c'", "<Password>", "<a><a>", "A1", "a.", "a-",
    "a_", "AAAA", "eyJ", "eyJhbGciOi.eyJ", "eyJhbGciOiJI.", "form-data; name=", 'form-data; name="a"\r\n\r\n', "://", "://a:", "://a:b@",
    "x-api-key: ", "Bearer ", "Basic ", "sk-", "a1b2", "AAA/", "&amp;", "&#65;", "#", " # x", "{", "[", "{[", '{"a":[', ",", "a b",
    "H4sIAAAA", "eyJhdXRocyI6", "0123456789", ":AA", "http://a?b=c&", "a%3D", "'a':", "Credential=", "AWS4-HMAC-SHA256 Credential=a/b, ",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----AAAAAAAAAAAAAAAAAAAAAAAA\n", "-----BEGIN ", "arn:aws:a:", "a@b.", "a@", "1.1.1.",
    "\\n", "\\r\\n", "A" * 76 + "\n", "A" * 76 + "\\n", "set-cookie: a=b, ", "a=b, ", "a=b; ", "data: {\"a\":\"b\"}\n", "cassette: allow # ",
)  # fmt: skip


def leaves(value: object) -> Iterator[object]:
    """Yield what stands in a table of tables."""
    if isinstance(value, tuple):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield every regular expression of the package `redact`, those of the table too."""
    for info in pkgutil.walk_packages(redact.__path__, f"{redact.__name__}."):
        if info.name.rpartition(".")[2].startswith("__") or ".emitting" in info.name:
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            for number, one in enumerate(leaves(value) if name.isupper() else ()):
                if isinstance(one, re.Pattern | type(pattern(""))):  # some are compiled when they are first used
                    compiled = re.compile(one.pattern, one.flags)
                    yield (
                        f"{info.name.removeprefix(redact.__name__)}.{name}" + (f" {number}" if number else ""),
                        compiled,
                    )
    for rule in SHAPES:
        yield rule.name, re.compile(rule.pattern, re.ASCII)


PATTERNS = dict(patterns())


def asked_of_a_whole_value() -> Iterator[str]:
    """Yield the patterns of which their module only ever asks whether they are all of a value."""
    for info in pkgutil.walk_packages(redact.__path__, f"{redact.__name__}."):
        tree = ast.parse(inspect.getsource(importlib.import_module(info.name)))
        asked = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        uses: dict[str, set[str | None]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id.startswith("_"):
                uses.setdefault(node.id, set()).add(asked.get(id(node)))
        for name, used in uses.items():
            if used == {"fullmatch"}:
                yield f"{info.name.removeprefix(redact.__name__)}.{name}"


WHOLE = frozenset(asked_of_a_whole_value())


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


def search(asked: re.Pattern[str] | re.Pattern[bytes], *, whole: bool = False) -> Callable[[str], object]:
    """Return what asks a pattern about a text: of all of it, and unless it is only asked so, anywhere in it."""

    def work(text: str) -> object:
        subject: str | bytes = text.encode() if isinstance(asked.pattern, bytes) else text
        asked.fullmatch(subject)  # type: ignore[arg-type]
        return whole or sum(1 for _ in asked.finditer(subject))  # type: ignore[arg-type]

    return work


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 100


def test_quadratic_work_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "LEAST", 0.03)  # of a text that is short whatever HOSTILE_SIZE
    with pytest.raises(pytest.fail.Exception):
        assert_linear(search(re.compile("a+b")), ("a", " "), 1 << 14)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    literals = [literal for rule in SHAPES if name == rule.name for literal in rule.literals]
    work = search(PATTERNS[name], whole=name in WHOLE)
    assert_linear(work, (*SEEDS, *literals, *(one + "A1b2C3d4E5f6G7h8I9j0" for one in literals)))


SCANNERS: dict[str, Callable[[str], object]] = {
    "a text": scan,
    "a URL": lambda text: scan(f"https://x.example/?a={text}", "url"),
    "a form": lambda text: scan(f"a={text}", "form"),
    "JSON": lambda text: scan(json.dumps({"a": text, "b": [text]})),
    "a name": lambda text: scan(text, name="password"),
    "base64": lambda text: list(views.base64_runs(text, bool)),
}


@pytest.mark.parametrize("name", SCANNERS)
def test_a_scanner_is_linear(name: str) -> None:
    assert_linear(SCANNERS[name], SEEDS)


def test_many_findings_are_linear() -> None:
    """Each has a line, a place in JSON, and a fingerprint."""

    def work(count: int) -> object:
        values = [f"sk_live_{number:08}FAKEfake0123456789" for number in range(count)]
        body = json.dumps({"list": [{"text": f"see {value}\nthere"} for value in values]}, indent=1)
        return redacted(vcrpy(BASE.answered(body)), PLAN)

    whole, part = spent(lambda: work(1600)), spent(lambda: work(200))
    assert whole < 24 * part


def test_paths_are_masked_in_linear_time() -> None:
    """Each finding has a path, in which each of the secrets may stand."""

    def work(count: int) -> None:
        values = [f"sk_live_{number:08}FAKEfake0123456789" for number in range(count)]
        secrets = [(None, SimpleNamespace(value=value, masked="sk_live_…", tells=True)) for value in values]
        hidden = Hidden([SimpleNamespace(secrets=lambda: secrets)])  # type: ignore[list-item]
        assert {hidden.masked(f"body $.{number}.{value}") for number, value in enumerate(values)} == {
            f"body $.{number}.sk_live_…" for number in range(count)
        }

    whole, part = spent(lambda: work(8000)), spent(lambda: work(1000))
    assert whole < max(24 * part, 2)  # with each secret tried on each path it is ten and more
