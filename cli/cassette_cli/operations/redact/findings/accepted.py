"""What a project accepts: comments `# cassette: allow`, and a baseline of known findings."""

import fnmatch
import os
import re
from collections.abc import Iterable

from cassette_cli.operations.baselines import read_listed, write_listed
from cassette_cli.operations.redact.findings.finding import Finding
from cassette_cli.operations.redact.texts.document import DocumentLayer, Place
from cassette_cli.operations.targets import relative
from cassette_cli.source.document import Document
from cassette_cli.source.later import pattern

_ALLOW = pattern(r"\bcassette:\s*allow\b[ \t]*([\w:*.,? -]*)", re.IGNORECASE)


class Allowed:
    """The lines of a document at which findings stand by permission: all of them, or those of the rules named."""

    def __init__(self, document: Document, layer: DocumentLayer) -> None:
        self._document = document
        self._lines: dict[int, tuple[str, ...]] = {}
        for start, text in layer.comments() if "cassette:" in document.text else ():
            if match := _ALLOW.search(text):
                rules = tuple(re.split(r"[,\s]+", match[1].strip())) if match[1].strip() else ("*",)
                line = document.line(start)
                self._lines[line + 1 if self._stands_alone(start) else line] = rules

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


class Baseline:
    """The findings that a project knows of: by file, counted from the folder of the baseline, and fingerprint."""

    def __init__(self, path: str) -> None:
        """Read a baseline; raises `UsageError` for a file that is none."""
        self._folder = os.path.dirname(os.path.abspath(path))
        self._known = set(read_listed(path, "findings", "redact", lambda one: (one["path"], one["fingerprint"])))

    def knows(self, finding: Finding) -> bool:
        """Say whether a finding is known."""
        return (relative(finding.path, self._folder), finding.fingerprint) in self._known


def write_baseline(path: str, found: Iterable[Finding]) -> int:
    """Write the findings to a file and return how many there are; none of them is a secret in clear."""
    folder = os.path.dirname(os.path.abspath(path))
    entries = sorted({(relative(one.path, folder), one.rule, one.where, one.fingerprint) for one in found})
    keys = ("path", "rule", "where", "fingerprint")
    write_listed(path, "findings", (dict(zip(keys, one, strict=True)) for one in entries))
    return len(entries)
