"""What skips a text quickly: a look at it as it is written says where in it anything may be found by any rule.

JSON, a stream's frames or a block of headers is not taken apart where none of its names holds a secret, no word in
it names one, no token's shape matches, and nothing is encoded: no escape, no reference, no base64 of a text. Whatever
could hide something makes it worth a look; so what is skipped would have been searched in vain.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import accumulate

from cassette_cli.operations.redact.detect import commands
from cassette_cli.operations.redact.detect.assignments import named_words
from cassette_cli.operations.redact.detect.names import Kind, beside_rule, name_rule
from cassette_cli.operations.redact.detect.shapes import ShapeDetector
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.texts.packing import packed_places
from cassette_cli.operations.redact.texts.structured import container, read_json
from cassette_cli.operations.redact.texts.text import Excerpt, Glance, Span
from cassette_cli.source.later import pattern

_KINDS: tuple[Kind, ...] = ("json", "header", "query")
_MOST_NAMES = 100_000
_MOST_LINES, _LONG_LINE = 20_000, 1_000
_LONG = 1 << 20
_ENCODED = tuple(
    pattern(text)  # each opens with a character that is looked for at the speed of reading
    for text in (
        r"%[0-9A-Fa-f]{2}",
        r"&(?:#|[A-Za-z]{2,8};)",
        r"<[A-Za-z_]",
        r"\\(?![nrt\"])",
        r"://[^\s\"'<>`\\]{0,600}?@",
        r"form-data",
        r"kty",
    )
)
_PLAIN_ESCAPE = pattern(r"\\[nrt\"]")
_KEY = pattern(r"\"([^\"]{1,100}+)\"\s*+:")
_ENDS_PARAM = pattern(r"[=&?#;\s\"]")
_ARGUMENT = pattern(r"\"-+([^\"]{1,100}+)\"\s*+,")
_PAIR = pattern(r"\[\s*+\"([A-Za-z-]{3,60}+)\"\s*+,")
_BESIDE_VALUE = pattern(r"\"(?:name|key|header|field)\"\s*+:\s*+\"([^\"]{1,100}+)\"")
_STRING = pattern(r"\"(?=([^\"\\\n]{1,100}+)\")")  # its end may open one: after a long string, or an empty one
_ENTRY = pattern(r"\n[ -]*+([^\s:][^\n:]{0,101}+):(?=\s|\Z)")
_ONE_WORD = pattern(r"[!#-%(-.0-;=?-~]+")
_SIGNS = {rf"\u{ord(sign):04{case}}": sign.rjust(6, "\0") for sign in "&<>'" for case in "xX"}
"""What writers of JSON escape for HTML's sake, and what stands for it here: as long, and part of no word."""


