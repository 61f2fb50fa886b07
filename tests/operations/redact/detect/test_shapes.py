"""The catalogue of token shapes: every rule finds its samples, leaves its counterexamples, and stays what it says."""

import importlib
import re
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from cassette_cli.operations.redact.detect.shapes import ShapeDetector, compiled, is_example
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.rules.shape import BEFORE, HEX, LOWER, MIXED, UPPER, UUID

ALL = ShapeDetector(SHAPES)
DEFAULT = ShapeDetector(rule for rule in SHAPES if rule.level in ("secrets", "ids"))
RULES = [pytest.param(rule, id=rule.name) for rule in SHAPES]
GLUED = [pytest.param(rule, id=rule.name) for rule in SHAPES if rule.pattern.startswith(BEFORE)]


_parser = importlib.import_module("re._parser")
_CLASSES = {"CATEGORY_DIGIT": "0123456789", "CATEGORY_WORD": "abcXYZ0189_", "CATEGORY_SPACE": " "}
_PRINTABLE = [chr(code) for code in range(32, 127)]


def generated(pattern: str, random: Random) -> str:
    """Return a text that a pattern may match: what it looks ahead or behind for comes by luck."""
    return "".join(_pieces(_parser.parse(pattern, re.ASCII), random, {}))


def _pieces(parsed: Any, random: Random, groups: dict[int, str]) -> list[str]:
    out: list[str] = []
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            out.append(chr(argument))
        elif name == "IN":
            out.append(random.choice(_choices(argument)))
        elif name == "NOT_LITERAL":
            out.append(random.choice([char for char in _PRINTABLE if ord(char) != argument]))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, body = argument
            for _ in range(random.randint(low, min(int(high), low + 4))):
                out += _pieces(body, random, groups)
        elif name == "BRANCH":
            out += _pieces(random.choice(argument[1]), random, groups)
        elif name == "SUBPATTERN":
            text = "".join(_pieces(argument[3], random, groups))
            groups[argument[0]] = text
            out.append(text)
        elif name == "GROUPREF":
            out.append(groups[argument])
        else:
            assert name in ("ASSERT", "ASSERT_NOT", "AT"), name
    return out


def _choices(argument: Any) -> list[str]:
    chars: set[str] = set()
    for operation, value in argument:
        if str(operation) == "RANGE":
            chars |= {chr(code) for code in range(value[0], value[1] + 1)}
        elif str(operation) == "CATEGORY":
            chars |= set(_CLASSES.get(str(value), _PRINTABLE))
        elif str(operation) == "LITERAL":
            chars.add(chr(value))
    if str(argument[0][0]) == "NEGATE":
        return [char for char in _PRINTABLE if char not in chars and not char.isspace()]
    return sorted(chars)


def host_of(rule: Rule) -> str:
    return rule.hosts[0].replace("*", "www") if rule.hosts else "api.example.com"


def found(text: str, host: str = "", detector: ShapeDetector = DEFAULT) -> dict[str, str]:
    """Return what is found in a text, by rule."""
    return {match.rule.name: text[match.start : match.end] for match in detector.find(text, host)}


def taken(text: str) -> str:
    return text.replace("{~}", "")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_its_samples_and_leaves_its_counterexamples(rule: Rule) -> None:
    alone = ShapeDetector([rule])
    assert rule.samples
    for sample in map(taken, rule.samples):
        for text in (sample, f"Use {sample} to connect.", f'{{"a": "{sample}", "b": 1}}', f"<a>{sample}</a>"):
            assert list(alone.find(text, host_of(rule))), text
    for text in map(taken, rule.counterexamples):
        assert not list(alone.find(text, host_of(rule))), text


