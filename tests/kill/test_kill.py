"""A run that is killed or interrupted leaves every file whole, and nothing that the next run does not remove."""

import os
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from bad_input.recorded import delta, stream

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

KEY = "sk-" + "a1B2c3D4e5F6" * 4
FILES, ROUNDS = 200, 7
MANY = 1500
"""Files that take long enough for an interrupt to come before the end, be the machine ever so busy."""
CONTENT = {
    "trim": stream(delta("a"), delta(""), *[delta(f"word {number}") for number in range(40)], "[DONE]"),
    "redact": stream(delta("a"), *[delta(f"word {number}") for number in range(40)], "[DONE]").replace(
        "            Accept:\n", f"            Authorization:\n              - Bearer {KEY}\n            Accept:\n"
    ),
}


def start(verb, folder, jobs=1):
    command = [sys.executable, "-m", "cassette_cli", verb, "--jobs", str(jobs), str(folder)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=folder.parent
    )


def edited(verb, folder):
    """Return what the verb makes of the file, by a run that nobody disturbs."""
    path = folder / "only.yaml"
    path.write_text(CONTENT[verb])
    process = start(verb, path)
    process.communicate(timeout=60)
    text = path.read_text()
    path.unlink()
    assert process.returncode == 0
    assert text != CONTENT[verb]
    return text


def wait_for_the_first_edit(process, first, old):
    while process.poll() is None:
        if first.read_text() != old:
            return
        time.sleep(0.001)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "cassettes"
    path.mkdir()
    return path


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("verb", CONTENT)
def test_sigkill_at_any_moment(folder, verb, jobs):
    old, new = CONTENT[verb], edited(verb, folder)
    names = [f"{number:03}.yaml" for number in range(FILES)]
    rng = random.Random(verb)
    in_the_middle = leftovers = 0
    for _ in range(ROUNDS):
        for name in names:
            (folder / name).write_text(old)
        process = start(verb, folder, jobs)
        wait_for_the_first_edit(process, folder / names[0], old)
        time.sleep(rng.uniform(0, 0.2))
        process.kill()
        process.communicate(timeout=60)  # to the end of the last process that has these pipes
        texts = [(folder / name).read_text() for name in names]
        assert set(texts) <= {old, new}, "half a file"
        in_the_middle += len(set(texts)) == 2
        left = sorted(set(os.listdir(folder)) - set(names))
        leftovers += len(left)
        assert all(re.fullmatch(r"\.\d{3}\.yaml\.\w{8}\.cassette\.tmp", name) for name in left)
        assert len(left) <= 2 * jobs, "one a process of this run, and what it had not come to remove"
    assert in_the_middle, "no run was killed in its middle"
    process = start(verb, folder)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (0, False)
    assert {(folder / name).read_text() for name in names} == {new}
    assert sorted(os.listdir(folder)) == names, f"left of {leftovers}"


def test_what_is_left_goes_even_if_nothing_is_to_be_edited(folder):
    (folder / "a.yaml").write_text(CONTENT["redact"])
    (folder / ".a.yaml.abcd1234.cassette.tmp").write_text("half")
    (folder / ".a.yaml.swp").write_text("of an editor")
    process = start("trim", folder)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert sorted(os.listdir(folder)) == [".a.yaml.swp", "a.yaml"]


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("verb", CONTENT)
def test_interrupt(folder, verb, jobs):
    """Ctrl-C stops at once with code 130, leaves whole files and nothing else, and says how far it came."""
    old, new = CONTENT[verb], edited(verb, folder)
    names = [f"{number:04}.yaml" for number in range(MANY)]
    for name in names:
        (folder / name).write_text(old)
    process = start(verb, folder, jobs)
    wait_for_the_first_edit(process, folder / names[0], old)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    texts = [(folder / name).read_text() for name in names]
    done = texts.count(new)
    assert set(texts) == {old, new}
    assert jobs > 1 or texts == [new] * done + [old] * (len(texts) - done)
    assert 0 < done < len(names)
    assert err.endswith(f"cassette: interrupted; {done} {'file was' if done == 1 else 'files were'} rewritten\n")
    assert "Traceback" not in err
    assert sorted(os.listdir(folder)) == names
    assert len([line for line in out.splitlines() if ".yaml" in line]) <= done + 1


IN_EXEC = """
from cassette_cli import __main__

def interrupted(args):
    exec("raise KeyboardInterrupt")

__main__._invoke = interrupted
__main__.run()
"""


def test_interrupt_while_python_makes_a_class_from_text(tmp_path):
    (tmp_path / "interrupted.py").write_text(IN_EXEC)
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    process = subprocess.run(
        [sys.executable, "-m", "interrupted"], capture_output=True, text=True, env=env, check=False
    )
    assert (process.returncode, process.stderr) == (130, "\ncassette: interrupted; no file was changed\n")


def test_interrupt_of_one_that_waits():
    command = [sys.executable, "-m", "cassette_cli", "ls", "-"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "\ncassette: interrupted; no file was changed\n")


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_it_leaves_nothing_temporary(folder, how, jobs):
    old, new = CONTENT["redact"], edited("redact", folder)
    names = [f"{number:04}.yaml" for number in range(MANY)]
    for name in names:
        (folder / name).write_text(old)
    process = start("redact", folder, jobs)
    wait_for_the_first_edit(process, folder / names[0], old)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -how
    assert err == ""
    assert sorted(os.listdir(folder)) == names
    assert {(folder / name).read_text() for name in names} == {old, new}
