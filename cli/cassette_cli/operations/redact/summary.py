"""What `cassette redact` tells of a cassette, apart from what finds it: a clean one takes no rules to be reported."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cassette_cli.operations.redact.findings.finding import Finding, Gap


class Summary(NamedTuple):
    """What is told of one cassette: all that goes from the process that read it to the one that reports.

    `chosen` says whether any of it was searched: the filters of the command line may choose no interaction.
    """

    path: str
    findings: "list[Finding]"
    gaps: "list[Gap]"
    changed: bool
    chosen: bool = True

    @property
    def clean(self) -> bool:
        """Whether all of it was searched, and nothing found."""
        return self.chosen and not self.findings and not self.gaps
