"""Says by a look at a URL that no rule finds a secret in it: to load all that finds takes longer than most listings.

Most URLs of a suite are a host, words and a parameter or two. What is not surely harmless is left to the rules.
"""

import re
from functools import cache
from urllib.parse import unquote

from cassette_cli.operations.redact.detect.names import name_rule
from cassette_cli.operations.redact.detect.shapes import ShapeDetector
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.texts.views import may_be_packed
from cassette_cli.source.later import pattern

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
_BESIDE = frozenset("code key d p q dp dq qi k".split())
"""Names that tell by the names beside them."""


def is_harmless(url: str) -> bool:
    """Say whether there is surely no secret in a URL; the user's own rules are not asked."""
    found = _SIMPLE.fullmatch(url)
    if found is None:
        return False
    path = found[1]
    inside: list[str] = []
    for param in (found[2] or "").split("&"):
        pair = _PARAM.fullmatch(param)
        if pair is None or "://" in param or not _says_nothing(pair[1].replace("+", " ").strip(), pair[2] or ""):
            return False
        inside.append((pair[2] or "").replace("+", " "))
    if "<" in path:  # what stands between two placeholders is as the text of an XML element
        if any(map(name_rule, _ELEMENT.findall(path))):
            return False
        inside.append(path[path.index("<") :])
    if "%" in path:
        inside.append(unquote(path, "latin-1"))
        if "%" in inside[-1] or _SIMPLE.fullmatch(inside[-1]) is None or "?" in inside[-1]:
            return False
    texts = (url, *inside)
    return not (
        _is_assigned(inside) or any(map(may_be_packed, texts)) or any(any(_shapes().find(one)) for one in texts)
    )


def _says_nothing(name: str, value: str) -> bool:
    """Say whether a parameter holds no secret by its name."""
    if name in _BESIDE:
        return False
    rule = name_rule(name, "query")
    if rule is None:
        return True
    from cassette_cli.operations.redact.detect.named import judged

    return not judged(rule, name, value, "query", ())


def _is_assigned(texts: list[str]) -> bool:
    """Say whether in one of some texts a value may stand behind the name of a secret and a sign."""
    if all(_PLAIN.fullmatch(text.rpartition("://")[2]) for text in texts):
        return False
    from cassette_cli.operations.redact.detect.assignments import suspects

    return bool(suspects(texts))


@cache
def _shapes() -> ShapeDetector:
    return ShapeDetector(rule for rule in SHAPES if rule.level == "secrets")
