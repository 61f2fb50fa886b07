"""Which layers a text has: what in it is a text of its own, and how it is written there."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from urllib.parse import quote

from cassette_cli.operations.redact.texts import views
from cassette_cli.operations.redact.texts.packing import may_be_packed
from cassette_cli.operations.redact.texts.structured import JsonLayer, TooDeepError, YamlLayer, read_json
from cassette_cli.operations.redact.texts.text import By, Kind, Layer, Piece, Replacement, Span, Text
from cassette_cli.operations.redact.texts.views import Mapped, View
from cassette_cli.source.later import pattern

DEEPEST = 12
"""Layers inside a text of the file; what lies deeper is reported."""
_LEAST = 6
"""Characters of a text that may hold another."""

Found = tuple[View, str, By]
"""A view, and the name that its text stands under."""


class ViewsLayer(Layer):
    """Texts inside another, each seen through a view; `step` leads to one by its name."""

    def __init__(self, text: Text, found: Sequence[Found], step: str = "", kind: Kind = "text") -> None:
        super().__init__(text)
        self._found = found
        self._step = step
        self._kind: Kind = kind

    @property
    def views(self) -> list[View]:
        """The views."""
        return [view for view, _, _ in self._found]

    def pieces(self) -> list[Piece]:
        """Return the texts."""
        names = [name for _, name, by in self._found if by == "param"]
        return [
            Piece(view.text, number, name, by, self._kind, names) for number, (view, name, by) in enumerate(self._found)
        ]

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield replacements in one of the texts as replacements around it."""
        assert self.text is not None
        for one in self._found[child.number][0].lift(found):
            yield self.text, one

    def step(self, child: Text, start: int) -> str:
        """Return the name of a text."""
        del start
        return self._step.format(child.name) if self._step and child.name else ""

    def cuts(self, span: Span) -> bool:
        """Say whether a span begins or ends inside an escape of one of the texts."""
        return any(view.cuts(offset) for offset in span if (view := self._at(offset)) is not None)

    def writes(self, span: Span) -> Callable[[str], str] | None:
        """Return how new text is written at a span inside of one of the texts."""
        view = self._at(span[0])
        return view.write if isinstance(view, Mapped) and span[1] <= view.span[1] else None

    def _at(self, offset: int) -> View | None:
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return None
        view = self._found[self._order[at]][0]
        return view if offset <= view.span[1] else None

    @cached_property
    def _order(self) -> list[int]:
        return sorted(range(len(self._found)), key=lambda number: self._found[number][0].span)

    @cached_property
    def _starts(self) -> list[int]:
        return [self._found[number][0].span[0] for number in self._order]


class UrlsLayer(ViewsLayer):
    """The parameters of the queries and fragments of a text; what else is replaced in an address is percent-encoded."""

    def __init__(self, text: Text, found: Sequence[Found], addresses: Sequence[Span]) -> None:
        super().__init__(text, found, "?{}")
        self._addresses = addresses
        self._address_starts = [start for start, _ in addresses]

    def writes(self, span: Span) -> Callable[[str], str] | None:
        """Return how new text is written in an address."""
        at = bisect_right(self._address_starts, span[0]) - 1
        return _quoted if at >= 0 and span[1] <= self._addresses[at][1] else None


def _quoted(text: str) -> str:
    return quote(text, safe="")


def layers_of(text: Text, failed: Callable[[str], object] = bool) -> list[Layer]:
    """Return the layers of a text; the same ones whenever it is asked for. What cannot be read goes to `failed`."""
    if text.layers is None:
        is_address = text.kind == "text" and "://" in text.value  # it says how what is new in it is written
        text.layers = _layers(text, failed) if is_address or may_hold(text) else []
    return text.layers


def may_hold(text: Piece | Text) -> bool:
    """Say quickly whether a text may hold others."""
    value = text.value
    if len(value) < _LEAST:
        return False
    if text.kind != "text":
        return text.kind in ("url", "form", "yaml")
    if "=" in value or "%" in value or "\\" in value or "<" in value or "&" in value:
        return True
    return value.lstrip("\ufeff \t\r\n")[:1] in _OPENINGS or (len(value) >= 20 and may_be_packed(value))


_OPENINGS = frozenset('{["')


def _layers(text: Text, failed: Callable[[str], object]) -> list[Layer]:
    value, kind = text.value, text.kind
    if kind in ("number", "word", "binary"):
        return []
    if kind == "yaml" and (yaml := YamlLayer.read(text)) is not None:
        return [yaml]
    if value.lstrip("\ufeff \t\r\n")[:1] in _OPENINGS and (values := read_json(value)) is not None:
        try:
            return [JsonLayer(text, values)]
        except TooDeepError:
            failed("JSON that nests too deep")
    return list(_inside(text, failed))


