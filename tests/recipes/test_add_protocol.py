"""The recipe for a stream protocol: followed to the letter, it gives a protocol that every verb knows."""

import json
from pathlib import Path

import pytest

from recipes.support import Recipe

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return Recipe("Add a stream protocol", tmp_path_factory.mktemp("protocol"))


def test_its_commands_know_the_new_protocol(recipe: Recipe) -> None:
    sessions = recipe.sessions()
    assert [args[:2] for args, _ in sessions] == [["cassette", verb] for verb in ("ls", "show", "trim", "trim")]
    for (_, *args), printed in sessions:
        code, said = recipe.run(*args)
        assert (code, said.rstrip()) == (int("--check" in args), printed.rstrip())
    assert "tideline\tprotocol\tobjects with a text under tide\n" in recipe.run("protocols")[1]


def test_the_message_is_the_one_that_was_streamed(recipe: Recipe) -> None:
    code, out = recipe.run("show", "-r", "--json", "tideline.yaml")
    response = json.loads(out)["interactions"][0]["response"]
    assert (code, response["message"]["choices"][0]["text"]) == (0, "Low water at six.")
    assert response["message"]["complete"] is True


def test_a_whole_answer_is_read_with_no_further_code(recipe: Recipe) -> None:
    stream = (recipe.folder / "tideline.yaml").read_text("utf-8")
    start, end = stream.index("      string: |+"), stream.index("    headers:\n      Content-Type: [text/event-stream]")
    answer = """      string: '{"model": "tide-1", "tide": "Low water at six."}'\n"""
    whole = stream[:start] + answer + stream[end:].replace("text/event-stream", "application/json")
    Path(recipe.folder / "whole.yaml").write_text(whole, "utf-8")
    code, out = recipe.run("show", "-r", "--json", "whole.yaml")
    message = json.loads(out)["interactions"][0]["response"]["message"]
    assert (code, message["choices"][0]["text"], message["complete"]) == (0, "Low water at six.", True)


def test_the_copy_is_the_one_that_runs(recipe: Recipe) -> None:
    """Each code block is needed: without the line in the registry the protocol is unknown."""
    registry = recipe.folder / "cli/cassette_cli/providers/registry.py"
    listed = registry.read_text("utf-8")
    registry.write_text(listed.replace('    "tideline",\n', ""), "utf-8")
    try:
        assert "tideline\tprotocol" not in recipe.run("protocols")[1]
    finally:
        registry.write_text(listed, "utf-8")
