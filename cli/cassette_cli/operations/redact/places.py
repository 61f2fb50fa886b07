"""The places of a cassette where text stands: bodies by the recorder's format, and every node besides.

What a format does not know is walked all the same, keys too, so that unknown fields, WebSocket frames
and recordings of anything are covered; YAML's comments, which hold no node, are read from the gaps.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from cassette_cli.formats import base
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette
from cassette_cli.model.storage import is_base64
from cassette_cli.operations.redact.leads import Leads
from cassette_cli.operations.redact.rules.table import By, Rule, fold, url_headers
from cassette_cli.source.nodes import Node
from cassette_cli.source.yaml.entries import Entries
from cassette_cli.streams.frames import Framed

Side = Literal["request", "response", ""]
Where = tuple["Where | None", str | int]
"""A path as links: what it hangs from, and the last step."""

_HEADERS = frozenset(map(fold, ("headers", "header", "trailer", "trailers", "request_headers", "response_headers",
                                "metadata", "http_headers", "extra_headers", "default_headers")))  # fmt: skip
_PARAMS = frozenset(map(fold, ("form", "params", "query", "queryString", "query_params", "formdata", "post_fields")))
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,11}://\S*\Z")  # not Link's <…>, nor several
_COMMENT = re.compile(r"#(?<![^ \t\r\n].)[^\r\n]*")
_BLOCK_OPENS = re.compile(r"\A(?:[!&][^\s]*\s+){0,3}[|>][-+0-9]*\s+")


@dataclass(slots=True)
class Place:
    """A text, and where it stands.

    `node` is the scalar that holds it, `offset` where it begins in the scalar's value; a body's place
    has its `body`, and a comment, which begins at `start` in the document, has neither. `rule` is that
    of the `name` it stands under, and `name_node` holds that name. `where` is for people.
    """

    kind: Literal["url", "header", "body", "node", "key", "comment"]
    text: str
    node: Node | None = None
    offset: int = 0
    name: str = ""
    rule: Rule | None = None
    interaction: int | None = None
    side: Side = ""
    where: str = ""
    body: Body | None = None
    framed: Framed | None = None
    start: int = 0
    name_node: Node | None = None

    @property
    def role(self) -> str:
        """What the whole text is, for the reader of texts."""
        if self.kind == "url" or (
            self.kind == "header" and _ADDRESS.match(self.text) and fold(self.name) in url_headers()
        ):
            return "url"
        if self.body is not None and "x-www-form-urlencoded" in self.body.content_type:
            return "form"
        return "text"


@dataclass(slots=True)
class Unscanned:
    """A part that could not be read, and why."""

    node: Node
    interaction: int | None
    where: str
    reason: str


class _Visit(NamedTuple):
    """A node to be walked, and the name that it stands under: as a header, a key, or in another way."""

    node: Node
    where: Where | None
    name: str
    by: By
    name_node: Node | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for outside of bodies: values by their names, and texts; `leads` is None to look everywhere."""

    rule_of: Callable[[By, str], Rule | None]
    touches: Callable[[str], bool]
    leads: Leads | None

    def is_in(self, visit: _Visit) -> bool:
        """Say whether to look into a node: one that holds no lead matters where it stands under a secret name."""
        node, _, name, by, _ = visit
        if node.kind == "scalar" or self.leads is None or by == "cookie" or self.leads.reach(node):
            return True
        return bool(name) and (self.rule_of(by, name) or self.rule_of("key", name)) is not None


