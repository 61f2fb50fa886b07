"""Go: names given to go-vcr, and tests and their subtests, as `t.Name()` tells them.

`t.Name()` is that of `testing/match.go` (`rewrite`): blanks become underscores. The nesting of `t.Run` is read from
the indentation, which gofmt makes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cassette_cli.operations.unused.names import textual
from cassette_cli.operations.unused.names.base import Hole, Name, Part, Place, Source, Test
from cassette_cli.operations.unused.names.textual import Function, Syntax, TextSource

_SYNTAX: Final = Syntax(
    token=re.compile(
        r"(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<raw>`[^`]*`)|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')",
        re.DOTALL,
    ),
    calls=re.compile(
        r"\b(?:recorder\.New\w*|cassette\.(?:Load|New)\w*)\(\s*(?:&?recorder\.Options\{)?|\bCassetteName:\s*"
    ),
    tests=re.compile(r"\b\w+\.Name\(\)"),
    functions=re.compile(
        r"^func\s+(?:\([^)]*\)\s*)?(?P<name>\w+)(?:\[[^\]]*\])?\((?P<parameters>[^()]*(?:\([^()]*\)[^()]*)*)\)",
        re.MULTILINE,
    ),
    joins=re.compile(r"(?:filepath|path)\.Join\("),
    formats=re.compile(r"fmt\.Sprintf\("),
    hole=None,
    plus=("+",),
    words=re.compile(r"vcr|recorder|cassette|testing\.T\b"),
)
_TEST: Final = re.compile(r"^(Test|Benchmark|Example|Fuzz)")
_RUN: Final = re.compile(r"\b\w+\.Run\(\s*")
_HELPER: Final = re.compile(r"(?<![.\w])(\w+)\(\s*(?:t|tt|tb|s\.T\(\))\s*[,)]")
_WRAPPED: Final = re.compile(r"\b(?:vcr\.\w+|\w+\.\w*(?:Recorder|Cassette|VCR)\w*)\(\s*t\s*[,)]")
"""Recorders of packages that wrap go-vcr, which are given the test, and take its name."""
_MOST: Final = 2000
_DEPTH: Final = 5


def read(path: str, text: str) -> Source:
    """Read the strings of a source; tests are found by `link`."""
    return textual.read(path, text, _SYNTAX)


@dataclass
class Package:
    """The functions of all sources by name: a test may leave its subtests to one."""

    functions: dict[str, list[tuple[TextSource, Function]]]

    def tests(self, source: TextSource, function: Function, above: Sequence[str], depth: int = 0) -> Iterator[Test]:
        """Yield the subtests that a function runs below some tests, by their full names; a hole stands as NUL."""
        open_: list[tuple[int, list[str]]] = [(-1, list(above))]
        body = source.code[function.start : function.end]
        at = 0
        for line in body.split("\n"):
            indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
            while line.strip() and open_[-1][0] >= indent:
                open_.pop()
            run = _RUN.search(line)
            if run is not None:
                told = [
                    f"{outer}/{one}"
                    for outer in open_[-1][1]
                    for one in _subtests(textual.argument(body, at + run.end()), body, source, function)
                ][:_MOST]
                open_.append((indent, told))
                place = Place(source.path, source.line(function.start + at))
                yield from (Test(name, place._replace(test=name.replace("\0", "*"))) for name in told)
            for found in _HELPER.finditer(line) if depth < _DEPTH and at else ():
                for other, helper in self.functions.get(found[1], ()):
                    if helper is not function:
                        yield from self.tests(other, helper, open_[-1][1], depth + 1)
            at += len(line) + 1


def _subtests(code: str, body: str, source: TextSource, function: Function) -> list[str]:
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
    """Return the texts that a variable of a loop, or a field of it, takes; None where they are not all literal."""
    variable, _, wanted = code.partition(".")
    if re.fullmatch(r"\w+(\.\w+)?", code) is None:
        return None
    names = rf"(?P<key>{variable})(?:,\s*\w+)?|\w+,\s*{variable}"
    loop = re.search(rf"\bfor\s+(?:{names})\s*:=\s*range\s+(?P<over>[^\n]+)", body)
    table = None if loop is None else _table(loop["over"].strip().removesuffix("{").strip(), body, source)
    if loop is None or table is None or (loop["key"] and not table.startswith("map[")):
        return None
    head = re.match(r"(?:\[[\d.]*\]|map\[string\])(?:struct\s*\{[^{}]*\}|[*\w.]+(?:\[\w+\])?)?\s*\{", table)
    if head is None:
        return None
    rows = [row for row in textual.split(textual.inside(table, head.end())) if row]
    if loop["key"]:
        return _literal(textual.split(row, (":",))[0] for row in rows)
    if table.startswith("map["):
        rows = [textual.split(row, (":",))[1] for row in rows if ":" in row]
    if not wanted:
        return _literal(rows)
    fields = [re.search(rf"\b{wanted}:\s*", row) for row in rows]
    if any(field is None for field in fields):
        return None
    return _literal(textual.argument(row, field.end()) for row, field in zip(rows, fields, strict=True) if field)


def _table(over: str, body: str, source: TextSource) -> str | None:
    """Return the literal that a loop goes over, None where it is none or changes."""
    if re.match(r"\[|map\[", over):
        return body[body.index(over) :]
    if re.fullmatch(r"\w+", over) is None:
        return None
    for text in (body, source.code):
        found = list(re.finditer(rf"(?<![\w.]){over}(?:\s+[\w\[\].*]+)?\s*:?=(?!=)\s*", text))
        if found:
            return text[found[0].end() :] if len(found) == 1 else None
    return None


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
    package = Package({})
    for source in own:
        for function in source.functions:
            package.functions.setdefault(function.name, []).append((source, function))
        for found in _WRAPPED.finditer(source.bare):
            source.names.append(
                Name((Hole.TEST,), Place(source.path, source.line(found.start())), f"given to {found[0]}")
            )
    for source in own:
        for function in source.functions if source.path.endswith("_test.go") else ():
            if function.name.startswith("Test"):
                place = Place(source.path, source.line(function.start), function.name)
                source.tests.append(Test(function.name, place))
                source.tests += package.tests(source, function, [function.name])
