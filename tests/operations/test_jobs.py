"""Work spread over processes: in order, bounded, and none is left behind, whatever ends it."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from cassette_cli.operations import jobs as spreading
from cassette_cli.operations.jobs import Lost, ordered
from cassette_cli.source.save import Tally

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")

LARGE = 1 << 20


def size(thing):
    return LARGE


def spread(work, things, jobs=3, **options):
    return list(ordered(work, things, options.pop("size", size), jobs, **options))


@pytest.fixture(autouse=True)
def none_is_left():
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("jobs", [1, 2, 3, 40])
@pytest.mark.parametrize("weight", [1, 50_000, LARGE])
def test_answers_come_in_order(jobs, weight):
    def work(number):
        time.sleep(0.001 * (number % 3))
        return str(number)

    assert spread(work, range(100), jobs, size=lambda _: weight) == [(n, str(n)) for n in range(100)]


def test_they_come_from_several_processes():
    pids = {pid for _, pid in spread(lambda _: (time.sleep(0.01), os.getpid())[1], range(60))}
    assert len(pids) == 3
    assert os.getpid() not in pids


def test_what_is_small_starts_none(monkeypatch):
    monkeypatch.setattr(spreading, "cores", lambda: 4)
    monkeypatch.setattr(spreading, "_pool", None)
    assert spread(lambda _: os.getpid(), range(20), None, size=lambda _: 1000) == [(n, os.getpid()) for n in range(20)]
    assert spread(lambda _: os.getpid(), [1], 8) == [(1, os.getpid())]
    assert spread(lambda _: os.getpid(), [], 8) == []


@pytest.mark.parametrize(("weight", "wanted"), [(spreading.WORTH, 3), (spreading.WORTH // 2, 2)])
def test_as_many_as_pay(monkeypatch, weight, wanted):
    monkeypatch.setattr(spreading, "cores", lambda: 3)
    pids = {pid for _, pid in spread(lambda _: (time.sleep(0.1), os.getpid())[1], "abcd", None, size=lambda _: weight)}
    assert len(pids) == wanted


def test_beside_threads_nothing_is_forked():
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert {pid for _, pid in spread(lambda _: os.getpid(), range(5))} == {os.getpid()}
    finally:
        done.set()
        thread.join()


def test_no_more_processes_to_be_had(monkeypatch):
    def refused():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    assert spread(lambda _: os.getpid(), range(5)) == [(n, os.getpid()) for n in range(5)]


def test_little_is_taken_ahead_of_a_slow_one():
    taken = 0

    def things():
        nonlocal taken
        for number in range(1000):
            taken = number
            yield number

    def work(number):
        if number == 0:
            time.sleep(0.5)
        return "x" * 1000

    for number, _ in ordered(work, things(), size, 3):
        assert taken - number < 10


def test_large_ones_are_not_all_in_memory(monkeypatch):
    monkeypatch.setattr(spreading, "AHEAD", 2 * LARGE + 10_000)
    at_once = spread(lambda _: (time.sleep(0.05), time.monotonic())[1], range(20), 8)
    ends = [end for _, end in at_once]
    assert all(later - first > 0.04 for first, later in zip(ends, ends[2:], strict=False))


def test_messages_and_answers_larger_than_a_pipe():
    things = [str(n) * 100_000 for n in range(50)]
    assert spread(lambda text: text * 2, things, size=lambda _: 1) == [(text, text * 2) for text in things]


def test_many_long_messages_and_answers_that_no_one_reads_yet():
    things = [f"{n:04}" * 1000 for n in range(200)]
    answers = ordered(lambda thing: thing * 50, things, lambda _: 1, 2, lambda thing: thing)
    got = [next(answers)]
    time.sleep(0.2)
    got += answers
    assert got == [(thing, thing * 50) for thing in things]


@pytest.mark.parametrize("weight", [10, 50_000, LARGE])
def test_one_that_is_killed_costs_what_it_was_at(weight):
    def work(number):
        if number % 10 == 7:
            os.kill(os.getpid(), signal.SIGKILL)
        if number % 10 == 9:
            os._exit(3)
        return number

    done = spread(work, range(50), size=lambda _: weight)
    lost = {7: Lost("was killed by signal 9"), 9: Lost("ended with 3")}
    assert done == [(n, lost.get(n % 10, n)) for n in range(50)]


def test_all_are_killed_while_they_wait():
    answers = ordered(lambda n: n, range(100), size, 3)
    got = [next(answers)]
    for worker in multiprocessing.active_children():
        worker.kill()
    got += answers
    assert got == [(number, number) for number in range(100)]


def test_an_error_is_raised_at_its_turn():
    def work(number):
        return 10 // (5 - number)

    answers = ordered(work, range(100), size, 3)
    assert [next(answers) for _ in range(5)] == [(n, 10 // (5 - n)) for n in range(5)]
    with pytest.raises(ZeroDivisionError):
        next(answers)


def test_an_error_says_where_in_a_child_it_was_raised():
    def work(number):
        return 10 // (5 - number)

    answers = ordered(work, range(100), size, 3)
    assert [next(answers) for _ in range(5)] == [(n, 10 // (5 - n)) for n in range(5)]
    with pytest.raises(ZeroDivisionError) as caught:
        next(answers)
    assert "in work" in caught.value.__notes__[0]


@pytest.mark.parametrize("after", [0, 1, 20])
def test_closing_ends_them_at_once(after):
    answers = ordered(lambda number: time.sleep(600 if number > 20 else 0), range(100), size, 4)
    for _ in range(after):
        next(answers)
    answers.close()


def test_one_that_does_not_heed_it_is_killed(monkeypatch):
    monkeypatch.setattr(spreading, "GRACE", 0.2)

    def work(number):
        if number == 1:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)

    answers = ordered(work, range(3), size, 2)
    next(answers)
    time.sleep(0.2)
    answers.close()


def test_what_they_wrote_is_counted(monkeypatch):
    monkeypatch.setattr(Tally, "written", 5)

    def work(number):
        Tally.written += number
        if number == 99:
            time.sleep(600)

    answers = ordered(work, [1, 2, 3, 99], size, 4)
    assert [next(answers)[0] for _ in range(3)] == [1, 2, 3]
    time.sleep(0.2)
    answers.close()
    assert Tally.written == 5 + 1 + 2 + 3 + 99


INTERRUPTED = """
import os, signal, sys, time
from concurrent.futures import Future
from cassette_cli.operations.jobs import ordered
from cassette_cli.source.save import Tally
from cassette_cli.source.signals import uninterrupted

