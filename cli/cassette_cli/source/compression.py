"""Compressed data, of whole files and of bodies: gzip, deflate, Brotli and Zstandard, bounded.

gzip by RFC 1952 (every member, and what trails the last one), deflate by RFC 1950 as RFC 9110,
8.4.1.2 wants it and by RFC 1951 as many servers send it, br by RFC 7932, zstd by RFC 8878. Brotli
and Zstandard come with the extra `compression` and are imported when they are first met.
"""

import importlib
import struct
import zlib
from collections.abc import Callable, Generator
from typing import Any, Literal, NamedTuple

from cassette_cli.errors import CassetteError

Codec = Literal["gzip", "deflate", "raw-deflate", "br", "zstd"]

ENDINGS: dict[str, Codec] = {".gz": "gzip", ".zst": "zstd", ".br": "br", ".zz": "deflate"}
"""How the names of compressed files end, in lower case; Ruby VCR compresses to `*.zz`."""

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_MIB = 1 << 20
_SLICE = 1 << 16
_STEP = _MIB
_ZSTD_SLICE = 256  # a Zstandard block of four bytes can stand for 128 KiB: 256 bytes give 8 MiB at most
_MEND = "restore the file, or record it again"
_MAX_MEMBERS = 10_000  # of one gzip or Zstandard body; more only waste time

_Chunks = Generator[bytes, None, tuple[int, bool]]
"""Yields output in bounded chunks; returns where the member ended, and whether it ended at all."""


class Limits(NamedTuple):
    """How far decompression may go: `size` bytes in all, and `ratio` times the input past `free` bytes.

    Recorded JSON and event streams shrink by 3 to 30 times, the most repetitive ones by 100; deflate
    ends at 1032, and Brotli and Zstandard reach 10,000 and more, on bombs alone. Up to `free` bytes
    a bomb costs nothing, so that short bodies of one repeated character stay readable.
    None lifts a limit.
    """

    size: int | None = 256 * _MIB
    ratio: int | None = 200
    free: int = 16 * _MIB

    def room(self, given: int) -> int | None:
        """Return how many bytes `given` bytes may become; None for any number."""
        bounds = [] if self.size is None else [self.size]
        if self.ratio is not None:
            bounds.append(max(self.free, self.ratio * given))
        return min(bounds, default=None)


class CompressionError(CassetteError):
    """Data that cannot be decompressed: `message` says why in one line."""


class CorruptDataError(CompressionError):
    """The data is not of the codec, or damaged."""


class LimitReachedError(CompressionError):
    """The data grows past the limits."""


class MissingCodecError(CompressionError):
    """The codec is in the extra `compression`, which is not installed."""


class Decompressed(NamedTuple):
    """`data` as it came out; `trailing` bytes stood after its end, and `cut` says that it never came."""

    data: bytes
    trailing: bytes = b""
    cut: bool = False


_limits = Limits()


def set_limits(limits: Limits) -> None:
    """Set the limits of every decompression to come: `Limits(None, None)` lifts them."""
    global _limits  # noqa: PLW0603 - one option of the command line, meant for the whole process
    _limits = limits


def get_limits() -> Limits:
    """Return the limits in force."""
    return _limits


def unwrap(raw: bytes, name: str = "") -> tuple[bytes, Codec | None]:
    """Return what a compressed file holds, and the codec; other files as they are, and None.

    gzip and Zstandard are told by their first bytes; Brotli, which has none, by the name `*.br`, and zlib, as Ruby VCR
    writes it, by `*.zz`.
    Raises `CompressionError` for a damaged or cut file, one past the limits, or a missing codec.
    """
    codec: Codec
    if raw.startswith(GZIP_MAGIC):
        codec = "gzip"
    elif raw.startswith(ZSTD_MAGIC):
        codec = "zstd"
    elif name.lower().endswith(".br") and raw:
        codec = "br"
    elif name.lower().endswith(".zz") and raw:
        codec = "deflate"
    else:
        return raw, None
    try:
        result = decompress(codec, raw)
    except CompressionError as error:
        error.path = name or None
        error.hint = error.hint or _MEND
        raise
    if result.cut or result.trailing.strip(b"\0"):
        what = "is cut short" if result.cut else f"has {len(result.trailing)} stray bytes at its end"
        raise CorruptDataError(f"the {codec} file {what}", path=name or None, hint=_MEND)
    return result.data, codec


def is_packed(head: bytes, name: str) -> bool:
    """Say whether `unwrap` would look for something inside of a file, by its first bytes and its name."""
    return head.startswith((GZIP_MAGIC, ZSTD_MAGIC)) or name.lower().endswith((".br", ".zz"))


def unwrap_head(raw: bytes, name: str = "", size: int = _SLICE) -> bytes | None:
    """Return up to `size` bytes of what a damaged or cut file holds, None where nothing of it comes out."""
    bits = 31 if raw.startswith(GZIP_MAGIC) else 15 if name.lower().endswith(".zz") else None
    try:
        return None if bits is None else zlib.decompressobj(bits).decompress(raw[:size], size) or None
    except zlib.error:
        return None


