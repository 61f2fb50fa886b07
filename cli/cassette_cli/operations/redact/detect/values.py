"""Judges of values: what stands for a secret that is gone, what is opaque enough to be one, what may be swept."""

import re
from functools import lru_cache
from itertools import pairwise

from cassette_cli.source.later import pattern

_STRONG = frozenset(
    "redact redacted filtered scrubbed dummy placeholder masked sanitized sanitised hidden removed changeme "
    "anonymized anonymised obfuscated censored elided omitted".split()
)
"""A word of these says that somebody was here before."""

_WEAK = frozenset(
    "fake mock mocked test testing tests example sample invalid your my some insert replace here not real demo "
    "fixture stub none null undefined bogus foo bar baz foobar qux todo put enter add fill change me dev".split()
)
"""Words that say so only where next to nothing else stands beside them."""

_KEYISH = frozenset(
    "a an the is in of for to this and or with as api key keys apikey token tokens secret secrets password passwd "
    "pass pwd auth authorization authentication bearer basic access client id org organization organisation project "
    "proj user account workspace session cookie set x sk pk v url uri header value string private public security "
    "credential credentials date region service name openai anthropic aws amazon azure google gemini vertex github "
    "gitlab huggingface hf groq mistral cohere openrouter bedrock deepseek xai perplexity admin app host data from "
    "env environment variable oauth jwt my".split()
)

_BRACKETED = pattern(
    r"<[^<>]*>|\{\{[^{}]*\}\}|\$\{[^{}]*\}|#\{[^{}]*\}|<%.*?%>|\$\([^()]*\)|@@?[A-Z_]+@@?|%\([A-Za-z_]\w*\)s|%[sdvq]\b"
    r"|\{[A-Za-z_][\w .-]*\}|\{\}|\[[A-Za-z_][\w .-]*\]|\([A-Za-z_][\w .-]*\)"
    r"|%[A-Z_]+%|__[A-Z_]+__|\$[A-Z_]+|\*+[\w -]*\*+|\[\*+\]",
    re.ASCII,
)
_SAME = pattern(r"([xX*.0_#•?-])\1{2,}")
_ELIDED = pattern(r"\*{3,}|#{3,}|\.{3,}|…|•{2,}|[xX]{8,}")
_PIECE = pattern(r"[A-Za-z]+|\d+|[^\x00-\x7f]+")
_CAMEL = pattern(r"[A-Z]?[a-z]{2,}")
_HASH = pattern(r"(?<![A-Za-z0-9])(?:[0-9a-f]{6,}|[0-9A-F]{6,})(?![A-Za-z0-9])")
_BARE = frozenset(
    "none null nil true false undefined secret password passwd token key test changeme n/a na unknown default "
    "anonymous anonymous@ x-oauth-basic x-token-auth oauth2accesstoken 123456 12345678 string foo bar baz foobar abc xyz abc123 test123 fake dummy pass pwd mypass".split()
)
_NAMED = pattern(
    r"(?i)(?:(?:your|my|the|some|a)[-_ ]?)?(?:password|passwd|secret|token|api[-_]?key|key|test|user)s?[-_]?\d{0,4}"
)
_LONGEST_NAMED = 24
_EXAMPLE = pattern(r"EXAMPLE(?:KEY|TOKEN|ID)?[=/]*\Z|\AEXAMPLE|EXAMPLE[-/]|(?<![A-Za-z])EXAMPLE(?![A-Za-z])")
_ENDS_AS_NAME = frozenset("token secret key keys password value credential credentials apikey header cookie".split())
_SCHEME = pattern(r"(?i)(?:bearer|basic|token|key|apikey|digest|negotiate|sso-key|bot)\s+")
_DOCUMENTED = frozenset(
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds.html and its like; the accounts too
    "AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE AKIAI44QH8DHBEXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY "
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY "
    "123456789012 111122223333 444455556666 012345678901 000000000000".split()
)


