"""The cassette that the project starts from: what its provider streamed, to the token."""

import json
import os
from pathlib import Path

import pytest

from cassette_cli.__main__ import main

CORPUS = os.environ.get("CASSETTE_CORPUS")


@pytest.mark.skipif(not CORPUS, reason="CASSETTE_CORPUS is not set")
def test_the_seed(capsys):
    path = Path(CORPUS or "") / "seed" / "xai-grok-code-fast-1.yaml"
    assert main(["show", "--json", "-r", str(path)]) == 0
    document = json.loads(capsys.readouterr().out)
    (interaction,) = document["interactions"]
    response = interaction["response"]
    assert (response["protocol"], response["framing"]) == ("openai-chat", "sse")
    assert (response["frames"], response["empty_frames"]) == (160, 92)
    message = response["message"]
    (choice,) = message["choices"]
    assert choice["reasoning"].startswith("First, the user said:")
    assert choice["text"] == 'Olá! (That\'s "hi" in Portuguese. For a more casual version, you can say "Oi!")'
    assert choice["finish_reason"] == "stop"
    assert (message["usage"]["prompt_tokens"], message["usage"]["completion_tokens"]) == (213, 22)
    assert message["usage"]["completion_tokens_details"]["reasoning_tokens"] == 135
