"""What changes with every recording by its nature: the rules as data, judged by names and by values.

A name alone says too little: `id` names a model in a list of models, and an answer in an answer; a rate limit
header that says `gold` is a tier. So a rule holds where both bear it out. `cassette diff --rules` lists them.
"""

import fnmatch
import re
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from cassette_cli.source.later import pattern

Region = Literal["request", "response", "content"]
"""Where a value stands. `content` is what a model or a person wrote, in which nothing is volatile."""

ANY: Final = ".*"
_NUMBERS: Final = r"(?:[\d.,;:=%\s]|ms|us|ns|[smhdwrq]\b|\d[smhd]|limit|remaining|reset|policy|T|Z|\+|-)*"
"""Counters, spans and times, as rate limits write them: `499`, `1m30s`, `2024-05-01T10:00:00Z`, `100;w=60`."""
_VERSION: Final = r"(?<![A-Za-z0-9])v?\d[\w.+-]*|(?<=[A-Za-z])\d+(?:\.\d+)+"
"""`1.2.3` and `v2.0-beta` as words of their own, `3.12` in `py3.12`; no figures in names, as in `x86_64`."""
_DATED: Final = r"-?\d*|[A-Z][a-z]{2}, .* GMT|\d{4}-\d\d-\d\d.*|\d{8}T\d{6}Z"


class VolatileRule(NamedTuple):
    """A reason for which a difference is none: what it is called, and which headers and JSON keys it judges.

    `headers` are names in lower case, with globs. A header's value must match `value` as a whole, or the two
    values be one but for what `value` matches where `both` is set. `keys` are JSON keys, as `fold` returns them.
    """

    name: str
    about: str
    headers: tuple[str, ...] = ()
    value: str = ANY
    both: bool = False
    keys: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    """Globs for headers of the rule whose values are not judged."""
    dropped: bool = False
    """Whether `trim --headers volatile` takes the headers away."""
    example: str = ""
    """A difference that the rule passes over, for `cassette explain`."""


