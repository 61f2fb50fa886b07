"""What stands over several texts: a value or a token of which one text holds the beginning, and the next one the rest.

Each text is searched by itself, and the deltas of one field are joined. A secret that is written over two items of a
list, two header lines or two fields of a stream is in none of these. Nothing says how it would be replaced; so the
texts are joined in the order in which they stand, and what reaches over their ends is reported.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.own import Pattern, Values
from cassette_cli.operations.redact.detect.shapes import is_token
from cassette_cli.operations.redact.detect.values import is_sweepable
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.texts import joining
from cassette_cli.operations.redact.texts.text import Piece
from cassette_cli.streams.frames import Frame

_EDGE = 2048
"""Characters at either end of a text that are joined with the next one."""
_ELIDED = "\0"
_FULL = 1 << 15
"""Characters that are searched in one pass."""
_LEAST = 8
"""Characters from which on a value comes up over two texts by no chance."""
_MOST = 16
"""How many texts a token goes over."""
_KINDS = frozenset({"text", "url", "form", "yaml"})


class Seam(NamedTuple):
    """What a rule found over the ends of texts; `piece` holds its beginning."""

    piece: Piece
    rule: Rule


class Seams:
    """The texts of one scan, joined by the number of layers around them, and what reaches over their ends."""

    def __init__(self, detectors: Detectors, values: dict[str, Rule] | None = None) -> None:
        """Look for what the detectors look for; with `values` only for these."""
        named = detectors.values if values is None else values
        long = {value: rule for value, rule in named.items() if len(value) >= _LEAST}
        self._values = Values(long) if long else None
        self._patterns = [one for one in detectors.patterns if one.has_word] if values is None else []
        self._shapes = detectors.shapes if values is None else None
        self._chains: dict[int, list[tuple[str, Piece]]] = {}
        self._sizes: dict[int, int] = {}
        self._found: list[Seam] = []

    @classmethod
    def of(cls, detectors: Detectors, values: dict[str, Rule] | None = None) -> "Seams | None":
        """Return what looks over the ends of texts, None where the user named neither a value nor a pattern."""
        return cls(detectors, values) if detectors.values or detectors.patterns else None

    def add(self, depth: int, piece: Piece, root: Piece) -> None:
        """Take in the next text inside of so many layers; `root` is the text of the file that it stands in."""
        if piece.kind not in _KINDS or not piece.value:
            return
        value = piece.value
        if len(value) > 2 * _EDGE:
            value = value[:_EDGE] + _ELIDED + value[-_EDGE:]
        self._chains.setdefault(depth, []).append((value, root))
        size = self._sizes[depth] = self._sizes.get(depth, 0) + len(value)
        if size > _FULL:
            self._search(self._chains[depth])
            self._chains[depth] = _tail(self._chains[depth])
            self._sizes[depth] = 0

    def add_stream(self, frames: Sequence[Frame], root: Piece) -> None:
        """Take in a stream: what its frames say, whatever the field, and no id or type."""
        if len(frames) > 1:
            self._search([(text, root) for text in joining.across(frames)])

    def found(self) -> list[Seam]:
        """Return all that was found, once all texts were taken in."""
        for chain in self._chains.values():
            self._search(chain)
        self._chains.clear()
        return list(dict.fromkeys(self._found))

    def _search(self, chain: Sequence[tuple[str, Piece]]) -> None:
        texts = [text for text, _ in chain]
        if len(texts) < 2:
            return
        whole = "".join(texts)
        starts = [0, *accumulate(map(len, texts))]
        for match, pattern in self._named(whole):
            first, last = bisect_right(starts, match.start) - 1, bisect_right(starts, match.end - 1) - 1
            if first == last or _ELIDED in whole[match.start : match.end]:
                continue
            if pattern is not None:
                shares = [whole[starts[at] : min(starts[at + 1], match.end)] for at in range(first + 1, last + 1)]
                if any(map(_is_word, shares)) or any(map(pattern.occurs, texts[first : last + 1])):
                    continue  # it goes on into words that have nothing to do with it, or is found as it stands
            self._found.append(Seam(chain[first][1], match.rule))
        self._found += (Seam(chain[first][1], rule) for first, rule in self._tokens(texts))

    def _named(self, text: str) -> Iterator[tuple[Match, Pattern | None]]:
        """Yield what the user named, each with its pattern where there is one."""
        if self._values is not None:
            yield from ((match, None) for _, match in self._values.search([text]))
        for pattern in self._patterns:
            yield from ((match, pattern) for match in pattern.matches(text))

    def _tokens(self, texts: Sequence[str]) -> Iterator[tuple[int, Rule]]:
        """Yield the tokens that open at the end of a text, and are whole with the next ones alone."""
        if self._shapes is None:
            return
        for first, start in dict(self._shapes.openings(texts)).items():
            token = texts[first][start:]
            if next(self._shapes.find(token), None) is not None:
                continue
            for text in texts[first + 1 : first + 1 + _MOST]:
                token += text
                found = next(self._shapes.find(token[:_EDGE]), None)
                if found is not None and is_sweepable(token[found.start : found.end]):
                    yield first, found.rule
                if found is not None or not is_token(text):
                    break


def _is_word(text: str) -> bool:
    return text.replace("_", "").isalpha()


def _tail(chain: Sequence[tuple[str, Piece]]) -> list[tuple[str, Piece]]:
    """Return the texts at the end of a chain that what comes next may go on from."""
    size, at = 0, len(chain)
    while at > 0 and size < _EDGE:
        at -= 1
        size += len(chain[at][0])
    return list(chain[at:])
