"""Decoded texts, the layers that lead to them, and the way back.

A cassette is a tree: its scalars are texts, and a text may hold others under an encoding. A rule sees the
value of a text, which is decoded; what it finds becomes a `Replacement`, and each layer on the way to the
file writes that with its own escaping.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from cassette_cli.operations.redact.rules.rule import Rule

Span = tuple[int, int]
By = Literal["", "header", "key", "param", "cookie", "any"]
"""How a name stands: as a header's, a key's (of JSON, YAML, XML, multipart), in a query or form, as a cookie's."""
Kind = Literal["text", "url", "key", "number", "word", "form", "yaml", "binary", "comment", "again"]
"""What a text is: `number` and `word` (true, false, null) are bare values, `key` is the name in a mapping. `again` is a
text that was seen and stands under another name, too."""


_TELLING = 8
"""Characters from which on a value is the secret, and no chance."""


class Secret(NamedTuple):
    """A match judged secret: the rule that knew it, its clear value, and how it may be shown.

    `key` names the field that held it, "" where there is none. `where` are the steps to the text that holds it.
    `is_name` says that it stands in a name.
    """

    rule: Rule
    value: str
    masked: str
    key: str = ""
    where: tuple[str, ...] = ()
    is_name: bool = False

    def __repr__(self) -> str:
        """Leave out the value, which no log may hold."""
        return f"Secret({self.rule.name!r}, {self.masked!r})"

    @property
    def tells(self) -> bool:
        """Whether the value is a secret wherever it stands, and not under its name alone."""
        from cassette_cli.operations.redact.detect.values import is_sweepable

        known = bool(self.rule.pattern) or self.rule.of_user or is_sweepable(self.value)
        return known and len(self.value) >= _TELLING


class Replacement(NamedTuple):
    """`text[start:end]` becomes `new`; `masked` is what stands there in output that people see.

    `secrets` are those behind it: one, or, where a layer is encoded anew as a whole, all inside it.
    `whole` says that the span is such a layer.
    """

    start: int
    end: int
    new: str
    masked: str
    secrets: tuple[Secret, ...]
    whole: bool = False


def merged(found: Iterable[Replacement]) -> list[Replacement]:
    """Return replacements in order and without overlaps: the larger one stays, of equals the one that redacts."""
    kept: list[Replacement] = []
    for one in sorted(found, key=_rank):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            # Two that overlap hold one secret or two: all of it goes.
            last = kept[-1] if not kept[-1].whole else one
            kept[-1] = last._replace(start=kept[-1].start, end=one.end, secrets=kept[-1].secrets + one.secrets)
    return kept


def _rank(one: Replacement) -> tuple[int, int, bool, int]:
    """Order by place; of those at the same one, what redacts comes first, and what knows better where it is."""
    return one.start, -one.end, one.whole, -len(one.secrets[0].where) if one.secrets else 0


def replaced(text: str, found: Sequence[Replacement], *, masked: bool = False) -> str:
    """Return the text with the replacements made; `masked` for the text that people may see."""
    out: list[str] = []
    at = 0
    for one in found:
        out += (text[at : one.start], one.masked if masked else one.new)
        at = one.end
    return "".join([*out, text[at:]])


def enclosing(found: Sequence[Replacement], span: Span, new: str, masked: str) -> Replacement:
    """Return the replacement in an outer text that encodes an inner one anew."""
    return Replacement(*span, new, masked, tuple(secret for one in found for secret in one.secrets), whole=True)


class Excerpt:
    """Parts of a text, each behind a line break, and the way back to it; `spans` are these parts in their order."""

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        self.text = "\n".join(["", *(text[start:end] for start, end in spans)])
        self._spans = spans
        self._begins = [*accumulate((end - start + 1 for start, end in spans), initial=1)]

    def part(self, offset: int) -> int:
        """Return which part holds an offset of the excerpt."""
        return max(bisect_right(self._begins, offset, 0, len(self._spans)) - 1, 0)

    def place(self, offset: int) -> int:
        """Return where an offset of the excerpt is in the text."""
        part = self.part(offset)
        return offset - self._begins[part] + self._spans[part][0]


