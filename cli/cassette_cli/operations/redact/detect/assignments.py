"""Assignments: values that stand under the name of a secret in any text, however the language writes it.

`.env` and shells, YAML, TOML, INI, properties, arguments and literals of programs, GraphQL, flags, headers, XML and
HTML, lists of names and values, SQL, `.netrc`. Nothing is parsed: texts are cut, indented and wrapped in prose.
A pass of an automaton finds the words in which names end; the rest looks at what stands around them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate

from ahocorasick_rs import BytesAhoCorasick, Implementation

from cassette_cli.operations.redact.detect import commands
from cassette_cli.operations.redact.detect.match import Match
from cassette_cli.operations.redact.detect.named import judged, url_passwords
from cassette_cli.operations.redact.detect.names import (
    CONNECTION,
    JWK,
    OTP,
    PASSWORD,
    Kind,
    NameRule,
    as_words,
    beside_rule,
    endings,
    name_rule,
    words_of,
)
from cassette_cli.operations.redact.detect.values import is_credible, is_opaque, is_plain, is_reference, is_uuid
from cassette_cli.source.later import pattern

_BLANK = 32
_LONGEST_NAME = 100
_LONGEST_VALUE = 16_384
_LEAST_CUT = 16
"""Characters of a literal that tell a secret, though the text ends before its quote does."""


@cache
def _automaton() -> tuple[BytesAhoCorasick, int]:
    """Return what finds the ends of names and the words of commands, and how many of its patterns are of names."""
    names = endings()
    patterns = [*names, *(word.encode() for word in commands.WORDS)]
    return BytesAhoCorasick(patterns, implementation=Implementation.DFA), len(names)


def suspects(texts: Sequence[str]) -> list[int]:
    """Return the numbers of the texts in which anything may be assigned to the name of a secret."""
    folded = as_words(" ".join(["", *texts, ""]))
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    found = {number for number, text in enumerate(texts) if "@" in text and "://" in text}
    behind = -1
    for _, _, end in _automaton()[0].find_matches_as_indexes(folded, overlapping=True):
        if end > behind:
            at = bisect_right(starts, end - 3) - 1
            found.add(at)
            behind = starts[at + 1] + 1
    return sorted(found)


_NAME = pattern(r"[A-Za-z0-9_.:$@/-]*")
_REST = pattern(r"(?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_]))*")


def assignments(text: str, own: tuple[str, ...] = ()) -> Iterator[Match]:
    """Yield the secrets that are assigned to a name in a text, as spans of it, in no order and possibly twice."""
    words: dict[str, list[int]] = {}
    for start, stop in _names(text, words):
        yield from _Assignment(text, start, stop, own).matches()
    yield from passwords(text, own)
    if '"kty"' in text:
        yield from _jwk(text, own)
    if words:
        yield from commands.matches(text, words.keys(), own)


def named_words(text: str, words: dict[str, list[int]]) -> Iterator[tuple[int, int]]:
    """Yield where words of a text name secrets, whatever stands behind; the words of commands go into `words`."""
    for start, stop in _names(text, words):
        if _may_tell(text[start:stop]) and _Assignment(text, start, stop, ()).rule("text") is not None:
            yield start, stop


@lru_cache(maxsize=65536)
def _may_tell(raw: str) -> bool:
    """Say whether a word may name a secret: by itself, or with the words in front of it."""
    name = raw.lstrip("-.:$@/")
    return name.isalpha() or name in ("code", "key") or name_rule(name, "text") is not None


def passwords(text: str, own: tuple[str, ...] = ()) -> Iterator[Match]:
    """Yield the passwords of the URLs in a text."""
    if "@" in text and "://" in text:
        for span in url_passwords(text, own):
            yield Match(*span, CONNECTION)


def _names(text: str, words: dict[str, list[int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans of words that may be names of secrets, each once.

    The words of commands go into `words`, with the ends of where they stand.
    """
    automaton, names = _automaton()
    folded = as_words(text) + b" "
    done = -1
    for number, _, end in automaton.find_matches_as_indexes(folded, overlapping=True):
        if number >= names:
            words.setdefault(commands.WORDS[number - names], []).append(end)
            continue
        at = min(end, len(text)) - 1
        if at < done:
            continue
        if folded[at] == _BLANK:
            at -= 1
        stop = _REST.match(text, at + 1).end()  # type: ignore[union-attr]  # it matches nothing, too
        before = text[max(done, at - _LONGEST_NAME, 0) : at + 1][::-1]  # a name is read from its end
        start = at + 1 - _NAME.match(before).end()  # type: ignore[union-attr]
        done = stop
        yield start, stop


