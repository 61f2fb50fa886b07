"""What redact is to look for: the options of the command line on top of the project's settings."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cassette_cli.config import Section
from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations.redact.paths import JsonPath
from cassette_cli.operations.redact.pattern import Pattern
from cassette_cli.operations.redact.rules.table import DEFAULT_LEVELS, LEVELS, Added, Rule, Table
from cassette_cli.operations.redact.scan import Plan
from cassette_cli.operations.redact.text import Replacing
from cassette_cli.operations.redact.values import is_sweepable

SETTINGS = ("allow", "defaults", "env", "form", "headers", "json-keys", "json-paths", "levels", "patterns",
            "placeholder", "placeholders", "query", "remove", "values-file")  # fmt: skip
"""The keys of `[tool.cassette.redact]`."""

_ASSIGNED = re.compile(r"\A\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*=(.*)")
_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{64}")


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """The plan, and whether headers are dropped whole."""

    plan: Plan
    remove: bool


def chosen(
    settings: Section, given: Given, warn: Callable[[CassetteError], None], environment: Mapping[str, str] = os.environ
) -> Chosen:
    """Return what to look for; values that cannot be looked for go to `warn`.

    Raises `UsageError` for a setting or option that is none.
    """
    settings.known(*SETTINGS)
    levels = given.levels or settings.texts("levels") or DEFAULT_LEVELS
    if "all" in levels:
        levels = LEVELS
    allow = (*settings.texts("allow"), *given.allow)
    defaults = settings.flag("defaults", default=True) if given.defaults is None else given.defaults
    table = table_of(settings, given, levels=levels, defaults=defaults, allow=allow)
    replacing = Replacing(
        _placeholder(given.placeholder or settings.text("placeholder") or "REDACTED"),
        {name: _placeholder(text) for name, text in settings.table("placeholders").items()},
        frozenset(name for name in allow if name.startswith("sha256:")),
    )
    level = "secrets" if "secrets" in levels else levels[0]
    texts = (*settings.texts("patterns"), *given.patterns)
    patterns = tuple(Pattern.read(text, number, level) for number, text in enumerate(texts, 1))
    paths = tuple(
        (JsonPath(text), Rule(f"path:{text}", level, "path", "a JSON path that you gave"))
        for text in (*settings.texts("json-paths"), *given.json_paths)
    )
    plan = Plan(table, replacing, _values(settings, given, warn, environment), patterns, paths)
    return Chosen(plan, given.remove or settings.flag("remove"))


def table_of(
    settings: Section,
    given: Given,
    *,
    levels: Iterable[str],
    defaults: bool = True,
    allow: Iterable[str] = (),
    everything: bool = False,
) -> Table:
    """Return the table of rules by name and shape."""
    allow = tuple(allow)
    for name in allow:
        if name.startswith("sha256:") and not _FINGERPRINT.fullmatch(name):
            raise UsageError(f"{name[:20]!r} is no hash", hint="`cassette rules --hash-env NAME` prints them")
    added = Added(
        headers=(*settings.texts("headers"), *given.headers),
        query=(*settings.texts("query"), *given.query),
        json_keys=(*settings.texts("json-keys"), *given.json_keys),
        form=(*settings.texts("form"), *given.form),
    )
    return Table(levels, added, defaults=defaults, allow=allow, everything=everything)


def _placeholder(text: str) -> str:
    """Return a placeholder; raises `UsageError` for one that could not stand in a header or a URL, or holds nothing."""
    if not text.strip() or not text.isprintable():
        raise UsageError("a placeholder is a printable text of one line, and not empty")
    return text


def _values(
    settings: Section, given: Given, warn: Callable[[CassetteError], None], environment: Mapping[str, str]
) -> dict[str, Rule]:
    """Return the secrets that the environment and a file name, each with its rule."""
    found: dict[str, Rule] = {}
    for name in (*settings.texts("env"), *given.env):
        value = environment.get(name)
        if not value:
            warn(
                CassetteError(
                    f"the environment has no {name}: nothing is looked for", hint="set it, or leave --env out"
                )
            )
        else:
            _take(found, value.strip(), f"value:{name}", warn)
    file = given.values_file
    if file is None and (file := settings.text("values-file")) is not None and settings.path is not None:
        file = os.path.join(os.path.dirname(settings.path), file)
    if file is not None:
        for number, line in enumerate(_lines(file), 1):
            value = (match[1] if (match := _ASSIGNED.fullmatch(line)) else line).strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            if value and not value.startswith("#"):
                _take(found, value, f"value:line {number}", warn)
    return found


def _take(found: dict[str, Rule], value: str, name: str, warn: Callable[[CassetteError], None]) -> None:
    if is_sweepable(value):
        found.setdefault(value, Rule(name, "secrets", "value", "a value that you named"))
    else:
        hint = (
            "a value is looked for from twelve characters on, letters and digits mixed; name its header or key instead"
        )
        warn(
            CassetteError(
                f"{name.replace(':', ' ', 1)} is too short or too plain to be looked for everywhere", hint=hint
            )
        )


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
