"""What a detector yields: a span of the text that it was given, and the rule that says so."""

from collections.abc import Sequence
from typing import NamedTuple

from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.source.later import pattern


class Match(NamedTuple):
    """`text[start:end]`, in characters of the decoded text, is what `rule` looks for.

    `key` is the name that the value stands under, as it is written in the text, "" where there is none. `is_swept`
    says that the value was found elsewhere, and is looked for here.
    """

    start: int
    end: int
    rule: Rule
    key: str = ""
    is_swept: bool = False


_SURROGATES = pattern("[\ud800-\udfff]")


def joined(texts: Sequence[str]) -> str:
    """Return texts as one, a NUL between them, for an automaton, which takes no half of a pair."""
    whole = "\0".join(texts)
    try:
        whole.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", whole)
    return whole
