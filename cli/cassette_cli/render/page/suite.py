"""The page of `cassette html`: a list of interactions with search and facets, and the text of each on demand.

In one file the texts are data at its end; in a folder they are scripts beside the page, which the page loads when it
needs them. Both work from `file://`, where a page may load scripts and nothing else.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import IO, Any

from cassette_cli.errors import SaveError
from cassette_cli.operations.check.codes import CHECKS
from cassette_cli.render.page.entry import FIELDS, Entry
from cassette_cli.render.page.shell import asset, escape, opening, script
from cassette_cli.source import save

_TEXTS = 1 << 18
"""So many characters of texts go into one part: what is read to show one interaction."""
_WORDS = 1 << 22
"""So many characters of words go into one part: all of them are read in the background."""
_PARTS = "parts"
_PART = re.compile(r"[0-9a-f]{16}\.js")
_PIECE = 1 << 20


@contextmanager
def gathering(folder: str | None = None) -> Iterator["Suite"]:
    """Yield what gathers a page; see `Suite`."""
    with TemporaryFile() as inside:
        page = Suite(folder, inside)
        try:
            yield page
        except BaseException:
            page.remove(page.brought)
            save.Tally.written -= len(page.brought)
            raise


class Suite:
    """Gathers a page, of which all but the list goes to disk as it comes.

    `folder` is where it is to be, None for a page that is one file, whose texts wait in `inside`. `brought` are the
    parts that were not in the folder before.
    """

    def __init__(self, folder: str | None, inside: IO[bytes]) -> None:
        self._folder = folder
        self._rows: list[str] = []
        self._paths: set[str] = set()
        self._cassettes: set[str] = set()
        self._interactions = 0
        self._texts = _Parts("t", _TEXTS, self._store)
        self._words = _Parts("w", _WORDS, self._store)
        self._files: dict[str, str] = {}
        self._inside = inside
        self.brought: set[str] = set()

    def add(self, one: Entry) -> None:
        """Take the next interaction."""
        self._texts.add(len(self._rows), one.detail)
        self._words.add(len(self._rows), json.dumps(one.words, ensure_ascii=False))
        self._rows.append(json.dumps(one.row, ensure_ascii=False, separators=(",", ":")))
        self._paths.add(one.row[0])
        if one.row[1] is not None:
            self._cassettes.add(one.row[0])
            self._interactions += 1

    @property
    def about(self) -> str:
        """What the page holds, in a few words, "" for nothing; other files are those that have a row of their own."""
        if not self._rows:
            return ""
        counts = ((self._interactions, "interaction"), (len(self._cassettes), "cassette"))
        about = " of ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
        others = len(self._rows) - self._interactions
        return about + (f", {others:,} other file{'' if others == 1 else 's'}" if others else "")

    def pieces(self) -> Iterator[bytes]:
        """Return the page piece by piece; to be called once, at the end."""
        self._texts.flush()
        self._words.flush()
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        base = _common_folder(self._paths)
        title = self.about + (f" in {base}" if base else "")
        yield opening("suite", title, parts=self._folder is not None).encode()
        yield asset("suite.html").replace("{title}", escape(title)).encode()
        head: dict[str, Any] = {} if self._folder is None else {"files": self._files}
        head |= {"base": base, "fields": FIELDS, "texts": self._texts.starts, "words": self._words.starts}
        head["about"] = {f"{one.code} {one.name}": one.about for one in CHECKS}
        rows = json.dumps(head)[:-1] + ',"rows":[' + ",\n".join(self._rows) + "]}"
        yield _data("rows", rows)
        yield script("suite").encode()
        self._inside.seek(0)
        while piece := self._inside.read(_PIECE):
            yield piece
        yield b"</body>\n</html>\n"

    def remove_old_parts(self) -> None:
        """Remove the parts of a page that was there before."""
        self.remove({name for name in os.listdir(self._place("")) if _PART.fullmatch(name)} - set(self._names()))

    def remove(self, names: Iterable[str]) -> None:
        """Remove parts, as far as they are there."""
        for name in names:
            with suppress(FileNotFoundError):
                os.unlink(self._place(name))

    def _names(self) -> Iterator[str]:
        return (f"{name}.js" for name in self._files.values())

    def _place(self, name: str) -> str:
        return os.path.join(self._folder or "", _PARTS, name)

    def _make_folders(self) -> None:
        try:
            os.makedirs(self._place(""), exist_ok=True)
        except OSError as error:
            hint = "name another folder with -o"
            raise SaveError(f"cannot be made: {error.strerror}", path=self._folder, hint=hint) from error

    def _store(self, name: str, text: str) -> None:
        if self._folder is None:
            self._inside.write(_data(name, text))
            return
        raw = f"arrived({json.dumps(name)}, {json.dumps(text, ensure_ascii=False)});\n".encode()
        # Named by what is in it: the page that is there goes on working until the new one takes its place.
        self._files[name] = hashlib.sha256(raw).hexdigest()[:16]
        file = f"{self._files[name]}.js"
        self._make_folders()
        if not os.path.exists(self._place(file)):
            self.brought.add(file)
            save.write_pieces(self._place(file), [raw])


class _Parts:
    """Texts of JSON that follow one another, put into arrays of about `size` characters."""

    def __init__(self, kind: str, size: int, store: Any) -> None:
        self._kind = kind
        self._size = size
        self._store = store
        self._texts: list[str] = []
        self._held = 0
        self.starts: list[int] = []

    def add(self, number: int, text: str) -> None:
        """Take the text of an interaction."""
        if not self._texts:
            self.starts.append(number)
        self._texts.append(text)
        self._held += len(text)
        if self._held >= self._size:
            self.flush()

    def flush(self) -> None:
        """Store what is held."""
        if self._texts:
            self._store(f"{self._kind}{len(self.starts) - 1}", "[" + ",\n".join(self._texts) + "]")
        self._texts, self._held = [], 0


def _data(name: str, text: str) -> bytes:
    """Return JSON as an element that runs nothing; without `<` no text of it can end the element."""
    text = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>\n'.encode()


def _common_folder(paths: Iterable[str]) -> str:
    """Return the folder that all paths open with, and its slash; "" where there is none."""
    common = os.path.commonprefix([path[: path.rfind("/") + 1] for path in paths])  # noqa: RUF071 - cut to a folder below
    return common[: common.rfind("/") + 1]
