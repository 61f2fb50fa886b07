"""Values under a name: pairs of JSON, of queries and forms, elements and attributes, fields of multipart.

Each scanner yields the name and where its value stands. None of them parses: bodies are cut, padded and
wrapped in prose, and a pair is a pair all the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from cassette_cli.operations.redact.views import STRING, json_string, percent

Writing = Literal["json", "number", "query", "form", "markup", "text"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A name, and the span of its value; `writing` is how the value is written there.

    `by` says which rules apply: those for keys, for params, for headers, or any. `held` says that the
    value stands inside what the name names, as in `{"client_secret": {"value": …}}`.
    """

    name: str
    start: int
    end: int
    writing: Writing
    by: Literal["key", "param", "header", "any"]
    held: bool = False


_KEY = re.compile(r'(?<!\\)"((?:[^"\\\n\r]|\\[^\n\r]){1,100})"\s{0,100}:\s{0,100}')
_OPEN_STRING = re.compile(r'(?<!\\)"((?:[^"\\\n\r]|\\[^\n\r])*)')
_COUPLE = re.compile(r'\[\s{0,100}"([A-Za-z-]{3,60})"\s{0,100},\s{0,100}"((?:[^"\\\n\r]|\\[^\n\r])*)"\s{0,100}\]')
_NUMBER = re.compile(r"-?\d{4,30}(?![\d.eE])")
_ITEM = re.compile(r'\s{0,100}(?<!\\)"((?:[^"\\\n\r]|\\[^\n\r])*)"\s{0,100},?')
_HELD = re.compile(r'\{[^{}]{0,300}?"(?:value|secret|token|key)"\s*:\s*(?=")')
_NAMED = frozenset(("name", "key", "header", "field"))
_TOLD = _NAMED | {"value", "cookies"}
"""Names that say something of the values beside them, or inside."""
_COMMA = re.compile(r"\s{0,100},\s{0,100}")
_LOGPROB = re.compile(r'\s{0,100},\s{0,100}"(?:logprob|bytes|id|text|special|top_logprobs|prob)"')

_AFTER_LOGPROB = re.compile(r'"(?:logprob|bytes|prob)"\s{0,100}:[^{}"]{1,150},\s{0,100}\Z')


def json_pairs(text: str, knows: Callable[[str], object] = bool) -> Iterator[Pair]:
    """Yield the pairs of JSON, wherever in the text it stands; strings in them are looked into elsewhere.

    Pairs under names that `knows` knows nothing of may be left out.
    """
    label, after, inside_until = "", -1, -1
    before: tuple[int, int] | None = None
    for key in _KEY.finditer(text):
        name = json_string(text, *key.span(1)).text if "\\" in key[1] else key[1]
        folded = name.lower()
        if not knows(name) and folded not in _TOLD:
            continue
        at = key.end()
        first = text[at : at + 1]
        if first == '"':
            string = _OPEN_STRING.match(text, at)
            assert string is not None
            start, end = string.span(1)
            if name == "token" and (
                _LOGPROB.match(text, end + 1) or _AFTER_LOGPROB.search(text, key.start() - 200, key.start())
            ):
                continue
            beside = after >= 0 and _COMMA.fullmatch(text, after, key.start()) is not None
            if folded == "value" and label and beside:
                yield Pair(label, start, end, "json", "any")
            elif folded in _NAMED and before is not None and beside:
                yield Pair(string[1], *before, "json", "any")
            label = string[1] if folded in _NAMED else ""
            before = (start, end) if folded == "value" else None
            after = end + 1
            yield Pair(name, start, end, "json", "key")
        elif first == "[":
            yield from _items(text, name, at + 1)
        elif first == "{":
            held = _HELD.match(text, at, at + 400)
            inside = _OPEN_STRING.match(text, held.end()) if held else None
            if inside is not None:
                yield Pair(name, *inside.span(1), "json", "key", held=True)
            elif folded == "cookies" and at > inside_until:
                inside_until = min(max(text.find("}", at, at + 20_000), at), len(text))
                yield from _members(text, at + 1, inside_until)
        elif number := _NUMBER.match(text, at):
            yield Pair(name, *number.span(), "number", "key")
    for couple in _COUPLE.finditer(text):  # headers as pairs: [["Authorization", "Bearer …"], …]
        if text[max(0, couple.start() - 100) : couple.start()].rstrip()[-1:] in ("[", ","):
            yield Pair(couple[1], *couple.span(2), "json", "header")


def _items(text: str, name: str, at: int) -> Iterator[Pair]:
    """Yield the strings of a list, as header values are often kept."""
    while item := _ITEM.match(text, at):
        yield Pair(name, *item.span(1), "json", "key")
        at = item.end()


def _members(text: str, at: int, end: int) -> Iterator[Pair]:
    """Yield the values of an object of cookies, as echo services return them."""
    for key in _KEY.finditer(text, at, end):
        string = STRING.match(text, key.end())
        if string is not None:
            yield Pair("cookies", *string.span(1), "json", "key", held=True)


