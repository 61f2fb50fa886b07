"""Secrets in commands and files that say by their place alone what they are: `curl -u`, `mysql -p`, `IDENTIFIED BY`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

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
from cassette_cli.source.later import pattern

_WORD = r"(?:\"(?P<a>[^\"\r\n]{1,200})\"|'(?P<b>[^'\r\n]{1,200})'|(?P<c>[^\s\"'`<>]{1,200}))"
_ON_LINE = r"(?:[^\r\n\\|;]|\\\r?\n|\\(?![nr])){0,400}?[ \t]"


class _Command(NamedTuple):
    """A command that is given a secret: it is looked for where a text names one of its tools."""

    words: tuple[str, ...]
    rule: Rule
    tools: tuple[str, ...]
    pattern: re.Pattern[str]

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches in a text, as that of a pattern does."""
        done = 0
        for start in sorted(at for tool in self.tools for at in _places(text, tool)):
            if start >= done and (found := self.pattern.match(text, start)) is not None:
                done = found.end()
                yield found


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _tool(words: tuple[str, ...], rule: Rule, literals: str, tools: str, flags: str, value: str = _WORD) -> _Command:
    """Return the command of some tools; one of the literals, apart by commas, opens the name of each."""
    made = pattern(rf"(?<![\w.-])(?:{tools})(?=[ \t]){_ON_LINE}(?:{flags}){value}")
    return _Command(words, rule, tuple(literals.split(",")), made)


_USER = r"(?P<quote>[\"']?)[^\s\"'`:<>$]{1,100}:(?P<d>(?:(?!(?P=quote)[\s\r\n])[^\r\n\"'`\s])+)"
_COMMANDS = (
    _tool(("curl ", "wget ", "lynx "), CONNECTION, "curl,wget,lynx", "curl|wget|lynx", r"(?:-[sSkLvifgG]{0,6}u|--(?:proxy-)?user|-U|-auth)[ \t=]{0,4}", _USER),
    _tool(("  a ", "  auth"), CONNECTION, "http,xh", "https?|xhs?", r"(?:-a|--auth)[ \t=]{1,4}", _USER),
    _tool(("mysql", "mariadb"), PASSWORD, "mysql,mariadb", r"mysql(?:dump|admin|import|show)?|mariadb(?:-\w+)?", "-p", r"(?P<q>[\"']?)(?P<a>[^\s\"'`]{3,200})(?P=q)"),
    _tool(("sshpass ", "mongo"), PASSWORD, "sshpass,mongo", "sshpass|mongo(?:sh|dump|restore|export|import)?", r"-p[ \t]{0,4}", _WORD),
    _tool((" login",), PASSWORD, "docker,podman,nerdctl,buildah,skopeo,crane,helm registry,oc login,ibmcloud,az login",
          "(?:docker|podman|nerdctl|buildah|skopeo|crane|helm registry|oc|ibmcloud|az) login", r"-p[ \t]{0,4}", _WORD),
    _tool(("gh secret", "keyvault secret"), PASSWORD, "gh secret,az keyvault", "gh secret set|az keyvault secret set", r"(?:-b|--body|--value)[ \t=]{1,4}", _WORD),
    _Command(("from literal",), PASSWORD, ("--from-literal",), pattern(r"--from-literal[ =][\"']?[\w.-]{1,100}=(?P<c>[^\s\"']{1,400})")),
    _Command(("password stdin",), PASSWORD, ("echo", "printf"), pattern(rf"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?{_WORD}[ \t]*\|[^\r\n|]{{1,200}}--password-stdin")),
    _tool(("redis cli ",), PASSWORD, "redis-cli", "redis-cli", r"-a[ \t]{1,4}", _WORD),
    _tool(("ldap",), PASSWORD, "ldap", "ldap(?:search|modify|add|delete|whoami)", r"-w[ \t]{0,4}", _WORD),
    _tool(("smbclient", "rpcclient"), PASSWORD, "smbclient,rpcclient", "smbclient|rpcclient", r"-U[ \t]{0,4}[\"']?[^\s%\"']{1,100}%", r"(?P<c>[^\s\"'`]{1,200})"),
    _tool(("openssl ",), PASSWORD, "openssl", "openssl", r"-pass(?:in|out)?[ \t]{1,4}pass:", _WORD),
    _tool(("htpasswd ",), PASSWORD, "htpasswd", "htpasswd", r"-\w*b\w*[ \t]+\S+[ \t]+\S+[ \t]+", _WORD),
)  # fmt: skip
_SQL = r"(?i)\bidentified\s+(?:with\s+[\w'\"`]{1,60}\s+)?(?:by|as)\s+(?:password\s+)?(?:'(?P<a>[^'\r\n]{1,200})'|\"(?P<b>[^\"\r\n]{1,200})\"|(?P<c>[^\s;'\"`]{1,200}))"
_USERS = pattern(r"(?i)\b(?:create|alter)\s+(?:user|role)\b[^;]{0,200}\Z")
_SECURE_STRING = pattern(
    r"(?i)convertto-securestring\s+(?:-string\s+)?(?:'(?P<a>[^'\r\n]{1,200})'|\"(?P<b>[^\"\r\n]{1,200})\")"
)
_PGPASS = pattern(r"(?m)^[\w.*-]{1,200}:(?:\d{2,5}|\*):[^:\s]{1,63}:[^:\s]{1,63}:(?P<a>[^\s]{3,200})$")
_ORACLE = pattern(r"(?i)jdbc:oracle:\w{1,10}:[^/\s\"']{1,60}/(?P<a>[^\s\"'@]{1,100})@")
_PAIR = (
    r"(?i)(?:basic_?auth|networkcredential|passwordcredentials|credentials\.basic|\bauth\s?=\s?|getconnection\([^()\"']{0,60},\s?)"
    r"\(?\s{0,4}[\"'][^\"'\r\n]{1,100}[\"']\s?,\s?(?:'(?P<a>[^'\r\n]{1,200})'|\"(?P<b>[^\"\r\n]{1,200})\")\s?[,)]"
)
_GO_DSN = pattern(r"(?<![\w.%+-])[\w.%+-]{1,63}:(?P<a>[^\s\"'`]{3,200})@(?:tcp|unix)\(")
_SET_PASSWORD = pattern(r"(?i)\bset\s+password\s+for\s+[^\s=]{1,100}\s*=\s*(?:password\()?'(?P<a>[^'\r\n]{1,200})'")
_REDIS = pattern(
    r"(?mi)(?:^|\bconfig set)[ \t]*(?:requirepass|masterauth)[ \t]+(?:\"(?P<a>[^\"\r\n]{3,200})\"|(?P<c>[^\s\"'`<>]{3,200}))[ \t]*\r?$"
)
_NET_USE = pattern(r"(?i)\bnet use [^\r\n]{0,100}?/user:\S{1,100} (?P<c>[^\s/\"'][^\s\"']{2,100})")
_STATEMENTS: tuple[tuple[tuple[str, ...], Rule, re.Pattern[str]], ...] = (
    (("identified ",), PASSWORD, pattern(_SQL)),
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
        pattern(_PAIR),
    ),
    (("net use ",), PASSWORD, _NET_USE),
    ((" tcp ", " unix "), CONNECTION, _GO_DSN),
    (("set password ",), PASSWORD, _SET_PASSWORD),
    (("requirepass ", "masterauth "), PASSWORD, _REDIS),
    (("jdbc oracle ",), CONNECTION, _ORACLE),
    ((" 5432 ", " 6432 "), PASSWORD, _PGPASS),
)
_SECRET_KIND = pattern(r"[\"']?kind[\"']?\s?:\s{0,4}[\"']?Secret\b(?!\w)")
_DATA = pattern(r"(?m)^([ \t]*)(?:data|stringData):[ \t]*\r?\n((?:\1[ \t]+[^\r\n]*(?:\r?\n|\Z)|[ \t]*\r?\n)+)")
_DATA_LINE = pattern(r"(?m)^[ \t]*[\w./-]{1,200}:[ \t]*[\"']?(?P<a>[^\s\"'|>][^\s\"']{2,16384})[\"']?[ \t]*\r?$")
_DATA_OBJECT = pattern(r"\"(?:data|stringData)\"\s?:\s{0,10}\{([^{}]{0,16384})\}")
_DATA_PAIR = pattern(r"\"[\w./-]{1,200}\"\s{0,4}:\s{0,10}\"(?P<a>[^\"]{3,16384})\"")


