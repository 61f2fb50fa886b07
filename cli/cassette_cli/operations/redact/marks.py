"""Which parts of a recording its recorder finds an interaction by, unless it is told otherwise: as its format says."""

from cassette_cli.formats import registry
from cassette_cli.operations.redact.places import Place


def is_matched(place: Place, recorder: str, where: str) -> bool:
    """Say whether a change in a place may keep the recorder from finding the interaction again."""
    if place.kind == "url":
        return True
    if place.side != "request" and ".request." not in f".{where}.":
        return False
    return ("headers" if place.kind == "header" else "body") in registry.matched(recorder)
