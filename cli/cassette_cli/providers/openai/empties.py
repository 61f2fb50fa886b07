"""Which chunks of an OpenAI-like stream carry nothing, so that no SDK and no reader can tell them away."""

from collections.abc import Callable, Container, Sequence
from typing import Any

from cassette_cli.providers.deltas import between, shows_words
from cassette_cli.providers.values import index_of, is_vacant, obj, objects
from cassette_cli.streams.frames import Frame

_ENVELOPE = frozenset(
    ("id", "object", "created", "model", "system_fingerprint", "service_tier", "provider", "choices",
     "obfuscation", "p")
)  # fmt: skip


def empty_chunks(
    frames: Sequence[Frame], delta_of: Callable[[dict[str, Any]], Any], known: tuple[str, ...]
) -> list[int]:
    """Apply the rule to chunks whose choices hold, beside the `known` keys, what `delta_of` returns."""
    found: dict[int, None] = {}
    seen = _Seen(frames, found, delta_of)
    for i in between(frames):
        if frames[i].fields or shows_words(frames[i]):
            continue
        chunk = frames[i].object
        seen.end = i
        # Most chunks have a delta that tells: it is looked at before the envelope.
        if all(_adds_nothing(*delta, seen) for delta in _deltas(chunk, delta_of)) and _is_bare(chunk, known):
            found[i] = None
    return list(found)


def _deltas(chunk: dict[str, Any], delta_of: Callable[[dict[str, Any]], Any]) -> list[tuple[int, Any]]:
    return [(index_of(choice), delta_of(choice)) for choice in objects(chunk.get("choices"))]


class _Seen:
    """The keys that choices have had before `end`, in chunks that stay: `(index, key)`, and `(index, "")` for any.

    Chunks are read no further than it takes to find a key, and nearly always the first one has it.
    """

    def __init__(
        self, frames: Sequence[Frame], found: Container[int], delta_of: Callable[[dict[str, Any]], Any]
    ) -> None:
        self.end = 0
        self._frames = frames
        self._found = found
        self._delta_of = delta_of
        self._keys: set[tuple[int, str]] = set()
        self._read = 0

    def __contains__(self, key: tuple[int, str]) -> bool:
        while key not in self._keys and self._read < self.end:
            if self._read not in self._found:
                self._add(self._frames[self._read])
            self._read += 1
        return key in self._keys

    def _add(self, frame: Frame) -> None:
        for index, delta in _deltas(frame.object, self._delta_of):
            self._keys.add((index, ""))
            self._keys.update((index, key) for key, value in obj(delta).items() if value is not None)


def _is_bare(chunk: dict[str, Any], known: tuple[str, ...]) -> bool:
    """Say whether a chunk has choices, and nothing besides the envelope and their deltas."""
    choices = chunk.get("choices")
    if not isinstance(choices, list) or len(objects(choices)) != len(choices):
        return False
    if any(key not in _ENVELOPE and not is_vacant(value) for key, value in chunk.items()):
        return False
    return all(is_vacant(value) for choice in choices for key, value in choice.items() if key not in known)


def _adds_nothing(index: int, delta: Any, seen: _Seen) -> bool:
    """Say whether a delta changes nothing; one may be the only sign of its choice, hence `(index, "")`."""
    if not isinstance(delta, dict) or (index, "") not in seen:
        return False
    for key, value in delta.items():
        if key == "role":
            if value and (index, "role") not in seen:
                return False
        elif not is_vacant(value) or (value is not None and (index, key) not in seen):
            return False
    return True
