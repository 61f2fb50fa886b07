"""The help of `cassette` itself: every verb in its group, and quick."""

import subprocess
import sys

import pytest

from cassette_cli.app import VERBS


@pytest.mark.parametrize("option", ["--help", "-h", None])
def test_the_help_names_every_verb_under_its_group(cassette, option, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    result = cassette(*([] if option is None else [option]))
    assert (result.code, result.err) == (0, "")
    assert result.out.endswith("with examples.\n")
    for verb in VERBS:
        assert (f"│ {verb.name} " in result.out) is not verb.hidden
        assert f"╭─ {verb.group} ─" in result.out
    for name in ("--version", "--man", "--install-completion", "--help, -h"):
        assert f"│ {name} " in result.out


def test_colour_is_for_terminals_and_who_asks_for_it(cassette, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in cassette("--help").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;36mls" in cassette("--help").out


def test_rich_is_not_imported_for_it():
    code = "import sys; from cassette_cli.__main__ import main; main(['--help']); sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
