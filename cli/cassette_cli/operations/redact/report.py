"""What a scan finds, in terms of people: findings with their places, and what could not be read."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret in one place. `line` counts from 1; `interaction` is None outside of all of them.

    `matched` says that the place is one that the recorder compares requests by. `value` is the secret
    itself, for comparisons only: nothing prints it.
    """

    path: str
    line: int
    interaction: int | None
    where: str
    rule: str
    level: str
    masked: str
    matched: bool
    value: str = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `--json` prints it."""
        return {
            "line": self.line,
            "interaction": self.interaction,
            "where": self.where,
            "rule": self.rule,
            "level": self.level,
            "masked": self.masked,
            "matched_on": self.matched,
        }


@dataclass(frozen=True, slots=True)
class Gap:
    """A part that could not be scanned, and why."""

    path: str
    line: int
    interaction: int | None
    where: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the gap as `--json` prints it."""
        return {"line": self.line, "interaction": self.interaction, "where": self.where, "reason": self.reason}
