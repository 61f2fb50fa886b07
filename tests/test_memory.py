"""What the verbs hold of one large cassette, in times its size: no more than one large body with its copies.

A megabyte is what the search for secrets keeps of any file. What trims holds more, for here each of its bodies changes: the text before and behind, and two trees to compare.
Counted by `tracemalloc`, at their second run: the interpreter, its modules and what is kept once for all are left out.
"""

import os
import tracemalloc
from contextlib import redirect_stdout

import pytest

from cassette_cli.__main__ import main
from cassette_cli.operations.redact.detect import detectors
from cassette_cli.source import document, pieces
from cassette_cli.streams import frames

SIZE = 800_000
FRAME = '{"id":"chatcmpl-example-0001","object":"chat.completion.chunk","created":1767603600,"model":"example-1","choices":[{"index":0,"delta":{"content":"%s"}}]}'  # fmt: skip
HEAD = """---
version: 2
interactions:
"""
INTERACTION = """    - id: 0
      request:
        body: '{"model":"example-1","messages":[{"role":"user","content":"Describe a lighthouse ☕."}],"stream":true}'
        headers:
            Content-Type:
                - application/json
        url: https://api.example.com/v1/chat/completions
        method: POST
      response:
        body: %s
        headers:
            Content-Type:
                - %s
        status: 200 OK
        code: 200
        duration: 1ms
"""


def _stream(size):
    frame = FRAME
    lines = [f"data: {frame % word}" for word in ("a ☕", " keeper", "", " on", " the", " rock")]
    times = max(size // sum(map(len, lines)), 1)
    return "|+\n" + "".join(f"            {line}\n\n" for line in [*lines * times, "data: [DONE]"])


BODIES = {
    "a stream": (_stream(SIZE // 2).replace("☕", "x"), "text/event-stream"),
    "an image": ('\'{"image":"' + "iVBORw0KGgoA" * (SIZE // 24) + "\"}'", "application/json"),
}
SMALL = INTERACTION % (_stream(8000), "text/event-stream")
LIMITS = {
    "ls": 4, "show": 4, "show -r": 4, "show --raw": 4, "grep -i lighthouse": 4, "textconv": 4,
    "redact --check --no-cache": 6, "check --no-cache": 6, "trim --check": 8, "stats": 8,
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("line", LIMITS)
def test_a_verb_holds_little_more_than_the_file(line, body, tmp_path, monkeypatch):
    monkeypatch.setattr(document, "LARGE", 0)
    monkeypatch.setattr(frames, "LONG", 1 << 16)
    monkeypatch.setattr(pieces, "_CHUNK", 1 << 14)
    monkeypatch.setattr(detectors, "_MOST_CLEAN", 1 << 14)
    monkeypatch.setattr(detectors, "_LONGEST_CLEAN", 1 << 14)
    path = tmp_path / "large.yaml"
    path.write_text(HEAD + INTERACTION % BODIES[body] + SMALL * (SIZE // 2 // len(SMALL)), encoding="utf-8")
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        assert main([*line.split(), str(path)]) in (0, 1)
        tracemalloc.start()
        try:
            main([*line.split(), str(path)])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak / path.stat().st_size < LIMITS[line]
