"""Secrets that a new version brings: found by the rules of `cassette redact`, and by its settings."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from cassette_cli import config
from cassette_cli.errors import CassetteError
from cassette_cli.operations.diff.cassettes import Version

if TYPE_CHECKING:
    from cassette_cli.operations.redact.scanning import Plan


def plan_of_settings(warn: Callable[[CassetteError], None]) -> "Plan":
    """Return what `cassette redact` would look for here, by `[tool.cassette.redact]`.

    Values that cannot be looked for go to `warn`. Raises `UsageError` for a setting that is none.
    """
    from cassette_cli.operations.redact import options

    return options.chosen(config.section("redact"), options.Given(), warn).plan


def came(old: Version | None, new: Version | None, plan: "Plan") -> bool:
    """Say whether the new version holds a secret that the old one did not."""
    from cassette_cli.operations.redact.redacting import found_values

    if new is None:
        return False
    before = set() if old is None else found_values(old.cassette, plan)
    return bool(found_values(new.cassette, plan) - before)