# What stands around a name

_SIGN = pattern(
    r"(?P<close>(?:\[\d{0,4}\])?\\{0,8}[\"'`]?\]?)[*_`]{0,2}[ \t]{0,20}"
    r"(?P<sign>:=|=>|->|<-|===?|=|(?:\|\||\?\??)=|\{[ \t]*get;[^{}\r\n]{0,40}\}[ \t]*=|(?:string|\[\]byte)[ \t]{1,4}="
    r"|:{1,2}[ \t]{0,4}(?:&(?:'\w{1,20}[ \t]{1,4})?)?[A-Za-z_][\w.\[\], |?]{0,60}?[ \t]{1,4}=(?=[ \t]*[\"'])|:)"
    r"[*_`]{0,2}(?P<gap>(?:[ \t]{1,8}!!str(?=[ \t]))?[ \t]{0,40}(?:[|>][+-]?\n[ \t]{1,40}|(?:\r?\n[ \t]{0,40})?(?=\\{0,8}[\"'\[(]))?)"
)
"""A sign that assigns, behind the quote or bracket that closes a name; a type may stand between, as in Python."""
_WRAPPED = pattern(
    r"(?:new[ \t]{1,4})?(?:String::(?:from|new)|Secret(?:String|Str|Box|Vec|Text)?(?:::(?:new|from))?|SecretString\.of"
    r"|Cow::from|ProtectedString|GuardedString|SecureString|SecretValue\.\w{1,30}|Buffer\.from|str|bytes|String)"
    r"\(\s{0,10}(?=[rb]?\\{0,8}[\"'])"
)
"""A call that makes a secret of a literal, and changes nothing of it."""
_QUOTE = pattern(r"(?:[rRbBuUfF@$]{1,2}(?=[\"'`]))?(\\{0,8}(?:\"\"\"|'''|[\"'`]))")
_BARE = pattern(
    r"(?:[^\s\"'`<>\\,;&|(){}\[\]]|\\(?![nrtu\"'\\/])|[,;&|(){}\[\]<>](?![\s\"'`\\]|\Z|[\w.-]{1,40}\s?[=:])){1,16384}"
)
_LINE = pattern(r"[^\r\n]*")
_OPENING = pattern(
    r"(?:(?:export|set|local|readonly|declare -x|env|ENV|ARG|setenv|[-*+>#<]|//|;|\d{1,9}\.)\s{1,4}|\$env:|[\"'])?\s{0,4}\Z"
)
"""What may stand before a name that begins its line."""
_ANOTHER = pattern(r"[&;,][ \t]?[\w.-]{1,40}[ \t]?=")
_ONE_WORD = pattern(r"[A-Za-z0-9_+/=-]{16,200}(?=[\s.,;\"'<)]|\Z)")
_LAST_WORDS = {(word,) for word in ("key", "token", "secret", "password", "keys", "tokens", "secrets")}
_CHAIN = pattern(r"[a-z_]{2,30}(?:\.[A-Za-z_]\w*){1,8}")
_NEAR = pattern(
    r"\\{0,8}[\"'`]?\]?(?:[ \t]{0,4}(?:,|\|\||\?\?|:-)[ \t]{0,4}|[ \t]{1,4}(?:(?:to|or)[ \t]{1,4}|As[ \t]\w{1,20}[ \t]=[ \t])?)(?=\\{0,8}[\"'])"
)
_IS_KEY = pattern(r"\\{0,8}[\"'`]\s{0,8}(?::|=>)")
_COMPARED = pattern(r"[\"']([^\"'\\]{4,50})[\"']\s{0,2}[!=]==?\s{0,2}\Z")
_CALL = pattern(r"\(\s{0,10}(?=[rbuf@$]?\\{0,8}[\"'`])")
_NEXT_ITEM = pattern(r"\\{0,8}[\"'`]\s{0,10},\s{0,10}(?=[rbuf@$]?\\{0,8}[\"'`])")
_BEHIND_LABEL = pattern(
    r"(?:\bvariable\s{1,4}[\"']|(?:name|key|field|header|id|property|param|attr|type|k|variable)\\{0,8}[\"']?\s?[:=]>?\s{0,10}\\{0,8}[\"']?)\Z",
    re.IGNORECASE,
)
_ESCAPED = r"\\{1,8}+[^\\\"'<>=]"
"""An escape, as one character: what stands before a quote is another thing, for else each backslash would be either."""
_VALUE_LABEL = pattern(
    rf"\\{{0,8}}+[\"']?(?:(?:\s{{0,10}}+/?[,;]?|\s{{0,40}}\n)[ \t]{{0,20}}+|(?:[^<>\"'=\\]|{_ESCAPED}){{0,40}}"
    rf"(?:=\\{{0,8}}+[\"'](?:[^<>\"'\\]|{_ESCAPED}){{0,80}}\\{{0,8}}+[\"'](?:[^<>\"'=\\]|{_ESCAPED}){{0,40}})?)"
    r"(?<![A-Za-z])\\{0,8}+[\"']?(?:value|val|content|default|v|string_?value)\\{0,8}[\"']?\s?[:=]>?\s{0,10}",
    re.IGNORECASE,
)
_VALUE_BEFORE = pattern(
    r"(?i)\b(?:value|val|content)\\{0,8}[\"']?\s?[:=]\s{0,4}\\{0,8}[\"']([^\"'<>\\]{1,2000})\\{0,8}[\"'],?\s{1,20}"
    r"(?:[\w-]{1,20}=[\"'][^\"'<>]{0,80}[\"']\s{1,4}){0,3}\\{0,8}[\"']?\Z"
)
_VARIABLE = pattern(r"[\"']\s{0,4}\{[^{}]{0,300}?\bdefault\s{0,20}=\s{0,4}")
_CELL = pattern(r"[*_`]{0,3}[ \t]{0,20}\|[ \t]{0,20}`?(?=[^\s|])")
_ELEMENT = pattern(r"(?:\s[^<>]{0,300})?(?<!/)>\s{0,40}(?:<!\[CDATA\[)?([^<>\]]{1,16384}?)\s{0,40}(?:\]\]>)?</")
_UNDER_ATTRIBUTE = pattern(
    r"\\{0,8}[\"'](?:\s[^<>]{0,200})?(?<!/)>\s{0,40}(?:<!\[CDATA\[)?([^<>\]]{1,16384}?)\s{0,40}(?:\]\]>)?</"
)
_MEMBER = pattern(
    r"</[\w:.-]{1,40}>\s{0,80}(?:<[\w:.-]{1,40}(?:\s[^<>]{0,80})?>\s{0,40}){1,2}([^<>]{1,16384}?)\s{0,40}</"
)
_SPACE = pattern(r"[ \t]{1,8}(?:\\\r?\n[ \t]*)?(?=[^\s=:,.;)\]}-])")
_NETRC = pattern(r"\b(?:login|machine|account)\s+\S{1,200}\s+\Z")
_SETTING = pattern(
    r"(?:\bsetenv|\bsetx|# ?define|%(?:define|global)|(?i:\bset)|\bENV|\bset -[a-zA-Z]{1,4}|config set(?: --?[\w-]+)*|secrets? put|add-generic-password)[ \t]{1,4}\Z"
)
_SQL = pattern(r"(?i)\b(?:create|alter|set|grant|with|encrypted|identified)\b[^;]{0,200}\Z")
_SAYS = pattern(r"[*_`\"']{0,3}[ \t]{1,4}(?:is|was|=|:)[ \t:]{1,4}(?=\S)")
_CODE = pattern(r"=[^\s\"'<>&#;]{8,2000}")
_ENDS_URL = pattern(r"[\s\"'<>]")
_PARAM_NAME = pattern(r"(?:\A|[?&#;])([\w.-]{1,40})=")
_SIGNS = r"[^\s\"'`<>\\{}()"
_CREDENTIALS = pattern(
    rf"(?:AWS4-{_SIGNS}]{{1,40}} [^\r\n\"'`<>\\{{}}()]{{1,4000}}"
    rf"|[A-Za-z][\w.-]{{1,40}}[ \t]{{1,4}}{_SIGNS},;]{{1,16384}}(?:[,;] ?[\w-]{{1,40}}={_SIGNS},;]{{1,2000}}){{0,20}}"
    rf"|{_SIGNS},;]{{1,16384}}(?:,[\w-]{{1,40}}={_SIGNS},;]{{1,2000}}){{0,20}})"
)
_COOKIES = pattern(
    rf"{_SIGNS}=;,]{{1,200}}={_SIGNS};]{{0,4096}}(?:;[^=;\r\n\"'`<>\\]{{1,200}}(?:=[^;\r\n\"'`<>\\]{{0,4096}})?){{0,60}};?(?=[\r\n\"'`<\\]|\Z)"
)
_INNER = pattern(r"[A-Za-z_][\w.-]{0,60}=(?=[^=\s])")
_GOES_ON = pattern(r"[ \t]{1,4}[A-Za-z]{1,30}(?:[ \t.,;]|\Z)")
_ITEMS = pattern(r"[\[({]\s{0,40}")
_ITEM = pattern(r"\s{0,40}\\{0,8}([\"'`])((?:[^\"'`\\\n\r]|\\[^\n\r])*?)\\{0,8}\1\s{0,40},?")
_CODE_LINE = pattern(
    r"[ \t]{0,40}(?:(?:[-*•]|\d{1,2}[.)])[ \t]{0,20})?([A-Za-z0-9]{4,12}(?:[ -][A-Za-z0-9]{4,12}){0,4})[ \t]{0,40}(?:\r?\n|\Z)"
)
_ASKING = frozenset(
    "get find read fetch has is check validate parse decode lookup load require env getenv encode count split contains "
    "delete remove revoke include exclude print log assert expect test ask prompt input".split()
)
"""A call that opens so asks for what stands in its parentheses, or names it, and sets nothing."""


