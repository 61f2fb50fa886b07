"""What redact is to look for: the options of the command line on top of the project's settings."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cassette_cli.config import Section
from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations.redact.detect.detectors import DEFAULT_LEVELS, LEVELS, Detectors
from cassette_cli.operations.redact.detect.own import Names, Pattern
from cassette_cli.operations.redact.detect.paths import JsonPath
from cassette_cli.operations.redact.replace.placeholders import FINGERPRINT, Placeholders
from cassette_cli.operations.redact.rules.rule import Level, Rule
from cassette_cli.operations.redact.scanning import Plan

SETTINGS = ("allow", "baseline", "defaults", "env", "fakes", "form", "headers", "json-keys", "json-paths", "levels",
            "patterns", "placeholder", "placeholders", "query", "remove", "values-file")  # fmt: skip
"""The keys of `[tool.cassette.redact]`."""

_ASSIGNED = re.compile(r"\A\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*=(.*)")


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line gives; what it leaves out is as the settings say, and lists add to theirs."""

    headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    json_keys: tuple[str, ...] = ()
    json_paths: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    values_file: str | None = None
    levels: tuple[str, ...] = ()
    defaults: bool | None = None
    allow: tuple[str, ...] = ()
    placeholder: str | None = None
    remove: bool = False
    fakes: bool = False
    baseline: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The plan, whether headers are dropped whole, and the file of known findings."""

    plan: Plan
    remove: bool
    baseline: str | None = None


def chosen(
    settings: Section,
    given: Given,
    warn: Callable[[CassetteError], object],
    environment: Mapping[str, str] = os.environ,
) -> Chosen:
    """Return what to look for; values that cannot be looked for go to `warn`.

    Raises `UsageError` for a setting or option that is not valid.
    """
    settings.known(*SETTINGS)
    allow = (*settings.texts("allow"), *given.allow)
    placeholders = Placeholders(
        _placeholder(settings.text("placeholder") or "REDACTED" if given.placeholder is None else given.placeholder),
        {name: _placeholder(text) for name, text in settings.table("placeholders").items()},
        frozenset(name for name in allow if _is_fingerprint(name)),
        given.fakes or settings.flag("fakes"),
    )
    detectors = detectors_of(settings, given, _values(settings, given, warn, environment))
    baseline = given.baseline
    if baseline is None and (baseline := settings.text("baseline")) is not None:
        baseline = settings.beside(baseline)
    return Chosen(Plan(detectors, placeholders), given.remove or settings.flag("remove"), baseline)


def detectors_of(settings: Section, given: Given, values: dict[str, Rule] | None = None) -> Detectors:
    """Return what to look for, by the settings and the command line."""
    levels = levels_of(given.levels or settings.texts("levels") or DEFAULT_LEVELS)
    level: Level = "secrets" if "secrets" in levels else levels[0]
    names = {
        kind: (*settings.texts(kind), *own)
        for kind, own in (("headers", given.headers), ("query", given.query), ("json-keys", given.json_keys),
                          ("form", given.form))
    }  # fmt: skip

    def rules(kind: str, prefix: str, about: str) -> list[tuple[str, Rule]]:
        return [(name, Rule(f"{prefix}-{name}", about, level=level, of_user=True)) for name in names[kind]]

    form = rules("form", "form", "a form field that you named")
    patterns = (*settings.texts("patterns"), *given.patterns)
    return Detectors(
        frozenset(levels),
        settings.flag("defaults", default=True) if given.defaults is None else given.defaults,
        tuple(name for name in (*settings.texts("allow"), *given.allow) if not _is_fingerprint(name)),
        Names(rules("headers", "header", "a header that you named")),
        Names([*rules("query", "query", "a query name that you gave"), *form]),
        Names([*rules("json-keys", "json-key", "a JSON key that you named"), *form]),
        values or {},
        tuple(Pattern.read(text, number, level) for number, text in enumerate(patterns, 1)),
        tuple(
            (JsonPath(text), Rule(f"json-path-{text}", "a JSON path that you gave", level=level, of_user=True))
            for text in (*settings.texts("json-paths"), *given.json_paths)
        ),
    )


def levels_of(names: Sequence[str]) -> tuple[Level, ...]:
    """Return the levels that are asked for, one by one or separated by commas.

    Raises `UsageError` for one that there is not.
    """
    wanted = [name.strip() for text in names for name in text.split(",") if name.strip()]
    if "all" in wanted:
        return LEVELS
    for name in wanted:
        if name not in LEVELS:
            raise UsageError(f"invalid --level {name!r}: expected {', '.join(LEVELS)} or all")
    return tuple(level for level in LEVELS if level in wanted)


def _is_fingerprint(name: str) -> bool:
    if name.startswith("sha256:"):
        hint = f"write fp:{name[7:27]}" if len(name) == 71 else "`cassette rules --hash-env NAME` prints them"
        raise UsageError(f"{name[:20]!r}: fingerprints open with fp:", hint=hint)
    if name.startswith("fp:") and not FINGERPRINT.fullmatch(name):
        raise UsageError(f"{name[:20]!r} is not a fingerprint", hint="`cassette rules --hash-env NAME` prints them")
    return name.startswith("fp:")


def _placeholder(text: str) -> str:
    """Return a placeholder; raises `UsageError` for one that holds nothing, or more than a line."""
    if not text.strip() or not text.isprintable():
        raise UsageError("a placeholder is a printable text of one line, and not empty")
    return text


def _values(
    settings: Section, given: Given, warn: Callable[[CassetteError], object], environment: Mapping[str, str]
) -> dict[str, Rule]:
    """Return the secrets that the environment and a file name, each with its rule."""
    found: dict[str, Rule] = {}
    for name in (*settings.texts("env"), *given.env):
        value = environment.get(name, "").strip()
        if not value:
            warn(
                CassetteError(
                    f"the environment has no {name}: nothing is looked for", hint="set it, or leave --env out"
                )
            )
        else:
            found.setdefault(value, _value_rule(name))
    file = given.values_file
    if file is None and (file := settings.text("values-file")) is not None:
        file = settings.beside(file)
    if file is not None:
        for number, line in enumerate(_lines(file), 1):
            value = (match[1] if (match := _ASSIGNED.fullmatch(line)) else line).strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            if value and not value.startswith("#"):
                found.setdefault(value, _value_rule(f"line-{number}"))
    return found


def _value_rule(name: str) -> Rule:
    return Rule(f"value-{name}", "a value that you named", of_user=True)


_LONGEST = 16 << 20


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_LONGEST + 1)  # not `/dev/zero` whole
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"the file of values cannot be read: {reason}", path=path) from error
    if len(text) > _LONGEST:
        raise UsageError(f"the file of values is longer than {_LONGEST >> 20} MiB", path=path)
    return text.splitlines()
