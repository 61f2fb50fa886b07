"""Error bodies of every provider, and errors inside streams."""

from typing import Any

import pytest

from cassette_cli.providers.errors import error_message
from cassette_cli.providers.registry import PROTOCOLS
from providers.support import claimants, whole_claimants


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        # OpenAI and those like it
        ({"error": {"message": "No such model", "type": "invalid_request_error", "code": "no_model"}},
         "invalid_request_error: No such model"),
        ({"error": {"code": "DeploymentNotFound", "message": "Not there"}}, "DeploymentNotFound: Not there"),
        ({"code": "Client specified an invalid argument", "error": "Bad model"},
         "Client specified an invalid argument: Bad model"),
        # Anthropic
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down"}, "request_id": "req_1"},
         "rate_limit_error: Slow down"),
        # Google, which puts a stream's error into a list
        ({"error": {"code": 400, "message": "Bad key", "status": "INVALID_ARGUMENT"}}, "INVALID_ARGUMENT: Bad key"),
        ([{"error": {"code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED"}}], "RESOURCE_EXHAUSTED: Quota"),
        # AWS
        ({"message": "The model timed out"}, "The model timed out"),
        ({"Message": "User is not authorized"}, "User is not authorized"),
        ({"__type": "ThrottlingException", "message": "Too many"}, "ThrottlingException: Too many"),
        ({"__type": "com.amazon.coral.service#UnknownOperationException"},
         "com.amazon.coral.service#UnknownOperationException"),
        # Cohere
        ({"id": "1", "message": "invalid api token"}, "invalid api token"),
        # Mistral
        ({"object": "error", "message": "No model", "type": "invalid_model", "param": None, "code": "1500"},
         "invalid_model: No model"),
        ({"object": "error", "message": {"detail": [{"loc": ["body", "n"], "msg": "Too big", "type": "x"}]}},
         "body.n: Too big"),
        ({"detail": [{"type": "missing", "loc": ["body", "model"], "msg": "Field required"}, {"msg": "Bad"}]},
         "body.model: Field required; Bad"),
        # Ollama, Hugging Face, OAuth
        ({"error": "model 'x' not found"}, "model 'x' not found"),
        ({"error": "Too long", "error_type": "validation"}, "validation: Too long"),
        ({"error": ["one", "two"]}, "one; two"),
        ({"error": "invalid_grant", "error_description": "Expired"}, "invalid_grant: Expired"),
        ({"timestamp": "x", "status": 404, "error": "Not Found", "message": "No route"}, "Not Found: No route"),
        # FastAPI, problem details (Replicate), lists of errors (Writer, watsonx, GraphQL)
        ({"detail": "Not authenticated"}, "Not authenticated"),
        ({"detail": {"error": {"message": "Deep"}}}, "Deep"),
        ({"title": "Unauthenticated", "detail": "No token", "status": 401}, "401: No token"),
        ({"tpe": "x", "errors": [{"description": "Bad prompt", "key": "fail.input"}], "extras": {}},
         "fail.input: Bad prompt"),
        ({"errors": [{"code": "token_expired", "message": "Renew it", "more_info": "url"}], "trace": "1"},
         "token_expired: Renew it"),
        ({"errors": ["one", {"strange": 1}]}, 'one; {"strange":1}'),
    ],
)  # fmt: skip
def test_the_words_of_every_provider(payload: Any, words: str) -> None:
    assert error_message(payload) == words


@pytest.mark.parametrize(
    "payload",
    [
        None, "text", 3, [], [1], {}, {"error": None, "id": "resp_1"}, {"error": False}, {"message": {"role": "x"}},
        {"data": [], "object": "list"}, {"detail": None}, {"errors": []}, {"description": "A class"},
    ],
)  # fmt: skip
def test_nothing_that_looks_like_an_error(payload: Any) -> None:
    assert error_message(payload) is None


BASE = "https://api.llm.example"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/openai/v1/chat/completions", "openai-chat"),
        ("/v1/completions", "openai-completions"),
        ("/v1/responses", "openai-responses"),
        ("/v1/threads/thread_1/runs", "openai-assistants"),
        ("/v1/threads/thread_1/messages", "openai-assistants"),
        ("/v1/audio/transcriptions", "openai-transcription"),
        ("/v1/messages", "anthropic-messages"),
        ("/v1/publishers/a/models/m:rawPredict", "anthropic-messages"),
        ("/v1/complete", "anthropic-completions"),
    ],
)
@pytest.mark.parametrize(
    "body", [{"error": {"message": "No", "type": "bad"}}, {"detail": "bad: No"}, {"message": "bad: No"}]
)
def test_a_failed_request_belongs_to_the_protocol_of_its_path(path: str, name: str, body: dict[str, Any]) -> None:
    assert whole_claimants(body, url=BASE + path) == [name]
    message = next(p for p in PROTOCOLS if name == p.name).message(body)
    assert (message.errors, message.choices, message.complete) == (["bad: No"], [], False)
    assert whole_claimants(body, url=BASE + "/elsewhere") == []
    if "error" in body:
        assert claimants(body, url=BASE + path) == [name]


@pytest.mark.parametrize("payload", [{}, {"colour": "red"}, {"data": []}])
def test_a_body_of_something_else_has_no_message(payload: dict[str, Any]) -> None:
    mine = ("openai-", "anthropic-", "writer-")
    for protocol in PROTOCOLS:
        if protocol.name.startswith(mine) and protocol.name != "openai-transcription":
            assert (protocol.message(payload).choices, protocol.message(payload).errors) == ([], [])
