"""No secret on any path: what is shown of recorded values is masked by the rules of `cassette redact`.

Values are compared in clear and masked afterwards, so that a secret that changed is a change.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cassette_cli.lazy import lazy
from cassette_cli.operations.diff.volatile import last_key

if TYPE_CHECKING:
    from cassette_cli.operations.diff.result import CassetteDiff, Change, InteractionDiff, Label
    from cassette_cli.operations.redact import masking as redact


class Masker:
    """Masks secrets in differences. The rules are loaded when they are first needed."""

    @lazy
    def _masker(self) -> "redact.Masker":
        from cassette_cli.operations.redact import masking

        return masking.Masker()

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
        return None if label is None else replace(label, url=self._masker.text(label.url, kind="url"))

    def _change(self, change: "Change") -> "Change":
        if change.noise is not None and change.kind != "header":
            return change  # ids, times, lengths: nothing else counts as noise
        old, new = (self._value(change, value) for value in (change.old, change.new))
        return change if old is change.old and new is change.new else replace(change, old=old, new=new)

    def _value(self, change: "Change", value: Any) -> Any:
        if isinstance(value, str) and change.kind == "header":
            return self._masker.header(str(change.path[0]), value)
        if isinstance(value, str) and change.kind == "url":
            key = last_key(change.path[1:])
            return self._masker.text(value, key, "param") if key else self._masker.text(value, kind="url")
        if isinstance(value, str | dict | list):
            try:
                return self._masker.json(value, last_key(change.path) or "")
            except RecursionError:
                return "JSON that nests too deep to be shown"
        return value
