"""Values under names: the parts of a name decide, its neighbours, and what the value looks like."""

import base64

import pytest

from cassette_cli.operations.redact.detect.cookies import cookie_rule, cookie_values
from cassette_cli.operations.redact.detect.named import named_value, named_values
from cassette_cli.operations.redact.detect.names import CDN_COOKIE, COOKIE, Kind, name_rule, words_of

T = "vX7pQ2mR9sT4wZ8kL3nB6yH1"
UUID = "1f0b9c3e-5d7a-4e2b-8c6d-0a9f8e7d6c5b"

SECRET: dict[Kind, str] = {
    "header": "X-Acme-Key ACME-TOKEN X-TrackerToken Fastly-Key aeg-sas-key X-Auth-Secret X-Hub-Signature-256 KC-API-SIGN X-Shopify-Hmac-SHA256 "
    "X-Signature-Ed25519 Jenkins-Crumb X-Ops-Authorization-1 X-Csrf Api-Token CF-Access-Client-Secret X-BAPI-SIGN svix-signature",
    "json": "acme_token acmeToken acme.api.key preSharedKey GITHUB_PAT db_pass hmacSecret APIKEY user[api_token] slackBotToken "
    "DB_PASSWORD_PROD passwordConfirm bindpw wpa_psk token1 secretValue totpSeed apiKeys accountKey1 X-Api-Key webhook_signature",
    "query": "zor_key sig sign token key X-Plex-Token hapikey code_verifier hmac",
    "form": "zor_secret client_secret sesskey user[password]",
}
NONE: dict[Kind, str] = {
    "header": "Idempotency-Key X-Idempotency-Key Sec-WebSocket-Key Surrogate-Key X-Cache-Key X-Next-Page-Token x-ms-continuation-token "
    "x-ratelimit-key X-Request-Key X-Content-Key X-Amz-Client-Token",
    "json": "nextPageToken next_page_token continuationToken sync_token prompt_cache_key sortKey primary_key foreign_key publicKey "
    "idempotencyKey partition_key rowKey objectKey s3_key issueKey signature thoughtSignature method_signature max_tokens tokenId "
    "keyName secretName keyword monkey author path pattern bypass hashed_token PublicKeyToken",
    "query": "page_token continuation-token sort_key cache_key",
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in SECRET.items() for name in names.split()])
def test_names_of_secrets_in_any_style(kind: Kind, name: str) -> None:
    (match,) = named_values(name, T, kind)
    assert (match.start, match.end, match.key) == (0, len(T), name)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NONE.items() for name in names.split()])
def test_names_that_page_cache_sort_count_and_retry(kind: Kind, name: str) -> None:
    assert named_value(name, T, kind) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("acme_key", "created_at_descending"), ("acme_token", "gpt-4o-mini-2024-07-18-global-batch"), ("token", "Hello"), ("token", "1234"),
     ("api_key", "string"), ("password", "Password is required"), ("secret", "The secret ingredient"), ("session_id", UUID),
     ("client_secret", "YOUR_CLIENT_SECRET"), ("access_token", "<access_token>"), ("private_key", "/etc/ssl/key.pem"),
     ("secrets", "write,environments=write"), ("password", "&username="), ("tokenUrl", "https://x.example/" + T)],
)  # fmt: skip
def test_values_that_are_none(name: str, value: str) -> None:
    assert named_value(name, value) is None


def test_a_uuid_is_a_key_under_the_names_of_keys_alone() -> None:
    assert named_value("PINECONE_API_KEY", UUID) is not None
    assert named_value("Api-Key", UUID, "header") is not None
    assert named_value("access_token", UUID) is not None
    assert named_value("acme_key", UUID) is None
    assert named_value("trace_session", UUID) is None


def test_neighbours_tell_what_a_short_name_holds() -> None:
    assert named_value("code", T, "form", ["grant_type", "code"]) is not None
    assert named_value("code", T, "query", ["code", "state"]) is not None
    assert named_value("code", T, "query", ["code", "page"]) is None
    assert named_value("d", T, "json", ["kty", "crv", "d"]) is not None
    assert named_value("d", T, "json", ["x", "d"]) is None


