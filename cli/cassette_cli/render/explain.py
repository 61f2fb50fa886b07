"""`cassette explain`: a paragraph a kind of thing, its facts, and an example; and the list of all names."""

from collections.abc import Iterable, Sequence

from cassette_cli.operations.explain.explaining import Explanation
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output, json_line
from cassette_cli.render.wrapping import hang

_WIDEST = 100
"""Cells of a line of a paragraph: longer ones are hard to read."""


def write(output: Output, found: Sequence[Explanation], *, as_json: bool) -> None:
    """Write what names mean, a blank line between them."""
    if as_json:
        output.texts(json_line(one.as_json()) + "\n" for one in found)
        return
    prose = min(output.width, _WIDEST)
    width = prose if output.terminal else output.width
    for number, one in enumerate(found):
        lines: list[Line] = [[]] if number else []
        lines.append([(inert_line(one.name), "bold"), (f"  {one.kind}", "dim")])
        for text in (one.about, one.text):
            lines += hang([(f"  {inert_line(text)}", "")], prose, 2) if text else []
        size = max(map(len, [*one.facts, "example"])) + 2
        for name, text in one.facts.items():
            lines += hang([(f"  {name:<{size}}", "dim"), (inert_line(text), "")], width, size + 2)
        for at, text in enumerate(one.example):
            label = "example" if not at else ""
            lines += hang([(f"  {label:<{size}}", "dim"), (inert_line(text), "cyan")], width, size + 2)
        output.lines(
            [[*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else line for line in lines], wrap=False
        )


def names(output: Output, every: Iterable[Explanation], *, as_json: bool) -> None:
    """Write a line a name: kind, name, and what it is."""
    if as_json:
        output.texts(json_line(one.as_json()) + "\n" for one in every)
        return
    found = list(every)
    kinds, widest = max(len(one.kind) for one in found), min(24, max(len(one.name) for one in found))
    for one in found:
        if output.terminal:
            line: Line = [(f"{one.kind:<{kinds}}  ", "dim"), (f"{inert_line(one.name):<{widest}}", "bold")]
            output.lines([[*line, (f"  {inert_line(one.about)}", "")]], crop=True)
        else:
            output.text(f"{one.kind}\t{inert_line(one.name)}\t{inert_line(one.about)}")
