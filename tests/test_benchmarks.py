"""The table of speed: the program prints every row that its page shows. What it measures is judged by no test."""

import os
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent / "benchmarks"


def works(table: str) -> list[str]:
    """Return the first cells of a Markdown table."""
    return [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| ")]


def test_every_row_of_the_page_is_printed():
    environment = {name: value for name, value in os.environ.items() if name != "CASSETTE_CORPUS"}
    tiny = ("--runs", "1", "--files", "5", "--large", "0.2", "--many", "20")
    command = [sys.executable, BENCHMARKS / "table.py", *tiny]
    printed = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    page = (BENCHMARKS / "README.md").read_text("utf-8")
    shown = page.split("<!-- limits -->")[1].split("<!-- /limits -->")[0]
    assert works(printed) == works(shown)
    assert len(works(shown)) > 1
