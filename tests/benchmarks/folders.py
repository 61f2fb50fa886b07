"""What the benchmarks read: a folder of real cassettes or of our examples, an edited copy, and made giants."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from measuring import ROOT, bare

EXAMPLES = ROOT / "examples"
SAMPLES = (str(EXAMPLES / "govcr-tool-calls.yaml"), str(EXAMPLES / "govcr-tool-calls-again.yaml"))
"""Two small recordings of the same."""
STREAM = EXAMPLES / "govcr-streamed-chat.yaml"
ENDINGS = (".yaml", ".yml", ".json", ".har")
BODIES = ("stream", "stream in quotes", "image")
"""What half of a large cassette may be; PyYAML, unlike go-vcr, writes a stream in quotes, folded."""


def recorded(folder: Path, count: int | None = None) -> list[str]:
    """Return the paths of the cassettes below a folder, or of the first `count`."""
    return sorted(str(path) for path in folder.rglob("*") if path.suffix in ENDINGS and path.is_file())[:count]


def fill(folder: Path, source: Path | None, count: int | None) -> None:
    """Copy the cassettes below `source` that a bare C parse can read; without a source our examples, over and over.

    `count` is how many; None is all of the source, or 300.
    """
    from ruamel.yaml.error import YAMLError

    if source is None:
        examples = recorded(EXAMPLES)
        paths = [examples[number % len(examples)] for number in range(count or 300)]
    else:
        paths = recorded(source, count)
    for number, path in enumerate(paths):
        try:
            bare([path])()
        except YAMLError:  # half surrogate pairs, which JSON may hold
            continue
        target = folder / f"{number // 20:03}" / f"{number:05}{Path(path).suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def edit(old: Path, new: Path) -> None:
    """Copy a folder with a word of the prose in requests and answers exchanged for another."""
    for path in recorded(old):
        target = new / Path(path).relative_to(old)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(re.sub(rb"\bthe\b", b"that", Path(path).read_bytes()))


def commit(repository: Path, *versions: Path) -> None:
    """Make a git repository whose commits are the folders, one after another."""

    def git(*args: str) -> None:
        identity = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *args], cwd=repository, check=True, capture_output=True)

    repository.mkdir()
    git("init")
    for version in versions:
        shutil.copytree(version, repository, dirs_exist_ok=True)
        git("add", ".")
        git("commit", "--message", version.name)


def small(folder: Path, count: int) -> None:
    """Write `count` small cassettes."""
    raw = Path(SAMPLES[0]).read_bytes()
    for number in range(count):
        target = folder / f"{number // 1000:03}" / f"{number:06}.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)


def large(path: Path, megabytes: float, body: str) -> None:
    """Write one cassette of go-vcr: half of it a single body, one of `BODIES`, half many interactions."""
    head, interaction = STREAM.read_text("utf-8").split("interactions:\n")
    before, frame, _, after = re.split(r"\|\+\n( +data: .*\n\n)((?: +data: .*\n\n)*)", interaction, maxsplit=1)
    half = int(megabytes * 500_000)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines([head, "interactions:\n", before])
        if body == "stream":
            file.writelines(["|+\n", *_repeated(frame, half), after])
        elif body == "stream in quotes":
            indent = frame[: -len(frame.lstrip(" "))]
            folded = frame.strip().replace("'", "''") + "\n\n\n" + indent
            file.writelines(["'", *_repeated(folded, half), "'\n", after])
        else:
            after = after.replace("text/event-stream", "application/json")
            file.writelines(['\'{"image":"', *_repeated("iVBORw0KGgoA" * 100, half), "\"}'\n", after])
        file.writelines(_repeated(interaction, half))


def _repeated(text: str, size: int) -> Iterator[str]:
    return (text for _ in range(size // len(text)))