class Survey:
    """One cassette's places; `chosen` are the interactions to look at, None for the whole file."""

    def __init__(self, cassette: Cassette, chosen: set[int] | None = None) -> None:
        self._cassette = cassette
        self._document = cassette.document
        self._chosen = chosen
        self._known: set[tuple[int, int]] = set()
        self._walked: set[tuple[int, int]] = set()
        self._urls: set[tuple[int, int]] = set()
        self._blocked: set[tuple[int, int]] = set()
        self._spans = sorted((one.node.start, one.node.end, one.index) for one in cassette.interactions)
        self._starts = [start for start, _, _ in self._spans]
        self.unscanned: list[Unscanned] = []
        self.bodies: list[Place] = []
        for interaction in cassette.interactions:
            request, response = interaction.request, interaction.response
            if request.url_node is not None:
                self._urls.add(request.url_node.span)
            self._body(interaction.index, "request", request.body)
            if response is not None:
                self._body(interaction.index, "response", response.body)

    def _body(self, index: int, side: Side, body: Body) -> None:
        node = body.node
        if node is None or (body.storage in ("parsed", "json") and node.kind != "scalar"):
            return
        if body.blocked is None:
            self._known.add(node.span)
            self._known.update(item.span for item in node.items)
        if self._chosen is None or index in self._chosen:
            place = Place("body", "", node, interaction=index, side=side, where=f"{side}.body", body=body)
            if self._read(place):
                self.bodies.append(place)

    def _read(self, place: Place) -> bool:
        """Read a body; report it, if it cannot be read."""
        body = place.body
        assert body is not None
        if body.blocked is not None:
            self._report(place, body.blocked.message)
            return False
        payload = body.payload
        place.text = payload if isinstance(payload, str) else payload.decode("latin-1")
        if unknown := body.unknown_coding:
            self._report(place, f"{unknown!r} is no content coding known here")
        return bool(place.text)

    def _report(self, place: Place, reason: str) -> None:
        assert place.node is not None
        if place.node.span not in self._blocked:
            self._blocked.add(place.node.span)
            self.unscanned.append(Unscanned(place.node, place.interaction, place.where, reason))

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Yield the spans between the bodies, each with the line break before it."""
        at = 0
        for start, end in sorted(self._known):
            if start > at:
                yield at, start
            at = max(at, end - 1)
        yield at, len(self._document.text)

    def others(self, wanted: Wanted) -> Iterator[Place]:
        """Yield the places outside of bodies that stand under a secret name, or hold something to look at."""
        seen: set[tuple[int, int, str, By, bool]] = set()
        known = self._walked = set(self._known)
        stack = [_Visit(root, None, "", "key", None) for root in reversed(self._document.roots)]
        while stack:
            visit = stack.pop()
            node = visit.node
            rule = wanted.rule_of(visit.by, visit.name) if visit.name else None
            if node.kind == "scalar":
                span = node.span
                if span in known:
                    continue
                if rule is not None or wanted.touches(node.value) or is_base64(node):
                    known.add(span)
                    yield from self._scalar(visit, rule)
                continue
            mark = (
                node.start,
                node.end,
                node.kind,
                visit.by,
                rule is not None,
            )  # an alias may stand under another name
            if mark in seen:
                continue
            seen.add(mark)
            if node.kind == "sequence":
                _, where, name, by, name_node = visit
                items = [_Visit(item, (where, number), name, by, name_node) for number, item in enumerate(node.items)]
                stack.extend(filter(wanted.is_in, reversed(items)))
            else:
                yield from self._mapping(visit, stack, wanted)

    def _mapping(self, visit: _Visit, stack: list[_Visit], wanted: Wanted) -> Iterator[Place]:
        pairs = self._pairs(visit, wanted)
        beside = _label(pairs) if len(pairs) <= 16 else None
        held = visit.name if visit.name and len(pairs) <= 6 and wanted.rule_of("key", visit.name) is not None else ""
        context: By = visit.by if not visit.name else "key"
        near = pairs
        if wanted.leads is not None and beside is None and not held and visit.by != "cookie":
            near = [pair for pair in pairs if wanted.leads.reach_pair(*pair)]
        for key, value in reversed(near):
            label = key.value if key.kind == "scalar" else "?"
            path: Where = (visit.where, label)
            if key.kind != "scalar":
                stack.append(_Visit(key, path, "", "key", None))
            elif len(label) > 15 and wanted.touches(label):
                yield from self._scalar(_Visit(key, path, "", "key", None), None, kind="key")
            below, under, name_node = context, label, key
            if value.kind != "scalar":
                below, under = (_container(label) if context == "key" else None) or (context, label)
                if not wanted.is_in(_Visit(value, path, under, below, name_node)):
                    continue
                if below == "header" and not under and self._is_odd(value):
                    yield from self._lines(value, path, wanted)
            elif label == "value" and beside is not None:
                below, under, name_node = context if context != "key" else "any", beside.value, beside
            elif beside is not None:
                below = "key"
            elif held and label in ("value", "secret", "token"):
                below, under = "key", held
            elif label == "token" and _is_of_text(pairs):
                under = ""
            if value.kind != "scalar" or self._matters(value, below, under, wanted):
                stack.append(_Visit(value, path, under, below, name_node))

    @staticmethod
    def _pairs(visit: _Visit, wanted: Wanted) -> list[tuple[Node, Node]]:
        """Return the pairs of a mapping; of headers, which stand for themselves, those alone in which a lead stands."""
        node, leads = visit.node, wanted.leads
        if leads is None or not isinstance(node, Entries) or visit.by == "cookie" or node.has("value"):
            return node.pairs
        is_held = bool(visit.name) and wanted.rule_of("key", visit.name) is not None
        return node.pairs if is_held else node.pairs_where(leads.between)

    def _matters(self, value: Node, by: By, name: str, wanted: Wanted) -> bool:
        """Say whether to visit a scalar: nearly all are done with here."""
        if value.span in self._walked:
            return False
        return (bool(name) and wanted.rule_of(by, name) is not None) or wanted.touches(value.value) or is_base64(value)

    @staticmethod
    def _is_odd(headers: Node) -> bool:
        """Say whether header lines stand in another shape than names and values: pairs, texts, tagged names."""
        if headers.kind == "sequence":
            return any(item.kind != "mapping" for item in headers.items[:1])
        if isinstance(headers, Entries):
            return False
        return any(key.kind != "scalar" or is_base64(key) for key, _ in headers.pairs)

    def _lines(self, headers: Node, path: Where, wanted: Wanted) -> Iterator[Place]:
        for line in base.headers(headers):
            if line.node is None or line.node.span in self._walked:
                continue
            self._walked.add(line.node.span)
            rule = wanted.rule_of("header", line.name)
            if rule is not None or wanted.touches(line.value):
                visit = _Visit(line.node, (path, line.name), line.name, "header", line.name_node)
                for place in self._scalar(visit, rule):
                    if place.body is None and place.text != line.value:
                        place.offset, place.text = max(place.text.rfind(line.value), 0), line.value
                    yield place

    def _scalar(self, visit: _Visit, rule: Rule | None, kind: Literal["node", "key"] = "node") -> Iterator[Place]:
        node = visit.node
        index, side, where = self._told(visit)
        if self._chosen is not None and index not in self._chosen:
            return
        place = Place(kind, node.value, node, 0, visit.name, rule, index, side, where, name_node=visit.name_node)
        if node.span in self._urls:
            place.kind, place.where, place.side = "url", "url", "request"
        elif visit.by == "header":
            place.kind = "header"
        if is_base64(node):
            place.kind, place.body = "body", Body(node, "base64")
            if self._read(place):
                yield place
        elif place.text and not node.is_null:
            yield place

    def place_of(self, node: Node) -> Place:
        """Return the place of a scalar that was reached otherwise than by walking to it."""
        return Place("node", node.value, node, interaction=self._index(node.start), where="a message")

    def _told(self, visit: _Visit) -> tuple[int | None, Side, str]:
        """Return interaction, side and path of a node, in terms of the recording where the format knows it."""
        steps = list(_steps(visit.where))
        index = self._index(visit.node.start)
        for number, step in enumerate(steps):
            if step in ("request", "response", "requests", "responses") and isinstance(step, str):
                side: Side = "request" if step.startswith("request") else "response"
                rest = steps[number + 1 :]
                if step.endswith("s") and rest and isinstance(rest[0], int):
                    index, rest = rest[0], rest[1:]
                if rest and rest[0] == "headers" and visit.by == "header":
                    return index, side, f"{side}.headers {visit.name.lower()}"
                return index, side, said((side, *rest))
        return index, "", said(tuple(steps))

    def _index(self, offset: int) -> int | None:
        """Return the interaction around a place in the text."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return None
        _, end, index = self._spans[at]
        return index if offset < end else None

    def comments(self, touches: Callable[[str], bool] = bool) -> Iterator[Place]:
        """Yield YAML's comments that hold something: what opens with `#` after a blank and stands in no scalar."""
        text = self._document.text
        if self._document.is_json or "#" not in text:
            return
        scalars: list[tuple[int, int]] | None = None
        starts: list[int] = []
        for match in _COMMENT.finditer(text):
            if not touches(match.group()):
                continue
            if scalars is None:
                scalars = self._scalars()
                starts = [start for start, _ in scalars]
            at = bisect_right(starts, match.start()) - 1
            if at >= 0 and match.start() < scalars[at][1] and not self._opens_block(scalars[at][0], match.start()):
                continue
            index = self._index(match.start())
            if self._chosen is None or index in self._chosen:
                yield Place("comment", match.group(), interaction=index, where="comment", start=match.start())

    def _scalars(self) -> list[tuple[int, int]]:
        spans: set[tuple[int, int]] = set()
        seen: set[tuple[int, int, str]] = set()
        stack = list(self._document.roots)
        while stack:
            node = stack.pop()
            if node.kind == "scalar":
                spans.add(node.span)
                continue
            mark = (node.start, node.end, node.kind)
            if mark not in seen:
                seen.add(mark)
                stack.extend(node.items)
                for key, value in node.pairs:
                    stack += (key, value)
        return sorted(spans)

    def _opens_block(self, start: int, at: int) -> bool:
        """Say whether a place is the comment behind a block scalar's `|`."""
        line = self._document.text[start:at]
        return "\n" not in line and _BLOCK_OPENS.fullmatch(line) is not None


