"""Two versions of a cassette compared: interactions aligned, then each pair looked at."""

from collections.abc import Iterator
from typing import NamedTuple

from cassette_cli.model.http import Cassette
from cassette_cli.model.message import Part
from cassette_cli.operations.diff import answers, sides
from cassette_cli.operations.diff.align import align
from cassette_cli.operations.diff.result import (
    ORDER,
    CassetteDiff,
    Change,
    Excerpt,
    InteractionDiff,
    Kind,
    Label,
    ordered,
)
from cassette_cli.operations.diff.values import Named, Path, plain
from cassette_cli.operations.diff.words import word_count
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.selecting import Selection

_RANK: dict[Kind, int] = {kind: at for at, kind in enumerate(ORDER)}


class Options(NamedTuple):
    """How to compare: `ignore` names what is no change, `events` compares frames as they were recorded.

    What the rules of `strict` would pass over, or at the places that `strictly` names, is a change.
    """

    ignore: Named = Named(())
    strict: frozenset[str] = frozenset()
    strictly: Named = Named(())
    events: bool = False
    selection: Selection = Selection()


class Version(NamedTuple):
    """One version of a file: its path as it is told, its bytes with those of bodies beside it, and its cassette."""

    path: str
    raw: bytes
    cassette: Cassette


def compare(
    old: Version | None, new: Version | None, options: Options | None = None, *, renamed: bool = False
) -> CassetteDiff:
    """Compare two versions; None for a side that has none. `renamed` says that the two paths are told as a renaming.

    `compare(new, old)` is `compare(old, new).mirrored()`.
    """
    options = options or Options()
    if old is not None and new is not None and (old.raw, old.path) > (new.raw, new.path):
        # Ties are broken somewhere in every alignment: working in one order makes both directions agree.
        return _compare(new, old, options, renamed=renamed).mirrored()
    return _compare(old, new, options, renamed=renamed)


def _compare(old: Version | None, new: Version | None, options: Options, *, renamed: bool) -> CassetteDiff:
    paths = None if old is None else old.path, None if new is None else new.path
    left, right = _readings(old, options), _readings(new, options)
    counts = (len(left), len(right))
    if old is not None and new is not None and old.raw == new.raw:
        return CassetteDiff(*paths, (), identical=True, counts=counts, renamed=renamed)
    found = []
    for pair in align(left, right):
        a = None if pair.old is None else left[pair.old]
        b = None if pair.new is None else right[pair.new]
        found.append(_pair(a, b, options, moved=pair.moved))
    told = any(one.differs or one.volatile for one in found)
    return CassetteDiff(
        *paths, ordered(found), counts=counts, remark=_remark(old, new), renamed=renamed,
        left_out=0 if told else _not_chosen(old, left) + _not_chosen(new, right),
    )  # fmt: skip


def _not_chosen(version: Version | None, chosen: list[Reading]) -> int:
    """Return how many interactions of a version nobody asked to compare."""
    return 0 if version is None else len(version.cassette.interactions) - len(chosen)


def _readings(version: Version | None, options: Options) -> list[Reading]:
    return [] if version is None else list(options.selection.readings(version.cassette))


def _remark(old: Version | None, new: Version | None) -> str | None:
    """Return what is to say of recordings that are no HTTP."""
    if old is None or new is None or old.raw == new.raw:
        return None
    kinds = [None if one.cassette.interactions else one.cassette.not_http for one in (old, new)]
    if kinds == [None, None]:
        return None
    return "the recordings differ: " + " → ".join(kind or "HTTP" for kind in dict.fromkeys(kinds)) + " is not compared"


def _pair(old: Reading | None, new: Reading | None, options: Options, *, moved: bool) -> InteractionDiff:
    if old is None or new is None:
        one = old or new
        assert one is not None
        alone = _alone(one)
        return InteractionDiff(alone if new is None else None, alone if old is None else None, excerpt=_excerpt(one))
    try:
        changes = [*_changes(old, new, options)]
    except RecursionError:
        changes = [Change("response", "body", (), *("JSON that nests too deep to be compared",) * 2)]
    true = sorted((change for change in changes if change.volatile is None), key=lambda change: _RANK[change.kind])
    volatile = tuple(change for change in changes if change.volatile is not None)
    full = bool(true) or moved
    return InteractionDiff(label(old, full=full), label(new, full=full), moved, tuple(true), volatile)


def _changes(old: Reading, new: Reading, options: Options) -> Iterator[Change]:
    for change in _all(old, new, options):
        rule = change.volatile
        if rule in options.strict or (rule is not None and options.strictly and options.strictly(_place(change))):
            rule = None
        if rule is None and options.ignore(_place(change)):
            rule = "ignored"
        yield change if rule == change.volatile else change._replace(volatile=rule)


def _place(change: Change) -> Path:
    """Return the path that rules of the user are held against: what a message is made of counts by its kind, too."""
    return (*change.path, change.kind) if change.kind in ("reasoning", "usage") else change.path


def _all(old: Reading, new: Reading, options: Options) -> Iterator[Change]:
    asked = list(sides.requests(old.interaction.request, new.interaction.request))
    yield from asked
    yield from answers.compare(old, new, asked, events=options.events)
    a, b = old.interaction.recorded_at, new.interaction.recorded_at
    if a != b:
        yield Change("response", "body", ("recorded_at",), a, b, "times")


def _alone(reading: Reading) -> Label:
    said = [] if reading.message is None else [f"{one.text} {one.reasoning or ''}" for one in reading.message.choices]
    return label(reading)._replace(words=sum(word_count(text) for text in said))


def _excerpt(reading: Reading) -> Excerpt:
    """Return what an interaction says: its last question and its answer, or its bodies where it is no model's."""
    request, response = reading.interaction.request, reading.interaction.response
    turns = [] if reading.conversation is None else reading.conversation.turns
    last = next((turn for turn in reversed(turns) if turn.role == "user"), turns[-1] if turns else None)
    asked = str(plain(request.body)) if last is None else "\n".join(_said(part) for part in last.parts)
    message = reading.message
    if message is None:
        answer = "" if response is None else str(plain(response.body))
        return Excerpt(asked, "" if reading.error else answer, error=reading.error or reading.interaction.error or "")
    choices = message.choices
    return Excerpt(
        asked,
        "\n".join(text for choice in choices for text in (choice.text, choice.refusal) if text),
        "\n".join(choice.reasoning for choice in choices if choice.reasoning),
        tuple((call.name or "?", call.arguments) for choice in choices for call in choice.tool_calls),
        "\n".join(message.errors),
    )


def _said(part: Part) -> str:
    if part.text:
        return part.text
    facts = " ".join(str(fact) for fact in (part.media_type, part.name, part.url) if fact)
    return f"[{part.kind}{' ' + facts if facts else ''}]"


def label(reading: Reading, *, full: bool = True) -> Label:
    """Name an interaction; what has to be decoded for it only where it is asked for."""
    interaction = reading.interaction
    response = interaction.response
    status = None if response is None else response.status
    request = interaction.request
    if not full:
        return Label(interaction.index, request.method, request.url, status)
    protocol = reading.protocol
    return Label(
        interaction.index,
        request.method,
        request.url,
        status,
        reading.model,
        None if protocol is None else protocol.name,
        reading.tokens,
    )
