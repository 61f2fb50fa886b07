"""What of a text is not shown: what `cassette redact` would take out of it, or of its recording.

A text is judged by itself, under its name. What is known by what stands around it in the file, or elsewhere, takes a
scan of the whole recording; that is made where the text holds a word that could be such a secret.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from cassette_cli.model.http import Cassette
from cassette_cli.operations.grep.texts import Text

if TYPE_CHECKING:
    from cassette_cli.operations.redact.masking import Masker
    from cassette_cli.operations.redact.texts.text import Replacement, Secret

_WORD = re.compile(r"[^\s\"'<>(){}\[\],;]{12,}")
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_CUT = re.compile(r"[=&:|?#/]+")
_LONGEST = 200
"""Characters up to which a value of JSON may be one that only what stands around it tells."""


class Masks:
    """Finds what is to be hidden in the texts of a cassette."""

    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette

    def of(self, text: Text) -> Sequence[tuple[int, int, str]]:
        """Return where secrets begin and end, and what is shown in their place; in order and without overlaps."""
        from cassette_cli.operations.redact.texts.text import merged

        if _NUMBER.fullmatch(text.value) and not (_masker().is_thorough or _says_little(text.name)):
            return ()
        found = _by_itself(text)
        if self._needs_all(text):
            found = merged([*found, *self._known(text.value)])
        return [(one.start, one.end, one.masked) for one in found]

    def where(self, text: Text) -> str:
        """Return where a text stands; a key on the way may be a secret."""
        where = text.where
        if any(_is_opaque(word) for word in _WORD.findall(text.place)):
            for secret in self._secrets:
                where = where.replace(secret.value, secret.masked)
        return where

    def _needs_all(self, text: Text) -> bool:
        if _masker().is_thorough or text.kind == "document":
            return True
        if "$" in text.place and len(text.value) <= _LONGEST and (text.place.endswith("]") or _says_little(text.name)):
            return True
        return any(_is_opaque(word) for word in _WORD.findall(text.value))

    def _known(self, value: str) -> Iterator["Replacement"]:
        """Yield the secrets of the recording that stand in a value: those that tell anywhere, others as the whole."""
        from cassette_cli.operations.redact.texts.text import Replacement

        for secret in self._secrets:
            if not secret.tells and secret.value != value:
                continue
            at = value.find(secret.value)
            while at >= 0:
                end = at + len(secret.value)
                yield Replacement(at, end, "", secret.masked, (secret,))
                at = value.find(secret.value, end)

    @cached_property
    def _secrets(self) -> "list[Secret]":
        return _masker().secrets(self._cassette)


@cache
def _masker() -> "Masker":
    from cassette_cli.operations.redact.masking import Masker

    return Masker()


def _by_itself(text: Text) -> "Sequence[Replacement]":
    masker = _masker()
    if text.kind == "url":
        return masker.replacements(text.value, kind="url")
    if text.kind != "headers":
        return masker.replacements(text.value, text.name, "key" if text.name else "")
    at = len(text.name) + len(": ")
    found = masker.replacements(text.value[at:], text.name, "header")
    return [one._replace(start=at + one.start, end=at + one.end) for one in found]


def _says_little(name: str) -> bool:
    from cassette_cli.operations.redact.texts.structured import is_named

    return is_named(name)


def _is_opaque(word: str) -> bool:
    from cassette_cli.operations.redact.detect.values import is_sweepable

    return is_sweepable(word) or any(map(is_sweepable, _CUT.split(word)))
