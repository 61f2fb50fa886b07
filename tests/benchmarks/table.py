"""How fast `cassette` is, as a table in Markdown: `python tests/benchmarks/table.py`. See README.md beside this file.

A figure is a ratio of two things measured in this run; one past its limit is bold. CASSETTE_CORPUS is the
folder of cassettes to read, our examples over and over where it is not set.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import folders
from measuring import CASSETTE, ROOT, Spent, alone, apart, bare, compile_package, forked, has_jobs, process, ratio, verb

HERE = Path(__file__).parent
README = HERE / "README.md"
OTHERS = HERE / ".venv"
"""The environment of the programs that a user would reach for, made by `--others`."""
WARM = verb("ls", *folders.SAMPLES)
COPIES = 4
"""How many copies of the folder show what a process more costs once, and what it costs for each file."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `measured` is None where this version of `cassette` cannot do the work."""

    work: str
    against: str
    limit: float
    measured: float | None

    def __str__(self) -> str:
        """Return the line in Markdown."""
        if self.measured is None:
            figure = "-"
        else:
            figure = f"{self.measured:.2f}" if self.measured <= self.limit else f"**{self.measured:.2f}**"
        return f"| {self.work} | {self.against} | {self.limit:g} | {figure} |"


def start_ups(runs: int) -> Iterator[Row]:
    """Measure whole processes, as a hook's user feels them."""

    def whole(args: Sequence[str], against: Sequence[str]) -> float:
        command = [*CASSETTE, *args]
        return ratio(lambda: process(command).processor, lambda: process(against).processor, runs)

    one = folders.SAMPLES[0]
    typer = [sys.executable, "-c", "import typer"]
    yield Row("`cassette --version`, whole process", '`python -c "import typer"`', 1.2, whole(["--version"], typer))
    for work, args, limit in (
        ("`textconv` of one small cassette, whole process", ["textconv", one], 6),
        ("`ls` of it", ["ls", one], 7),
        ("`check` of it", ["check", "--no-cache", one], 10),
        ("`check` of it, known to be clean", ["check", one], 10),
        ("`redact --check` of it", ["redact", "--check", "--no-cache", one], 10),
        ("`redact --check` of it, known to be clean", ["redact", "--check", one], 10),
        ("`--help`, whole process", ["--help"], 10),
    ):
        process([*CASSETTE, *args])  # so that what is known is
        yield Row(work, "`python -c pass`", limit, whole(args, [sys.executable, "-c", "pass"]))


def again(scratch: Path, old: Path, runs: int) -> Iterator[Row]:
    """Measure a second run over what nothing is found in, whole processes: a suite that its hooks keep clean."""
    clean = scratch / "clean"
    shutil.copytree(old, clean)
    for line in ("check --format json", "redact --check --json"):
        listed = subprocess.run([*CASSETTE, *line.split(), "."], cwd=clean, capture_output=True, text=True, check=False)
        for told in map(json.loads, listed.stdout.splitlines()):
            if told.get("findings", True) or told.get("unscanned"):
                (clean / told["path"]).unlink(missing_ok=True)
    for line in ("check", "redact --check"):
        command = [*CASSETTE, *line.split(), "--jobs", "1"]
        process([*command, "."], clean)
        measured = ratio(
            lambda: process([*command, "."], clean).processor,  # noqa: B023 called at once
            lambda: process([*command, "--no-cache", "."], clean).processor,  # noqa: B023
            runs,
        )
        yield Row(f"`{line}` over a clean folder again", "the first run", 0.15, measured)


def over_folder(scratch: Path, old: Path, runs: int) -> Iterator[Row]:
    """Measure the verbs over a folder, by the processor time past the imports."""
    new, repository = scratch / "new", scratch / "repository"
    folders.edit(old, new)
    folders.commit(repository, old, new)
    files, versions = folders.recorded(old), [*folders.recorded(old), *folders.recorded(new)]

    def compared(line: str, *named: str, paths: list[str] = files, inside: Path = old) -> float:
        name, *options = line.split()
        ours = verb(*alone(name), *options, *named, inside=inside)
        warm = verb(*alone(name), *options, *folders.SAMPLES)
        return ratio(lambda: forked(ours, warm).processor, lambda: parsed(paths).processor, runs)

    same, both = "bare C parse of the same files", "bare C parse of both versions"
    yield Row("`ls` over a folder, one process", same, 1, compared("ls", "."))
    shared = all_cores("ls", old, files, runs) if has_jobs("ls") else None
    yield Row("`ls` over a folder, all cores, by the clock", same, 0.6, shared)
    copies = scratch / "copies"
    for number in range(COPIES):
        shutil.copytree(old, copies / str(number))
    shared = all_cores("ls", copies, folders.recorded(copies), runs) if has_jobs("ls") else None
    yield Row(f"`ls` over {COPIES} copies of the folder, all cores, by the clock", same, 0.6, shared)
    found = compared("redact --check --no-cache", ".")
    yield Row("`redact --check` over a folder, default rules", same, 2.5, found)
    yield Row("`check` over a folder", same, 2.5, compared("check --no-cache", "."))
    shared = all_cores("redact --check --no-cache", old, files, runs) if has_jobs("redact") else None
    yield Row("`redact --check` over a folder, all cores, by the clock", same, 2.5, shared)
    yield Row("`trim --check` over a folder", same, 4, compared("trim --check", "."))
    yield Row("`show -r --json` over a folder", same, 4, compared("show -r --json", "."))
    edited = compared("diff --no-pager", str(old), str(new), paths=versions)
    yield Row("`diff` of a folder and an edited copy", both, 4, edited)
    commits = compared("diff --no-pager", "HEAD~1..HEAD", paths=versions, inside=repository)
    yield Row("`diff` of two commits of a folder", both, 4, commits)


