"""The tree of a document: nodes that know where in the text they stand.

The same `Node` stands for YAML and JSON. A YAML node is a view over what ruamel.yaml composed and
wraps its children only when asked, so that listing a cassette pays for the nodes it looks at.
"""

from collections.abc import Iterator
from typing import Any, Literal

Kind = Literal["scalar", "sequence", "mapping"]
Style = Literal["plain", "single", "double", "literal", "folded", "flow", "block"]

_YAML_TAG = "tag:yaml.org,2002:"
_SCALAR_STYLES: dict[str | None, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}


class Node:
    """A scalar, sequence or mapping, and its span.

    `start` and `end` count characters in `Document.text`. A span begins at the node's tag or
    anchor where it has one, and that of a block scalar ends after its last line break. `tag` is
    short for YAML's own (`str`, `int`, `null`, `binary`, `python/unicode`, …) and whole for
    others (`!binary`, `!ruby/struct:…`). `value` is the text of a scalar, "" elsewhere.

    An alias is the same node as its anchor, at the anchor's place.
    """

    __slots__ = ("_children", "_raw", "end", "kind", "start", "style", "tag", "value")

    def __init__(
        self, kind: Kind, tag: str, value: str, start: int, end: int, style: Style, children: Any = None
    ) -> None:
        self.kind: Kind = kind
        self.tag = tag
        self.value = value
        self.start = start
        self.end = end
        self.style: Style = style
        self._children: Any = children
        self._raw: Any = None

    @classmethod
    def view(cls, raw: Any) -> "Node":
        """Wrap a node as ruamel.yaml composed it; what is seldom asked for is worked out when it is."""
        node = cls.__new__(cls)
        node._raw = raw  # noqa: SLF001 - one of its own kind
        value = raw.value
        if isinstance(value, str):
            node.kind, node.value = "scalar", value
        else:
            node.kind, node.value = ("mapping" if raw.id == "mapping" else "sequence"), ""
        return node

    def __getattr__(self, name: str) -> Any:
        """Fill in one of the slots that `view` left open."""
        raw = self._raw
        made: Any
        if name == "tag":
            made = str(raw.tag).removeprefix(_YAML_TAG)
        elif name == "start":
            made = raw.start_mark.index
        elif name == "end":
            made = raw.end_mark.index
        elif name == "style":
            made = _SCALAR_STYLES.get(raw.style, "plain") if self.kind == "scalar" else _flow(raw)
        elif name == "_children" and self.kind == "mapping":
            made = [(Node.view(key), Node.view(value)) for key, value in raw.value]
        elif name == "_children" and self.kind == "sequence":
            made = [Node.view(item) for item in raw.value]
        else:
            raise AttributeError(name)
        setattr(self, name, made)
        return made

    def __repr__(self) -> str:
        what = repr(self.value[:40]) if self.kind == "scalar" else f"{len(self)} items"
        return f"<Node {self.kind} {self.tag} {self.start}:{self.end} {what}>"

    def __len__(self) -> int:
        """Return the number of items or keys; 0 for a scalar."""
        return len(self._children) if self.kind != "scalar" else 0

    def __bool__(self) -> bool:
        """Be true, however empty: only None stands for no node."""
        return True

    @property
    def span(self) -> tuple[int, int]:
        """Where the node stands; it tells a node from all others, and an alias from none."""
        return self.start, self.end

    @property
    def identity(self) -> int:
        """What an alias shares with its anchor, and with nothing else in the tree."""
        return id(self if self._raw is None else self._raw)

    def is_tagged_like(self, other: "Node") -> bool:
        """Say whether two nodes have the same tag; those that state none share the object."""
        mine, others = self._raw, other._raw  # noqa: SLF001 - one of its own kind
        return (mine is not None and others is not None and mine.ctag is others.ctag) or self.tag == other.tag

    @property
    def is_null(self) -> bool:
        """Whether the node is YAML's or JSON's null."""
        return len(self.value) < 5 and self.tag == "null"

    @property
    def items(self) -> list["Node"]:
        """The items of a sequence; empty for everything else."""
        children: list[Node] = self._children if self.kind == "sequence" else []
        return children

    @property
    def pairs(self) -> list[tuple["Node", "Node"]]:
        """The (key, value) pairs of a mapping in the order of the text, duplicate keys included."""
        children: list[tuple[Node, Node]] = self._children if self.kind == "mapping" else []
        return children

    def get(self, key: str) -> "Node | None":
        """Return the value under a scalar key, None where there is none; the last one of duplicates, as loaders do."""
        found = None
        for name, value in self.pairs:
            if name.value == key and name.kind == "scalar":
                found = value
        return found

    def has(self, *keys: str) -> bool:
        """Say whether a mapping has all of these keys."""
        present = {name.value for name, _ in self.pairs}
        return present.issuperset(keys)


def _flow(raw: Any) -> Style:
    return "flow" if raw.flow_style else "block"


def walk(root: Node) -> Iterator[Node]:
    """Yield every node once, in the order of the text, keys before their values.

    What an alias points to is yielded where it is anchored and not again, so that an alias bomb
    costs no more than its text.
    """
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.identity in seen:
            continue
        seen.add(node.identity)
        yield node
        if node.kind == "sequence":
            stack.extend(reversed(node.items))
        elif node.kind == "mapping":
            for key, value in reversed(node.pairs):
                stack.append(value)
                stack.append(key)
