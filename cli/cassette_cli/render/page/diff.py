"""`cassette diff --format html`: one page that needs nothing else, with a summary, a tree of files, and both sides."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from cassette_cli.operations.diff import words
from cassette_cli.operations.diff.result import CassetteDiff, Change, Excerpt, InteractionDiff
from cassette_cli.operations.diff.summary import CATEGORIES, DiffSummary, category
from cassette_cli.operations.diff.values import ABSENT
from cassette_cli.operations.sizes import counted
from cassette_cli.render import diff_summary
from cassette_cli.render.diff import place, told, value_text, volatile
from cassette_cli.render.inert import inert_line
from cassette_cli.render.page.shell import escape, opening, script, tree

_CONTEXT = 3
_OPEN = 20
"""So many cassettes are unfolded at first."""
_LONG = 600
"""Texts of interactions that stand alone are folded past so many characters."""


def page(differences: Sequence[CassetteDiff], total: DiffSummary, *, brief: bool = False, details: bool = True) -> str:
    """Return the page of all cassettes that differ, in whatever."""
    shown = [one for one in differences if one.differs or one.only_volatile] if details else []
    changed = sum(total.states.values())
    title = f"{counted(changed, 'cassette')} changed"
    anchors = {one.path: f"c{number}" for number, one in enumerate(shown)}
    body = "\n".join(_cassette(one, anchors[one.path], number < _OPEN, brief=brief) for number, one in enumerate(shown))
    files = tree(((one.path, one) for one in shown), lambda name, one: _leaf(name, one, anchors[one.path]))
    rest = escape(diff_summary.headline(total).removeprefix(title))
    return f"""{opening("diff", title)}<body>
