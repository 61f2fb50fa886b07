"""`cassette check`: the chosen checks over all files."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from cassette_cli.config import Section
from cassette_cli.errors import CassetteError, UnsupportedError, UsageError
from cassette_cli.operations.cache import Cache
from cassette_cli.operations.check.base import Check, Fault, File, Limits
from cassette_cli.operations.check.codes import BY_CODE, CHECKS
from cassette_cli.operations.check.files import code_of_unloaded
from cassette_cli.operations.loading import (
    Known,
    Outcome,
    failure,
    gather,
    load_one,
    nothing,
    unheard,
    worked,
)
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.sizes import parse_size
from cassette_cli.operations.targets import Paths, Target
from cassette_cli.source.save import read_input

SETTINGS = ("ignore", "max-age", "max-size", "select")
"""The keys of `[tool.cassette.check]`."""

_AGE = re.compile(r"(\d{1,6})\s*([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_SECRETS = {"CAS003", "CAS013"}
_UNUSED = "CAS018"
_NOT_LOOKED_INTO = {"CAS002", "CAS012", "CAS013"}
"""They go with the search for secrets: that there are none is said of what was looked into."""


def limits(
    settings: Section,
    select: Sequence[str],
    ignore: Sequence[str],
    size: str | None,
    age: str | None,
    warn: Callable[[CassetteError], None],
) -> Limits:
    """Read the limits from the command line and `[tool.cassette.check]`; raises `UsageError` for what means nothing."""
    settings.known(*SETTINGS)
    chosen = _codes(select or settings.texts("select")) or {one.code for one in CHECKS if one.default}
    ignored = _codes(ignore or settings.texts("ignore"))
    chosen -= ignored
    if "CAS003" in chosen:
        chosen |= _NOT_LOOKED_INTO - ignored
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
    plan = facts = None
    if chosen & _SECRETS:
        from cassette_cli import config
        from cassette_cli.operations.redact import options

        own, given = config.section("redact"), options.Given()
        plan, facts = cache(lambda: options.chosen(own, given, warn).plan), options.facts(own, given)
    return Limits(frozenset(chosen), parse_size(size, "--max-size"), days, plan, facts)


def with_used_logs(
    wanted: Limits, logs: Sequence[str], paths: Paths, select: Sequence[str],
    failed: Callable[[CassetteError], None], told: Callable[[str], None],
) -> Limits:  # fmt: skip
    """Return limits by which cassettes are found that no test used, by the logs of runs.

    Raises `UsageError` where that is selected and there is no log, `CassetteError` where a log says nothing.
    """
    if not logs:
        if _UNUSED in wanted.codes and not any(text.strip() in ("all", "CAS", "CAS0", "CAS01") for text in select):
            raise UsageError(
                f"{_UNUSED} needs the log of a run", hint="add --used-log FILE; see: cassette unused --help"
            )
        return replace(wanted, codes=wanted.codes - {_UNUSED})
    from cassette_cli.operations.unused import finding
    from cassette_cli.operations.unused.suite import State

    suite = finding.Suite(paths, failed)
    verdicts = list(finding.by_log(suite, finding.read_logs(suite, logs)))
    unknown = [one.path for one in verdicts if one.state is State.UNKNOWN]
    if unknown:
        count = f"{len(unknown)} cassette{' is' if len(unknown) == 1 else 's are'}"
        told(f"{count} not decided: a test that did not run may use {', '.join(unknown[:3])}")
    unused = {one.path: one.reason for one in verdicts if one.state is State.UNUSED}
    return replace(wanted, codes=wanted.codes if select else wanted.codes | {_UNUSED}, unused=unused)


def known(wanted: Limits, facts: Iterable[object], *, use: bool) -> Known[Fault] | None:
    """Return what earlier runs found clean, None where that is not to be used or says nothing: cassettes grow old."""

    def prepare() -> None:
        if wanted.plan is not None:
            import cassette_cli.operations.redact.redacting  # noqa: F401 - once, before any worker starts

            wanted.plan()

    if not use or wanted.days is not None or wanted.unused is not None:
        prepare()
        return None
    results = Cache(("check", facts, sorted(wanted.codes), wanted.size, wanted.secrets), prepare)
    if wanted.secrets is not None and wanted.secrets.told:
        results.prepare()
    return Known(results, lambda _: [], lambda found: not found)


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
    known: Known[Fault] | None = None,
) -> Iterator[Fault]:
    """Yield the faults of all files; what cannot be read is a fault too, and goes to `failed` if that is not chosen.

    What is `known` is not looked into.
    """

    def outcome(target: Target) -> Outcome[Fault]:
        raw = None
        try:
            raw = read_input("-") if target.path == "-" else None
            loaded = load_one(target, paths, selection, raw=raw, known=known)
        except CassetteError as error:
            return _unloaded(error, target, failure(error, target, paths, raw), wanted)
        file = File(loaded, wanted)
        done = worked(faults(file))
        if known is None or done.results or done.errors or (file.redacted is not None and file.redacted.gaps):
            return done
        return known.noted(done, loaded)

    return gather(paths, outcome, failed, passed, jobs, unread=unread, known=known)


def _unloaded(error: CassetteError, target: Target, found: Outcome[Fault], wanted: Limits) -> Outcome[Fault]:
    """Return the outcome for a file that could not be loaded: a fault, an error, or nothing of what is no cassette."""
    if target.path != "-" and not os.path.lexists(target.path):
        return found  # a mistyped name is no fault of a cassette
    code = code_of_unloaded(error)
    if code not in wanted.codes or not (found.errors or (found.unread is not None and found.unread.recording)):
        return found
    fault = Fault(BY_CODE[code], target.path, error.line or 1, None, error.message)
    return found._replace(results=[fault], errors=[], recorded=True)


def faults(file: File) -> Iterator[Fault]:
    """Yield the faults of one cassette: those of the whole, then those of its interactions in their order."""
    cassette, wanted = file.loaded.cassette, file.limits
    chosen = [one for one in CHECKS if one.code in wanted.codes]
    for one in chosen:
        for found in one.file(file) if one.file is not None else ():
            yield Fault(one, cassette.path, found.line, found.interaction, found.message)
    each = [one for one in chosen if one.interaction is not None]
    for reading in file.readings() if each or file.loaded.selection.filters else ():
        interaction = reading.interaction
        line = cassette.document.line(interaction.node.start)
        for one in each:
            assert one.interaction is not None
            for message in one.interaction(reading, wanted):
                yield Fault(one, cassette.path, line, interaction.index, message)


def summary(found: Sequence[Fault]) -> list[tuple[Check, int]]:
    """Count faults by code, in the order of the codes."""
    counts = {one: sum(1 for fault in found if fault.code == one) for one in CHECKS}
    return [(one, count) for one, count in counts.items() if count]
