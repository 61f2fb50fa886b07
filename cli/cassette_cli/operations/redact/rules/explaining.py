"""The rules in words: every one with its level, and what exactly it matches."""

import fnmatch
from typing import Any, NamedTuple

from cassette_cli.errors import UsageError
from cassette_cli.operations.nearest import hint
from cassette_cli.operations.redact.detect.detectors import LEVELS, Detectors
from cassette_cli.operations.redact.detect.names import RULES as NAMES
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.rules.rule import Rule


class Described(NamedTuple):
    """A rule, and whether it is in use."""

    rule: Rule
    used: bool

    @property
    def where(self) -> str:
        """What the rule looks at."""
        if self.rule.of_user:
            return "what you named"
        if not self.rule.pattern:
            return "values under such names: headers, keys, parameters, variables, flags, in any text"
        hosts = f", recorded from {', '.join(self.rule.hosts)}" if self.rule.hosts else ""
        return f"this shape in any text: URLs, headers, bodies and what they encode, comments, keys{hosts}"

    def as_json(self) -> dict[str, Any]:
        """Return the rule as `rules --json` prints it."""
        rule = self.rule
        kind = "user" if rule.of_user else "shape" if rule.pattern else "name"
        return {
            "name": rule.name,
            "level": rule.level,
            "kind": kind,
            "about": rule.about,
            "matches": self.where,
            "regex": rule.pattern or None,
            "hosts": list(rule.hosts),
            "used": self.used,
        }


def described(detectors: Detectors, name: str | None = None) -> list[Described]:
    """Return every rule, or those that a name or glob stands for, in the order of levels and names."""
    catalogue = [(rule, detectors.defaults and detectors.counts(rule)) for rule in (*NAMES, *SHAPES)]
    every = [*catalogue, *((rule, True) for rule in detectors.of_user)]
    found = [Described(rule, used) for rule, used in every if name is None or fnmatch.fnmatchcase(rule.name, name)]
    if not found and name is not None:
        names = (rule.name for rule, _ in every)
        raise UsageError(f"there is no rule {name!r}", hint=hint(name, names, "`cassette rules` lists them"))
    return sorted(found, key=lambda one: (LEVELS.index(one.rule.level), bool(one.rule.pattern), one.rule.name))
