"""Secrets in commands and files that say by their place alone what they are: `curl -u`, `mysql -p`, `IDENTIFIED BY`."""

import re
from collections.abc import Iterator

from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.names import CONNECTION, PASSWORD
from cassette_cli.operations.redact.detect.values import (
    is_credible,
    is_placeholder,
    is_plain,
    is_reference,
    is_template,
    is_type,
)
from cassette_cli.operations.redact.rules.rule import Rule

_WORD = r"(?:\"(?P<a>[^\"\r\n]{1,200})\"|'(?P<b>[^'\r\n]{1,200})'|(?P<c>[^\s\"'`<>]{1,200}))"
_ON_LINE = r"(?:[^\r\n\\|;]|\\\r?\n|\\(?![nr])){0,400}?[ \t]"


def _tool(tools: str, flags: str, value: str = _WORD) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:{tools})(?=[ \t]){_ON_LINE}(?:{flags}){value}")


_USER = r"(?P<quote>[\"']?)[^\s\"'`:<>$]{1,100}:(?P<d>(?:(?!(?P=quote)[\s\r\n])[^\r\n\"'`\s])+)"
_COMMANDS: tuple[tuple[tuple[str, ...], Rule, re.Pattern[str]], ...] = (
    (("curl ", "wget ", "lynx "), CONNECTION,
     _tool("curl|wget|lynx", r"(?:-[sSkLvifgG]{0,6}u|--(?:proxy-)?user|-U|-auth)[ \t=]{0,4}", _USER)),
    (("  a ", "  auth"), CONNECTION, _tool("https?|xhs?", r"(?:-a|--auth)[ \t=]{1,4}", _USER)),
    (("mysql", "mariadb"), PASSWORD, _tool("mysql(?:dump|admin|import|show)?|mariadb(?:-\\w+)?", "-p", r"(?P<q>[\"']?)(?P<a>[^\s\"'`]{3,200})(?P=q)")),
    (("sshpass ", " login", "mongo"), PASSWORD,
     _tool("sshpass|(?:docker|podman|nerdctl|buildah|skopeo|crane|helm registry|oc|ibmcloud|az) login|mongo(?:sh|dump|restore|export|import)?", r"-p[ \t]{0,4}", _WORD)),
    (("gh secret", "keyvault secret"), PASSWORD, _tool("gh secret set|az keyvault secret set", r"(?:-b|--body|--value)[ \t=]{1,4}", _WORD)),
    (("from literal",), PASSWORD, re.compile(r"--from-literal[ =][\"']?[\w.-]{1,100}=(?P<c>[^\s\"']{1,400})")),
    (("password stdin",), PASSWORD, re.compile(rf"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?{_WORD}[ \t]*\|[^\r\n|]{{1,200}}--password-stdin")),
    (("redis cli ",), PASSWORD, _tool("redis-cli", r"-a[ \t]{1,4}", _WORD)),
    (("ldap",), PASSWORD, _tool("ldap(?:search|modify|add|delete|whoami)", r"-w[ \t]{0,4}", _WORD)),
    (("smbclient", "rpcclient"), PASSWORD, _tool("smbclient|rpcclient", r"-U[ \t]{0,4}[\"']?[^\s%\"']{1,100}%", r"(?P<c>[^\s\"'`]{1,200})")),
    (("openssl ",), PASSWORD, _tool("openssl", r"-pass(?:in|out)?[ \t]{1,4}pass:", _WORD)),
    (("htpasswd ",), PASSWORD, _tool("htpasswd", r"-\w*b\w*[ \t]+\S+[ \t]+\S+[ \t]+", _WORD)),
)  # fmt: skip
_SQL = re.compile(
    r"(?i)\bidentified\s+(?:with\s+[\w'\"`]{1,60}\s+)?(?:by|as)\s+(?:password\s+)?(?:'(?P<a>[^'\r\n]{1,200})'|\"(?P<b>[^\"\r\n]{1,200})\"|(?P<c>[^\s;'\"`]{1,200}))"
)
_USERS = re.compile(r"(?i)\b(?:create|alter)\s+(?:user|role)\b[^;]{0,200}\Z")
_SECURE_STRING = re.compile(
    r"(?i)convertto-securestring\s+(?:-string\s+)?(?:'(?P<a>[^'\r\n]{1,200})'|\"(?P<b>[^\"\r\n]{1,200})\")"
)
_PGPASS = re.compile(r"(?m)^[\w.*-]{1,200}:(?:\d{2,5}|\*):[^:\s]{1,63}:[^:\s]{1,63}:(?P<a>[^\s]{3,200})$")
_ORACLE = re.compile(r"(?i)jdbc:oracle:\w{1,10}:[^/\s\"']{1,60}/(?P<a>[^\s\"'@]{1,100})@")
_PAIR = re.compile(
    r"(?i)(?:basic_?auth|networkcredential|passwordcredentials|credentials\.basic|\bauth\s?=\s?|getconnection\([^()\"']{0,60},\s?)"
    r"\(?\s{0,4}[\"'][^\"'\r\n]{1,100}[\"']\s?,\s?(?:'(?P<a>[^'\r\n]{1,200})'|\"(?P<b>[^\"\r\n]{1,200})\")\s?[,)]"
)
_NET_USE = re.compile(r"(?i)\bnet use [^\r\n]{0,100}?/user:\S{1,100} (?P<c>[^\s/\"'][^\s\"']{2,100})")
_STATEMENTS: tuple[tuple[tuple[str, ...], Rule, re.Pattern[str]], ...] = (
    (("identified ",), PASSWORD, _SQL),
    (("convertto securestring",), PASSWORD, _SECURE_STRING),
    (
        (
            "basicauth ",
            "basic auth ",
            "networkcredential ",
            "passwordcredentials ",
            "credentials basic ",
            "auth  ",
            "getconnection ",
        ),
        PASSWORD,
        _PAIR,
    ),
    (("net use ",), PASSWORD, _NET_USE),
    (("jdbc oracle ",), CONNECTION, _ORACLE),
    ((" 5432 ", " 6432 "), PASSWORD, _PGPASS),
)
_SECRET_KIND = re.compile(r"[\"']?kind[\"']?\s?:\s{0,4}[\"']?Secret\b(?!\w)")
_DATA = re.compile(r"(?m)^([ \t]*)(?:data|stringData):[ \t]*\r?\n((?:\1[ \t]+[^\r\n]*(?:\r?\n|\Z)|[ \t]*\r?\n)+)")
_DATA_LINE = re.compile(r"(?m)^[ \t]*[\w./-]{1,200}:[ \t]*[\"']?(?P<a>[^\s\"'|>][^\s\"']{2,16384})[\"']?[ \t]*\r?$")
_DATA_OBJECT = re.compile(r"\"(?:data|stringData)\"\s?:\s{0,10}\{([^{}]{0,16384})\}")
_DATA_PAIR = re.compile(r"\"[\w./-]{1,200}\"\s{0,4}:\s{0,10}\"(?P<a>[^\"]{3,16384})\"")


