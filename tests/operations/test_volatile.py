"""The rules by which a difference is none: names and values must both bear it out."""

from typing import Any

import pytest

from cassette_cli.operations.volatile import RULES, header_reason, header_text, reason

HEADERS: list[tuple[str, str | None, str | None, str | None]] = [
    ("user-agent", "OpenAI/Python 1.2.3", "OpenAI/Python 2.0.0-beta.1", "client-versions"),
    ("user-agent", "python-httpx/0.27.0", "python-httpx/0.28.1", "client-versions"),
    ("user-agent", "tide/1.0 (linux x86_64; py3.11)", "tide/1.1 (linux x86_64; py3.12)", "client-versions"),
    ("user-agent", "tide/1.0 (linux x86_64)", "tide/1.0 (linux i386)", None),
    ("user-agent", "OpenAI/Go 2.7.1", "Tide-Product/0.12", None),
    ("user-agent", "OpenAI/Go 2.7.1", "OpenAI/JS 2.7.1", None),
    ("user-agent", None, "OpenAI/Go 2.7.1", None),
    ("x-goog-api-client", "gl-python/3.12 genai/1.0", "gl-python/3.13 genai/1.2", "client-versions"),
    ("x-goog-api-client", "gl-python/3.12 genai/1.0", "gl-node/22.0 genai/1.2", None),
    ("x-stainless-lang", "python", "js", None),
    ("x-stainless-package-version", "1.0", "1.1", "client-versions"),
    ("server", "uvicorn/0.29", "uvicorn/0.30", "server-versions"),
    ("server", "cloudflare", "nginx", None),
    ("accept-encoding", "gzip", "gzip, br", "transport"),
    ("Vary", "Origin", None, "transport"),
    ("strict-transport-security", "max-age=1", "max-age=2", "transport"),
    ("accept-language", "de", "fr", None),
    ("openai-organization", "tide", "ebb", None),
    ("x-ratelimit-remaining-tokens", "149", "12", "rate-limits"),
    ("x-ratelimit-limit-tokens", "REDACTED", "12", "rate-limits"),
    ("x-ratelimit-tier", "gold", "silver", None),
    ("anthropic-ratelimit-tokens-reset", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "rate-limits"),
    ("date", "Mon, 01 Jan 2024 00:00:00 GMT", "Tue, 02 Jan 2024 00:00:00 GMT", "times"),
    ("date", "Mon, 01 Jan 2024 00:00:00 GMT", "never", None),
    ("expires", "0", "-1", "times"),
    ("cookie", "session=4f9a8b7c6d5e4f3a2b1c", "session=0f9a8b7c6d5e4f3a2b1d", "session-cookies"),
    ("cookie", "plan=free", "plan=gold", None),
    ("authorization", "Bearer a", "Bearer b", None),
    ("authorization",
     "AWS4-HMAC-SHA256 Credential=AKIA/20240101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=0a",
     "AWS4-HMAC-SHA256 Credential=AKIB/20250101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=0b",
     "request-signatures"),
    ("authorization",
     "AWS4-HMAC-SHA256 Credential=AKIA/20240101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=0a",
     "AWS4-HMAC-SHA256 Credential=AKIA/20240101/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=0b",
     None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "rule"), HEADERS)
def test_headers_are_judged_by_name_and_value(name: str, old: str | None, new: str | None, rule: str | None):
    assert header_reason(name, old, new) == rule
    assert header_reason(name, new, old) == rule


@pytest.mark.parametrize(("name", "old", "new", "rule"), HEADERS)
def test_the_text_of_a_header_follows_the_same_rules(name: str, old: str | None, new: str | None, rule: str | None):
    if old is not None and new is not None:
        assert (header_text(name, old) == header_text(name, new)) == (rule is not None)


@pytest.mark.parametrize(
    ("key", "value", "parent", "rule"),
    [
        ("id", "chatcmpl-8x9y7z1234", {}, "ids"),
        ("id", "gpt-4", {"id": 1, "object": "model", "created": 1}, None),
        ("created_at", 1700000000, {}, "times"),
        ("service_tier", "default", {}, None),
        ("frequency_penalty", 0.5, {}, None),
        ("session_id", "support", {}, None),
        ("session_id", "4f9a8b7c6d5e4f3a", {}, "ids"),
        ("sequence_number", 4, {}, "chunking"),
        ("start_offset", 4, {}, "offsets"),
        ("total_duration", 4, {}, "durations"),
        ("signature", "Ev" + "Ab3" * 12, {}, "signatures"),
        ("signature", "none", {}, None),
    ],
)
def test_json_is_judged_by_key_and_value(key: str, value: Any, parent: dict[str, Any], rule: str | None):
    assert reason(key, None, value, parent, "response") == rule
    assert reason(key, None, value, parent, "content") is None


def test_every_rule_has_a_name_of_its_own_and_says_what_it_is():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.about and rule.name.replace("-", "").isalpha() for rule in RULES)
    headers = [name for rule in RULES for name in rule.headers]
    assert len(headers) == len(set(headers))
