"""The shapes of `cassette diff`'s output, each fed one cassette at a time."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from cassette_cli.operations.diff.document import cassette_json, summary_json
from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.diff.summary import DiffSummary
from cassette_cli.render import diff_summary
from cassette_cli.render.diff import DiffText
from cassette_cli.render.output import Color, Output, json_line, wants_color
from cassette_cli.render.pager import paged

Shape = Literal["details", "stat", "names", "summary"]
Style = Literal["text", "json", "markdown", "html"]
Show = Callable[[CassetteDiff], None]


class How(NamedTuple):
    """What the command line asks for of the output; `seeing` returns the command that shows one cassette."""

    shape: Shape = "details"
    style: Style = "text"
    everything: bool = False
    context: int = 3
    word_diff: bool = False
    brief: bool = False
    paged: bool = True
    seeing: Callable[[str], str] | None = None


@contextmanager
def shown(output: Output, how: How, total: DiffSummary) -> Iterator[Show]:
    """Yield what takes the differences one by one.

    `total` must count each before it is shown, and is told before the details where there are many, else behind them.
    """
    if how.style == "json":
        yield _json(output, how)
        if how.shape == "summary":
            output.text(json_line(summary_json(total)))
        return
    found: list[CassetteDiff] = []
    if how.style == "text" and how.shape == "names":
        with paged(output, wanted=how.paged) as target:
            yield lambda one: target.text(diff_summary.name_line(one)) if one.differs else None
        return
    yield found.append if how.style != "text" or how.shape != "summary" else _pass_over
    if how.style == "markdown":
        from cassette_cli.render import markdown

        example = next(iter(total.changed), None)
        seeing = None if how.seeing is None or example is None else how.seeing(example)
        page = markdown.page(found, total, how.context, brief=how.brief, details=how.shape != "summary", seeing=seeing)
        output.text(page.rstrip("\n"))
    elif how.style == "html":
        from cassette_cli.render.page import diff as html

        output.text(html.page(found, total, brief=how.brief, details=how.shape != "summary"))
    else:
        with paged(output, wanted=how.paged) as target:
            _text(target, how, found, total, output.width if output.terminal else None)


def _json(output: Output, how: How) -> Show:
    def show(one: CassetteDiff) -> None:
        if how.shape != "summary" and (one.differs or one.only_volatile):
            output.text(json_line(cassette_json(one)))

    return show


def _text(output: Output, how: How, found: list[CassetteDiff], total: DiffSummary, width: int | None) -> None:
    if how.shape == "summary":
        output.lines(diff_summary.lines(total, width, how.seeing))
        return
    if how.shape == "stat":
        diff_summary.stat_lines(output, [one for one in found if one.differs or one.only_volatile])
        if output.terminal and total.states:
            output.lines(diff_summary.lines(total, width)[:1])
        return
    many = len(total.changed) > diff_summary.MANY
    if many:
        output.lines([*diff_summary.lines(total, width, how.seeing), []])
    text = DiffText(
        output, width, everything=how.everything, context=how.context, word_diff=how.word_diff, brief=how.brief
    )
    for one in found:
        text.write(one)
    if not many and (len(total.changed) > 1 or total.only_volatile or total.left_out):
        output.lines([*([[]] if total.states else []), *diff_summary.lines(total, width)[:1]])


def _pass_over(one: CassetteDiff) -> None:
    """Show nothing: the summary is told at the end."""
    del one


def failed(found: list[str], color: Color) -> None:
    """Say on standard error what `--fail-on` found."""
    text = f"changed: {', '.join(found)}"
    if wants_color(color, sys.stderr):
        text = f"\x1b[31m{text}\x1b[0m"
    sys.stderr.write(f"cassette: {text}\n")


def rules(output: Output, *, as_json: bool) -> None:
    """Write the rules by which differences are volatile: a line a rule, with the headers and keys that it judges."""
    from cassette_cli.operations.volatile import RULES

    for rule in RULES:
        facts = [
            f"{name}: {', '.join(names)}" for name, names in (("headers", rule.headers), ("keys", rule.keys)) if names
        ]
        if as_json:
            fields = {"name": rule.name, "about": rule.about, "headers": list(rule.headers), "keys": list(rule.keys)}
            output.text(json_line(fields))
        else:
            output.lines([[(f"{rule.name:<21}", "bold"), (rule.about, "")]])
            output.lines([[(" " * 21 + fact, "dim")] for fact in facts])
