"""No secret on any path: what is shown of recorded values is masked by the rules of `cassette redact`.

Values are compared in clear and masked afterwards, so that a secret that changed is a change.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cassette_cli.lazy import lazy
from cassette_cli.operations.diff.volatile import last_key

if TYPE_CHECKING:
    from cassette_cli.operations.diff.result import CassetteDiff, Change, InteractionDiff, Label
    from cassette_cli.operations.redact.rules.table import Rule
    from cassette_cli.operations.redact.text import Finder

_SHORTEST = 8
"""Texts shorter than this hold no secret that is known by its looks."""
_MOST = 256
"""How many texts are remembered: URLs and prompts come again and again in one recording."""


class Masker:
    """Masks secrets in texts, URLs, headers and JSON. The rules are loaded when they are first needed."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], str] = {}

    @lazy
    def _finder(self) -> "Finder":
        from cassette_cli.operations.redact.rules.table import Table
        from cassette_cli.operations.redact.text import Finder, Replacing

        return Finder(Table(("secrets",)), Replacing())

    def suspects(self, text: str) -> bool:
        """Say whether a text may hold a secret at all."""
        return bool(self._finder.gate.look(text))

    def text(self, text: str, role: str = "text") -> str:
        """Return a text with its secrets masked; `role` is `url` for one that is a URL."""
        from cassette_cli.operations.redact.hits import spliced

        if len(text) < _SHORTEST:
            return text
        if (text, role) not in self._seen:
            if len(self._seen) > _MOST:
                self._seen.clear()
            hits = self._finder.find(text, role)
            self._seen[text, role] = spliced(text, hits, masked=True) if hits else text
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
        from cassette_cli.operations.redact.hits import merged, spliced

        hits = self._finder.judge(rule, value, name) if rule is not None else []
        return spliced(value, merged(hits), masked=True) if hits else self.text(value)

    def difference(self, found: "CassetteDiff", *, noise: bool = True) -> "CassetteDiff":
        """Return a difference as it may be shown; `noise` says that what is volatile is shown, too."""
        return replace(found, interactions=tuple(self._interaction(one, noise=noise) for one in found.interactions))

    def _interaction(self, one: "InteractionDiff", *, noise: bool) -> "InteractionDiff":
        if not one.differs and not noise:
            return one
        return replace(
            one,
            old=self._label(one.old),
            new=self._label(one.new),
            changes=tuple(map(self._change, one.changes)),
            noise=tuple(map(self._change, one.noise)) if noise else one.noise,
        )

    def _label(self, label: "Label | None") -> "Label | None":
        return None if label is None else replace(label, url=self.text(label.url, "url"))

    def _change(self, change: "Change") -> "Change":
        if change.noise is not None and change.kind != "header":
            return change  # ids, times, lengths: nothing else counts as noise
        old, new = (self._value(change, value) for value in (change.old, change.new))
        return change if old is change.old and new is change.new else replace(change, old=old, new=new)

    def _value(self, change: "Change", value: Any) -> Any:
        if isinstance(value, str) and change.kind == "header":
            return self.header(str(change.path[0]), value)
        if isinstance(value, str) and change.kind == "url":
            key = last_key(change.path[1:])
            rule = self._finder.table.param(key) if key else None
            return self._named(rule, key or "", value) if rule is not None else self.text(value, "url")
        if isinstance(value, str | dict | list):
            try:
                return self.json(value, last_key(change.path) or "")
            except RecursionError:
                return "JSON that nests too deep to be shown"
        return value
