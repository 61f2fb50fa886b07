"""What the gate saw in a text: where it is worth a closer look, and for what."""

from dataclasses import dataclass, field

from cassette_cli.operations.redact.rules.table import Shape


@dataclass(slots=True)
class Found:
    """What may be in a text: `triggers` are pieces of it at which to look, `shapes` those that may match.

    `names` are words under which a secret may stand, whatever follows them; `inside` are the texts that
    stand in it under an encoding. `all` says to look everywhere, for rules that cannot be asked for words.
    """

    triggers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    shapes: dict[str, Shape] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)
    all: bool = False

    def __bool__(self) -> bool:
        return self.all or bool(self.triggers)

    def add(self, other: "Found") -> None:
        """Take in what is in another text."""
        self.triggers |= other.triggers
        self.names |= other.names
        self.shapes.update(other.shapes)
        self.inside |= other.inside
        self.all |= other.all

    def touches(self, text: str) -> bool:
        """Say whether to look at a part of the text."""
        if self.all:
            return True
        for trigger in self.triggers:  # noqa: SIM110 - asked of every scalar: a generator costs twice as much
            if trigger in text:
                return True
        return False
