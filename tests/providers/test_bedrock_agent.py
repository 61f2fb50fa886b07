import json

from cassette_cli.providers.base import Exchange
from cassette_cli.providers.bedrock.agent import protocol as bedrock_agent
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing
from providers.support import content, exchange_of, rebuild, whole_claimants
from providers.support_binary import aws, chunk, event_message, reads_anything, survives

HOST = "https://bedrock-agent-runtime.eu-west-1.amazonaws.com"
URL = HOST + "/agents/AGENT/agentAliases/ALIAS/sessions/s1/text"
RAG = HOST + "/retrieveAndGenerateStream"

REFERENCE = {"content": {"text": "It is 9 m deep."}, "location": {"type": "S3", "s3Location": {"uri": "s3://b/facts"}}}
TRACE = ("trace", {"agentId": "AGENT", "trace": {"orchestrationTrace": {"rationale": {"text": "hm"}}}})


def test_an_agent_answers_in_text():
    answer = chunk("The lake is deep.")
    answer[1]["attribution"] = {"citations": [{"retrievedReferences": [REFERENCE]}]}
    message = rebuild(aws(TRACE, chunk("Well. "), answer), url=URL)
    choice = message.choices[0]
    assert (choice.role, choice.text, choice.finish_reason) == ("assistant", "Well. The lake is deep.", None)
    assert [(p.kind, p.text, p.url) for p in choice.parts] == [
        ("text", "Well. The lake is deep.", None),
        ("citation", "It is 9 m deep.", "s3://b/facts"),
    ]
    assert (message.complete, message.errors, message.notes) == (True, [], ["1 trace events are left out"])


def test_an_answer_that_is_json_is_still_text():
    message = rebuild(aws(chunk('{"depth": 9}')), url=URL)
    assert message.choices[0].text == '{"depth": 9}'


def test_control_handed_back_is_a_tool_call():
    body = {
        "invocationId": "i1",
        "invocationInputs": [
            {
                "functionInvocationInput": {
                    "actionGroup": "lakes",
                    "function": "depth",
                    "parameters": [{"name": "lake", "type": "string", "value": "Ü"}],
                }
            },
            {
                "apiInvocationInput": {
                    "apiPath": "/lakes",
                    "httpMethod": "POST",
                    "requestBody": {"content": {"application/json": {"properties": [{"name": "n", "value": "1"}]}}},
                }
            },
        ],
    }
    message = rebuild(aws(("returnControl", body)), url=URL)
    assert [(c.id, c.name, json.loads(c.arguments)) for c in message.choices[0].tool_calls] == [
        ("i1", "depth", {"lake": "Ü"}),
        ("i1", "POST /lakes", {"n": "1"}),
    ]
    assert message.choices[0].finish_reason == "returnControl"


def test_files_flows_and_failures():
    message = rebuild(aws(("files", {"files": [{"name": "a.csv", "type": "text/csv", "bytes": "AAAA"}]})), url=URL)
    assert message.choices[0].parts[0].as_json() == {
        "type": "file",
        "name": "a.csv",
        "media_type": "text/csv",
        "size": 3,
    }
    flow = rebuild(
        aws(
            ("flowOutputEvent", {"content": {"document": {"a": 1}}}),
            ("flowCompletionEvent", {"completionReason": "SUCCESS"}),
        ),
        url=HOST + "/flows/F/aliases/A",
    )
    assert (flow.choices[0].text, flow.choices[0].finish_reason) == ('{"a":1}', "SUCCESS")
    failed = rebuild(
        aws(("trace", {"trace": {"failureTrace": {"failureReason": "no model"}}}), chunk("sorry")), url=URL
    )
    assert "a trace tells of a failure: no model" in failed.notes


def test_retrieve_and_generate_streamed_and_whole_are_the_same():
    cited = {"generatedResponsePart": {}, "retrievedReferences": [REFERENCE]}
    stream = aws(("output", {"text": "The lake "}), ("output", {"text": "is deep."}), ("citation", {"citation": cited}))
    whole = {"sessionId": "s", "output": {"text": "The lake is deep."}, "citations": [cited], "guardrailAction": "NONE"}
    assert content(rebuild(stream, url=RAG)) == content(bedrock_agent.message(whole))
    assert whole_claimants(whole) == ["bedrock-agent"]
    blocked = rebuild(aws(("output", {"text": "no"}), ("guardrail", {"action": "INTERVENED"})), url=RAG)
    assert blocked.notes == ["a guardrail intervened"]


