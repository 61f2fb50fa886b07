"""From the parts of an answer, whole or in deltas, to its choice: for protocols whose answers have an order."""

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from cassette_cli.model.message import Choice, Part, PartKind, ToolCall


def choice_of(parts: Sequence[Part], role: str | None = None, finish_reason: str | None = None) -> Choice:
    """Return the parts as one choice: text, reasoning and refusal joined, tool calls in order.

    Reasoning and refusal are None where no part has any.
    """
    return Choice(
        role=role,
        text="".join([part.text for part in parts if part.kind == "text"]),
        reasoning="".join([part.text for part in parts if part.kind == "reasoning"]) or None,
        refusal="".join([part.text for part in parts if part.kind == "refusal"]) or None,
        tool_calls=[part.tool_call for part in parts if part.tool_call is not None],
        finish_reason=finish_reason,
        parts=list(parts),
    )


class Block:
    """One block of an answer: text, reasoning, a tool call or a tool result in deltas, or a part sent whole.

    `kind` may be set late: some protocols say what a block is only with its first delta.
    """

    __slots__ = ("call_id", "deltas", "extras", "kind", "name", "whole")

    def __init__(self, kind: PartKind = "text") -> None:
        self.kind: PartKind = kind
        self.deltas: list[str] = []
        self.call_id: str | None = None
        self.name: str | None = None
        self.whole: Part | None = None
        self.extras: list[Part] = []

    def parts(self) -> list[Part]:
        """Return the block as a part, and what belongs to it (citations, redacted thoughts) after it."""
        if self.whole is not None:
            return [self.whole, *self.extras]
        words = "".join(self.deltas)
        if self.kind == "tool_call":
            return [Part("tool_call", tool_call=ToolCall(self.call_id, self.name, words)), *self.extras]
        if self.kind == "tool_result":
            return [Part("tool_result", words, id=self.call_id, name=self.name), *self.extras]
        return [Part(self.kind, words, name=self.name), *self.extras] if words else self.extras


class Blocks:
    """Blocks of a protocol that gives them no index: neighbouring deltas of one kind are one block."""

    __slots__ = ("blocks",)

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def write(self, kind: PartKind, words: str) -> None:
        """Add words to the last block if it is of this kind, else to a new one."""
        if not self.blocks or self.blocks[-1].kind != kind or self.blocks[-1].whole is not None:
            self.blocks.append(Block(kind))
        self.blocks[-1].deltas.append(words)

    def add(self, part: Part) -> None:
        """Add a part that comes whole; slices of one sound become one part."""
        last = self.last
        if last is not None and part.kind == "audio" and (last.kind, last.media_type) == ("audio", part.media_type):
            last.size = (last.size or 0) + (part.size or 0)
            return
        block = Block(part.kind)
        block.whole = part
        self.blocks.append(block)

    @property
    def last(self) -> Part | None:
        """The last block, if it is one that came whole."""
        return self.blocks[-1].whole if self.blocks else None


def choice_of_blocks(
    blocks: Iterable[Block], *, index: int = 0, role: str | None = None, finish: str | None = None
) -> Choice:
    """Return the blocks as one answer: its text, reasoning and tool calls joined, and its parts in order."""
    choice = choice_of([part for block in blocks for part in block.parts()], role, finish)
    choice.index = index
    return choice


def name_in_path(path: str, folder: str) -> str | None:
    """Return what a URL's path names after `folder`: the model in `/model/NAME/converse`."""
    return unquote(path.partition(f"/{folder}/")[2].partition("/")[0]) or None
