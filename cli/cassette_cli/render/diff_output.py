"""The shapes of `cassette diff`'s output, each fed one cassette at a time."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from cassette_cli.operations.diff.document import cassette_json, summary_json
from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.diff.totals import Summary
from cassette_cli.render import diff_totals
from cassette_cli.render.diff import View
from cassette_cli.render.listing import json_line
from cassette_cli.render.output import Color, Output, wants_color
from cassette_cli.render.pager import paged

Shape = Literal["text", "stat", "names", "summary", "markdown", "html"]
Show = Callable[[CassetteDiff], None]


@dataclass(frozen=True, slots=True)
class How:
    """What the command line asks for of the output."""

    shape: Shape
    as_json: bool = False
    everything: bool = False
    context: int = 3
    word_diff: bool = False
    paged: bool = True


@contextmanager
def shown(output: Output, how: How, total: Summary) -> Iterator[Show]:
    """Yield what takes the differences one by one.

    `total` must count each before it is shown, and is told at the end.
    """
    if how.as_json:
        yield (
            lambda one: (
                None
                if how.shape == "summary" or (one.identical and not one.differs)
                else output.text(json_line(cassette_json(one, everything=how.everything)))
            )
        )
        if how.shape == "summary":
            output.text(json_line(summary_json(total)))
        return
    if how.shape in ("markdown", "html"):
        with _page(output, how, total) as show:
            yield show
        return
    width = output.width if output.terminal else None
    with paged(output, wanted=how.paged) as target:
        yield _text(target, how, width)
        if how.shape == "summary":
            diff_totals.write_summary(target, total)
        elif how.shape == "stat" and output.terminal and total.states:
            diff_totals.total_line(target, total)
        elif how.shape == "text" and (len(total.changed) > 1 or total.only_volatile):
            target.lines([[]] if total.states else [])
            diff_totals.total_line(target, total)


def _text(output: Output, how: How, width: int | None) -> Show:
    if how.shape == "summary":
        return _pass_over
    if how.shape == "names":
        return lambda one: output.text(diff_totals.name_line(one)) if one.differs else None
    if how.shape == "stat":
        return lambda one: None if one.identical and not one.differs else diff_totals.stat_line(output, one)
    return View(output, width, everything=how.everything, context=how.context, word_diff=how.word_diff).write


def _pass_over(one: CassetteDiff) -> None:
    """Show nothing: the summary is told at the end."""
    del one


@contextmanager
def _page(output: Output, how: How, total: Summary) -> Iterator[Show]:
    """Collect what differs for a page, which opens with the totals."""
    found: list[CassetteDiff] = []
    yield found.append
    if how.shape == "markdown":
        from cassette_cli.render import markdown

        output.text(markdown.page([one for one in found if one.differs], total, how.context).rstrip("\n"))
    else:
        from cassette_cli.render import html

        output.text(html.page(found, total))


def failed(found: list[str], color: Color) -> None:
    """Say on standard error what `--fail-on` found."""
    text = f"changed: {', '.join(found)}"
    if wants_color(color, sys.stderr):
        text = f"\x1b[31m{text}\x1b[0m"
    sys.stderr.write(f"cassette: {text}\n")
