"""What takes the place of secrets: placeholders that keep replay possible, and what is shown instead of a secret.

Shapes by RFC 7519 (JSON Web Tokens); names and addresses for documentation by RFC 2606, 5737 and 3849.
"""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cassette_cli.operations.redact.rules.openings import PREFIXES
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.source.later import pattern

_HASH_KEY = b"cassette redact"
FINGERPRINT = pattern(r"fp:[0-9a-f]{20}")
_JWT = pattern(r"eyJ[\w-]{8,}(?:\.[\w-]*){2,4}", re.ASCII)
_KEPT_CLAIMS = frozenset("alg typ enc cty exp iat nbf".split())
"""What a reader of a token needs to go on reading: none of it tells whose it is."""
_FAKES = {
    "email": "user{}@example.com",
    "ipv4": "192.0.2.{}",
    "ipv6": "2001:db8::{}",
    "phone": "+1 202-555-01{:02}",
    "us-phone": "202-555-01{:02}",
}
_FAKE = pattern(r"user\d+@example\.com|192\.0\.2\.\d{1,3}|2001:db8::[0-9a-f]{1,4}|(?:\+1 )?202-555-01\d\d")


def fingerprint(value: str) -> str:
    """Return what stands for a value in outputs, baselines and settings: 80 bits of a keyed SHA-256."""
    import hmac  # which brings all of OpenSSL

    digest = hmac.new(_HASH_KEY, value.encode("utf-8", "surrogatepass"), "sha256")
    return f"fp:{digest.hexdigest()[:20]}"


@dataclass(eq=False)
class Placeholders:
    """What takes the place of secrets: one text, or one a rule.

    `allowed` are fingerprints of values that stay. With `fakes`, mail addresses, IP addresses and phone numbers
    become others that are reserved for documentation. With a `mask_key`, a short hash stands beside what is shown
    of a secret: equal for equal secrets, and worth nothing without the key.
    """

    default: str = "REDACTED"
    by_rule: dict[str, str] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    fakes: bool = False
    mask_key: str | None = None

    def mask(self, value: str) -> str:
        """Return a secret as it may be shown."""
        if self.mask_key is None:
            return mask(value)
        import hmac

        digest = hmac.new(self.mask_key.encode(), value.encode("utf-8", "surrogatepass"), "sha256")
        return f"{mask(value)}#{digest.hexdigest()[:8]}"

    @property
    def own(self) -> tuple[str, ...]:
        """Every placeholder in use, without numbers."""
        return tuple(dict.fromkeys(("REDACTED", self.default, *self.by_rule.values())))

    def standing(self, text: str) -> tuple[str, ...]:
        """Return every placeholder in use, with the numbers that stand in a text: the longest first."""
        found = {one for own in self.own for one in _numbered(own).findall(text)} if "-" in text else set()
        return tuple(sorted({*self.own, *found}, key=lambda one: (-len(one), one)))

    def allows(self, value: str) -> bool:
        """Say whether the settings let a value stay, or it is one of ours."""
        return (bool(self.allowed) and fingerprint(value) in self.allowed) or _FAKE.fullmatch(value) is not None

    def assigned(self, source: str) -> "Assigned":
        """Return the placeholders of one cassette."""
        return Assigned(self, source)


def _numbered(text: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(text)}-\d{{1,6}}(?!\w)")


class Assigned:
    """The placeholders of one cassette: the same value gets the same everywhere.

    `source` is the text of the file: a number that stands in it is not given again.
    """

    def __init__(self, placeholders: Placeholders, source: str) -> None:
        self._placeholders = placeholders
        self._source = source
        self._numbers: dict[str, int] = {}
        self._fakes: dict[tuple[str, str], int] = {}
        self._next: dict[str, int] = {}

    def number(self, values: Iterable[tuple[Rule, str]]) -> bool:
        """Give each of the values a placeholder with a number of its own; say whether any had none."""
        fresh = [(rule, value) for rule, value in values if value not in self._numbers]
        for rule, value in fresh:
            plain = self._plain(rule)
            if plain not in self._next:
                found = (int(one.rpartition("-")[2]) for one in _numbered(plain).findall(self._source))
                self._next[plain] = max(found, default=0) + 1
            self._numbers.setdefault(value, self._next[plain])
            self._next[plain] += 1
        return bool(fresh)

    def _plain(self, rule: Rule) -> str:
        return self._placeholders.by_rule.get(rule.name, self._placeholders.default)

    def text(self, rule: Rule, value: str) -> str:
        """Return the placeholder of a value."""
        if self._placeholders.fakes and rule.name in _FAKES:
            number = self._fakes.setdefault((rule.name, value), self._fake(rule.name))
            return _FAKES[rule.name].format(number)
        plain = self._plain(rule)
        if value in self._numbers:
            plain = f"{plain}-{self._numbers[value]}"
        return jwt(value, plain) if _JWT.fullmatch(value) else plain

    def _fake(self, name: str) -> int:
        count = sum(1 for kind, _ in self._fakes if kind == name)
        while _FAKES[name].format(count + 1) in self._source:
            count += 1
        return count + 1


def jwt(value: str, text: str) -> str:
    """Return a token that decodes as one: header and claims of the same names, their texts gone, a dummy signature."""
    parts = value.split(".")
    new = []
    for part in parts[:2]:
        try:
            content = json.loads(_unbase64(part))
        except ValueError:
            content = None
        new.append(_packed(_emptied(content, text)) if isinstance(content, dict) else _packed(text))
    inert = re.sub(r"[^A-Za-z0-9_-]", "", text) or "REDACTED"
    return ".".join([*new, *([inert] * (len(parts) - 2))])


def is_empty_jwt(value: str, own: Iterable[str]) -> bool:
    """Say whether a token is one that `jwt` made with one of these placeholders."""
    return _JWT.fullmatch(value) is not None and any(jwt(value, one) == value for one in own)


def _emptied(content: Any, text: str, name: str = "") -> Any:
    if isinstance(content, dict):
        return {key: _emptied(one, text, key) for key, one in content.items()}
    if isinstance(content, list):
        return [_emptied(one, text, name) for one in content]
    if isinstance(content, str):
        return content if name in _KEPT_CLAIMS else text
    if isinstance(content, int | float) and not isinstance(content, bool):
        return content if name in _KEPT_CLAIMS else 0
    return content


def _unbase64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _packed(content: Any) -> str:
    raw = json.dumps(content, separators=(",", ":")).encode() if not isinstance(content, str) else content.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@lru_cache(maxsize=4096)
def mask(value: str) -> str:
    """Return a secret as it may be shown: its public prefix, if it has one, and how long it is."""
    prefix = next((text for text in PREFIXES if value.startswith(text) and len(value) > len(text) + 8), "")
    return f"{prefix}(hidden {len(value)})"
