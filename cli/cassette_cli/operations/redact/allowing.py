"""The comment `# cassette: allow`: what its author let stand, at the line itself or under it."""

import fnmatch
import re
from collections.abc import Iterable

from cassette_cli.operations.redact.places import Place
from cassette_cli.source.document import Document

_ALLOW = re.compile(r"\bcassette:\s*allow\b[ \t]*([\w:*.,? -]*)", re.IGNORECASE)


class Allowed:
    """The lines of a document at which findings stand by permission: all of them, or those of the rules named."""

    def __init__(self, document: Document, places: Iterable[Place]) -> None:
        self._document = document
        self._lines: dict[int, tuple[str, ...]] = {}
        for place in places:
            if match := _ALLOW.search(place.text):
                rules = tuple(re.split(r"[,\s]+", match[1].strip())) if match[1].strip() else ("*",)
                line = document.line(place.start)
                self._lines[line + 1 if self._stands_alone(place.start) else line] = rules

    def __bool__(self) -> bool:
        return bool(self._lines)

    def _stands_alone(self, start: int) -> bool:
        """Say whether a comment speaks of the line below: it has its own line, or ends that of a bare key."""
        text = self._document.text
        before = text[text.rfind("\n", 0, start) + 1 : start].strip()
        return not before or before.endswith(":")

    def covers(self, place: Place, rule: str) -> bool:
        """Say whether a finding of a rule in a place may stand."""
        if place.node is None:
            return False
        rules = self._lines.get(self._document.line(place.node.start), ())
        return any(fnmatch.fnmatchcase(rule, glob) for glob in rules)
