"""Requests as commands of curl, for a POSIX shell.

A body that is plain text stands in the command. One that is binary, multipart or too long for an argument comes from a
file beside the script or, where there is none, through a pipe; `printf` writes what holds a variable.
"""

import base64
import mimetypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from cassette_cli.model.body import Body
from cassette_cli.model.headers import Header
from cassette_cli.model.http import Request
from cassette_cli.operations.export.cleaning import Cleaned, Note, Variables, of_host
from cassette_cli.operations.export.har import is_whole
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.redact.detect.names import name_rule
from cassette_cli.operations.redact.detect.values import is_placeholder
from cassette_cli.render.inert import inert, inert_line

_LONGEST = 100_000
"""Bytes of a body in an argument; Linux takes 128 KiB in one."""
_OF_TRANSPORT = frozenset("connection content-length expect keep-alive proxy-connection transfer-encoding".split())
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_METHOD = re.compile(r"[A-Za-z-]+")
_SCHEME = re.compile(r"((?:bearer|basic|token|key|apikey|api-key|bot)[ \t]+)(\S.*)", re.IGNORECASE)
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "%": "%%"}
_IN_URLS = "!#$%&'*+(),/:;=?@[]~{}|^`\"\\"


@dataclass
class Shell:
    """Writes texts in which tokens stand for variables, and knows which of those were used."""

    variables: Variables
    _used: dict[int, None] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of the variables that were used, A to Z."""
        return sorted(map(self.variables.name, self._used))

    def word(self, text: str) -> str:
        """Return a text as one word: in single quotes, but for its variables."""
        out, at = [], 0
        for match in self.variables.tokens.finditer(text):
            if match.start() > at:
                out.append(_quoted(text[at : match.start()]))
            out.append(self._variable(match))
            at = match.end()
        if at < len(text) or not out:
            out.append(_quoted(text[at:]))
        return "".join(out)

    def printf(self, data: bytes) -> str:
        """Return the command that writes these bytes: a builtin, which takes arguments of any length."""
        try:
            form = "".join(_ESCAPES.get(c) or (c if c.isprintable() else _octal(c.encode())) for c in data.decode())
        except UnicodeDecodeError:
            text = data.decode("latin-1")
            form = "".join(_ESCAPES.get(c) or (c if " " <= c <= "~" else _octal(c.encode("latin-1"))) for c in text)
        form = re.sub(r"\A-", r"\\055", form)  # no option of printf
        values = [self._variable(match) for match in self.variables.tokens.finditer(form)]
        return " ".join(["printf", _quoted(self.variables.tokens.sub("%s", form)), *values])

    def _variable(self, match: re.Match[str]) -> str:
        number = int(match[1])
        self._used[number] = None
        return f'"${self.variables.name(number)}"'


@dataclass
class Script:
    """The commands of a run, and what they need: variables, and files that are to stand beside them.

    `name_file` gives the name of the next file by its number and ending; without it, bodies come through pipes.
    With `reveal`, what was redacted before stays as it was recorded.
    """

    variables: Variables
    reveal: bool = False
    name_file: Callable[[int, str], str] | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with no variable used."""
        self._shell = Shell(self.variables)

    @property
    def text(self) -> str:
        """The script."""
        head = ["#!/bin/sh"]
        if self._shell.names:
            head += ["# Secrets are left out: set these variables."]
            head += [f': "${{{name}:?}}"' for name in self._shell.names]
        if self.files:
            head += ["# Bodies are in files beside this one.", 'cd "$(dirname "$0")" || exit']
        return "\n\n".join(["\n".join(head), *self.commands]) + "\n"

    def add(self, cleaned: Cleaned) -> None:
        """Add the commands of a cassette, and what is to be said of it."""
        cassette = cleaned.loaded.cassette
        self.notes += cleaned.notes
        for reading in cleaned.loaded.selection.readings(cassette):
            index = reading.interaction.index
            place = _comment(f"{cassette.path}#{index}")
            reason = _not_sent(reading)
            if reason:
                self.notes.append(Note(cassette.path, index, f"left out: {reason}"))
                self.commands.append(f"{place}\n{_comment(f'left out: {reason}')}")
            else:
                request = reading.interaction.request
                if self.variables.overwrote(request.body.payload):
                    words = "its body is binary and holds a secret, which is overwritten"
                    self.notes.append(Note(cassette.path, index, words))
                    place += f"\n{_comment(words)}"
                self.commands.append("\n".join([place, *self._command(request)]))
            reading.interaction.forget()

    def _command(self, request: Request) -> Iterator[str]:
        """Yield the lines of a command: comments, the pipe that brings its body, and curl."""
        url = self._url(request.url)
        body = request.body if request.body.node is not None and request.body.payload else None
        words = [*_options(url), *self._method(request.method, has_body=body is not None), self._shell.word(url)]
        options = [" ".join(["curl", *words])]
        for line in request.headers:
            name = line.name.lower()
            if name == "content-encoding" and body is not None and body.blocked is None and not body.unknown_coding:
                yield _comment(f"recorded under the coding {line.value}; the body here is without it")
            elif name not in _OF_TRANSPORT and not name.startswith(":"):
                if _NAME.fullmatch(line.name) and line.value.replace("\t", " ").isprintable():
                    options += self._header(line, request.url)
                else:
                    yield _comment(f"left out: the header {line.name}, which cannot be sent as it is")
        if body is not None:
            if not body.content_type:
                options.append("-H 'Content-Type:'")  # curl would call it a form
            piped, sent = self._body(body)
            if piped:
                yield piped
            options.append(sent)
        yield " \\\n  ".join(options)

    def _url(self, url: str) -> str:
        """Return a URL as curl takes it; a parameter whose value was redacted before is a variable."""
        head, mark, query = url.partition("?")
        pairs = [self._parameter(pair, url) for pair in query.split("&")]
        return quote(f"{head}{mark}{'&'.join(pairs)}", safe=_IN_URLS, errors="surrogatepass")

    def _parameter(self, pair: str, url: str) -> str:
        name, equals, value = pair.partition("=")
        return f"{name}{equals}{self._unredacted(name, value, url, is_header=False)}"

    def _unredacted(self, name: str, value: str, url: str, *, is_header: bool) -> str:
        """Return a variable for a secret that was redacted before, else the value as it is."""
        rule = name_rule(name, "header" if is_header else "query")
        is_secret = rule is not None and rule.rule.level == "secrets"
        if self.reveal or not value or not is_secret or not is_placeholder(value, self.variables.own):
            return value
        host = of_host(url) if name.lower() != "cookie" else ""
        return self.variables.token(f"{host} {name.lower()}", host or name)

    def _method(self, method: str, *, has_body: bool) -> list[str]:
        if method == "HEAD" and not has_body:
            return ["--head"]
        if method == ("POST" if has_body else "GET"):
            return []
        empty = ["-H 'Content-Length: 0'"] if method in ("POST", "PUT", "PATCH") and not has_body else []
        return [f"-X {method}", *empty]

    def _header(self, line: Header, url: str) -> Iterator[str]:
        name, value = line.name.lower(), line.value.strip()
        if name == "host" and value == _authority(url):
            return
        scheme = _SCHEME.fullmatch(value)
        opening, core = (scheme[1], scheme[2]) if scheme else ("", value)
        value = opening + self._unredacted(line.name, core, url, is_header=True)
        yield "-H " + self._shell.word(f"{line.name}: {value}" if value else f"{line.name};")
        if name == "accept-encoding":
            yield "--compressed"

    def _body(self, body: Body) -> tuple[str, str]:
        """Return the pipe that brings a body, "" for none, and the option that sends it."""
        data, text = body.data, body.text
        if text is None or not _is_plain(text) or text.encode("utf-8", "surrogatepass") != data:
            text = None
        if text is not None and len(data) <= _LONGEST:
            return "", f"--data-raw {self._shell.word(text)}"
        is_whole = not self.variables.overwrote(body.payload)
        if text is not None or (is_whole and self.variables.tokens.search(data.decode("latin-1"))):
            return f"{self._shell.printf(data)} |", "--data-binary @-"
        if self.name_file is not None:
            name = self.name_file(len(self.files) + 1, _ending(body.content_type))
            self.files[name] = data
            return "", f"--data-binary {self._shell.word(f'@{name}')}"
        lines = base64.encodebytes(data).decode("ascii")
        return f"base64 -d <<'END' |\n{lines}END", "--data-binary @-"


def _not_sent(reading: Reading) -> str:
    """Return why no command sends a request, "" where one does."""
    request = reading.interaction.request
    if reading.messages is not None:
        return "a WebSocket connection, which curl does not hold"
    if not is_whole(request.url):
        return f"its URL names no host: {request.url or 'none was recorded'}"
    return "" if _METHOD.fullmatch(request.method) else f"its method is {request.method}"


def _options(url: str) -> list[str]:
    """Return the options by which curl takes a URL as it is."""
    options = ["--globoff"] if set(url) & set("[]{}") else []
    return [*options, "--path-as-is"] if "/." in url.partition("?")[0] else options


def _authority(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]


def _is_plain(text: str) -> bool:
    """Say whether a text can stand in a script as it is: control characters, carriage returns among them, cannot."""
    return inert(text) == text


def _comment(text: str) -> str:
    return f"# {inert_line(text)}"


def _ending(content_type: str) -> str:
    return mimetypes.guess_extension(content_type.partition(";")[0].strip()) or ".bin"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _octal(data: bytes) -> str:
    return "".join(f"\\{byte:03o}" for byte in data)
