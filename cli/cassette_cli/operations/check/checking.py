"""`cassette check`: the chosen checks over all files."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from cassette_cli.config import Section
from cassette_cli.errors import CassetteError, UnsupportedError, UsageError
from cassette_cli.model.http import Interaction
from cassette_cli.operations.check.base import Check, Fault, File, Limits
from cassette_cli.operations.check.baseline import Baseline, fingerprint
from cassette_cli.operations.check.codes import BY_CODE, CHECKS
from cassette_cli.operations.check.files import code_of_unloaded
from cassette_cli.operations.check.models import table
from cassette_cli.operations.loading import (
    Loaded,
    Outcome,
    failure,
    gather,
    load_one,
    nothing,
    read_input,
    unheard,
    worked,
)
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.sizes import parse_size
from cassette_cli.operations.targets import Paths, Target

_AGE = re.compile(r"(\d{1,6})\s*([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_SECRETS = {"CAS003", "CAS013"}
_ALONG = {"CAS003": {"CAS002", "CAS012", "CAS013"}, "CAS013": {"CAS017"}}
"""What goes along with the search for secrets: that there are none is said of what was looked into."""


def limits(
    settings: Section,
    select: Sequence[str],
    ignore: Sequence[str],
    size: str | None,
    age: str | None,
    warn: Callable[[CassetteError], None],
) -> Limits:
    """Read the limits from the command line and `[tool.cassette.check]`; raises `UsageError` for what means nothing."""
    settings.known("select", "ignore", "max-size", "max-age", "models", "baseline")
    chosen = _codes(select or settings.texts("select")) or {one.code for one in CHECKS if one.default}
    ignored = _codes(ignore or settings.texts("ignore"))
    chosen -= ignored
    for code, others in _ALONG.items():
        if code in chosen:
            chosen |= others - ignored
    if not chosen:
        raise UsageError(
            "there is nothing to check: all that was selected is ignored, too", hint="see --select, --ignore"
        )
    size = size or settings.text("max-size") or "1M"
    age = age or settings.text("max-age")
    days = None
    if age is not None and age != "none":
        span = _AGE.fullmatch(age)
        if span is None:
            raise UsageError(f"invalid --max-age {age!r}: expected an age such as 90d, 12w, 6m or 1y")
        days = int(span[1]) * _DAYS[span[2]]
    made = Limits(frozenset(chosen), parse_size(size, "--max-size"), days)
    if chosen & _SECRETS:
        made = replace(made, **_secrets(warn))
    if "CAS015" in chosen:
        own = settings.text("models")
        made = replace(made, retired=table(None if own is None else settings.beside(own)))
    return made


def _secrets(warn: Callable[[CassetteError], None]) -> dict[str, Any]:
    """Return what `cassette redact` would look for here, and what it lets stand."""
    from cassette_cli import config
    from cassette_cli.operations.redact import options
    from cassette_cli.operations.redact.findings.accepted import Baseline

    found = options.chosen(config.section("redact"), options.Given(), warn)
    return {"plan": found.plan, "accepted": None if found.baseline is None else Baseline(found.baseline)}


def known(settings: Section, given: str | None) -> Baseline | None:
    """Return the faults that are accepted: by the file that is given, or by the one that the settings name."""
    own = settings.text("baseline")
    path = given if given is not None or own is None else settings.beside(own)
    return None if path is None else Baseline(path)


def _codes(given: Iterable[str]) -> set[str]:
    """Return the codes behind codes, their beginnings (CAS00) and names."""
    found: set[str] = set()
    for text in given:
        for name in filter(None, (part.strip() for part in text.split(","))):
            match = {one.code for one in CHECKS if name in ("all", one.name) or one.code.startswith(name.upper())}
            if not match:
                known = ", ".join(one.code for one in CHECKS)
                raise UsageError(f"unknown code {name!r}", hint=f"known are {known}, their names, and all")
            found |= match
    return found


def check(
    paths: Paths,
    selection: Selection,
    wanted: Limits,
    failed: Callable[[CassetteError], None],
    passed: Callable[[], None] = nothing,
    jobs: int | None = 1,
    unread: Callable[[UnsupportedError], None] = unheard,
) -> Iterator[Fault]:
    """Yield the faults of all files; what cannot be read is a fault too, and goes to `failed` if that is not chosen."""

    def outcome(target: Target) -> Outcome[Fault]:
        raw = None
        try:
            raw = read_input("-") if target.path == "-" else None
            loaded = load_one(target, paths, selection, raw=raw)
        except CassetteError as error:
            return _unloaded(error, target, failure(error, target, paths, raw), wanted)
        return worked(faults(loaded, wanted))

    return gather(paths, outcome, failed, passed, jobs, unread=unread)


def _unloaded(error: CassetteError, target: Target, found: Outcome[Fault], wanted: Limits) -> Outcome[Fault]:
    """Return the outcome for a file that could not be loaded: a fault, an error, or nothing of what is no cassette."""
    if target.path != "-" and not os.path.lexists(target.path):
        return found  # a mistyped name is no fault of a cassette
    code = code_of_unloaded(error)
    if code not in wanted.codes or not (found.errors or (found.unread is not None and found.unread.recording)):
        return found
    mark = fingerprint(code, error.message, "")
    fault = Fault(BY_CODE[code], target.path, error.line or 1, None, error.message, mark)
    return found._replace(results=[fault], errors=[], recorded=True)


def faults(loaded: Loaded, wanted: Limits) -> Iterator[Fault]:
    """Yield the faults of one cassette: those of the whole, then those of its interactions in their order."""
    cassette = loaded.cassette
    file = File(loaded, wanted)
    chosen = [one for one in CHECKS if one.code in wanted.codes]

    def fault(check: Check, message: str, line: int, index: int | None, key: str = "") -> Fault:
        asked = "" if index is None else _asked(cassette.interactions[index])
        return Fault(check, cassette.path, line, index, message, fingerprint(check.code, key or message, asked))

    for one in chosen:
        for found in one.file(file) if one.file is not None else ():
            yield fault(one, found.message, found.line, found.interaction, found.key)
    each = [one for one in chosen if one.interaction is not None]
    for reading in file.readings() if each or loaded.selection.filters else ():
        interaction = reading.interaction
        line = cassette.document.line(interaction.node.start)
        for one in each:
            assert one.interaction is not None
            for message in one.interaction(reading, wanted):
                yield fault(one, message, line, interaction.index)


def _asked(interaction: Interaction) -> str:
    return f"{interaction.request.method} {interaction.request.url}"


def summary(found: Sequence[Fault]) -> list[tuple[Check, int]]:
    """Count faults by code, in the order of the codes."""
    counts = {one: sum(1 for fault in found if fault.code == one) for one in CHECKS}
    return [(one, count) for one, count in counts.items() if count]
