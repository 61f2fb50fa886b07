"""Interactions as entries of an HTTP Archive, HAR 1.2.

http://www.softwareishard.com/blog/har-12-spec/ for the fields. Bodies have their codings taken off, as browsers write
them; one that is no UTF-8 text is base64, that of a request by the `encoding` that Playwright reads. Messages of a
WebSocket stand where Chromium puts them, in `_webSocketMessages`.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from cassette_cli import __version__
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Interaction, Request, Response
from cassette_cli.model.media import form_fields
from cassette_cli.operations.check.interactions import recorded
from cassette_cli.operations.export.cleaning import Cleaned, Note
from cassette_cli.operations.reading import Reading
from cassette_cli.streams import websocket
from cassette_cli.streams.frames import Framed

_FORM = "application/x-www-form-urlencoded"
_IN_URLS = "!#$%&'*+(),/:;=?@[]~"
_UNKNOWN_TIME = "1970-01-01T00:00:00.000Z"


def head() -> dict[str, Any]:
    """Return the log without its entries."""
    return {"version": "1.2", "creator": {"name": "cassette", "version": __version__}, "pages": []}


def entries(cleaned: Cleaned) -> Iterator[tuple[dict[str, Any], list[Note]]]:
    """Yield the entry of each chosen interaction, and what is to be said of it."""
    cassette = cleaned.loaded.cassette
    for reading in cleaned.loaded.selection.readings(cassette):
        one = reading.interaction
        notes = []
        if not is_whole(one.request.url):
            words = "its URL names no host: `cassette.invalid` stands for it, see the comment of the entry"
            notes.append(Note(cassette.path, one.index, words, counts=False))
        made = entry(reading, f"{cassette.path}#{one.index}")
        if "encoding" in made["request"].get("postData", ()):
            words = "its request body is binary, and base64 in the HAR: HAR 1.2 has no way to say so, see `encoding`"
            notes.append(Note(cassette.path, one.index, words, counts=False))
        yield made, notes
        one.forget()


def entry(reading: Reading, source: str) -> dict[str, Any]:
    """Return the entry of an interaction; `source` is where it comes from, for its comment."""
    one = reading.interaction
    when = recorded(one)
    milliseconds = max((one.response and one.response.duration_ms) or 0, 0)
    comments = [source]
    if when is None:
        comments.append("the time of the recording is not known")
    if not is_whole(one.request.url):
        comments.append(f"recorded as {one.request.url or 'no URL'}")
    out: dict[str, Any] = {
        "startedDateTime": _UNKNOWN_TIME if when is None else when.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(one.request),
        "response": _no_response(one) if one.response is None else _response(one.response),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": "; ".join(comments),
    }
    framed = reading.framed
    if framed is not None and framed.framing == websocket.NAME:
        out["_resourceType"] = "websocket"
        out["_webSocketMessages"] = [*_messages(framed, 0 if when is None else when.timestamp())]
        out["response"]["content"] = {"size": 0, "mimeType": "x-unknown"}
    return out


def is_whole(url: str) -> bool:
    """Say whether a URL has a scheme and a host."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]", url) is not None


def address(url: str) -> str:
    """Return a URL in which only characters of one stand (RFC 3986), whole where it names no host."""
    if not is_whole(url):
        url = "http://cassette.invalid/" + url.rpartition("://")[2].lstrip("/")
    return quote(url, safe=_IN_URLS, errors="surrogatepass")


def _request(request: Request) -> dict[str, Any]:
    cookies = [pair for line in request.headers if line.name.lower() == "cookie" for pair in _pairs(line.value)]
    out: dict[str, Any] = {
        "method": request.method,
        "url": address(request.url),
        "httpVersion": request.http_version or "HTTP/1.1",
        "cookies": [{"name": name, "value": value} for name, value in cookies],
        "headers": _headers(request.headers),
        "queryString": [{"name": name, "value": value} for name, value in _query(request.url)],
        "headersSize": -1,
        "bodySize": request.body.size,
    }
    if request.body.node is not None and request.body.payload:
        out["postData"] = _post_data(request.body)
    return out


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []


def _post_data(body: Body) -> dict[str, Any]:
    out: dict[str, Any] = {"mimeType": body.declared_type, **_text(body)}
    if "encoding" in out:
        out["comment"] = "base64, as `encoding` says, which HAR 1.2 does not know here"
    if _FORM in body.content_type and body.text is not None:
        out["params"] = [{"name": name, "value": value} for name, value in form_fields(body.text)]
    return out


def _response(response: Response) -> dict[str, Any]:
    body = response.body
    content: dict[str, Any] = {"size": body.size, "mimeType": body.declared_type or "x-unknown"}
    if body.node is not None and body.payload:
        content |= _text(body)
    return {
        "status": response.status or 0,
        "statusText": response.reason or "",
        "httpVersion": response.http_version or "HTTP/1.1",
        "cookies": [_set_cookie(line.value) for line in response.headers if line.name.lower() == "set-cookie"],
        "headers": _headers(response.headers),
        "content": content,
        "redirectURL": response.headers.get("location"),
        "headersSize": -1,
        "bodySize": -1,
    }


def _no_response(one: Interaction) -> dict[str, Any]:
    """Return what browsers write for a request that failed."""
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_error": one.error or "no response was recorded",
    }


def _text(body: Body) -> dict[str, str]:
    """Return a body as text where that is all of it, else as base64."""
    text, data = body.text, body.data
    if text is not None:
        try:
            if text.encode("utf-8") == data:
                return {"text": text}
        except UnicodeEncodeError:  # half of a surrogate pair, which JSON may hold and UTF-8 may not
            pass
    return {"text": base64.b64encode(data).decode("ascii"), "encoding": "base64"}


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": line.name, "value": line.value} for line in headers]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a Cookie header (RFC 6265, 4.2.1)."""
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = pair.partition("=")
        yield (name, value) if equals else ("", name)


def _set_cookie(text: str) -> dict[str, Any]:
    """Return the cookie of a Set-Cookie header (RFC 6265, 4.1.1)."""
    (name, value), *rest = [*_pairs(text)] or [("", "")]
    attributes = {key.lower() if key else said.lower(): said for key, said in rest}
    out: dict[str, Any] = {"name": name, "value": value}
    out |= {key: attributes[key] for key in ("path", "domain") if attributes.get(key)}
    return {**out, "httpOnly": "httponly" in attributes, "secure": "secure" in attributes}


def _messages(framed: Framed, start: float) -> Iterator[dict[str, Any]]:
    for frame in framed.frames:
        fields = frame.fields or {}
        if frame.event == "closed":
            continue
        kind, milliseconds = fields.get("kind"), fields.get("ms")
        yield {
            "type": "send" if frame.event == "sent" else "receive",
            "time": start + (milliseconds / 1000 if isinstance(milliseconds, int | float) else 0),
            "opcode": 2 if kind == "base64" else 1,
            "data": frame.data if kind is None else frame.json,
        }
