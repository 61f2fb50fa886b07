"""What the verbs that change interactions report: a line a file, and the sum."""

from dataclasses import dataclass

from cassette_cli.operations.edit.changing import Summary
from cassette_cli.operations.sizes import counted
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Output, summarize

_MOST = 8


@dataclass
class Report:
    """Writes file by file, and adds up; `dry` says that nothing is written to the files."""

    output: Output
    noun: str
    verb: str
    dry: bool
    files: int = 0
    changed: int = 0
    passed: int = 0
    interactions: int = 0

    def file(self, summary: Summary) -> None:
        """Report one file."""
        self.files += 1
        self.passed += summary.passed
        self.interactions += len(summary.changed)
        if not summary.changed:
            return
        self.changed += 1
        numbers = ", ".join(f"#{index}" for index in summary.changed[:_MOST])
        more = f" and {len(summary.changed) - _MOST} more" if len(summary.changed) > _MOST else ""
        facts = f"  {counted(len(summary.changed), self.noun)} {self._done}: {numbers}{more}"
        self.output.lines([[(inert_line(summary.path), "bold"), (facts, "")]])

    @property
    def _done(self) -> str:
        return f"would be {self.verb}" if self.dry else self.verb

    def total(self) -> None:
        """Report the sum: of several files, or that nothing changed."""
        if self.passed:
            what = f"{counted(self.passed, 'interaction')} passed over: nothing to change in them"
            summarize(what, self.output.color)
        if not self.files or (self.files == 1 and self.changed):
            return
        place = counted(self.files, "cassette")
        if not self.changed:
            summarize(f"nothing to change in {place}", self.output.color)
            return
        facts = f"{counted(self.interactions, self.noun)} in {self.changed} of {place} {self._done}"
        summarize(facts, self.output.color)