def wrap(raw: bytes, codec: Codec | None) -> bytes:
    """Compress a file's text again, by the codec that `unwrap` named; the same text gives the same bytes."""
    return raw if codec is None else compress(codec, raw)


def decompress(codec: Codec, data: bytes) -> Decompressed:
    """Decompress within the limits.

    Raises `CorruptDataError`, `LimitReachedError` or `MissingCodecError`.
    """
    room = _limits.room(len(data))
    out: list[bytes] = []
    size = at = members = 0
    ended = True
    while at < len(data) and (members == 0 or _has_magic(codec, data, at)):
        members += 1
        chunks = _CODECS[codec](data, at)
        while True:
            try:
                out.append(next(chunks))
            except StopIteration as stop:
                at, ended = stop.value
                break
            size += len(out[-1])
            if (room is not None and size > room) or members > _MAX_MEMBERS:
                raise _limit_reached(len(data), room)
    return Decompressed(b"".join(out), data[at:], cut=not ended or not data)


def compress(codec: Codec, data: bytes, *, cut: bool = False) -> bytes:
    """Compress deterministically: no time, no name, a fixed level. With `cut` the end is left out, and nothing else.

    Raises `MissingCodecError`.
    """
    if cut:
        return _compress_cut(codec, data)
    if codec == "br":
        return bytes(_module("brotli").compress(data))
    if codec == "zstd":
        return bytes(_module("zstandard").ZstdCompressor().compress(data))
    if codec == "deflate":
        return zlib.compress(data, 9)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = packer.compress(data) + packer.flush()
    if codec == "raw-deflate":
        return deflated
    # Written by hand: what the gzip module states as operating system differs between Pythons.
    header = GZIP_MAGIC + b"\x00" + b"\x00\x00\x00\x00" + b"\x02\xff"
    return header + deflated + struct.pack("<LL", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def _compress_cut(codec: Codec, data: bytes) -> bytes:
    if codec == "br":
        brotli = _module("brotli").Compressor()
        return bytes(brotli.process(data) + brotli.flush())
    if codec == "zstd":
        zstandard = _module("zstandard")
        unit = zstandard.ZstdCompressor().compressobj()
        return bytes(unit.compress(data) + unit.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
    packer = zlib.compressobj(9, zlib.DEFLATED, {"gzip": 31, "deflate": 15}.get(codec, -15))
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def _has_magic(codec: Codec, data: bytes, at: int) -> bool:
    """Say whether another member follows: only gzip and Zstandard can be continued so."""
    magic = {"gzip": GZIP_MAGIC, "zstd": ZSTD_MAGIC}.get(codec)
    return magic is not None and data.startswith(magic, at)


def _inflate(data: bytes, at: int, bits: int) -> _Chunks:
    unit = zlib.decompressobj(bits)
    try:
        while at < len(data) and not unit.eof:
            piece = data[at : at + _SLICE]
            at += len(piece)
            while piece and not unit.eof:
                yield unit.decompress(piece, _STEP)
                piece = unit.unconsumed_tail
        yield unit.flush()
    except zlib.error as error:
        raise CorruptDataError(f"damaged: {error}") from error
    return at - len(unit.unused_data), unit.eof


def _unzstd(data: bytes, at: int) -> _Chunks:
    zstandard = _module("zstandard")
    unit = zstandard.ZstdDecompressor().decompressobj()
    try:
        while at < len(data) and not unit.eof:
            piece = data[at : at + _ZSTD_SLICE]
            at += len(piece)
            yield unit.decompress(piece)
    except zstandard.ZstdError as error:
        raise CorruptDataError(f"damaged: {error}") from error
    return at - len(unit.unused_data), unit.eof


def _unbrotli(data: bytes, at: int) -> _Chunks:
    brotli = _module("brotli")
    unit = brotli.Decompressor()
    try:
        while at < len(data) and not unit.is_finished():
            piece = data[at : at + _SLICE]
            at += len(piece)
            out = unit.process(piece, output_buffer_limit=_STEP)
            while out:  # what the limit held back comes out without new input
                yield out
                out = b"" if unit.is_finished() else unit.process(b"", output_buffer_limit=_STEP)
    except brotli.error as error:
        raise CorruptDataError(f"damaged: {error}") from error
    return at, unit.is_finished()


_CODECS: dict[Codec, Callable[[bytes, int], _Chunks]] = {
    "gzip": lambda data, at: _inflate(data, at, 31),
    "deflate": lambda data, at: _inflate(data, at, 15),
    "raw-deflate": lambda data, at: _inflate(data, at, -15),
    "br": _unbrotli,
    "zstd": _unzstd,
}


def _limit_reached(given: int, room: int | None) -> LimitReachedError:
    size = "10,000 members" if room is None else f"{room / _MIB:.0f} MiB"
    return LimitReachedError(
        f"decompression stopped: {given} bytes hold more than {size}",
        hint="lift the limit with --max-body none, if you trust the data",
    )


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingCodecError(
            f"{name} is not installed", hint="install it with: pip install 'cassette-cli[compression]'"
        ) from error
