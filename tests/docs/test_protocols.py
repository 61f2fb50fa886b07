"""The page on stream protocols: its tables are those of the code."""

from collections.abc import Iterable
from pathlib import Path

from cassette_cli.providers.base import StreamProtocol
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams.framing import FRAMINGS

PAGE = Path(__file__).parents[2] / "cli" / "docs" / "protocols.md"


def table(head: str, rows: Iterable[str]) -> str:
    return "\n".join([head, "|".join(["", *["---"] * (head.count("|") - 1), ""]), *rows]) + "\n"


def protocols() -> str:
    rows = (
        f"| `{one.name}` | {_words(one.about)} | {_codes(one.paths)} | {_codes(one.padding)} | {_empties(one)}"
        f" | {'yes' if one.coalescing else 'no'} |"
        for one in PROTOCOLS
    )
    head = "| Protocol | Claims a stream by | Paths of requests | Padding | Empty deltas go | Deltas merge |"
    return table(head, rows)


def framings() -> str:
    return table("| Framing | Recognized by |", (f"| `{one.NAME}` | {_words(one.ABOUT)} |" for one in FRAMINGS))


def _words(about: str) -> str:
    return about.replace("*", "\\*")


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "none"


def _empties(protocol: StreamProtocol) -> str:
    return "no" if type(protocol).empties is StreamProtocol.empties else "yes"


def test_the_tables_are_current() -> None:
    page = PAGE.read_text("utf-8")
    for made in (protocols(), framings()):
        assert made in page, f"\n\nPaste this table into {PAGE}:\n\n{made}"
