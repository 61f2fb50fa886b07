"""A body that is being changed, step by step, and the ways to change JSON text without writing it anew."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from cassette_cli.errors import CassetteError, EditError, ParseError, UsageError
from cassette_cli.model import structure
from cassette_cli.model.body import Body
from cassette_cli.model.storage import difference
from cassette_cli.source.document import BOM, Document
from cassette_cli.source.edits import Edit, Insert, Number, Part, Remove, spliced
from cassette_cli.source.nodes import Node
from cassette_cli.source.verify import apply

_STEP = re.compile(
    r"\.(?P<name>[^.\[\]'\"=]+)|\[(?:(?P<index>-?\d{1,9})|(?P<any>\*)|'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\")\]"
)
_MOST_LINES = 20_000
"""How many lines of two texts are compared to find those that stay."""

Step = str | int
ANY: Step = "*"


class Payload:
    """The decoded body of a message under change: what it is now, and as which parts of what it was."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.now: str | bytes = body.payload
        self._pieces: list[tuple[int, int] | str] | None = None

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return self.now != self.body.payload

    @property
    def text(self) -> str:
        """The body as text; raises `EditError` where it is binary, or could not be decoded whole."""
        if self.body.node is not None:
            self.body.require_editable()
        if isinstance(self.now, bytes):
            raise EditError("the body is binary, not text", hint="take its bytes with --raw, or --message for a stream")
        return self.now

    def change(self, parts: Iterable[Part]) -> None:
        """Replace parts of the text as it is now."""
        text = self.text
        parts = sorted(parts)
        new = spliced(text, parts, "body")
        pieces = self._pieces if self._pieces is not None else [(0, len(text))]
        self._pieces = list(_cut(pieces, parts))
        self.now = new

    def replace(self, new: str | bytes) -> None:
        """Give the body new content, by the parts that differ."""
        if isinstance(new, str) and isinstance(self.now, str):
            self.change(differences(self.now, new))
        else:
            self.now, self._pieces = new, None

    def change_json(self, edits: Callable[[Document], Iterable[Edit]]) -> None:
        """Make edits in the body's JSON; raises `EditError` where it is none."""
        self.change(json_parts(self.text, edits))

    def edits(self) -> list[Edit]:
        """Return the edits of the file."""
        if not self.changed:
            return []
        if isinstance(self.now, str) and isinstance(self.body.payload, str) and self._pieces is not None:
            return self.body.edit(_parts(self._pieces, len(self.body.payload)))
        return self.body.replace(self.now)


def _cut(pieces: Sequence[tuple[int, int] | str], parts: Sequence[Part]) -> Iterator[tuple[int, int] | str]:
    """Yield the pieces of a text, spans of the first one and new texts, once parts of it are replaced."""
    rest = iter(pieces)
    piece = next(rest, None)
    at = 0  # where the piece begins

    def taken(until: int, *, keep: bool) -> Iterator[tuple[int, int] | str]:
        nonlocal piece, at
        while piece is not None and at < until:
            size = len(piece) if isinstance(piece, str) else piece[1] - piece[0]
            take = min(size, until - at)
            if keep:
                yield piece[:take] if isinstance(piece, str) else (piece[0], piece[0] + take)
            at += take
            left = piece[take:] if isinstance(piece, str) else (piece[0] + take, piece[1])
            piece = left if take < size else next(rest, None)

    for start, end, new in parts:
        yield from taken(start, keep=True)
        list(taken(end, keep=False))
        if new:
            yield new
    while piece is not None:
        yield piece
        piece = next(rest, None)


def _parts(pieces: Sequence[tuple[int, int] | str], size: int) -> list[Part]:
    """Return pieces as parts of the text that they are spans of."""
    parts: list[Part] = []
    at, new = 0, ""
    for piece in [*pieces, (size, size)]:
        if isinstance(piece, str):
            new += piece
        else:
            if new or piece[0] > at:
                parts.append((at, piece[0], new))
            at, new = piece[1], ""
    return parts


def differences(old: str, new: str) -> list[Part]:
    """Return the parts of a text that make it another: line by line, and within a line between its equal ends."""
    part = difference(old, new)
    if part is None:
        return []
    start, end, written = part
    old_lines, new_lines = old[start:end].splitlines(keepends=True), written.splitlines(keepends=True)
    if min(len(old_lines), len(new_lines)) < 2 or len(old_lines) + len(new_lines) > _MOST_LINES:
        return [part]
    places = [start]
    for line in old_lines:
        places.append(places[-1] + len(line))
    parts = []
    for kind, i, i_end, j, j_end in SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        inner = difference(old[places[i] : places[i_end]], "".join(new_lines[j:j_end]))
        if inner is not None:
            parts.append((places[i] + inner[0], places[i] + inner[1], inner[2]))
    return parts


def json_document(text: str) -> Document:
    """Return JSON text as a document; raises `EditError` where it is not one value of JSON."""
    try:
        document = Document(text.encode(), is_json=True)
    except UnicodeEncodeError as error:
        raise EditError("the JSON holds half a surrogate pair, and cannot be edited") from error
    except ParseError as error:
        raise EditError(f"the body is {error.message}", hint="edit it as text, with --raw") from error
    except CassetteError as error:
        raise EditError(error.message, hint=error.hint) from error
    if len(document.roots) != 1:
        many = "several JSON values, one after the other" if document.roots else "empty, not JSON"
        raise EditError(f"the body is {many}", hint="edit it as text, with --raw")
    return document


