"""Redaction: rules see decoded text, and what they find is replaced through every layer that leads to it."""

from cassette_cli.model.http import Cassette


def found_values(cassette: Cassette) -> set[str]:
    """Return every secret that the default rules find in a cassette, in clear: for comparisons, never for output."""
    from cassette_cli.operations.redact import redacting
    from cassette_cli.operations.redact.detect.detectors import Detectors
    from cassette_cli.operations.redact.replace.placeholders import Placeholders
    from cassette_cli.operations.redact.scanning import Plan

    return redacting.found_values(cassette, Plan(Detectors(), Placeholders()))
