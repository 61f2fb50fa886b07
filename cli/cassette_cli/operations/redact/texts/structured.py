"""JSON and YAML inside a text: every name and every scalar is a text of its own, and goes back as one.

JSON is read twice: quickly, for the strings, and again with the places of its nodes where something was
found. Both readings number names, strings and numbers in the order of the text.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from cassette_cli.errors import CassetteError
from cassette_cli.model.depth import MAX_DEPTH
from cassette_cli.operations.redact.detect.names import BY_COMPANY, name_rule
from cassette_cli.operations.redact.texts.text import By, Kind, Layer, Piece, Replacement, Span, Text
from cassette_cli.operations.redact.texts.views import json_string
from cassette_cli.source import json as spans
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Replace, spliced
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node

Step = str | int

_LEAST_NUMBER = 4
LEAST_TEXT = 8
"""Characters of a text that may be a secret by its looks; a shorter one is one by its name alone."""
_FEW = 16
"""Items of a list of numbers that may be secrets: a vector has more."""
_DEEPEST = 190
_HEADERS = frozenset("headers header trailer trailers requestheaders responseheaders metadata httpheaders extraheaders "
                     "defaultheaders".split())  # fmt: skip
_PARAMS = frozenset("form params query querystring queryparams formdata postfields".split())
_NAMING = ("name", "key", "header", "field")
_HELD = ("value", "secret", "token", "key")
_SPECIAL = frozenset(("value", "secret", "token", "key"))
"""Names whose values may stand under another name."""
_PROBABLE = ("logprob", "bytes", "prob", "top_logprobs")
_OF_SECRET = ("data", "stringData")
"""What holds the values of a Secret of Kubernetes."""
_FOLDED = str.maketrans("", "", "_- .")


class Below(NamedTuple):
    """How the names and values inside a collection are to be read."""

    by: By = "key"
    beside: tuple[str, By] | None = None
    held: str = ""
    of_text: bool = False


@lru_cache(maxsize=4096)
def is_named(label: str) -> bool:
    """Say whether a value may be a secret by a name, however that stands."""
    return label in _HELD or label in BY_COMPANY or any(name_rule(label, kind) for kind in ("json", "header", "query"))


@lru_cache(maxsize=4096)
def is_telling(label: str) -> bool:
    """Say whether a name may hold a secret itself: it is long, and no name in words."""
    return len(label) > _LONGEST_WORD and (len(label) > _LONGEST_NAME or not _IN_WORDS.fullmatch(label))


_LONGEST_WORD, _LONGEST_NAME = 11, 30
_IN_WORDS = pattern(r"[A-Za-z_$.][A-Za-z_$. -]*\d{0,2}")


@lru_cache(maxsize=4096)
def container(label: str) -> By | None:
    """Return how the names inside a collection are to be read, by its own name; None where that says nothing."""
    folded = label.lower().translate(_FOLDED) if len(label) < 30 else ""
    if folded in _HEADERS:
        return "header"
    if folded in _PARAMS:
        return "param"
    return "cookie" if folded in ("cookies", "cookie") else None


def below(labels: Sequence[str], beside: str | None, name: str, by: By) -> Below:
    """Return how to read a mapping: `labels` are its names, `beside` the text under one that names a value beside it.

    `name` and `by` are those of the mapping itself.
    """
    own: By = by if not name else "key"
    if len(labels) > 16:
        return Below(own)
    pair: tuple[str, By] | None = None
    if beside is not None and "value" in labels:
        pair = beside, own if own != "key" else "any"
    held = name if name and len(labels) <= 6 and pair is None else ""
    return Below(own, pair, held, of_text=any(one in labels for one in _PROBABLE))


def named(label: str, inside: Below) -> tuple[str, By]:
    """Return the name that a scalar stands under, and how that stands: its label, as a rule."""
    if label == "value" and inside.beside is not None:
        return inside.beside
    if label == "token" and inside.of_text:
        return "", ""
    if inside.held and label in _HELD and name_rule(inside.held, "json") is not None:
        return inside.held, "key"  # {"client_secret": {"value": …}}
    return label, inside.by if inside.beside is None else "key"


def said(steps: Sequence[Step]) -> str:
    """Return a path as people write it: `$.users[0].pin`; names that are no plain words are a star."""
    out = "$"
    for step in steps if len(steps) <= _DEEPEST else ():
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            out += f".{step}" if _PLAIN.fullmatch(step) else "[*]"
    return out


_PLAIN = pattern(r"[A-Za-z_][\w-]{0,39}", re.ASCII)


class _Pairs(tuple[tuple[str, Any], ...]):
    """An object of JSON, names that stand twice included."""

    __slots__ = ()


class _Number(str):
    """A number of JSON, as it is written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False
)
_BLANK = pattern(r"[ \t\r\n\ufeff]*")
_TOKEN = pattern(r"(?s)\"[^\"\\]*+(?>(?:\\.[^\"\\]*+)*)(?:\"|\\?\Z)|-?(?:\d[\d.eE+-]*+|Infinity|NaN)")
"""A name, string or number of JSON."""


