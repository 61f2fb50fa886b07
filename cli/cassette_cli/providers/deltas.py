"""What the rules for empty deltas share: which frames they look at, and which of them can go."""

from collections.abc import Callable, Collection, Hashable, Sequence

from cassette_cli.source.later import pattern
from cassette_cli.streams.frames import NOT_JSON, Frame


def redundant(
    frames: Sequence[Frame], empty: Sequence[int], places_of: Callable[[Frame], Collection[Hashable]]
) -> list[int]:
    """Return the empty deltas, of those numbered, beside which another delta of the same place stays.

    `places_of` returns where a frame adds text, as (block, kind of text), and nothing for what is no
    delta. Clients see by its only delta that a text is there at all, so the first one stays.
    """
    candidates = frozenset(empty)
    others = (number for number in range(len(frames)) if number not in candidates)
    shown: set[Hashable] = set()
    found = []
    for number in empty:
        places = frozenset(places_of(frames[number]))
        if not places <= shown and number + 1 < len(frames) and number + 1 not in candidates:
            shown.update(places_of(frames[number + 1]))  # Nearly always it is the next one.
        while not places <= shown and (other := next(others, None)) is not None:
            shown.update(places_of(frames[other]))
        if places <= shown:
            found.append(number)
        else:
            shown |= places
    return found


def is_done(frame: Frame) -> bool:
    """Say whether the frame is the `[DONE]` that closes OpenAI-like streams."""
    return frame.data.strip() == "[DONE]"


_WORDS = pattern(r'"(?:content|text|arguments|reasoning|reasoning_content|thinking|response)"\s*:\s*"[^"]')


def shows_words(frame: Frame) -> bool:
    """Say whether the frame's text has a field of words that is not "": it is not empty, and need not be parsed for it.

    Inside a string the quotes around the field's name would be escaped, so that it is a field for sure.
    """
    return _WORDS.search(frame.data) is not None


def json_positions(frames: Sequence[Frame]) -> list[int]:
    """Return the indices of the frames whose data is a JSON object."""
    return [i for i, frame in enumerate(frames) if isinstance(frame.json, dict)]


def between(frames: Sequence[Frame]) -> range:
    """Return the indices between the first and the last of the frames whose data is a JSON object."""
    count = len(frames)
    first = next((i for i in range(count) if isinstance(frames[i].json, dict)), count)
    last = next((i for i in range(count - 1, first, -1) if isinstance(frames[i].json, dict)), first)
    return range(first + 1, last)


def is_unreadable(frame: Frame) -> bool:
    """Say whether a frame looks like JSON but does not parse."""
    return frame.data[:1] in ("{", "[") and frame.json is NOT_JSON and not is_done(frame)
