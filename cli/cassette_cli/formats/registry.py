"""Every format that `cassette` reads."""

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
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.http import Cassette
from cassette_cli.source.document import Document

FORMATS: tuple[CassetteFormat, ...] = (
    govcr,
    vcrpy,
    parallel,
    single,
    rubyvcr,
    betamax,
    har,
    exvcr,
    phpvcr,
    cassetter,
    nothttp,
)


def load(document: Document, name: str | None = None) -> Cassette:
    """Read a document by the format that claims it, or by the one that is named.

    Raises `NotACassetteError` where none claims it, `UsageError` for a name that is no format's.
    """
    if name is not None:
        chosen = next((f for f in FORMATS if f.NAME == name), None)
        if chosen is None:
            known = ", ".join(f.NAME for f in FORMATS)
            raise UsageError(f"unknown format {name!r}", hint=f"one of: {known}")
        return chosen.load(document)
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
        hint="cassette reads go-vcr, VCR.py, Ruby VCR, Betamax and HAR files; see --input-format",
    )
