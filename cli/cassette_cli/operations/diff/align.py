"""Which interaction of one recording is which of the other: by method, URL and request body.

Requests that are equal but for what is volatile are paired first; those that kept their order are the frame, the
others moved. Between them, what is most alike is paired; what is left was removed or added.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from cassette_cli.operations.diff import sequence
from cassette_cli.operations.diff.json_compare import canonical, likeness
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.volatile import generated
from cassette_cli.source.later import pattern

_LEAST = 0.45
_MOVED = 0.8
_BOUNDARY = pattern(r"boundary=\"?([^\";,]+)", re.IGNORECASE)
_SEGMENT = pattern(r"[^/?&=,:]+")


@dataclass
class Candidate:
    """A reading of one side, and what it is recognised by."""

    reading: Reading
    masks: dict[str, str] = field(default_factory=dict)

    @cached_property
    def where(self) -> str:
        """Method and URL, with the identifiers in it masked."""
        request = self.reading.interaction.request
        return f"{request.method.upper()} {masked_url(request.url)}"

    @property
    def payload(self) -> str | bytes:
        """The decoded request body."""
        return self.reading.interaction.request.body.payload

    @cached_property
    def body(self) -> str | bytes:
        """The request body without what is volatile."""
        payload = self.payload
        if not isinstance(payload, str) or not payload:
            return payload
        if payload not in self.masks:
            self.masks[payload] = self._masked(payload)
        return self.masks[payload]

    def _masked(self, payload: str) -> str:
        value = self.reading.interaction.request.body.json
        if value is not None:
            try:
                return canonical(value, "request")
            except RecursionError:
                return payload
        return without_boundary(payload, self.reading.interaction.request.headers.get("content-type"))

    @property
    def status(self) -> int | None:
        """The status of the answer."""
        response = self.reading.interaction.response
        return None if response is None else response.status


def masked_url(url: str) -> str:
    """Return a URL with its made-up identifiers masked; the query's order does not count."""
    base, mark, query = url.partition("?")
    masked = _masked(base)
    if not mark:
        return masked
    return f"{masked}?{'&'.join(sorted(_masked(item) for item in query.split('&')))}"


def _masked(text: str) -> str:
    return _SEGMENT.sub(lambda match: "*" if generated(match.group()) else match.group(), text)


def without_boundary(payload: str, content_type: str) -> str:
    """Return a multipart body with its random boundary replaced by a fixed one."""
    match = _BOUNDARY.search(content_type)
    return payload.replace(match[1], "boundary") if match else payload


class AlignedPair(NamedTuple):
    """One line of an alignment; None where a side has no counterpart."""

    old: int | None
    new: int | None
    moved: bool = False


def align(old: list[Reading], new: list[Reading]) -> list[AlignedPair]:
    """Pair the interactions of two recordings; every one occurs exactly once."""
    masks: dict[str, str] = {}
    left = [Candidate(reading, masks) for reading in old]
    right = [Candidate(reading, masks) for reading in new]
    if len(left) == len(right) == 1 and left[0].where == right[0].where:
        return [AlignedPair(0, 0)]  # whatever the bodies: the place alone is likeness enough, and there is no other
    pairs = dict(_equal(left, right))
    matched = sorted(pairs.items())
    kept = sequence.rising([b for _, b in matched])
    frame = [pair for at, pair in enumerate(matched) if at in kept]
    moved = {a for at, (a, _) in enumerate(matched) if at not in kept}
    taken = set(pairs.values())
    words: dict[str, set[bytes]] = {}

    def score(a: int, b: int) -> float:
        return _alike(left[a], right[b], words)

    at = (-1, -1)
    rest: tuple[list[int], list[int]] = ([], [])
    for a, b in [*frame, (len(left), len(right))]:
        gone = [i for i in range(at[0] + 1, a) if i not in pairs]
        come = [i for i in range(at[1] + 1, b) if i not in taken]
        for x, y in sequence.best(gone, come, score, _LEAST):
            if x is not None and y is not None:
                pairs[x] = y
                taken.add(y)
            elif x is not None:
                rest[0].append(x)
            elif y is not None:
                rest[1].append(y)
        at = (a, b)
    for x, y in _far(rest[0], rest[1], score):
        pairs[x] = y
        taken.add(y)
        moved.add(x)
    out = [AlignedPair(a, b, a in moved) for a, b in pairs.items()]
    out += [AlignedPair(a, None) for a in range(len(left)) if a not in pairs]
    return out + [AlignedPair(None, b) for b in range(len(right)) if b not in taken]


