"""The JSON of `cassette diff --json`: a contract, held by the README and the tests."""

from dataclasses import asdict
from typing import Any

from cassette_cli.operations.diff.result import CassetteDiff, Change, InteractionDiff, Label
from cassette_cli.operations.diff.totals import Summary, categories, stat
from cassette_cli.operations.diff.values import ABSENT, Blob, path_text


def cassette_json(difference: CassetteDiff, *, everything: bool = False) -> dict[str, Any]:
    """Return one cassette's object; `everything` lists what is volatile, too."""
    numbers = asdict(stat(difference))
    return {
        "path": difference.path,
        "old_path": difference.old_path,
        "new_path": difference.new_path,
        "state": "volatile" if difference.only_volatile else difference.state,
        "remark": difference.remark,
        "categories": sorted(categories(difference)),
        "stat": {**numbers, "words": list(numbers["words"]), "tokens": list(numbers["tokens"])},
        "volatile": dict(difference.volatile),
        "interactions": [
            _interaction(one, everything=everything)
            for one in difference.interactions
            if one.differs or (everything and one.volatile)
        ],
    }


def _interaction(one: InteractionDiff, *, everything: bool) -> dict[str, Any]:
    out: dict[str, Any] = {
        "state": one.state,
        "moved": one.moved,
        "old": _label(one.old),
        "new": _label(one.new),
        "changes": [_change(change) for change in one.changes],
    }
    if everything:
        out["volatile"] = [{**_change(change), "rule": change.volatile} for change in one.volatile]
    return out


def _label(label: Label | None) -> dict[str, Any] | None:
    if label is None:
        return None
    return {
        "index": label.index,
        "method": label.method,
        "url": label.url,
        "status": label.status,
        "model": label.model,
        "protocol": label.protocol,
        "input_tokens": label.tokens[0],
        "output_tokens": label.tokens[1],
    }


def _change(change: Change) -> dict[str, Any]:
    """Return one change; a side that does not have the value does not have the key."""
    out: dict[str, Any] = {"side": change.side, "kind": change.kind, "path": path_text(change.path)}
    for key, value in (("old", change.old), ("new", change.new)):
        if value is not ABSENT:
            out[key] = value._asdict() if isinstance(value, Blob) else value
    return out


def summary_json(summary: Summary) -> dict[str, Any]:
    """Return the object of `diff --summary --json`."""
    total = asdict(summary.total)
    return {
        "states": dict(summary.states),
        "identical": summary.identical,
        "volatile_only": summary.only_volatile,
        "volatile": dict(summary.volatile),
        "total": {**total, "words": list(total["words"]), "tokens": list(total["tokens"])},
        "changed": {path: sorted(found) for path, found in summary.changed.items()},
        "changes": [
            {
                "category": name,
                "what": one.what,
                **{key: v._asdict() if isinstance(v, Blob) else v for key, v in (("old", one.old), ("new", one.new))
                   if v is not ABSENT},
                "places": [f"{path}#{index}" for path, index in one.places],
            }
            for name, found in summary.grouped()
            for one in found
        ],
    }  # fmt: skip
