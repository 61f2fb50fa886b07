"""The values that are compared: what stands for the absent and the binary, paths to values, and what texts hold.

Apart from the comparison, so that `cassette textconv` loads no more than this.
"""

import fnmatch
import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from cassette_cli.model.body import Body
from cassette_cli.operations.json_path import JsonPath, Where
from cassette_cli.source.later import pattern


class _Absent:
    """The type of `ABSENT`; None is a legal JSON value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""What stands for a value that one side does not have."""


class Index(NamedTuple):
    """A step into a list: the position on either side, None where only the other side has the item.

    `label` says what the item is: a message's role, a tool's name.
    """

    old: int | None
    new: int | None
    label: str = ""

    def mirrored(self) -> "Index":
        """Return the step as seen from the other side."""
        return Index(self.new, self.old, self.label)

    def __str__(self) -> str:
        if self.old == self.new or self.old is None or self.new is None:
            return f"[{self.new if self.old is None else self.old}]"
        return f"[{self.old}→{self.new}]"


Step = str | Index
Path = tuple[Step, ...]

PARSED: Final = "(json)"
"""The step from a string to the JSON that it holds."""


def keys_of(path: Path) -> tuple[str | None, str | None]:
    """Return the nearest key of a path and the one before it, passing over positions."""
    keys = [step for step in path if isinstance(step, str) and step != PARSED]
    return (keys[-1] if keys else None), (keys[-2] if len(keys) > 1 else None)


def path_text(path: Path, *, root: str = "$", positions: bool = True) -> str:
    """Return a path as people write JSON paths, with the labels of list items: `$.messages[1] (user).content`.

    Without `positions` list items are their labels alone: `$.messages[user].content`.
    """
    out = root
    for step in path:
        if isinstance(step, Index):
            place = f"{step} ({step.label})" if step.label else str(step)
            out += place if positions else f"[{step.label}]"
        elif step == PARSED:
            out += f" {PARSED}"
        elif step.replace("_", "").replace("-", "").isalnum():
            out += f".{step}" if out else step
        else:
            out += f'["{step}"]'
    return out


class Blob(NamedTuple):
    """What stands for a binary value: its type, its size in bytes and its SHA-256, in hexadecimal."""

    media_type: str
    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.media_type or 'binary'}, {self.size} bytes, sha256 {self.sha256[:12]}"


_NUMBERS = 16
"""Lists of more numbers than this are vectors: they differ as a whole."""
_ENDS = pattern(r"[\n.!?…。！？](?:(?<=\n)|[.!?…。！？]*[\"'”’)\]]*(?=\s)[ \t]*)")


def plain(body: Body) -> str | Blob:
    """Return a body as text, or what stands for its bytes."""
    payload = body.payload
    return payload if isinstance(payload, str) else blob(payload, body.content_type)


def blob(data: bytes, content_type: str) -> Blob:
    """Return what stands for binary data."""
    import hashlib

    from cassette_cli.model import media

    kind = media.describe(data, content_type) or content_type
    return Blob(kind, len(data), hashlib.sha256(data).hexdigest())


def is_vector(value: list[Any]) -> bool:
    """Say whether a list is a vector of numbers, such as an embedding."""
    return len(value) > _NUMBERS and all(isinstance(item, int | float) for item in value)


def parsed(text: str) -> Any:
    """Return the JSON object or list that a string holds, None where it holds none."""
    if text[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def sentences(text: str) -> list[str]:
    """Cut a text into its sentences and lines; joined they are the text."""
    ends = [match.end() for match in _ENDS.finditer(text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)] if text else []


class Named:
    """What a user names: headers and JSON keys, without case and as globs, and JSON paths that begin with `$`.

    `option` is what the user gave them to. Raises `UsageError` for a path that is none.
    """

    def __init__(self, rules: Iterable[str], option: str = "--ignore") -> None:
        self._names: list[str] = []
        self._paths: list[JsonPath] = []
        for rule in rules:
            if rule.startswith("$"):
                self._paths.append(JsonPath(rule, option))
            else:
                self._names.append(rule.lower())

    def __bool__(self) -> bool:
        return bool(self._names or self._paths)

    def __call__(self, path: Path) -> bool:
        """Say whether a path is named, by itself or by what holds it."""
        names = [step.lower() for step in path if isinstance(step, str)]
        if any(fnmatch.fnmatchcase(name, rule) for rule in self._names for name in names):
            return True
        if not self._paths:
            return False
        where: Where = [
            step if isinstance(step, str) else tuple(at for at in step[:2] if at is not None)
            for step in path
            if step != PARSED
        ]
        return any(rule.holds(where) for rule in self._paths)
