"""Credentials that are known by their structure: JWT, PEM, signed URLs, passwords in URLs, hashes, generic prefixes.

JWT by RFC 7519, credentials of HTTP by RFC 9110 section 11, URLs by RFC 3986, AWS Signature Version 4, PASETO by its
specification, secret-token by RFC 8959, one-time passwords by Google's key URI format.
"""

import base64
import binascii
import re

from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.rules.shape import (
    BASE32,
    BEFORE,
    HEX,
    MIXED,
    OPAQUE,
    token,
)

_EXAMPLE_PASSWORDS = frozenset(
    "password passwd pass pwd secret token user username xyz x-oauth-basic x-token-auth redacted filtered xxx".split()
)


def _is_basic(value: str) -> bool:
    """Say whether the base64 of a user and a password stands here."""
    text = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    return ":" in decoded and decoded.isprintable()


def _is_key(value: str) -> bool:
    """Say whether a key stands between the lines of the armour: no text that speaks of one, no placeholder."""
    return re.search(r"[A-Za-z0-9+/]{20}", value) is not None


def _is_password(value: str) -> bool:
    """Say whether the password of a URL is one: no template, and none of the words that examples use."""
    return (
        value.lower() not in _EXAMPLE_PASSWORDS
        and re.match(r"[$%#]?[{\[(<]|\*+$|%[A-Z_]+%$|\$[A-Za-z_]", value) is None
    )


def _is_random(value: str) -> bool:
    """Say whether a value has what random text has and words have not: a digit, or capitals within."""
    return any(map(str.isdigit, value)) or (
        value != value.lower() and value[1:] != value[1:].lower() and value != value.upper()
    )


