"""Items of the OpenAI Responses API, in requests and in answers alike.

Defined by https://platform.openai.com/docs/api-reference/responses/object (`output`) and
https://platform.openai.com/docs/api-reference/responses/create (`input`).
"""

from typing import Any

from cassette_cli.model.message import Conversation, Part, ToolCall, Turn
from cassette_cli.providers.openai.requests import block_part, citation, content_parts, offered, tool_result
from cassette_cli.providers.values import as_text, media, obj, objects, text

_CALLS: dict[str, tuple[str, ...]] = {
    "function_call": ("arguments",),
    "mcp_call": ("arguments",),
    "mcp_approval_request": ("arguments",),
    "tool_search_call": ("arguments",),
    "custom_tool_call": ("input",),
    "code_interpreter_call": ("code",),
    "program": ("code",),
    "shell_call": ("action",),
    "local_shell_call": ("action",),
    "web_search_call": ("action",),
    "computer_call": ("action", "actions"),
    "apply_patch_call": ("operation",),
    "file_search_call": ("queries",),
    "image_generation_call": ("revised_prompt",),
}
"""The items that are tool calls, and the fields of which the first that is there holds the arguments.

Those that are neither text nor an object are shown under their own names.
"""

_RESULTS = {
    "function_call_output": "output",
    "custom_tool_call_output": "output",
    "shell_call_output": "output",
    "local_shell_call_output": "output",
    "apply_patch_call_output": "output",
    "computer_call_output": "output",
    "program_output": "result",
    "mcp_approval_response": "approve",
}
"""The items that answer a call, and the field that holds the answer."""


def responses(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /responses`: neighbouring items of one role are one turn."""
    turns: list[Turn] = []
    instructions = payload.get("instructions")
    if instructions:
        turns.append(Turn("system", content_parts(instructions)))
    given = payload.get("input")
    if isinstance(given, str):
        turns.append(Turn("user", content_parts(given)))
    for item in objects(given):
        role, parts = _role(item), item_parts(item)
        if turns and turns[-1].role == role and "role" not in item:
            turns[-1].parts += parts
        else:
            turns.append(Turn(role, parts))
    known = ("instructions", "input", "tools")
    return Conversation(turns, offered(payload.get("tools")), {k: v for k, v in payload.items() if k not in known})


def _role(item: dict[str, Any]) -> str:
    kind = text(item.get("type"))
    return text(item.get("role")) or ("tool" if kind.endswith(("_output", "_response")) else "assistant")


def item_parts(item: dict[str, Any]) -> list[Part]:
    """Read one item: a message, reasoning, a call, the output of a call, or what has no better name."""
    kind = text(item.get("type")) or "message"
    if kind == "message":
        return _message(item)
    if kind == "reasoning":
        words = [text(block.get("text")) for block in objects(item.get("summary")) + objects(item.get("content"))]
        return [Part("reasoning", thought) for thought in words if thought]
    call_id = text(item.get("call_id")) or text(item.get("id")) or None
    if kind in _CALLS:
        return _call(item, kind, call_id)
    if kind in _RESULTS:
        return _result(item.get(_RESULTS[kind]), call_id)
    return [Part("data", id=call_id, name=kind, data=item)]


def _message(item: dict[str, Any]) -> list[Part]:
    content = item.get("content")
    if not isinstance(content, list):
        return content_parts(content)
    parts = []
    for block in objects(content):
        parts.append(block_part(block))
        parts += [citation(note) for note in objects(block.get("annotations"))]
    return parts


def _call(item: dict[str, Any], kind: str, call_id: str | None) -> list[Part]:
    name = text(item.get("name")) or kind.removesuffix("_call")
    field = next((field for field in _CALLS[kind] if item.get(field) is not None), None)
    arguments = "" if field is None else item[field]
    if not isinstance(arguments, str | dict) or field == "revised_prompt":
        arguments = {field: arguments}
    parts = [Part("tool_call", tool_call=ToolCall(call_id, name, as_text(arguments)))]
    if kind == "mcp_call" and (item.get("output") is not None or item.get("error")):
        parts += tool_result(item.get("error") or item.get("output"), call_id, "error" if item.get("error") else None)
    for output in objects(item.get("outputs")):
        if output.get("type") == "image":
            parts.append(Part("image", url=text(output.get("url")) or None))
        else:
            parts += tool_result(output.get("logs", output), call_id)
    if kind == "file_search_call" and objects(item.get("results")):
        parts += [citation(found) for found in item["results"] if isinstance(found, dict)]
    if text(item.get("result")):
        parts.append(media("image", item["result"], "image/" + (text(item.get("output_format")) or "png"), kind))
    return parts


def _result(output: Any, call_id: str | None) -> list[Part]:
    """Read the answer to a call: text, blocks, what commands wrote, or a screenshot."""
    if text(obj(output).get("image_url")) or text(obj(output).get("file_id")):
        return [Part("tool_result", id=call_id), block_part({**obj(output), "type": "input_image"})]
    wrote = [one for one in objects(output) if "stdout" in one or "stderr" in one]
    if wrote:  # How each command ended stands beside it.
        words = "".join(text(one.get("stdout")) + text(one.get("stderr")) for one in wrote)
        return [Part("tool_result", words, id=call_id, data=output)]
    return tool_result(output, call_id)
