"""Redacting texts in memory, and looking for what must not be there, in every layer, by other means than ours."""

import base64
import binascii
import gzip
import html
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import independent
from cassette_cli.formats import registry
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.redact.detect.detectors import Detectors
from cassette_cli.operations.redact.redacting import Redacted, redact
from cassette_cli.operations.redact.replace.placeholders import Placeholders
from cassette_cli.operations.redact.rules.rule import Rule
from cassette_cli.operations.redact.scanning import Plan
from cassette_cli.operations.selecting import Selection
from cassette_cli.source.document import Document


def plan(*levels: str, values: tuple[str, ...] = (), **own: Any) -> Plan:
    """Return the default plan, of these levels where any are named."""
    known = {value: Rule(f"value-{number}", "", of_user=True) for number, value in enumerate(values)}
    return Plan(Detectors(frozenset(levels or ("secrets", "ids")), values=known, **own), Placeholders())


PLAN = plan()


@dataclass
class Done:
    """What redacting a text gave."""

    text: str
    result: Redacted

    @property
    def rules(self) -> list[str]:
        return sorted({one.rule for one in self.result.findings})


def load(text: str, selection: Selection | None = None) -> Loaded:
    """Load a cassette from its text."""
    raw = text.encode()
    return Loaded(registry.load(Document(raw, "cassette.yaml")), selection or Selection(), len(raw))


def redacted(text: str, wanted: Plan = PLAN, *, remove: bool = False) -> Done:
    """Redact a cassette."""
    loaded = load(text)
    result = redact(loaded, wanted, remove=remove)
    return Done((result.after or loaded.cassette.document).text, result)


def layers(text: str, depth: int = 0) -> Iterator[str]:
    """Yield a text and every text inside it: decoded, unpacked, joined; without a line of the package."""
    yield text
    if depth > 6:
        return
    inner: set[str] = set()
    for once in (unquote(text), html.unescape(text)):
        if once != text:
            inner.add(once)
    for run in re.findall(r"[A-Za-z0-9+/_=-]{12,}|(?:[A-Za-z0-9+/]{40,}\s+)+[A-Za-z0-9+/=]*", text):
        inner.update(_unpacked(run))
    for line in {text, *text.split("\n")}:
        inner.update(_strings(line.removeprefix("data:").strip()))
    for frames in (re.findall(r"^data: ?(.*)$", text, re.MULTILINE), text.splitlines(), _items(text)):
        inner.update(_joined(frames))
    for one in inner:
        if one != text and len(one) < 200_000:
            yield from layers(one, depth + 1)


def _unpacked(run: str) -> Iterator[str]:
    text = "".join(run.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return
    yield from texts_of(data)


def texts_of(data: bytes) -> Iterator[str]:
    """Yield what bytes may say, unpacked if they are compressed."""
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            data = unpack(data)
        except (OSError, zlib.error, EOFError):
            continue
    try:
        yield data.decode()
    except UnicodeDecodeError:
        if b":event-type" in data:
            yield data.decode("latin-1")
            payloads = re.findall(rb"\{[^\x00]*?\}(?=[\x00-\xff]{4}(?:\x00|\Z))", data, re.DOTALL)
            yield "\n".join(one.decode("latin-1") for one in payloads)


def _strings(text: str) -> Iterator[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return
    stack: list[Any] = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            stack += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            stack += one


def _items(text: str) -> list[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return [json.dumps(one) for one in value] if isinstance(value, list) else []


def _joined(frames: list[str]) -> Iterator[str]:
    """Join strings by the name of their key over the frames, as a client would."""
    by: dict[Any, list[str]] = {}
    for frame in frames:
        try:
            value = json.loads(frame)
        except ValueError:
            by.setdefault("", []).append(frame)
            continue
        if isinstance(value, dict) and isinstance(value.get("bytes"), str):
            value = json.loads(base64.b64decode(value["bytes"]))
        _collect(value, (), by)
    for parts in by.values():
        if len(parts) > 1:
            yield "".join(parts)


def _collect(value: Any, key: tuple[Any, ...], by: dict[Any, list[str]]) -> None:
    if isinstance(value, str):
        by.setdefault(key, []).append(value)
    elif isinstance(value, dict):
        mark = tuple(str(value[k]) for k in ("index", "contentBlockIndex") if k in value)
        for name, one in value.items():
            _collect(one, (*key, *mark, name), by)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            _collect(one, (*key, one.get("index", number) if isinstance(one, dict) else number), by)


def scalars(document: str) -> Iterator[str]:
    """Yield every scalar of a cassette as another parser reads it, bytes in all their layers."""
    stack: list[Any] = independent.parse(document.encode())
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            stack += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            stack += one
        elif isinstance(one, bytes):
            yield from texts_of(one)
        elif one is not None:
            yield str(one)


def leaks(document: str, secret: str) -> list[str]:
    """Return where a secret, or half of it, is still to be found in a cassette: in the raw text or any layer."""
    half = len(secret) // 2
    wanted = (secret, secret[:half], secret[half:]) if len(secret) >= 24 else (secret,)
    found = [text for text in (document,) if any(one in text for one in wanted)]
    for scalar in scalars(document):
        found += [text[:200] for text in layers(scalar) if any(one in text for one in wanted)]
    return found