def _of(name: str, value: str, kind: Kind = "header") -> list[str]:
    return [value[match.start : match.end] for match in named_values(name, value, kind)]


def test_schemes_and_parameters_stay() -> None:
    assert _of("Authorization", f"Bearer {T}") == [T]
    assert _of("Authorization", "Basic " + base64.b64encode(b"octo:Zebra-77-hip").decode()) == [
        "b2N0bzpaZWJyYS03Ny1oaXA="
    ]
    assert _of("Authorization", "Basic " + base64.b64encode(b"octo:REDACTED").decode()) == []
    digest = f'Digest username="octo-the-user", realm="x", nonce="{T}", response="{T[::-1]}"'
    assert _of("Authorization", digest) == [T, T[::-1]]
    assert _of("Stripe-Signature", f"t=1492774577,v1={'0f1e2d3c' * 8}") == ["0f1e2d3c" * 8]
    key_id = "AKIA" + "QX7PZ2MRW9ST4LNB"
    signed = f"AWS4-HMAC-SHA256 Credential={key_id}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={'0f1e' * 16}"
    assert _of("Authorization", signed) == [key_id, "0f1e" * 16]
    for value in (
        "Bearer <token>",
        "Bearer OPENAI_API_KEY",
        "Bearer foo",
        "Bearer $API_KEY",
        "token REDACTED_" + "752e6074" * 8,
        "Bearer",
    ):
        assert _of("Authorization", value) == []


def test_connection_strings_keep_all_but_the_password() -> None:
    assert _of("DATABASE_URL", "postgres://bob:Zx81k@q02LmMfSt@db.example/app", "env") == ["Zx81k@q02LmMfSt"]
    assert _of("connectionString", "Server=db;User Id=octo;Password=Zebra-77-hip;Encrypt=yes", "json") == [
        "Zebra-77-hip"
    ]
    assert _of("DATABASE_URL", "postgres://localhost/app", "env") == []


def test_a_name_is_split_at_signs_and_humps() -> None:
    assert words_of("X-AcmeApi_key") == ("x", "acme", "api", "key")
    assert words_of("OAuthTokenV2") == ("o", "auth", "token", "v", "2")
    assert words_of("trackertoken") == ("tracker", "token")
    assert words_of("monkey") == ("monkey",)
    assert name_rule("x" * 101) is None


CDN = """__cf_bm _cfuvid cf_clearance __cflb AWSALB AWSALBCORS AWSALBTG ak_bmsc bm_sv bm_sz _abck _ga _ga_ABC123 _gid _gat_UA _fbp _gcl_au
incap_ses_123_456 visid_incap_789 nlbi_1 ARRAffinity BIGipServerpool session_tracker _hjSession_1 OptanonConsent""".split()


@pytest.mark.parametrize("name", CDN)
def test_cookies_of_cdns_and_of_analytics_are_volatile(name: str) -> None:
    assert cookie_rule(name) is CDN_COOKIE


@pytest.mark.parametrize(
    "name",
    "sid session PHPSESSID JSESSIONID _gh_sess user_session laravel_session connect.sid auth remember_me csrftoken".split(),
)
def test_cookies_of_sessions_are_secrets(name: str) -> None:
    assert cookie_rule(name) is COOKIE


def _cookies(value: str, *, is_set_cookie: bool = False) -> list[tuple[str, str]]:
    return [(match.key, value[match.start : match.end]) for match in cookie_values(value, is_set_cookie=is_set_cookie)]


def test_names_and_attributes_of_cookies_stay() -> None:
    assert _cookies(f'theme=dark; sid="{T}"; lang=en-US; empty=; n=42') == [("sid", T)]
    assert _cookies(f"sid={T}; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly", is_set_cookie=True) == [
        ("sid", T)
    ]
    assert _cookies(f"a={T}; Path=/, b={T[::-1]}; Secure", is_set_cookie=True) == [("a", T), ("b", T[::-1])]
    assert _cookies(f"sid={T}; Max-Age=0", is_set_cookie=True) == []
    assert _cookies(f"sid={T}; expires=Thu, 01 Jan 1970 00:00:00 GMT", is_set_cookie=True) == []
    assert _cookies("sid=deleted; Path=/", is_set_cookie=True) == []
    assert _cookies("chocolate_chip with nuts") == []
