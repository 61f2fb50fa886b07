"""`cassette diff`: what changed, cassette by cassette and interaction by interaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cassette_cli.operations.diff import words
from cassette_cli.operations.diff.result import CassetteDiff, Change, Excerpt, InteractionDiff, Label, name_of
from cassette_cli.operations.diff.values import ABSENT, Blob, Index, path_text, sentences
from cassette_cli.operations.sizes import counted
from cassette_cli.render.inert import inert, inert_line
from cassette_cli.render.listing import short_url
from cassette_cli.render.output import Line, Output
from cassette_cli.render.wrapping import hang

_STATES = {"added": "green", "removed": "red", "deleted": "red", "changed": "yellow", "renamed": "cyan", "same": "dim"}
_SIGNS = {"-": "red", "+": "green", " ": "dim", "…": "dim"}
_SHORT = 60
_LONG = 240
_FOLD = 8
"""So many lines of a text are shown of an interaction that stands alone."""


@dataclass
class DiffText:
    """How differences are shown. `width` is the terminal's, None where lines are not broken.

    `everything` shows what is volatile, too; `context` counts the kept sentences around changed ones; `brief` leaves
    out what added and removed interactions say.
    """

    output: Output
    width: int | None = None
    everything: bool = False
    context: int = 3
    word_diff: bool = False
    brief: bool = False
    _begun: bool = False
    _seen: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def write(self, difference: CassetteDiff) -> None:
        """Write one cassette; nothing where only what is volatile differs and nobody asked for that."""
        if not difference.differs and not (self.everything and difference.volatile):
            return
        self._seen = {}
        lines: list[Line] = [*([[]] if self._begun else []), *heading(difference)]
        self._begun = True
        for one in difference.interactions:
            if one.differs or (self.everything and one.volatile):
                lines += self._interaction(one)
        rest = sum(difference.volatile.values()) - sum(
            len(one.volatile) for one in difference.interactions if one.differs
        )
        if rest and not self.everything:
            lines.append([(f"  {rest} volatile values in the other interactions", "dim")])
        self._lines(lines)

    def _lines(self, lines: list[Line]) -> None:
        if self.width is not None:
            lines = [row for line in lines for row in hang(line, self.width, _indent(line))]
        self.output.lines(lines)

    def _interaction(self, one: InteractionDiff) -> list[Line]:
        lines = [title(one)]
        if one.excerpt is not None and not self.brief:
            lines += self.excerpt(one.excerpt, "+" if one.old is None else "-")
        again = 0
        first: int | None = None
        usage = [change for change in one.changes if change.kind == "usage"]
        for change in one.changes:
            if change.kind == "usage":
                continue
            before = self._before(change, one.label.index)
            if before is not None:
                again, first = again + 1, before if first is None else first
                continue
            lines += self.change(change)
        if usage:
            lines.append(_usage(usage))
        if again:
            lines.append([(f"    {counted(again, 'change')} as in #{first}", "dim")])
        if self.everything:
            for change in one.volatile:
                lines += [[(text, "dim") for text, _ in line] for line in self.change(change, change.volatile)]
        elif one.volatile:
            lines.append([(f"    {volatile(one)}", "dim")])
        return lines

    def _before(self, change: Change, index: int) -> int | None:
        """Return the interaction that had the same change to its request already: conversations repeat themselves."""
        if change.side != "request":
            return None
        what = json.dumps([_plain(change.old), _plain(change.new)], ensure_ascii=False)
        if len(what) < 12:
            return None
        where = path_text(tuple(step for step in change.path if not isinstance(step, Index)))
        found = self._seen.setdefault((change.kind, where, what), index)
        return None if found == index else found

    def change(self, change: Change, reason: str | None = None) -> list[Line]:
        """Return the lines of one change; `reason` is the rule by which it is volatile."""
        name = place(change)
        head: Line = [("    ", ""), (name, "bold" if reason is None else "dim")]
        if reason is not None:
            head.append((f" ({reason})", "dim"))
        old, new = change.old, change.new
        if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > _SHORT:
            return [head, *self.text(old, new)]
        if ABSENT in (old, new):
            value, sign = (old, "-") if new is ABSENT else (new, "+")
            if isinstance(value, str) and (len(value) > _SHORT or "\n" in value):
                return [head, *self.text(*((value, "") if sign == "-" else ("", value)))]
            return [[*head, ("  ", ""), (f"{sign} {self._value(value)}", _SIGNS[sign])]]
        return [[*head, ("  ", ""), (self._value(old), "red"), (" → ", "dim"), (self._value(new), "green")]]

    def excerpt(self, one: Excerpt, sign: str) -> list[Line]:
        """Return what an interaction says that only one side has, long texts folded."""
        lines: list[Line] = []
        for name, text in told(one):
            head: Line = [(f"    {sign} ", _SIGNS[sign]), (inert_line(name), "bold")]
            rows = text.strip("\n").split("\n")
            if len(rows) == 1 and len(text) <= _SHORT:
                lines.append([*head, (f"  {inert_line(text)}", _SIGNS[sign])])
                continue
            most = len(rows) if self.everything else _FOLD
            shown = [_cut(row, None if self.everything else _LONG * 2) for row in rows[:most]]
            lines += [head, *([(f"    {sign}   {_shown(row, changed=False)}", _SIGNS[sign])] for row in shown)]
            if len(rows) > most:
                lines.append([(f"    {sign}   … {len(rows) - most} more lines", "dim")])
        return lines

    def text(self, old: str, new: str) -> list[Line]:
        """Return two texts compared: a line a sentence, or in one flow with `--word-diff`."""
        if self.word_diff:
            return _flow(words.compare(old, new), self.context)
        out: list[Line] = []
        shown = words.lines(old, new, self.context)
        for number, (sign, pieces) in enumerate(shown):
            if not self.everything and not (old and new) and number >= 12 and len(shown) > 16:
                out.append([(f"      {sign} … {len(shown) - number} more lines", "dim")])
                break
            if sign == "…":
                out.append([(f"      … {pieces[0][1]} sentences the same", "dim")])
                continue
            line: Line = [(f"      {sign} ", _SIGNS[sign])]
            whole = all(kind != "=" for kind, _ in pieces)
            for kind, text in pieces:
                strong = kind != "=" and (not whole or not text.strip())
                style = f"bold {_SIGNS[sign]} reverse" if strong else _SIGNS[sign]
                line.append((_shown(text, changed=strong), style))
            if sign == " ":
                line[-1] = (line[-1][0].rstrip(), line[-1][1])
            out.append(line)
        return out

    def _value(self, value: Any) -> str:
        text = value_text(value)
        if self.everything or len(text) <= _LONG:
            return text
        return f"{text[:_LONG]}… ({len(text)} characters)"


def told(one: Excerpt) -> list[tuple[str, str]]:
    """Return the parts of what an interaction says, each with its name."""
    parts = [("user", one.asked), ("reasoning", one.reasoning), ("assistant", one.answer)]
    parts += [(f"tool call {name}", arguments) for name, arguments in one.calls]
    return [(name, text) for name, text in [*parts, ("error", one.error)] if text]


def _cut(text: str, size: int | None) -> str:
    return text if size is None or len(text) <= size else f"{text[:size]}… ({len(text)} characters)"


def _indent(line: Line) -> int:
    first = line[0][0] if line else ""
    return len(first) - len(first.lstrip(" ")) + 4


def _shown(text: str, *, changed: bool) -> str:
    """Return words for one line; a line break that changed is seen."""
    return inert(text.replace("\n", "⏎" if changed else "")).replace("\t", "    ")


def _flow(pieces: Sequence[words.Piece], context: int) -> list[Line]:
    """Return texts in one flow, changes marked as git's --word-diff does."""
    line: Line = [("      ", "")]
    for number, (sign, text) in enumerate(pieces):
        if sign == "=":
            kept = _middle(text, context, first=not number, last=number == len(pieces) - 1)
            line.append((_shown(kept, changed=False), ""))
        else:
            marks = ("[-", "-]") if sign == "-" else ("{+", "+}")
            line.append((f"{marks[0]}{_shown(text, changed=True)}{marks[1]}", _SIGNS[sign]))
    return [line]


