"""Languages that are read as text: their strings, and the names that calls give to cassettes.

No grammar: comments and strings are told apart, an argument is followed through what joins paths, formats and
concatenates, through what is assigned once, and through functions that pass a parameter on. All else is a hole.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cassette_cli.operations.unused.names.base import Hole, Name, Part, Place, Source

_DEPTH: Final = 8
_FORMATTED: Final = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]|\{\}")
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"
_LONGEST: Final = 2000

Helper = tuple[int, tuple[Part, ...], tuple[Part, ...]]
"""Of a function that passes a parameter on: its position, and what is put before and behind it."""
Of = Callable[[str], tuple[Part, ...]]


class Syntax(NamedTuple):
    """What tells a language: its tokens, and the words of its recorders.

    `token` matches comments (group `comment`), strings (`text`) and raw strings (`raw`); `calls` ends before the
    argument that names a cassette; `tests` are expressions with the name of the test; `functions` have a name and
    parameters; `joins` make a path of their arguments, `formats` a text.
    """

    token: re.Pattern[str]
    calls: re.Pattern[str]
    tests: re.Pattern[str]
    functions: re.Pattern[str]
    joins: re.Pattern[str]
    formats: re.Pattern[str]
    hole: re.Pattern[str] | None
    plus: tuple[str, ...]
    words: re.Pattern[str]


class Parameter(str):
    """The name of a parameter, as a part: what stands there is said where the function is called."""

    __slots__ = ()


@dataclass
class Function:
    """A function: where its text begins and ends, and its parameters in order."""

    name: str
    parameters: list[str]
    start: int
    end: int = 0


@dataclass
class TextSource(Source):
    """A source that is read as text; `code` is it without comments, `bare` without what strings say either."""

    code: str = ""
    bare: str = ""
    syntax: Syntax | None = None
    functions: list[Function] = field(default_factory=list)

    def line(self, at: int) -> int:
        """Return the line of a position, from 1."""
        return self.code.count("\n", 0, at) + 1

    def around(self, at: int) -> Function | None:
        """Return the innermost function around a position."""
        return next((one for one in reversed(self.functions) if one.start <= at < one.end), None)


def read(path: str, text: str, syntax: Syntax) -> TextSource:
    """Read strings and functions of a source; names are found by `link`."""
    source = TextSource(path, syntax=syntax, plays=syntax.words.search(text) is not None)
    pieces: list[str] = []
    bare: list[str] = []
    at, line = 0, 1
    for found in syntax.token.finditer(text):
        line += text.count("\n", at, found.start())
        pieces.append(text[at : found.start()])
        bare.append(text[at : found.start()])
        blank = re.sub(r"[^\n]", " ", found[0])
        if found.lastgroup == "comment":
            pieces.append(blank)
            bare.append(blank)
        else:
            pieces.append(found[0])
            bare.append(blank if len(blank) < 2 else f'"{blank[1:-1]}"')
            value = unquoted(found[0])
            source.literals.setdefault(value, line)
        line += found[0].count("\n")
        at = found.end()
    source.code = "".join([*pieces, text[at:]])
    source.bare = "".join([*bare, text[at:]])
    starts = list(syntax.functions.finditer(source.code)) if source.plays else []
    for number, found in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(source.code)
        parameters = [one.split()[0].strip("*&$:=") for one in split(found["parameters"] or "") if one.split()]
        source.functions.append(Function(found["name"], [one.rstrip(":,=") for one in parameters], found.start(), end))
    return source


def unquoted(token: str) -> str:
    """Return what a string token says; escapes other than those of quotes stay."""
    inner = re.sub(r"^[a-zA-Z]*([\"'`]+)(.*)\1$", r"\2", token, flags=re.DOTALL)
    return re.sub(r"\\([\"'`\\/])", r"\1", inner)


def split(text: str, marks: Sequence[str] = (",",)) -> list[str]:
    """Split code at marks that stand outside of brackets and strings."""
    found, start = [], 0
    for at, _, depth in _bare(text, 0, len(text)):
        mark = next((mark for mark in marks if at >= start and text.startswith(mark, at)), None) if depth == 0 else None
        if mark is not None:
            found.append(text[start:at])
            start = at + len(mark)
    return [piece.strip() for piece in (*found, text[start:])]


def argument(code: str, at: int) -> str:
    """Return the code of the argument that begins at a position: to a comma, its bracket's end or that of the line."""
    for place, one, depth in _bare(code, at):
        if depth < 0 or (depth == 0 and (one == "," or (one == "\n" and code[at:place].strip()))):
            return code[at:place].strip()
        if depth == 0 and one == " " and re.match(r" (do|fn|->|=>)\b| \{\s*(\||$)", code[place : place + 8]):
            return code[at:place].strip()
    return code[at : at + _LONGEST].strip()


def inside(code: str, at: int) -> str:
    """Return the code from a position to the end of the bracket around it."""
    return next((code[at:place] for place, _, depth in _bare(code, at, len(code)) if depth < 0), code[at:])


def _bare(code: str, at: int, length: int = _LONGEST) -> Iterator[tuple[int, str, int]]:
    """Yield the characters outside of strings, with how many brackets are open: -1 at the one that closes the first."""
    depth, quote, end = 0, "", min(len(code), at + length)
    while at < end:
        one = code[at]
        if quote:
            if one == "\\":
                at += 1
            elif one == quote:
                quote = ""
        elif one in "\"'`":
            quote = one
        else:
            depth += (one in _OPEN) - (one in _CLOSE)
            yield at, one, depth
        at += 1