# fmt: off
RULES: tuple[Rule, ...] = (
    Rule("jwt", "JSON Web Tokens",
         BEFORE + r"(?:ey[IJKw]|ewo)[\w-]{8,4000}={0,2}(?:\.(?:ey[IJKw]|ewo)[\w-]{8,16000}\.[\w-]{8,2000}|\.[\w-]{0,1000}\.[\w-]{8,200}\.[\w-]{8,32000}\.[\w-]{8,200})(?:={0,2})"
         + "|" + BEFORE + r"eyJ(?:hbGciOi|0eXAiOi|raWQiOi|jdHkiOi)[\w-]{6,1000}\.[\w-]{20,16000}\.[\w-]{20,2000}",
         ("eyJ", "eyI", "eyK", "eyw", "ewo"), samples=("eyJ" + MIXED[:30] + ".eyJ" + MIXED[:60] + "." + MIXED[:43], "eyJ" + MIXED[:40] + ".." + MIXED[:16] + "." + MIXED[:60] + "." + MIXED[:22])),
    Rule("jwt-base64", "JSON Web Tokens in base64", BEFORE + r"ZXlK(?:aGJHY2lPaU|MGVYQWlPaU|cmFXUWlPaU)[A-Za-z0-9+/_-]{60,16000}={0,2}",
         ("ZXlKaGJHY2lPaU", "ZXlKMGVYQWlPaU", "ZXlKcmFXUWlPaU"), samples=("ZXlKaGJHY2lPaU" + MIXED[:160] + "==",)),
    Rule("paseto", "PASETO tokens", BEFORE + r"v[1-4]\.(?:local|public)\.[\w-]{40,4000}(?:\.[\w-]{2,1000})?",
         ("v1.local.", "v2.local.", "v3.local.", "v4.local.", "v1.public.", "v2.public.", "v3.public.", "v4.public."), samples=("v4.local." + MIXED[:120],)),
    Rule("pem", "private keys in PEM armour, whole",
         r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^\"-]|-(?!----)){20,20000}-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
         r"|(?:\s|\\[nr]){0,8}(?:[A-Za-z0-9+/=]{16,20000}(?:\s|\\[nr]){0,8}){1,400})",
         ("-----BEGIN ",), samples=("-----BEGIN " + "PRIVATE KEY-----\n" + MIXED[:64] + "\n" + MIXED[:64] + "\n-----END " + "PRIVATE KEY-----",
                                    "-----BEGIN RSA " + "PRIVATE KEY-----\n" + MIXED[:64] + "\n" + MIXED[:64]),
         validate=_is_key, counterexamples=("-----BEGIN " + "PRIVATE KEY-----<your private key, of many lines>-----END " + "PRIVATE KEY-----", "-----BEGIN PUBLIC KEY-----\n" + MIXED[:64] + "\n-----END PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----\n" + MIXED[:64])),
    Rule("pem-base64", "private keys in PEM armour, in base64", BEFORE + r"LS0tLS1CRUdJTi(?:B|A)[A-Za-z0-9+/]{0,24}(?:UFJJVkFURSBLRV|QUklWQVRFIEtFW|BSSVZBVEUgS0VZ)[A-Za-z0-9+/]{50,20000}={0,2}",
         ("LS0tLS1CRUdJTi",), samples=("LS0tLS1CRUdJTi" + "BSU0EgUFJJVkFURSBLRVktLS0tLQ" + MIXED[:100],)),
    Rule("putty", "private keys of PuTTY", r"PuTTY-User-Key-File-\d: [^\n]{1,80}\n(?:[^\n]{0,200}\n){1,200}?Private-Lines: \d{1,3}\n(?P<secret>(?:[A-Za-z0-9+/=]{1,80}\n?){1,200})",
         ("PuTTY-User-Key-File-",), samples=("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n" + MIXED[:64] + "\n",)),
    Rule("sigv4-credential", "the key id in an AWS signature", r"(?<![A-Za-z-])Credential=(?P<secret>[A-Za-z0-9_-]{8,128})/\d{8}/", ("Credential=",),
         samples=("AWS4-HMAC-SHA256 Credential=FAKEFAKE0123456/20260101/us-east-1/s3/aws4_request, SignedHeaders=host",)),
    Rule("sigv4-signature", "the signature of an AWS request", r"SignedHeaders=[^,\s]{1,2000},\s{0,8}Signature=(?P<secret>[0-9a-f]{64,200})(?![0-9a-f])", ("SignedHeaders=",),
         samples=("SignedHeaders=host;x-amz-date, Signature=" + HEX[:64],)),
    Rule("presigned", "signatures, credentials and tokens of presigned URLs",
         r"[Xx]-(?:[Aa]mz|[Gg]oog|[Mm]s)-(?:[Ss]ignature|[Cc]redential|Security-Token|security-token)=(?P<secret>[^&\s\"'\\<>/%]{1,4000}(?:%(?!2[Ff])[0-9A-Fa-f]{2}[^&\s\"'\\<>/%]{0,4000}){0,400})",
         ("-Signature=", "-Credential=", "-Security-Token=", "-signature=", "-credential=", "-security-token="),
         samples=("?X-Amz-Signature=" + HEX[:64] + "&x=1", "X-Goog-Credential=" + MIXED[:20] + "%2F2026")),
    Rule("sas", "Azure shared access signatures", r"(?<=[?&;])sig=(?P<secret>[A-Za-z0-9%+/_-]{20,120}(?:=|%3D){0,2})", ("sig=",),
         samples=("?sv=2026&sig=" + MIXED[:43] + "%3D",), counterexamples=("config=" + MIXED[:43],)),
    Rule("cloudfront", "signatures of CloudFront URLs", r"(?<=[?&])Signature=(?P<secret>[\w~-]{60,1000})(?=&)", ("Signature=",), samples=("?Expires=1&Signature=" + MIXED[:180] + "&Key-Pair-Id=K",)),
    Rule("userinfo", "the password of a URL's user", r"://[^/\s:@\"'<>\\?#]{0,100}:(?P<secret>[^/\s:@\"'<>\\](?:[^/\s\"'<>\\?#]|[?#](?=[^\s\"'<>\\/]{0,100}@)){1,200})@(?=[A-Za-z0-9.\[_-])",
         ("://",), samples=("postgres://app:fake0Pass@db:5432/x", "https://svc:FAKE@fake@api.example/v1"), validate=_is_password, counterexamples=("https://user:password@host.example", "redis://:${REDIS_PASSWORD}@host", "https://example.com:8080/a@b", "https://example.com/x:y@z")),
    Rule("userinfo-key", "a key in place of a URL's user", r"://(?P<secret>(?=[A-Za-z_.-]{0,100}[0-9])[A-Za-z0-9_.~%+-]{16,200}):?@(?=[A-Za-z0-9.\[-])", ("://",),
         samples=("https://" + HEX[:32] + "@sentry.example/1",), counterexamples=("https://git@github.com/x", "ssh://deploy-user@host.example")),
    Rule("bearer", "what follows the word Bearer", r"\b(?:[Bb]earer|BEARER)[ ]{1,4}(?P<secret>[A-Za-z0-9._~+/|-]{20,16000}={0,2})(?![A-Za-z0-9])", ("earer ", "EARER "), validate=_is_random,
         samples=("Bearer " + MIXED[:40], "authorization: bearer " + HEX[:40]), counterexamples=("the bearer authentication-scheme-that-you-use",)),
    Rule("basic", "Basic credentials: base64 of user:password", r"\b(?:[Bb]asic|BASIC)[ ]{1,4}(?P<secret>[A-Za-z0-9+/_-]{8,4000}={0,2})(?![A-Za-z0-9+/=_-])", ("asic ", "ASIC "),
         validate=_is_basic, samples=("Basic RkFLRTpmYWtlcGFzcw==",), counterexamples=("basic understanding", "Basic Authentication")),
    Rule("cf-cookie", "cookies by which Cloudflare knows a visitor again", r"(?:__cf_bm|_cfuvid|cf_clearance|__cflb)=(?P<secret>[\w.-]{20,2000})",
         ("__cf_bm=", "_cfuvid=", "cf_clearance=", "__cflb="), level="volatile", samples=("__cf_bm=" + MIXED[:60] + "; path=/",)),
    Rule("secret-token", "secret-token URIs (RFC 8959)", BEFORE + r"secret-token:(?P<secret>[\w.~%+/=@-]{16,400})", ("secret-token:",), samples=("secret-token:" + MIXED[:24],)),
    Rule("totp", "seeds of one-time passwords", r"otpauth://[ht]otp/[^\s\"'<>]{0,400}?[?&]secret=(?P<secret>[A-Za-z2-7]{16,128})", ("otpauth://",),
         samples=("otpauth://totp/x:y?issuer=x&secret=" + BASE32[:32],)),
    Rule("ntlm", "NTLM messages", BEFORE + r"TlRMTVNTUAA[BCD]AAAA[A-Za-z0-9+/]{28,4000}={0,2}", ("TlRMTVNTUAA",), samples=("TlRMTVNTUAADAAAA" + MIXED[:120],)),
    Rule("password-hash", "hashes of passwords: bcrypt, crypt, argon2, scrypt, PBKDF2",
         r"(?<![\w$])(?:\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$[1568y]\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,24}\$(?:[./A-Za-z0-9]{8,32}\$)?[./A-Za-z0-9]{22,90}"
         r"|\$argon2(?:id|i|d)\$v=\d{1,3}\$[a-z0-9=,]{5,60}\$[A-Za-z0-9+/]{8,90}\$[A-Za-z0-9+/]{16,180}|pbkdf2_sha\d{1,3}\$\d{1,9}\$[A-Za-z0-9]{4,40}\$[A-Za-z0-9+/]{20,100}={0,2})",
         ("$2a$", "$2b$", "$2x$", "$2y$", "$1$", "$5$", "$6$", "$8$", "$y$", "$argon2", "pbkdf2_sha"),
         samples=("$2b$12$" + MIXED[:53], "$6$fakesalt$" + MIXED[:86], "$argon2id$v=19$m=65536,t=3,p=4$" + MIXED[:22] + "$" + MIXED[:43], "pbkdf2_sha256$600000$fake$" + MIXED[:43] + "=")),
    token("nats-seed", "NATS seeds", r"S[UOANCX][A-Z2-7]{56}", "SU SO SA SN SC SX", "SU" + BASE32[:56], never=("SU" + BASE32[:40],), behind=56),
    token("sk-key", "other keys that open with sk-: DeepSeek, Moonshot, DashScope, LiteLLM, Stability",
          rf"sk-(?:(?=[A-Za-z]{{0,60}}\d)[A-Za-z0-9]{{20,80}}|{OPAQUE}[\w-]{{22,200}}|[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}})", "sk-", "sk-" + HEX[:32], "sk-" + MIXED[:48],
          "sk-api-" + MIXED[:60], never=("sk-loading-spinner-with-a-dot", "risk-" + HEX[:32])),
    token("sk-underscore", "other keys that open with sk_", rf"sk_{OPAQUE}[A-Za-z0-9]{{18,200}}", "sk_", "sk_" + MIXED[:43],
          never=("sk_learn_ensemble_random_forest_classifier", "sk_X509_ATTRIBUTE_find_ex_all")),
)
# fmt: on
