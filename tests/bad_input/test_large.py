"""One frame of many megabytes, one line, one event, one answer: read, shown, trimmed and scanned like any other.

CASSETTE_LARGE sets the size in MB: 50 is what the project promises, 2 is quick.
"""

import json
import os

import pytest

from bad_input.recorded import CHAT, bedrock, delta, event, stream, vcrpy
from commands.conftest import govcr, interaction

SIZE = int(os.environ.get("CASSETTE_LARGE", "2")) * 1_000_000
WORDS = ("the quick brown fox " * (SIZE // 20 + 1))[:SIZE]
CHOICE = {"index": 0, "message": {"role": "assistant", "content": WORDS}}
PROSE = json.dumps(json.dumps({"model": "m", "choices": [CHOICE]}))

CASES = {
    "a frame": stream(delta("a"), delta(""), delta(WORDS), "[DONE]"),
    "a frame of the event stream": bedrock(event(json.dumps({"delta": {"text": WORDS}}).encode())),
    "a line that is no frame": stream(delta("a"), tail=": " + WORDS),
    "a frame that is no JSON": stream(delta("a"), delta(""), '{"x": "' + WORDS, "[DONE]"),
    "a frame of brackets": stream(delta("a"), delta(""), "[" * (SIZE // 100), "[DONE]"),
    "line breaks alone": govcr(interaction('"' + "\\n" * (SIZE // 10) + '"', content_type="text/event-stream")),
    "a whole answer": govcr(interaction(PROSE, url=CHAT, method="POST")),
    "a header": vcrpy(headers=f"{{a: ['{WORDS}']}}"),
    "a URL": vcrpy(uri=json.dumps("http://a.example/?q=" + WORDS.replace(" ", "+"))),
}  # fmt: skip
VERBS = [["ls"], ["show", "-r"], ["trim", "--check"], ["redact", "--check"], ["check"], ["textconv"]]


@pytest.mark.parametrize("case", CASES)
def test_large(cassette_bytes, write, case):
    text = CASES[case]
    path = write("a.yaml", text)
    for verb in VERBS:
        result = cassette_bytes(*verb, path)
        assert result.code in (0, 1), (verb, result.err)
    assert path.read_text() == text
    if "frame" in case:
        assert cassette_bytes("trim", path).code == 0
        assert len(path.read_text()) <= len(text)
