"""JSON paths, one dialect for all verbs: `$.accounts[*].secret`, `$..password`, `$["odd key"][0]`.

As RFC 9535 has them, without slices and filters: names, `*` for every child, numbers in brackets, `..` for any depth.
"""

from collections.abc import Iterator, Sequence

from cassette_cli.errors import UsageError
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node

_STEP = pattern(
    r"\.\.(?P<deep>[\w-]+|\*)|\.(?P<name>[\w-]+|\*)"
    r"|\[(?:(?P<index>\d{1,9})|(?P<any>\*)|'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\")\]"
)
_HINT = "write $.accounts[*].secret or $..password"

Where = Sequence[str | tuple[int, ...]]
"""Where a value stands: its keys, and for an item of a list the positions that it may be known by."""


class JsonPath:
    """A path that names values of JSON; `option` is what the user gave it to, for the error.

    Raises `UsageError` for a text that is no path, and for one that names everything.
    """

    def __init__(self, text: str, option: str = "--json-path") -> None:
        self.text = text
        rest = text.removeprefix("$")
        if rest and rest[0] not in ".[":
            rest = "." + rest
        self._steps: list[tuple[bool, str | int]] = []
        at = 0
        while at < len(rest):
            step = _STEP.match(rest, at)
            if step is None:
                raise UsageError(f"invalid {option} {text!r}: not a JSON path", hint=_HINT)
            name = next((step[key] for key in ("deep", "name", "quoted", "double") if step[key] is not None), None)
            index = step["index"]
            self._steps.append(
                (step["deep"] is not None, int(index) if index is not None else name if name is not None else "*")
            )
            at = step.end()
        if not self._steps:
            raise UsageError(f"invalid {option} {text!r}: it names everything", hint=_HINT)

    def scalars(self, root: Node) -> Iterator[Node]:
        """Yield the strings, numbers, true and false that the path names, or that stand in a list that it names."""
        nodes = [root]
        for deep, step in self._steps:
            found: list[Node] = []
            for node in nodes:
                for one in _descendants(node) if deep else (node,):
                    found.extend(_children(one, step))
            nodes = found
        seen: set[tuple[int, int]] = set()
        for node in nodes:
            for one in (node, *node.items):
                if one.kind == "scalar" and one.tag != "null" and one.span not in seen:
                    seen.add(one.span)
                    yield one

    def holds(self, where: Where) -> bool:
        """Say whether the path names the value at a place, or one that holds it."""
        return self._holds(where, 0, 0)

    def _holds(self, where: Where, at: int, step: int) -> bool:
        if step == len(self._steps):
            return True
        deep, wanted = self._steps[step]
        last = len(where) if deep else min(at + 1, len(where))
        return any(
            _is_step(where[place], wanted) and self._holds(where, place + 1, step + 1) for place in range(at, last)
        )


def _is_step(step: str | tuple[int, ...], wanted: str | int) -> bool:
    if wanted == "*":
        return True
    return step == wanted if isinstance(step, str) else wanted in step


def _children(node: Node, step: str | int) -> Iterator[Node]:
    if isinstance(step, int):
        if step < len(node.items):
            yield node.items[step]
    elif step == "*":
        yield from node.items
        yield from (value for _, value in node.pairs)
    else:
        yield from (value for key, value in node.pairs if key.value == step)


def _descendants(node: Node) -> Iterator[Node]:
    seen: set[tuple[int, int, str]] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if one.kind == "scalar" or (*one.span, one.kind) in seen:
            continue
        seen.add((*one.span, one.kind))
        yield one
        stack.extend(one.items)
        stack.extend(value for _, value in one.pairs)
