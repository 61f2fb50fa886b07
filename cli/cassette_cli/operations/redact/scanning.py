"""The scan of one cassette: every text through every layer, the detectors over all of them, and a sweep."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from cassette_cli.model.http import Cassette
from cassette_cli.operations.redact.detect.detectors import Detectors, whole
from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.named import decode_basic
from cassette_cli.operations.redact.detect.own import Values
from cassette_cli.operations.redact.detect.prefilter import ValuesGlance
from cassette_cli.operations.redact.detect.values import is_placeholder, is_sweepable
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.seams import Seams
from cassette_cli.operations.redact.texts.document import DocumentLayer
from cassette_cli.operations.redact.texts.layers import DEEPEST, layers_of, may_hold
from cassette_cli.operations.redact.texts.streams import DeltasLayer, FramesLayer, MessagesLayer
from cassette_cli.operations.redact.texts.structured import JsonLayer, read_json
from cassette_cli.operations.redact.texts.text import Glance, Layer, Piece, Span, Text

_BATCH = 1 << 15
"""Characters that are searched in one pass."""
_ROOM = 1 << 20
_GROWTH = 32
"""How much more text a text may hold, layer over layer, than it is long: what unfolds without end is reported."""


@dataclass
class Plan:
    """What a run looks for, and what it writes instead."""

    detectors: Detectors
    placeholders: Placeholders


class Found(NamedTuple):
    """A match, and the text that it is in."""

    text: Text
    match: Match

    @property
    def value(self) -> str:
        """What was found, in clear."""
        return self.text.value[self.match.start : self.match.end]


@dataclass(slots=True)
class Scanned:
    """What a scan found, and what could not be looked into."""

    layer: Layer
    found: list[Found]
    own: tuple[str, ...]


class Scan:
    """One scan of the texts of a layer, and of all that they hold.

    `source` is the text that they stand in.
    """

    def __init__(self, plan: Plan, layer: Layer, source: str) -> None:
        self._detectors = plan.detectors
        self._own = plan.placeholders.standing(source)
        self._layer = layer
        layer.thorough = self._detectors.is_thorough
        if isinstance(layer, DocumentLayer):
            layer.glance = self._detectors.prefilter
        self._hosts = layer.hosts if isinstance(layer, DocumentLayer) else {}
        self._batch: list[tuple[Layer, Piece]] = []
        self._size = 0
        self._roots: list[int] = []
        self._reported: set[int] = set()
        self._found: list[Found] = []
        self._swept: Values | None = None
        self._prefilter: Glance | None = self._detectors.prefilter
        self._seams = Seams.of(self._detectors) if isinstance(layer, DocumentLayer) else None

    @classmethod
    def of(cls, plan: Plan, cassette: Cassette, chosen: set[int] | None = None) -> "Scan":
        """Make the scan of a cassette; `chosen` are the interactions to look at, None for the whole file."""
        return cls(plan, DocumentLayer(cassette, chosen), cassette.document.text)

    def run(self, known: dict[str, Rule] | None = None) -> Scanned:
        """Look for everything; what is found in one place and opaque is then looked for in all the others.

        `known` are values that an earlier scan found.
        """
        self._pass()
        values = {**harvest(self._found), **(known or {})}
        if values:
            self._swept = Values(values)
            self._prefilter = ValuesGlance.of(values)
            self._seams = Seams.of(self._detectors, values) if self._seams is not None else None
            self._layer.look_again(self._prefilter)
            self._pass()
        return Scanned(self._layer, self._found, self._own)

    def finds_nothing(self) -> bool:
        """Say whether there is nothing to find, and all could be looked into; it ends with the first thing found."""
        self._pass(to_first=True)
        return not self._found and not (isinstance(self._layer, DocumentLayer) and self._layer.unscanned)

    def _pass(self, *, to_first: bool = False) -> None:
        for piece in self._layer.all_pieces():
            self._room = _ROOM + _GROWTH * len(piece.value)
            self._roots.append(piece.number)
            self._root = piece
            self._take(self._layer, (piece,), 0)
            if self._seams is not None and isinstance(self._layer, DocumentLayer):
                self._seams.add_stream(self._layer.frames(piece), piece)
            if self._size > _BATCH:
                self._search()
            if to_first and self._found:
                return
        self._search()
        if self._seams is not None:
            self._report_seams(self._seams)

    def _report_seams(self, seams: Seams) -> None:
        """Report what stands over the ends of several texts, unless it was found as deltas that say it together."""
        spread = {one.match.rule for one in self._found if isinstance(one.text.layer, DeltasLayer | MessagesLayer)}
        for piece, rule in seams.found():
            if rule not in spread:
                self._report(self._layer.child(piece), f"{rule.name} stands over several texts, and is not replaced")

    def _take(self, layer: Layer, pieces: Iterable[Piece], depth: int) -> None:
        """Look at texts, and at those inside them."""
        named = self._detectors.named if self._swept is None else None
        for piece in pieces:
            clean = self._is_clean(layer, piece)
            spans = None if clean else self._glance_at(layer, piece)
            strict = clean or (spans is not None and not spans)
            if not strict and (may_hold(piece) or (depth == 0 and layer.is_stream(piece))):
                strict = self._look_inside(layer.child(piece), depth, spans)
            if piece.name and named is not None:
                for match in named(piece, self._own):
                    self._found.append(Found(layer.child(piece), match))
            if not strict and piece.value and piece.kind != "again":
                self._batch.append((layer, piece))
                self._size += len(piece.value)
            if self._seams is not None and (clean or not strict) and not self._layer.is_stream(self._root):
                self._seams.add(depth, piece, self._root)

    def _is_clean(self, layer: Layer, piece: Piece) -> bool:
        """Say whether a long text was searched before, of this cassette or another, and held nothing."""
        return len(piece.value) >= _LONG and self._swept is None and self._key(layer, piece) in self._detectors.clean

    def _glance_at(self, layer: Layer, piece: Piece) -> Sequence[Span] | None:
        """Return where there may be something in a text that looks like JSON; None for anywhere."""
        prefilter, text = self._prefilter, piece.value
        if prefilter is None or piece.kind != "text" or len(text) < _LEAST_JSON or text[0] not in "{[":
            return None
        if layer is self._layer and layer.is_stream(piece):
            return None
        spans = [*islice(prefilter.spans(text), _MOST_SPANS)]
        if len(spans) == _MOST_SPANS or (not spans and "\\" in text and read_json(text) is None):
            return None
        return spans

    def _pieces(self, text: Text, layer: Layer, spans: Sequence[Span] | None) -> Iterable[Piece]:
        """Return the texts of a layer, without those in which nothing can be found."""
        if self._prefilter is not None and isinstance(layer, FramesLayer):
            return layer.pieces_at(self._prefilter.spans(text.value))
        if self._prefilter is not None and spans is not None and isinstance(layer, JsonLayer):
            return layer.pieces_at(spans, self._prefilter.tells)
        return layer.pieces()

    def _look_inside(self, text: Text, depth: int, spans: Sequence[Span] | None) -> bool:
        """Look at the texts inside another; say whether that is nothing but what holds them.

        `spans` are where in it there may be something, None for all of it.
        """
        strict = False
        for layer in layers_of(text, lambda reason: self._report(text, reason)):
            strict |= layer.strict
            pieces = self._pieces(text, layer, spans)
            self._room -= sum([len(piece.value) for piece in pieces])
            if self._room < 0 or depth >= DEEPEST:
                self._report(text, "encoded more often than is looked into")
            else:
                self._take(layer, pieces, depth + 1)
        if strict and self._swept is None and self._detectors.is_thorough:
            self._look_at(text)
        return strict

    def _report(self, text: Text, reason: str) -> None:
        self._reported.add(text.root.number)
        self._layer.report(text.root, reason)

    def _search(self) -> None:
        """Search the texts that were gathered, and let go of those in which nothing was found."""
        batch = self._batch
        pieces = [piece for _, piece in batch]
        found: Iterable[tuple[int, Match]]
        if self._swept is None:
            found = self._detectors.in_texts(pieces, lambda number: self._host_of(*batch[number]), self._own)
        else:
            swept = self._swept.search([piece.value for piece in pieces])
            found = ((number, match._replace(is_swept=True)) for number, match in swept)
        for number, match in found:
            layer, piece = batch[number]
            if piece.kind not in _BARE or len(piece.value) == match.end - match.start or not match.is_swept:
                self._found.append(Found(layer.child(piece), match))
        kept = {one.text.root.number for one in self._found} | self._reported
        if self._swept is None:
            self._remember(batch, kept)
        self._batch, self._size = [], 0
        for number in self._roots:
            if number not in kept:
                self._layer.drop(number)
        self._roots = []

    def _remember(self, batch: Sequence[tuple[Layer, Piece]], kept: set[int]) -> None:
        """Take note of long texts in which nothing was found: prompts come again and again in a suite's cassettes."""
        for layer, piece in batch:
            if len(piece.value) >= _LONG and _root_number(layer, piece) not in kept:
                self._detectors.clean.add(self._key(layer, piece))

    def _key(self, layer: Layer, piece: Piece) -> tuple[str, ...]:
        return piece.value, piece.kind, self._host_of(layer, piece), *self._own

    def _host_of(self, layer: Layer, piece: Piece) -> str:
        return self._hosts.get(self._layer.interaction_of(_root_number(layer, piece)), "")

    # What the user named, in texts that are nothing but what holds others

    def _look_at(self, text: Text) -> None:
        detectors = self._detectors
        for layer in text.layers or ():
            if isinstance(layer, JsonLayer):
                self._look_at_words(layer)
                self._look_across(text, layer)
                if detectors.paths and (text.layer is self._layer or isinstance(text.layer, FramesLayer)):
                    self._look_at_paths(layer)

    def _look_at_words(self, layer: JsonLayer) -> None:
        """Take true and false under a key that the user named."""
        keys = self._detectors.keys
        if not keys:
            return
        for number, (node, path) in enumerate(layer.words):
            name = next((step for step in reversed(path) if isinstance(step, str)), "")
            rule = keys.get(name) if name and node.tag == "bool" else None
            if rule is not None:
                text = layer.child(Piece(node.value, -1 - number, name, "key", "word"))
                self._found.append(Found(text, Match(0, len(text.value), rule, name)))

    def _look_across(self, text: Text, layer: JsonLayer) -> None:
        """Take what a pattern knows by the JSON around it, as in `"pin": "(.+)"`; report what spans several."""
        for pattern in self._detectors.patterns:
            inside = [span for piece in layer.pieces() for span in pattern.matches(piece.value)]
            for match in pattern.matches(text.value):
                try:
                    held = layer.holding((match.start, match.end))
                except ValueError:
                    continue
                if held is not None:
                    self._found.append(Found(held[0], Match(*held[1], match.rule)))
                elif not inside:
                    self._layer.report(text.root, f"{match.rule.name} matches more than a string or a number of JSON")

    def _look_at_paths(self, layer: JsonLayer) -> None:
        for path, rule in self._detectors.paths:
            for root in layer.roots:
                for node in path.scalars(root):
                    text = layer.text_of(node)
                    for match in whole(text.value, rule, "", "", self._own):
                        self._found.append(Found(text, match))


_LONG = 256
"""Characters of a text that takes longer to search than to remember."""
_MOST_SPANS = 30
"""Places in a text from which on it is quicker to look at all of it."""
_LEAST_JSON = 200
"""Characters of JSON that it takes longer to read than to look over."""


def _root_number(layer: Layer, piece: Piece) -> int:
    return piece.number if layer.text is None else layer.text.root.number


_BARE = ("number", "word")
_PORT = re.compile(r":\d+\Z")


def harvest(found: Iterable[Found]) -> dict[str, Rule]:
    """Return the values worth looking for everywhere, each with the rule that knew it first."""
    values: dict[str, Rule] = {}
    for one in found:
        if one.match.rule.level in ("secrets", "ids"):
            for value in _worth(one.value):
                values.setdefault(value, one.match.rule)
    return values


def _worth(value: str) -> Iterator[str]:
    if is_sweepable(value):
        yield value
    plain = decode_basic(value)
    if plain is not None:
        password = plain.partition(":")[2]
        if is_sweepable(password) and not is_placeholder(password):
            yield password
