"""Redaction: rules that know where secrets hide, views that reach them, and edits that touch nothing else."""

from cassette_cli.model.http import Cassette


def found_values(cassette: Cassette) -> set[str]:
    """Return every secret that the default rules find in a cassette, in clear: for comparisons, never for output."""
    from cassette_cli.operations.redact import redacting
    from cassette_cli.operations.redact.rules.table import Table
    from cassette_cli.operations.redact.scan import Plan
    from cassette_cli.operations.redact.text import Replacing

    return redacting.found_values(cassette, Plan(Table(), Replacing()))
