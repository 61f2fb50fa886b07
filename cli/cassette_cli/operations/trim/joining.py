"""Which strings of which frames are pieces of one text, so that neighbours can be joined: one table.

A path names the members from a frame's JSON down to a string, `*` standing for a position in a list.
What a client adds up, piece by piece, must be in the table; all else in its reach must be empty,
so that joining two frames drops nothing that a client would have added twice.
"""

from dataclasses import dataclass

Path = tuple[str, ...]


def paths(*texts: str) -> frozenset[Path]:
    """Return paths written with dots; "" is the JSON value itself."""
    return frozenset(tuple(text.split(".")) if text else () for text in texts)


@dataclass(frozen=True, slots=True)
class Joining:
    """How the deltas of one protocol join.

    `pieces` are the strings to join. `noise` are top-level members that may differ, of which the
    first frame's stay. `steady` are paths that may hold something, being equal in both frames, with
    all below them. Under `within`, everything else must be null or empty; outside it, equal.
    `mirrors` repeat a piece word for word. `kinds` are the only values of `kind_key` that count, and
    `events` the only names of frames, where the protocol needs telling apart.
    """

    pieces: frozenset[Path]
    noise: frozenset[str] = frozenset()
    steady: frozenset[Path] = frozenset()
    within: Path = ()
    mirrors: frozenset[Path] = frozenset()
    kind_key: str = "type"
    kinds: frozenset[str] | None = None
    events: frozenset[str] | None = None
    inner: bool = False


_OPENAI_NOISE = frozenset(("created", "obfuscation", "p"))

_CHAT = Joining(
    paths(
        "choices.*.delta.content", "choices.*.delta.reasoning_content", "choices.*.delta.reasoning",
        "choices.*.delta.reasoning_text", "choices.*.delta.refusal",
        "choices.*.delta.tool_calls.*.function.arguments", "choices.*.delta.tool_calls.*.custom.input",
        "choices.*.delta.function_call.arguments",
        "choices.*.delta.content.*.text", "choices.*.delta.content.*.thinking.*.text",
    ),
    noise=_OPENAI_NOISE,
    steady=paths(
        "choices.*.index", "choices.*.delta.role", "choices.*.content_filter_results",
        "choices.*.delta.tool_calls.*.index", "choices.*.delta.tool_calls.*.type",
        "choices.*.delta.content.*.type", "choices.*.delta.content.*.thinking.*.type",
        "choices.*.delta.reasoning_details.*.index", "choices.*.delta.reasoning_details.*.type",
    ),
    within=("choices",),
    mirrors=paths("choices.*.delta.reasoning_details.*.text", "choices.*.delta.reasoning_details.*.summary"),
)  # fmt: skip

_RESPONSE_DELTAS = frozenset(
    f"response.{name}.delta"
    for name in (
        "output_text", "refusal", "reasoning_text", "reasoning_summary_text", "function_call_arguments",
        "mcp_call_arguments", "custom_tool_call_input", "code_interpreter_call_code",
    )
)  # fmt: skip

_ANTHROPIC = Joining(
    paths("delta.text", "delta.thinking", "delta.partial_json"),
    steady=paths("type", "index", "delta.type"),
    kinds=frozenset(("content_block_delta",)),
)
_COHERE_V1 = Joining(
    paths("text"),
    steady=paths("is_finished", "event_type"),
    kind_key="event_type",
    kinds=frozenset(("text-generation",)),
)
_NOVA = "contentBlockDelta.delta"


def _inner(joining: Joining) -> Joining:
    return Joining(
        joining.pieces, joining.noise, joining.steady, kind_key=joining.kind_key, kinds=joining.kinds, inner=True
    )


