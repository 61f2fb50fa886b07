"""The registry names what is there, and imports no more of it than is asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.openai.chat import protocol as openai_chat
from cassette_cli.providers.reassemble import identify_request
from cassette_cli.providers.registry import PROTOCOLS
from commands.conftest import EXAMPLES


def asked(path):
    return identify_request(Exchange(url=f"https://api.llm.example{path}"))


def test_every_name_is_that_of_one_protocol():
    assert len({protocol.name for protocol in PROTOCOLS}) == len(PROTOCOLS)
    for protocol in PROTOCOLS:
        assert isinstance(protocol, StreamProtocol)
        assert protocol.about
        assert protocol in PROTOCOLS
    assert PROTOCOLS[0] is openai_chat
    assert list(PROTOCOLS[:2]) == [PROTOCOLS[0], PROTOCOLS[1]]


def test_a_request_is_asked_for_by_its_path():
    assert asked("/v1/chat/completions") is openai_chat
    assert asked("/v1/things") is None


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/v1/projects/p/locations/l/publishers/anthropic/models/m:streamRawPredict", "anthropic-messages"),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/m/n:rawPredict", None),
        ("/model/m/converse-stream", "bedrock-converse"),
        ("/model/m/n/converse", None),
        ("/model/m/invoke", "bedrock-invoke"),
        ("/model/m/n/invoke", None),
        ("/agents/a/agentAliases/b/sessions/c/text", "bedrock-agent"),
        ("/agents/text", None),
        ("/v1/threads", "openai-assistants"),
        ("/v1/threads/t/runs", "openai-assistants"),
        ("/v1/threadsafe", None),
    ],
)
def test_whose_request_a_path_is(path, protocol):
    found = asked(path)
    assert (None if found is None else found.name) == protocol


LISTING = """
import sys
from cassette_cli.__main__ import main
assert main(["ls", sys.argv[1]]) == 0
print(*sorted(name for name in sys.modules if name.startswith("cassette_cli.providers.")), file=sys.stderr)
"""


def test_a_listing_imports_the_protocol_that_it_meets():
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    example = str(Path(EXAMPLES) / "govcr-tool-calls.yaml")
    done = subprocess.run([sys.executable, "-c", LISTING, example], env=env, capture_output=True, text=True, check=True)
    imported = done.stderr.split()
    assert "cassette_cli.providers.openai.chat" in imported
    assert "cassette_cli.providers.google.gemini" not in imported
