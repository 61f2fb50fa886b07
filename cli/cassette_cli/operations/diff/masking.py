"""No secret on any path: what is shown of recorded values is masked by the rules of `cassette redact`.

Values are compared in clear and masked afterwards, so that a secret that changed is a change. Here, too, are the
secrets that a new version brings.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cassette_cli.errors import CassetteError
from cassette_cli.operations.diff.values import keys_of

if TYPE_CHECKING:
    from cassette_cli.operations.diff.cassettes import Version
    from cassette_cli.operations.diff.result import CassetteDiff, Change, Excerpt, InteractionDiff, Label
    from cassette_cli.operations.redact.masking import Masker
    from cassette_cli.operations.redact.scanning import Plan


class DiffMasker:
    """Masks secrets in differences. The rules are loaded when they are first needed."""

    @cached_property
    def _masker(self) -> "Masker":
        from cassette_cli.operations.redact.masking import Masker

        return Masker()

    def difference(self, found: "CassetteDiff", *, volatile: bool = True) -> "CassetteDiff":
        """Return a difference as it may be shown; `volatile` says that what is volatile is shown, too."""
        return found._replace(
            interactions=tuple(self._interaction(one, volatile=volatile) for one in found.interactions)
        )

    def _interaction(self, one: "InteractionDiff", *, volatile: bool) -> "InteractionDiff":
        if not one.differs and not volatile:
            return one
        return one._replace(
            old=self._label(one.old),
            new=self._label(one.new),
            changes=tuple(map(self._change, one.changes)),
            volatile=tuple(map(self._change, one.volatile)) if volatile else one.volatile,
            excerpt=None if one.excerpt is None else self._excerpt(one.excerpt),
        )

    def _label(self, label: "Label | None") -> "Label | None":
        return None if label is None else label._replace(url=self._masker.text(label.url, kind="url"))

    def _excerpt(self, one: "Excerpt") -> "Excerpt":
        return one._replace(
            asked=self._masker.text(one.asked),
            answer=self._masker.text(one.answer),
            reasoning=self._masker.text(one.reasoning),
            calls=tuple((name, self._masker.text(arguments)) for name, arguments in one.calls),
            error=self._masker.text(one.error),
        )

    def _change(self, change: "Change") -> "Change":
        old, new = (self._value(change, value) for value in (change.old, change.new))
        return change if old is change.old and new is change.new else change._replace(old=old, new=new)

    def _value(self, change: "Change", value: Any) -> Any:
        if isinstance(value, str) and change.kind == "header":
            return self._masker.header(str(change.path[0]), value)
        if isinstance(value, str) and change.kind == "url":
            key = keys_of(change.path[1:])[0]
            return self._masker.text(value, key, "param") if key else self._masker.text(value, kind="url")
        if isinstance(value, str | dict | list):
            try:
                return self._masker.json(value, keys_of(change.path)[0] or "")
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
