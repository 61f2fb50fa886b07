"""The rules in words: every one with its level, and what exactly it matches."""

import fnmatch
from dataclasses import dataclass
from typing import Any

from cassette_cli.operations.redact.rules.table import LEVELS, Rule, Table

_KINDS = {
    "header": "the value of this header, whatever the case of its name; scheme, cookie names and attributes stay",
    "query": "the value under this name in the query or fragment of a URL, and in a form",
    "json": "the value under this key in JSON, YAML, XML, a form or a multipart body; - _ . and case do not count",
    "token": "this shape in any text: URLs, headers, bodies and what they encode, comments, keys",
    "pattern": "what this regular expression matches, in any text",
    "path": "what stands at this path of a JSON body",
    "value": "this value, in clear and in every encoding",
    "sweep": "a value that another rule found",
}
_CARES = {
    "any": "any value that is no placeholder already",
    "unless-plain": "any value but plain words, small numbers and placeholders",
    "if-opaque": "values of sixteen characters and more that are no words",
}


@dataclass(frozen=True, slots=True)
class Described:
    """A rule, whether it is in use, and, of a shape, its regular expression."""

    rule: Rule
    used: bool
    regex: str | None = None

    @property
    def where(self) -> str:
        """What the rule looks at."""
        return _KINDS[self.rule.kind]

    @property
    def care(self) -> str:
        """Which values count."""
        return (
            _CARES[self.rule.care]
            if self.regex is None
            else "any token that is no placeholder, and no stretch of a long base64 text"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the rule as `rules --json` prints it."""
        rule = self.rule
        return {
            "name": rule.name,
            "level": rule.level,
            "kind": rule.kind,
            "about": rule.about,
            "matches": self.where,
            "counts": self.care,
            "regex": self.regex,
            "used": self.used,
        }


def described(table: Table, name: str | None = None) -> list[Described]:
    """Return every rule, or those that a name or glob stands for, in the order of levels and names."""
    regexes = {shape.rule.name: shape.pattern.pattern for shape in table.all_shapes}
    found = [
        Described(rule, rule.level in table.levels and not table.is_allowed(rule.name), regexes.get(rule.name))
        for rule in table.rules.values()
        if name is None or _is(rule.name, name)
    ]
    return sorted(found, key=lambda one: (LEVELS.index(one.rule.level), one.rule.kind, one.rule.name))


def _is(rule: str, name: str) -> bool:
    return fnmatch.fnmatchcase(rule, name) or rule.partition(":")[2] == name
