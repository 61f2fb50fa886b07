"""Follow a recipe of `cli/README.md`: its own code blocks, applied to a copy of the package."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "cli" / "README.md"
_BLOCK = re.compile(r"^`(?P<path>[^`\n]+)`:\n\n```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Recipe:
    """One section of the page, and the folder in which it is followed."""

    def __init__(self, heading: str, folder: Path) -> None:
        self.text = section(heading)
        self.folder = folder
        shutil.copytree(ROOT / "cli", folder / "cli", ignore=shutil.ignore_patterns("__pycache__"))
        self.blocks = [(match["path"], match["kind"], match["text"]) for match in _BLOCK.finditer(self.text)]
        for path, kind, text in self.blocks:
            target = folder / path
            target.write_text(patched(target.read_text("utf-8"), text) if kind == "diff" else text, "utf-8")

    def sessions(self) -> list[tuple[list[str], str]]:
        """Return the commands that the section tells to run, each with what it says that they print."""
        blocks = re.findall(r"^```console\n(.*?)^```", self.text, re.MULTILINE | re.DOTALL)
        parts = [part.partition("\n") for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
        return [(shlex.split(command), output) for command, _, output in parts]

    def run(self, *args: str) -> tuple[int, str]:
        """Run `cassette` out of the copy; returns its exit code and what it wrote, on both streams."""
        env = os.environ | {"PYTHONPATH": str(self.folder / "cli"), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
        command = [sys.executable, "-m", "cassette_cli", *args]
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, encoding="utf-8", check=False)
        return done.returncode, done.stdout + done.stderr


def section(heading: str) -> str:
    """Return a section of the page, from its heading to the next of the same rank."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, f"cli/README.md has no section {heading!r}"
    return found[1]


def patched(text: str, diff: str) -> str:
    """Apply a diff without line numbers: its old lines must stand in the text exactly once."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(old) == 1, f"these lines stand {text.count(old)} times in the file:\n{old}"
    return text.replace(old, new)
