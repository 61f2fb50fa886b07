"""`cassette diff --format markdown`: a comment for a pull request, the summary first and the details folded.

Recorded text stands inside code only: there GitHub mentions nobody, refers to no issue and makes no link.
"""

import re
from collections.abc import Sequence
from typing import Final

from cassette_cli.operations.diff import words
from cassette_cli.operations.diff.result import CassetteDiff, Change, Excerpt, InteractionDiff
from cassette_cli.operations.diff.summary import CATEGORIES, DiffSummary, categories, stat
from cassette_cli.operations.diff.values import ABSENT
from cassette_cli.render import diff_summary
from cassette_cli.render.diff import place, told, value_text, volatile
from cassette_cli.render.inert import inert, inert_line

_MARKUP = re.compile(r"([\\`*_{}\[\]#!|<>~@&:/.])")
_TICKS = re.compile(r"`+")
_FENCES = re.compile(r"`{3,}|~{3,}")
_LIMIT: Final = 65_536
"""GitHub refuses longer comments; counted in bytes of UTF-8, which are never fewer than its characters."""
_ROOM: Final = 600
"""What is kept of it for the words behind the details."""
_ROWS: Final = 20_000
"""How long the table may be."""
_LONG: Final = 300
_FOLD: Final = 40


def page(
    differences: Sequence[CassetteDiff], total: DiffSummary, context: int = 3, *, brief: bool = False,
    details: bool = True, seeing: str | None = None,
) -> str:  # fmt: skip
    """Return the comment; recorded text stands in it as text, whatever it holds."""
    shown = [one for one in differences if one.differs]
    lines = [f"### {escape(diff_summary.headline(total))}", ""]
    numbers = diff_summary.numbers_text(total.total)
    if numbers:
        lines += [escape(numbers), ""]
    if not details or len(total.changed) > diff_summary.MANY:
        lines += [*summary(total), ""]
    if details and total.states:
        lines += [_table(shown), ""]
    quiet = _quiet(total)
    size = _size("\n".join([*lines, quiet])) + _ROOM
    left = []
    for one in sorted(shown, key=_importance) if details else ():
        part = _details(one, context, brief=brief)
        if size + _size(part) + 2 > _LIMIT:
            left.append(one.path)
            continue
        size += _size(part) + 2
        lines += [part, ""]
    if left:
        lines.append(f"The details of {len(left)} more cassettes are too long for a comment.")
    if seeing and total.states:
        lines += ["See one in a terminal: " + span(seeing if len(seeing) < 300 else "cassette diff"), ""]
    return "\n".join([*lines, quiet])


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def summary(total: DiffSummary) -> list[str]:
    """Return the summary as a list."""
    lines = []
    rows = diff_summary.rows(total)
    for one in rows[:40]:
        sides = f"{span(one.old)} → {span(one.new)}" if one.old is not None and one.new is not None else ""
        if not sides and (one.old is not None or one.new is not None):
            sides = f"- {span(one.old)}" if one.old is not None else f"+ {span(one.new or '')}"
        lines.append(f"- {span(one.what)} {sides} · {one.often} · {span(one.where)}")
    if len(rows) > 40:
        lines.append(f"- {len(rows) - 40} more kinds of change")
    lines += [f"- {name}: {span(text)}" for name, text in diff_summary.facts(total)]
    return lines


def _quiet(total: DiffSummary) -> str:
    """Return the fold of cassettes in which nothing is a change; their paths as far as there is room."""
    if not total.only_volatile:
        return ""
    paths = [span(path) for path in total.only_volatile[:50]]
    if len(total.only_volatile) > 50:
        paths.append(f"and {len(total.only_volatile) - 50} more")
    title = f"{len(total.only_volatile)} only in what is volatile"
    return _fold(title, "\n".join(f"- {path}" for path in paths)) + "\n"


def _importance(one: CassetteDiff) -> tuple[int, str]:
    found = categories(one)
    return next((at for at, name in enumerate(CATEGORIES) if name in found), len(CATEGORIES)), one.path