@lru_cache(maxsize=4096)
def is_placeholder(value: str, own: tuple[str, ...] = ()) -> bool:
    """Say whether a value stands for a secret that is gone already; `own` are the placeholders in use.

    Recorders, filters and people write `<AUTH_TOKEN>`, `DUMMY`, `***`, `test_openai_api_key`, `OPENAI_API_KEY`.
    What merely contains such a word, as `FAKE4f9a…` does, is a secret still: the words must be words, and leave
    next to nothing over.
    """
    value = value.strip()
    if not value or value.lower() in _BARE or value in _DOCUMENTED:
        return True
    inner = _without_scheme(value)
    if inner.lower() in _BARE or inner in _DOCUMENTED:
        return True
    if (len(inner) < _LONGEST_NAMED and _NAMED.fullmatch(inner)) or ("EXAMPLE" in inner and _EXAMPLE.search(inner)):
        return True
    if not _is_bare(inner) and _BRACKETED.fullmatch(inner):
        return True
    if (inner[:1] == inner[-1:] and _SAME.fullmatch(inner)) or _only_own(inner, own):
        return True
    return len(inner) <= 200 and (_is_elided(inner) or _is_variable(inner) or _is_worded(inner))


def is_stand_in(value: str) -> bool:
    """Say whether a value was put in the place of another on purpose: it says so, or is a name, brackets or stars.

    `is_placeholder` also takes what merely is no secret, such as `test` and `a1`.
    """
    inner = _without_scheme(value.strip())
    if not 2 < len(inner) <= 200:
        return False
    if _BRACKETED.fullmatch(inner) or _is_elided(inner) or _is_variable(inner):
        return True
    words = [word for piece in _PIECE.findall(inner) for word in _words(piece)]
    return is_placeholder(inner) and any(word in _STRONG or (len(word) > 2 and not word.strip("x")) for word in words)


def _without_scheme(value: str) -> str:
    return (_SCHEME.sub("", value, count=1) if len(value.split(None, 1)) > 1 else value).strip("\"' ")


def _is_bare(value: str) -> bool:
    """Say whether a value is letters, digits and what joins them alone: there are no brackets in it, and no template."""
    return "__" not in value and value.replace("-", "").replace("_", "").isalnum()


def _only_own(value: str, own: tuple[str, ...]) -> bool:
    """Say whether nothing but placeholders and punctuation is left, as in `REDACTED.REDACTED.REDACTED`."""
    for text in sorted(own, key=lambda text: (-len(text), text)):
        value = value.replace(text, "")
    return not any(char.isalnum() for char in value)


def _is_elided(value: str) -> bool:
    """Say whether most of a value was left out, as APIs show keys: `sk-…4f9a`."""
    if value.endswith(("...", "…")):
        return True
    rest = _ELIDED.sub("", value)
    return len(rest) < len(value) and sum(map(str.isalnum, rest)) <= 16


_VARIABLE = pattern(r"[A-Z][A-Z0-9]{0,30}(?:_[A-Z0-9]{1,30}){1,8}")


def _is_variable(value: str) -> bool:
    """Say whether a value is the name of an environment variable."""
    return _VARIABLE.fullmatch(value) is not None and not _looks_random(value)


def _is_worded(value: str) -> bool:
    """Say whether a value is made of words of which one is a placeholder's."""
    left = strong = weak = 0
    pieces = re.split(r"[-_. ]", value)
    if 1 < len(pieces) <= 6 and pieces[-1].lower() in _ENDS_AS_NAME and all(map(str.isalpha, pieces)):
        return not _looks_random(value)  # manual-token, fal-ai-api-key
    plain = value if _is_bare(value) else _BRACKETED.sub(" redacted ", value)
    for piece in _PIECE.findall(_HASH.sub(" ", plain)):
        for word in _words(piece):
            if word in _STRONG or (len(word) > 2 and not word.strip("x")):
                strong += 1
            elif word in _WEAK or (word[:4] in _WEAK and word[4:] in _KEYISH):
                weak += 1
            elif word not in _KEYISH:
                left += len(word)
    if strong > 0:
        return left <= 8
    if left <= sum(map(str.isdigit, value)) <= 2:
        return True  # nothing but words of keys: oauth2token, access_token
    hashed = sum(map(len, _HASH.findall(value)))
    return weak > 0 and left + hashed <= 4


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