def json_parts(text: str, edits: Callable[[Document], Iterable[Edit]]) -> list[Part]:
    """Return what edits of JSON come to as parts of its text; raises `EditError` where it is none."""
    document = json_document(text)
    after = apply(document, edits(document))
    shift = len(BOM) if document.has_bom else 0
    return [(start + shift, end + shift, new) for start, end, new in after.changes] if after is not document else []


def become(wanted: str) -> Callable[[Document], list[Edit]]:
    """Return the edits that make JSON say what another text says."""
    return lambda document: structure.edits(document.root, wanted.removeprefix(BOM), is_json=True)


def is_json(text: str) -> bool:
    """Say whether a text is one object or list of JSON."""
    if text.lstrip(BOM + " \t\r\n")[:1] not in ("{", "["):
        return False
    try:
        json_document(text)
    except EditError:
        return False
    return True


def pretty(text: str) -> str:
    """Return JSON laid out over lines; numbers stand as they were written, and duplicate keys stay."""
    return "".join(_laid_out(json_document(text).root, "\n"))


def _laid_out(node: Node, newline: str) -> Iterator[str]:
    if node.kind == "scalar":
        yield json.dumps(node.value, ensure_ascii=False) if node.tag == "str" else node.value
        return
    signs = "{}" if node.kind == "mapping" else "[]"
    if not len(node):
        yield signs
        return
    inner = newline + "  "
    entries = [(f"{json.dumps(key.value, ensure_ascii=False)}: ", value) for key, value in node.pairs]
    for number, (head, value) in enumerate(entries or [("", item) for item in node.items]):
        yield (signs[0] if number == 0 else ",") + inner + head
        yield from _laid_out(value, inner)
    yield newline + signs[1]


def parse_json(text: str) -> Any:
    """Return a value as JSON, or as the string that it is where it does not parse."""
    try:
        return json.loads(text, parse_float=Number)
    except (ValueError, RecursionError):
        return text


def parse_path(text: str) -> list[Step]:
    """Return the steps of a path such as `$.choices[0].text`; raises `UsageError` for what is no path."""
    rest = text.removeprefix("$")
    if rest and rest[0] not in ".[":
        rest = "." + rest
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        step = _STEP.match(rest, at)
        if step is None:
            raise UsageError(
                f"invalid path {text!r}: expected names and numbers", hint="write body:$.choices[0]['a key'].text"
            )
        at = step.end()
        index, name = step["index"], next((step[k] for k in ("name", "quoted", "double") if step[k] is not None), None)
        steps.append(int(index) if index is not None else ANY if name is None else name)
    return steps


def set_at(root: Node, steps: Sequence[Step], value: Any) -> list[Edit]:
    """Return the edits that set what a path names; keys that are missing on the way are made."""
    nodes: list[Node] = [root]
    edits: list[Edit] = []
    for depth, step in enumerate(steps):
        found: list[Node] = []
        for node in nodes:
            children = _children(node, step)
            found += children
            if not children and step != ANY:
                edits.append(_made(node, step, steps[depth + 1 :], value))
        nodes = found
    if not nodes and not edits:
        raise EditError(f"there is nothing at {_said(steps)}")
    for node in nodes:
        edits += structure.changes(node, value, is_json=True)
    return edits


def _made(node: Node, step: Step, rest: Sequence[Step], value: Any) -> Edit:
    """Return the edit that makes an entry, and what is missing below it."""
    for one in reversed(rest):
        if one == ANY or (isinstance(one, int) and one != 0):
            raise EditError(f"there is no {_said([step])[1:]} to set {_said(rest)[1:]} in")
        value = [value] if isinstance(one, int) else {one: value}
    if isinstance(step, str) and node.kind == "mapping":
        return Insert(node, len(node), value, step)
    if isinstance(step, int) and node.kind == "sequence" and step == len(node):
        return Insert(node, len(node), value)
    what = f"a list of {len(node)}" if node.kind == "sequence" else "an object" if node.kind == "mapping" else "no list"
    raise EditError(f"{_said([step])[1:]} cannot be set: what holds it is {what}")


def remove_at(root: Node, steps: Sequence[Step], *, needed: bool = True) -> list[Edit]:
    """Return the edits that take out what a path names; raises `EditError` where that is `needed` and not there."""
    if not steps:
        raise EditError("the whole body cannot be removed", hint="empty it with body=")
    parents = [root]
    for step in steps[:-1]:
        parents = [child for node in parents for child in _children(node, step)]
    last = steps[-1]
    edits: list[Edit] = []
    for node in parents:
        for index, (key, _) in enumerate(node.pairs):
            if last in (ANY, key.value):
                edits.append(Remove(node, index))
        count = len(node.items)
        edits += (Remove(node, index) for index in range(count) if last in (ANY, index, index - count))
    if not edits and needed:
        raise EditError(f"there is nothing at {_said(steps)}")
    return edits


def _children(node: Node, step: Step) -> list[Node]:
    if step == ANY:
        return [*node.items, *(value for _, value in node.pairs)]
    if isinstance(step, int):
        return [node.items[step]] if -len(node.items) <= step < len(node.items) else []
    found = node.get(step)
    return [] if found is None else [found]


def _said(steps: Sequence[Step]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) or step == ANY else f".{step}" for step in steps)
