"""The samples of the rules by name: each rule finds its own, and nothing is found in what must not match."""

import pytest

from cassette_cli.operations.redact.detect.assignments import assignments
from cassette_cli.operations.redact.detect.names import RULES
from cassette_cli.operations.redact.rules.catalogue import SHAPES


def _found(text: str) -> list[tuple[str, str]]:
    return [(match.rule.name, text[match.start : match.end]) for match in assignments(text)]


@pytest.mark.parametrize(
    ("rule", "text"), [(rule.name, text.replace("{~}", "")) for rule in RULES for text in rule.samples]
)
def test_finds_the_samples_of_a_rule(rule: str, text: str) -> None:
    assert rule in [name for name, _ in _found(text)]


@pytest.mark.parametrize("text", [text.replace("{~}", "") for rule in RULES for text in rule.counterexamples])
def test_finds_nothing_in_counterexamples(text: str) -> None:
    assert _found(text) == []


def test_every_rule_of_secrets_has_samples_of_both_kinds() -> None:
    for rule in RULES:
        if rule.level == "secrets" and rule.name not in ("access-key-id", "saml"):
            assert rule.samples, rule.name
            assert rule.counterexamples, rule.name


def test_rules_have_names_of_their_own() -> None:
    names = [rule.name for rule in (*RULES, *SHAPES)]
    assert sorted({name for name in names if names.count(name) > 1}) == []
