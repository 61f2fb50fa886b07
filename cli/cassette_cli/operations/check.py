"""Faults that make a cassette bad, each with a code of its own: what `cassette check` finds."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from cassette_cli.config import Section
from cassette_cli.errors import CassetteError, NotACassetteError, UsageError
from cassette_cli.model.http import Interaction
from cassette_cli.operations.loading import (
    Loaded,
    Outcome,
    Paths,
    Target,
    gather,
    load_one,
    looks_recorded,
    nothing,
    read_input,
    worked,
)
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.selecting import Selection

if TYPE_CHECKING:
    from cassette_cli.operations.redact.scanning import Plan

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of fault: its number, a name for tools, and what it means in one line."""

    code: str
    name: str
    severity: Severity
    about: str


CODES: Final = (
    Code("CAS001", "unreadable", "error", "the file cannot be read or parsed, or a part of it is malformed"),
    Code("CAS002", "unknown-version", "error", "a recording whose recorder or version is not known"),
    Code("CAS003", "secret", "error", "a secret that `cassette redact` would remove"),
    Code("CAS004", "cut-stream", "error", "a stream that ends before its answer does"),
    Code("CAS005", "failed-stream", "error", "a stream in which the provider reports an error"),
    Code("CAS006", "wrong-length", "warning", "a Content-Length that is not that of the body"),
    Code("CAS007", "duplicate", "warning", "an interaction that was recorded before, request and response alike"),
    Code("CAS008", "empty-deltas", "warning", "chunks that carry nothing; `cassette trim` removes them"),
    Code("CAS009", "large-body", "warning", "a body over the size that --max-size allows"),
    Code("CAS010", "old", "warning", "a recording older than --max-age allows"),
    Code("CAS011", "no-response", "error", "a request without a recorded response"),
)
_BY_CODE: Final = {one.code: one for one in CODES}
_SIZE = re.compile(r"(\d{1,15})\s*([kKMG]?)B?")
_AGE = re.compile(r"(\d{1,6})\s*([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `line` counts from 1, `interaction` from 0, None where it is the file's."""

    code: Code
    path: str
    line: int
    interaction: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What is looked for: the chosen codes, the largest body in bytes, the greatest age in days.

    `plan` says how to look for secrets, None for not at all.
    """

    codes: frozenset[str] = field(default_factory=lambda: frozenset(_BY_CODE))
    size: int = 1_000_000
    days: int | None = None
    plan: "Plan | None" = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def limits(
    settings: Section,
    select: Sequence[str],
    ignore: Sequence[str],
    size: str | None,
    age: str | None,
    warn: Callable[[CassetteError], None],
) -> Limits:
    """Read the limits from the command line and `[tool.cassette.check]`; raises `UsageError` for what means nothing."""
    settings.known("select", "ignore", "max-size", "max-age")
    chosen = _codes(select or settings.texts("select")) or set(_BY_CODE)
    chosen -= _codes(ignore or settings.texts("ignore"))
    size = size or settings.text("max-size") or "1M"
    match = _SIZE.fullmatch(size)
    if match is None:
        raise UsageError(f"--max-size {size} is no size", hint="write 500k, 2M or 1G")
    age = age or settings.text("max-age")
    days = None
    if age is not None and age != "none":
        span = _AGE.fullmatch(age)
        if span is None:
            raise UsageError(f"--max-age {age} is no age", hint="write 90d, 12w, 6m or 1y")
        days = int(span[1]) * _DAYS[span[2]]
    factor = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}[match[2]]
    plan = None
    if "CAS003" in chosen:
        from cassette_cli.operations.diff.secrets import plan_of_settings

        plan = plan_of_settings(warn)
    return Limits(frozenset(chosen), int(match[1]) * factor, days, plan)


def _codes(given: Iterable[str]) -> set[str]:
    """Return the codes behind codes, their beginnings (CAS00) and names."""
    found: set[str] = set()
    for text in given:
        for name in filter(None, (part.strip() for part in text.split(","))):
            match = {one.code for one in CODES if name in ("all", one.name) or one.code.startswith(name.upper())}
            if not match:
                known = ", ".join(one.code for one in CODES)
                raise UsageError(f"{name} is no code", hint=f"known are {known}")
            found |= match
    return found


def check(
    paths: Paths,
    selection: Selection,
    wanted: Limits,
    failed: Callable[[CassetteError], None],
    passed: Callable[[], None] = nothing,
    jobs: int | None = 1,
) -> Iterator[Fault]:
    """Yield the faults of all files; what cannot be read is a fault too, and goes to `failed` if that is not chosen."""

    def outcome(target: Target) -> Outcome[Fault]:
        try:
            loaded = load_one(target, paths, selection)
        except CassetteError as error:
            found = _unloaded(error, target, paths)
            if found is None:
                return Outcome([], [], recorded=False)
            return Outcome([found], []) if found.code.code in wanted.codes else Outcome([], [error])
        return worked(one for one in faults(loaded, wanted) if one.code.code in wanted.codes)

    return gather(paths, outcome, failed, passed, jobs)


def _unloaded(error: CassetteError, target: Target, paths: Paths) -> Fault | None:
    """Return the fault of a file that could not be loaded, None for one that nobody takes for a cassette."""
    named = target.folder is None and not paths.skip_others
    try:
        raw = read_input(target.path) if target.path != "-" else b""
    except CassetteError:
        raw = b""
    meant = named or not raw or looks_recorded(raw, target.path)
    if isinstance(error, NotACassetteError):
        if raw and _claims_version(raw):
            return Fault(_BY_CODE["CAS002"], target.path, 1, None, "a recorder or version that is not known")
        if not named:
            return None
    elif not meant:
        return None
    return Fault(_BY_CODE["CAS001"], target.path, error.line or 1, None, error.message)


_VERSIONED = re.compile(
    rb"""(?m)^\s{0,4}["']?(?:http_interactions|recorded_with|interactions)["']?\s*:""",
)


def _claims_version(raw: bytes) -> bool:
    """Say whether a file opens as recordings do, with interactions and what wrote them."""
    head = raw[:4096]
    return bool(_VERSIONED.search(raw[:65536])) and (b"version" in head or b"recorded_with" in raw)


def faults(loaded: Loaded, wanted: Limits) -> Iterator[Fault]:
    """Yield the faults of one cassette in the order of its interactions."""
    cassette = loaded.cassette
    if wanted.plan is not None:
        yield from _secrets(loaded, wanted.plan)
    seen: dict[bytes, int] = {}
    for reading in loaded.selection.readings(cassette):
        interaction = reading.interaction
        line = cassette.document.line(interaction.node.start)
        for code, message in _interaction(reading, wanted, seen):
            yield Fault(_BY_CODE[code], cassette.path, line, interaction.index, message)


def _secrets(loaded: Loaded, plan: "Plan") -> Iterator[Fault]:
    """Yield what `cassette redact` finds; no secret is told, only where it is and by which rule."""
    from cassette_cli.operations.redact.redacting import redact

    for one in redact(loaded, plan, edit=False).findings:
        message = f"{one.rule} in {one.where}: {one.masked}"
        yield Fault(_BY_CODE["CAS003"], one.path, one.line, one.interaction, message)


def _interaction(reading: Reading, wanted: Limits, seen: dict[bytes, int]) -> Iterator[tuple[str, str]]:
    interaction = reading.interaction
    if interaction.response is None:
        yield "CAS011", interaction.error or "no response was recorded"
    if wanted.codes & {"CAS004", "CAS005", "CAS008"}:
        yield from _stream(reading)
    if "CAS006" in wanted.codes:
        yield from _lengths(interaction)
    if "CAS007" in wanted.codes:
        first = seen.setdefault(_fingerprint(interaction), interaction.index)
        if first != interaction.index:
            yield "CAS007", f"the same as interaction {first}"
    for side, part in (("request", interaction.request), ("response", interaction.response)):
        size = 0 if part is None else part.body.size
        if size > wanted.size:
            yield "CAS009", f"the {side} body has {size:,} bytes"
    if wanted.days is not None:
        when = recorded(interaction)
        if when is not None and wanted.now - when > timedelta(days=wanted.days):
            yield "CAS010", f"recorded {when:%Y-%m-%d}, {(wanted.now - when).days} days ago"


def _stream(reading: Reading) -> Iterator[tuple[str, str]]:
    if reading.framed is None or reading.message is None:
        return
    message = reading.message
    if message.errors:
        yield "CAS005", message.errors[0][:200]
    elif not message.complete:
        yield "CAS004", "the stream ends before its answer does"
    if reading.empties:
        yield "CAS008", f"{len(reading.empties)} of {reading.frames} chunks carry nothing"


def _lengths(interaction: Interaction) -> Iterator[tuple[str, str]]:
    """Compare Content-Length headers with bodies, where the recorder kept the bytes that were counted."""
    for side, part in (("request", interaction.request), ("response", interaction.response)):
        if part is None or not part.body.payload or part.body.storage in ("json", "parsed"):
            continue
        stated = part.headers.get("content-length").strip()
        coded = part.headers.get("content-encoding") and not set(part.body.layers) & _CODINGS
        if stated.isdecimal() and not coded and not (len(stated) < 19 and part.body.is_length(int(stated))):
            yield "CAS006", f"the {side} states {stated} bytes, its body has {part.body.size}"


_CODINGS: Final = frozenset({"gzip", "deflate", "raw deflate", "br", "zstd"})


def _fingerprint(interaction: Interaction) -> bytes:
    """Return a hash of all that was said: method, URL, status and both bodies, chunk by chunk."""
    digest = hashlib.sha256()
    response = interaction.response
    request = interaction.request
    answer: Any = b"" if response is None else response.body.payload
    status = "" if response is None else str(response.status)
    for part in (request.method, request.url, request.body.payload, status, answer):
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.digest()


def recorded(interaction: Interaction) -> datetime | None:
    """Return when an interaction was recorded: by the recorder's own note, else by the answer's Date header."""
    texts = [interaction.recorded_at]
    if interaction.response is not None:
        texts.append(interaction.response.headers.get("date"))
    for text in filter(None, texts):
        when = _moment(text.strip())
        if when is not None:
            return when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return None


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime, lambda one: datetime.fromtimestamp(float(one), UTC)):
        try:
            return read(text)
        except (ValueError, TypeError, OverflowError, OSError):
            continue
    return None


def summary(found: Sequence[Fault]) -> list[tuple[Code, int]]:
    """Count faults by code, in the order of the codes."""
    counts = {one: sum(1 for fault in found if fault.code == one) for one in CODES}
    return [(one, count) for one, count in counts.items() if count]


__all__ = ["CODES", "Code", "Fault", "Limits", "check", "faults", "limits", "recorded", "summary"]
