"""The fallback: frames of an unknown stream as they are, and a note that says so."""

from cassette_cli.model.message import Message
from cassette_cli.providers.generic import NOTE
from cassette_cli.providers.generic import protocol as generic
from cassette_cli.providers.reassemble import reassemble
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing
from providers.support import claimants, exchange_of, protocol_of, sse

STREAM = sse(("start", {"job": 1}), ("progress", "half"), "plain", ("done", ""))


def shown(stream: str) -> Message:
    framed = framing.split(stream, "text/event-stream")
    assert framed is not None
    return reassemble(exchange_of("https://example.com"), framed, generic)


def test_shows_the_data_and_says_that_it_is_no_message() -> None:
    message = shown(STREAM)
    assert message.choices[0].text == '{"job": 1}\nhalf\nplain\n'
    assert [(p.kind, p.name) for p in message.choices[0].parts] == [
        ("data", "start"), ("text", "progress"), ("text", None), ("text", "done")
    ]  # fmt: skip
    assert message.notes == [NOTE]
    assert message.complete


def test_errors_are_shown_as_such() -> None:
    assert shown(sse(("error", {"message": "no"}))).errors == ["no"]
    assert shown(sse(("error", "no"))).errors == ["no"]
    assert shown(sse({"error": {"type": "bad", "message": "no"}})).errors == ["bad: no"]
    assert shown("error: no\n\n").errors == ["no"]
    assert not shown(sse(("error", "no"))).complete


def test_data_that_is_no_json_is_no_fault_of_an_unknown_stream() -> None:
    assert shown(sse("{half")).notes == [NOTE]


def test_it_claims_nothing_and_stands_in_no_list() -> None:
    assert generic not in PROTOCOLS
    assert protocol_of(STREAM) is None
    assert claimants({"job": 1}) == []
    assert not generic.claims_whole(exchange_of(""), {})
    assert generic.empties([]) == []


def test_whole_bodies_and_requests() -> None:
    assert generic.message({"a": 1}).choices[0].text == '{\n  "a": 1\n}'
    assert generic.message({"error": {"message": "no"}}).errors == ["no"]
    assert generic.conversation({"a": 1}).parameters == {"a": 1}
    deep: dict[str, object] = {}
    for _ in range(600):
        deep = {"a": deep}
    assert generic.message(deep).choices[0].text.startswith("{")
