"""Whether a cassette has a test, by its name alone."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from cassette_cli.operations.sizes import counted
from cassette_cli.operations.unused.names import golang, other, python, ruby
from cassette_cli.operations.unused.names.base import (
    Hole,
    Name,
    Place,
    Source,
    Test,
    folded,
    holes_of,
    pattern,
    without_suffix,
)
from cassette_cli.operations.unused.names.python_cases import plain
from cassette_cli.operations.unused.names.sources import language
from cassette_cli.operations.unused.suite import State

_LANGUAGES: Final = {
    "vcrpy": ("python",), "vcrpy-parallel": ("python",), "betamax": ("python",), "responses": ("python",),
    "genai-replay": ("python",), "go-vcr": ("go",), "ruby-vcr": ("ruby", "other"), "nock": ("other",),
    "php-vcr": ("other",), "exvcr": ("other",), "req_cassette": ("other",), "req_llm": ("other",),
}  # fmt: skip
"""The languages of the tests that play a format's cassettes; others may be played by any. R writes Ruby's."""
_HASHED: Final = re.compile(r"_\d{6,}/recording$")
"""How Polly.js names recordings: `@pollyjs/core`, `src/utils/guid-for-recording.js`."""
_CUT: Final = re.compile(r"(.+)\.\.\.[0-9a-f]{32}$")
"""How pytest-recording cuts long names: `_vcr.py`, `use_cassette`."""


_STRINGS: Final = 3
_TITLES: Final = {"python": "Python module", "ruby": "Ruby file", "go": "Go file", "other": "source"}


class Decision(NamedTuple):
    """What the names say of a cassette; `place` is what names it, `test` whether that is a test, or in one."""

    state: State
    reason: str
    place: Place | None = None
    named: bool = False


class Tongue:
    """The sources of one language, and how cassettes are looked up in them."""

    def __init__(self, sources: Sequence[Source], *, fold: bool) -> None:
        self.sources = sources
        self.fold = fold
        self.tests = [test for source in sources for test in source.tests]
        self.names = [name for source in sources for name in source.names]
        self.by_test_name = any(Hole.TEST in name.parts for name in self.names)

    @cached_property
    def plays(self) -> bool:
        """Whether any source is known to play cassettes."""
        return bool(self.names) or any(test.plays is not False and test.plays is not None for test in self.tests)

    @cached_property
    def unread(self) -> Source | None:
        """A source that could not be read, None where all could."""
        return next((one for one in self.sources if one.unread), None)

    @cached_property
    def literal_names(self) -> dict[str, Name]:
        """The names without holes, as they end a path."""
        whole = (name for name in self.names if not any(isinstance(part, Hole) for part in name.parts))
        return {self.key(_relative(name.shown)): name for name in whole}

    @cached_property
    def patterns(self) -> list[tuple[Name, re.Pattern[str], list[Hole]]]:
        """The names with holes, as regexes of the end of a path, with what each group stands for."""
        found = []
        for name in self.names:
            holes = holes_of(name.parts)
            regex = pattern(name.parts) if holes and not name.bare else None
            if regex is not None:
                found.append((name, regex, holes[-regex.groups :] if regex.groups else []))
        return found

    @cached_property
    def bare(self) -> list[Name]:
        """The names of which nothing is known but that it is not, or is, the name of the test."""
        return [name for name in self.names if name.bare]

    @cached_property
    def words(self) -> dict[str, Place]:
        """All strings, folded."""
        return {folded(text): Place(one.path, line) for one in self.sources for text, line in one.literals.items()}

    @cached_property
    def paths(self) -> dict[str, Place]:
        """The strings that are paths or file names, as they end a path."""
        found = {}
        for source in self.sources:
            for text, line in source.literals.items():
                if len(text) < 400 and ("/" in text or "\\" in text or without_suffix(text) != text):
                    told = _relative(text)
                    found[told] = found[self.key(told)] = Place(source.path, line)
        return found

    @cached_property
    def folded_tests(self) -> dict[str, Test]:
        """The tests by their names, folded; those whose names have holes are left out."""
        whole = [test for test in self.tests if "\0" not in test.name]
        return {folded(_less(test.name)): test for test in whole} | {folded(test.name): test for test in whole}

    @cached_property
    def holed_tests(self) -> list[tuple[Test, re.Pattern[str]]]:
        """The tests whose names have holes."""
        return [
            (
                test,
                re.compile(re.sub(r"(\0)+", "(.+)", "\0".join(re.escape(folded(piece)) for piece in name.split("\0")))),
            )
            for test in self.tests
            if "\0" in test.name
            for name in dict.fromkeys((test.name, _less(test.name)))
        ]

    @cached_property
    def tests_by_name(self) -> dict[str, list[Test]]:
        """The tests by their names, as they end a path; those whose names have holes are left out."""
        found: dict[str, list[Test]] = {}
        for test in self.tests:
            if "\0" not in test.name:
                found.setdefault(self.key(test.name), []).append(test)
        return found

    @cached_property
    def holed_examples(self) -> list[tuple[Test, re.Pattern[str]]]:
        """The examples whose names have holes, and that play cassettes, as regexes of the end of a path."""
        return [
            (test, re.compile("(.+)".join(re.escape(piece) for piece in self.key(test.name).split("\0"))))
            for test in self.tests
            if test.plays and "\0" in test.name
        ]

    def key(self, name: str) -> str:
        """Return a name as it stands in a path: of Ruby and others, as their recorders write it."""
        return re.sub(r"/+", "/", ruby.written(name) if self.fold else name)

    def says(self, text: str, most: int = _STRINGS) -> bool:
        """Say whether a folded text is a string of the sources, or a few of them in a row."""
        if text in self.words:
            return True
        return most > 1 and any(
            text[:at] in self.words and self.says(text[at:], most - 1) for at in range(len(text) - 1, 0, -1)
        )

    def test_named(self, text: str) -> tuple[Test | None, bool]:
        """Return the test whose name a part of a path is, and whether that is certain."""
        text = re.sub(r"#\d\d+(?=/|$)", "", text)  # how Go tells subtests of one name apart
        wanted = folded(text)
        test = self.folded_tests.get(wanted) or self.folded_tests.get(folded(text.partition("[")[0]))
        if test is not None:
            return test, True
        unsure: Test | None = None
        for test, regex in self.holed_tests:
            if not _same_depth(text, test.name):
                continue
            found = regex.fullmatch(wanted)
            if found is not None:
                if all(self.says(piece) for piece in found.groups()):
                    return test, True
                unsure = unsure or test
        return unsure, unsure is None


def _same_depth(text: str, name: str) -> bool:
    """Say whether each part of a path can be one of a test with holes, where both have several parts."""
    parts, pieces = text.split("/"), name.split("/")
    if len(parts) == 1 or len(pieces) == 1:
        return True
    return len(parts) == len(pieces) and all(
        "\0" in piece or folded(piece) == folded(part) for part, piece in zip(parts, pieces, strict=True)
    )


def _less(name: str) -> str:
    """Return the name of an example without the module that all of a project's examples begin with."""
    return re.sub(r"^[A-Z]\w*?_(?=[A-Z])", "", name)


