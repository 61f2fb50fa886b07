"""A `curl` command read as the request that it would send, as browsers and API documentation write it.

The options are those of curl's manual, https://curl.se/docs/manpage.html.
"""

import base64
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import quote_plus

from cassette_cli.errors import UsageError
from cassette_cli.operations.why import shell
from cassette_cli.operations.why.asked import Asked, asked
from cassette_cli.operations.why.matching import address
from cassette_cli.source.save import read_only

_SHORT: Final = {
    "X": "request", "H": "header", "d": "data", "G": "get", "I": "head", "u": "user", "A": "user-agent",
    "e": "referer", "b": "cookie", "F": "form", "T": "upload-file", "r": "range", "o": "output", "m": "max-time",
    "x": "proxy", "w": "write-out", "c": "cookie-jar", "E": "cert", "K": "config", "D": "dump-header",
}  # fmt: skip
_READ: Final = frozenset(
    "request header data data-raw data-binary data-ascii data-urlencode json get head user user-agent referer cookie"
    " form form-string url url-query oauth2-bearer range".split()
)
"""Options that make the request."""
_OF_TRANSPORT: Final = frozenset(
    "output max-time proxy write-out cookie-jar cert cert-type key key-type cacert capath connect-timeout resolve"
    " connect-to retry retry-delay retry-max-time max-redirs interface limit-rate dump-header stderr proxy-user"
    " proxy-header ciphers tls-max noproxy unix-socket dns-servers trace trace-ascii speed-limit speed-time".split()
)
"""Options with a value that say nothing of what is asked."""
_FLAGS: Final = frozenset("sSLkivfgNn#0123460aJOR")
_LONG_FLAGS: Final = re.compile(
    r"silent|show-error|location|location-trusted|insecure|include|verbose|fail|fail-with-body|globoff|compressed"
    r"|no-buffer|http[\d.]+|http2-prior-knowledge|tlsv[\d.]+|ipv[46]|path-as-is|no-keepalive|remote-name|progress-bar"
    r"|no-progress-meter|basic|next-protocols|retry-all-errors|retry-connrefused|styled-output|no-.*"
)
_BOUNDARY = "cassette-boundary"


@dataclass
class _Command:
    read_file: Callable[[str], bytes]
    given: Callable[[], bytes | None]
    method: str | None = None
    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    form: list[bytes] = field(default_factory=list)
    query: list[str] = field(default_factory=list)
    get: bool = False
    kind: str = "application/x-www-form-urlencoded"

    def has(self, name: str) -> bool:
        return any(one.lower() == name for one, _ in self.headers)

    def content(self, value: str) -> bytes:
        """Return a value, or the file that it names after `@`, as curl does; `-` is standard input."""
        return self.file(value[1:]) if value.startswith("@") else _bytes(value)

    def file(self, name: str) -> bytes:
        if name != "-":
            return self.read_file(name)
        given = self.given()
        if given is None:
            hint = "give the body in the command: --data-raw '…'"
            raise UsageError("the curl command takes its body from standard input, which is not known", hint=hint)
        return given


def read(text: str, folder: str = "") -> list[Asked]:
    """Return the request of each command of a text or script, whose files stand in this folder or where this runs.

    Raises `UsageError` for an option that is not understood.
    """
    read_file = partial(_read_file, folder)
    found = [*shell.commands(text, "curl", read_file)]
    several = len(found) > 1
    return [
        _request(one, read_file, f"the curl command {number}" if several else "the curl command")
        for number, one in enumerate(found, start=1)
    ]


def _read_file(folder: str, name: str) -> bytes:
    beside = os.path.join(folder, name)
    return read_only(beside if os.path.exists(beside) or not os.path.exists(name) else name)


def _request(command: shell.Command, read_file: Callable[[str], bytes], source: str) -> Asked:
    made = _Command(read_file, command.given)
    for name, value in _options(command.words):
        _take(made, name, value)
    if len(made.urls) != 1:
        what = "no URL" if not made.urls else f"{len(made.urls)} URLs"
        raise UsageError(f"{source} has {what}", hint="give a command of one request")
    url = made.urls[0] if "://" in made.urls[0] else f"http://{made.urls[0]}"
    body = b"&".join(made.data) if made.data else None
    if made.get and body is not None:
        made.query.append(body.decode("utf-8", "surrogateescape"))
        body = None
    if made.query:
        url += ("&" if address(url).query else "?") + "&".join(made.query)
    if not address(url).path:
        head, mark, query = url.partition("?")
        url = f"{head}/{mark}{query}"
    if made.form:
        body = b"".join(made.form) + f"--{_BOUNDARY}--\r\n".encode()
        made.kind = f"multipart/form-data; boundary={_BOUNDARY}"
    if body is not None and not made.has("content-type"):
        made.headers.append(("Content-Type", made.kind))
    method = made.method or ("POST" if body is not None else "GET")
    return asked(method, url, made.headers, body if body is not None else b"", source=source)