def parsed(paths: list[str]) -> Spent:
    """Measure the bare C parse."""
    return forked(bare(paths), bare(paths[:1]))


def all_cores(line: str, folder: Path, paths: list[str], runs: int) -> float:
    """Measure a verb on every core, by the clock."""
    ours = verb(*line.split(), "--jobs", str(os.cpu_count()), ".", inside=folder)
    warm = verb(*line.split(), *folders.SAMPLES)
    return ratio(lambda: forked(ours, warm).elapsed, lambda: parsed(paths).elapsed, runs)


def giants(scratch: Path, megabytes: float, count: int) -> Iterator[Row]:
    """Measure how memory and time grow with the size of one cassette, and with the number of many; once each."""

    def listed(path: Path) -> Spent:
        return forked(verb("ls", str(path)), WARM)

    for body in folders.BODIES:
        path = scratch / "giant.yaml"
        folders.large(path, megabytes / 4, body)
        quarter = listed(path)
        folders.large(path, megabytes, body)
        whole = listed(path)
        work = f"`ls` of one large cassette, half of it one {body}"
        yield Row(f"{work}: memory", f"its size, {megabytes:g} MB", 4, whole.peak / path.stat().st_size)
        yield Row(f"{work}: time", "4 × a quarter of it", 1.2, whole.processor / quarter.processor / 4)
        for line in ("show", "show -r", "check --no-cache", "redact --check --no-cache", "trim --check", "textconv"):
            peak = forked(verb(*line.split(), str(path)), WARM).peak
            name = f"`{line.removesuffix(' --no-cache')}` of it: memory"
            yield Row(name, f"its size, {megabytes:g} MB", 4, peak / path.stat().st_size)
        path.unlink()
    many = scratch / "many"
    folders.small(many / "tenth", count // 10)
    folders.small(many / "rest", count - count // 10)
    tenth, everything = listed(many / "tenth"), listed(many)
    work = "`ls` over many small cassettes"
    yield Row(f"{work}: memory", f"a tenth of the {count:,}", 1.2, everything.peak / tenth.peak)
    yield Row(f"{work}: time", "10 × a tenth of them", 1.2, everything.processor / tenth.processor / 10)


def others(folder: Path, runs: int) -> Iterator[str]:
    """Yield the lines of the second table, measured in an environment that holds the other programs as well."""
    python = OTHERS / "bin" / "python"
    if not python.exists():
        venv.create(OTHERS, with_pip=True)
        requirements = ["--quiet", "--editable", f"{ROOT}[compression]", "--requirement", str(HERE / "others.txt")]
        subprocess.run([python, "-m", "pip", "install", *requirements], check=True)
    command = [python, str(HERE / "others.py"), str(folder), "--runs", str(runs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            yield line.rstrip("\n")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def printed(lines: Iterable[object]) -> str:
    """Print lines as they come, and return them all."""
    kept = []
    for line in lines:
        print(line, flush=True)
        kept.append(f"{line}\n")
    return "".join(kept)


def replace(page: str, mark: str, table: str) -> str:
    """Return a page with a table put between `<!-- mark -->` and `<!-- /mark -->`, which it must have."""
    opening, closing = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    before, rest = page.split(opening)
    _, after = rest.split(closing)
    return f"{before}{opening}\n{table}\n{closing}{after}"


def measured_on(files: list[str], runs: int) -> str:
    """Return the line above a table: on what, over what."""
    size = sum(Path(path).stat().st_size for path in files) / 1e6
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{machine}; a folder of {len(files)} cassettes, {size:.1f} MB; medians of {runs} runs.\n"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Print how fast cassette is, as a table in Markdown.")
    parser.add_argument("--runs", type=int, default=7, help="measurements of which the median counts (default 7)")
    parser.add_argument("--files", type=int, help="cassettes in the folder: by default all of CASSETTE_CORPUS, or 300")
    parser.add_argument("--large", type=float, default=200, metavar="MB", help="the size of the large cassette")
    parser.add_argument("--many", type=int, default=20_000, metavar="N", help="the number of small cassettes")
    parser.add_argument("--others", action="store_true", help="the second table, too; installs what it needs beside")
    parser.add_argument("--write", action="store_true", help="put what was measured into README.md")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options, corpus = arguments(), os.environ.get("CASSETTE_CORPUS")
    compile_package()
    with tempfile.TemporaryDirectory() as made:
        os.environ["CASSETTE_CACHE_DIR"] = str(Path(made, "cache"))
        scratch, folder = Path(made), Path(made, "old")
        apart(folders.fill, folder, Path(corpus) if corpus else None, options.files)
        above = measured_on(folders.recorded(folder), options.runs)
        tables = {
            "limits": printed(
                chain(
                    [above, "| work | against | limit | ratio |", "|---|---|---:|---:|"],
                    start_ups(options.runs),
                    over_folder(scratch, folder, options.runs),
                    again(scratch, folder, options.runs),
                    giants(scratch, options.large, options.many),
                )
            )
        }
        if options.others:
            print()
            tables["others"] = printed(chain([above], others(folder, options.runs)))
    if options.write:
        page = README.read_text("utf-8")
        for mark, table in tables.items():
            page = replace(page, mark, table)
        README.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
