"""Logs of SARIF 2.1.0 (OASIS), as code scanning reads them: one run, its rules, and a result a finding."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from cassette_cli import __version__


class SarifRule(NamedTuple):
    """A rule of a run. `level` is error, warning or note."""

    id: str
    name: str
    about: str
    level: str


class SarifResult(NamedTuple):
    """A result: `fingerprint` says, from run to run, that it is the same one, wherever it has moved to."""

    rule: str
    level: str
    message: str
    path: str
    line: int
    fingerprint: str


def log(rules: Sequence[SarifRule], results: Iterable[SarifResult]) -> dict[str, Any]:
    """Return a log; every result's rule is one of `rules`."""
    places = {rule.id: at for at, rule in enumerate(rules)}
    driver = {
        "name": "cassette",
        "version": __version__,
        "rules": [
            {
                "id": rule.id,
                "name": rule.name,
                "shortDescription": {"text": rule.about},
                "defaultConfiguration": {"level": rule.level},
            }
            for rule in rules
        ],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(one, places[one.rule]) for one in results]}],
    }


def _result(one: SarifResult, index: int) -> dict[str, Any]:
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": one.level,
        "message": {"text": one.message},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": address(one.path)}, "region": {"startLine": one.line}}}
        ],
        "partialFingerprints": {"cassette/v1": one.fingerprint},
    }


def address(path: str) -> str:
    """Return the URI of a path (RFC 3986): its bytes, which need not be text, percent-encoded if not plain."""
    return quote(os.fsencode(path.replace(os.sep, "/")), safe="/._-~")


def fingerprint(*parts: object) -> str:
    """Return what stands for a result whose parts hold no secret."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:20]
