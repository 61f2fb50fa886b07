"""The documents of `cassette show --json`: a contract, held by `schemas/show.json` and the tests."""

import base64
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any, NamedTuple

from cassette_cli.model.body import Body
from cassette_cli.model.codings import NOT_UTF8
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Unread
from cassette_cli.operations.reading import Reading


class Parts(NamedTuple):
    """What of each interaction the document holds: its sides, bodies (`parsed` where they are JSON), messages."""

    request: bool = True
    response: bool = True
    bodies: bool = False
    parsed: bool = False
    messages: bool = False


def cassette_json(cassette: Cassette, readings: Iterable[Reading], wanted: Parts) -> dict[str, Any]:
    """Return the document of one file."""
    document: dict[str, Any] = {
        "path": cassette.path,
        "format": cassette.format,
        "interactions": [interaction_json(reading, wanted) for reading in readings],
    }
    return document | _unread(cassette.unread)


def interaction_json(reading: Reading, wanted: Parts) -> dict[str, Any]:
    """Return one interaction of the document."""
    one = reading.interaction
    out: dict[str, Any] = {"index": one.index, "recorded_at": one.recorded_at}
    if wanted.request:
        out["request"] = _request(reading, wanted)
    if wanted.response:
        out["response"] = _response(reading, wanted)
        if one.response is None:
            out["error"] = one.error
    return out | _unread(one.unread)


def _unread(parts: Sequence[Unread]) -> dict[str, Any]:
    """Return what is said of parts that nothing looks into; nothing, where there are none."""
    return {"unread": [{"where": one.where, "reason": one.reason} for one in parts]} if parts else {}


def _request(reading: Reading, wanted: Parts) -> dict[str, Any]:
    request = reading.interaction.request
    out: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "http_version": request.http_version,
        "headers": _headers(request.headers),
        **_body(request.body, wanted, ()),
    }
    if wanted.messages:
        out |= _conversation(reading)
    return out


def _conversation(reading: Reading) -> dict[str, Any]:
    """Return the request as messages; of a session over a WebSocket, what the client said."""
    found = reading.conversation
    if found is None:
        return {"messages": None, "tools": None, "parameters": None}
    is_session = reading.messages is not None
    return {
        "messages": [turn.as_json() for turn in found.turns if not (is_session and turn.role == "assistant")],
        "tools": [tool.as_json() for tool in found.tools],
        "parameters": found.parameters,
    }


def _response(reading: Reading, wanted: Parts) -> dict[str, Any] | None:
    response = reading.interaction.response
    if response is None:
        return None
    framed = reading.framed
    out: dict[str, Any] = {
        "status": response.status,
        "reason": response.reason,
        "http_version": response.http_version,
        "headers": _headers(response.headers),
        "protocol": None if reading.protocol is None else reading.protocol.name,
        "framing": None if framed is None else framed.framing,
        "frames": reading.frames,
        "empty_frames": None if framed is None else len(reading.empties),
        "duration_ms": response.duration_ms,
        **_body(response.body, wanted, () if framed is None else framed.notes),
    }
    message = reading.message if wanted.messages else None
    out["message"] = None if message is None else message.as_json()
    return out


def _headers(headers: Headers) -> list[list[str]]:
    return [[line.name, line.value] for line in headers]


def _body(body: Body, wanted: Parts, notes: Iterable[str]) -> dict[str, Any]:
    """Return a body's layers and notes and, where wanted, what it holds.

    That is text as a string, what is binary or in no known charset as `{"base64": …}`, and no body as null. Where JSON
    is to be parsed and loses nothing by it, it is the value, and `parsed` says so.
    """
    out: dict[str, Any] = {"layers": list(body.layers), "notes": [*body.notes, *notes]}
    if not wanted.bodies:
        return out
    value = body.json if wanted.parsed else None
    is_parsed = value is not None and _is_finite(value)
    payload = body.payload
    if not is_parsed and isinstance(payload, str) and not body.is_guessed:
        value = payload
    elif not is_parsed:
        value = {"base64": base64.b64encode(body.data).decode("ascii")}
        out["notes"] = [note for note in out["notes"] if note != NOT_UTF8]
    out["body"] = None if body.node is None else value
    return {**out, "parsed": is_parsed} if wanted.parsed else out


def _is_finite(value: Any) -> bool:
    """Say whether JSON can hold all numbers of a parsed value: 1e999 and NaN it cannot."""
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return all(map(_is_finite, value)) if isinstance(value, list) else True
