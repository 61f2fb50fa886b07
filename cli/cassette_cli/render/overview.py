"""The help of `cassette` itself, in the look of Typer's: to import what prints that takes as long as all the rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap

Row = tuple[str, str]
"""A name, and what is said of it."""

_LEAST = 48
_BORDER, _NAME, _USAGE = "2", "1;36", "33"
"""How borders, names and the word of the usage are shown on a terminal (ECMA-48, 8.3.117)."""


def page(
    usage: str, about: str, panels: Mapping[str, Sequence[Row]], ending: str, *, width: int, styled: bool
) -> Iterator[str]:
    """Yield the lines of a page: usage, a panel each of options and verbs by their titles, and a last word."""
    width = max(width, _LEAST)

    def painted(text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if styled else text

    def panel(title: str, rows: Iterable[Row], column: int) -> Iterator[str]:
        bar = painted("│", _BORDER)
        yield painted(f"╭─ {title} {'─' * (width - len(title) - 5)}╮", _BORDER)
        for name, text in rows:
            for number, line in enumerate(wrap(text, width - column - 6, break_on_hyphens=False) or [""]):
                shown = painted(name.ljust(column), _NAME) if number == 0 else " " * column
                yield f"{bar} {shown}  {line.ljust(width - column - 6)} {bar}"
        yield painted(f"╰{'─' * (width - 2)}╯", _BORDER)

    yield from ("", f" {painted('Usage:', _USAGE)} {usage}", "")
    yield from (f" {line}" for line in wrap(about, width - 2))
    yield ""
    options, *verbs = panels.items()
    for group in ([options], verbs):
        column = max(len(name) for _, rows in group for name, _ in rows)
        for title, rows in group:
            yield from panel(title, rows, column)
    yield ""
    yield from (f" {line}" for line in wrap(ending, width - 2))
