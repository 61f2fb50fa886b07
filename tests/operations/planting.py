"""Fake secrets, the places where secrets hide, and cassettes of every recorder to plant them in.

Everything is made at run time: no text of this file looks like a token, and every token says FAKE.
A place is a function from a value to an exchange; a cassette built with the placeholder in place of
the secret is what redacting the one with the secret must give, byte for byte.
"""

import base64
import html
import json
import random
import string
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote
from zlib import crc32

_ALNUM = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_UPPER32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def rng(seed: str) -> random.Random:
    """Return randomness that is the same on every machine and in every process."""
    return random.Random(f"planting {seed}")


def run(chance: random.Random, alphabet: str, size: int) -> str:
    """Return random characters that say FAKE, as far as their alphabet lets them, with letters and digits."""
    text = "".join(chance.choice(alphabet) for _ in range(size))
    if size > 12 and set("FAKE") <= set(alphabet):
        text = text[:3] + "FAKE" + text[7:]
    mixed = [next((c for c in alphabet if test(c)), alphabet[0]) for test in (str.isdigit, str.isalpha)]
    return "".join(mixed) + text[2:] if size >= 8 else text


def secret(chance: random.Random, size: int = 28) -> str:
    """Return a secret without a shape, such as stands under a name."""
    return run(chance, _ALNUM, size)


