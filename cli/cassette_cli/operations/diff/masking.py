"""No secret on any path: what is shown of recorded values is masked by the rules of `cassette redact`.

Values are compared in clear and masked afterwards, so that a secret that changed is a change. Where only texts are
kept, as by git, a keyed hash beside the mask tells two secrets apart. Here, too, secrets that a new version brings.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cassette_cli.errors import CassetteError
from cassette_cli.operations.diff.values import keys_of

if TYPE_CHECKING:
    from cassette_cli.operations.diff.cassettes import Version
    from cassette_cli.operations.diff.result import CassetteDiff, Change, Excerpt, InteractionDiff, Label
    from cassette_cli.operations.redact.hits import Hit
    from cassette_cli.operations.redact.rules import Rule
    from cassette_cli.operations.redact.scan import Plan
    from cassette_cli.operations.redact.text import Finder

_SHORTEST = 8
"""Texts shorter than this hold no secret that is known by its looks."""
_MOST = 256
"""How many texts are remembered: URLs and prompts come again and again in one recording."""


class Masker:
    """Masks secrets in texts, URLs, headers and JSON. The rules are loaded when they are first needed.

    With a `key`, a short hash of the secret stands beside its mask: equal for equal secrets, and worth nothing
    without the key.
    """

    def __init__(self, key: str | None = None) -> None:
        self._key = key
        self._seen: dict[tuple[str, str], str] = {}

    @cached_property
    def _finder(self) -> "Finder":
        from cassette_cli.operations.redact.rules import Table
        from cassette_cli.operations.redact.text import Finder, Replacing

        return Finder(Table(("secrets",)), Replacing())

    def suspects(self, text: str) -> bool:
        """Say whether a text may hold a secret at all."""
        return bool(self._finder.gate.look(text))

    def text(self, text: str, role: str = "text") -> str:
        """Return a text with its secrets masked; `role` is `url` for one that is a URL."""
        if len(text) < _SHORTEST:
            return text
        if (text, role) not in self._seen:
            if len(self._seen) > _MOST:
                self._seen.clear()
            self._seen[text, role] = self._masked(text, self._finder.find(text, role))
        return self._seen[text, role]

    def header(self, name: str, value: str) -> str:
        """Return a header's value with its secrets masked."""
        rule = self._finder.table.header(name)
        return value if rule is None and len(value) < _SHORTEST else self._named(rule, name, value)

    def json(self, value: Any, key: str = "") -> Any:
        """Return JSON with its secrets masked, under its keys and by their looks."""
        if isinstance(value, str):
            return self._named(self._finder.table.key(key) if key else None, key, value)
        if isinstance(value, dict):
            return {name: self.json(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self.json(item, key) for item in value]
        return value

    def _named(self, rule: "Rule | None", name: str, value: str) -> str:
        from cassette_cli.operations.redact.hits import merged

        hits = self._finder.judge(rule, value, name) if rule is not None else []
        return self._masked(value, merged(hits)) if hits else self.text(value)

    def _masked(self, text: str, hits: "Sequence[Hit]") -> str:
        out, at = "", 0
        for hit in hits:
            out += text[at : hit.start] + hit.masked + self._hash(text[hit.start : hit.end])
            at = hit.end
        return out + text[at:]

    def _hash(self, secret: str) -> str:
        if self._key is None:
            return ""
        return (
            "#" + hmac.new(self._key.encode(), secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:8]
        )

    def difference(self, found: "CassetteDiff", *, volatile: bool = True) -> "CassetteDiff":
        """Return a difference as it may be shown; `volatile` says that what is volatile is shown, too."""
        return replace(
            found, interactions=tuple(self._interaction(one, volatile=volatile) for one in found.interactions)
        )

    def _interaction(self, one: "InteractionDiff", *, volatile: bool) -> "InteractionDiff":
        if not one.differs and not volatile:
            return one
        return replace(
            one,
            old=self._label(one.old),
            new=self._label(one.new),
            changes=tuple(map(self._change, one.changes)),
            volatile=tuple(map(self._change, one.volatile)) if volatile else one.volatile,
            excerpt=None if one.excerpt is None else self._excerpt(one.excerpt),
        )

    def _label(self, label: "Label | None") -> "Label | None":
        return None if label is None else replace(label, url=self.text(label.url, "url"))

    def _excerpt(self, one: "Excerpt") -> "Excerpt":
        return replace(
            one,
            asked=self.text(one.asked),
            answer=self.text(one.answer),
            reasoning=self.text(one.reasoning),
            calls=tuple((name, self.text(arguments)) for name, arguments in one.calls),
            error=self.text(one.error),
        )

    def _change(self, change: "Change") -> "Change":
        old, new = (self._value(change, value) for value in (change.old, change.new))
        return change if old is change.old and new is change.new else replace(change, old=old, new=new)

    def _value(self, change: "Change", value: Any) -> Any:
        if isinstance(value, str) and change.kind == "header":
            return self.header(str(change.path[0]), value)
        if isinstance(value, str) and change.kind == "url":
            key = keys_of(change.path[1:])[0]
            rule = self._finder.table.param(key) if key else None
            return self._named(rule, key or "", value) if rule is not None else self.text(value, "url")
        if isinstance(value, str | dict | list):
            try:
                return self.json(value, keys_of(change.path)[0] or "")
            except RecursionError:
                return "JSON that nests too deep to be shown"
        return value


def plan_of_settings(warn: Callable[[CassetteError], None]) -> "Plan":
    """Return what `cassette redact` would look for here, by `[tool.cassette.redact]`.

    Values that cannot be looked for go to `warn`. Raises `UsageError` for a setting that is none.
    """
    from cassette_cli import config
    from cassette_cli.operations.redact import options

    return options.chosen(config.section("redact"), options.Given(), warn).plan


def brings_secret(old: "Version | None", new: "Version | None", plan: "Plan") -> bool:
    """Say whether the new version holds a secret that the old one did not."""
    from cassette_cli.operations.redact.redacting import found_values

    if new is None:
        return False
    before = set() if old is None else found_values(old.cassette, plan)
    return bool(found_values(new.cassette, plan) - before)
