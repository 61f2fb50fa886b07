"""`cassette check`: faults as lines, JSON, GitHub's workflow commands, or SARIF.

A format is a function that is given the faults as they are found, and writes them; `FORMATS` lists them.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from cassette_cli import __version__
from cassette_cli.operations.check.base import Check, Fault
from cassette_cli.operations.check.codes import CHECKS
from cassette_cli.operations.sizes import counted
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Output, json_line


def totals(found: list[tuple[Check, int]]) -> str:
    """Return the last line: how many faults of which codes."""
    count = sum(number for _, number in found)
    told = ", ".join(f"{number} × {one.code} {one.name}" for one, number in found)
    return f"{counted(count, 'fault')}: {told}"


def fault_json(fault: Fault) -> dict[str, Any]:
    """Return one fault as `check --format json` prints it."""
    return {
        "code": fault.code.code,
        "name": fault.code.name,
        "severity": fault.code.severity,
        "path": fault.path,
        "line": fault.line,
        "interaction": fault.interaction,
        "message": fault.message,
    }


def github(fault: Fault) -> str:
    """Return a workflow command of GitHub Actions, escaped as its toolkit does."""
    where = f"file={_property(fault.path)},line={fault.line},title={_property(f'{fault.code.code} {fault.code.name}')}"
    place = "" if fault.interaction is None else f"interaction {fault.interaction}: "
    return f"::{fault.code.severity} {where}::{_data(place + fault.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(faults: Iterable[Fault]) -> dict[str, Any]:
    """Return a log of SARIF 2.1.0 (OASIS): one run, a rule a code, a result a fault."""
    from cassette_cli.render.sarif import address

    rules = [
        {
            "id": one.code,
            "name": one.name,
            "shortDescription": {"text": one.about},
            "defaultConfiguration": {"level": one.severity},
        }
        for one in CHECKS
    ]
    places = {one.code: at for at, one in enumerate(CHECKS)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "cassette", "version": __version__, "rules": rules}},
                "results": [
                    {
                        "ruleId": fault.code.code,
                        "ruleIndex": places[fault.code.code],
                        "level": fault.code.severity,
                        "message": {"text": fault.message},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": address(fault.path)},
                                    "region": {"startLine": fault.line},
                                }
                            }
                        ],
                    }
                    for fault in faults
                ],
            }
        ],
    }


def _write_text(output: Output, faults: Iterable[Fault]) -> None:
    for fault in faults:
        output.lines([[
            (f"{inert_line(fault.path)}:{fault.line}", "bold"),
            (": ", "dim"),
            (fault.code.code, "red" if fault.code.severity == "error" else "yellow"),
            (" " if fault.interaction is None else f" #{fault.interaction} ", "cyan"),
            (inert_line(fault.message), ""),
        ]], wrap=False)  # fmt: skip


def _write_json(output: Output, faults: Iterable[Fault]) -> None:
    for fault in faults:
        output.text(json_line(fault_json(fault)))


def _write_github(output: Output, faults: Iterable[Fault]) -> None:
    for fault in faults:
        output.text(github(fault))


def _write_sarif(output: Output, faults: Iterable[Fault]) -> None:
    output.text(json.dumps(sarif(faults), indent=2, ensure_ascii=True))


FORMATS: dict[str, Callable[[Output, Iterable[Fault]], None]] = {
    "text": _write_text,
    "json": _write_json,
    "github": _write_github,
    "sarif": _write_sarif,
}
