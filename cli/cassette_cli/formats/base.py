"""What a format is, and the reading of parts that recorders share."""

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from typing import Literal, NamedTuple

from cassette_cli.model.body import Body, Storage
from cassette_cli.model.headers import Header, Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response, Unread
from cassette_cli.model.storage import is_base64
from cassette_cli.source.document import Document
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node
from cassette_cli.source.one_by_one import OneByOne
from cassette_cli.source.yaml.entries import Entries

RequestPart = Literal["method", "url", "query", "headers", "body"]
"""A part of a request; `url` is the address without its query."""

WHOLE_REQUEST = ("method", "uri", "headers", "body")
"""The matchers that compare all of a request."""

_COVERED: dict[str, tuple[RequestPart, ...]] = {
    "method": ("method",),
    "query": ("query",),
    "headers": ("headers",),
    **dict.fromkeys(("uri", "url"), ("url", "query")),
    **dict.fromkeys(("scheme", "host", "port", "path"), ("url",)),
    **dict.fromkeys(("body", "raw_body", "body_as_json"), ("body",)),
}
"""The parts of a request that a matcher compares."""


class Matching(NamedTuple):
    """How a recorder finds an interaction: its matchers, by the names that its users give them.

    `by_parts` says that `uri` compares the parameters of a query in any order, `without_port` that it passes over the
    port of the scheme, `blanks` that parameters without a value count, `slash` that an empty path is `/` and hosts have
    no case, `by_type` that `body` compares JSON and forms by value. `about` says what else to know of it.
    """

    names: tuple[str, ...]
    by_parts: bool = False
    without_port: bool = False
    blanks: bool = True
    slash: bool = False
    by_type: bool = False
    about: str = ""

    @property
    def parts(self) -> frozenset[RequestPart]:
        """The parts of a request that are compared."""
        return frozenset(part for name in self.names for part in _COVERED[name])


ANNOTATIONS = frozenset(
    "comment created_at date description duration duration_ms elapsed hash id index meta metadata name notes"
    " recorded_at recordedAt recorded_with recorder tags test testName test_name time timestamp timings uuid"
    " version".split()
)
"""Fields that recorders and the serializers of projects write beside what was sent: they hold no body."""

ATTACHED = frozenset({"_file", "on_disk", "file", "body_file", "bodyFileName"})
"""Fields that name a file in which a body stands: `attached.follow` reads it, and takes them off what is not read."""

_BODY = frozenset({"string", "base64_string", "encoding"})


class Fields(NamedTuple):
    """The fields that a recorder is known to write, beside `ANNOTATIONS`: what else a file has is not read."""

    request: frozenset[str]
    response: frozenset[str]
    interaction: frozenset[str] = frozenset({"request", "response"})
    file: frozenset[str] = frozenset()
    body: frozenset[str] = _BODY
    wrapped: frozenset[str] = frozenset()
    """The sides whose body always stands under one of the fields of `body`."""
    versions: frozenset[str] = frozenset()
    """What a file may state as its `version`; empty where that is not looked at."""

    def unread_of_file(self, root: Node) -> Sequence[Unread]:
        """Return what stands in a file beside its interactions and is not known."""
        fields = root.fields()
        found = unknown(fields, self.file, "")
        version = fields.get("version")
        if not self.versions or version is None or version.is_null or version.value in self.versions:
            return found
        told = f"{version.value!r} " if version.kind == "scalar" else ""
        reason = f"{told}is not known here; the file is read like a known version"
        return [*found, Unread("version", version, reason=reason, of_version=True)]

    def unread(self, index: int, fields: dict[str, Node]) -> Sequence[Unread]:
        """Return what an interaction of `{request, response}` with these fields holds and is not known."""
        found = [*unknown(fields, self.interaction, "", index)]
        for side, known in (("request", self.request), ("response", self.response)):
            node = fields.get(side)
            if node is None or node.kind != "mapping":
                continue
            inside = node.fields()
            found += unknown(inside, known, side, index)
            body = inside.get("body")
            if body is not None and body.kind == "mapping":
                parts = body.fields()
                if (side in self.wrapped and body.tag == "map") or not self.body.isdisjoint(parts):
                    found += unknown(parts, self.body, f"{side}.body", index)
        return found


