"""The names that Python code gives to cassettes: the arguments of `use_cassette`, and of what passes them on to it."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from cassette_cli.operations.unused.names.base import Hole, Name, Part, Place

_RECORDS: Final = re.compile(r"cassette$|^(use|with|play)_(vcr|tape)$|^_?add_from_file$", re.IGNORECASE)
_PLAYS: Final = re.compile(r"^(use|insert)_cassette$", re.IGNORECASE)
"""What is known to play a cassette, also where nothing is known of its name; of others, the name must be told."""
_ARGUMENTS: Final = ("path", "name", "cassette_name", "cassette", "cassette_path", "file_path")
_TEST_NAMES: Final = re.compile(
    r"(^|\.)(node\.name|node\.originalname|_testMethodName|function\.__name__|item\.name|cls\.__name__|__class__\.__name__"
    r"|vcr_cassette_name|default_cassette_name)$"
)
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
    found.constants = constants(tree.body)

    def visit(node: ast.AST, function: Function | None, test: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            inside, name = function, test
            if isinstance(child, Function):
                inside = child
                found.locals[child] = constants(list(_statements(child)))
                if function is None or test is None:
                    name = f"{test}.{child.name}" if test else child.name
            elif isinstance(child, ast.ClassDef):
                found.constants.update(
                    {f"self.{key}": value for key, value in constants(child.body).items()}
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


def constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Return the names that are assigned once."""
    return {name: values[0] for name, values in assigned(body).items() if len(values) == 1 and name}


def assigned(body: list[ast.stmt]) -> dict[str, list[ast.expr]]:
    """Return what each name is assigned; what loops and additions change is left out."""
    found: dict[str, list[ast.expr]] = {}
    changed: set[str] = set()
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found.setdefault(dotted(target).replace("cls.", "self."), []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found.setdefault(dotted(node.target).replace("cls.", "self."), []).append(node.value)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.AugAssign):
            changed.update(one.id for one in ast.walk(node.target) if isinstance(one, ast.Name))
    return {name: values for name, values in found.items() if name not in changed}


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
        if isinstance(own, ast.Constant):
            listed = node.args[0]
            if not isinstance(listed, ast.List | ast.Tuple):
                return (Hole.ANY,)
            texts = [(*((str(own.value),) if at else ()), *of(one)) for at, one in enumerate(listed.elts)]
            return tuple(part for text in texts for part in text)
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
    functions: Functions = {}
    for module in modules:
        for each in module.locals:
            functions.setdefault(each.name, []).append((module, each))
    while True:
        found: list[tuple[Calls, Name]] = []
        known = len(helpers)
        for module in modules:
            for call, function, test in module.calls:
                found += [(module, name) for name in _call(module, call, function, test, helpers, tests, functions)]
        if len(helpers) == known:
            yield from found
            return


Functions = dict[str, list[tuple[Calls, Function]]]


def _call(
    module: Calls, call: ast.Call, function: Function | None, test: str | None, helpers: dict[str, Helper],
    tests: frozenset[str], functions: Functions,
) -> Iterator[Name]:  # fmt: skip
    called = dotted(call.func).rpartition(".")[2]
    helper = helpers.get(called)
    if _RECORDS.search(called) is None and helper is None:
        return
    argument = _argument(call, helper)
    if argument is None:
        return
    for given in _alternatives(argument, module, function, functions, tests):
        whole = given if helper is None else (*helper.before, *given, *helper.after)
        parameters = [at for at, part in enumerate(whole) if isinstance(part, Parameter)]
        if len(parameters) == 1 and function is not None and not function.name.startswith("test"):
            at = parameters[0]
            keyword = str(whole[at])
            if keyword not in tests and keyword in (own := _parameters(function)):
                position = [one for one in own if one not in ("self", "cls")].index(keyword)
                if _RECORDS.search(function.name) is None:
                    helpers.setdefault(function.name, Helper(position, keyword, whole[:at], whole[at + 1 :]))
                continue
        told = tuple(Hole.ANY if isinstance(part, Parameter) else part for part in whole)
        name = Name(told, Place(module.path, call.lineno, test), f"given to {called}")
        if not name.bare or helper is not None or _PLAYS.search(called):
            yield name


