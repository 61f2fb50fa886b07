"""Writes that fail: the file is the old one, nothing lies beside it, and the message says so."""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from bad_input.recorded import GOOD, delta, stream
from cassette_cli.operations import saving
from cassette_cli.source import save

DIRTY = stream(delta("a"), delta(""), delta("b"), "[DONE]")
CLEAN = stream(delta("a"), delta("b"), "[DONE]")
COMMAND = [sys.executable, "-m", "cassette_cli"]
FULL = OSError(errno.ENOSPC, "No space left on device")
FAULTS = {
    "a full disk": FULL,
    "a quota": OSError(errno.EDQUOT, "Disk quota exceeded"),
    "a broken disk": OSError(errno.EIO, "Input/output error"),
    "a disk that has become read-only": OSError(errno.EROFS, "Read-only file system"),
}  # fmt: skip


def failing(monkeypatch, step, fault):
    """Let one step of a write fail."""
    if step == "write":

        class Full(io.FileIO):
            def write(self, data):
                super().write(bytes(data)[: len(data) // 2])
                raise fault

        def opening(file, mode, **options):
            return (Full if mode == "wb" else open)(file, mode, **options)

        monkeypatch.setattr(save, "open", opening, raising=False)
        return

    def fail(*args, **options):
        raise fault

    monkeypatch.setattr(save if step == "_create" else os, step, fail)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", ["_create", "write", "fchmod", "fsync", "replace"])
def test_a_fault_while_writing(cassette, write, monkeypatch, step, fault):
    path, good = write("a.yaml", DIRTY), write("b.yaml", GOOD)
    with monkeypatch.context() as patched:
        failing(patched, step, FAULTS[fault])
        result = cassette("trim", path, good)
    assert result.code == 2
    assert result.err.startswith(
        f"cassette: {path}: cannot be written: {FAULTS[fault].strerror}\n  the file is as it was"
    )
    assert path.read_text() == DIRTY
    assert sorted(os.listdir(path.parent)) == ["a.yaml", "b.yaml"]
    assert cassette("trim", path).code == 0
    assert path.read_text() == CLEAN


@pytest.mark.parametrize("step", ["_create", "fsync", "replace"])
def test_a_fault_while_writing_elsewhere(cassette, write, monkeypatch, step):
    path = write("a.yaml", DIRTY)
    with monkeypatch.context() as patched:
        failing(patched, step, FULL)
        result = cassette("trim", "-o", path.with_name("out.yaml"), path)
    assert result.code == 2
    assert f"{path.with_name('out.yaml')}: cannot be written: No space left on device" in result.err
    assert os.listdir(path.parent) == ["a.yaml"]


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of 64 KiB, where that is allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(cassette, small_disk):
    path = small_disk / "a.yaml"
    path.write_text(DIRTY + "# " + "x" * 20_000)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    result = cassette("trim", path)
    assert result.code == 2
    assert f"{path}: cannot be written: No space left on device" in result.err
    assert path.read_text().startswith(DIRTY)
    assert sorted(os.listdir(small_disk)) == ["a.yaml", "filler"]
    filler.unlink()
    assert cassette("trim", path).code == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize(
    "args", [["ls"], ["show", "-r"], ["trim", "-o", "-"], ["trim", "--diff"], ["ls", "--json"]], ids=" ".join
)
def test_a_full_disk_behind_standard_output(write, args):
    path = write("a.yaml", DIRTY)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *args, str(path)], stdout=full, stderr=subprocess.PIPE, check=False, text=True, env=environment()
        )
    assert done.returncode == 2
    assert done.stderr.endswith("cassette: No space left on device\n")
    assert "Traceback" not in done.stderr
    assert path.read_text() == DIRTY


def environment():
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


@contextmanager
def between_reading_and_writing(monkeypatch, action):
    """Do something to a file when its new text is ready and not yet written."""
    real = saving.rewrite

    def slow(*args, **options):
        after = real(*args, **options)
        action()
        return after

    for module in list(sys.modules.values()):
        if getattr(module, "rewrite", None) is real:
            monkeypatch.setattr(module, "rewrite", slow)
    yield
    monkeypatch.undo()


