"""Write the tables in `cli/docs/` anew from the code that they are about.

    python tests/tables.py

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; the rest of a page is written by hand.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from cassette_cli.formats import registry
from cassette_cli.providers.base import StreamProtocol
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams.framing import FRAMINGS

DOCS = Path(__file__).parents[1] / "cli" / "docs"


def protocols() -> str:
    """Return the table of stream protocols."""
    rows = (
        f"| `{one.name}` | {_words(one.about)} | {_codes(one.paths)} | {_codes(one.padding)}"
        f" | {_given(type(one).empties is not StreamProtocol.empties)} | {_given(one.coalescing)} |"
        for one in PROTOCOLS
    )
    return _table("Protocol | Claims a stream by | Paths of requests | Padding | Empty deltas go | Deltas merge", rows)


def framings() -> str:
    """Return the table of framings."""
    return _table("Framing | Recognized by", (f"| `{one.NAME}` | {_words(one.ABOUT)} |" for one in FRAMINGS))


def _table(head: str, rows: Iterable[str]) -> str:
    return "\n".join([f"| {head} |", "|" + "---|" * (head.count("|") + 1), *rows])


def _words(about: str) -> str:
    return about.replace("*", "\\*")


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "none"


def _given(value: object) -> str:
    return "yes" if value else "no"


TABLES: dict[str, Callable[[], str]] = {
    "recorders": registry.table,
    "protocols": protocols,
    "framings": framings,
}

_TABLE = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def made(page: str) -> str:
    """Return a page with its tables as the code makes them."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", page)


if __name__ == "__main__":
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(made(path.read_text("utf-8")), "utf-8")