def read_json(text: str) -> list[Any] | None:
    """Return the values of a JSON text, one after the other; None where it is no JSON."""
    values = []
    at = _BLANK.match(text).end()  # type: ignore[union-attr]  # it matches anything
    try:
        while at < len(text):
            value, at = _DECODER.scan_once(text, at)  # type: ignore[attr-defined]
            values.append(value)
            at = _BLANK.match(text, at).end()  # type: ignore[union-attr]
    except (StopIteration, ValueError, RecursionError):
        return None
    return values


class TooDeepError(ValueError):
    """JSON that nests deeper than it can be edited."""


class JsonLayer(Layer):
    """A text that is JSON. Raises `TooDeepError`."""

    strict = True

    def __init__(self, text: Text, values: list[Any]) -> None:
        super().__init__(text)
        self._source = text.value
        self._pieces: list[Piece] | None = self._read(values)

    def pieces(self) -> list[Piece]:
        """Return names, strings and numbers."""
        found = self._pieces if self._pieces is not None else self._read(read_json(self._source) or [])
        self._pieces = None  # they are as large as the text
        return found

    def pieces_at(self, spans: Iterable[Span], tells: Callable[[str], bool]) -> list[Piece]:
        """Return those that spans of the text reach into, and those whose names tell."""
        pieces = self.pieces()
        starts = [one.start() for one in _TOKEN.finditer(self._source)]
        if len(starts) != self._count:
            return pieces
        reached: set[int] = set()
        for start, end in spans:
            reached.update(range(max(bisect_right(starts, start) - 1, 0), bisect_left(starts, end)))
        return [
            piece
            for piece in pieces
            if piece.number in reached or piece.by == "cookie" or piece.name in BY_COMPANY or tells(piece.name)
        ]

    def _read(self, values: list[Any]) -> list[Piece]:
        found: list[Piece] = []
        self._count = self._level = 0
        for value in values:
            self._value(value, "", "key", found)
        return found

    def _value(self, value: Any, name: str, by: By, found: list[Piece]) -> None:
        kind = type(value)
        if kind is str:
            found.append(Piece(value, self._count, name, by))
            self._count += 1
        elif kind is _Number:
            found.append(Piece(value, self._count, name, by, "number"))
            self._count += 1
        elif kind is list or kind is _Pairs:
            if self._level >= MAX_DEPTH:
                raise TooDeepError
            self._level += 1
            if kind is list:
                self._list(value, name, by, found)
            else:
                self._object(value, name, by, found)
            self._level -= 1

    def _list(self, items: list[Any], name: str, by: By, found: list[Piece]) -> None:
        numbers = self.thorough or (bool(name) and len(items) <= _FEW)
        flag = ""
        for item in items:
            kind = type(item)
            named_by, flag = flag, item if kind is str and item[:1] == "-" else ""
            if kind is _Number:
                if numbers:
                    found.append(Piece(item, self._count, name, by, "number"))
                self._count += 1
            elif kind is list and len(item) == 2 and _is_header(item):  # [["Authorization", "Bearer …"], …]
                found.append(Piece(item[0], self._count, "", "key"))
                found.append(Piece(item[1], self._count + 1, item[0], "header"))
                self._count += 2
            elif kind is str and named_by and not flag:  # ["--password", "…"], the arguments of a command
                self._value(item, named_by.lstrip("-"), "key", found)
            else:
                self._value(item, name, by, found)

    def _object(self, pairs: _Pairs, name: str, by: By, found: list[Piece]) -> None:
        labels = [label for label, _ in pairs]
        own: By = "key" if name else by
        inside = None
        if not _SPECIAL.isdisjoint(labels):
            beside = next((v for k, v in pairs if k in _NAMING and type(v) is str), None) if "value" in labels else None
            inside = below(labels, beside, name, by)
        thorough = self.thorough
        for label, value in pairs:
            if thorough or is_telling(label):
                found.append(Piece(label, self._count, "", "", "key"))
            self._count += 1
            kind = type(value)
            if kind is str:
                if thorough or len(value) >= LEAST_TEXT or is_named(label):
                    under = (label, own) if inside is None else named(label, inside)
                    found.append(Piece(value, self._count, *under, "text", labels))
                self._count += 1
            elif kind is _Number:
                if thorough or (len(value) >= _LEAST_NUMBER and is_named(label)):
                    found.append(Piece(value, self._count, label, own, "number"))
                self._count += 1
            elif kind is list or kind is _Pairs:
                held = container(label) if own == "key" else None
                if kind is _Pairs and label in _OF_SECRET and ("kind", "Secret") in pairs:
                    self._secret(value, found)
                elif held is not None:
                    self._value(value, "", held, found)
                else:
                    self._value(value, label, own, found)

    def _secret(self, pairs: _Pairs, found: list[Piece]) -> None:
        """Take what a Secret of Kubernetes holds: all of it is one, whatever its name."""
        for label, value in pairs:
            found.append(Piece(label, self._count, "", "", "key"))
            self._count += 1
            self._value(value, "secret", "key", found)

    @cached_property
    def roots(self) -> list[Node]:
        """The nodes of the JSON; spans count characters behind a byte order mark."""
        return spans.compose(self._source.removeprefix("\ufeff"))

    def text_of(self, node: Node) -> Text:
        """Return the text of a scalar."""
        if node.tag in ("bool", "null"):
            number = next(number for number, (one, _) in enumerate(self.words) if one is node)
            return self.child(Piece(node.value, -1 - number, "", "key", "word"))
        return self.numbered(self._by_start[node.start])

    @cached_property
    def _by_start(self) -> dict[int, int]:
        return {node.start: number for number, (node, _) in enumerate(self.nodes)}

    @cached_property
    def nodes(self) -> list[tuple[Node, tuple[Step, ...]]]:
        """The nodes of all names, strings and numbers in the order of the text, each with its path."""
        return list(_walked(self.roots, ("str", "int", "float"), names=True))

    @cached_property
    def words(self) -> list[tuple[Node, tuple[Step, ...]]]:
        """The nodes of true, false and null with their paths."""
        return list(_walked(self.roots, ("bool", "null")))

    def at(self, path: Sequence[Step]) -> Text | None:
        """Return the text of the string at a path, None where there is none."""
        number = self._by_path.get(tuple(path))
        return None if number is None else self.numbered(number)

    @cached_property
    def _by_path(self) -> dict[tuple[Step, ...], int]:
        return {path: number for number, (node, path) in enumerate(self.nodes) if path[-1:] != (_NAME,)}

    def numbered(self, number: int) -> Text:
        """Return the text with a number."""
        node, path = self.nodes[number]
        kind: Kind = "key" if path[-1:] == (_NAME,) else "text" if node.tag == "str" else "number"
        return self.child(Piece(node.value, number, "", "key", kind))

    def holding(self, span: Span) -> tuple[Text, Span] | None:
        """Return the string, name or number that holds a span of the JSON, and the span in it.

        None where the span reaches out of it. Raises `ValueError` for one that cuts an escape, and so is none.
        """
        shift = 1 if self._source.startswith("\ufeff") else 0
        start, end = span[0] - shift, span[1] - shift
        number = bisect_right(self._node_starts, start) - 1
        if number < 0 or self.nodes[number][0].end < end:
            return self._holding_word(start, end)
        node = self.nodes[number][0]
        if node.tag != "str":
            return self.numbered(number), (start - node.start, end - node.start)
        if start == node.start or end == node.end:
            return None
        view = json_string(self._source, node.start + 1 + shift, node.end - 1 + shift)
        if view.cuts(span[0]) or view.cuts(span[1]):
            raise ValueError("inside an escape")
        return self.numbered(number), (view.inner(span[0]), view.inner(span[1]))

    def _holding_word(self, start: int, end: int) -> tuple[Text, Span] | None:
        for number, (node, _) in enumerate(self.words):
            if node.start <= start and end <= node.end and node.tag == "bool":
                text = self.child(Piece(node.value, -1 - number, "", "key", "word"))
                return text, (start - node.start, end - node.start)
        return None

    @cached_property
    def _node_starts(self) -> list[int]:
        return [node.start for node, _ in self.nodes]

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield replacements in a string, a name or a number as replacements in the JSON."""
        assert self.text is not None
        node, _ = self._node(child)
        shift = 1 if self._source.startswith("\ufeff") else 0
        start, end = node.start + shift, node.end + shift
        if node.tag == "str":
            for one in json_string(self._source, start + 1, end - 1).lift(found):
                yield self.text, one
            return
        yield self.text, bare(node, start, found)

    def _node(self, child: Text) -> tuple[Node, tuple[Step, ...]]:
        return self.words[-1 - child.number] if child.number < 0 else self.nodes[child.number]

    def step(self, child: Text, start: int) -> str:
        """Return the path to a string."""
        del start
        _, path = self._node(child)
        return said(path[:-2] if path[-1:] == (_NAME,) else path) if path else ""


def _is_header(pair: list[Any]) -> bool:
    name, value = pair
    return type(name) is type(value) is str and 3 <= len(name) <= 60 and name.replace("-", "").isalpha()


def bare(node: Node, start: int, found: Sequence[Replacement]) -> Replacement:
    """Return the replacement of a number or a word as a whole: what it becomes is a string."""
    new, masked = (
        json.dumps(spliced(node.value, [(one.start, one.end, one.masked if shown else one.new) for one in found]))
        for shown in (False, True)
    )
    secrets = tuple(secret for one in found for secret in one.secrets)
    return Replacement(start, start + len(node.value), new, masked, secrets)


_NAME = "\0"
"""The step from a mapping's name to itself, which no value has."""


