"""Write the tables in `cli/docs/` anew from the code that they are about.

    python tests/tables.py

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; the rest of a page is written by hand.
"""

import re
from collections.abc import Callable
from pathlib import Path

from cassette_cli.formats import registry

DOCS = Path(__file__).parents[1] / "cli" / "docs"
TABLES: dict[str, Callable[[], str]] = {"recorders": registry.table}

_TABLE = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def made(page: str) -> str:
    """Return a page with its tables as the code makes them."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", page)


if __name__ == "__main__":
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(made(path.read_text("utf-8")), "utf-8")
