"""Judging values: what is a placeholder already, what is opaque enough to be a secret, what may be swept."""

import re
from functools import lru_cache
from itertools import pairwise

_STRONG = frozenset(
    "redact redacted filtered scrubbed dummy placeholder masked sanitized sanitised hidden removed changeme "
    "anonymized anonymised obfuscated censored".split()
)
"""A word of these says that somebody was here before."""

_WEAK = frozenset(
    "fake mock mocked test testing tests example sample invalid your my some insert replace here not real demo "
    "fixture stub none null undefined bogus".split()
)
"""Words that say so only where next to nothing else stands beside them."""

_KEYISH = frozenset(
    "a an the is in of for to this and or with as api key keys apikey token tokens secret secrets password passwd "
    "pass pwd auth authorization authentication bearer basic access client id org organization organisation project "
    "proj user account workspace session cookie set x sk pk v url uri header value string private public security "
    "credential credentials date region service name openai anthropic aws amazon azure google gemini vertex github "
    "gitlab huggingface hf groq mistral cohere openrouter bedrock deepseek xai perplexity admin app host data".split()
)

_BRACKETED = re.compile(
    r"<[^<>]*>|\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)"
    r"|\{[A-Za-z_][\w .-]*\}|\[[A-Za-z_][\w .-]*\]|\([A-Za-z_][\w .-]*\)"
    r"|%[A-Z_]+%|__[A-Z_]+__|\$[A-Z_]+|\*+[\w -]*\*+|\[\*+\]",
    re.ASCII,
)
_SAME = re.compile(r"([xX*.0_#•?-])\1{2,}")
_PIECE = re.compile(r"[A-Za-z]+|\d+|[^\x00-\x7f]+")
_CAMEL = re.compile(r"[A-Z]?[a-z]{2,}")
_BARE = frozenset(
    "none null nil true false undefined secret password passwd token key test changeme n/a na unknown default "
    "anonymous string".split()
)
_SCHEME = re.compile(r"(?i)(?:bearer|basic|token|key|apikey|digest|negotiate|sso-key)\s+")
_DOCUMENTED = frozenset(
    "AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE AKIAI44QH8DHBEXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".split()
)  # https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html and its like


@lru_cache(maxsize=4096)
def is_placeholder(value: str, own: tuple[str, ...] = ()) -> bool:
    """Say whether a value stands for a secret that is gone already; `own` are the placeholders in use.

    Recorders, filters and people write `<AUTH_TOKEN>`, `DUMMY`, `***`, `test_openai_api_key`. What
    merely contains such a word, as `FAKE4f9a…` does, is a secret still: the words must be words,
    and leave next to nothing over.
    """
    value = value.strip()
    if not value or value.lower() in _BARE:
        return True
    inner = _SCHEME.sub("", value, count=1).strip("\"' ")
    if _BRACKETED.fullmatch(inner) or _SAME.fullmatch(inner) or _only_own(inner, own):
        return True
    return len(inner) <= 200 and _is_worded(inner)


def _only_own(value: str, own: tuple[str, ...]) -> bool:
    """Say whether nothing but placeholders and punctuation is left, as in `REDACTED.REDACTED.REDACTED`."""
    for text in sorted(own, key=lambda text: (-len(text), text)):
        value = value.replace(text, "")
    return not any(char.isalnum() for char in value)


def _is_worded(value: str) -> bool:
    """Say whether a value is made of words of which one is a placeholder's."""
    left = strong = weak = 0
    for piece in _PIECE.findall(_BRACKETED.sub(" redacted ", value)):
        for word in _words(piece):
            if word in _STRONG or (len(word) > 2 and not word.strip("x")):
                strong += 1
            elif word in _WEAK or (word[:4] in _WEAK and word[4:] in _KEYISH):
                weak += 1
            elif word not in _KEYISH:
                left += len(word)
    return (strong > 0 and left <= 8) or (weak > 0 and left <= 4)


def _words(piece: str) -> list[str]:
    """Cut letters between the humps of camelCase, in lower case; a jumble of cases stays one word."""
    if not (piece.islower() or piece.isupper() or piece.istitle()):
        humps = _CAMEL.findall(piece)
        if "".join(humps) == piece:
            return [hump.lower() for hump in humps]
    return [piece.lower()]


def is_spent(token: str) -> bool:
    """Say whether a token of a known shape opens nothing: one character repeated, or an example of the vendor's."""
    tail = re.split(r"[-_.]", token)[-1]
    return token in _DOCUMENTED or (len(tail) >= 8 and len(set(tail.lower())) == 1)


_PUBLIC = re.compile(
    r"pub[0-9a-f]{32}|pk_(?:live|test)_\w+|pk-lf-[0-9a-f-]{36}|phc_\w+|sb_publishable_[\w-]+", re.ASCII
)


def is_public(value: str) -> bool:
    """Say whether a key is one that its vendor (Datadog, Stripe, Langfuse, PostHog, Supabase) means to be seen."""
    return _PUBLIC.fullmatch(value) is not None


def is_plain_word(value: str) -> bool:
    """Say whether a value is too plain to be a secret: a word, a small number, a flag, a locale."""
    if len(value) < 4:
        return True
    if len(value) <= 15 and re.fullmatch(r"[A-Z]?[a-z]+|[A-Z]+", value):
        return True
    return bool(re.fullmatch(r"[a-z]{2,3}[-_][A-Za-z]{2,4}|\d{1,2}(?:\.\d{1,2})*", value))


def is_opaque(value: str) -> bool:
    """Say whether a value looks like a token: sixteen characters and more without white space, and no words."""
    if len(value) < 16 or value.split() != [value]:
        return False
    return not all(re.fullmatch(r"[A-Z]?[a-z]*|[A-Z]+", word) for word in re.split(r"[-_./:,]", value))


def is_sweepable(value: str) -> bool:
    """Say whether a value found in one place may be looked for everywhere.

    Twelve characters, mixed classes, and no words: a project that swept `global` now has answers that
    read "creating <GOOGLE_CLOUD_LOCATION> wind patterns".
    """
    if not 12 <= len(value) <= 20_000 or value != value.strip() or "://" in value:
        return False
    if sum(map(str.isalpha, value)) < 2:
        return False
    if not any(map(str.isdigit, value)):
        jumps = sum(a.isupper() != b.isupper() for a, b in pairwise(value))
        return jumps * 3 > len(value)
    return not re.fullmatch(r"[A-Za-z]+(?:[-_./ ][A-Za-z]+)*[-_./]?\d{1,4}", value)
