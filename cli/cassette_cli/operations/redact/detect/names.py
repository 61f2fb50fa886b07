"""Which names hold secrets: a header, a key, a parameter, a variable, by its parts and in any style of writing.

A name says what care to take: what stands under `client_secret` is a secret whatever it looks like, what stands
under `acme_password` if a person could have chosen it, and what stands under `acme_key` if it looks drawn at random.
"""

import re
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from cassette_cli.operations.redact.rules.rule import Level, Rule
from cassette_cli.source.later import pattern

Kind = Literal["header", "json", "query", "form", "xml", "env", "multipart", "cookie", "flag", "text"]
"""How a name stands: as a header's, a JSON key, a parameter of a URL or a form, an XML element or attribute, …"""

Style = Literal["value", "credential", "cookie", "set-cookie", "connection", "scoped"]
"""How a value is taken apart: whole; a scheme and its credentials; cookies; a password in a connection string; the
part in front of a scope (`AKIA…/20260101/us-east-1/s3/aws4_request`)."""

Care = Literal["any", "credible", "opaque"]
"""What a value must be like: not a placeholder; what a person may have chosen; what looks drawn at random."""


class NameRule(NamedTuple):
    """What stands under a name: the rule, how a value is taken apart, and what it must be like."""

    rule: Rule
    care: Care
    style: Style = "value"


def _rule(name: str, about: str, samples: str = "", counterexamples: str = "", level: Level = "secrets") -> Rule:
    split = [tuple(text.split("\n")) if text else () for text in (samples, counterexamples)]
    return Rule(name, about, level=level, samples=split[0], counterexamples=split[1])


