"""What must stay as it is, however much it looks like a secret."""

import base64
import json

import pytest

from operations.planting import BASE, SHAPES, Exchange, rng, run, secret, sse
from operations.recorders import govcr, rubyvcr, vcrpy
from operations.redact_support import plan, redacted

_B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BLOB = run(rng("blob"), _B64, 400)
OPAQUE = secret(rng("opaque"), 40)
HIDDEN = SHAPES["github"](rng("hidden"))


def body(**values: object) -> Exchange:
    return BASE.answered(json.dumps(values))


DECOYS: dict[str, Exchange] = {
    "token counts": body(usage={"prompt_tokens": 1234567, "completion_tokens": 2, "total_tokens": 3, "max_tokens": 4096}),
    "token counts in camels": body(maxTokens=100000, totalTokenCount=123456, tokens=99999, tokenCount="123456"),
    "a page token": body(nextPageToken=OPAQUE, page_token=OPAQUE, next_token=OPAQUE, continuation_token=OPAQUE),
    "encrypted content": body(encrypted_content=BLOB, thoughtSignature=BLOB, signature=BLOB, redacted_thinking={"data": BLOB}),
    "a shape inside a thought signature": body(thoughtSignature=BLOB[:200] + "/" + HIDDEN + "+" + BLOB[200:]),
    "a cache key": body(prompt_cache_key=OPAQUE, cache_key=OPAQUE, idempotency_key=OPAQUE, primary_key=OPAQUE),
    "a key": body(key=OPAQUE, keys=[OPAQUE], foreign_key=OPAQUE, object_key="a/b/c"),
    "token types": body(token_type="Bearer", tokenizer="cl100k_base", token="Hello", tokens=["a", "b"]),
    "logprobs": body(logprobs=[{"token": "internationalization1", "logprob": -0.1, "bytes": [1, 2]}]),
    "identifiers": body(id="chatcmpl-" + OPAQUE, system_fingerprint="fp_" + OPAQUE[:10], call_id="call_" + OPAQUE[:24]),
    "identifiers of messages": body(id="msg_" + OPAQUE[:24], response_id="resp_" + OPAQUE, item_id="rs_" + OPAQUE),
    "hashes": body(sha256="0123456789abcdef" * 4, md5="0123456789abcdef" * 2, etag='W/"' + OPAQUE + '"'),
    "a commit": body(sha="0123456789abcdef0123456789abcdef01234567", digest="sha256:" + "ab" * 32),
    "uuids": body(uuid="b320df16-c763-4455-b901-3f7d54e9a012", trace_id="4bf92f3577b34da6a3ce929d0e0e4736"),
    "an image": body(url="data:image/png;base64,iVBORw0KGgo" + BLOB),
    "a schema": body(properties={"password": {"type": "string", "description": "the user's password"}, "token": {"type": "string"}},
                     required=["password", "api_key"]),
    "text behind a field that closes itself": body(script=f'# <UDF name="admin_password" label="Which"/>\n{OPAQUE} <!-- -->'),
    "null and flags": body(password=None, secret=True, api_key=False, token=None, authorization=""),
    "prose": body(content="Pass your API key in the Authorization header: Authorization: Bearer <token>. The secret is patience; "
                          "the password: is asked for. Use sk- keys; task-force-alpha-bravo-charlie; risk-assessment-of-2026."),
    "prose about bearers": body(content="Bearer authentication_is_described_in_the_manual and Basic authentication here"),
    "prose under a secret name": body(secret="She told nobody about the cellar", api_key="Your API key is missing"),
    "code": body(content="client = OpenAI(api_key=os.environ['OPENAI_API_KEY']); headers = {'X-Api-Key': key}"),
    "words with dashes": body(a="user-experience-and-design-patterns", b="org-chart-of-the-whole-company", c="proj_management"),
    "numbers with colons": body(time="12:34:56", ratio="1234567890:AB", isbn="978-3-16-148410-0"),
    "an URL without secrets": body(url="https://x.example/a?page=2&sort=key&order=asc&session=1&auth=true&sign=-1#token"),
    "a URL with a port and mail": body(url="https://x.example:8443/@scope/pkg@1.2.3/a:b", mail="someone@example.com"),
    "an ARN without an account": body(arn="arn:aws:s3:::bucket/key", model="arn:aws:bedrock:us-east-1::foundation-model/x"),
    "a project by name": body(name="projects/my-project/locations/global/models/m"),
    "a vendor's own example": body(id="AKIA" + "IOSFODNN7EXAMPLE", docs="see AKIA" + "IOSFODNN7EXAMPLE."),
    "a spent token": body(a="sk-" + "proj-" + "x" * 40, b="ghp" + "_" + "X" * 36, c="sk-" + "ant-api03-" + "0" * 90),
    "a certificate": body(cert="-----BEGIN CERTIFICATE-----\n" + BLOB[:64] + "\n-----END CERTIFICATE-----"),
    "a public key": body(key="-----BEGIN PUBLIC KEY-----\n" + BLOB[:64] + "\n-----END PUBLIC KEY-----"),
    "an XML document": BASE.answered("<a><Key>b/c.txt</Key><NextToken>x</NextToken><MaxKeys>1000</MaxKeys></a>", "text/xml"),
    "HTML": BASE.answered('<input type="password" name="password" value=""><input name="q" value="key">', "text/html"),
    "a form": BASE.asked("page_token=" + OPAQUE + "&model=x&max_tokens=1&key=name", "application/x-www-form-urlencoded"),
    "multipart": BASE.asked('--b\r\nContent-Disposition: form-data; name="file"; filename="token.txt"\r\n\r\nplain\r\n--b--\r\n',
                            "multipart/form-data; boundary=b"),
    "a stream": BASE.answered(sse({"choices": [{"index": 0, "delta": {"content": "tok"}}]}, {"choices": [], "usage": {"total_tokens": 5}}),
                              "text/event-stream"),
    "headers never secret": BASE.with_sent(Idempotency_Key=OPAQUE, Sec_WebSocket_Key=OPAQUE, X_Amz_Content_Sha256="ab" * 32,
                                           X_Continuation_Token=OPAQUE, X_Amz_Date="20260101T000000Z"),
    "answers never secret": BASE.with_got(WWW_Authenticate='Bearer realm="x", error="invalid_token"', CF_Ray="9a0b1c2d3e4f5a6b-AMS",
                                          X_Request_ID="req_" + OPAQUE, X_Ratelimit_Remaining_Tokens="149984",
                                          Access_Control_Allow_Credentials="true", X_Ratelimit_Key="gpt-5-nano"),
    "plain cookies": BASE.with_sent(Cookie="theme=dark; lang=en-US; consent=true; v=2"),
    "a deleted cookie": BASE.with_got(Set_Cookie="sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"),
}  # fmt: skip

