"""Recorded JSON, read with care: whatever a value is, each function returns the type that it promises.

The media in it are shown by type and size, never decoded.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from cassette_cli.model.message import Part, PartKind, Turn

T = TypeVar("T")


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects of a list, or nothing if the value is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def obj(value: Any) -> dict[str, Any]:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """Return the value if it is a string, else the empty string."""
    return value if isinstance(value, str) else ""


def index_of(item: dict[str, Any], key: str = "index") -> int:
    """Return the item's index, 0 where it is missing or no whole number."""
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def as_text(value: Any) -> str:
    """Return a string as it is and any other JSON value as compact JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def is_vacant(value: Any) -> bool:
    """Say whether a JSON value carries nothing: null, "", [] or {}."""
    return value is None or value in ("", [], {})


class ByIndex(Generic[T]):
    """Parts of several things, interleaved in one stream and told apart by an index.

    Iterates in the order of the indices where all are numbers, else in order of arrival.
    """

    __slots__ = ("_items", "_make")

    def __init__(self, make: Callable[[], T]) -> None:
        self._items: dict[Any, T] = {}
        self._make = make

    def __getitem__(self, index: Any) -> T:
        try:
            return self._items[index]
        except KeyError:
            item = self._items[index] = self._make()
            return item

    def __contains__(self, index: Any) -> bool:
        return index in self._items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return (item for _, item in self.items())

    def items(self) -> Iterator[tuple[Any, T]]:
        """Yield (index, item) in the order of iteration."""
        if all(isinstance(key, int) for key in self._items):
            return iter(sorted(self._items.items()))
        return iter(self._items.items())


def decoded_size(base64_text: str) -> int:
    """Return how many bytes a base64 text stands for."""
    text = base64_text.rstrip("=\r\n ")
    return len(text) * 3 // 4


def media(kind: PartKind, base64_text: str, media_type: str | None, name: str | None = None) -> Part:
    """Describe bytes that are inline as base64."""
    return Part(kind, media_type=media_type, size=decoded_size(base64_text), name=name, encoded=base64_text or None)


def data_url(kind: PartKind, address: str, name: str | None = None) -> Part:
    """Describe what a URL points to; the bytes of a `data:` URL (RFC 2397) are measured."""
    if not address.startswith("data:"):
        return Part(kind, url=address or None, name=name)
    head, _, data = address[5:].partition(",")
    media_type = head.partition(";")[0] or None
    is_base64 = head.endswith(";base64")
    size = decoded_size(data) if is_base64 else len(data)
    return Part(kind, media_type=media_type, size=size, name=name, encoded=data if is_base64 else None)


def prompt_turns(prompt: Any) -> list[Turn]:
    """Return the one turn of a request that is a prompt, none where the prompt is empty."""
    return [] if is_vacant(prompt) else [Turn("user", [Part("text", as_text(prompt))])]


_ROLES = {"model": "assistant", "function": "tool"}


def turn_of(role: str, parts: list[Part]) -> Turn:
    """Return a turn under the role that most providers name; it is the tool's if it holds tool results alone."""
    if parts and all(part.kind == "tool_result" for part in parts):
        role = "tool"
    return Turn(_ROLES.get(role, role), parts)
