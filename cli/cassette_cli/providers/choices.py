"""From the parts of an answer to its choice: shared by the protocols whose answers have an order."""

from collections.abc import Sequence

from cassette_cli.model.message import Choice, Part


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