class Glance:
    """Says where in a text something may be, without taking it apart."""

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where there may be something in JSON, in frames of it, or in lines of headers, in no order."""
        raise NotImplementedError

    def of_file(self, text: str, *, is_json: bool) -> Iterator[Span]:
        """Yield where there may be something in a file of YAML or JSON, by the names of its entries too."""
        del is_json
        return self.spans(text)

    def tells(self, name: str) -> bool:
        """Say whether what stands under a name may be a secret by it."""
        del name
        return False


class Hits:
    """Where in a text something may be found; `spans` are these places in no order, and may overlap."""

    def __init__(self, spans: Iterable[Span]) -> None:
        found = sorted(spans)
        self._starts = [start for start, _ in found]
        self._ends = [*accumulate((end for _, end in found), max)]

    def touches(self, start: int, end: int) -> bool:
        """Say whether there may be something between two offsets."""
        before = bisect_left(self._starts, end) - 1
        return before >= 0 and self._ends[before] > start


class Piece(NamedTuple):
    """A text inside another, before anybody asks for more of it: `number` tells it from the others of its layer.

    `beside` are the names that stand beside its own.
    """

    value: str
    number: int
    name: str = ""
    by: By = ""
    kind: Kind = "text"
    beside: Sequence[str] = ()


class Layer:
    """A way from a text to the texts inside it, and back.

    `strict` says that the text is nothing but what holds them, so that rules do not look at it as it is written.
    `thorough` says that short names and numbers count, too.
    """

    strict = False
    depth = 0

    def __init__(self, text: "Text | None") -> None:
        self.text = text
        self.thorough: bool = text is not None and text.layer.thorough
        self.depth = 1 if text is None else text.layer.depth + 1
        self._children: dict[int, Text] = {}

    def pieces(self) -> Iterable[Piece]:
        """Return the texts inside, in order."""
        raise NotImplementedError

    def child(self, piece: Piece) -> "Text":
        """Return a text inside, always the same object."""
        found = self._children.get(piece.number)
        if found is None:
            found = self._children[piece.number] = Text(piece, self)
        return found

    def lift(self, child: "Text", found: Sequence[Replacement]) -> Iterator[tuple["Text", Replacement]]:
        """Yield replacements in a text inside as replacements in the texts around it."""
        raise NotImplementedError

    def step(self, child: "Text", start: int) -> str:
        """Return what leads to a text inside, for people; `start` is where in it something was found."""
        del child, start
        return ""

    def is_stream(self, piece: Piece) -> bool:
        """Say whether a text inside is a stream, whatever it looks like."""
        del piece
        return False

    # What the outermost layer alone knows

    def all_pieces(self) -> "Iterable[Piece]":
        """Return the texts, the same ones whenever it is asked for."""
        return self.pieces()

    def look_again(self, glance: Glance | None) -> None:
        """Take in the texts that were left out, where there may be something by a glance; None for all."""
        del glance

    def drop(self, number: int) -> None:
        """Let go of what was read of a text in which nothing was found."""
        text = self._children.pop(number, None)
        if text is not None:
            text.forget()

    def forget(self) -> None:
        """Let go of the texts inside."""
        children, self._children = self._children, {}
        for text in children.values():
            text.forget()

    def report(self, text: "Text", reason: str) -> None:
        """Take note that a text could not be looked into."""

    def interaction_of(self, number: int) -> int | None:
        """Return the interaction around a text."""
        del number
        return None

    def is_comment(self, text: "Text") -> bool:
        """Say whether what looks like a comment is one."""
        del text
        return True

    # What text around others knows

    def cuts(self, span: Span) -> bool:
        """Say whether a span of the outer text begins or ends inside an escape."""
        del span
        return False

    def writes(self, span: Span) -> Callable[[str], str] | None:
        """Return how new text is written at a span of the outer text, None where it stands as it is."""
        del span
        return None


class Text:
    """A decoded text and the layer that it was read through."""

    __slots__ = ("by", "kind", "layer", "layers", "name", "number", "value")

    def __init__(self, piece: Piece, layer: Layer) -> None:
        self.value = piece.value
        self.number = piece.number
        self.name = piece.name
        self.by: By = piece.by
        self.kind: Kind = piece.kind
        self.layer = layer
        self.layers: list[Layer] | None = None

    def forget(self) -> None:
        """Let go of the layers: they hold the text as it holds them, and would stay until garbage is collected."""
        layers, self.layers = self.layers, None
        for layer in layers or ():
            layer.forget()

    @property
    def root(self) -> "Text":
        """The text of the file that this one stands in."""
        text = self
        while text.layer.text is not None:
            text = text.layer.text
        return text

    def where(self, start: int) -> tuple[str, ...]:
        """Return the steps to a place in the text, for people."""
        steps: list[str] = []
        text = self
        while text.layer.text is not None:
            steps.append(text.layer.step(text, start))
            text = text.layer.text
            start = 0
        return tuple(step for step in reversed(steps) if step)