REDACTED_ALREADY = [
    "<AUTH_TOKEN>", "DUMMY", "scrubbed", "FILTERED", "***", "test_openai_api_key", "[REDACTED]", "REDACTED", "**REDACTED**",
    "{{ api_key }}", "${API_KEY}", "%API_KEY%", "xxxxxxxxxxxxxxxx", "your-api-key-here", "fake-api-key", "mock-token",
    "X-API-KEY-XXX", "sk-fake", "dummy_key", "changeme", "...", "$OPENAI_API_KEY", "sanitized", "<OPENAI_API_KEY>", "test-key",
    "not-a-real-key", "placeholder", "hidden", "__TOKEN__", "invalid-api-key", "example", "my-secret-token", "",
]  # fmt: skip


@pytest.mark.parametrize("write", [vcrpy, govcr, rubyvcr])
@pytest.mark.parametrize("name", DECOYS)
def test_a_decoy_is_not_touched(name: str, write) -> None:
    text = write(DECOYS[name])
    done = redacted(text)
    assert done.text == text
    assert done.result.clean


@pytest.mark.parametrize("value", REDACTED_ALREADY)
def test_what_is_redacted_already_is_left(value: str) -> None:
    places = [
        BASE.with_sent(Authorization=f"Bearer {value}"),
        BASE.with_sent(X_Api_Key=value, Cookie=f"sid={value}; b={value}"),
        BASE.with_got(Set_Cookie=f"sid={value}; path=/", Openai_Organization=value),
        BASE.asked(json.dumps({"api_key": value, "headers": {"Authorization": f"Bearer {value}"}})),
        BASE.asked(f"client_secret={value}&a=1", "application/x-www-form-urlencoded"),
        BASE.answered(f"<SecretAccessKey>{value}</SecretAccessKey>", "text/xml") if "<" not in value else BASE,
        BASE.with_sent(Authorization="Basic " + base64.b64encode(f"{value}:{value}".encode()).decode())
        if value
        else BASE,
    ]
    for place in places:
        text = vcrpy(place)
        assert redacted(text).text == text


@pytest.mark.parametrize(
    "value", ["FAKEfake0123456789abcdefFAKE", "fake-3f9a2b7c1d", "TEST9f8e7d6c5b4a", "example0a1b2c3d4e5f"]
)
def test_a_secret_that_says_fake_is_one_still(value: str) -> None:
    assert value not in redacted(vcrpy(BASE.with_sent(X_Api_Key=value))).text


def test_personal_data_and_what_changes_are_left_unless_asked_for() -> None:
    text = vcrpy(
        BASE.asked(json.dumps({"to": "jane.fake@example.org", "ip": "203.0.113.7"})).with_got(Date="Mon, 05 Jan 2026")
    )
    assert redacted(text).text == text
    assert redacted(text, plan("pii")).rules == ["email", "ipv4"]
    assert redacted(text, plan("volatile")).rules == ["volatile-header"]