def parts(code: str, source: TextSource, function: Function | None, depth: int = 0) -> tuple[Part, ...]:
    """Return the parts of a text or path that an expression makes."""
    syntax = source.syntax
    assert syntax is not None

    def of(other: str) -> tuple[Part, ...]:
        return parts(other, source, function, depth + 1)

    code = code.strip().rstrip(";").strip()
    if depth > _DEPTH or not code:
        return (Hole.ANY,)
    pieces = split(code, syntax.plus)
    if len(pieces) > 1:
        return tuple(part for piece in pieces for part in of(piece))
    token = syntax.token.match(code)
    if token is not None and token.end() == len(code) and token.lastgroup != "comment":
        return _string(token[0], syntax, of)
    for calls, mark in ((syntax.joins, "/"), (syntax.formats, "")):
        found = calls.match(code)
        if found is not None and code.endswith(")"):
            arguments = split(code[found.end() : -1])
            if mark:
                return tuple(part for at, one in enumerate(arguments) for part in (*(("/",) if at else ()), *of(one)))
            return _with_holes(of(arguments[0]))
    if re.fullmatch(r":\w+", code):
        return (code[1:],)
    told = _named(code, source, function, of) if re.fullmatch(r"[$@]{0,2}\w+", code) else (Hole.ANY,)
    return (Hole.TEST,) if told == (Hole.ANY,) and syntax.tests.search(code) else told


def _string(token: str, syntax: Syntax, of: Of) -> tuple[Part, ...]:
    text = unquoted(token)
    if syntax.hole is None or token.startswith("'"):
        return (text,)
    found: list[Part] = []
    at = 0
    for hole in syntax.hole.finditer(text):
        found += [text[at : hole.start()], *of(hole[1])]
        at = hole.end()
    return tuple(part for part in (*found, text[at:]) if part != "")


def _with_holes(given: tuple[Part, ...]) -> tuple[Part, ...]:
    found: list[Part] = []
    for part in given:
        for at, piece in enumerate(_FORMATTED.split(part) if isinstance(part, str) else [part]):
            found += [Hole.ANY, piece] if at else [piece]
    return tuple(found)


def _named(name: str, source: TextSource, function: Function | None, of: Of) -> tuple[Part, ...]:
    if function is not None and name in function.parameters:
        return (Parameter(name),)
    bounds = [(function.start, function.end)] if function is not None else []
    for start, end in (*bounds, (0, len(source.code))):
        values = assigned(name, source.code[start:end])
        if len(values) == 1:
            return of(values[0])
        if values:
            break
    return (Hole.ANY,)


def assigned(name: str, code: str) -> list[str]:
    """Return what a name is given in some code, by each assignment."""
    found = re.finditer(rf"(?<![\w.$@]){re.escape(name)}(?:\s*:\s*\w+)?\s*(?::=|(?<![=!<>])=(?![=>~]))\s*", code)
    return [argument(code, one.end()) for one in found]


def names(sources: Iterable[TextSource], *, is_test: re.Pattern[str]) -> Iterator[tuple[TextSource, Name]]:
    """Yield the names that calls give to cassettes, also by way of functions that pass a parameter on."""
    helpers: dict[str, Helper] = {}
    sources = [one for one in sources if one.plays]
    while True:
        known = len(helpers)
        found = [(source, name) for source in sources for name in _names(source, helpers, is_test)]
        if len(helpers) == known:
            yield from found
            return


def _argument_at(code: str, at: int, position: int) -> str:
    """Return the code of an argument of a call whose first one begins at a place."""
    if position == 0:
        return argument(code, at)
    bracketed = code[:at].rstrip().endswith("(")
    found = split(inside(code, at) if bracketed else code[at : at + _LONGEST].partition("\n")[0])
    return argument(found[position], 0) if position < len(found) else ""


def _names(source: TextSource, helpers: dict[str, Helper], is_test: re.Pattern[str]) -> Iterator[Name]:
    syntax = source.syntax
    assert syntax is not None
    calls: list[tuple[str, int, Helper | None]] = [
        (one[0], one.end(), None) for one in syntax.calls.finditer(source.code)
    ]
    for name, known in [one for one in helpers.items() if one[0] in source.bare]:
        uses = re.finditer(rf"(?<![\w])(?<!def )(?<!func )(?<!function ){re.escape(name)}[ (]\s*", source.bare)
        calls += [(name, one.end(), known) for one in uses]
    for called, at, helper in calls:
        function = source.around(at)
        given = parts(_argument_at(source.code, at, helper[0] if helper is not None else 0), source, function)
        whole = given if helper is None else (*helper[1], *given, *helper[2])
        spots = [spot for spot, part in enumerate(whole) if isinstance(part, Parameter)]
        if len(spots) == 1 and function is not None and not is_test.search(function.name):
            spot = spots[0]
            position = function.parameters.index(str(whole[spot]))
            helpers.setdefault(function.name, (position, whole[:spot], whole[spot + 1 :]))
            continue
        told = tuple(Hole.ANY if isinstance(part, Parameter) else part for part in whole)
        if told == ("",):
            continue
        test = function.name if function is not None and is_test.search(function.name) else None
        yield Name(told, Place(source.path, source.line(at), test), f"given to {called.strip(' (')}")
