"""The rows of `cassette ls`."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from cassette_cli import config
from cassette_cli.errors import CassetteError
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette
from cassette_cli.model.structure import may_hold_alias
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading
from cassette_cli.source.document import Document

if TYPE_CHECKING:
    from cassette_cli.operations.redact.masking import Masker


class Row(NamedTuple):
    """One interaction, or one recording that is no HTTP: then only path, format and protocol are set.

    `unread` names the parts that nothing looks into; those outside of all interactions are told with the first.
    """

    path: str
    format: str
    index: int | None = None  # type: ignore[assignment]  # a field, and no longer the tuple's method
    method: str | None = None
    url: str | None = None
    status: int | None = None
    protocol: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    frames: int | None = None
    empty_frames: int | None = None
    duration_ms: float | None = None
    body_bytes: int | None = None
    unread: tuple[str, ...] = ()
    messages: tuple[int, int] | None = None
    """How many messages of a WebSocket connection were sent, and how many received; None for HTTP."""


def row(cassette: Cassette, reading: Reading) -> Row:
    """Describe one interaction."""
    interaction = reading.interaction
    response = interaction.response
    tokens = reading.tokens
    return Row(
        path=cassette.path,
        format=cassette.format,
        index=interaction.index,
        method=interaction.request.method,
        url=_shown(interaction.request.url),
        status=None if response is None else response.status,
        protocol=None if reading.protocol is None else reading.protocol.name,
        model=reading.model,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        frames=reading.frames,
        empty_frames=None if reading.framed is None else len(reading.empties),
        duration_ms=None if response is None else response.duration_ms,
        body_bytes=reading.body_bytes,
        unread=(
            *(one.where for one in interaction.unread),
            *(f"{side}.body" for side, body in interaction.bodies if _is_undecoded(cassette.document, body)),
        ),
        messages=reading.messages,
    )


def _is_undecoded(document: Document, body: Body) -> bool:
    """Say whether something of a body could not be decoded, without making the JSON of a request's structure."""
    if body.is_structure and body.node is not None and not may_hold_alias(document.text, body.node):
        return False
    return bool(body.undecoded)


@cache
def _shown(url: str) -> str:
    """Return a URL with its secrets masked; all that finds them takes longer to load than a small cassette to read."""
    from cassette_cli.operations.redact.detect.addresses import masked

    shown = None if _has_rules() else masked(url)
    return _masker().text(url, kind="url") if shown is None else shown


@cache
def _has_rules() -> bool:
    """Say whether the project's settings say what is a secret."""
    try:
        return bool(config.section("redact").values)
    except CassetteError:  # `cassette redact` says what is wrong with them
        return False


@cache
def _masker() -> "Masker":
    from cassette_cli.operations.redact.masking import Masker

    return Masker()


def other_protocol(cassette: Cassette) -> str:
    """Return what stands in place of a protocol for a recording that is no HTTP."""
    return f"{cassette.not_http} ({cassette.entries})"


def other_row(cassette: Cassette) -> Row:
    """Describe a recording that is no HTTP."""
    return Row(
        cassette.path,
        cassette.format,
        protocol=other_protocol(cassette),
        unread=tuple(one.where for one in cassette.unread),
    )


class Group(NamedTuple):
    """The rows of one cassette; `size` is that of the file in bytes."""

    path: str
    format: str
    interactions: int
    size: int
    rows: list[Row]


def group(loaded: Loaded) -> Iterator[Group]:
    """Yield the rows of a cassette, nothing where none is chosen; raises `UsageError` for a choice that it has not."""
    cassette = loaded.cassette
    if cassette.not_http is not None and not cassette.interactions:
        yield Group(cassette.path, cassette.format, cassette.entries, loaded.size, [other_row(cassette)])
        return
    rows = []
    for reading in loaded.selection.readings(cassette):  # one at a time: each holds a body and its frames
        rows.append(row(cassette, reading))
        reading.interaction.forget()
    if rows and cassette.unread:
        rows[0] = rows[0]._replace(unread=(*(one.where for one in cassette.unread), *rows[0].unread))
    if rows or not cassette.interactions:
        yield Group(cassette.path, cassette.format, len(cassette.interactions), loaded.size, rows)


class SortKey(StrEnum):
    """What rows are ordered by."""

    SIZE = "size"
    FRAMES = "frames"
    TIME = "time"
    PATH = "path"


def sort_rows(rows: Iterable[Row], key: SortKey) -> list[Row]:
    """Sort by path, or with the largest first; what is unknown comes last."""
    amounts: dict[SortKey, Callable[[Row], float | None]] = {
        SortKey.SIZE: lambda row: row.body_bytes,
        SortKey.FRAMES: lambda row: row.frames,
        SortKey.TIME: lambda row: row.duration_ms,
        SortKey.PATH: lambda _: None,
    }
    return sorted(rows, key=lambda row: (-(amounts[key](row) or 0), row.path, row.index or 0))
