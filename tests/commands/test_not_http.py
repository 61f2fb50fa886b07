"""Recordings of gRPC calls: listed for what they are, refused politely by every other verb."""

import json

from commands.conftest import govcr, interaction

GRPC = """\
interactions:
- request_sample: {prompt: hello}
  response_sample: {text: hi}
version: 1
"""


def test_listed_but_not_shown(cassette, write):
    path = write("a.yaml", GRPC)
    result = cassette("ls", "--json", path)
    assert result.code == 0
    row = json.loads(result.out)
    assert row["index"] is None
    assert row["protocol"]
    result = cassette("show", path)
    assert result.code == 2
    assert "not of HTTP" in result.err


def test_passed_over_in_a_folder(cassette, write, tmp_path):
    write("a.yaml", GRPC)
    write("b.yaml", govcr(interaction()))
    result = cassette("show", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert "b.yaml" in result.out
    assert "a.yaml" not in result.out
