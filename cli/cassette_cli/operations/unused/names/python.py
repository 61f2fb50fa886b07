"""Python: tests that are named as their cassettes are, names given to VCR.py and Betamax, and strings.

Names are those of pytest-recording (`pytest_recording/plugin.py`, `get_default_cassette_name`), pytest-vcr
(`pytest_vcr.py`), vcrpy's unittest mixin (`vcr/unittest.py`), VCR.py's decorators (`vcr/config.py`) and Betamax's
fixtures (`betamax/fixtures/pytest.py`); ids of parameters are those of pytest (`_pytest/python.py`, `IdMaker`).
"""

import ast
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cassette_cli.operations.unused.names import python_names
from cassette_cli.operations.unused.names.base import Cases, Name, Place, Source, Test
from cassette_cli.operations.unused.names.python_cases import groups_of_fixture, groups_of_marks
from cassette_cli.operations.unused.names.python_names import Calls, Function, dotted

_PLAIN_BASES: Final = frozenset({
    "object", "ABC", "Generic", "Protocol", "TestCase", "IsolatedAsyncioTestCase", "AsyncTestCase", "SimpleTestCase",
    "TransactionTestCase", "LiveServerTestCase", "APITestCase", "VCRTestCase", "VCRMixin",
})  # fmt: skip
"""Bases from libraries that bring no tests."""
_MIXINS: Final = frozenset({"VCRTestCase", "VCRMixin"})
_PLAIN_FIXTURES: Final = frozenset({
    "request", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "monkeypatch", "capsys", "capfd", "caplog",
    "capsysbinary", "capfdbinary", "recwarn", "pytestconfig", "cache", "testdir", "pytester", "record_property",
    "doctest_namespace", "vcr", "vcr_config", "vcr_cassette_dir", "vcr_cassette_name", "vcr_cassette", "record_mode",
    "default_cassette_name", "disable_recording", "block_network", "allowed_hosts", "vcr_markers", "mocker", "snapshot",
    "event_loop", "httpx_mock", "requests_mock", "respx_mock", "responses", "freezer", "faker", "benchmark", "db",
    "client", "settings", "rf", "django_db_blocker", "betamax_session", "betamax_recorder", "subtests", "capteesys",
})  # fmt: skip
"""Fixtures of pytest and its plugins that are not parametrized."""
_PLAIN_DECORATORS: Final = frozenset({
    "patch", "object", "dict", "freeze_time", "wraps", "override_settings", "asyncio", "skip", "skipif", "skipIf",
    "skipUnless", "expectedFailure", "staticmethod", "classmethod", "property", "fixture", "contextmanager",
    "use_cassette", "no_type_check", "overload", "given", "example", "activate", "responses", "mock", "dataclass",
})  # fmt: skip
"""Decorators that are known to carry no mark of pytest."""
_PLAYS: Final = re.compile("vcr|cassette|betamax|responses", re.IGNORECASE)
_RECORDS: Final = re.compile(r"cassette|vcr|betamax", re.IGNORECASE)
_HOOKS: Final = ("add_marker", "pytest_collection_modifyitems", "pytest_itemcollected")
_PYTEST_FOLDER: Final = ("vcr_cassette_dir", "vcr_cassette_path", "vcr_cassette_name", "default_cassette_name",
                         "_get_cassette_library_dir", "_get_cassette_name")  # fmt: skip
"""Fixtures and methods by which a project lays its cassettes elsewhere."""


@dataclass
class Class:
    """A class, with what of it bears on its tests."""

    name: str
    bases: list[str]
    methods: list[Function]
    marks: list[ast.expr]
    source: "PythonSource"


@dataclass
class Fixture:
    """A fixture: the ids of its parameters, what it asks for, and whether every test gets it."""

    groups: list[frozenset[str] | None]
    asks: list[str]
    always: bool
    records: bool
    path: str


