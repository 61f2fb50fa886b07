"""What a binary body is, by its own header: kind, and dimensions or duration; and the parts of forms.

PNG (W3C), GIF89a, JPEG (ITU-T T.81, B.2.2), WebP (RFC 9649), WAVE (RIFF), MPEG audio (ISO 11172-3, with
the Xing header that encoders add), FLAC (RFC 9639). Forms: WHATWG URL, 5.1, and RFC 7578.
"""

import re
import struct
import zlib
from typing import NamedTuple
from urllib.parse import parse_qsl

from cassette_cli.source.later import pattern

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF document"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"OggS", "Ogg audio"),
    (b"\x1a\x45\xdf\xa3", "Matroska or WebM video"),
    (b"BM", "BMP image"),
    (b"II*\0", "TIFF image"),
    (b"MM\0*", "TIFF image"),
    (b"\0\0\1\0", "icon"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"ARROW1", "Arrow table"),
    (b"\xff\xff\xff\xff", "Arrow stream"),
    (b"PAR1", "Parquet table"),
)
_NO_SIZE = frozenset({0xC4, 0xC8, 0xCC})  # markers between SOF0 and SOF15 that open no frame
_BITRATES = {  # kbit/s by index, for layer III of MPEG 1, and of MPEG 2 and 2.5
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class FormPart(NamedTuple):
    """One part of a multipart body; `data` are its bytes, `lines` its other headers."""

    name: str | None
    filename: str | None
    content_type: str | None
    data: bytes
    lines: tuple[tuple[str, str], ...] = ()


def describe(data: bytes, content_type: str = "") -> str | None:
    """Say what the bytes are: `PNG image, 64 × 48`, `WAV audio, 1.5 s`; None where neither they nor the type tell."""
    for look in (_png, _gif, _jpeg, _webp, _wav, _flac, _mp3):
        try:
            found = look(data)
        except (struct.error, IndexError):  # a header that was cut
            found = None
        if found is not None:
            return found
    if data[4:8] == b"ftyp":
        return "AVIF image" if data[8:12] in (b"avif", b"avis") else "MP4 audio or video"
    kind = next((kind for magic, kind in _KINDS if data.startswith(magic)), None)
    media = content_type.partition(";")[0].strip()
    if kind is not None:
        return kind
    # A message opens with two lengths and their checksum (AWS, application/vnd.amazon.eventstream).
    if media == "application/vnd.amazon.eventstream" or data[8:12] == zlib.crc32(data[:8]).to_bytes(4, "big"):
        return "AWS event stream"
    return media or None


def _sized(kind: str, width: int, height: int) -> str:
    return f"{kind} image, {width} × {height}"


def _png(data: bytes) -> str | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    return _sized("PNG", *struct.unpack(">LL", data[16:24])) if data[12:16] == b"IHDR" else "PNG image"


def _gif(data: bytes) -> str | None:
    return _sized("GIF", *struct.unpack("<HH", data[6:10])) if data[:6] in (b"GIF87a", b"GIF89a") else None


def _jpeg(data: bytes) -> str | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8:  # filling, or a marker that stands alone
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return _sized("JPEG", width, height)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return "JPEG image"


def _webp(data: bytes) -> str | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    form = data[12:16]
    if form == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif form == b"VP8L":
        bits = struct.unpack("<L", data[21:25])[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif form == b"VP8 ":
        width, height = (size & 0x3FFF for size in struct.unpack("<HH", data[26:30]))
    else:
        return "WebP image"
    return _sized("WebP", width, height)


def _lasting(kind: str, seconds: float, about: str = "") -> str:
    return f"{kind} audio, {about}{seconds:.1f} s"


def _wav(data: bytes) -> str | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    at, rate = 12, 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack("<L", data[at + 4 : at + 8])[0]
        if name == b"fmt ":
            rate = struct.unpack("<L", data[at + 16 : at + 20])[0]
        elif name == b"data":
            # Streamed files state no length, or the largest there is.
            length = min(size or len(data), len(data) - at - 8)
            return _lasting("WAV", length / rate) if rate else "WAV audio"
        at += 8 + size + size % 2
    return "WAV audio"


def _flac(data: bytes) -> str | None:
    if not data.startswith(b"fLaC"):
        return None
    packed = int.from_bytes(data[18:26], "big")
    rate, samples = packed >> 44, packed & (1 << 36) - 1
    return _lasting("FLAC", samples / rate) if rate and samples else "FLAC audio"


def _mp3(data: bytes) -> str | None:
    at = 0
    tagged = data.startswith(b"ID3")
    if tagged:  # the size of an ID3v2 tag has seven bits a byte
        at = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=False))
    header = int.from_bytes(data[at : at + 4], "big")
    version, layer, index, rate_index = header >> 19 & 3, header >> 17 & 3, header >> 12 & 15, header >> 10 & 3
    if header >> 21 != 0x7FF or version == 1 or layer != 1 or rate_index == 3 or index in (0, 15):
        return "MP3 audio" if tagged else None
    rate = _RATES[version][rate_index]
    samples = 1152 if version == 3 else 576
    mono = header >> 6 & 3 == 3
    xing = at + 4 + ((17 if mono else 32) if version == 3 else (9 if mono else 17))
    if data[xing : xing + 4] in (b"Xing", b"Info") and data[xing + 7] & 1:
        return _lasting("MP3", struct.unpack(">L", data[xing + 8 : xing + 12])[0] * samples / rate)
    bitrate = _BITRATES[1 if version == 3 else 2][index] * 1000
    return _lasting("MP3", (len(data) - at) * 8 / bitrate, "about ")


