"""What sessions over a WebSocket share: sound by type and seconds, and the usage of several responses."""

import re
from typing import Any

from cassette_cli.model.message import Choice, Part
from cassette_cli.providers.blocks import choice_of

_SAMPLES = re.compile(r"(?:rate=|pcm16_)(\d{4,6})")
_BYTES_A_SECOND = {"pcmu": 8000, "ulaw": 8000, "pcma": 8000, "alaw": 8000}
"""Of G.711 in its two laws, by the ending of its name."""


def sound(media_type: str, size: int, transcript: str = "", *, rate: int = 24000) -> Part:
    """Describe sound by its type, its size in bytes and, where the type tells it, its length in seconds.

    16-bit PCM has the type's own sample rate, else `rate`.
    """
    found = _SAMPLES.search(media_type)
    per_second: int | None = _BYTES_A_SECOND.get(media_type[-4:])
    if per_second is None and "pcm" in media_type:
        samples = int(found[1]) if found else rate
        media_type, per_second = f"audio/pcm;rate={samples}", 2 * samples
    seconds = round(size / per_second, 3) if per_second else None
    return Part(
        "audio", transcript, media_type=media_type or None, size=size or None, seconds=seconds if size else None
    )


def add_usage(total: dict[str, Any], usage: dict[str, Any]) -> dict[str, Any]:
    """Return two usage objects as one: numbers are added, of all else the last counts."""
    made = dict(total)
    for key, value in usage.items():
        known = made.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            made[key] = add_usage(known, value)
        elif _is_number(value) and _is_number(known):
            made[key] = known + value
        elif value is not None or known is None:
            made[key] = value
    return made


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def response_of(index: int, parts: list[Part], finish: str | None) -> Choice:
    """Return a response of a session as a choice, whose text is what it wrote and what it said."""
    choice = choice_of(parts, "assistant", finish)
    choice.index = index
    choice.text = "".join([part.text for part in parts if part.kind in ("text", "audio")])
    return choice
