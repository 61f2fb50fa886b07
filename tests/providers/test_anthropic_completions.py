"""Anthropic's legacy text completions."""

from typing import Any

from cassette_cli.providers.anthropic.completions import protocol as anthropic_completions
from providers.support import claimants, content, empties, rebuild, sse, whole_claimants

URL = "https://api.llm.example/v1/complete"


def piece(words: str, reason: str | None = None, stop: str | None = None) -> dict[str, Any]:
    return {"type": "completion", "completion": words, "stop_reason": reason, "model": "poet-0", "stop": stop}


EVENTS = [piece(" It is"), {"type": "ping"}, piece(""), piece(" two."), piece("", "stop_sequence", "\n\nHuman:")]


def test_completions_are_joined() -> None:
    message = rebuild(sse(*((event["type"], event) for event in EVENTS)))
    assert (message.choices[0].text, message.choices[0].finish_reason) == (" It is two.", "stop_sequence")
    assert (message.model, message.complete, message.notes) == ("poet-0", True, [])
    whole = piece(" It is two.", "stop_sequence", "\n\nHuman:")
    assert content(anthropic_completions.message(whole)) == content(message)
    assert whole_claimants(whole, url=URL) == ["anthropic-completions"]


def test_cut_and_failed_streams() -> None:
    cut = rebuild(sse(*EVENTS[:4]))
    assert (cut.choices[0].text, cut.complete) == (" It is two.", False)
    failed = rebuild(sse(EVENTS[0], ("error", {"error": {"type": "overloaded_error", "message": "Busy"}})))
    assert (failed.errors, failed.complete) == (["overloaded_error: Busy"], False)


def test_only_this_protocol_claims() -> None:
    untyped = {key: value for key, value in EVENTS[0].items() if key != "type"}
    for event in (EVENTS[0], untyped):
        assert claimants(event) == ["anthropic-completions"]
    assert claimants({"error": {"message": "no"}}, url=URL) == ["anthropic-completions"]


def test_empty_completions() -> None:
    assert empties(sse(*EVENTS)) == [2]


def test_the_prompt_says_who_speaks() -> None:
    def turns(prompt: str) -> list[tuple[str, str]]:
        found = anthropic_completions.conversation({"prompt": prompt, "model": "poet-0"}).turns
        return [(turn.role, turn.parts[0].text) for turn in found]

    assert turns("Be brief.\n\nHuman: One?\n\nAssistant: One.\n\nHuman: Two?\n\nAssistant:") == [
        ("system", "Be brief."), ("user", "One?"), ("assistant", "One."), ("user", "Two?"),
    ]  # fmt: skip
    assert turns("Just words") == [("user", "Just words")]
    assert turns("") == []
