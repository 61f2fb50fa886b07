"""The sources of a project: which files are read, and by which module."""

import os
from collections.abc import Iterable, Iterator
from typing import Final

from cassette_cli.errors import CassetteError
from cassette_cli.operations.unused.names.base import Source
from cassette_cli.source import save

_MARKERS: Final = (
    "pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini", "Gemfile", "Rakefile", "go.mod", "package.json",
    "composer.json", "mix.exs", "Cargo.toml", "DESCRIPTION", "pom.xml", "build.gradle",
)  # fmt: skip
"""What stands in the root of a project, where there is no repository."""
_PASSED_OVER: Final = frozenset({
    "node_modules", "vendor", "site-packages", "dist", "build", "target", "venv", "env", "coverage", "htmlcov",
})  # fmt: skip
_LARGEST: Final = 4_000_000

LANGUAGES: Final = {
    ".py": "python", ".pyi": "python", ".rb": "ruby", ".rake": "ruby", ".go": "go",
    **dict.fromkeys((
        ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".php", ".ex", ".exs", ".r", ".java", ".kt", ".kts",
        ".groovy", ".scala", ".cs", ".fs", ".rs", ".swift", ".clj", ".dart", ".lua", ".sh", ".feature",
    ), "other"),
}  # fmt: skip
"""The languages by suffix; of `other` the strings are read."""


def project(path: str) -> str:
    """Return the root of the project that a cassette or folder of them belongs to.

    The nearest folder at or above it that holds `.git`, else one that holds what a project begins with, else the
    working folder, where it holds the path.
    """
    start = os.path.realpath(path)
    above = [start]
    while os.path.dirname(above[-1]) != above[-1]:
        above.append(os.path.dirname(above[-1]))
    for names in ((".git",), _MARKERS):
        for place in above:
            if any(os.path.exists(os.path.join(place, name)) for name in names):
                return place
    here = os.path.realpath(os.getcwd())
    return here if here in above else start if os.path.isdir(start) else os.path.dirname(start)


def read_all(root: str, folders: Iterable[str]) -> Iterator[Source]:
    """Yield what the sources in some folders say, each file once; paths are relative to the root."""
    seen: set[str] = set()
    for folder in folders:
        for path in _walk(folder):
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield _read(path, os.path.relpath(real, root).replace(os.sep, "/"))


def _walk(folder: str) -> Iterator[str]:
    if os.path.isfile(folder):
        yield folder
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _PASSED_OVER
            and not os.path.exists(os.path.join(place, name, "pyvenv.cfg"))
        )
        for name in sorted(files):
            if os.path.splitext(name)[1].lower() in LANGUAGES:
                yield os.path.join(place, name)


def language(path: str) -> str:
    """Return the language of a source by its suffix."""
    return LANGUAGES[os.path.splitext(path)[1].lower()]


def _read(path: str, name: str) -> Source:
    from cassette_cli.operations.unused.names import golang, other, python, ruby

    readers = {"python": python.read, "ruby": ruby.read, "go": golang.read, "other": other.read}
    try:
        raw = save.read_only(path) if os.path.getsize(path) <= _LARGEST else None
    except (CassetteError, OSError) as error:
        return Source(name, unread=str(error))
    if raw is None:
        return Source(name, unread="it is too large for a source")
    return readers[language(path)](name, raw.decode("utf-8", "replace"))
