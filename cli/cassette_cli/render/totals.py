"""The totals of `cassette ls --summary`: a table for people, tab-separated lines for pipes."""

from dataclasses import asdict

from cassette_cli.operations.totals import Summary
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Output, human_size, json_line


def write(output: Output, result: Summary, *, as_json: bool) -> None:
    """Write the totals: a table a group for people, else `group, name, interactions, in, out, frames, empty, bytes`."""
    if as_json:
        output.text(json_line(result.as_json()))
        return
    if not output.terminal:
        for group, totals in [("total", [("-", result.total)]), *result.sorted_groups()]:
            for name, total in totals:
                output.text("\t".join([group, inert_line(name), *(str(n) for n in asdict(total).values())]))
        return
    from rich.table import Table as RichTable
    from rich.text import Text

    total = result.total
    output.lines([[(f"{result.cassettes} cassettes, {total.interactions} interactions, ", "bold"),
                   (f"{human_size(total.body_bytes)} of response bodies", "bold")], []])  # fmt: skip
    table = RichTable(box=None, pad_edge=False, header_style="dim", padding=(0, 1))
    table.add_column("", no_wrap=True, overflow="ellipsis", max_width=44)
    for name in ("interactions", "tokens in", "out", "frames", "empty", "size"):
        table.add_column(name, justify="right", no_wrap=True)
    for group, totals in result.sorted_groups():
        table.add_row(Text(f"by {group}", style="bold cyan"))
        for name, one in totals:
            numbers = (one.interactions, one.input_tokens, one.output_tokens, one.frames, one.empty_frames)
            table.add_row(
                Text(f"  {inert_line(name)}"), *(str(n) if n else "" for n in numbers), human_size(one.body_bytes)
            )
    output.console().print(table)