_KUBERNETES = ("kind secret", "kind  secret", "kind   secret", "kind    secret")
WORDS = tuple(dict.fromkeys(word for words, _, _ in (*_COMMANDS, *_STATEMENTS) for word in words)) + _KUBERNETES
"""What occurs in all of these, in lower case and with a blank for each sign."""


def matches(text: str, words: set[str], own: tuple[str, ...] = ()) -> Iterator[Match]:
    """Yield what commands, SQL, password files and Kubernetes' Secrets hold; `words` are those that occur."""
    for of_it, rule, pattern in (*_COMMANDS, *_STATEMENTS):
        if not words.isdisjoint(of_it):
            for found in pattern.finditer(text):
                yield from _one(found, text, rule, own)
    if not words.isdisjoint(_KUBERNETES):
        yield from _kubernetes(text, own)


def _kubernetes(text: str, own: tuple[str, ...]) -> Iterator[Match]:
    """Yield every value of a Secret, whatever its name: in base64 under `data`, plain under `stringData`."""
    for pattern, line in ((_DATA, _DATA_LINE), (_DATA_OBJECT, _DATA_PAIR)):
        for block in pattern.finditer(text):
            if _SECRET_KIND.search(text, max(0, block.start() - 2000), block.end() + 2000):
                for pair in line.finditer(text, *block.span(block.re.groups)):
                    yield from _one(pair, text, PASSWORD, own)


def _one(found: re.Match[str], text: str, rule: Rule, own: tuple[str, ...]) -> Iterator[Match]:
    group = next((name for name in "abcd" if found.groupdict().get(name) is not None), None)
    if group is None:
        return
    start, end = found.span(group)
    value = text[start:end]
    if found.re is _SQL and (
        is_plain(value)
        if group != "c"
        else not (_USERS.search(text[max(0, start - 300) : start]) and is_credible(value))
    ):
        return
    if found.re is _PAIR and not is_credible(value):
        return
    is_none = (
        is_placeholder(value, own)
        or is_template(value)
        or is_type(value)
        or (group == "c" and is_reference(value) and not value.isalnum())
    )
    if not is_none and not value.lstrip("\"' ").startswith(("-", "+", "||")):
        yield Match(start, end, rule)
