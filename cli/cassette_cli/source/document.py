"""A file as text and as a tree, read once."""

import gc
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from cassette_cli.errors import (
    CassetteError,
    MalformedCassetteError,
    NotACassetteError,
    ParseError,
    UnreadableFileError,
)
from cassette_cli.source import json, unresolved
from cassette_cli.source.attached import Attachments
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node
from cassette_cli.source.yaml import reading as yaml

if TYPE_CHECKING:
    from pathlib import Path

BOM = "\ufeff"
LARGE = 1 << 24
"""From how many bytes on it pays to read a file twice and hold one interaction, rather than hold all."""
_OPENS_LIKE_JSON = pattern(r"[ \t\r\n]*[\[{]")
_LOOKS_LIKE_JSON = pattern(r"[ \t\r\n]*[\[{][ \t\r\n]*[\[{\"0-9\]}-]")
_LOOKS_LIKE_TOML = pattern(rb"(?:\s|#[^\n]*\n)*(?:\[\[[\w.]+\]\][ \t]*\r?\n|[\w-]+[ \t]*=[ \t])")
_WIDE = pattern(  # UTF-16 and UTF-32: a byte order mark, or ASCII characters of two or four bytes
    rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff"
    rb"|(?:[\t\n\r -~]\0){2}|(?:\0[\t\n\r -~]){2}|[\t\n\r -~]\0\0\0|\0\0\0[\t\n\r -~]"
)