def jwt(chance: random.Random) -> str:
    """Return three parts as of a JSON Web Token."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=")
        for p in ({"alg": "none"}, {"sub": "FAKE"})
    ]
    return ".".join([*parts, run(chance, _ALNUM, 43)])


def emptied(token: str) -> str:
    """Return what a JSON Web Token becomes: its texts gone, what tells how to read it kept."""
    parts = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]
    for part in parts:
        part.update({name: "REDACTED" for name in part if name not in ("alg", "typ")})
    made = (base64.urlsafe_b64encode(json.dumps(p, separators=(",", ":")).encode()).decode().rstrip("=") for p in parts)
    return ".".join([*made, "REDACTED"])


SHAPES: dict[str, Callable[[random.Random], str]] = {
    "anthropic": lambda r: "sk-" + "ant-api03-" + run(r, _ALNUM, 93) + "AA",
    "openrouter": lambda r: "sk-" + "or-v1-" + run(r, _HEX, 64),
    "openai": lambda r: "sk-" + r.choice(["proj", "svcacct", "admin"]) + "-" + run(r, _ALNUM, 48),
    "openai-legacy": lambda r: "sk-" + run(r, _ALNUM, 20) + "T3Blbk" + "FJ" + run(r, _ALNUM, 20),
    "sk-hex": lambda r: "sk-" + run(r, _HEX, 32),
    "openai-ephemeral": lambda r: "ek" + "_" + run(r, _ALNUM, 32),
    "google": lambda r: "AI" + "za" + run(r, _ALNUM, 35),
    "google-new": lambda r: "AQ" + ".Ab8" + run(r, _ALNUM, 45),
    "google-oauth": lambda r: "ya29" + "." + run(r, _ALNUM, 60),
    "google-client-secret": lambda r: "GOC" + "SPX-" + run(r, _ALNUM, 28),
    "aws-key-id": lambda r: "AK" + "IA" + run(r, _UPPER32, 16),
    "aws-session": lambda r: "IQoJ" + "b3JpZ2lu" + run(r, _ALNUM, 120),
    "bedrock": lambda r: "AB" + "SK" + run(r, _ALNUM, 112),
    "github": lambda r: "gh" + "p_" + run(r, _ALNUM, 36),
    "gitlab": lambda r: "gl" + "pat-" + run(r, _ALNUM, 20),
    "slack": lambda r: "xo" + "xb-" + run(r, string.digits, 12) + "-" + run(r, _ALNUM, 24),
    "stripe": lambda r: "sk" + "_live_" + run(r, _ALNUM, 24),
    "jwt": jwt,
    "huggingface": lambda r: (
        "h" + "f_" + run(r, string.ascii_letters, 7) + "".join(r.choice(string.ascii_letters) for _ in range(27))
    ),
    "groq": lambda r: "gs" + "k_" + run(r, _ALNUM, 52),
    "xai": lambda r: "xa" + "i-" + run(r, _ALNUM, 80),
    "replicate": lambda r: "r8" + "_" + run(r, _ALNUM, 37),
    "perplexity": lambda r: "pp" + "lx-" + run(r, _ALNUM, 48),
    "nvidia": lambda r: "nv" + "api-" + run(r, _ALNUM, 64),
    "cerebras": lambda r: "cs" + "k-" + run(r, string.ascii_lowercase + string.digits, 48),
    "pinecone": lambda r: "pc" + "sk_" + run(r, _ALNUM, 5) + "_" + run(r, _ALNUM, 63),
    "tavily": lambda r: "tv" + "ly-" + run(r, _ALNUM, 32),
    "langsmith": lambda r: "ls" + "v2_pt_" + run(r, _HEX, 32) + "_" + run(r, _HEX, 10),
    "databricks": lambda r: "da" + "pi" + run(r, _HEX, 32),
    "sendgrid": lambda r: "S" + "G." + run(r, _ALNUM, 22) + "." + run(r, _ALNUM, 43),
    "npm": lambda r: "np" + "m_" + run(r, _ALNUM, 36),
    "pypi": lambda r: "py" + "pi-AgEIcHlwaS5vcmc" + run(r, _ALNUM, 60),
    "telegram": lambda r: run(r, string.digits, 9) + ":" + "AA" + run(r, _ALNUM, 33),
    "posthog": lambda r: "ph" + "x_" + run(r, _ALNUM, 43),
    "digitalocean": lambda r: "do" + "p_v1_" + run(r, _HEX, 64),
    "linear": lambda r: "li" + "n_api_" + run(r, _ALNUM, 40),
    "notion": lambda r: "nt" + "n_" + run(r, _ALNUM, 43),
    "elevenlabs": lambda r: "sk" + "_" + run(r, _HEX, 48),
    "voyage": lambda r: "p" + "a-" + run(r, _ALNUM, 43),
    "jina": lambda r: "ji" + "na_" + run(r, _ALNUM, 60),
    "fireworks": lambda r: "f" + "w_" + run(r, _ALNUM, 24),
    "together": lambda r: "tg" + "p_v1_" + run(r, _ALNUM, 43),
    "vercel-gateway": lambda r: "vc" + "k_" + run(r, _ALNUM, 56),
    "firecrawl": lambda r: "f" + "c-" + run(r, _HEX, 32),
    "twilio": lambda r: "S" + "K" + run(r, _HEX, 32),
    "mailgun": lambda r: "ke" + "y-" + run(r, _HEX, 32),
    "shopify": lambda r: "sh" + "pat_" + run(r, _HEX, 32),
    "docker": lambda r: "dckr" + "_pat_" + run(r, _ALNUM, 27),
    "atlassian": lambda r: "ATA" + "TT3" + run(r, _ALNUM, 180),
    "grafana": lambda r: "gl" + "sa_" + run(r, _ALNUM, 32) + "_" + run(r, _HEX, 8),
    "newrelic": lambda r: "NR" + "AK-" + run(r, _UPPER32, 27),
    "vault": lambda r: "hv" + "s." + run(r, _ALNUM, 90),
    "figma": lambda r: "fi" + "gd_" + run(r, _ALNUM, 40),
    "sentry": lambda r: "sn" + "tryu_" + run(r, _HEX, 64),
    "supabase": lambda r: "sb" + "p_" + run(r, _HEX, 40),
    "planetscale": lambda r: "ps" + "cale_tkn_" + run(r, _ALNUM, 43),
    "age": lambda r: "AGE-SEC" + "RET-KEY-1" + run(r, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
}
"""One fake token a shape that needs nothing around it."""

IDS: dict[str, Callable[[random.Random], str]] = {
    "openai-org": lambda r: "or" + "g-" + run(r, _ALNUM, 24),
    "openai-project": lambda r: "pr" + "oj_" + run(r, _ALNUM, 24),
    "openai-user": lambda r: "us" + "er-" + run(r, _ALNUM, 24),
    "anthropic-workspace": lambda r: "wrk" + "spc_" + run(r, _ALNUM, 24),
    "stripe-account": lambda r: "ac" + "ct_" + run(r, _ALNUM, 16),
}


def pem(body: str, newline: str = "\n") -> str:
    """Return a body in the armour of a private key."""
    return f"-----BEGIN {'PRIV' + 'ATE KEY'}-----{newline}{body}{newline}-----END {'PRIV' + 'ATE KEY'}-----"


@dataclass(frozen=True)
class Exchange:
    """A request and a response to record; bodies are text, or bytes as they went over the wire."""

    url: str = "https://api.example.com/v1/chat?stream=true"
    method: str = "POST"
    sent: dict[str, list[str]] = field(
        default_factory=lambda: {"Accept": ["*/*"], "Content-Type": ["application/json"]}
    )
    request: str | bytes = '{"model": "m-1", "max_tokens": 100}'
    got: dict[str, list[str]] = field(
        default_factory=lambda: {"Content-Type": ["application/json"], "X-Request-Id": ["r-1"]}
    )
    response: str | bytes = '{"id": "r-1", "usage": {"total_tokens": 3}}'
    extra: dict[str, Any] = field(default_factory=dict)

    def with_sent(self, **headers: str) -> "Exchange":
        """Return the exchange with further request headers."""
        return replace(self, sent={**self.sent, **{name.replace("_", "-"): [value] for name, value in headers.items()}})

    def with_got(self, **headers: str) -> "Exchange":
        """Return the exchange with further response headers."""
        return replace(self, got={**self.got, **{name.replace("_", "-"): [value] for name, value in headers.items()}})

    def asked(self, body: str | bytes, kind: str = "application/json") -> "Exchange":
        """Return the exchange with another request body."""
        return replace(self, request=body, sent={**self.sent, "Content-Type": [kind]})

    def answered(self, body: str | bytes, kind: str = "application/json") -> "Exchange":
        """Return the exchange with another response body."""
        return replace(self, response=body, got={**self.got, "Content-Type": [kind]})


Place = Callable[[str], Exchange]
BASE = Exchange()


def sse(*frames: Any) -> str:
    """Write frames as server-sent events."""
    return "".join(f"data: {json.dumps(f, separators=(',', ':')) if not isinstance(f, str) else f}\n\n" for f in frames)


def chunk(text: str | None, *, index: int = 0, arguments: str | None = None, identity: str = "c-1") -> dict[str, Any]:
    """Return a chunk of an OpenAI chat stream."""
    delta: dict[str, Any] = {} if text is None else {"content": text}
    if arguments is not None:
        delta["tool_calls"] = [{"index": 0, "function": {"arguments": arguments}}]
    return {"id": identity, "object": "chat.completion.chunk", "choices": [{"index": index, "delta": delta}]}


def _message(headers: dict[str, str], payload: bytes) -> bytes:
    raw = b"".join(
        bytes((len(name),)) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in headers.items()
    )
    lengths = struct.pack(">II", 16 + len(raw) + len(payload), len(raw))
    body = lengths + struct.pack(">I", crc32(lengths)) + raw + payload
    return body + struct.pack(">I", crc32(body))


def events(*payloads: Any) -> bytes:
    """Write frames as an AWS event stream."""
    headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return b"".join(_message(headers, json.dumps(one, separators=(",", ":")).encode()) for one in payloads)


def cut(value: str) -> list[str]:
    """Cut a secret into pieces; the placeholder stays in the first one."""
    if value.endswith("REDACTED"):
        return [value, *("" for _ in range(4))]
    size = max(len(value) // 5, 1)
    return [*(value[i * size : (i + 1) * size] for i in range(4)), value[4 * size :]]


def invoked(*inner: Any) -> bytes:
    """Write chunks as Bedrock's invoke API does: JSON in base64 in JSON in binary frames."""
    return events(*({"bytes": base64.b64encode(json.dumps(one).encode()).decode(), "p": "abcd"} for one in inner))


