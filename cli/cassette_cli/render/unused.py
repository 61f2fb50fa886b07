"""`cassette unused`: paths and reasons, NUL-separated paths, or JSON Lines."""

from collections.abc import Iterable, Sequence
from typing import Any

from cassette_cli.operations.unused.suite import State, Verdict, unused_size
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Output, human_size, json_line

_NAMED = 3
_LINES = 12


def place(one: Verdict) -> str:
    """Return a path, or `FILE#3` for an interaction."""
    return one.path if one.interaction is None else f"{one.path}#{one.interaction}"


def write(output: Output, verdicts: Iterable[Verdict], *, as_json: bool, nul: bool) -> None:
    """Write what is unused; as JSON also what is not decided."""
    for one in verdicts:
        if as_json and one.state is not State.USED:
            output.text(json_line(verdict_json(one)))
        elif one.state is not State.UNUSED or as_json:
            continue
        elif nul:
            output.data(place(one).encode("utf-8", "surrogateescape") + b"\0")
        else:
            output.lines([[(inert_line(place(one)), "bold"), (f"  {inert_line(one.reason)}", "")]], wrap=False)


def verdict_json(one: Verdict) -> dict[str, Any]:
    """Return one cassette as `unused --json` prints it."""
    return {
        "path": one.path,
        "interaction": one.interaction,
        "state": str(one.state),
        "reason": one.reason,
        "bytes": one.size,
    }


def unknown(verdicts: Sequence[Verdict]) -> list[str]:
    """Return a line for each reason for which cassettes are not decided, and one for those that would be too many."""
    groups: dict[str, list[str]] = {}
    for one in verdicts:
        if one.state is State.UNKNOWN:
            groups.setdefault(one.reason, []).append(one.path)
    lines = [f"unknown: {_list(paths)}: {reason}" for reason, paths in groups.items()]
    left = len({path for paths in list(groups.values())[_LINES:] for path in paths})
    return lines if len(lines) <= _LINES else [*lines[:_LINES], f"unknown: {left} more; --json lists all"]


def _list(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more


def totals(verdicts: Sequence[Verdict], *, removed: bool) -> str:
    """Return the last line: how many are unused, of how many, and what they take."""
    whole = [one for one in verdicts if one.interaction is None]
    unused = [one for one in whole if one.state is State.UNUSED]
    undecided = len({one.path for one in whole if one.state is State.UNKNOWN})
    size, all_ = human_size(unused_size(verdicts)), human_size(sum(one.size for one in whole))
    count = len({one.path for one in whole})
    line = f"{len(unused)} of {count} {_noun('cassette', count)} {'removed' if removed else 'unused'}"
    line += f" ({size} of {all_})" if unused else ""
    alone = sum(1 for one in verdicts if one.interaction is not None and one.state is State.UNUSED)
    line += f", {alone} {_noun('interaction', alone)} never played" if alone else ""
    return line + (f", {undecided} unknown" if undecided else "")


def _noun(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
