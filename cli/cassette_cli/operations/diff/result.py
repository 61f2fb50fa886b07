"""What a comparison finds, as plain data. Every record can be mirrored: old for new, added for removed."""

from collections import Counter
from typing import Any, Final, Literal, NamedTuple

from cassette_cli.operations.diff.values import Index, Path, path_text

Kind = Literal[
    "method", "url", "header", "request",
    "status", "model", "finish", "tool-calls", "text", "reasoning", "usage", "body", "error", "events",
]  # fmt: skip
"""What a change is about. `request` is a request's body, `body` what an answer holds besides its message."""

KINDS: Final[dict[Kind, str]] = {
    "method": "request method", "url": "request URL", "request": "request", "header": "header", "status": "status",
    "model": "model", "tool-calls": "tool call", "finish": "finish", "error": "error", "text": "text",
    "reasoning": "reasoning", "body": "answer", "usage": "usage", "events": "frame",
}  # fmt: skip
"""What a kind of change is called."""

_OWN: Final[dict[Kind, str]] = {
    "text": "text", "reasoning": "reasoning", "finish": "finish_reason", "url": "url", "model": "model",
    "status": "status", "method": "method",
}  # fmt: skip
"""Paths that say no more than the kind."""

ORDER: Final[tuple[Kind, ...]] = (
    "method", "url", "request", "status", "model", "tool-calls", "finish", "error", "text", "reasoning", "body",
    "usage", "header", "events",
)  # fmt: skip
"""The order in which changes are told: what decides over a test first."""

Side = Literal["request", "response"]
State = Literal["same", "changed", "added", "removed"]
FileState = Literal["same", "changed", "added", "deleted", "renamed"]


class Change(NamedTuple):
    """One difference. `volatile` names the rule by which it is no change, None for a true one."""

    side: Side
    kind: Kind
    path: Path
    old: Any
    new: Any
    volatile: str | None = None

    def mirrored(self) -> "Change":
        """Return the change the other way round."""
        path = tuple(step.mirrored() if isinstance(step, Index) else step for step in self.path)
        return Change(self.side, self.kind, path, self.new, self.old, self.volatile)


def name_of(change: Change, *, positions: bool = True) -> str:
    """Name what changed: the kind, and the path in it; without `positions` equal changes have equal names."""
    name, path = KINDS[change.kind], change.path
    if change.kind == "header":
        return f"{change.side} header {path[0]}"
    if path == (_OWN.get(change.kind),):
        return name
    if change.kind == "usage" and path[:1] == ("usage",):
        path = path[1:]
    if change.kind == "tool-calls":
        at = next((i for i, step in enumerate(path) if isinstance(step, Index)), None)
        if at is not None and isinstance(step := path[at], Index):
            name, path = f"{name} {step.label}", path[at + 1 :]
    return f"{name} {path_text(path, root='', positions=positions).lstrip('.')}".strip()


class Excerpt(NamedTuple):
    """What an interaction that stands alone says: the last thing that was asked, and the answer.

    `calls` are the answer's tool calls, each a name and arguments. What is no model's is the text of the bodies.
    """

    asked: str = ""
    answer: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    error: str = ""


class Label(NamedTuple):
    """What names an interaction: its number, method, URL and status, and what is known of its answer.

    `words` are those of the answer's text, counted where the interaction stands alone.
    """

    index: int  # type: ignore[assignment]  # a field, and no longer the tuple's method
    method: str
    url: str
    status: int | None = None
    model: str | None = None
    protocol: str | None = None
    tokens: tuple[int | None, int | None] = (None, None)
    words: int = 0


class InteractionDiff(NamedTuple):
    """One pair of interactions, or one that only one side has, which has an `excerpt`.

    `moved` says that its place among the others changed.
    """

    old: Label | None
    new: Label | None
    moved: bool = False
    changes: tuple[Change, ...] = ()
    volatile: tuple[Change, ...] = ()
    excerpt: Excerpt | None = None

    @property
    def state(self) -> State:
        """Whether it was added, removed or changed; moving alone changes nothing in it."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.changes else "same"

    @property
    def label(self) -> Label:
        """The newer name."""
        label = self.new or self.old
        assert label is not None
        return label

    @property
    def differs(self) -> bool:
        """Whether there is something to tell."""
        return self.moved or self.state != "same"

    def mirrored(self) -> "InteractionDiff":
        """Return the difference the other way round."""
        return InteractionDiff(
            self.new,
            self.old,
            self.moved,
            tuple(change.mirrored() for change in self.changes),
            tuple(change.mirrored() for change in self.volatile),
            self.excerpt,
        )


class CassetteDiff(NamedTuple):
    """Two versions of one cassette; the path of a side that does not have it is None.

    `identical` says that not a byte differs. `counts` are the numbers of interactions. `remark` tells
    what could not be compared. `left_out` counts the changes that nobody asked for.
    """

    old_path: str | None
    new_path: str | None
    interactions: tuple[InteractionDiff, ...] = ()
    identical: bool = False
    counts: tuple[int, int] = (0, 0)
    remark: str | None = None
    renamed: bool = False
    left_out: int = 0

    @property
    def path(self) -> str:
        """The newer path."""
        return self.new_path or self.old_path or "-"

    @property
    def state(self) -> FileState:
        """Whether the file was added, deleted, renamed or changed."""
        if self.old_path is None:
            return "added"
        if self.new_path is None:
            return "deleted"
        if self.renamed:
            return "renamed"
        return "changed" if self._has_changes else "same"

    @property
    def differs(self) -> bool:
        """Whether anything but what is volatile changed, the path included."""
        return self._has_changes or (self.state in ("added", "deleted", "renamed") and not self.left_out)

    @property
    def _has_changes(self) -> bool:
        return self.remark is not None or any(one.differs for one in self.interactions)

    @property
    def volatile(self) -> Counter[str]:
        """How often what differs without being a change, by the names of the rules; never empty where bytes differ."""
        found = Counter(change.volatile for one in self.interactions for change in one.volatile if change.volatile)
        return Counter({"layout": 1}) if not found and self.only_volatile else found

    @property
    def only_volatile(self) -> bool:
        """Whether the file differs, and nothing in it is a change."""
        return not self.identical and not self.differs and not self.left_out

    def mirrored(self) -> "CassetteDiff":
        """Return the difference the other way round."""
        interactions = tuple(sorted((one.mirrored() for one in self.interactions), key=_place))
        return CassetteDiff(
            self.new_path,
            self.old_path,
            interactions,
            self.identical,
            (self.counts[1], self.counts[0]),
            self.remark,
            self.renamed,
            self.left_out,
        )


def _place(one: InteractionDiff) -> tuple[int, int]:
    """Order by the new side; what was removed stands behind what stood before it."""
    return (one.new.index, 1) if one.new is not None else (one.old.index if one.old is not None else 0, 0)


def ordered(interactions: list[InteractionDiff]) -> tuple[InteractionDiff, ...]:
    """Return interactions in the order in which they are told."""
    return tuple(sorted(interactions, key=_place))