class Input:
    """The bytes of a file, which go once they are text of a character each: or both would be held of a large one."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._text: str | None = None

    @property
    def raw(self) -> bytes:
        """The bytes: made again where they have gone."""
        return self._raw if self._text is None else self._text.encode("latin-1")

    def as_text(self) -> str:
        """Return the bytes as text, a character each."""
        if self._text is None:
            self._text = self._raw.decode("latin-1")
            self._raw = b""
        return self._text


class Document:
    """The text of a file, its tree, and what is needed to write it back byte for byte.

    `text` has no byte order mark and its line breaks are those of the file; spans of nodes count
    its characters. `is_json` and `is_toml` say which grammar the text was read by. `changes` are those that made
    an edited document: (start, end, text), counted in the text that was edited. `attachments` are the
    files beside it that hold bodies; none is followed until somebody says in which folder it lies.

    One that is read `once`, by who looks at each interaction once and edits none, holds little beside its
    text where it has `large` bytes or more: its interactions are made when somebody comes to them, and `text` has a
    character for each byte.
    """

    def __init__(
        self,
        raw: bytes | Input,
        path: "str | Path | None" = None,
        *,
        reader: yaml.Reader = "lines",
        is_json: bool | None = None,
        once: bool = False,
        large: int | None = None,
        like: str = "",
    ) -> None:
        """Decode and parse, by the grammar that is asked for or else by the one that fits; a text `like` it is shared.

        Raises `UnreadableFileError` where the bytes are no UTF-8 text or a Git LFS pointer, `ParseError`
        where the text is neither YAML nor JSON or holds a merge conflict.
        """
        self.path = None if path is None else str(path)
        self.attachments = Attachments()
        self.changes: tuple[tuple[int, int, str], ...] = ()
        self.reader: yaml.Reader = reader
        self._encoding = "utf-8"
        given = raw if isinstance(raw, Input) else Input(raw)
        unresolved.refuse(given.raw, self.path)
        self.is_toml = self._is_named_toml() or (self.path == "-" and _LOOKS_LIKE_TOML.match(given.raw) is not None)
        is_large = len(given.raw) >= (LARGE if large is None else large)
        if once and is_large and not self.is_toml and self._compose_pieces(given):
            return
        raw = given.raw
        text = self._decode(raw)
        self.has_bom = text.startswith(BOM)
        self.text = text[1:] if self.has_bom else text
        if self.text == like:
            self.text = like
        del text
        with collecting_later():
            self.roots, self.is_json = self._compose(raw, is_json)

    def _compose_pieces(self, given: Input) -> bool:
        """Read a large file so that little of it is held; say whether it can be read so."""
        from cassette_cli.source import pieces

        if not pieces.is_ordinary(given.raw):
            return False
        text = given.as_text()
        with collecting_later():
            root = pieces.compose(text, yaml.MAX_DEPTH)
        if root is None:
            return False
        self.text = text
        self._encoding = "latin-1"
        self.has_bom = self.is_json = False
        self.roots = [root]
        return True

    def _decode(self, raw: bytes) -> str:
        if _WIDE.match(raw):
            raise UnreadableFileError(
                "the file is UTF-16 or UTF-32, not UTF-8", path=self.path, hint="convert it: iconv -f UTF-16 -t UTF-8"
            )
        if b"\0" in raw:
            raise UnreadableFileError("a binary file, not text", path=self.path, hint="name a YAML or JSON file")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"not UTF-8: byte 0x{raw[error.start]:02x}",
                path=self.path,
                line=raw.count(b"\n", 0, error.start) + 1,
                hint="convert the file to UTF-8",
            ) from error

    def _is_named_toml(self) -> bool:
        name = (self.path or "").lower()
        return name.endswith(".toml") or name.rpartition(".")[0].endswith(".toml")

    def _compose(self, raw: bytes, is_json: bool | None) -> tuple[list[Node], bool]:
        if self.is_toml:
            from cassette_cli.source import toml

            return toml.compose(self.text, self.path), False
        if is_json or (is_json is None and _OPENS_LIKE_JSON.match(self.text)):
            try:
                return json.compose(self.text, self.path), True
            except ParseError as error:
                # YAML's flow collections open like JSON: what is no JSON may still be YAML.
                if is_json:
                    raise
                try:
                    return self._compose_yaml(raw), False
                except CassetteError:
                    if not _LOOKS_LIKE_JSON.match(self.text) or (self.path or "").endswith((".yaml", ".yml")):
                        raise
                    raise error from None
        return self._compose_yaml(raw), False

    def _compose_yaml(self, raw: bytes) -> list[Node]:
        roots, self.reader = yaml.compose(self.text, self.path, reader=self.reader, raw=raw)
        return roots

    @property
    def judge(self) -> yaml.Reader:
        """The reader that proves edits of this text: the C parser, unless it refuses the text."""
        return "c" if self.reader == "lines" else self.reader

    @property
    def root(self) -> Node:
        """The only document of the file.

        Raises `NotACassetteError` where the file is empty or holds several.
        """
        if len(self.roots) == 1:
            return self.roots[0]
        if not self.roots:
            raise NotACassetteError("the file is empty", path=self.path, hint="record it again")
        raise NotACassetteError(f"the file holds {len(self.roots)} documents, a cassette is one", path=self.path)

    @property
    def is_held_in_pieces(self) -> bool:
        """Whether it was read to be looked at once, and `text` has a character for each byte."""
        return self._encoding == "latin-1"

    def words(self, part: str) -> str:
        """Return a part of `text` as the characters that it stands for."""
        return part if self._encoding == "utf-8" or part.isascii() else part.encode(self._encoding).decode()

    @property
    def raw(self) -> bytes:
        """The bytes of the file: made when asked for, so that a large one is not held twice."""
        return self.encode(self.text)

    @cached_property
    def newline(self) -> str:
        """The line break of the file, by its first one; LF where it has none."""
        at = self.text.find("\n")
        if at < 0:
            return "\r" if "\r" in self.text else "\n"
        return "\r\n" if at and self.text[at - 1] == "\r" else "\n"

    @cached_property
    def _breaks(self) -> list[int]:
        return [found.end() for found in re.finditer("\n", self.text)]

    def line(self, offset: int) -> int:
        """Return the line, from 1, in which a character stands."""
        return bisect_right(self._breaks, offset) + 1

    def encode(self, text: str) -> bytes:
        """Return a changed text as the bytes of the file."""
        return ((BOM if self.has_bom else "") + text).encode(self._encoding, "surrogatepass")

    def malformed(self, message: str, node: Node | None = None, hint: str | None = None) -> MalformedCassetteError:
        """Make the error for a part that is missing or of the wrong kind, at the place of `node`."""
        line = None if node is None else self.line(node.start)
        return MalformedCassetteError(message, path=self.path, line=line, hint=hint)


class collecting_later:  # noqa: N801 - a context
    """Keeps the garbage collector from walking a tree that is being built: none of it is garbage."""

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
