"""The rules: names that hold secrets, shapes that are secrets, and what a project adds to them.

The tables are data, `defaults.json` beside this module: measured on recorded traffic, and read once.
"""

import fnmatch
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from cassette_cli.errors import UsageError
from cassette_cli.operations.redact.memo import Memo

LEVELS = ("secrets", "ids", "pii", "volatile")
DEFAULT_LEVELS = ("secrets", "ids")

Kind = Literal["header", "query", "json", "token", "pattern", "path", "value", "sweep"]
Style = Literal["value", "credential", "cookie", "set-cookie", "connection", "scoped"]
Care = Literal["any", "unless-plain", "if-opaque"]
By = Literal["header", "key", "param", "cookie", "any"]
"""How a name stands: as a header's, a key's, in a query or form, as a cookie's, or in a way that is not known."""

_DROPPED = str.maketrans("", "", "_- .")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `style` says how a value is taken apart, `care` what a value must be like to count.

    `name` is what `--allow` and placeholders of one's own refer to.
    """

    name: str
    level: str
    kind: Kind
    about: str
    style: Style = "value"
    care: Care = "any"


@dataclass(frozen=True, slots=True)
class Shape:
    """A token that is known by its looks; one of `literals` stands in every one of them.

    `spans_words` says that blanks or signs stand between its parts, `opens` that it begins with the literal,
    and no letter, digit, dash or underscore stands before it.
    """

    rule: Rule
    literals: tuple[str, ...]
    pattern: re.Pattern[str]
    spans_words: bool = False
    opens: bool = False


def fold(name: str) -> str:
    """Return a name as names are compared: in lower case, without _ - space and dot."""
    return name.lower().translate(_DROPPED)


_CREDENTIALS = frozenset(
    map(fold, ("authorization", "proxy-authorization", "x-authorization", "x-forwarded-authorization", "helicone-auth",
               "x-original-authorization", "x-amzn-remapped-authorization", "x-serverless-authorization", "x-auth",
               "x-ms-authorization-auxiliary", "authentication", "authentication-info", "proxy-authentication-info",
               "stripe-signature", "x-hub-signature", "x-hub-signature-256", "x-slack-signature", "x-signature",
               "signature", "x-goog-iam-authorization-token", "cf-authorization"))
)  # fmt: skip
_CONNECTIONS = frozenset(("connectionstring", "databaseurl", "dsn"))


@cache
def _tables() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("defaults.json").read_text(encoding="utf-8")
    tables: dict[str, Any] = json.loads(text)
    return tables


class Names:
    """Rules by name: whole names, and globs that a user gave."""

    def __init__(self) -> None:
        self.exact: dict[str, Rule] = {}
        self.globs: list[tuple[str, Rule]] = []
        self.allowed: set[str] = set()
        self._seen = Memo(self._find)

    def add(self, name: str, rule: Rule) -> None:
        """Add a name or a glob; an earlier rule of the same name stays."""
        if any(char in name for char in "*?["):
            self.globs.append((name.lower(), rule))
        else:
            self.exact.setdefault(fold(name), rule)

    def allow(self, name: str) -> None:
        """Let a name stand, however many rules know it: those of other spellings, and of its ending."""
        self.allowed.add(fold(name))

    def lets(self, name: str) -> bool:
        """Say whether a name was allowed."""
        return bool(self.allowed) and fold(name) in self.allowed

    def get(self, name: str) -> Rule | None:
        """Return the rule for a name: of a dotted or bracketed one, `user[password]`, the last part counts too."""
        return self._seen[name]

    def _find(self, name: str) -> Rule | None:
        if len(name) > 100 or self.lets(name):
            return None
        rule = self.exact.get(fold(name)) or self._by_glob(name)
        if rule is None and any(char in name for char in ".[:/"):
            last = re.split(r"[.\[:/]", name.rstrip("]"))[-1]
            rule = self.exact.get(fold(last)) or self._by_glob(last)
        return rule

    def _by_glob(self, name: str) -> Rule | None:
        lower = name.lower()
        return next((rule for glob, rule in self.globs if fnmatch.fnmatchcase(lower, glob)), None)


@dataclass(frozen=True, slots=True)
class Added:
    """Rules of one's own, from the command line and the settings; names may be globs."""

    headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    json_keys: tuple[str, ...] = ()
    json_paths: tuple[str, ...] = ()
    form: tuple[str, ...] = ()


