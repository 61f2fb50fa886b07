"""JSON paths that the user gives, and the values that they name."""

import re
from collections.abc import Iterator

from cassette_cli.errors import UsageError
from cassette_cli.source.nodes import Node

_STEP = re.compile(
    r"\.\.(?P<deep>[\w-]+|\*)|\.(?P<name>[\w-]+|\*)|\[(?:(?P<index>\d{1,9})|(?P<any>\*)|'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\")\]"
)


class JsonPath:
    """A path such as `$.accounts[*].secret` or `$..password`: names, `*`, numbers in brackets, `..` for any depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        rest = text.removeprefix("$")
        if rest and rest[0] not in ".[":
            rest = "." + rest
        self._steps: list[tuple[bool, str | int]] = []
        at = 0
        while at < len(rest):
            step = _STEP.match(rest, at)
            if step is None:
                raise UsageError(
                    f"invalid --json-path {text!r}: expected a path", hint="write $.accounts[*].secret or $..password"
                )
            name = next((step[key] for key in ("deep", "name", "quoted", "double") if step[key] is not None), None)
            index = step["index"]
            self._steps.append(
                (step["deep"] is not None, int(index) if index is not None else name if name is not None else "*")
            )
            at = step.end()
        if not self._steps:
            raise UsageError(f"--json-path {text!r} names everything", hint="write $.accounts[*].secret or $..password")

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