AUTHORIZATION = _rule(
    "authorization",
    "credentials of an Authorization header",
    "Authorization: Bearer vX7pQ2mR9sT4wZ8kL3nB\nProxy-Authorization: Basic b2N0bzpIdW50ZXItNzctWmVicmE="
    "\nauthorization=Token 9c1b7e0d4f8a2635c1b7e0d4f8a26351",
    "Authorization: Bearer $TOKEN\nAuthorization: Bearer OPENAI_API_KEY\nAuthorization: see the manual"
    "\nAuthorization: Bearer <token>\nAuthorization: none",
)
PASSWORD = _rule(
    "password",
    "a password or a pass phrase under its name",
    "DB_PASSWORD=Zebra-77-hip\n{'password': 'Zebra-77-hip'}\nftp_pass = \"kW3vXq9LmZ2pTr8sBn\"\nsmtpPassword: Zebra-77-hip"
    '\nmutation { login(user: "x", password: "Zebra-77-hip") { id } }\nuserpwd: \'Zebra-77-hip\'',
    "password: required, at least 8 characters\npassword = getpass.getpass()\npassword: string;"
    '\npassword: Optional[str] = None\nDB_PASSWORD=${DB_PASSWORD}\n"password": "Password is required"'
    "\nbypass: on\nbypass = 9f8e7d6c5b4a39281706f5e4d3c2b1a0",
)
SECRET = _rule(
    "secret",
    "what a name calls a secret",
    "CLIENT_SECRET=Rk3v9Tz1Qp8mXw4s\nacme_secret: 7tGq2LxV9mRw4KpZ\n<clientSecret>7tGq2LxV9mRw4KpZ</clientSecret>"
    "\nhmacSecret = '7tGq2LxV9mRw4KpZ'\notpauth://totp/Acme:bob?secret=JBSWY3DPEHPK3PXP&issuer=Acme",
    "secret: SecretRef\nclient_secret = config.client_secret\nsecretName: my-tls-secret\nsecret: the one that you chose",
)
API_KEY = _rule(
    "api-key",
    "an API key, or another key that opens something, under its name",
    'X-Api-Key: vX7pQ2mR9sT4wZ8kL3nB\nconst cfg = {apiKey: "vX7pQ2mR9sT4wZ8kL3nB"}'
    "\nPINECONE_API_KEY=1f0b9c3e-5d7a-4e2b-8c6d-0a9f8e7d6c5b\napp.secret.key=vX7pQ2mR9sT4wZ8kL3nB",
    'api_key = os.environ["API_KEY"]\nconst apiKey = process.env.API_KEY;\nexport API_KEY=$SERVICE_API_KEY'
    "\napi_key: str\nAPI key: see your account",
)
KEY = _rule(
    "key",
    "an opaque value under a name that ends in key",
    "X-Acme-Key: vX7pQ2mR9sT4wZ8kL3nB\nacme_key=vX7pQ2mR9sT4wZ8kL3nB",
    "sort_key: created_at_descending\nprompt_cache_key: user-profile-v2\npublic_key: vX7pQ2mR9sT4wZ8kL3nB"
    "\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nx-ratelimit-key: gpt-4o-mini-2024-07-18-global-batch"
    "\nobject_key = images/2026/01/bridge.jpg\nIdempotency-Key: 8f14e45fceea167a5a36dedd4bea2543",
)
TOKEN = _rule(
    "token",
    "an opaque value under a name that ends in token",
    "CYB_TOKEN=9ShFXNQ6Fq5axtjRNmHk\nacmeToken: '9ShFXNQ6Fq5axtjRNmHk'\n//registry.npmjs.org/:_authToken=9ShFXNQ6Fq5axtjRNmHk"
    "\nX-TrackerToken: 9ShFXNQ6Fq5axtjRNmHk",
    "token = tokens[index]\nconst token = await getToken(user);\nnext_page_token=9ShFXNQ6Fq5axtjRNmHk"
    "\nmax_tokens: 4000\ntoken: the token that login returns\nTOKEN=$(gcloud auth print-access-token)"
    "\nContinuationToken: 9ShFXNQ6Fq5axtjRNmHk\neos_token: <|endoftext|>",
)
CREDENTIAL = _rule(
    "credential",
    "an opaque value under a name that speaks of credentials or a session",
    "GITHUB_PAT=9ShFXNQ6Fq5axtjRNmHk\nbasic_auth=9ShFXNQ6Fq5axtjRNmHk\nservice_credential: 9ShFXNQ6Fq5axtjRNmHk",
    "auth: basic\nauth = HTTPBasicAuth(user, pw)\npat: pattern",
)
SIGNATURE = _rule(
    "signature",
    "the signature of a webhook or a request, which a replay of it would need",
    "X-Hub-Signature-256: sha256=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
    "\nStripe-Signature: t=1492774577,v1=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
    "\nwebhook_signature=0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "Method signature: parse_args(argv)\nThe function signature: final_result({city: string})"
    "\nthought_signature: 0f1e2d3c4b5a69788796a5b4c3d2e1f0",
)
COOKIE = _rule(
    "cookie",
    "the value of a cookie",
    "Cookie: sid=9ShFXNQ6Fq5axtjRNmHk; theme=dark\nSet-Cookie: sid=9ShFXNQ6Fq5axtjRNmHk; Path=/",
    "Cookie: theme=dark; lang=en\nCookie: chocolate_chip with nuts\nSet-Cookie: sid=deleted; Max-Age=0",
)
CDN_COOKIE = _rule(
    "cdn-cookie",
    "a cookie by which a CDN, a load balancer or an analytics script knows a visitor",
    "Set-Cookie: __cf_bm=9ShFXNQ6Fq5axtjRNmHk; Path=/\nCookie: _ga=GA1.2.1186443519.1700000000",
    level="volatile",
)
OAUTH_CODE = _rule(
    "oauth-code",
    "a code that is exchanged for a token",
    "grant_type=authorization_code&code=9ShFXNQ6Fq5axtjRNmHk\ndevice_code: 9ShFXNQ6Fq5axtjRNmHk"
    "\nhttps://app.example/cb?code=9ShFXNQ6Fq5axtjRNmHk&state=xyz",
    "code=9ShFXNQ6Fq5axtjRNmHk\nhttps://app.example/voucher?code=9ShFXNQ6Fq5axtjRNmHk&page=1\ncode: not_found",
)
OTP = _rule(
    "one-time-code",
    "the seed of one-time codes, one of them, or a code for recovery",
    "totp_seed=JBSWY3DPEHPK3PXP\nmfa_code=381902\nrecovery_codes: ['k3vx9-tz1qp', 'm4ww8-lp2rs']",
    "error_code: 381902\nseed: 42\nrecovery: on",
)
SAML = _rule(
    "saml",
    "an assertion of SAML or a token of WS-Security",
    "SAMLResponse=PHNhbWxwOlJlc3BvbnNlIElEPSJfMSI%2BPC9zYW1scDpSZXNwb25zZT4%3D"
    "\n<ds:SignatureValue>9ShFXNQ6Fq5axtjRNmHk9ShFXNQ6Fq5axtjRNmHk</ds:SignatureValue>",
)
JWK = _rule(
    "jwk-private",
    "the private part of a JSON Web Key (RFC 7518, 6)",
    '{"kty":"EC","crv":"P-256","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}'
    '\n{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}',
    '{"kty":"EC","crv":"P-256","x":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}'
    '\n{"d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}',
)
CONNECTION = _rule(
    "connection-string",
    "the password in a URL or a connection string",
    "postgres://bob:Zx81k@q02LmMfSt@db.example/app\nredis://:Zebra-77-hip@cache.example:6379/0",
    "https://example.com/@user/a:b\npostgres://user:password@localhost/db\npostgres://u:${PW}@db.example/app",
)
ACCESS_KEY_ID = _rule(
    "access-key-id", "the id of an access key, which names its account", "AWS_ACCESS_KEY_ID=AKIA{~}QX7PZ2MRW9ST4LNB"
)
ORGANIZATION = _rule("account-id", "an organisation, a project, a workspace, an account", level="ids")
PERSON = _rule("personal-header", "a header that names a person or an address", level="pii")
VOLATILE = _rule("volatile-header", "a header that differs from recording to recording", level="volatile")

