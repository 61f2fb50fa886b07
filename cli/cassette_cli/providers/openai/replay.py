"""The output of a response, rebuilt from the events before its terminal one: for streams that were cut.

Defined by https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from typing import Any

from cassette_cli.providers.values import ByIndex, index_of, obj, objects, text

WORDS = {
    "response.output_text": ("content", "output_text", "text"),
    "response.refusal": ("content", "refusal", "refusal"),
    "response.reasoning_text": ("content", "reasoning_text", "text"),
    "response.reasoning_summary_text": ("summary", "summary_text", "text"),
}
"""Events whose deltas build a block: the item's list, the type of the block, and its field."""

ARGUMENTS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "response.function_call_arguments": ("function_call", ("arguments",), "arguments"),
    "response.mcp_call_arguments": ("mcp_call", ("arguments",), "arguments"),
    "response.custom_tool_call_input": ("custom_tool_call", ("input",), "input"),
    "response.code_interpreter_call_code": ("code_interpreter_call", ("code",), "code"),
    "response.apply_patch_call_operation_diff": ("apply_patch_call", ("operation", "diff"), "diff"),
    "response.shell_call_command": ("shell_call", ("action", "commands"), "command"),
}
"""Events whose deltas build what a call is called with: the type of the call, the path of the field, and the
event's own field for the whole. Commands are a list."""

OUTPUT = "response.shell_call_output_content"
"""The event whose deltas build what commands write; each is `{stdout, stderr}`."""

_PATHS = {item_type: path for item_type, path, _ in ARGUMENTS.values()}


def is_known(kind: str) -> bool:
    """Say whether the deltas of this type of event are read."""
    name = kind.removesuffix(".delta")
    return name in WORDS or name in ARGUMENTS or name == OUTPUT


class _Item:
    """One output item under way."""

    __slots__ = ("blocks", "deltas", "fields", "outputs", "whole")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.blocks: dict[str, ByIndex[dict[str, Any]]] = {}
        self.deltas: ByIndex[list[str]] = ByIndex(list)
        self.outputs: ByIndex[list[dict[str, Any]]] = ByIndex(lambda: [{"stdout": "", "stderr": ""}])
        self.whole: dict[str, Any] | None = None

    def block(self, place: str, index: int) -> dict[str, Any]:
        return self.blocks.setdefault(place, ByIndex(dict))[index]

    def done(self) -> dict[str, Any]:
        """Return the item: as its own last event has it, else from its deltas."""
        if self.whole is not None:
            return self.whole
        item = dict(self.fields)
        for place, blocks in self.blocks.items():
            item[place] = [_joined(block) for block in blocks]
        if len(self.deltas):
            *outer, last = _PATHS.get(text(item.get("type")), ("arguments",))
            words = ["".join(deltas) for deltas in self.deltas]
            value: Any = words if last == "commands" else words[0]
            if outer:
                item[outer[0]] = {**obj(item.get(outer[0])), last: value}
            else:
                item[last] = value
        if len(self.outputs):
            item["output"] = [output for outputs in self.outputs for output in outputs]
        return item


def _joined(block: dict[str, Any]) -> dict[str, Any]:
    return {
        key: "".join(value) if isinstance(value, list) and key in ("text", "refusal") else value
        for key, value in block.items()
    }


def replayed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rebuild the output items from the events that come before the terminal one."""
    items: ByIndex[_Item] = ByIndex(_Item)
    for event in events:
        kind = event["type"]
        if not kind.startswith("response.") or "output_index" not in event:
            continue
        item = items[index_of(event, "output_index")]
        if kind == "response.output_item.added":
            item.fields = obj(event.get("item"))
        elif kind == "response.output_item.done":
            item.whole = obj(event.get("item")) or None
        elif kind == "response.content_part.done":
            item.block("content", index_of(event, "content_index")).update(obj(event.get("part")))
        elif kind == "response.output_text.annotation.added":
            block = item.block("content", index_of(event, "content_index"))
            block["annotations"] = [*objects(block.get("annotations")), event.get("annotation")]
        elif kind.endswith((".added", ".delta", ".done")):
            _add(item, kind, event)
    return [item.done() for item in items]


def _add(item: _Item, kind: str, event: dict[str, Any]) -> None:
    """Add a delta; an `.added` or `.done` event has the whole so far, which replaces the deltas."""
    name, _, last = kind.rpartition(".")
    if name == OUTPUT:
        _output(item, event)
        return
    if name in WORDS:
        place, block_type, field = WORDS[name]
        item.fields.setdefault("type", "reasoning" if "reasoning" in name else "message")
        index = index_of(event, "summary_index" if place == "summary" else "content_index")
        block = item.block(place, index)
        block.setdefault("type", block_type)
        deltas = block.setdefault(field, [])
        if not isinstance(deltas, list):  # Its part is done already: what follows cannot add to it.
            return
    elif name in ARGUMENTS:
        item_type, _, field = ARGUMENTS[name]
        item.fields.setdefault("type", item_type)
        deltas = item.deltas[index_of(event, "command_index")]
    else:
        return
    if last == "delta":
        deltas.append(text(event.get("delta")))
    elif isinstance(event.get(field), str):
        deltas[:] = [event[field]]


def _output(item: _Item, event: dict[str, Any]) -> None:
    item.fields.setdefault("type", "shell_call_output")
    outputs = item.outputs[index_of(event, "command_index")]
    outputs[:] = objects(event.get("output")) or outputs
    for key, words in obj(event.get("delta")).items():
        outputs[0][key] = text(outputs[0].get(key)) + text(words)
