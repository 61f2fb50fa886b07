"""OpenAI chat completions, and the many servers that speak like it.

Defined by https://platform.openai.com/docs/api-reference/chat-streaming; Azure, OpenRouter, Groq,
DeepSeek, xAI, Mistral, Perplexity, Writer and the gateways differ in what they add and forget.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message
from cassette_cli.providers.base import Coalescing, Counted, Exchange, StreamProtocol, Usage, fields, whole_frame
from cassette_cli.providers.deltas import is_done
from cassette_cli.providers.errors import error_message, failure, has_error, record, record_frame
from cassette_cli.providers.openai import requests
from cassette_cli.providers.openai.answer import Answer
from cassette_cli.providers.openai.empties import empty_chunks
from cassette_cli.providers.openai.requests import citation
from cassette_cli.providers.values import ByIndex, index_of, obj, objects, text
from cassette_cli.streams.frames import Frame


class OpenAIChat(StreamProtocol):
    """OpenAI's chat completions."""

    name = "openai-chat"
    about = "chat.completion.chunk objects, or chunks whose choices have a delta"
    counted = Counted(r'"(?:usage|x_groq)"\s*:\s*[^n\s]', ("model", "model_id"))  # many a chunk has `"usage": null`
    paths = ("/chat/completions",)
    usage = Usage(
        ("prompt_tokens", "input_tokens", "inputTokens", "promptTokens"),
        ("completion_tokens", "output_tokens", "outputTokens", "completionTokens"),
    )
    padding = ("obfuscation", "p")
    coalescing = (
        Coalescing(
            fields(
                "choices.*.delta.content", "choices.*.delta.reasoning_content", "choices.*.delta.reasoning",
                "choices.*.delta.reasoning_text", "choices.*.delta.refusal",
                "choices.*.delta.tool_calls.*.function.arguments", "choices.*.delta.tool_calls.*.custom.input",
                "choices.*.delta.function_call.arguments",
                "choices.*.delta.content.*.text", "choices.*.delta.content.*.thinking.*.text",
            ),
            varying=frozenset(("created", "obfuscation", "p")),
            equal=fields(
                "choices.*.index", "choices.*.delta.role", "choices.*.content_filter_results",
                "choices.*.delta.tool_calls.*.index", "choices.*.delta.tool_calls.*.type",
                "choices.*.delta.content.*.type", "choices.*.delta.content.*.thinking.*.type",
                "choices.*.delta.reasoning_details.*.index", "choices.*.delta.reasoning_details.*.type",
            ),
            within=("choices",),
            repeats=fields("choices.*.delta.reasoning_details.*.text", "choices.*.delta.reasoning_details.*.summary"),
        ),
    )  # fmt: skip

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the object's name, by choices with a delta, or by an opening or an error at the path."""
        chunk = frame.object
        kind = chunk.get("object")
        if isinstance(kind, str) and kind.startswith("chat.completion"):
            return True
        choices = chunk.get("choices")
        if any("delta" in choice or "message" in choice for choice in objects(choices)):
            return True
        return self.is_asked(exchange.path) and (choices == [] or has_error(frame))

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a body with choices that have a message, and what the path answers where it fails."""
        if any("message" in choice for choice in objects(payload.get("choices"))):
            return True
        return self.is_asked(exchange.path) and "choices" not in payload and error_message(payload) is not None

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read a `chat.completion` object: the same message as its stream would give."""
        failed = failure(payload) if "choices" not in payload else None
        if failed is not None:
            return failed
        decoder = self.decoder(Exchange())
        decoder.streamed = False
        decoder.feed(whole_frame(payload))
        return decoder.finish()

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.chat(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the chunks that carry nothing, by the rule that no SDK and no reader can tell.

        Never the first or last chunk, never one with usage, an error, a finish reason, logprobs or
        any other field that is not empty; a role only where the choice has had one; and a key set to
        "" only where an earlier chunk that stays has set it: otherwise null would turn into "".
        """
        return empty_chunks(frames, lambda choice: choice.get("delta"), ("index", "delta"))


protocol = OpenAIChat()


class Decoder:
    """Joins chunks by `choice.index`.

    Unlike the official SDK it does not repeat the role, keeps text across a change from list to
    string, keeps usage that an empty chunk follows, and takes tool calls without an index.
    """

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._answers: ByIndex[Answer] = ByIndex(Answer)
        self._sources: list[Any] = []
        self._done = False
        self.streamed = True

    def feed(self, frame: Frame) -> None:
        """Take a chunk, `[DONE]`, or an error in any of its places."""
        message = self._message
        record_frame(message, frame)
        chunk = frame.object
        if not chunk:
            self._done = self._done or is_done(frame)
            return
        if message.model is None:
            message.model = text(chunk.get("model")) or text(chunk.get("model_id")) or None
        usage = chunk.get("usage")
        if usage or "x_groq" in chunk:
            usage = usage or obj(chunk["x_groq"]).get("usage")
            if isinstance(usage, dict):
                message.usage = usage
        for choice in objects(chunk.get("choices")):
            self._choice(self._answers[index_of(choice)], choice)
        if "citations" in chunk or "search_results" in chunk:  # Perplexity's chunks repeat the whole list.
            found = objects(chunk.get("search_results")) or chunk.get("citations")
            self._sources = found if isinstance(found, list) and found else self._sources

    def _choice(self, answer: Answer, choice: dict[str, Any]) -> None:
        self.take(answer, choice)
        finish = choice.get("finish_reason")
        if finish:
            answer.finish = text(finish) or answer.finish
        logprobs = choice.get("logprobs")
        if logprobs:
            answer.logprobs += _tokens(logprobs)
        if choice.get("error"):
            record(self._message, choice["error"])
        if "usage" in choice and self._message.usage is None:  # Moonshot's place for it.
            self._message.usage = obj(choice["usage"]) or None
        if "content_filter_results" in choice:
            self._filtered(answer, obj(choice["content_filter_results"]))

    def take(self, answer: Answer, choice: dict[str, Any]) -> None:
        """Add what the choice brings; a `message` beside a delta repeats it."""
        delta = choice.get("delta")
        if delta is None and not answer.text:
            delta = choice.get("message")
        if isinstance(delta, dict):
            answer.add(delta)

    def _filtered(self, answer: Answer, results: dict[str, Any]) -> None:
        for name, result in results.items():
            note = f"Azure's content filter acted: {name}"
            if obj(result).get("filtered") is True and note not in answer.notes:
                answer.notes.append(note)

    def finish(self) -> Message:
        """Return the message; it is complete if it has a finish reason, or at least `[DONE]`."""
        message = self._message
        if self._sources:
            first = next(iter(self._answers), None) or self._answers[0]
            first.citations += [citation(item) for item in self._sources if isinstance(item, (str, dict))]
        for index, answer in self._answers.items():
            message.choices.append(answer.done(index))
            message.notes += answer.notes
            if answer.logprobs:
                message.notes.append(f"choice {index}: log probabilities of {answer.logprobs} tokens are left out")
        unfinished = any(choice.finish_reason is None for choice in message.choices)
        if message.errors or any(choice.finish_reason == "error" for choice in message.choices):
            message.complete = False
        elif not message.choices:
            message.complete = self._done or not self.streamed
        elif unfinished and self.streamed:
            message.complete = self._done
            message.notes.append(
                "no finish_reason was sent; [DONE] was, so the stream is taken as complete"
                if self._done
                else "the stream was cut: no finish_reason was sent"
            )
        return message


def _tokens(logprobs: Any) -> int:
    """Count the tokens in the log probabilities of a chat chunk, or of a text completion."""
    fields = obj(logprobs)
    lists = [fields.get(key) for key in ("content", "refusal", "tokens")]
    return sum(len(entries) for entries in lists if isinstance(entries, list))
