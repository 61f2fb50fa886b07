"""Flow collections, `[a, 'b']` and `{k: v}`, as PyYAML writes those that hold nothing but scalars.

For `block_yaml`, which leaves to a whole parser what is unusual here: anchors, aliases, comments, keys without
values, single pairs in sequences, and plain scalars with anything but words in them.
"""

import re

from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node
from cassette_cli.source.yaml.block_scalars import UnusualError, quoted, single

_GAP = pattern(r" *+(?>(?:\n ++)?)")
_TAG = pattern(r"(!!?[\w./:+-]+) ++", re.ASCII)
_WORD = r"[\w./+=;()$@%~*-]"
_PLAIN = pattern(rf"(?:[\w./$(]|-(?=[\w.])){_WORD}*+(?>(?: {_WORD}++)*)(?= *+(?>(?:\n ++)?)[,\]}}]|: )")
_LONGEST_KEY = 1000  # libyaml takes 1024 characters


def flow(text: str, start: int, at: int, tag: str | None, levels: int) -> tuple[Node, int]:
    """Return the collection whose bracket is at `at`, and where it ends; `start` is where its tag begins.

    `levels` is how deep collections may nest in it. Raises `UnusualError`.
    """
    if levels < 1:
        raise UnusualError
    is_mapping = text[at] == "{"
    closing = "}" if is_mapping else "]"
    items: list[Node] = []
    pairs: list[tuple[Node, Node]] = []
    at = _gap(text, at + 1)
    while text[at] != closing:
        if items or pairs:
            if text[at] != ",":
                raise UnusualError
            at = _gap(text, at + 1)
        node, at = _node(text, at, levels)
        if is_mapping:
            key = node
            if key.kind != "scalar" or at - key.start > _LONGEST_KEY or "\n" in text[key.start : at]:
                raise UnusualError
            if not text.startswith(": ", at):
                raise UnusualError
            node, at = _node(text, _gap(text, at + 1), levels)
            pairs.append((key, node))
        else:
            items.append(node)
        at = _gap(text, at)
    if is_mapping:
        return Node("mapping", tag or "map", "", start, at + 1, "flow", pairs), at + 1
    return Node("sequence", tag or "seq", "", start, at + 1, "flow", items), at + 1


def _gap(text: str, at: int) -> int:
    """Return where the blanks end, and a break among them."""
    found = _GAP.match(text, at)
    assert found is not None
    return found.end()


def _node(text: str, at: int, levels: int) -> tuple[Node, int]:
    start, tag = at, None
    stated = _TAG.match(text, at)
    if stated is not None:
        tag, at = stated[1].removeprefix("!!"), stated.end()
    first = text[at]
    if first in "[{":
        return flow(text, start, at, tag, levels - 1)
    if first == '"':
        value, end = quoted(text, at)
        return Node("scalar", tag or "str", value, start, end, "double"), end
    if first == "'":
        value, end = single(text, at)
        return Node("scalar", tag or "str", value, start, end, "single"), end
    plain = _PLAIN.match(text, at)
    if plain is None:
        raise UnusualError
    return Node("scalar", tag, plain.group(), start, plain.end(), "plain"), plain.end()