RULES = (AUTHORIZATION, PASSWORD, SECRET, API_KEY, KEY, TOKEN, CREDENTIAL, SIGNATURE, COOKIE, CDN_COOKIE, OAUTH_CODE,
         OTP, SAML, JWK, CONNECTION, ACCESS_KEY_ID, ORGANIZATION, PERSON, VOLATILE)  # fmt: skip
"""The rules by name; their samples are texts."""

# Names as a whole


def fold(name: str) -> str:
    """Return a name as whole names are compared: in lower case, without _ - space and dot."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "").replace(".", "")


def _whole(rule: Rule, care: Care, names: str, style: Style = "value") -> dict[str, NameRule]:
    return dict.fromkeys(map(fold, names.split()), NameRule(rule, care, style))


_AUTHORIZATIONS = (
    "authorization proxy-authorization x-authorization x-forwarded-authorization x-original-authorization "
    "x-amzn-remapped-authorization x-serverless-authorization x-ms-authorization-auxiliary cf-authorization helicone-auth "
    "authentication authentication-info proxy-authentication-info x-goog-iam-authorization-token x-auth"
)
_WHOLE: dict[str, NameRule] = {
    **_whole(AUTHORIZATION, "any", _AUTHORIZATIONS, "credential"),
    **_whole(PASSWORD, "any", "password passwd pwd passphrase passcode current_password new_password old_password "
             "user_password admin_password db_password proxy_password password_confirmation hashed_password "
             "password_hash passwort kennwort contrasena contraseña senha motdepasse wachtwoord losenord haslo пароль "
             "密码 密碼 パスワード 비밀번호"),
    **_whole(SECRET, "any", "secret client_secret client_secret_value consumer_secret shared_secret webhook_secret "
             "signing_secret jwt_secret session_secret app_secret api_secret secret_string secret_value cf-access-client-secret "
             "secret_key_base token_secret"),
    **_whole(API_KEY, "any", "api_key x-api-key apikey x-apikey http-x-api-key access_key secret_key private_key secret_access_key "
             "aws_secret_access_key aws_secret_key access_key_secret api_key_secret account_key shared_key master_key "
             "encryption_key signing_key subscription_key ocp-apim-subscription-key x-functions-key hmac_key private_key_pem "
             "private_key_id license_key licence_key hapikey x-goog-api-key xi-api-key dd-api-key dd-application-key"),
    **_whole(TOKEN, "any", "access_token refresh_token id_token id_token_hint auth_token bearer_token session_token security_token "
             "csrf_token xsrf_token api_token oauth_token sas_token personal_access_token authenticity_token "
             "csrfmiddlewaretoken x-amz-security-token aws_session_token aws_session_key private-token job-token deploy-token "
             "x-auth-token x-vault-token jwt client_assertion code_verifier oauth_verifier sesskey registration_token "
             "cf-access-jwt-assertion x-amzn-oidc-data x-amzn-oidc-accesstoken upload_id x-guploader-uploadid "
             "x-goog-upload-token x-goog-iap-jwt-assertion x-amzn-oidc-identity x-honeycomb-team"),
    **_whole(OTP, "any", "otp totp otp_seed totp_seed mfa_seed totp_secret mfa_code otp_code totp_code two_factor_code 2fa_code "
             "one_time_code one_time_password seed_phrase recovery_phrase secret_phrase"),
    **_whole(OAUTH_CODE, "credible", "authorization_code auth_code device_code user_code"),
    **_whole(SAML, "any", "samlresponse samlart wresult wsse:binarysecuritytoken binarysecuritytoken"),
    **_whole(SAML, "opaque", "signaturevalue ciphervalue assertion"),
    **_whole(CREDENTIAL, "opaque", "session sid session_id sessionid phpsessid jsessionid asp.net_sessionid bearer x-session "
             "x-registry-auth ticket sas credential credentials x-subject-token x-vercel-protection-bypass x-jfrog-art-api "
             "x-ovh-consumer x-trello-webhook api_hash"),
    **_whole(CREDENTIAL, "opaque", "auth", "credential"),
    **_whole(PASSWORD, "credible", "pass pin_code cvv cvc security_answer secret_answer"),
    **_whole(SIGNATURE, "any", "x-amz-signature x-goog-signature oauth_signature"),
    **_whole(SIGNATURE, "opaque", "hmac x-signature stripe-signature x-hub-signature x-slack-signature", "credential"),
    **_whole(ACCESS_KEY_ID, "any", "access_key_id aws_access_key_id awsaccesskeyid googleaccessid key-pair-id"),
    **_whole(ACCESS_KEY_ID, "any", "x-amz-credential x-goog-credential", "scoped"),
    **_whole(COOKIE, "any", "cookie cookie2", "cookie"),
    **_whole(COOKIE, "any", "set-cookie set-cookie2", "set-cookie"),
    **_whole(CONNECTION, "any", "connection_string database_url dsn mongo_uri mongodb_uri redis_url amqp_url broker_url "
             "jdbc_url sqlalchemy_database_uri proxy_url", "connection"),
}  # fmt: skip

_HEADERS: dict[str, NameRule] = {
    **_whole(SIGNATURE, "opaque", "signature", "credential"),
    **_whole(ORGANIZATION, "any", "openai-organization openai-project anthropic-organization-id anthropic-workspace-id "
             "x-goog-user-project x-org-id x-organization-id x-organization x-project-id x-account-id x-tenant-id x-user-id "
             "x-customer-id x-workspace-id ml-instance-id dg-project-id chatgpt-account-id x-ms-client-principal-id "
             "x-ms-client-principal-name x-traceloop-project-id x-amz-account-id x-wml-project-id "
             "x-goog-authenticated-user-id x-goog-authenticated-user-email"),
    **_whole(PERSON, "any", "x-forwarded-for x-real-ip x-client-ip forwarded cf-connecting-ip true-client-ip from x-auth-email "
             "x-envoy-external-address"),
    **_whole(VOLATILE, "any", "date age expires last-modified etag cf-ray cf-cache-status x-request-id request-id x-amzn-requestid "
             "x-amzn-trace-id apim-request-id x-ms-client-request-id x-correlation-id mistral-correlation-id "
             "x-kong-request-id x-kong-upstream-latency x-kong-proxy-latency x-debug-trace-id x-trace-id x-ds-trace-id "
             "x-generation-id x-cloud-trace-context traceparent tracestate traceresponse server-timing "
             "openai-processing-ms x-envoy-upstream-service-time x-amzn-bedrock-invocation-latency x-served-by x-timer "
             "x-cache x-cache-hits x-amz-cf-id x-amz-cf-pop via report-to nel retry-after x-github-request-id "
             "x-fastly-request-id dg-request-id akamai-grn x-global-transaction-id inference-id azureml-model-session "
             "x-datadog-trace-id amz-sdk-invocation-id x-amz-date x-stainless-retry-count user-agent "
             "x-stainless-package-version x-stainless-runtime-version"),
}  # fmt: skip
_VOLATILE_OPENINGS = ("x-ratelimit-", "ratelimit-", "anthropic-ratelimit-", "x-metrics-")

_PARAMS: dict[str, NameRule] = {
    **_whole(SIGNATURE, "opaque", "signature sig sign"),
    **_whole(KEY, "opaque", "appid"),
    **_whole(CREDENTIAL, "opaque", "ticket assertion"),
}

# Names by their parts

_HUMP = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_ENDINGS: dict[str, NameRule] = {
    **dict.fromkeys("password passwd pwd passphrase passcode passwort kennwort contrasena contraseña senha wachtwoord".split(),
                    NameRule(PASSWORD, "credible")),
    "pass": NameRule(PASSWORD, "credible"),
    "phrase": NameRule(SECRET, "any"),
    "secret": NameRule(SECRET, "credible"),
    "token": NameRule(TOKEN, "opaque"),
    "jwt": NameRule(TOKEN, "opaque"),
    "key": NameRule(KEY, "opaque"),
    "auth": NameRule(CREDENTIAL, "opaque", "credential"),
    **dict.fromkeys("pat bearer credential credentials creds cred apikeys".split(), NameRule(CREDENTIAL, "opaque")),
    **dict.fromkeys("authorization".split(), NameRule(AUTHORIZATION, "opaque", "credential")),
    "signature": NameRule(SIGNATURE, "opaque", "credential"),
    **dict.fromkeys("hmac sig".split(), NameRule(SIGNATURE, "opaque", "credential")),
    **dict.fromkeys("psk pw pswd".split(), NameRule(PASSWORD, "credible")),
    **dict.fromkeys("csrf xsrf crumb".split(), NameRule(TOKEN, "opaque")),
    "seed": NameRule(OTP, "opaque"),
    "mnemonic": NameRule(SECRET, "any"),
}  # fmt: skip
"""What the last word of a name says."""
_ENDINGS_OF_HTTP = {"sign": NameRule(SIGNATURE, "opaque", "credential")}

_OF_KEYS = frozenset(
    "api access secret private auth signing encryption decryption master account shared license licence app application "
    "admin service deploy ssh hmac jwt storage session subscription consumer client integration webhook server write "
    "read ingest insert sas psk preshared ephemeral crypto cipher aes rsa gpg pgp wallet bot user team org partner "
    "merchant vendor developer dev trading exchange account root super security function functions host".split()
)
"""In front of `key`, these say what it opens."""
_STRONG_KEYS = frozenset(
    "api access secret private auth signing encryption decryption master shared license licence subscription app hmac "
    "preshared deploy consumer".split()
)
_STRONG_TOKENS = frozenset(
    "access refresh auth bearer session csrf xsrf api secret sas oauth oauth2 id security personal".split()
)
_NO_KEYS = frozenset(
    "hashed sentry agent primary foreign public pub sort partition hash range cache caching composite unique candidate natural surrogate "
    "idempotency idempotence dedup dedupe deduplication group grouping order ordering index row lookup map dict json object "
    "s3 bucket blob file image img photo picture asset media video audio avatar thumbnail route routing message msg "
    "i18n l10n translation locale label field column property prop attribute attr metric tag name data hot arrow enter "
    "shift ctrl alt esc escape tab home press ratelimit limit throttle websocket event issue project parent child "
    "config setting feature flag option param parameter query filter template type kind state status version sub "
    "resource item entity record document doc node edge relation link join shard distribution distkey cluster prompt "
    "context meta metadata header site publishable publish recaptcha verify verification fingerprint next prev previous "
    "last first start end page paging pagination count counter retry sequence sibling reference ref bundle chunk job "
    "task queue topic stream correlation trace span request response result store storagekey upload download content "
    "path url uri local storagepath registry identity lang language theme color colour style icon font react list state "
    "trie tree btree btn button keyboard piano musical answer legend chart axis series yaml toml xml dictionary vote poll "
    "space board sprint epic block section slot variant variable env trigger hook callback action menu nav tool model "
    "prefix suffix scan scroll seek marker cursor window bucketing assignment experiment".split()
)
"""In front of `key`, these say that it opens nothing: it names, sorts, finds, counts or pages."""
_NO_TOKENS = frozenset(
    "next page paging pagination continuation continue cursor sync resume scroll prev previous start starting end ending "
    "last max min total prompt completion input output num count per cached cache reasoning eos bos pad unk sep cls mask "
    "special stop first delta change changes skip marker idempotency idempotent request invocation logprob sample decoded text "
    "design color colour css lex parse syntax punctuation comment keyword operator whitespace string number list forward "
    "backward more offset position watch poll search exclusive begin nft erc20 erc721 payment fungible top best word "
    "hashed hash digest sentence begin image audio video budget context new old generated current used remaining limit rate".split()
)
"""In front of `token`, these say that it pages, counts, is part of a text, or tells requests apart."""
_NO_SIGNATURES = frozenset(
    "method function func type thought thinking reasoning call class api interface schema file binary virus image email "
    "mail model prompt op operator key time default content digital".split()
)
_NO_AUTH = frozenset(
    "require requires required use uses no enable enabled is has without skip disable need needs".split()
)
_NO_SECRETS = frozenset("no is has use top non pull image tls".split())
_NO_PASSES = frozenset(
    "first second third next by multi two single last render num max min test tests count low high band did does all "
    "must can could would will shall let lets not x".split()
)
_NO_SEEDS = frozenset("random rng model sampling train training noise test data db".split())
_NEVER = frozenset(
    map(fold, "sec-websocket-key sec-websocket-accept idempotency-key surrogate-key www-authenticate "
              "proxy-authenticate x-amz-content-sha256 x-amz-client-token client_request_token clienttoken x-time-per-token "
              "encrypted_content thoughtsignature thought_signature signatures author authority key_pair keyword "
              "x-ratelimit-key tokenizer public_key publickey key ssh_host_key host_key maxkey transactionkey".split())
)  # fmt: skip
_QUALIFIERS = frozenset(
    "prod production dev develop development staging stage live sandbox test testing qa uat old new current previous "
    "default value val string str text plain plaintext raw b64 base64 hex encoded confirm confirmation confirmed "
    "repeat again retype retry2 verify env ro rw readonly readwrite us eu base prd stg param arg 1 2 3 4 5 6 7 8 9 0 v1 v2 v3 "
    "assign equals v sha1 sha256 sha512 md5 256 sha ed ed25519 25519".split()
)
"""What may follow the word that tells: `DB_PASSWORD_PROD`, `passwordConfirm`, `AccountKey1`, `X-Hub-Signature-256`."""
_NOT_BEHIND = {
    "key": _NO_KEYS,
    "token": _NO_TOKENS,
    "signature": _NO_SIGNATURES,
    "auth": _NO_AUTH,
    "authorization": _NO_AUTH,
    "secret": _NO_SECRETS,
    "pass": _NO_PASSES,
    "seed": _NO_SEEDS,
}
_ONLY_BEHIND = {"phrase": frozenset("pass seed secret recovery mnemonic backup".split())}
_STRONG: dict[str, tuple[frozenset[str], Rule]] = {"key": (_STRONG_KEYS, API_KEY), "token": (_STRONG_TOKENS, TOKEN)}
_CONNECTIONS = ("connectionstring", "databaseurl", "dsn")
_PLURALS = {"passwords": "password", "secrets": "secret", "keys": "key", "tokens": "token", "pats": "pat"}
_COMPOUNDS = ("password", "passwd", "passphrase", "secret", "token", "pwd", "credentials", "signature", "hmac")
_COMPOUND_PASSES = frozenset(
    "db user smtp my root admin mysql pg ftp ldap mail proxy redis mongo wifi http imap sudo".split()
)
_CODES = frozenset("recovery backup scratch emergency mfa 2fa otp totp twofactor factor".split())
_COMPOUND_EXCEPTIONS = frozenset(("token", "tokens", "nonsecret"))


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case, whatever parts them: `X-AcmeApi_key` is x, acme, api, key."""
    words: list[str] = []
    for hump in _HUMP.findall(name):
        words.extend(_split(hump.lower()))
    return tuple(words)


