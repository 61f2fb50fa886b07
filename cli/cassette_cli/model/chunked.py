r"""Bodies that were recorded with their chunked transfer coding on (RFC 9112, 7.1): `17\r\n…\r\n0`.

Recorders that see what a client writes to its socket keep it: VCR.py and Ruby VCR for requests whose body is
an iterator.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cassette_cli.model.storage import Change, recut
from cassette_cli.source.later import pattern

_SIZE = pattern(rb"([0-9a-fA-F]{1,8})([ \t]*(?:;[^\r\n]*)?)\r\n")
_END = pattern(rb"0+[ \t]*(?:;[^\r\n]*)?(?:\r\n(?:[^\r\n:]+:[^\r\n]*\r\n)*(?:\r\n)?)?\Z")


class ChunkedBody(NamedTuple):
    """The chunks of a body, the size line of each as it was written, and what ends it: the last chunk, trailers."""

    chunks: list[bytes]
    lines: list[tuple[bytes, bytes]]
    end: bytes

    @classmethod
    def parse(cls, data: bytes) -> "ChunkedBody | None":
        """Take the framing off; None where the bytes are not framed from their first to their last."""
        chunks: list[bytes] = []
        lines: list[tuple[bytes, bytes]] = []
        at = 0
        while (line := _SIZE.match(data, at)) is not None and (size := int(line[1], 16)):
            start, end = line.end(), line.end() + size
            if data[end : end + 2] != b"\r\n":
                return None
            chunks.append(data[start:end])
            lines.append((line[1], line[2]))
            at = end + 2
        return cls(chunks, lines, data[at:]) if chunks and _END.match(data, at) else None

    def frame(self, data: bytes, changes: Sequence[Change] = ()) -> bytes:
        """Put the framing on changed bytes: as it was around what did not change; `changes` as of `recut`."""
        out: list[bytes] = []
        for chunk, (size, extension), new in zip(
            self.chunks, self.lines, recut(self.chunks, data, changes, empty=True), strict=True
        ):
            if not new:  # an empty chunk would end the body
                continue
            if len(new) != len(chunk):
                size = (b"%X" if size.isupper() else b"%x") % len(new)  # noqa: PLW2901 - written anew
            out += (size, extension, b"\r\n", new, b"\r\n")
        return b"".join(out) + self.end
