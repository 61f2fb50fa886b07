"""`cassette ls`: a table for people, tab-separated lines for pipes, JSON Lines for programs."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cassette_cli.operations.listing import Group, Row
from cassette_cli.operations.sizes import counted
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output, human_size, human_time, json_line
from cassette_cli.source.later import pattern

_URL, _DURATION, _UNREAD = map(Row._fields.index, ("url", "duration_ms", "unread"))
_ADDRESS = pattern(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?(?P<place>[^?#]*)")


def short_url(url: str | None, *, long: bool) -> str:
    """Return host and path; scheme, user and query only where asked for."""
    if not url:
        return "-"
    if long:
        return inert_line(url)
    match = _ADDRESS.match(url)
    return inert_line((match["place"] if match else url.partition("?")[0]) or url)


def tab_line(row: Row, *, long: bool) -> str:
    """Return one tab-separated line; `-` stands for what is not known."""
    cells = ["-" if value is None or value == "" else str(value) for value in row[:_UNREAD]]
    cells[_URL] = short_url(row.url, long=long)
    if row.duration_ms is not None:
        cells[_DURATION] = f"{row.duration_ms:.3f}".rstrip("0").rstrip(".")
    if row.messages is not None:
        cells.append(f"sent: {row.messages[0]}, received: {row.messages[1]}")
    if row.unread:
        cells.append(f"unread: {', '.join(row.unread)}")
    return "\t".join(cells if "".join(cells).isprintable() else map(inert_line, cells))


def lines(rows: Iterable[Row], *, as_json: bool, long: bool) -> str:
    """Return rows as text for pipes and programs: a line each."""
    made = [json_line(row_json(row)) if as_json else tab_line(row, long=long) for row in rows]
    return "".join([line + "\n" for line in made])


def row_json(row: Row) -> dict[str, Any]:
    """Return the document of a row; only one with parts that are not read, or with messages, says so."""
    document = row._asdict()
    if not row.unread:
        del document["unread"]
    messages = document.pop("messages")
    return document if messages is None else {**document, "sent": messages[0], "received": messages[1]}


def tables(output: Output, groups: Iterable[Group], *, long: bool) -> None:
    """Write the rows for people, cassette by cassette, each as soon as it is read."""
    for number, group in enumerate(groups):
        if number:
            output.lines([[]])
        facts = f"{inert_line(group.format)} · {counted(group.interactions, 'interaction')} · {human_size(group.size)}"
        output.lines([[(inert_line(group.path), "bold"), (f"  {facts}", "dim")]])
        table(output, group.rows, long=long, with_path=False, heading=not number)


_LEAST = 12
"""Columns that the path or the URL has at least; whole columns give way to it, the last ones first."""
_FIXED = 5


class _Column(NamedTuple):
    """A column: its heading, its width (0 for all that is left), and what a row shows in it."""

    heading: str
    width: int
    cell: Callable[[Row], str]
    style: str = ""
    right: bool = False


def table(output: Output, rows: Iterable[Row], *, long: bool, with_path: bool, heading: bool) -> None:
    """Write rows for people, in columns that are as wide for every cassette; narrow terminals lose some."""
    columns = _columns(output.width, long=long, with_path=with_path)
    while (rest := output.width + 1 - sum(column.width + 1 for column in columns)) < _LEAST and len(columns) > _FIXED:
        columns.pop()
    if heading:
        output.lines([_line(columns, rest, None)], crop=True)
    for row in rows:
        output.lines([_line(columns, rest, row)], crop=True)


def _line(columns: list[_Column], rest: int, row: Row | None) -> Line:
    line: Line = []
    for column in columns:
        width = column.width or max(rest, _LEAST)
        text = column.heading if row is None else column.cell(row)
        style = "dim" if row is None else _status_style(row) if column.heading == "code" else column.style
        line += [(fit(text, width, right=column.right), style), (" ", "")]
    return line[:-1]


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Pad or shorten text to a width in terminal cells; what is left out is in the middle, ends tell more."""
    from rich.cells import cell_len, set_cell_size

    size = cell_len(text)
    if size > width:
        tail = (width - 1) * 3 // 5
        text = set_cell_size(text, width - 1 - tail) + "…" + text[len(text) - tail :]
        size = cell_len(text)
        if size != width:
            return set_cell_size(text, width)
    return " " * (width - size) + text if right else text + " " * (width - size)


def _status_style(row: Row) -> str:
    status = row.status
    return "dim" if status is None else "green" if status < 300 else "yellow" if status < 400 else "red"


def _columns(width: int, *, long: bool, with_path: bool) -> list[_Column]:
    wide = width >= 110
    method = _Column("", 6 if wide else 4, lambda r: inert_line(r.method or "-"), "bold")
    address = _Column("url", width // 4 if with_path else 0, lambda r: short_url(r.url, long=long))
    place = _Column("path", 0, _place, "cyan")
    index = _Column("#", 4, lambda r: ("" if r.index is None else str(r.index)) + _mark(r), "cyan", right=True)
    columns = [place if with_path else index]
    if wide or not with_path:
        columns += [method, address]
    columns.append(_Column("code", 4, lambda r: "-" if r.status is None else str(r.status)))
    if wide:
        columns.append(_Column("protocol", 18, lambda r: r.protocol or "", "magenta"))
        columns.append(_Column("model", 20 if width < 140 else 30, lambda r: inert_line(r.model or "")))
    else:
        columns.append(_Column("model", 15, lambda r: inert_line(r.model or r.protocol or "")))
    columns += [
        _Column("tokens", 11, _tokens, "dim", right=True),
        _Column("frames", 8, _frames, right=True),
    ]
    if wide:
        columns.append(_Column("time", 6, _time, "dim", right=True))
    columns.append(_Column("size", 8, lambda r: human_size(r.body_bytes or 0), right=True))
    return columns


def _place(row: Row) -> str:
    return inert_line(row.path) + ("" if row.index is None else f"#{row.index}") + _mark(row)


def _mark(row: Row) -> str:
    return "!" if row.unread else ""


def _tokens(row: Row) -> str:
    if row.input_tokens is None and row.output_tokens is None:
        return ""
    counts = ("?" if n is None else str(n) for n in (row.input_tokens, row.output_tokens))
    return " → ".join(counts)


def _frames(row: Row) -> str:
    """Return the number of frames, and behind a minus how many of them are empty; of a connection, each way."""
    if row.frames is None:
        return ""
    if row.messages is not None:
        return f"↑{row.messages[0]} ↓{row.messages[1]}"
    return f"{row.frames} −{row.empty_frames}" if row.empty_frames else str(row.frames)


def _time(row: Row) -> str:
    return "" if row.duration_ms is None else human_time(row.duration_ms)


def protocols(output: Output, known: Iterable[tuple[str, str, str]], *, as_json: bool) -> None:
    """Write the framings and protocols: a line each."""
    for kind, name, about in known:
        if as_json:
            output.text(json_line({"kind": kind, "name": name, "claims": about}))
        elif output.terminal:
            output.lines([[(f"{name:<22}", "bold"), (f"{kind:<10}", "dim"), (about, "")]])
        else:
            output.text(f"{name}\t{kind}\t{about}")