def test_an_exception_and_a_stream_of_traces_alone():
    exception = event_message("accessDeniedException", {"message": "no"}, "exception")
    message = rebuild(aws(chunk("Well. "), exception), url=URL)
    assert message.errors == ["accessDeniedException: no"]
    assert (message.complete, message.choices[0].text) == (False, "Well. ")
    assert rebuild(aws(exception), url=URL).errors == message.errors
    nothing = rebuild(aws(TRACE), url=URL)
    assert (nothing.complete, nothing.choices) == (False, [])
    data = aws(chunk("Well. "), chunk("The rest."))
    assert not rebuild(data[:-9], url=URL).complete
    assert bedrock_agent.message({"message": "no"}).errors == ["no"]


def test_only_one_protocol_claims():
    def names(event, url):
        frame = framing.split(aws(event)).frames[0]
        return [p.name for p in PROTOCOLS if p.claims(exchange_of(url), frame)]

    for event in (TRACE, chunk("text"), ("output", {"text": "x"}), ("returnControl", {}), ("files", {})):
        assert names(event, URL) == names(event, "https://proxy.example/") == ["bedrock-agent"]
    assert names(chunk({"a": 1}), URL) == ["bedrock-agent"]
    assert names(chunk({"a": 1}), "https://b.example/model/m/invoke-with-response-stream") == ["bedrock-invoke"]
    assert whole_claimants({"message": "no"}, url=URL) == ["bedrock-agent"]


def test_nothing_is_ever_empty():
    assert bedrock_agent.empties(framing.split(aws(chunk(""), chunk("a"), chunk(""))).frames) == []


def test_requests_are_conversations():
    conversation = bedrock_agent.conversation({"inputText": "How deep?", "enableTrace": True})
    assert [(turn.role, turn.parts[0].text) for turn in conversation.turns] == [("user", "How deep?")]
    assert conversation.parameters == {"enableTrace": True}
    asked = bedrock_agent.conversation({"input": {"text": "How deep?"}, "sessionId": "s"})
    assert (asked.turns[0].parts[0].text, asked.parameters) == ("How deep?", {"sessionId": "s"})
    assert bedrock_agent.conversation(INLINE).tools[0].name == "depth"
    turns = bedrock_agent.conversation(INLINE).turns
    assert [turn.role for turn in turns] == ["system", "user", "tool", "user", "user"]
    assert turns[2].parts[0].as_json() == {"type": "tool_result", "text": "9", "id": "i1", "name": "depth"}


INLINE = {
    "instruction": "Be brief.",
    "inputText": "Well?",
    "inputs": [{"content": {"document": "doc"}, "nodeName": "n"}],
    "actionGroups": [
        {"functionSchema": {"functions": [{"name": "depth", "description": "of a lake", "parameters": {}}]}}
    ],
    "inlineSessionState": {
        "invocationId": "i1",
        "conversationHistory": {"messages": [{"role": "user", "content": [{"text": "hi"}]}]},
        "returnControlInvocationResults": [
            {"functionResult": {"function": "depth", "responseBody": {"TEXT": {"body": "9"}}}}
        ],
    },
}


def test_bent_streams_and_answers_never_raise():
    call = {"functionInvocationInput": {"function": "f", "parameters": [{"name": "a", "value": 1}]}}
    api = {"apiInvocationInput": {"requestBody": {"content": {"j": {"properties": [{"name": "n"}]}}}}}
    events = [
        TRACE,
        ("trace", {"trace": {"failureTrace": {"failureReason": "x"}}}),
        ("chunk", {"bytes": "eA==", "attribution": {"citations": [{"retrievedReferences": [REFERENCE]}]}}),
        ("returnControl", {"invocationId": "i", "invocationInputs": [call, api]}),
        ("files", {"files": [{"name": "n", "type": "t", "bytes": "AAAA"}]}),
        ("output", {"text": "x"}),
        ("flowOutputEvent", {"content": {"document": "x"}}),
        ("flowCompletionEvent", {"completionReason": "SUCCESS"}),
    ]
    survives(bedrock_agent, exchange_of(URL), list(framing.split(aws(*events)).frames))
    whole = {"output": {"text": "x"}, "citations": [{"retrievedReferences": [REFERENCE]}], "guardrailAction": "NONE"}
    reads_anything(bedrock_agent, Exchange(), whole, INLINE)