# Places of a token that its shape gives away, in text of any kind.

SHAPED: dict[str, Place] = {
    "prose in a JSON body": lambda v: BASE.asked(json.dumps({"messages": [{"content": f"my key is {v}, thanks"}]})),
    "after an escaped line break": lambda v: BASE.asked(json.dumps({"content": f"line\n{v}\nline\t{v}"})),
    "a key's name": lambda v: BASE.answered(json.dumps({"spend": {v: {"total": 1}}})),
    "plain text": lambda v: BASE.answered(f"export KEY={v}\nls", "text/plain"),
    "JSON in JSON": lambda v: BASE.asked(json.dumps({"arguments": json.dumps({"x": f"use {v}"})})),
    "JSON in JSON in JSON": lambda v: BASE.asked(json.dumps({"a": json.dumps({"b": json.dumps({"c": f"\n{v}"})})})),
    "a header under a wrong name": lambda v: BASE.with_got(openai_processing_ms=v),
    "the query under an innocent name": lambda v: replace(
        BASE, url=f"https://api.example.com/v1?note={quote(v, safe='')}"
    ),
    "a path segment": lambda v: replace(BASE, url=f"https://api.example.com/hooks/{v}/send"),
    "an XML text": lambda v: BASE.answered(f"<a><note>{html.escape(v)}</note></a>", "application/xml"),
    "an HTML page": lambda v: BASE.answered(f"<p>{v}</p><a href='/x?y={quote(v)}'>x</a>", "text/html"),
    "a whole SSE frame": lambda v: BASE.answered(sse(chunk("a"), chunk(f"it is {v}"), "[DONE]"), "text/event-stream"),
    "an SSE comment": lambda v: BASE.answered(f": {v}\n\n" + sse(chunk("a")), "text/event-stream"),
    "SSE data in two lines": lambda v: BASE.answered(f'data: {{"a": 1,\ndata: "b": "{v}"}}\n\n', "text/event-stream"),
    "NDJSON": lambda v: BASE.answered(f'{{"response":"a"}}\n{{"response":"{v}"}}\n', "application/x-ndjson"),
    "a JSON array of chunks": lambda v: BASE.answered(
        json.dumps([{"candidates": [{"content": {"parts": [{"text": t}]}}]} for t in ("a", v)])
    ),
    "deltas": lambda v: BASE.answered(
        sse(chunk("say "), *(chunk(p) for p in cut(v)), chunk(" ok"), "[DONE]"), "text/event-stream"
    ),
    "deltas with CRLF": lambda v: BASE.answered(
        sse(chunk("say "), *(chunk(p) for p in cut(v)), chunk(" ok")).replace("\n", "\r\n"), "text/event-stream"
    ),
    "deltas of two choices": lambda v: BASE.answered(
        sse(*(c for p in cut(v) for c in (chunk(p), chunk("other ", index=1)))), "text/event-stream"
    ),
    "deltas whose ids change": lambda v: BASE.answered(
        sse(*(chunk(p, identity=f"c-{i}") for i, p in enumerate(cut(v)))), "text/event-stream"
    ),
    "NDJSON deltas": lambda v: BASE.answered(
        "".join(json.dumps({"message": {"content": p}, "done": False}) + "\n" for p in cut(v)), "application/x-ndjson"
    ),
    "plain-text deltas": lambda v: BASE.answered(
        "".join(f"event: output\ndata: {p}\n\n" for p in cut(v)), "text/event-stream"
    ),
    "deltas of a JSON array": lambda v: BASE.answered(
        json.dumps([{"candidates": [{"content": {"parts": [{"text": t}]}}]} for t in cut(v)])
    ),
    "a multipart field of any name": lambda v: BASE.asked(
        f'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nsee {v}\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "a form field of any name": lambda v: BASE.asked(
        f"note=see+{quote(v, safe='')}&x=1", "application/x-www-form-urlencoded"
    ),
}