def _middle(text: str, context: int, *, first: bool, last: bool) -> str:
    """Leave out the middle of a long stretch that both sides have."""
    parts = sentences(text)
    head, tail = 0 if first else context, 0 if last else context
    if len(parts) <= head + tail + 1:
        return text.replace("\n", " ")
    return ("".join(parts[:head]) + " … " + "".join(parts[len(parts) - tail :])).replace("\n", " ")


def _plain(value: Any) -> Any:
    return None if value is ABSENT else str(value) if isinstance(value, Blob) else value


def value_text(value: Any) -> str:
    """Return a value on one line: strings in quotes, JSON compact, what is binary described."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Blob):
        return inert_line(str(value))
    if isinstance(value, list) and len(value) > 16 and all(isinstance(item, int | float) for item in value):
        return f"{len(value)} numbers, from {value[0]} to {value[-1]}"
    return inert_line(json.dumps(value, ensure_ascii=False))


def place(change: Change) -> str:
    """Name what changed, on one line."""
    return inert_line(name_of(change))


def volatile(one: InteractionDiff) -> str:
    """Return the one line that counts what changed by its nature."""
    counts: dict[str, int] = {}
    for change in one.volatile:
        counts[change.volatile or ""] = counts.get(change.volatile or "", 0) + 1
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items(), key=lambda item: -item[1]))
    return f"{sum(counts.values())} volatile: {told}"


def heading(difference: CassetteDiff) -> list[Line]:
    """Return the line that names a cassette, and what is to say of it as a whole."""
    state = "volatile only" if difference.only_volatile else difference.state
    line: Line = [(inert_line(difference.path), "bold"), (f"  {state}", _STATES.get(difference.state, "dim"))]
    if difference.renamed:
        line.append((f" from {inert_line(difference.old_path or '')}", "cyan"))
    old, new = difference.counts
    counts = f"{new}" if old == new else f"{old} → {new}"
    if old or new:
        line.append((f" · {counts} interaction{'' if counts == '1' else 's'}", "dim"))
    return [line] + ([[(f"  {inert_line(difference.remark)}", "yellow")]] if difference.remark else [])


def title(one: InteractionDiff) -> Line:
    """Return the line that names an interaction."""
    label = one.label
    sign = {"added": "+", "removed": "-"}.get(one.state, "~" if one.state == "changed" else " ")
    style = "cyan" if one.state == "same" else _STATES[one.state]
    line: Line = [(f"{sign} #{_number(one)} ", style), (inert_line(label.method), "bold")]
    line.append((f" {short_url(label.url, long=False)}", ""))
    if one.moved:
        line.append((" moved", "cyan"))
    if one.state in ("added", "removed"):
        line.append((f" {one.state}", style))
    facts = _facts(label)
    if facts:
        line.append((f"  {facts}", "dim"))
    return line


def _number(one: InteractionDiff) -> str:
    if one.old is None or one.new is None or one.old.index == one.new.index:
        return str(one.label.index)
    return f"{one.old.index} → #{one.new.index}"


def _facts(label: Label) -> str:
    facts = [str(label.status)] if label.status is not None else []
    if label.model:
        facts.append(inert_line(label.model))
    return " · ".join(facts)


def _usage(changes: list[Change]) -> Line:
    """Return all that changed of the usage on one line."""
    line: Line = [("    ", ""), ("usage", "bold")]
    for number, change in enumerate(changes):
        line.append((" · " if number else "  ", "dim"))
        line.append((inert_line(name_of(change).removeprefix("usage ")) + " ", ""))
        line.append((value_text(change.old), "red"))
        line.append((" → ", "dim"))
        line.append((value_text(change.new), "green"))
    return line
