"""A unified diff as people know it: what goes in red, what comes in green."""

from collections.abc import Iterable

from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output

_STYLES = {"-": "red", "+": "green", "@": "cyan", "\\": "dim"}


def write(output: Output, lines: Iterable[str]) -> None:
    """Write the lines of a unified diff; those of its heading are bold."""
    styled: list[Line] = []
    for number, line in enumerate(lines):
        style = "bold" if number < 2 else _STYLES.get(line[:1], "")
        # To a program the patch goes as it is, so that it can be applied.
        styled.append([(inert_line(line) if output.terminal else line, style)])
    output.lines(styled)
