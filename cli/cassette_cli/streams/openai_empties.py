"""Which chunks of an OpenAI-like stream carry nothing, so that no SDK and no reader can tell them away."""

from collections.abc import Callable, Sequence
from typing import Any

from cassette_cli.streams.base import index_of, is_vacant, json_positions, obj, objects
from cassette_cli.streams.frames import Frame

_ENVELOPE = frozenset(
    ("id", "object", "created", "model", "system_fingerprint", "service_tier", "provider", "choices",
     "obfuscation", "p")
)  # fmt: skip


def empty_chunks(
    frames: Sequence[Frame], delta_of: Callable[[dict[str, Any]], Any], known: tuple[str, ...]
) -> list[int]:
    """Apply the rule to chunks whose choices hold, beside the `known` keys, what `delta_of` returns."""
    positions = json_positions(frames)
    found = []
    seen: set[tuple[int, str]] = set()
    for i in positions:
        chunk = frames[i].object
        inner = i not in (positions[0], positions[-1]) and not frames[i].fields
        deltas = [(index_of(choice), delta_of(choice)) for choice in objects(chunk.get("choices"))]
        # Most chunks have a delta that tells: it is looked at before the envelope.
        if inner and all(_adds_nothing(index, delta, seen) for index, delta in deltas) and _is_bare(chunk, known):
            found.append(i)
        else:
            for index, delta in deltas:
                seen.add((index, ""))
                seen.update((index, key) for key, value in obj(delta).items() if value is not None)
    return found


def _is_bare(chunk: dict[str, Any], known: tuple[str, ...]) -> bool:
    """Say whether a chunk has choices, and nothing besides the envelope and their deltas."""
    choices = chunk.get("choices")
    if not isinstance(choices, list) or len(objects(choices)) != len(choices):
        return False
    if any(key not in _ENVELOPE and not is_vacant(value) for key, value in chunk.items()):
        return False
    return all(is_vacant(value) for choice in choices for key, value in choice.items() if key not in known)


def _adds_nothing(index: int, delta: Any, seen: set[tuple[int, str]]) -> bool:
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