def _split(word: str) -> tuple[str, ...]:
    """Split `apikey`, `trackertoken`, `dbpass` in front of what they end in."""
    for ending in _COMPOUNDS if word.endswith(_COMPOUNDS) else ():
        if word.endswith(ending) and word != ending:
            return (*_split(word.removesuffix(ending)), ending)
    for ending, fronts in _FRONTS.items():
        if word.endswith(ending) and (front := word.removesuffix(ending)) in fronts:
            return front, ending
    return (word,)


_FRONTS = {
    "key": _OF_KEYS | _NO_KEYS,
    "keys": _OF_KEYS,
    "pass": _COMPOUND_PASSES,
    "pw": _COMPOUND_PASSES | {"bind"},
}
"""Words that may stand in front of an ending without a sign between."""


@lru_cache(maxsize=4096)
def name_rule(name: str, kind: Kind = "json") -> NameRule | None:
    """Return what stands under a name, None where it names no secret."""
    if not 2 <= len(name) <= 100:
        return None
    folded = fold(name)
    if folded in _NEVER:
        return _PARAMS.get(folded) if kind in ("query", "form") else None
    found = _WHOLE.get(folded) or _by_kind(folded, kind)
    if found is None and any(char in name for char in ".[:/"):
        last = fold(re.split(r"[.\[:/]", name.rstrip("]"))[-1])
        found = _WHOLE.get(last) or _by_kind(last, kind)
    if found is None and kind == "header" and name.lower().startswith(_VOLATILE_OPENINGS):
        return NameRule(VOLATILE, "any")
    return found or _by_parts(words_of(name), kind)


