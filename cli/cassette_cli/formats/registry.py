"""Every format that `cassette` reads, and what follows from the list."""

import re
from collections.abc import Iterable
from functools import cache

from cassette_cli.errors import NotACassetteError, UsageError
from cassette_cli.formats import (
    betamax,
    cassetter,
    exvcr,
    govcr,
    har,
    nothttp,
    parallel,
    phpvcr,
    rubyvcr,
    single,
    vcrpy,
)
from cassette_cli.formats.base import CassetteFormat, RequestPart
from cassette_cli.model.http import Cassette
from cassette_cli.source.document import Document

FORMATS: tuple[CassetteFormat, ...] = (
    govcr.FORMAT,
    vcrpy.FORMAT,
    parallel.FORMAT,
    single.FORMAT,
    rubyvcr.FORMAT,
    betamax.FORMAT,
    har.FORMAT,
    exvcr.FORMAT,
    phpvcr.FORMAT,
    cassetter.FORMAT,
    nothttp.FORMAT,
)

SUFFIXES: tuple[str, ...] = tuple(dict.fromkeys(suffix for one in FORMATS for suffix in one.suffixes))
"""What a cassette's name ends with; `.gz`, `.zst` and `.br` may follow."""

_HEAD = 1 << 16


def load(document: Document, name: str | None = None) -> Cassette:
    """Read a document by the format that claims it, or by the one that is named.

    Raises `NotACassetteError` where none claims it, `UsageError` for a name that is no format's.
    """
    if name is not None:
        return _named(name).load(document)
    for candidate in FORMATS:
        if candidate.claims(document):
            return candidate.load(document)
    what = "JSON" if document.is_json else "YAML"
    if not document.roots or document.roots[0].is_null:
        raise NotACassetteError("the file is empty", path=document.path, hint="record it again")
    if len(document.roots) > 1:
        what += f" of {len(document.roots)} documents"
    raise NotACassetteError(
        f"{what}, but no cassette of a known recorder",
        path=document.path,
        hint=f"cassette reads {_listed(one.recorder for one in FORMATS)}; see --input-format",
    )


def _named(name: str) -> CassetteFormat:
    chosen = next((one for one in FORMATS if one.name == name), None)
    if chosen is None:
        raise UsageError(f"unknown format {name!r}", hint=f"one of: {', '.join(one.name for one in FORMATS)}")
    return chosen


def _listed(words: Iterable[str]) -> str:
    *others, last = dict.fromkeys(words)
    return f"{', '.join(others)} and {last}"


def format_of(label: str) -> CassetteFormat:
    """Return the format of a cassette by what its `format` says: a version that is listed, or begins with the name."""
    exact = (one for one in FORMATS if label in (one.versions or (one.name,)))
    return next(exact, None) or next(one for one in FORMATS if label.startswith(one.name))


def matched(label: str) -> frozenset[RequestPart]:
    """Return the parts of a request by which the recorder of a cassette finds an interaction; see `format_of`."""
    return format_of(label).matched


def resembles(head: bytes) -> CassetteFormat | None:
    """Return a format whose files open as these bytes do, be they broken; None where no format's do.

    Several recorders share keys: it is one of those that fit. Looks at the first 64 KiB.
    """
    found = _signatures().search(head[:_HEAD])
    return None if found is None or found.lastindex is None else FORMATS[found.lastindex - 1]


@cache
def _signatures() -> re.Pattern[bytes]:
    return re.compile(b"|".join(b"(%s)" % one.signature for one in FORMATS), re.MULTILINE)


def table() -> str:
    """Return the table of recorders in Markdown."""
    rows = ["| recorder | `--input-format` | files | edits |", "|---|---|---|---|"]
    rows += [
        f"| [{one.recorder}]({one.source}) | `{one.name}` | {one.files} | {'yes' if one.editable else 'no'} |"
        for one in FORMATS
    ]
    return "\n".join(rows) + "\n"
