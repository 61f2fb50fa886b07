"""The models that providers have retired: `retired_models.csv`, and what a project's own file adds to it.

A row has the host of the provider's own API, the model, the day from which requests for it fail, what the provider
recommends in its place, the page of the provider that says so, and the day up to which that page was read. Other hosts
that serve the same model have dates of their own.
"""

import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from cassette_cli.errors import UsageError

TABLE = Path(__file__).with_name("retired_models.csv")
COLUMNS = ("host", "model", "retired", "replacement", "source", "as_of")
ANY = "*"
"""The host of a row that holds for all."""


class Retirement(NamedTuple):
    """When a model goes, and what its provider recommends in its place, "" where it names nothing."""

    day: date
    replacement: str = ""
    source: str = ""


Table = Mapping[tuple[str, str], Retirement]
"""Retirements by host and model, both in lower case."""


def table(own: str | None = None) -> Table:
    """Return the table, with the rows of a project's own file in the place of ours.

    A row without a day takes a model out. Raises `UsageError` for a file that is none.
    """
    found = _read(TABLE)
    if own is not None:
        for key, row in _read(own).items():
            if row is None:
                found.pop(key, None)
            else:
                found[key] = row
    return {key: row for key, row in found.items() if row is not None}


def retirement(known: Table, host: str, model: str) -> Retirement | None:
    """Return when a model goes at a host, None where nothing is known; `gpt-x:2023` is a build of `gpt-x`."""
    name = model.lower().removeprefix("models/")
    names = [name] if name.startswith("ft:") else [name, name.partition(":")[0]]
    hits = (known.get((place, one)) for one in names for place in (host.lower(), ANY))
    return next((hit for hit in hits if hit is not None), None)


def _read(path: str | Path) -> dict[tuple[str, str], Retirement | None]:
    import csv

    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return _rows(csv.DictReader(file), str(path))
    except OSError as error:
        raise UsageError(f"the list of models cannot be read: {error.strerror}", path=os.fspath(path)) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"the list of models is no CSV: {error}", path=os.fspath(path)) from error


def _rows(rows: Iterable[dict[str, str | None]], path: str) -> dict[tuple[str, str], Retirement | None]:
    found: dict[tuple[str, str], Retirement | None] = {}
    for number, row in enumerate(rows, 2):
        cells = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        model, day = cells.get("model", ""), cells.get("retired")
        if not model or day is None:
            hint = f"the first line names the columns: {','.join(COLUMNS)}; model and retired are needed"
            raise UsageError("a row without a model, or no column retired", path=path, line=number, hint=hint)
        try:
            when = date.fromisoformat(day) if day else None
        except ValueError as error:
            raise UsageError(f"invalid day {day!r}: expected 2026-10-23", path=path, line=number) from error
        key = (cells.get("host", "").lower() or ANY, model.lower())
        found[key] = None if when is None else Retirement(when, cells.get("replacement", ""), cells.get("source", ""))
    return found