class WrittenGlance(Glance):
    """Looks at a text as it is written, where nothing is encoded; whatever is encoded may be something."""

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where there may be something in JSON, in frames of it, or in lines of headers, in no order."""
        if "\\u00" in text:
            for written, sign in _SIGNS.items():
                text = text.replace(written, sign)
        for encoded in _ENCODED:
            yield from (one.span() for one in encoded.finditer(text))
        if "\\" not in text:
            yield from self._plain(text)
            return
        plain = text
        for written, sign in (("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ('\\"', '"')):
            plain = plain.replace(written, sign)
        escapes: list[int] = []
        for start, end in self._plain(plain):
            escapes = escapes or [one.start() - number for number, one in enumerate(_PLAIN_ESCAPE.finditer(text))]
            yield start + bisect_left(escapes, start), end + bisect_left(escapes, end)

    def _plain(self, text: str) -> Iterator[Span]:
        """Yield where there may be something in a text in which no character is encoded."""
        raise NotImplementedError

    def is_dull(self, text: str) -> bool:
        """Say whether there is nothing in a text, be it JSON or not."""
        return next(self.spans(text), None) is None and ("\\" not in text or read_json(text) is not None)


class ValuesGlance(WrittenGlance):
    """Says where some values may stand in a text; none of them has a blank or a quote."""

    def __init__(self, values: Collection[str]) -> None:
        self._values = values

    @classmethod
    def of(cls, values: Collection[str]) -> "ValuesGlance | None":
        """Return what finds some values, None where one may be written in several ways without an escape."""
        return cls(values) if all(map(_ONE_WORD.fullmatch, values)) else None

    def _plain(self, text: str) -> Iterator[Span]:
        for value in self._values:
            at = text.find(value)
            while at >= 0:
                yield at, at + len(value)
                at = text.find(value, at + 1)
        yield from packed_places(text)


def _names(pattern: re.Pattern[str], text: str) -> Iterable[str]:
    """Return the names that a pattern finds; those of a long text are not all held, though that takes longer."""
    return pattern.findall(text) if len(text) < _LONG else (one[1] for one in pattern.finditer(text))


class Prefilter(WrittenGlance):
    """Says where in a text any of the rules may find something; `counts` says which rules are asked for."""

    def __init__(self, shapes: ShapeDetector, counts: Callable[[Rule], bool]) -> None:
        self._shapes = shapes
        self._counts = counts
        self._tells: dict[str, bool] = {}
        self._dull_lines: dict[bool, set[str]] = {True: set(), False: set()}
        """Those of JSON, where a name may be a line, and those of YAML."""

    def of_file(self, text: str, *, is_json: bool) -> Iterator[Span]:
        """Yield where there may be something in a file of YAML or JSON, by the names of its entries too.

        Lines of headers come again and again: those in which there is nothing are remembered, and left out.
        """
        lines, dull = text.split("\n"), self._dull_lines[is_json]
        starts = accumulate((len(line) + 1 for line in lines), initial=0)
        new = [(start, start + len(line)) for start, line in zip(starts, lines, strict=False) if line not in dull]
        rest = Excerpt(text, new)
        telling: set[int] = set()
        for start, end in self._of_lines(rest.text, is_json=is_json):
            telling.update(range(rest.part(start), rest.part(end - 1) + 1))
            yield rest.place(start), rest.place(end - 1) + 1
        if len(dull) > _MOST_LINES:
            dull.clear()
        seen = [text[start:end] for start, end in new if end - start < _LONG_LINE]
        dull.update(set(seen).difference(text[slice(*new[at])] for at in telling))

    def _of_lines(self, text: str, *, is_json: bool) -> Iterator[Span]:
        yield from self.spans(text)
        names = _STRING if is_json else _ENTRY  # headers may be a list of names and values
        if telling := {name for name in set(names.findall(text)) if self._is_telling(name.strip("'\""))}:
            yield from (one.span(1) for one in names.finditer(text) if one[1] in telling)

    def _is_telling(self, name: str) -> bool:
        """Say whether a name says something of what stands under it, or beside it."""
        return name == "value" or self.tells(name)

    def _plain(self, text: str) -> Iterator[Span]:
        yield from self._named(text)
        words: dict[str, list[int]] = {}
        yield from named_words(text, words)
        if words:
            yield from commands.places(text, words)
        yield from self._shapes.places(text)
        yield from packed_places(text)

    def _named(self, text: str) -> Iterator[Span]:
        """Yield where a name may hold a secret."""
        patterns = [_KEY]
        patterns += [_ARGUMENT] if '"-' in text else []
        patterns += [_PAIR] if "[" in text else []
        params = [*_params(text)]
        names = {name for one in patterns for name in _names(one, text)}
        if "value" in names:
            patterns.append(_BESIDE_VALUE)
            names.update(_BESIDE_VALUE.findall(text))
        names.update(name for name, _ in params)
        telling = set(filter(self.tells, names))
        if "code" in names and beside_rule("code", names) is not None:
            telling.add("code")
        if telling:
            yield from (span for name, span in params if name in telling)
            for named in patterns:
                yield from (one.span() for one in named.finditer(text) if one[1] in telling)

    def tells(self, name: str) -> bool:
        """Say whether what stands under a name may be a secret by it."""
        found = self._tells.get(name)
        if found is None:
            if len(self._tells) > _MOST_NAMES:
                self._tells.clear()
            rules = (name_rule(name.replace("+", " "), kind) for kind in _KINDS)
            is_rule = any(one is not None and self._counts(one.rule) for one in rules)
            found = self._tells[name] = is_rule or name == "key" or container(name) == "cookie"
        return found


def _params(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the names that stand before a sign of equality, as in a query, a form or a cookie."""
    at = text.find("=")
    while at >= 0:
        name = _ENDS_PARAM.split(text[max(0, at - 128) : at])[-1]
        if name:
            yield name, (at - len(name), at + 1)
        at = text.find("=", at + 1)
