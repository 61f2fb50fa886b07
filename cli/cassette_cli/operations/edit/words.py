"""The rebuilt answer as a small YAML document that a person edits, and what the edited one asks for."""

import json
from typing import Any

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.operations.edit.answers import Answer, Path
from cassette_cli.operations.edit.payloads import become, is_json, json_parts, pretty
from cassette_cli.source.document import Document
from cassette_cli.source.edits import spliced
from cassette_cli.source.nodes import Node
from cassette_cli.source.writing import Context, whole

_WORDS = ("text", "reasoning", "refusal")
_CALL = ("id", "name", "arguments")


def tool_argument(old: Any, new: str) -> str:
    """Return new arguments of a tool call: what is equal in JSON stays as it was written; no JSON is a string."""
    if not isinstance(old, str) or not is_json(old) or not is_json(new):
        return new
    return spliced(old, json_parts(old, become(new)))


def document_of(answer: Answer) -> str:
    """Return the answer as YAML: a mapping, or a list of them where there are several choices."""
    choices = answer.message["choices"]
    lines = [f"model: {_scalar(answer.message['model'], 0)}"] if answer.message["model"] is not None else []
    if len(choices) == 1:
        lines += _choice(choices[0], 0)
    else:
        lines.append("choices:")
        for choice in choices:
            first, *rest = _choice(choice, 2) or ["  {}"]
            lines += ["- " + first[2:], *rest]
    usage = answer.message["usage"]
    if usage:
        lines += ["usage:", *_mapping(usage, 2)]
    return "\n".join(lines) + "\n"


def _choice(choice: dict[str, Any], column: int) -> list[str]:
    pad = " " * column
    lines = [f"{pad}{name}: {_scalar(choice[name], column)}" for name in _WORDS if choice[name] is not None]
    for number, call in enumerate(choice["tool_calls"]):
        lines += [f"{pad}tool_calls:"] if number == 0 else []
        for place, name in enumerate(_CALL):
            value = call[name]
            if value is not None:
                shown = pretty(value) if name == "arguments" and is_json(value) else value
                lines.append(f"{pad}{'- ' if place == 0 else '  '}{name}: {_scalar(shown, column + 2)}")
            elif place == 0:
                lines.append(f"{pad}- id: null")
    lines.append(f"{pad}finish_reason: {_scalar(choice['finish_reason'], column)}")
    return lines


def _mapping(value: dict[str, Any], column: int) -> list[str]:
    return [f"{' ' * column}{whole(name, 'plain', Context(False))}: {_flow(one)}" for name, one in value.items()]


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _scalar(value: Any, column: int) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    context = Context(is_json=False, indent=" " * (column + 2))
    style = "literal" if "\n" in value else "plain"
    return whole(value, style, context).removesuffix("\n")


def wanted_of(answer: Answer, text: str) -> dict[Path, Any]:
    """Return what an edited document asks for, by the path in the answer.

    Raises `EditError` where it is no YAML, or has more or fewer parts than the answer.
    """
    try:
        root = Document(text.encode()).root
    except CassetteError as error:
        raise EditError(error.message, line=error.line) from error
    old = Document(document_of(answer).encode()).root
    wanted: dict[Path, Any] = {}
    _compare(old, root, (), wanted)
    found: dict[Path, Any] = {}
    for path, value in wanted.items():
        place = path if path[0] in ("usage", "model", "choices") else ("choices", 0, *path)
        if path[-1] != "arguments":
            found[place] = value
            continue
        before = answer.at(place)
        after = tool_argument(before, value)
        if after != before:
            found[place] = after
    return found


def _compare(old: Node, new: Node, path: Path, wanted: dict[Path, Any]) -> None:
    """Gather the scalars that differ."""
    where = ".".join(map(str, path)) or "the document"
    if old.kind != new.kind:
        raise EditError(f"{where} is a {old.kind}, and must stay one")
    if old.kind == "scalar":
        if old.value != new.value or old.tag != new.tag:
            wanted[path] = _value(new)
    elif old.kind == "sequence":
        if len(old) != len(new):
            raise EditError(f"{where} has {len(old)} items, and must keep as many")
        for index, (one, other) in enumerate(zip(old.items, new.items, strict=True)):
            _compare(one, other, (*path, index), wanted)
    else:
        before, after = old.fields(), new.fields()
        unknown = [*(after.keys() - before.keys()), *(before.keys() - after.keys())]
        if unknown:
            raise EditError(f"{unknown[0]!r} cannot be added to or taken out of {where}")
        for name, one in before.items():
            _compare(one, after[name], (*path, name), wanted)


def _value(node: Node) -> Any:
    if node.tag in ("int", "float", "bool", "null"):
        try:
            return json.loads(node.value or "null")
        except ValueError:
            return node.value
    return node.value