def form_fields(text: str) -> list[tuple[str, str]]:
    """Return the fields of an `application/x-www-form-urlencoded` body in their order."""
    return parse_qsl(text, keep_blank_values=True)


_BOUNDARY = pattern(r"boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;,]+))", re.IGNORECASE)
_BAD_ESCAPE = pattern(rb"%(?![0-9A-Fa-f]{2})[^&]{0,2}")
_PARAMETER = pattern(rb"\b(name|filename)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;]+))", re.IGNORECASE)


def multipart_parts(data: bytes, content_type: str) -> list[FormPart]:
    """Split a multipart body (RFC 2046, 5.1); no parts where its boundary does not occur.

    A redacted or missing boundary is read from the body's own first line.
    """
    boundary = _boundary(data, content_type)
    if not boundary:
        return []
    pieces = re.split(rb"(?:^|\r?\n)" + re.escape(boundary) + rb"(?:--)?[ \t]*(?=\r?\n|$)", data)
    return [_part(piece) for piece in pieces[1:] if piece.strip()]


def _boundary(data: bytes, content_type: str) -> bytes:
    """Return what opens each part, b"" where nothing does."""
    named = _BOUNDARY.search(content_type)
    boundary = b"--" + (named[1] or named[2]).encode() if named else b""
    if len(boundary) >= 3 and boundary in data:
        return boundary
    opening = data.lstrip().partition(b"\n")[0].rstrip()
    return opening if opening.startswith(b"--") and len(opening) >= 3 else b""


def form_note(data: bytes, content_type: str) -> str:
    """Return what is wrong with a form, multipart or not, "" where nothing is, and of what is no form."""
    kind = content_type.strip().lower()
    if kind.startswith("application/x-www-form-urlencoded"):
        is_form = b"=" in data and data.lstrip()[:1] not in (b"{", b"[", b"<")
        bad = _BAD_ESCAPE.search(data) if is_form else None
        return "" if bad is None else f"the form has {bad[0].decode('latin-1')!r}, which encodes nothing"
    if not kind.startswith("multipart/") or not data.strip():
        return ""
    boundary = _boundary(data, content_type)
    if not boundary:
        return "the body has no boundary, as its multipart type has it: shown whole"
    closed = re.search(rb"(?:^|\n)" + re.escape(boundary) + rb"--[ \t]*(?=\r?\n|$)", data) is not None
    return "" if closed else "the multipart body is cut short: its closing boundary is missing"


def _part(piece: bytes) -> FormPart:
    piece = piece.removeprefix(b"\r").removeprefix(b"\n")
    if piece.startswith((b"\r\n", b"\n")):
        return FormPart(None, None, None, piece.removeprefix(b"\r").removeprefix(b"\n"))
    head, found, content = piece.partition(b"\r\n\r\n")
    if not found:
        head, _, content = piece.partition(b"\n\n")
    lines, others = {}, []
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        lines[name.strip().lower()] = value.strip()
        if name.strip().lower() not in (b"content-disposition", b"content-type"):
            others.append((name.strip().decode("utf-8", "replace"), value.strip().decode("utf-8", "replace")))
    given = {
        match[1].lower(): match[2] or match[3] for match in _PARAMETER.finditer(lines.get(b"content-disposition", b""))
    }
    media = lines.get(b"content-type")
    return FormPart(
        _decoded(given.get(b"name")), _decoded(given.get(b"filename")), _decoded(media), content, tuple(others)
    )


def _decoded(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")