def _relative(path: str) -> str:
    return re.sub(r"^(?:\.{0,2}/)+", "", without_suffix(path.replace("\\", "/")))


class Names:
    """The names in the sources of a project."""

    def __init__(self, sources: Iterable[Source]) -> None:
        groups: dict[str, list[Source]] = {"python": [], "ruby": [], "go": [], "other": []}
        for source in sources:
            groups[language(source.path)].append(source)
        for name, module in (("python", python), ("ruby", ruby), ("go", golang), ("other", other)):
            module.link(groups[name])
        self._tongues = {name: Tongue(group, fold=name in ("ruby", "other")) for name, group in groups.items()}
        self.count = sum(map(len, groups.values()))

    def decide(self, path: str, recorder: str | None) -> Decision:
        """Decide of a cassette by its path relative to the root, and the name of its format."""
        stem = without_suffix(path)
        names = [name for name in _LANGUAGES.get(recorder or "", tuple(self._tongues)) if self._tongues[name].sources]
        made = [self._by(name, stem) for name in names]
        used = next((one for one in made if one.state is State.USED), None)
        if used is not None:
            return used
        made = [one for one, name in zip(made, names, strict=True) if self._tongues[name].plays]
        if not made:
            return self._no_player(names)
        if _HASHED.search(stem):
            return Decision(State.UNKNOWN, "Polly.js names recordings by a hash")
        return next((one for one in made if one.state is State.UNKNOWN), made[0])

    def _no_player(self, names: Sequence[str]) -> Decision:
        count = sum(len(self._tongues[name].sources) for name in names)
        what = _TITLES[names[0]] if len(names) == 1 else "source"
        return Decision(State.UNKNOWN, f"no test or call that plays it is known in {counted(count, what)}")

    def _by(self, name: str, stem: str) -> Decision:
        tongue = self._tongues[name]
        found = [
            *_by_calls(tongue, stem), *(_by_pytest(tongue, stem) if name == "python" else _by_examples(tongue, stem)),
            *_by_paths(tongue, stem),
        ]  # fmt: skip
        for state in (State.USED, State.UNKNOWN):
            for one in found:
                if one.state is state:
                    return one
        if not tongue.plays:
            return self._no_player([name])
        for one in _by_bare_names(tongue, stem):
            return one
        if tongue.unread is not None:
            reason = f"{tongue.unread.path} could not be read: {tongue.unread.unread}"
            return Decision(State.UNKNOWN, reason)
        for one in found or _by_words(tongue, stem):
            return one
        what = counted(len(tongue.sources), _TITLES[name])
        return Decision(State.UNUSED, f"no test of that name, and nothing that names it, in {what}")


