"""Reading and replacing files: the old bytes or the new ones, and nothing beside them."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cassette_cli.errors import SaveError, UnreadableFileError
from cassette_cli.source import save
from cassette_cli.source.save import read, replace, write

OLD, NEW = b"k: old\n", b"k: new\n"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


@pytest.fixture(autouse=True)
def _unswept():
    save._sweep.cache_clear()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_bytes(OLD)
    return path


def listing(path):
    return sorted(os.listdir(path.parent))


def test_replace(file):
    raw, stamp = read(file)
    assert raw == OLD
    replace(file, NEW, stamp)
    assert file.read_bytes() == NEW
    assert listing(file) == ["c.yaml"]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755, 0o200])
def test_mode_stays(file, mode):
    _, stamp = read(file)
    file.chmod(mode)
    replace(file, NEW, stamp)
    assert stat.S_IMODE(file.stat().st_mode) == mode


@posix
def test_owner_stays(file):
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(file, 12345, 54321)
    _, stamp = read(file)
    replace(file, NEW, stamp)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 54321)


@posix
def test_a_symbolic_link_stays_one(file, tmp_path):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "l.yaml"
    link.symlink_to("../c.yaml")
    _, stamp = read(link)
    replace(link, NEW, stamp)
    assert link.is_symlink()
    assert os.readlink(link) == "../c.yaml"
    assert file.read_bytes() == NEW
    assert listing(link) == ["l.yaml"]


def test_long_names_and_odd_ones(tmp_path):
    for name in ("x" * 250 + ".yml", "日" * 83, "a b'\"$(x).yaml", "-n", ".hidden"):
        path = tmp_path / name
        path.write_bytes(OLD)
        _, stamp = read(path)
        replace(path, NEW, stamp)
        assert path.read_bytes() == NEW
        path.unlink()
    assert not list(tmp_path.iterdir())


@posix
def test_a_name_that_is_no_text(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.yaml")
    Path(path).write_bytes(OLD)
    _, stamp = read(path)
    replace(path, NEW, stamp)
    assert Path(path).read_bytes() == NEW


def test_relative_paths(file, monkeypatch):
    monkeypatch.chdir(file.parent)
    _, stamp = read("c.yaml")
    replace("c.yaml", NEW, stamp)
    assert file.read_bytes() == NEW


@posix
def test_hard_links_are_refused(file, tmp_path):
    os.link(file, tmp_path / "other.yaml")
    _, stamp = read(file)
    refused(file, stamp, "hard links")
    assert (tmp_path / "other.yaml").read_bytes() == OLD


@posix
def test_read_only_files_are_refused(file):
    file.chmod(0o444)
    _, stamp = read(file)
    refused(file, stamp, "read-only")


def test_a_file_that_changed_is_refused(file):
    _, stamp = read(file)
    time.sleep(0.01)
    file.write_bytes(b"k: his\n")
    refused(file, stamp, "changed while", b"k: his\n")


def test_a_file_that_was_replaced_is_refused(file, tmp_path):
    _, stamp = read(file)
    other = tmp_path / "other"
    other.write_bytes(OLD)
    os.utime(other, ns=(stamp.mtime, stamp.mtime))
    os.replace(other, file)
    refused(file, stamp, "changed while")


def test_a_file_that_changes_during_the_write_is_refused(file, monkeypatch):
    _, stamp = read(file)
    fsync = os.fsync

    def meanwhile(descriptor):
        fsync(descriptor)
        file.write_bytes(b"k: other\n")

    monkeypatch.setattr(os, "fsync", meanwhile)
    refused(file, stamp, "changed while", b"k: other\n")


def test_a_file_that_vanished_is_refused(file):
    _, stamp = read(file)
    file.unlink()
    with pytest.raises(SaveError, match="vanished"):
        replace(file, NEW, stamp)
    assert listing(file) == []


def refused(file, stamp, why, old=OLD):
    with pytest.raises(SaveError, match=why) as caught:
        replace(file, NEW, stamp)
    assert caught.value.path == file
    assert file.read_bytes() == old
    assert [name for name in listing(file) if name.endswith(".tmp")] == []


class Full:
    """A file on a full disk."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, raw):
        self.file.write(raw[: len(raw) // 2])
        self.file.flush()
        raise OSError(errno.ENOSPC, "No space left on device")

    def writelines(self, pieces):
        for raw in pieces:
            self.write(raw)


def no_space(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupt(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["_create", "write", "fchmod", "fsync", "replace"])
@pytest.mark.parametrize(("fault", "error"), [(no_space, SaveError), (interrupt, KeyboardInterrupt)])
def test_a_fault_at_any_step_leaves_the_old_file_alone(file, monkeypatch, step, fault, error):
    _, stamp = read(file)
    if step == "write":
        opened = open

        def half(*args, **kwargs):
            full = Full(opened(*args, **kwargs))
            if fault is interrupt:
                full.write = interrupt
            return full

        monkeypatch.setattr("builtins.open", half)
    elif step == "_create":
        monkeypatch.setattr(save, step, lambda _: fault())
    else:
        monkeypatch.setattr(os, step, fault)
    with pytest.raises(error) as caught:
        replace(file, NEW, stamp)
    monkeypatch.undo()
    if error is SaveError:
        assert "No space left" in str(caught.value)
    assert file.read_bytes() == OLD
    assert listing(file) == ["c.yaml"]


def test_a_folder_that_cannot_be_flushed_is_no_failure(file, monkeypatch):
    _, stamp = read(file)
    fsync, calls = os.fsync, []

    def only_files(descriptor):
        calls.append(descriptor)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    replace(file, NEW, stamp)
    assert len(calls) == 2 or sys.platform == "win32"
    assert file.read_bytes() == NEW


def test_the_bytes_are_on_disk_before_the_rename(file, monkeypatch):
    _, stamp = read(file)
    steps = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *args, name=name, real=real: (steps.append(name), real(*args))[1])
    replace(file, NEW, stamp)
    assert steps[:2] == ["fsync", "replace"]


@posix
def test_what_killed_runs_left_goes_and_nothing_else(file, monkeypatch):
    names = (".c.yaml.abcd1234.cassette.tmp", ".d.yaml.abcd1234.cassette.tmp", ".c.yaml.abcd1234.tmp", "x.cassette.tmp")
    for name in names:
        (file.parent / name).write_bytes(b"half")
    _, stamp = read(file)
    replace(file, NEW, stamp)
    assert listing(file) == sorted([".c.yaml.abcd1234.tmp", "x.cassette.tmp", "c.yaml"])


@posix
def test_what_a_living_run_writes_stays(file):
    import fcntl

    temporary = file.parent / ".c.yaml.abcd1234.cassette.tmp"
    with temporary.open("wb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        _, stamp = read(file)
        replace(file, NEW, stamp)
        assert temporary.exists()
    save._sweep.cache_clear()
    save.sweep(file)
    assert listing(file) == ["c.yaml"]


def test_where_there_are_no_locks_ten_minutes_tell(file, monkeypatch):
    monkeypatch.setattr(save, "_LOCKS", False)
    old, young = (file.parent / f".c.yaml.{name}.cassette.tmp" for name in ("aaaaaaaa", "bbbbbbbb"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 601, time.time() - 601))
    _, stamp = read(file)
    replace(file, NEW, stamp)
    assert file.read_bytes() == NEW
    assert listing(file) == [young.name, "c.yaml"]


@posix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_run_that_is_killed_leaves_the_old_file(file, name):
    program = (
        "import os, signal, sys\n"
        "from cassette_cli.source import save\n"
        "raw, stamp = save.read(sys.argv[1])\n"
        f"os.fsync = lambda _: (os.kill(os.getpid(), signal.{name}), signal.pause())\n"
        "save.replace(sys.argv[1], b'k: new', stamp)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], check=False, capture_output=True, timeout=60)
    assert done.returncode in (-getattr(signal, name), 1)
    assert file.read_bytes() == OLD
    left = [entry for entry in listing(file) if entry != "c.yaml"]
    assert len(left) == (0 if name == "SIGINT" else 1)
    _, stamp = read(file)
    replace(file, NEW, stamp)
    assert listing(file) == ["c.yaml"]


INTERRUPTED = """
import os, signal, sys
from cassette_cli.source import save

rename, number = os.replace, getattr(signal, sys.argv[2])
signal.signal(number, signal.default_int_handler)
os.replace = lambda *args: (rename(*args), os.kill(os.getpid(), number))
_, stamp = save.read(sys.argv[1])
try:
    save.replace(sys.argv[1], b"k: new\\n", stamp)
except KeyboardInterrupt:
    print(save.Tally.written, signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_at_the_rename_finds_it_counted(file, name):
    command = [sys.executable, "-c", INTERRUPTED, str(file), name]  # signals are held back where there are no threads
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "1 set()\n"
    assert file.read_bytes() == NEW
    assert listing(file) == ["c.yaml"]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "folder"),
        pytest.param(lambda path: path.symlink_to("nowhere"), "broken symlink", marks=posix),
        pytest.param(lambda path: path.symlink_to(path.name), "cannot be read", marks=posix),
        pytest.param(os.mkfifo, "not a regular file", marks=posix),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "not a regular file", marks=posix),
    ],
)
def test_what_is_no_file(tmp_path, make, why):
    path = tmp_path / "x.yaml"
    make(path)
    with pytest.raises(UnreadableFileError, match=why) as caught:
        read(path)
    assert caught.value.path == path


def test_a_path_with_a_nul():
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read("a\0b")


@posix
def test_a_forbidden_file(file):
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    file.chmod(0)
    with pytest.raises(UnreadableFileError, match="Permission denied"):
        read(file)


def test_write_makes_a_file_or_replaces_one(tmp_path):
    path = tmp_path / "n.yaml"
    write(path, NEW)
    assert path.read_bytes() == NEW
    if sys.platform != "win32":
        mask = os.umask(0)
        os.umask(mask)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
        path.chmod(0o640)
    write(path, OLD)
    assert path.read_bytes() == OLD
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert listing(path) == ["n.yaml"]


def test_write_refuses_a_folder_and_a_missing_one(tmp_path):
    with pytest.raises(UnreadableFileError, match="folder"):
        write(tmp_path, NEW)
    with pytest.raises(SaveError, match="cannot be written"):
        write(tmp_path / "no" / "n.yaml", NEW)


@posix
def test_write_into_what_is_no_regular_file():
    write("/dev/null", NEW)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@posix
def test_extended_attributes_stay(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    try:
        os.setxattr(path, "user.origin", b"recorded")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    raw, stamp = save.read(path)
    save.replace(path, raw + b"b: 2\n", stamp)
    assert os.getxattr(path, "user.origin") == b"recorded"


@posix
def test_an_owner_that_would_change_is_said(tmp_path, monkeypatch):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"old")
    _, stamp = read(path)
    real = os.stat

    def stat_of_another(name, *args, **options):
        status = real(name, *args, **options)
        if os.fspath(name) != os.fspath(path):
            return status
        fields = list(status)
        fields[4] = status.st_uid + 1
        return os.stat_result(fields, {"st_mtime_ns": status.st_mtime_ns})

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "stat", stat_of_another)
    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(SaveError, match="belongs to another owner, and would not after a save"):
        replace(path, b"new", stamp)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.yaml"]
    monkeypatch.undo()
    replace(path, b"new", stamp)
    assert path.read_bytes() == b"new"


def test_a_system_without_the_calls_of_posix(tmp_path, monkeypatch):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"old")
    for name in ("fchmod", "fchown", "geteuid", "getegid", "O_NONBLOCK", "listxattr"):
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr(save, "_LOCKS", False)
    monkeypatch.setattr(save, "_AT_ONCE", 0)
    _, stamp = read(path)
    replace(path, b"new", stamp)
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["x.yaml"]
