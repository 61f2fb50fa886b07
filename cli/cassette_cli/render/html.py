"""`cassette diff --format html`: one page that needs nothing else, both sides beside each other.

Everything recorded is written as text; a Content-Security-Policy keeps even a mistake from running.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape as _html
from importlib import resources

from cassette_cli.operations.diff import words
from cassette_cli.operations.diff.result import CassetteDiff, Change, InteractionDiff
from cassette_cli.operations.diff.totals import CATEGORIES, Summary, categories, category
from cassette_cli.operations.diff.values import ABSENT
from cassette_cli.render.diff import place, value_text, volatile
from cassette_cli.render.diff_totals import numbers_text
from cassette_cli.render.inert import inert, inert_line

_CONTEXT = 3


@cache
def _file(name: str) -> str:
    return resources.files("cassette_cli.render").joinpath("page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def escape(text: str) -> str:
    """Return text for HTML, control characters shown."""
    return _html(inert(text), quote=True)


def page(differences: Sequence[CassetteDiff], total: Summary) -> str:
    """Return the page of all cassettes that are not identical."""
    style, script = _file("style.css"), _file("script.js")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
    policy += "base-uri 'none'; form-action 'none'"
    shown = [one for one in differences if not one.identical or one.differs]
    changed = sum(total.states.values())
    title = f"{changed} cassette{'' if changed == 1 else 's'} changed"
    found = {name for one in shown for name in categories(one)}
    kinds = "".join(
        f'<label><input type="checkbox" name="kind" value="{name}" checked> {name}</label>'
        for name in CATEGORIES
        if name in found
    )
    body = "\n".join(_cassette(one, number) for number, one in enumerate(shown))
    numbers = escape(numbers_text(total.total))
    noise = f" · {len(total.only_volatile)} only in noise" if total.only_volatile else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}<small>{noise}</small></h1>
<p>{numbers}</p>
<form id="filters" role="search" aria-label="Filter">
<label>Find <input type="search" id="find" placeholder="path, URL, text (press /)"></label>
<fieldset><legend>Show</legend>{kinds}<label><input type="checkbox" id="noise"> noise</label></fieldset>
<button type="button" id="open">Unfold all</button>
<button type="button" id="close">Fold all</button>
</form>
<p id="keys">Keys: <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>Enter</kbd> fold, <kbd>/</kbd> find,
<kbd>n</kbd> noise, <kbd>Esc</kbd> clear. <output id="count" aria-live="polite"></output></p>
</header>
<main>
{body or "<p>Nothing differs.</p>"}
</main>
<script>{script}</script>
</body>
</html>"""


def _cassette(one: CassetteDiff, number: int) -> str:
    state = "noise" if one.only_volatile else one.state
    parts = "\n".join(_interaction(part) for part in one.interactions if part.differs or part.volatile)
    facts = [f'<span class="state {state}">{state}</span>']
    if one.renamed:
        facts.append(f"from <code>{escape(one.old_path or '')}</code>")
    if one.remark:
        facts.append(escape(one.remark))
    opened = " open" if one.differs and number < 20 else ""
    return (
        f'<details class="cassette {state}"{opened}><summary><code>{escape(inert_line(one.path))}</code> '
        f"{' '.join(facts)}</summary>\n{parts}\n</details>"
    )


def _interaction(one: InteractionDiff) -> str:
    label = one.label
    number = f"#{label.index}"
    if one.old is not None and one.new is not None and one.old.index != one.new.index:
        number = f"#{one.old.index} → #{one.new.index}"
    state = one.state if one.state != "same" else "moved" if one.moved else "noise"
    told: list[str] = [one.state] if one.state in ("added", "removed") else []
    told += ["moved"] if one.moved else []
    facts = " · ".join(escape(inert_line(str(fact))) for fact in (label.status, label.model) if fact is not None)
    changes = "\n".join(_change(change) for change in one.changes if change.kind != "usage")
    changes += _usage([change for change in one.changes if change.kind == "usage"])
    kept = f'<p class="volatile">{escape(volatile(one))}</p>' if one.volatile else ""
    noise = "\n".join(_change(change) for change in one.volatile)
    kind = ' data-kind="interactions"' if told else ""
    return (
        f'<section class="interaction {state}"{kind}><h2><b>{number}</b> {escape(label.method)} '
        f"<code>{escape(inert_line(label.url))}</code> <small>{facts}</small> "
        f"{' '.join(f'<mark>{word}</mark>' for word in told)}</h2>\n{changes}\n{kept}"
        + (f'<div class="noise">{noise}</div>' if noise else "")
        + "</section>"
    )


def _change(change: Change) -> str:
    name = escape(place(change))
    if change.volatile:
        name += f" <small>{escape(change.volatile)}</small>"
    old, new = _sides(change)
    return (
        f'<div class="change" data-kind="{category(change.kind)}"><h3>{name}</h3>'
        f'<div class="sides"><div class="old">{old}</div><div class="new">{new}</div></div></div>'
    )


def _usage(changes: list[Change]) -> str:
    """Return all that changed of the usage in one block."""
    if not changes:
        return ""
    rows = [
        [f"{place(one).removeprefix('usage ')}: {value_text(value)}" for one, value in found]
        for found in ([(one, one.old) for one in changes], [(one, one.new) for one in changes])
    ]
    old, new = ("<pre>" + escape("\n".join(row)) + "</pre>" for row in rows)
    return (
        f'<div class="change" data-kind="usage"><h3>usage</h3>'
        f'<div class="sides"><div class="old">{old}</div><div class="new">{new}</div></div></div>'
    )


def _sides(change: Change) -> tuple[str, str]:
    """Return both sides as HTML: words marked where both are text, values as they are elsewhere."""
    old, new = change.old, change.new
    if not (isinstance(old, str) and isinstance(new, str)) or change.volatile:
        return _value(old), _value(new)
    sides = {"-": "", "+": ""}
    for sign, pieces in words.lines(old, new, _CONTEXT):
        marked = "".join(_piece(kind, text) for kind, text in pieces)
        if sign == "…":
            marked = f'<span class="skip">… {marked} sentences the same</span>\n'
        if sign in ("-", "+"):
            sides[sign] += marked
        else:
            sides["-"] += marked
            sides["+"] += marked
    return f"<pre>{sides['-']}</pre>", f"<pre>{sides['+']}</pre>"


def _piece(kind: str, text: str) -> str:
    tag = {"-": "del", "+": "ins"}.get(kind)
    # A line break that changed is shown, or nothing would be seen of it.
    return f"<{tag}>{escape(text).replace(chr(10), '⏎' + chr(10))}</{tag}>" if tag else escape(text)


def _value(value: object) -> str:
    if value is ABSENT:
        return '<span class="none">nothing</span>'
    return f"<pre>{escape(value if isinstance(value, str) else value_text(value))}</pre>"
