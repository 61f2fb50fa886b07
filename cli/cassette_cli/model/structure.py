"""Bodies that stand as a structure in place of their text: YAML or JSON nodes to JSON text, and back.

Written by serializers that projects give VCR.py (`parsed_body`, first in pydantic-ai's
`tests/json_body_serializer.py`) and by cassetter (`body: {type: json, content: …}`). PyYAML writes the
former, so plain scalars are read by its rules, YAML 1.1, where they differ from those of YAML 1.2.
"""

import json
import math
import re
from typing import Any

from cassette_cli.errors import EditError
from cassette_cli.model.storage import difference
from cassette_cli.source.edits import Edit, Remove, Replace
from cassette_cli.source.nodes import Node

_MOST_NODES = 5_000_000  # with aliases written out; a bomb of aliases has more
_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+)(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def to_value(node: Node, *, is_json: bool) -> Any:
    """Return what the structure stands for, as JSON has it; raises `ValueError` where aliases make it endless."""
    return _Reader(is_json).value(node)


def to_text(value: Any) -> str:
    """Return what a structure stands for as JSON text."""
    return json.dumps(value, ensure_ascii=False)


def renderings(text: str) -> list[str]:
    """Return the ways in which programs commonly write this JSON: its length may be that of any."""
    try:
        value = json.loads(text)
    except ValueError:
        return [text]
    tight = (",", ":")
    return [
        json.dumps(value, ensure_ascii=False, separators=tight),
        json.dumps(value, separators=tight),
        json.dumps(value, ensure_ascii=False),
        json.dumps(value),
    ]


def edits(node: Node, text: str, *, is_json: bool) -> list[Edit]:
    """Return the edits that turn the structure into what the JSON text says.

    Scalars are changed and items are removed; `EditError` for all that would need new nodes.
    """
    try:
        wanted = json.loads(text)
    except ValueError as error:
        raise EditError(f"the body is stored as a structure, and the new text is not JSON: {error}") from error
    made: list[Edit] = []
    reader = _Reader(is_json)
    reader.value(node)
    _compare(reader, node, wanted, made)
    return made


class _Reader:
    """Builds values from nodes; what an alias names is built once, and counted as often as it is named."""

    def __init__(self, is_json: bool) -> None:
        self._is_json = is_json
        self._seen: dict[int, tuple[Any, int] | None] = {}
        self._nodes = 1  # the one that is asked for, and those inside

    def value(self, node: Node) -> Any:
        if node.kind == "scalar":
            return node.value if node.tag == "str" else self.scalar(node.tag, node.value)
        mark = node.identity
        if mark in self._seen:
            known = self._seen[mark]
            if known is None:
                raise ValueError("it contains itself through an alias")
            built, nodes = known
            self._nodes += nodes
            return built
        self._seen[mark] = None
        before = self._nodes
        items = node.items if node.kind == "sequence" else [item for _, item in node.pairs]
        built = list(map(self.value, items))
        if node.kind == "mapping":
            keys = [key.value if key.tag == "str" else self.key(key) for key, _ in node.pairs]
            built = dict(zip(keys, built, strict=True))
        self._nodes += len(node)
        if self._nodes > _MOST_NODES:
            raise ValueError("its aliases expand to too much")
        self._seen[mark] = (built, self._nodes - before)
        return built

    def key(self, node: Node) -> str:
        """Return a mapping's key as JSON has it: a string."""
        if node.kind != "scalar":
            return json.dumps(self.value(node))
        return {"bool": node.value.lower(), "null": "null"}.get(node.tag, node.value)

    def scalar(self, tag: str, text: str) -> Any:
        """Return what a scalar stands for."""
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() in ("true", "yes", "on", "y")
        if tag in ("int", "float"):
            return self._number(tag, text)
        return text

    def _number(self, tag: str, text: str) -> Any:
        try:
            if self._is_json:
                return int(text) if tag == "int" else float(text)
            if tag == "int" and _INT.fullmatch(text):
                return _integer(text.replace("_", ""))
            if tag == "float" and _FLOAT.fullmatch(text):
                return float(text.lower().replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:  # thousands of digits
            pass
        return text


def _integer(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    base = {"0x": 16, "0b": 2}.get(digits[:2].lower(), 8 if len(digits) > 1 and digits[0] == "0" else 10)
    return sign * int(digits, base)


def _compare(reader: _Reader, node: Node, wanted: Any, made: list[Edit]) -> None:
    if node.kind == "scalar":
        _scalar(reader, node, wanted, made)
    elif node.kind == "sequence":
        _sequence(reader, node, wanted, made)
    else:
        _mapping(reader, node, wanted, made)


def _scalar(reader: _Reader, node: Node, wanted: Any, made: list[Edit]) -> None:
    if _same(reader.value(node), wanted):
        return
    if isinstance(wanted, dict | list):
        raise EditError("the body is stored as a structure, which cannot be given new branches")
    if isinstance(wanted, str):
        part = difference(node.value, wanted)
        edit = Replace(node, () if part is None else (part,))
    else:
        edit = Replace.all(node, json.dumps(wanted))
    if not _same(reader.scalar(edit.tag, edit.value), wanted):
        raise EditError(f"{node.value[:40]!r} cannot become {json.dumps(wanted)[:40]} of another type in place")
    made.append(edit)


def _same(old: Any, new: Any) -> bool:
    """Compare scalars as JSON does: 1, 1.0 and true are three things, and NaN is itself."""
    if isinstance(old, float) and isinstance(new, float) and math.isnan(old):
        return math.isnan(new)
    return type(old) is type(new) and old == new


def _sequence(reader: _Reader, node: Node, wanted: Any, made: list[Edit]) -> None:
    if not isinstance(wanted, list) or len(wanted) > len(node):
        raise EditError("the body is stored as a structure, which cannot be given new items")
    if len(wanted) == len(node):
        for item, new in zip(node.items, wanted, strict=True):
            _compare(reader, item, new, made)
        return
    found = 0
    for index, item in enumerate(node.items):
        if found < len(wanted) and json.dumps(reader.value(item)) == json.dumps(wanted[found]):
            found += 1
        else:
            made.append(Remove(node, index))
    if found < len(wanted):
        raise EditError("the body is stored as a structure: its items can be changed or removed, not both at once")


def _mapping(reader: _Reader, node: Node, wanted: Any, made: list[Edit]) -> None:
    keys = [reader.key(key) for key, _ in node.pairs]
    if not isinstance(wanted, dict) or not wanted.keys() <= set(keys):
        raise EditError("the body is stored as a structure, which cannot be given new keys")
    last = {key: index for index, key in enumerate(keys)}
    for index, (key, (_, value)) in enumerate(zip(keys, node.pairs, strict=True)):
        if key not in wanted:
            made.append(Remove(node, index))
        elif last[key] == index:  # of a duplicate key, the last one counts
            _compare(reader, value, wanted[key], made)
