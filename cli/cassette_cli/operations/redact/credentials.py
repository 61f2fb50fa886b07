"""Values taken apart, so that only what is secret goes: schemes, signatures, cookies, tokens in parts.

Shapes by RFC 9110, 11.4 (credentials), RFC 6265 (cookies), RFC 7519 (JWT) and AWS Signature Version 4.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache

from cassette_cli.operations.redact.rules.table import Rule, public_prefixes
from cassette_cli.operations.redact.values import is_opaque, is_placeholder, is_plain_word, is_public

Span = tuple[int, int]
Own = tuple[str, ...]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_.-]{1,40})[ \t]+(?=\S)")
_SCHEMES = frozenset(
    "bearer basic token key apikey api-key digest negotiate ntlm hawk oauth sharedkey sharedkeylite googlelogin "
    "signature sso-key mac splunk geniekey dpop discogs bot user client-id privatetoken aws".split()
)
_PATH = re.compile(r"(?:/[A-Za-z_.-]+)+/?")
_SIGNING = frozenset(("sharedkey", "sharedkeylite"))
_SIGV4 = re.compile(r"AWS4-[A-Z0-9-]{4,30}\s")
_SIGV4_FIELD = re.compile(r"(Credential=)([^/\s,]*)|(Signature=)([^\s,]*)")
_PARAM = r"[A-Za-z][\w-]{0,60}=(?:\"[^\"]*\"|[^\s\",;=][^\s\",;]*)"
_PARAMS = re.compile(rf"{_PARAM}(?:\s*[,;]\s*{_PARAM})*")
_ONE_PARAM = re.compile(r"([A-Za-z][\w-]{0,60})=(?:\"([^\"]*)\"|([^\s\",;=][^\s\",;]*))")
_HARMLESS = frozenset(
    "realm algorithm qop nc uri charset version headers created expires t ts timestamp method signedheaders "
    "oauth_version oauth_signature_method oauth_timestamp opaque stale domain scope error hash".split()
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){2,4}", re.ASCII)
_NEXT_COOKIE = re.compile(r"[,\n][ \t]{0,8}(?=[^=;,\s]{1,200}=)")
_ATTRIBUTES = frozenset("path domain expires max-age samesite secure httponly priority partitioned version".split())
_USERINFO = re.compile(r"://([^/?#@\s]+)@")
_CONNECTION_SECRET = re.compile(
    r"(?i)(?:^|[;?&\s])(?:password|pwd|accountkey|sharedaccesskey|accesskey|secret|sharedaccesssignature|token)"
    r"\s{0,8}=\s{0,8}([^;&\s]+)"
)


def spans(rule: Rule, value: str, own: Own) -> list[Span]:
    """Return the parts of a value under a secret name that are secret; none where it is a placeholder."""
    begin = len(value) - len(value.lstrip())
    end = len(value.rstrip())
    core = value[begin:end]
    if not core or is_placeholder(core, own):
        return []
    if rule.style == "cookie":
        found = list(_cookies(core, own))
    elif rule.style == "set-cookie":
        found = list(_set_cookies(core, own))
    elif rule.style == "credential":
        found = list(_credential(rule, core, own))
    elif rule.style == "connection":
        found = list(_connection(core, own))
    elif rule.style == "scoped":  # AKIA…/20260101/us-east-1/s3/aws4_request: the scope is no secret
        first = core.partition("/")[0]
        found = [] if is_placeholder(first, own) else [(0, len(first))]
    else:
        found = [(0, len(core))] if _counts(rule, core) else []
    return [(begin + start, begin + stop) for start, stop in found]


def _counts(rule: Rule, value: str) -> bool:
    """Say whether a whole value is what its rule looks for."""
    if rule.kind in ("json", "query") and is_public(value):
        return False
    if rule.care == "if-opaque":
        return is_opaque(value)
    if rule.care == "unless-plain":
        return not is_plain_word(value) and not (rule.kind == "json" and _tells(value))
    if rule.kind == "json" and any(char.isspace() for char in value) and "PRIVATE KEY" not in value:
        # A sentence under a name such as `secret` tells of one; a pass phrase is one.
        return "pass" in rule.name or "pwd" in rule.name
    return rule.level == "secrets" or value.lower() not in ("true", "false", "0", "1", "-")


def leading(value: str) -> int:
    """Return how long the credentials are that a text opens with: a word, after its scheme, or parameters."""
    scheme = _SCHEME.match(value)
    start = scheme.end() if scheme is not None and scheme[1].lower() in _SCHEMES else 0
    params = _PARAMS.match(value, start)
    if params is not None:
        return params.end()
    return start + len(value[start:].split(None, 1)[0].rstrip(",;.")) if value[start:].strip() else len(value)


def _tells(value: str) -> bool:
    """Say whether a value speaks of a secret, or leads to one: a sentence, an address, a path of words."""
    return "://" in value or any(char.isspace() for char in value) or _PATH.fullmatch(value) is not None


def _credential(rule: Rule, value: str, own: Own) -> Iterator[Span]:
    """Yield what is secret in `scheme credentials`, or in a bare value."""
    if _SIGV4.match(value):
        yield from _sigv4(value, own)
        return
    if value.lower() in _SCHEMES:
        return
    scheme = _SCHEME.match(value)
    start = 0
    if scheme is not None and (scheme[1].lower() in _SCHEMES or rule.kind == "header"):
        start = scheme.end()
    rest = value[start:]
    if is_placeholder(rest, own):
        return
    if _PARAMS.fullmatch(rest):
        for param in _ONE_PARAM.finditer(rest):
            group = 2 if param[2] is not None else 3
            harmless = param[1].lower() in _HARMLESS or is_plain_word(param[group])
            if not harmless and not is_placeholder(param[group], own):
                yield start + param.start(group), start + param.end(group)
        return
    if scheme is not None and scheme[1].lower() == "basic" and is_spent_basic(rest, own):
        return
    if scheme is not None and scheme[1].lower() in _SIGNING and ":" in rest:
        start += rest.index(":") + 1  # the account, and the signature
        rest = value[start:]
    one_word = start and scheme is not None and scheme[1].lower() in _SCHEMES and not any(c.isspace() for c in rest)
    if one_word or _counts(rule, rest):
        yield start, len(value)


def _sigv4(value: str, own: Own) -> Iterator[Span]:
    """Yield key id and signature; what stands between them, region and service and names, stays."""
    for field in _SIGV4_FIELD.finditer(value):
        group = 2 if field[1] else 4
        if field[group] and not is_placeholder(field[group], own):
            yield field.span(group)


def decode_basic(value: str) -> str | None:
    """Return `user:password` out of its base64, None where it is none."""
    text = value.strip()
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=None, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return decoded if ":" in decoded and decoded.isprintable() else None


def is_spent_basic(value: str, own: Own) -> bool:
    """Say whether Basic credentials hold nothing but placeholders."""
    decoded = decode_basic(value)
    if decoded is None:
        return False
    user, _, password = decoded.partition(":")
    if not password:
        return is_placeholder(user, own)
    return is_placeholder(password, own)


def _cookies(value: str, own: Own) -> Iterator[Span]:
    """Yield the values of a Cookie header, save those too plain to be secret: `theme=dark`."""
    if "=" not in value:
        if is_opaque(value):
            yield 0, len(value)
        return
    at = 0
    for pair in value.split(";"):
        name, sign, text = pair.partition("=")
        if sign:
            yield from _cookie(text, at + len(name) + 1, own)
        at += len(pair) + 1


def _cookie(text: str, start: int, own: Own) -> Iterator[Span]:
    core = text.strip()
    start += len(text) - len(text.lstrip())
    if len(core) > 1 and core[0] == core[-1] == '"':
        core, start = core[1:-1], start + 1
    if core and not is_plain_word(core) and not is_placeholder(core, own):
        yield start, start + len(core)


def _set_cookies(value: str, own: Own) -> Iterator[Span]:
    """Yield the values of a Set-Cookie header, of several in one line too; names and attributes stay."""
    if "=" not in value:
        if is_opaque(value):
            yield 0, len(value)
        return
    starts = [0, *(match.end() for match in _NEXT_COOKIE.finditer(value))]
    for start, stop in zip(starts, [*starts[1:], len(value)], strict=True):
        pair = re.split(r"[;\n]", value[start:stop], maxsplit=1)[0].rstrip(", ")
        name, sign, text = pair.partition("=")
        if sign and name.strip().lower() not in _ATTRIBUTES:
            yield from _cookie(text, start + len(name) + 1, own)


def _connection(value: str, own: Own) -> Iterator[Span]:
    """Yield the password of a connection string, or all of one that shows none."""
    found = [(m.start(1), m.end(1), m[1]) for m in _CONNECTION_SECRET.finditer(value)]
    for user in _USERINFO.finditer(value):
        name, colon, password = user[1].partition(":")
        begin = user.start(1) + len(name) + 1 if colon else user.start(1)
        found.append((begin, user.end(1), password if colon else name))
    if not found and "://" not in value:
        found = [(0, len(value), value)]
    for start, end, text in found:
        if not is_placeholder(text, own):
            yield start, end


def placeholder(value: str, text: str) -> str:
    """Return what takes a secret's place: the placeholder, thrice with dots for a JWT, whose readers split it."""
    return f"{text}.{text}.{text}" if _JWT.fullmatch(value) else text


@lru_cache(maxsize=4096)
def mask(value: str) -> str:
    """Return a secret as it may be shown: its public prefix, if it has one, and how long it is."""
    prefix = next((text for text in public_prefixes() if value.startswith(text) and len(value) > len(text) + 8), "")
    return f"{prefix}(hidden {len(value)})"