# Places that a name gives away, of a secret without a shape.

NAMED: dict[str, Place] = {
    "1 odd-case header": lambda v: BASE.with_sent(aUTHORIZATION=f"Bearer {v}"),
    "2 second value": lambda v: replace(BASE, sent={**BASE.sent, "Authorization": ["<REDACTED>", f"Bearer {v}"]}),
    "3 api key header": lambda v: BASE.with_sent(X_Api_Key=v),
    "5 suffix header": lambda v: BASE.with_sent(X_Acme_Access_Key=v),
    "8 cookies": lambda v: BASE.with_sent(Cookie=f"theme=dark; consent=1; session_id={v}; lang=en"),
    "9 set-cookie": lambda v: BASE.with_got(Set_Cookie=f"sid={v}; path=/; expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly"),
    "9 set-cookie, quoted": lambda v: BASE.with_got(Set_Cookie=f'sid="{v}"; Path=/; SameSite=Lax'),
    "9 two in one line": lambda v: BASE.with_got(Set_Cookie=f"a=b; path=/, sid={v}; path=/"),
    "10 organization": lambda v: BASE.with_got(openai_organization=v),
    "12 location": lambda v: BASE.with_got(Location=f"https://x.example/cb?access_token={v}&state=1"),
    "12 link": lambda v: BASE.with_got(Link=f'<https://x.example/p?access_token={v}&page=2>; rel="next"'),
    "12 referer": lambda v: BASE.with_sent(Referer=f"https://x.example/?api_key={v}"),
    "13 upload URL": lambda v: BASE.with_got(X_Goog_Upload_URL=f"https://u.example/upload?upload_id={v}&upload_protocol=resumable"),
    "14 userinfo": lambda v: replace(BASE, url=f"https://svc:{v}@api.example/v1"),
    "16 encoded name": lambda v: replace(BASE, url=f"https://api.example/v1?api%5Fkey={v}&a=1"),
    "17 nested URL": lambda v: replace(BASE, url=f"https://a.example/?next=https%3A%2F%2Fx%2Fcb%3Faccess_token%3D{v}&b=2"),
    "17 nested twice": lambda v: replace(
        BASE, url="https://a.example/?next=" + quote("https://x/cb?to=" + quote(f"https://y/?token={v}", safe=""), safe="")
    ),
    "18 fragment": lambda v: BASE.with_got(Location=f"https://x.example/cb#access_token={v}&t=1"),
    "19 slack path": lambda v: replace(BASE, url=f"https://hooks.slack.com/services/T0/B0/{v}"),
    "20 presigned": lambda v: BASE.answered(
        json.dumps({"url": f"https://b.s3.example/k?X-Amz-Date=20260101T000000Z&X-Amz-Signature={v}&X-Amz-Expires=60"})
    ),
    "20 presigned, escaped": lambda v: BASE.answered(
        json.dumps({"url": f"https://b.s3.example/k?a=1&X-Amz-Security-Token={v}&b=1"}).replace("&", "\\u0026")
    ),
    "20 SAS": lambda v: BASE.answered(json.dumps({"url": f"https://b.blob.example/c?sv=2026&sig={v}&se=1"})),
    "21 JSON key": lambda v: BASE.asked(f'{{ "api_key" :"{v}",\n "n": 1.0 }}'),
    "22 nested": lambda v: BASE.asked(json.dumps({"p": [{"config": {"clientSecret": v}}]})),
    "22 list of values": lambda v: BASE.asked(json.dumps({"headers": {"Authorization": [f"Bearer {v}"]}, "a": [1]})),
    "23 JSON in JSON": lambda v: BASE.asked(json.dumps({"arguments": json.dumps({"password": v})})),
    "23 JSON thrice": lambda v: BASE.asked(json.dumps({"a": json.dumps({"b": json.dumps({"secret": v})})})),
    "24 escaped name": lambda v: BASE.asked(f'{{"\\u0070assword": "{v}"}}'),
    "21 spelled with blanks": lambda v: BASE.asked(json.dumps({"API Key": v, "Client-Secret": 1})),
    "28 form": lambda v: BASE.asked(f"grant_type=x&client_secret={v}&scope=a+b", "application/x-www-form-urlencoded"),
    "28 form in brackets": lambda v: BASE.asked(f"user[name]=x&user[password]={v}", "application/x-www-form-urlencoded"),
    "30 multipart": lambda v: BASE.asked(
        f'--b\r\nContent-Disposition: form-data; name="api_key"\r\n\r\n{v}\r\n--b--\r\n', "multipart/form-data; boundary=b"
    ),
    "31 XML": lambda v: BASE.answered(
        f"<R><Credentials><SecretAccessKey>{v}</SecretAccessKey><Expiration>1</Expiration></Credentials></R>", "text/xml"
    ),
    "31 XML attribute": lambda v: BASE.answered(f'<user name="x" password="{v}"/>', "text/xml"),
    "32 hidden input": lambda v: BASE.answered(
        f'<input type="hidden" name="authenticity_token" value="{v}" />', "text/html; charset=utf-8"
    ),
    "32 value first": lambda v: BASE.answered(f"<input value='{v}' name='csrf_token'>", "text/html"),
    "32 meta": lambda v: BASE.answered(f'<meta name="csrf-token" content="{v}">', "text/html"),
    "33 OAuth": lambda v: BASE.answered(json.dumps({"access_token": v, "token_type": "Bearer", "expires_in": 3599})),
    "34 echo": lambda v: BASE.answered(json.dumps({"headers": {"X-Api-Key": v, "Host": "x"}})),
    "35 tool settings": lambda v: BASE.asked(json.dumps({"tools": [{"headers": {"Authorization": f"Bearer {v}"}}]})),
    "35 named values": lambda v: BASE.asked(json.dumps({"headers": [{"name": "X-Api-Key", "value": v}]})),
    "41 tool arguments in pieces": lambda v: BASE.answered(
        sse(chunk(None, arguments='{"pass'), chunk(None, arguments='word":"'), *(chunk(None, arguments=p) for p in cut(v)),
            chunk(None, arguments='"}')), "text/event-stream"
    ),
    "41 partial_json": lambda v: BASE.answered(
        sse(*({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": p}}
              for p in ('{"client_', 'secret": "', *cut(v), '", "x": 1}'))), "text/event-stream"
    ),
    "43 object under the name": lambda v: BASE.answered(json.dumps({"client_secret": {"value": v, "expires_at": 1}})),
    "connection string": lambda v: BASE.answered(json.dumps({"dsn": f"postgres://svc:{v}@db.example/x"})),
    "a header line in a text": lambda v: BASE.asked(json.dumps({"cmd": f"curl -H 'X-Api-Key: {v}' https://x.example"})),
    "HTML attribute with JSON": lambda v: BASE.answered(
        f'<div data-props="{{&quot;accessToken&quot;:&quot;{v}&quot;}}"></div>', "text/html"
    ),
}  # fmt: skip