def escape(text: str) -> str:
    """Return text that Markdown and HTML leave alone."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[1])};", inert_line(text))


def code(text: str) -> str:
    """Return text as code for where GitHub reads HTML and no Markdown, as in a summary."""
    return f"<code>{escape(text)}</code>"


def span(text: str, *, cell: bool = False) -> str:
    """Return text as inline code, the ticks around it longer than any in it; in a `cell` bars are escaped."""
    shown = inert_line(text) or " "
    if cell:
        shown = shown.replace("|", "\\|")
    ticks = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    room = " " if shown[:1] in "` " or shown[-1:] in "` " else ""
    return f"{ticks}{room}{shown}{room}{ticks}"


def _table(differences: Sequence[CassetteDiff]) -> str:
    rows: list[str] = []
    size = 0
    for one in differences:
        row = _row(one)
        if size + len(row) > _ROWS:
            rows.append(f"| {len(differences) - len(rows)} more | | | |")
            break
        size += len(row) + 1
        rows.append(row)
    body = "\n".join(["| cassette | changed | words | tokens |", "| --- | --- | --- | --- |", *rows])
    return _fold("All cassettes in numbers", body) if len(differences) > diff_summary.MANY else body


def _row(one: CassetteDiff) -> str:
    found = stat(one)
    parts = [(found.changed, "changed"), (found.added, "added"), (found.removed, "removed"), (found.moved, "moved")]
    counts = ", ".join(f"{count} {word}" for count, word in parts if count)
    if one.state != "changed":
        counts = f"**{one.state}**" + (f", {counts}" if counts else "")
    word = f"+{found.words[0]} -{found.words[1]}" if any(found.words) else ""
    token = f"+{found.tokens[0]} -{found.tokens[1]}" if any(found.tokens) else ""
    return f"| {span(one.path, cell=True)} | {counts} | {word} | {token} |"


def _fold(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _details(one: CassetteDiff, context: int, *, brief: bool) -> str:
    parts = [_interaction(interaction, context, brief=brief) for interaction in one.interactions if interaction.differs]
    if one.renamed:
        parts.insert(0, f"renamed from {span(one.old_path or '')}")
    if one.remark:
        parts.insert(0, span(one.remark))
    return _fold(code(one.path), "\n\n".join(parts) or "No interaction differs.")


def _interaction(one: InteractionDiff, context: int, *, brief: bool) -> str:
    label = one.label
    number = f"#{label.index}"
    if one.old is not None and one.new is not None and one.old.index != one.new.index:
        number = f"#{one.old.index} → #{one.new.index}"
    state = one.state if one.state in ("added", "removed") else ""
    states = " ".join(word for word in ("moved" if one.moved else "", state) if word)
    facts = " · ".join(span(str(fact)) for fact in (label.status, label.model) if fact is not None)
    title = f"**{escape(number)}** {span(f'{label.method} {label.url}')} {facts}"
    lines = [title + (f" — **{states}**" if states else "")]
    if one.excerpt is not None and not brief:
        lines += _excerpt(one.excerpt, "+" if one.old is None else "-")
    short = [change for change in one.changes if not _is_long(change)]
    lines += [f"- {span(place(change))}: {_sides(change)}" for change in short]
    for change in one.changes:
        if _is_long(change):
            lines += ["", span(place(change)), "", _block(change, context)]
    if one.volatile:
        lines += ["", f"<sub>{escape(volatile(one))}</sub>"]
    return "\n".join(lines)


def _excerpt(one: Excerpt, sign: str) -> list[str]:
    """Return what an interaction says that only one side has, as a difference of its own."""
    rows = []
    for name, text in told(one):
        found = text.strip("\n").split("\n")
        rows.append(f"@@ {name} @@")
        rows += [f"{sign}{row[:1000]}" for row in found[:_FOLD]]
        if len(found) > _FOLD:
            rows.append(f"@@ {len(found) - _FOLD} more lines @@")
    return ["", _fenced(rows)] if rows else []


def _is_long(change: Change) -> bool:
    values = [value for value in (change.old, change.new) if value is not ABSENT]
    return all(isinstance(value, str) for value in values) and any(len(value) > 60 or "\n" in value for value in values)


def _sides(change: Change) -> str:
    old, new = (value_text(value) for value in (change.old, change.new))
    old, new = diff_summary.cut_around(old, new, _LONG)
    if change.new is ABSENT:
        return f"- {span(old)}"
    return f"+ {span(new)}" if change.old is ABSENT else f"{span(old)} → {span(new)}"


def _block(change: Change, context: int) -> str:
    """Return a text as a fenced difference."""
    old, new = ("" if value is ABSENT else value for value in (change.old, change.new))
    rows = []
    for sign, pieces in words.lines(old, new, context):
        text = "".join(text for _, text in pieces).rstrip("\n")
        rows.append(f"@@ {text} sentences the same @@" if sign == "…" else f"{sign}{text}")
    return _fenced(rows)


def _fenced(rows: Sequence[str]) -> str:
    """Return rows in a fence that is longer than any in them."""
    body = inert("\n".join(rows))
    fence = "`" * max(3, *(len(run) + 1 for run in _FENCES.findall(body)), 3)
    return f"{fence}diff\n{body}\n{fence}"
