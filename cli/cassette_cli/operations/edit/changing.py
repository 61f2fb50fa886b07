"""Changing the chosen interactions of one cassette: all of the file's edits at once, proved by reading it again."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cassette_cli.errors import EditError
from cassette_cli.formats import registry
from cassette_cli.model.http import Cassette
from cassette_cli.operations.edit.draft import Draft, NothingThereError
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.saving import difference, rewrite
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Insert, Note, Remove
from cassette_cli.source.nodes import Node

_ANCHORED = re.compile(r"(?:^|[\s\[{,])&[\w-]+\s", re.MULTILINE)


class Summary(NamedTuple):
    """What is told of one file: which interactions change, and how many cannot."""

    path: str
    changed: list[int]
    passed: int
    lines: list[str]


@dataclass(slots=True)
class Edited:
    """One file and its new document, None for an unchanged one."""

    loaded: Loaded
    changed: list[int] = field(default_factory=list)
    passed: int = 0
    after: Document | None = None

    def summary(self, *, diff: bool = False) -> Summary:
        """Return what is told of it, with the patch if that is to be shown: secrets in it are masked."""
        return Summary(self.loaded.cassette.path, self.changed, self.passed, list(self.patch()) if diff else [])

    def patch(self) -> Iterator[str]:
        """Yield the lines of the patch."""
        from cassette_cli.operations.redact.masking import Masker

        return difference(self.loaded, self.after, Masker().text)


def change(loaded: Loaded, make: Callable[[Draft], None], input_format: str | None = None) -> Edited:
    """Let `make` change each of the chosen interactions.

    Those that lack what is to change are passed over, unless they were named by their numbers. Raises
    `EditError`, with the interaction and its line, where one cannot be changed: then the file is
    left as it is.
    """
    cassette = loaded.cassette
    result = Edited(loaded)
    drafts: list[Draft] = []
    edits: list[Edit] = []
    for reading in loaded.selection.readings(cassette):
        draft = Draft(cassette, reading)
        with placed(cassette, reading.interaction.index, reading.interaction.node):
            try:
                make(draft)
            except NothingThereError:
                if loaded.selection.indices:
                    raise
                result.passed += 1
                continue
            own = draft.edits()
            _refuse_shared(cassette, draft, own)
        if own:
            drafts.append(draft)
            edits += own
    if edits:
        result.after = rewrite(loaded, edits)
    if result.after is not None:
        result.changed = [draft.interaction.index for draft in drafts]
        prove(cassette, registry.load(result.after, input_format), drafts)
    return result


class placed:  # noqa: N801 - a context
    """Gives errors the interaction, the file and the line that they are about."""

    def __init__(self, cassette: Cassette, index: int, node: Node) -> None:
        self._at = cassette, index, node

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: object, __: object) -> None:
        cassette, index, node = self._at
        if isinstance(error, EditError) and error.path is None:
            where = "" if error.line is None else f"line {error.line} of the edited document: "
            error.message = f"interaction {index}: {where}{error.message}"
            error.path, error.line = cassette.path, cassette.document.line(node.start)


def _refuse_shared(cassette: Cassette, draft: Draft, edits: Iterable[Edit]) -> None:
    """Refuse to change what stands in another interaction, and is here by an alias."""
    nodes = [draft.interaction.node]
    nodes += [
        items.items[draft.interaction.index] for items in cassette.companions if len(items) > draft.interaction.index
    ]
    for edit in edits:
        if isinstance(edit, Note):
            continue
        node = edit.container if isinstance(edit, Insert | Remove) else edit.node
        if not any(own.start <= node.start <= own.end for own in nodes):
            raise EditError(
                f"what is to change stands on line {cassette.document.line(node.start)}, and is here by a YAML alias",
                hint="change it there; both change",
            )


def prove(before: Cassette, after: Cassette, drafts: Iterable[Draft]) -> None:
    """Raise `EditError` unless each body reads back as it was meant, and other interactions as they were."""
    own = {draft.interaction.index: draft for draft in drafts}
    shared = not before.document.is_json and _ANCHORED.search(before.document.text) is not None
    for old, new in zip(before.interactions, after.interactions, strict=True):
        draft = own.get(old.index)
        if draft is None and not shared:
            continue
        for what, holds in draft.expected if draft is not None else ():
            if not holds(new):
                raise EditError(
                    f"the {what} of interaction {old.index} would not read back as it was set",
                    path=before.path,
                    hint="nothing was written; change it by hand",
                )
        for side in ("request", "response"):
            one, other = getattr(old, side), getattr(new, side)
            if one is None or other is None:
                continue
            wanted = draft.payload(side).now if draft is not None else one.body.payload
            if other.body.payload != wanted and not _same_json(other.body.payload, wanted):
                raise EditError(
                    f"the {side} body of interaction {old.index} would not read back as it should",
                    path=before.path,
                    hint="another interaction may share it by a YAML alias; nothing was written",
                )


def _same_json(one: str | bytes, other: str | bytes) -> bool:
    """Say whether two bodies are the same JSON: one that stands as a structure is written anew by who reads it."""
    import json

    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False
