"""The JSON of `cassette diff --json`: a contract, held by the README and the tests."""

from dataclasses import asdict
from typing import Any

from cassette_cli.operations.diff.result import CassetteDiff, Change, InteractionDiff, Label
from cassette_cli.operations.diff.summary import DiffSummary, Gathered, categories, stat
from cassette_cli.operations.diff.values import ABSENT, Blob, path_text


def cassette_json(difference: CassetteDiff) -> dict[str, Any]:
    """Return one cassette's object, all that is volatile included."""
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
        "interactions": [_interaction(one) for one in difference.interactions if one.differs or one.volatile],
    }


def _interaction(one: InteractionDiff) -> dict[str, Any]:
    out: dict[str, Any] = {
        "state": one.state,
        "moved": one.moved,
        "old": _label(one.old),
        "new": _label(one.new),
        "changes": [_change(change) for change in one.changes],
        "volatile": [{**_change(change), "rule": change.volatile} for change in one.volatile],
    }
    if one.excerpt is not None:
        calls = [{"name": name, "arguments": arguments} for name, arguments in one.excerpt.calls]
        out["excerpt"] = {**one.excerpt._asdict(), "calls": calls}
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
    return {"side": change.side, "kind": change.kind, "path": path_text(change.path), **_sides(change)}


def _sides(change: Change | Gathered) -> dict[str, Any]:
    return {
        key: value._asdict() if isinstance(value, Blob) else value
        for key, value in (("old", change.old), ("new", change.new))
        if value is not ABSENT
    }


def summary_json(summary: DiffSummary) -> dict[str, Any]:
    """Return the object of `diff --summary --json`; places are told as `PATH#INTERACTION`."""
    total = asdict(summary.total)
    return {
        "states": dict(summary.states),
        "identical": summary.identical,
        "compared": summary.compared,
        "left_out": summary.left_out,
        "volatile_only": summary.only_volatile,
        "volatile": dict(summary.volatile),
        "total": {**total, "words": list(total["words"]), "tokens": list(total["tokens"])},
        "changed": {path: sorted(found) for path, found in summary.changed.items()},
        "models": {"removed": summary.models_alone("removed"), "added": summary.models_alone("added")},
        "changes": [
            {
                "category": row.category,
                "what": row.what,
                **_sides(row),
                "variants": row.variants,
                "interactions": len(row.places),
                "cassettes": row.cassettes,
                "places": [f"{path}#{index}" for path, index in row.places],
            }
            for row in summary.rows()
        ],
        "usage": {
            name: {"old": one.old, "new": one.new, "interactions": len(one.places)}
            for name, one in sorted(summary.usage.items())
        },
    }
