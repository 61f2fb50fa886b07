"""Whole processes, side by side: what a hook's user feels. python tests/benchmarks/startup.py [RUNS]"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "govcr-tool-calls.yaml")
CASSETTE = [sys.executable, "-c", "from cassette_cli.__main__ import run; run()"]
PAIRS = {
    "cassette --version / import typer": ([*CASSETTE, "--version"], "import typer"),
    "cassette ls, one small cassette / import typer, rich.console, ruamel.yaml": (
        [*CASSETTE, "ls", EXAMPLE],
        "import typer, rich.console, ruamel.yaml",
    ),
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main(runs: int = 15) -> None:
    for name, (command, imports) in PAIRS.items():
        bare = [sys.executable, "-c", imports]
        seconds(command), seconds(bare)
        # In turn, so that a machine that slows down slows both.
        ratios = [seconds(command) / seconds(bare) for _ in range(runs)]
        print(f"{statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})  {name}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