def _walked(
    roots: Sequence[Node], tags: Sequence[str], *, names: bool = False
) -> Iterator[tuple[Node, tuple[Step, ...]]]:
    """Yield the scalars of such tags in the order of the text."""
    stack: list[tuple[Node, tuple[Step, ...]]] = [(root, ()) for root in reversed(roots)]
    while stack:
        node, path = stack.pop()
        if node.kind == "scalar":
            if (path[-1:] == (_NAME,) and names) or (path[-1:] != (_NAME,) and node.tag in tags):
                yield node, path
        elif node.kind == "sequence":
            stack.extend((item, (*path, number)) for number, item in reversed(list(enumerate(node.items))))
        else:
            for key, value in reversed(node.pairs):
                stack += ((value, (*path, key.value)), (key, (*path, key.value, _NAME)))


_WHOLE = "\0whole"
"""The name of a mapping in which all is secret."""


class YamlLayer(Layer):
    """A text that is YAML: the body of a Kubernetes API, or of a settings service."""

    strict = True

    def __init__(self, text: Text, document: Document) -> None:
        super().__init__(text)
        self._document = document
        self._nodes: list[tuple[Node, tuple[Step, ...]]] = []

    @classmethod
    def read(cls, text: Text) -> "YamlLayer | None":
        """Read a text; None where it is no YAML that holds more than a scalar."""
        try:
            document = Document(text.value.encode("utf-8"), is_json=False)
        except (CassetteError, UnicodeEncodeError):
            return None
        if not any(root.kind != "scalar" for root in document.roots) or document.has_bom:
            return None
        return cls(text, document)

    def pieces(self) -> list[Piece]:
        """Return names and scalars."""
        self._nodes = []
        found: list[Piece] = []
        seen: set[int] = set()
        for root in self._document.roots:
            self._walk(root, (), ("", "key"), found, seen)
        return found

    def _walk(
        self, node: Node, path: tuple[Step, ...], name: tuple[str, By], found: list[Piece], seen: set[int]
    ) -> None:
        if node.kind == "scalar":
            kind: Kind = "text" if node.tag == "str" else "number"
            found.append(Piece(node.value, len(self._nodes), *name, kind))
            self._nodes.append((node, path))
            return
        if node.identity in seen or len(path) > _DEEPEST:
            return
        seen.add(node.identity)
        for number, item in enumerate(node.items):
            self._walk(item, (*path, number), name, found, seen)
        labels = [key.value for key, _ in node.pairs]
        beside = next((v.value for k, v in node.pairs if k.value in _NAMING and v.kind == "scalar"), None)
        inside = below(labels, beside, *name)
        for key, value in node.pairs:
            if key.kind == "scalar":
                found.append(Piece(key.value, len(self._nodes), "", "", "key"))
                self._nodes.append((key, (*path, key.value)))
            own = container(key.value) if inside.by == "key" and value.kind != "scalar" else None
            under = named(key.value, inside) if value.kind == "scalar" else (key.value, inside.by)
            if name[0] == _WHOLE:
                under = "secret", "key"
            elif key.value in _OF_SECRET and any(k.value == "kind" and v.value == "Secret" for k, v in node.pairs):
                own, under = None, (_WHOLE, "key")
            self._walk(value, (*path, key.value), ("", own) if own else under, found, seen)

    def lift(self, child: Text, found: Sequence[Replacement]) -> Iterator[tuple[Text, Replacement]]:
        """Yield the replacement of the scalar that holds replacements, written by the grammar of YAML."""
        from cassette_cli.source.splicing import splice

        assert self.text is not None
        node, _ = self._nodes[child.number]
        changes = [
            splice(self._document, [Replace(node, parts)]).changes
            for parts in (
                tuple((one.start, one.end, one.new) for one in found),
                tuple((one.start, one.end, one.masked) for one in found),
            )
        ]
        if not all(changes):
            return
        start = min(change[0] for made in changes for change in made)
        end = max(change[1] for made in changes for change in made)
        new, masked = (spliced(self._document.text, made, within=(start, end)) for made in changes)
        yield self.text, Replacement(start, end, new, masked, tuple(s for one in found for s in one.secrets))

    def step(self, child: Text, start: int) -> str:
        """Return the path to a scalar."""
        del start
        return said(self._nodes[child.number][1])
