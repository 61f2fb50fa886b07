"""Watching by inotify: what the kernel tells, and when it does not tell all."""

import struct
import sys
from pathlib import Path

import pytest

from cassette_cli.errors import CassetteError
from cassette_cli.operations.targets import Paths
from cassette_cli.operations.unused.suite import candidates
from cassette_cli.operations.unused.watching import Event, Watch, events
from commands.suites import vcrpy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


def test_events_are_read_as_the_kernel_writes_them():
    one = struct.pack("iIII", 1, 0x20, 0, 16) + b"a.yaml".ljust(16, b"\0")
    none = struct.pack("iIII", 2, 0x4000, 0, 0)
    odd = struct.pack("iIII", 3, 0x20, 7, 16) + b"\xff.yaml".ljust(16, b"\0")
    assert list(events(one + none + odd)) == [
        Event(1, 0x20, "a.yaml"), Event(2, 0x4000, ""), Event(3, 0x20, "\udcff.yaml"),
    ]  # fmt: skip


def watched(folder: Path, count: int) -> Watch:
    for number in range(count):
        (folder / f"{number}.yaml").write_text(vcrpy("a"))
    return Watch(candidates(Paths([str(folder)]), pytest.fail), [str(folder)])


def test_a_real_queue_that_runs_over_is_told(tmp_path: Path):
    watch = watched(tmp_path, 2)
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 1 << 17:
        pytest.skip("the queue is long here")
    names = [str(tmp_path / f"{number}.yaml") for number in range(2)]
    for _ in range(limit // 2 + 1):
        for name in names:
            with open(name, "rb"):
                pass
    with watch:
        pass
    assert watch.lost == "the kernel's queue of events ran over"


def test_many_files_in_many_folders_are_told_apart(tmp_path: Path):
    for number in range(40):
        folder = tmp_path / str(number % 7) / str(number)
        folder.mkdir(parents=True)
        (folder / "same.yaml").write_text(vcrpy("a"))
    files = candidates(Paths([str(tmp_path)]), pytest.fail)
    with Watch(files, [str(tmp_path)]) as watch:
        for one in files[::2]:
            Path(one.path).read_bytes()
        Path(files[1].path).stat()
    assert watch.opened == {one.path for one in files[::2]}
    assert watch.lost is None


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.yaml").write_text(vcrpy("a"))
    files = candidates(Paths([str(tmp_path)]), pytest.fail)
    (tmp_path / "x" / "a.yaml").unlink()
    (tmp_path / "x").rmdir()
    with pytest.raises(CassetteError, match="cannot be watched"):
        Watch(files, [str(tmp_path)])
