"""Judges of values: what is opaque, what a person could have chosen, what stands for a secret that is gone."""

import random
import string
import uuid

import pytest

from cassette_cli.operations.redact.detect.values import (
    is_credible,
    is_opaque,
    is_placeholder,
    is_prose,
    is_reference,
    is_sweepable,
    is_template,
)

NAMES = """
gpt-4o-mini-2024-07-18-global-batch claude-3-5-sonnet-20241022-v2:0 anthropic.claude-3-haiku-20240307-v1:0
meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo accounts/fireworks/models/llama-v3p1-405b-instruct Qwen2.5-VL-72B-Instruct
mistralai/Mixtral-8x7B-Instruct-v0.1 text-embedding-3-large user-profile-v2 order-2026-01-02-0001 created_at_descending
images/2026/01/photo-of-a-bridge-1200x800.jpg getUserByIdAndName AZURE_OPENAI_API_KEY application/x-www-form-urlencoded
com.example.shop.OrderRepository projects/my-project-123456/locations/us-central1 2026-01-02T03:04:05.678901Z
https://api.example.com/v1/things?page=2 123456789012345678901234 us-east-1 abstractsingletonproxyfactorybean
""".split()
ALPHABETS = {
    "letters and digits": string.ascii_letters + string.digits,
    "hexadecimal": "0123456789abcdef",
    "lower case and digits": string.ascii_lowercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "base64url": string.ascii_letters + string.digits + "-_",
}


@pytest.mark.parametrize("value", [*NAMES, str(uuid.UUID(int=12345678901234567890))])
def test_names_are_not_opaque(value: str) -> None:
    assert not is_opaque(value)
    assert not is_sweepable(value) or value.count("-") == 4


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS.keys())
def test_random_text_is_opaque(alphabet: str) -> None:
    drawn = random.Random(3)
    values = ["".join(drawn.choices(alphabet, k=24)) for _ in range(1000)]
    assert sum(map(is_opaque, values)) >= 990
    assert sum(map(is_sweepable, values)) >= 980


@pytest.mark.parametrize(
    "value", ["hunter2", "S3cr3t!", "p@ssw0rd", "Tr0ub4dor&3", "inline-Passw0rd-7hip", "correct horse battery staple", "mY.dog8ate"]
)  # fmt: skip
def test_what_a_person_could_have_chosen_is_credible(value: str) -> None:
    assert is_credible(value)
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    ["string", "required", "Password", "Password is required", "at least 8 characters", "${DB_PASSWORD}", "{{ pw }}", "%s", "12", "true",
     "process.env.PASSWORD", 'os.environ["PASSWORD"]', "config.password", "getpass.getpass()", "/etc/ssl/server.key",
     "https://x.example/reset", "Password:", "2026-01-02"],
)  # fmt: skip
def test_code_types_prose_and_places_are_not_credible(value: str) -> None:
    assert not is_credible(value)


@pytest.mark.parametrize(
    "value",
    ["OPENAI_API_KEY", "foo", "REDACTED_752e6074f2bfd304940849e4cf05f5f6", "test_openai_api_key", "DUMMY", "***", "<API_KEY>",
     "your-api-key-here", "Bearer $TOKEN", "sk-...4f9a", "sk-proj-********1234", "xxxxxxxxxxxxxxxx", "manual-token", "API-KEY-#####",
     "AKIA" + "IOSFODNN7EXAMPLE", "123456789012", "null", "password1", "my-secret-key", "oauth2token", "access_token"],
)  # fmt: skip
def test_placeholders(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value", ["FAKE4f9a8b7c6d5e", "testA9x7Qm2ZpL", "examplePassw0rd!x9Kq", "4f9a8b7c", "hunter2", "dummy9Xk2mQ7vLpZ"]
)
def test_what_merely_contains_a_word_of_placeholders_is_none(value: str) -> None:
    assert not is_placeholder(value)


def test_code_is_told_from_values() -> None:
    for code in (
        "token",
        "SecretRef",
        "user.password",
        "args.key2",
        "tokens[index]",
        "getToken(user)",
        "await login()",
        "&secret",
        "str",
        "a.b->c",
    ):
        assert is_reference(code), code
    for value in ("9ShFXNQ6Fq5axtjRNmHk", "inline-Passw0rd-7hip", "mY.dog8ate", "Zebra-77-hip"):
        assert not is_reference(value), value


def test_prose_is_told_from_pass_phrases() -> None:
    assert is_prose("the token that login returns")
    assert is_prose("Enter your password")
    assert not is_prose("correct horse battery staple")


def test_a_random_value_with_a_sign_of_templates_is_no_template() -> None:
    assert is_template("Bearer ${TOKEN}")
    assert is_template("vault://secret/db")
    assert not is_template("kW3v${x}Xq9LmZ2pTr8sBn7Yd")