class _Assignment:
    """What stands around one name in a text."""

    def __init__(self, text: str, start: int, stop: int, own: tuple[str, ...]) -> None:
        if start and text[start - 1] == "\\" and text[start] in "nrt":
            start += 1
        raw = text[start:stop]
        name = raw.lstrip("-.:$@/")
        self.text, self.own = text, own
        self.start, self.stop = stop - len(name), stop
        self.name = name
        self.is_flag = raw.startswith("-") and (start == 0 or text[start - 1] in " \t\r\n\"'`[(,")
        line = max(
            text.rfind("\n", max(0, self.start - 200), self.start),
            text.rfind("\r", max(0, self.start - 200), self.start),
        )
        before = text[max(line + 1, self.start - 200) : self.start]
        self.opens_line = self.start - line <= 200 and _OPENING.fullmatch(before.lstrip()) is not None

    def matches(self) -> Iterator[Match]:
        """Yield what is secret in the value, by the first way of writing that fits."""
        in_query = self.start > 0 and self.text[self.start - 1] in "?&" and self.text.startswith("=", self.stop)
        found = self.rule("query" if in_query else "text")
        if found is None:
            return
        self.found = found
        text, stop = self.text, self.stop
        before = text[max(0, self.start - 60) : self.start]
        if _BEHIND_LABEL.search(before):
            yield from self._labelled(before)
        if before[-1:] == "<" or (":" in self.name and "<" in before):
            element = _ELEMENT.match(text, stop)
            if element is not None:
                yield from self._judge(*element.span(1), "xml")
            return
        if text.startswith("</", stop):
            member = _MEMBER.match(text, stop)
            if member is not None:
                yield from self._judge(*member.span(1), "xml")
            return
        compared = _COMPARED.search(before)
        sign = _SIGN.match(text, stop)
        if compared is not None and sign is None:
            shift = self.start - len(before)
            yield from self._judge(shift + compared.start(1), shift + compared.end(1), "text")
        elif sign is not None:
            yield from self._assigned(sign)
        elif call := _CALL.match(text, stop):
            if words_of(self.name)[:1] and words_of(self.name)[0] not in _ASKING:
                yield from self._quoted(call.end())
        elif item := _NEXT_ITEM.match(text, stop):
            yield from (match for match in self._quoted(item.end()) if self._is_surely(match))
        elif not self._is_told(before) and (near := _NEAR.match(text, stop)):
            yield from (match for match in self._quoted(near.end()) if self._is_surely(match))
        elif space := _SPACE.match(text, stop):
            yield from self._spaced(space.end(), before)

    def rule(self, kind: Kind) -> NameRule | None:
        """Return what the name says: with the words in front of it, as in `Secret access key`."""
        found = name_rule(self.name, kind)
        if found is not None and found.care != "opaque":
            return found
        if self.start >= 4 and self.text[self.start - 1] == " " and self.name.isalpha():
            words = re.search(r"(?:[A-Za-z0-9]{2,20}[ -]){1,2}\Z", self.text[max(0, self.start - 44) : self.start])
            if words is not None:
                longer = name_rule(words[0] + self.name, "text")
                if longer is not None and (found is None or longer.care != "opaque"):
                    return longer
        if found is None and self.name in ("code", "key"):
            return self._by_company()
        return found

    def _by_company(self) -> NameRule | None:
        """Return what `code` or `key` says in a URL or a form, by the parameters beside it."""
        text = self.text
        value = _CODE.match(text, self.stop)
        if value is None or (self.start and text[self.start - 1] not in "?&#;"):
            return None
        before = _ENDS_URL.split(text[max(0, self.start - 600) : self.start])[-1]
        behind = _ENDS_URL.split(text[value.end() : value.end() + 1500], maxsplit=1)[0]
        company = _PARAM_NAME.findall(before + self.name + behind)
        return beside_rule(self.name, company, "query" if self.start else "text")

    # Ways of writing

    def _labelled(self, before: str) -> Iterator[Match]:
        """Yield the value that stands beside its name: `{"name": …, "value": …}`, attributes, an element's text."""
        text, stop = self.text, self.stop
        value = _VALUE_LABEL.match(text, stop)
        if value is not None:
            yield from self._quoted_or_bare(value.end())
            return
        under = _UNDER_ATTRIBUTE.match(text, stop)
        if under is not None:
            yield from self._judge(*under.span(1), "xml")
            return
        variable = _VARIABLE.match(text, stop)
        if variable is not None:
            yield from self._quoted(variable.end())
            return
        label = _BEHIND_LABEL.search(before)
        at = self.start - len(before) + (label.start() if label is not None else 0)
        earlier = _VALUE_BEFORE.search(text, max(0, at - 2200), at)
        if earlier is not None:
            yield from self._judge(*earlier.span(1), "xml")

    def _assigned(self, sign: re.Match[str]) -> Iterator[Match]:
        text, at = self.text, sign.end()
        if sign["sign"] == ":" and text.startswith("//", at):
            return
        items = _ITEMS.match(text, at)
        if items is not None and text[at] in "[({":
            for item in _items(text, items.end()):
                yield from self._judge(*item, "text")
            if sign["sign"] + sign["gap"] == ":" and text[at] == "[" and not _QUOTE.match(text, items.end()):
                yield from self._bare(at + 1, sign)  # Go's map[X-Api-Key:[…]]
            return
        if wrapped := _WRAPPED.match(text, at):
            at = wrapped.end()
        if self.found.rule is OTP and text[at : at + 2].strip(" \t") in ("", "\n", "\r\n", "\r"):
            yield from self._code_lines(at)
        if _QUOTE.match(text, at):
            yield from self._quoted(at)
        elif sign["sign"] in (":", "=", ":=", "?=", "=>", "<-", "->"):
            yield from self._bare(at, sign)

    def _code_lines(self, at: int) -> Iterator[Match]:
        at = self.text.find("\n", at) + 1
        while line := _CODE_LINE.match(self.text, at):
            yield from self._judge(*line.span(1), "text")
            at = line.end()

    def _spaced(self, at: int, before: str) -> Iterator[Match]:
        """Yield a value that nothing but a space parts from its name: flags, `.netrc`, SQL, `setenv`."""
        text = self.text
        if self._is_told(before):
            yield from self._quoted_or_bare(at, "flag")
        elif text[at] == "'" and _SQL.search(text[max(0, self.start - 300) : self.start]):
            yield from self._quoted(at)
        elif (cell := _CELL.match(text, self.stop)) is not None:
            span = self._bare_span(cell.end(), whole_line=False)
            if is_opaque(text[slice(*span)], 12):
                yield from self._judge(*span, "text")
        elif self.found.care != "opaque" and self.found.style == "value" and (bare := _ONE_WORD.match(text, at)):
            if is_opaque(bare[0], 16):
                yield from self._judge(*bare.span(), "text")
        elif says := _SAYS.match(text, self.stop):
            span = self._bare_span(says.end(), whole_line=False)
            value = text[slice(*span)].rstrip(".!?")
            if is_opaque(value, 10) or (self.found.rule is PASSWORD and _is_mixed(value)):
                yield from self._judge(span[0], span[0] + len(value), "text")

    def _is_told(self, before: str) -> bool:
        """Say whether what stands in front of a name makes what follows it its value."""
        is_netrc = self.found.rule is PASSWORD and _NETRC.search(before) is not None
        return self.is_flag or is_netrc or _SETTING.search(before) is not None

    def _quoted_or_bare(self, at: int, kind: Kind = "text") -> Iterator[Match]:
        if _QUOTE.match(self.text, at):
            yield from self._quoted(at)
        else:
            start, end = self._bare_span(at, whole_line=False)
            if not is_reference(self.text[start:end]) and not _INNER.match(self.text[start:end]):
                yield from self._judge(start, end, kind)

    def _quoted(self, at: int) -> Iterator[Match]:
        """Yield what is secret in a literal; one that is joined with others is told by what of it stands there."""
        quote = _QUOTE.match(self.text, at)
        if quote is not None:
            end = _closing(self.text, quote.end(), quote[1])
            rest = self.text[quote.end() : quote.end() + _LONGEST_VALUE] if end is None else ""
            if is_opaque(rest, _LEAST_CUT):
                end = quote.end() + len(rest)
            if end is not None and not is_plain(self.text[quote.end() : end]):
                yield from self._judge(quote.end(), end, self._kind(":"))

    def _bare(self, at: int, sign: re.Match[str]) -> Iterator[Match]:
        text = self.text
        kind = self._kind(sign["sign"])
        is_line = self.opens_line and not sign["close"].strip("]")
        if self.found.style in ("credential", "cookie", "set-cookie"):
            yield from self._header(at, sign)
            return
        if _INNER.match(text, at):
            return
        start, end = self._bare_span(at, whole_line=is_line)
        value = text[start:end]
        if not value or value[0] == ":" or is_reference(value):
            return
        if self.found.rule is not PASSWORD and _CHAIN.fullmatch(value) and not value.startswith("ey"):
            return  # a member of a module or an object, whatever digits its name has
        is_setting = is_line and sign["sign"] == "=" and not sign["gap"]
        is_chosen = (
            self.found.rule in (PASSWORD, OTP) or self.found.care == "opaque" or (is_setting and _is_mixed(value))
        )
        if not is_chosen and not is_opaque(value, 8) and not is_uuid(value):
            return
        if _GOES_ON.match(text, end) and not _is_mixed(value):
            return
        yield from self._judge(start, end, kind)

    def _header(self, at: int, sign: re.Match[str]) -> Iterator[Match]:
        """Yield what is secret in a header's line: of an echoed message, of a command line."""
        if self.found.style == "credential":
            line = _CREDENTIALS.match(self.text, at)
            value = line[0] if line is not None else ""
            last = value.rpartition(" ")[2]
            if (
                is_reference(last)
                or _CHAIN.fullmatch(last)
                or not (is_opaque(last.rpartition("=")[2] or last, 12) or is_credible(last))
            ):
                return
        else:
            line = _COOKIES.match(self.text, at) if self.opens_line or sign["close"] else None
            value = line[0] if line is not None else ""
        yield from self._judge(at, at + len(value), "header")

    def _is_surely(self, match: Match) -> bool:
        """Say whether what follows a name in a list is its value, and not the next name or a key."""
        value = self.text[match.start : match.end]
        if _IS_KEY.match(self.text, match.end) or words_of(value)[-1:] in _LAST_WORDS:
            return False
        return is_opaque(value, 12) or (self.found.rule is PASSWORD and _is_mixed(value))

    # Values

    def _kind(self, sign: str) -> Kind:
        if self.is_flag:
            return "flag"
        if self.start and self.text[self.start - 1] in "?&" and sign == "=":
            return "query"
        if self.name.isupper():
            return "env"
        return "header" if "-" in self.name and self.name[:1].isupper() else "text"

    def _bare_span(self, at: int, *, whole_line: bool) -> tuple[int, int]:
        """Return the span of a value without quotes: to the end of a line that holds nothing else, or of a word."""
        text = self.text
        if whole_line:
            line = _LINE.match(text, at)
            assert line is not None
            value = re.split(r"\s#", line[0], maxsplit=1)[0].strip().rstrip(",;")
            if value and not any(char.isspace() or char in "\"'`<>\\" for char in value) and not _ANOTHER.search(value):
                begin = at + len(line[0]) - len(line[0].lstrip())
                return begin, begin + len(_without_closer(value))
        bare = _BARE.match(text, at)
        if bare is None:
            return at, at
        value = bare[0].split(";", maxsplit=1)[0].rstrip(".,:")
        for opening, closing in ("()", "[]", "{}"):
            if closing in value and value.count(closing) > value.count(opening):
                value = value[: value.index(closing)]
        return at, at + len(value)

    def _judge(self, start: int, end: int, kind: Kind) -> Iterator[Match]:
        if end - start > _LONGEST_VALUE:
            return
        found = self.found
        care = "credible" if found.care == "any" and found.style == "value" and found.rule is not OTP else found.care
        weighed = NameRule(found.rule, care, found.style)
        for match in judged(weighed, self.name, self.text[start:end], kind, self.own):
            yield Match(start + match.start, start + match.end, match.rule, match.key)