def _equal(left: list[Candidate], right: list[Candidate]) -> list[tuple[int, int]]:
    """Pair equal requests, as recorded, then but for what is volatile; repeats by status and in order."""
    pairs: list[tuple[int, int]] = []
    rest = (list(range(len(left))), list(range(len(right))))
    for exact in (True, False):
        groups: dict[tuple[str, str | bytes], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for which, sides in enumerate((left, right)):
            for i in rest[which]:
                groups[sides[i].where, sides[i].payload if exact else sides[i].body][which].append(i)
        found = []
        for olds, news in groups.values():
            found += _repeats(olds, news, left, right) if olds and news else []
        pairs += found
        done = ({a for a, _ in found}, {b for _, b in found})
        rest = ([i for i in rest[0] if i not in done[0]], [i for i in rest[1] if i not in done[1]])
    return pairs


def _repeats(olds: list[int], news: list[int], left: list[Candidate], right: list[Candidate]) -> list[tuple[int, int]]:
    """Pair requests that were sent several times: all of them in order, or those with the same status first."""
    if len(olds) == len(news):
        return list(zip(olds, news, strict=True))
    statuses = [str(left[i].status) for i in olds], [str(right[i].status) for i in news]
    runs = sequence.equal_runs(*statuses)
    pairs = [(olds[a + i], news[b + i]) for a, b, size in runs for i in range(size)]
    for gone, come in sequence.gaps(runs, len(olds), len(news)):
        pairs += [(olds[a], news[b]) for a, b in zip(gone, come, strict=False)]
    return pairs


def _far(gone: list[int], come: list[int], score: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """Pair what is left when it is nearly the same, however far it moved."""
    if not gone or not come or len(gone) * len(come) > 10_000:
        return []
    ranked = sorted((-score(a, b), a, b) for a in gone for b in come)
    pairs: list[tuple[int, int]] = []
    seen: tuple[set[int], set[int]] = (set(), set())
    for negative, a, b in ranked:
        if -negative >= _MOVED and a not in seen[0] and b not in seen[1]:
            pairs.append((a, b))
            seen[0].add(a)
            seen[1].add(b)
    return pairs


def _alike(old: Candidate, new: Candidate, words: dict[str, set[bytes]]) -> float:
    """Score two interactions from 0 to 1."""
    url = _url_alike(old.where, new.where)
    if url == 0:
        return 0.0
    a, b = old.body, new.body
    if not a and not b:
        return url
    binary = isinstance(a, bytes) or isinstance(b, bytes)
    body = (1.0 if a == b else 0.3) if binary else likeness(str(a), str(b), words)
    return 0.45 * url + 0.55 * body


def _url_alike(old: str, new: str) -> float:
    """Score two methods with URLs: the same one, one with another query, the same path elsewhere, or parts of it."""
    if old == new:
        return 1.0
    methods = old.partition(" ")[0] == new.partition(" ")[0]
    a, b = _parts(old), _parts(new)
    if a == b:
        same = 0.85
    elif a[1] == b[1]:
        same = 0.6
    else:
        left, right = set(a[1].split("/")) - {""}, set(b[1].split("/")) - {""}
        share = 2 * len(left & right) / (len(left) + len(right)) if left or right else 0.0
        same = 0.6 * share if a[0] == b[0] else 0.4 * share
    return same if methods else same * 0.4


def _parts(where: str) -> tuple[str, str]:
    url = where.partition(" ")[2].partition("?")[0]
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.netloc.lower(), parts.path