def unknown(fields: dict[str, Node], known: AbstractSet[str], where: str, index: int | None = None) -> Sequence[Unread]:
    """Return the fields that are not known, are no annotations, and may hold a body or tell how one is encoded.

    Before them the known ones with a value that nothing can be made of: a status of letters, headers that are numbers.
    """
    shaped, strange = _looked_at(tuple(fields), known)
    found: list[Unread] = []
    for name in shaped:
        node, (fits, reason) = fields[name], _SHAPES[name]
        if fits(node) or node.is_null:
            continue
        if name != "status" or _STATUS_CODES.isdisjoint(fields):  # go-vcr's `status` stands beside its `code`
            found.append(Unread(f"{where}.{name}" if where else name, node, index, reason))
    found.extend(
        Unread(f"{where}.{name}" if where else name, fields[name], index)
        for name in strange
        if name in known or _matters(name, fields[name])
    )
    return found


@lru_cache
def _looked_at(names: tuple[str, ...], known: AbstractSet[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the fields whose shape is checked, and those that may be unknown: interactions mostly have the same."""
    strange = (name for name in names if (name in ATTACHED if name in known else name not in ANNOTATIONS))
    return [name for name in names if name in known and name in _SHAPES], list(strange)


def _is_url(node: Node) -> bool:
    return node.kind == "scalar" and node.tag not in ("int", "float", "bool")


def _is_status(node: Node) -> bool:
    if node.kind == "mapping":
        fields = node.fields()
        code = fields.get("code") or fields.get("status_code") or fields.get("Code")
        return code is None or code.is_null or (code.kind == "scalar" and _is_status(code))
    return node.kind == "scalar" and (not node.value or status(node)[0] is not None)


def _are_headers(node: Node) -> bool:
    if node.kind == "scalar":
        return not node.value
    if isinstance(node, Entries):
        return True
    return all(_is_header_value(value) for _, value in node.pairs) and all(map(_is_header, node.items))


# Lists nest twice at most: aliases make lists of lists that nobody could walk.
def _is_header(item: Node, depth: int = 2) -> bool:
    """Say whether an item of a list is a header: a pair, `{name, value}`, `name: value`, or a list of them."""
    if item.kind == "mapping":
        return item.get("name") is not None or item.get("key") is not None
    if item.kind == "scalar":
        return ":" in item.value
    if not item.items or item.items[0].kind != "sequence":
        return len(item.items) > 0
    return depth > 0 and all(_is_header(one, depth - 1) for one in item.items)


def _is_header_value(value: Node, depth: int = 2) -> bool:
    if value.kind == "sequence":
        return depth > 0 and all(_is_header_value(one, depth - 1) for one in value.items)
    return value.kind == "scalar"


def _is_text_of_body(node: Node) -> bool:
    return node.kind == "scalar" or len(node) == 0 or node.tag not in ("map", "seq") or _are_texts(node)


def _are_texts(node: Node) -> bool:
    return node.kind == "sequence" and all(_is_text(item) for item in node.items)


_STATUS_CODES = frozenset({"code", "status_code", "statusCode"})
_SHAPES: dict[str, tuple[Callable[[Node], bool], str]] = {
    **dict.fromkeys(("url", "uri", "URL", "Uri", "RequestUri"), (_is_url, "a URL that is no text")),
    **dict.fromkeys(
        ("status", "status_code", "statusCode", "code", "Status", "StatusCode"),
        (_is_status, "a status without a number"),
    ),
    **dict.fromkeys(
        ("headers", "Header", "RequestHeaders", "ResponseHeaders", "ContentHeaders"),
        (_are_headers, "headers that are neither names with values nor a list of pairs"),
    ),
    **dict.fromkeys(("string", "base64_string"), (_is_text_of_body, "a body that is no text")),
}
"""Fields by the names that recorders give them: whether a value can be read, and what is said of one that cannot."""


def _matters(name: str, node: Node) -> bool:
    """Say whether a field may hold a body, as collections and longer texts do, or tells how one is encoded."""
    if node.kind != "scalar":
        return len(node) > 0
    value = node.value.lower()
    if name in ATTACHED and name != "file":
        return bool(value)
    if value == "true" or (name == "file" and value == "yes"):
        return _ENCODED.search(name) is not None
    return value in _ENCODINGS or (len(value) >= _LEAST_BODY and node.tag not in ("int", "float"))


_LEAST_BODY = 32
"""Characters from which on a text may be an encoded body; shorter ones are names, dates and addresses."""
_ENCODINGS = frozenset("base64 hex binary blob gzip deflate br brotli zstd zlib compressed encoded".split())
_ENCODED = pattern(r"(?i)^file$|base_?64|binary|gzip|zip|compress|encod|encrypt")


class CassetteFormat(ABC):
    """What is known of a recorder and its files; `formats.registry` lists an instance each, and how its files open."""

    name: str
    """What `--input-format` calls it."""

    recorder: str
    """Who writes it, in the words of its users: for the table of recorders and for hints."""

    source: str
    """Where the recorder comes from, as a URL."""

    files: str
    """What is read of it, in a line of Markdown for the table of recorders."""

    versions: tuple[str, ...] = ()
    """What `Cassette.format` may say; just the name where there are no versions."""

    match_on: tuple[str, ...] = ("method", "uri")
    """The matchers by which the recorder finds an interaction, unless it is told otherwise: its own defaults."""

    last_key: str = ""
    """The key that the recorder writes last into its YAML: where it is missing, the file may be cut."""

    editable: bool = True
    """Whether its files can be edited without loss."""

    @abstractmethod
    def claims(self, document: Document) -> bool:
        """Say whether the document is of this format; exactly one format claims any cassette."""

    @abstractmethod
    def load(self, document: Document) -> Cassette:
        """Read the interactions; raises `MalformedCassetteError` with a line for a part of the wrong kind."""

    def matching(self, label: str) -> Matching:
        """Return how the recorder finds an interaction of a cassette with this label."""
        del label
        return Matching(self.match_on)

    def read(
        self,
        document: Document,
        items: Node,
        request: Callable[[Node], Request],
        response: Callable[[Node, Node], Response],
        known: "Fields",
        label: str = "",
    ) -> Cassette:
        """Make a cassette of a list of `{request, response}`; see `interactions` for the parameters."""
        made = interactions(document, items.items, request, response, known)
        return Cassette(document, label or self.name, made, items, unread=known.unread_of_file(document.root))


def only_root(document: Document) -> Node | None:
    """Return the document's root, None where the file is empty or holds several documents."""
    return document.roots[0] if len(document.roots) == 1 else None


def first(node: Node | None) -> Node | None:
    """Return the first item of a sequence that is no null."""
    return next((item for item in node.items if not item.is_null), None) if node is not None else None


def text(node: Node | None) -> str:
    """Return a scalar's text; bytes in base64, as Ruby tags names and values, as the text they hold."""
    if node is None or node.is_null:
        return ""
    if is_base64(node):
        try:
            return base64.b64decode("".join(node.value.split())).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return node.value
    return node.value


def number(node: Node | None) -> int | None:
    """Return a scalar as a whole number, None where it is none: recorders also write it as text."""
    if node is None or node.kind != "scalar":
        return None
    return whole_number(node.value)


def whole_number(value: str) -> int | None:
    """Return a text as a whole number, None where it is none; `200.0` is one."""
    value = value.strip().removesuffix(".0")
    return int(value) if value.isascii() and value.removeprefix("-").isdigit() and len(value) < 19 else None


def headers(*nodes: Node | None) -> Headers:
    """Read header lines in any of the shapes that recorders have, when they are asked for; those of all nodes.

    A mapping of names to values or lists of values; a sequence of `[name, value]` pairs, of `{name,
    value}` objects or of `name: value` texts. Numbers are their texts, nulls are empty.
    """
    found = tuple(node for node in nodes if node is not None)
    if not found:
        return Headers()
    return Headers(make=partial(_lines, *found) if len(found) == 1 else partial(_all_lines, found), nodes=found)


def alternating_headers(node: Node) -> Headers:
    """Read a list in which names and values take turns, as Node.js has it in `rawHeaders`."""

    def make(_: str | None) -> list[Header]:
        items = node.items
        return [
            Header(items[i].value, text(items[i + 1]), items[i + 1], items[i], ((node, i), (node, i + 1)))
            for i in range(0, len(items) - 1, 2)
        ]

    return Headers(make=make, nodes=(node,))


def _all_lines(nodes: Sequence[Node], wanted: str | None = None) -> list[Header]:
    return [line for node in nodes for line in _lines(node, wanted)]


def _lines(node: Node, wanted: str | None = None) -> list[Header]:
    """Return the lines, or of a mapping's those alone that may have the wanted name, in lower case."""
    lines: list[Header] = []
    for index, (name, value) in enumerate(node.pairs):
        if wanted is None or _may_be(name, wanted):
            _add(lines, name, value, (node, index))
    for index, item in enumerate(node.items):
        entry = (node, index)
        if item.kind == "mapping":
            name_node = item.get("name") or item.get("key")
            if name_node is not None:
                _add(lines, name_node, item.get("value"), entry)
        elif item.kind == "sequence":
            parts = item.items
            if parts and all(part.kind == "sequence" for part in parts):
                lines += _lines(item)  # the arguments of a tagged frozenset
            elif parts:
                _add(lines, parts[0], parts[1] if len(parts) > 1 else None, entry)
        else:
            label, _, rest = item.value.partition(":")
            lines.append(Header(label.strip(), rest.strip(), item, None, (entry,)))
    return lines


def _may_be(name: Node, wanted: str) -> bool:
    """Say whether a header's name may be the wanted one; in base64 it is longer than that, and has no hyphen."""
    value = name.value
    if value.lower() == wanted or name.kind != "scalar":
        return True
    return len(value) > len(wanted) and "-" not in value and is_base64(name)


def _add(lines: list[Header], name: Node, value: Node | None, entry: tuple[Node, int]) -> None:
    while name.kind != "scalar":  # a key such as `!!python/object/apply:multidict._multidict.istr [Accept]`
        inner = first(name) or next((node for _, node in name.pairs), None)
        if inner is None:
            return
        name = inner
    values = value.items if value is not None and value.kind == "sequence" else [value]
    for item in values:
        one = first(item) if item is not None and item.kind == "sequence" else item
        if one is None or one.kind == "scalar":
            lines.append(Header(text(name), text(one), one, name, (entry,)))


def method(node: Node | None) -> str:
    """Return an HTTP method in capitals; Ruby's symbols lose their colon, nothing is GET."""
    value = text(node) if node is None or node.kind == "scalar" else ""
    return value.strip().removeprefix(":").upper() or "GET"


def status(node: Node | None) -> tuple[int | None, str | None]:
    """Return code and reason of a status: a number, `200 OK`, or `{code, message}` with other names for them."""
    if node is None:
        return None, None
    if node.kind == "mapping":
        fields = node.fields()
        code = fields.get("code") or fields.get("status_code")
        message = fields.get("message") or fields.get("reason")
        inner, reason = status(code) if code is not None and code.kind == "scalar" else (None, None)
        return inner, (text(message) or None) if message is not None and message.kind == "scalar" else reason
    if node.is_bare and (number := whole_number(node.value)) is not None:
        return number, None
    words = text(node).split(None, 2)
    if words and words[0].upper().startswith("HTTP/"):
        words = words[1:]
    if not words or node.kind != "scalar":
        return None, None
    return whole_number(words[0]), " ".join(words[1:]) or None


def http_version(node: Node | None) -> str | None:
    """Return the version of HTTP as recorded; a bare number, as Ruby VCR has it, becomes `HTTP/1.1`."""
    if node is None or node.kind != "scalar" or node.is_null or not node.value.strip():
        return None
    value = node.value.strip()
    return f"HTTP/{value}" if value[0].isdigit() else value


def lengths(*nodes: Node | None) -> list[Node]:
    """Return the nodes that are there."""
    return [node for node in nodes if node is not None]


def body(node: Node | None, lines: Headers, *, width: int | None = None, decoded: bool = False) -> Body:
    """Make a body from what stands in its place: text, base64, chunks, or a mapping that holds one of them.

    The mapping is `{string}` or `{base64_string}` with the recorder's `encoding` beside it.
    """
    charset: Node | None = None
    if node is not None and node.kind == "mapping":
        charset = node.get("encoding")
        inner = node.get("base64_string")
        if inner is not None and not inner.is_null:
            name = text(charset) if charset is not None else ""
            return Body(inner, "base64", headers=lines, charset=name, width=width, decoded=decoded)
        inner = node.get("string")
        if inner is None:
            inner = _wrapped(node)
        node = inner
    if node is None or node.is_null:
        return Body(headers=lines)
    kind: Storage = "text"
    if node.kind == "sequence":
        kind = "chunks" if _are_texts(node) else "parsed"
    elif node.kind == "mapping":
        kind = "parsed"
    elif is_base64(node):
        kind = "base64"
    if charset is not None and (charset.kind != "scalar" or not charset.value or charset.is_null):
        charset = None
    return Body(
        node,
        kind,
        headers=lines,
        charset="" if charset is None else charset.value,
        charset_node=charset,
        width=width,
        decoded=decoded,
    )


def structure_or_text(node: Node | None, lines: Headers) -> Body:
    """Make a body that stands in JSON as the structure that its own JSON stands for, or as text."""
    if node is None or node.is_null:
        return Body(headers=lines)
    is_text = node.kind == "scalar" and node.tag == "str"
    return Body(node, "text" if is_text else "json", headers=lines)


def request(node: Node, read: Callable[[Node, Headers], Body] | None = None, url: str = "url") -> Request:
    """Return the request of a mapping with `method`, `headers` and a URL under this name; `read` reads its body."""
    lines = headers(node.get("headers"))
    made = read(node, lines) if read is not None else body(node.get("body"), lines)
    return Request(method(node.get("method")), text(node.get(url)), lines, made, node.get(url), node.get("method"))


def response(node: Node, read: Callable[[Node, Headers], Body] | None = None) -> Response:
    """Return the response of a mapping with `status` and `headers`; `read` reads its body."""
    lines = headers(node.get("headers"))
    code, reason = status(node.get("status"))
    made = read(node, lines) if read is not None else body(node.get("body"), lines)
    return Response(code, lines, made, reason, http_version=http_version(node.get("http_version")))


def is_base64_text(value: str) -> bool:
    """Say whether a text is whole base64, and not empty."""
    try:
        return bool(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False


def sequence_of(node: Node, items: Sequence[Node]) -> Node:
    """Return a sequence in the place of a node that holds items from inside it: chunks that stand in mappings."""
    return Node("sequence", "seq", "", node.start, node.end, node.style, list(items))


def _is_text(node: Node) -> bool:
    return node.kind == "scalar" and (node.tag in ("str", "python/str", "python/unicode") or is_base64(node))


def _wrapped(node: Node) -> Node | None:
    """Return what a mapping in a body's place holds: the structure that a client was given, or an object's content.

    Python's are a `BytesIO` or an iterator; Ruby's is an instance of a subclass of String.
    """
    if node.tag.startswith("python/object"):
        return first(node.get("state")) or first(node.get("args"))
    if node.tag.startswith("!"):
        return node.get("str")
    return node if node.pairs else None


def interactions(
    document: Document,
    items: Sequence[Node],
    request: Callable[[Node], Request],
    response: Callable[[Node, Node], Response],
    known: Fields,
) -> Sequence[Interaction]:
    """Read items of `{request, response}`; `response` is given the item and the response's node.

    `known` are the fields that the recorder writes.

    Raises `MalformedCassetteError` for an item without a request; one without a response is listed as such.
    Of items that are made one by one the interactions are, too, and raise when they are.
    """

    def made(index: int, item: Node) -> Interaction:
        return interaction(document, index, item, request, response, known)

    if isinstance(items, OneByOne):
        return OneByOne(len(items), lambda index: made(index, items[index]))
    return [made(index, item) for index, item in enumerate(items)]


def interaction(
    document: Document,
    index: int,
    item: Node,
    request: Callable[[Node], Request],
    response: Callable[[Node, Node], Response],
    known: Fields,
) -> Interaction:
    """Read one item of `{request, response}`, as `interactions` does."""
    fields = item.fields()
    asked, answered = fields.get("request"), fields.get("response")
    if asked is None or asked.kind != "mapping":
        raise no_request(document, index, item)
    found = answered if answered is not None and answered.kind == "mapping" else None
    return Interaction(
        index,
        request(asked),
        None if found is None else response(item, found),
        item,
        recorded_at=recorded_at(fields.get("recorded_at")),
        error=None if found is not None else "no response was recorded",
        unread=known.unread(index, fields),
    )


def recorded_at(node: Node | None) -> str | None:
    """Return the recorder's own words for the time of the recording."""
    return node.value or None if node is not None and node.kind == "scalar" and not node.is_null else None


def no_request(document: Document, index: int, item: Node) -> Exception:
    """Make the error for an interaction without a request."""
    return document.malformed(
        f"interaction {index} has no request", item, hint="remove the interaction, or record the cassette again"
    )


def is_dvr(root: Node, item: Node) -> bool:
    """Say whether an interaction is of DVR for Swift, whose files have the keys of VCR.py's."""
    request = item.get("request")
    named = root.has("name") and not root.has("version")
    return named and item.has("recorded_at") and request is not None and request.has("url")


def container(document: Document, node: Node | None, key: str) -> Node:
    """Return the sequence that holds the interactions; raises `MalformedCassetteError` for anything else."""
    if node is None or not (node.kind == "sequence" or node.is_null):
        raise document.malformed(f"`{key}` is no list", node or document.root, hint="record the cassette again")
    return node
