"""Blocks under way, piece by piece, and the choice that they amount to; `blocks` joins whole parts."""

from collections.abc import Iterable
from urllib.parse import unquote

from cassette_cli.model.message import Choice, Message, Part, PartKind, ToolCall
from cassette_cli.providers.choices import choice_of as choice_of_parts


class Block:
    """One block of an answer: text, reasoning, a tool call or a tool result in pieces, or a part sent whole.

    `kind` may be set late: some protocols say what a block is only with its first delta.
    """

    __slots__ = ("call_id", "extras", "kind", "name", "pieces", "whole")

    def __init__(self, kind: PartKind = "text") -> None:
        self.kind: PartKind = kind
        self.pieces: list[str] = []
        self.call_id: str | None = None
        self.name: str | None = None
        self.whole: Part | None = None
        self.extras: list[Part] = []

    def parts(self) -> list[Part]:
        """Return the block as a part, and what belongs to it (citations, redacted thoughts) after it."""
        if self.whole is not None:
            return [self.whole, *self.extras]
        words = "".join(self.pieces)
        if self.kind == "tool_call":
            return [Part("tool_call", tool_call=ToolCall(self.call_id, self.name, words)), *self.extras]
        if self.kind == "tool_result":
            return [Part("tool_result", words, id=self.call_id, name=self.name), *self.extras]
        return [Part(self.kind, words, name=self.name), *self.extras] if words else self.extras


class Blocks:
    """Blocks of a protocol that gives them no index: neighbouring pieces of one kind are one block."""

    __slots__ = ("blocks",)

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def write(self, kind: PartKind, words: str) -> None:
        """Add words to the last block if it is of this kind, else to a new one."""
        if not self.blocks or self.blocks[-1].kind != kind or self.blocks[-1].whole is not None:
            self.blocks.append(Block(kind))
        self.blocks[-1].pieces.append(words)

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


def choice_of(blocks: Iterable[Block], *, index: int = 0, role: str | None = None, finish: str | None = None) -> Choice:
    """Return the blocks as one answer: its text, reasoning and tool calls joined, and its parts in order."""
    choice = choice_of_parts([part for block in blocks for part in block.parts()], role, finish)
    choice.index = index
    return choice


def settle(message: Message, *, ended: bool, sign: str) -> Message:
    """Say whether a stream came to its end: `ended` if its `sign`, a field or an event, was sent."""
    message.complete = ended and not message.errors
    if not ended and not message.errors:
        message.notes.append(f"the stream was cut: no {sign} was sent")
    return message


def unstreamed(answer: Message) -> Message:
    """Take back what a decoder says of a cut stream: a whole answer has no end to wait for."""
    if not answer.errors:
        answer.complete = True
        answer.notes = [note for note in answer.notes if not note.startswith("the stream was cut")]
    return answer


def name_after(path: str, folder: str) -> str | None:
    """Return what a URL's path names after `folder`: the model in `/model/NAME/converse`."""
    return unquote(path.partition(f"/{folder}/")[2].partition("/")[0]) or None
