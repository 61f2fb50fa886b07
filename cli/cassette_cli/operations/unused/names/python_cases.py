"""The ids that pytest gives to parametrized tests, where the source says them."""

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cassette_cli.operations.unused.names.python_names import dotted

_FORBIDDEN: Final = str.maketrans(dict.fromkeys(r"<>?%*:|\"'/\\", "-"))

Group = frozenset[str] | None
Constants = Mapping[str, ast.expr]


def plain(text: str) -> str:
    """Return a name as pytest-recording writes it: without what file names may not hold."""
    return text.translate(_FORBIDDEN)


def groups_of_marks(marks: Iterable[ast.expr], constants: Constants) -> tuple[list[Group], list[str]]:
    """Return the groups of ids of all marks `parametrize`, and the names that they give."""
    groups: list[Group] = []
    given: list[str] = []
    for mark in marks:
        if not isinstance(mark, ast.Call) or not dotted(mark.func).endswith("mark.parametrize"):
            continue
        options = {one.arg: one.value for one in mark.keywords}
        names = _argument_names(mark.args[0] if mark.args else options.get("argnames"), constants)
        values = mark.args[1] if len(mark.args) > 1 else options.get("argvalues")
        ids = mark.args[3] if len(mark.args) > 3 else options.get("ids")
        groups.append(None if not names or values is None else _group(names, values, ids, constants))
        given += names
    return groups, given


def groups_of_fixture(options: Mapping[str | None, ast.expr], name: str, constants: Constants) -> list[Group]:
    """Return the group of ids of a fixture, none where it has no parameters."""
    values = options.get("params")
    if values is None or (isinstance(values, ast.Constant) and values.value is None):
        return []
    return [_group([name], values, options.get("ids"), constants)]


def _argument_names(node: ast.expr | None, constants: Constants) -> list[str]:
    node = _resolved(node, constants)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [name.strip() for name in node.value.split(",") if name.strip()]
    if isinstance(node, ast.List | ast.Tuple):
        return [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return []


def _resolved(node: ast.expr | None, constants: Constants) -> ast.expr | None:
    seen = 0
    while isinstance(node, ast.Name) and node.id in constants and seen < 8:
        node, seen = constants[node.id], seen + 1
    return node


def _group(names: Sequence[str], values: ast.expr, ids: ast.expr | None, constants: Constants) -> Group:
    """Return the ids that a list of values gets, None where they cannot be said."""
    values = _resolved(values, constants) or values
    ids = _resolved(ids, constants)
    if not isinstance(values, ast.List | ast.Tuple) or any(isinstance(one, ast.Starred) for one in values.elts):
        return None
    own = _own_ids(ids, len(values.elts))
    if own is None:
        return None
    found: list[set[str]] = []
    for at, value in enumerate(values.elts):
        explicit = _id_of_param(value)
        if explicit is not None or own[at] is not None:
            found.append({_escaped(explicit if explicit is not None else str(own[at]))})
            continue
        if isinstance(value, ast.Call) and dotted(value.func).endswith("param"):
            if any(one.arg == "id" for one in value.keywords):
                return None  # an id that is not a string here
            each: list[ast.expr] = list(value.args)
        else:
            whole = _resolved(value, constants) or value
            each = list(whole.elts) if len(names) > 1 and isinstance(whole, ast.Tuple | ast.List) else [whole]
        if len(each) != len(names):
            return None
        told = {""}
        for name, one in zip(names, each, strict=True):
            pieces = _id_of_value(one, name, at, constants)
            if pieces is None:
                return None
            told = {f"{text}-{piece}" if text else piece for text in told for piece in pieces}
        found.append(told)
    return frozenset(plain(one) for one in _numbered(found))


def _own_ids(ids: ast.expr | None, count: int) -> list[str | None] | None:
    """Return the ids of the argument `ids`, None for each that it does not have; None where it cannot be read."""
    if ids is None or (isinstance(ids, ast.Constant) and ids.value is None):
        return [None] * count
    if isinstance(ids, ast.Name) and ids.id == "str":
        return [None] * count
    if not isinstance(ids, ast.List | ast.Tuple) or len(ids.elts) != count:
        return None
    found: list[str | None] = []
    for one in ids.elts:
        if not isinstance(one, ast.Constant):
            return None
        found.append(None if one.value is None else str(one.value))
    return found


def _id_of_param(value: ast.expr) -> str | None:
    if isinstance(value, ast.Call) and dotted(value.func).endswith("param"):
        for one in value.keywords:
            if one.arg == "id" and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str):
                return one.value.value
    return None


def _id_of_value(node: ast.expr, name: str, at: int, constants: Constants) -> set[str] | None:
    """Return the ids that a value may have, as `IdMaker._idval` makes them; None where that depends on its type."""
    node = _resolved(node, constants) or node
    match node:
        case ast.Constant(value=str() as text):
            return {_escaped(text)}
        case ast.Constant(value=bytes() as data):
            return {data.decode("ascii", "backslashreplace")}
        case ast.Constant(value=value):
            return {str(value)} if value is not ... else {f"{name}{at}"}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return {str(-number)}
        case ast.Dict() | ast.List() | ast.Tuple() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return {f"{name}{at}"}
        case ast.Lambda():
            return {"<lambda>"}
        case ast.Name(id=last) | ast.Attribute(attr=last) if last[:1].isupper() or isinstance(node, ast.Attribute):
            # A class or function goes by its name, a member of an enumeration by both, another object by a number.
            whole = dotted(node)
            return {last, f"{name}{at}", ".".join(whole.split(".")[-2:])} if last[:1].isupper() else None
    return None


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii") if not text.isascii() else _printable(text)


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def _numbered(found: Sequence[set[str]]) -> set[str]:
    """Return all ids; of those that occur twice, also the ones with a number behind, as pytest tells them apart."""
    counts = Counter(one for each in found for one in each)
    names = {one for each in found for one in each}
    for one, count in counts.items():
        if count > 1:
            names |= {f"{one}{mark}{number}" for number in range(count) for mark in ("", "_")}
    return names
