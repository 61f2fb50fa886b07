"""All rules of shapes, in one tuple: of two that match the same text the earlier one gives its name."""

from cassette_cli.operations.redact.rules import (
    ai,
    business,
    cloud,
    developer,
    ids,
    messaging,
    monitoring,
    payment,
    pii,
    structured,
)
from cassette_cli.operations.redact.rules.rule import Rule

SHAPES: tuple[Rule, ...] = (
    *ai.RULES,
    *cloud.RULES,
    *developer.RULES,
    *monitoring.RULES,
    *messaging.RULES,
    *business.RULES,
    *payment.RULES,
    *structured.RULES,
    *ids.RULES,
    *pii.RULES,
)
