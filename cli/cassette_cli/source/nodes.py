"""The tree of a document: nodes that know where in the text they stand.

The same `Node` stands for YAML and JSON. What ruamel.yaml composed is seen through `ComposedNode`, which
wraps its children only when asked.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from cassette_cli.source.yaml.tags import TEXT_OPENS, implicit

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

    __slots__ = ("_children", "end", "kind", "start", "style", "tag", "value")

    def __init__(
        self, kind: Kind, tag: str | None, value: str, start: int, end: int, style: Style, children: Any = None
    ) -> None:
        self.kind: Kind = kind
        if tag is not None:
            self.tag = tag
        self.value = value
        self.start = start
        self.end = end
        self.style: Style = style
        self._children: Any = children

    def __getattr__(self, name: str) -> Any:
        """Work out the tag of a plain scalar that states none: seldom asked for, and dear for all of them."""
        if name != "tag":
            raise AttributeError(name)
        self.tag = implicit(self.value)
        return self.tag

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
        return id(self)

    def is_tagged_like(self, other: "Node") -> bool:
        """Say whether two nodes have the same tag."""
        return self.tag == other.tag

    @property
    def flat(self) -> str | None:
        """The text of a node where texts that are equal have equal values, whatever else the files hold; else None."""
        return None

    @property
    def is_null(self) -> bool:
        """Whether the node is YAML's or JSON's null."""
        return len(self.value) < 5 and self.tag == "null"

    @property
    def is_bare(self) -> bool:
        """Whether the node is a plain scalar on one line with nothing in front: its tag is that of its text."""
        return self.style == "plain" and self.end - self.start == len(self.value)

    @property
    def items(self) -> Sequence["Node"]:
        """The items of a sequence; empty for everything else."""
        children: Sequence[Node] = self._children if self.kind == "sequence" else []
        return children

    @property
    def pairs(self) -> list[tuple["Node", "Node"]]:
        """The (key, value) pairs of a mapping in the order of the text, duplicate keys included."""
        children: list[tuple[Node, Node]] = self._children if self.kind == "mapping" else []
        return children

    def get(self, key: str) -> "Node | None":
        """Return the value under a scalar key, None where there is none; the last one of duplicates, as loaders do."""
        for name, value in reversed(self.pairs):
            if name.value == key and name.kind == "scalar":
                return value
        return None

    def fields(self) -> dict[str, "Node"]:
        """Return the values of a mapping by its scalar keys, as `get` does: for who asks for several."""
        return {name.value: value for name, value in self.pairs if name.kind == "scalar"}

    def has(self, *keys: str) -> bool:
        """Say whether a mapping has all of these keys."""
        present = {name.value for name, _ in self.pairs}
        return present.issuperset(keys)


class PlainNode(Node):
    """A plain scalar on one line that states no tag."""

    __slots__ = ()
    kind: Kind = "scalar"
    style: Style = "plain"
    _children: Any = None

    def __init__(self, value: str, start: int) -> None:
        if value[0] in TEXT_OPENS:
            self.tag = "str"
        self.value = value
        self.start = start
        self.end = start + len(value)


class AttachedNode(Node):
    """A file that a scalar names, in the place of that scalar; `raw` are its bytes."""

    __slots__ = ("name", "raw")

    def __init__(self, name: Node, raw: bytes) -> None:
        super().__init__("scalar", "str", name.value, name.start, name.end, name.style)
        self.name = name.value
        self.raw = raw


class ComposedNode(Node):
    """A view of a node as ruamel.yaml composed it; what is seldom asked for is worked out when it is."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        value = raw.value
        if isinstance(value, str):
            self.kind, self.value = "scalar", value
        else:
            self.kind, self.value = ("mapping" if raw.id == "mapping" else "sequence"), ""

    def __getattr__(self, name: str) -> Any:
        """Fill in one of the slots that were left open."""
        raw = self._raw
        made: Any
        if name == "tag":
            made = str(raw.tag).removeprefix(_YAML_TAG)
        elif name == "start":
            made = raw.start_mark.index
        elif name == "end":
            made = raw.end_mark.index
        elif name == "style":
            made = _SCALAR_STYLES.get(raw.style, "plain") if self.kind == "scalar" else _collection_style(raw)
        elif name == "_children" and self.kind == "mapping":
            made = [(ComposedNode(key), ComposedNode(value)) for key, value in raw.value]
        elif name == "_children" and self.kind == "sequence":
            made = [ComposedNode(item) for item in raw.value]
        else:
            raise AttributeError(name)
        setattr(self, name, made)
        return made

    @property
    def identity(self) -> int:
        """What an alias shares with its anchor, and with nothing else in the tree."""
        return id(self._raw)

    def is_tagged_like(self, other: Node) -> bool:
        """Say whether two nodes have the same tag; those that state none share the object."""
        same = isinstance(other, ComposedNode) and self._raw.ctag is other._raw.ctag  # noqa: SLF001 - one of its kind
        return same or self.tag == other.tag


def _collection_style(raw: Any) -> Style:
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