RULES: Final[tuple[VolatileRule, ...]] = (
    VolatileRule(
        "ids", "identifiers that a machine made up: of an answer, a tool call, a request",
        keys=("id", "uuid", "guid", "nonce", "hash", "toolcallid", "callid", "tooluseid", "requestid", "responseid",
              "itemid", "traceid", "spanid", "runid", "generationid", "sessionid", "correlationid", "eventid",
              "previousresponseid", "conversationid", "messageid", "xgroqid"),
        example='answer id  "chatcmpl-a81" → "chatcmpl-f02"',
    ),
    VolatileRule(
        "request-ids", "headers that name one request, for logs and traces",
        ("amz-sdk-invocation-id", "apim-request-id", "azureml-model-session", "cf-ray", "akamai-grn",
         "dg-request-id", "inference-id", "mistral-correlation-id", "request-id", "traceparent",
         "traceresponse", "tracestate", "x-amz-cf-id", "x-amzn-requestid", "x-amzn-trace-id",
         "x-cloud-trace-context", "x-correlation-id", "x-datadog-trace-id", "x-debug-trace-id", "x-ds-trace-id",
         "x-fastly-request-id", "x-generation-id", "x-github-request-id", "x-global-transaction-id",
         "x-kong-request-id", "x-ms-client-request-id", "x-request-id", "x-trace-id"),
        dropped=True,
        example='x-request-id: req_5d1c → req_90ab',
    ),
    VolatileRule(
        "times", "points in time: seconds or milliseconds since 1970, ISO 8601, HTTP dates",
        ("date", "x-amz-date", "last-modified", "expires"), _DATED,
        keys=("created", "createdat", "completedat", "timestamp", "date", "time", "modified", "updated", "expires"),
        dropped=True,
        example='answer created  1767323045 → 1769912001',
    ),
    VolatileRule(
        "durations", "how long something took",
        ("openai-processing-ms", "server-timing", "x-amzn-bedrock-invocation-latency",
         "x-envoy-upstream-service-time", "x-kong-proxy-latency", "x-kong-upstream-latency", "x-timer", "x-metrics-*"),
        keys=("duration", "latency", "elapsed", "latencycheckpoint", "durationms", "latencyms"),
        dropped=True,
        example='openai-processing-ms: 412 → 655',
    ),
    VolatileRule(
        "rate-limits", "what is left of a rate limit, and when it starts anew",
        ("anthropic-ratelimit-*", "ratelimit-*", "retry-after", "x-ratelimit-*"), _NUMBERS + "|" + _DATED,
        sure=("*-limit", "*-limit-*", "*-remaining*", "*-reset*", "retry-after"), dropped=True,
        example='x-ratelimit-remaining-tokens: 199968 → 149984',
    ),
    VolatileRule("cookies", "cookies of a session", ("set-cookie",), dropped=True,
        example='set-cookie: __cf_bm=3kd… → __cf_bm=p0x…',
    ),
    VolatileRule(
        "session-cookies", "cookies that a client sends back, where their values are made up",
        ("cookie",), r"=\s*[A-Za-z0-9%+/_.=-]{16,}", both=True,
        example='cookie: session=Zk3vQ0tq81LmW2xa → session=p9Xr4TnY6cBd7HsE',
    ),
    VolatileRule(
        "caches", "which cache or which server of many answered",
        ("age", "cf-cache-status", "via", "x-amz-cf-pop", "x-cache", "x-cache-hits", "x-served-by"), dropped=True,
        example='cf-cache-status: DYNAMIC → HIT',
    ),
    VolatileRule("fingerprints", "hashes of what answered, and of what it answered", ("etag",),
                 keys=("systemfingerprint", "etag", "fingerprint"), dropped=True,
        example='answer system_fingerprint  "fp_44709d" → "fp_b705f0"',
    ),
    VolatileRule("reporting", "where a browser is to report what fails", ("nel", "report-to"), dropped=True,
        example='report-to: {"group": "cf-nel", …}',
    ),
    VolatileRule(
        "client-versions", "another version of the same client; another client is a change",
        ("user-agent", "x-amz-user-agent", "x-goog-api-client", "x-stainless-package-version",
         "x-stainless-retry-count", "x-stainless-runtime-version"),
        _VERSION, both=True,
        example='user-agent: OpenAI/Python 1.66.3 → OpenAI/Python 1.99.1',
    ),
    VolatileRule("server-versions", "another version of the same server", ("server", "x-powered-by"),
                 _VERSION, both=True,
        example='server: istio-envoy/1.20 → istio-envoy/1.24',
    ),
    VolatileRule(
        "transport", "what a connection negotiates and a browser enforces; bodies are compared decoded",
        ("accept-encoding", "accept-ranges", "access-control-*", "alt-svc", "connection", "content-encoding",
         "content-security-policy", "content-security-policy-report-only", "cross-origin-*", "expect-ct",
         "feature-policy", "keep-alive", "origin-agent-cluster", "permissions-policy", "priority",
         "proxy-connection", "referrer-policy", "reporting-endpoints", "strict-transport-security", "te", "trailer",
         "transfer-encoding",
         "upgrade", "vary", "x-content-type-options", "x-dns-prefetch-control", "x-download-options",
         "x-frame-options", "x-permitted-cross-domain-policies", "x-xss-protection"),
        example='accept-encoding: gzip → gzip, br',
    ),
    VolatileRule(
        "request-signatures", "signatures of a request (AWS Signature Version 4): the time, and what follows from it",
        ("authorization",),
        r"Signature=[0-9a-f]+|(?<=/)\d{8}(?=/)|(?<=Credential=)[^/,\s]+|(?:amz-sdk-invocation-id|amz-sdk-request);?",
        both=True,
        example='authorization: AWS4-HMAC-SHA256 Credential=…/20260101/…, Signature=5f0c… → Signature=91be…',
    ),
    VolatileRule("lengths", "the length of a body that changed", ("content-length",),
        example='content-length: 357 → 361',
    ),
    VolatileRule("multipart-boundaries", "what separates the parts of a form",
        example='content-type: multipart/form-data; boundary=a1b2 → boundary=c3d4',
    ),
    VolatileRule("padding", "random text that hides the length of a frame", keys=("obfuscation", "p"),
        example='frame obfuscation  "xK2p" → "Qd"',
    ),
    VolatileRule(
        "signatures", "what only its provider can read: signed and encrypted reasoning",
        keys=("signature", "thoughtsignature", "encryptedcontent", "encryptedindex", "encryptedstdout",
              "redactedcontent", "signaturedelta"),
        example='answer thinking signature  "EqQBCk…" → "EuYBCk…"',
    ),
    VolatileRule("empty-fields", 'null, "", [] or {} in an answer in place of each other, or of nothing',
        example='answer refusal  null → (absent)',
    ),
    VolatileRule(
        "chunking", "how a stream is cut into frames, and what runs on in them: numbers, counters, clocks",
        keys=("sequencenumber",),
        example='"High water" in 2 frames → in 3 frames',
    ),
    VolatileRule("offsets", "positions in a text that changed",
                 keys=("checkoffset", "startoffset", "endoffset", "textoffset"),
        example='answer start_offset  120 → 134',
    ),
    VolatileRule("order", "the order in which an answer lists what has an id or a name",
        example='data[0].id "gpt-4o", data[1].id "o3" → the other way round',
    ),
    VolatileRule("echoes", "what an answer repeats of a request that changed",
        example='request temperature 0 → 1 is told once, and not again where the answer repeats it',
    ),
    VolatileRule("repeated", "what is told of this interaction already, at another place",
        example='the text of response.completed, which its deltas have told',
    ),
    VolatileRule("reason-phrases", "the words beside a status",
        example='200 OK → 200',
    ),
    VolatileRule("layout", "other bytes with the same meaning: spaces, the order of keys, escapes, cases",
        example='{"a":1,"b":2} → {"b": 2, "a": 1}',
    ),
    VolatileRule("ignored", "what `--ignore` and the setting `ignore` name",
        example='cassette diff --ignore service_tier old.yaml new.yaml',
    ),
)  # fmt: skip