HAPPENINGS = {
    "changed": "changed while it was edited",
    "touched": "changed while it was edited",
    "replaced": "changed while it was edited",
    "removed": "vanished while it was edited",
    "made a folder": "changed while it was edited",
    "linked": "changed while it was edited",
    "made read-only": "is read-only",
}


@pytest.mark.parametrize(("name", "message"), HAPPENINGS.items(), ids=list(HAPPENINGS))
def test_a_file_that_changes_between_reading_and_writing(cassette, write, monkeypatch, name, message):
    path = write("a.yaml", DIRTY)

    def changes():
        time.sleep(0.01)
        if name == "changed":
            path.write_text(GOOD)
        elif name == "touched":
            os.utime(path)
        elif name == "replaced":
            other = path.with_name("other.yaml")
            other.write_text(GOOD)
            other.replace(path)
        elif name == "made read-only":
            path.chmod(0o444)
        else:
            path.unlink()
            if name == "made a folder":
                path.mkdir()
            elif name == "linked":
                path.with_name("b.yaml").write_text(GOOD)
                path.symlink_to("b.yaml")

    with between_reading_and_writing(monkeypatch, changes):
        result = cassette("trim", path)
    assert result.code == 2
    assert message in result.err
    text = {"touched": DIRTY, "made read-only": DIRTY, "made a folder": None, "removed": None}.get(name, GOOD)
    assert (path.read_text() if path.is_file() else None) == text
    assert not [entry for entry in os.listdir(path.parent) if entry.endswith(".tmp")]


def test_two_runs_that_edit_one_file(write):
    """Of two that have read the same text one wins, and the other says that the file changed: no edit is lost."""
    path = write("a.yaml", "k: 0\n")
    outcomes = []

    def edit(number, start):
        raw, stamp = save.read(path)
        start.wait()
        try:
            save.replace(path, raw.replace(b"0", str(number).encode()), stamp)
            outcomes.append(number)
        except save.SaveError as error:
            outcomes.append(error.message)

    for _ in range(25):
        path.write_text("k: 0\n")
        outcomes.clear()
        start = threading.Barrier(4)
        threads = [threading.Thread(target=edit, args=(number, start)) for number in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winners = [outcome for outcome in outcomes if isinstance(outcome, int)]
        assert len(winners) == 1, outcomes
        assert set(outcomes) - {*winners} == {"changed while it was edited"}
        assert path.read_text() == f"k: {winners[0]}\n"
    assert os.listdir(path.parent) == ["a.yaml"]


def test_two_processes_that_edit_one_folder(write, tmp_path):
    paths = [write(f"{number:02}.yaml", DIRTY) for number in range(30)]
    processes = [
        subprocess.Popen(
            [*COMMAND, "trim", str(tmp_path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for _ in range(3)
    ]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert process.returncode in (0, 2)
        assert all(
            "changed while it was edited" in line or line.startswith("  ") or "trim" in line
            for line in err.splitlines()
        ), err
    assert [path.read_text() for path in paths] == [CLEAN] * len(paths)
    assert len(os.listdir(tmp_path)) == len(paths)


def test_an_anchor_that_interactions_share_is_edited_once(cassette, write):
    body = json.dumps("".join(f"data: {chunk}\n\n" for chunk in (delta("a"), delta(""), delta("b"), "[DONE]")))
    request = "{body: null, headers: {}, method: POST, uri: 'https://api.example.com/v1/chat/completions'}"
    text = f"""interactions:
- request: {request}
  response: &r {{body: {{string: {body}}}, headers: {{Content-Type: [text/event-stream]}}, status: {{code: 200}}}}
- request: {request}
  response: *r
version: 1
"""
    path = write("a.yaml", text)
    assert cassette("trim", path).code == 0
    after = path.read_text()
    assert after.count("data: ") == 3
    assert after.splitlines()[3:] == text.splitlines()[3:]
    assert cassette("show", "-r", path).out.count("── assistant\nab\n") == 2
