"""What the verbs share that change chosen interactions: where it goes, what is told of it, the exit code."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from cassette_cli.commands.options import Choice
from cassette_cli.errors import Exit
from cassette_cli.operations.edit.changing import Edited, Summary
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.saving import Destination, editable, store
from cassette_cli.render import changes as render
from cassette_cli.render import patch
from cassette_cli.render.output import Output

T = TypeVar("T")


def _itself(found: Any) -> Any:
    return found


@dataclass
class Changes:
    """One run of a verb: `noun` is what it changes, `verb` what it does to it."""

    choice: Choice
    output_file: str | None
    check: bool
    diff: bool
    noun: str = "interaction"
    verb: str = "changed"
    force: bool = False

    def __post_init__(self) -> None:
        """Look at the destination before any file is read."""
        self.destination = Destination(self.output_file, check=self.check, diff=self.diff, force=self.force)
        self.destination.fits(self.choice.paths.named)
        taken = self.diff or any(self.destination.takes_stdout(path) for path in self.choice.paths.named)
        output = Output(self.choice.output.color, sys.stderr) if taken else self.choice.output
        self.report = render.Report(output, self.noun, self.verb, dry=self.destination.dry)

    def store(self, done: Edited) -> Summary:
        """Put the new document where it belongs."""
        store(done.loaded, done.after, self.destination)
        return done.summary(diff=self.diff)

    def run(
        self, work: Callable[[Loaded], Iterable[T]], jobs: int | None = 1, told: Callable[[T], Summary] = _itself
    ) -> int:
        """Do the work for each cassette and report it; return the exit code.

        `told` makes a summary of what the work gives, in the process that reports.
        """

        def guarded(loaded: Loaded) -> Iterable[T]:
            if editable(loaded):
                return work(loaded)
            store(loaded, None, self.destination)
            return ()

        edits, untreated = not self.destination.dry, self.destination.pass_on
        for found in self.choice.each(guarded, jobs, edits=edits, untreated=untreated):
            summary = told(found)
            self.report.file(summary)
            patch.write(self.choice.output, summary.lines)
        if self.choice.chose:
            self.report.total()
        return self.choice.done() or (Exit.FOUND if self.check and self.report.changed else Exit.OK)
