"""How a body stands in a scalar or a sequence of the file, and how a changed one is put back.

base64 as PyYAML's `!!binary` (76 columns), Ruby's `!binary` (60 or unbroken), go-yaml's (70) and
`base64_string` of Ruby VCR (60), rOpenSci's vcr (80) and Betamax (unbroken) write it; chunk lists
inside a string as Polly.js does (`packages/@pollyjs/adapter-node-http/src/index.js`), and as a list of
hexadecimal or base64 texts as nock (`lib/recorder.ts`) and Go's httpreplay do; hexadecimal as Kludex's
cassetter does (`crates/cassetter-core/src/body/hex.rs`); Erlang's external term format as ExVCR does
(`lib/exvcr/json.ex`); a form by its fields, as HAR's `postData.params` and rOpenSci's `fields` hold it.
"""

import base64
import binascii
import json
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlencode

from cassette_cli.errors import EditError
from cassette_cli.source.edits import Edit, Part, Replace, Rewrite, spliced
from cassette_cli.source.nodes import AttachedNode, Node

Storage = Literal[
    "absent",
    "text",
    "base64",
    "hex",
    "parsed",
    "json",
    "segments",
    "chunks",
    "base64-chunks",
    "hex-chunks",
    "chunked-base64",
    "chunked-hex",
    "form",
    "file",
    "erlang",
]
"""Where a body stands: `parsed` is a YAML structure in its place, `json` a JSON one, `file` a file beside the cassette.

`segments` is a list of JSON structures, the events of a stream. `chunks` is a list of texts, `base64-chunks` and
`hex-chunks` one of encoded texts, and `chunked-base64` and `chunked-hex` are such a list written as JSON in a string.
`form` is a mapping of the fields of a form, or a list of `{name, value}`.
"""

Change = tuple[int, int, int]
"""A change of bytes: the start and end of the old ones, and the number of the new."""

_ERLANG_BINARY = b"\x83m"  # version 131, then BINARY_EXT (109) and a length of four bytes


class Stored(NamedTuple):
    """What was stored, one step out of the file, and the names of that step."""

    value: str | bytes
    layers: tuple[str, ...] = ()


def read(node: Node, storage: Storage) -> Stored:
    """Take a body out of its node; raises `ValueError` with the reason where it is not what it should be."""
    if isinstance(node, AttachedNode):
        return Stored(node.raw, ("attached file",))
    if storage == "base64":
        return Stored(_unbase64(node.value), ("base64",))
    if storage == "hex":
        return Stored(_unhex(node.value), ("hex",))
    if storage == "erlang":
        return Stored(_unerlang(_unbase64(node.value)), ("base64", "Erlang term"))
    if storage in ("chunked-base64", "chunked-hex"):
        return Stored(b"".join(_packed(node.value, storage)), ("chunks", storage.removeprefix("chunked-")))
    if storage in ("base64-chunks", "hex-chunks"):
        return Stored(b"".join(_listed(node, storage)), ("chunks", storage.removesuffix("-chunks")))
    if storage == "chunks":
        return _read_chunks(node)
    if storage == "form":
        return Stored(_form_text([(name, value.value) for name, value in _fields(node)]), ("form fields",))
    return Stored(node.value)