@pytest.mark.parametrize("rule", RULES)
def test_of_all_rules_together_a_sample_is_named_by_its_own(rule: Rule) -> None:
    for sample in map(taken, rule.samples):
        matches = list(ALL.find(sample, host_of(rule)))
        (own,) = [match for match in ShapeDetector([rule]).find(sample, host_of(rule))][:1]
        # Another rule may know it, too, where two vendors share a shape: it covers no less then.
        assert any(match.start <= own.start and own.end <= match.end for match in matches), matches


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", rule.name)
    assert rule.about
    assert not rule.about.endswith(".")
    assert rule.literals
    assert all(rule.literals)
    assert not compiled(rule.pattern).match("")
    assert re.search(r"(?<!\\)[+*](?![^\[]*\])", re.sub(r"\\.|\[[^\]]*\]", "", rule.pattern)) is None, "unbounded"


def test_names_are_unique_and_many() -> None:
    names = [rule.name for rule in SHAPES]
    assert len(set(names)) == len(names)
    assert len(names) > 400


@pytest.mark.parametrize("rule", RULES)
def test_whatever_a_pattern_matches_holds_a_literal_and_is_found(rule: Rule) -> None:
    alone = ShapeDetector([rule])
    random = Random(rule.name)
    met = 0
    for _ in range(200):
        text = generated(rule.pattern, random)
        match = compiled(rule.pattern).search(text)
        if match is None or any(char.isspace() and char != " " for char in text):
            continue
        secret = match["secret"] if "secret" in match.re.groupindex else match.group()
        if is_example(secret) or (rule.validate is not None and not rule.validate(secret)):
            continue
        met += 1
        assert any(literal in text[max(0, match.start() - 1) :] for literal in rule.literals), text
        assert list(alone.find(text, host_of(rule))), text
        if met == 20:
            break
    assert met or rule.validate or "(?=" in rule.pattern or "(?<=" in rule.pattern or rule.name in ("pem", "putty")


@pytest.mark.parametrize("rule", GLUED)
def test_a_token_begins_a_word(rule: Rule) -> None:
    for sample in map(taken, rule.samples):
        if sample.startswith(rule.literals):
            matches = list(ShapeDetector([rule]).find("x" + sample, host_of(rule)))
            assert all(match.start > 1 for match in matches)


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "sk-" + "x" * 32,
        "ghp_" + "x" * 36,
        "ghp_" + "a" * 36,
        "sk-ant-" + "api03-" + "X" * 95,
        "Bearer YOUR_API_KEY_FROM_THE_DASHBOARD",
        "sk-" + "your-key-from-the-dashboard-0A",
        "postgres://user:password@localhost/db",
        "redis://:${REDIS_PASSWORD}@cache:6379",
        "xoxb-REDACTED-REDACTED-REDACTED",
        "arn:aws:iam::123456789012:role/Example",
        "phc_" + MIXED[:43],
        "pk_live_" + MIXED[:24],
        "pk-lf-" + UUID,
        "sb_publishable_" + MIXED[:31],
        "data-sk-" + "loading-state",
        "task-" + HEX[:32],
        "https://example.com:8080/path@version",
        "-----BEGIN PUBLIC KEY-----\n" + MIXED[:64] + "\n-----END PUBLIC KEY-----",
        "sha256:" + HEX[:64],
        "etag " + HEX[:32],
        "trace-" + UUID,
    ],
)
def test_what_opens_nothing_is_no_finding(text: str) -> None:
    assert found(text) == {}


