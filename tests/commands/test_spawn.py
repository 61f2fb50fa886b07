"""`--jobs` where processes are not forked: its workers run the command line up to their work."""

import os
import subprocess
import sys

import pytest

from commands.test_jobs import KEY, OTHERS, fill, texts

SCRIPT = """
import os, sys, multiprocessing
if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    from cassette_cli.operations import jobs
    made = jobs._pool
    def told(work, count):
        sys.stderr.write(f"{jobs._method()} {count}\\n")
        return made(work, count)
    jobs._pool = told
    from cassette_cli.__main__ import main
    sys.exit(main(sys.argv[1:]))
"""
VERBS = [
    ["ls", "--json"], ["show", "--json"], ["check"], ["check", "--no-cache", "--select", "CAS007"], ["redact", "--check"],
    ["redact", "--check", "--pattern", "https?://(api)"], ["redact"], ["trim"], ["trim", "--diff"], ["html", "-o", "-"],
]  # fmt: skip


def run(script, *args, **options):
    return subprocess.run(
        [sys.executable, script, *map(str, args)], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "run.py"
    path.write_text(SCRIPT)
    return path


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_it_prints_writes_and_answers_what_one_process_does(script, tmp_path, verb):
    for name in ("one", "two"):
        folder = fill(tmp_path / name / "many", 12)
        for other, text in OTHERS.items():
            (folder / other).write_text(text)
    one = run(script, *verb, "--jobs", 1, "many", cwd=tmp_path / "one")
    two = run(script, *verb, "--jobs", 2, "many", cwd=tmp_path / "two")
    assert "spawn 2\n" in two.stderr
    assert (two.returncode, two.stdout, two.stderr.replace("spawn 2\n", "")) == (one.returncode, one.stdout, one.stderr)
    assert texts(tmp_path / "one" / "many") == texts(tmp_path / "two" / "many")
    if verb == ["redact"]:
        assert KEY not in "".join(texts(tmp_path / "two" / "many").values())


def test_a_worker_that_dies_loses_its_file_alone(script, tmp_path):
    folder = fill(tmp_path / "many", 6)
    text = script.read_text().replace("import os, sys, multiprocessing", """
import os, sys, multiprocessing
from cassette_cli.operations import loading
parsed = loading.Document
def deadly(raw, path=None, **options):
    if path.endswith("003.yaml"):
        os._exit(7)
    return parsed(raw, path, **options)
loading.Document = deadly
""")  # fmt: skip
    script.write_text(text)
    found = run(script, "ls", "--jobs", 2, folder)
    assert found.returncode == 2
    assert "003.yaml: the process that worked on it was killed" in found.stderr
    listed = {line.split("\t")[0] for line in found.stdout.splitlines()}
    assert listed == {str(folder / f"{number:03}.yaml") for number in range(6) if number != 3}


def test_without_fork_processes_are_started_anew(script, tmp_path):
    folder = fill(tmp_path / "many", 6)
    script.write_text(script.read_text().replace('multiprocessing.set_start_method("spawn")', "del os.fork"))
    found = run(script, "ls", "--jobs", 2, folder)
    assert (found.returncode, found.stderr) == (0, "spawn 2\n")
    assert len({line.split("\t")[0] for line in found.stdout.splitlines()}) == 6
    assert os.path.isdir(folder)
