"""`cassette unused`: which cassettes nothing used, by a run, by the logs of runs, or by names alone."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cassette_cli.errors import CassetteError, UnreadableFileError, UsageError
from cassette_cli.operations.loading import load_one
from cassette_cli.operations.selecting import Selection
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.unused import used_log
from cassette_cli.operations.unused.names.base import Place
from cassette_cli.operations.unused.names.deciding import Decision, Names
from cassette_cli.operations.unused.names.python_cases import plain
from cassette_cli.operations.unused.names.sources import project, read_all
from cassette_cli.operations.unused.runners import Summary
from cassette_cli.operations.unused.running import run
from cassette_cli.operations.unused.suite import Candidate, State, Verdict, candidates, format_of, identity
from cassette_cli.operations.unused.used_log import UsedLog
from cassette_cli.operations.unused.watching import Watch, available

_TOLD = 3


@dataclass
class Suite:
    """The cassettes that a command was pointed at, and the sources that they are looked up in.

    `sources` are folders to read instead of the project's root.
    """

    paths: Paths
    failed: Callable[[CassetteError], None]
    sources: Sequence[str] = ()
    anyway: bool = False
    notes: list[str] = field(default_factory=list)

    @cached_property
    def files(self) -> list[Candidate]:
        """The files that look like cassettes."""
        return candidates(self.paths, self.failed)

    @cached_property
    def root(self) -> str:
        """The folder that the paths of used-logs are relative to."""
        first = next(iter(self.paths.named), ".")
        return used_log.root(first if os.path.isdir(first) else os.path.dirname(first))

    @cached_property
    def project(self) -> str:
        """The root of the sources."""
        return project(next(iter(self.paths.named), "."))

    @cached_property
    def names(self) -> Names:
        """What the sources say."""
        for folder in self.sources:
            if not os.path.exists(folder):
                raise UnreadableFileError("no such file or folder", path=folder, hint="check --sources")
        return Names(read_all(self.project, self.sources or [self.project]))

    def decide(self, one: Candidate, recorder: str | None) -> Decision:
        """Decide of a cassette by its name."""
        folder, name = os.path.split(one.path)  # a link goes by its own name
        path = os.path.join(os.path.realpath(folder), name)
        return self.names.decide(os.path.relpath(path, self.project).replace(os.sep, "/"), recorder)

    def recorder(self, one: Candidate) -> str | None:
        """Return the format of a cassette, None for what is none; what cannot be read is a failure."""
        try:
            return format_of(one, self.paths)
        except CassetteError as error:
            self.failed(error)
            return None


def by_names(suite: Suite) -> Iterator[Verdict]:
    """Decide of every cassette by its name."""
    for one in suite.files:
        recorder = suite.recorder(one)
        if recorder is not None:
            made = suite.decide(one, recorder)
            yield Verdict(one.path, made.state, made.reason, one.identity.size)


def by_run(suite: Suite, command: Sequence[str]) -> UsedLog:
    """Run a command and return what it used.

    Raises `CassetteError` where the run says nothing: the command failed, or not all of it was seen.
    """
    if not available():
        raise UsageError(
            "files can be watched on Linux only",
            hint="run pytest with --cassette-used-log=used.jsonl, then: cassette unused --used-log used.jsonl",
        )
    files, summary = suite.files, Summary()
    roots = [name for name in suite.paths.named if os.path.isdir(name)]
    with tempfile.TemporaryDirectory(prefix="cassette-used-") as folder:
        with Watch(files, roots) as watch:
            code = run(command, {used_log.ENVIRONMENT: folder}, summary)
        logs = _written(folder)
    log = _watched(suite, watch, summary, code, logs)
    problem = _problem(code, watch, summary)
    if problem is not None:
        if not suite.anyway:
            raise problem
        suite.notes.append(str(problem))
    return log


def _written(folder: str) -> list[UsedLog]:
    """Return the logs of the pytest plugin, where it is installed beside the pytest that the command ran."""
    return [used_log.read(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]


def _watched(suite: Suite, watch: Watch, summary: Summary, code: int, logs: list[UsedLog]) -> UsedLog:
    log = UsedLog(exit=code, count=summary.not_run(without="pytest" if logs else ""))
    if logs:
        log = used_log.join(logs)
        log.exit, log.by = code, "pytest"
        others = summary.not_run(without="pytest") if set(summary.runners) - {"pytest"} else 0
        log.count = None if others is None or log.count is None else log.count + others
    for one in suite.files:
        if one.path in watch.opened or one.changed():
            path = used_log.relative(one.real, suite.root)
            if path not in log.used:
                log.use(path)
    told = summary.told()
    if told:
        suite.notes.append(f"not all tests ran ({told}): their cassettes are not told from unused ones")
    return log


def _problem(code: int, watch: Watch, summary: Summary) -> CassetteError | None:
    """Return why a run says nothing of what is unused, None where it does."""
    if code != 0:
        how = f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
        return CassetteError(
            f"the command {how}: what it did not open is not known to be unused",
            hint="fix what fails, or use --anyway",
        )
    if watch.lost is not None:
        return CassetteError(
            f"not all that the command opened was seen: {watch.lost}",
            hint="name fewer folders, or raise the limit: sysctl fs.inotify.max_queued_events=131072",
        )
    if summary.earlier:
        return CassetteError(
            f"the command took results of an earlier run, and opened nothing for them: {summary.earlier}",
            hint="run all tests anew, such as by go test -count=1",
        )
    return None


def by_log(suite: Suite, log: UsedLog) -> Iterator[Verdict]:
    """Decide of every cassette by what was used.

    Raises `CassetteError` where none was: the run was not one of these tests.
    """
    used = {path for path in log.used if os.path.exists(os.path.join(suite.root, path))}
    real = {os.path.realpath(os.path.join(suite.root, path)) for path in used}
    left = [one for one in suite.files if one.real not in real]
    if suite.files and len(left) == len(suite.files) and not suite.anyway:
        count = len(suite.files)
        raise CassetteError(
            f"none of {count} cassettes was used: this says nothing of them"
            if count > 1
            else "the cassette was not used",
            hint="is it the right command? Else use --anyway",
        )
    for one in suite.files:
        if one.real in real:
            yield Verdict(one.path, State.USED, "opened", one.identity.size)
        elif identity(one.path) is not None:
            recorder = suite.recorder(one)
            if recorder is not None:
                state, reason = _not_opened(suite, one, recorder, log)
                yield Verdict(one.path, state, reason, one.identity.size)


def _not_opened(suite: Suite, one: Candidate, recorder: str, log: UsedLog) -> tuple[State, str]:
    """Decide of a cassette that was not opened: its test may not have run."""
    made = suite.decide(one, recorder)
    if made.state is State.UNUSED:
        return State.UNUSED, f"not opened; {made.reason}"
    if made.state is State.UNKNOWN:
        if not log.count:
            return State.UNUSED, "not opened"
        return State.UNKNOWN, f"not opened; {_tests(log.count)} not run, and {made.reason}"
    if log.ran or log.skipped or log.deselected:
        return _by_test(made, one, log)
    if not made.named and log.count == 0:
        return State.UNUSED, f"not opened, though there is {made.reason}"
    return State.UNKNOWN, f"not opened; did its test run? {made.reason}"


def _tests(count: int) -> str:
    return "a test was" if count == 1 else f"{count} tests were"


def _by_test(made: Decision, one: Candidate, log: UsedLog) -> tuple[State, str]:
    """Decide by the names of the tests that ran, and of those that did not."""
    place = made.place
    if place is None or place.test is None:
        if log.skipped or log.deselected:
            count = len(log.skipped) + len(log.deselected)
            return State.UNKNOWN, f"not opened; {_tests(count)} not run, and {made.reason}"
        return State.UNUSED, f"not opened, though there is {made.reason}"
    what, node = _fate(place, one, log)
    if what == "ran":
        return State.UNUSED, f"not opened, though its test ran: {place}"
    return State.UNKNOWN, f"not opened; its test {what}: {node}"


def _fate(place: Place, one: Candidate, log: UsedLog) -> tuple[str, str]:
    """Return what became of the test that a cassette is named after, and its node id."""
    name = re.sub(r".*/", "", os.path.splitext(one.real)[0])
    for ids, what in ((log.ran, "ran"), (log.skipped, "was skipped"), (log.deselected, "was deselected")):
        own = [test for test in ids if _is(test, place.path, place.test or "")]
        if "[" in name and any("[" in test for test in own):
            own = [test for test in own if plain(test.partition("[")[2]) == plain(name.partition("[")[2])]
        if own:
            return what, own[0]
    return "did not run", str(place)


def _is(node: str, path: str, test: str) -> bool:
    """Say whether a node id of pytest is a case of a test, or the module that holds it."""
    file, _, rest = node.partition("::")
    return file == path and rest.partition("[")[0].replace("::", ".") in ("", test)


def read_logs(suite: Suite, paths: Iterable[str]) -> UsedLog:
    """Read used-logs and join them; raises `CassetteError` where a run failed, unless all is taken anyway."""
    logs = [used_log.read(path) for path in paths]
    for log in logs:
        if log.used:
            used_log.must_be_here(log, suite.root)
        if log.exit and not suite.anyway:
            raise CassetteError(
                f"the run that it logs failed with exit code {log.exit}", path=log.path, hint="or use --anyway"
            )
    joined = used_log.join(logs)
    joined.by = "pytest" if any(log.names_tests for log in logs) else "watch"
    counts = [(len(joined.skipped), "skipped"), (len(joined.deselected), "deselected")]
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    if told:
        suite.notes.append(f"not all tests ran (pytest: {told}): their cassettes are not told from unused ones")
    elif joined.count:
        suite.notes.append(f"{_tests(joined.count)} not run: their cassettes are not told from unused ones")
    return joined


def interactions(suite: Suite, log: UsedLog) -> Iterator[Verdict]:
    """Yield the interactions of used cassettes that no test played, and the cassettes of which that is not known."""
    whole = log.count == 0
    for one in suite.files:
        plays = log.used.get(used_log.relative(one.real, suite.root))
        if plays is None:
            continue
        try:
            cassette = load_one(one.target, suite.paths, Selection()).cassette
        except CassetteError as error:
            suite.failed(error)
            continue
        if not plays.certain or plays.interactions != len(cassette.interactions):
            reason = "its recorder did not tell what it played" if plays.interactions is None else (
                f"{plays.interactions} interactions were loaded, of {len(cassette.interactions)}"
            )  # fmt: skip
            yield Verdict(one.path, State.UNKNOWN, reason)
            continue
        for interaction in cassette.interactions:
            if not plays.played[interaction.index]:
                request = interaction.request
                state = State.UNUSED if whole or _is_of_its_own(suite, one, log) else State.UNKNOWN
                reason = f"never played: {request.method} {request.url}"
                if state is State.UNKNOWN:
                    reason = "interactions were never played, but not all tests ran"
                yield Verdict(one.path, state, reason, 0, interaction.index)


def _is_of_its_own(suite: Suite, one: Candidate, log: UsedLog) -> bool:
    """Say whether a cassette is named after a test that ran: then it is of no test that did not."""
    place = suite.decide(one, suite.recorder(one)).place
    return place is not None and place.test is not None and _fate(place, one, log)[0] == "ran"


def remove(verdicts: Iterable[Verdict], roots: Iterable[str]) -> Iterator[str]:
    """Remove the unused cassettes, and the folders that this leaves empty below the named ones; yield their paths.

    Raises `CassetteError` for a file that cannot be removed.
    """
    kept = {os.path.realpath(root) for root in roots}
    for one in verdicts:
        if one.state is not State.UNUSED or one.interaction is not None:
            continue
        try:
            os.unlink(one.path)
        except OSError as error:
            raise CassetteError(f"cannot be removed: {error.strerror}", path=one.path) from error
        folder = os.path.realpath(os.path.dirname(one.path))
        while any(folder.startswith(os.path.join(root, "")) for root in kept):
            try:
                os.rmdir(folder)
            except OSError:
                break
            folder = os.path.dirname(folder)
        yield one.path
