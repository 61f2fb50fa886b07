"""The checks that look at a whole cassette, or at a file that is none: each yields what is wrong with it."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_cli.errors import CassetteError, ParseError, UnsupportedError
from cassette_cli.formats.unsupported import UNKNOWN
from cassette_cli.model.http import Interaction, Unread
from cassette_cli.operations.check.base import File, Found
from cassette_cli.operations.targets import plain_name
from cassette_cli.source import json
from cassette_cli.source.later import pattern
from cassette_cli.source.unresolved import ConflictError

if TYPE_CHECKING:
    from cassette_cli.operations.reading import Reading

_WORD = pattern(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MEANT = pattern(
    r"err(or)?s?|fail(s|ed|ing|ure|ures)?|retr(y|ies|ied|ying)|(rate)?limit(s|ed|er|ing)?|throttl(e|ed|ing)|overload(ed)?"
    r"|unavailable|timeouts?|backoff|exceptions?|faults?|bad|busy|429|5\d\d"
)
"""The words in names of recordings that are meant to hold a failure."""
_JSON = (".json", ".har")


def unreadable(file: File) -> Iterator[Found]:
    """Find what is named as JSON and can only be read as YAML: its recorder will refuse it."""
    document = file.loaded.cassette.document
    if document.is_json or not plain_name(file.loaded.cassette.path).endswith(_JSON):
        return
    try:
        json.compose(document.text)
    except ParseError as error:
        yield Found(error.message, error.line or 1)


def secret(file: File) -> Iterator[Found]:
    """Find what `cassette redact` would remove; no secret is told, only where it is and by which rule."""
    for one in file.redacted.findings if file.redacted is not None else ():
        yield Found(f"{one.rule} in {one.where}: {one.masked}", one.line, one.interaction, one.fingerprint)


def unscanned(file: File) -> Iterator[Found]:
    """Find what `cassette redact --check` could not look into and no other code tells of."""
    elsewhere = [*_missing(file), *_of_version(file)]
    told = {(one.where, one.interaction) for one in elsewhere}
    for one in file.redacted.gaps if file.redacted is not None else ():
        if (one.where, one.interaction) not in told:
            yield Found(f"{one.where}: {one.reason}", one.line, one.interaction)


def duplicate(file: File) -> Iterator[Found]:
    """Find interactions that were recorded before, request and response alike."""
    document = file.loaded.cassette.document
    seen: dict[bytes, int] = {}
    for reading in file.readings():
        interaction = reading.interaction
        first = seen.setdefault(_fingerprint(interaction), interaction.index)
        if first != interaction.index:
            line = document.line(interaction.node.start)
            yield Found(f"the same as interaction {first}", line, interaction.index)
        interaction.forget()


def unknown_version(file: File) -> Iterator[Found]:
    """Find a version of a known format that is not known."""
    for one in _of_version(file):
        yield Found(
            f"{file.loaded.cassette.format}: version {one.reason}", file.loaded.cassette.document.line(one.node.start)
        )


def _of_version(file: File) -> Iterator[Unread]:
    return (one for one in file.loaded.cassette.unread if one.of_version)


def missing_body(file: File) -> Iterator[Found]:
    """Find bodies that should be in a file beside the cassette, and are not."""
    for one in _missing(file):
        yield Found(one.reason, file.loaded.cassette.document.line(one.node.start), one.interaction)


def _missing(file: File) -> Iterator[Unread]:
    chosen = {reading.interaction.index for reading in file.readings()} if file.loaded.selection.narrows else None
    for one in file.loaded.cassette.unread_parts():
        if one.missing and (chosen is None or one.interaction in chosen):
            yield one


def recorded_error(file: File) -> Iterator[Found]:
    """Find failures of the moment (429, 5xx) among answers of the same host that succeeded, once for each request.

    A file whose name speaks of errors, limits or retries means to record them.
    """
    met = list(map(_met, file.readings()))
    failed: dict[tuple[str, str, int], list[_Met]] = {}
    for one in met:
        if one.status == 429 or one.status >= 500:
            failed.setdefault((one.method, one.url, one.status), []).append(one)
    name = os.path.basename(file.loaded.cassette.path)
    if not failed or any(_MEANT.fullmatch(word.lower()) for word in _WORD.findall(name)):
        return
    for (method, url, status), group in failed.items():
        good = [one for one in met if one.host == group[0].host and 200 <= one.status < 300]
        if good:
            same = next((one.number for one in good if (one.method, one.url) == (method, url)), None)
            others = f"{len(good)} other{'s' if len(good) > 1 else ''} succeeded"
            more = others if same is None else f"the same request succeeded in #{same}"
            times = f" {len(group)} times" if len(group) > 1 else ""
            line = file.loaded.cassette.document.line(group[0].start)
            yield Found(f"status {status}{times}, while {more}", line, group[0].number)


class _Met(NamedTuple):
    """What tells failures from successes; an interaction of a large cassette would hold its bodies."""

    number: int
    start: int
    method: str
    url: str
    host: str
    status: int


def _met(reading: "Reading") -> _Met:
    one, request, response = reading.interaction, reading.interaction.request, reading.interaction.response
    status = 0 if response is None else response.status or 0
    return _Met(one.index, one.node.start, request.method, request.url, reading.exchange.host, status)


def unused(file: File) -> Iterator[Found]:
    """Find a cassette that no test used, by the logs of runs."""
    reason = (file.limits.unused or {}).get(file.loaded.cassette.path)
    if reason is not None:
        yield Found(reason)


def code_of_unloaded(error: CassetteError) -> str:
    """Return the code of a file that could not be loaded: what it is, or else that it is broken."""
    if isinstance(error, ConflictError):
        return "CAS016"
    if isinstance(error, UnsupportedError) and error.recording:
        return "CAS002" if error.name == UNKNOWN.name else "CAS012"
    return "CAS001"


def _fingerprint(interaction: Interaction) -> bytes:
    """Return a hash of all that was said: method, URL, status and both bodies, chunk by chunk."""
    from hashlib import sha256

    digest = sha256()
    response = interaction.response
    request = interaction.request
    answer: Any = b"" if response is None else response.body.payload
    status = "" if response is None else str(response.status)
    for part in (request.method, request.url, request.body.payload, status, answer):
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.digest()