_KUBERNETES = ("kind secret", "kind  secret", "kind   secret", "kind    secret")
_OF_STATEMENTS = {*_KUBERNETES, *(word for words, _, _ in _STATEMENTS for word in words)}
_GROUPS = (*(command.words for command in _COMMANDS), *(words for words, _, _ in _STATEMENTS), _KUBERNETES)
WORDS = tuple(dict.fromkeys(word for group in _GROUPS for word in group))
"""What occurs in all of these, in lower case and with a blank for each sign."""


def matches(text: str, words: AbstractSet[str], own: tuple[str, ...] = ()) -> Iterator[Match]:
    """Yield what commands, SQL, password files and Kubernetes' Secrets hold; `words` are those that occur."""
    for command in _COMMANDS:
        if not words.isdisjoint(command.words):
            for found in command.finditer(text):
                yield from _one(found, text, command.rule, own)
    for of_it, rule, statement in _STATEMENTS:
        if not words.isdisjoint(of_it):
            for found in statement.finditer(text):
                yield from _one(found, text, rule, own)
    if not words.isdisjoint(_KUBERNETES):
        yield from _kubernetes(text, own)


def places(text: str, words: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Yield where any of these may stand in a text that holds others; `words` are those that occur, and where."""
    for command in _COMMANDS:
        if not words.keys().isdisjoint(command.words):
            yield from (found.span() for found in command.finditer(text))
    for word in words.keys() & _OF_STATEMENTS:
        yield from ((at, at + 1) for at in words[word])


def _kubernetes(text: str, own: tuple[str, ...]) -> Iterator[Match]:
    """Yield every value of a Secret, whatever its name: in base64 under `data`, plain under `stringData`."""
    for data, line in ((_DATA, _DATA_LINE), (_DATA_OBJECT, _DATA_PAIR)):
        for block in data.finditer(text):
            if _SECRET_KIND.search(text, max(0, block.start() - 2000), block.end() + 2000):
                for pair in line.finditer(text, *block.span(block.re.groups)):
                    yield from _one(pair, text, PASSWORD, own)


def _one(found: re.Match[str], text: str, rule: Rule, own: tuple[str, ...]) -> Iterator[Match]:
    group = next((name for name in "abcd" if found.groupdict().get(name) is not None), None)
    if group is None:
        return
    start, end = found.span(group)
    value = text[start:end]
    if found.re.pattern == _SQL and (
        is_plain(value)
        if group != "c"
        else not (_USERS.search(text[max(0, start - 300) : start]) and is_credible(value))
    ):
        return
    if found.re.pattern == _PAIR and not is_credible(value):
        return
    is_none = (
        is_placeholder(value, own)
        or is_template(value)
        or is_type(value)
        or (group == "c" and is_reference(value) and not value.isalnum())
    )
    if not is_none and not value.lstrip("\"' ").startswith(("-", "+", "||")):
        yield Match(start, end, rule)