log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def work(number):
    time.sleep(0.01)
    with uninterrupted():
        os.write(log, b"x")
        Tally.written += 1

def interrupt_once(*_):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt

result = Future.result
def interrupting(future, timeout=None):
    "The answer of a worker with which Ctrl-C comes."
    answer = result(future, timeout)
    os.kill(os.getpid(), signal.SIGINT)
    return answer

Future.result = interrupting
signal.signal(signal.SIGINT, interrupt_once)
try:
    list(ordered(work, range(20), lambda _: 1 << 20, 3))
except KeyboardInterrupt:
    print(Tally.written)
"""


def test_an_interrupt_at_the_reading_of_an_answer_loses_no_count(tmp_path):
    log = tmp_path / "log"  # signals are held back where there are no threads: in a process of its own
    command = [sys.executable, "-c", INTERRUPTED, str(log)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert int(done.stdout) == log.stat().st_size >= 1


def test_what_is_the_same_is_not_worked_on_twice_at_a_time(tmp_path):
    def work(name):
        (tmp_path / name).touch(exist_ok=False)
        time.sleep(0.01)
        (tmp_path / name).unlink()
        return name

    things = ["a", "b", "a", "a", "c", "b", "d", "a"]
    assert spread(work, things, same=lambda name: name) == [(name, name) for name in things]


ENDLESS = r"""
import os, sys, time
from cassette_cli.operations.jobs import ordered

def work(number):
    os.write(1, b"%d\n" % os.getpid())
    time.sleep(0.3)

for _ in ordered(work, range(10_000), lambda _: 1, 4):
    pass
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_orphan_outlives_a_killed_parent(how):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True, env=env)
    pids = set()
    while len(pids - {process.pid}) < 3:
        pids.add(int(process.stdout.readline()))
    process.send_signal(how)
    process.communicate(timeout=60)  # to the end of the last of them; the work would take quarters of hours
