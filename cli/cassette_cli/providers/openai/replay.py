"""The output of a response, rebuilt from the events before its terminal one: for streams that were cut.

Defined by https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from typing import Any

from cassette_cli.providers.base import ByIndex, index_of, obj, objects, text
from cassette_cli.providers.openai.items import CALLS

WORDS = {
    "response.output_text": ("content", "output_text", "text"),
    "response.refusal": ("content", "refusal", "refusal"),
    "response.reasoning_text": ("content", "reasoning_text", "text"),
    "response.reasoning_summary_text": ("summary", "summary_text", "text"),
}
"""Events whose pieces build a block: the item's list, the type of the block, and its field."""

ARGUMENTS = {
    "response.function_call_arguments": "function_call",
    "response.mcp_call_arguments": "mcp_call",
    "response.custom_tool_call_input": "custom_tool_call",
    "response.code_interpreter_call_code": "code_interpreter_call",
}
"""Events whose pieces build what a call is called with, and the type of the call."""


class _Item:
    """One output item under way."""

    __slots__ = ("blocks", "fields", "pieces", "whole")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.blocks: dict[str, ByIndex[dict[str, Any]]] = {}
        self.pieces: list[str] = []
        self.whole: dict[str, Any] | None = None

    def block(self, place: str, index: int) -> dict[str, Any]:
        return self.blocks.setdefault(place, ByIndex(dict))[index]

    def done(self) -> dict[str, Any]:
        """Return the item: as its own last event has it, else from its pieces."""
        if self.whole is not None:
            return self.whole
        item = dict(self.fields)
        for place, blocks in self.blocks.items():
            item[place] = [_joined(block) for block in blocks]
        if self.pieces:
            item[CALLS.get(text(item.get("type")), "arguments")] = "".join(self.pieces)
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
        elif kind.endswith((".delta", ".done")):
            _piece(item, kind, event)
    return [item.done() for item in items]


def _piece(item: _Item, kind: str, event: dict[str, Any]) -> None:
    """Add a delta; a `.done` event has the whole, which replaces the deltas."""
    name, _, last = kind.rpartition(".")
    if name in WORDS:
        place, block_type, field = WORDS[name]
        item.fields.setdefault("type", "reasoning" if "reasoning" in name else "message")
        index = index_of(event, "summary_index" if place == "summary" else "content_index")
        block = item.block(place, index)
        block.setdefault("type", block_type)
        pieces = block.setdefault(field, [])
        if not isinstance(pieces, list):  # Its part is done already: what follows cannot add to it.
            return
        whole = event.get(field)
    elif name in ARGUMENTS:
        item.fields.setdefault("type", ARGUMENTS[name])
        pieces = item.pieces
        whole = event.get(CALLS[ARGUMENTS[name]])
    else:
        return
    if last == "delta":
        pieces.append(text(event.get("delta")))
    elif isinstance(whole, str):
        pieces[:] = [whole]
