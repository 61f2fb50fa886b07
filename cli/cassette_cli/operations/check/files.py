"""The checks that look at a whole cassette, or at a file that is none: each yields what is wrong with it."""

from collections.abc import Iterator
from typing import Any

from cassette_cli.errors import CassetteError, ParseError, UnsupportedError
from cassette_cli.formats.unsupported import UNKNOWN
from cassette_cli.model.http import Interaction
from cassette_cli.operations.check.base import File, Found
from cassette_cli.operations.targets import plain_name
from cassette_cli.source import json

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
        yield Found(f"{one.rule} in {one.where}: {one.masked}", one.line, one.interaction)


def unscanned(file: File) -> Iterator[Found]:
    """Find what `cassette redact --check` could not look into."""
    for one in file.redacted.gaps if file.redacted is not None else ():
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


def unused(file: File) -> Iterator[Found]:
    """Find a cassette that no test used, by the logs of runs."""
    reason = (file.limits.unused or {}).get(file.loaded.cassette.path)
    if reason is not None:
        yield Found(reason)


def code_of_unloaded(error: CassetteError) -> str:
    """Return the code of a file that could not be loaded: what it is, or else that it is broken."""
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
