"""The fixtures of the commands' tests, for bad input."""

import pytest

from commands.conftest import Result, cassette, write
from fuzz.running import run

__all__ = ["cassette", "write"]


@pytest.fixture
def cassette_bytes():
    """Run `cassette` where its output need not be text."""

    def call(*args):
        done = run([str(arg) for arg in args])
        return Result(done.code, done.out.decode("utf-8", "replace"), done.err)

    return call