NAMES: Final = frozenset(rule.name for rule in RULES)

_CONTENT = frozenset({"arguments", "args", "parameters", "input_schema", "inputSchema", "json_schema"})
_ID_PARENTS = frozenset({"functionCall", "functionResponse", "toolUse", "toolResult", "tool_calls", "toolCall"})
_ID_SIBLINGS = (
    ("id", "object", "created"), ("id", "object", "created_at"), ("id", "type", "function"),
    ("id", "type", "name", "input"), ("id", "call_id"), ("id", "type", "role", "model"),
    ("id", "choices"), ("id", "role", "content"), ("id", "function"), ("id", "object", "choices"),
)  # fmt: skip


def _keys(name: str) -> frozenset[str]:
    return frozenset(next(rule.keys for rule in RULES if rule.name == name))


_OPAQUE_IDS = frozenset({"id", "uuid", "guid", "nonce", "hash", "sessionid", "conversationid", "correlationid"})
"""Keys under which a value must look made up; under the others of the rule it always is."""
_SURE_IDS = _keys("ids") - _OPAQUE_IDS
_TIMES, _DURATIONS, _FINGERPRINTS = _keys("times"), _keys("durations"), _keys("fingerprints")
_SIGNATURES, _OFFSETS, _SEQUENCE = _keys("signatures"), _keys("offsets"), _keys("chunking")
_CREATED = frozenset({"created", "createdat", "completedat"})
_ID_ENDINGS = ("_id", "Id", "-id", "ID")
_TIME_ENDINGS = ("at", "time", "date", "timestamp")
_KEYS = frozenset(key for rule in RULES for key in rule.keys) - {"p"}
"""All that the rules know, in one: a key that is neither here nor ends as one of them holds nothing volatile."""