def _take(made: _Command, name: str, value: str) -> None:
    """Take an option into the request."""
    match name:
        case "request":
            made.method = value
        case "head":
            made.method = made.method or "HEAD"
        case "get":
            made.get = True
        case "url":
            made.urls.append(value)
        case "url-query":
            made.query.append(value)
        case "header":
            label, colon, content = value.partition(":")
            if colon and content.strip():  # `Name:` takes a header of curl's own off
                made.headers.append((label.strip(), content.strip()))
            elif not colon and value.endswith(";"):  # a header without a value
                made.headers.append((value[:-1].strip(), ""))
        case "user" | "oauth2-bearer":
            secret = f"Bearer {value}" if name != "user" else f"Basic {base64.b64encode(_bytes(value)).decode()}"
            made.headers.append(("Authorization", secret))
        case "user-agent" | "referer" | "cookie" | "range":
            label = {"user-agent": "User-Agent", "referer": "Referer", "cookie": "Cookie", "range": "Range"}[name]
            made.headers.append((label, f"bytes={value}" if name == "range" else value))
        case "form" | "form-string":
            made.form.append(_part(made, value, plain=name == "form-string"))
        case "json":
            made.kind = "application/json"
            made.data.append(made.content(value))
            if not made.has("accept"):
                made.headers.append(("Accept", "application/json"))
        case _:
            made.data.append(_data(made, name, value))


def _data(made: _Command, name: str, value: str) -> bytes:
    if name == "data-raw":
        return _bytes(value)
    if name == "data-urlencode":
        label, mark, text = value.partition("=")
        if not mark:
            return _quoted(value)
        return _bytes(f"{label}=") + _quoted(text) if label else _quoted(text)
    content = made.content(value)
    if name in ("data", "data-ascii") and value.startswith("@"):
        return content.replace(b"\r", b"").replace(b"\n", b"")
    return content


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _quoted(text: str) -> bytes:
    return quote_plus(_bytes(text)).encode()


def _part(made: _Command, value: str, *, plain: bool) -> bytes:
    """Return one part of a multipart body."""
    name, _, text = value.partition("=")
    head, data = f'form-data; name="{name}"', _bytes(text)
    kind = ""
    if not plain and text[:1] in ("@", "<"):
        path, _, rest = text[1:].partition(";")
        data = made.file(path)
        if text[0] == "@":
            head += f'; filename="{path.rpartition("/")[2]}"'
            kind = next((one[5:] for one in rest.split(";") if one.startswith("type=")), "application/octet-stream")
    lines = [f"--{_BOUNDARY}", f"Content-Disposition: {head}", *([f"Content-Type: {kind}"] if kind else [])]
    return _bytes("\r\n".join([*lines, "", ""])) + data + b"\r\n"


def _options(given: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the options that make the request, each with its value, and URLs as `url`."""
    rest = iter(given[1:])
    for word in rest:
        if word.startswith("--"):
            name, _, inline = word[2:].partition("=")
            if name in ("get", "head"):
                yield name, ""
            elif name in _READ or name in _OF_TRANSPORT:
                value = inline or next(rest, "")
                if name in _READ:
                    yield name, value
            elif _LONG_FLAGS.fullmatch(name) is None:
                raise _unknown(word)
        elif word.startswith("-") and len(word) > 1:
            yield from _letters(word, rest)
        else:
            yield "url", word


def _letters(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield the options of a word such as `-sXPOST`."""
    for at, letter in enumerate(word[1:], start=2):
        name = _SHORT.get(letter)
        if name in ("get", "head"):
            yield name, ""
        elif name in _READ or name in _OF_TRANSPORT:
            value = word[at:] or next(rest, "")
            if name in _READ:
                yield name, value
            return
        elif letter not in _FLAGS:
            raise _unknown(f"-{letter}")


def _unknown(option: str) -> UsageError:
    return UsageError(f"option {option} of curl is not understood", hint="leave it out of the command")