_PARAM = re.compile(r"[?&#;]([^=&?#;\s\"'<>\\(){}|]{1,128})=([^&#;\s\"'<>\\`|^{}()]*)")
_URL_PARAM = re.compile(r"[?&#;]([^=&?#;]{1,128})=([^&#;]*)")
_FORM_PARAM = re.compile(r"(?:^|&)([^=&]{1,128})=([^&]*)")
_FORM = re.compile(r"[\w%.+*\[\]~-]{1,128}=[^\s&]*(?:&[\w%.+*\[\]~-]{1,128}=[^\s&]*)*&?", re.ASCII)
_TAIL = ".,:!?]*;"


def is_form(text: str) -> bool:
    """Say whether a text is nothing but the pairs of a form."""
    return "=" in text[:130] and _FORM.fullmatch(text.strip()) is not None


def params(text: str, role: str) -> Iterator[Pair]:
    """Yield the pairs of queries and fragments in a text, or of a text that is a URL, or a form."""
    pattern = {"url": _URL_PARAM, "form": _FORM_PARAM}.get(role, _PARAM)
    for param in pattern.finditer(text):
        name = param[1].removeprefix("amp;")
        if "%" in name or "+" in name:
            name = percent(name, 0, len(name), form=True).text
        start, end = param.span(2)
        if role == "text":
            end = start + len(param[2].rstrip(_TAIL))
        if text[param.start()] == ";" and (query := text.find("?", start, end)) >= 0:
            end = query  # a path's own parameter: the query is yet to come
        if end > start:
            yield Pair(name.strip(), start, end, "form" if role == "form" else "query", "param")


_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,80})((?:\s[^<>]{0,2000})?)>(?:<!\[CDATA\[)?([^<\]]*)(?=(?:\]\]>)?</\1)")
_TAG = re.compile(r"<[A-Za-z_][\w.:-]{0,80}(\s[^<>]{1,4000})>")
_ATTRIBUTE = re.compile(r"(?<![\w.:-])([\w.:-]{1,80})\s{0,8}=\s{0,8}(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>=`]+))")
_LABELS = ("name", "key", "id", "property")
_VALUES = ("value", "content")


def markup_pairs(text: str) -> Iterator[Pair]:
    """Yield elements with their text, attributes, and the value attribute under its name attribute."""
    for element in _ELEMENT.finditer(text):
        if element[3].strip():
            yield Pair(element[1], *element.span(3), "markup", "key")
            label = next(
                (m[2] or m[3] or m[4] for m in _ATTRIBUTE.finditer(element[2]) if m[1].lower() == "name"), None
            )
            if label is not None:  # Android's and Solr's <string name="…">
                yield Pair(label, *element.span(3), "markup", "key")
    for tag in _TAG.finditer(text):
        spans: dict[str, tuple[int, int]] = {}
        for attribute in _ATTRIBUTE.finditer(text, *tag.span(1)):
            group = attribute.lastindex or 2
            spans.setdefault(attribute[1].lower(), attribute.span(group))
            yield Pair(attribute[1], *attribute.span(group), "markup", "key")
        label = next((text[slice(*spans[key])] for key in _LABELS if key in spans), None)
        value = next((spans[key] for key in _VALUES if key in spans), None)
        if label is not None and value is not None:
            yield Pair(label, *value, "markup", "any")


_LONGEST = 100_000  # of a field that could be a secret
_FIELD = re.compile(r"form-data;[^\r\n]{0,1000}", re.IGNORECASE)
_FIELD_NAME = re.compile(r"\bname=(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))")
_PART_HEADERS = re.compile(r"(?:\r?\n[^\r\n]{1,400}){0,10}\r?\n\r?\n")


def fields(text: str) -> Iterator[Pair]:
    """Yield the fields of a multipart body, contents without the line break before the boundary."""
    for field in _FIELD.finditer(text):
        name = _FIELD_NAME.search(field.group())
        headers = _PART_HEADERS.match(text, field.end())
        if name is None or headers is None:
            continue
        start = headers.end()
        limit = min(len(text), start + _LONGEST)
        end = text.find("\n--", start, limit)
        if end < 0:
            if limit < len(text):
                continue
            end = limit
        if end > start and text[end - 1] == "\r":
            end -= 1
        if end > start:
            yield Pair(name[1] or name[2], start, end, "text", "key")


_LINE = re.compile(
    r"(?:(?<=[\r\n\"'`])|(?<![^\s]))([A-Za-z][A-Za-z0-9-]{2,60}):[ \t]{0,4}([^\s\"'`<>\\][^\r\n\"'`<>\\]*)"
)


def header_lines(text: str) -> Iterator[Pair]:
    """Yield header lines in a text: of a message that was echoed, of a command line for curl."""
    for line in _LINE.finditer(text):
        yield Pair(line[1], line.start(2), line.start(2) + len(line[2].rstrip()), "text", "header")