JOININGS: dict[str, tuple[Joining, ...]] = {
    "openai-chat": (_CHAT,),
    "openai-completions": (
        Joining(
            paths("choices.*.text"), noise=_OPENAI_NOISE, steady=paths("choices.*.index"), within=("choices",)
        ),
    ),
    "openai-responses": (
        Joining(
            paths("delta"),
            noise=frozenset(("sequence_number", "obfuscation")),
            steady=paths("type", "item_id", "output_index", "content_index", "summary_index"),
            kinds=_RESPONSE_DELTAS,
        ),
    ),
    "openai-assistants": (
        Joining(
            paths("delta.content.*.text.value", "delta.step_details.tool_calls.*.code_interpreter.input",
                  "delta.step_details.tool_calls.*.function.arguments"),
            steady=paths("id", "object", "delta.content.*.index", "delta.content.*.type", "delta.step_details.type",
                         "delta.step_details.tool_calls.*.index", "delta.step_details.tool_calls.*.type"),
        ),
    ),
    "openai-transcription": (
        Joining(
            paths("delta"), noise=frozenset(("obfuscation",)), steady=paths("type"),
            kinds=frozenset(("transcript.text.delta",)),
        ),
    ),
    "anthropic-messages": (_ANTHROPIC,),
    "anthropic-completions": (
        Joining(paths("completion"), steady=paths("type", "id", "model", "log_id"), kinds=frozenset(("completion",))),
    ),
    "gemini": (
        Joining(
            paths("candidates.*.content.parts.*.text"),
            noise=frozenset(("createTime",)),
            steady=paths("candidates.*.index", "candidates.*.content.role", "candidates.*.content.parts.*.thought",
                         "candidates.*.safetyRatings"),
            within=("candidates",),
        ),
    ),
    "gemini-interactions": (
        Joining(
            paths("delta.text", "delta.arguments"), steady=paths("event_type", "index", "delta.type"),
            kind_key="event_type", kinds=frozenset(("step.delta", "content.delta")),
        ),
    ),
    "bedrock-converse": (
        Joining(
            paths("delta.text", "delta.toolUse.input", "delta.reasoningContent.text"),
            noise=frozenset(("p",)), steady=paths("contentBlockIndex"), events=frozenset(("contentBlockDelta",)),
        ),
    ),
    "bedrock-invoke": (
        _inner(_ANTHROPIC),
        _inner(_COHERE_V1),
        Joining(
            paths(f"{_NOVA}.text", f"{_NOVA}.toolUse.input", f"{_NOVA}.reasoningContent.text"),
            steady=paths("contentBlockDelta.contentBlockIndex"),
            inner=True,
        ),
        Joining(paths("outputText"), steady=paths("index"), inner=True),
    ),
    "cohere-v2": (
        Joining(
            paths("delta.message.content.text", "delta.message.content.thinking", "delta.message.tool_plan",
                  "delta.message.tool_calls.function.arguments"),
            steady=paths("type", "index"),
            kinds=frozenset(("content-delta", "tool-plan-delta", "tool-call-delta")),
        ),
    ),
    "cohere-v1": (_COHERE_V1,),
    "ollama-chat": (
        Joining(
            paths("message.content", "message.thinking"),
            noise=frozenset(("created_at",)), steady=paths("model", "message.role", "done"),
        ),
    ),
    "ollama-generate": (
        Joining(
            paths("response", "thinking"), noise=frozenset(("created_at",)), steady=paths("model", "done"),
        ),
    ),
    "writer-completions": (Joining(paths("value")),),
    "ai-sdk": (
        Joining(
            paths("delta"), steady=paths("type", "id", "toolCallId"),
            kinds=frozenset(("text-delta", "reasoning-delta")),
        ),
        Joining(paths(""), events=frozenset(("0", "g"))),
        Joining(
            paths("inputTextDelta"), steady=paths("type", "toolCallId"), kinds=frozenset(("tool-input-delta",))
        ),
    ),
}  # fmt: skip
"""By protocol. Not here: agents, MCP, Replicate and TGI, whose every event reaches the program as it is,
and watsonx, whose chunks count tokens."""