_PREFIXED = pattern(
    r"(chatcmpl|cmpl|resp|msg|call|toolu|srvtoolu|fc|rs|req|run|thread|step|asst|gen|evt|event|item|ws|cu|mcp|mcpl|mcpr"
    r"|msgbatch|batch|file|vs|ctc|ci|ig|prompt|conv|rsn|cntr|container|tooluse|modr|ftjob|upload|auto)[-_](?:(?=.*\d).+|.{12,})",
    re.IGNORECASE,
)
_UUID = pattern(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_RUN = pattern(r"[A-Za-z0-9]{8,}")
_HEX = pattern(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}|[0-9]{9,}", re.IGNORECASE)
_TURN = pattern(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])")
_TIME = pattern(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4}.*"
    r"|\d{10}(?:\d{3})?(?:\.\d+)?"
)
_TOKEN = pattern(r"[A-Za-z0-9+/_=.-]+")
_WORD = pattern(r"[^A-Za-z0-9]+")
_SPAN = pattern(r"(?:[\d.]+\s*(?:ns|us|µs|ms|s|m|h))+|[\d.]+")


# --- headers


@lru_cache(1024)
def header_rule(name: str) -> VolatileRule | None:
    """Return the rule that judges a header, None where none does; names are compared without case (RFC 9110, 5.1)."""
    folded = name.lower()
    for rule in RULES:
        if folded in rule.headers:
            return rule
    for rule in RULES:
        if any("*" in glob and fnmatch.fnmatchcase(folded, glob) for glob in rule.headers):
            return rule
    return None


def header_reason(name: str, old: str | None, new: str | None) -> str | None:
    """Return why two values of a header are no change, None where they are one; None for a side without it."""
    rule = header_rule(name)
    if rule is None or rule.name == "lengths":
        return None
    if rule.both:
        if old is None or new is None:
            return None
        return rule.name if header_text(name, old) == header_text(name, new) else None
    return rule.name if all(value is None or _fits(rule, name, value) for value in (old, new)) else None


def header_text(name: str, value: str) -> str:
    """Return a header's value with what is volatile in it replaced by the rule's name in angle brackets."""
    rule = header_rule(name)
    if rule is None:
        return value
    if rule.both:
        return _pattern(rule.value).sub(f"<{rule.name}>", value)
    return f"<{rule.name}>" if _fits(rule, name, value) else value


def _fits(rule: VolatileRule, name: str, value: str) -> bool:
    if rule.value == ANY or _pattern(rule.value).fullmatch(value):
        return True
    return any(fnmatch.fnmatchcase(name.lower(), glob) for glob in rule.sure)


@lru_cache(64)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL | re.IGNORECASE)


# --- JSON


def place_of(key: str, holder: Any, region: Region) -> Region:
    """Return where the value under a key stands: the arguments of a tool call and the schema of a tool are content."""
    if key in _CONTENT or (key == "input" and isinstance(holder, dict) and "name" in holder):
        return "content"
    return region


@lru_cache(8192)
def fold(key: str) -> str:
    """Return a key without case, underscores and dashes: `created_at` and `createdAt` are one."""
    return _WORD.sub("", key).lower()


@lru_cache(4096)
def generated(text: str) -> bool:
    """Say whether a text looks like an identifier that a machine made up, and not like a name."""
    if not text or len(text) > 512 or " " in text:
        return False
    if _UUID.search(text) or (_PREFIXED.fullmatch(text) and "." not in text):
        return True
    for run in _RUN.findall(text):
        if _HEX.fullmatch(run):
            return True
        turns = len(_TURN.findall(run))
        if (turns >= 4 and any(char.isdigit() for char in run)) or turns >= 6:
            return True
    return False


