"""Finding secrets in a text, through every view that it offers: the hits come back in its own characters."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cassette_cli.operations.redact import credentials, names
from cassette_cli.operations.redact.found import Found
from cassette_cli.operations.redact.gate import Gate
from cassette_cli.operations.redact.hits import Hit, Secret, merged
from cassette_cli.operations.redact.names import Pair
from cassette_cli.operations.redact.pattern import Pattern
from cassette_cli.operations.redact.rules.table import Rule, Shape, Table
from cassette_cli.operations.redact.values import is_opaque, is_placeholder, is_spent
from cassette_cli.operations.redact.views import STRING, Mapped, View, base64_runs, json_string, markup, percent

_DEEPEST = 8
_WORTH_A_LOOK = 1000
"""Characters from which on the gate is asked about a text itself: it takes a twentieth of what the search takes."""
_WORD = re.compile(r"[^\s\"'<>\\&=?#;]+")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_STRETCH = re.compile(r"[^<>\"'\r\n]+")
_REFERENCE = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|quot|apos|amp|lt|gt);")
_BLOB = re.compile(r"[A-Za-z0-9+/=_-]")
_BLOB_MARGIN = 100
_OPENING = 8  # Google's refresh tokens open with 1//
_CREDENTIAL = re.compile(r"\A[^/%]+(?=/|%2[Ff])")
_HASH_KEY = b"cassette redact"


def fingerprint(value: str) -> str:
    """Return what `allow` lists in place of a value: a keyed hash, so that settings hold no secret."""
    return "sha256:" + hmac.new(_HASH_KEY, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


@dataclass
class Replacing:
    """What takes the place of secrets: one text, or one a rule; and which values are allowed to stay."""

    default: str = "REDACTED"
    by_rule: dict[str, str] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.own: tuple[str, ...] = tuple(dict.fromkeys(("REDACTED", self.default, *self.by_rule.values())))
        self._given: dict[str, str] = {}

    def text(self, rule: Rule, value: str) -> str:
        """Return the placeholder of a value: the same wherever the value is met."""
        if value not in self._given:
            self._given[value] = credentials.placeholder(value, self.by_rule.get(rule.name, self.default))
        return self._given[value]

    def allows(self, value: str) -> bool:
        """Say whether the settings let a value stay."""
        return bool(self.allowed) and fingerprint(value) in self.allowed


class Finder:
    """Looks for secrets with one table of rules.

    `values` are secrets known in clear, each with the rule that knew it first.
    """

    def __init__(
        self,
        table: Table,
        replacing: Replacing,
        values: dict[str, Rule] | None = None,
        patterns: Sequence[Pattern] = (),
    ) -> None:
        self.table = table
        self.replacing = replacing
        self._patterns = patterns
        self.values = dict(sorted((values or {}).items(), key=lambda item: (-len(item[0]), item[0])))
        self.gate = Gate(table, self.values, everything=bool(patterns))

    def find(self, text: str, role: str = "text", found: Found | None = None, depth: int = 0) -> list[Hit]:
        """Return the hits of a text, in order and without overlaps.

        `role` is `url` or `form` for a text that is nothing but that; `found` is what the gate said of
        the text, or of a larger one that holds it.
        """
        if found is None or depth or len(text) > _WORTH_A_LOOK:
            found = self.gate.look(text, min(depth, 3))
        if not found:
            return []
        hits = [*self._shapes(text, found.shapes.values(), role), *self._known(text)]
        for pattern in self._patterns:
            hits += (self._hit(pattern.rule, text, *span) for span in pattern.spans(text))
        hits += self._named(text, role)
        hits = merged(hits)
        if depth < _DEEPEST:
            inner = [hit for view in self._views(text, role, found, hits) for hit in self._through(view, depth)]
            hits = merged([*hits, *inner]) if inner else hits
        return hits

    def judge(self, rule: Rule, value: str, name: str = "") -> list[Hit]:
        """Return the hits of a value that stands under a secret name."""
        return [self._hit(rule, value, start, end, name) for start, end in self._secret_spans(rule, value)]

    def _secret_spans(self, rule: Rule, value: str) -> Iterator[tuple[int, int]]:
        for start, end in credentials.spans(rule, value, self.replacing.own):
            if not self.replacing.allows(value[start:end]):
                yield start, end

    def _hit(self, rule: Rule, text: str, start: int, end: int, name: str = "") -> Hit:
        value = text[start:end]
        masked = credentials.mask(value)
        return Hit(start, end, self.replacing.text(rule, value), masked, (Secret(rule, value, masked, name),))

    def _through(self, view: View, depth: int) -> list[Hit]:
        hits = self.find(view.text, depth=depth + 1)
        return view.lift(hits) if hits else []

    # Shapes and known values

    def _shapes(self, text: str, shapes: Iterable[Shape], role: str) -> Iterator[Hit]:
        for shape in shapes:
            if any(literal in text for literal in shape.literals):
                for match in shape.pattern.finditer(text):
                    span = self._token(shape.rule, match, text, role)
                    if span is not None and not self.replacing.allows(text[slice(*span)]):
                        yield self._hit(shape.rule, text, *span)
                    elif shape.rule.name == "token:sigv4":
                        for hit in self.judge(_SIGNED, match.group()):
                            yield hit.moved(hit.start + match.start(), hit.end + match.start())

    def _token(self, rule: Rule, match: re.Match[str], text: str, role: str) -> tuple[int, int] | None:
        """Return which part of a match is secret, None where it only looks so."""
        name = rule.name
        if name == "token:sigv4":
            return None
        start, end = match.span("secret" if "secret" in match.re.groupindex else 0)
        token = text[start:end].rstrip(".")  # which ends a sentence, and no token
        end = start + len(token)
        own = self.replacing.own
        if role == "url" and "?" not in text[:start] and (slash := token.find("/", _OPENING)) >= 0:
            end = start + slash  # base64 has slashes, but in a path they part its segments
            token = text[start:end]
        if name == "token:presigned" and (key_id := _CREDENTIAL.match(token)) and "redential" in match.group():
            token, end = key_id.group(), start + key_id.end()
        if name == "token:basic" and (
            credentials.decode_basic(token) is None or credentials.is_spent_basic(token, own)
        ):
            return None
        if name == "token:bearer" and not is_opaque(token):
            return None
        if rule.level in ("secrets", "ids") and (is_spent(token) or is_placeholder(token, own)):
            return None
        if _in_blob(text, start, end):
            return None
        return start, end

    def _known(self, text: str) -> Iterator[Hit]:
        for value, rule in self.values.items():
            at = text.find(value)
            while at >= 0:
                yield self._hit(rule, text, at, at + len(value))
                at = text.find(value, at + len(value))

    # Names

    def _named(self, text: str, role: str) -> Iterator[Hit]:
        """Yield the hits of values that stand under a secret name."""
        if ":" in text and '"' in text:
            yield from self._pairs(text, names.json_pairs(text, self.table.key))
        if "=" in text:
            if role == "text" and names.is_form(text):
                role = "form"
            yield from self._pairs(text, names.params(text, role))
        if "<" in text and ("</" in text or "=" in text):
            yield from self._pairs(text, names.markup_pairs(text))
        if "form-data" in text:
            yield from self._pairs(text, names.fields(text))
        if ":" in text:
            yield from self._pairs(text, names.header_lines(text))

    def _pairs(self, text: str, pairs: Iterable[Pair]) -> Iterator[Hit]:
        table = self.table
        by: dict[str, Callable[[str], Rule | None]] = {
            "key": table.key,
            "param": table.param,
            "header": table.headers.get,
            "any": table.pair,
        }
        for pair in pairs:
            rule = _COOKIES if pair.name == "cookies" and pair.held else by[pair.by](pair.name)
            if rule is not None:
                yield from self._value(text, pair, rule)

    def _value(self, text: str, pair: Pair, rule: Rule) -> list[Hit]:
        """Return the hits of one value, read and written the way it stands."""
        if pair.writing == "number":
            if rule.care != "any" or rule.kind != "json":
                return []
            hit = self._hit(rule, text, pair.start, pair.end, pair.name)
            return [Hit(hit.start, hit.end, json.dumps(hit.new), json.dumps(hit.masked), hit.secrets)]
        view = _reading(text, pair)
        value = view.text
        if pair.by == "header" and rule.style in ("value", "credential") and not value.startswith("AWS4-"):
            value = value[: credentials.leading(value)]  # a sentence may go on
        if (pair.held or pair.by == "header") and not is_opaque(value.rpartition(" ")[2]):
            return []
        if pair.by == "param" and "://" in value:
            return []  # a URL under a secret name is looked into, and kept
        return view.lift(self.judge(rule, value, pair.name))

    # Views

    def _views(self, text: str, role: str, found: Found, hits: Sequence[Hit]) -> Iterator[View]:
        """Yield what lies one layer deeper, where the gate saw something and no hit covers it already."""
        for start, end, make in self._layers(text, role):
            covered = any(hit.start <= start and end <= hit.end for hit in hits)
            if not covered and found.touches(text[start:end]):
                yield make(text, start, end)
        if found.triggers or found.all:
            for view in base64_runs(text, found.touches):
                start, end = view.span
                if not any(hit.start <= start and end <= hit.end for hit in hits):
                    yield view

    def _layers(self, text: str, role: str) -> Iterator[tuple[int, int, Callable[[str, int, int], View]]]:
        if "\\" in text and '"' in text:
            for string in STRING.finditer(text):
                if "\\" in string[1]:
                    yield *string.span(1), json_string
        if "%" in text:
            form = _form_value if role in ("url", "form") or "&" in text or "=" in text else percent
            yield from ((*span, form) for span in _stretches(text, _WORD, "%", _PERCENT))
        if "&" in text:
            yield from ((*span, markup) for span in _stretches(text, _STRETCH, "&", _REFERENCE))


def _stretches(text: str, unit: re.Pattern[str], sign: str, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the units of a text that hold a mark; `sign` opens every mark and is looked for first."""
    done = 0
    while (at := text.find(sign, done)) >= 0:
        done = at + 1
        if mark.match(text, at) is None:
            continue
        start = at
        while start > 0 and unit.match(text[start - 1]):
            start -= 1
        found = unit.match(text, at)
        done = at + 1 if found is None else found.end()
        yield start, done