def _ends(stem: str) -> Iterator[str]:
    """Yield a path, and it without its first folder, and so on."""
    yield stem
    while "/" in stem:
        stem = stem.partition("/")[2]
        yield stem


def _used(place: Place, how: str) -> Decision:
    return Decision(State.USED, f"{how}: {place}", place, named=True)


def _by_calls(tongue: Tongue, stem: str) -> Iterator[Decision]:
    """Decide by the names that calls give: in full, or with holes."""
    for end in _ends(stem):
        name = tongue.literal_names.get(end)
        if name is not None:
            yield _used(name.place, name.how)
            return
    unsure: Decision | None = None
    for name, regex, holes in tongue.patterns:
        for end in _ends(stem):
            found = regex.fullmatch(end)
            if found is None:
                continue
            made = _filled(tongue, name, list(zip(holes, found.groups(), strict=True)))
            if made is not None and made.state is State.USED:
                yield made
                return
            unsure = unsure or made
            break
    if unsure is not None:
        yield unsure


def _filled(tongue: Tongue, name: Name, holes: Sequence[tuple[Hole, str]]) -> Decision | None:
    """Decide by what would stand in the holes of a name; None where no test has that name."""
    certain = True
    place = name.place
    for hole, text in holes:
        if hole is Hole.TEST:
            test, sure = tongue.test_named(text)
            if test is None:
                return None
            place, certain = test.place, certain and sure
        else:
            certain = certain and tongue.says(folded(text))
    if certain:
        return _used(place, name.how)
    return Decision(State.UNKNOWN, f"it may be named by {name.place}, as {name.shown}", name.place, named=True)


def _by_bare_names(tongue: Tongue, stem: str) -> Iterator[Decision]:
    """Decide by names of which nothing is known: what a string says may be one of them, and so may all else."""
    if not tongue.bare or _is_conventional(tongue, stem):
        return
    unsure: Test | None = None
    if any(Hole.TEST in name.parts for name in tongue.bare):
        for end in _ends(stem):
            test, sure = tongue.test_named(end)
            if test is not None and sure:
                yield _used(test.place, "the test")
                return
            unsure = unsure or test
    if unsure is not None:
        yield Decision(State.UNKNOWN, f"it may belong to {unsure.place}", unsure.place, named=True)
        return
    unknown = next((name for name in tongue.bare if Hole.TEST not in name.parts), None)
    if unknown is None:
        return
    for end in _ends(stem):
        place = tongue.words.get(folded(end))
        if place is not None:
            yield _used(place, "the string")
            return
    yield Decision(State.UNKNOWN, f"{unknown.place} names cassettes by a value that only a run knows", unknown.place)


def _is_conventional(tongue: Tongue, stem: str) -> bool:
    """Say whether a cassette lies in the folder of a module whose tests are marked, and none that takes other names."""
    folder = stem.rpartition("/")[0]
    bare = {name.place.path for name in tongue.bare}
    homes = [one for one in tongue.tests if one.plays and one.folders and folder == one.folders[0]]
    return bool(homes) and not any(one.place.path in bare for one in homes)


def _by_paths(tongue: Tongue, stem: str) -> Iterator[Decision]:
    """Decide by strings that are paths."""
    for end in _ends(stem):
        place = tongue.paths.get(end)
        if place is not None:
            yield Decision(State.USED, f"the string: {place}", place)
            return


def _by_words(tongue: Tongue, stem: str) -> Iterator[Decision]:
    """Decide by strings that are its name and nothing else, of files that know a recorder: a call may be unknown.

    Where tests name their cassettes, strings are no sign: they are found everywhere.
    """
    if tongue.by_test_name or any(test.plays for test in tongue.tests):
        return
    last = stem.rpartition("/")[2]
    for source in tongue.sources:
        if source.plays and last in source.literals and last not in source.described:
            place = Place(source.path, source.literals[last])
            yield Decision(State.UNKNOWN, f"{place} has its name as a string, not as that of a cassette", place)
            return


