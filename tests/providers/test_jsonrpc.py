"""JSON-RPC: MCP results and errors, A2A events, whole bodies, requests."""

from typing import Any

from cassette_cli.providers.jsonrpc import protocol as jsonrpc
from providers.support import claimants, empties, exchange_of, rebuild, sse, whole_claimants

URL = "https://mcp.example/mcp"


def answer(result: Any, number: int = 2) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": result}


CALL = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "tide", "arguments": {"port": "Brest"}},
}
NOTICE = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "looking"}}


def test_the_text_of_a_tool_result_is_the_text() -> None:
    blocks = [{"type": "text", "text": "Low at six"}, {"type": "text", "text": ", high at noon."}]
    result = answer({"content": blocks, "isError": False, "structuredContent": {"low": 6}})
    message = rebuild(sse(("message", NOTICE), ("message", result)), url=URL, request=CALL)
    choice = message.choices[0]
    assert choice.text == "Low at six, high at noon."
    assert [(part.kind, part.name) for part in choice.parts] == [
        ("data", "notifications/message"), ("text", None), ("text", None), ("data", "result")
    ]  # fmt: skip
    assert choice.parts[-1].data == {"structuredContent": {"low": 6}}
    assert message.complete
    assert message.errors == []


def test_results_that_are_no_content_are_named_by_the_method_they_answer() -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    part = rebuild(sse(answer({"tools": []}, 1)), url=URL, request=request).choices[0].parts[0]
    assert (part.name, part.data) == ("tools/list", {"tools": []})


def test_media_in_a_result_is_described_and_not_kept() -> None:
    blocks = [
        {"type": "image", "data": "AAAA", "mimeType": "image/png"},
        {"type": "resource", "resource": {"uri": "file:///a.bin", "blob": "AAAAAAAA"}},
        {"type": "resource", "resource": {"uri": "file:///a.txt", "text": "words"}},
        {"type": "resource_link", "uri": "file:///b", "name": "b"},
    ]
    parts = rebuild(sse(answer({"content": blocks}))).choices[0].parts
    assert [(part.kind, part.media_type, part.size) for part in parts] == [
        ("image", "image/png", 3), ("file", None, 6), ("data", None, None), ("file", None, None)
    ]  # fmt: skip


def test_a_json_rpc_error() -> None:
    error = {
        "jsonrpc": "2.0",
        "id": 2,
        "error": {"code": -32602, "message": "no such tool", "data": {"name": "tied"}},
    }
    message = rebuild(sse(error), url=URL, request=CALL)
    assert message.errors == ["-32602: no such tool"]
    assert not message.complete
    assert "cut" not in " ".join(message.notes)


def test_a_request_that_could_not_be_read_is_answered_by_an_error_without_an_id() -> None:
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}}
    message = rebuild(sse(error), url=URL, request=CALL)
    assert message.errors == ["-32700: Parse error"]
    assert message.notes == []


def test_an_error_of_the_tool_itself() -> None:
    message = rebuild(sse(answer({"content": [{"type": "text", "text": "no such port"}], "isError": True})))
    assert message.errors == ["no such port"]
    assert message.complete


def test_a_stream_without_the_answer_was_cut() -> None:
    message = rebuild(sse(NOTICE), url=URL, request=CALL)
    assert not message.complete
    assert "cut" in message.notes[0]
    assert rebuild(sse(NOTICE), url=URL).complete, "a stream that answers no request"


def test_an_agent_s_events_are_named_by_their_kind() -> None:
    events = [
        {"kind": "task", "id": "t", "status": {"state": "submitted"}},
        {"kind": "artifact-update", "artifact": {"parts": [{"kind": "text", "text": "Low at six"}]}},
        {"kind": "status-update", "final": True, "status": {"state": "completed"}},
    ]
    request = {"jsonrpc": "2.0", "id": 2, "method": "message/stream", "params": {}}
    message = rebuild(sse(*map(answer, events)), url="https://agent.example/", request=request)
    assert [part.name for part in message.choices[0].parts] == ["task", "artifact-update", "status-update"]
    assert message.complete


def test_is_claimed_once() -> None:
    assert claimants(NOTICE, url=URL, event="message") == ["jsonrpc"]
    assert whole_claimants(answer({"content": []}), url=URL) == ["jsonrpc"]
    assert jsonrpc.message(answer({"content": [{"type": "text", "text": "six"}]})).choices[0].text == "six"


def test_no_message_is_empty() -> None:
    assert empties(sse(NOTICE, answer({}))) == []


def test_requests() -> None:
    call = jsonrpc.conversation(CALL).turns[0].parts[0].tool_call
    assert call is not None
    assert (call.name, call.arguments) == ("tide", '{"port":"Brest"}')
    sent = {
        "role": "user",
        "parts": [
            {"kind": "text", "text": "When is low tide?"},
            {"kind": "file", "file": {"bytes": "AAAA", "mimeType": "image/png", "name": "map"}},
            {"kind": "file", "file": {"uri": "https://example.com/b"}},
            {"kind": "data", "data": {"port": "Brest"}},
        ],
    }
    turn = jsonrpc.conversation({"jsonrpc": "2.0", "method": "message/send", "params": {"message": sent}}).turns[0]
    assert [(part.kind, part.name) for part in turn.parts] == [
        ("text", None), ("file", "map"), ("file", None), ("data", None)
    ]  # fmt: skip
    other = jsonrpc.conversation({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert other.turns[0].parts[0].name == "ping"


def test_strange_ids_do_no_harm() -> None:
    for strange in ([], {}, None, True, 1.5):
        item = {"jsonrpc": "2.0", "id": strange, "result": {}}
        decoder = jsonrpc.decoder(exchange_of(URL, request=item))
        assert decoder.finish().errors == []
        assert rebuild(sse(item), request=item).choices
