"""The second table, by what a user would reach for: run by `table.py --others`, in an environment that holds it."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

import folders
from measuring import CASSETTE, alone, apart, forked, process, ratio, verb

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
PROGRAMS = Path(sys.executable).parent
YQ = (str(PROGRAMS / "yq"), ".interactions?[]?.request.uri?")


def vcrpy(path: str) -> None:
    """Read a cassette as VCR.py does before it replays."""
    from vcr.persisters.filesystem import FilesystemPersister
    from vcr.serializers import yamlserializer

    FilesystemPersister.load_cassette(path, yamlserializer)


def round_trip(path: str) -> None:
    """Read and write a cassette with ruamel.yaml, as a script that edits one would."""
    from ruamel.yaml import YAML

    yaml = YAML()
    with open(path, encoding="utf-8", newline="") as file, tempfile.TemporaryFile("w", encoding="utf-8") as copy:
        yaml.dump(yaml.load(file), copy)


def yq(path: str) -> None:
    """Print the URLs of a cassette."""
    process([*YQ, path])


def each(read: Callable[[str], None], paths: list[str]) -> None:
    """Read files one after another."""
    for path in paths:
        read(path)


def readable(read: Callable[[str], None], paths: list[str]) -> list[str]:
    """Return the files that a reader can read: a recorder reads its own."""

    def reads(path: str) -> bool:
        try:
            read(path)
        except Exception:  # noqa: BLE001 whatever it stumbles over, the file is not for it
            return False
        return True

    return [path for path in paths if reads(path)]


def row(theirs: str, ours: str, files: int, measured: float | None) -> str:
    """Return a line in Markdown."""
    return f"| {theirs} | {ours} | {files} | {'-' if measured is None else f'{measured:.2f}'} |"


def readers(paths: list[str], runs: int) -> Iterator[str]:
    """Measure libraries by the processor time past their imports, over the files that each can read."""
    for title, read, line in (
        (f"VCR.py {version('vcrpy')} loads them", vcrpy, "ls"),
        (f"ruamel.yaml {version('ruamel.yaml')} loads and dumps them (round trip)", round_trip, "trim --diff"),
    ):
        files = apart(readable, read, paths)
        name, *options = line.split()
        ours, warm = (verb(*alone(name), *options, *named) for named in (files, folders.SAMPLES))
        theirs, warm_theirs = partial(each, read, files), partial(each, read, files[:1])
        measured = ratio(
            lambda: forked(theirs, warm_theirs).processor,  # noqa: B023 called at once
            lambda: forked(ours, warm).processor,  # noqa: B023
            runs,
        )
        yield row(title, f"`{line}`", len(files), measured)


def programs(folder: Path, paths: list[str], runs: int) -> Iterator[str]:
    """Measure whole processes by their processor time, that of their own processes included."""

    def compared(theirs: list[str], *ours: str, codes: Iterable[int] = (0,)) -> float:
        def own() -> float:
            return process([*CASSETTE, *ours], folder, codes).processor

        return ratio(lambda: process(theirs, folder).processor, own, runs)

    listed = None
    yaml = [path for path in paths if not path.endswith((".json", ".har"))]
    if shutil.which("jq"):
        yaml = readable(yq, yaml)
        listed = compared([*YQ, *yaml], "ls", *yaml)
    yield row(f"yq {version('yq')}, jq's YAML wrapper, prints the URLs", "`ls`", len(yaml), listed)
    # It takes only paths below the folder it is called in; unasked, it would try what it finds on the providers.
    scan = [str(PROGRAMS / "detect-secrets"), "scan", "--all-files", "--no-verify", "."]
    found = compared(scan, "redact", "--check", ".", codes=(0, 1))
    yield row(f"detect-secrets {version('detect-secrets')} scans them", "`redact --check`", len(paths), found)
    with tempfile.TemporaryDirectory() as scratch:
        notebook = Path(scratch, "empty.ipynb")
        notebook.write_text(NOTEBOOK, "utf-8")
        clean = [str(PROGRAMS / "nbstripout"), "--dry-run", str(notebook)]
        started = compared(clean, "trim", "--check", folders.SAMPLES[0], codes=(0, 1))
    yield row(f"nbstripout {version('nbstripout')} starts, for an empty notebook", "`trim --check`", 1, started)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    paths = folders.recorded(options.folder)
    print("| what a user would reach for | against | files | ratio |\n|---|---|---:|---:|")
    for measure in (partial(readers, paths, options.runs), partial(programs, options.folder, paths, options.runs)):
        for line in measure():
            print(line, flush=True)


if __name__ == "__main__":
    main()
