"""What binary bodies are, by headers made here field by field; and the parts of forms."""

import struct
import wave
import zlib
from io import BytesIO

import pytest

from cassette_cli.model.media import FormPart, describe, form_fields, multipart_parts

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">L4sLLBBBBB", 13, b"IHDR", 640, 480, 8, 6, 0, 0, 0)
GIF = b"GIF89a" + struct.pack("<HH", 12, 34)
APP0 = b"\xff\xe0\x00\x10JFIF" + bytes(10)
JPEG = b"\xff\xd8" + APP0 + b"\xff\xff\xc2\x00\x11\x08" + struct.pack(">HH", 48, 64) + bytes(12)
VP8X = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")
VP8L = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<L", 99 | 49 << 14)
VP8 = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 100, 50)
FLAC = b"fLaC\x80\0\0\x22" + bytes(10) + ((48000 << 44 | 24000).to_bytes(8, "big"))
MP3 = b"\xff\xfb\x90\x00" + bytes(16000 - 4)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz
XING = b"\xff\xfb\x90\x00" + bytes(32) + b"Xing\0\0\0\1" + struct.pack(">L", 100) + bytes(100)
ID3 = b"ID3\x04\0\0" + bytes([0, 0, 1, 0]) + bytes(128)


def wav(seconds: float) -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(16000 * seconds)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG, "PNG image, 640 × 480"),
        (PNG[:20], None),
        (GIF, "GIF image, 12 × 34"),
        (JPEG, "JPEG image, 64 × 48"),
        (b"\xff\xd8\xff\xd9", "JPEG image"),
        (VP8X, "WebP image, 100 × 50"),
        (VP8L, "WebP image, 100 × 50"),
        (VP8, "WebP image, 100 × 50"),
        (wav(1.5), "WAV audio, 1.5 s"),
        (wav(2)[:40] + b"\xff\xff\xff\xff" + bytes(8000), "WAV audio, 0.5 s"),
        (FLAC, "FLAC audio, 0.5 s"),
        (MP3, "MP3 audio, about 1.0 s"),
        (ID3 + MP3, "MP3 audio, about 1.0 s"),
        (ID3, "MP3 audio"),
        (XING, "MP3 audio, 2.6 s"),
        (b"%PDF-1.7\n", "PDF document"),
        (b"PK\x03\x04", "ZIP archive"),
        (b"\0\0\0\x20ftypM4A ", "MP4 audio or video"),
        (b"\0\0\0\x10\0\0\0\0" + zlib.crc32(b"\0\0\0\x10\0\0\0\0").to_bytes(4, "big"), "AWS event stream"),
        (b"\x01\x02\x03", None),
        (b"", None),
    ],
)
def test_kinds(data, expected):
    assert describe(data) == expected


def test_every_cut_of_a_header_is_survived():
    for whole in (PNG, GIF, JPEG, VP8X, VP8L, VP8, FLAC, XING, ID3 + MP3[:50], wav(0.1)):
        for end in range(min(len(whole), 200)):
            describe(whole[:end])


def test_the_type_tells_where_the_bytes_do_not():
    assert describe(b"\x01\x02", "application/x-protobuf; v=1") == "application/x-protobuf"


def test_form_fields_keep_order_repeats_and_blanks():
    assert form_fields("b=1&a=x+y%21&b=&c") == [("b", "1"), ("a", "x y!"), ("b", ""), ("c", "")]


MULTIPART = (
    b'--AbC\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper\r\n'
    b'--AbC\r\nContent-Disposition: form-data; name=file; filename="a b.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\r\n\r\n--Abx\xff\r\n--AbC--\r\n"
)
PARTS = [
    FormPart("model", None, None, b"whisper"),
    FormPart("file", "a b.bin", "application/octet-stream", b"\x00\r\n\r\n--Abx\xff"),
]


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=AbC",
        'Multipart/Form-Data; charset=x; boundary="AbC"',
        "multipart/form-data",
        "multipart/form-data; boundary=REDACTED",
    ],
)
def test_multipart_bodies_are_split(content_type):
    assert multipart_parts(MULTIPART, content_type) == PARTS


def test_a_multipart_body_with_bare_line_feeds():
    assert multipart_parts(MULTIPART.replace(b"\r\n", b"\n"), "multipart/form-data; boundary=AbC") == [
        PARTS[0],
        FormPart("file", "a b.bin", "application/octet-stream", b"\x00\n\n--Abx\xff"),
    ]


def test_what_is_no_multipart_has_no_parts():
    assert multipart_parts(b"hello", "multipart/form-data; boundary=AbC") == []
    assert multipart_parts(b"", "") == []
