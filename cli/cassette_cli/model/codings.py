"""The layers between stored bytes and text: content codings (RFC 9110, 8.4) and the charset.

The bytes are sniffed, for headers lie both ways: recorders keep a Content-Encoding and drop the
compression, and some servers compress without a word.
"""

import codecs
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.source.compression import (
    GZIP_MAGIC,
    ZSTD_MAGIC,
    Codec,
    CompressionError,
    CorruptDataError,
    Decompressed,
    compress,
    decompress,
)
from cassette_cli.source.later import pattern

_NAMES: dict[str, Codec] = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "br": "br", "zstd": "zstd"}
_NONE = frozenset({"", "identity", "none", "utf-8", "utf8", "aws-chunked"})  # aws-chunked frames, it does not compress
_MAGIC: tuple[tuple[bytes, Codec], ...] = ((GZIP_MAGIC, "gzip"), (ZSTD_MAGIC, "zstd"))
LABELS: dict[Codec, str] = {"raw-deflate": "raw deflate"}
"""What `show` calls a coding, where it is not its name."""
NOT_UTF8 = "the body is not UTF-8: shown as Latin-1"
_MOST_LAYERS = 4
_ARCHIVE = pattern(r"gzip|x-tgz|x-tar|zstd")
_ANYTHING = pattern(r"octet-stream|binary")
"""Types that say nothing: compressed text is text, all else a file that was sent as it is."""
_BINARY_TYPE = pattern(
    r"(?:image|audio|video|font|model)/(?!.*\b(?:xml|x-mpegurl)\b)|application/(?:octet-stream|pdf|zip|(?:x-)?gzip"
    r"|zstd|wasm|grpc(?!-web-text)|(?:x-|vnd\.google\.)?protobuf|(?:x-|vnd\.)?msgpack|cbor|vnd\.amazon\.eventstream"
    r"|vnd\.apache\.(?:arrow|parquet)|vnd\.openxmlformats|java-archive|x-tar|x-7z)"
)
_TEXT_TYPE = pattern(r"text/|.*[/+](?:json|xml|yaml|javascript)|.*(?:json|x-www-form-urlencoded|graphql|multipart)")
_NOT_TEXT = bytes(code for code in range(0x20) if code not in b"\t\n\f\r\x1b\b")  # WHATWG MIME Sniffing, 3
_NOT_NAMED = frozenset({"ASCII-8BIT", "BINARY"})  # Ruby's names for bytes of which nothing is known
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_CHARSET = pattern(r";\s*charset\s*=\s*[\"']?([\w.:+-]+)", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Peeled:
    """Bytes without their content codings; `codings` lists what was taken off, the outermost first.

    `blocked` is why a coding could not be taken off: then `data` is still encoded. `cut` says which coding's data ends
    too early: then `data` is what it holds up to there.
    """

    data: bytes
    codings: list[Codec] = field(default_factory=list)
    trailing: bytes = b""
    notes: list[str] = field(default_factory=list)
    blocked: CassetteError | None = None
    cut: str = ""


def peel(data: bytes, content_encoding: str, content_type: str, *, quiet: bool = False) -> Peeled:
    """Take off the codings that the header names, then those that the bytes show.

    `quiet` leaves out the note on a header that names a coding the recorder took off: where that is
    the recorder's way.
    """
    peeled = Peeled(data)
    for name in reversed([part.strip() for part in content_encoding.split(",")]):
        if name in _NONE:
            continue
        codec = _NAMES.get(name)
        if codec is None:
            if not quiet:
                peeled.notes.append(f"the header says {name!r}, which is no content coding known here")
        elif not _take_off(peeled, codec, name, declared=True, quiet=quiet) or peeled.blocked:
            break
    while not peeled.blocked and not _ARCHIVE.search(content_type):
        shown = next((codec for magic, codec in _MAGIC if peeled.data.startswith(magic)), None)
        if shown is None:
            break
        if len(peeled.codings) >= _MOST_LAYERS:
            _block(peeled, shown, CompressionError(f"there are more than {_MOST_LAYERS} codings around the body"))
            break
        text_alone = _ANYTHING.search(content_type) is not None
        if not _take_off(peeled, shown, shown, declared=False, quiet=quiet, text_alone=text_alone):
            break
    return peeled


def _is_cut(data: bytes, error: UnicodeDecodeError, content_type: str) -> bool:
    """Say whether only a last character is missing a part; alone, it may as well be an accent of Latin-1."""
    if error.reason != "unexpected end of data":
        return False
    always = "json" in content_type or "event-stream" in content_type or "utf-8" in content_type
    return always or not data[: error.start].isascii()


def unknown(content_encoding: str) -> str:
    """Return the first coding of a header that nothing here can take off, "" where there is none."""
    names = (part.strip() for part in content_encoding.split(","))
    return next((name for name in names if name not in _NONE and name not in _NAMES), "")


def plain_notes(content_encoding: str) -> list[str]:
    """Return the note on a header that names codings, over a body that is stored as text."""
    named = [name for part in content_encoding.split(",") if (name := part.strip()) in _NAMES]
    return [f"the header says {', '.join(named)}, the body is stored plain"] if named else []


def _take_off(
    peeled: Peeled, codec: Codec, name: str, *, declared: bool, quiet: bool, text_alone: bool = False
) -> bool:
    """Take one coding off; say whether there was one. With `text_alone` it stays unless whole text is inside."""
    magic = next((magic for magic, one in _MAGIC if one == codec), b"")
    if not peeled.data or (magic and not peeled.data.startswith(magic[:2])):
        if peeled.data and not quiet:
            peeled.notes.append(f"the header says {name}, the body is stored plain")
        return False
    try:
        codec, result = _decompress(codec, peeled.data)
    except CorruptDataError as error:
        if declared and not magic and looks_like_text(peeled.data):
            if not quiet:
                peeled.notes.append(f"the header says {name}, the body is stored plain")
        elif declared:
            _block(peeled, name, error)
        return False
    except CompressionError as error:
        if not text_alone:
            _block(peeled, name, error)
        return False
    if text_alone and (not result.data or result.cut or not looks_like_text(result.data)):
        return False
    if not result.data and not magic and looks_like_text(peeled.data):
        return False  # a few letters can pass for a compressed nothing
    if not declared:
        peeled.notes.append(f"the body is {name}, and no header says so")
    if result.cut:
        peeled.cut = f"the {name} data is cut short"
        peeled.notes.append(f"the {name} data is cut short: shown is what it holds up to there")
    if result.trailing:
        peeled.notes.append(f"{len(result.trailing)} bytes stand after the end of the {name} data")
        peeled.trailing = result.trailing if not peeled.codings else peeled.trailing
    peeled.data = result.data
    peeled.codings.append(codec)
    return True


def _decompress(codec: Codec, data: bytes) -> tuple[Codec, Decompressed]:
    """Decompress; what is called deflate is tried as zlib data, then as the raw deflate that many servers send."""
    if codec != "deflate":
        result = decompress(codec, data)
        if result.cut and not result.data:
            raise CorruptDataError("it ends before its first byte")
        return codec, result
    try:
        return codec, decompress(codec, data)
    except CorruptDataError:
        result = decompress("raw-deflate", data)
        if result.cut or result.trailing:  # nearly any bytes begin like raw deflate; only its end proves it
            raise
        return "raw-deflate", result


def _block(peeled: Peeled, name: str, error: CompressionError) -> None:
    hint = f"; {error.hint}" if error.hint else ""
    peeled.notes.append(f"the {name} body is shown as it is stored: {error.message}{hint}")
    peeled.blocked = error


def wrap(data: bytes, codings: list[Codec], *, cut: bool = False) -> bytes:
    """Put codings on again, the outermost last; with `cut`, without their ends."""
    for codec in reversed(codings):
        data = compress(codec, data, cut=cut)
    return data


class Text(NamedTuple):
    """Bytes as text, by `codec`; None for `text` where they are binary.

    `rest` are the bytes of a last character that was cut in the middle; they stand in no text.
    """

    text: str | None
    notes: list[str]
    codec: str = "utf-8"
    rest: bytes = b""

    @property
    def label(self) -> str:
        """The charset's common name."""
        return {"utf-8": "UTF-8", "iso8859-1": "Latin-1"}.get(self.codec, self.codec)

    def encode(self, text: str) -> bytes:
        """Encode a changed text; raises `EditError` where the charset has no such character."""
        try:
            return text.encode(self.codec, "surrogatepass" if self.codec == "utf-8" else "strict")
        except UnicodeEncodeError as error:
            raise EditError(f"{self.label}, the body's charset, has no character {text[error.start]!r}") from error


def decode(data: bytes, content_type: str, charset: str = "") -> Text:
    """Read bytes as text: by the charset of the header, else as UTF-8, else as Latin-1 with a note."""
    if is_binary(data, content_type):
        return Text(None, [])
    named = _CHARSET.search(content_type)
    asked = named[1] if named else "" if charset.upper() in _NOT_NAMED else charset
    notes: list[str] = []
    codec = _codec(asked, data)
    if codec is None and asked:
        notes.append(f"the header says charset {asked}, which is unknown")
    for attempt in dict.fromkeys((codec or "utf-8", "utf-8")):
        try:
            return Text(data.decode(attempt), notes, attempt)
        except UnicodeDecodeError as error:
            if attempt == "utf-8" and _is_cut(data, error, content_type):
                notes.append("the body is cut in the middle of a character")
                return Text(data[: error.start].decode(), notes, "utf-8", data[error.start :])
            if asked and attempt == codec:
                notes.append(f"the body is not in its charset, {asked}")
    notes.append(NOT_UTF8)
    return Text(data.decode("iso8859-1"), notes, "iso8859-1")


def size_in_charset(text: str, content_type: str) -> int:
    """Return the size that a text has in the charset of its type; that of UTF-8 where it has none, or does not fit."""
    named = _CHARSET.search(content_type)
    codec = _codec(named[1], b"") if named else None
    try:
        return len(text.encode(codec or "utf-8"))
    except UnicodeEncodeError:
        return len(text.encode("utf-8", "surrogatepass"))


def fits(text: str, charset: str) -> bool:
    """Say whether a charset has all characters of a text; Ruby's ASCII-8BIT, plain bytes, has any."""
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    except LookupError:
        return True
    return True


def _codec(charset: str, data: bytes) -> str | None:
    """Return Python's name for a charset, None for none; a byte order mark stays a character of the text."""
    try:
        name = codecs.lookup(charset).name if charset else "utf-8"
        b" ".decode(name)  # refused by codecs such as `hex`, which decode no text
    except UnicodeDecodeError:
        pass  # one byte is no character of UTF-16
    except (LookupError, ValueError):
        return None
    if name in _NO_CHARSETS:
        return None
    if name in ("utf-16", "utf-32"):
        return name + ("-be" if data.startswith((b"\xfe\xff", b"\0\0\xfe\xff")) else "-le")
    return "utf-8" if name in ("ascii", "utf-8-sig") else name


def is_binary(data: bytes, content_type: str) -> bool:
    """Say whether a body is no text: by its type, by an opening NUL, by control characters.

    A declared text type is believed; what claims to be an unknown type must look like text.
    """
    media = content_type.partition(";")[0]
    if _BINARY_TYPE.match(media):
        # Many a server calls JSON an octet-stream; none of the other types is ever text.
        return "octet-stream" not in media or not looks_like_text(data)
    if data.startswith(b"\0"):
        return "utf-16" not in content_type and "utf-32" not in content_type
    return not _TEXT_TYPE.match(media) and not looks_like_text(data)


def is_text_type(content_type: str) -> bool:
    """Say whether a Content-Type is one of text."""
    return _TEXT_TYPE.match(content_type.partition(";")[0].strip().lower()) is not None


def looks_like_text(data: bytes) -> bool:
    """Say whether bytes are plausible text: no control characters that text has no use for."""
    sample = data[:65536]
    if len(sample.translate(None, _NOT_TEXT)) != len(sample):
        return False
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return True
        # Latin-1 prose has a few bytes above ASCII; what is mostly such bytes is no prose.
        high = len(sample.translate(None, bytes(range(0x80))))
        return high * 4 < len(sample)
    return True
