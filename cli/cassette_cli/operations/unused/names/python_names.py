"""The names that Python code gives to cassettes: the arguments of `use_cassette`, and of what passes them on to it."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from cassette_cli.operations.unused.names.base import Hole, Name, Part, Place

_RECORDS: Final = re.compile(r"(use|insert|load|with|play)_?cassette$|^_?add_from_file$", re.IGNORECASE)
_ARGUMENTS: Final = ("path", "name", "cassette_name", "cassette", "cassette_path", "file_path")
_TEST_NAMES: Final = re.compile(r"(^|\.)(node\.name|node\.originalname|_testMethodName|function\.__name__|item\.name)$")
_SAME: Final = frozenset({"str", "Path", "PurePath", "fspath", "abspath", "realpath", "normpath", "resolve", "absolute",
                          "as_posix", "expanduser", "with_suffix"})  # fmt: skip
_PERCENT: Final = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
_BRACES: Final = re.compile(r"\{[^{}]*\}")
_DEPTH: Final = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Mapping[str, ast.expr]
Of = Callable[[ast.expr], tuple[Part, ...]]


class Parameter(str):
    """The name of a parameter, as a part: what stands there is said where the function is called."""

    __slots__ = ()


@dataclass
class Helper:
    """A function that passes a parameter on as the name of a cassette, with what it puts around it."""

    position: int
    keyword: str
    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()


@dataclass
class Calls:
    """The calls of a module: each with the function around it, and the constants that it sees."""

    path: str
    calls: list[tuple[ast.Call, Function | None, str | None]] = field(default_factory=list)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    locals: dict[Function, dict[str, ast.expr]] = field(default_factory=dict)

    def scope(self, function: Function | None) -> Scope:
        """Return the names that have one value, of the module and of a function."""
        return {**self.constants, **(self.locals.get(function, {}) if function is not None else {})}


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` of names and attributes, and what of it can be said of others."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def calls_of(path: str, tree: ast.Module) -> Calls:
    """Collect the calls and constants of a module."""
    found = Calls(path)
    found.constants = _constants(tree.body)

    def visit(node: ast.AST, function: Function | None, test: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            inside, name = function, test
            if isinstance(child, Function):
                inside = child
                found.locals[child] = _constants(list(_statements(child)))
                if function is None or test is None:
                    name = f"{test}.{child.name}" if test else child.name
            elif isinstance(child, ast.ClassDef):
                found.constants.update(
                    {f"self.{key}": value for key, value in _constants(child.body).items()}
                )  # `self.X` and `cls.X` are looked up as one
                name = child.name
            elif isinstance(child, ast.Call):
                found.calls.append((child, function, test))
            visit(child, inside, name)

    visit(tree, None, None)
    return found


def _statements(function: Function) -> Iterator[ast.stmt]:
    for node in ast.walk(function):
        if isinstance(node, ast.stmt):
            yield node


def _constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Return the names that are assigned once."""
    values: dict[str, ast.expr | None] = {}
    for node in body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            name = dotted(target).replace("cls.", "self.")
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            values[name] = None if name in values else value
        if isinstance(node, ast.For | ast.AsyncFor | ast.AugAssign):
            values.update({one.id: None for one in ast.walk(node.target) if isinstance(one, ast.Name)})
    return {name: value for name, value in values.items() if value is not None and name}