def write(
    node: Node, storage: Storage, value: str | bytes, width: int | None, changes: Sequence[Change] = ()
) -> list[Edit]:
    """Put a changed body back; `width` is the recorder's line width for base64, where the node shows none.

    `changes` are those of the bytes, where they are known.

    Raises `EditError` where the storage cannot hold it.
    """
    if isinstance(node, AttachedNode):
        return [Rewrite(node, value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"))]
    if storage == "chunks":
        return _write_chunks(node, value, width, changes)
    if storage == "form":
        return _write_form(node, value)
    if isinstance(value, str):
        return replaced(node, value)
    if storage == "base64":
        return replaced(node, _base64_like(node, value, width))
    if storage == "hex":
        return replaced(node, value.hex())
    if storage == "erlang":
        term = _ERLANG_BINARY + struct.pack(">L", len(value)) + value
        return replaced(node, base64.b64encode(term).decode("ascii"))
    if storage in ("chunked-base64", "chunked-hex"):
        pieces = [
            piece.hex() if storage == "chunked-hex" else base64.b64encode(piece).decode("ascii")
            for piece in recut(_packed(node.value, storage), value, changes)
        ]
        return replaced(node, json.dumps(pieces, separators=(",", ":")))
    if storage in ("base64-chunks", "hex-chunks"):
        edits: list[Edit] = []
        for item, piece in zip(_scalars(node), recut(_listed(node, storage), value, changes), strict=True):
            edits += replaced(item, piece.hex() if storage == "hex-chunks" else _base64_like(item, piece, width))
        return edits
    raise EditError("a body stored as text cannot hold bytes")


def edit_text(node: Node, storage: Storage, parts: Sequence[Part]) -> list[Edit]:
    """Edit parts of a body that is stored as text: a scalar's own value, or the texts of its chunks joined."""
    if storage == "form":
        return _write_form(node, spliced(str(read(node, storage).value), parts, "body"))
    return _edit_chunks(node, parts) if storage == "chunks" else [Replace(node, tuple(parts))]


def replaced(node: Node, value: str) -> list[Edit]:
    """Give a scalar a new value by the one part that differs; nothing where none does."""
    part = difference(node.value, value)
    return [] if part is None else [Replace(node, (part,))]


def difference(old: str, new: str) -> Part | None:
    """Return the part of `old` that must change, between what the two begin and end with."""
    if old == new:
        return None
    limit = min(len(old), len(new))
    head = _common(limit, lambda size: old[:size] == new[:size])
    tail = _common(limit - head, lambda size: old[len(old) - size :] == new[len(new) - size :])
    return head, len(old) - tail, new[head : len(new) - tail]


def _common(limit: int, same: Callable[[int], bool]) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if same(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _unbase64(text: str) -> bytes:
    text = "".join(text.removeprefix("base64:").split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"it is not base64: {error}") from error


def _base64_like(node: Node, data: bytes, width: int | None) -> str:
    """Write base64 as the old text is written: prefix, line width, trailing line break."""
    old = node.value
    prefix = "base64:" if old.startswith("base64:") else ""
    lines = old.split()
    if len(lines) > 1:
        width = len(lines[0])
    elif lines == [old] and (node.tag == "!binary" or len(old) > (width or 0)):
        width = None  # one unbroken line; Ruby breaks either every line or none
    text = base64.b64encode(data).decode("ascii")
    if width is not None:
        text = "\n".join(text[at : at + width] for at in range(0, len(text), width))
    return prefix + text + old[len(old.rstrip()) :]


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise ValueError("it is not hexadecimal") from error


def _unerlang(data: bytes) -> bytes:
    if not data.startswith(_ERLANG_BINARY) or int.from_bytes(data[2:6], "big") != len(data) - 6:
        raise ValueError("it is not a binary in Erlang's external term format")
    return data[6:]


def _packed(text: str, storage: Storage) -> list[bytes]:
    try:
        pieces = json.loads(text)
    except ValueError as error:
        raise ValueError("it is not a list of chunks") from error
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise ValueError("it is not a list of chunks")
    return [_unhex(piece) if storage == "chunked-hex" else _unbase64(piece) for piece in pieces]


def recut(old: Sequence[bytes], data: bytes, changes: Sequence[Change] = (), *, empty: bool = False) -> list[bytes]:
    """Cut new bytes into as many chunks as the old ones: where those were cut, before and behind what changed.

    `changes` say what became of the old bytes; without them all between what is alike at both ends is one change.
    What is new goes into the chunk in which its change begins, unless another would lose all that it had, and
    may not be `empty`.
    """
    if not old:
        return [data]
    changes = sorted(changes) or _one_change(b"".join(old), data)
    ends = list(accumulate(map(len, old)))[:-1]
    for whole in (True, False):
        cuts = [_moved(at, changes, whole=whole) for at in ends]
        pieces = [data[start:end] for start, end in pairwise((0, *cuts, len(data)))]
        if empty or all(pieces):
            break
    return pieces


def _one_change(old: bytes, new: bytes) -> list[Change]:
    limit = min(len(old), len(new))
    head = _common(limit, lambda size: old[:size] == new[:size])
    tail = _common(limit - head, lambda size: old[len(old) - size :] == new[len(new) - size :])
    return [(head, len(old) - tail, len(new) - tail - head)]


def _moved(at: int, changes: Sequence[Change], *, whole: bool) -> int:
    """Return where a cut goes; inside of a change behind what is new, or else as far into it as it was."""
    shift = 0
    for start, stop, size in changes:
        if at <= start and not at == start == stop:
            break
        if at < stop:
            return start + shift + (size if whole else min(at - start, size))
        shift += size - (stop - start)
    return at + shift


def is_base64(node: Node) -> bool:
    """Say whether a scalar is tagged as base64, by YAML's tag or Ruby's."""
    return not node.is_bare and node.tag in ("binary", "!binary")


def _scalars(node: Node) -> Sequence[Node]:
    if any(item.kind != "scalar" for item in node.items):
        raise ValueError("its list holds more than text")
    return node.items


def _listed(node: Node, storage: Storage) -> list[bytes]:
    return [_unhex(item.value) if storage == "hex-chunks" else _unbase64(item.value) for item in _scalars(node)]


def _fields(node: Node) -> list[tuple[str, Node]]:
    """Return the fields of a form; raises `ValueError` for one whose value is no scalar."""
    pairs = [(key.value, value) for key, value in node.pairs]
    for item in node.items:
        name, value = item.get("name"), item.get("value")
        if name is not None and value is not None:
            pairs.append((name.value, value))
    if any(value.kind != "scalar" for _, value in pairs):
        raise ValueError("a field of its form is not text")
    return pairs


def _form_text(fields: Sequence[tuple[str, str]]) -> str:
    return urlencode(fields, errors="surrogatepass")


def _write_form(node: Node, value: str | bytes) -> list[Edit]:
    """Give the fields of a form new values; `EditError` for all else."""
    if isinstance(value, bytes):
        raise EditError("a form stored by its fields cannot hold bytes")
    fields = _fields(node)
    wanted = parse_qsl(value, keep_blank_values=True, errors="surrogatepass")
    if [name for name, _ in fields] != [name for name, _ in wanted]:
        raise EditError("the form is stored by field: values can change, names cannot")
    edits: list[Edit] = []
    for (_, item), (_, new) in zip(fields, wanted, strict=True):
        edits += replaced(item, new)
    return edits


def _read_chunks(node: Node) -> Stored:
    items = _scalars(node)
    if any(is_base64(item) for item in items):
        chunks = [_unbase64(i.value) if is_base64(i) else i.value.encode("utf-8", "surrogatepass") for i in items]
        return Stored(b"".join(chunks), ("chunks", "base64"))
    return Stored("".join(item.value for item in items), ("chunks",))


def _write_chunks(node: Node, value: str | bytes, width: int | None, changes: Sequence[Change]) -> list[Edit]:
    if isinstance(value, str):
        part = difference("".join(item.value for item in node.items), value)
        return [] if part is None else _edit_chunks(node, [part])
    items = node.items
    if not all(is_base64(item) for item in items):
        raise EditError("a body in chunks of both text and base64 cannot be changed")
    pieces = recut([_unbase64(item.value) for item in items], value, changes)
    edits: list[Edit] = []
    for item, piece in zip(items, pieces, strict=True):
        edits += replaced(item, _base64_like(item, piece, width))
    return edits


def _edit_chunks(node: Node, parts: Sequence[Part]) -> list[Edit]:
    """Share parts out over the chunks: the first one that a part touches takes its new text."""
    if not node.items:
        raise EditError("an empty list of chunks cannot be given text")
    ends = list(accumulate(len(item.value) for item in node.items))
    shares: dict[int, list[Part]] = {}
    for start, stop, new in parts:
        # An insertion between two chunks goes to the end of the first one.
        at = bisect_left(ends, start) if start == stop else bisect_right(ends, start)
        at = min(at, len(ends) - 1)
        text = new
        while True:
            begin = ends[at - 1] if at else 0
            shares.setdefault(at, []).append((max(start, begin) - begin, min(stop, ends[at]) - begin, text))
            at, text = at + 1, ""
            if at == len(ends) or stop <= ends[at - 1]:
                break
    return [Replace(node.items[at], tuple(share)) for at, share in sorted(shares.items())]
