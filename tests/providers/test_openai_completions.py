"""OpenAI's legacy text completions."""

from typing import Any

from cassette_cli.providers.openai.completions import protocol as openai_completions
from providers.support import claimants, content, empties, rebuild, sse, whole_claimants

URL = "https://api.llm.example/v1/completions"


def chunk(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "old-1", "choices": [*choices], **more}


def piece(words: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"text": words, "logprobs": None, "finish_reason": finish, **more}


USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def test_text_by_index_which_may_be_missing() -> None:
    stream = sse(
        chunk(piece("One", index=0)),
        chunk(piece("Uno", index=1)),
        chunk(piece(" two")),
        chunk(piece("", "stop", index=0), piece("", "length", index=1)),
        chunk(usage=USAGE),
        "[DONE]",
    )
    message = rebuild(stream)
    assert [(c.index, c.text, c.finish_reason) for c in message.choices] == [
        (0, "One two", "stop"),
        (1, "Uno", "length"),
    ]
    assert (message.model, message.usage, message.complete, message.notes) == ("old-1", USAGE, True, [])


def test_whole_answer_is_the_same_message() -> None:
    whole = chunk(piece("One two", "stop", index=0), usage=USAGE)
    stream = sse(chunk(piece("One", index=0)), chunk(piece(" two", "stop", index=0), usage=USAGE), "[DONE]")
    assert content(openai_completions.message(whole)) == content(rebuild(stream))
    assert whole_claimants(whole, url=URL) == ["openai-completions"]


def test_log_probabilities_are_noted() -> None:
    logged = {**piece("One", "stop", index=0), "logprobs": {"tokens": ["One"], "token_logprobs": [-0.1]}}
    assert rebuild(sse(chunk(logged))).notes == ["choice 0: log probabilities of 1 tokens are left out"]


def test_cut_and_failed_streams() -> None:
    cut = rebuild(sse(chunk(piece("One", index=0))))
    assert (cut.choices[0].text, cut.complete) == ("One", False)
    failed = rebuild(sse(chunk(piece("One", index=0)), {"error": {"message": "Too long", "type": "invalid"}}))
    assert (failed.errors, failed.complete) == (["invalid: Too long"], False)


def test_only_this_protocol_claims() -> None:
    assert claimants(chunk(piece("x"))) == ["openai-completions"]
    assert claimants({**chunk(piece("x")), "object": None}) == ["openai-completions"]
    assert claimants({"id": "", "object": "", "choices": []}, url=URL) == ["openai-completions"]
    assert claimants({"error": {"message": "no"}}, url=URL) == ["openai-completions"]


def test_empty_chunks() -> None:
    stream = sse(
        chunk(piece("", index=0)),
        chunk(piece("One", index=0)),
        chunk(piece("", index=0)),
        chunk(piece("", index=1)),
        chunk(piece("", index=1)),
        chunk(piece("", "stop", index=0)),
        chunk(piece("", "stop", index=1)),
        "[DONE]",
    )
    assert empties(stream) == [2, 4]


def test_prompts_of_every_kind() -> None:
    def prompts(prompt: Any) -> list[tuple[str, str, str | None]]:
        turns = openai_completions.conversation({"prompt": prompt, "model": "old-1"}).turns
        return [(turn.role, part.text, part.name) for turn in turns for part in turn.parts]

    assert prompts("Say") == [("user", "Say", None)]
    assert prompts(["Say", "Sing"]) == [("user", "Say", None), ("user", "Sing", None)]
    assert prompts([1, 2, 3]) == [("user", "", "3 token numbers")]
    assert prompts([[1, 2], [3]]) == [("user", "", "2 token numbers"), ("user", "", "1 token numbers")]
    assert openai_completions.conversation({"prompt": "x", "model": "old-1"}).parameters == {"model": "old-1"}
