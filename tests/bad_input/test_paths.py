"""Paths that are no plain files: each is named with what is wrong with it, and whatever else is named is still read."""

import ctypes
import os
import re
import subprocess
import sys

import pytest

from bad_input.recorded import GOOD, delta, stream
from commands.conftest import govcr, interaction

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files and permissions")
COMMAND = [sys.executable, "-m", "cassette_cli"]
DIRTY = stream(delta("a"), delta(""), delta("b"), "[DONE]")
"""A stream with a frame that trim drops."""
CLEAN = stream(delta("a"), delta("b"), "[DONE]")


def socket_at(path):
    import socket

    os.chdir(path.parent)  # a socket's name may have a hundred bytes
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


MAKERS = {
    "no such file": (lambda path: None, "no such file"),
    "no such folder": (lambda path: None, "no such file"),
    "a socket": (socket_at, "not a regular file"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "broken symlink"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "cannot be read: Too many levels of symbolic links"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    "an empty folder": (lambda path: path.mkdir(), "no cassettes in this folder"),
    "a file taken for a folder": (lambda path: None, "cannot be read: Not a directory"),
    "a name of 300 characters": (lambda path: None, "cannot be read: File name too long"),
    "a path of 5,000 characters": (lambda path: None, "cannot be read: File name too long"),
    "a name with a NUL": (lambda path: None, "cannot be read"),
}  # fmt: skip
NAMES = {
    "no such folder": "none/x.yaml", "a file taken for a folder": "good.yaml/x.yaml", "a name with a NUL": "a\0b.yaml",
    "a name of 300 characters": "x" * 300, "a path of 5,000 characters": "x/" * 2500,
}  # fmt: skip


@posix
@pytest.mark.parametrize(
    "verb", ["ls", "show", "show -r", "show --json", "trim --check", "trim", "redact --check", "redact", "check"]
)
@pytest.mark.parametrize("case", MAKERS)
def test_what_is_no_file(cassette, write, tmp_path, monkeypatch, case, verb):
    monkeypatch.chdir(tmp_path)
    good = write("good.yaml", GOOD)
    make, message = MAKERS[case]
    path = tmp_path / NAMES.get(case, "bad.yaml")
    make(path)
    result = cassette(*verb.split(), path, good)
    if verb == "check":
        assert result.code in (1, 2)
        assert message in result.out + result.err
    else:
        assert result.code == 2
        assert result.err.startswith("cassette: ")
        first, *more = result.err.splitlines()
        assert message in first
        assert more[0].startswith("  "), "what to do next"
        told = len(
            re.findall(r"^cassette: (?:0 to redact in 0 of|nothing to \w+ in) 1 cassette$", result.err, re.MULTILINE)
        )
        assert result.err.count("cassette: ") - 1 == told == (verb.split()[0] in ("redact", "trim"))
        assert verb not in ("ls", "show", "show -r") or str(good) in result.out
    assert good.read_text() == GOOD


@posix
@pytest.mark.parametrize("case", MAKERS)
def test_what_is_no_file_has_no_differences(cassette, write, tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    good = write("good.yaml", GOOD)
    make, message = MAKERS[case]
    path = tmp_path / NAMES.get(case, "bad.yaml")
    make(path)
    if not os.path.lexists(path):
        message = "no such file"
    elif path.is_dir():
        message = "is a folder and the other is none"
    for pair in ((path, good), (good, path)):
        result = cassette("diff", *pair)
        first, *more = result.err.splitlines()
        assert (result.code, result.out, len(more)) == (2, "", 1)
        assert first.startswith(f"cassette: {path}".replace("\0", "\\x00"))
        assert message in first
        assert more[0].startswith("  ")


@posix
@pytest.mark.parametrize("case", MAKERS)
def test_git_is_told_what_is_no_file_and_goes_on(cassette, write, tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    write("good.yaml", GOOD)
    make, _ = MAKERS[case]
    path = tmp_path / NAMES.get(case, "bad.yaml")
    make(path)
    result = cassette("textconv", path)
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith("cassette: ")
    assert "Traceback" not in result.err


@posix
def test_devices(cassette):
    for device in ("/dev/null", "/dev/zero", "/dev/tty"):
        result = cassette("ls", device)
        assert result.code == 2
        assert device in result.err


def without_privileges():
    """Take from a child of root the right to read and write whatever it likes."""
    if os.geteuid() == 0:
        drop = 24  # PR_CAPBSET_DROP of Linux's prctl; it works on the program that is run next
        for capability in (0, 1, 2, 3):  # CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER
            ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


def unprivileged(*args, **options):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*COMMAND, *map(str, args)], capture_output=True, check=False, text=True, timeout=60, env=env,
        preexec_fn=without_privileges, **options,
    )  # fmt: skip


@pytest.fixture
def guarded(write):
    """Make a file that may not be read; skip where the one who runs the tests may read everything."""
    path = write("secret/bad.yaml", DIRTY)
    path.chmod(0)
    probe = [sys.executable, "-c", f"open({str(path)!r})"]
    if subprocess.run(probe, capture_output=True, check=False, preexec_fn=without_privileges).returncode == 0:
        pytest.skip("whoever runs this may read everything")
    yield path
    path.parent.chmod(0o755)
    path.chmod(0o644)


@posix
def test_what_may_not_be_read(guarded, write):
    good = write("good.yaml", GOOD)
    for verb in ("ls", "trim"):
        result = unprivileged(verb, guarded, good)
        assert result.returncode == 2
        assert f"{guarded}: cannot be read: Permission denied" in result.stderr
    assert str(good) in unprivileged("ls", guarded, good).stdout


@posix
def test_a_folder_that_may_not_be_listed_is_not_taken_for_empty(guarded, write, tmp_path):
    write("good.yaml", GOOD)
    guarded.parent.chmod(0)
    result = unprivileged("ls", tmp_path)
    assert result.returncode == 2
    assert f"{guarded.parent}: cannot be listed: Permission denied" in result.stderr
    assert "good.yaml" in result.stdout


@posix
def test_a_folder_that_may_not_be_written(guarded, write, tmp_path):
    path = write("locked/a.yaml", DIRTY)
    path.parent.chmod(0o555)
    result = unprivileged("trim", path)
    path.parent.chmod(0o755)
    assert result.returncode == 2
    assert f"{path}: cannot be written: Permission denied" in result.stderr
    assert path.read_text() == DIRTY
    assert os.listdir(path.parent) == ["a.yaml"]


@posix
def test_a_read_only_file(cassette, write):
    path = write("a.yaml", DIRTY)
    path.chmod(0o444)
    assert cassette("ls", path).code == 0
    result = cassette("trim", path)
    assert result.code == 2
    assert f"{path}: is read-only" in result.err
    assert path.read_text() == DIRTY
    assert cassette("trim", "--check", path).code == 1
    assert cassette("trim", "-o", path.with_name("b.yaml"), path).code == 0
    assert path.with_name("b.yaml").read_text() == CLEAN


@posix
def test_a_link_stays_a_link(cassette, write, tmp_path):
    path = write("real/a.yaml", DIRTY)
    link = tmp_path / "link.yaml"
    link.symlink_to("real/a.yaml")
    assert cassette("trim", link).code == 0
    assert link.is_symlink()
    assert path.read_text() == CLEAN


@posix
def test_a_hard_link_is_refused(cassette, write, tmp_path):
    path = write("a.yaml", DIRTY)
    os.link(path, tmp_path / "b.yaml")
    result = cassette("trim", path)
    assert result.code == 2
    assert "has other hard links, which would keep the old text" in result.err
    assert path.read_text() == (tmp_path / "b.yaml").read_text() == DIRTY


@posix
def test_a_long_path(cassette, tmp_path, monkeypatch):
    """3,000 bytes of folders and a name of 255: the temporary file beside it has a shorter one."""
    monkeypatch.chdir(tmp_path)
    for _ in range(15):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    name = "é" * 125 + ".yaml"
    with open(name, "w", encoding="utf-8") as file:
        file.write(DIRTY)
    assert cassette("trim", name).code == 0
    with open(name, encoding="utf-8") as file:
        assert file.read() == CLEAN
    assert os.listdir() == [name]
    os.chdir(tmp_path)
    assert cassette("ls", tmp_path).out.startswith(str(tmp_path))


@posix
def test_a_folder_that_links_to_itself(cassette, write, tmp_path):
    write("a/one.yaml", GOOD)
    (tmp_path / "a" / "again").symlink_to("..")
    result = cassette("ls", tmp_path)
    assert result.code == 0
    assert len(result.out.splitlines()) == 1


@posix
def test_a_name_that_is_no_utf8(cassette, tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9.yaml"
    try:
        with open(name, "wb") as file:
            file.write(DIRTY.encode())
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    for args in (["ls"], ["show", "-r"], ["ls", "--json"], ["trim"]):
        result = cassette(*args, tmp_path)
        assert result.code == 0
        assert "Traceback" not in result.err
    with open(name, encoding="utf-8") as file:
        assert file.read() == CLEAN


def test_a_file_named_twice_is_read_once(cassette, write):
    path = write("a.yaml", GOOD)
    assert len(cassette("ls", path, path, path.parent).out.splitlines()) == 1


def test_a_folder_without_cassettes(cassette, write, tmp_path):
    write("values.yaml", "a: 1\n")
    result = cassette("ls", tmp_path)
    assert result.code == 2
    assert "no cassettes in this folder" in result.err


def test_a_broken_cassette_in_a_folder_is_not_passed_over(cassette, write, tmp_path):
    write("good.yaml", GOOD)
    write("broken.yaml", GOOD + "  - [\n")
    result = cassette("ls", tmp_path)
    assert result.code == 2
    assert "broken.yaml:" in result.err
    assert "good.yaml" in result.out


def test_a_truncated_file_is_listed_or_refused_but_never_crashes(cassette, write):
    whole = govcr(interaction('|+\n            data: {"a": 1}\n\n'), interaction("'{\"ok\":true}'"))
    for size in range(0, len(whole), 7):
        path = write("cut.yaml", whole[:size])
        for verb in (["ls"], ["show"], ["show", "-r"]):
            result = cassette(*verb, path)
            assert result.code in (0, 2)
            assert "Traceback" not in result.err


def test_a_python_tag_is_inert(cassette, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write("a.yaml", GOOD + "extra: !!python/object/apply:os.system ['touch witness']\n")
    assert cassette("show", path).code == 0
    assert os.listdir() == ["a.yaml"]


@pytest.mark.parametrize(
    "name",
    [
        "-odd.yaml",
        "--help.yaml",
        "-",
        "--",
        "-i",
        "a#3",
        "a#3.yaml",
        "[x].yaml",
        "*.yaml",
        "~",
        "$HOME.yaml",
        " .yaml",
        "#.yaml",
    ],
)
def test_odd_names(cassette, write, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write(name, DIRTY)
    given = "./-" if name == "-" else name  # alone it is standard input
    assert cassette("ls", "--", given).out.startswith(f"{given}\t")
    assert cassette("trim", "--", given).code == 0
    assert (tmp_path / name).read_text() == CLEAN


@posix
def test_a_link_to_itself_has_a_hint(cassette, tmp_path):
    path = tmp_path / "loop.yaml"
    path.symlink_to(path.name)
    assert cassette("ls", path).err.splitlines()[1] == "  the symbolic links lead in a circle: fix one of them"
