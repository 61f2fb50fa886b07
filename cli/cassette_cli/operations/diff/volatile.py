"""What changes with every recording by its nature, and so is no change: judged by the key and by the value.

A key alone says too little: `id` names a model in a list of models, and an answer in an answer. So an
`id` is volatile where its value looks made up by a machine, and `created` where it holds a time.
"""

import fnmatch
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

from cassette_cli.operations.diff.values import PARSED, Index, Path

Place = Literal["request", "response", "content"]
"""Where a value stands. `content` is what a model or a person wrote, in which nothing is volatile."""

_CONTENT = frozenset({"arguments", "args", "parameters", "input_schema", "inputSchema", "json_schema"})

_ID_KEYS = frozenset({
    "toolcallid", "callid", "tooluseid", "requestid", "responseid", "itemid", "traceid", "spanid", "runid",
    "generationid", "sessionid", "correlationid", "eventid", "previousresponseid", "conversationid", "messageid",
    "xgroqid",
})  # fmt: skip
_ID_PARENTS = frozenset({"functionCall", "functionResponse", "toolUse", "toolResult", "tool_calls", "toolCall"})
_ID_SIBLINGS = (
    ("id", "object", "created"), ("id", "object", "created_at"), ("id", "type", "function"),
    ("id", "type", "name", "input"), ("id", "call_id"), ("id", "type", "role", "model"),
    ("id", "choices"), ("id", "role", "content"), ("id", "function"),
)  # fmt: skip
_TIMES = frozenset(
    {"created", "createdat", "completedat", "timestamp", "date", "time", "modified", "updated", "expires"}
)
_CREATED = frozenset({"created", "createdat", "completedat"})
_FINGERPRINTS = frozenset({"systemfingerprint", "etag", "fingerprint"})
_DURATIONS = frozenset({"duration", "latency", "elapsed", "latencycheckpoint", "durationms", "latencyms"})
_PADDING = frozenset({"obfuscation"})
_SIGNATURES = frozenset({
    "signature", "thoughtsignature", "encryptedcontent", "encryptedindex", "encryptedstdout", "redactedcontent",
    "signaturedelta",
})  # fmt: skip
_IDS = frozenset({"id", "uuid", "guid", "nonce", "hash"})
_ID_ENDINGS = ("_id", "Id", "-id", "ID")
_TIME_ENDINGS = ("at", "time", "date", "timestamp")
_KEYS = _IDS | _ID_KEYS | _TIMES | _CREATED | _FINGERPRINTS | _DURATIONS | _PADDING | _SIGNATURES
"""All that the rules know, in one: a key that is neither here nor ends as one of them holds nothing volatile."""

_PREFIXED = re.compile(
    r"(chatcmpl|cmpl|resp|msg|call|toolu|srvtoolu|fc|rs|req|run|thread|step|asst|gen|evt|event|item|ws|cu|mcp|mcpl|mcpr"
    r"|msgbatch|batch|file|vs|ctc|ci|ig|prompt|conv|rsn|cntr|container|tooluse|modr|ftjob|upload|auto)[-_](?:(?=.*\d).+|.{12,})",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9]{8,}")
_HEX = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}|[0-9]{9,}", re.IGNORECASE)
_TURN = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4}.*"
    r"|\d{10}(?:\d{3})?(?:\.\d+)?"
)
_TOKEN = re.compile(r"[A-Za-z0-9+/_=.-]+")
_WORD = re.compile(r"[^A-Za-z0-9]+")
_SPAN = re.compile(r"(?:[\d.]+\s*(?:ns|us|µs|ms|s|m|h))+|[\d.]+")


def place_of(key: str, holder: Any, place: Place) -> Place:
    """Return where the value under a key stands: the arguments of a tool call and the schema of a tool are content."""
    if key in _CONTENT or (key == "input" and isinstance(holder, dict) and "name" in holder):
        return "content"
    return place


def fold(key: str) -> str:
    """Return a key without case, underscores and dashes: `created_at` and `createdAt` are one."""
    return _WORD.sub("", key).lower()


@lru_cache(4096)
def generated(text: str) -> bool:
    """Say whether a text looks like an identifier that a machine made up, and not like a name."""
    if not text or len(text) > 512 or " " in text:
        return False
    if _UUID.search(text) or (_PREFIXED.fullmatch(text) and "." not in text):
        return True
    for run in _RUN.findall(text):
        if _HEX.fullmatch(run):
            return True
        turns = len(_TURN.findall(run))
        if (turns >= 4 and any(char.isdigit() for char in run)) or turns >= 6:
            return True
    return False


