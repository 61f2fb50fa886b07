"""What redact is to look for: the options of the command line on top of the project's settings.

The rules are imported when they are put together: who only asks what they follow from need not wait for them.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cassette_cli.config import Section
from cassette_cli.errors import CassetteError, UsageError
from cassette_cli.operations import cache
from cassette_cli.source.later import pattern

if TYPE_CHECKING:
    from cassette_cli.operations.redact.detect.detectors import Detectors
    from cassette_cli.operations.redact.rules.rule import Level, Rule
    from cassette_cli.operations.redact.scanning import Plan

SETTINGS = ("allow", "baseline", "defaults", "env", "fakes", "form", "headers", "json-keys", "json-paths", "levels",
            "patterns", "placeholder", "placeholders", "query", "remove", "values-file")  # fmt: skip
"""The keys of `[tool.cassette.redact]`."""

_ASSIGNED = pattern(r"\A\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*=(.*)")


class Given(NamedTuple):
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


class Chosen(NamedTuple):
    """The plan, whether headers are dropped whole, and the file of known findings."""

    plan: "Plan"
    remove: bool
    baseline: str | None = None


class Facts(NamedTuple):
    """All that a plan and its baseline follow from, beside the program; see `facts`.

    `root` is the folder from which the baseline counts paths.
    """

    settings: Mapping[str, object]
    given: Given
    environment: dict[str, str | None]
    values: str
    baseline: str
    root: str | None

    @property
    def told(self) -> bool:
        """Whether `chosen` has something to warn of."""
        return not all((value or "").strip() for value in self.environment.values())


def facts(settings: Section, given: Given, environment: Mapping[str, str] = os.environ) -> Facts:
    """Return what `chosen` follows from, which is quicker than to follow it."""
    settings.known(*SETTINGS)
    names = (*settings.texts("env"), *given.env)
    baseline = _file(settings, given.baseline, "baseline")
    return Facts(
        settings.values,
        given,
        {name: environment.get(name) for name in names},
        cache.contents(_file(settings, given.values_file, "values-file")),
        cache.contents(baseline),
        None if baseline is None else os.path.dirname(os.path.abspath(baseline)),
    )


def chosen(
    settings: Section,
    given: Given,
    warn: Callable[[CassetteError], object],
    environment: Mapping[str, str] = os.environ,
) -> Chosen:
    """Return what to look for; variables that the environment does not have go to `warn`.

    Raises `UsageError` for a setting or option that is not valid.
    """
    from cassette_cli.operations.redact.replace.placeholders import Placeholders
    from cassette_cli.operations.redact.scanning import Plan

    settings.known(*SETTINGS)
    allow = (*settings.texts("allow"), *given.allow)
    placeholders = Placeholders(
        _placeholder(settings.text("placeholder") or "REDACTED" if given.placeholder is None else given.placeholder),
        {name: _placeholder(text) for name, text in settings.table("placeholders").items()},
        frozenset(name for name in allow if _is_fingerprint(name)),
        given.fakes or settings.flag("fakes"),
    )
    detectors = detectors_of(settings, given, _values(settings, given, warn, environment))
    if detectors.allow:
        from cassette_cli.operations.redact.rules.explaining import described

        for name in detectors.allow:
            described(detectors, name)  # one that there is not is an error
    remove = given.remove or settings.flag("remove")
    return Chosen(Plan(detectors, placeholders), remove, _file(settings, given.baseline, "baseline"))


def detectors_of(settings: Section, given: Given, values: "dict[str, Rule] | None" = None) -> "Detectors":
    """Return what to look for, by the settings and the command line."""
    from cassette_cli.operations.json_path import JsonPath
    from cassette_cli.operations.redact.detect.detectors import DEFAULT_LEVELS, Detectors
    from cassette_cli.operations.redact.detect.own import Names, Pattern
    from cassette_cli.operations.redact.rules.rule import Rule

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


def levels_of(names: Sequence[str]) -> "tuple[Level, ...]":
    """Return the levels that are asked for, one by one or separated by commas.

    Raises `UsageError` for one that there is not.
    """
    from cassette_cli.operations.redact.detect.detectors import LEVELS

    wanted = [name.strip() for text in names for name in text.split(",") if name.strip()]
    if "all" in wanted:
        return LEVELS
    for name in wanted:
        if name not in LEVELS:
            raise UsageError(f"invalid --level {name!r}: expected {', '.join(LEVELS)} or all")
    return tuple(level for level in LEVELS if level in wanted)


def _is_fingerprint(name: str) -> bool:
    from cassette_cli.operations.redact.replace.placeholders import FINGERPRINT

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


def _file(settings: Section, given: str | None, key: str) -> str | None:
    """Return the file that the command line names, or else one that the settings name, beside theirs."""
    if given is not None or (file := settings.text(key)) is None:
        return given
    return settings.beside(file)


def _values(
    settings: Section, given: Given, warn: Callable[[CassetteError], object], environment: Mapping[str, str]
) -> "dict[str, Rule]":
    """Return the secrets that the environment and a file name, each with its rule."""
    found: dict[str, Rule] = {}
    for name in (*settings.texts("env"), *given.env):
        value = environment.get(name, "").strip()
        if value:
            found.setdefault(value, _value_rule(name))
        else:
            hint = "set it, or leave --env out"
            warn(CassetteError(f"the environment has no {name}: its value is not looked for", hint=hint))
    file = _file(settings, given.values_file, "values-file")
    if file is not None:
        for number, line in enumerate(_lines(file), 1):
            value = (match[1] if (match := _ASSIGNED.fullmatch(line)) else line).strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            if value and not value.startswith("#"):
                found.setdefault(value, _value_rule(f"line-{number}"))
    return found


def _value_rule(name: str) -> "Rule":
    from cassette_cli.operations.redact.rules.rule import Rule

    return Rule(f"value-{name}", "a value that you named", of_user=True)


_LONGEST = 16 << 20


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_LONGEST + 1)  # not `/dev/zero` whole
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"the file of values cannot be read: {reason}", path=path, hint="name a text file with a value a line"
        ) from error
    if len(text) > _LONGEST:
        raise UsageError(f"the file of values is longer than {_LONGEST >> 20} MiB", path=path)
    return text.splitlines()
