"""The documents of `cassette show --json`: a contract, held by the README and the tests."""

import base64
from collections.abc import Iterable, Sequence
from typing import Any

from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Unread
from cassette_cli.operations.reading import Reading


def cassette_json(
    cassette: Cassette, readings: Iterable[Reading], *, bodies: bool, messages: bool, sides: tuple[bool, bool]
) -> dict[str, Any]:
    """Return the document of one file; `sides` says whether requests and responses are wanted."""
    document: dict[str, Any] = {
        "path": cassette.path,
        "format": cassette.format,
        "interactions": [
            interaction_json(reading, bodies=bodies, messages=messages, sides=sides) for reading in readings
        ],
    }
    return document | _unread(cassette.unread)


def interaction_json(reading: Reading, *, bodies: bool, messages: bool, sides: tuple[bool, bool]) -> dict[str, Any]:
    """Return one interaction of the document."""
    out: dict[str, Any] = {"index": reading.interaction.index}
    if sides[0]:
        request = reading.interaction.request
        out["request"] = {"method": request.method, "url": request.url, "headers": _headers(request.headers)}
        if bodies:
            out["request"]["body"] = _body(request.body)
    if sides[1]:
        out["response"] = _response(reading, bodies=bodies, messages=messages)
    return out | _unread(reading.interaction.unread)


def _unread(parts: Sequence[Unread]) -> dict[str, Any]:
    """Return what is said of parts that nothing looks into; nothing, where there are none."""
    return {"unread": [{"where": one.where, "reason": one.reason} for one in parts]} if parts else {}


def _response(reading: Reading, *, bodies: bool, messages: bool) -> dict[str, Any] | None:
    response = reading.interaction.response
    if response is None:
        return None
    framed = reading.framed
    out: dict[str, Any] = {
        "status": response.status,
        "headers": _headers(response.headers),
        "protocol": None if reading.protocol is None else reading.protocol.name,
        "framing": None if framed is None else framed.framing,
        "frames": reading.frames,
        "empty_frames": None if framed is None else len(reading.empties),
        "duration_ms": response.duration_ms,
    }
    if bodies:
        out["body"] = _body(response.body)
    message = reading.message if messages else None
    out["message"] = None if message is None else message.as_json()
    return out


def _headers(headers: Headers) -> list[list[str]]:
    return [[line.name, line.value] for line in headers]


def _body(body: Body) -> Any:
    """Return text as a string, binary as `{"base64": …}`, and no body as null."""
    if body.node is None:
        return None
    payload = body.payload
    return payload if isinstance(payload, str) else {"base64": base64.b64encode(payload).decode("ascii")}