@lru_cache(maxsize=4096)
def _container(label: str) -> tuple[By, str] | None:
    """Return how the names inside a collection are to be read, by its own name; None where that says nothing."""
    folded = fold(label) if len(label) < 30 else ""
    if folded in _HEADERS:
        return "header", ""
    if folded in _PARAMS:
        return "param", ""
    return ("cookie", "") if folded in ("cookies", "cookie") else None


def _label(pairs: list[tuple[Node, Node]]) -> Node | None:
    """Return the node of the name beside a value, as in `{name: …, value: …}`."""
    label, has_value = None, False
    for key, value in pairs:
        name = key.value
        if name == "value":
            has_value = True
        elif name in ("name", "key", "header") and value.kind == "scalar":
            label = value
    return label if has_value else None


def _is_of_text(pairs: list[tuple[Node, Node]]) -> bool:
    """Say whether a token is one of a text that a model tells the probability of."""
    return any(key.value in ("logprob", "bytes", "top_logprobs") for key, _ in pairs)


def _steps(where: Where | None) -> Iterator[str | int]:
    """Yield the steps of a path from its root."""
    found: list[str | int] = []
    while where is not None:
        found.append(where[1])
        where = where[0]
    return reversed(found)


def said(steps: tuple[str | int, ...]) -> str:
    """Return a path as people write it: `request.form.client_secret[0]`."""
    out = ""
    for step in steps:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else step
    return out