<header>
<h1>{title}<small>{rest}</small></h1>
<form id="filters" role="search" aria-label="Filter">
<input type="search" id="find" placeholder="Find path, URL, text" aria-label="Find" accesskey="f">
<details id="kinds"><summary>Filter</summary><div>{_kinds(shown)}
<p id="keys">Keys: <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>Enter</kbd> fold, <kbd>v</kbd> viewed,
<kbd>/</kbd> find, <kbd>n</kbd> volatile, <kbd>Esc</kbd> clear.</p></div></details>
<output id="count" aria-live="polite"></output>
</form>
</header>
<div id="page">
<nav aria-label="Cassettes"><details id="files" open><summary>Cassettes</summary>
<button type="button" id="open">Unfold all</button> <button type="button" id="close">Fold all</button>
<ul>{files}</ul></details></nav>
<main>
{_summary(total, anchors)}
{body or ("" if total.states else "<p>Nothing differs.</p>")}
</main>
</div>
{script("diff")}</body>
</html>"""


def _kinds(shown: Sequence[CassetteDiff]) -> str:
    """Return a box a kind of change, with how many there are."""
    counts: Counter[str] = Counter()
    quiet = 0
    for cassette in shown:
        for one in cassette.interactions:
            counts.update(category(change.kind) for change in one.changes)
            counts["interactions"] += one.moved or one.state in ("added", "removed")
            quiet += len(one.volatile)
    boxes = [
        f'<label><input type="checkbox" name="kind" value="{name}" checked> {name} <b>{counts[name]}</b></label>'
        for name in CATEGORIES
        if counts[name]
    ]
    boxes.append(f'<label><input type="checkbox" id="volatile"> volatile <b>{quiet}</b></label>')
    return "\n".join(boxes)


def _leaf(name: str, item: CassetteDiff, anchor: str) -> str:
    changes = sum(len(one.changes) + (one.state in ("added", "removed")) for one in item.interactions)
    state = "only-volatile" if item.only_volatile else item.state
    count = f" <b>{changes}</b>" if changes else ""
    return f'<li class="{state}"><a href="#{anchor}">{escape(inert_line(name))}</a>{count}</li>'


def _summary(total: DiffSummary, anchors: dict[str, str]) -> str:
    if not total.states and not total.only_volatile:
        return ""
    rows = []
    for one in diff_summary.rows(total, 60):
        old = f"<del>{escape(one.old)}</del>" if one.old is not None else ""
        new = f"<ins>{escape(one.new)}</ins>" if one.new is not None else ""
        sign = " → " if old and new else ""
        signs = ("- " if old and not new else "", "+ " if new and not old else "")
        anchor = anchors.get(one.row.places[0][0])
        where = (
            f'<a href="#{anchor}" title="{escape(one.where)}">{escape(one.where)}</a>' if anchor else escape(one.where)
        )
        rows.append(
            f"<tr><td>{escape(one.what)}</td><td><code>{signs[0]}{old}{sign}{signs[1]}{new}</code></td>"
            f"<td>{escape(one.often)}</td><td>{where}</td></tr>"
        )
    facts = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in diff_summary.facts(total))
    numbers = escape(diff_summary.numbers_text(total.total))
    return (
        f'<section id="summary"><h2>Summary <small>{numbers}</small></h2>'
        f"<table><tbody>{''.join(rows)}</tbody></table><dl>{facts}</dl></section>"
    )


def _cassette(one: CassetteDiff, anchor: str, opened: bool, *, brief: bool) -> str:
    state = "only-volatile" if one.only_volatile else one.state
    parts = "\n".join(_interaction(part, brief=brief) for part in one.interactions if part.differs or part.volatile)
    facts = [f'<span class="state {state}">{state.replace("-", " ")}</span>']
    if one.renamed:
        facts.append(f"from <code>{escape(one.old_path or '')}</code>")
    if one.remark:
        facts.append(escape(one.remark))
    # The mark goes with what is to be viewed: another page that says the same keeps it, a new recording does not.
    mark = hashlib.sha256(f"{one.path}\n{parts}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    unfolded = " open" if one.differs and opened else ""
    # A summary is a button: what can be used in its line stands beside it.
    return (
        f'<div class="box"><details class="cassette {state}" id="{anchor}" data-mark="{mark}"{unfolded}><summary>'
        f"<code>{escape(inert_line(one.path))}</code> {' '.join(facts)}</summary>\n{parts}\n</details>"
        f'<div class="marks"><a class="link" href="#{anchor}" aria-label="Link to this cassette">#</a>'
        f'<label class="viewed"><input type="checkbox"> viewed</label></div></div>'
    )


def _interaction(one: InteractionDiff, *, brief: bool) -> str:
    label = one.label
    number = f"#{label.index}"
    if one.old is not None and one.new is not None and one.old.index != one.new.index:
        number = f"#{one.old.index} → #{one.new.index}"
    state = one.state if one.state != "same" else "moved" if one.moved else "only-volatile"
    states: list[str] = [one.state] if one.state in ("added", "removed") else []
    states += ["moved"] if one.moved else []
    facts = " · ".join(escape(inert_line(str(fact))) for fact in (label.status, label.model) if fact is not None)
    changes = "" if one.excerpt is None or brief else _excerpt(one.excerpt, "new" if one.old is None else "old")
    changes += "\n".join(_change(change) for change in one.changes if change.kind != "usage")
    changes += _usage([change for change in one.changes if change.kind == "usage"])
    kept = f'<p class="counted">{escape(volatile(one))}</p>' if one.volatile else ""
    quiet = "\n".join(_change(change) for change in one.volatile)
    kind = ' data-kind="interactions"' if states else ""
    return (
        f'<section class="interaction {state}"{kind}><h3><b>{number}</b> {escape(label.method)} '
        f"<code>{escape(inert_line(label.url))}</code> <small>{facts}</small> "
        f"{' '.join(f'<mark>{word}</mark>' for word in states)}</h3>\n{changes}\n{kept}"
        + (f'<div class="volatile">{quiet}</div>' if quiet else "")
        + "</section>"
    )


def _excerpt(one: Excerpt, side: str) -> str:
    """Return what an interaction says that only one side has, on its side; long texts are folded."""
    parts = []
    for name, text in told(one):
        shown = f"<pre>{escape(text)}</pre>"
        if len(text) > _LONG:
            first = escape(inert_line(text[:120]))
            shown = f"<details><summary>{first}… ({len(text)} characters)</summary>{shown}</details>"
        parts.append(f"<h4>{escape(inert_line(name))}</h4>{shown}")
    return f'<div class="excerpt {side}">{"".join(parts)}</div>' if parts else ""


def _change(change: Change) -> str:
    name = escape(place(change))
    if change.volatile:
        name += f" <small>{escape(change.volatile)}</small>"
    old, new = _sides(change)
    return _pair(category(change.kind), name, old, new)


def _pair(kind: str, name: str, old: str, new: str) -> str:
    return (
        f'<div class="change" data-kind="{kind}"><h4>{name}</h4>'
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
    return _pair("usage", "usage", old, new)


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
