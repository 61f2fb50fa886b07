"""Says by a look at a URL that no rule finds a secret in it: to load all that finds takes longer than most listings.

Most URLs of a suite are a host, words and a parameter or two. What is not surely harmless is left to the rules.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ahocorasick_rs import BytesAhoCorasick, Implementation

from cassette_cli.operations.redact.rules.openings import OPENINGS
from cassette_cli.operations.redact.texts.packing import may_be_packed
from cassette_cli.source.later import pattern

if TYPE_CHECKING:
    from cassette_cli.operations.redact.detect.shapes import ShapeDetector

_SIMPLE = pattern(
    r"((?:(?:https?|wss?)://[\w.-]*(?:<\w+>[\w.-]*)*(?::\d{1,5})?|<\w+>)?"
    r"(?:/(?:[\w.~/@+-]|:(?!//)|%[0-9A-Fa-f]{2}|<\w+>)*)?)"
    r"(?:\?([^%\\<>\"'`#;?{}\r\n]*))?",
    re.ASCII,
)
"""A path, and a query without escapes: neither is there a user before the host, nor a fragment."""
_PARAM = pattern(r"([^=&\[]*(?:\[\w*\])*)(?:=([^=&\[]*))?")
_ELEMENT = pattern(r"<(\w+)>", re.ASCII)
_PLAIN = pattern(r"[\w./~@-]*", re.ASCII)
_TOKEN = pattern(r"[\w.+/=~%-]*", re.ASCII)
_WORD = pattern(r"[\w-]", re.ASCII)


def is_harmless(url: str) -> bool:
    """Say whether there is surely no secret in a URL; the user's own rules are not asked."""
    found = _SIMPLE.fullmatch(url)
    if found is None:
        return False
    path, query = found.groups()
    inside: list[str] = []
    for param in query.split("&") if query else ():
        pair = _PARAM.fullmatch(param)
        if pair is None or "://" in param or _tells(pair[1].replace("+", " ").strip(), pair[2] or ""):
            return False
        inside.append((pair[2] or "").replace("+", " "))
    if "<" in path:  # what stands between two placeholders is as the text of an XML element
        if any(_tells(name, None) for name in _ELEMENT.findall(path)):
            return False
        inside.append(path[path.index("<") :])
    if "%" in path:
        inside.append(unquote(path, "latin-1"))
        if "%" in inside[-1] or "?" in inside[-1] or not _SIMPLE.fullmatch(inside[-1]):
            return False
    return not (_is_assigned(inside) or any(may_be_packed(text) or _holds_token(text) for text in (url, *inside)))


def _tells(name: str, value: str | None) -> bool:
    """Say whether a value is a secret by its name: that of a parameter, or of an element whose text may be any."""
    from cassette_cli.operations.redact.detect.names import BY_COMPANY, name_rule

    rule = name_rule(name, "json" if value is None else "query")
    if rule is None or value is None:
        return rule is not None or name in BY_COMPANY
    from cassette_cli.operations.redact.detect.named import judged

    return bool(judged(rule, name, value, "query", ()))


def _is_assigned(texts: list[str]) -> bool:
    """Say whether in one of some texts a value may stand behind the name of a secret and a sign."""
    if all(_PLAIN.fullmatch(text.rpartition("://")[2]) for text in texts):
        return False
    from cassette_cli.operations.redact.detect.assignments import suspects

    return bool(suspects(texts))


def _holds_token(text: str) -> bool:
    """Say whether the shape of a rule stands in an address without a user; they are loaded where a token may begin."""
    return next(_openings(text), None) is not None and any(_shapes().find(text))


def _openings(text: str) -> Iterator[int]:
    """Yield where a token may begin."""
    automaton, keys = _automaton()
    for number, start, end in automaton.find_matches_as_indexes(text.encode("ascii", "replace"), overlapping=True):
        behind, opens_word = keys[number]
        if not (opens_word and start and _WORD.match(text, start - 1)):
            token = _TOKEN.match(text, end, end + behind)
            if token is not None and token.end() - end == behind:
                yield start


@cache
def _automaton() -> tuple[BytesAhoCorasick, list[tuple[int, bool]]]:
    literals = [(literal.encode(), key) for key, found in OPENINGS.items() for literal in found]
    keys = [key for _, key in literals]
    return BytesAhoCorasick([literal for literal, _ in literals], implementation=Implementation.ContiguousNFA), keys


@cache
def _shapes() -> "ShapeDetector":
    from cassette_cli.operations.redact.detect.shapes import ShapeDetector
    from cassette_cli.operations.redact.rules.catalogue import SHAPES

    return ShapeDetector(rule for rule in SHAPES if rule.level == "secrets")
