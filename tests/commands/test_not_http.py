"""Recordings that are no HTTP: listed for what they are, refused politely by every other verb."""

import json

import pytest

from commands.conftest import govcr, interaction

WEBSOCKET = """\
interactions:
- kind: websocket
  direction: sent
  data: '{"type": "session.update"}'
- kind: websocket
  direction: received
  data: '{"type": "session.updated"}'
version: 1
"""
GRPC = """\
interactions:
- request_sample: {prompt: hello}
  response_sample: {text: hi}
version: 1
"""


@pytest.mark.parametrize("content", [WEBSOCKET, GRPC])
def test_listed_but_not_shown(cassette, write, content):
    path = write("a.yaml", content)
    result = cassette("ls", "--json", path)
    assert result.code == 0
    row = json.loads(result.out)
    assert row["index"] is None
    assert row["protocol"]
    result = cassette("show", path)
    assert result.code == 2
    assert "not of HTTP" in result.err


def test_passed_over_in_a_folder(cassette, write, tmp_path):
    write("a.yaml", WEBSOCKET)
    write("b.yaml", govcr(interaction()))
    result = cassette("show", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert "b.yaml" in result.out
    assert "a.yaml" not in result.out
