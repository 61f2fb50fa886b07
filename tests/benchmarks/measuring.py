"""How the benchmarks measure: two works in turn, each in a process of its own, and the median of the ratios."""

import compileall
import gc
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
CASSETTE = (sys.executable, "-c", "from cassette_cli.__main__ import run; run()")
"""The command `cassette`, as its console script enters it."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a work took: seconds of all its processes' processor time, seconds by the clock, and bytes at the peak."""

    processor: float
    elapsed: float
    peak: int


def compile_package() -> None:
    """Write the package's bytecode: under PYTHONDONTWRITEBYTECODE an editable install compiles it at every start."""
    compileall.compile_dir(str(ROOT / "cli" / "cassette_cli"), quiet=2)


def ratio(ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> float:
    """Return the median of ours over theirs, taken in turn, so that a machine that slows down slows both."""
    return statistics.median(ours() / theirs() for _ in range(runs))


def apart(work: Callable[..., T], *args: object) -> T:
    """Do a work in a process of its own and return its result: what it leaves in memory counts for no other."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        return pool.submit(work, *args).result()


def forked(work: Callable[[], object], warm: Callable[[], object]) -> Spent:
    """Measure a work past its imports: a fresh process does `warm` first. Both are functions that pickle."""
    return apart(_spent, work, warm)


def clocked(work: Callable[[], object]) -> float:
    """Return the processor time of a work in this process, without the collector's pauses."""
    gc.collect()
    gc.disable()
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    gc.enable()
    return seconds


def process(command: Sequence[str], inside: Path = ROOT, codes: Iterable[int] = (0,)) -> Spent:
    """Measure a whole process, imports and all; raises `CalledProcessError` if it ends with another exit code."""
    nowhere = subprocess.DEVNULL
    before, start = _children(), time.perf_counter()
    code = subprocess.run(command, cwd=inside, stdout=nowhere, stderr=nowhere, check=False).returncode
    elapsed, after = time.perf_counter() - start, _children()
    if code not in codes:
        raise subprocess.CalledProcessError(code, command)
    return Spent(after - before, elapsed, _peak(resource.RUSAGE_CHILDREN))


def _spent(work: Callable[[], object], warm: Callable[[], object]) -> Spent:
    from cassette_cli.__main__ import tune_gc

    tune_gc()
    warm()
    before, start = time.process_time() + _children(), time.perf_counter()
    work()
    elapsed, after = time.perf_counter() - start, time.process_time() + _children()
    # A work that shares itself out holds its own memory and that of its processes, which are alike.
    return Spent(after - before, elapsed, _peak(resource.RUSAGE_SELF) + _peak(resource.RUSAGE_CHILDREN))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak(who: int) -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(who).ru_maxrss * unit


def verb(*args: str, inside: Path = ROOT) -> partial[None]:
    """Return a work: a command line of `cassette` in a folder, its output thrown away."""
    return partial(_verb, args, inside)


def _verb(args: Sequence[str], inside: Path) -> None:
    from cassette_cli.__main__ import main

    with (
        chdir(inside),
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        code = main(args)
    if code not in (0, 1):
        raise RuntimeError(f"cassette {' '.join(args)} ended with {code}")


@cache
def has_jobs(name: str) -> bool:
    """Say whether a verb of this version of `cassette` can share its work out to several processes."""
    return "--jobs" in subprocess.run([*CASSETTE, name, "--help"], capture_output=True, text=True, check=True).stdout


def alone(name: str) -> tuple[str, ...]:
    """Return a verb with the options that keep it in one process."""
    return (name, "--jobs", "1") if has_jobs(name) else (name,)


def bare(paths: Iterable[str]) -> partial[None]:
    """Return the work that most ratios are of: ruamel.yaml's C parser, which builds nodes and nothing else."""
    return partial(_bare, list(paths))


def _bare(paths: Iterable[str]) -> None:
    from ruamel.yaml.cyaml import CSafeLoader

    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:
            CSafeLoader(file.read()).get_single_node()
