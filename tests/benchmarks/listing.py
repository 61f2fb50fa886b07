"""`cassette ls` over the corpus against a bare C parse of the same files.

CASSETTE_CORPUS=… python tests/benchmarks/listing.py [RUNS]

Each is run in a process of its own over the same list of files, in turn; what is compared is processor time
past the imports. Then memory: the peak over one file, and over all of them.
"""

import io
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

ENDINGS = (".yaml", ".yml", ".json")


def files() -> list[str]:
    root = Path(os.environ["CASSETTE_CORPUS"])
    return sorted(str(path) for path in root.rglob("*") if path.name.endswith(ENDINGS))


def bare(paths: list[str]) -> None:
    from ruamel.yaml.cyaml import CSafeLoader

    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:
            CSafeLoader(file.read()).get_single_node()


def listing(paths: list[str]) -> None:
    from cassette_cli.__main__ import main

    with redirect_stdout(io.StringIO()):
        main(["ls", *paths])


def measured(work: Callable[[list[str]], None], paths: list[str]) -> tuple[float, int]:
    """Return processor seconds past the imports, and the peak of memory in kB, of a fresh process."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        import gc

        gc.set_threshold(100_000, 50, 100)  # as `cassette` sets it
        work(paths[:1])
        start = time.process_time()
        work(paths)
        seconds = time.process_time() - start
        os.write(writer, f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        seconds, memory = answer.read().split()
    os.wait()
    return float(seconds), int(memory)


def main(runs: int = 7) -> None:
    paths = files()
    size = sum(Path(path).stat().st_size for path in paths)
    pairs = [(measured(listing, paths), measured(bare, paths)) for _ in range(runs)]
    ratio = statistics.median(ours[0] / theirs[0] for ours, theirs in pairs)
    print(f"{len(paths)} files, {size / 1e6:.1f} MB")
    print(f"{ratio:.2f}  cassette ls / bare C parse")
    largest = max(paths, key=lambda path: Path(path).stat().st_size)
    one, everything = measured(listing, [largest])[1], measured(listing, paths)[1]
    print(f"{everything / one:.2f}  peak memory over all files / over the largest ({everything / 1000:.0f} MB)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