def _inside(text: Text, failed: Callable[[str], object]) -> Iterator[Layer]:
    """Yield the layers of a text that is more than what holds the others."""
    value = text.value
    fields = list(_fields(value)) if "form-data" in value else []
    if fields:
        yield ViewsLayer(text, fields, "?{}")
    markup = list(_markup(value)) if "<" in value and ">" in value else []
    if markup:
        yield ViewsLayer(text, markup, "<{}>")
    query: list[Found] = []
    if text.kind == "form" or (text.kind == "text" and is_form(value)):
        query = list(_params(value, _FORM_PARAM))
        yield ViewsLayer(text, query, "?{}")
    elif "=" in value or "://" in value:
        pattern = _URL_PARAM if text.kind == "url" else _PARAM
        addresses = [(0, len(value))] if text.kind == "url" else [*_addresses(value)]
        query = [*_params(value, pattern), *_userinfo(value)]
        if query or addresses:
            yield UrlsLayer(text, query, addresses)
    covered = [view.span for view, _, _ in (*fields, *markup, *query)]
    if "%" in value:
        yield from _stretched(text, _WORD, "%", _PERCENT, views.percent, covered)
    if "&" in value and not markup:
        yield from _stretched(text, _BETWEEN_TAGS, "&", _REFERENCE, views.markup, covered)
    if "\\" in value and '"' in value:
        strings = list(_strings(value))
        if strings:
            yield ViewsLayer(text, strings, "?{}")
    if len(value) >= 20 and may_be_packed(value):
        packed: list[Found] = [(view, "", "") for view in views.base64_runs(value, failed)]
        if packed:
            yield ViewsLayer(text, packed)


# Queries, forms, addresses

_PARAM = pattern(r"[?&#;]([^=&?#;\s\"'<>\\(){}|]{1,128})=([^&#;\s\"'<>\\`|^{}()]*)")
_URL_PARAM = pattern(r"[?&#;]([^=&?#;]{1,128})=([^&#;]*)")
_FORM_PARAM = pattern(r"(?:^|&)([^=&]{1,128})=([^&]*)")
_FORM = pattern(r"[\w%.+*\[\]~-]{1,128}=[^\s&]*(?:&[\w%.+*\[\]~-]{1,128}=[^\s&]*)*&?", re.ASCII)
_REST = pattern(r"[^\s\"'<>\\`{}|^]+")
_SCHEME = pattern(r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,15}\Z")
_USERINFO = pattern(r"://([^/?#\s\"'<>\\:@]{0,200}):([^/?#\s\"'<>\\]{1,500})@(?=[A-Za-z0-9\[])")
_TAIL = ".,:!?]*;"


def is_form(text: str) -> bool:
    """Say whether a text is nothing but the pairs of a form."""
    return "=" in text[:130] and _FORM.fullmatch(text.strip()) is not None


def _params(text: str, pattern: re.Pattern[str]) -> Iterator[Found]:
    """Yield the values of the pairs of a query, a fragment or a form."""
    for param in pattern.finditer(text):
        name = param[1].removeprefix("amp;")
        if "%" in name or "+" in name:
            name = views.percent(name, 0, len(name), form=True).text
        start, end = param.span(2)
        if pattern is _PARAM:
            end = start + len(param[2].rstrip(_TAIL))
        if text[param.start()] == ";" and (query := text.find("?", start, end)) >= 0:
            end = query  # a path's own parameter: the query is yet to come
        if pattern is _FORM_PARAM and end - start > 1 and text[start] == text[end - 1] and text[start] in "\"'":
            start, end = start + 1, end - 1  # a line of settings, and no form
        if end > start:
            yield views.percent(text, start, end, form=True), name.strip(), "param"


def _userinfo(text: str) -> Iterator[Found]:
    """Yield the user and the password of addresses that have both and in which they are written with escapes."""
    if "://" in text and "@" in text and "%" in text:
        for user in _USERINFO.finditer(text):
            yield views.percent(text, *user.span(2)), "password", "key"


def _addresses(text: str) -> Iterator[Span]:
    """Yield where addresses stand in a text."""
    at = text.find("://")
    while at >= 0:
        scheme = _SCHEME.search(text, max(0, at - 17), at)
        rest = None if scheme is None else _REST.match(text, at + 3)
        if scheme is not None and rest is not None:
            yield scheme.start(), rest.end()
        at = text.find("://", at + 1 if rest is None else rest.end())


# Multipart bodies

_LONGEST = 100_000  # of a field that could be a secret
_FIELD = pattern(r"form-data;[^\r\n]{0,1000}", re.IGNORECASE)
_FIELD_NAME = pattern(r"\bname=(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))")
_PART_HEADERS = pattern(r"(?:\r?\n[^\r\n]{1,400}){0,10}\r?\n\r?\n")


