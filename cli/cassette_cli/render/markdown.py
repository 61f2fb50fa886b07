"""`cassette diff --format markdown`: a comment for a pull request, its details folded."""

import re
from collections.abc import Sequence

from cassette_cli.operations.diff import words
from cassette_cli.operations.diff.result import CassetteDiff, Change, InteractionDiff
from cassette_cli.operations.diff.totals import Summary, stat
from cassette_cli.operations.diff.values import ABSENT
from cassette_cli.render.diff import place, value_text, volatile
from cassette_cli.render.diff_totals import numbers_text
from cassette_cli.render.inert import inert, inert_line

_MARKUP = re.compile(r"([\\`*_{}\[\]#!|<>~@&])")
_FENCES = re.compile(r"`{3,}|~{3,}")
_MOST = 60_000
"""GitHub refuses comments of more than 65,536 characters: past this, cassettes are only named."""


def page(differences: Sequence[CassetteDiff], total: Summary, context: int = 3) -> str:
    """Return the comment; recorded text stands in it as text, whatever it holds."""
    changed = sum(total.states.values())
    noun = "cassette" if changed == 1 else "cassettes"
    lines = [f"### {changed} {noun} changed" if changed else "### No cassette changed", ""]
    numbers = numbers_text(total.total)
    if numbers:
        lines += [numbers, ""]
    if changed:
        lines += ["| cassette | changed | words | tokens |", "| --- | --- | --- | --- |"]
        lines += [_row(one) for one in differences]
        lines.append("")
    size = sum(map(len, lines))
    left_out = 0
    for one in differences:
        part = _details(one, context)
        if size + len(part) > _MOST:
            left_out += 1
            continue
        size += len(part)
        lines += [part, ""]
    if left_out:
        lines += [f"The details of {left_out} more are too long for a comment: run `cassette diff`.", ""]
    if total.only_volatile:
        quiet = "\n".join(f"- {code(path)}" for path in total.only_volatile)
        lines += [_fold(f"{len(total.only_volatile)} changed only in noise", quiet), ""]
    return "\n".join(lines)


def escape(text: str) -> str:
    """Return text that Markdown and HTML leave alone."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[1])};", inert_line(text))


def code(text: str) -> str:
    """Return text as inline code that holds any character, a table's bar included."""
    return f"<code>{escape(text)}</code>"


def _row(one: CassetteDiff) -> str:
    found = stat(one)
    parts = [(found.changed, "changed"), (found.added, "added"), (found.removed, "removed"), (found.moved, "moved")]
    counts = ", ".join(f"{count} {word}" for count, word in parts if count)
    if one.state != "changed":
        counts = f"**{one.state}**" + (f", {counts}" if counts else "")
    word = f"+{found.words[0]} −{found.words[1]}" if any(found.words) else ""
    token = f"+{found.tokens[0]} −{found.tokens[1]}" if any(found.tokens) else ""
    return f"| {code(one.path)} | {counts} | {word} | {token} |"


def _fold(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _details(one: CassetteDiff, context: int) -> str:
    parts = [_interaction(interaction, context) for interaction in one.interactions if interaction.differs]
    if one.renamed:
        parts.insert(0, f"renamed from {code(one.old_path or '')}")
    if one.remark:
        parts.insert(0, escape(one.remark))
    return _fold(code(one.path), "\n\n".join(parts) or "No interaction differs.")


def _interaction(one: InteractionDiff, context: int) -> str:
    label = one.label
    number = f"#{label.index}"
    if one.old is not None and one.new is not None and one.old.index != one.new.index:
        number = f"#{one.old.index} → #{one.new.index}"
    state = one.state if one.state in ("added", "removed") else ""
    words_ = " ".join(word for word in ("moved" if one.moved else "", state) if word)
    facts = " · ".join(escape(str(fact)) for fact in (label.status, label.model) if fact is not None)
    lines = [f"**{number}** {code(f'{label.method} {label.url}')} {facts}" + (f" — **{words_}**" if words_ else "")]
    short = [change for change in one.changes if not _is_long(change)]
    lines += [f"- {escape(place(change))}: {_sides(change)}" for change in short]
    for change in one.changes:
        if _is_long(change):
            lines += ["", f"{escape(place(change))}", "", _block(change, context)]
    if one.volatile:
        lines += ["", f"<sub>{escape(volatile(one))}</sub>"]
    return "\n".join(lines)


def _is_long(change: Change) -> bool:
    values = [value for value in (change.old, change.new) if value is not ABSENT]
    return all(isinstance(value, str) for value in values) and any(len(value) > 60 or "\n" in value for value in values)


def _sides(change: Change) -> str:
    old, new = (_short(value) for value in (change.old, change.new))
    if change.new is ABSENT:
        return f"removed {old}"
    return f"added {new}" if change.old is ABSENT else f"{old} → {new}"


def _short(value: object) -> str:
    text = value_text(value)
    return code(text if len(text) <= 300 else text[:300] + "…")


def _block(change: Change, context: int) -> str:
    """Return a text as a fenced difference, the fence longer than any in the text."""
    old, new = ("" if value is ABSENT else value for value in (change.old, change.new))
    rows = []
    for sign, pieces in words.lines(old, new, context):
        text = inert("".join(text for _, text in pieces)).rstrip("\n")
        rows.append(f"@@ {text} sentences the same @@" if sign == "…" else f"{sign}{text}")
    body = "\n".join(rows)
    fence = "`" * max(3, *(len(run) + 1 for run in _FENCES.findall(body)), 3)
    return f"{fence}diff\n{body}\n{fence}"
