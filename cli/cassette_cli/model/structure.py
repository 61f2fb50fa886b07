"""Bodies that stand as a structure in place of their text: YAML or JSON nodes to JSON text, and back.

Written by serializers that projects give VCR.py (`parsed_body`, first in pydantic-ai's
`tests/json_body_serializer.py`) and by cassetter (`body: {type: json, content: …}`). PyYAML writes the
former, so plain scalars are read by its rules, YAML 1.1, where they differ from those of YAML 1.2.
"""

import json
import math
from typing import Any

from cassette_cli.errors import EditError
from cassette_cli.model.storage import difference
from cassette_cli.source.edits import Edit, Insert, Number, Put, Remove, Replace
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node

_ENDLESS = "it contains itself through an alias"
_UNDER_WAY = object()
_ALIAS = pattern(r"\*(?<![^\s,\[{:]\*)\S")
_MOST_NODES = 5_000_000  # with aliases written out; a bomb of aliases has more
_MOST_COMPARED = 4_000_000
"""How many pairs of items are compared to find those that stay."""
_INT = pattern(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)")
_FLOAT = pattern(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+)(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def to_value(node: Node, *, is_json: bool) -> Any:
    """Return what the structure stands for, as JSON has it; raises `ValueError` where aliases make it endless."""
    reader = _Reader(is_json)
    value = reader.value(node)
    if reader.met_alias:
        _count(node, {})
    return value


def may_hold_alias(text: str, node: Node) -> bool:
    """Say whether an alias may stand in a structure of a document with this text: without one, it can be read."""
    return _ALIAS.search(text, node.start, node.end) is not None


def _count(node: Node, counted: dict[int, int | None]) -> int:
    """Return how many nodes a collection holds, with aliases written out; raises `ValueError` past what is read."""
    mark = node.identity
    if mark in counted:
        known = counted[mark]
        if known is None:
            raise ValueError(_ENDLESS)
        return known
    counted[mark] = None
    if node.kind == "sequence":
        total, inside = len(node), [one for one in node.items if one.kind != "scalar"]
    else:
        total, inside = len(node), [one for pair in node.pairs for one in pair if one.kind != "scalar"]
    for one in inside:
        total += _count(one, counted)
    if total > _MOST_NODES:
        raise ValueError("its aliases expand to too much")
    counted[mark] = total
    return total


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
    """Return the edits that turn the structure into what the JSON text says: no scalar that stays is touched.

    Raises `EditError` where the text is no JSON.
    """
    try:
        wanted = json.loads(text, parse_float=Number)
    except (ValueError, RecursionError) as error:
        raise EditError(f"the new body is not valid JSON: {error}") from error
    return changes(node, wanted, is_json=is_json)


def changes(node: Node, wanted: Any, *, is_json: bool) -> list[Edit]:
    """Return the edits that turn the structure into a JSON value; floats may be of the class `Number`."""
    made: list[Edit] = []
    reader = _Reader(is_json)
    _compare(reader, node, wanted, made)
    return made


class _Reader:
    """Builds values from nodes; what an alias names is built once."""

    def __init__(self, is_json: bool) -> None:
        self._is_json = is_json
        self._built: dict[int, Any] = {}
        self.met_alias = False

    def value(self, node: Node) -> Any:
        if node.kind == "scalar":
            return node.value if node.tag == "str" else self.scalar(node.tag, node.value)
        mark = node.identity
        if mark in self._built:
            if self._built[mark] is _UNDER_WAY:
                raise ValueError(_ENDLESS)
            self.met_alias = True
            return self._built[mark]
        self._built[mark] = _UNDER_WAY
        items = node.items if node.kind == "sequence" else [item for _, item in node.pairs]
        built: Any = list(map(self.value, items))
        if node.kind == "mapping":
            keys = [key.value if key.tag == "str" else self.key(key) for key, _ in node.pairs]
            built = dict(zip(keys, built, strict=True))
        self._built[mark] = built
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
    found = sign * int(digits, base)
    if base != 10:
        str(found)  # JSON has it in decimal digits; of thousands Python makes no text, and raises
    return found


def _compare(reader: _Reader, node: Node, wanted: Any, made: list[Edit]) -> None:
    if node.kind == "scalar":
        _scalar(reader, node, wanted, made)
    elif node.kind == "sequence" and isinstance(wanted, list):
        _sequence(reader, node, wanted, made)
    elif node.kind == "mapping" and isinstance(wanted, dict):
        _mapping(reader, node, wanted, made)
    else:
        made.append(Put(node, wanted))


def _scalar(reader: _Reader, node: Node, wanted: Any, made: list[Edit]) -> None:
    old = reader.value(node)
    if _same(old, wanted):
        return
    if isinstance(old, float) and type(wanted) is int and old == wanted and "e" in node.value.lower():
        return  # 1e5, which programs such as jq write as 100000
    if isinstance(wanted, str) and node.tag == "str":
        part = difference(node.value, wanted)
        made.append(Replace(node, () if part is None else (part,)))
    else:
        made.append(Put(node, wanted))


def _same(old: Any, new: Any) -> bool:
    """Compare scalars as JSON does: 1, 1.0 and true are three things, and NaN is itself."""
    if isinstance(old, float) and isinstance(new, float):
        return old == new or (math.isnan(old) and math.isnan(new))
    return type(old) is type(new) and bool(old == new)


def _sequence(reader: _Reader, node: Node, wanted: list[Any], made: list[Edit]) -> None:
    """Compare lists: where they are of one length item by item, else those that stay are found first."""
    items = node.items
    if len(wanted) == len(items):
        for item, new in zip(items, wanted, strict=True):
            _compare(reader, item, new, made)
        return
    old_texts, new_texts = ([json.dumps(value) for value in values] for values in (map(reader.value, items), wanted))
    head = 0
    while head < min(len(items), len(wanted)) and old_texts[head] == new_texts[head]:
        head += 1
    tail = 0
    while tail < min(len(items), len(wanted)) - head and old_texts[-1 - tail] == new_texts[-1 - tail]:
        tail += 1
    old_texts, new_texts = old_texts[head : len(items) - tail], new_texts[head : len(wanted) - tail]
    small = len(old_texts) * len(new_texts) <= _MOST_COMPARED
    blocks = [("replace", 0, len(old_texts), 0, len(new_texts))]
    if small:
        from difflib import SequenceMatcher

        blocks = list(SequenceMatcher(None, old_texts, new_texts, autojunk=False).get_opcodes())
    for kind, i, i_end, j, j_end in blocks:
        if kind == "equal":
            continue
        both = min(i_end - i, j_end - j)
        for offset in range(both):
            _compare(reader, items[head + i + offset], wanted[head + j + offset], made)
        made.extend(Remove(node, head + index) for index in range(i + both, i_end))
        made.extend(Insert(node, head + i_end, value) for value in wanted[head + j + both : head + j_end])


def _mapping(reader: _Reader, node: Node, wanted: dict[str, Any], made: list[Edit]) -> None:
    keys = [reader.key(key) for key, _ in node.pairs]
    last = {key: index for index, key in enumerate(keys)}
    for index, (key, (_, value)) in enumerate(zip(keys, node.pairs, strict=True)):
        if key not in wanted:
            made.append(Remove(node, index))
        elif last[key] == index:  # of a duplicate key, the last one counts
            _compare(reader, value, wanted[key], made)
    place = 0
    for key, value in wanted.items():
        if key in last:
            place = last[key] + 1
        else:
            made.append(Insert(node, place, value, key))
