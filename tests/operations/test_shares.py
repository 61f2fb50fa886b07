"""Shares: every thing is dealt out once and in order, in parts that get smaller towards the end."""

from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.operations.jobs.parallel import EACH
from cassette_cli.operations.jobs.shares import SHARE, Shares


@given(
    st.lists(st.sampled_from([0, 10, 5000, 60_000, SHARE, 9 * SHARE]), max_size=120),
    st.integers(2, 9),
    st.sampled_from([0, SHARE // 4, SHARE]),
    st.data(),
)
def test_every_thing_is_dealt_out_once(weights, jobs, most, data):
    shares = Shares(range(len(weights)), weights.__getitem__, None, jobs)
    done, given_back = [], 0
    while (task := shares.take(most)) is not None:
        assert task.things == list(range(task.number, task.number + len(task.things)))
        assert task.weight == sum(weights[thing] + EACH for thing in task.things)
        assert len(task.things) == 1 or task.weight <= max(most, SHARE)
        assert not task.again
        what = data.draw(st.sampled_from(["done", "done", "back", "split"])) if given_back < 20 else "done"
        if what == "done":
            done += task.things
        elif what == "back":
            given_back += 1
            shares.give_back(task)
            assert shares.given_back
            assert shares.take() == task
            done += task.things
        else:
            given_back += 1
            shares.split(task)
    assert sorted(done) == list(range(len(weights)))
    assert not shares.given_back


def test_shares_get_smaller_towards_the_end():
    shares = Shares(range(1000), lambda _: 10_000 - EACH, None, 2)
    sizes = []
    while (task := shares.take()) is not None:
        sizes.append(len(task.things))
    assert sizes[0] == SHARE // 10_000
    assert sizes[-1] == 1
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) < 120


def test_little_is_looked_at_ahead():
    looked = 0

    def things():
        nonlocal looked
        for number in range(10_000):
            looked += 1
            yield number

    shares = Shares(things(), lambda _: SHARE, None, 2)
    shares.take()
    assert looked <= 8


def test_what_may_be_the_same_goes_alone():
    shares = Shares(["a", "b", "a"], lambda _: 1, lambda thing: thing, 2)
    tasks = [shares.take() for _ in range(3)]
    assert [(task.things, task.again) for task in tasks] == [(["a"], False), (["b"], False), (["a"], True)]
