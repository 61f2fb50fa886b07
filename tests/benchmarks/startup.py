"""Whole processes, side by side: what a hook's user feels. python tests/benchmarks/startup.py [RUNS]

What is compared is their processor time, which other processes on the machine disturb less. The bytecode
is there, as it is once a package is installed: an editable one may have none.
"""

import compileall
import os
import statistics
import subprocess
import sys
from pathlib import Path

import cassette_cli

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
    """Return the processor seconds of a process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return usage.ru_utime + usage.ru_stime


def main(runs: int = 15) -> None:
    compileall.compile_dir(str(Path(cassette_cli.__file__).parent), quiet=1)
    for name, (command, imports) in PAIRS.items():
        bare = [sys.executable, "-c", imports]
        seconds(command), seconds(bare)
        # In turn, so that a machine that slows down slows both.
        ratios = [seconds(command) / seconds(bare) for _ in range(runs)]
        print(f"{statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})  {name}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
