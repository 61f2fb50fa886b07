"""The used-log of a run of pytest: what the tests opened, whatever the recorder, and what VCR.py played of it.

VCR.py's cassettes are `vcr/cassette.py`: `_load` reads the file, `play_counts` counts by the index in `data`.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from cassette_cli.errors import CassetteError
from cassette_cli.operations.unused import used_log
from cassette_cli.operations.unused.used_log import UsedLog

_OUTPUT = "cassette_used_log"
_CODE = (".py", ".pyc", ".pyi", ".so", ".pyd", ".dll")


class UsedCassettes:
    """Notes what is opened and played from the start of a session to its end, and writes it to some paths.

    A worker of pytest-xdist hands it to the controller, which writes.
    """

    def __init__(self, config: pytest.Config, paths: list[str]) -> None:
        self._paths = paths
        self._config = config
        self._root = used_log.root()
        self._log = UsedLog(by="pytest")
        self._opened: set[str] = set()
        self._undo: list[Callable[[], None]] = []
        self._worker = hasattr(config, "workerinput")
        self._noting = True
        self._last = ""
        self._loads: list[_Load] = []
        sys.addaudithook(self._audit)
        self._watch_vcr()

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not self._noting:
            return
        if not isinstance(args[0], str | bytes | os.PathLike):
            return  # a descriptor
        name = os.fsdecode(args[0])
        if not name.endswith(_CODE):
            self._last = os.path.abspath(name)
            self._opened.add(self._last)

    def _watch_vcr(self) -> None:
        try:
            from vcr.cassette import Cassette  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            return
        load, rewind = Cassette._load, Cassette.rewind  # noqa: SLF001

        def loaded(cassette: Any) -> None:
            serializer = cassette._serializer  # noqa: SLF001
            made = _Load()
            cassette._serializer = _Serializer(serializer, lambda count: made.files.append((self._last, count)))  # noqa: SLF001
            try:
                load(cassette)
            finally:
                cassette._serializer = serializer  # noqa: SLF001
            made.total = len(cassette.data)
            self._loads.append(made)
            cassette._cassette_counts = made.counts  # noqa: SLF001
            cassette.play_counts = _Counts(made.counts)

        def rewound(cassette: Any) -> None:
            rewind(cassette)
            counts = getattr(cassette, "_cassette_counts", None)
            if counts is not None:
                cassette.play_counts = _Counts(counts)

        def undo() -> None:
            Cassette._load, Cassette.rewind = load, rewind  # noqa: SLF001

        Cassette._load, Cassette.rewind = loaded, rewound  # noqa: SLF001
        self._undo.append(undo)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note that a test ran, or was skipped."""
        not_run = str(getattr(report, "wasxfail", "")).startswith("[NOTRUN]")
        if report.skipped and (not_run or not hasattr(report, "wasxfail")):
            self._log.skipped.add(self._node(report.nodeid))
        elif report.when == "call":
            self._log.ran.add(self._node(report.nodeid))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that a module was skipped as a whole."""
        if report.skipped:
            self._log.skipped.add(self._node(report.nodeid))

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note the tests that were deselected."""
        self._log.deselected.update(self._node(item.nodeid) for item in items)

    def _node(self, node: str) -> str:
        file, mark, rest = node.partition("::")
        return used_log.relative(str(self._config.rootpath / file), self._root) + mark + rest

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of pytest-xdist used."""
        output = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if output is None:
            self._log.exit = self._log.exit or 1  # it crashed, and with it what it knew
            return
        for path, total, played in output["used"]:
            self._log.use(path, total, {int(index): count for index, count in played.items()})
        self._log.deselected.update(output["deselected"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the log, or hand it to the controller."""
        self._noting = False
        while self._undo:
            self._undo.pop()()
        self._collect()
        if self._worker:
            self._config.workeroutput[_OUTPUT] = {  # type: ignore[attr-defined]
                "used": [
                    (path, plays.interactions if plays.certain else None,
                     {str(index): count for index, count in plays.played.items()})
                    for path, plays in self._log.used.items()
                ],
                "deselected": sorted(self._log.deselected),
            }  # fmt: skip
            return
        self._log.skipped -= self._log.ran
        self._log.exit = self._log.exit or int(exitstatus)
        self._log.count = len(self._log.skipped) + len(self._log.deselected)
        for path in self._paths:
            try:
                self._log.write(path)
            except CassetteError as error:
                raise pytest.UsageError(str(error)) from error

    def _collect(self) -> None:
        """Turn what was opened and played into uses of cassettes."""
        from cassette_cli.operations.targets import looks_like_a_recording

        for load in self._loads:
            for path, total, played in load.uses():
                if os.path.exists(path):
                    self._log.use(used_log.relative(path, self._root), total, played)
        for path in sorted(self._opened):
            name = used_log.relative(path, self._root)
            if name.startswith("../") or os.path.isabs(name) or name in self._log.used:
                continue
            try:
                if os.path.isfile(path) and looks_like_a_recording(path):
                    self._log.use(name)
            except (CassetteError, OSError, ValueError):
                self._log.use(name)  # what cannot be read now is not known to be none


@dataclass
class _Load:
    """A cassette as VCR.py loads it: the files with their numbers of interactions, and what was played of all."""

    files: list[tuple[str, int]] = field(default_factory=list)
    total: int = 0
    counts: Counter[int] = field(default_factory=Counter)

    def uses(self) -> Iterator[tuple[str, int | None, dict[int, int]]]:
        """Yield each file, the number of its interactions, and how often each was played.

        The number is None where hooks left some out as they were loaded: indices are then not those of the file.
        """
        whole = sum(count for _, count in self.files) == self.total
        start = 0
        for path, count in self.files:
            played = {index: self.counts[start + index] for index in range(count) if self.counts[start + index]}
            yield path, count if whole else None, played if whole else {}
            start += count


class _Serializer:
    """A serializer of VCR.py that tells how many interactions it reads."""

    def __init__(self, serializer: Any, read: Callable[[int], None]) -> None:
        self._serializer = serializer
        self._read = read

    def deserialize(self, text: str) -> Any:
        """Return what the serializer reads."""
        data = self._serializer.deserialize(text)
        interactions = data.get("interactions") if isinstance(data, dict) else data
        self._read(len(interactions) if isinstance(interactions, list) else 0)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._serializer, name)


class _Counts(Counter[int]):
    """Play counts that are added to others as they grow."""

    def __init__(self, counts: Counter[int]) -> None:
        super().__init__()
        self._all = counts

    def __setitem__(self, index: int, count: int) -> None:
        self._all[index] += count - self[index]
        super().__setitem__(index, count)
