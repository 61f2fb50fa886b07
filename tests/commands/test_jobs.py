"""`--jobs`: several processes print, write and answer what one does."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bad_input.recorded import delta, stream
from cassette_cli.operations import jobs as spreading
from commands.conftest import govcr, interaction

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")

KEY = "sk-" + "a1B2c3D4e5F6" * 4
STREAM = stream(delta("a"), delta(""), delta("b"), "[DONE]")
SECRET = STREAM.replace("            Accept:\n", f"            Authorization:\n              - Bearer {KEY}\n            Accept:\n")  # fmt: skip
GRPC = "version: 1\ngrpc_interactions: []\n"
OTHERS = {
    "03.yaml": "interactions: [\n", "05.json": "{}", "07.yaml": "", "11.yaml": "\x00", "13.json": '{"log": 1}',
    "17.yaml": govcr(interaction()).replace("version: 2", "version: 99"),
}  # fmt: skip
VERBS = [
    ["ls"], ["ls", "--json"], ["ls", "--summary"], ["ls", "--sort", "frames"], ["ls", "-i", "1"], ["ls", "--grep", "stream"],
    ["ls", "--max-body", "1"], ["ls", "--input-format", "vcrpy"], ["show", "--json"], ["show", "-r", "--json"],
    ["show", "--json", "-i", "1"], ["check"], ["check", "--format", "sarif"], ["check", "--ignore", "CAS001"],
    ["redact", "--check"], ["redact", "--diff"], ["redact"], ["redact", "--json"], ["trim", "--check"], ["trim", "--diff"],
    ["trim", "--json"], ["trim", "-i", "1"],
]  # fmt: skip


def fill(folder, count=40):
    folder.mkdir(parents=True)
    for number in range(count):
        text = SECRET if number % 3 == 0 else STREAM if number % 3 == 1 else govcr(interaction(), interaction())
        (folder / f"{number:03}.yaml").write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path):
    made = fill(tmp_path / "one" / "many")
    for name, text in OTHERS.items():
        (made / name).write_text(text)
    return made


def texts(folder):
    return {name: (folder / name).read_text() for name in sorted(os.listdir(folder))}


@pytest.mark.parametrize("args", VERBS, ids=" ".join)
def test_the_same_as_by_one_process(cassette, folder, tmp_path, monkeypatch, args):
    results = []
    for jobs in (1, 2, 5):
        place = tmp_path / str(jobs)
        subprocess.run(["cp", "-r", str(tmp_path / "one"), str(place)], check=True)
        monkeypatch.chdir(place)
        results.append((cassette(*args, "--jobs", jobs, "many", "missing.yaml"), texts(place / "many")))
    assert results[0] == results[1] == results[2]
    assert results[0][0].code in (1, 2)
    assert "Traceback" not in results[0][0].err


def test_a_file_named_twice_is_edited_twice(cassette, tmp_path, monkeypatch):
    results = []
    for jobs in (1, 4):
        place = fill(tmp_path / str(jobs), 3)
        (place / "link.yaml").symlink_to("000.yaml")
        monkeypatch.chdir(place)
        results.append(
            (cassette("redact", "-j", jobs, "000.yaml#0", "./000.yaml", "link.yaml", "000.yaml"), texts(place))
        )
    assert results[0] == results[1]
    assert results[0][0].code == 0
    assert KEY not in results[0][1]["000.yaml"]


def test_standard_input_stays_with_one_process(cassette, folder, monkeypatch):
    monkeypatch.setattr(spreading, "_pool", None)
    result = cassette("redact", "-j", "4", "-", folder / "000.yaml", stdin=SECRET.encode())
    assert result.code == 0
    assert result.out == SECRET.replace(KEY, "REDACTED")


def test_not_a_number_of_processes(cassette, folder):
    for value in ("0", "-1", "many"):
        assert cassette("ls", "--jobs", value, folder).code == 2


def start(*args, **options):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, **options
    )


def test_a_reader_that_leaves_ends_it_quietly(tmp_path):
    many = fill(tmp_path / "many", 2000)
    process = start("-m", "cassette_cli", "ls", "-j", "3", str(many))
    assert process.stdout.readline().startswith(str(many / "000.yaml"))
    process.stdout.close()
    assert (process.stderr.read(), process.wait(timeout=60)) == ("", 0)
    process.stderr.close()


KILLED = """
import os, signal, sys
from cassette_cli.__main__ import main
from cassette_cli.operations import loading

load_one = loading.load_one
def killed(target, *args, **options):
    if "005.yaml" in target.path:
        os.kill(os.getpid(), signal.SIGKILL)
    if "006.yaml" in target.path:
        raise MemoryError
    return load_one(target, *args, **options)
loading.load_one = killed
sys.exit(main())
"""


def test_a_killed_process_is_an_error_of_its_file(tmp_path):
    many = fill(tmp_path / "many", 12)
    process = start("-c", KILLED, "ls", "--json", "-j", "3", "many", cwd=tmp_path)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    shown = {line.split('"')[3] for line in out.splitlines()}
    assert shown == {f"many/{name}" for name in os.listdir(many) if name not in ("005.yaml", "006.yaml")}
    assert err == (
        "cassette: many/005.yaml: the process that worked on it was killed by signal 9\n"
        "  memory may have run out: try --jobs 1, or this file alone\n"
        "cassette: many/006.yaml: the recording is too large for this machine's memory\n"
    )


@pytest.mark.parametrize("group", [True, False], ids=["as a terminal does", "the parent alone"])
def test_ctrl_c_ends_all_of_them(tmp_path, group):
    many = fill(tmp_path / "many", 600)
    process = start("-m", "cassette_cli", "redact", "-j", "3", str(many), start_new_session=True)
    while "Bearer" in (many / "000.yaml").read_text() and KEY in (many / "000.yaml").read_text():
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGINT) if group else process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)  # to the end of the children, which have these pipes too
    assert (process.returncode, out) == (130, "")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    done = sum(KEY not in text for number, text in enumerate(texts(many).values()) if number % 3 == 0)
    said = int(err.split("interrupted; ")[1].split()[0])
    assert said == done
    assert 0 < done < 200
    assert len(os.listdir(many)) == 600
