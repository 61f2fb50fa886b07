"""What `cassette redact` reports: findings line by line, or a table of what was redacted; and the rules.

Nothing here is ever given a secret: findings carry them masked.
"""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cassette_cli.render.inert import inert_line
from cassette_cli.render.listing import json_line
from cassette_cli.render.output import Line, Output

if TYPE_CHECKING:
    from cassette_cli.operations.redact.findings.finding import Finding, Gap
    from cassette_cli.operations.redact.redacting import Summary
    from cassette_cli.operations.redact.rules.explaining import Described

_GENERAL = re.compile(r"[\[ ].*|(?<=\.body).*")


@dataclass
class Report:
    """Reports file by file, and adds up; `listing` names each finding, `dry` says that nothing is written."""

    output: Output
    as_json: bool
    listing: bool
    dry: bool
    files: int = 0
    touched: int = 0
    found: int = 0
    matched: int = 0
    gaps: int = 0
    places: Counter[tuple[str, str]] = field(default_factory=Counter)

    def file(self, result: "Summary") -> None:
        """Report one file."""
        self.files += 1
        self.touched += bool(result.findings)
        self.gaps += len(result.gaps)
        self.found += len(result.findings) + len(result.gaps)
        self.matched += sum(one.matched for one in result.findings)
        self.places.update((one.rule, _GENERAL.sub("", one.where)) for one in result.findings)
        if self.as_json:
            self.output.text(json_line(as_json(result)))
            return
        lines = [_finding(one) for one in result.findings] if self.listing else []
        lines += [_gap(one) for one in result.gaps]
        if lines:
            self.output.lines(lines)

    def total(self) -> None:
        """Report the sum: a table by rule and place."""
        if self.as_json or not self.files:
            return
        noun = "cassette" if self.files == 1 else "cassettes"
        secrets = sum(self.places.values())
        if self.listing:
            stderr = Output(self.output.color, sys.stderr)
            stderr.text(f"cassette: {secrets} to redact in {self.touched} of {self.files} {noun}" + self._unscanned())
            return
        if not secrets:
            self.output.text(f"nothing to redact in {self.files} {noun}" + self._unscanned())
            return
        width = max(len(rule) for rule, _ in self.places)
        across = max(len(place) for _, place in self.places)
        for (rule, place), count in sorted(self.places.items(), key=lambda item: (-item[1], item[0])):
            self.output.lines([[(f"{count:6}", "bold"), (f"  {rule:{width}}  {place:{across}}".rstrip(), "")]])
        verb = "would be redacted" if self.dry else "redacted"
        line = f"{secrets} {verb} in {self.touched} of {self.files} {noun}" + self._unscanned()
        self.output.lines([[(line, "bold")]])
        if self.matched:
            words = "of them lie in parts that the recorder matches requests by"
            hint = "your filter must write the same placeholder (see --placeholder)"
            self.output.lines([[(f"{self.matched} {words}: {hint}", "yellow")]])

    def _unscanned(self) -> str:
        return f"; {self.gaps} parts could not be scanned" if self.gaps else ""


def _finding(one: "Finding") -> Line:
    number = "-" if one.interaction is None else f"#{one.interaction}"
    where, masked = inert_line(one.where), inert_line(one.masked)
    return [
        (f"{inert_line(one.path)}:{one.line}", "bold"),
        (f"  {number}  {where}  ", ""),
        (one.rule, "yellow"),
        (f"  {masked}  {one.fingerprint}", "dim"),
    ]


def _gap(one: "Gap") -> Line:
    number = "-" if one.interaction is None else f"#{one.interaction}"
    return [
        (f"{inert_line(one.path)}:{one.line}", "bold"),
        (f"  {number}  {inert_line(one.where)}  ", ""),
        ("UNSCANNED", "red"),
        (f"  {inert_line(one.reason)}", ""),
    ]


def as_json(result: "Summary") -> dict[str, Any]:
    """Return the document of one file, as the command's docstring describes it."""
    return {
        "path": result.path,
        "changed": result.changed,
        "findings": [one.as_json() for one in result.findings],
        "unscanned": [one.as_json() for one in result.gaps],
        "matched_on": sum(one.matched for one in result.findings),
    }


def rules(output: Output, found: Sequence["Described"], *, as_json: bool, explained: bool) -> None:
    """Write the rules: a line each, or in full where they are explained."""
    if as_json:
        for one in found:
            output.text(json_line(one.as_json()))
        return
    width = max((len(one.rule.name) for one in found), default=0)
    for one in found:
        rule = one.rule
        if not explained:
            mark = "" if one.used else "  (off)"
            output.lines([[(f"{rule.name:{width}}", "bold"), (f"  {rule.level:8}  {rule.about}{mark}", "")]])
            continue
        output.lines([[(rule.name, "bold"), (f"  {rule.level}" + ("" if one.used else ", off"), "")]])
        output.text(f"  {rule.about}")
        output.text(f"  matches {one.where}")
        if rule.pattern:
            output.text(f"  regex   {rule.pattern}")
