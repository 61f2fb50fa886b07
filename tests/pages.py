"""Write anew what is made of the code: tables and the output of commands in the README and `cli/docs/`, `rules/openings.py`.

    python tests/pages.py

A table stands between `<!-- table: NAME -->` and `<!-- end -->`, a command and its output in a `console` block,
which is run at the root of the repository; the rest of a page is written by hand.
"""

import importlib
import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

from cassette_cli.__main__ import main
from cassette_cli.formats import registry, unsupported
from cassette_cli.operations.check import codes
from cassette_cli.operations.explain import terms
from cassette_cli.operations.redact.detect.detectors import DEFAULT_LEVELS
from cassette_cli.operations.redact.detect.shapes import opens, opens_word
from cassette_cli.operations.redact.rules.catalogue import SHAPES
from cassette_cli.operations.redact.rules.rule import LEVEL_ABOUTS, Rule
from cassette_cli.operations.volatile import RULES
from cassette_cli.providers.base import StreamProtocol
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams.framing import FRAMINGS

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "cli" / "docs").glob("*.md")))


def shapes() -> tuple[tuple[str, bool, int, tuple[str, ...]], ...]:
    """Return the rules for secrets as `openings.SHAPES` has them: without the literal of a user before a host."""
    rules = (rule for rule in SHAPES if rule.level == "secrets" and rule.literals != ("://",))
    return tuple((rule.pattern, opens_word(rule), _behind(rule), tuple(sorted(rule.literals))) for rule in rules)


_OF_TOKENS = re.compile(
    r"(?:\(\?<?[=!](?:[^()\\]|\\.)*\)"  # look-arounds
    r"|\[(?:\\[wd]|[\w.+/=~%-])+\]|\\[wd.]|[\w/=~%-]|\(\?:|[)|?]|\{\d+(?:,\d*)?\})*"
)
"""A pattern in which nothing but characters of tokens stands, look-arounds aside."""


def _behind(rule: Rule) -> int:
    """Return the fewest characters of a token behind a literal; a match that opens with it may tell more than a rule."""
    if not (opens(rule) and _OF_TOKENS.fullmatch(rule.pattern)):
        return rule.behind
    least = importlib.import_module("re._parser").parse(rule.pattern).getwidth()[0]
    return max(rule.behind, least - max(map(len, rule.literals)))


def prefixes() -> tuple[str, ...]:
    """Return the openings of tokens that anybody may see, the longest first."""
    found = {one for rule in SHAPES for one in rule.literals if re.fullmatch(r"[A-Za-z0-9]+[-_.]", one)}
    found |= {"sk-proj-", "sk-svcacct-", "sk-admin-", "sk-ant-", "sk-or-", "AKIA", "ASIA", "AIza", "eyJ", "github_pat_"}
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _write_openings() -> None:
    path = ROOT / "cli" / "cassette_cli" / "operations" / "redact" / "rules" / "openings.py"
    head = path.read_text("utf-8").partition("PREFIXES = ")[0]
    rows = "".join(f"    {row},\n" for row in shapes())
    path.write_text(f"{head}PREFIXES = {prefixes()}\n\nSHAPES = (\n{rows})\n", "utf-8")


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


def volatile() -> str:
    """Return the table of the rules for what is volatile."""
    return _table("rule | what it passes over", (f"| `{rule.name}` | {_words(rule.about)} |" for rule in RULES))


def levels() -> str:
    """Return the table of the levels of `redact`."""
    rows = (f"| `{name}` | {about} | {_given(name in DEFAULT_LEVELS)} |" for name, about in LEVEL_ABOUTS.items())
    return _table("level | what | by default", rows)


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
    "unsupported": unsupported.table,
    "checks": codes.table,
    "protocols": protocols,
    "framings": framings,
    "volatile": volatile,
    "levels": levels,
    "terms": terms.table,
}

_TABLE = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


_SESSIONS = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def sessions(page: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page, without the prompt, and the output that is printed under it."""
    for block in _SESSIONS.findall(page):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            yield command, output


def output_of(command: str) -> str:
    """Run a command in this process, and return what it prints."""
    program, *args = shlex.split(command)
    assert program == "cassette", command
    out = TextIOWrapper(BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        main(args)
    out.seek(0)
    return out.read()


def with_tables(page: str) -> str:
    """Return a page with its tables as the code makes them."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", page)


def _with_outputs(page: str) -> str:
    def block(found: re.Match[str]) -> str:
        commands = [command for command, _ in sessions(found[0])]
        printed = [f"$ {command}\n{output_of(command).rstrip()}\n" for command in commands]
        return f"```console\n{''.join(printed)}```"

    return _SESSIONS.sub(block, page)


if __name__ == "__main__":
    os.chdir(ROOT)
    _write_openings()
    for path in PAGES:
        path.write_text(_with_outputs(with_tables(path.read_text("utf-8"))), "utf-8")