class Table:
    """Every rule that a run uses.

    `headers`, `keys` (of JSON, YAML, XML and multipart) and `params` (of queries and forms) are rules
    by name; `shapes` are known by their looks, `all_shapes` with those of other levels where `everything`
    is to be explained.
    """

    def __init__(
        self,
        levels: Iterable[str] = DEFAULT_LEVELS,
        added: Added | None = None,
        *,
        defaults: bool = True,
        allow: Iterable[str] = (),
        everything: bool = False,
    ) -> None:
        self.levels = frozenset(levels)
        for level in self.levels:
            if level not in LEVELS:
                raise UsageError(f"{level!r} is no level", hint=f"one of: {', '.join(LEVELS)}")
        self._allow = tuple(name for name in allow if not name.startswith("sha256:"))
        self.headers, self.keys, self.params = Names(), Names(), Names()
        self.shapes: list[Shape] = []
        self.all_shapes: list[Shape] = []
        self.rules: dict[str, Rule] = {}
        self._suffixes: list[tuple[str, Rule]] = []
        self._prefixes: list[tuple[str, Rule]] = []
        self._endings: dict[str, Rule] = {}
        self._never: frozenset[str] = frozenset()
        self._never_keys: frozenset[str] = frozenset()
        self._header_rules = Memo(self._find_header)
        self._key_rules = Memo(self._find_key)
        self._param_rules = Memo(self._find_param)
        self._rules_by = Memo(self._find_by)
        self._add_own(added or Added())
        if defaults:
            self._add_defaults(_tables(), everything=everything)

    def header(self, name: str) -> Rule | None:
        """Return the rule for a header."""
        return self._header_rules[name]

    def _find_header(self, name: str) -> Rule | None:
        name = name.strip().lower()
        rule = self.headers.get(name)
        if rule is not None or fold(name) in self._never or self.headers.lets(name):
            return rule
        dashed = name.replace("_", "-")
        endings = (rule for suffix, rule in self._suffixes if dashed.endswith(suffix))
        openings = (rule for prefix, rule in self._prefixes if dashed.startswith(prefix))
        return next(endings, None) or next(openings, None) or self._by_ending(name) or self._key_of_header(name)

    def _key_of_header(self, name: str) -> Rule | None:
        """Return the rule of a key for a header of its name, as `Token` or `JWT`, with a value that looks secret."""
        rule = self.keys.get(name)
        return None if rule is None else replace(rule, care="if-opaque")

    def key(self, name: str) -> Rule | None:
        """Return the rule for a key of JSON or YAML, an XML element, a field of a multipart body.

        Headers are keys where they are echoed, or set for a tool; their endings count for `x-…` alone.
        """
        return self._key_rules[name]

    def _find_key(self, name: str) -> Rule | None:
        rule = self.keys.get(name)
        if rule is not None or fold(name) in self._never_keys or self.keys.lets(name):
            return rule
        rule = self.header(name) if name[:2] in ("x-", "X-") else self.headers.get(name)
        return rule or self._by_ending(name)

    def param(self, name: str) -> Rule | None:
        """Return the rule for a name in a query or a form."""
        return self._param_rules[name]

    def _find_param(self, name: str) -> Rule | None:
        return self.params.get(name) or (None if self.params.lets(name) else self._by_ending(name))

    def _by_ending(self, name: str) -> Rule | None:
        """Return the rule for what ends as only names of secrets do: `OPENAI_API_KEY`, `smtpPassword`."""
        folded = fold(name.rstrip("])")) if len(name) <= _LONGEST_NAME else ""
        return next((rule for ending, rule in self._endings.items() if folded.endswith(ending)), None)

    def by(self, by: By, name: str) -> Rule | None:
        """Return the rule for a name that stands so."""
        return self._rules_by[by, name]

    def _find_by(self, what: tuple[By, str]) -> Rule | None:
        by, name = what
        if by == "header":
            return self.header(name)
        if by == "key":
            return self.key(name)
        if by == "param":
            return self.param(name) or self.key(name)
        if by == "cookie":
            return _COOKIE if self.headers.get("cookie") is not None else None
        return self.pair(name)

    def pair(self, name: str) -> Rule | None:
        """Return the rule for the value beside a name, of whatever kind: `{"name": …, "value": …}`."""
        return self.key(name) or self.params.get(name)

    @property
    def endings(self) -> tuple[bytes, ...]:
        """The endings, folded, that make a name one of a secret."""
        return tuple(ending.encode() for ending in self._endings)

    def words(self) -> frozenset[bytes]:
        """Return every whole name, folded."""
        return frozenset(name.encode() for table in (self.headers, self.keys, self.params) for name in table.exact)

    def affixes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the endings and the openings that headers are known by."""
        return tuple(one for one, _ in self._suffixes), tuple(one for one, _ in self._prefixes)

    @property
    def has_globs(self) -> bool:
        """Whether names were given that any word may fit."""
        return any(table.globs for table in (self.headers, self.keys, self.params))

    def _use(self, rule: Rule) -> bool:
        """Take a rule into the table, if its level is asked for and nobody allowed it."""
        self.rules.setdefault(rule.name, rule)
        return rule.level in self.levels and not self.is_allowed(rule.name)

    def is_allowed(self, name: str) -> bool:
        """Say whether the settings allow what a rule finds."""
        return any(fnmatch.fnmatchcase(name, glob) for glob in self._allow)

    def _name(self, names: Names, name: str, rule: Rule) -> None:
        if self._use(rule):
            names.add(name, rule)
        elif self.is_allowed(rule.name):
            names.allow(name)

    def _add_own(self, added: Added) -> None:
        level = "secrets" if "secrets" in self.levels else next(iter(sorted(self.levels)), "secrets")
        for name in added.headers:
            self._name(self.headers, name, _header(name, level, about="a header that you named"))
        for name in added.query:
            self._name(self.params, name, Rule(f"query:{name}", level, "query", "a query name that you gave"))
        for name in added.form:
            rule = Rule(f"form:{name}", level, "query", "a form field that you named")
            self._name(self.params, name, rule)
            self._name(self.keys, name, rule)
        for name in added.json_keys:
            self._name(self.keys, name, Rule(f"json:{name}", level, "json", "a JSON key that you named"))

    def _add_defaults(self, tables: dict[str, Any], *, everything: bool) -> None:  # noqa: C901 - a loop a table
        for level, names in tables["headers"].items():
            for name in names:
                self._name(self.headers, name, _header(name, level))
        for name in tables["headers_if_opaque"]:
            self._name(self.headers, name, _header(name, "ids", care="if-opaque"))
        self._never = frozenset(map(fold, tables["headers_never"]))
        for suffix in tables["header_suffixes"]:
            rule = _header(f"*{suffix}", "secrets", care="unless-plain")
            if self._use(rule):
                self._suffixes.append((suffix, rule))
        for prefix in tables["volatile_prefixes"]:
            rule = _header(f"{prefix}*", "volatile")
            if self._use(rule):
                self._prefixes.append((prefix, rule))
        for key in ("query", "query_unless_plain"):
            care: Care = "any" if key == "query" else "unless-plain"
            for name in tables[key]:
                style: Style = "scoped" if name.endswith("-credential") else "value"
                self._name(self.params, name, Rule(f"query:{name}", "secrets", "query", "a query name", style, care))
        never = self._never_keys = frozenset(tables["json_keys_never"])
        for key in ("json_keys", "json_keys_if_opaque"):
            for name in tables[key]:
                if name not in never:
                    rule = _key(name, "any" if key == "json_keys" else "if-opaque")
                    self._name(self.keys, name, rule)
                    self._name(self.params, name, rule)
        for ending in tables["name_endings"]:
            rule = Rule(f"name:*{ending}", "secrets", "json", "a name that ends so", "value", "unless-plain")
            if self._use(rule):
                self._endings[ending] = rule
        self._add_shapes(tables["shapes"], everything=everything)

    def _add_shapes(self, shapes: list[dict[str, Any]], *, everything: bool) -> None:
        for shape in shapes:
            rule = Rule(f"{_PREFIX[shape['level']]}:{shape['name']}", shape["level"], "token", shape["about"])
            used = self._use(rule)
            if used or everything:
                pattern = _compiled(shape["regex"])
                flags = {name: shape.get(name, False) for name in ("spans_words", "opens")}
                made = Shape(rule, tuple(shape["literals"]), pattern, **flags)
                self.all_shapes.append(made)
                if used:
                    self.shapes.append(made)


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    """Compile a regular expression of the table, once in a process: `re` keeps too few."""
    return re.compile(regex, re.ASCII)


_COOKIE = Rule("header:cookie", "secrets", "header", "the value of a cookie", "value", "unless-plain")
_PREFIX = {"secrets": "token", "ids": "id", "pii": "pii", "volatile": "volatile"}


def _header(name: str, level: str, *, care: Care = "any", about: str = "") -> Rule:
    folded = fold(name)
    tables = _tables()
    style: Style = "value"
    if folded in map(fold, tables["cookie_headers"]):
        style = "cookie"
    elif folded in map(fold, tables["set_cookie_headers"]):
        style = "set-cookie"
    elif level == "secrets":
        style = "credential"
    return Rule(f"header:{name}", level, "header", about or "a header", style, care)


def _key(name: str, care: Care) -> Rule:
    style: Style = "value"
    if name in ("cookie", "setcookie"):
        style = "cookie" if name == "cookie" else "set-cookie"
    elif name in _CREDENTIALS or name in ("auth", "credentials", "credential"):
        style = "credential"
    elif name in _CONNECTIONS:
        style = "connection"
    return Rule(f"json:{name}", "secrets", "json", "a key of JSON, YAML or XML, a form field", style, care)


@cache
def url_headers() -> frozenset[str]:
    """Return the headers whose values are URLs, folded."""
    return frozenset(map(fold, _tables()["url_headers"]))


@cache
def public_prefixes() -> tuple[str, ...]:
    """Return the openings of tokens that anybody may see, the longest first."""
    found = {
        text for shape in _tables()["shapes"] for text in shape["literals"] if re.fullmatch(r"[A-Za-z0-9]+[-_.]", text)
    }
    found |= {"sk-proj-", "sk-svcacct-", "sk-admin-", "sk-ant-", "sk-or-", "AKIA", "ASIA", "AIza", "eyJ", "github_pat_"}
    return tuple(sorted(found, key=lambda text: (-len(text), text)))