def is_time(value: Any) -> bool:
    """Say whether a value is a point in time: ISO 8601, an HTTP date, or seconds or milliseconds since 1970."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return 1e9 <= value < 1e10 or 1e12 <= value < 1e13
    return isinstance(value, str) and len(value) < 64 and _TIME.fullmatch(value) is not None


def is_vacant(value: Any) -> bool:
    """Say whether a value carries nothing: null, "", [] or {}."""
    return value is None or value in ("", [], {})


def reason(path: Path, value: Any, parent: Any, place: Place) -> str | None:
    """Return why a scalar at a path is volatile, None where it is not.

    `parent` is the mapping that holds it; `place` decides which rules hold.
    """
    key = last_key(path)
    if key is None or place == "content":
        return None
    above = next((step for step in reversed(path[:-1]) if isinstance(step, str)), None)
    return _reason(key, above, value, parent, place)


def _reason(key: str, above: str | None, value: Any, parent: Any, place: Place) -> str | None:
    """Judge a scalar by its key, and by the step `above` it."""
    if not _may_vary(key):
        return None
    folded = fold(key)
    found = _by_key(folded, key, value)
    if found is not None:
        return found
    if _is_id(folded, key, above, value, parent):
        return "ids"
    if place == "response" and (folded in _DURATIONS or _ends_in_time(key)) and _is_span(value):
        return "durations"
    return None


@lru_cache(4096)
def _may_vary(key: str) -> bool:
    """Say whether any rule looks at values under a key: most keys are a few names over and over, and none does."""
    folded = fold(key)
    return (
        folded in _KEYS
        or folded.endswith(_TIME_ENDINGS)
        or key == "p"
        or key.endswith(_ID_ENDINGS)
        or _ends_in_time(key)
    )


def _by_key(folded: str, key: str, value: Any) -> str | None:
    """Judge by keys that mean one thing everywhere, and values that bear it out."""
    if folded in _FINGERPRINTS:
        return "fingerprints"
    if folded in _PADDING or (key == "p" and isinstance(value, str) and value.isalnum()):
        return "padding"
    if folded in _SIGNATURES and isinstance(value, str) and (len(value) >= 24 or not value):
        return "signatures" if _TOKEN.fullmatch(value) or not value else None
    if folded in _CREATED and isinstance(value, int | float) and not isinstance(value, bool):
        return "times"
    if (folded in _TIMES or folded.endswith(_TIME_ENDINGS)) and is_time(value):
        return "times"
    return None


def _is_id(folded: str, key: str, above: str | None, value: Any, parent: Any) -> bool:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return False
    if folded in _ID_KEYS:
        return True
    if not (folded in _IDS or key.endswith(_ID_ENDINGS)):
        return False
    text = str(value)
    if generated(text):
        return True
    if folded != "id" or not isinstance(parent, dict):
        return False
    if above in _ID_PARENTS:
        return True
    # `{"id": "gpt-4", "object": "model", "created": …}` names a model.
    return parent.get("object") != "model" and any(all(name in parent for name in names) for names in _ID_SIBLINGS)


def _ends_in_time(key: str) -> bool:
    words = key.lower().split("_")
    return words[-1] in ("ms", "duration", "time", "latency", "seconds") or key.endswith(("Ms", "Time", "Duration"))


def _is_span(value: Any) -> bool:
    if isinstance(value, str):
        return _SPAN.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def last_key(path: Path) -> str | None:
    """Return the last name in a path, passing over positions."""
    for step in reversed(path):
        if isinstance(step, str) and step != PARSED:
            return step
    return None


def mask(value: Any, place: Place) -> Any:
    """Return JSON with volatile values replaced by the reason in angle brackets, without the vacant ones of answers.

    What is content is not copied: nothing in it is replaced.
    """
    return _masked(value, place, None, None, None)


def _masked(value: Any, place: Place, key: str | None, above: str | None, parent: Any) -> Any:
    if place == "content":
        return value
    if isinstance(value, dict):
        out = {}
        for name, item in value.items():
            deeper = isinstance(item, dict | list) or _may_vary(name)
            made = _masked(item, place_of(name, value, place), name, key, value) if deeper else item
            if place != "response" or not is_vacant(made):
                out[name] = made
        return out
    if isinstance(value, list):
        return [_masked(item, place, key, key, parent) for item in value]
    why = None if key is None else _reason(key, above, value, parent, place)
    return value if why is None else f"<{why}>"


class Ignore:
    """The user's rules: names of headers and JSON keys, without case and as globs, and JSON paths with `*` and `..`."""

    def __init__(self, rules: Iterable[str]) -> None:
        self._names: list[str] = []
        self._paths: list[re.Pattern[str]] = []
        for rule in rules:
            if rule.startswith("$"):
                self._paths.append(_pattern(rule))
            else:
                self._names.append(rule.lower())

    def __bool__(self) -> bool:
        return bool(self._names or self._paths)

    def __call__(self, path: tuple[object, ...]) -> bool:
        """Say whether a path is ignored, by itself or by what holds it."""
        names = [step.lower() for step in path if isinstance(step, str)]
        if any(fnmatch.fnmatchcase(name, rule) for rule in self._names for name in names):
            return True
        if not self._paths:
            return False
        text = _plain(path)
        return any(pattern.match(text) for pattern in self._paths)


def _plain(path: tuple[object, ...]) -> str:
    return "".join(str(step) if isinstance(step, Index) else f".{step}" for step in path)


def _pattern(rule: str) -> re.Pattern[str]:
    """Return a JSON path as a regular expression over the text of a path."""
    out = ""
    for piece in re.findall(r"\.\.|\.|\[[^\]]*\]|[^.\[\]]+", rule[1:]):
        if piece == "..":
            out += r".*\."
        elif piece == "*":
            out += r"[^.\[]*"
        elif piece in ("[*]", "[]"):
            out += r"\[\d+\]"
        elif piece.startswith("["):
            inner = piece[1:-1].strip("'\"")
            out += rf"\[{inner}\]" if inner.isdigit() else r"\." + re.escape(inner)
        else:
            out += re.escape(piece)
    return re.compile(out + r"(?=$|[.\[])")