def _is_mixed(value: str) -> bool:
    """Say whether a word has letters, and digits or signs inside."""
    return len(value) >= 6 and any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and is_credible(value)


def _without_closer(value: str) -> str:
    """Return a value of a line without a bracket that closes more than it: a name or a call in a program's line."""
    for opening, closing in ("()", "[]", "{}"):
        if value.count(closing) > value.count(opening) and is_reference(value[: value.index(closing)]):
            return value[: value.index(closing)]
    return value


def _closing(text: str, at: int, quote: str) -> int | None:
    """Return where a literal ends that its quote opened, None where it does not in its line."""
    limit = min(len(text), at + _LONGEST_VALUE)
    if len(quote) > 1:
        end = text.find(quote, at, limit)
        return end if end >= 0 else None
    end = at
    while end < limit and text[end] not in "\r\n":
        if text[end] == quote:
            return end
        end += 2 if text[end] == "\\" else 1
    return None


def _items(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the strings of a list."""
    while item := _ITEM.match(text, at):
        yield item.span(2)
        at = item.end()


_KEY_OBJECT = pattern(r"\{[^{}]{0,8000}\"kty\"[^{}]{0,8000}\}")
_KEY_PART = pattern(r"\"(d|p|q|dp|dq|qi|k)\"\s{0,4}:\s{0,4}\"([\w-]{16,4000})\"")


def _jwk(text: str, own: tuple[str, ...]) -> Iterator[Match]:
    """Yield the private parts of JSON Web Keys."""
    for key in _KEY_OBJECT.finditer(text):
        for part in _KEY_PART.finditer(text, *key.span()):
            for match in judged(NameRule(JWK, "opaque"), part[1], part[2], "json", own):
                yield Match(part.start(2) + match.start, part.start(2) + match.end, JWK, part[1])