def _by_kind(folded: str, kind: Kind) -> NameRule | None:
    if kind in ("query", "form"):
        return _PARAMS.get(folded)
    return _HEADERS.get(folded) if kind == "header" else None


def _by_parts(words: tuple[str, ...], kind: Kind) -> NameRule | None:
    """Return what the last word of a name says that is no qualifier, by the word in front of it."""
    end = len(words)
    while end > 1 and (words[end - 1] in _QUALIFIERS or (words[end - 1].isdigit() and len(words[end - 1]) <= 3)):
        end -= 1
    if end == 0:
        return None
    last = _PLURALS.get(words[end - 1], words[end - 1])
    before = words[end - 2] if end > 1 else ""
    if before.isdigit() and end > 2:
        before = words[end - 3] + before  # s3, oauth2
    if last in ("code", "codes"):
        return NameRule(OTP, "credible") if before in _CODES else None
    if last in ("string", "url", "uri", "dsn") and "".join(words[max(0, end - 3) : end]).endswith(_CONNECTIONS):
        return NameRule(CONNECTION, "any", "connection")
    if fold("".join(words[:end])) in _NEVER or before in _NOT_BEHIND.get(last, ()) or "public" in words:
        return None
    if last in _ONLY_BEHIND and before not in _ONLY_BEHIND[last]:
        return None
    strong, rule = _STRONG.get(last, ((), None))
    if rule is not None and before in strong:
        return NameRule(rule, "credible")
    if last != words[end - 1] and last in ("key", "token"):
        return None  # of tokens a text is made, and keys are those of an object
    found = _ENDINGS.get(last)
    if found is None and kind in ("header", "query", "form"):
        found = _ENDINGS_OF_HTTP.get(last)
    is_told = before or kind == "header" or last not in ("key", "pass", "seed", "signature")
    return found if is_told else None


