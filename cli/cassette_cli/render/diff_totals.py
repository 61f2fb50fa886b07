"""`cassette diff --stat`, `--name-only` and `--summary`."""

from cassette_cli.operations.diff.result import CassetteDiff
from cassette_cli.operations.diff.totals import Stat, Summary, Told, stat
from cassette_cli.operations.diff.values import ABSENT
from cassette_cli.render.diff import value_text
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output

_MOST = 12
_TITLES = {
    "model": "model", "status": "status", "tool-calls": "tool calls", "finish": "finish reasons", "error": "errors",
    "interactions": "interactions", "request": "requests", "text": "text", "reasoning": "reasoning",
    "body": "other parts of answers", "usage": "usage", "header": "headers", "events": "frames",
}  # fmt: skip


def name_line(difference: CassetteDiff) -> str:
    """Return the path of a cassette."""
    return inert_line(difference.path)


def stat_line(output: Output, difference: CassetteDiff) -> None:
    """Write one cassette in numbers: aligned columns for people, tab-separated ones in a pipe."""
    found = stat(difference)
    path = inert_line(difference.path)
    if not output.terminal:
        numbers = (found.changed, found.added, found.removed, found.moved, *found.words, *found.tokens)
        state = "noise" if difference.only_volatile else difference.state
        output.text("\t".join([path, state, *(str(number) for number in numbers)]))
        return
    line: Line = [(path, "" if difference.differs else "dim"), (" | ", "dim")]
    if difference.only_volatile or difference.state != "changed":
        line.append(("noise only ", "dim") if difference.only_volatile else (f"{difference.state} ", "cyan"))
    output.lines([line + numbers_line(found)])


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
            groups.append([(f"{name} ", "dim"), (f"+{more}", "green"), (" ", ""), (f"−{fewer}", "red")])
    line: Line = []
    for group in groups:
        line += [(", ", "dim"), *group] if line else group
    return line


def numbers_text(found: Stat) -> str:
    """Return the same without style."""
    return "".join(text for text, _ in numbers_line(found))


def total_line(output: Output, summary: Summary) -> None:
    """Write the last line: how many cassettes changed, and how many only in noise."""
    output.lines([_totals(summary)])


def _totals(summary: Summary) -> Line:
    changed = sum(summary.states.values())
    line: Line = [(f"{changed} cassette{'' if changed == 1 else 's'} changed", "bold")]
    told = [f"{count} {state}" for state, count in summary.states.items() if state != "changed"]
    if told:
        line.append((f" ({', '.join(told)})", "dim"))
    if summary.only_volatile:
        line.append((f", {len(summary.only_volatile)} only in noise", "dim"))
    return [*line, (": ", "dim"), *numbers_line(summary.total)] if changed else line


def write_summary(output: Output, summary: Summary) -> None:
    """Write all cassettes together: totals, then every group of changes, then those that only noise changed."""
    lines: list[Line] = [_totals(summary)]
    for name, found in summary.grouped():
        places = {path for one in found for path, _ in one.places}
        lines += [[], [(_TITLES[name], "bold cyan"), (f"  in {_cassettes(len(places))}", "dim")]]
        lines += [_told(one) for one in found[:_MOST]]
        if len(found) > _MOST:
            lines.append([(f"  … {len(found) - _MOST} more", "dim")])
    if summary.only_volatile:
        lines += [[], [("only noise", "bold cyan"), (f"  {_cassettes(len(summary.only_volatile))}", "dim")]]
        lines += [[(f"  {count:5}  {inert_line(test)}", "dim")] for test, count in by_test(summary.only_volatile)]
    output.lines(lines)


def by_test(paths: list[str]) -> list[tuple[str, int]]:
    """Count cassettes by the test that recorded them: their folder, by the habit of every recorder."""
    counts: dict[str, int] = {}
    for path in paths:
        folder = path.rpartition("/")[0] or "."
        counts[folder] = counts.get(folder, 0) + 1
    return sorted(counts.items())


def _cassettes(count: int) -> str:
    return f"{count} cassette{'' if count == 1 else 's'}"


def _told(one: Told) -> Line:
    line: Line = [(f"  {inert_line(one.what)}  ", "")]
    if one.old is not ABSENT:
        line.append((_short(one.old), "red"))
    line.append((" → " if ABSENT not in (one.old, one.new) else "", "dim"))
    if one.new is not ABSENT:
        line.append((_short(one.new), "green"))
    path, index = one.places[0]
    more = f" and {len(one.places) - 1} more" if len(one.places) > 1 else ""
    return [*line, (f"  {inert_line(path.rpartition('/')[2])}#{index}{more}", "dim")]


def _short(value: object) -> str:
    text = value_text(value)
    return text if len(text) <= 72 else text[:70] + "…"
