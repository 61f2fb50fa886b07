"""What `cassette redact` reports: findings line by line, or a table of what was redacted; and the rules.

Nothing here is ever given a secret: findings carry them masked.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cassette_cli.operations.sizes import counted
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output, json_line, summarize
from cassette_cli.source.later import pattern

if TYPE_CHECKING:
    from cassette_cli.operations.redact.findings.finding import Finding, Gap
    from cassette_cli.operations.redact.rules.explaining import Described
    from cassette_cli.operations.redact.summary import Summary
    from cassette_cli.render.redact_log import Log

_ADVICE = "revoke what was committed: no later commit, and nothing here, takes it out of the history"
_GENERAL = pattern(r"[\[ ].*|(?<=\.body).*")


@dataclass
class Report:
    """Reports file by file, and adds up; `listing` names each finding, `dry` says that nothing is written.

    With a `log` the findings go there; `is_history` says that the files are versions, which stay as they are.
    """

    output: Output
    as_json: bool
    listing: bool
    dry: bool
    log: "Log | None" = None
    is_history: bool = False
    files: int = 0
    touched: int = 0
    found: int = 0
    matched: int = 0
    gaps: int = 0
    chosen: int = 0
    places: Counter[tuple[str, str]] = field(default_factory=Counter)

    def file(self, result: "Summary") -> None:
        """Report one file."""
        self.files += 1
        self.chosen += result.chosen
        self.touched += bool(result.findings)
        self.gaps += len({(one.interaction, one.where) for one in result.gaps})
        self.found += len(result.findings) + len(result.gaps)
        self.matched += sum(one.matched for one in result.findings)
        self.places.update((one.rule, _GENERAL.sub("", one.where)) for one in result.findings)
        if self.log is not None:
            self.log.add(result)
            return
        if self.as_json:
            self.output.text(json_line(as_json(result, is_history=self.is_history)))
            return
        lines = [_finding(one) for one in result.findings] if self.listing else []
        lines += [_gap(one) for one in result.gaps]
        if lines:
            self.output.lines(lines, wrap=False)

    def total(self) -> None:
        """Report the sum: a table by rule and place."""
        if self.log is not None:
            self.output.text(json.dumps(self.log.whole(), indent=2, ensure_ascii=True))
            return
        if self.as_json or not self.files:
            return
        of = counted(self.files, "version" if self.is_history else "cassette")
        secrets = sum(self.places.values())
        if not self.chosen and not self.gaps:
            return  # nothing was searched
        if self.listing:
            what = "found" if self.is_history else "to redact"
            summarize(f"{secrets} {what} in {self.touched} of {of}" + self.unscanned(), self.output.color)
            if self.is_history and secrets:
                Output(self.output.color, sys.stderr).text(f"hint: {_ADVICE}")
            return
        verb = "would be redacted" if self.dry else "redacted"
        if not secrets:
            what = verb if self.gaps else "to redact"  # something may have been found where nothing can be written
            summarize(f"nothing {what} in {of}" + self.unscanned(), self.output.color)
            return
        width = max(len(rule) for rule, _ in self.places)
        across = max(len(place) for _, place in self.places)
        for (rule, place), count in sorted(self.places.items(), key=lambda item: (-item[1], item[0])):
            self.output.lines([[(f"{count:6}", "bold"), (f"  {rule:{width}}  {place:{across}}".rstrip(), "")]])
        summarize(f"{secrets} {verb} in {self.touched} of {of}" + self.unscanned(), self.output.color)
        if self.matched:
            words = "of them lie in parts that the recorder matches requests by"
            hint = "your filter must write the same placeholder (see --placeholder)"
            summarize(f"{self.matched} {words}: {hint}", self.output.color)

    def unscanned(self) -> str:
        """Return how many parts could not be scanned, as the end of a line; "" where all could."""
        return f"; {counted(self.gaps, 'part')} could not be scanned" if self.gaps else ""


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


def as_json(result: "Summary", *, is_history: bool = False) -> dict[str, Any]:
    """Return the document of one file or version, as the command's docstring describes it."""
    commit, _, path = result.path.partition(":") if is_history else ("", "", result.path)
    return {
        **({"commit": commit} if is_history else {}),
        "path": path,
        "changed": result.changed,
        "findings": [one.as_json() for one in result.findings],
        "unscanned": [one.as_json() for one in result.gaps],
        "matched_on": sum(one.matched for one in result.findings),
    }


def rules(output: Output, found: Sequence["Described"], *, as_json: bool) -> None:
    """Write the rules: a line each."""
    if as_json:
        for one in found:
            output.text(json_line(one.as_json()))
        return
    width = max((len(one.rule.name) for one in found), default=0)
    for one in found:
        mark = "" if one.used else "  (off)"
        output.lines([[(f"{one.rule.name:{width}}", "bold"), (f"  {one.rule.level:8}  {one.rule.about}{mark}", "")]])