def test_a_token_by_chance_in_a_long_base64_text_is_none() -> None:
    blob = (MIXED * 2)[:400]
    assert found(f"{blob}+ghp_{MIXED[:36]}/{blob}") == {}
    assert found(f"{blob}/AKIA{UPPER[:16]}+{blob}") == {}
    assert found(f"{blob} ghp_{MIXED[:36]} {blob}") == {"github": f"ghp_{MIXED[:36]}"}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_token_by_chance_in_lines_of_base64_is_none(end: str) -> None:
    line, token = (MIXED * 2)[:64], "/AKIA" + UPPER[:16] + "/" + MIXED[:42]
    signature = end.join(["-----BEGIN PGP SIGNATURE-----", "", line, token, line[:30] + "=", "=FaKe", "-----END-----"])
    assert found(signature) == {}
    assert found(end.join([token, line])) == {}
    assert found(end.join(["one", token, "two"])) == {"aws-key-id": "AKIA" + UPPER[:16]}
    assert found(end.join([line, token + "x", line])) == {"aws-key-id": "AKIA" + UPPER[:16]}
    path = "v1/projects/MyProject2/locations/europe-west1/keyRings/Ring7/cryptoKeys/Key1/versions/12/of/The/Secret"
    assert found(f"https://example.com/{path}/ghp_{MIXED[:36]}/use") == {"github": f"ghp_{MIXED[:36]}"}
    assert found(f"https://example.com/v1/keys/ghp_{MIXED[:36]}/use") == {"github": f"ghp_{MIXED[:36]}"}


def test_an_id_of_a_vendor_asks_for_the_vendor_s_host() -> None:
    text = "projects/908172635490/locations/global"
    assert found(text, "us-central1-aiplatform.googleapis.com") == {"gcp-project-path": "908172635490"}
    assert found(text, "api.github.com") == found(text) == {}


def test_only_the_secret_part_goes() -> None:
    assert found("postgres://app:fake@0Pass@db.example/x")["userinfo"] == "fake@0Pass"
    assert found("?X-Amz-Credential=" + "FAKEFAKE0123%2F20260101&x=1")["presigned"] == "FAKEFAKE0123"
    url = "https://hooks.slack.com/services/T0FAKE012/B0FAKE012/" + MIXED[:24]
    assert found(url)["slack-webhook"] == MIXED[:24]
    assert found("AccountName=x;AccountKey=" + MIXED[:86] + "==;y=1")["azure-connection"] == MIXED[:86] + "=="


def test_matches_come_in_order_and_never_overlap() -> None:
    text = " ".join(taken(sample) for rule in SHAPES for sample in rule.samples)
    matches = list(ALL.find(text, "www.googleapis.com"))
    assert all(one.end <= other.start for one, other in pairwise(matches))
    assert len(matches) > 400


def test_many_openings_cost_no_more_than_their_number() -> None:
    """A text of nothing but literals is looked through in steps that grow with its length alone."""
    for literal in ("sk-", "://a:", "-----BEGIN ", "eyJ", "AAAA", "0.", "|", "Bearer "):
        assert found(literal * 20_000) in ({}, found(literal * 20_000))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("card", "4111 1111 1111 1111"),
        ("card", "378282246310005"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("iban", "FR1420041010050500013M02606"),
        ("us-ssn", "512-40-7693"),
        ("phone", "+49 30 901820"),
        ("phone", "(202) 555-0123"),
        ("us-phone", "202-555-0123"),
        ("ipv4", "198.51.100.7"),
        ("ipv6", "2001:db8::8a2e:370:7334"),
        ("email", "first.last+tag@mail.example.org"),
    ],
)
def test_data_of_persons_is_found_where_it_is_asked_for(rule: str, text: str) -> None:
    for sentence in (text, f"It is {text}.", f'{{"a":"{text}"}}', f"({text})"):
        assert found(sentence, detector=ALL).get(rule) == text, sentence
    assert found(text) == {}


@pytest.mark.parametrize(
    "text",
    ["4111 1111 1111 1112", "DE89 3704 0044 0532 0130 01", "000-12-3456", "2026-01-02T03:04:05", "1.2.3", "127.0.0.1",
     "Chrome/120.0.0.0", "::1", "12:34:56", "std::dec", "aa:bb:cc:dd:ee:ff", "user@localhost", "1700000000", LOWER[:16]],
)  # fmt: skip
def test_what_only_looks_like_data_of_persons_is_none(text: str) -> None:
    assert found(text, detector=ALL) == {}