def parts(node: ast.expr, scope: Scope, function: Function | None, depth: int = 0) -> tuple[Part, ...]:
    """Return the parts of a text or path that an expression makes."""

    def of(other: ast.expr) -> tuple[Part, ...]:
        return parts(other, scope, function, depth + 1)

    if depth > _DEPTH:
        return (Hole.ANY,)
    match node:
        case ast.Constant(value=str() as text):
            return (text,)
        case ast.Constant(value=int() | float() as number):
            return (str(number),)
        case ast.JoinedStr(values=values):
            return tuple(part for value in values for part in of(value))
        case ast.FormattedValue(value=value):
            return of(value)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (*of(left), *of(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return (*of(left), "/", *of(right))
        case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Mod()):
            return _with_holes(text, _PERCENT)
        case ast.Attribute() | ast.Name():
            return _named(node, scope, function, of)
        case ast.Call():
            return _called(node, of)
    return (Hole.ANY,)


def _named(node: ast.expr, scope: Scope, function: Function | None, of: Of) -> tuple[Part, ...]:
    name = dotted(node)
    if _TEST_NAMES.search(name):
        return (Hole.TEST,)
    value = scope.get(name.replace("cls.", "self."))
    if value is not None and value is not node:
        return of(value)
    if isinstance(node, ast.Name) and function is not None and node.id in _parameters(function):
        return (Parameter(node.id),)
    return (Hole.ANY,)


def _called(node: ast.Call, of: Of) -> tuple[Part, ...]:
    name = dotted(node.func).rpartition(".")[2]
    own = node.func.value if isinstance(node.func, ast.Attribute) else None
    if name == "format" and isinstance(own, ast.Constant) and isinstance(own.value, str):
        return _with_holes(own.value, _BRACES)
    if name in ("join", "joinpath", "Path", "PurePath") and node.args:
        if isinstance(own, ast.Constant):  # "-".join(…)
            return (Hole.ANY,)
        first = [of(own)] if name == "joinpath" and own is not None else []
        pieces = [*first, *(of(one) for one in node.args)]
        return tuple(part for at, piece in enumerate(pieces) for part in (*(("/",) if at else ()), *piece))
    if name in _SAME:
        inner = node.args[0] if node.args and name != "with_suffix" else own
        return of(inner) if inner is not None else (Hole.ANY,)
    return (Hole.ANY,)


def _with_holes(text: str, holes: re.Pattern[str]) -> tuple[Part, ...]:
    found: list[Part] = []
    for at, piece in enumerate(holes.split(text)):
        found += [Hole.ANY, piece] if at else [piece]
    return tuple(found)


def _parameters(function: Function) -> list[str]:
    arguments = function.args
    return [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def names(modules: list[Calls], tests: frozenset[str]) -> Iterator[tuple[Calls, Name]]:
    """Yield the names that are given to cassettes, also by way of helpers; `tests` are the parameters of none."""
    helpers: dict[str, Helper] = {}
    while True:
        found: list[tuple[Calls, Name]] = []
        known = len(helpers)
        for module in modules:
            for call, function, test in module.calls:
                found += [(module, name) for name in _call(module, call, function, test, helpers, tests)]
        if len(helpers) == known:
            yield from found
            return


def _call(
    module: Calls, call: ast.Call, function: Function | None, test: str | None, helpers: dict[str, Helper],
    tests: frozenset[str],
) -> Iterator[Name]:  # fmt: skip
    called = dotted(call.func).rpartition(".")[2]
    helper = helpers.get(called)
    if _RECORDS.search(called) is None and helper is None:
        return
    argument = _argument(call, helper)
    if argument is None:
        return
    given = parts(argument, module.scope(function), function)
    whole = given if helper is None else (*helper.before, *given, *helper.after)
    parameters = [at for at, part in enumerate(whole) if isinstance(part, Parameter)]
    if len(parameters) == 1 and function is not None and not function.name.startswith("test"):
        at = parameters[0]
        keyword = str(whole[at])
        if keyword not in tests:
            names = [one for one in _parameters(function) if one not in ("self", "cls")]
            made = Helper(names.index(keyword), keyword, whole[:at], whole[at + 1 :])
            if _RECORDS.search(function.name) is None:
                helpers.setdefault(function.name, made)
            return
    told = tuple(Hole.ANY if isinstance(part, Parameter) else part for part in whole)
    yield Name(told, Place(module.path, call.lineno, test), f"given to {called}")


def _argument(call: ast.Call, helper: Helper | None) -> ast.expr | None:
    wanted = _ARGUMENTS if helper is None else (helper.keyword,)
    position = 0 if helper is None else helper.position
    for keyword in call.keywords:
        if keyword.arg in wanted:
            return keyword.value
    if len(call.args) > position and not any(isinstance(one, ast.Starred) for one in call.args[: position + 1]):
        return call.args[position]
    return None