def _fields(text: str) -> Iterator[Found]:
    """Yield the fields of a multipart body, contents without the line break before the boundary."""
    found = list(_FIELD.finditer(text))
    for number, field in enumerate(found):
        name = _FIELD_NAME.search(field.group())
        headers = _PART_HEADERS.match(text, field.end())
        if name is None or headers is None:
            continue
        start = headers.end()
        behind = found[number + 1].start() if number + 1 < len(found) else len(text)
        limit = min(behind, start + _LONGEST)
        end = text.find("\n--", start, limit)
        if end < 0:
            if limit < len(text):
                continue
            end = limit
        if end > start and text[end - 1] == "\r":
            end -= 1
        if end > start:
            yield plain(text, start, end), name[1] or name[2], "key"


def plain(text: str, start: int, end: int) -> Mapped:
    """View a part of a text that stands there as it is."""
    return Mapped(text[start:end], [0, end - start], [start, end], str)


# XML and HTML

_TEXT = pattern(r"<([A-Za-z_][\w.:-]{0,80})((?:\s[^<>]{0,2000})?)>(<!\[CDATA\[)?([^<]*+)(?=<)")
_LOOSE_TEXT = pattern(r">([^<>]+)(?=<|\Z)|\A([^<>]+)(?=<)")
_TAG = pattern(r"<[A-Za-z_][\w.:-]{0,80}(\s[^<>]+)>")
_ATTRIBUTE = pattern(r"(?<![\w.:-])([\w.:-]{1,80})\s{0,8}=\s{0,8}(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>=`]+))")
_LABELS = ("name", "key", "id", "property")
_VALUES = ("value", "content")


def _markup(text: str) -> Iterator[Found]:
    """Yield the texts of elements, under their names or their `name` attributes, and the values of attributes."""
    for element in _TEXT.finditer(text):
        inside = element[4].removesuffix("]]>")
        if inside.strip() and not element[2].endswith("/"):  # what closes itself holds no text
            start = element.start(4)
            end = start + len(inside)
            label = next(
                (m[2] or m[3] or m[4] for m in _ATTRIBUTE.finditer(element[2]) if m[1].lower() == "name"), None
            )
            view = plain(text, start, end) if element[3] else views.markup(text, start, end)
            yield view, label or element[1], "key"  # Android's and Solr's <string name="…">
    for loose in _LOOSE_TEXT.finditer(text):
        if loose.lastindex is not None and loose[loose.lastindex].strip() and "&" in loose[loose.lastindex]:
            yield views.markup(text, *loose.span(loose.lastindex)), "", ""
    for tag in _TAG.finditer(text):
        yield from _attributes(text, tag.span(1))


def _attributes(text: str, span: Span) -> Iterator[Found]:
    found = [(one[1], one.span(one.lastindex or 2)) for one in _ATTRIBUTE.finditer(text, *span)]
    spans = {name.lower(): one for name, one in reversed(found)}
    label = next((text[slice(*spans[key])] for key in _LABELS if key in spans), None)
    for name, (start, end) in found:
        if end > start:
            view = views.markup(text, start, end)
            if label is not None and name.lower() in _VALUES:
                yield view, label, "any"
            else:
                yield view, name, "key"


# Escapes in a text of any kind

_WORD = pattern(r"[^\s\"'<>\\&=?#;]+")
_PERCENT = pattern(r"%[0-9A-Fa-f]{2}")
_BETWEEN_TAGS = pattern(r"[^<>\"'\r\n]+")
_REFERENCE = pattern(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|quot|apos|amp|lt|gt);")
_NAME_BEFORE = pattern(r"(?<!\\)\"([\w .-]{1,100})\"\s{0,20}:\s{0,20}\Z")


def _stretched(
    text: Text,
    unit: re.Pattern[str],
    sign: str,
    mark: re.Pattern[str],
    view: Callable[[str, int, int], Mapped],
    covered: Iterable[Span],
) -> Iterator[Layer]:
    taken = sorted(covered)
    starts = [start for start, _ in taken]
    found: list[Found] = []
    for start, end in _stretches(text.value, unit, sign, mark):
        at = bisect_right(starts, start) - 1
        if at < 0 or taken[at][1] < end:
            found.append((view(text.value, start, end), "", ""))
    if found:
        yield ViewsLayer(text, found)


def _stretches(text: str, unit: re.Pattern[str], sign: str, mark: re.Pattern[str]) -> Iterator[Span]:
    """Yield the units of a text that hold a mark; `sign` opens every mark and is looked for first."""
    done = 0
    while (at := text.find(sign, done)) >= 0:
        done = at + 1
        if mark.match(text, at) is None:
            continue
        start = at
        while start > 0 and unit.match(text[start - 1]):
            start -= 1
        found = unit.match(text, at)
        done = at + 1 if found is None else found.end()
        yield start, done


def _strings(text: str) -> Iterator[Found]:
    """Yield the strings in a text that is no JSON, but holds some, or code: those with escapes, under their names."""
    for string in views.STRING.finditer(text):
        if "\\" in string[1]:
            name = _NAME_BEFORE.search(text, max(0, string.start() - 140), string.start())
            yield views.json_string(text, *string.span(1)), "" if name is None else name[1], "key"
