"""Values under a name, and what of them is secret: schemes and credentials, signatures, cookies, connection strings.

Shapes by RFC 9110, 11.4 (credentials), RFC 7617 (Basic), AWS Signature Version 4, RFC 3986, 3.2.1 (userinfo).
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from cassette_cli.operations.redact.detect.cookies import cookie_value, cookie_values
from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.names import (
    API_KEY,
    CREDENTIAL,
    OTP,
    PASSWORD,
    TOKEN,
    Kind,
    NameRule,
    beside_rule,
    name_rule,
)
from cassette_cli.operations.redact.detect.values import (
    is_count,
    is_credible,
    is_locator,
    is_opaque,
    is_placeholder,
    is_plain,
    is_prose,
    is_public,
    is_template,
    is_type,
    is_uuid,
)
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.source.later import pattern

Span = tuple[int, int]
Own = tuple[str, ...]

_SCHEME = pattern(r"([A-Za-z][A-Za-z0-9_.-]{1,40})[ \t]+(?=\S)")
_SCHEMES = frozenset(
    "bearer basic token key apikey api-key digest negotiate ntlm hawk oauth sharedkey sharedkeylite googlelogin "
    "signature sso-key mac splunk geniekey dpop discogs bot user client-id privatetoken aws jwt".split()
)
_SIGNING = frozenset(("sharedkey", "sharedkeylite"))
_SIGV4 = pattern(r"AWS4-[A-Z0-9-]{4,30}\s")
_SIGV4_FIELD = pattern(r"(Credential=)([^/\s,]*)|(Signature=)([^\s,]*)")
_PARAM = r"[A-Za-z][\w-]{0,60}=(?:\"[^\"]*\"|[^\s\",;=][^\s\",;]*)"
_PARAMS = pattern(rf"{_PARAM}(?:\s*[,;]\s*{_PARAM})*")
_ONE_PARAM = pattern(r"([A-Za-z][\w-]{0,60})=(?:\"([^\"]*)\"|([^\s\",;=][^\s\",;]*))")
_HARMLESS = frozenset(
    "realm username algorithm qop nc uri charset version headers created expires t ts timestamp method signedheaders "
    "oauth_version oauth_signature_method oauth_timestamp opaque stale domain scope error hash resource_metadata".split()
)
_CONNECTION_SECRET = pattern(
    r"(?i)(?:^|[;?&\s])(?:password|pwd|pass|accountkey|sharedaccesskey|accesskey|secret|sharedaccesssignature|token)"
    r"\s{0,8}=\s{0,8}(?:\"([^\"]*)\"|'([^']*)'|\{([^{}]*)\}|([^;&\s]+))"
)
_URL = pattern(r"([A-Za-z][A-Za-z0-9+.-]{1,30})://([^\s\"'`<>\\]{1,500})")
_LEAST = {"header": 12, "env": 12, "query": 12, "form": 12, "flag": 12, "multipart": 12, "cookie": 12, "text": 14}


def named_values(
    name: str, value: str, kind: Kind = "json", beside: Collection[str] = (), own: Own = ()
) -> list[Match]:
    """Return what is secret in the value under a name, as spans of the value.

    `beside` are the other names of the same object, form or query: by them `code` is one of OAuth, and `d` a part
    of a JWK. `own` are the placeholders in use.
    """
    if kind == "cookie":
        return list(cookie_value(name, value, own))
    found = name_rule(name, kind) or beside_rule(name, beside, kind)
    return [] if found is None else judged(found, name, value, kind, own)


def named_value(name: str, value: str, kind: Kind = "json", beside: Collection[str] = ()) -> Rule | None:
    """Return the rule by which something in the value under a name is secret."""
    return next((match.rule for match in named_values(name, value, kind, beside)), None)


def judged(found: NameRule, name: str, value: str, kind: Kind, own: Own = ()) -> list[Match]:
    """Return what is secret in a value of which its name is known."""
    begin = len(value) - len(value.lstrip())
    core = value.strip()
    if not core or is_placeholder(core, own):
        return []
    if found.style in ("cookie", "set-cookie"):
        cookies = cookie_values(core, is_set_cookie=found.style == "set-cookie", own=own)
        return [Match(begin + one.start, begin + one.end, one.rule, one.key) for one in cookies]
    if found.style == "credential":
        spans = list(_credential(found, core, kind, own))
    elif found.style == "connection":
        spans = list(connection_spans(core, own))
    elif found.style == "scoped":  # AKIA…/20260101/us-east-1/s3/aws4_request: the scope is no secret
        first = re.split(r"/|%2[Ff]", core, maxsplit=1)[0]
        spans = [] if is_placeholder(first, own) else [(0, len(first))]
    else:
        spans = [(0, len(core))] if _counts(found, core, kind) else []
    return [Match(begin + start, begin + stop, found.rule, name) for start, stop in spans]


def _counts(found: NameRule, value: str, kind: Kind) -> bool:
    """Say whether a whole value is what its name promises."""
    rule, care = found.rule, found.care
    if rule.level != "secrets":
        return value.lower() not in ("true", "false", "0", "1", "-", "*")
    if "PRIVATE KEY-----" in value:
        return re.search(r"[A-Za-z0-9+/]{40}", value) is not None
    if value[0] in ".:" or _NO_VALUE.match(value):
        return False
    if is_public(value) or is_template(value):
        return False
    if care == "opaque":
        least = _LEAST.get(kind, 16)
        return is_opaque(value, least) or (
            is_uuid(value) and (rule is TOKEN or (kind == "header" and rule is not CREDENTIAL))
        )
    if rule is OTP and care == "credible":
        return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]{3,40}", value) is not None and any(map(str.isdigit, value))
    if care == "credible":
        return is_uuid(value) or (is_credible(value) and (rule is PASSWORD or _is_keylike(value)))
    return _counts_whatever(found, value)


_NO_VALUE = pattern(r"=|\+ |\|\| |% |\. |&[\w.-]{1,40}=")
"""What opens the rest of an expression, or the next pair, where a placeholder was taken for an element."""
_WORDS = pattern(r"[A-Za-z]+(?:[-_. /][A-Za-z]+)*|[a-z]{2,}\d?(?:_[a-z]{2,}\d?){1,5}(?:\\[rn])*")


def _is_keylike(value: str) -> bool:
    """Say whether a value could be what a machine made: eight characters, and more than words."""
    return len(value) >= 8 and (_WORDS.fullmatch(value) is None or is_opaque(value, 8))


def _counts_whatever(found: NameRule, value: str) -> bool:
    """Say whether a value is a secret under a name that holds nothing else: not where it only tells of one."""
    if is_type(value) or is_prose(value) or is_locator(value):
        return False
    if found.rule in (PASSWORD, OTP):
        return True
    if any(char.isspace() for char in value):
        return found.rule is API_KEY and is_credible(value)
    return not (is_count(value) and len(value) < 8) and not (found.rule is not PASSWORD and is_plain(value))


def _credential(found: NameRule, value: str, kind: Kind, own: Own) -> Iterator[Span]:
    """Yield what is secret in `scheme credentials`, or in a bare value."""
    if _SIGV4.match(value):
        yield from _sigv4(value, own)
        return
    if value.lower() in _SCHEMES:
        return
    scheme = _SCHEME.match(value)
    is_known = scheme is not None and scheme[1].lower() in _SCHEMES
    start = scheme.end() if scheme is not None and (is_known or kind == "header") else 0
    rest = value[start:]
    if is_placeholder(rest, own) or is_template(rest) or rest[:1] in "{<$%(" or is_plain(rest.rstrip("=")):
        return
    if _PARAMS.fullmatch(rest):
        yield from ((start + first, start + last) for first, last in _parameters(rest, own))
        return
    name = scheme[1].lower() if scheme is not None else ""
    if name == "basic" and is_spent_basic(rest, own):
        return
    if name in _SIGNING and ":" in rest:
        start += rest.index(":") + 1  # the account, and the signature
        rest = value[start:]
    one_word = is_known and not any(char.isspace() for char in rest)
    if (one_word and not is_type(rest) and not is_locator(rest) and rest[0] != "=" and _is_keylike(rest)) or _counts(
        found, rest, kind
    ):
        yield start, len(value)


def _parameters(rest: str, own: Own) -> Iterator[Span]:
    """Yield the parameters of a scheme that are not known to be harmless: `t=1492774577, v1=5257a869…`."""
    for param in _ONE_PARAM.finditer(rest):
        group = 2 if param[2] is not None else 3
        harmless = param[1].lower() in _HARMLESS or is_plain(param[group]) or is_locator(param[group])
        if not harmless and not is_placeholder(param[group], own):
            yield param.span(group)


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
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=None, validate=True).decode("utf-8").strip()
    except (binascii.Error, ValueError):
        return None
    return decoded if ":" in decoded and decoded.isprintable() else None


def is_spent_basic(value: str, own: Own = ()) -> bool:
    """Say whether Basic credentials hold nothing but placeholders."""
    decoded = decode_basic(value)
    if decoded is None:
        return False
    user, _, password = decoded.partition(":")
    return is_placeholder(password or user, own)


def connection_spans(value: str, own: Own = ()) -> Iterator[Span]:
    """Yield the password of a connection string, or all of one that shows none."""
    found = list(url_passwords(value, own))
    for pair in _CONNECTION_SECRET.finditer(value):
        group = next(number for number in range(1, 5) if pair[number] is not None)
        if not is_placeholder(pair[group], own) and not is_template(pair[group]):
            found.append(pair.span(group))
    if not found and "://" not in value and is_opaque(value):
        found = [(0, len(value))]
    yield from found


def url_passwords(text: str, own: Own = ()) -> Iterator[Span]:
    """Yield the passwords of URLs' users in a text, whole where they hold an `@`; a user alone if it is a token."""
    for url in _URL.finditer(text):
        span = _userinfo(url[2], is_web=url[1].lower() in ("http", "https", "ws", "wss"))
        if span is not None:
            start, end = (url.start(2) + at for at in span)
            password = unquote(text[start:end])
            if len(password) >= 2 and not is_placeholder(password, own) and not is_template(password):
                yield start, end


_PORT = pattern(r":\d{0,5}\Z")


def _userinfo(rest: str, *, is_web: bool) -> Span | None:
    """Return where the password stands in what follows `://`.

    The user ends with the last `@` of the authority. Where what looks like the authority has a colon and no port
    behind it, a password holds a slash, and the authority goes on.
    """
    authority = re.split(r"[/?#]" if is_web else "/", rest, maxsplit=1)[0]
    at = authority.rfind("@")
    if at < 0 and ":" in authority and not _PORT.search(authority) and not authority.startswith("["):
        at = rest.rfind("@")
    if at < 0:
        return None
    colon = rest.find(":", 0, at)
    if colon >= 0:
        return (colon + 1, at) if at > colon + 1 else ((0, colon) if is_opaque(rest[:colon]) else None)
    return (0, at) if is_opaque(rest[:at]) else None
