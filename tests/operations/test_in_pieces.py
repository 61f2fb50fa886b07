"""Verbs find in a cassette that is read an interaction at a time what they find in one that is read as a whole."""

import os
import shutil
from pathlib import Path

import pytest

from cassette_cli.__main__ import main
from cassette_cli.errors import EditError
from cassette_cli.operations.loading import Loaded
from cassette_cli.source import document
from cassette_cli.source.parts import Parts
from cassette_cli.streams import frames

EXAMPLES = Path(__file__).parents[2] / "examples"
VERBS = [
    "ls", "show", "show -r --json", "stats --json", "check --no-cache --select all --ignore CAS018",
    "redact --check --no-cache", "redact --check --no-cache --json --level ids,secrets", "redact --level all",
    "trim --all", "trim --check --json --headers volatile", "trim --coalesce", "decode",
]  # fmt: skip
SECRET = "sk-" + "ant-api03-" + "FAKEfake0123456789-_" * 4 + "FAKEfake01234AA"


def recorded():
    """Return the cassettes to be read, by their folders."""
    folder = os.environ.get("CASSETTE_CORPUS")
    return [EXAMPLES, *([Path(folder)] if folder else [])]


def told(line, folder, target, capsys):
    """Return exit code and output of a verb over a copy of a folder, and the files that it leaves."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)
    code = main([*line.split(), "--jobs", "1", str(target)])
    return code, capsys.readouterr(), {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}


@pytest.mark.parametrize("folder", recorded(), ids=lambda folder: folder.name)
@pytest.mark.parametrize("line", VERBS)
def test_a_verb_does_the_same(line, folder, tmp_path, monkeypatch, capsys):
    found = []
    for large, long in ((1 << 30, 1 << 30), (0, 0)):
        monkeypatch.setattr(document, "LARGE", large)
        monkeypatch.setattr(frames, "LONG", long)
        found.append(told(line, folder, tmp_path / "copy", capsys))
    assert found[0] == found[1]


def test_what_is_clean_and_what_is_trimmed_is_never_read_as_a_whole(tmp_path, monkeypatch, capsys):
    path = tmp_path / "a.yaml"
    shutil.copy(EXAMPLES / "govcr-streamed-chat.yaml", path)
    monkeypatch.setattr(document, "LARGE", 0)
    monkeypatch.setattr(Loaded, "whole", None)
    for line in ("redact --check --no-cache", "check --no-cache", "trim --check", "trim", "stats", "show"):
        assert main([*line.split(), str(path)]) in (0, 1)
    assert "left alone" not in capsys.readouterr().out


def test_a_secret_is_found_wherever_it_stands(tmp_path, monkeypatch):
    text = (EXAMPLES / "govcr-streamed-chat.yaml").read_text(encoding="utf-8")
    monkeypatch.setattr(document, "LARGE", 0)
    for old, new in (
        ("Describe a lighthouse at night.", f"Say {SECRET}"), ("example-client/1.0", SECRET), ("---\n", f"---\n# {SECRET}\n"),
        ("---\n", f"---\n# ключ: {SECRET}\n"), ("version: 2\n", f"version: 2\nnote: {SECRET}\n"),
        ("/v1/chat/completions", f"/v1/chat/completions?key={SECRET}"),
    ):  # fmt: skip
        path = tmp_path / "a.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert main(["redact", "--check", "--no-cache", str(path)]) == 1, new
        main(["redact", str(path)])
        assert SECRET not in path.read_text(encoding="utf-8")


def test_what_an_edit_in_parts_cannot_do_is_done_as_a_whole(tmp_path, monkeypatch):
    path, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    for one in (path, other):
        shutil.copy(EXAMPLES / "govcr-streamed-chat.yaml", one)
    assert main(["trim", str(other)]) == 0
    monkeypatch.setattr(document, "LARGE", 0)

    def refuse(*_):
        raise EditError("no")

    monkeypatch.setattr(Parts, "joined", refuse)
    assert main(["trim", str(path)]) == 0
    assert path.read_bytes() == other.read_bytes()