@dataclass
class PythonSource(Source):
    """A module, parsed."""

    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    nodes: list[ast.AST] = field(default_factory=list)
    text: str = ""

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """The names of the module that have one value."""
        return python_names.constants(self.tree.body)

    @cached_property
    def calls(self) -> Calls:
        """The calls and constants of the module."""
        return python_names.calls_of(self.path, self.tree)

    @cached_property
    def classes(self) -> dict[str, Class]:
        """The classes of the module, those inside others included."""
        found = {}
        for node in self.nodes:
            if isinstance(node, ast.ClassDef):
                methods = [one for one in node.body if isinstance(one, Function)]
                bases = [dotted(one).rpartition(".")[2] for one in node.bases]
                found[node.name] = Class(
                    node.name, bases, methods, [*node.decorator_list, *_own_marks(node.body)], self
                )
        return found

    @cached_property
    def functions(self) -> list[Function]:
        """The functions of the module itself, those under `if` and `try` included."""
        return list(_functions(self.tree.body))

    @cached_property
    def marks(self) -> list[ast.expr]:
        """What `pytestmark` holds."""
        return _own_marks(self.tree.body)


def _functions(body: Iterable[ast.stmt]) -> Iterator[Function]:
    for node in body:
        if isinstance(node, Function):
            yield node
        elif isinstance(node, ast.If | ast.Try | ast.With):
            parts: list[ast.stmt] = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
            parts += [one for handler in getattr(node, "handlers", []) for one in handler.body]
            yield from _functions(parts)


def _own_marks(body: Iterable[ast.stmt]) -> list[ast.expr]:
    for node in body:
        if isinstance(node, ast.Assign) and any(dotted(one) == "pytestmark" for one in node.targets):
            value = node.value
            return list(value.elts) if isinstance(value, ast.List | ast.Tuple) else [value]
    return []