def _form_value(text: str, start: int, end: int) -> Mapped:
    return percent(text, start, end, form=True)


def _reading(text: str, pair: Pair) -> Mapped:
    if pair.writing == "json":
        return json_string(text, pair.start, pair.end)
    if pair.writing in ("query", "form"):
        return percent(text, pair.start, pair.end, form=True)
    if pair.writing == "markup":
        return markup(text, pair.start, pair.end)
    return Mapped(text[pair.start : pair.end], [0, pair.end - pair.start], [pair.start, pair.end], str)


_SIGNED = Rule("token:sigv4", "secrets", "token", "AWS signatures: the key id and the signature", "credential")
_COOKIES = Rule("json:cookies", "secrets", "json", "values in an object of cookies", "value", "if-opaque")


def _in_blob(text: str, start: int, end: int) -> bool:
    """Say whether a token is but a stretch of a long base64 text, where any shape turns up by chance."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before not in ("+", "/") and after not in ("+", "/"):
        return False
    left, right = start, end
    while left > 0 and start - left < _BLOB_MARGIN and _BLOB.match(text[left - 1]):
        left -= 1
    while right < len(text) and right - end < _BLOB_MARGIN and _BLOB.match(text[right]):
        right += 1
    return (start - left) + (right - end) >= _BLOB_MARGIN
