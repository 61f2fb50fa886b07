"""What `cassette trim` reports: a line a file, why something was left alone, and the sum."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cassette_cli.operations.sizes import counted
from cassette_cli.operations.trim.trimming import Trimmed, TrimmedFile
from cassette_cli.render.inert import inert_line
from cassette_cli.render.output import Line, Output, human_size, json_line

_WORDS = {
    "empty": ("empty frame", "empty frames"),
    "pings": ("ping", "pings"),
    "coalesce": ("merged delta", "merged deltas"),
    "padding": ("padding", "paddings"),
    "headers": ("header", "headers"),
}


@dataclass
class Report:
    """Writes file by file, and adds up; `dry` says that nothing is written to the files."""

    output: Output
    as_json: bool
    dry: bool
    files: int = 0
    changed: int = 0
    unread: int = 0
    frames: list[int] = field(default_factory=lambda: [0, 0])
    size: list[int] = field(default_factory=lambda: [0, 0])
    dropped: Counter[str] = field(default_factory=Counter)

    def file(self, result: TrimmedFile) -> None:
        """Report one file."""
        self.files += 1
        self.changed += result.changed
        self.unread += sum(one.unread for one in result.interactions)
        for total, pair in ((self.frames, result.frames), (self.size, result.size)):
            total[0] += pair[0]
            total[1] += pair[1]
        dropped: Counter[str] = Counter()
        for one in result.interactions:
            dropped.update(one.dropped)
        self.dropped.update(dropped)
        if self.as_json:
            self.output.text(json_line(as_json(result)))
            return
        lines: list[Line] = []
        path = inert_line(result.path)
        if result.changed:
            facts = f"{_change(result.frames, result.size)}  {_dropped(dropped)}"
            lines.append([(path, "bold"), (f"  {facts}", "")])
        for one in result.interactions:
            if one.reason is not None:
                words = f"#{one.index} left alone: {one.reason}"
                lines.append([(f"{path}{inert_line(words)}", "yellow")])
        if lines:
            self.output.lines(lines)

    def total(self) -> None:
        """Report the sum."""
        if self.as_json or not self.files:
            return
        of = counted(self.files, "cassette")
        if not self.changed:
            self.output.lines([[(f"nothing to trim in {of}", "")]])
            return
        verb = "would be trimmed" if self.dry else "trimmed"
        facts = _change((self.frames[0], self.frames[1]), (self.size[0], self.size[1]))
        saved = human_size(self.size[0] - self.size[1])
        line = f"{self.changed} of {of} {verb}: {facts}, {saved} saved"
        self.output.lines([[(line, "bold")]])


def _change(frames: tuple[int, int], size: tuple[int, int]) -> str:
    share = f"{100 * (size[1] - size[0]) / size[0]:+.1f} %" if size[0] else "0 %"
    sizes = f"{human_size(size[0])} → {human_size(size[1])} ({share.replace('-', '−')})"
    return f"{frames[0]} → {frames[1]} frames, {sizes}" if frames[0] else sizes


def _dropped(dropped: Counter[str]) -> str:
    return ", ".join(f"{count} {_WORDS[name][count != 1]}" for name, count in dropped.items())


def as_json(result: TrimmedFile) -> dict[str, Any]:
    """Return the document of one file, as the command's docstring describes it."""
    return {
        "path": result.path,
        "changed": result.changed,
        "frames": _pair(result.frames),
        "bytes": _pair(result.size),
        "interactions": [_interaction(one) for one in result.interactions if one.dropped or one.reason is not None],
    }


def _interaction(one: Trimmed) -> dict[str, Any]:
    return {
        "index": one.index,
        "protocol": one.protocol,
        "frames": None if one.frames is None else _pair(one.frames),
        "bytes": _pair(one.size),
        "dropped": dict(one.dropped),
        "left_alone": one.reason,
    }


def _pair(pair: tuple[int, int]) -> dict[str, int]:
    return {"before": pair[0], "after": pair[1]}
