"""Masks URLs by a look at them: to load all that finds secrets takes longer than most listings.

Most URLs of a suite are a host, words and a parameter or two, of which one may be a secret by its name. What is not
surely that is left to the rules.
"""

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ahocorasick_rs import BytesAhoCorasick, Implementation

from cassette_cli.operations.redact.rules.openings import SHAPES
from cassette_cli.operations.redact.texts.packing import may_be_packed
from cassette_cli.source.later import pattern

if TYPE_CHECKING:
    from cassette_cli.operations.redact.detect.names import Kind

_SIMPLE = pattern(
    r"((?:(?:https?|wss?)://[\w.-]*(?:<\w+>[\w.-]*)*(?::\d{1,5})?|<\w+>)?"
    r"(?:/(?>(?:[\w.~/@+-]++|:(?!//)|%[0-9A-Fa-f]{2}|<\w+>)*))?)"
    r"(?:\?([^%\\<>\"'`#;?{}\r\n]*))?",
    re.ASCII,
)
"""A path, and a query without escapes: neither is there a user before the host, nor a fragment."""
_PARAM = pattern(r"([^=&\[]*(?:\[\w*\])*)(?:=([^=&\[]*))?")
_ELEMENT = pattern(r"<(\w+)>([^<]*)(?=<)", re.ASCII)
_SPACED = pattern(r"[\s=]")
_TOKEN = pattern(r"[\w.+/=~%-]*", re.ASCII)
_OPAQUE = pattern(r"[\w-]{8,}", re.ASCII)
_WORD = pattern(r"[\w-]", re.ASCII)
LEAST = 8
"""Characters of a text from which on it may hold a token."""


def masked(url: str) -> str | None:
    """Return a URL with its secrets masked, None where only the rules can say; the user's own are not asked."""
    found = _SIMPLE.fullmatch(url)
    if found is None:
        return None
    path, query = found.groups()
    inside: list[str] = []
    secrets: list[tuple[int, int]] = []
    at = len(path) + 1
    for param in query.split("&") if query else ():
        pair = _PARAM.fullmatch(param)
        if pair is None or "://" in param:
            return None
        value = (pair[2] or "").replace("+", " ")
        spans = _secrets(pair[1].replace("+", " ").strip(), value, "query")
        if spans is None:
            return None
        secrets += [(at + pair.start(2) + start, at + pair.start(2) + end) for start, end in spans]
        inside.append(value)
        at += len(param) + 1
    if "<" in path:  # what stands between two placeholders is as the text of an XML element
        for name, text in _ELEMENT.findall(path):
            if _secrets(name, text, "json") != []:
                return None
            inside.append(text)
        if "&" in url:
            inside.append(url.rpartition(">")[2])
    if "%" in path:
        inside.append(unquote(path, "latin-1"))
        if "%" in inside[-1] or "?" in inside[-1] or not _SIMPLE.fullmatch(inside[-1]):
            return None
        if inside[-1].count("<") > path.count("<"):
            return None
    if _is_assigned(inside) or any(may_be_packed(text) or _holds_token(text) for text in (url, *inside)):
        return None
    return _with_masks(url, secrets, inside) if secrets else url


def _secrets(name: str, value: str, kind: "Kind") -> list[tuple[int, int]] | None:
    """Return what of a value is secret by the name that it stands under, None where that is not told by it alone."""
    from cassette_cli.operations.redact.detect.names import BY_COMPANY, name_rule

    rule = name_rule(name, kind)
    if rule is None:
        return None if name in BY_COMPANY else []
    if rule.rule.level != "secrets":
        return []
    from cassette_cli.operations.redact.detect.named import judged

    return [(one.start, one.end) for one in judged(rule, name, value, kind) if one.rule.level == "secrets"]


def _is_assigned(texts: list[str]) -> bool:
    """Say whether in one of some texts a value may stand behind the name of a secret, and a sign or a blank.

    Without blanks and equals signs it is `name:value`; what the commands know has one of them, an `@` or more colons.
    """
    rests = [text.rpartition("://")[2] for text in texts]
    if any(_SPACED.search(rest) or rest.count(":") > (0 if "@" in rest else 3) for rest in rests):
        from cassette_cli.operations.redact.detect.assignments import suspects

        return bool(suspects(texts))
    signed = [rest for rest in rests if ":" in rest]
    if not signed:
        return False
    from cassette_cli.operations.redact.detect.names import as_words, endings

    words = as_words(" ".join(["", *signed, ""]))
    return any(map(words.__contains__, endings()))


def _holds_token(text: str) -> bool:
    """Say whether the pattern of a rule matches in a text; it is made where one of its literals stands."""
    if len(text) < LEAST:
        return False
    automaton, rules = _automaton()
    for number, start, end in automaton.find_matches_as_indexes(text.encode("ascii", "replace"), overlapping=True):
        found, opens_word, behind = rules[number]
        if opens_word and start and _WORD.match(text, start - 1):
            continue
        if behind and _TOKEN.match(text, end, end + behind).end() < end + behind:  # type: ignore[union-attr]
            continue
        if _compiled(found).search(text):
            return True
    return False


@cache
def _automaton() -> tuple[BytesAhoCorasick, list[tuple[str, bool, int]]]:
    """Return what finds the rules' literals, and for each its rule's pattern and what `SHAPES` says of its place."""
    literals = [literal.encode() for rule in SHAPES for literal in rule[3]]
    rules = [rule[:3] for rule in SHAPES for _ in rule[3]]
    return BytesAhoCorasick(literals, implementation=Implementation.NoncontiguousNFA), rules


@cache
def _compiled(found: str) -> re.Pattern[str]:
    return re.compile(found, re.ASCII)


def _with_masks(url: str, secrets: list[tuple[int, int]], inside: list[str]) -> str | None:
    """Return a URL with its secrets masked, None where one may stand in another place or writing, too."""
    from cassette_cli.operations.redact.detect.named import decode_basic
    from cassette_cli.operations.redact.replace.placeholders import Placeholders

    placeholders = Placeholders()
    if any(own in url for own in placeholders.own):
        return None
    shown = url
    for start, end in reversed(secrets):
        value = url[start:end]
        if not _OPAQUE.fullmatch(value) or decode_basic(value) is not None or placeholders.allows(value):
            return None
        if url.count(value) + sum(text.count(value) for text in inside) != 2:  # in the URL, and in the parameter
            return None
        shown = shown[:start] + placeholders.mask(value) + shown[end:]
    return shown