def _alternatives(
    node: ast.expr,
    module: Calls,
    function: Function | None,
    functions: Functions,
    tests: frozenset[str],
    depth: int = 0,
) -> list[tuple[Part, ...]]:
    """Return the names that an expression may make: through conditions, and what fixtures and functions return."""

    def of(other: ast.expr, where: Calls = module, inside: Function | None = function) -> list[tuple[Part, ...]]:
        return _alternatives(other, where, inside, functions, tests, depth + 1)

    if depth > _DEPTH:
        return [(Hole.ANY,)]
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            return [*of(body), *of(orelse)]
        case ast.BoolOp(values=values):
            return [one for value in values for one in of(value)]
        case ast.Name(id=name):
            value = module.scope(function).get(name)
            if value is not None:
                return of(value)
            several = assigned(list(_statements(function))).get(name, []) if function is not None else []
            if several:
                return [one for value in several for one in of(value)]
            known = functions.get(name, []) if name in tests else []
            if known and not _TEST_NAMES.search(name):
                return [one for where, each in known for value in _returns(each) for one in of(value, where, each)]
        case ast.Subscript(value=ast.Attribute(attr="args")) if function is not None:
            marks = [
                mark
                for mark in ast.walk(function)
                if _is_call(mark, "get_closest_marker") or _is_call(mark, "iter_markers")
            ]
            return [
                tuple(parts(argument, where.scope(None), None))
                for mark in marks
                for name in _texts(mark)
                for where, argument in _marked(functions, name)
            ] or [(Hole.ANY,)]
        case ast.Call():
            name = dotted(node.func).rpartition(".")[2]
            known = functions.get(name, [])
            if len(known) == 1 and name not in _SAME and name not in ("join", "format", "joinpath"):
                where, each = known[0]
                return [
                    _substituted(one, node, each, module, function)
                    for value in _returns(each)
                    for one in of(value, where, each)
                ] or [(Hole.ANY,)]
    return [parts(node, module.scope(function), function)]


def _substituted(
    given: tuple[Part, ...], call: ast.Call, called: Function, module: Calls, function: Function | None
) -> tuple[Part, ...]:
    """Return what a function makes of its parameters, with the arguments of a call in their place."""
    own = [one for one in _parameters(called) if one not in ("self", "cls")]
    values = dict(zip(own, call.args, strict=False)) | {one.arg: one.value for one in call.keywords if one.arg}
    found: list[Part] = []
    for part in given:
        value = values.get(part) if isinstance(part, Parameter) else None
        found += [part] if value is None else parts(value, module.scope(function), function)
    return tuple(found)


def _returns(function: Function) -> list[ast.expr]:
    nodes = (one for one in ast.walk(function) if isinstance(one, ast.Return | ast.Yield))
    return [one.value for one in nodes if one.value is not None]


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).endswith(name)


def _texts(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _marked(functions: Functions, name: str) -> Iterator[tuple[Calls, ast.expr]]:
    """Yield the first arguments of all marks of a name."""
    for module in {id(one): one for known in functions.values() for one, _ in known}.values():
        for call, _, _ in module.calls:
            if call.args and dotted(call.func).endswith(f"mark.{name}"):
                yield module, call.args[0]


def _argument(call: ast.Call, helper: Helper | None) -> ast.expr | None:
    wanted = _ARGUMENTS if helper is None else (helper.keyword,)
    position = 0 if helper is None else helper.position
    for keyword in call.keywords:
        if keyword.arg in wanted:
            return keyword.value
    if len(call.args) > position and not any(isinstance(one, ast.Starred) for one in call.args[: position + 1]):
        return call.args[position]
    return None
