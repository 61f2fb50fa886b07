"""The checks that look at one interaction: each yields what is wrong with it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cassette_cli.model.http import Interaction
from cassette_cli.operations.check.base import Limits
from cassette_cli.operations.check.models import retirement
from cassette_cli.source.later import pattern

if TYPE_CHECKING:
    from cassette_cli.operations.reading import Reading

_IN_PATH = pattern(r"/models/([^/:]+):[A-Za-z]+\Z")
_CODINGS: Final = frozenset({"gzip", "deflate", "raw deflate", "br", "zstd"})


def cut_stream(reading: "Reading", _: Limits) -> Iterator[str]:
    """Find a stream that ends before its answer does."""
    message = reading.message if reading.framed is not None else None
    if message is not None and not message.errors and not message.complete:
        yield "the stream ends before its answer does"


def failed_stream(reading: "Reading", _: Limits) -> Iterator[str]:
    """Find a stream in which the provider reports an error."""
    message = reading.message if reading.framed is not None else None
    if message is not None and message.errors:
        yield message.errors[0][:200]


def wrong_length(reading: "Reading", _: Limits) -> Iterator[str]:
    """Compare Content-Length headers with bodies, where the recorder kept the bytes that were counted."""
    interaction = reading.interaction
    for side, part in (("request", interaction.request), ("response", interaction.response)):
        if part is None or not part.body.payload or part.body.storage in ("json", "parsed"):
            continue
        stated = part.headers.get("content-length").strip()
        coded = part.headers.get("content-encoding") and not set(part.body.layers) & _CODINGS
        if stated.isdecimal() and not coded and not (len(stated) < 19 and part.body.is_length(int(stated))):
            yield f"the {side} states {stated} bytes, its body has {part.body.size}"


def empty_deltas(reading: "Reading", _: Limits) -> Iterator[str]:
    """Find chunks of a stream that carry nothing."""
    if reading.empties:
        yield f"{len(reading.empties)} of {reading.frames} chunks carry nothing"


def large_body(reading: "Reading", limits: Limits) -> Iterator[str]:
    """Find bodies that are larger than the limit."""
    interaction = reading.interaction
    for side, part in (("request", interaction.request), ("response", interaction.response)):
        size = 0 if part is None else part.body.size
        if size > limits.size:
            yield f"the {side} body has {size:,} bytes"


def old(reading: "Reading", limits: Limits) -> Iterator[str]:
    """Find what was recorded too long ago."""
    if limits.days is None:
        return
    when = recorded(reading.interaction)
    if when is not None and limits.now - when > timedelta(days=limits.days):
        yield f"recorded {when:%Y-%m-%d}, {(limits.now - when).days} days ago"


def retired_model(reading: "Reading", limits: Limits) -> Iterator[str]:
    """Find requests for a model that its provider has retired: nobody can record them again."""
    model = asked_model(reading)
    gone = retirement(limits.retired, reading.exchange.host, model) if model else None
    if gone is not None and gone.day <= limits.now.date():
        instead = f"; its provider recommends {gone.replacement}" if gone.replacement else ""
        yield f"{model} was retired on {gone.day}{instead}"


def no_response(reading: "Reading", _: Limits) -> Iterator[str]:
    """Find a request without a response."""
    if reading.interaction.response is None:
        yield reading.interaction.error or "no response was recorded"


def asked_model(reading: "Reading") -> str | None:
    """Return the model that a request asks for, in its body or in its path; else the one that answered."""
    asked = reading.exchange.request.get("model")
    if isinstance(asked, str) and asked:
        return asked
    named = _IN_PATH.search(reading.exchange.path)
    return named[1] if named is not None else reading.model


def recorded(interaction: Interaction) -> datetime | None:
    """Return when an interaction was recorded: by the recorder's own note, else by the answer's Date header."""
    texts = [interaction.recorded_at]
    if interaction.response is not None:
        texts.append(interaction.response.headers.get("date"))
    for text in filter(None, texts):
        when = _moment(text.strip())
        if when is not None:
            return when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return None


def _moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # 5 ms, with sockets and all

    for read in (datetime.fromisoformat, parsedate_to_datetime, lambda one: datetime.fromtimestamp(float(one), UTC)):
        try:
            return read(text)
        except (ValueError, TypeError, OverflowError, OSError):
            continue
    return None
