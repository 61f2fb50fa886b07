"""`cassette diff --summary`, `--stat` and `--name-only`: all cassettes together, and each in a line."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.diff.summary import TOKENS, DiffSummary, Gathered, Stat, short_paths, stat
from cassette_cli.operations.diff.values import ABSENT
from cassette_cli.operations.sizes import counted
from cassette_cli.render.diff import value_text
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output
from cassette_cli.render.wrapping import hang

MANY = 5
"""Past so many changed cassettes, every form opens with the summary."""
MOST = 24
"""So many rows are told at most, so that they fit a screen: those that are met least often are told together."""
_WIDTH = 160
"""How wide a row may be where no terminal says."""


class SummaryRow(NamedTuple):
    """A row of the summary as it is shown: what, what it was and what it is, how often, and where."""

    what: str
    old: str | None
    new: str | None
    often: str
    where: str
    row: Gathered


def cut_around(old: str, new: str, size: int) -> tuple[str, str]:
    """Return two texts of `size` characters at most, cut so that the first difference is seen in both."""
    if max(len(old), len(new)) <= size:
        return old, new
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, min(first - size // 3, max(len(old), len(new)) - size + 1))
    return _window(old, start, size), _window(new, start, size)


def _window(text: str, start: int, size: int) -> str:
    head = "…" if start else ""
    end = start + size - len(head)
    if end >= len(text):
        return head + text[start:]
    return head + text[start : end - 1] + "…"


def headline(summary: DiffSummary) -> str:
    """Return how many cassettes changed, in one line."""
    changed = sum(summary.states.values())
    told = f"{counted(changed, 'cassette')} changed"
    states = [f"{count} {state}" for state, count in summary.states.items() if state != "changed"]
    if states:
        told += f" ({', '.join(states)})"
    if summary.only_volatile:
        told += f", {len(summary.only_volatile)} only in what is volatile"
    if summary.left_out:
        told += f", {summary.left_out} only in parts left out"
    return told


def rows(summary: DiffSummary, size: int = 60) -> list[SummaryRow]:
    """Return the rows of the summary, their values cut at `size` characters around the first difference."""
    short = short_paths((*summary.changed, *summary.only_volatile))
    return [_told(row, summary, short, size) for row in summary.rows(MOST)]


def _told(row: Gathered, summary: DiffSummary, short: dict[str, str], size: int) -> SummaryRow:
    before, after = (None if value is ABSENT else value_text(value) for value in (row.old, row.new))
    old, new = _cut(before, after, size)
    what = f"interactions {row.what}" if row.category == "interactions" else row.what
    if row.category in summary.answers and row.variants > 1:
        counts = summary.answers[row.category].words
        what += f" of {row.variants} answers ({counts[0]} -> {counts[1]} words, {_percent(*counts)})"
    elif row.variants > 1:
        what += f" ({row.variants} different)"
    often, cassettes = len(row.places), counted(row.cassettes, "cassette")
    told = cassettes if often == row.cassettes else f"{often} in {cassettes}"
    if often >= summary.compared > 1 and row.category != "interactions":
        told = f"{often} of {summary.compared}"
    path, index = row.places[0]
    where = f"{short.get(path, path)}#{index}"
    return SummaryRow(inert_line(what), old, new, told, inert_line(where), row)


def _cut(old: str | None, new: str | None, size: int) -> tuple[str | None, str | None]:
    if old is not None and new is not None:
        return cut_around(old, new, size)
    return (None if old is None else cut_around(old, "", size)[0]), (
        None if new is None else cut_around(new, "", size)[0]
    )


def facts(summary: DiffSummary) -> list[tuple[str, str]]:
    """Return what is told in sums: models that went and came, usage, what is volatile; (name, text)."""
    found = []
    gone = [f"{name} removed ({count})" for name, count in summary.models_alone("removed").items()]
    come = [f"{name} added ({count})" for name, count in summary.models_alone("added").items()]
    if gone or come:
        found.append(("models", inert_line(", ".join([*gone, *come]))))
    if summary.usage:
        found.append(("usage", _usage(summary)))
    if summary.volatile:
        told = ", ".join(f"{count} {rule}" for rule, count in summary.volatile.most_common())
        found.append(("volatile", told))
    return found


def _usage(summary: DiffSummary) -> str:
    """Return the counters that changed, tokens in and out first: `output tokens -3 % over 182 interactions`."""
    main = [name for name in TOKENS if name in summary.usage]
    rest = sorted(set(summary.usage) - set(main))
    told = []
    for name in main:
        one = summary.usage[name]
        told.append(
            f"{name} {_percent(one.old, one.new)} ({_number(one.old)} -> {_number(one.new)})"
            f" over {counted(len(one.places), 'interaction')}"
        )
    if rest:
        names = ", ".join(rest[:6]) + (f" and {len(rest) - 6} more" if len(rest) > 6 else "")
        told.append(f"counters: {names}")
    return inert_line("; ".join(told))


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _percent(old: float, new: float) -> str:
    if not old:
        return f"+{_number(new)}"
    return f"{(new - old) / old * 100:+.0f} %".replace("+0 %", "±0 %").replace("-0 %", "±0 %")


def lines(summary: DiffSummary, width: int | None, seeing: Callable[[str], str] | None = None) -> list[Line]:
    """Return the summary for a terminal of `width` columns; `seeing` returns the command that shows one cassette."""
    wide = width or _WIDTH
    out: list[Line] = [[(headline(summary), "bold"), *_colon(numbers_line(summary.total))]]
    told = rows(summary, wide)
    out += [_row_line(one, wide) for one in told]
    for name, text in facts(summary):
        out.append(
            [(f"  {name}  ", "bold" if name != "volatile" else "dim"), (text, "dim" if name == "volatile" else "")]
        )
    if seeing is not None and told:
        out.append([("  see one: ", "dim"), (seeing(told[0].row.places[0][0]), "")])
    return out if width is None else [row for line in out for row in hang(line, width, 6)]


def _colon(line: Line) -> Line:
    return [(": ", "dim"), *line] if line else []


def _row_line(one: SummaryRow, width: int) -> Line:
    """Return a row that fits the width: what, the values with their signs, how often and where."""
    more = len(one.row.places) - 1
    tail = f" · {one.often}" if one.often != "1 cassette" else ""
    rest = f" +{more}" if more else ""
    what = _middle(one.what, width * 2 // 5)
    sides = (one.old is not None) + (one.new is not None)
    room = width - len(what) - len(tail) - len(rest) - 7 - sides * 2
    where = _ending(one.where, max(10, min(room - sides * 12, width // 4)))
    room -= len(where)
    line: Line = [(f"  {what}  " if sides else f"  {what}", "")]
    if one.old is not None and one.new is not None:
        old, new = cut_around(one.old, one.new, max(8, room // 2))
        if len(old) < room // 2 or len(new) < room // 2:  # what one side leaves is the other's
            old, new = cut_around(one.old, one.new, max(8, room - min(len(old), len(new))))
        line += [(old, "red"), (" → ", "dim"), (new, "green")]
    elif one.old is not None or one.new is not None:
        sign, value, style = ("-", one.old, "red") if one.old is not None else ("+", one.new, "green")
        line.append((f"{sign} {cut_around(value or '', '', max(8, room))[0]}", style))
    return [*line, (tail, "bold"), (f" · {where}{rest}", "dim")]


def _middle(text: str, size: int) -> str:
    """Return a text that is too long without its middle: a path says most at its ends."""
    return text if len(text) <= size else f"{text[: size // 3]}…{text[len(text) - (size - size // 3 - 1) :]}"


def _ending(text: str, size: int) -> str:
    return text if len(text) <= size else "…" + text[len(text) - size + 1 :]


def name_line(difference: CassetteDiff) -> str:
    """Return the path of a cassette."""
    return inert_line(difference.path)


def numbers_line(found: Stat) -> Line:
    """Return counts as people read them; what is zero is left out."""
    groups: list[Line] = []
    for count, word, style in (
        (found.changed, "changed", "yellow"),
        (found.added, "added", "green"),
        (found.removed, "removed", "red"),
        (found.moved, "moved", "cyan"),
    ):
        if count:
            groups.append([(f"{count} {word}", style)])
    for name, (more, fewer) in (("words", found.words), ("tokens", found.tokens)):
        if more or fewer:
            groups.append([(f"{name} ", "dim"), (f"+{more}", "green"), (" ", ""), (f"-{fewer}", "red")])
    line: Line = []
    for group in groups:
        line += [(", ", "dim"), *group] if line else group
    return line


def numbers_text(found: Stat) -> str:
    """Return the same without style."""
    return "".join(text for text, _ in numbers_line(found))


def stat_lines(output: Output, differences: Iterable[CassetteDiff]) -> None:
    """Write a line a cassette: aligned and fitted to the width for people, tab-separated in a pipe."""
    found = [(one, stat(one)) for one in differences]
    if not output.terminal:
        for one, numbers in found:
            counts = (numbers.changed, numbers.added, numbers.removed, numbers.moved, *numbers.words, *numbers.tokens)
            state = "volatile" if one.only_volatile else one.state
            output.text("\t".join([inert_line(one.path), state, *(str(number) for number in counts)]))
        return
    cells = [_cells(one, numbers) for one, numbers in found]
    widths = [max((len(row[at][0]) for row in cells), default=0) for at in range(len(cells[0]) if cells else 0)]
    room = output.width - sum(size + 1 for size in widths if size) - 3
    longest = max(min(room, max((len(inert_line(one.path)) for one, _ in found), default=0)), 12)
    for (one, _), row in zip(found, cells, strict=True):
        line: Line = [
            (_fitted(inert_line(one.path), longest).ljust(longest), "" if one.differs else "dim"),
            (" | ", "dim"),
        ]
        for (text, style), size in zip(row, widths, strict=True):
            if size:
                line.append((text.rjust(size) + " ", style))
        output.lines([line])


def _cells(one: CassetteDiff, found: Stat) -> list[tuple[str, str]]:
    state = "volatile" if one.only_volatile else "" if one.state == "changed" else one.state
    changed = (found.changed, "changed", "yellow"), (found.added, "added", "green"), (found.removed, "removed", "red")
    cells: list[tuple[str, str]] = [(state, "dim" if one.only_volatile else "cyan")]
    cells += [
        (f"{count} {word}" if count else "", style) for count, word, style in (*changed, (found.moved, "moved", "cyan"))
    ]
    for name, (more, fewer) in (("words", found.words), ("tokens", found.tokens)):
        cells += [(f"{name} +{more}" if more or fewer else "", "green"), (f"-{fewer}" if more or fewer else "", "red")]
    return cells


def _fitted(path: str, width: int) -> str:
    """Return a path cut at a folder on its left, as git does."""
    if len(path) <= width:
        return path
    rest = path[len(path) - width + 2 :]
    at = rest.find("/")
    return "…" + (rest[at:] if 0 <= at < len(rest) - 8 else path[len(path) - width + 1 :])