def read(path: str, text: str) -> Source:
    """Parse a module."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Source(path, unread=f"it is not valid Python: {error}" if _PLAYS.search(text) else None)
    source = PythonSource(path, tree=tree, nodes=list(ast.walk(tree)), text=text)
    source.plays = _PLAYS.search(text) is not None
    documentation = {id(one) for node in source.nodes if (one := _docstring(node)) is not None}
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            source.literals.setdefault(node.value, node.lineno)
    return source


def _docstring(node: ast.AST) -> ast.expr | None:
    if not isinstance(node, ast.Module | ast.ClassDef | Function) or not node.body:
        return None
    first = node.body[0]
    return first.value if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else None


@dataclass
class Project:
    """The modules together: what one says of the tests of another."""

    sources: list[PythonSource]

    def __post_init__(self) -> None:
        self.classes: dict[str, list[Class]] = {}
        self.fixtures: dict[str, list[Fixture]] = {}
        for source in self.sources:
            for one in source.classes.values():
                self.classes.setdefault(one.name, []).append(one)
            functions = [*source.functions, *(each for one in source.classes.values() for each in one.methods)]
            for function in functions:
                for name, fixture in _fixtures(function, source):
                    self.fixtures.setdefault(name, []).append(fixture)
        everything = [source.text for source in self.sources]
        self.hooked = any(hook in text for text in everything for hook in _HOOKS)
        self.generated = any("pytest_generate_tests" in text for text in everything)
        self.folders_moved = [
            os.path.dirname(source.path) if os.path.basename(source.path) == "conftest.py" else source.path
            for source in self.sources
            if any(f"def {name}" in source.text for name in _PYTEST_FOLDER)
        ]

    def link(self) -> None:
        """Give each module its tests, and the names that it gives to cassettes."""
        by_path = {source.path: source for source in self.sources}
        test_arguments = frozenset(self.fixtures)
        for calls, name in python_names.names([one.calls for one in self.sources if one.plays], test_arguments):
            by_path[calls.path].names.append(name)
        for source in self.sources:
            for function in source.functions:
                if function.name.startswith("test"):
                    self._add(source, None, function, [*source.marks])
            for one in source.classes.values():
                self._add_class(source, one)
            if source.plays:
                source.names += [*_marked(source), *_decorated(source)]

    def _add_class(self, source: PythonSource, one: Class) -> None:
        lineage, whole = self._lineage(one)
        names = {name for each in lineage for name in (each.name, *each.bases)}
        tested = one.name.startswith("Test") or any(name.endswith("TestCase") or name in _MIXINS for name in names)
        methods = {method.name: method for each in reversed(lineage) for method in each.methods}
        if not tested and not any(name.startswith("test") for name in methods):
            return
        marks = [*source.marks, *(mark for each in lineage for mark in each.marks)]
        mixed = not _MIXINS.isdisjoint(names)
        for method in methods.values():
            if method.name.startswith("test"):
                self._add(source, one.name, method, marks, mixed=mixed)
        if not whole and tested:  # its base is not in the sources, and may bring tests
            place = Place(source.path, 1, one.name)
            source.tests.append(Test(f"{one.name}.*", place, None, self._folders(source)))

    def _lineage(self, one: Class) -> tuple[list[Class], bool]:
        """Return a class and its bases, and say whether all of those that bring tests are known."""
        found, whole, left = [one], True, list(one.bases)
        seen = {one.name}
        while left:
            name = left.pop(0)
            if name in seen:
                continue
            seen.add(name)
            known = self.classes.get(name)
            if known:
                base = next((each for each in known if each.source is one.source), known[0])
                found.append(base)
                left += base.bases
            elif name not in _PLAIN_BASES:
                whole = False
        return found, whole

    def _add(
        self,
        source: PythonSource,
        inside: str | None,
        function: Function,
        marks: list[ast.expr],
        *,
        mixed: bool = False,
    ) -> None:
        name = f"{inside}.{function.name}" if inside else function.name
        place = Place(source.path, function.lineno, name)
        applied = [*function.decorator_list, *marks]
        cases = self._cases(source, function, applied)
        default = next((one for one in applied if dotted(one).endswith("mark.default_cassette")), None)
        if default is None:
            plays = True if mixed else self._plays(source, function, applied)
            asked = self._asked(function)
            own = any(self._records(name) for name in asked)  # a fixture that records may do so anywhere
            if plays is False and (own or any(map(_RECORDS.search, asked))):
                plays = None
            source.tests.append(Test(name, place, plays, None if own else self._folders(source), cases))
        if any(one.arg.startswith("betamax") for one in function.args.args):
            dots = os.path.splitext(source.path)[0].split("/")
            for at in range(len(dots)):
                text = ".".join([*dots[at:], name])
                source.tests.append(Test(text, place, True, None, cases))

    def _asked(self, function: Function) -> list[str]:
        """Return the fixtures that a test asks for by name, directly and through others."""
        left, seen = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)], []
        while left:
            name = left.pop()
            if name not in seen:
                seen.append(name)
                left += [asked for fixture in self.fixtures.get(name, ()) for asked in fixture.asks]
        return seen

    def _records(self, name: str) -> bool:
        return any(fixture.records for fixture in self.fixtures.get(name, ()))

    def _plays(self, source: PythonSource, function: Function, applied: Sequence[ast.expr]) -> bool | None:
        """Say whether a test has the mark `vcr`, or asks for its fixture."""
        asked = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
        certain = not self.hooked
        for one in applied:
            name = dotted(one)
            value = source.constants.get(name)
            name = dotted(value) if value is not None else name
            if name.endswith("mark.vcr") or ".mark.vcr." in name:
                return True
            last = name.rpartition(".")[2]
            certain = certain and (".mark." in name or last in _PLAIN_DECORATORS)
        if asked & {"vcr", "vcr_cassette", "vcr_cassette_name"}:
            return True
        if any("mark.vcr" in ast.unparse(one) for one in applied):  # inside of pytest.param(…, marks=…)
            return True
        return False if certain else None

    def _folders(self, source: PythonSource) -> tuple[str, ...] | None:
        """Return where the cassettes of a module lie, None where the project lays them elsewhere."""
        folder, name = os.path.split(os.path.splitext(source.path)[0])
        if any(place in ("", source.path, folder) or folder.startswith(f"{place}/") for place in self.folders_moved):
            return None
        return (f"{folder}/cassettes/{name}".lstrip("/"), f"{folder}/cassettes".lstrip("/"))

    def _cases(self, source: PythonSource, function: Function, applied: Sequence[ast.expr]) -> Cases:
        groups, given = groups_of_marks(applied, source.constants)
        unsure = self.generated
        asked = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
        asked += [name for mark in applied if dotted(mark).endswith("usefixtures") for name in _texts(mark)]
        asked += [
            name for name, all_ in self.fixtures.items() if any(one.always for one in _visible(all_, source.path))
        ]
        seen = set(given) | {"self", "cls"}
        while asked:
            name = asked.pop()
            if name in seen:
                continue
            seen.add(name)
            known = _visible(self.fixtures.get(name, []), source.path)
            if not known:
                unsure = unsure or name not in _PLAIN_FIXTURES
                continue
            for fixture in known:
                asked += fixture.asks
            with_groups = [fixture for fixture in known if fixture.groups]
            if len(with_groups) == len(known) == 1:
                groups += known[0].groups
            elif with_groups:  # which of them a test gets depends on where it stands
                unsure = True
        if any(dotted(one).endswith("mark.anyio") for one in applied) and "anyio_backend" not in self.fixtures:
            unsure = True
        return Cases(tuple(groups), unsure)


def _visible(fixtures: list[Fixture], path: str) -> list[Fixture]:
    """Return those of some fixtures of one name that a test of a module gets: the nearest, or what it may import."""
    own = [one for one in fixtures if one.path == path]
    folders = {os.path.dirname(one.path) for one in fixtures if os.path.basename(one.path) == "conftest.py"}
    above = [folder for folder in folders if not folder or path.startswith(f"{folder}/")]
    nearest = f"{max(above, key=len)}/conftest.py".lstrip("/") if above else None
    near = [one for one in fixtures if one.path == nearest]
    elsewhere = [one for one in fixtures if os.path.basename(one.path) != "conftest.py" and not _is_test(one.path)]
    return own or near or elsewhere


def _is_test(path: str) -> bool:
    name = os.path.basename(path)
    return name.startswith("test_") or name.endswith("_test.py")


def _fixtures(function: Function, source: PythonSource) -> Iterator[tuple[str, Fixture]]:
    for decorator in function.decorator_list:
        if dotted(decorator).rpartition(".")[2] != "fixture":
            continue
        options = {one.arg: one.value for one in decorator.keywords} if isinstance(decorator, ast.Call) else {}
        name = options.get("name")
        known = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else function.name
        asks = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
        groups = groups_of_fixture(options, function.name, source.constants)
        records = _RECORDS.search(ast.unparse(function)) is not None
        yield known, Fixture(groups, asks, "autouse" in options, records, source.path)


def _texts(node: ast.expr) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _decorated(source: PythonSource) -> Iterator[Name]:
    """Yield the names of functions that VCR.py's decorator names cassettes after."""
    for node in source.nodes:
        if isinstance(node, Function) and any(_names_by_function(one) for one in node.decorator_list):
            yield Name((node.name,), Place(source.path, node.lineno, node.name), "VCR.py's decorator")


def _names_by_function(decorator: ast.expr) -> bool:
    """Say whether a decorator is VCR.py's, without a path: the cassette is then named after the function."""
    if not dotted(decorator).endswith("use_cassette"):
        return False
    return not isinstance(decorator, ast.Call) or not (
        decorator.args or any(one.arg in ("path", None) for one in decorator.keywords)
    )


def _marked(source: PythonSource) -> Iterator[Name]:
    """Yield the names that marks of pytest-recording hold: more cassettes, and the name of the default one."""
    for call, function, test in source.calls.calls:
        name = dotted(call.func)
        if name.endswith(("mark.vcr", "mark.default_cassette")):
            for argument in call.args:
                told = python_names.parts(argument, source.calls.scope(function), function)
                yield Name(told, Place(source.path, call.lineno, test), f"given to {name}")


def link(sources: Iterable[Source]) -> None:
    """Find the tests of all modules, and the names that they give."""
    Project([one for one in sources if isinstance(one, PythonSource)]).link()
