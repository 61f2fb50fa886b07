"""The findings of `cassette redact --check` as a log of SARIF; no secret is in it, findings carry them masked."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cassette_cli.render.sarif import SarifResult, SarifRule, fingerprint, log

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassette_cli.operations.redact.detect.detectors import Detectors
    from cassette_cli.operations.redact.findings.finding import Finding
    from cassette_cli.operations.redact.summary import Summary

_LEVELS = {"secrets": "error", "ids": "warning", "pii": "warning", "volatile": "note"}
_UNSCANNED = "unscanned"


@dataclass
class Log:
    """What goes into a log of SARIF: a rule that found something is a rule of the log."""

    detectors: "Callable[[], Detectors]"
    is_history: bool = False
    results: list[SarifResult] = field(default_factory=list)
    levels: dict[str, str] = field(default_factory=dict)

    def add(self, result: "Summary") -> None:
        """Take the findings of one file, and what could not be looked into."""
        for one in result.findings:
            level = self.levels.setdefault(one.rule, _LEVELS[one.level])
            path, commit = self._version(one.path)
            told = f"{one.masked} in {one.where}{commit}"
            self.results.append(SarifResult(one.rule, level, told, path, one.line, _told(one)))
        for gap in result.gaps:
            self.levels.setdefault(_UNSCANNED, "warning")
            path, commit = self._version(gap.path)
            told = f"{gap.where} could not be looked into{commit}: {gap.reason}"
            same = fingerprint(gap.path, gap.interaction, gap.where, gap.reason)
            self.results.append(SarifResult(_UNSCANNED, "warning", told, path, gap.line, same))

    def _version(self, path: str) -> tuple[str, str]:
        """Return a path in the working tree, and the commit that holds the version in words."""
        if not self.is_history:
            return path, ""
        commit, _, path = path.partition(":")
        return path, f" of commit {commit}"

    def whole(self) -> dict[str, Any]:
        """Return the log."""
        from cassette_cli.operations.redact.rules.explaining import described

        abouts = {one.rule.name: one.rule.about for one in described(self.detectors())}
        abouts[_UNSCANNED] = "a part that could not be looked into"
        rules = [SarifRule(name, name, abouts.get(name) or name, level) for name, level in sorted(self.levels.items())]
        return log(rules, self.results)


def _told(one: "Finding") -> str:
    """Return what stands for a finding: the same secret in the same place of the same file, whatever its line."""
    return fingerprint(one.fingerprint, one.rule, one.path, one.interaction, one.where)
