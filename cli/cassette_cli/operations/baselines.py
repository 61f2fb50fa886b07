"""Baselines: files of JSON that list what a project accepts, of `redact` as of `check`."""

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from cassette_cli.errors import UsageError
from cassette_cli.source.save import write

T = TypeVar("T")


def read_listed(path: str, key: str, verb: str, entry: Callable[[Any], T]) -> list[T]:
    """Return what `entry` makes of each thing that the file of a verb lists under a key.

    Raises `UsageError` for a file that cannot be read, or that is no baseline of the verb.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return [entry(one) for one in json.load(file)[key]]
    except OSError as error:
        raise UsageError(f"the baseline cannot be read: {error.strerror}", path=path, hint="check the path") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        hint = f"write one: cassette {verb} --write-baseline"
        raise UsageError(f"not a baseline of {verb}", path=path, hint=hint) from error


def write_listed(path: str, key: str, entries: Iterable[dict[str, Any]]) -> None:
    """Write a baseline; raises `SaveError` where the disk refuses."""
    write(path, (json.dumps({"version": 1, key: list(entries)}, indent=1) + "\n").encode())
