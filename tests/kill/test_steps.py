"""A run that is killed at a step of one write, step by step: what test_kill.py meets by chance, met for certain."""

import os
import re
import signal
import subprocess
import sys

import pytest

from bad_input.recorded import delta, stream

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

OLD = stream(delta("a"), delta(""), delta("b"), "[DONE]")
NEW = stream(delta("a"), delta("b"), "[DONE]")
DIES = """
import io, os, signal, sys
from cassette_cli.__main__ import main
from cassette_cli.source import save


def dying(step, *, after):
    def call(*args, **options):
        done = step(*args, **options) if after else None
        os.kill(os.getpid(), signal.SIGKILL)
        return done

    return call


class Half(io.FileIO):
    def write(self, data):
        super().write(bytes(data)[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)


STEP
main(["trim", sys.argv[1]])
"""
STEPS = {
    "before the temporary file": "save._create = dying(save._create, after=False)",
    "with an empty temporary file": "save._create = dying(save._create, after=True)",
    "with half a temporary file": "save.open = lambda file, mode, **o: (Half if mode == 'wb' else open)(file, mode, **o)",
    "before its mode": "os.fchmod = dying(os.fchmod, after=False)",
    "before it is on the disk": "os.fsync = dying(os.fsync, after=False)",
    "when it is on the disk": "os.fsync = dying(os.fsync, after=True)",
    "before the rename": "os.replace = dying(os.replace, after=False)",
    "behind the rename": "os.replace = dying(os.replace, after=True)",
}


@pytest.mark.parametrize("step", STEPS)
def test_sigkill_at_a_step(tmp_path, step):
    path = tmp_path / "a.yaml"
    path.write_text(OLD)
    program = DIES.replace("STEP", STEPS[step])
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False, capture_output=True, env=env)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, b"")
    renamed = step == "behind the rename"
    assert path.read_text() == (NEW if renamed else OLD)
    left = sorted(set(os.listdir(tmp_path)) - {path.name})
    assert len(left) == (not renamed and step != "before the temporary file")
    assert all(re.fullmatch(r"\.a\.yaml\.\w{8}\.cassette\.tmp", name) for name in left)
    again = subprocess.run(
        [sys.executable, "-m", "cassette_cli", "trim", str(path)], check=False, capture_output=True, env=env
    )
    assert (again.returncode, again.stderr.count(b"\n")) == (0, 1)
    assert again.stderr.startswith(b"cassette: nothing to trim" if renamed else b"cassette: 1 of 1 cassette trimmed")
    assert path.read_text() == NEW
    assert os.listdir(tmp_path) == [path.name]
