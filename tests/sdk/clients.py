"""The official SDKs, each asked for one stream and reduced to what can be compared.

A client gets the address of the loopback server and a `Seen` that it fills while it reads: what an
SDK handed over before it raised counts as well. SDKs are imported only when used; one that is not
installed skips its tests.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

KEY = "not-" + "a-key"
ASKED: list[Any] = [{"role": "user", "content": "When is low tide?"}]


@dataclass
class Answer:
    """One choice; tool calls are [id, name, arguments as JSON]."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[list[Any]] = field(default_factory=list)
    finish: str | None = None


@dataclass
class Seen:
    """What was handed over: the choices by index, token counts (input, output), the error's words."""

    choices: dict[int, Answer] = field(default_factory=lambda: defaultdict(Answer))
    tokens: tuple[int | None, int | None] = (None, None)
    error: str | None = None


Client = Callable[[str, Seen], None]


def sdk(name: str) -> Any:
    """Import an SDK, or skip the test with the reason."""
    return pytest.importorskip(name, reason=f"the SDK {name} is not installed (dependency group `sdk`)")


def arguments(text: str | None) -> Any:
    """Read a call's arguments as JSON; text that was cut stays text."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def openai_client(url: str) -> Any:
    return sdk("openai").OpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0)


def openai_chat(url: str, seen: Seen) -> None:
    with openai_client(url) as client:
        state = sdk("openai.lib.streaming.chat").ChatCompletionStreamState()
        for chunk in client.chat.completions.create(model="m", messages=ASKED, stream=True):
            state.handle_chunk(chunk)
            if chunk.usage:
                seen.tokens = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in state.current_completion_snapshot.choices:
                seen.choices[choice.index] = _chat_answer(choice)


def _chat_answer(choice: Any) -> Answer:
    said = choice.message.to_dict(mode="json")
    calls = [
        [c.get("id"), c["function"].get("name"), c["function"].get("arguments")] for c in said.get("tool_calls") or ()
    ]
    if said.get("function_call"):
        calls.append([None, said["function_call"]["name"], said["function_call"]["arguments"]])
    return Answer(
        said.get("content") or "",
        said.get("reasoning_content") or "",
        said.get("refusal") or "",
        [[ident, name, arguments(text)] for ident, name, text in calls],
        choice.finish_reason,
    )


def openai_completions(url: str, seen: Seen) -> None:
    with openai_client(url) as client:
        for chunk in client.completions.create(model="m", prompt="p", stream=True):
            if chunk.usage:
                seen.tokens = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in chunk.choices:
                answer = seen.choices[choice.index]
                answer.text += choice.text
                answer.finish = choice.finish_reason or answer.finish


def openai_responses(url: str, seen: Seen) -> None:
    answer = seen.choices[0]
    with openai_client(url) as client, client.responses.stream(model="m", input="i") as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                answer.text += event.delta
            elif event.type == "response.refusal.delta":
                answer.refusal += event.delta
            elif event.type == "response.reasoning_summary_text.delta":
                answer.reasoning += event.delta
            elif event.type == "response.output_item.done" and event.item.type == "function_call":
                answer.calls.append([event.item.call_id, event.item.name, arguments(event.item.arguments)])
            elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                _response(event.response, seen)
            elif event.type == "error":
                seen.error = event.message


def _response(response: Any, seen: Seen) -> None:
    """Take the final object: where there is one, it is the answer, whatever the deltas said."""
    answer = seen.choices[0]
    answer.finish = response.status
    seen.error = response.error.message if response.error else None
    if response.usage:
        seen.tokens = (response.usage.input_tokens, response.usage.output_tokens)
    if response.status == "failed":
        return
    blocks = [block for item in response.output if item.type == "message" for block in item.content]
    answer.text = "".join(block.text for block in blocks if block.type == "output_text")
    answer.refusal = "".join(block.refusal for block in blocks if block.type == "refusal")
    thoughts = [part.text for item in response.output if item.type == "reasoning" for part in item.summary]
    answer.reasoning = "".join(thoughts)
    calls = [item for item in response.output if item.type == "function_call"]
    answer.calls = [[call.call_id, call.name, arguments(call.arguments)] for call in calls]


def openai_assistants(url: str, seen: Seen) -> None:
    answer = seen.choices[0]
    with openai_client(url) as client, client.beta.threads.runs.stream(thread_id="t", assistant_id="a") as stream:
        for event in stream:
            if event.event in ("thread.run.completed", "thread.run.failed"):
                answer.finish = event.data.status
                seen.error = event.data.last_error.message if event.data.last_error else None
                if event.data.usage:
                    seen.tokens = (event.data.usage.prompt_tokens, event.data.usage.completion_tokens)
        for message in stream.get_final_messages():
            answer.text += "".join(block.text.value for block in message.content)


def openai_transcription(url: str, seen: Seen) -> None:
    answer = seen.choices[0]
    with openai_client(url) as client:
        events = client.audio.transcriptions.create(model="m", file=("a.wav", b"RIFF"), stream=True)
        for event in events:
            if event.type == "transcript.text.delta":
                answer.text += event.delta
            elif event.type == "transcript.text.done":
                answer.text = event.text
                answer.finish = "done"  # There is no reason; that this event came is all that is known.
                seen.tokens = (event.usage.input_tokens, event.usage.output_tokens)


def anthropic_messages(url: str, seen: Seen) -> None:
    anthropic = sdk("anthropic")
    with (
        anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0) as client,
        client.messages.stream(model="m", max_tokens=9, messages=ASKED) as stream,
    ):
        partial: dict[int, str] = defaultdict(str)
        for event in stream:
            if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                partial[event.index] += event.delta.partial_json
            if event.type == "content_block_stop":
                partial.pop(event.index, None)
            _anthropic_answer(stream.current_message_snapshot, partial, seen)


def _anthropic_answer(message: Any, partial: dict[int, str], seen: Seen) -> None:
    blocks = message.content
    calls = [(i, b) for i, b in enumerate(blocks) if b.type.endswith("tool_use")]
    seen.choices[0] = Answer(
        "".join(block.text for block in blocks if block.type == "text"),
        "".join(block.thinking for block in blocks if block.type == "thinking"),
        "",
        # While a block is open the SDK guesses at its input; what was sent is what can be compared.
        [[block.id, block.name, arguments(partial[i]) if i in partial else block.input] for i, block in calls],
        message.stop_reason,
    )
    seen.tokens = (message.usage.input_tokens, message.usage.output_tokens)


def gemini(url: str, seen: Seen) -> None:
    genai = sdk("google.genai")
    client = genai.Client(api_key=KEY, http_options={"base_url": url})
    for chunk in client.models.generate_content_stream(model="m", contents="c"):
        usage = chunk.usage_metadata
        if usage:
            seen.tokens = (usage.prompt_token_count, usage.candidates_token_count)
        for candidate in chunk.candidates or ():
            answer = seen.choices[candidate.index or 0]
            if candidate.finish_reason:
                answer.finish = candidate.finish_reason.value
            for part in (candidate.content.parts or ()) if candidate.content else ():
                if part.thought:
                    answer.reasoning += part.text or ""
                elif part.text:
                    answer.text += part.text
                if part.function_call:
                    answer.calls.append([part.function_call.id, part.function_call.name, part.function_call.args])


def gemini_interactions(url: str, seen: Seen) -> None:
    genai = sdk("google.genai")
    client = genai.Client(api_key=KEY, http_options={"base_url": url})
    if not hasattr(client, "interactions"):
        pytest.skip("this google-genai knows no interactions")
    answer = seen.choices[0]
    for event in client.interactions.create(model="m", input="i", stream=True):
        if event.event_type == "step.delta" and event.delta.type == "text":
            answer.text += event.delta.text
        elif event.event_type == "interaction.completed":
            usage = event.interaction.usage
            answer.finish = event.interaction.status
            seen.tokens = (usage.total_input_tokens, usage.total_output_tokens)


def aws_client(url: str, service: str) -> Any:
    session = sdk("botocore.session").Session()
    config = sdk("botocore.config").Config(retries={"max_attempts": 0})
    return session.create_client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        config=config,
    )


def bedrock_converse(url: str, seen: Seen) -> None:
    client = aws_client(url, "bedrock-runtime")
    messages = [{"role": "user", "content": [{"text": "When?"}]}]
    answer = seen.choices[0]
    calls: dict[int, list[Any]] = {}
    for event in client.converse_stream(modelId="m", messages=messages)["stream"]:
        block = event.get("contentBlockDelta") or event.get("contentBlockStart") or {}
        delta, start = block.get("delta", {}), block.get("start", {})
        answer.text += delta.get("text", "")
        answer.reasoning += delta.get("reasoningContent", {}).get("text", "")
        if "toolUse" in start:
            calls[block["contentBlockIndex"]] = [start["toolUse"]["toolUseId"], start["toolUse"]["name"], ""]
        if "toolUse" in delta:
            calls[block["contentBlockIndex"]][2] += delta["toolUse"]["input"]
        answer.calls = [[ident, name, arguments(text)] for ident, name, text in calls.values()]
        answer.finish = event.get("messageStop", {}).get("stopReason", answer.finish)
        usage = event.get("metadata", {}).get("usage")
        if usage:
            seen.tokens = (usage["inputTokens"], usage["outputTokens"])


def bedrock_invoke(url: str, seen: Seen) -> None:
    """Join what each model family calls its text: the SDK hands over the bytes of each chunk."""
    client = aws_client(url, "bedrock-runtime")
    answer = seen.choices[0]
    calls: dict[int, tuple[dict[str, Any], list[str]]] = {}
    for event in client.invoke_model_with_response_stream(modelId="m", body=b"{}")["body"]:
        chunk = json.loads(event["chunk"]["bytes"])
        delta = chunk.get("delta", {})
        if chunk.get("content_block", {}).get("type") == "tool_use":
            calls[chunk["index"]] = (chunk["content_block"], [])
        if delta.get("type") == "input_json_delta":
            calls[chunk["index"]][1].append(delta["partial_json"])
        answer.calls = [
            [call["id"], call["name"], arguments("".join(deltas)) or call["input"]] for call, deltas in calls.values()
        ]
        answer.text += chunk.get("outputText") or chunk.get("generation") or delta.get("text") or ""
        reason = chunk.get("completionReason") or chunk.get("stop_reason") or delta.get("stop_reason")
        answer.finish = reason or answer.finish
        counts = chunk.get("amazon-bedrock-invocationMetrics")
        if counts:
            seen.tokens = (counts["inputTokenCount"], counts["outputTokenCount"])


def bedrock_agent(url: str, seen: Seen) -> None:
    client = aws_client(url, "bedrock-agent-runtime")
    asked = client.invoke_agent(agentId="AGENT1", agentAliasId="ALIAS1", sessionId="s-1", inputText="When?")
    for event in asked["completion"]:
        seen.choices[0].text += event["chunk"]["bytes"].decode()


def cohere_v2(url: str, seen: Seen) -> None:
    answer = seen.choices[0]
    client = sdk("cohere").ClientV2(KEY, base_url=url)
    for event in client.chat_stream(model="m", messages=ASKED):
        message = getattr(getattr(event, "delta", None), "message", None)
        if event.type == "content-delta":
            answer.text += message.content.text or ""
            answer.reasoning += message.content.thinking or ""
        elif event.type == "tool-call-start":
            answer.calls.append([message.tool_calls.id, message.tool_calls.function.name, ""])
        elif event.type == "tool-call-delta":
            answer.calls[-1][2] += message.tool_calls.function.arguments
        elif event.type == "tool-call-end":
            answer.calls[-1][2] = arguments(answer.calls[-1][2])
        elif event.type == "message-end":
            answer.finish, seen.error = event.delta.finish_reason, event.delta.error
            counts = event.delta.usage.tokens
            seen.tokens = (int(counts.input_tokens), int(counts.output_tokens))


def cohere_v1(url: str, seen: Seen) -> None:
    answer = seen.choices[0]
    client = sdk("cohere").Client(KEY, base_url=url)
    for event in client.chat_stream(model="m", message="When?"):
        if event.event_type == "text-generation":
            answer.text += event.text
        elif event.event_type == "stream-end":
            answer.finish = event.finish_reason
            counts = event.response.meta.tokens
            seen.tokens = (int(counts.input_tokens), int(counts.output_tokens))


def mistral_chat(url: str, seen: Seen) -> None:
    sdk("mistralai")
    try:
        from mistralai.client import Mistral
    except ImportError:
        Mistral = sdk("mistralai").Mistral  # noqa: N806
    answer = seen.choices[0]
    with Mistral(api_key=KEY, server_url=url) as client:
        for event in client.chat.stream(model="m", messages=ASKED):
            if event.data.usage:
                seen.tokens = (event.data.usage.prompt_tokens, event.data.usage.completion_tokens)
            for choice in event.data.choices:
                _mistral_delta(choice.delta, answer)
                answer.finish = choice.finish_reason or answer.finish


def _mistral_delta(delta: Any, answer: Answer) -> None:
    if isinstance(delta.content, str):
        answer.text += delta.content
    for block in delta.content if isinstance(delta.content, list) else ():
        answer.reasoning += "".join(part.text for part in block.thinking)
    for call in delta.tool_calls or ():
        answer.calls.append([call.id, call.function.name, arguments(call.function.arguments)])


def ollama_chat(url: str, seen: Seen) -> None:
    answer = seen.choices[0]
    for chunk in sdk("ollama").Client(host=url).chat(model="m", messages=ASKED, stream=True):
        answer.text += chunk.message.content or ""
        answer.reasoning += chunk.message.thinking or ""
        answer.calls += [[None, c.function.name, dict(c.function.arguments)] for c in chunk.message.tool_calls or ()]
        answer.finish = chunk.done_reason or answer.finish
        if chunk.done:
            seen.tokens = (chunk.prompt_eval_count, chunk.eval_count)


def ollama_generate(url: str, seen: Seen) -> None:
    answer = seen.choices[0]
    for chunk in sdk("ollama").Client(host=url).generate(model="m", prompt="p", stream=True):
        answer.text += chunk.response
        answer.finish = chunk.done_reason or answer.finish
        if chunk.done:
            seen.tokens = (chunk.prompt_eval_count, chunk.eval_count)


CLIENTS: dict[str, Client] = {
    "openai-chat": openai_chat,
    "openai-completions": openai_completions,
    "openai-responses": openai_responses,
    "openai-assistants": openai_assistants,
    "openai-transcription": openai_transcription,
    "anthropic-messages": anthropic_messages,
    "gemini": gemini,
    "gemini-interactions": gemini_interactions,
    "bedrock-converse": bedrock_converse,
    "bedrock-invoke": bedrock_invoke,
    "bedrock-agent": bedrock_agent,
    "cohere-v1": cohere_v1,
    "cohere-v2": cohere_v2,
    "mistral-chat": mistral_chat,
    "ollama-chat": ollama_chat,
    "ollama-generate": ollama_generate,
}
"""A client for each folder of fixtures."""
