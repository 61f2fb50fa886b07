"""Compressed files and bodies: there and back, damaged, cut, endless."""

import gzip
import zlib

import pytest

from cassette_cli.source import compression
from cassette_cli.source.compression import (
    CompressionError,
    CorruptDataError,
    LimitReachedError,
    Limits,
    MissingCodecError,
    compress,
    decompress,
    get_limits,
    set_limits,
    unwrap,
    wrap,
)

CODECS = ("gzip", "deflate", "raw-deflate", "br", "zstd")
TEXT = b"interactions: []\nversion: 1\n" * 500


@pytest.fixture
def limits():
    before = get_limits()
    yield set_limits
    set_limits(before)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("data", [b"", b"x", TEXT, bytes(range(256)) * 300], ids=["empty", "one", "text", "bytes"])
def test_there_and_back(codec, data):
    packed = compress(codec, data)
    result = decompress(codec, packed)
    assert (result.data, result.trailing, result.cut) == (data, b"", False)
    assert compress(codec, data) == packed


def test_others_read_what_is_written():
    assert gzip.decompress(compress("gzip", TEXT)) == TEXT
    assert zlib.decompress(compress("deflate", TEXT)) == TEXT
    assert compress("gzip", TEXT)[4:8] == b"\0\0\0\0"  # no time


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_every_member_is_read(codec):
    packed = b"".join(compress(codec, part) for part in (b"one ", b"two ", b"three"))
    assert decompress(codec, packed + b"rest") == compression.Decompressed(b"one two three", b"rest", cut=False)


@pytest.mark.parametrize("codec", CODECS)
def test_cut_data_gives_what_is_there_and_says_so(codec):
    data = bytes((i * i) % 251 for i in range(60_000))
    packed = compress(codec, data)
    result = decompress(codec, packed[: len(packed) * 2 // 3])
    assert result.cut
    assert data.startswith(result.data)


@pytest.mark.parametrize("codec", CODECS)
def test_damage_is_told(codec):
    with pytest.raises(CorruptDataError):
        decompress(codec, b"\xff\xff this was never compressed, not in the least")


def test_a_wrong_checksum_is_damage():
    packed = bytearray(compress("gzip", TEXT))
    packed[-6] ^= 1
    with pytest.raises(CorruptDataError):
        decompress("gzip", bytes(packed))


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_stops_at_the_ratio(codec):
    bomb = compress(codec, bytes(40 << 20))
    with pytest.raises(LimitReachedError, match="decompression stopped"):
        decompress(codec, bomb)


@pytest.mark.parametrize("codec", CODECS)
def test_a_short_repetitive_body_is_no_bomb(codec):
    data = b"a" * (4 << 20)
    assert decompress(codec, compress(codec, data)).data == data


def test_the_limits_can_be_set_and_lifted(limits):
    packed = compress("gzip", TEXT)
    limits(Limits(size=100, ratio=None))
    with pytest.raises(LimitReachedError):
        decompress("gzip", packed)
    limits(Limits(size=None, ratio=None))
    assert decompress("gzip", packed).data == TEXT
    bomb = compress("zstd", bytes(40 << 20))
    assert len(decompress("zstd", bomb).data) == 40 << 20


def test_thousands_of_members_stop():
    with pytest.raises(LimitReachedError):
        decompress("gzip", compress("gzip", b"") * 10_100)


@pytest.mark.parametrize(("name", "codec"), [("a.yaml.gz", "gzip"), ("a.yaml.zst", "zstd"), ("a.yaml.br", "br")])
def test_a_file_is_unwrapped_and_wrapped(name, codec):
    packed = wrap(TEXT, codec)
    assert unwrap(packed, name) == (TEXT, codec)
    assert wrap(TEXT, codec) == packed


def test_a_file_is_known_by_its_bytes_and_not_by_its_name():
    assert unwrap(wrap(TEXT, "gzip"), "a.yaml") == (TEXT, "gzip")
    assert unwrap(TEXT, "a.yaml.gz") == (TEXT, None)
    assert unwrap(b"", "a.br") == (b"", None)
    assert wrap(TEXT, None) is TEXT


@pytest.mark.parametrize("packed", [wrap(TEXT, "gzip")[:-3], wrap(TEXT, "gzip") + b"more", wrap(TEXT, "zstd")[:-3]])
def test_a_damaged_file_is_an_error_with_its_name(packed):
    with pytest.raises(CompressionError) as caught:
        unwrap(packed, "tests/a.yaml.gz")
    assert "tests/a.yaml.gz" in str(caught.value)


def test_padding_after_a_gzip_file_is_harmless():
    assert unwrap(wrap(TEXT, "gzip") + bytes(512), "a.gz") == (TEXT, "gzip")


@pytest.mark.parametrize(("codec", "module"), [("br", "brotli"), ("zstd", "zstandard")])
def test_a_missing_codec_names_the_extra(codec, module, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    for work in (compress, decompress):
        with pytest.raises(MissingCodecError) as caught:
            work(codec, b"x")
        assert "cassette-cli[compression]" in (caught.value.hint or "")
