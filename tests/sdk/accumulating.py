"""Client libraries that join a stream to one object of their own, each asked for that whole object as JSON.

The official SDKs' own accumulators, pydantic-ai's models and LangChain's chat models: what a program
keeps, prints and compares is theirs, down to the difference between no text and an empty one.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from sdk.clients import ASKED, KEY, aws_client, openai_client, sdk

Whole = Callable[[str], Any]


def openai_chat(url: str) -> Any:
    with openai_client(url) as client:
        state = sdk("openai.lib.streaming.chat").ChatCompletionStreamState()
        for chunk in client.chat.completions.create(model="m", messages=ASKED, stream=True):
            state.handle_chunk(chunk)
        return state.current_completion_snapshot.model_dump(mode="json")


def openai_responses(url: str) -> Any:
    with openai_client(url) as client, client.responses.stream(model="m", input="i") as stream:
        for _ in stream:
            pass
        return stream.get_final_response().model_dump(mode="json")


def anthropic_messages(url: str) -> Any:
    with (
        sdk("anthropic").Anthropic(api_key=KEY, base_url=url, max_retries=0) as client,
        client.messages.stream(model="m", max_tokens=9, messages=ASKED) as stream,
    ):
        return stream.get_final_message().model_dump(mode="json")


def pydantic_ai(make: Callable[[str], Any]) -> Whole:
    """Return a client that asks a model of pydantic-ai for its response, without the times at which it came."""

    def ask(url: str) -> Any:
        messages = sdk("pydantic_ai.messages")
        direct = sdk("pydantic_ai.direct")

        async def response() -> Any:
            asked = [messages.ModelRequest.user_text_prompt("When is low tide?")]
            async with direct.model_request_stream(make(url), asked) as stream:
                async for _ in stream:
                    pass
                return stream.get()

        (made,) = json.loads(messages.ModelMessagesTypeAdapter.dump_json([asyncio.run(response())]))
        return _timeless({key: value for key, value in made.items() if key not in ("provider_url", "run_id")})

    return ask


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if key != "timestamp"}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def _pydantic_openai(url: str, model: str) -> Any:
    provider = sdk("pydantic_ai.providers.openai").OpenAIProvider
    client = sdk("openai").AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0)
    return getattr(sdk("pydantic_ai.models.openai"), model)("m", provider=provider(openai_client=client))


def _pydantic_anthropic(url: str) -> Any:
    provider = sdk("pydantic_ai.providers.anthropic").AnthropicProvider
    client = sdk("anthropic").AsyncAnthropic(api_key=KEY, base_url=url, max_retries=0)
    return sdk("pydantic_ai.models.anthropic").AnthropicModel("m", provider=provider(anthropic_client=client))


def _pydantic_bedrock(url: str) -> Any:
    provider = sdk("pydantic_ai.providers.bedrock").BedrockProvider
    client = aws_client(url, "bedrock-runtime")
    return sdk("pydantic_ai.models.bedrock").BedrockConverseModel("m", provider=provider(bedrock_client=client))


def _pydantic_mistral(url: str) -> Any:
    provider = sdk("pydantic_ai.providers.mistral").MistralProvider
    return sdk("pydantic_ai.models.mistral").MistralModel("m", provider=provider(api_key=KEY, base_url=url))


def langchain(make: Callable[[str], Any]) -> Whole:
    """Return a client that asks a chat model of LangChain for the sum of its chunks, without the run's id and HTTP's headers."""

    def ask(url: str) -> Any:
        chunks = list(make(url).stream("When is low tide?"))
        whole = sum(chunks[1:], chunks[0]).model_dump(mode="json")
        whole["response_metadata"].pop("ResponseMetadata", None)  # the headers of HTTP
        return {key: value for key, value in whole.items() if key != "id" or not str(value).startswith("lc_run")}

    return ask


def _langchain_openai(url: str, **more: Any) -> Any:
    return sdk("langchain_openai").ChatOpenAI(model="m", api_key=KEY, base_url=f"{url}/v1", max_retries=0, **more)


def _langchain_anthropic(url: str) -> Any:
    return sdk("langchain_anthropic").ChatAnthropic(model="m", api_key=KEY, base_url=url, max_retries=0)


def _langchain_converse(url: str) -> Any:
    client = aws_client(url, "bedrock-runtime")
    return sdk("langchain_aws").ChatBedrockConverse(
        model="m", client=client, bedrock_client=client, provider="anthropic", disable_streaming=False
    )


def _langchain_invoke(url: str) -> Any:
    client = aws_client(url, "bedrock-runtime")
    return sdk("langchain_aws").ChatBedrock(
        model="m", client=client, bedrock_client=client, provider="anthropic", region_name="us-east-1", streaming=True
    )


CLIENTS: dict[str, dict[str, Whole]] = {
    "openai-chat": {
        "openai": openai_chat,
        "pydantic-ai": pydantic_ai(lambda url: _pydantic_openai(url, "OpenAIChatModel")),
        "langchain": langchain(_langchain_openai),
    },
    "openai-responses": {
        "openai": openai_responses,
        "pydantic-ai": pydantic_ai(lambda url: _pydantic_openai(url, "OpenAIResponsesModel")),
        "langchain": langchain(lambda url: _langchain_openai(url, use_responses_api=True)),
    },
    "anthropic-messages": {
        "anthropic": anthropic_messages,
        "pydantic-ai": pydantic_ai(_pydantic_anthropic),
        "langchain": langchain(_langchain_anthropic),
    },
    "bedrock-converse": {
        "pydantic-ai": pydantic_ai(_pydantic_bedrock),
        "langchain": langchain(_langchain_converse),
    },
    "bedrock-invoke": {"langchain": langchain(_langchain_invoke)},
    "mistral-chat": {"pydantic-ai": pydantic_ai(_pydantic_mistral)},
}
"""By the folder of fixtures, the libraries that read its streams."""
