"""The commands of a shell script, and what comes to the standard input of each: enough of POSIX to read `curl` from it.

Quotes, here-documents and pipes are read as the Shell Command Language has them
(https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html), with bash's `$'…'`. Variables stay as they
are written. Of what is piped, the output of `base64 -d`, `cat`, `echo` and `printf` is known.
"""

import base64
import binascii
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from cassette_cli.errors import UsageError

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL)
_PRINTF = re.compile(rb"%%|%s|\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_ENDS = re.compile(r"\n|;|\|\|?|&&|&(?=[\s&]|\Z)")
"""What ends a command; an `&` inside of a word is that of a URL which somebody forgot to quote."""
_REDIRECTED = re.compile(r"\d*(<<<|<<-?|<|>>?(?:&\d)?|>\|)")
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_ASSIGNED = re.compile(r"\w+=.*", re.DOTALL)
_BEFORE = frozenset("$ % > ! { ( sudo time exec env if elif while until then do else".split())
"""Words before the name of a command, prompts among them."""
_INSIDE = r"(?:\$\(|`|<\()\s*%s(?:\s|\Z)"
"""What opens a command inside of another."""


def _unknown() -> None:
    return None


@dataclass(slots=True)
class Command:
    """A simple command: its words, unquoted, and what returns its standard input, None where that is not known."""

    words: list[str] = field(default_factory=list)
    given: Callable[[], bytes | None] = _unknown

    def named(self) -> "Command":
        """Return the command from its name on, without assignments, prompts and words such as `sudo`."""
        at = 0
        while at < len(self.words) and (self.words[at] in _BEFORE or _ASSIGNED.fullmatch(self.words[at])):
            at += 1
        return Command(self.words[at:], self.given)

    def calls(self, name: str) -> bool:
        """Say whether the command is a program of this name."""
        return bool(self.words) and self.words[0].rpartition("/")[2].removesuffix(".exe") == name


def commands(text: str, wanted: str, read: Callable[[str], bytes]) -> Iterator[Command]:
    """Yield the commands of this name; `read` opens the files that are piped into one.

    Raises `UsageError` for a quote in one that does not end, and for one inside of another command; what else a text
    holds may be the output of commands.
    """
    script = _Script(text, read)
    came: Callable[[], bytes | None] = _unknown
    while script.at < len(text):
        start = script.at
        command = Command(given=came)
        try:
            end = script.fill(command)
        except UsageError:
            if command.named().calls(wanted):
                raise
            line = text.find("\n", start)
            script.at, came = (len(text) if line < 0 else line + 1), _unknown
            continue
        if not command.words:
            continue  # a pipe goes on behind the end of its line
        words = command.words
        command = command.named()
        if command.calls(wanted):
            yield command
        elif any(re.search(_INSIDE % wanted, word) for word in (*words, " ".join(words))):
            raise UsageError(f"a {wanted} command inside of another is not understood", hint="give it by itself")
        came = partial(_output, command, read) if end == "|" else _unknown


@dataclass
class _Script:
    text: str
    read: Callable[[str], bytes]
    at: int = 0
    _resume: dict[int, int] = field(default_factory=dict)
    """Where the text goes on after the end of a line behind which there are here-documents."""

    def fill(self, command: Command) -> str:
        """Read the next command, and return what ends it."""
        text = self.text
        while self.at < len(text):
            if text.startswith(("\\\n", "\\\r\n"), self.at):
                self.at = text.index("\n", self.at) + 1
                continue
            end = _ENDS.match(text, self.at)
            if end is not None:
                self.at = self._resume.get(self.at, end.end())
                return end[0]
            redirected = _REDIRECTED.match(text, self.at)
            if text[self.at].isspace():
                self.at += 1
            elif redirected is not None:
                self._redirect(command, redirected)
            elif text[self.at] == "#":
                line = text.find("\n", self.at)
                self.at = len(text) if line < 0 else line
            else:
                command.words.append("")  # a word that does not end counts, too
                command.words[-1] = self._word()
        return ""

    def _word(self) -> str:
        text, pieces = self.text, []
        while self.at < len(text) and not text[self.at].isspace() and text[self.at] not in "<>":
            if text.startswith(("\\\n", "\\\r\n"), self.at) or _ENDS.match(text, self.at):
                break
            piece, self.at = _piece(text, self.at)
            pieces.append(piece)
        return "".join(pieces)

    def _redirect(self, command: Command, found: re.Match[str]) -> None:
        self.at = found.end()
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        target = "" if "&" in found[1] else self._word()
        match found[1]:
            case "<<<":
                command.given = partial(_bytes, target + "\n")
            case "<<" | "<<-":
                command.given = partial(_bytes, self._here(target, tabs=found[1] == "<<-"))
            case "<":
                command.given = partial(self.read, target)

    def _here(self, tag: str, *, tabs: bool) -> str:
        """Return the here-document that begins behind this line, and ends at a line that is the tag alone."""
        text = self.text
        line = text.find("\n", self.at)
        while line > 0 and text[line - 1] == "\\":
            line = text.find("\n", line + 1)
        start = self._resume.get(line, line + 1)
        indent = r"\t*" if tabs else ""
        last = None if line < 0 else re.compile(rf"^{indent}{re.escape(tag)}\r?$\n?", re.MULTILINE).search(text, start)
        if last is None:
            raise UsageError(f"the curl command has a here-document that does not end with {tag}")
        self._resume[line] = last.end()
        inside = text[start : last.start()]
        return re.sub(r"(?m)^\t+", "", inside) if tabs else inside


def _output(command: Command, read: Callable[[str], bytes]) -> bytes | None:
    """Return what a command writes, None where that is not known."""
    name, *rest = command.words
    options = [word for word in rest if word.startswith("-") and word != "-"]
    names = [word for word in rest if word not in options]
    match name:
        case "echo":
            while rest and rest[0] == "-n":
                del rest[0]
            return _bytes(" ".join(rest) + ("" if options[:1] == ["-n"] else "\n"))
        case "printf" if rest:
            return _printed(rest[1:] if rest[0] == "--" else rest)
        case "cat" | "base64":
            data = b"".join(read(one) for one in names if one != "-") if names else command.given()
            if name == "cat" or data is None:
                return data
            try:
                return base64.b64decode(data) if {"-d", "-D", "--decode"} & {*options} else None
            except binascii.Error as error:
                raise UsageError(f"what goes through base64 into curl is none: {error}") from error
    return None


def _printed(words: list[str]) -> bytes:
    """Return what `printf` writes: a format with octal and named escapes, `%%` and `%s`."""
    values = iter(words[1:])

    def written(found: re.Match[bytes]) -> bytes:
        if found[0] == b"%%":
            return b"%"
        if found[0] == b"%s":
            return _bytes(next(values, ""))
        if found[1]:
            return bytes([int(found[1], 8) & 0xFF])
        letter = found[2].decode("latin-1")
        return _NAMED[letter].encode() if letter in _NAMED else found[2] if letter == "\\" else found[0]

    return _PRINTF.sub(written, _bytes(words[0]))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _piece(text: str, at: int) -> tuple[str, int]:
    """Return what stands at a place of a command, unquoted, and where it ends."""
    opens = next((one for one in ("$'", "'", '"') if text.startswith(one, at)), "")
    if not opens:
        return (text[at + 1 : at + 2], at + 2) if text[at] == "\\" else (text[at], at + 1)
    quoted = {"'": r"[^']*", '"': r'(?:[^"\\]|\\.)*', "$'": r"(?:[^'\\]|\\.)*"}[opens]
    found = re.compile(quoted, re.DOTALL).match(text, at + len(opens))
    end = at + len(opens) if found is None else found.end()
    inside = "" if found is None else found[0]
    if end >= len(text):
        raise UsageError(f"the curl command has a quote that does not end: {text[at : at + 20]}…")
    if opens == '"':
        inside = re.sub(r'\\(?:([$`"\\])|\r?\n)', lambda match: match[1] or "", inside)
    elif opens == "$'":
        inside = _ESCAPE.sub(_unescaped, inside)
    return inside, end + 1


def _unescaped(match: re.Match[str]) -> str:
    for digits, radix in ((match[1], 16), (match[2], 16), (match[3], 16), (match[4], 8)):
        if digits:
            return chr(min(int(digits, radix), sys.maxunicode))
    return _NAMED.get(match[5], match[5] if match[5] in "\\'\"?" else f"\\{match[5]}")
