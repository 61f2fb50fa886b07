"""A file as text and as a tree, read once."""

from bisect import bisect_right
from functools import cached_property
from pathlib import Path

from cassette_cli.errors import MalformedCassetteError, NotACassetteError, UnreadableFileError
from cassette_cli.source import json, yaml
from cassette_cli.source.nodes import Node

BOM = "\ufeff"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Document:
    """The text of a file, its tree, and what is needed to write it back byte for byte.

    `text` has no byte order mark and its line breaks are those of the file; spans of nodes count
    its characters. `is_json` says which grammar the text was read by.
    """

    def __init__(self, raw: bytes, path: str | Path | None = None, *, pure: bool = False) -> None:
        """Decode and parse.

        Raises `UnreadableFileError` where the bytes are no UTF-8 text, `ParseError` where the text
        is neither YAML nor JSON.
        """
        self.path = None if path is None else str(path)
        self.raw = raw
        text = self._decode(raw)
        self.has_bom = text.startswith(BOM)
        self.text = text[1:] if self.has_bom else text
        self.pure = pure
        self.is_json = self.text[:512].lstrip()[:1] in ("{", "[")
        self.roots: list[Node] = self._compose()

    def _decode(self, raw: bytes) -> str:
        if raw.startswith(_UTF16) or raw[:4].count(0) in (1, 2, 3):
            raise UnreadableFileError(
                "the file is UTF-16 or UTF-32, not UTF-8", path=self.path, hint="convert it: iconv -f UTF-16 -t UTF-8"
            )
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if b"\0" in raw[:8192]:
                raise UnreadableFileError(
                    "a binary file, not text", path=self.path, hint="name a YAML or JSON file"
                ) from error
            raise UnreadableFileError(
                f"not UTF-8: byte 0x{raw[error.start]:02x}",
                path=self.path,
                line=raw.count(b"\n", 0, error.start) + 1,
                hint="convert the file to UTF-8",
            ) from error
        if "\0" in text:
            raise UnreadableFileError("a binary file, not text", path=self.path, hint="name a YAML or JSON file")
        return text

    def _compose(self) -> list[Node]:
        if self.is_json:
            try:
                return json.compose(self.text, self.path)
            except UnreadableFileError:
                raise
            except Exception as error:
                # YAML's flow collections open like JSON: what is no JSON may still be YAML.
                try:
                    roots = yaml.compose(self.text, self.raw, self.path, pure=self.pure)
                except Exception:  # noqa: BLE001 - of the two complaints, JSON's is the telling one
                    raise error from None
                self.is_json = False
                return roots
        return yaml.compose(self.text, self.raw, self.path, pure=self.pure)

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

    @cached_property
    def newline(self) -> str:
        """The line break of the file, by its first one; LF where it has none."""
        at = self.text.find("\n")
        if at < 0:
            return "\r" if "\r" in self.text else "\n"
        return "\r\n" if at and self.text[at - 1] == "\r" else "\n"

    @cached_property
    def _breaks(self) -> list[int]:
        breaks, at = [], self.text.find("\n")
        while at >= 0:
            breaks.append(at + 1)
            at = self.text.find("\n", at + 1)
        return breaks

    def line(self, offset: int) -> int:
        """Return the line, from 1, in which a character stands."""
        return bisect_right(self._breaks, offset) + 1

    def encode(self, text: str) -> bytes:
        """Return a changed text as the bytes of the file."""
        return ((BOM if self.has_bom else "") + text).encode("utf-8", "surrogatepass")

    def malformed(self, message: str, node: Node | None = None, hint: str | None = None) -> MalformedCassetteError:
        """Make the error for a part that is missing or of the wrong kind, at the place of `node`."""
        line = None if node is None else self.line(node.start)
        return MalformedCassetteError(message, path=self.path, line=line, hint=hint)
