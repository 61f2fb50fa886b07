"""How long diff and textconv take, against `cassette ls`: `python tests/benchmarks/diff.py FOLDER`.

FOLDER holds re-recordings, `old` and `new`, with the same paths below them; they are copied until there
are 300 of them. Whole processes, the processor time of the best of several runs, printed as ratios: diff
over all against ls over both versions (limit 3), textconv of one cassette against ls of it (limit 1.5).
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

COUNT = 300


def seconds(*args: str, runs: int) -> float:
    """Return the shortest of several runs of a command of ours."""
    best = float("inf")
    for _ in range(runs):
        start = _spent()
        subprocess.run([sys.executable, "-m", "cassette_cli", *args], stdout=subprocess.DEVNULL, check=True)
        best = min(best, _spent() - start)
    return best


def _spent() -> float:
    """Return the processor time of all children so far: other programs on the machine do not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(folder: str) -> None:
    """Measure and print."""
    source = Path(folder)
    names = sorted(path.relative_to(source / "old") for path in (source / "old").rglob("*.y*ml"))
    with tempfile.TemporaryDirectory() as made:
        for number in range(COUNT):
            name = names[number % len(names)]
            for side in ("old", "new"):
                target = Path(made, side, f"{number:03}", name.name)
                target.parent.mkdir(parents=True)
                target.write_bytes((source / side / name).read_bytes())
        old, new = f"{made}/old", f"{made}/new"
        listing = seconds("ls", old, new, runs=3)
        print("| work | seconds | ratio to ls | limit |\n| --- | --- | --- | --- |")
        for args in ([], ["--summary"], ["--format", "html"], ["--all"]):
            took = seconds("diff", old, new, "--no-pager", *args, runs=3)
            print(f"| diff {' '.join(args)} over {COUNT} cassettes | {took:.2f} | {took / listing:.2f} | 3 |")
    sizes = sorted(((source / "new" / name).stat().st_size, name) for name in names)
    for _, name in (sizes[0], sizes[len(sizes) // 2], sizes[-1]):
        file = str(source / "new" / name)
        one, took = seconds("ls", file, runs=12), seconds("textconv", file, runs=12)
        print(f"| textconv of {Path(file).stat().st_size:,} bytes | {took:.3f} | {took / one:.2f} | 1.5 |")


if __name__ == "__main__":
    main(sys.argv[1])