def _by_examples(tongue: Tongue, stem: str) -> Iterator[Decision]:
    """Decide by examples of RSpec, after which VCR names cassettes."""
    ends = list(_ends(stem))
    exact = [test for end in ends for test in tongue.tests_by_name.get(end, ())]
    for test in exact:
        if test.plays or (test.plays is False and tongue.by_test_name):
            yield _used(test.place, "the example")
            return
    for test in exact:
        if test.plays is None and tongue.fold:
            reason = f"it may belong to {test.place}, whose tag cannot be read"
            yield Decision(State.UNKNOWN, reason, test.place, named=True)
            return
    unsure: Test | None = None
    for test, regex in tongue.holed_examples:
        for found in filter(None, map(regex.fullmatch, ends)):
            if all(tongue.says(folded(text)) for text in found.groups()):
                yield _used(test.place, "the example")
                return
            unsure = unsure or test
    if unsure is not None:
        yield Decision(State.UNKNOWN, f"it may belong to {unsure.place}", unsure.place, named=True)
    elif exact and tongue.fold:
        place = exact[0].place
        yield Decision(State.UNUSED, f"the example of that name does not play it: {place}", place)


def _by_pytest(tongue: Tongue, stem: str) -> Iterator[Decision]:
    """Decide by tests of Python: those of pytest's plugins, and of VCR.py's own test case."""
    found = list(_by_pytest_name(tongue, stem))
    head, dot, _ = stem.rpartition(".")
    if dot and all(one.state is State.UNUSED and one.place is None for one in found):
        # A second suffix, as for what another recorder writes beside: test_x[a].xai.yaml
        longer = [one for one in _by_pytest_name(tongue, head) if one.state is not State.UNUSED]
        found = longer or found
    yield from found


def _by_pytest_name(tongue: Tongue, stem: str) -> Iterator[Decision]:
    folder, _, last = stem.rpartition("/")
    if last.endswith("]") and "[" not in last and "[" in stem:  # an id with a slash, which pytest-vcr leaves there
        head, _, tail = stem.partition("[")
        folder, _, last = head.rpartition("/")
        last = f"{last}[{tail}"
    cut = _CUT.fullmatch(last)
    base, bracket, rest = (cut[1] if cut else last).partition("[")
    if bracket and not rest.endswith("]") and not cut:
        return
    case = plain(rest[:-1]) if bracket and not cut else None
    elsewhere: Test | None = None
    against: Decision | None = None
    for test in (*tongue.tests_by_name.get(base, ()), *tongue.tests_by_name.get(f"{base.partition('.')[0]}.*", ())):
        inherited = test.name.endswith(".*")
        if test.folders is not None and folder not in test.folders:
            elsewhere = test
            continue
        if inherited or cut:
            why = "whose base is not in the sources" if inherited else "whose long name is cut"
            yield Decision(State.UNKNOWN, f"it may belong to {test.place}, {why}", test.place, named=True)
            return
        made = _by_case(test, case)
        if made.state is not State.UNUSED:
            yield made
            return
        against = against or made
    if against is not None:
        yield against
    elif elsewhere is not None and elsewhere.plays:
        yield Decision(
            State.UNUSED,
            f"its test is elsewhere: {elsewhere.place}, with cassettes in {(elsewhere.folders or ('',))[0]}",
        )
    elif re.match(r"(\w+\.)?test", base):
        yield _no_test(tongue, folder, base)


def _by_case(test: Test, case: str | None) -> Decision:
    has = None if test.cases is None else test.cases.has(case)
    if test.plays is False:
        return Decision(State.UNUSED, f"its test has no mark vcr: {test.place}", test.place)
    if has is None and test.cases is not None:
        return Decision(
            State.UNKNOWN, f"the parameters of {test.place} are known only when it runs", test.place, named=True
        )
    if has or test.cases is None:
        return _used(test.place, "the test")
    if case is None:
        return Decision(State.UNUSED, f"its test has parameters now: {test.place}", test.place)
    return Decision(State.UNUSED, f"its test has no case [{case}]: {test.place}", test.place)


def _no_test(tongue: Tongue, folder: str, base: str) -> Decision:
    """Say where a test of pytest-recording would be, and is not."""
    above, _, module = folder.rpartition("/")
    home = f"{above.rpartition('/')[0]}/{module}.py".lstrip("/")
    if above.rpartition("/")[2] == "cassettes":
        if any(source.path == home for source in tongue.sources):
            return Decision(State.UNUSED, f"no test of that name: {home} has no {base}")
        return Decision(State.UNUSED, f"no test of that name: there is no {home}")
    return Decision(State.UNUSED, f"no test of that name: no {base} in {len(tongue.sources)} Python modules")
