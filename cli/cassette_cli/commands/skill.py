"""`cassette skill`: a guide for coding agents."""

import sys


def command() -> None:
    """Print a short guide for coding agents, for AGENTS.md and the like: which verb answers which question."""
    from importlib.resources import files

    sys.stdout.write(files("cassette_cli.render").joinpath("skill.md").read_text("utf-8"))
