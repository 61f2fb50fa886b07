"""`cassette stats`: tables with bars for people, tab-separated lines for pipes, CSV for spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cassette_cli.operations.stats import UNKNOWN, By, Stats, Total
from cassette_cli.render.inert import inert_line
from cassette_cli.render.listing import fit
from cassette_cli.render.output import Line, Output, human_size, human_time, json_line
from cassette_cli.render.wrapping import hang

_MOST = 10
"""Rows of a table where several are shown."""
_MONTHS = 12
Piece = tuple[str, str]
_EIGHTHS = " ▏▎▍▌▋▊▉"
_HEADINGS = {
    By.HOST: "hosts", By.MODEL: "models", By.PROTOCOL: "protocols", By.STATUS: "statuses", By.RECORDER: "recorders",
    By.FOLDER: "folders", By.MONTH: "months",
}  # fmt: skip
_UNNAMED = {
    By.HOST: "(no host)", By.MODEL: "(no model)", By.PROTOCOL: "(no protocol)", By.STATUS: "(no status)",
    By.MONTH: "(no date)",
}  # fmt: skip


def write(output: Output, stats: Stats, *, as_json: bool = False, as_csv: bool = False) -> None:
    """Write the totals, as JSON, as CSV, as tables for people, or as tab-separated lines for pipes."""
    if as_json:
        output.text(json_line(stats.as_json()))
    elif as_csv:
        output.texts(_csv(stats))
    elif output.terminal:
        _tables(output, stats)
    else:
        for group, name, total in _rows(stats):
            cells = [inert_line(name), *("-" if value is None else _plain(value) for value in total.as_json().values())]
            output.text("\t".join([group, *cells]))
        for verb, saving in (("trim", stats.trim), ("decode", stats.decode)):
            output.text(f"could-save\t{verb}\t{saving.cassettes}\t{saving.bytes}")
        for one in stats.largest():
            output.text(f"largest\t{inert_line(one['path'])}\t{one['interactions']}\t{one['file_bytes']}")


def _rows(stats: Stats) -> Iterator[tuple[str, str, Total]]:
    """Yield every group, name and total: that of all first."""
    yield "total", UNKNOWN, stats.total
    for by, group in stats.sorted_groups():
        yield from ((by.value, name, total) for name, total in group)


def _plain(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}".rstrip("0").rstrip(".")


def _csv(stats: Stats) -> Iterator[str]:
    """Yield the lines of a table (RFC 4180): a row a group and name, the names of the columns first."""
    for row in [["group", "name", *stats.total.as_json()], *_csv_rows(stats)]:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue()


def _csv_rows(stats: Stats) -> Iterator[list[str]]:
    for group, name, total in _rows(stats):
        # A spreadsheet takes what begins so for a formula, and runs it.
        shown = f"'{inert_line(name)}" if name[:1] in tuple("=+-@") and name != UNKNOWN else inert_line(name)
        cells = ["" if value is None else _plain(value) for value in total.as_json().values()]
        yield [group, "" if name == UNKNOWN else shown, *cells]


# For people


def _tables(output: Output, stats: Stats) -> None:
    """Write the overview, then a table a group; all have the same columns."""
    output.lines([row for line in _overview(stats) for row in hang(line, output.width, 11)])
    whole = len(stats.by) == 1
    shown = {
        by: group if whole else _few(by, group) for by, group in stats.sorted_groups() if whole or by is not By.FOLDER
    }
    columns = [column for column in _COLUMNS if output.width >= column.least]
    sizes = [
        max(len(one.heading), *(len(one.cell(total)) for group in shown.values() for _, total in group), 0)
        for one in columns
    ]
    bar = 12 if output.width >= 100 else 8 if output.width >= 64 else 0
    layout = _Layout(columns, sizes, bar, output.width)
    for by, group in shown.items():
        if group:
            output.lines([[], *_table(by, group, layout)], crop=True)
            left = len(stats.groups[by]) - len(group)
            if left:
                output.lines([[(f"… and {left:,} more: cassette stats --by {by.value}", "dim")]])
    if not whole and len(stats.files) > 1:
        output.lines([[], *_largest(stats, layout)], crop=True)


def _few(by: By, group: list[tuple[str, Total]]) -> list[tuple[str, Total]]:
    """Return the rows that are shown where several tables are: the first ones, of months the last."""
    return group[-_MONTHS:] if by is By.MONTH else group[:_MOST]


def _overview(stats: Stats) -> list[Line]:
    total = stats.total
    told = f"{_counted(total.cassettes, 'cassette')}, {_counted(total.interactions, 'interaction')}"
    lines: list[Line] = [[(told, "bold")]]
    sizes = f"{human_size(total.file_bytes)} on disk · requests {human_size(total.request_bytes)}"
    lines.append(_fact("size", f"{sizes} · responses {human_size(total.body_bytes)}, decoded"))
    if total.input_tokens or total.output_tokens:
        lines.append(_fact("tokens", f"{total.input_tokens:,} in → {total.output_tokens:,} out"))
    if total.frames:
        empty = f", of which {total.empty_frames:,} carry nothing" if total.empty_frames else ""
        lines.append(_fact("frames", f"{total.frames:,}{empty}"))
    if total.durations:
        times = f"p50 {_time(total.percentile(50))} · p95 {_time(total.percentile(95))}"
        missing = total.interactions - len(total.durations)
        lines.append(_fact("durations", times + (f" · {missing:,} have none" if missing else "")))
    months = [name for name in stats.groups.get(By.MONTH, {}) if name != UNKNOWN]
    if months:
        span = min(months) if len(months) == 1 else f"{min(months)} to {max(months)}"
        undated = stats.groups[By.MONTH].get(UNKNOWN, Total()).interactions
        lines.append(_fact("recorded", span + (f" · {undated:,} without a date" if undated else "")))
    for verb, saving in (("trim", stats.trim), ("decode", stats.decode)):
        if saving.cassettes:
            change = "would save" if saving.bytes >= 0 else "would add"
            told = _counted(saving.cassettes, "cassette")
            lines.append(_fact(verb, f"{change} {human_size(abs(saving.bytes))} in {told}"))
    if stats.unread:
        bodies = "1 body" if stats.unread == 1 else f"{stats.unread:,} bodies"
        lines.append(
            [("unread     ", "dim"), (f"{bodies} cannot be decoded whole: `cassette check` says which", "yellow")]
        )
    return lines


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _fact(name: str, text: str) -> Line:
    return [(f"{name:<11}", "dim"), (text, "")]


def _time(milliseconds: float | None) -> str:
    return "" if milliseconds is None else human_time(milliseconds)


class _Column(NamedTuple):
    """A column of numbers: heading, what a total shows in it, and the narrowest terminal that has it."""

    heading: str
    cell: Callable[[Total], str]
    least: int = 0


_COLUMNS = (
    _Column("calls", lambda one: f"{one.interactions:,}"),
    _Column("cassettes", lambda one: f"{one.cassettes:,}", 110),
    _Column("tokens in", lambda one: f"{one.input_tokens:,}" if one.input_tokens else ""),
    _Column("out", lambda one: f"{one.output_tokens:,}" if one.output_tokens else ""),
    _Column("frames", lambda one: f"{one.frames:,}" if one.frames else "", 100),
    _Column("bodies", lambda one: human_size(one.request_bytes + one.body_bytes), 56),
    _Column("p50", lambda one: _time(one.percentile(50)), 72),
    _Column("p95", lambda one: _time(one.percentile(95)), 90),
)


class _Layout(NamedTuple):
    """The columns of all tables and their widths; a bar takes `bar` cells, 0 for none."""

    columns: Sequence[_Column]
    sizes: Sequence[int]
    bar: int
    width: int

    @property
    def names(self) -> int:
        """How many cells there are for names."""
        rest = self.width - sum(self.sizes) - 2 * len(self.sizes) - (self.bar + 1 if self.bar else 0)
        return max(12, min(rest, 60))

    def line(self, name: str, style: str, bar: Piece, cells: Sequence[str], cells_style: str = "") -> Line:
        """Return a row."""
        line: Line = [(fit(name, self.names), style)]
        if self.bar:
            line += [(" ", ""), (f"{bar[0]:<{self.bar}}", bar[1])]
        return line + [(f"  {cell:>{size}}", cells_style) for cell, size in zip(cells, self.sizes, strict=True)]


def _table(by: By, group: Sequence[tuple[str, Total]], layout: _Layout) -> list[Line]:
    most = max(total.interactions for _, total in group)
    headings = [column.heading for column in layout.columns]
    lines = [layout.line(_HEADINGS[by], "bold cyan", ("", ""), headings, "dim")]
    for name, total in group:
        shown = _UNNAMED.get(by, UNKNOWN) if name == UNKNOWN else inert_line(name)
        bar = _bar(total.interactions, most, layout.bar), _shade(by, name)
        lines.append(layout.line(shown, "", bar, [column.cell(total) for column in layout.columns]))
    return lines


def _shade(by: By, name: str) -> str:
    if by is not By.STATUS or not name.isdigit():
        return "blue"
    return "green" if int(name) < 300 else "yellow" if int(name) < 400 else "red"


def _bar(part: float, whole: float, width: int) -> str:
    """Return a bar in eighths of a column; what is not nothing is seen."""
    eighths = max(1, round(8 * width * part / whole)) if part and whole else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _largest(stats: Stats, layout: _Layout) -> list[Line]:
    largest = stats.largest()
    most = max(one["file_bytes"] for one in largest)
    lines: list[Line] = [[("largest files", "bold cyan")]]
    for one in largest:
        bar = f"{_bar(one['file_bytes'], most, layout.bar):<{layout.bar}} " if layout.bar else ""
        size = f"{human_size(one['file_bytes']):>9}  "
        path = fit(inert_line(one["path"]), max(12, layout.width - len(bar) - len(size)))
        lines.append([(bar, "blue"), (size, ""), (path.rstrip(), "")])
    return lines