_OAUTH_COMPANY = frozenset(
    map(fold, "grant_type redirect_uri client_id client_secret code_verifier state session_state scope iss".split())
)
_JWK_PARTS = frozenset("d p q dp dq qi k".split())
BY_COMPANY = _JWK_PARTS | {"code", "key"}
"""Names that say something only by the names beside them: what `beside_rule` knows."""


_MEDIA = frozenset(("src", "image", "url", "schema"))
"""Beside `key`, these say that a URL embeds or proxies a medium: the key is in every page that shows it."""


def beside_rule(name: str, beside: Collection[str], kind: Kind = "json") -> NameRule | None:
    """Return what a name that says little by itself holds by the names beside it: an OAuth code, a part of a JWK."""
    if name in _JWK_PARTS and "kty" in beside:
        return NameRule(JWK, "opaque")
    if name == "code" and any(fold(other) in _OAUTH_COMPANY for other in beside):
        return NameRule(OAUTH_CODE, "credible")
    if name == "key" and kind in ("query", "form") and _MEDIA.isdisjoint(beside):
        return NameRule(KEY, "opaque")
    return None


# Names in a text

_LONG_WORDS = (
    "password", "passwd", "passphrase", "passcode", "secret", "token", "credential", "authorization", "apikey",
    "signature", "mnemonic", "cookie", "connectionstring", "connection_string", "database_url", "databaseurl", "mongo_uri", "mongodb_uri", "redis_url",
    "amqp_url", "broker_url", "jdbc_url", "proxy_url", "passwort", "kennwort", "contrasena", "motdepasse", "wachtwoord", "senha",
    "jsessionid", "phpsessid", "sessionid", "session_id", "samlresponse", "samlart", "wresult", "ciphervalue", "code_verifier",
    "accesskeyid", "access_key_id", "assertion", "upload_id", "honeycomb", "phrase",
)  # fmt: skip
_SHORT_WORDS = (
    "pwd", "pass", "key", "keys", "pat", "auth", "creds", "jwt", "seed", "dsn", "code", "codes", "otp", "totp", "sid",
    "pw", "pswd", "psk", "csrf", "xsrf", "crumb", "sig", "session", "hmac", "bearer", "sas", "ticket", "signaturevalue",
)  # fmt: skip
_FOLDED = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in range(256))


@cache
def endings() -> list[bytes]:
    """Return what the names of secrets end with, as `as_words` returns a text."""
    found = [word.replace("_", " ") for word in _LONG_WORDS]
    found += [word + end for word in _SHORT_WORDS for end in " 0123456789"]
    return [word.encode() for word in found]


def as_words(text: str) -> bytes:
    """Return a text in lower case, with a blank for each sign: a byte a character, so that offsets stay."""
    return text.encode("ascii", "replace").lower().translate(_FOLDED)


class Tables(NamedTuple):
    """The tables behind `name_rule`, for languages that cannot call it: whole names folded, and words."""

    whole: dict[str, NameRule]
    headers: dict[str, NameRule]
    params: dict[str, NameRule]
    endings: dict[str, NameRule]
    strong_keys: frozenset[str]
    strong_tokens: frozenset[str]
    no_keys: frozenset[str]
    no_tokens: frozenset[str]
    never: frozenset[str]


def tables() -> Tables:
    """Return the tables by which names are judged."""
    return Tables(_WHOLE, _HEADERS, _PARAMS, _ENDINGS, _STRONG_KEYS, _STRONG_TOKENS, _NO_KEYS, _NO_TOKENS, _NEVER)