def is_time(value: Any) -> bool:
    """Say whether a value is a point in time: ISO 8601, an HTTP date, or seconds or milliseconds since 1970."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return 1e9 <= value < 1e10 or 1e12 <= value < 1e13
    return isinstance(value, str) and len(value) < 64 and _TIME.fullmatch(value) is not None


def is_vacant(value: Any) -> bool:
    """Say whether a value carries nothing: null, "", [] or {}."""
    return value is None or (isinstance(value, str | list | dict) and not value)


def reason(key: str | None, above: str | None, value: Any, parent: Any, region: Region) -> str | None:
    """Return the rule by which a scalar is volatile, None where it is not.

    `key` is the nearest key, `above` the one before it, `parent` the mapping that holds the value.
    """
    if key is None or region == "content" or not _may_vary(key):
        return None
    folded = fold(key)
    found = _by_key(folded, key, value, region)
    if found is not None:
        return found
    if _is_id(folded, key, above, value, parent):
        return "ids"
    if region == "response" and (folded in _DURATIONS or _ends_in_time(key)) and _is_span(value):
        return "durations"
    return None


@lru_cache(4096)
def _may_vary(key: str) -> bool:
    """Say whether any rule looks at values under a key: most keys are a few names over and over, and none does."""
    folded = fold(key)
    return (
        folded in _KEYS
        or folded.endswith(_TIME_ENDINGS)
        or key == "p"
        or key.endswith(_ID_ENDINGS)
        or _ends_in_time(key)
    )


def _by_key(folded: str, key: str, value: Any, region: Region) -> str | None:
    """Judge by keys that mean one thing everywhere, and values that bear it out."""
    if folded in _FINGERPRINTS:
        return "fingerprints"
    if folded == "obfuscation" or (key == "p" and isinstance(value, str) and value.isalnum()):
        return "padding"
    if folded in _SIGNATURES and isinstance(value, str) and (len(value) >= 24 or not value):
        return "signatures" if _TOKEN.fullmatch(value) or not value else None
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    if folded in _CREATED and whole:
        return "times"
    if (folded in _TIMES or folded.endswith(_TIME_ENDINGS)) and is_time(value):
        return "times"
    if region == "response" and whole:
        return "offsets" if folded in _OFFSETS else "chunking" if folded in _SEQUENCE else None
    return None


def _is_id(folded: str, key: str, above: str | None, value: Any, parent: Any) -> bool:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return False
    if folded in _SURE_IDS:
        return True
    if not (folded in _OPAQUE_IDS or key.endswith(_ID_ENDINGS)):
        return False
    if generated(str(value)):
        return True
    if folded != "id" or not isinstance(parent, dict):
        return False
    if above in _ID_PARENTS:
        return True
    # `{"id": "gpt-4", "object": "model", "created": …}` names a model.
    return parent.get("object") != "model" and any(all(name in parent for name in names) for names in _ID_SIBLINGS)


def _ends_in_time(key: str) -> bool:
    words = key.lower().split("_")
    return words[-1] in ("ms", "duration", "time", "latency", "seconds") or key.endswith(("Ms", "Time", "Duration"))


def _is_span(value: Any) -> bool:
    if isinstance(value, str):
        return _SPAN.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def mask(value: Any, region: Region) -> Any:
    """Return JSON with volatile values replaced by their rule in angle brackets, without the vacant ones of answers.

    What is content is not copied: nothing in it is replaced.
    """
    return _masked(value, region, None, None, None)


def _masked(value: Any, region: Region, key: str | None, above: str | None, parent: Any) -> Any:
    if region == "content":
        return value
    if isinstance(value, dict):
        out = {}
        for name, item in value.items():
            deeper = isinstance(item, dict | list) or _may_vary(name)
            made = _masked(item, place_of(name, value, region), name, key, value) if deeper else item
            if region != "response" or not is_vacant(made):
                out[name] = made
        return out
    if isinstance(value, list):
        return [_masked(item, region, key, key, parent) for item in value]
    why = None if key is None else reason(key, above, value, parent, region)
    return value if why is None else f"<{why}>"
