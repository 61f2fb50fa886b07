"""The two parsers of ruamel.yaml, each with the same bounded composer: tags resolved, nothing constructed.

Imported by `yaml.compose` alone, and only once there is YAML to read: ruamel.yaml takes longer to
import than a small cassette takes to read.
"""

from typing import Any

from ruamel.yaml.composer import Composer
from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent, SequenceStartEvent
from ruamel.yaml.nodes import ScalarNode, SequenceNode
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.resolver import Resolver
from ruamel.yaml.scanner import Scanner, ScannerError
from ruamel.yaml.tag import Tag
from ruamel.yaml.tokens import BlockEndToken, KeyToken, ValueToken

from cassette_cli.source.later import pattern

try:
    from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # no C extension for this interpreter
    CParser = object

_BREAKS_AND_END = "\n\r\x85\u2028\u2029\0"
_HALF_PAIR = pattern("[\ud800-\udfff]")
_STR, _SEQ, _MAP = (Tag(suffix=f"tag:yaml.org,2002:{name}") for name in ("str", "seq", "map"))
_IMPLICIT = {
    first: [(Tag(suffix=tag), pattern.match) for tag, pattern in resolvers]
    for first, resolvers in Resolver.yaml_implicit_resolvers.items()
}


class TooDeepError(Exception):
    """Collections nest past the bound; `line` is 1-based."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Composing:
    """What both composers call for every node, on the way in, for its tag, and on the way out.

    The C composer recurses on the C stack, which ends at some 20,000 levels with a segmentation
    fault: to count the levels here is exact, and costs less than ruamel's own three methods.
    """

    bound = 0
    level = 0

    def descend_resolver(self, parent: Any, _index: Any) -> None:
        """Go one level down."""
        self.level += 1
        if self.level > self.bound:
            raise TooDeepError(parent.start_mark.line + 1)

    def ascend_resolver(self) -> None:
        """Come one level up."""
        self.level -= 1

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Tag:
        """Return the tag of a node that states none, by the core schema."""
        if kind is not ScalarNode:
            return _SEQ if kind is SequenceNode else _MAP
        if implicit[0]:
            for tag, match in _IMPLICIT.get(value[:1], ()):
                if match(value):
                    return tag
        return _STR


class PureLoader(_Composing, Reader, Scanner, Parser, Composer):
    """The parser in Python, made to read what libyaml reads and to set its marks where libyaml does.

    The scanning below differs from ruamel's in that libyaml lets tabs stand between tokens and in
    plain scalars; the parsing, in where a node with a tag before its anchor and an empty one begin.
    """

    processing_version = (1, 1)  # libyaml's grammar: its line breaks, its empty keys
    top_level_block_style_scalar_no_indent_error_1_1 = True
    forward = Reader.forward_1_1
    comment_handling = None
    max_depth = None

    def __init__(self, text: str, bound: int) -> None:
        self._resolver = self
        self.doc_infos = [DocInfo()]
        Reader.__init__(self, text, loader=self)
        Scanner.__init__(self, loader=self)
        Parser.__init__(self, loader=self)
        Composer.__init__(self, loader=self)
        self.bound = bound
        self.warn_double_anchors = False

    def scan_to_next_token(self) -> None:
        """Pass over blanks, comments and line breaks; tabs too, where no key can begin."""
        while True:
            if self.column == 0 and self.peek() == "\ufeff":
                self.forward()
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in _BREAKS_AND_END:
                    self.forward()
            if not self.scan_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain_spaces(self, indent: int, start_mark: Any) -> list[str] | None:
        """Return the fold or the blanks inside a plain scalar; None where a document ends."""
        length = 0
        while self.peek(length) in " \t":
            length += 1
        blanks = self.prefix(length)
        self.forward(length)
        first = self.scan_line_break()
        if not first:
            return [blanks] if blanks else []
        self.allow_simple_key = True
        breaks: list[str] = []
        while not (self.check_document_start() or self.check_document_end()):
            if self.peek() == "\t" and self.column < indent:
                problem = "found a tab character that violates indentation"
                raise ScannerError("while scanning a plain scalar", start_mark, problem, self.get_mark())
            if self.peek() in " \t":
                self.forward()
            elif found := self.scan_line_break():
                breaks.append(found)
            elif first != "\n":
                return [first, *breaks]
            else:
                return breaks or [" "]
        return None

    def parse_node(self, *args: Any, **kwargs: Any) -> Any:
        """Begin a node at its tag or anchor, whichever comes first; take no half of a surrogate pair."""
        mark = self.peek_token().start_mark
        event = super().parse_node(*args, **kwargs)
        event.start_mark = mark
        if isinstance(event, ScalarEvent) and _HALF_PAIR.search(event.value):
            problem = "found invalid Unicode character escape code"
            raise ScannerError("while parsing a quoted scalar", mark, problem, event.end_mark)
        return event

    def parse_block_mapping_value(self) -> Any:
        """Put an empty value right behind its colon."""
        if self.check_token(ValueToken):
            mark = self.get_token().end_mark
            if not self.check_token(KeyToken, ValueToken, BlockEndToken):
                self.states.append(self.parse_block_mapping_key)
                return self.parse_block_node_or_indentless_sequence()
        else:
            mark = self.peek_token().start_mark
        self.state = self.parse_block_mapping_key
        return self.process_empty_scalar(mark)

    def parse_flow_mapping_key(self, first: bool = False) -> Any:
        """Put an empty key before the next token."""
        return self._before_next_token(super().parse_flow_mapping_key(first))

    def parse_flow_mapping_value(self) -> Any:
        """Put an empty value before the next token."""
        return self._before_next_token(super().parse_flow_mapping_value())

    def parse_flow_sequence_entry_mapping_value(self) -> Any:
        """Put an empty value before the next token."""
        return self._before_next_token(super().parse_flow_sequence_entry_mapping_value())

    def _before_next_token(self, event: Any) -> Any:
        if event.start_mark is event.end_mark:  # an empty scalar without tag and anchor
            event.start_mark = event.end_mark = self.peek_token().start_mark
        return event


class Yaml12Loader(PureLoader):
    """The parser in Python by the grammar of YAML 1.2, for what libyaml refuses."""

    processing_version = (1, 2)


class CLoader(_Composing, CParser):  # type: ignore[misc]
    """The parser in C."""

    def __init__(self, text: str, bound: int) -> None:
        CParser.__init__(self, text)
        self.bound = bound


def hashes(raw: bytes, start: int) -> tuple[bytes, list[bytes]]:
    """Return a hash of libyaml's events around the list that begins at character `start`, and one of each of its items.

    Hashed is what makes the tree: kinds, anchors, aliases, tags, values, and which plain values state no tag.
    """
    from hashlib import sha256

    parser = CParser(raw)
    around = taking = sha256()
    items: list[bytes] = []
    level = 0
    inside = -1  # the level of the list's items, once it has begun
    while (event := parser.get_event()) is not None:
        closes = isinstance(event, CollectionEndEvent)
        level -= closes
        if inside < 0 and not items and isinstance(event, SequenceStartEvent) and event.start_mark.index == start:
            inside = level + 1
        elif level == inside and not closes:
            taking = sha256()
        elif level < inside:
            inside, taking = -1, around
        _take(taking, event)
        level += isinstance(event, CollectionStartEvent)
        if level == inside and taking is not around:
            items.append(taking.digest())
    return around.digest(), items


def _take(taking: Any, event: Any) -> None:
    """Add an event to a hash, each part of it with its size."""
    value = getattr(event, "value", None)
    said = (type(event).__name__, getattr(event, "anchor", None), str(getattr(event, "ctag", None)),
            getattr(event, "implicit", None), None if value is None else len(value))  # fmt: skip
    taking.update(repr(said).encode())
    if value is not None:
        taking.update(value.encode("utf-8", "surrogatepass"))


def _is_bounded() -> bool:
    """Say whether there is a C composer and it asks for every level, as all known ones do."""
    if CParser is object:
        return False
    try:
        loader = CLoader("[[]]", 1)
        loader.check_node()
        loader.get_node()
    except TooDeepError:
        return True
    return False


HAS_C = _is_bounded()
