"""A request in whatever form it comes: a `curl` command, raw HTTP, JSON, a recording, a recorder's message."""

import json
import os
import re
from typing import Any, Final

from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.formats import registry
from cassette_cli.operations.selecting import parse_indices, parse_target
from cassette_cli.operations.why import curl, messages
from cassette_cli.operations.why.asked import WHOLE, Asked, asked
from cassette_cli.source.compression import unwrap
from cassette_cli.source.document import Document
from cassette_cli.source.save import read_only

FORMS: Final = (
    "a curl command, raw HTTP, a HAR entry, JSON with method and url, another cassette, or a recorder's message"
)
_SCRIPT = re.compile(
    r"(?:[ \t]*(?:(?:[#:]|(?:cd|set|export) |\w+=)[^\n]*)?\n)*?"
    r"\s*(?:[$#%>] +)?((?:curl(?:\.exe)?\s|(?:base64|cat|echo|printf)\s[^\n]*\|).*)",
    re.DOTALL,
)
"""Commands, behind a prompt or at the head of a script: comments, `cd`, and `:` that asks for variables."""
_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())
_LINE = re.compile(r"([A-Za-z]{3,16}) +(\S+)(?: +HTTP/[\d.]+)? *(?:\n|\Z)")
_URL = re.compile(r"\s*(https?://\S+)\s*", re.IGNORECASE)
_NAME = re.compile(r"[!#$%&'*+.^_`|~\w-]+")
_URLS = ("url", "uri", "request_url", "requestUrl")
_BODIES = ("body", "data", "content", "json", "payload", "postData", "parsed_body")


def read(name: str, given: bytes | None) -> list[Asked]:
    """Return the requests that an argument means: what `given` holds (from `-`), a file, a recording in one, or a text.

    There are several in a script, and in the output of a test run. Raises `CassetteError` where there is none.
    """
    if given is not None:
        return _read(given, "-", None)
    path, indices = parse_target(name)
    if os.path.exists(path):
        return _read(read_only(path), path, indices)
    found = _text(name)
    if not found:
        raise UsageError("neither a file nor a request", path=name, hint=f"give a file, - or a text: {FORMS}")
    return found


def _read(raw: bytes, path: str, indices: str | None) -> list[Asked]:
    data, _ = unwrap(raw, path)
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    if not text.strip():
        raise UsageError("there is no request: nothing was given", path=path, hint=f"give {FORMS}")
    found = [] if indices is not None else _text(text, os.path.dirname(path))
    found = found or _recorded(data, path, indices)
    if not found:
        raise UsageError("not a request that is understood", path=path, hint=f"give {FORMS}")
    return found


def _text(text: str, folder: str = "") -> list[Asked]:
    """Return the requests of a text from this folder; [] for what has none, and may be a recording."""
    script = _SCRIPT.fullmatch(text)
    shell = text if text.startswith("#!") else script[1] if script is not None else ""
    commands = curl.read(shell, folder)
    if commands:
        return commands
    url = _URL.fullmatch(text)
    if url is not None:
        return [asked("GET", url[1], source="the URL")]
    one = _json(text) if text.lstrip()[:1] in ("{", "[") else _raw(text)
    return [one] if one is not None else messages.read(text)


def _raw(text: str) -> Asked | None:
    """Read a request as it goes over the wire, or as `curl -v` shows it."""
    plain = text.replace("\r\n", "\n").lstrip("\n")
    if plain.startswith(("> ", "* ")):
        plain = "\n".join(line[1:].removeprefix(" ") for line in plain.split("\n") if line[:1] == ">")
    first = _LINE.match(plain)
    if first is None or not (first[1].isupper() or first[1].upper() in _METHODS):
        return None
    head, _, body = ("\n" + plain[first.end() :]).partition("\n\n")
    lines = [line.partition(":") for line in head.split("\n") if line]
    if any(not colon or _NAME.fullmatch(name.strip()) is None for name, colon, _ in lines):
        return None
    headers = [(name.strip(), value.strip()) for name, _, value in lines]
    by_name = {name.lower(): value for name, value in headers}
    url = first[2]
    if "://" not in url:
        host = by_name.get("host")
        if host is None or not url.startswith("/"):
            return None
        url = f"//{host}{url}"
    stated = by_name.get("content-length", "")
    if body.endswith("\n") and not (stated.isdecimal() and int(stated) == len(body.encode("utf-8", "surrogatepass"))):
        body = body[:-1]  # the line break that an editor puts at the end of a file
    told = headers or None
    return asked(first[1], url, told, body if told or body else None, source="the request")


def _json(text: str) -> Asked | None:
    """Read JSON with a method and a URL, be it a HAR entry, or one of a recording."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("request"), dict):
        value = value["request"]
    if not isinstance(value, dict):
        return None
    url = next((value[key] for key in _URLS if isinstance(value.get(key), str)), None)
    if url is None:
        return None
    method = value.get("method")
    headers = _headers(value.get("headers"))
    body = next((value[key] for key in _BODIES if key in value), None)
    queries = value.get("queryString", value.get("params", value.get("query")))
    if isinstance(queries, dict) and queries and "?" not in url:
        from urllib.parse import urlencode

        url += "?" + urlencode(queries, doseq=True, errors="surrogatepass")
    told = _content(body)
    if told is None and any(key in value for key in (*_BODIES, "headersSize", "bodySize")):
        told = ""
    return asked(method if isinstance(method, str) else "GET", url, headers, told, source="the JSON")


def _headers(value: Any) -> list[tuple[str, str]] | None:
    """Return header lines from any of the shapes that JSON has for them."""
    if isinstance(value, dict):
        return [
            (name, str(one)) for name, item in value.items() for one in (item if isinstance(item, list) else [item])
        ]
    if not isinstance(value, list):
        return None
    found: list[tuple[str, str]] = []
    for item in value:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            found.append((item["name"], str(item.get("value", ""))))
        elif isinstance(item, list) and len(item) == 2:
            found.append((str(item[0]), str(item[1])))
        elif isinstance(item, str):
            name, _, rest = item.partition(":")
            found.append((name.strip(), rest.strip()))
    return found


def _content(value: Any) -> str | bytes | None:
    """Return a body: text, a structure as its JSON, HAR's `postData`, or a recorder's `{string}` and `base64`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        if isinstance(value.get("text"), str) and ("mimeType" in value or len(value) == 1):
            return str(value["text"])
        if isinstance(value.get("params"), list) and "mimeType" in value:
            from urllib.parse import urlencode

            fields = [one for one in value["params"] if isinstance(one, dict)]
            return urlencode(
                [(str(one.get("name", "")), str(one.get("value", ""))) for one in fields], errors="surrogatepass"
            )
        if isinstance(value.get("string"), str):
            return str(value["string"])
        if isinstance(value.get("base64_string"), str):
            import base64
            import binascii

            try:
                return base64.b64decode(value["base64_string"])
            except binascii.Error:
                return str(value["base64_string"])
    return json.dumps(value, ensure_ascii=False)


def _recorded(data: bytes, path: str, indices: str | None) -> list[Asked]:
    """Take the request of another recording: the only one, or the one that is named."""
    try:
        cassette = registry.load(Document(data, path))
    except CassetteError:
        if indices is not None:
            raise
        return []
    made = cassette.interactions
    chosen = range(len(made)) if indices is None else parse_indices(indices, len(made), path)
    if len(chosen) != 1:
        raise UsageError(
            f"{len(chosen)} requests in this cassette", path=path, hint=f"name one: {path}#0" if chosen else None
        )
    return [Asked(made[chosen[0]].request, WHOLE, f"{path}#{chosen[0]}")]
