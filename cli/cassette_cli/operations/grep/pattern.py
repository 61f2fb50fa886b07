"""What is searched for."""

import re
from collections.abc import Sequence
from functools import cached_property

from cassette_cli.errors import UsageError

_CONTEXT = re.compile(r'[\^$",]|\\[AbBZ]|\(\?[=!<]|(?<!\?)(?<!\?[aimsx]):')
"""What in a regular expression may look at what stands around a value: anchors, and the marks of JSON."""
_FLAGS = re.compile(r"\(\?([aimsx]+)\)")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Pattern:
    """A regular expression; `core` is the same without what looks at the characters around a match."""

    def __init__(self, regex: re.Pattern[str], core: re.Pattern[str] | None = None) -> None:
        self.regex = regex
        self._core = core or regex

    @cached_property
    def _is_free(self) -> bool:
        """Whether what it matches in a part of a text it also matches in the whole."""
        return _CONTEXT.search(self._core.pattern) is None

    def matches(self, text: str) -> list[tuple[int, int]]:
        """Return the spans of all matches."""
        return [match.span() for match in self.regex.finditer(text)]

    def matches_in(self, text: str) -> bool:
        """Say whether it matches in a text."""
        return self.regex.search(text) is not None

    def may_match(self, text: str) -> bool:
        """Say whether it may match in a string of JSON inside a text, however often that is escaped.

        To take JSON apart costs far more than to ask this.
        """
        if not self._is_free:
            return True
        for _ in range(3):
            if self._core.search(text):
                return True
            if "\\" not in text:
                return False
            text = unescaped(text)
        return False


def unescaped(text: str) -> str:
    """Return a text of JSON with the escapes of its strings taken off, once."""
    out = _ESCAPED.sub(_character, text)
    return out if out.isascii() else out.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    if match[1] is not None:
        return chr(int(match[1], 16))
    return _NAMED.get(match[2], match[2])


def pattern_of(texts: Sequence[str], *, fixed: bool = False, ignore_case: bool = False, word: bool = False) -> Pattern:
    """Return the pattern that matches where one of the texts does.

    Raises `UsageError` for a text that is no regular expression.
    """
    flags = re.MULTILINE | (re.IGNORECASE if ignore_case else 0)
    core = "|".join(re.escape(text) if fixed else _group(text) for text in texts)
    try:
        plain = re.compile(core, flags)
        return Pattern(re.compile(rf"(?<!\w)(?:{core})(?!\w)", flags) if word else plain, plain)
    except re.error as error:  # a group is named twice
        raise UsageError(f"invalid pattern {core!r}: {error}", hint="write a Python regular expression") from error


def _group(text: str) -> str:
    """Return a pattern that can stand beside others: flags at its beginning are for it alone."""
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        hint = "-F takes it as plain text; else write a Python regular expression"
        raise UsageError(f"invalid pattern {text!r}: {error}", hint=hint) from error
    flags = _FLAGS.match(text)
    end = "\n)" if flags and "x" in flags[1] else ")"  # a comment runs to the end of its line
    return f"(?{flags[1]}:{text[flags.end() :]}{end}" if flags else f"(?:{text})"