_PUBLIC = pattern(
    r"pub[0-9a-f]{32}|pk_(?:live|test)_\w+|pk-lf-[0-9a-f-]{36}|phc_\w+|sb_publishable_[\w-]+|pk\.eyJ[\w.-]+"
    r"|ssh-(?:rsa|ed25519|dss)(?:[ +]|%20)\S+.*|ecdsa-sha2-\S+ \S+.*|-----BEGIN (?:[A-Z0-9 ]* )?(?:PUBLIC KEY|CERTIFICATE).*",
    re.ASCII | re.DOTALL,
)


def is_public(value: str) -> bool:
    """Say whether a key is meant to be seen: by Datadog, Stripe, Langfuse, PostHog, Supabase, Mapbox; a public key."""
    return value[:1] in "pse-" and _PUBLIC.fullmatch(value) is not None


_UUID = pattern(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_DATE = pattern(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}/\d{1,2}/\d{2,4}")
_NUMBER = pattern(r"[+-]?\d+(?:[.,:]\d+)*%?|v?\d+(?:\.\d+){1,3}")


def is_uuid(value: str) -> bool:
    """Say whether a value is a UUID: a name for something, and a key only under names of keys."""
    return _UUID.fullmatch(value) is not None


def is_count(value: str) -> bool:
    """Say whether a value is a number, a date, a time or a version."""
    opens = value[:1].isdecimal() or value[:1] in "+-v"
    return opens and (_NUMBER.fullmatch(value) is not None or _DATE.fullmatch(value) is not None)


_TYPES = frozenset(
    "string str text int integer number float double bool boolean object any array list dict map bytes byte char void "
    "unknown never optional required secretstr secretstring securestring varchar uuid true false yes no on off null "
    "none nil undefined self this password passwd token secret key required optional deprecated readonly writeonly "
    "hidden sensitive default auto manual basic bearer header query cookie body path form json env file base64 base64url utf8 utf-8 utf16 ascii latin1 hex md5 sha1 sha256 sha512 hs256 rs256".split()
)
_CODE = pattern(
    r"(?:[A-Za-z_$@][\w$]*(?:[?!]?(?:\.|->|::)[A-Za-z_$][\w$]*)*)?(?:\(|\[[^\[\]]*\]?).*"  # calls, subscripts
    r"|(?:[A-Za-z_$]+\d{0,2}[?!&]?(?:\.|->|::))+[A-Za-z_$]+\d{0,2}[?!]?"  # chains of names
    r"|(?:await|new|not|typeof|lambda|function|func|async|return|yield|if|None|null|nil)\b.*|[&*!@$][A-Za-z_$][\w$.]*"
    r"|(?:process\.env|os\.environ|os\.getenv|import\.meta|System\.getenv|ENV\[|Deno\.env).*"
    r"|[A-Za-z_]\w*(?:\[[\w\[\], |.]*\])+|[A-Za-z_]\w*(?: ?\| ?[A-Za-z_]\w*)+|\{.*|.*=>.*|[\\/]{2,}.*|\+.*\+|[=!<>]=.*",
    re.DOTALL,
)
_IDENTIFIER = pattern(r"_*[A-Za-z][A-Za-z_]*(?:\d{1,3})?_*")


def is_type(value: str) -> bool:
    """Say whether a value is but the name of a type, a flag, or of what should stand there."""
    return value.lower().strip("?!;,") in _TYPES


def is_reference(value: str) -> bool:
    """Say whether a value that stands without quotes is code: a name, a call, a chain, a type, a variable."""
    if is_type(value) or value[:1] in "$%&*@{(<[|>":
        return True
    if _CODE.fullmatch(value) is not None and (not _looks_random(value) or "(" in value):
        return True
    return _IDENTIFIER.fullmatch(value) is not None and (value.isalpha() or "_" in value) and not _looks_random(value)


_TEMPLATE = pattern(
    r"\$\{|\{\{|<%|#\{|%\(\w+\)|%[sdvq](?![A-Za-z0-9])|\$\(|\A\$[A-Za-z_]\w*\Z|\A\{\w*\}\Z|\A<[^<>]*>\Z|\A%\w+%\Z|\A@@?\w+@@?\Z"
    r"|process\.env|os\.environ|os\.getenv|getenv\(|\Aenv[:.(]|\A(?:op|vault|secret|ssm|sops|awssm|keyring|file|env|azurekeyvault|gcpsm)://?"
    r"|\A!\w+ "
)


def is_template(value: str) -> bool:
    """Say whether a value is filled in elsewhere: a template, or a reference to the environment or to a vault."""
    return not _is_bare(value) and _TEMPLATE.search(value) is not None and not _looks_random(_BRACKETED.sub("", value))


_FUNCTION_WORDS = frozenset(
    "a an the is are was were be been must should shall can could may might will would to of in on at by for from with "
    "without and or not no your you my our we it its this that these those if when which who as has have had do does "
    "enter please use using required optional least than then here there into per any all both each only must invalid "
    "field incorrect wrong missing le la les de des du un une et est der die das ein eine und ist nicht el los una y es "
    "il lo di che per o een het van en".split()
)
_SENTENCE = pattern(r"[.,;:!?]\s|[.!?…]\Z|\A[A-Z][a-z]+ [a-z]+|\s[(\[]|[)\]]\s")


def is_prose(value: str) -> bool:
    """Say whether a value says something in words. A pass phrase is words as well, without what makes a sentence."""
    words = value.split()
    if len(words) < 2:
        return False
    if any(word.lower().strip(".,:;!?()'\"") in _FUNCTION_WORDS for word in words):
        return True
    return _SENTENCE.search(value) is not None and not any(_looks_random(word) for word in words)


_FILE = pattern(
    r"(?i)[\w~@%+ ./\\:-]{0,300}\.(?:pem|crt|cer|key|p12|pfx|jks|pub|json|ya?ml|toml|ini|env|cfg|conf|txt|md|html?|xml|"
    r"csv|png|jpe?g|gif|svg|webp|pdf|zip|gz|tar|py|js|ts|tsx|jsx|rb|go|java|rs|php|cs|sh|sql|log|lock|com|org|net|io)"
)
_PATH = pattern(r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\](?:[\w.@%+~{}$-]+[/\\])*[\w.@%+~{}$-]*|(?:[\w.@-]+/)+[\w.@-]*")


def is_locator(value: str) -> bool:
    """Say whether a value says where something is: a URL, a path, a file, a resource's name; no secret in it."""
    if "://" in value:
        return "@" not in value
    if value.startswith(("arn:", "urn:", "did:", "data:", "/var/", "/etc/", "/run/", "/home/")):
        return True
    if "." in value and _FILE.fullmatch(value):
        return not _looks_random(value.rpartition(".")[0])
    return "/" in value and _PATH.fullmatch(value) is not None and not _looks_random(value)


def is_plain(value: str) -> bool:
    """Say whether a value is too plain to be a secret: a word, a number, a flag, a locale, a type."""
    if len(value) < 4 or value.lower() in _TYPES or is_count(value):
        return True
    if len(value) <= 20 and re.fullmatch(r"[A-Z]?[a-z]+|[A-Z]+", value):
        return not _looks_random(value)
    return bool(re.fullmatch(r"[a-z]{2,3}[-_][A-Za-z]{2,4}", value))


_PAIRS = (
    "36762462614867060878543452 85657432763844740775721262 82558327607643831658621040 74469541833645742675632240 "
    "64785552402668354887254641 74557741911644841766722250 62439367700657640775632133 82349312803554831657521250 "
    "65766560103769752677150405 83568522655444853483846232 74459462843636551485536041 83469431813734840366631071 "
    "86359321703563782264621040 73777583624435641378551131 55663451525779661866756422 82448436604733761867613161 "
    "43152443111744332575951131 83659451805565750577543050 62648436704644663478733150 73549427802543740776623262 "
    "66656550601778570878020311 83529322801143620444212131 83458437804537842774324310 65758505710554583459332652 "
    "65656563622767690587345344 73139414811454641445431164"
).split()
"""How much likelier a letter follows another in words than by chance, in bits, six added: a row a letter, a to z.

Counted over 18,000 words of English prose and of identifiers in programs.
"""
_BITS = {
    chr(97 + row) + chr(97 + column): int(bits) - 6
    for row, text in enumerate(_PAIRS)
    for column, bits in enumerate(text)
}
_HUMP = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_RUN = pattern(r"[A-Za-z0-9]+")
_DIGITS_JOIN = 2.0
_CASES_JOIN = 1.5
_RANDOM = -6.0


@lru_cache(maxsize=4096)
def wordiness(run: str) -> float:
    """Return by how many bits letters and digits are likelier words than drawn at random; 0 for digits alone.

    At −6, of 24,000 identifiers of programs 6 in 1,000 pass for random, and of random letters and digits 98 of 100
    with 16 characters, 99 of 100 with 20.
    """
    bits = 0.0
    before = ""
    for hump in _HUMP.findall(run):
        if before:
            bits -= _CASES_JOIN if before.isalpha() and hump.isalpha() else _DIGITS_JOIN
        if hump.isalpha():
            bits += sum(_BITS[first + second] for first, second in pairwise(hump.lower())) if len(hump) > 1 else -1
        before = hump
    return bits


def _strangeness(value: str) -> tuple[float, int]:
    """Return the bits by which parts of a value are likelier random than words, and how many characters they have."""
    bits, strange = 0.0, 0
    for run in _RUN.findall(value):
        if len(run) <= 6 and any(map(str.isdigit, run)) and len(run) < len(value):
            continue  # v2, 4o, 32b, 001a
        if (found := wordiness(run)) < 0 and len(run) > 3:
            bits -= found
            strange += len(run)
    return bits, strange


@lru_cache(maxsize=4096)
def _looks_random(value: str) -> bool:
    bits, strange = _strangeness(value)
    return bits >= -_RANDOM and strange * 5 >= sum(map(str.isalnum, value)) * 2


_OPAQUE = pattern(r"[!-~]+")
_MARKUP = pattern(r"[<>\"'`{}()\\]|\[|\]")


@lru_cache(maxsize=4096)
def is_opaque(value: str, least: int = 16) -> bool:
    """Say whether a value looks drawn at random: `least` characters and more without white space, and no words.

    Names of models and deployments, paths, identifiers, dates, counts, UUIDs and URLs are not.
    """
    if len(value) < least or _OPAQUE.fullmatch(value) is None or "://" in value:
        return False
    if is_uuid(value) or is_count(value) or is_locator(value) or _MARKUP.search(value):
        return False
    return _looks_random(value)


_PAIRED = pattern(r"\A&\w|[,;&] ?[A-Za-z_]{2,30}=")


@lru_cache(maxsize=4096)
def is_credible(value: str) -> bool:
    """Say whether a value may be a password or a key that somebody chose: no plain word, no code, no prose."""
    if is_plain(value) or is_template(value) or is_locator(value) or is_prose(value) or "\n" in value:
        return False
    if any(char.isspace() for char in value):
        return len(value.split()) >= 3  # a pass phrase
    if (is_reference(value) or _PAIRED.search(value)) and not _looks_random(value):
        return False
    if value[0] in "=:" or (
        value[-1] in ":=" and re.fullmatch(r"[A-Za-z_/. -]*[:=]+", value) and not _looks_random(value)
    ):
        return False
    letters = sum(map(str.isalpha, value))
    return letters >= 1 and (letters < len(value) or _looks_random(value))


def is_sweepable(value: str) -> bool:
    """Say whether a value found in one place may be looked for everywhere.

    Twelve characters, mixed classes, and really opaque: a project that swept `global` now has answers that read
    "creating <GOOGLE_CLOUD_LOCATION> wind patterns", and the name of a deployment is the name of a model.
    """
    if not 12 <= len(value) <= 20_000 or value != value.strip() or "://" in value:
        return False
    if sum(map(str.isalpha, value)) < 2:
        return False
    if not any(map(str.isdigit, value)) and (value.islower() or value.isupper()) and len(value) < 20:
        return False
    if is_uuid(value):
        return True
    return _looks_random(value) and not is_locator(value) and not is_count(value)
