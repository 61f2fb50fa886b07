"""`cassette check`: the chosen checks over all files."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from cassette_cli.config import Section
from cassette_cli.errors import CassetteError, UnsupportedError, UsageError
from cassette_cli.operations.cache import Cache
from cassette_cli.operations.check.base import Check, Fault, File, Limits
from cassette_cli.operations.check.baseline import Baseline, fingerprint
from cassette_cli.operations.check.codes import BY_CODE, CHECKS
from cassette_cli.operations.check.files import code_of_unloaded
from cassette_cli.operations.check.models import table
from cassette_cli.operations.loading import (
    Known,
    Outcome,
    failure,
    gather,
    load_one,
    nothing,
    read_stream,
    unheard,
    worked,
)
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.sizes import parse_size
from cassette_cli.operations.targets import Paths, Target
from cassette_cli.source.later import pattern

if TYPE_CHECKING:
    from cassette_cli.operations.reading import Reading
    from cassette_cli.operations.redact.findings.accepted import Baseline as Accepted
    from cassette_cli.operations.redact.options import Given
    from cassette_cli.operations.redact.scanning import Plan

SETTINGS = ("baseline", "ignore", "max-age", "max-size", "models", "select")
"""The keys of `[tool.cassette.check]`."""

_AGE = pattern(r"(\d{1,6})\s*([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_SECRETS = {"CAS003", "CAS013"}
_UNUSED = "CAS018"
_ALONG = {"CAS003": {"CAS002", "CAS012", "CAS013"}, "CAS013": {"CAS002", "CAS017"}}
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
    settings.known(*SETTINGS)
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
    plan = facts = None
    if chosen & _SECRETS:
        from cassette_cli import config
        from cassette_cli.operations.redact import options

        own, given = config.section("redact"), options.Given()
        plan, facts = cache(lambda: _secrets(own, given, warn)), options.facts(own, given)
    models = settings.text("models")
    retired = table(None if models is None else settings.beside(models)) if "CAS015" in chosen else {}
    largest = parse_size(size, "--max-size")
    return Limits(frozenset(chosen), retired, datetime.now(UTC), largest, days, plan, facts)


def _secrets(own: Section, given: "Given", warn: Callable[[CassetteError], None]) -> "tuple[Plan, Accepted | None]":
    """Return what `cassette redact` would look for here, and what it lets stand."""
    from cassette_cli.operations.redact import options
    from cassette_cli.operations.redact.findings import accepted

    found = options.chosen(own, given, warn)
    return found.plan, None if found.baseline is None else accepted.Baseline(found.baseline)


def accepted(settings: Section, given: str | None) -> Baseline | None:
    """Return the faults that are accepted: by the file that is given, or by the one that the settings name."""
    own = settings.text("baseline")
    path = given if given is not None or own is None else settings.beside(own)
    return None if path is None else Baseline(path)


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
        return wanted._replace(codes=wanted.codes - {_UNUSED})
    from cassette_cli.operations.unused import finding
    from cassette_cli.operations.unused.suite import State

    suite = finding.Suite(paths, failed)
    verdicts = list(finding.by_log(suite, finding.read_logs(suite, logs)))
    unknown = [one.path for one in verdicts if one.state is State.UNKNOWN]
    if unknown:
        count = f"{len(unknown)} cassette{' is' if len(unknown) == 1 else 's are'}"
        told(f"{count} not decided: a test that did not run may use {', '.join(unknown[:3])}")
    unused = {one.path: one.reason for one in verdicts if one.state is State.UNUSED}
    return wanted._replace(codes=wanted.codes if select else wanted.codes | {_UNUSED}, unused=unused)


def known(wanted: Limits, facts: Iterable[object], *, use: bool) -> Known[Fault] | None:
    """Return what earlier runs found clean, None where that is not to be used or says nothing: cassettes grow old."""

    def prepare() -> None:
        """Import what looks into cassettes, once, before any worker starts."""
        import cassette_cli.operations.reading

        if wanted.plan is not None:
            import cassette_cli.operations.redact.redacting  # noqa: F401

            wanted.plan()

    if not use or wanted.days is not None or wanted.retired or wanted.unused is not None:
        prepare()
        return None
    root = None if wanted.secrets is None else wanted.secrets.root
    results = Cache(("check", facts, sorted(wanted.codes), wanted.size, wanted.secrets), prepare, root)
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

    What is `known` is not looked into. Raises `UsageError` where the selection does not fit the paths.
    """
    selection.fits(paths.named)

    def outcome(target: Target) -> Outcome[Fault]:
        raw = None
        try:
            raw = read_stream(target)
            loaded = load_one(target, paths, selection, once=True, raw=raw, known=known)
            loaded.cassette.unread_parts()  # reads all interactions where they are read one by one
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
    mark = fingerprint(code, error.message, "")
    fault = Fault(BY_CODE[code], target.path, error.line or 1, None, error.message, mark)
    return found._replace(results=[fault], errors=[], recorded=True)


def faults(file: File) -> Iterator[Fault]:
    """Yield the faults of one cassette: those of the whole, then those of its interactions in their order."""
    yield from faults_of_file(file)
    if file.loaded.selection.filters or any(one.interaction is not None for one in _chosen(file.limits)):
        for reading in file.readings():
            yield from faults_of_interaction(file, reading)
            reading.interaction.forget()


def faults_of_file(file: File) -> Iterator[Fault]:
    """Yield what the checks find that look at a whole cassette."""
    for one in _chosen(file.limits):
        for found in one.file(file) if one.file is not None else ():
            yield _fault(file, one, found.message, found.line, found.interaction, found.key)


def faults_of_interaction(file: File, reading: "Reading") -> Iterator[Fault]:
    """Yield what the checks find that look at one interaction."""
    cassette, interaction = file.loaded.cassette, reading.interaction
    line = cassette.document.line(interaction.node.start)
    for one in _chosen(file.limits):
        for message in one.interaction(reading, file.limits) if one.interaction is not None else ():
            yield _fault(file, one, message, line, interaction.index)


def _fault(file: File, check: Check, message: str, line: int, index: int | None, key: str = "") -> Fault:
    cassette = file.loaded.cassette
    asked = ""
    if index is not None:
        request = cassette.interactions[index].request
        asked = f"{request.method} {request.url}"
    return Fault(check, cassette.path, line, index, message, fingerprint(check.code, key or message, asked))


def _chosen(wanted: Limits) -> list[Check]:
    return [one for one in CHECKS if one.code in wanted.codes]


def summary(found: Sequence[Fault]) -> list[tuple[Check, int]]:
    """Count faults by code, in the order of the codes."""
    counts = {one: sum(1 for fault in found if fault.code == one) for one in CHECKS}
    return [(one, count) for one, count in counts.items() if count]
