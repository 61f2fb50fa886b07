"""One candidate of a Gemini answer under way: its parts in order, its calls, its citations."""

import re
from typing import Any

from cassette_cli.model.message import Choice, Part, ToolCall
from cassette_cli.providers.blocks import Blocks, choice_of_blocks
from cassette_cli.providers.google.requests import part_of
from cassette_cli.providers.values import as_text, obj, objects, text

_DEEPEST = 100  # of a path into a tool's arguments
_INDEX = re.compile(r"[0-9]{1,9}")
_STEP = re.compile(r"[^.\[\]'\"$]+")


class Candidate:
    """Takes parts as they come; `done` gives the choice."""

    __slots__ = ("_calls", "_citations", "blocks", "finish", "role")

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.role: str | None = None
        self.finish: str | None = None
        self._citations: dict[tuple[str, str | None], Part] = {}
        self._calls: list[tuple[ToolCall, dict[str, Any]]] = []

    def add(self, part: dict[str, Any]) -> None:
        """Take one part of a content."""
        words = part.get("text")
        if isinstance(words, str):
            if words:
                self.blocks.write("reasoning" if part.get("thought") is True else "text", words)
        elif isinstance(part.get("functionCall"), dict) and self._is_sliced(part["functionCall"]):
            self._slice(part["functionCall"])
        elif part.keys() - {"thoughtSignature", "thought"}:
            self.blocks.add(part_of(part))

    def _is_sliced(self, call: dict[str, Any]) -> bool:
        """Say whether the call's arguments are streamed; the last slice may be an empty object."""
        return "partialArgs" in call or bool(call.get("willContinue")) or (not call.get("name") and bool(self._calls))

    def _slice(self, call: dict[str, Any]) -> None:
        """Take a slice of a call: Vertex AI streams arguments by JSON path, the name only at first."""
        if call.get("name") or not self._calls:
            made = ToolCall(text(call.get("id")) or None, text(call.get("name")) or None)
            self._calls.append((made, {}))
            self.blocks.add(Part("tool_call", tool_call=made))
        for piece in objects(call.get("partialArgs")):
            _set(self._calls[-1][1], text(piece.get("jsonPath")), piece)

    def cite(self, item: dict[str, Any]) -> None:
        """Take the sources of a candidate; each chunk may repeat them."""
        for chunk in objects(obj(item.get("groundingMetadata")).get("groundingChunks")):
            for source in map(obj, chunk.values()):
                self._cite(source)
        sources = obj(item.get("citationMetadata"))
        for source in objects(sources.get("citationSources")) + objects(sources.get("citations")):
            self._cite(source)

    def _cite(self, source: dict[str, Any]) -> None:
        title, url = text(source.get("title")), text(source.get("uri")) or None
        if title or url:
            self._citations.setdefault((title, url), Part("citation", title, url=url))

    def done(self, index: int) -> Choice:
        """Return the choice, citations after all else."""
        for call, arguments in self._calls:
            call.arguments = as_text(arguments)
        for part in self._citations.values():
            self.blocks.add(part)
        return choice_of_blocks(self.blocks.blocks, index=index, role=self.role, finish=self.finish)


def _set(arguments: dict[str, Any], path: str, piece: dict[str, Any]) -> None:
    """Put one slice of an argument where its JSON path says; the slices of a string are joined."""
    node: Any = arguments
    steps: list[Any] = [int(step) if _INDEX.fullmatch(step) else step for step in _STEP.findall(path)] or [""]
    if len(steps) > _DEEPEST:
        steps = [path]
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if following is None:
            value: Any = next((piece[k] for k in ("numberValue", "boolValue") if k in piece), None)
            if isinstance(piece.get("stringValue"), str):
                value = text(_get(node, step)) + piece["stringValue"]
            _put(node, step, value)
        else:
            if not isinstance(_get(node, step), dict | list):
                _put(node, step, [] if isinstance(following, int) else {})
            node = _get(node, step)


def _get(node: Any, step: Any) -> Any:
    if isinstance(node, list):
        return node[step] if isinstance(step, int) and step < len(node) else None
    return node.get(str(step)) if isinstance(node, dict) else None


def _put(node: Any, step: Any, value: Any) -> None:
    if isinstance(node, dict):
        node[str(step)] = value
    elif isinstance(node, list) and isinstance(step, int):
        if step < len(node):
            node[step] = value
        else:  # Elements come in order; a wild index must not make a giant list.
            node.append(value)
