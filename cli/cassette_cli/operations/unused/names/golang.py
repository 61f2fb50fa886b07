"""Go: names given to go-vcr, and tests and their subtests, as `t.Name()` tells them.

`t.Name()` is that of `testing/match.go` (`rewrite`): blanks become underscores. The nesting of `t.Run` is read from
the indentation, which gofmt makes.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from cassette_cli.operations.unused.names import textual
from cassette_cli.operations.unused.names.base import Hole, Part, Place, Source, Test
from cassette_cli.operations.unused.names.textual import Syntax, TextSource

_SYNTAX: Final = Syntax(
    token=re.compile(
        r"(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<raw>`[^`]*`)|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')", re.DOTALL
    ),
    calls=re.compile(r"\b(?:recorder\.New\w*|cassette\.(?:Load|New)\w*)\(\s*(?:&?recorder\.Options\{)?|\bCassetteName:\s*"),
    tests=re.compile(r"\b\w+\.Name\(\)"),
    functions=re.compile(
        r"^func\s+(?:\([^)]*\)\s*)?(?P<name>\w+)(?:\[[^\]]*\])?\((?P<parameters>[^()]*(?:\([^()]*\)[^()]*)*)\)", re.MULTILINE
    ),
    joins=re.compile(r"(?:filepath|path)\.Join\("),
    formats=re.compile(r"fmt\.Sprintf\("),
    hole=None,
    plus=("+",),
    words=re.compile(r"vcr|recorder|cassette|testing\.T\b"),
)  # fmt: skip
_TEST: Final = re.compile(r"^(Test|Benchmark|Example|Fuzz)")
_RUN: Final = re.compile(r"^(?P<indent>[ \t]*).*?\b\w+\.Run\(\s*", re.MULTILINE)
_MOST: Final = 500


def read(path: str, text: str) -> Source:
    """Read the strings of a source, and its tests."""
    source = textual.read(path, text, _SYNTAX)
    if path.endswith("_test.go"):
        for function in source.functions:
            if function.name.startswith("Test"):
                source.tests += _tests(source, function)
    return source


def _tests(source: TextSource, function: textual.Function) -> Iterator[Test]:
    """Yield a test and its subtests, by their full names; a hole stands as NUL."""
    place = Place(source.path, source.line(function.start), function.name)
    yield Test(function.name, place, None)
    above: list[tuple[int, list[str]]] = [(-1, [function.name])]
    body = source.code[function.start : function.end]
    for run in _RUN.finditer(body):
        indent = len(run["indent"].expandtabs(4))
        while above[-1][0] >= indent:
            above.pop()
        code = textual.argument(body, run.end())
        told = [f"{outer}/{one}" for outer in above[-1][1] for one in _subtests(code, body, source, function)][:_MOST]
        above.append((indent, told))
        for name in told:
            yield Test(
                name, Place(source.path, source.line(function.start + run.start()), name.replace("\0", "*")), None
            )


def _subtests(code: str, body: str, source: TextSource, function: textual.Function) -> list[str]:
    given = textual.parts(code, source, function)
    if all(isinstance(part, str) and not isinstance(part, textual.Parameter) for part in given):
        return [_rewritten("".join(map(str, given)))]
    choices = _choices(code, body, source)
    if choices is not None:
        return [_rewritten(one) for one in choices]
    return [_rewritten("".join(_hole(part) for part in given))]


def _hole(part: Part) -> str:
    return "\0" if isinstance(part, Hole | textual.Parameter) else part


def _choices(code: str, body: str, source: TextSource) -> list[str] | None:
    """Return the texts that a field of a table, or a variable of a loop, takes; None where they are not all literal."""
    selected = re.fullmatch(r"\w+\.(\w+)", code)
    if selected is not None:
        for text in (body, source.code):
            values = [textual.argument(text, one.end()) for one in re.finditer(rf"\b{selected[1]}:\s*", text)]
            if values:
                return _literal(values)
        return None
    if re.fullmatch(r"\w+", code) is None:
        return None
    loop = re.search(rf"\bfor\s+(?:(?P<key>{code})(?:,\s*\w+)?|\w+,\s*{code})\s*:=\s*range\s+(?P<over>[^\n]+)", body)
    if loop is None:
        return None
    over = loop["over"].strip().removesuffix("{").strip()
    table = re.search(rf"\b{re.escape(over)}\s*(?::?=)\s*", source.code) if re.fullmatch(r"\w+", over) else None
    start = table.end() if table is not None else source.code.find(over, source.code.find(body))
    head = re.match(r"(?:\[\]string|map\[string\][^\n{]*(?:struct\s*\{[^}]*\})?)\s*\{", source.code[start:])
    if head is None:
        return None
    rows = textual.split(textual.inside(source.code, start + head.end()))
    if loop["key"] and head[0].startswith("map"):
        return _literal([textual.split(row, (":",))[0] for row in rows if row])
    return None if loop["key"] else _literal([row for row in rows if row])


def _literal(values: Iterable[str]) -> list[str] | None:
    found = []
    for value in values:
        token = _SYNTAX.token.fullmatch(value.strip())
        if token is None or token.lastgroup == "comment":
            return None
        found.append(textual.unquoted(value.strip()))
    return found


def _rewritten(name: str) -> str:
    return re.sub(r"\s", "_", name)


def link(sources: Iterable[Source]) -> None:
    """Find the names that are given to cassettes."""
    own = [one for one in sources if isinstance(one, TextSource) and one.syntax is _SYNTAX]
    for source, name in textual.names(own, is_test=_TEST):
        source.names.append(name)
