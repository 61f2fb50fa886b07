"""`cassette check`: faults as lines, JSON, GitHub's workflow commands, or SARIF."""

import json
from typing import Any

from cassette_cli import __version__
from cassette_cli.operations.check import CODES, Code, Fault
from cassette_cli.render.inert import inert_line
from cassette_cli.render.listing import json_line
from cassette_cli.render.output import Output


def write(output: Output, faults: list[Fault], style: str) -> None:
    """Write faults in one of the formats."""
    if style == "sarif":
        output.text(json.dumps(sarif(faults), indent=2, ensure_ascii=True))
    elif style == "json":
        for fault in faults:
            output.text(json_line(fault_json(fault)))
    elif style == "github":
        for fault in faults:
            output.text(github(fault))
    else:
        output.lines([[
            (f"{inert_line(fault.path)}:{fault.line}", "bold"),
            (": ", "dim"),
            (fault.code.code, "red" if fault.code.severity == "error" else "yellow"),
            (" " if fault.interaction is None else f" #{fault.interaction} ", "cyan"),
            (inert_line(fault.message), ""),
        ] for fault in faults])  # fmt: skip


def totals(found: list[tuple[Code, int]]) -> str:
    """Return the last line: how many faults of which codes."""
    count = sum(number for _, number in found)
    told = ", ".join(f"{number} × {one.code} {one.name}" for one, number in found)
    return f"{count} fault{'' if count == 1 else 's'}: {told}"


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


def sarif(faults: list[Fault]) -> dict[str, Any]:
    """Return a log of SARIF 2.1.0 (OASIS): one run, a rule a code, a result a fault."""
    from urllib.parse import quote

    rules = [
        {
            "id": one.code,
            "name": one.name,
            "shortDescription": {"text": one.about},
            "defaultConfiguration": {"level": one.severity},
        }
        for one in CODES
    ]
    places = {one.code: at for at, one in enumerate(CODES)}
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
                                    "artifactLocation": {"uri": quote(fault.path.replace("\\", "/"), safe="/._-~")},
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
